"""The commands of the trust lists: status, update, show and verify of what is published, holders, seen."""
import os, sqlite3

import certs
import cli
import lib
import phone
from lib import Site, contains, equal, test

PHONES = ["SEP00112233445%d" % i for i in range(4)]


def mixed_site():
    site = Site().start()
    client = site.client()
    model = lib.trusted_type(client)
    for name in PHONES:
        client.call("object.add", kind="phone", accept=lib.ACCEPT, values={"name": name, "type": model, "protocol": "SIP"})
    run = cli.on(site)
    contains(cli.done(run("cluster", "mode", "mixed")).out, "CTL file version 1 is published")
    return site, client, run


def states(run):
    return {r["list"]: (r["state"], r["version"]) for r in cli.done(run("ctl", "status", "--csv")).csv()}


@test("in nonsecure mode ctl update says that there is no CTL, and offers mixed mode (R15)")
def nonsecure():
    site = Site().start()
    run = cli.on(site)
    contains(cli.refused(run("ctl", "update"), "E-CTL-NONE").err, "ringlock cluster mode mixed")
    cli.refused(run("ctl", "show"), "E-CTL-NONE")
    cli.refused(run("ctl", "verify"), "E-CTL-NONE")
    equal(states(run), {"CTL": ("not published", ""), "ITL": ("not published", "")})


@test("status, update, show and verify of what is published")
def published():
    site, client, run = mixed_site()
    equal(states(run)["CTL"], ("published", "1"))
    contains(cli.done(run("ctl", "update")).out, "CTL version 2 is published, with 4 records.", "ringlock ctl holders")
    equal(cli.done(run("ctl", "update", "--json")).json()["lists"][0]["version"], 3)
    shown = cli.done(run("ctl", "show"))
    contains(shown.out, "CTLFile.tlv", "yes, a certificate of this site")
    equal([r["role"] for r in cli.done(run("ctl", "show", "--csv")).csv()], ["SAST", "CCM", "TFTP", "CAPF"])
    equal(cli.done(run("ctl", "show", "--number", "1", "--json")).json()["list_version"], 1)
    equal(cli.done(run("ctl", "verify", "--json")).json()["verdict"], "accept")
    path = site.path("tftp", "CTLFile.tlv")
    contains(cli.done(run("ctl", "verify", path)).out, "yes, a certificate of this site")
    cli.refused(run("ctl", "show", "--list", "itl"), "E-CTL-NONE")
    cli.refused(run("ctl", "show", "--list", "x"), "E-USAGE", status=2)
    cli.refused(run("ctl", "show", "--number", "0"), "E-USAGE", status=2)
    contains(cli.done(run("status")).out, "version 3 of ")
    contains(cli.done(run("status", "--prometheus")).out, 'ringlock_trust_list_version{list="ctl"} 3',
             'ringlock_trust_list_stale{list="ctl"} 0')


@test("who has which list is noted by name and by the logs of servers")
def seen():
    site, client, run = mixed_site()
    holders = lambda *args: [(r["phone"], r["version"]) for r in cli.done(run("ctl", "holders", "--csv", *args)).csv()]
    equal(holders(), [(name, "") for name in PHONES])
    cli.done(run("ctl", "seen", PHONES[0], PHONES[1]))
    cli.done(run("ctl", "update"))
    equal(holders("--older"), [(PHONES[0], "1"), (PHONES[1], "1")])
    equal(holders("--limit", "3"), [(PHONES[0], "1"), (PHONES[1], "1"), (PHONES[2], "")])
    log = site.path("..", "web.log")
    with open(log, "w") as f:
        f.write('10.0.0.1 - - [01/Jan/2036:00:00:00 +0000] "GET /CTL%s.tlv HTTP/1.1" 200 9\n' % PHONES[0])
        f.write('10.0.0.2 - - [01/Jan/2036:00:00:00 +0000] "GET /CTL%s.tlv HTTP/1.1" 404 9\n' % PHONES[1])
        f.write("nonsense\n")
        f.write("2036-01-01T00:00:00Z pbx in.tftpd[1]: RRQ from ::1 filename CTLSEP999999999999.tlv\n")
    told = cli.done(run("ctl", "seen", "--from", log, "--json")).json()
    equal(told, {"seen": 1, "ignored": 0, "not_here": 1, "unknown": ["SEP999999999999"], "lines": 4})
    equal(holders("--older"), [(PHONES[1], "1")])
    line = "2036-01-01T00:00:00Z CTL%s.tlv\n" % PHONES[1]
    contains(cli.done(run("ctl", "seen", "--from", "-", stdin=line * 4500)).out, "4500 times")
    equal(holders("--older"), [])
    contains(cli.done(run("ctl", "holders", "--older")).out, "none")
    cli.refused(run("ctl", "seen"), "E-USAGE", status=2)
    cli.refused(run("ctl", "seen", PHONES[0], "--from", log), "E-USAGE", status=2)
    cli.refused(run("ctl", "seen", "--from", log + "x"), "E-IO", status=5)
    cli.refused(run("ctl", "seen", "SEP9"), "E-NOT-FOUND")
    cli.refused(run("ctl", "seen", b"SEP\xff"), "E-VALUE")


@test("a site from a backup has its lists, and the names of its phones, again")
def restored():
    site, client, run = mixed_site()
    link = lambda: os.path.islink(site.path("tftp", "CTL%s.tlv" % PHONES[3]))
    lib.poll(link)
    path, secret, to = (os.path.join(site.base, name) for name in ("backup", "passphrase", "restored"))
    with open(secret, "w") as f:
        f.write("correct horse battery\n")
    cli.done(run("backup", path, "--passphrase-file", secret))
    before = phone.Directory(site.path("tftp")).get("CTLFile.tlv")
    site.stop()
    cli.done(cli.run("restore", path, "--site", to, "--passphrase-file", secret))
    equal(os.listdir(os.path.join(to, "tftp")), ["CTLFile.tlv"])
    site.dir = to
    site.start()
    lib.poll(link)
    equal(phone.Directory(site.path("tftp")).get("CTLFile.tlv"), before)
    equal(states(cli.on(site))["CTL"], ("published", "1"))


@test("mixed mode is refused as a whole where no valid CTL can be made")
def expired():
    site = Site().start()
    site.stop()
    old = certs.Maker().cert(cn="ITLRecovery", bits=2048, begins="2020-01-01 00:00:00", ends="2021-01-01 00:00:00")
    with sqlite3.connect(site.path("site.db")) as db:
        file, = db.execute("SELECT key_file FROM own WHERE role = 'ITLRecovery' AND state = 'active'").fetchone()
        db.execute("UPDATE own SET der = ?, fingerprint = ? WHERE role = 'ITLRecovery'", (old.der, old.fingerprint))
    with open(old.key) as f, open(site.path("keys", file), "w") as to:
        to.write(f.read())
    site.start()
    run = cli.on(site)
    contains(cli.refused(run("cluster", "mode", "mixed"), "E-CTL-SIGNER").err, "ITLRecovery", "2021-01-01")
    contains(cli.done(run("cluster", "mode")).out, "nonsecure")
    equal(os.listdir(site.path("tftp")), [])
    equal(cli.done(run("audit", "list", "--json", "--limit", "1")).json()[0]["what"] in ("cluster.mode", "ctl.update"), False)


lib.run()
