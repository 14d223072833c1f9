"""TVS: what phones learn of certificates, and what they do not."""
import os, re, struct, subprocess, time

import lib
from certs import Maker
from enrol import BOTH, Phone, port, query, recorded, status, tvs_read, verify
from lib import ROOT, Site, equal, poll, test

SIGNERS = os.path.join(ROOT, "tests", "vectors", "trust", "certs")
KNOWN = [(7, b"\0")]
UNKNOWN = [(7, b"\1")]
DAY = (9, struct.pack(">I", 86400))


def openssl(text, *args):
    return subprocess.run(["openssl", "x509", *args], input=text, capture_output=True, check=True).stdout


def pem_of(name):
    with open(os.path.join(SIGNERS, name)) as f:
        return re.search(r"-----BEGIN CERT.*?-----END CERTIFICATE-----\n", f.read(), re.S).group(0)


def der_of(pem):
    return openssl(pem.encode(), "-outform", "DER")


def begin(more=None):
    client = Site(dict(BOTH, **(more or {}))).start().client()
    return client, port(client, "tvs")


def ask(to, message):
    phone = Phone(to)
    command, session, parts = tvs_read(phone.send(message).record())
    phone.close()
    equal((command, session), (message[2] + 1, 1001))
    return parts


def own(client, role):
    return client.call("object.show", kind="cert", name=role)["pem"]


# ITL and CTL of a site: the signer, CallManager, TFTP, CAPF, TVS
ROLES = {"ITLRecovery": b"\0", "CAPF": b"\4", "TVS": b"\x15", "CallManager": b"\1", "CallManager-ECDSA": b"\1", "TFTP": b"\3"}


@test("our own certificates have the roles that trust lists give them, by certificate and by issuer and serial")
def ours():
    client, to = begin()
    for name, roles in ROLES.items():
        der = der_of(own(client, name))
        equal(ask(to, verify(der)), KNOWN + [(8, roles), DAY])
        issuer = issuer_of(own(client, name))
        number = serial_of(own(client, name))
        for text in (issuer, issuer.replace(",", ";")):
            for serial in (number, b"\0" + number):
                equal(ask(to, query(text, text, serial)), KNOWN + [(2, der), (8, roles), DAY])
        equal(ask(to, query(issuer, issuer, number + b"\1")), UNKNOWN)
        equal(ask(to, query(issuer, issuer + "x", number)), UNKNOWN)


def issuer_of(pem):
    text = openssl(pem.encode(), "-noout", "-issuer", "-nameopt", "sep_comma_plus,utf8").decode()
    return text.strip().split("=", 1)[1]


def serial_of(pem):
    return bytes.fromhex(openssl(pem.encode(), "-noout", "-serial").decode().strip().split("=")[1])


@test("recorded questions get the recorded answers, where the site gives the certificate that role")
def replay():
    client, to = begin()
    for name in ("ccm.pem", "tftp-ec384.pem"):
        client.call("cert.upload", data=pem_of(name))
    for name in ("01-verify-valid-ccm", "05-verify-valid-ec", "07-verify-unknown", "08-verify-unknown-odd-dn"):
        (_, question), (_, answer) = recorded("tvs/%s.txt" % name)
        if name[:2] == "05":  # of TFTP there
            answer = answer.replace(b"\x08\0\1\3", b"\x08\0\1\1")
        equal(Phone(to).send(question).record(), answer)
    (_, question), (_, answer) = recorded("tvs/90-query-derived.txt")
    got = Phone(to).send(question).record()
    at = answer.index(b"\x08\0\2\0\3")  # there SAST and TFTP, here CCM
    length = struct.pack(">H", len(answer) - 11)
    equal(got, answer[:3] + b"\0" + answer[4:8] + length + answer[10:at] + b"\x08\0\1\1" + answer[at + 5:])


@test("a role by trust store, several for one certificate; the configured time to live")
def stores():
    client, to = begin({"enrol.tvs_ttl": "1h"})
    hour = (9, struct.pack(">I", 3600))
    app = pem_of("app.pem")
    expected = set()
    for store, role in (("tomcat-trust", 7), ("TVS-trust", 21), ("Phone-SAST-trust", 0), ("CAPF-trust", 4), ("Phone-trust", 7),
                        ("ipsec-trust", None)):
        client.call("cert.upload", data=app, store=store, name="app " + store)
        expected |= {role} - {None}
        equal(ask(to, verify(der_of(app))), KNOWN + [(8, bytes(sorted(expected))), hour])
    (_, question), (_, answer) = recorded("tvs/02-verify-valid-app.txt")
    for store in ("TVS-trust", "Phone-SAST-trust", "CAPF-trust", "Phone-trust", "ipsec-trust"):
        client.call("object.remove", kind="cert", name="app " + store, accept=["W-IN-USE"])
    equal(Phone(to).send(question).record(), answer)


@test("a phone's certificate is no server's, nor is one that ended, or that is removed")
def not_trusted():
    client, to = begin()
    lsc = pem_of("lsc-rsa2048.pem")
    client.call("cert.upload", data=lsc, device="SEP001122334455")
    equal(ask(to, verify(der_of(lsc))), UNKNOWN)
    cert = Maker().cert(cn="https.example.org", ends=time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 4)))
    client.call("cert.upload", data=cert.pem, store="tomcat-trust", name="https")
    equal(ask(to, verify(cert.der))[0], KNOWN[0])
    poll(lambda: ask(to, verify(cert.der)), UNKNOWN)
    app = pem_of("app.pem")
    client.call("cert.upload", data=app, store="tomcat-trust", name="app")
    equal(ask(to, verify(der_of(app)))[0], KNOWN[0])
    client.call("object.remove", kind="cert", name="app")
    equal(ask(to, verify(der_of(app))), UNKNOWN)


@test("one connection may ask again and again, also before it has the answer")
def again():
    client, to = begin()
    capf, unknown = der_of(own(client, "CAPF")), b"0\x00"
    phone = Phone(to)
    for _ in range(3):
        equal(tvs_read(phone.send(verify(capf)).record())[2][0], KNOWN[0])
        equal(tvs_read(phone.send(verify(unknown, 7)).record())[1:], (7, UNKNOWN))
    phone.send(verify(capf, 1) + verify(unknown, 2) + verify(capf, 3)[:20])
    equal(tvs_read(phone.record())[1], 1)
    equal(tvs_read(phone.record())[1], 2)
    phone.send(verify(capf, 3)[20:])
    equal(tvs_read(phone.record())[1], 3)


@test("what is no question is closed without an answer")
def closed():
    client, to = begin()
    good = verify(b"0\x00")
    for bad in (b"\x55" + good[1:], good[:1] + b"\2" + good[2:], good[:2] + b"\5" + good[3:], good[:8] + b"\xff\xff",
                good[:10] + good[10 + 27:], b"\x57\1\1\0\0\0\0\1\0\x1b" + good[10:37], b"GET / HTTP/1.0\r\n\r\n"):
        if bad[:1] == b"\x57" and bad[8:10] == good[8:10]:
            bad = bad[:8] + struct.pack(">H", len(bad) - 10) + bad[10:]
        assert Phone(to).send(bad).end()
    poll(lambda: status(client)["ends"]["wrong"], 7)


lib.run()
