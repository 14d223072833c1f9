"""Every code of the wizards and of the rules under them, by RPC, from options, in forms and imports alike."""
import csv, os

import certs, cli, lib
from lib import RpcError, contains, equal, fails, test
from wizards import (GROUP, STEPS, answers, apply, cert, group, key_file, options, own, silent_pack, start,
                     started, state, walk)


# --- every code, in command and RPC ---

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
        ("E-VALUE", "shared", {"cert_store": "Phone-trust"}),
        ("E-CERT-FIXED", "shared", {"cert_store": "CallManager"}),
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
            if code.startswith("E-"):
                equal(told.err.split(": ")[1], code)
            equal("security enabled" in told.out, False)
            if "Review" in told.out:
                equal(told.out.splitlines()[-1], "security not enabled")
            equal(state(client), before)
        except AssertionError as e:
            raise AssertionError("%s %s %r: %s" % (code, kind, differing, e))


@test("the end check names why a certificate was not taken, not only that there is none")
def cause():
    site, client, models = started()
    expired = cert("expired", cn="Old", begins="2020-01-01 00:00:00", ends="2021-01-01 00:00:00")
    for code, phones in (("E-CERT-REUSED", [("P1", own(1)), ("P2", own(1))]), ("E-CERT-DATES", [("P1", expired)]),
                         ("E-VENDOR-CERT-MISSING", [("P1", None)])):
        _, draft = walk(client, "per-device", answers("per-device", models, phones=phones))
        point = [p for p in draft["points"] if p["id"] == "certificate"][0]
        equal((point["ok"], point["code"]), (False, code))


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


lib.run()
