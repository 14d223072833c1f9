"""Calls by commands: recordings are replayed into a real engine, and the answers held to the contract."""
import json, os, re, signal

import lib
from cli import done, on, refused, run, start
from lib import Site, contains, equal, poll, test

CALLS = os.path.join(lib.DATA, "captures")
MEMBERS = ["conference", "criteria", "ended", "icon", "id", "parties", "reasons", "security", "sip_call_ids",
           "started", "state"]
WORDS = {"state": {"ringing", "connected", "held", "ended"},
         "security": {"nonsecure", "authenticated", "encrypted"}, "icon": {"unlock", "shield", "lock"}}
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def capture(name):
    return os.path.join(CALLS, name + ".hep")


def lab():
    site = Site({"hep.key": "labkey"}).start()
    lib.lab_devices(site.client())
    return site, on(site)


def calls(cli, *args):
    return done(cli("call", "list", "--json", *args)).json()


def one_of(value, words):
    assert value in words, "%r is none of %r" % (value, words)


def check_call(call):
    """The contract for scripts, member by member."""
    equal(sorted(call), MEMBERS)
    for name, words in WORDS.items():
        one_of(call[name], words)
    assert call["sip_call_ids"] and all(isinstance(i, str) for i in call["sip_call_ids"])
    assert TIME.match(call["started"]), call["started"]
    assert call["ended"] is None or TIME.match(call["ended"])
    equal(sorted(call["criteria"]), ["media", "signaling", "trusted"])
    assert all(isinstance(v, bool) for v in call["criteria"].values())
    for p in call["parties"]:
        equal(sorted(p), ["device", "media", "number", "signaling", "trusted", "type"])
        one_of(p["trusted"], (True, False, None))
        one_of(p["signaling"], WORDS["security"])
        one_of(p["media"], WORDS["security"] | {"none"})
    for r in call["reasons"]:
        equal(sorted(r), ["code", "device", "party", "remedy", "text"])
        assert r["party"] is None or 0 <= r["party"] < len(call["parties"])
        assert r["code"] and r["text"]


def of(cli, call_id):
    """The call with this SIP Call-ID, once it is known."""
    def find():
        return [c for c in calls(cli, "--all") if call_id in c["sip_call_ids"]]
    return poll(find)[0]


SECURE, MIXED, SHIELD = "6508d59c83c2bf30", "52bb14ed3d869dd6", "61b53145f399faa0"
DOWNGRADE = "2fcf1c92f996fa9c"


@test("replayed calls are listed as the contract says")
def contract():
    site, cli = lab()
    for name in ("01-secure", "02-mixed", "03-tls-rtp"):
        contains(done(cli("hep", "replay", capture(name), "--speed", "max")).out, "datagrams sent")
    for call_id, security, icon in ((SECURE, "encrypted", "lock"), (MIXED, "nonsecure", "unlock"),
                                    (SHIELD, "authenticated", "shield")):
        poll(lambda: of(cli, call_id)["state"], "ended")
        call = of(cli, call_id)
        check_call(call)
        equal((call["security"], call["icon"]), (security, icon))
    equal(calls(cli), [])
    equal(len(calls(cli, "--all")), 3)
    equal(len(calls(cli, "--all", "--limit", "2")), 2)
    rows = done(cli("call", "list", "--all", "--csv")).csv()
    equal(sorted(r["icon"] for r in rows), ["lock", "shield", "unlock"])


@test("a call says which of the three criteria failed, for whom, and what mends it (R53)")
def show():
    site, cli = lab()
    done(cli("hep", "replay", capture("02-mixed"), "--speed", "max"))
    poll(lambda: of(cli, MIXED)["state"], "ended")
    out = done(cli("call", "show", MIXED)).out
    contains(out, "OPEN 1001 -> 200", "All signaling secure", "Party 1", "Party 2", "Its phone shows",
             "Why it is not locked", "Events", "not TLS")
    assert "not-tls" not in out, out
    call = done(cli("call", "show", of(cli, MIXED)["id"], "--json")).json()
    assert call["events"], call
    assert not call["criteria"]["signaling"] and not call["criteria"]["media"]
    for reason in call["reasons"]:
        contains(out, reason["code"], reason["text"], reason["remedy"])
    refused(cli("call", "show", "nonsense"), "E-NOT-FOUND")


@test("replay goes over UDP and TCP, one file after the other or all at once")
def ways():
    for args in (["--tcp"], ["--parallel"], ["--tcp", "--parallel"]):
        site, cli = lab()
        told = done(cli("hep", "replay", capture("01-secure"), capture("03-tls-rtp"), "--speed", "50",
                        "--json", *args)).json()
        equal(told, {"sent": 58, "rounds": 1})
        poll(lambda: sorted(c["icon"] for c in calls(cli, "--all") if c["state"] == "ended"),
             ["lock", "shield"])


@test("watch prints one line for each change, and ends when it is told to")
def watch():
    site, cli = lab()
    p = start("--site", site.dir, "call", "watch", "--json")
    noise = start("--site", site.dir, "hep", "replay", capture("16-nonsecure"), "--loop", "--speed", "20")
    try:
        assert p.stdout.readline(), "watch ended"  # from here on it sees everything
        noise.send_signal(signal.SIGINT)
        equal(noise.wait(lib.PATIENCE), 0)
        seen = []
        done(cli("hep", "replay", capture("06-downgrade"), "--speed", "5", "--tcp"))
        while not seen or seen[-1]["state"] != "ended":
            line = p.stdout.readline()
            assert line, "watch ended: %r" % p.stderr.read()
            call = json.loads(line)
            check_call(call)
            seen += [call] if DOWNGRADE in call["sip_call_ids"] else []
        icons = [c["icon"] for c in seen if c["state"] == "connected"]
        equal([i for i, before in zip(icons, [None] + icons) if i != before], ["lock", "shield", "lock"])
        p.send_signal(signal.SIGTERM)
        equal(p.wait(lib.PATIENCE), 0)
    finally:
        for q in (p, noise):
            q.kill()
            q.communicate()


@test("watch ends when its reader goes away, and when the engine ends")
def watch_ends():
    site, cli = lab()
    p = start("--site", site.dir, "call", "watch", "--json")
    p.stdout.close()
    equal(p.wait(lib.PATIENCE), 0)
    equal(p.stderr.read(), b"")
    p.stderr.close()
    p = start("--socket", site.socket, "call", "watch", "--csv")
    contains(p.stdout.readline().decode(), "id,state,security")
    site.stop()
    equal(p.wait(lib.PATIENCE), 3)
    contains(p.stderr.read().decode(), "E-NO-ENGINE")


@test("a loop makes new calls of the old ones until it is stopped")
def loop():
    site, cli = lab()
    p = start("--site", site.dir, "hep", "replay", capture("01-secure"), "--loop", "--speed", "20")
    try:
        poll(lambda: len(calls(cli, "--all")) >= 3)
        p.send_signal(signal.SIGINT)
        equal(p.wait(lib.PATIENCE), 0)
    finally:
        p.kill()
        p.communicate()
    ids = [i for c in calls(cli, "--all") for i in c["sip_call_ids"]]
    equal(len(ids), len(set(ids)))
    assert all(len(i) == len(SECURE) for i in ids)
    ended = [c for c in calls(cli, "--all") if c["state"] == "ended"]
    assert ended and all(c["icon"] == "lock" for c in ended), ended


@test("a recording is refused whole, by the number of its record")
def bad_recording():
    site, cli = lab()
    path = os.path.join(site.base, "bad.hep")
    with open(capture("01-secure"), "rb") as f:
        data = f.read()
    with open(path, "wb") as f:
        f.write(data[:-3])
    contains(refused(cli("hep", "replay", capture("01-secure"), path, "--speed", "max"), "E-HEP-FILE").err,
             "record 28")
    equal(calls(cli, "--all"), [])  # nothing was sent
    refused(cli("hep", "replay", os.path.join(site.base, "none")), "E-IO", 5)
    refused(cli("hep", "replay", path, "--speed", "0"), "E-USAGE", 2)
    refused(cli("hep", "replay", "-"), "E-USAGE", 2)
    refused(run("hep", "replay", capture("01-secure"), "--to", "nonsense"), "E-USAGE", 2)


@test("refusals of the SIP server are listed and shown at their phone")
def events():
    site, cli = lab()
    done(cli("hep", "replay", capture("10-unauthorized"), "--speed", "max"))
    poll(lambda: len([e for e in done(cli("event", "list", "--json")).json() if e["event"] == "denied"]) >= 9)
    rows = done(cli("event", "list", "--csv")).csv()
    contains(rows[0], "time", "event", "device", "why")
    device = next(r["device"] for r in rows if r["event"] == "denied" and r["device"])
    mine = done(cli("event", "list", "--device", device, "--json")).json()
    equal({e["device"] for e in mine}, {device})
    contains(done(cli("phone", "show", device)).out, "Refusals", "20")


lib.run()
