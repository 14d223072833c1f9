"""History: the audit log by object, kind, who and time; renames are followed."""
import json

import cli, lib
from lib import Site, contains, equal, test


def what(rows):
    return [r["what"] for r in rows]


def listed(client, **asked):
    return client.call("audit.list", **asked)["rows"]


def profile(client, name):
    client.call("object.add", kind="profile", values={"name": name, "type": "Cisco 8845", "protocol": "SIP"})


@test("an object's history has its entries alone, the newest first, in pages")
def of_object():
    client = Site().start().client()
    for i in range(20):
        client.call("object.add", kind="user", values={"id": "u%d" % i, "name": "a"})
    for name in "bcd":
        client.call("object.set", kind="user", name="u7", values={"name": name})
    client.call("object.remove", kind="user", name="u8")
    rows = listed(client, kind="user", object="u7")
    equal(what(rows), ["user set", "user set", "user set", "user add"])
    equal((rows[0]["before"], rows[0]["after"]), ({"name": "c"}, {"name": "d"}))
    equal(what(listed(client, kind="user", object="u7", limit=2)), ["user set", "user set"])
    equal(what(listed(client, kind="user", object="u7", before=rows[1]["seq"])), ["user set", "user add"])
    equal(what(listed(client, kind="user", object="u8")), ["user remove", "user add"])
    equal(listed(client, kind="user", object="u"), [])
    equal(len(listed(client, kind="user")), 24)
    equal(len(listed(client, kind="user", limit=3)), 3)


@test("renames are followed, and a new object of the old name has a history of its own")
def renames():
    client = Site().start().client()
    profile(client, "one")
    client.call("object.set", kind="profile", name="one", values={"description": "x"})
    client.call("object.set", kind="profile", name="one", values={"name": "two"})
    client.call("object.set", kind="profile", name="two", values={"name": "three"})
    profile(client, "one")
    client.call("object.set", kind="profile", name="three", values={"description": "y"})
    equal(what(listed(client, kind="profile", object="three")),
          ["profile set", "profile rename", "profile rename", "profile set", "profile add"])
    equal(what(listed(client, kind="profile", object="three", limit=4)),
          ["profile set", "profile rename", "profile rename", "profile set"])
    second = listed(client, kind="profile", object="three")[1]["seq"]
    equal(what(listed(client, kind="profile", object="three", before=second)),
          ["profile rename", "profile set", "profile add"])
    equal(what(listed(client, kind="profile", object="one", limit=1)), ["profile add"])


@test("by who, since when, and of what has no kind; what is asked wrongly is refused")
def others():
    client = Site().start().client()
    me = client.info["user"]
    client.call("cluster.mode", mode="mixed")
    profile(client, "p")
    equal(what(listed(client, kind="cluster")), ["cluster.mode"])
    newest = listed(client, limit=1)[0]
    equal(listed(client, since=newest["time"])[-1]["seq"], newest["seq"])
    equal(listed(client, since="2100-01-01T00:00:00Z"), [])
    equal(listed(client, who="nobody-of-them"), [])
    assert "profile add" in what(listed(client, who=me, since="2020-01-01T00:00:00Z"))
    lib.fails("E-USAGE", client.call, "audit.list", object="p")
    lib.fails("E-VALUE", client.call, "audit.list", since="yesterday")


@test("entries of one act name its first")
def acts():
    client = Site().start().client()
    client.call("import.begin", kind="users")
    client.call("import.part", csv="id,name\na,A\nb,B\n")
    client.call("import.end")
    rows = listed(client, limit=3)
    equal(what(rows), ["user import", "user add", "user add"])
    equal([r.get("act") for r in rows], [rows[2]["seq"], rows[2]["seq"], None])


@test("the commands: audit list by object, and history of each noun, as text, JSON and CSV")
def commands():
    site = Site().start()
    client = site.client()
    profile(client, "one")
    client.call("object.set", kind="profile", name="one", values={"description": "words, and words"})
    run = lambda *args: cli.run("--site", site.dir, *args)
    equal(what(run("profile", "history", "one", "--json").json()), ["profile set", "profile add"])
    rows = run("audit", "list", "--object", "one", "--kind", "profile", "--csv").csv()
    equal(rows[0]["change"], "description: - -> words, and words")
    equal([r["what"] for r in rows], ["profile set", "profile add"])
    contains(run("user", "history", "nobody").out, "no change of it")
    equal(run("audit", "list", "--object", "one").status, 2)


lib.run()
