"""Who tries to get an LSC from CAPF that is not his, or for a key that is none: each try ends the session with
reason 7, the phone's own operation goes on waiting, and nothing is certified. Written from the sheets."""
import hashlib, os, threading

import certs
import lib
import phone_capf as wire
from lib import Site, equal, poll, test
from phone_capf import CapfClient
from phone_x509 import Certificate, Key

MODEL = "Cisco 8861"
NAME, OTHER = "SEP000000001001", "SEP000000001002"
maker = certs.Maker()
FAILED, DONE = 7, 1


def pair(made):
    """Of certs.Maker: as the phone's tools take it."""
    return Certificate.of_pem(made.pem), Key.of_file(made.key)


class Lab:
    """A site whose CAPF installs LSCs for two phones, by string or by certificate; MICs of a maker's CA."""

    def __init__(self, mode="mic", **conf):
        self.site = Site(dict({"enrol.listen_capf": "127.0.0.1:0", "capf.tries": 1000, "capf.address_tries": 100000},
                              **conf)).start()
        self.client = self.site.client()
        self.ca = maker.cert(cn="Maker CA", is_ca=True, bits=2048)
        self.call("cert.upload", data=self.ca.pem, store="CAPF-trust")
        self.call("object.add", kind="profile", values={
            "name": "p", "type": MODEL, "protocol": "SIP", "auth_mode": mode})
        for name in (NAME, OTHER):
            self.call("object.add", kind="phone", values={"name": name, "type": MODEL, "protocol": "SIP", "profile": "p"})
        host, port = poll(lambda: self.client.call("status")["enrol"]["capf"]).rsplit(":", 1)
        self.address = (host, int(port))
        self.mic = pair(self.issue("CP-8861-" + NAME))

    def call(self, method, **params):
        return self.client.call(method, **{"accept": ["W-NULL-STRING"], **params})

    def issue(self, cn, **kw):
        return maker.cert(cn=cn, ca=kw.pop("ca", self.ca), key=kw.pop("key", None) or maker.key(bits=2048), **kw)

    def order(self, *names, **params):
        return self.call("capf.set", names=list(names or (NAME,)), operation="install", **params)

    def state(self, name=NAME):
        row = self.client.call("capf.show", name=name)
        return row["operation"], row["lsc"] or False

    def enrol(self, name=NAME, **kw):
        return CapfClient(self.address, name, **kw).run()

    def mine(self, **change):
        return self.enrol(**{"certificate": self.mic[0], "key": self.mic[1], **change})

    def refused(self, what, out):
        equal((what, out.reason, out.certificate, self.state()), (what, FAILED, None, ("install", False)))


def signed_with(element_tag, change):
    """A hook: AUTH_RESPONSE with one element changed, or left out by None."""
    def make(client):
        def hook(tls, got):
            if got.command != wire.AUTH_REQUEST:
                return False
            rows = [(t, change(v, got.session) if t == element_tag else v) for t, v in client.auth(got.session)]
            tls.send(wire.Message(wire.AUTH_RESPONSE, got.session, [r for r in rows if r[1] is not None]))
            return True
        return hook
    return make


def forged(lab, tag, change, **kw):
    client = CapfClient(lab.address, NAME, certificate=lab.mic[0], key=lab.mic[1], **kw)
    client.hook = signed_with(tag, change)(client)
    return client.run()


def block(key, content, padding):
    """A signature with a padding of one's own."""
    room = key.size - len(content)
    return key.power(padding(room) + content)


@test("a certificate that is not this phone's, not valid, or not from whom CAPF trusts proves nothing")
def strangers():
    lab = Lab()
    lab.order(NAME, OTHER)
    stranger = maker.cert(cn="Maker CA", is_ca=True, bits=2048)   # the same name, another key
    leaf = lab.issue("CP-8861-" + OTHER)
    for what, made in (
            ("another phone's MIC", leaf),
            ("a longer name", lab.issue("CP-8861-" + NAME + "0")),
            ("a name in a name", lab.issue("X CP-8861-" + NAME)),
            ("no name", lab.issue("")),
            ("its own signature", maker.cert(cn="CP-8861-" + NAME, bits=2048)),
            ("a CA of the same name", lab.issue("CP-8861-" + NAME, ca=stranger)),
            ("another phone's MIC as its CA", lab.issue("CP-8861-" + NAME, ca=leaf)),
            ("over", lab.issue("CP-8861-" + NAME, begins="2020-01-01 00:00:00", ends="2021-01-01 00:00:00")),
            ("not yet", lab.issue("CP-8861-" + NAME, begins="2090-01-01 00:00:00", ends="2091-01-01 00:00:00")),
            ("the CA itself", lab.ca)):
        certificate, key = pair(made)
        lab.refused(what, lab.enrol(certificate=certificate, key=key))
    for role in ("CAPF", "CallManager"):
        key = Key.of_file(lab.site.path("keys", role + ".key"))
        own = next(Certificate.of_pem(c["pem"]) for c in lab.client.call("status")["certificates"]
                   if c["roles"] == [role] and c["key_type"] == "RSA")
        lab.refused("the site's own " + role, lab.enrol(certificate=own, key=key))
    equal(lab.mine().reason, DONE)


@test("an LSC of one phone proves nothing for another, and one that was replaced or deleted proves no more")
def lsc():
    lab = Lab(mode="lsc")
    lab.order()
    first = lab.mine()
    equal(first.reason, DONE)
    lab.order(NAME, OTHER)
    equal(lab.enrol(OTHER, certificate=first.certificate, key=first.key).reason, FAILED)
    second = lab.enrol(certificate=first.certificate, key=first.key)
    equal(second.reason, DONE)
    lab.order()
    out = lab.enrol(certificate=first.certificate, key=first.key)
    equal((out.reason, out.certificate), (FAILED, None))
    equal(lab.enrol(certificate=second.certificate, key=second.key).reason, DONE)


@test("a signature counts with its whole padding, both of them, over this name and this certificate")
def signatures():
    lab = Lab()
    lab.order()
    certificate, key = lab.mic
    data = NAME.encode() + b"\0" + certificate.der
    sha1, sha512 = hashlib.sha1(data).digest(), hashlib.sha512(data).digest()
    for what, tag, change in (
            ("no SHA-1", wire.SIGNED_DATA, lambda v, s: None),
            ("no SHA-2", wire.SHA2_SIGNED_DATA, lambda v, s: None),
            ("SHA-2 that says SHA-1", wire.SHA2_SIGNED_DATA, lambda v, s: b"\1" + v[1:]),
            ("SHA-2 that is SHA-1", wire.SHA2_SIGNED_DATA, lambda v, s: b"\1\1\0" + key.sign_bare(1, data)),
            ("any padding", wire.SIGNED_DATA,
             lambda v, s: block(key, sha1, lambda n: b"\0\x77" + b"\x5a" * (n - 2))),
            ("little padding", wire.SIGNED_DATA,
             lambda v, s: block(key, sha1, lambda n: b"\0\1" + b"\xff" * 8 + b"\0" + b"\x5a" * (n - 11))),
            ("the hash at the front", wire.SIGNED_DATA,
             lambda v, s: key.power(b"\0\1" + b"\xff" * 8 + b"\0" + sha1 + b"\x5a" * (key.size - 31))),
            ("padding of encryption", wire.SIGNED_DATA,
             lambda v, s: block(key, sha1, lambda n: b"\0\2" + b"\xff" * (n - 3) + b"\0")),
            ("SHA-512 with any padding", wire.SHA2_SIGNED_DATA,
             lambda v, s: b"\3\1\0" + block(key, sha512, lambda n: b"\0\x77" + b"\x5a" * (n - 2))),
            ("without the NUL", wire.SIGNED_DATA, lambda v, s: key.sign_bare(1, data.replace(b"\0", b"", 1))),
            ("nothing", wire.SIGNED_DATA, lambda v, s: b""),
            ("zero", wire.SIGNED_DATA, lambda v, s: b"\0" * key.size),
            ("one", wire.SIGNED_DATA, lambda v, s: b"\0" * (key.size - 1) + b"\1"),
            ("longer than the key", wire.SIGNED_DATA, lambda v, s: v + b"\0"),
            ("larger than the modulus", wire.SIGNED_DATA, lambda v, s: b"\xff" * key.size)):
        lab.refused(what, forged(lab, tag, change))
    equal(forged(lab, wire.SIGNED_DATA, lambda v, s: key.sign(1, data)).reason, DONE)  # with DigestInfo: no harm


@test("SUDI counts for this session only, and is the phone's own")
def sudi():
    lab = Lab()
    lab.order()
    other = pair(lab.issue("CP-8861-" + OTHER))
    lab.refused("of another phone", lab.mine(sudi=other))
    for what, session in (("big endian", lambda s: int.from_bytes(s.to_bytes(4, "big"), "little")),
                          ("the session before", lambda s: s - 1)):
        lab.refused(what, forged(lab, wire.SUDI_DATA, lambda v, s, session=session:
                                 wire.sudi(lab.mic[1], lab.mic[0], session(s)), sudi=lab.mic))
    lab.refused("half of it", forged(lab, wire.SUDI_DATA, lambda v, s: v[:400], sudi=lab.mic))
    equal(lab.mine(sudi=lab.mic).reason, DONE)


class Spki:
    def __init__(self, spki):
        self.spki = spki


def number(n):
    raw = n.to_bytes(n.bit_length() // 8 + 1, "big")
    return der(2, raw)


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (size if len(body) < 128 else bytes([0x80 | len(size)]) + size) + body


RSA_OID = bytes.fromhex("06092a864886f70d010101")


def rsa(n, e, algorithm=RSA_OID, after=b""):
    return der(0x30, der(0x30, algorithm, b"\5\0"), der(3, b"\0", der(0x30, number(n), number(e)))) + after


@test("only a key that was ordered is certified, and only one that is a key")
def keys():
    lab = Lab()
    lab.order()
    good = wire.new_key(("rsa", 2048))
    ec = wire.new_key(("ec", 256)).spki
    for what, spki in (
            ("of another size", wire.new_key(("rsa", 1024)).spki),
            ("of another type", ec),
            ("followed by a byte", good.spki + b"\0"),
            ("cut", good.spki[:-1]),
            ("rubbish", b"\x30\x82" + os.urandom(200)),
            ("nothing", b""),
            ("exponent 1", rsa(good.n, 1)),
            ("exponent 0", rsa(good.n, 0)),
            ("an even exponent", rsa(good.n, 65536)),
            ("an even modulus", rsa(good.n & ~1, good.e)),
            ("an algorithm that is none", rsa(good.n, good.e, bytes.fromhex("06032a0304"))),
            ("a certificate", lab.mic[0].der)):
        lab.refused(what, lab.mine(make=lambda kind, spki=spki: Spki(spki)))
    lab.refused("no key", lab.mine(failed=7))
    equal(lab.mine(make=lambda kind: good).reason, DONE)


@test("a point that is not on its curve is no key")
def points():
    lab = Lab()
    lab.call("object.set", kind="profile", name="p", values={"key_order": "ec", "ec_size": "256"},
             rev=lab.client.call("object.show", kind="profile", name="p")["rev"], accept=lib.ACCEPT)
    lab.order()
    good = wire.new_key(("ec", 256)).spki
    for what, spki in (
            ("off the curve", good[:-1] + bytes([good[-1] ^ 1])),
            ("zero", good[:-64] + b"\0" * 64),
            ("beyond the field", good[:-64] + b"\xff" * 64),
            ("infinity", der(0x30, good[2:23], der(3, b"\0\0"))),
            ("another curve", wire.new_key(("ec", 384)).spki)):
        lab.refused(what, lab.mine(make=lambda kind, spki=spki: Spki(spki)))
    equal(lab.mine(make=lambda kind: Spki(good)).reason, DONE)


@test("strings cannot be guessed: not one after another, not many at once, not from where the last was wrong")
def guessing():
    lab = Lab(mode="string", **{"capf.tries": 5})
    lab.order(string="4711")
    outs, threads = [], []

    def guess(string):
        outs.append((string, lab.enrol(password=string)))
    for string in ["%04d" % i for i in range(40)]:
        threads.append(threading.Thread(target=guess, args=(string,)))
        threads[-1].start()
    for t in threads:
        t.join(lib.PATIENCE)
    equal({(out.reason, out.certificate) for _, out in outs}, {(FAILED, None)})
    equal(len(outs), 40)
    equal(lab.enrol(password="4711").reason, FAILED)
    equal(lab.state(), ("install", False))
    assert lab.client.call("capf.show", name=NAME)["locked_until"]


@test("two sessions of one phone at once: one has the LSC, the other none")
def twice():
    lab = Lab(mode="null-string")
    lab.order()
    started, outs = threading.Barrier(2), []

    def run():
        def hook(tls, got):
            if got.command == wire.AUTH_REQUEST:
                started.wait(lib.PATIENCE)
            return False
        outs.append(lab.enrol(hook=hook))
    threads = [threading.Thread(target=run) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(lib.PATIENCE)
    equal(len([o for o in outs if o.certificate and o.reason == DONE]), 1)
    equal(lab.state(), ("none", True))


lib.run()
