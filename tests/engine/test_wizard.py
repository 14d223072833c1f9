"""Both wizards, by RPC and from options: to their end, and interrupted at every step."""
import os, pwd, shutil, signal

import certs, cli, lib
from lib import contains, equal, fails, test
from wizards import (GROUP, STEPS, answers, apply, cert, data, group, key_file, options, own, rows, sent, start,
                     started, state, walk)


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
        settings = cli.done(run("phone", "security", given["phones"][0][0], "--json")).json()
        equal({s["value"] for s in settings if s["setting"] in ("MIC installed", "LSC installed")},
              {"not for this type"})  # R72, R73
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
        f.write("name,certificate,description,lines\nL1,%s,first,4001\nL2,own.pem,,4002;4003\n" % own(1))
    shutil.copy(own(2), os.path.join(site.base, "own.pem"))  # found from the folder of the list on
    given = answers("per-device", models, phones=None)
    cli.done(run(*options("per-device", given), "--phones", path, "--description", "of the list"))
    phones = rows(client, "phone")
    equal([(phones[n]["description"], phones[n]["lines"]) for n in ("L1", "L2")],
          [("first", "4001"), ("of the list", "4002;4003")])
    for text, code in (("name,colour\nL3,red\n", "E-CSV-COLUMN"), ("lines\n4\n", "E-CSV-COLUMN"),
                       ("name,certificate,profile\nL3,%s,Other\n" % own(3), "E-VALUE"), ("", "E-CSV"), ("name,name\nL3,L3\n", "E-CSV-COLUMN"),
                       ("name\nL3\nL3\n", "The phone L3 is named twice"), ("name\nL3,x\n", "E-CSV")):
        before = state(client)
        with open(path, "w") as f:
            f.write(text)
        told = run(*options("per-device", given), "--phones", path)
        equal(told.status, 1)
        contains(told.err, code)
        equal(state(client), before)


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
                        ("E-VALUE", {"phones": [{"name": "P1", "description": {"a": 1}}]}),
                        ("E-VALUE", {"phones": [{"name": "P%d" % i} for i in range(501)]}),
                        ("E-VALUE", {"certificate": "text"}), ("E-VALUE", {"certificate": {"data": 7}})):
        fails(code, client.call, "wizard.save", id=draft["id"], rev=draft["rev"], answers=given)
    fails("E-VALUE", client.call, "wizard.save", id=draft["id"], rev=draft["rev"], step="upside")
    kept = client.call("wizard.save", id=draft["id"], rev=draft["rev"],
                       answers={"phones": [{"name": "P1", "protected": True}]})
    equal(kept["answers"]["phones"], [{"name": "P1", "protected": True}])
    draft = kept
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
