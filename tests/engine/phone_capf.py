"""A phone's side of CAPF (port 3804) and TVS (port 2445), from the sheets alone, over Python's own TLS.

Strict where phones are: each message of the server has to come in one TLS record. What it may say wrongly, or
in another order, is the caller's to choose: the tests are also hostile clients.
"""
import socket, ssl, struct

import lib
from phone_x509 import Bad, Certificate, Key, must

# CAPF: elements and commands (capf.md 3, 4)
REASON, CERTIFICATE_TYPE, CERTIFICATE, SIGNED_DATA, VERSION, AUTH_TYPE, PUBLIC_KEY = 1, 3, 4, 6, 7, 8, 9
KEY_SIZE, PASSWORD, DEVICE_NAME, SUDI_DATA, KEY_TYPE, CURVE, SHA2_SIGNED_DATA = 10, 11, 13, 16, 17, 18, 20
AUTH_REQUEST, AUTH_RESPONSE, KEYGEN_REQUEST, KEYGEN_RESPONSE = 1, 2, 3, 4
STORE_REQUEST, STORE_RESPONSE, FETCH_REQUEST, FETCH_RESPONSE = 9, 10, 11, 12
DELETE_REQUEST, DELETE_RESPONSE, END_SESSION, IN_PROGRESS = 13, 14, 15, 17
# TVS: elements and commands (tvs.md 3, 4)
TVS_DEVICE, TVS_CERTIFICATE, TVS_SUBJECT, TVS_ISSUER, TVS_SERIAL, TVS_STATUS, TVS_ROLES, TVS_TTL = 1, 2, 3, 4, 5, 7, 8, 9
VERIFY_REQUEST, VERIFY_RESPONSE, QUERY_REQUEST, QUERY_RESPONSE = 1, 2, 3, 4
RECORD = 1 << 14


def element(tag, value):
    return struct.pack(">BH", tag, len(value)) + value


def split(body):
    out, at = [], 0
    while at < len(body):
        must(at + 3 <= len(body), "an element is cut")
        tag, n = struct.unpack_from(">BH", body, at)
        must(at + 3 + n <= len(body), "an element is longer than its message")
        out.append((tag, body[at + 3:at + 3 + n]))
        at += 3 + n
    return out


class Elements:
    """What both protocols' messages have: (tag, value) in the order of the wire."""

    def get(self, tag, default=None):
        return dict(self.elements).get(tag, default)

    def tags(self):
        return [tag for tag, _ in self.elements]

    def body(self):
        return b"".join(element(*e) for e in self.elements)


class Message(Elements):
    """CAPF: 8 bytes of header, then elements."""
    HEADER = 8

    def __init__(self, command, session, elements=()):
        self.command, self.session, self.elements = command, session, list(elements)

    def bytes(self):
        body = self.body()
        return struct.pack(">BBIH", 0x55, self.command, self.session, len(body)) + body

    @classmethod
    def parse(cls, data):
        must(len(data) >= 8 and data[0] == 0x55, "not CAPF")
        command, session, n = struct.unpack_from(">BIH", data, 1)
        must(len(data) == 8 + n, "%d bytes, not %d", len(data), 8 + n)
        return cls(command, session, split(data[8:]))

    @staticmethod
    def length(data):
        return 8 + struct.unpack_from(">H", data, 6)[0]


class TvsMessage(Elements):
    """TVS: 10 bytes of header, then elements."""
    HEADER = 10

    def __init__(self, command, session, elements=(), reserved=0):
        self.command, self.session, self.elements, self.reserved = command, session, list(elements), reserved

    def bytes(self):
        body = self.body()
        return struct.pack(">BBBBIH", 0x57, 1, self.command, self.reserved, self.session, len(body)) + body

    @classmethod
    def parse(cls, data):
        must(len(data) >= 10 and data[:2] == b"\x57\1", "not TVS")
        command, reserved, session, n = struct.unpack_from(">BBIH", data, 2)
        must(len(data) == 10 + n, "%d bytes, not %d", len(data), 10 + n)
        return cls(command, session, split(data[10:]), reserved)

    @staticmethod
    def length(data):
        return 10 + struct.unpack_from(">H", data, 8)[0]


def wrap(certificate):
    """The wrapper of tag 4 (capf.md 7)."""
    return struct.pack(">BHH", 1, len(certificate) + 2, 1) + certificate


def unwrap(value):
    must(len(value) >= 5 and value[0] == 1 and struct.unpack_from(">H", value, 1)[0] == len(value) - 3 and
         value[3:5] == b"\0\1", "the certificate's wrapper")
    return value[5:]


def sha2(key, data):
    return b"\3" + (lambda s: struct.pack(">H", len(s)) + s)(key.sign_bare(3, data))


def sudi(key, certificate, session):
    data = struct.pack("<I", session) + certificate.der
    return element(0, certificate.der) + element(1, key.sign_bare(1, data)) + element(3, key.sign_bare(3, data))


class Tls:
    """A connection to a service. The server's certificate is taken as it is: judging it is the phone's.
    `old`: as a 7900 does it, TLS 1.0 with RSA key exchange."""

    def __init__(self, address, message, old=False, seconds=lib.PATIENCE, source=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        if old:
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("AES256-SHA:AES128-SHA:@SECLEVEL=0")
        self.message = message
        raw = socket.create_connection(address, timeout=seconds, source_address=source)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock = context.wrap_socket(raw)
        except BaseException:
            raw.close()
            raise
        self.server = Certificate(self.sock.getpeercert(binary_form=True))

    def send(self, message):
        self.raw(message.bytes())

    def raw(self, data):
        self.sock.sendall(data)

    def receive(self):
        """The next message, or None when the server has closed. One read gives one record: no more, no less."""
        try:
            data = self.sock.recv(RECORD)
        except (ssl.SSLEOFError, ConnectionError):
            return None
        if not data:
            return None
        must(len(data) >= self.message.HEADER, "a record of %d bytes", len(data))
        wanted = self.message.length(data)
        while len(data) == RECORD and len(data) < wanted:
            data += self.sock.recv(RECORD)
        must(len(data) == wanted, "a message of %d bytes in a record of %d", wanted, len(data))
        return self.message.parse(data)

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


keys = {}


def new_key(kind, cached=True):
    """A key as the server ordered it: ("rsa", 2048), ("ec", 256). Making them takes long: tests share them."""
    if not cached or kind not in keys:
        made = Key.ec_of(kind[1]) if kind[0] == "ec" else Key.rsa_of(kind[1])
        if not cached:
            return made
        keys[kind] = made
    return keys[kind]


class Outcome:
    """What came of a session: how it ended (None: closed without END_SESSION), and what the phone has now."""

    def __init__(self):
        self.reason, self.operation, self.ordered, self.key, self.certificate = None, None, None, None, None
        self.messages, self.server, self.wire = [], None, []


class CapfClient:
    """One phone in one session. `answer(message)` of a subclass or the options say what it does:
    password None leaves the element out, certificate/key prove with an LSC or MIC, sudi is (certificate, key),
    has is what it gives to a fetch, hook(client, message) sees each message first and may answer itself."""

    def __init__(self, address, device, password="", version=3, certificate=None, key=None, sudi=None, has=None,
                 jabber=False, progress=1, old=False, make=new_key, stored=1, failed=None, hook=None, source=None):
        self.address, self.device, self.version, self.old, self.source = address, device, version, old, source
        self.password, self.certificate, self.key, self.sudi, self.has = password, certificate, key, sudi, has
        self.jabber, self.progress, self.make, self.stored, self.failed = jabber, progress, make, stored, failed
        self.hook = hook

    def auth(self, session):
        """The elements of AUTH_RESPONSE, in capfc's order or Jabber's (capf.md 2)."""
        name = self.device.encode() + b"\0"
        version = (VERSION, bytes([self.version]))
        if self.jabber:
            rows = [version, (DEVICE_NAME, name)]
            rows += [(PASSWORD, self.password.encode() + b"\0")] if self.password else []
            return rows + [(REASON, b"\1")]
        rows = [(REASON, b"\1"), version, (DEVICE_NAME, name)]
        if self.password is not None:
            rows.append((PASSWORD, self.password.encode() + b"\0"))
        if self.certificate:
            data = name + self.certificate.der
            rows += [(CERTIFICATE, wrap(self.certificate.der)), (SIGNED_DATA, self.key.sign_bare(1, data)),
                     (SHA2_SIGNED_DATA, sha2(self.key, data))]
        if self.sudi:
            rows.append((SUDI_DATA, sudi(self.sudi[1], self.sudi[0], session)))
        return sorted(rows)

    def ordered(self, message):
        """The key that a KEY_GENERATE_REQUEST wants; without KEY_TYPE it is RSA."""
        if message.get(KEY_TYPE, b"\0") == b"\1":
            return "ec", {0: 256, 1: 384, 2: 521}[message.get(CURVE)[0]]
        return "rsa", struct.unpack(">H", message.get(KEY_SIZE))[0]

    def run(self):
        out = Outcome()
        with Tls(self.address, Message, self.old, source=self.source) as tls:
            out.server = tls.server
            while out.reason is None:
                message = tls.receive()
                if message is None:
                    break
                out.messages.append(message)
                if self.hook and self.hook(tls, message):
                    continue
                for answer in self.answers(message, out):
                    tls.send(answer)
        return out

    def answers(self, message, out):
        def say(command, *elements):
            return Message(command, message.session, elements)

        if message.command == AUTH_REQUEST:
            return [say(AUTH_RESPONSE, *self.auth(message.session))]
        if message.command == END_SESSION:
            out.reason = message.get(REASON)[0]
            return []
        if message.command == KEYGEN_REQUEST:
            out.operation, out.ordered = "install", self.ordered(message)
            waits = [say(IN_PROGRESS)] * self.progress
            if self.failed:
                return waits + [say(KEYGEN_RESPONSE, (REASON, bytes([self.failed])))]
            out.key = self.make(out.ordered)
            return waits + [say(KEYGEN_RESPONSE, (PUBLIC_KEY, out.key.spki))]
        if message.command == STORE_REQUEST:
            must(message.tags() == [CERTIFICATE_TYPE, CERTIFICATE] and message.get(CERTIFICATE_TYPE) == b"\1",
                 "a certificate to store, but not an LSC")
            out.certificate = Certificate(unwrap(message.get(CERTIFICATE)))
            must(out.certificate.spki == out.key.spki, "certified is another key")
            return [say(STORE_RESPONSE, (REASON, bytes([self.stored])))]
        if message.command == FETCH_REQUEST:
            out.operation = "fetch"
            given = [(REASON, b"\1"), (CERTIFICATE, wrap(self.has.der))] if self.has else [(REASON, b"\7")]
            return [say(FETCH_RESPONSE, *given)]
        must(message.command == DELETE_REQUEST, "command %d of a server", message.command)
        out.operation = "delete"
        return [say(DELETE_RESPONSE, (REASON, b"\1" if self.certificate or self.has else b"\7"))]


def lies(message, fn):
    """A hook that sends something else in answer to one command: fn(session) gives bytes."""
    def hook(tls, got):
        if got.command != message:
            return False
        tls.raw(fn(got.session))
        return True
    return hook


class TvsAnswer:
    def __init__(self, message):
        self.status = message.get(TVS_STATUS)[0]
        self.roles = list(message.get(TVS_ROLES, b""))
        self.ttl = int.from_bytes(message.get(TVS_TTL, b""), "big")
        given = message.get(TVS_CERTIFICATE)
        self.certificate = Certificate(given) if given else None
        self.valid = self.status == 0
        must(self.valid or message.tags() == [TVS_STATUS], "not valid, and yet more is said")


class TvsClient:
    """Asks on one connection, as often as wanted."""

    def __init__(self, address, device="CP-8861-SEP001122334455", old=False, session=1001):
        self.tls, self.device, self.session = Tls(address, TvsMessage, old), b"\1" + device.encode(), session
        self.server = self.tls.server

    def ask(self, command, *elements):
        session, self.session = self.session, self.session + 1
        self.tls.send(TvsMessage(command, session, [(TVS_DEVICE, self.device), *elements]))
        message = self.tls.receive()
        if message is None:
            return None
        must(message.session == session and message.command == command + 1 and message.reserved == 0, "its header")
        return TvsAnswer(message)

    def verify(self, certificate):
        return self.ask(VERIFY_REQUEST, (TVS_CERTIFICATE, certificate.der))

    def query(self, subject, issuer, serial, tags=(TVS_ISSUER, TVS_SERIAL)):
        return self.ask(QUERY_REQUEST, (TVS_SUBJECT, subject.encode() + b"\0"),
                        (tags[0], issuer.encode() + b"\0"), (tags[1], serial))

    def close(self):
        self.tls.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
