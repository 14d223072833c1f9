"""Live changes: the first at once, each call's latest state in the end, nobody waits for a slow reader."""
import os, socket

import lib
from captures import FOLDERS, Feed, lab, state, states
from lib import contains, equal, poll, recording, test

MEMBERS = {"id", "sip_call_ids", "state", "security", "icon", "started", "ended", "conference", "parties",
           "criteria", "reasons"}
PARTY = {"number", "device", "type", "trusted", "signaling", "media"}
REASON = {"code", "party", "device", "text", "remedy"}


def packets(name):
    return recording(os.path.join(FOLDERS[0], name))


def follow(client, until):
    """Notifications until `until(call)` holds for a changed call: all changed calls, in order."""
    seen = []
    while True:
        note = client.note("calls")
        seen += note["changed"]
        if any(until(c) for c in note["changed"]):
            return seen


@test("a watched call goes ringing, lock, ended; what is told has the form of the contract")
def life():
    client = lab().start().client()
    watcher = lib.Client(lib.sites[-1].socket)
    equal(watcher.call("call.watch", on=True)["counts"]["live"], 0)
    feed = Feed(client, "udp")
    feed.send(packets("06-downgrade.hep")[:13])
    follow(watcher, lambda c: state(c) == "ringing")
    feed.send(packets("06-downgrade.hep")[13:18])
    calls = follow(watcher, lambda c: state(c) == "lock")
    call = calls[-1]
    assert MEMBERS <= set(call), MEMBERS - set(call)
    equal(len(call["parties"]), 2)
    for p in call["parties"]:
        assert PARTY <= set(p), PARTY - set(p)
    equal(call["criteria"], {"trusted": True, "signaling": True, "media": True})
    equal(call["reasons"], [])
    feed.send(packets("06-downgrade.hep")[18:27])
    call = follow(watcher, lambda c: state(c) == "shield")[-1]
    assert call["reasons"] and not call["criteria"]["media"]
    for r in call["reasons"]:
        assert REASON <= set(r), REASON - set(r)
        assert r["text"] and r["remedy"]
    feed.send(packets("06-downgrade.hep")[27:])
    follow(watcher, lambda c: state(c) == "ended")


@test("a cancelled and a busy call are never told as locked")
def never():
    client = lab().start().client()
    client.call("call.watch")
    feed = Feed(client, "udp")
    for name in ("08-cancel.hep", "09-busy.hep", "19-udp-call-of-encrypted.hep"):
        for p in packets(name):
            feed.send([p])
        for c in follow(client, lambda c: c["state"] == "ended"):
            equal(c["security"], "nonsecure")


@test("a flood of changes becomes few messages, and the last one is true")
def flood():
    client = lab().start().client()
    watcher = lib.Client(lib.sites[-1].socket)
    watcher.call("call.watch", on=True, all=True)
    feed = Feed(client, "udp")
    base = packets("01-secure.hep")
    many = 150
    for i in range(many):
        fresh = b"%016x" % (0xabc0000 + i)
        feed.send(p.replace(b"6508d59c83c2bf30", fresh) for p in base[4:18])
        if i % 10 == 9:
            feed.settle()  # not faster than it is taken
    feed.settle()
    last, notes = {}, 0
    while len(last) < many or any(c["state"] == "ringing" for c in last.values()):
        note = watcher.note("calls")
        notes += 1
        last.update({c["id"]: c for c in note["changed"]})
    now = {c["id"]: c for c in client.call("call.list", all=True)["rows"]}
    equal({i: state(c) for i, c in last.items()}, {i: state(c) for i, c in now.items()})
    assert notes < 14 * many, notes


@test("a reader slower than the changes is told less, not cut off")
def slow():
    client = lab().start().client()
    quick, idle = lib.Client(lib.sites[-1].socket), lib.Client(lib.sites[-1].socket)
    feed = Feed(client, "udp")
    base = packets("01-secure.hep")
    feed.send(base[:4])
    many = 200
    for i in range(many):
        fresh = b"%016x" % (0xabc0000 + i)
        feed.send(p.replace(b"6508d59c83c2bf30", fresh) for p in base[4:18])
        if i % 10 == 9:
            feed.settle()
    quick.call("call.watch", on=True)
    idle.call("call.watch", on=True)
    size = 0
    for i in range(60):  # far more than may wait for one client
        client.call("cluster.mode", mode="nonsecure" if i % 2 else "mixed")
        want, told = "unlock" if i % 2 else "lock", set()
        while len(told) < many and i > 0:
            note = quick.note("calls")
            size += len(str(note))
            told |= {c["id"] for c in note["changed"] if state(c) == want}
    assert size > 9 << 20, size
    notes, last = 0, {}
    while len(last) < many or any(state(c) != "unlock" for c in last.values()):
        note = idle.note("calls")
        notes += 1
        last.update({c["id"]: c for c in note["changed"]})
    assert notes < 20, notes


@test("events come as notifications; call.watch off ends them")
def events():
    client = lab().start().client()
    watcher = lib.Client(lib.sites[-1].socket)
    watcher.call("call.watch", on=True)
    feed = Feed(client, "udp")
    feed.settle()
    equal(watcher.note("event")["device"], "MARK1")
    watcher.call("call.watch", on=False)
    feed.settle()
    watcher.call("status")
    equal([n for n in watcher.notes if n[0] == "event"], [])


@test("calls are listed newest first and in parts; one is found by either id")
def listing():
    client = lab().start().client()
    feed = Feed(client, "udp")
    for name in ("01-secure.hep", "03-tls-rtp.hep", "16-nonsecure.hep"):
        feed.send(packets(name)[:18])
    feed.settle()
    all_calls = client.call("call.list")
    equal(len(all_calls["rows"]), 3)
    equal(all_calls["counts"]["live"], 3)
    serials = [c["serial"] for c in all_calls["rows"]]
    equal(serials, sorted(serials, reverse=True))
    first = client.call("call.list", limit=2)
    assert first["more"]
    rest = client.call("call.list", limit=2, before=first["rows"][-1]["serial"])
    equal(([c["serial"] for c in first["rows"] + rest["rows"]], rest["more"]), (serials, False))
    by_sip = client.call("call.show", id="6508d59c83c2bf30")
    equal(client.call("call.show", id=by_sip["id"])["sip_call_ids"], ["6508d59c83c2bf30"])
    assert by_sip["events"]


@test("a watcher that does not read holds nobody up")
def stalled():
    site = lab().start()
    client, stuck, watcher = site.client(), site.client(), site.client()
    stuck.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.call("call.watch", on=True, all=True)
    watcher.call("call.watch", on=True)
    feed = Feed(client, "udp")
    feed.send(packets("01-secure.hep")[:18])
    follow(watcher, lambda c: state(c) == "lock")
    feed.send(packets("01-secure.hep")[18:])
    follow(watcher, lambda c: state(c) == "ended")


lib.run()
