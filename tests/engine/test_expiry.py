"""The expiry monitor: each notice is told once, over crashes too, by log, event and command."""
import datetime, os, signal, stat

import certs
import lib
from cli import done, on, refused
from lib import Site, contains, equal, fails, poll, test

MAKER = certs.Maker()
KEY = []
HOOK = """#!/bin/sh
printf '%s|' "$@" "$RINGLOCK_NOTICE_DAYS" >>"$RINGLOCK_SITE/told"
echo >>"$RINGLOCK_SITE/told"
"""


def ends_in(**span):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**span)).replace(microsecond=0)


def make(name, end):
    """A self-signed certificate that ends then."""
    if not KEY:
        KEY.append(MAKER.key())
    return MAKER.cert(cn=name, dns=[name], key=KEY[0], ends=end.strftime("%Y-%m-%d %H:%M:%S UTC"))


def put(client, dns, end, **more):
    cert = make(dns, end)
    client.call("cert.upload", data=cert.pem, accept=["W-NO-SAN"], **more)
    return cert


def site_with(hook=HOOK, **conf):
    """A site with a notice command."""
    site = Site()
    if hook:
        with open(site.path("hook"), "w") as f:
            f.write(hook)
        os.chmod(site.path("hook"), stat.S_IRWXU)
        conf["certificates.notice_command"] = site.path("hook")
    site.conf({"certificates." + k if "." not in k else k: v for k, v in conf.items()})
    return site.start()


def told(site):
    """What the command was given, a row for each run."""
    try:
        with open(site.path("told")) as f:
            return [line.split("|")[:-1] for line in f if line.endswith("\n")]
    except FileNotFoundError:
        return []


def notices(site):
    return [(row[0], row[5]) for row in told(site)]


@test("each notice is told once, with what the command needs to know")
def once():
    site = site_with()
    client = site.client()
    end = ends_in(days=5, minutes=1)
    cert = put(client, "five.example", end, device="SEP001122334455")
    put(client, "far.example", ends_in(days=200))
    rows = poll(lambda: told(site))
    equal(rows, [["SEP001122334455", cert.fingerprint, "SEP001122334455", "5",
                  end.strftime("%Y-%m-%dT%H:%M:%SZ"), "7"]])
    event = client.call("event.list")["rows"][0]
    equal((event["event"], event["device"]), ("expiring", "SEP001122334455"))
    contains(event["message"], "SEP001122334455 ends in less than 6 days")
    contains(site.log(), "warning: The certificate SEP001122334455 ends in less than 6 days")


@test("a notice that falls due is told at its moment, the end itself too")
def at_its_moment():
    site = site_with(notice_days="0, 3")
    put(site.client(), "three.example", ends_in(days=3, seconds=4))
    put(site.client(), "now.example", ends_in(seconds=5))
    poll(lambda: sorted(notices(site)), [("now.example", "0"), ("now.example", "3"), ("three.example", "3")])
    equal([row[3] for row in told(site) if row[5] == "0"], ["-1"])
    contains(site.log(), "The certificate now.example has ended")


@test("kill -9 and restart: nothing is told twice, what fell due meanwhile is told")
def crashes():
    site = site_with(notice_days="7 0")
    put(site.client(), "five.example", ends_in(days=5))
    poll(lambda: len(told(site)), 1)
    site.stop(signal.SIGKILL)
    site.start()
    put(site.client(), "six.example", ends_in(days=6))
    poll(lambda: notices(site), [("five.example", "7"), ("six.example", "7")])
    end = ends_in(seconds=4)
    put(site.client(), "soon.example", end)
    poll(lambda: len(told(site)), 3)
    site.stop(signal.SIGKILL)
    poll(lambda: ends_in(seconds=0) > end)
    site.start()
    poll(lambda: notices(site)[2:], [("soon.example", "7"), ("soon.example", "0")])
    site.stop()
    site.start()
    put(site.client(), "last.example", ends_in(days=1))
    poll(lambda: len(told(site)) == 5)
    equal(notices(site)[-1], ("last.example", "7"))


@test("killed while many are told: each at most once, none left out that was not begun")
def killed_at_work():
    site = site_with(notice_days="30", notice_command="")
    client = site.client()
    names = ["c%02d.example" % i for i in range(20)]
    for name in names:
        put(client, name, ends_in(days=100))
    site.stop()
    slow = HOOK + "exec sleep 0.1\n"
    with open(site.path("hook"), "w") as f:
        f.write(slow)
    os.chmod(site.path("hook"), stat.S_IRWXU)
    site.conf({"certificates.notice_days": "365", "certificates.notice_command": site.path("hook")})
    kills = 0
    for wanted in (3, 8, 13):
        site.start()
        poll(lambda: len(told(site)) >= wanted)
        site.stop(signal.SIGKILL)
        kills += 1
    site.start()
    put(site.client(), "last.example", ends_in(days=200))
    poll(lambda: ("last.example", "365") in notices(site))
    seen = [name for name, _ in notices(site)]
    equal(len(seen), len(set(seen)))
    if len(seen) - 1 < len(names) - kills:
        raise AssertionError("only %d of %d are told" % (len(seen) - 1, len(names)))


@test("a command that fails, or runs too long, is told in the log and holds nothing up")
def bad_commands():
    site = site_with(hook=HOOK + "exit 3\n", notice_days="7")
    put(site.client(), "five.example", ends_in(days=5))
    poll(lambda: "the notice command failed for five.example (status 3" in site.log())
    site = site_with(hook=HOOK + "sleep 1000 &\nwait\n", notice_days="7", notice_timeout="1s")
    client = site.client()
    put(client, "five.example", ends_in(days=5))
    put(client, "six.example", ends_in(days=6))
    poll(lambda: len(told(site)), 1)
    client.call("status")
    poll(lambda: "the notice command was killed: it ran too long for five.example" in site.log())
    poll(lambda: len(told(site)), 2)
    site = site_with(hook=None, notice_command="/nowhere/hook", notice_days="7")
    put(site.client(), "five.example", ends_in(days=5))
    poll(lambda: "the notice command /nowhere/hook cannot be run" in site.log())


@test("names are arguments, never read by a shell")
def no_shell():
    site = site_with()
    client = site.client()
    put(client, "five.example", ends_in(days=5), name="a b (c) + d")
    equal(poll(lambda: told(site))[0][0], "a b (c) + d")


@test("settings: days in any order, none at all, and what is refused")
def settings():
    site = site_with(notice_days="1,30 7")
    put(site.client(), "five.example", ends_in(days=5))
    poll(lambda: notices(site), [("five.example", "7")])
    site = site_with(notice_days='""')
    client = site.client()
    put(client, "five.example", ends_in(days=5))
    equal(client.call("status")["expiry"], {"days": 0, "valid": 1 + len(lib.ROLES), "soon": 0, "expired": 0})
    for key, value in (("notice_days", "30 soon"), ("notice_days", "-1"), ("notice_days", "4000"),
                       ("notice_command", "hook"), ("notice_timeout", "0")):
        site = Site({"certificates." + key: value})
        status, _, err = lib.ringlockd("--site", site.dir, "--check-config")
        equal(status, 2)
        contains(err, key, "E-CONFIG")


@test("the settings are read again on SIGHUP")
def reread():
    site = site_with(notice_days="1")
    put(site.client(), "five.example", ends_in(days=5))
    site.conf({"certificates.notice_days": "10", "certificates.notice_command": site.path("hook")})
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: notices(site), [("five.example", "10")])


@test("report expiring: by days, in parts, with the phones that depend on it")
def report():
    site = site_with(hook=None)
    client, cli = site.client(), on(site)
    equal(done(cli("report", "expiring")).out, "No certificate on file ends within that time.\n")
    equal(done(cli("report", "expiring", "--json")).json(), [])
    client.call("object.add", kind="phone", values={"name": "SEP1", "type": "Cisco 8841"})
    put(client, "five.example", ends_in(days=5, hours=1), device="SEP1")
    put(client, "fifty.example", ends_in(days=50, hours=1))
    put(client, "gone.example", ends_in(seconds=2))
    poll(lambda: client.call("status")["expiry"]["expired"], 1)
    equal(client.call("status")["expiry"], {"days": 30, "valid": 1 + len(lib.ROLES), "soon": 1, "expired": 1})
    rows = done(cli("report", "expiring", "--json")).json()
    equal([(r["name"], r["state"], r["days_left"], r["phones"]) for r in rows],
          [("gone.example", "expired", -1, 0), ("SEP1", "valid", 5, 1)])
    equal([r["name"] for r in done(cli("report", "expiring", "--days", "51", "--csv")).csv()],
          ["gone.example", "SEP1", "fifty.example"])
    equal([r["name"] for r in done(cli("report", "expiring", "--days", "0", "--csv")).csv()], ["gone.example"])
    contains(done(cli("report", "expiring")).out, "SEP1", "gone.example", "expired")

    def ends_before(moment):
        told = done(cli("cert", "list", "--sort", "not_after", "--csv", "--filter", "not-after before " + moment)).csv()
        return [r["name"] for r in told]
    equal([ends_before("1d"), ends_before("6d"), ends_before("51d")],
          [["gone.example"], ["gone.example", "SEP1"], ["gone.example", "SEP1", "fifty.example"]])
    equal((ends_before("1999-12-31"), ends_before("9999-12-31")[0]), ([], "gone.example"))
    first = client.call("cert.expiring", days=60, limit=2)
    equal((len(first["rows"]), first["more"]), (2, True))
    last = first["rows"][-1]
    rest = client.call("cert.expiring", days=60, limit=2, after={"value": last["not_after"], "key": last["name"]})
    equal(([r["name"] for r in rest["rows"]], rest["more"]), (["fifty.example"], False))
    refused(cli("report", "expiring", "--days", "soon"), "E-USAGE", 2)
    fails("E-VALUE", client.call, "cert.expiring", days=-1)


lib.run()
