"""The enrol process: who gets through to CAPF and TVS, and that nobody holds up others."""
import hashlib, os, re, signal, socket, ssl, threading

import lib
from enrol import (AUTH_REQUEST, BOTH, END_SESSION, IN_PROGRESS, Phone, answer, capf, capf_read, context, elements, port,
                   status, tvs_read, verify)
from lib import Site, contains, equal, poll, test

ACCEPT = ["W-CERT-IMPACT"]
OLD = "AES128-SHA:AES256-SHA:@SECLEVEL=0"
DER = b"0\x03\x02\x01\x01"  # nobody's certificate


def begin(more=None):
    client = Site(dict(BOTH, **(more or {}))).start().client()
    return client, port(client, "capf"), port(client, "tvs")


def ended(phone, reason=7):
    command, _, parts = capf_read(phone.record())
    equal((command, parts), (END_SESSION, [(1, bytes([reason]))]))
    assert phone.end()


def greeted(to, tls=None):
    phone = Phone(to, tls)
    command, session, parts = capf_read(phone.record())
    equal((command, parts), (AUTH_REQUEST, [(7, b"\3"), (8, b"\0")]))
    return phone, session


@test("in a new site both services are off, and nothing runs")
def off():
    client = Site().start().client()
    s = status(client)
    equal((s["running"], s["capf"], s["tvs"]), (False, "off", "off"))


@test("TLS 1.3 and 1.2 are spoken; older ones, and RSA key exchange, only when the configuration says so")
def versions():
    client, capf_port, tvs_port = begin()
    site = lib.sites[-1]
    new = [(ssl.TLSVersion.TLSv1_3, None), (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256"),
           (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES256-GCM-SHA384")]
    old = [(ssl.TLSVersion.TLSv1, OLD), (ssl.TLSVersion.TLSv1_1, OLD), (ssl.TLSVersion.TLSv1_2, OLD)]
    for to in (capf_port, tvs_port):
        for v in new:
            Phone(to, context(*v)).close()
        for v in old:
            try:
                Phone(to, context(*v))
            except (ssl.SSLError, ConnectionError):
                continue
            raise AssertionError("%s was spoken" % (v,))
    site.conf(dict(BOTH, **{"enrol.old_tls": "yes"}))
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: "was read again" in site.log())
    for to in (capf_port, tvs_port):
        for v in new + old:
            Phone(to, context(*v)).close()
    s = status(client)
    equal(s["keys"]["refused"], 0)
    assert s["keys"]["decryptions"] >= 6 and s["keys"]["signatures"] >= 12, s


@test("CAPF speaks first, one message in one record; each session has a number of its own, after restarts too")
def greeting():
    client, to, _ = begin()
    site = lib.sites[-1]
    seen = set()
    for _ in range(3):
        for _ in range(3):
            phone, session = greeted(to)
            assert session not in seen, session
            seen.add(session)
            phone.close()
        site.stop(signal.SIGKILL)
        client = site.start().client()
        to = port(client, "capf")


@test("wrong bytes end a CAPF session with END_SESSION 7")
def wrong():
    client, to, _ = begin()
    good = answer(1)
    for bad in (b"\x57" + good[1:], good[:2] + b"\0\0\0\0" + good[6:], answer(1, version=4), answer(1, version=0),
                b"\x55\x02" + good[2:6] + b"\xff\xff", answer(1, name=b"A" * 300), capf(4, 1, (9, b"key")),
                capf(2, 1, (1, b"\1"), (7, b"\3")), b"GET / HTTP/1.1\r\n\r\n", os.urandom(64).replace(b"\x55", b"\0")):
        phone, session = greeted(to)
        if bad[:1] == b"\x55" and bad[2:6] != b"\0\0\0\0":
            bad = bad[:2] + session.to_bytes(4, "big") + bad[6:]
        phone.send(bad)
        ended(phone)
    poll(lambda: status(client)["ends"]["wrong"], 10)


@test("a message may come in pieces, and a phone at work may say so as often as it likes")
def pieces():
    client, to, _ = begin()
    phone, session = greeted(to)
    for byte in capf(IN_PROGRESS, session) * 3 + answer(session, version=9):
        phone.send(bytes([byte]))
    ended(phone)


@test("who is slow is told so and dropped: in the handshake, before an answer, in the middle of one")
def slow():
    client, to, tvs = begin({"enrol.handshake": "1s", "enrol.message": "1s"})
    mute = [socket.create_connection(("127.0.0.1", p), 60) for p in (to, tvs)]
    half = socket.create_connection(("127.0.0.1", to), 60)
    half.sendall(b"\x16\x03\x01\x02\x00\x01")
    silent, _ = greeted(to)
    partial, session = greeted(to)
    partial.send(answer(session)[:9])
    asks_nothing = Phone(tvs)
    ended(silent)
    ended(partial)
    assert asks_nothing.end()
    for s in mute + [half]:
        s.settimeout(60)
        equal(s.recv(100), b"")
    s = poll(lambda: (lambda s: s["ends"]["slow"] == 3 and s["ends"]["handshake_slow"] == 3 and s)(status(client)))
    poll(lambda: status(client)["connections"]["open"] == 0)


@test("no TLS gets an alert and a close")
def no_tls():
    client, to, _ = begin()
    for what in (b"\x55\x01\0\0\0\1\0\0", b"GET / HTTP/1.0\r\n\r\n", b"\0" * 600):
        s = socket.create_connection(("127.0.0.1", to), 60)
        s.sendall(what)
        try:
            while s.recv(4096):
                pass
        except ConnectionError:
            pass
    assert poll(lambda: status(client)["ends"]["handshake_failed"] == 3)


@test("more than a phone has to say is too much")
def too_much():
    client, to, _ = begin()
    phone, session = greeted(to)
    try:
        for _ in range(200):
            phone.send(capf(IN_PROGRESS, session) * 1024)
    except (ConnectionError, ssl.SSLError):
        pass
    poll(lambda: status(client)["ends"]["wrong"], 1)


@test("limits hold: in all, and from one address")
def limits():
    client, to, tvs = begin({"enrol.connections": "12", "enrol.per_address": "10"})
    phones = [greeted(to)[0] for _ in range(10)]
    try:
        Phone(tvs)
        raise AssertionError("one too many was served")
    except (ConnectionError, ssl.SSLError, OSError):
        pass
    poll(lambda: status(client)["refused"]["address"] == 1)
    phones.pop().close()
    poll(lambda: status(client)["connections"]["open"] == 9)
    Phone(tvs).close()


@test("a thousand at once are served, beside hundreds that never begin TLS")
def thousand():
    client, to, tvs = begin({"enrol.per_address": "3000"})
    mute = [socket.create_connection(("127.0.0.1", p), 60) for p in (to, tvs) * 150]
    waiting = [socket.create_connection(("127.0.0.1", p), 60) for p in (to, tvs) * 500]
    tls = context()
    phones = []

    def shake(share):
        for raw in share:
            phones.append(tls.wrap_socket(raw))

    threads = [threading.Thread(target=shake, args=(waiting[i::8],)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal(len(phones), 1000)
    poll(lambda: status(client)["connections"]["open"] == 1300)
    for p in phones:
        if p.getpeername()[1] == to:
            equal(capf_read(p.recv(100))[0], AUTH_REQUEST)
        else:
            p.sendall(verify(DER))
            equal(tvs_read(p.recv(100))[2], [(7, b"\1")])
    for s in mute + phones:
        s.close()
    poll(lambda: status(client)["connections"]["open"] == 0)


@test("killed, enrol comes back at the same ports; who connected meanwhile is served")
def killed():
    client, to, tvs = begin()
    for kills in range(1, 4):
        old = poll(lambda: status(client)["pid"])
        os.kill(old, signal.SIGSTOP)
        raw = socket.create_connection(("127.0.0.1", tvs), 60)
        os.kill(old, signal.SIGKILL)
        p = context().wrap_socket(raw)
        p.sendall(verify(DER))
        equal(tvs_read(p.recv(100))[2], [(7, b"\1")])
        s = status(client)
        equal((s["restarts"], port(client, "capf"), port(client, "tvs")), (kills, to, tvs))


@test("ports open, move and close with the configuration, and running sessions outlive other changes")
def reload():
    site = Site().start()
    client = site.client()

    def reads(conf):
        n = site.log().count("was read again")
        site.conf(conf)
        site.engine.send_signal(signal.SIGHUP)
        poll(lambda: site.log().count("was read again") > n)

    reads(BOTH)
    poll(lambda: status(client)["running"])
    to = port(client, "capf")
    phone, session = greeted(to)
    reads(dict(BOTH, **{"enrol.message": "40s"}))
    phone.send(answer(session, version=9))
    ended(phone)
    reads({"enrol.listen_tvs": "127.0.0.1:0"})
    s = poll(lambda: (lambda s: s["running"] and s)(status(client)))
    equal(s["capf"], "off")
    reads({})
    poll(lambda: not status(client)["running"])


@test("a new certificate is shown at once, and sessions under way go on")
def renewed():
    client, to, _ = begin()
    shown = lambda: hashlib.sha256(Phone(to).tls.getpeercert(True)).hexdigest()
    old = shown()
    phone, session = greeted(to)
    client.call("cert.regenerate", role="CAPF", now=True, accept=ACCEPT)
    poll(lambda: shown() != old)
    equal(shown(), client.call("object.show", kind="cert", name="CAPF")["fingerprint"])
    phone.send(answer(session, version=9))
    ended(phone)
    equal(status(client)["keys"]["refused"], 0)


@test("enrol has no key, no file and no way to one")
def bare():
    client, to, tvs = begin()
    site = lib.sites[-1]
    Phone(tvs).close()
    pid = status(client)["pid"]
    links = {fd: os.readlink("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid)}
    files = [l for l in links.values() if l.startswith("/") and l != "/dev/null" and l != site.log_path]
    equal(files, [])
    with open("/proc/%d/status" % pid) as f:
        text = f.read()
    if not os.environ.get("ASAN_OPTIONS"):
        equal(re.search(r"Seccomp:\t(\d)", text).group(1), "2")
    equal(re.search(r"NoNewPrivs:\t(\d)", text).group(1), "1")
    for name in os.listdir(site.path("keys")):
        if name.endswith(".key"):
            holds(pid, site.path("keys", name), False)
            holds(site.engine.pid, site.path("keys", name), True)


def primes(path):
    out = lib.subprocess.run(["openssl", "rsa", "-in", path, "-noout", "-text"], capture_output=True, text=True)
    found = re.search(r"prime1:\n((?:    [0-9a-f:]+\n)+)", out.stdout)
    return bytes.fromhex(re.sub(r"[^0-9a-f]", "", found.group(1))).lstrip(b"\0") if found else None


def holds(pid, path, wanted):
    """Is a prime of the key in the memory of the process, in either byte order?"""
    prime = primes(path)
    if prime is None:  # EC
        return
    found = False
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            if " rw-p " in line:
                start, end = (int(x, 16) for x in line.split()[0].split("-"))
                if end - start > 1 << 30:  # the sanitizers' own
                    continue
                try:
                    memory.seek(start)
                    part = memory.read(end - start)
                except (OSError, ValueError, OverflowError):
                    continue
                found = found or prime[:64] in part or prime[::-1][:64] in part
    equal((path, found), (path, wanted))


lib.run()
