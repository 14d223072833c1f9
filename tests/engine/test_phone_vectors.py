"""The simulated phone against files and sessions that independent programs made: who is to hold the engine's
files and services against the sheets has to read these rightly first."""
import csv, glob, os, socket, ssl, threading

import lib
import phone_capf as wire
import phone_files
import phone_write
from lib import equal, test
from phone_files import EncryptedFile, SignedFile, TrustList
from phone_x509 import Bad, Certificate, Key

VECTORS = os.path.join(lib.ROOT, "tests/vectors")
TRUST = os.path.join(VECTORS, "trust")


def read(*parts):
    with open(os.path.join(TRUST, *parts), "rb") as f:
        return f.read()


def certificate(name):
    return Certificate.of_file(os.path.join(TRUST, "certs", name))


def device_key(path):
    """The key of values.txt's device-certificate: capf/x.pem stands beside, certs/x.pem in trust."""
    return Key.of_file(os.path.join(VECTORS if path.startswith("capf/") else TRUST, path))


@test("each trust list is read and verified; CUCM's order and separators too")
def lists():
    files = sorted(glob.glob(os.path.join(TRUST, "tlv/*/*.tlv")))
    equal(len(files), 12)
    for path in files:
        found = TrustList(read(path))
        equal((found.name, found.time, found.warnings),
              ("CTLFile.tlv" if os.path.basename(path).startswith("CTL") else "ITLFile.tlv", 1748779200, []))
    ec = TrustList(read("tlv/itl-sha512-v1.1-ec/ITLFile.tlv"))
    equal((ec.hash, ec.signer_version), (3, (1, 1)))
    assert ec.has(certificate("ccm-ec256.pem"), phone_files.CCM)
    assert ec.has(certificate("tftp-ec384.pem"), phone_files.TFTP)


@test("each signed file gives back the file that it was made of")
def signed():
    signers = {"subdirectory-name": "ccm.pem", "rsa4096": "rsa4096.pem", "config-odd-dn-signer": "odd-dn.pem"}
    files = sorted(glob.glob(os.path.join(TRUST, "sgn/*/*.sgn")))
    equal(len(files), 7)
    for path in files:
        kind = os.path.basename(os.path.dirname(path))
        asked = os.path.basename(path)
        found = SignedFile(read(path), "New_Zealand/" + asked if kind == "subdirectory-name" else asked)
        found.verify(certificate(signers.get(kind, "tftp.pem")))
        equal((found.body, found.warnings), (read(path[:-4]), []))


@test("each encrypted file gives back its text; its short file names the certificate")
def encrypted():
    folders = sorted(glob.glob(os.path.join(TRUST, "enc/*")))
    equal(len(folders), 7)
    for folder in folders:
        values = dict(line.split() for line in read(folder, "values.txt").decode().splitlines())
        name = "SEP001122334455.cnf.xml"
        found = EncryptedFile(read(folder, name + ".enc.sgn"), name + ".enc.sgn")
        found.verify(certificate("tftp.pem"))
        equal(found.decrypt(device_key(values["device-certificate"])), read(folder, "plain.xml"))
        equal((found.iv.hex(), found.pad, found.digest.hex(), found.header, len(found.body), found.warnings),
              (values["iv"], int(values["pad"]), values["digest"], int(values["header-length"]),
               int(values["ciphertext-length"]), []))
        short = SignedFile(read(folder, name + ".sgn"), name + ".sgn")
        short.verify(certificate("tftp.pem"))
        equal(short.body, read(folder, "short-config.xml"))


def verdict(name):
    """What the phone says to a file of bad/."""
    data, asked = read("bad", name), "SEP001122334455.cnf.xml" + name[name.index(".cnf.xml") + 8:] if ".cnf" in name else None
    try:
        if name[0] == "t":
            found = TrustList(data)
        else:
            found = (SignedFile if name[0] == "s" else EncryptedFile)(data, asked)
            found.verify(certificate("tftp.pem"))
        if name[0] == "e":
            found.decrypt(device_key("capf/lsc-rsa2048.pem"))
        return "warn" if found.warnings else "accept"
    except Bad as e:
        return "reject: %s" % e


@test("each odd and malformed file has the verdict of a strict reader")
def verdicts():
    with open(os.path.join(TRUST, "bad/verdicts.tsv")) as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    equal(len(rows), 86)
    wrong = []
    for row in rows:
        found = verdict(row["file"])
        if found.split(":")[0] != row["strict parser should"]:
            wrong.append((row["file"], row["strict parser should"], found))
    equal(wrong, [])


def signer_key(found):
    """The certificate and key of the vectors that signed a file."""
    for path in glob.glob(os.path.join(TRUST, "certs/*.pem")):
        c = Certificate.of_file(path)
        if found.made_by(c):
            return c, Key.of_file(path)
    raise AssertionError("signed by nobody here: " + found.signer)


@test("written by the sheets from what was read, each list and signed file is the same to the byte")
def written():
    for path in sorted(glob.glob(os.path.join(TRUST, "tlv/*/*.tlv"))):
        if "cucm-layout" not in path:
            f = TrustList(read(path))
            rows = [(r.role, r.certificate) for r in f.records]
            equal(phone_write.trust_list(f.name, rows, *signer_key(f), f.time, f.hash, f.signer_version), f.data)
    for path in sorted(glob.glob(os.path.join(TRUST, "sgn/*/*.sgn"))):
        f = SignedFile(read(path))
        equal(phone_write.signed_file(f.name, f.body, *signer_key(f), f.time, f.hash), f.data)


@test("no file changed in one byte, or cut, is taken")
def changed():
    for path, kind in (("tlv/ctl-sha1-v1.0/CTLFile.tlv", TrustList), ("sgn/config-sha1/SEP001122334455.cnf.xml.sgn", SignedFile)):
        data = read(path)
        for at in range(0, len(data), 7):
            for other in (data[:at], data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]):
                try:
                    kind(other).verify(certificate("tftp.pem" if kind is SignedFile else "sast.pem"))
                except Bad:
                    continue
                raise AssertionError("%s taken, changed at %d" % (path, at))


def sessions(kind):
    """{file: [(side, bytes)]}."""
    out = {}
    for path in sorted(glob.glob(os.path.join(VECTORS, kind, "*.txt"))):
        with open(path) as f:
            out[os.path.basename(path)] = [(line[0], bytes.fromhex(line[3:])) for line in f if line[:2] in ("S:", "C:")]
    return out


@test("the CAPF sessions are read, and written again to the byte")
def capf():
    found = sessions("capf")
    equal(len(found), 24)
    for name, lines in found.items():
        for side, data in lines:
            message = wire.Message.parse(data)
            equal(message.bytes(), data)
            for tag, value in message.elements:
                if tag == wire.CERTIFICATE:
                    equal(wire.wrap(wire.unwrap(value)), value)
        equal(wire.Message.parse(lines[0][1]).command, wire.AUTH_REQUEST)


@test("what proved a certificate in them proves it: signed data, SHA-2, and SUDI with its session")
def proofs():
    for name in ("04-install-certificate-rsa2048.txt", "16-other-devices-lsc-accepted.txt"):
        auth = wire.Message.parse(next(d for s, d in sessions("capf")[name] if s == "C"))
        device = auth.get(wire.DEVICE_NAME)
        lsc = Certificate(wire.unwrap(auth.get(wire.CERTIFICATE)))
        key = next(k for k in (device_key("capf/lsc-rsa2048.pem"), device_key("certs/lsc-other-device.pem"))
                   if k.spki == lsc.spki)
        equal(key.sign_bare(1, device + lsc.der), auth.get(wire.SIGNED_DATA))
        equal(wire.sha2(key, device + lsc.der), auth.get(wire.SHA2_SIGNED_DATA))
        if auth.get(wire.SUDI_DATA):
            equal(wire.sudi(device_key("certs/mic.pem"), certificate("mic.pem"), auth.session), auth.get(wire.SUDI_DATA))


@test("the TVS sessions are read, and written again to the byte")
def tvs():
    found = sessions("tvs")
    equal(len(found), 9)
    for name, lines in found.items():
        for side, data in lines:
            equal(wire.TvsMessage.parse(data).bytes(), data)
    answer = wire.TvsMessage.parse(found["04-verify-valid-all-roles.txt"][1][1])
    equal(list(answer.get(wire.TVS_ROLES)), [0, 1, 2, 3, 4, 7, 21])


class Recorded:
    """A server that plays the S: lines of a session and keeps what the client says in between."""

    def __init__(self, lines):
        self.lines, self.heard = lines, []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(TRUST, "certs/capf.pem"))
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.sock.settimeout(lib.PATIENCE)
        self.address = self.sock.getsockname()
        self.thread = threading.Thread(target=self.play, daemon=True)
        self.thread.start()

    def play(self):
        raw, _ = self.sock.accept()
        raw.settimeout(lib.PATIENCE)
        with self.context.wrap_socket(raw, server_side=True) as tls:
            for side, data in self.lines:
                if side == "S":
                    tls.sendall(data)
                else:
                    head = self.exactly(tls, wire.Message.HEADER)
                    self.heard.append(head + self.exactly(tls, wire.Message.length(head) - len(head)))

    @staticmethod
    def exactly(tls, n):
        data = b""
        while len(data) < n:
            more = tls.recv(n - len(data))
            if not more:
                raise AssertionError("the client went")
            data += more
        return data

    def end(self):
        self.thread.join(lib.PATIENCE)
        self.sock.close()
        return self.heard


def known_key(spki):
    """The private key of the vectors that belongs to a public one."""
    for path in glob.glob(os.path.join(VECTORS, "capf/*.pem")) + glob.glob(os.path.join(TRUST, "certs/*.pem")):
        with open(path) as f:
            if "PRIVATE KEY" in f.read() and Certificate.of_file(path).spki == spki:
                return Key.of_file(path)
    raise AssertionError("no such key")


class Given:
    def __init__(self, spki):
        self.spki = spki


def client_of(address, lines):
    """Our client, set to do what the recorded one did."""
    said = [wire.Message.parse(d) for s, d in lines if s == "C"]
    auth, last = said[0], said[-1]
    password = auth.get(wire.PASSWORD, b"\0")[:-1].decode()
    options = {"password": password, "version": auth.get(wire.VERSION)[0], "jabber": auth.tags()[0] == wire.VERSION,
               "progress": sum(m.command == wire.IN_PROGRESS for m in said)}
    if auth.get(wire.CERTIFICATE):
        options["certificate"] = Certificate(wire.unwrap(auth.get(wire.CERTIFICATE)))
        options["key"] = known_key(options["certificate"].spki)
        options["sudi"] = (certificate("mic.pem"), device_key("certs/mic.pem"))
    for m in said:
        if m.command == wire.KEYGEN_RESPONSE:
            options["make"] = lambda kind, m=m: Given(m.get(wire.PUBLIC_KEY))
    if last.command in (wire.FETCH_RESPONSE, wire.DELETE_RESPONSE) and last.get(wire.REASON) == b"\1":
        options["has"] = Certificate.of_file(os.path.join(VECTORS, "capf/lsc-rsa2048.pem"))
    return wire.CapfClient(address, auth.get(wire.DEVICE_NAME)[:-1].decode(), **options)


@test("played the server's lines of each session, our client says what the recorded one did")
def replayed():
    for name, lines in sessions("capf").items():
        server = Recorded(lines)
        out = client_of(server.address, lines).run()
        heard = server.end()
        said = [d for s, d in lines if s == "C"]
        if name.startswith("05"):   # ECDSA is another one each time
            heard[0], said[0] = (wire.Message.parse(x).tags() for x in (heard[0], said[0]))
        equal((name, heard), (name, said))
        equal(out.reason, wire.Message.parse(lines[-1][1]).get(wire.REASON)[0])


lib.run()
