"""Undo: the last act of who asks is put back as an ordinary change, or refused with the reason."""
import json, os, signal

import certs, cli
from lib import Site, as_user, contains, equal, fails, run, test, user_without_rights

MAKER = certs.Maker()


def site(conf=None):
    s = Site(conf).start()
    return s, s.client()


def profile(client, name, **more):
    client.call("object.add", kind="profile",
                values=dict({"name": name, "type": "Cisco 8845", "protocol": "SIP"}, **more))


def show(client, kind, name):
    return client.call("object.show", kind=kind, name=name)


def what(result):
    return [r["what"] for r in result["rows"]]


@test("a change is told first, then undone; each further undo goes one change back")
def one_by_one():
    _, client = site()
    client.call("object.add", kind="user", values={"id": "u", "name": "a"})
    client.call("object.set", kind="user", name="u", values={"name": "b"})
    client.call("object.set", kind="user", name="u", values={"name": "c"})
    peeked = client.call("undo.peek")
    equal((what(peeked), peeked["rows"][0]["before"]), (["user set"], {"name": "b"}))
    equal(show(client, "user", "u")["name"], "c")
    equal(client.call("undo", act=peeked["act"])["act"], peeked["act"])
    equal(show(client, "user", "u")["name"], "b")
    fails("E-CONFLICT", client.call, "undo", act=peeked["act"])
    client.call("undo")
    equal(show(client, "user", "u")["name"], "a")
    equal(what(client.call("undo")), ["user add"])
    fails("E-NOT-FOUND", show, client, "user", "u")
    fails("E-UNDO-NONE", client.call, "undo")
    fails("E-UNDO-NONE", client.call, "undo.peek")
    rows = client.call("audit.list", limit=3)["rows"]
    equal([r["what"] for r in rows], ["user remove", "user set", "user set"])
    assert all(r["undoes"] for r in rows)
    assert client.call("audit.verify")["ok"]


@test("what was removed is added again, with all its values; a copy and a rename are undone")
def removed_and_renamed():
    _, client = site()
    client.call("cluster.mode", mode="mixed")
    profile(client, "one", mode="encrypted", transport="tls", description="words", nonce_validity="700")
    was = show(client, "profile", "one")
    client.call("object.remove", kind="profile", name="one")
    client.call("undo")
    now = show(client, "profile", "one")
    for key in was:
        if key not in ("rev",):
            equal((key, now[key]), (key, was[key]))
    client.call("object.set", kind="profile", name="one", values={"name": "two", "description": "new"})
    client.call("undo")
    equal(show(client, "profile", "one")["description"], "words")
    fails("E-NOT-FOUND", show, client, "profile", "two")
    client.call("object.add", kind="phone", values={"name": "SEP001122334455", "type": "Cisco 8845", "protocol": "SIP",
                                                    "profile": "one", "lines": "1;2", "description": "d"})
    was = show(client, "phone", "SEP001122334455")
    client.call("object.remove", kind="phone", name="SEP001122334455")
    client.call("undo")
    now = show(client, "phone", "SEP001122334455")
    equal([now[k] for k in ("profile", "lines", "description")], [was[k] for k in ("profile", "lines", "description")])


@test("the cluster security mode is put back")
def mode():
    _, client = site()
    client.call("cluster.mode", mode="mixed")
    equal(what(client.call("undo.peek")), ["cluster.mode", "ctl.update"])
    equal(client.call("status")["cluster_mode"], "mixed")
    client.call("undo")
    equal(client.call("status")["cluster_mode"], "nonsecure")
    fails("E-UNDO-NONE", client.call, "undo")


def beside(client, method):
    """Its result, after that of a question that was asked later."""
    client.send(b"".join(json.dumps({"jsonrpc": "2.0", "id": i, "method": m}).encode() + b"\n"
                         for i, m in ((901, method), (902, "status"))))
    later, first = client.line(), client.line()
    equal((later["id"], first["id"]), (902, 901))
    return first["result"]


@test("an import is undone as one, over many objects as well, and a bulk change")
def at_once():
    _, client = site()
    client.call("import.begin", kind="users")
    client.call("import.part", csv="id,name\n" + "".join("u%d,n\n" % i for i in range(300)))
    client.call("import.end")
    names = ["u%d" % i for i in range(200)]
    client.call("object.set_many", kind="user", names=names, values={"name": "m"})
    peeked = beside(client, "undo.peek")
    equal((peeked["entries"], len(peeked["rows"])), (200, 20))
    beside(client, "undo")
    equal({r["name"] for r in client.call("object.list", kind="user")["rows"]}, {"n"})
    equal(client.call("undo")["entries"], 301)
    equal(client.call("object.count", kind="user")["count"], 0)
    fails("E-UNDO-NONE", client.call, "undo")


@test("refused: changed by another since, in use by now, passwords, types")
def refused():
    s, client = site()
    client.call("object.add", kind="user", values={"id": "u", "name": "a", "digest_password": "secret1234"})
    client.call("object.set", kind="user", name="u", values={"digest_password": "other12345"})
    contains(fails("E-UNDO", client.call, "undo").message, "password")
    client.call("object.remove", kind="user", name="u")
    contains(fails("E-UNDO", client.call, "undo").message, "password")
    assert "secret1234" not in str(client.call("audit.list"))
    profile(client, "p")
    client.call("object.add", kind="phone",
                values={"name": "SEP001122334455", "type": "Cisco 8845", "protocol": "SIP", "profile": "p"})
    client.call("object.set", kind="phone", name="SEP001122334455", values={"profile": ""})
    client.call("object.set", kind="phone", name="SEP001122334455", values={"profile": "p"})
    for _ in range(3):
        client.call("undo")
    equal(what(client.call("undo.peek")), ["profile add"])


@test("refused: somebody else changed it since; each undoes what is their own")
def theirs():
    nobody = user_without_rights()
    s, client = site({"control.operator_users": "nobody"})
    profile(client, "p")
    os.chmod(s.dir, 0o755)
    change = ("object.set", {"kind": "profile", "name": "p", "values": {"description": "theirs"}})
    equal(as_user(nobody.pw_uid, [nobody.pw_gid], s, [change]), ["operator", "ok"])
    message = fails("E-CONFLICT", client.call, "undo.peek").message
    contains(message, "profile p", "nobody", "profile set")
    fails("E-CONFLICT", client.call, "undo")
    equal(show(client, "profile", "p")["description"], "theirs")
    equal(as_user(nobody.pw_uid, [nobody.pw_gid], s, [("undo", {}), ("undo", {})]), ["operator", "ok", "E-UNDO-NONE"])
    equal(what(client.call("undo")), ["profile add"])


@test("a certificate that was removed comes back as it was; an uploaded one goes")
def certificates():
    _, client = site()
    cert = MAKER.cert(cn="SEP001122334455")
    client.call("cert.upload", data=cert.pem, file="a.pem", device="SEP001122334455", description="d")
    was = show(client, "cert", "SEP001122334455")
    client.call("object.remove", kind="cert", name="SEP001122334455", accept=["W-SECURITY-LOST"])
    client.call("undo")
    now = show(client, "cert", "SEP001122334455")
    for key in ("fingerprint", "store", "device", "description", "usage"):
        equal(now[key], was[key])
    equal(what(client.call("undo")), ["cert add"])
    fails("E-NOT-FOUND", show, client, "cert", "SEP001122334455")


@test("killed in the middle of undoing, all of it is undone or nothing")
def killed():
    s, client = site()
    client.call("import.begin", kind="users")
    client.call("import.part", csv="id,name\n" + "".join("u%d,n\n" % i for i in range(2000)))
    client.call("import.end")
    client.number += 1
    client.send(b'{"jsonrpc":"2.0","id":%d,"method":"undo","params":{}}\n' % client.number)
    s.stop(signal.SIGKILL)
    client = s.start().client()
    n = client.call("object.count", kind="user")["count"]
    assert n in (0, 2000), n
    assert client.call("audit.verify")["ok"]
    if n:
        client.call("undo")
    equal(client.call("object.count", kind="user")["count"], 0)


@test("the command tells, undoes, and is refused like the others")
def command():
    s, client = site()
    call = cli.on(s)
    client.call("object.add", kind="user", values={"id": "u", "name": "a"})
    client.call("object.set", kind="user", name="u", values={"name": "b"})
    equal(cli.done(call("undo", "--dry-run")).out, "Would be undone: user set of user u: name: a -> b\n")
    equal(cli.done(call("undo")).out, "Undone: user set of user u: name: a -> b\n")
    equal(cli.done(call("undo", "--json")).json()["entries"], 1)
    cli.refused(call("undo"), "E-UNDO-NONE")


run()
