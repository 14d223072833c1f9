"""Trust lists over the real socket: read, checked, refused with their place, and who vouches for them."""
import base64, csv, glob, os, struct, subprocess

import cli
import lib
from lib import Site, contains, equal, fails, test

VECTORS = os.path.join(lib.ROOT, "tests/vectors/trust")
started = {}


def vector(*parts):
    with open(os.path.join(VECTORS, *parts), "rb") as f:
        return f.read()


def site():
    """That of the test under way."""
    if not started or not os.path.exists(started["site"].dir):
        started["site"] = Site().start()
        started["client"] = started["site"].client()
    return started["site"], started["client"]


def read(data, **kw):
    return site()[1].call("trust.read", data=base64.b64encode(data).decode(), file="a/list.tlv", **kw)


def certificate(path):
    """Of a file with its key: the certificate alone, PEM."""
    return subprocess.run(["openssl", "x509", "-in", path], check=True, capture_output=True, text=True,
                          timeout=lib.PATIENCE).stdout


def openssl(*args, data=b""):
    return subprocess.run(["openssl", *args], check=True, input=data, capture_output=True,
                          timeout=lib.PATIENCE).stdout


# A writer of its own, by the format: what the engine reads was not made by the engine.

def element(tag, value):
    return struct.pack(">BH", tag, len(value)) + value


def text(tag, value):
    return element(tag, value.encode() + b"\0")


def record(*elements):
    body = b"".join(elements)
    return element(1, struct.pack(">H", len(body) + 5)) + body


def signed_list(key, names, serial, records, name="CTLFile.tlv"):
    front = element(28, b"\1\0") + element(3, text(4, names) + text(6, names) + element(5, serial)) + \
        element(7, element(8, b"\3") + element(9, element(10, b"\0") + element(11, b"\2")))
    back = text(14, name) + element(15, struct.pack(">I", 1748779200))
    size = 10 + len(front) + 259 + len(back)
    back += b"\x0d" * (-size % 4)
    front = element(1, b"\1\2") + element(2, struct.pack(">H", size + -size % 4)) + front
    back += b"".join(records)
    signature = openssl("dgst", "-sha512", "-sign", key, data=front + back)
    return front + element(12, signature) + back


def own_list(*more, **kw):
    """A list signed by the site's own CallManager key."""
    s, client = site()
    pem = s.path("CallManager.pem")
    with open(pem, "w") as f:
        f.write(client.call("object.show", kind="cert", name="CallManager")["pem"])
    der = openssl("x509", "-in", pem, "-outform", "DER")
    serial = bytes.fromhex(openssl("x509", "-in", pem, "-noout", "-serial").decode().strip().split("=")[1])
    names = openssl("x509", "-in", pem, "-noout", "-subject", "-nameopt", "sname,sep_comma_plus,utf8")
    names = names.decode().strip().split("=", 1)[1].strip()
    key = openssl("rsa", "-in", s.path("keys", "CallManager.key"), "-RSAPublicKey_out", "-outform", "DER")
    mine = record(text(3, names), text(5, names), element(6, serial.lstrip(b"\0")), element(4, b"\0\0"),
                  element(7, key), element(9, der))
    return signed_list(s.path("keys", "CallManager.key"), names, serial.lstrip(b"\0"), [mine, *more], **kw)


@test("every list of the vectors is read, verified and told; every bad one gets its verdict")
def vectors():
    good_lists()
    a_record()
    bad_lists()


def good_lists():
    files = sorted(glob.glob(os.path.join(VECTORS, "tlv/*/*.tlv")))
    equal(len(files), 12)
    for path in files:
        with open(path, "rb") as f:
            found = read(f.read())
        equal((path, found["signature"], found["verdict"], found["problems"]), (path, "right", "accept", []))
        equal(found["count"], len(found["records"]))
        equal([r["number"] for r in found["records"] if r["signs"]], [1])
        equal((found["time"], found["known"], found["unknown"]["code"]), ("2025-06-01T12:00:00Z", None,
                                                                          "W-TRUST-SIGNER"))


def bad_lists():
    with open(os.path.join(VECTORS, "bad/verdicts.tsv")) as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE) if r["kind"] == "tlv"]
    equal(len(rows), 58)
    for row in rows:
        try:
            found = read(vector("bad", row["file"]))["verdict"]
        except lib.RpcError as e:
            equal(e.code, "E-TRUST-FILE")
            found = "reject"
        equal((row["file"], found), (row["file"], row["strict parser should"]))


def a_record():
    found = read(vector("tlv/itl-sha512-v1.1-ec/ITLFile.tlv"))
    equal({k: found[k] for k in ("file", "name", "version", "signer_version", "hash", "key_bits", "serial")},
          {"file": "list.tlv", "name": "ITLFile.tlv", "version": "1.2", "signer_version": "1.1", "hash": "SHA-512",
           "key_bits": 2048, "serial": "fff0303476838743adf1f910e8db4611"})
    ec = found["records"][6]
    equal({k: ec[k] for k in ("number", "role", "key_type", "key_bits", "signs", "dns_name")},
          {"number": 7, "role": "TFTP", "key_type": "EC", "key_bits": 384, "signs": False, "dns_name": None})
    cisco = read(vector("tlv/cucm-layout/CTLFile.tlv"))
    equal((cisco["signer_version"], cisco["records"][0]["dns_name"]), (None, "cucm-pub"))


@test("a signer that is given is known, another is not")
def given():
    data = vector("tlv/ctl-sha1-v1.0/CTLFile.tlv")
    sast, other = [certificate(os.path.join(VECTORS, "certs", name)) for name in ("sast.pem", "sast2.pem")]
    equal(read(data, signers=[sast])["known"], "given")
    equal(read(data, signers=[other, sast])["known"], "given")
    # it is in the list as SAST; it did not sign it
    found = read(data, signers=[other])
    equal((found["known"], found["unknown"]["code"], found["signature"]), (None, "E-TRUST-SIGNER", "right"))
    fails("E-CERT-PRIVATE-KEY", read, data, signers=[vector("certs/sast.pem").decode()])
    fails("E-CERT-PARSE", read, data, signers=["none"])
    fails("E-CERT-PARSE", read, data, signers=[7])


@test("a signer on file is known only where it is the site's own")
def on_file():
    found = read(own_list())
    equal((found["problems"], found["verdict"], found["known"], found["unknown"]), ([], "accept", "on-file", None))
    client = site()[1]
    data = vector("tlv/ctl-device/CTLSEP001122334455.tlv")
    client.call("cert.upload", data=certificate(os.path.join(VECTORS, "certs/sast.pem")))
    equal(read(data)["known"], None)
    client = site()[1]
    fails("E-TRUST-FILE", read, b"")
    fails("E-TRUST-FILE", read, b"-----BEGIN CERTIFICATE-----\n")
    fails("E-VALUE", read, b"\0" * 400001)
    fails("E-VALUE", client.call, "trust.read", data="not base64!")
    error = fails("E-TRUST-FILE", read, vector("bad/t45-record-len-0.tlv"))
    contains(error.message, "list.tlv, byte 2157: element 1 (record length)")


def many():
    """A list of many records is told as far as it fits."""
    row = record(text(3, "CN=x"), text(5, "CN=x"), element(6, b"\1"), element(4, b"\0\1"), element(7, b"k"))
    found = read(own_list(*[row] * 9000))
    equal((found["count"], found["more"], found["verdict"]), (9001, True, "warn"))
    equal(len(found["problems"]), 100)


@test("a long list is cut, and nothing in one reaches the terminal as it came")
def hostile():
    many()
    evil = "CN=\x1b[31m\x07\r\n\u202e" + "x" * 3000
    data = own_list(record(text(2, "\x1b]0;t\x07"), text(3, evil), text(5, evil), element(6, b"\1"),
                           element(4, b"\0\1"), element(7, b"k")), name="\x1b[2JCTL")
    path = os.path.join(site()[0].base, "evil.tlv")
    with open(path, "wb") as f:
        f.write(data)
    run = cli.on(site()[0])
    for args in ((), ("--csv",), ("--json",)):
        shown = cli.done(run("ctl", "show", path, *args))
        for character in "\x1b\x07\u202e":
            equal((args, character in shown.out + shown.err), (args, False))
    contains(cli.done(run("ctl", "show", path)).out, r"\x1b[2JCTL")


@test("the commands show, verify and end with their status")
def commands():
    run = cli.on(site()[0])
    good = os.path.join(VECTORS, "tlv/itl-sha1-v1.0/ITLFile.tlv")
    bad = os.path.join(VECTORS, "bad/t41-record-pubkey-mismatch.tlv")
    signer, other = [os.path.join(site()[0].base, name) for name in ("sast.crt", "sast2.crt")]
    for path in (signer, other):
        with open(path, "w") as f:
            f.write(certificate(os.path.join(VECTORS, "certs", os.path.basename(path).replace("crt", "pem"))))

    shown = cli.done(run("ctl", "show", good))
    contains(shown.out, "File name                      ITLFile.tlv", "Signature                      right",
             "Signer known here              no", "APP-SERVER  CN=app.example.org")
    equal(shown.err, "")
    rows = cli.done(run("ctl", "show", good, "--csv")).csv()
    equal([r["role"] for r in rows], ["SAST", "CCM", "TFTP", "CAPF", "APP-SERVER", "TVS"])
    equal(cli.done(run("ctl", "show", good, "--csv", "--fields", "role,signs")).out.splitlines()[:2],
          ["role,signs", "SAST,yes"])
    equal(cli.done(run("ctl", "show", "-", "--json", "--fields", "name,count",
                       stdin=vector("tlv/itl-sha1-v1.0/ITLFile.tlv"))).json(), {"name": "ITLFile.tlv", "count": 6})
    contains(cli.done(run("ctl", "show", bad)).err, "E-TRUST-FILE: ")

    alone = cli.refused(run("ctl", "verify", good), "W-TRUST-SIGNER")
    contains(alone.err, "proves nothing about trust", "--accept W-TRUST-SIGNER")
    equal(cli.done(run("ctl", "verify", good, "--accept", "W-TRUST-SIGNER", "--csv")).csv()[0]["known"], "")
    known = cli.done(run("ctl", "verify", good, "--signer", other, "--signer", signer))
    equal(known.err, "")
    contains(known.out, "yes, given with --signer")
    equal(cli.done(run("ctl", "verify", good, "--signer", signer, "--json")).json()["verdict"], "accept")
    equal(cli.done(run("ctl", "verify", good, "--signer", signer, "--csv")).csv()[0]["known"], "given")
    cli.refused(run("ctl", "verify", good, "--signer", other), "E-TRUST-SIGNER")
    contains(cli.refused(run("ctl", "verify", bad), "E-TRUST-FILE").err, "byte 2334", "public key")
    equal(run("ctl", "verify", bad, "--json").json()["error"]["code"], "E-TRUST-FILE")
    cli.refused(run("ctl", "verify", os.path.join(VECTORS, "bad/t57-flip-last-record.tlv")), "E-TRUST-SIGNATURE")
    cli.refused(run("ctl", "verify", good, *["--signer", signer] * 9), "E-USAGE", status=2)


lib.run()
