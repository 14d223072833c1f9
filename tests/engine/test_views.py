"""Views of lists: own and shared ones, their names, who may change them, what is used last."""
import os, pwd

import lib
from lib import Site, as_user, equal, fails, test

PHONES = {"criteria": [{"field": "profile", "op": "contains", "value": "Non-Secure"}], "sort": "name",
          "descending": False, "columns": ["lock", "name", "profile"]}


def names(c, list_="phones"):
    return [(v["name"], v["shared"]) for v in c.call("view.list", list=list_)["rows"]]


@test("a view is kept, renamed, replaced and removed")
def kept():
    site = Site().start()
    c = site.client()
    equal(c.call("view.list", list="phones"), {"rows": [], "used": None})
    c.call("view.save", list="phones", name="Open ones", view=PHONES)
    row, = c.call("view.list")["rows"]
    equal((row["list"], row["name"], row["shared"], row["view"]), ("phones", "Open ones", False, PHONES))
    c.call("view.save", list="phones", name="open ONES", view={"sort": "type"})
    row, = c.call("view.list", list="phones")["rows"]
    equal((row["name"], row["view"]), ("open ONES", {"sort": "type"}))
    c.call("view.rename", list="phones", name="Open ones", to="Open phones")
    equal(names(c), [("Open phones", False)])
    equal(names(c, "calls"), [])
    c.call("view.save", list="phones", name="B", view={})
    fails("E-EXISTS", c.call, "view.rename", list="phones", name="B", to="OPEN phones")
    c.call("view.rename", list="phones", name="B", to="b")
    fails("E-NOT-FOUND", c.call, "view.rename", list="phones", name="nothing", to="x")
    fails("E-NOT-FOUND", c.call, "view.remove", list="gateways", name="b")
    c.call("view.remove", list="phones", name="B")
    equal(names(c), [("Open phones", False)])


@test("names are text that can be shown as it stands")
def safe_names():
    c = Site().start().client()
    for bad in ["", " x", "x ", "a\u202eb", "a\x1b[2Jb", "a\nb", "x" * 61, "a\u200bb"]:
        fails("E-VALUE", c.call, "view.save", list="phones", name=bad, view={})
        fails("E-VALUE", c.call, "view.use", list="phones", name=bad)
    for bad in ["", "Phones", "phones'", "x" * 40]:
        fails("E-VALUE", c.call, "view.save", list=bad, name="x", view={})
    fails("E-VALUE", c.call, "view.save", list="phones", name="x", view={"columns": ["x" * 9000]})
    fails("E-USAGE", c.call, "view.save", list="phones", name="x", view=[])
    equal(c.call("view.list")["rows"], [])
    c.call("view.save", list="phones", name="Größe ≥ 3 \u65e5\u672c", view={})
    equal(names(c), [("Größe ≥ 3 \u65e5\u672c", False)])


@test("the view used last is remembered, over a restart too")
def used():
    site = Site().start()
    site.client().call("view.use", list="certs", name="Expiring")
    site.client().call("view.use", list="certs", name="All")
    site.stop()
    site.start()
    equal(site.client().call("view.list", list="certs")["used"], "All")
    equal(site.client().call("view.list", list="phones")["used"], None)


@test("shared views are everybody's to see and the operators' to change, with an audit entry")
def shared():
    if os.getuid() != 0:
        raise lib.Skip("needs root")
    nobody = pwd.getpwnam("nobody")
    site = Site({"control.viewer_users": "nobody"})
    os.chmod(site.dir, 0o755)
    site.start()
    c = site.client()
    c.call("view.save", list="phones", name="For all", view=PHONES, shared=True)
    c.call("view.save", list="phones", name="Mine", view={})
    entry = c.call("audit.list", limit=1)["rows"][0]
    equal((entry["what"], entry["object"]), ("view save", "view For all of phones"))
    asked = [("view.save", {"list": "phones", "name": "For all", "view": {}, "shared": True}),
             ("view.remove", {"list": "phones", "name": "For all", "shared": True}),
             ("view.rename", {"list": "phones", "name": "Mine", "to": "Theirs"}),
             ("view.save", {"list": "phones", "name": "Mine", "view": {"sort": "type"}}),
             ("view.use", {"list": "phones", "name": "For all"})]
    equal(as_user(nobody.pw_uid, [nobody.pw_gid], site, asked),
          ["viewer", "E-NOT-ALLOWED", "E-NOT-ALLOWED", "E-NOT-FOUND", "ok", "ok"])
    equal(names(c), [("For all", True), ("Mine", False)])
    equal(c.call("view.list", list="phones")["rows"][1]["view"], {})
    c.call("view.remove", list="phones", name="For all", shared=True)
    equal(names(c), [("Mine", False)])


@test("no view is kept while an import has the database")
def importing():
    site = Site().start()
    c, other = site.client(), site.client()
    other.call("import.begin", kind="user")
    fails("E-CONFLICT", c.call, "view.save", list="phones", name="x", view={})
    other.call("import.abort")
    c.call("view.save", list="phones", name="x", view={})


lib.run()
