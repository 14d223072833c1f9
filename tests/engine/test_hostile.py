"""Hostile and broken clients against the ports of CAPF and TVS: each loses its own connection, gets no more than
the sheets allow, and holds up nobody. The clients are written from the sheets (hostile.py, phone_capf.py)."""
import json, socket, ssl, time

import hostile
import lib
from lib import Site, equal, poll, test
from phone_capf import AUTH_REQUEST, END_SESSION, REASON, TVS_STATUS, CapfClient, Message, Tls, TvsClient, TvsMessage

CONF = {"enrol.listen_capf": "127.0.0.1:0", "enrol.listen_tvs": "127.0.0.1:0"}


def address(client, service):
    host, port = client.call("status")["enrol"][service].rsplit(":", 1)
    return host, int(port)


class Target:
    """A site with both services, and how to see that it is none the worse."""

    def __init__(self, **conf):
        self.site = Site(dict(CONF, **conf)).start()
        self.client = self.site.client()
        poll(lambda: self.client.call("status")["enrol"]["running"])
        self.capf, self.tvs = address(self.client, "capf"), address(self.client, "tvs")
        self.pid = self.client.call("status")["enrol"]["pid"]

    def serves(self):
        """A decent phone gets its answer from both, from the same process as before."""
        equal(CapfClient(self.capf, "SEPDEADBEEF0000").run().reason, hostile.UNKNOWN)
        with TvsClient(self.tvs) as tvs:
            equal(tvs.verify(tvs.server).status, 0)
        equal(self.client.call("status")["enrol"]["pid"], self.pid)


@test("what is no TLS is closed, and others are served meanwhile")
def no_tls():
    target = Target()
    held = []
    for where in (target.capf, target.tvs):
        for name, data in hostile.BEFORE_TLS.items():
            for part in (data, data[:1]):
                s = socket.create_connection(where, timeout=lib.PATIENCE)
                held.append(s)
                try:
                    s.sendall(part)
                except OSError:
                    pass
        held.append(socket.create_connection(where))
    target.serves()
    for s in held:
        s.close()
    target.serves()


def end_of(tls):
    """The reason of END_SESSION; None: closed without."""
    try:
        message = tls.receive()
    except (OSError, ssl.SSLError):
        return None
    if message is None:
        return None
    equal(message.command, END_SESSION)
    return message.get(REASON)[0]


@test("each wrong message of a CAPF client has the end that it deserves")
def capf():
    target = Target(**{"enrol.message": "2s"})
    wrong = []
    for name, (say, right) in hostile.CAPF.items():
        with Tls(target.capf, Message) as tls:
            first = tls.receive()
            equal(first.command, AUTH_REQUEST)
            try:
                tls.raw(say(first.session))
            except OSError:
                pass
            got = end_of(tls)
            if got not in right:
                wrong.append((name, got))
    equal(wrong, [])
    target.serves()


@test("a message in pieces of one byte is read as one")
def pieces():
    target = Target()
    with Tls(target.capf, Message) as tls:
        first = tls.receive()
        for byte in hostile.auth(*hostile.GOOD, session=first.session):
            tls.raw(bytes([byte]))
        equal(end_of(tls), hostile.UNKNOWN)
    target.serves()


@test("each odd question to TVS has an answer that says no more, or a close")
def tvs():
    target = Target(**{"enrol.message": "2s"})
    with TvsClient(target.tvs) as decent:
        der = decent.server.der
    wrong = []
    for name, (say, right) in hostile.TVS.items():
        with Tls(target.tvs, TvsMessage) as tls:
            try:
                tls.raw(say(der))
                message = tls.receive()
            except OSError:
                message = None
            got = message and message.get(TVS_STATUS)[0]
            if got not in right:
                wrong.append((name, got))
    equal(wrong, [])
    target.serves()


@test("nothing that a client said reaches the log or an answer as it came")
def escaped():
    target = Target()
    for name in ("\x1b[2J\x07evil", "a\r\nb", "\u202eevil", "x" * 5000):
        CapfClient(target.capf, name).run()
    told = json.dumps([target.client.call("audit.list", limit=50), target.client.call("status")])
    log = target.site.log()
    for text in ("\x1b", "\x07", "\u202e", "\r"):
        assert text not in log and json.dumps(text)[1:-1] not in told, repr(text)
    assert "x" * 1000 not in log
    target.serves()


@test("a client that goes in the middle of a session is forgotten")
def gone():
    target = Target()
    for _ in range(60):
        with Tls(target.capf, Message) as tls:
            first = tls.receive()
            tls.raw(hostile.auth(*hostile.GOOD, session=first.session)[:11])
    poll(lambda: target.client.call("status")["enrol"]["connections"]["open"], 0)
    target.serves()


lib.run()
