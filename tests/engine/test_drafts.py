"""Drafts of forms: kept at once, through kill -9; taken over, dropped, limited; never a secret."""
import os, signal, sqlite3

import cli
from lib import Site, as_user, contains, equal, fails, poll, run, test, user_without_rights


def save(client, **more):
    return client.call("draft.save", **dict({"kind": "phone", "act": "set", "name": "SEP1", "object_rev": 3,
                                             "values": {"description": "typed"},
                                             "before": {"description": "was"}}, **more))


@test("what is kept is there after kill -9, with what it was read from")
def kept():
    site = Site().start()
    draft = save(site.client())
    site.stop(signal.SIGKILL)
    client = site.start().client()
    row = client.call("draft.list", kind="phone", name="SEP1")["rows"][0]
    equal((row["id"], row["owner"], row["act"]), (draft["id"], client.info["user"], "set"))
    form = client.call("draft.open", id=draft["id"])
    equal((form["values"], form["before"], form["object_rev"]), ({"description": "typed"}, {"description": "was"}, 3))
    equal(client.call("draft.list", kind="gateway")["rows"], [])
    equal(client.call("wizard.list")["rows"], [])
    client.call("draft.drop", id=draft["id"])
    fails("E-NOT-FOUND", client.call, "draft.open", id=draft["id"])


@test("kept again it is one draft still; from what another wrote since it is a conflict")
def again():
    client = Site().start().client()
    draft = save(client)
    second = save(client, id=draft["id"], rev=draft["rev"], values={"description": "more"})
    equal(second["rev"], draft["rev"] + 1)
    equal(len(client.call("draft.list")["rows"]), 1)
    fails("E-CONFLICT", save, client, id=draft["id"], rev=draft["rev"])
    equal(client.call("draft.open", id=draft["id"])["values"], {"description": "more"})


@test("a secret is never kept")
def secrets():
    site = Site().start()
    client = site.client()
    draft = client.call("draft.save", kind="user", act="add",
                        values={"id": "u", "digest_password": "do-not-keep"}, before={"digest_password": "do-not-keep"})
    equal(client.call("draft.open", id=draft["id"])["values"], {"id": "u"})
    site.stop()
    for name in ("site.db", "site.db-wal"):
        if os.path.exists(site.path(name)):
            with open(site.path(name), "rb") as f:
                assert b"do-not-keep" not in f.read()


@test("another's is taken over when that is said; the first is told, and keeps no more")
def taken():
    nobody = user_without_rights()
    site = Site({"control.operator_users": "nobody"}).start()
    os.chmod(site.dir, 0o755)
    client = site.client()
    draft = save(client)
    them = lambda *requests: as_user(nobody.pw_uid, [nobody.pw_gid], site, list(requests))[1:]
    equal(them(("draft.open", {"id": draft["id"]})), ["E-DRAFT-TAKEN"])
    equal(them(("draft.open", {"id": draft["id"], "take": True})), ["ok"])
    note = client.note("draft")
    equal((note["id"], note["what"], note["by"]), (draft["id"], "taken", "nobody"))
    contains(fails("E-DRAFT-TAKEN", save, client, id=draft["id"]).message, "nobody")
    equal(them(("draft.drop", {"id": draft["id"]})), ["ok"])


@test("how many, how large, what kind: refused with what to do")
def limits():
    client = Site().start().client()
    fails("E-DRAFT-LIMIT", save, client, values={"description": "x" * (65 << 10)})
    fails("E-USAGE", save, client, kind="thing")
    fails("E-VALUE", save, client, act="think")
    for i in range(50):
        save(client, name="SEP%d" % i)
    error = fails("E-DRAFT-LIMIT", save, client, name="SEP50")
    contains(error.message, "50 drafts")
    equal(len(client.call("draft.list")["rows"]), 50)
    draft = client.call("draft.list", limit=1)["rows"][0]
    fails("E-NOT-FOUND", client.call, "wizard.drop", id=draft["id"] + 1)
    client.call("draft.drop", id=draft["id"])
    save(client, name="SEP50")


@test("what nobody touched for long goes by itself, wizards too, and the log says so; unless all are kept")
def age():
    site = Site().start()
    client = site.client()
    old, new = save(client), save(client, name="SEP2")
    wizard = client.call("wizard.start", kind="per-device")

    def began_long_ago(conf):
        site.stop()
        with sqlite3.connect(site.path("site.db")) as db:
            db.execute("UPDATE draft SET updated = '2020-01-01T00:00:00Z' WHERE id IN (?, ?)", (old["id"], wizard["id"]))
        db.close()
        site.conf(conf)
        return site.start().client()

    client = began_long_ago({"drafts.keep_days": "0"})
    client.call("status")
    equal(len(client.call("draft.list")["rows"]), 2)
    client = began_long_ago({"drafts.keep_days": "20"})
    poll(lambda: client.call("wizard.list")["rows"] == [])
    equal([row["id"] for row in client.call("draft.list")["rows"]], [new["id"]])
    contains(site.log(), "draft %d (form phone SEP1, of %s) was dropped" % (old["id"], client.info["user"]))


@test("ringlock draft: both kinds in one list, one's own alone, and dropped by their numbers")
def command():
    nobody = user_without_rights()
    site = Site({"control.operator_users": "nobody"}).start()
    os.chmod(site.dir, 0o755)
    client, ringlock = site.client(), cli.on(site)
    contains(cli.done(ringlock("draft", "list")).out, "No draft is kept.")
    form, wizard = save(client, name="SEP 1\x1b[2J"), client.call("wizard.start", kind="shared", name="Many")
    as_user(nobody.pw_uid, [nobody.pw_gid], site, [("draft.save", {"kind": "gateway", "act": "add", "values": {"a": "b"}})])
    rows = cli.done(ringlock("draft", "list", "--json")).json()
    equal([(row["kind"], row["act"], row["owner"]) for row in rows],
          [("gateway", "add", "nobody"), ("wizard", "shared", client.info["user"]), ("phone", "set", client.info["user"])])
    mine = cli.done(ringlock("draft", "list", "--mine", "--csv", "--fields", "id,kind,name")).csv()
    equal([row["id"] for row in mine], [str(wizard["id"]), str(form["id"])])
    out = cli.done(ringlock("draft", "list")).out
    contains(out, "SEP 1\\x1b[2J")
    assert "\x1b" not in out
    cli.refused(ringlock("draft", "drop", "x"), "E-USAGE", 2)
    cli.refused(ringlock("draft", "drop", str(form["id"] + 100)), "E-NOT-FOUND")
    cli.refused(ringlock("draft", "drop", str(wizard["id"])), "E-DRAFT-TAKEN")  # open at the client
    client.close()
    done = cli.done(ringlock("draft", "drop", "--json", str(wizard["id"]), str(form["id"]))).json()
    equal(done, {"dropped": [wizard["id"], form["id"]]})
    equal([row["owner"] for row in cli.done(ringlock("draft", "list", "--json")).json()], ["nobody"])


run()
