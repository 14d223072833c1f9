"""What a phone reads of certificates and keys, from X.690 and RFC 5280, 8017: nothing here is the engine's.

Only Python's own library; what needs an elliptic curve or AES asks the openssl command.
"""
import base64, hashlib, ssl, subprocess, tempfile

import lib

SHORT_NAMES = {"2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.6": "C",
               "2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID"}
STRINGS = {12: "utf-8", 19: "ascii", 22: "ascii", 20: "latin-1", 30: "utf-16-be", 28: "utf-32-be", 18: "ascii"}
RSA, EC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
CURVES = {"1.2.840.10045.3.1.7": 256, "1.3.132.0.34": 384, "1.3.132.0.35": 521}
HASHES = {1: hashlib.sha1, 2: hashlib.sha256, 3: hashlib.sha512}  # codes of ctl-itl.md 3
DIGEST_INFO = {1: bytes.fromhex("3021300906052b0e03021a05000414"),
               3: bytes.fromhex("3051300d060960864801650304020305000440")}


class Bad(Exception):
    """What a phone refuses, and why."""


def must(true, why, *args):
    if not true:
        raise Bad(why % args if args else why)


def openssl(*args, data=b""):
    p = subprocess.run(["openssl", *args], input=data, capture_output=True, timeout=lib.PATIENCE)
    must(p.returncode == 0, "openssl %s: %s", args[0], p.stderr.decode(errors="replace"))
    return p.stdout


def der(data, at=0, end=None):
    """One element of DER: its tag, where its content begins and ends."""
    end = len(data) if end is None else end
    must(at + 2 <= end, "DER is cut")
    tag, n, at = data[at], data[at + 1], at + 2
    if n >= 0x80:
        k = n & 0x7f
        must(0 < k <= 4 and at + k <= end, "DER length")
        n, at = int.from_bytes(data[at:at + k], "big"), at + k
        must(n >= 0x80 and n >> (8 * (k - 1)), "DER length is not the shortest")
    must(at + n <= end, "DER is cut")
    return tag, at, at + n


def children(data, at, end):
    """The elements in a constructed one: [(tag, begin, content, end)]."""
    out = []
    while at < end:
        tag, content, stop = der(data, at, end)
        out.append((tag, at, content, stop))
        at = stop
    return out


def oid(raw):
    parts, n = [], 0
    for b in raw:
        n = n << 7 | b & 0x7f
        if b < 0x80:
            parts.append(n)
            n = 0
    return ".".join(str(x) for x in [min(parts[0] // 40, 2), parts[0] - 40 * min(parts[0] // 40, 2)] + parts[1:])


class Name:
    """A distinguished name as lists write it (ctl-itl.md 13)."""

    def __init__(self, data, at, end):
        self.rows = []
        for _, _, begin, stop in children(data, at, end):
            for _, _, b, e in children(data, begin, stop):
                (_, _, ob, oe), (tag, _, vb, ve) = children(data, b, e)
                kind = oid(data[ob:oe])
                must(tag in STRINGS, "a name of type %d", tag)
                self.rows.append((SHORT_NAMES.get(kind, kind), data[vb:ve].decode(STRINGS[tag])))

    def comma(self):
        return ",".join("%s=%s" % (t, self.escape(v)) for t, v in self.rows)

    def semicolon(self):
        return ";".join("%s=%s" % row for row in self.rows)

    @staticmethod
    def escape(value):
        out = "".join("\\" + c if c in '\\"+,;<>' else "\\00" if c == "\0" else c for c in value)
        if value[:1] in ("#", " "):
            out = "\\" + out
        return out[:-1] + "\\ " if value[-1:] == " " and len(value) > 1 else out

    def is_text(self, text):
        return text in (self.comma(), self.semicolon())

    def get(self, kind):
        return [v for t, v in self.rows if t == kind]


class Certificate:
    """One certificate, its DER and nothing behind it."""

    def __init__(self, data):
        self.der = bytes(data)
        tag, at, end = der(data)
        must(tag == 0x30 and end == len(data), "not one certificate")
        parts = children(data, at, end)
        must([p[0] for p in parts] == [0x30, 0x30, 3], "not a certificate")
        fields = children(data, parts[0][2], parts[0][3])
        fields = fields[1:] if fields[0][0] == 0xa0 else fields
        must(len(fields) >= 6 and fields[0][0] == 2, "not a certificate")
        self.serial = data[fields[0][2]:fields[0][3]].lstrip(b"\0")
        self.issuer = Name(data, *fields[2][2:])
        self.subject = Name(data, *fields[4][2:])
        self.spki = bytes(data[fields[5][1]:fields[5][3]])
        self.signature = bytes(data[parts[2][2] + 1:parts[2][3]])
        self.sha256 = hashlib.sha256(self.der).hexdigest()
        self.md5 = hashlib.md5(self.der).hexdigest()
        self.read_key()

    def read_key(self):
        self.n = self.e = self.curve = None
        (_, _, ab, ae), (_, _, kb, ke) = children(self.spki, *der(self.spki)[1:])
        algorithm = children(self.spki, ab, ae)
        kind = oid(self.spki[algorithm[0][2]:algorithm[0][3]])
        self.key = self.spki[kb + 1:ke]  # as in tag 7 of a list
        if kind == RSA:
            n, e = children(self.key, *der(self.key)[1:])
            self.n = int.from_bytes(self.key[n[2]:n[3]], "big")
            self.e = int.from_bytes(self.key[e[2]:e[3]], "big")
            self.size = (self.n.bit_length() + 7) // 8
        else:
            must(kind == EC, "a key of type %s", kind)
            self.curve = CURVES[oid(self.spki[algorithm[1][2]:algorithm[1][3]])]

    @classmethod
    def of_pem(cls, text):
        body = text.split("-----BEGIN CERTIFICATE-----")[1].split("-----END")[0]
        return cls(base64.b64decode(body))

    @classmethod
    def of_file(cls, path):
        with open(path) as f:
            return cls.of_pem(f.read())

    def pem(self):
        return ssl.DER_cert_to_PEM_cert(self.der)

    def verifies(self, code, pieces, signature):
        """RSASSA-PKCS1-v1_5 (RFC 8017 8.2.2), the whole block compared."""
        if self.n is None or len(signature) != self.size or code not in DIGEST_INFO:
            return False
        h = HASHES[code]()
        for piece in pieces:
            h.update(piece)
        info = DIGEST_INFO[code] + h.digest()
        block = pow(int.from_bytes(signature, "big"), self.e, self.n).to_bytes(self.size, "big")
        return block == b"\0\1" + b"\xff" * (self.size - 3 - len(info)) + b"\0" + info

    def text(self):
        return openssl("x509", "-inform", "DER", "-noout", "-text", data=self.der).decode()


class Key:
    """A private key: of a PEM file, or made."""

    def __init__(self, pem):
        self.pem = pem
        self.p8 = openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", data=pem.encode())
        _, algorithm, octets = children(self.p8, *der(self.p8)[1:])[:3]
        kind = children(self.p8, *algorithm[2:])[0]
        self.spki = openssl("pkey", "-pubout", "-outform", "DER", data=pem.encode())
        self.rsa = oid(self.p8[kind[2]:kind[3]]) == RSA
        if self.rsa:
            inner = self.p8[octets[2]:octets[3]]
            numbers = [int.from_bytes(inner[b:e], "big") for _, _, b, e in children(inner, *der(inner)[1:])]
            self.n, self.e, self.d, self.p, self.q, self.dp, self.dq, self.qi = numbers[1:9]
            self.size = (self.n.bit_length() + 7) // 8

    @classmethod
    def of_file(cls, path):
        with open(path) as f:
            text = f.read()
        begin = next(k for k in ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY") if "-----BEGIN %s-----" % k in text)
        body = text.split("-----BEGIN %s-----" % begin)[1].split("-----END")[0]
        return cls("-----BEGIN %s-----%s-----END %s-----\n" % (begin, body, begin))

    @classmethod
    def rsa_of(cls, bits):
        return cls(openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:%d" % bits).decode())

    @classmethod
    def ec_of(cls, bits):
        return cls(openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-%d" % bits,
                           "-pkeyopt", "ec_param_enc:named_curve").decode())

    def power(self, block):
        m = int.from_bytes(block, "big")
        a, b = pow(m % self.p, self.dp, self.p), pow(m % self.q, self.dq, self.q)
        return (b + (a - b) * self.qi % self.p * self.q).to_bytes(self.size, "big")

    def sign(self, code, data):
        """As lists and signed files are: RSASSA-PKCS1-v1_5."""
        return self.block(DIGEST_INFO[code] + HASHES[code](data).digest())

    def sign_bare(self, code, data):
        """As CAPF wants it (capf.md 6): RSA without DigestInfo, or plain ECDSA."""
        if self.rsa:
            return self.block(HASHES[code](data).digest())
        with tempfile.NamedTemporaryFile("w") as f:
            f.write(self.pem)
            f.flush()
            return openssl("dgst", "-" + {1: "sha1", 3: "sha512"}[code], "-sign", f.name, data=data)

    def block(self, content):
        must(self.size >= len(content) + 11, "the key is too short for this hash")
        return self.power(b"\0\1" + b"\xff" * (self.size - 3 - len(content)) + b"\0" + content)

    def unwrap(self, data):
        """RSAES-PKCS1-v1_5 (RFC 8017 7.2.2)."""
        must(self.rsa and len(data) == self.size and int.from_bytes(data, "big") < self.n, "wrapped for another key")
        block = self.power(data)
        end = block.find(b"\0", 2)
        must(block[:2] == b"\0\2" and end >= 10, "wrapped for another key")
        return block[end + 1:]


def aes_cbc(key, iv, data):
    """Decrypt; the padding stays."""
    return openssl("enc", "-d", "-aes-%d-cbc" % (8 * len(key)), "-nopad", "-K", key.hex(), "-iv", iv.hex(), data=data)
