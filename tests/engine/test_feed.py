"""The feed process: what it refuses, and that its death loses nothing."""
import os, signal, socket, struct

import lib
from captures import FOLDERS, Feed, KEY, lab, log_packet, states
from lib import Site, equal, hep_address, poll, recording, test

SECURE = recording(os.path.join(FOLDERS[0], "01-secure.hep"))
CALL = "6508d59c83c2bf30"


def feed_pid(client):
    return client.call("status")["feed"]["pid"]


@test("killed, feed comes back; known calls are kept and waiting packets are taken")
def killed():
    client = lab().start().client()
    feed = Feed(client, "udp")
    feed.send(SECURE[:18])
    feed.settle()
    equal(states(client, [CALL]), {CALL: "lock"})
    for kills in range(1, 4):
        old = poll(lambda: feed_pid(client))
        os.kill(old, signal.SIGSTOP)  # so that packets wait in the socket
        feed.send([log_packet({"v": 1, "ev": "deny", "why": "waited", "m": "REGISTER", "st": "",
                               "dev": "WAIT%d" % kills, "proto": "udp", "src": "127.0.0.1:2", "con": "1"},
                              "wait%d" % kills)])
        os.kill(old, signal.SIGKILL)
        poll(lambda: feed_pid(client) not in (0, old))
        feed.settle()
        equal(len(client.call("event.list", device="WAIT%d" % kills)["rows"]), 1)
        equal(client.call("status")["feed"]["restarts"], kills)
    equal(states(client, [CALL]), {CALL: "lock"})
    feed.send(SECURE[18:])
    feed.settle()
    equal(states(client, [CALL]), {CALL: "ended"})


@test("the engine killed, feed ends by itself")
def orphan():
    site = lab().start()
    pid = poll(lambda: feed_pid(site.client()))
    site.stop(signal.SIGKILL)
    poll(lambda: not alive(pid))


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


@test("packets with a wrong key or without one are counted and prove nothing")
def wrong_key():
    client = lab().start().client()
    feed = Feed(client, "udp")
    event = {"v": 1, "ev": "deny", "why": "x", "m": "REGISTER", "st": "", "dev": "FORGED", "proto": "udp",
             "src": "127.0.0.1:2", "con": "1"}
    feed.send([log_packet(event, "a", key="wrong"), log_packet(event, "a", key=KEY + "y"),
               log_packet(event, "a", key="")])
    feed.settle()
    equal(client.call("event.list", device="FORGED")["rows"], [])
    poll(lambda: client.call("status")["feed"]["refused"]["key"], 3)


@test("what is no HEPv3 is counted by cause")
def garbage():
    client = lab().start().client()
    feed = Feed(client, "udp")
    bad_sip = SECURE[0].replace(b"SIP/2.0", b"PIS/2.0")
    feed.send([b"", b"x", b"HEP3", b"HEP3\0\xff" + b"y" * 20, b"HEP2" + SECURE[0][4:], SECURE[0][:-1],
               os.urandom(1400), bad_sip])
    feed.settle()
    poll(lambda: client.call("status")["feed"]["refused"]["frame"] >= 6)
    equal(client.call("call.list", all=True)["rows"], [])


@test("a bad TCP connection is closed, others go on; packets may come in pieces")
def tcp():
    client = lab().start().client()
    good, bad = Feed(client, "tcp"), Feed(client, "tcp")
    bad.send([b"GET / HTTP/1.0\r\n\r\n"])
    bad.sock.settimeout(lib.PATIENCE)
    try:
        equal(bad.sock.recv(10), b"")
    except ConnectionError:
        pass
    for packet in SECURE[:18]:
        for i in range(0, len(packet), 97):
            good.send([packet[i:i + 97]])
    good.settle()
    equal(states(client, [CALL]), {CALL: "lock"})


@test("a source that is not listed proves nothing: no lock")
def unlisted():
    site = lab()
    site.conf({"hep.key": KEY, "hep.sources": "192.0.2.1"})
    client = site.start().client()
    feed = Feed(client, "udp")
    feed.send(SECURE[:18])
    poll(lambda: client.call("call.list")["rows"] and states(client, [CALL])[CALL] == "unlock")
    codes = {r["code"] for r in client.call("call.show", id=CALL)["reasons"]}
    assert codes & {"E-SIG-UNLISTED", "E-SIG-NO-FACT"}, codes


@test("in nonsecure mode no call locks; mixed mode judges the calls that are there again (security-model 4.1)")
def cluster():
    client = lab().start().client()
    client.call("cluster.mode", mode="nonsecure")
    feed = Feed(client, "udp")
    feed.send(SECURE[:18])
    feed.settle()
    equal(states(client, [CALL]), {CALL: "unlock"})
    equal([r["code"] for r in client.call("call.show", id=CALL)["reasons"]][0], "E-CLUSTER-NONSECURE")
    client.call("cluster.mode", mode="mixed")
    equal(states(client, [CALL]), {CALL: "lock"})


@test("a changed profile is seen by the calls that are there")
def profile():
    client = lab().start().client()
    feed = Feed(client, "udp")
    feed.send(SECURE[:18])
    feed.settle()
    equal(states(client, [CALL]), {CALL: "lock"})
    client.call("object.set", kind="profile", name="encrypted.lab", accept=lib.ACCEPT,
                values={"mode": "nonsecure", "transport": "tcp+udp"})
    equal(states(client, [CALL]), {CALL: "unlock"})
    show = client.call("call.show", id=CALL)
    reason = next(r for r in show["reasons"] if r["code"] == "E-PROFILE-NONSECURE")
    equal((reason["screen"], reason["object"]), ("phone", "SEP000000001001"))
    assert reason["remedy"] and reason["text"] and show["events"]


@test("SIGHUP with another display policy judges live calls again")
def policy():
    site = lab()
    client = site.start().client()
    path = os.path.join(FOLDERS[1], "video-plain.hep")
    feed = Feed(client, "udp")
    feed.send(recording(path)[:-6])
    poll(lambda: any(c["security"] == "authenticated" for c in client.call("call.list")["rows"]))
    port = client.call("status")["hep"]["udp"]
    site.conf({"hep.key": KEY, "hep.listen_udp": port, "calls.display_policy": "audio-only"})
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: any(c["security"] == "encrypted" for c in client.call("call.list")["rows"]))


@test("registrations and refusals are told: a phone's view shows them (R111)")
def registrations():
    client = lab().start().client()
    feed = Feed(client, "udp")
    feed.send(recording(os.path.join(FOLDERS[0], "10-unauthorized.hep"))[:46])
    feed.settle()
    rows = [e for e in client.call("event.list")["rows"] if e["why"] != "marker"]
    assert not any(e["event"] == "registered" for e in rows), rows
    whys = {e["why"] for e in rows if e["event"] in ("denied", "wrong-password")}
    for why in ("tls-required", "certificate-not-verified", "null-cipher", "san-is-not-profile", "bad-aor"):
        assert why in whys, (why, whys)
    for e in rows:
        assert e["message"] and e["time"] and e["transport"] and e["address"], e
    feed.send(recording(os.path.join(FOLDERS[0], "10-unauthorized.hep"))[46:])
    feed.settle()
    names = {e["device"] for e in client.call("event.list")["rows"] if e["event"] == "registered"}
    equal(names, {"SEP000000001001", "SEP000000001005", "SEP000000002002"})
    phone = client.call("object.show", kind="phone", name="SEP000000002002")
    equal(phone["registration"]["state"], "registered")
    own = [c for c in client.call("status")["certificates"] if (c["roles"], c["key_type"]) == (["CallManager"], "RSA")]
    equal(phone["registration"]["server"], own[0]["fingerprint"])
    assert phone["registration"]["address"] and phone["registration"]["since"]
    assert client.call("object.show", kind="phone", name="SEP000000001001")["denials"]


lib.run()
