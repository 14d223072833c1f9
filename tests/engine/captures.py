"""Recordings sent to the engine's real ports, and what it then says of their calls.

Order is kept on one socket, so a made-up log event sent after a recording's packets tells, when the engine
shows it, that all of them were taken: nothing here waits for time to pass.
"""
import json, os, socket, struct

import lib
from lib import Site, equal, hep_address, poll, recording

KEY = "labkey"
ROOT = lib.ROOT
FOLDERS = [os.path.join(ROOT, "data", "captures"), os.path.join(ROOT, "tests", "captures")]
WORDS = {"encrypted": "lock", "authenticated": "shield", "nonsecure": "unlock"}


def recordings():
    """(path, checkpoints) of every recording."""
    for folder in FOLDERS:
        with open(os.path.join(folder, "expected.json")) as f:
            for name, checkpoints in sorted(json.load(f).items()):
                yield os.path.join(folder, name), checkpoints


def chunk(kind, data):
    return struct.pack(">HHH", 0, kind, 6 + len(data)) + data


def log_packet(event, call_id, key=KEY):
    """A HEPv3 packet with a log event, as the SIP server sends it."""
    body = (chunk(1, b"\x02") + chunk(2, b"\x11") + chunk(3, b"\x7f\0\0\1") + chunk(4, b"\x7f\0\0\1") +
            chunk(8, struct.pack(">H", 9060)) + chunk(7, struct.pack(">H", 5060)) +
            chunk(9, struct.pack(">I", 1795410698)) + chunk(10, struct.pack(">I", 0)) +
            chunk(11, b"\x64") + chunk(12, struct.pack(">I", 2001)) + chunk(0x11, call_id.encode()) +
            chunk(0x0e, key.encode()) + chunk(0x0f, json.dumps(event).encode()))
    return b"HEP3" + struct.pack(">H", 6 + len(body)) + body


class Feed:
    """A sender to one engine, over UDP or TCP."""

    def __init__(self, client, kind):
        self.client, self.marks = client, 0
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
        self.sock.connect(hep_address(client, kind))

    def send(self, packets):
        for p in packets:
            self.sock.sendall(p)

    def settle(self):
        """Wait until everything sent so far was taken."""
        self.marks += 1
        device = "MARK%d" % self.marks
        self.send([log_packet({"v": 1, "ev": "deny", "why": "marker", "m": "REGISTER", "st": "", "dev": device,
                               "proto": "udp", "src": "127.0.0.1:1", "con": "1"}, device)])
        poll(lambda: self.client.call("event.list", device=device, limit=1)["rows"])

    def close(self):
        self.sock.close()


def state(call):
    if call["state"] in ("ended", "ringing"):
        return call["state"]
    return WORDS[call["security"]]


def states(client, ids):
    """What the engine says of the calls with these SIP Call-IDs; None where it knows none."""
    calls = client.call("call.list", all=True)["rows"]
    return {i: next((state(c) for c in calls if i in c["sip_call_ids"]), None) for i in ids}


def lab():
    """A site with the lab's devices; its engine is not running."""
    site = Site({"hep.key": KEY}).start()
    lib.lab_devices(site.client())
    site.stop()
    return site


def replay(site, kind, path, checkpoints):
    """Send one recording to a fresh engine and hold it to its checkpoints."""
    client = site.start().client()
    feed = Feed(client, kind)
    packets, sent = recording(path), 0
    for point in checkpoints:
        for last in (point["after"], point.get("until")):
            if last is None:
                continue
            feed.send(packets[sent:last + 1])
            sent = last + 1
            feed.settle()
            try:
                equal(states(client, point["calls"]), point["calls"])
            except AssertionError as e:
                raise AssertionError("%s #%d: %s" % (os.path.basename(path), last, e))
    feed.send(packets[sent:])
    feed.settle()
    feed.close()
    client.close()
    site.stop()


def all_recordings(kind):
    """One test for each recording; one site for all of them."""
    shared = []

    def one(path, checkpoints):
        if not shared:
            shared.append(lab())
            lib.sites.clear()  # it stays for the next test
        lib.sites.append(shared[0])
        try:
            replay(shared[0], kind, path, checkpoints)
        finally:
            if lib.sites and shared[0].engine is None:
                lib.sites.clear()
            else:
                shared.clear()

    for path, checkpoints in recordings():
        lib.test("%s over %s" % (os.path.basename(path), kind.upper()))(
            lambda path=path, checkpoints=checkpoints: one(path, checkpoints))
    lib.at_end.append(lambda: [s.remove() for s in shared])
