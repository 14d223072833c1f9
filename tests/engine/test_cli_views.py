"""Views of lists by commands: what the console keeps, scripts make and read."""
import lib
from cli import done, on, refused
from lib import Site, contains, equal, test


def lab():
    site = Site().start()
    return site, on(site)


def views(cli, *args):
    return [(v["list"], v["name"], v["shared"]) for v in done(cli("view", "list", "--json", *args)).json()]


@test("save, list, show, rename and remove a view")
def life():
    site, cli = lab()
    contains(done(cli("view", "list")).out, "No view is kept.")
    done(cli("view", "save", "phones", "Open ones", "--filter", "profile contains Non-Secure", "--filter",
             "description empty", "--sort", "type", "--desc", "--columns", "name,digest-user,trusted"))
    kept, = site.client().call("view.list", list="phones")["rows"]
    equal(kept["view"], {"criteria": [{"field": "profile", "op": "contains", "value": "Non-Secure"},
                                      {"field": "description", "op": "is empty", "value": ""}],
                         "sort": "type", "descending": True, "columns": ["name", "digest_user", "trusted"]})
    shown = done(cli("view", "show", "phones", "open ones"))
    contains(shown.out, "profile contains Non-Secure; description is empty", "type downwards", "name;digest_user")
    equal(done(cli("view", "show", "phones", "Open ones", "--json")).json()["view"], kept["view"])
    row, = done(cli("view", "list", "phones", "--csv")).csv()
    equal((row["list"], row["name"], row["shared"], row["sort"]), ("phones", "Open ones", "no", "type downwards"))
    equal(done(cli("view", "list", "--csv", "--fields", "name,columns")).csv()[0]["columns"], "name;digest_user;trusted")
    done(cli("view", "rename", "phones", "Open ones", "Open phones"))
    equal(views(cli), [("phones", "Open phones", False)])
    equal(views(cli, "certs"), [])
    done(cli("view", "remove", "phones", "Open phones"))
    refused(cli("view", "remove", "phones", "Open phones"), "E-NOT-FOUND")
    refused(cli("view", "show", "phones", "Open phones"), "E-NOT-FOUND")
    equal(views(cli), [])


@test("a view that all share is a copy, and is named by --shared")
def shared():
    site, cli = lab()
    done(cli("view", "save", "certs", "Mine", "--sort", "not-after"))
    done(cli("view", "share", "certs", "Mine"))
    equal(sorted(views(cli, "certs")), [("certs", "Mine", False), ("certs", "Mine", True)])
    done(cli("view", "save", "certs", "Mine", "--sort", "name"))
    equal(done(cli("view", "show", "certs", "Mine", "--json")).json()["view"]["sort"], "name")
    equal(done(cli("view", "show", "certs", "Mine", "--shared", "--json")).json()["view"]["sort"], "not_after")
    done(cli("view", "rename", "certs", "Mine", "Ours", "--shared"))
    refused(cli("view", "remove", "certs", "Ours"), "E-NOT-FOUND")
    equal(done(cli("view", "show", "certs", "Ours", "--json")).json()["shared"], True)
    done(cli("view", "remove", "certs", "Ours", "--shared"))
    equal(views(cli), [("certs", "Mine", False)])


@test("what is no view is refused whole")
def wrong():
    site, cli = lab()
    for args in (("calls", "x"), ("phone", "x"), ("phones", "x", "--sort", "nothing"),
                 ("phones", "x", "--columns", "name,nothing"), ("phones", "x", "--filter", "nothing=1")):
        refused(cli("view", "save", *args), "E-USAGE", 2)
    refused(cli("view", "save", "phones", " x"), "E-VALUE")
    refused(cli("view", "show", "no such", "x"), "E-NOT-FOUND")
    refused(cli("view", "save", "phones", b"\xff"), "E-VALUE")
    equal(views(cli), [])


lib.run()
