"""Reports over the site by commands: the overview, and lines that phones of different modes share."""
import lib
from cli import done, on
from lib import Site, contains, equal, test


def lab():
    site = Site().start()
    lib.lab_devices(site.client())
    return site, on(site)


def counts(cli):
    rows = done(cli("report", "overview", "--json")).json()
    return {(r["what"], r["value"]): r["count"] for r in rows}


@test("the overview counts each device once by mode, trust and type, and follows a change")
def overview():
    site, cli = lab()
    phones, gateways = (len(done(cli(kind, "list", "--json")).json()) for kind in ("phone", "gateway"))

    def of(what):
        return sum(n for (about, _), n in counts(cli).items() if about == what)
    equal(of("Phones by mode"), phones)
    equal(of("Phones by trust"), phones)
    equal(of("Gateways by trust"), gateways)
    equal(of("Devices by type"), phones + gateways)
    before = counts(cli)
    done(cli("phone", "set", "SEP000000002001", "--profile", "encrypted.lab"))
    after = counts(cli)
    equal(after["Phones by mode", "encrypted"], before["Phones by mode", "encrypted"] + 1)
    equal(after["Phones by mode", "nonsecure"], before["Phones by mode", "nonsecure"] - 1)
    contains(done(cli("report", "overview")).out, "not trusted", "Connected calls")
    equal(done(cli("report", "overview", "--csv", "--fields", "count,value")).out.splitlines()[0], "count,value")


@test("a line is told when the modes of its phones differ, and only then")
def shared_lines():
    site, cli = lab()
    contains(done(cli("report", "shared-lines")).out, "none")
    equal(done(cli("report", "shared-lines", "--json")).json(), [])
    model = lib.trusted_type(site.client())
    secure = ("--type", model, "--profile", "encrypted.lab", "--accept", "W-CLUSTER-NONSECURE")
    done(cli("phone", "add", "SEP00000000AA01", *secure, "--lines", "4711;4712"))
    done(cli("phone", "add", "SEP00000000AA02", *secure, "--lines", "4711"))
    equal(done(cli("report", "shared-lines", "--json")).json(), [])
    done(cli("phone", "add", "SEP00000000AA03", "--type", model, "--lines", "4712", "--accept", "W-SHARED-MIXED"))
    told = done(cli("report", "shared-lines", "--csv")).csv()
    equal([(r["number"], r["phone"], r["mode"]) for r in told],
          [("4712", "SEP00000000AA01", "encrypted"), ("4712", "SEP00000000AA03", "nonsecure")])


lib.run()
