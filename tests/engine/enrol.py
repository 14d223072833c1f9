"""Phones for tests of CAPF and TVS: connections through the real ports, messages by hand, recorded sessions."""
import os, socket, ssl, struct, warnings

from lib import ROOT, poll

warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.0 is what this is about
VECTORS = os.path.join(ROOT, "tests", "vectors")
BOTH = {"enrol.listen_capf": "127.0.0.1:0", "enrol.listen_tvs": "127.0.0.1:0"}


def status(client):
    return client.call("status")["enrol"]


def port(client, service):
    return int(poll(lambda: status(client)[service]).rsplit(":", 1)[1])


def context(version=None, ciphers=None):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    if version:
        c.minimum_version = c.maximum_version = version
    if ciphers:
        c.set_ciphers(ciphers)
    return c


class Phone:
    """A TLS connection to a port of this machine."""

    def __init__(self, to, tls=None, patience=60):
        self.raw = socket.create_connection(("127.0.0.1", to), patience)
        self.tls = (tls or context()).wrap_socket(self.raw)

    def send(self, data):
        self.tls.sendall(data)
        return self

    def record(self):
        """What one TLS record brings; b"" at the end."""
        try:
            return self.tls.recv(65536)
        except (ConnectionError, ssl.SSLEOFError):
            return b""

    def end(self):
        """True when the other side closes without another word."""
        return self.record() == b""

    def close(self):
        self.tls.close()


def elements(body):
    """[(tag, value)] in their order."""
    found = []
    while body:
        tag, n = struct.unpack(">BH", body[:3])
        found.append((tag, body[3:3 + n]))
        body = body[3 + n:]
    return found


def element(tag, value):
    return struct.pack(">BH", tag, len(value)) + value


# ---- CAPF ----

AUTH_REQUEST, AUTH_RESPONSE, END_SESSION, IN_PROGRESS = 1, 2, 15, 17


def capf(command, session, *parts):
    body = b"".join(element(tag, value) for tag, value in parts)
    return struct.pack(">BBIH", 0x55, command, session, len(body)) + body


def capf_read(record):
    """(command, session, elements) of one message in one record."""
    proto, command, session, n = struct.unpack(">BBIH", record[:8])
    assert proto == 0x55 and n == len(record) - 8, record
    return command, session, elements(record[8:])


def answer(session, name=b"SEP001122334455", version=3, *more):
    return capf(AUTH_RESPONSE, session, (1, b"\1"), (7, bytes([version])), (13, name + b"\0"), *more)


# ---- TVS ----

def verify(der, session=1001, device=b"CP-8861-SEP001122334455"):
    body = element(1, b"\1" + device) + element(2, der)
    return struct.pack(">BBBBIH", 0x57, 1, 1, 0, session, len(body)) + body


def query(subject, issuer, serial, session=1001, tags=(3, 4, 5)):
    body = element(1, b"\1CP-8861-SEP001122334455") + element(tags[0], subject.encode() + b"\0") + \
        element(tags[1], issuer.encode() + b"\0") + element(tags[2], serial)
    return struct.pack(">BBBBIH", 0x57, 1, 3, 0, session, len(body)) + body


def tvs_read(record):
    """(command, session, elements)"""
    proto, version, command, reserved, session, n = struct.unpack(">BBBBIH", record[:10])
    assert (proto, version, reserved) == (0x57, 1, 0) and n == len(record) - 10, record
    return command, session, elements(record[10:])


def recorded(name):
    """[("C" or "S", message)] of a recorded session."""
    with open(os.path.join(VECTORS, name)) as f:
        return [(line[0], bytes.fromhex(line[3:])) for line in f if line[:3] in ("C: ", "S: ")]
