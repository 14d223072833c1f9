"""Both wizards, by RPC and from options: to their end, refused by every code, and interrupted at every step."""
import csv, io, os, pwd, shutil, signal

import certs, cli, lib
from lib import Client, RpcError, Site, contains, equal, fails, test

GROUP = "AscomGroup01.acme.com"
MAKER = certs.Maker()
KINDS = ("phone", "gateway", "profile", "user", "cert")
STEPS = {
    "per-device": ["upload", "profiles", "profile", "phones", "type", "fields", "assign", "check"],
    "shared": ["certificate", "upload", "profiles", "name", "mode", "transport", "phones", "type", "fields",
               "assign", "check"],
}
OPTIONS = {"phone.type": "type", "phone.protocol": "protocol", "cert.store": "store", "cert.origin": "origin",
           "cert.description": "cert-description", "profile.name": "profile", "profile.mode": "mode",
           "profile.transport": "transport", "phone.digest_user": "digest-user", "phone.profile": "assign",
           "phone.description": "description"}
made = {}


def cert(name, **kw):
    """A certificate by a name of ours, made once: its file."""
    if name not in made:
        made[name] = MAKER.cert(**kw).path
    return made[name]


def own(n):
    return cert("own%d" % n, cn="Phone %d" % n)


def group():
    return cert("group", cn="Group", dns=[GROUP])


def silent_pack(**differing):
    """A pack whose supplier says nothing of certificates, nor how to get one."""
    text = certs.read(os.path.join(certs.VENDOR_PACKS, "sample-south.ini"))
    keys = dict({"name": "silent", "model": '"Silent 1"', "cucm_type": '"Silent 1"', "vendor": '"Silent Vendor"',
                 "trusted": "no", "cert_mode": None}, **differing)
    out = []
    for line in text.splitlines():
        key = line.split(" = ")[0]
        if key.startswith(("criteria_", "instructions_", "evidence")) or keys.get(key, "") is None:
            continue
        out.append("%s = %s" % (key, keys[key]) if key in keys else line)
    return "\n".join(out) + "\n"


def started(mixed=True, conf=None):
    """A site with the sample vendors; (site, client, {cert_mode: model})."""
    site = Site(conf)
    if conf:
        os.chmod(site.dir, 0o755)
    client = site.start().client()
    models = certs.import_samples(client)
    pack = os.path.join(certs.VENDOR_PACKS, "digest-only.ini")
    client.call("type.import", pack=certs.read(pack), file="digest-only.ini")
    client.call("type.import", pack=silent_pack(), file="silent.ini")
    if mixed:
        client.call("cluster.mode", mode="mixed")
    return site, client, models


def state(client):
    """All that a wizard could change."""
    return [client.call("export", kind=kind)["csv"] for kind in KINDS], \
        client.call("audit.list")["rows"], client.call("wizard.list")["rows"]


def answers(kind, models, **given):
    """What makes a wizard hold; `given` are the answers that differ ("profile_name": ...), None for none."""
    base = {"phone.type": models[kind], "profile.mode": "encrypted", "cert.origin": "by-device"}
    if kind == "shared":
        base.update({"certificate": group(), "phones": [("S1", None), ("S2", None)], "profile.name": GROUP})
        del base["cert.origin"]
    else:
        base.update({"phones": [("P1", own(1)), ("P2", own(2))], "profile.name": "Own"})
    base.update({k if k in ("certificate", "phones") else k.replace("_", ".", 1): v for k, v in given.items()})
    return {k: v for k, v in base.items() if v is not None}


def data(path):
    return {"file": os.path.basename(path), "data": certs.read(path)}


def sent(given, step):
    """The part of the answers that a step asks for."""
    fields = {"upload": ("cert.",), "profile": ("profile.",), "name": ("profile.name",),
              "mode": ("profile.mode",), "transport": ("profile.transport",), "type": ("phone.type", "phone.protocol"),
              "fields": ("phone.d",), "assign": ("phone.profile",)}.get(step, ())
    out = {k: v for k, v in given.items() if any(k.startswith(f) for f in fields)}
    if step == "certificate" and "certificate" in given:
        out["certificate"] = data(given["certificate"])
    if step == "phones" or (step == "upload" and "certificate" not in given):
        out["phones"] = [dict(data(path) if path else {}, name=name) for name, path in given.get("phones", [])]
    return out


def start(client, kind, given):
    return client.call("wizard.start", kind=kind, type=given.get("phone.type"))


def walk(client, kind, given, draft=None, each=None):
    """Answer step after step; `each` is called after every one and gives the client to go on with."""
    draft = draft or start(client, kind, given)
    steps = STEPS[kind]
    for here, following in zip(steps, steps[1:]):
        draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"], step=following,
                            answers=sent(given, here))
        if each:
            client = each(client, draft)
    return client, draft


def apply(client, draft, accept=()):
    return client.call("wizard.apply", id=draft["id"], rev=draft["rev"], accept=list(accept))


def options(kind, given):
    out = ["wizard", kind]
    for key, value in given.items():
        if key in OPTIONS:
            out += ["--" + OPTIONS[key], value]
    if "certificate" in given:
        out += ["--certificate", given["certificate"]]
    for name, path in given.get("phones", []):
        out += ["--phone", name + ("=" + path if path else "")]
    return out


def rows(client, kind):
    return {next(iter(row.values())): row for row in csv.DictReader(io.StringIO(client.call("export", kind=kind)["csv"]))}


# --- to the end ---

def check_made(client, kind, models, given):
    profile = rows(client, "profile")[given["profile.name"]]
    equal((profile["type"], profile["mode"], profile["transport"]), (models[kind], "encrypted", "tls"))
    equal(profile["certificate"], GROUP if kind == "shared" else "")
    for name, _ in given["phones"]:
        equal(rows(client, "phone")[name]["profile"], given["profile.name"])
        shown = client.call("object.show", kind="phone", name=name)
        equal(shown["enabled"]["ok"], True)
    bound = {row["device"] for row in rows(client, "cert").values() if row["usage"] == "device"}
    equal([name in bound for name, _ in given["phones"]], [kind == "per-device"] * len(given["phones"]))


@test("each wizard goes to its end by RPC, in one transaction with its entries")
def by_rpc():
    site, client, models = started()
    for kind in STEPS:
        given = answers(kind, models)
        before = len(client.call("audit.list")["rows"])
        _, draft = walk(client, kind, given)
        equal([s["state"] for s in draft["steps"]], ["ok"] * len(draft["steps"]))
        equal((draft["enabled"], draft["refusal"], draft["step"]), (True, None, "check"))
        equal([p["ok"] for p in draft["points"]], [True] * len(draft["points"]))
        done = apply(client, draft)
        equal(done["enabled"], True)
        equal([d["what"] for d in done["done"]], ["uploaded"] * (1 if kind == "shared" else 2) + ["added"] * 3)
        equal(len(client.call("audit.list")["rows"]) - before, len(done["done"]))
        equal(client.call("wizard.list")["rows"], [])
        check_made(client, kind, models, given)


@test("each wizard goes to its end from options, and a second time changes nothing")
def by_command():
    site, client, models = started()
    run = cli.on(site)
    for kind in STEPS:
        given = answers(kind, models)
        told = cli.done(run(*options(kind, given)))
        contains(told.out, "Review", "End check", "Applied")
        equal(told.out.splitlines()[-1], "security enabled")
        check_made(client, kind, models, given)
        entries = len(client.call("audit.list")["rows"])
        again = cli.done(run(*options(kind, given), "--json")).json()
        equal(sorted({d["what"] for d in again["done"]}), ["same"])
        equal(len(client.call("audit.list")["rows"]), entries)


@test("without --profile the shared wizard takes the only DNS SAN, and none of several")
def only_san():
    site, client, models = started()
    run = cli.on(site)
    several = cert("several", cn="Several", dns=["a.acme.com", GROUP, "b.acme.com"])
    cli.refused(run(*options("shared", answers("shared", models, profile_name=None, certificate=several))), "E-REQUIRED")
    cli.done(run(*options("shared", answers("shared", models, certificate=several))))  # R103: equal to one of them
    equal(rows(client, "profile")[GROUP]["certificate"], "a.acme.com")
    client.call("object.remove", kind="phone", name="S1")
    client.call("object.remove", kind="phone", name="S2")
    client.call("object.remove", kind="profile", name=GROUP)
    client.call("object.remove", kind="cert", name="a.acme.com")
    cli.done(run(*options("shared", answers("shared", models, profile_name=None))))
    check_made(client, "shared", models, answers("shared", models))


@test("many phones come from a list, with their files and fields")
def listed():
    site, client, models = started()
    run = cli.on(site)
    path = os.path.join(site.base, "phones.csv")
    with open(path, "w") as f:
        f.write("name,certificate,description,lines\nL1,%s,first,4001\nL2,%s,,4002;4003\n" % (own(1), own(2)))
    given = answers("per-device", models, phones=None)
    cli.done(run(*options("per-device", given), "--phones", path, "--description", "of the list"))
    phones = rows(client, "phone")
    equal([(phones[n]["description"], phones[n]["lines"]) for n in ("L1", "L2")],
          [("first", "4001"), ("of the list", "4002;4003")])
    for text, code in (("name,colour\nL3,red\n", "E-CSV-COLUMN"), ("lines\n4\n", "E-CSV-COLUMN"),
                       ("name,certificate,profile\nL3,%s,Other\n" % own(3), "E-VALUE"), ("", "E-CSV"), ("name,name\nL3,L3\n", "E-CSV-COLUMN"), ("name\nL3,x\n", "E-CSV")):
        before = state(client)
        with open(path, "w") as f:
            f.write(text)
        told = run(*options("per-device", given), "--phones", path)
        equal(told.status, 1)
        contains(told.err, code)
        equal(state(client), before)


# --- every code, in command and RPC ---

def key_file():
    return made.setdefault("key", MAKER.key())


def cases(models):
    """(code, kind, answers that differ)."""
    expired = cert("expired", cn="Old", begins="2020-01-01 00:00:00", ends="2021-01-01 00:00:00")
    coming = cert("coming", cn="Next", begins="2040-01-01 00:00:00", ends="2041-01-01 00:00:00")
    expired_group = cert("expired group", cn="Old", dns=[GROUP], begins="2020-01-01 00:00:00",
                         ends="2021-01-01 00:00:00")
    only_ip = cert("ip", cn=GROUP, ip=["192.0.2.1"])
    nameless = cert("nameless", lines=['organization = "nameless"'])
    wildcard = cert("wildcard", cn="x", dns=["*.acme.com"])
    one = [("P1", own(1))]
    names = ["ascomgroup01.acme.com", "AscomGroup01", GROUP + ".", GROUP + " ", " " + GROUP,
             "\u0410" + GROUP[1:], "*.acme.com"]
    mismatches = [("E-SAN-MISMATCH", "shared", {"profile_name": name}) for name in names]
    return mismatches + [
        ("E-CERT-MODE", "shared", {"phone_type": models["per-device"]}),
        ("E-CERT-MODE", "per-device", {"phone_type": models["shared"]}),
        ("E-CERT-MODE", "per-device", {"phone_type": "Cisco 8841"}),
        ("E-CERT-MODE", "shared", {"phone_type": "Generic Digest SIP Phone"}),
        ("E-CERT-MODE-UNKNOWN", "per-device", {"phone_type": "Silent 1"}),
        ("E-CERT-MODE-UNKNOWN", "shared", {"phone_type": "Silent 1"}),
        ("E-UNKNOWN-TYPE", "shared", {"phone_type": "Nothing 1"}),
        ("E-REQUIRED", "shared", {"phone_type": None}),
        ("E-CERT-REUSED", "per-device", {"phones": [("P1", own(1)), ("P2", own(1))]}),
        ("E-CERT-DATES", "per-device", {"phones": [("P1", expired)]}),
        ("E-CERT-DATES", "per-device", {"phones": [("P1", coming)]}),
        ("E-CERT-DATES", "shared", {"certificate": expired_group}),
        ("E-CERT-PRIVATE-KEY", "per-device", {"phones": [("P1", key_file())]}),
        ("E-CERT-PRIVATE-KEY", "shared", {"certificate": key_file()}),
        ("E-CERT-PARSE", "shared", {"certificate": __file__}),
        ("E-VENDOR-CERT-MISSING", "per-device", {"phones": [("P1", None)]}),
        ("E-REQUIRED", "shared", {"certificate": None}),
        ("E-PROFILE-TYPE", "per-device", {"profile_name": "Of Cisco"}),
        ("E-PROFILE-TYPE", "shared", {"phone_profile": "Of Cisco"}),
        ("E-EXISTS", "per-device", {"profile_name": "There", "profile_mode": "authenticated"}),
        ("E-MODE-NEEDED", "per-device", {"profile_mode": "nonsecure"}),
        ("E-MODE-NEEDED", "shared", {"profile_mode": "nonsecure"}),
        ("E-MODE-NEEDED", "per-device", {"phone_profile": models["per-device"] + " - Standard SIP Non-Secure Profile"}),
        ("E-REQUIRED", "per-device", {"profile_mode": None}),
        ("E-REQUIRED", "per-device", {"profile_name": None}),
        ("E-REQUIRED", "per-device", {"phones": []}),
        ("E-REQUIRED", "shared", {"phones": [("", None)]}),
        ("E-EXISTS", "shared", {"phones": [("S1", None), ("S1", None)]}),
        ("E-VALUE", "per-device", {"phones": [("P 1", own(1))]}),
        ("E-VALUE", "per-device", {"profile_mode": "armoured"}),
        ("E-NOT-FOUND", "per-device", {"phones": one, "phone_digest_user": "nobody"}),
        ("E-NOT-FOUND", "per-device", {"phones": one, "phone_profile": "None such"}),
        ("E-TYPE-PROTOCOL", "per-device", {"phone_protocol": "SCCP"}),
        ("E-SAN-NOT-DNS", "shared", {"certificate": only_ip, "profile_name": "192.0.2.1"}),
        ("E-NO-CERT-NAME", "shared", {"certificate": nameless}),
        ("E-CERT-WILDCARD", "shared", {"certificate": wildcard, "profile_name": "phone.acme.com"}),
        ("E-TRANSPORT-TLS", "shared", {"profile_transport": "tcp"}),
        ("W-NO-SAN", "shared", {"certificate": cert("cn", cn=GROUP)}),
    ]


def refused_by_rpc(client, kind, given):
    """The code with which the wizard is refused, at its start or when it is applied."""
    draft = None
    try:
        draft = start(client, kind, given)
        _, draft = walk(client, kind, given, draft)
        equal(draft["enabled"], draft["refusal"] is not None and draft["refusal"]["code"].startswith("W-"))
        apply(client, draft)
    except RpcError as e:
        if draft:
            client.call("wizard.drop", id=draft["id"])
        return e.code
    raise AssertionError("not refused: %r" % given)


@test("every code is the same in command and RPC, and leaves everything as it was")
def every_code():
    site, client, models = started()
    run = cli.on(site)
    client.call("object.add", kind="profile", values={"name": "Of Cisco", "type": "Cisco 8841", "mode": "encrypted"})
    client.call("object.add", kind="profile", values={"name": "There", "type": models["per-device"],
                                                      "mode": "encrypted"})
    before = state(client)
    for code, kind, differing in cases(models):
        given = answers(kind, models, **differing)
        try:
            equal(refused_by_rpc(client, kind, given), code)
            equal(state(client), before)
            told = run(*options(kind, given))
            cli.refused(told, code)
            equal("security enabled" in told.out, False)
            if "Review" in told.out:
                equal(told.out.splitlines()[-1], "security not enabled")
            equal(state(client), before)
        except AssertionError as e:
            raise AssertionError("%s %s %r: %s" % (code, kind, differing, e))


@test("a name that is not the certificate's is shown with it and with the first difference")
def difference():
    site, client, models = started()
    for name, said in (("ascomgroup01.acme.com", 'character 1 is "a", where "A" is wanted'),
                       ("AscomGroup01", 'it ends before character 13, where "." is wanted'),
                       (GROUP + ".", 'character 22 is ".", where the name should end'),
                       (GROUP + " ", 'character 22 is " ", where the name should end'),
                       ("\u0410" + GROUP[1:], "U+0410")):
        _, draft = walk(client, "shared", answers("shared", models, profile_name=name))
        step = draft["steps"][STEPS["shared"].index("name")]
        equal((step["state"], step["problems"][0]["code"], step["problems"][0]["field"]),
              ("problem", "E-SAN-MISMATCH", "name"))
        contains(step["problems"][0]["message"], '"%s"' % name, '"%s"' % GROUP, said)
        client.call("wizard.drop", id=draft["id"])


@test("warnings wait for a yes, which is written down")
def warnings():
    site, client, models = started(mixed=False)
    run = cli.on(site)
    no_san = cert("cn", cn=GROUP)
    given = answers("shared", models, certificate=no_san)
    before = state(client)
    cli.refused(run(*options("shared", given)), "W-NO-SAN")
    cli.refused(run(*options("shared", given), "--accept", "W-NO-SAN"), "W-CLUSTER-NONSECURE")
    equal(state(client), before)
    told = cli.done(run(*options("shared", given), "--accept", "W-NO-SAN", "--accept", "W-CLUSTER-NONSECURE"))
    equal(told.out.splitlines()[-1], "security not enabled")
    contains(told.out, "!! Cluster Security Mode", "W-CLUSTER-NONSECURE")
    contains(told.err, "ringlock cluster mode mixed")
    entry = [row for row in client.call("audit.list")["rows"] if row["object"] == "profile " + GROUP][0]
    contains(entry["accepted"], "W-NO-SAN", "W-CLUSTER-NONSECURE")


@test("the instructions are the supplier's; without them the wizard says so and goes on")
def instructions():
    site, client, models = started()
    draft = start(client, "shared", answers("shared", models))
    contains(" ".join(draft["instructions"]), "DNS")
    equal([p["code"] for p in draft["steps"][0]["problems"]], ["E-REQUIRED"])
    pack = silent_pack(name="mute", model='"Mute 1"', cucm_type='"Mute 1"', vendor='"Mute"', cert_mode="both")
    client.call("type.import", pack=pack, file="mute.ini")
    for kind in STEPS:
        given = answers(kind, dict(models, **{kind: "Mute 1"}))
        _, draft = walk(client, kind, given)
        equal((draft["instructions"], draft["steps"][0]["problems"][0]["code"], draft["steps"][0]["state"]),
              ([], "W-VENDOR-NO-INSTRUCTIONS", "ok"))
        equal(apply(client, draft)["enabled"], True)


# --- the same rules in forms, commands and import ---

@test("profiles and phones meet the wizards' rules in command, form and import alike")
def import_alike():
    site, client, models = started()
    run = cli.on(site)
    client.call("cert.upload", data=certs.read(group()), file="group.pem")
    client.call("cert.upload", data=certs.read(own(1)), file="p1.pem", device="P1")
    client.call("cert.upload", data=certs.read(cert("ip", cn=GROUP, ip=["192.0.2.1"])), file="ip.pem", name="ip")
    client.call("cert.upload", data=certs.read(cert("nameless", lines=['organization = "nameless"'])),
                file="no.pem", name="nameless")
    client.call("object.add", kind="profile", values={"name": "Own", "type": models["per-device"], "mode": "encrypted"})
    secure = {"type": models["shared"], "protocol": "SIP", "mode": "encrypted"}
    before = state(client)
    for code, kind, values in (
            ("E-SAN-MISMATCH", "profile", dict(secure, name="ascomgroup01.acme.com")),
            ("E-SAN-MISMATCH", "profile", dict(secure, name=" " + GROUP)),
            ("E-SAN-MISMATCH", "profile", dict(secure, name=GROUP + " ")),
            ("E-SAN-MISMATCH", "profile", dict(secure, name="\u0410" + GROUP[1:])),
            ("E-SAN-MISMATCH", "profile", dict(secure, name="AscomGroup01", certificate=GROUP)),
            ("E-SAN-NOT-DNS", "profile", dict(secure, name="192.0.2.1", certificate="ip")),
            ("E-NO-CERT-NAME", "profile", dict(secure, name="x", certificate="nameless")),
            ("E-CERT-REUSED", "profile", dict(secure, name="x", certificate="P1")),
            ("E-NOT-FOUND", "profile", dict(secure, name="x", certificate="none")),
            ("E-TRANSPORT-TLS", "profile", dict(secure, name=GROUP, transport="tcp")),
            ("E-VENDOR-CAPF", "profile", dict(secure, name=GROUP, auth_mode="string")),
            ("E-COP-NO-SECURITY", "profile", dict(secure, name="x", type="Generic Digest SIP Phone")),
            ("E-NO-TLS", "profile", dict(secure, name="x", type="Third-party SIP Device (Basic)")),
            ("E-VENDOR-CERT-MISSING", "phone", {"name": "P2", "type": models["per-device"], "profile": "Own"}),
            ("E-PROFILE-TYPE", "phone", {"name": "S1", "type": models["shared"], "profile": "Own"}),
            ("E-REQUIRED", "phone", {"name": "S1"})):
        try:
            fails(code, client.call, "object.add", kind=kind, values=values)
            problems = client.call("object.check", kind=kind, values=values)["problems"]
            contains([p["code"] for p in problems], code)
            cli.refused(run(kind, "add", values["name"], *[x for k, v in values.items() if k != "name"
                                                            for x in ("--" + k.replace("_", "-"), v)]), code)
            path = os.path.join(site.base, "rows.csv")
            with open(path, "w") as f:
                csv.writer(f).writerows([values.keys(), values.values()])
            told = run("import", kind + "s", path)
            equal(told.status, 1)
            contains(told.err, "rows.csv:2: ", code + ": ")
            equal(state(client), before)
        except AssertionError as e:
            raise AssertionError("%s %r: %s" % (code, values, e))
    client.call("object.add", kind="profile", values=dict(secure, name=GROUP))
    equal(client.call("object.show", kind="profile", name=GROUP)["certificate"], GROUP)  # R103
    fails("E-SAN-MISMATCH", client.call, "object.set", kind="profile", name=GROUP, values={"name": "Other"})  # R109
    client.call("object.add", kind="phone", values={"name": "P1", "type": models["per-device"], "profile": "Own"})
    client.call("object.add", kind="phone", values={"name": "S1", "type": models["shared"], "profile": GROUP})


@test("a profile becomes secure only when all of its phones have certificates")
def turning():
    site, client, models = started()
    client.call("object.add", kind="profile", values={"name": "Turns", "type": models["per-device"]})
    for name in ("P1", "P2"):
        client.call("object.add", kind="phone", values={"name": name, "type": models["per-device"], "profile": "Turns"})
    client.call("cert.upload", data=certs.read(own(1)), file="p1.pem", device="P1")
    error = fails("E-VENDOR-CERT-MISSING", client.call, "object.set", kind="profile", name="Turns",
                  values={"mode": "encrypted"})
    contains(error.message, "P2")
    client.call("cert.upload", data=certs.read(own(2)), file="p2.pem", device="P2")
    client.call("object.set", kind="profile", name="Turns", values={"mode": "encrypted"})


# --- drafts ---

@test("kill -9 after every step loses nothing: the draft is finished by another connection")
def killed():
    site, client, models = started()

    def crash(connection, draft):
        site.stop(signal.SIGKILL)
        site.start()
        fresh = site.client()
        kept = fresh.call("wizard.open", id=draft["id"])
        equal((kept["rev"], kept["step"], kept["answers"]), (draft["rev"], draft["step"], draft["answers"]))
        return fresh

    for kind in STEPS:
        given = answers(kind, models)
        fresh, draft = walk(site.client(), kind, given, each=crash)
        equal(apply(fresh, draft)["enabled"], True)
        check_made(fresh, kind, models, given)
        equal(fresh.call("audit.verify")["ok"], True)


@test("two on one draft are told of each other; the older revision is refused")
def two():
    site, client, models = started()
    other = site.client()
    draft = start(client, "shared", answers("shared", models))
    equal(draft["holder"], draft["owner"])
    error = fails("E-DRAFT-TAKEN", other.call, "wizard.open", id=draft["id"])
    contains(error.message, draft["owner"])
    fails("E-DRAFT-TAKEN", other.call, "wizard.save", id=draft["id"], rev=draft["rev"], answers={})
    fails("E-DRAFT-TAKEN", other.call, "wizard.drop", id=draft["id"])
    other.call("wizard.open", id=draft["id"], take=True)
    note = client.note("wizard")
    equal((note["id"], note["what"], note["step"]), (draft["id"], "taken", "certificate"))
    fails("E-DRAFT-TAKEN", client.call, "wizard.save", id=draft["id"], rev=draft["rev"], answers={})
    saved = other.call("wizard.save", id=draft["id"], rev=draft["rev"], step="upload",
                       answers=sent(answers("shared", models), "certificate"))
    equal((client.note("wizard")["what"], saved["rev"]), ("saved", draft["rev"] + 1))
    other.close()
    lib.poll(lambda: client.call("wizard.list")["rows"][0]["holder"] is None)
    fails("E-CONFLICT", client.call, "wizard.save", id=draft["id"], rev=draft["rev"], answers={})
    third = site.client()
    third.call("wizard.open", id=draft["id"])
    equal(client.note("wizard")["what"], "opened")
    third.call("wizard.drop", id=draft["id"])
    equal(client.note("wizard")["what"], "dropped")
    fails("E-NOT-FOUND", client.call, "wizard.show", id=draft["id"])


@test("a changed answer marks the steps that rest on it, and wipes none")
def again():
    site, client, models = started()
    _, draft = walk(client, "shared", answers("shared", models))
    states = lambda d: {s["id"]: s["state"] for s in d["steps"]}
    other = cert("other", cn="Other", dns=["other.acme.com"])
    draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"], step="certificate",
                        answers={"certificate": data(other)})
    marked = states(draft)
    equal((marked["certificate"], marked["upload"], marked["name"], marked["mode"]), ("ok", "again", "problem", "ok"))
    equal(draft["answers"]["profile.name"], GROUP)
    draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"], step="name", answers={"certificate": data(group())})
    equal(states(draft)["name"], "again")
    contains(fails("E-DRAFT-OPEN", apply, client, draft).message, "Name")
    for step in STEPS["shared"]:
        draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"], step=step)
    equal(apply(client, draft)["enabled"], True)


@test("a step that was never gone through keeps the draft from being applied")
def unseen():
    site, client, models = started()
    given = answers("per-device", models)
    draft = start(client, "per-device", given)
    everything = {}
    for step in STEPS["per-device"]:
        everything.update(sent(given, step))
    draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"], answers=everything)
    equal(draft["refusal"], None)
    fails("E-DRAFT-OPEN", apply, client, draft)
    draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"], step="check")
    equal(apply(client, draft)["enabled"], True)


@test("what is no certificate is not kept in a draft, only why")
def not_kept():
    site, client, models = started()
    given = answers("per-device", models)
    draft = start(client, "per-device", given)
    key = certs.read(key_file())
    draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"],
                        answers={"phones": [{"name": "P1", "file": "p1.pem", "data": key}]})
    equal(draft["phones"][0]["problems"][0]["code"], "E-CERT-PRIVATE-KEY")
    equal(draft["answers"]["phones"], [{"name": "P1", "file": "p1.pem"}])
    secret = key.splitlines()[1].encode()
    for folder, _, files in os.walk(site.dir):
        for name in files:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    equal(secret in f.read(), False)
    draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"],
                        answers={"phones": [dict(data(own(1)), name="P1")]})
    equal(draft["answers"]["phones"], [{"name": "P1", "file": os.path.basename(own(1)), "data": True}])
    draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"], answers={"phones": [{"name": "P1"}]})
    equal(draft["answers"]["phones"][0]["data"], True)
    draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"],
                        answers={"phones": [{"name": "P1", "data": None, "file": None}]})
    equal(draft["answers"]["phones"], [{"name": "P1"}])


@test("answers that no step asks for are refused whole")
def bad_answers():
    site, client, models = started()
    draft = start(client, "shared", answers("shared", models))
    for code, given in (("E-FIELD", {"profile.trusted": "yes"}), ("E-FIELD", {"nothing": 1}),
                        ("E-FIELD", {"phone.\u202ex": ""}), ("E-VALUE", {"profile.name": {"a": 1}}),
                        ("E-VALUE", {"phones": "S1"}), ("E-VALUE", {"phones": [{"file": "x"}]}),
                        ("E-VALUE", {"phones": [{"name": "P%d" % i} for i in range(501)]}),
                        ("E-VALUE", {"certificate": "text"}), ("E-VALUE", {"certificate": {"data": 7}})):
        fails(code, client.call, "wizard.save", id=draft["id"], rev=draft["rev"], answers=given)
    fails("E-VALUE", client.call, "wizard.save", id=draft["id"], rev=draft["rev"], step="upside")
    lines = ";".join("%049d" % i for i in range(20))
    error = fails("E-VALUE", client.call, "wizard.save", id=draft["id"], rev=draft["rev"],
                  answers={"phones": [{"name": "P%d" % i, "lines": lines} for i in range(300)]})
    contains(error.message, "too long")
    fails("E-USAGE", client.call, "wizard.start", kind="none")
    equal(client.call("wizard.show", id=draft["id"])["rev"], draft["rev"])


@test("many phones with long certificates fit into one draft")
def many():
    site, client, models = started()
    given = answers("shared", models, phones=[("MANY%03d" % i, None) for i in range(500)])
    _, draft = walk(client, "shared", given)
    equal(len(draft["phones"]), 500)
    equal(len(apply(client, draft)["done"]), 502)


@test("a dry run and a refused run leave no draft, --keep leaves one to finish")
def kept_draft():
    site, client, models = started()
    run = cli.on(site)
    given = answers("shared", models)
    before = state(client)
    contains(cli.done(run(*options("shared", given), "--dry-run")).out, "\nsecurity enabled, once applied\n")
    equal(state(client), before)
    cli.refused(run(*options("shared", dict(given, **{"profile.mode": "nonsecure"})), "--keep"), "E-MODE-NEEDED")
    listed = cli.done(run("wizard", "list", "--csv")).csv()
    equal([(d["kind"], d["step"], d["holder"]) for d in listed], [("shared", "check", "")])
    number = listed[0]["id"]
    contains(cli.done(run("wizard", "show", number)).out, "E-MODE-NEEDED", "security not enabled")
    cli.refused(run("wizard", "apply", number), "E-MODE-NEEDED")
    draft = client.call("wizard.open", id=int(number))
    client.call("wizard.save", id=draft["id"], rev=draft["rev"], answers={"profile.mode": "encrypted"})
    cli.refused(run("wizard", "apply", number), "E-DRAFT-TAKEN")
    cli.refused(run("wizard", "drop", number), "E-DRAFT-TAKEN")
    equal(cli.done(run("wizard", "show", number, "--json")).json()["refusal"], None)


@test("an operator prepares, an administrator applies; a viewer only looks")
def roles():
    if os.getuid() != 0:
        raise lib.Skip("needs root")
    nobody = pwd.getpwnam("nobody")
    site, client, models = started(conf={"control.operator_users": "nobody", "control.viewer_users": "games"})
    folder = os.path.join(site.base, "bin")
    os.makedirs(folder)
    program = shutil.copy(cli.RINGLOCK, folder)
    cert_file = shutil.copy(group(), folder)
    os.chmod(cert_file, 0o644)

    def become(user):
        def switch():
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        return switch

    def run(user, *args):
        return cli.run("--socket", site.socket, *args, program=program, preexec_fn=become(user))

    given = answers("shared", models, certificate=cert_file)
    before = state(client)
    cli.refused(run(pwd.getpwnam("games"), *options("shared", given)), "E-NOT-ALLOWED", 4)
    cli.refused(run(nobody, *options("shared", given)), "E-NOT-ALLOWED", 4)
    equal(state(client), before)
    cli.refused(run(nobody, *options("shared", given), "--keep"), "E-NOT-ALLOWED", 4)
    draft = client.call("wizard.list")["rows"][0]
    equal((draft["owner"], draft["holder"]), ("nobody", None))
    cli.done(run(pwd.getpwnam("games"), "wizard", "show", str(draft["id"])))
    cli.done(cli.on(site)("wizard", "apply", str(draft["id"])))
    check_made(client, "shared", models, given)


lib.run()
