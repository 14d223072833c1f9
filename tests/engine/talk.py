"""Calls for tests: recordings played to an engine as real datagrams, with the certificates of the test in the SIP
server's log events, and with Call-IDs of their own each time."""
import itertools, json, os, struct

from captures import Feed, chunk
from lib import DATA, ROOT, equal, poll, recording

SECURE = os.path.join(DATA, "captures", "01-secure.hep")
ANSWERED, RINGING, ENDED = 17, 12, 22  # the last of its packets before the call is connected, rings, has ended
CALLER, CALLEE = "SEP000000001001", "SEP000000001002"
LOG = 0x64

numbers = itertools.count(1)


def chunks(packet):
    """[(type, data)] of a HEP packet."""
    at, out = 6, []
    while at < len(packet):
        _, kind, n = struct.unpack(">HHH", packet[at:at + 6])
        out.append((kind, packet[at + 6:at + n]))
        at += n
    return out


def pack(parts):
    body = b"".join(chunk(kind, data) for kind, data in parts)
    return b"HEP3" + struct.pack(">H", 6 + len(body)) + body


def is_log(parts):
    return dict(parts)[0x0b] == bytes([LOG])


def shows(cert, verified=False, san=None, **more):
    """What the SIP server tells of a phone that presents this certificate; None: of one that presents none."""
    told = {"fp": cert.pem_fingerprint if cert else "", "verified": "1" if verified else "0", "selfsigned": "0",
            "cn": "", "san": san or ""}
    told.update(more)
    return told


class Talk:
    """Plays one recording again and again: each time a new call of the same phones, on new connections."""

    def __init__(self, client, path=SECURE, rename=None):
        self.client, self.feed, self.rename = client, Feed(client, "udp"), rename or {}
        self.feed.marks = 1000 * next(numbers)  # marks of its own: several play to one engine
        self.packets = [chunks(p) for p in recording(path)]
        self.told, self.sent, self.change = {}, 0, {}

    def tells(self, event):
        """The log event as this play tells it; None: not at all."""
        change = self.told.get(event.get("dev"), {})
        if change is None:
            return None
        connection = "%s%03d" % (event.get("con", ""), self.turn)
        return dict(event, con=connection, **change)

    def written(self, parts):
        """The packet of this play, or None."""
        out = []
        for kind, data in parts:
            if kind in (0x0f, 0x11):
                for call_id in self.ids:
                    data = data.replace(call_id, self.renamed(call_id))
                for old, new in (*self.rename.items(), *self.change.items()):
                    data = data.replace(old.encode(), new.encode())
            if kind == 0x0f and is_log(parts):
                event = self.tells(json.loads(data))
                if event is None:
                    return None
                data = json.dumps(event).encode()
            out.append((kind, data))
        return pack(out)

    def renamed(self, call_id):
        """Of the same length, so that no length within the packet changes."""
        return (b"t%03d" % self.turn + call_id)[:len(call_id)]

    def begin(self, told=None, change=None):
        """A new call. `told`: {device: what the SIP server tells of it, or None for nothing at all}; `change`: texts
        of the messages, replaced by others of the same length."""
        self.turn, self.sent, self.told, self.change = next(numbers), 0, told or {}, change or {}
        self.ids = sorted({line.split(b":", 1)[1].strip() for parts in self.packets
                           for line in dict(parts)[0x0f].split(b"\r\n") if line.lower().startswith(b"call-id:")})
        return self

    def upto(self, last, skip=()):
        """Send on to this packet of the recording."""
        for i in range(self.sent, min(last + 1, len(self.packets))):
            packet = self.written(self.packets[i]) if i not in skip else None
            if packet:
                self.feed.send([packet])
        self.sent = last + 1
        self.feed.settle()
        return self

    def call(self, told=None, last=ANSWERED, change=None, **kw):
        """A new call up to this packet: what the engine says of it."""
        self.begin(told, change).upto(last, **kw)
        return self.seen()

    def seen(self):
        """The newest call of this play, as the engine sees it now."""
        mine = {self.renamed(i).decode() for i in self.ids}
        calls = [c for c in self.client.call("call.list", all=True)["rows"] if mine & set(c["sip_call_ids"])]
        live = [c for c in calls if c["state"] != "ended"]
        return (live or calls)[0]

    def hang_up(self):
        self.upto(len(self.packets) - 1)

    def becomes(self, icon, *codes):
        """Wait until the running call is shown so, for these reasons."""
        poll(lambda: (self.seen()["icon"], reasons(self.seen())), (icon, sorted(codes)))

    def close(self):
        self.feed.close()


def reasons(call, device=None):
    return sorted({r["code"] for r in call["reasons"] if device is None or r["device"] == device})


def is_shown(call, icon, *codes):
    equal((call["icon"], reasons(call)), (icon, sorted(codes)))
