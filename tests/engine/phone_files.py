"""The files that a phone gets, read as strictly as the sheets say: trust lists, signed and encrypted files.

Written from the formats alone, to hold the engine's writers and readers against. Each reader raises Bad for
what has to be refused; what is only odd stands in `warnings`.
"""
import struct

from phone_x509 import Bad, Certificate, HASHES, aes_cbc, must

SAST, CCM, CCM_TFTP, TFTP, CAPF, APP, TVS = 0, 1, 2, 3, 4, 7, 21
ROLES = {SAST, CCM, CCM_TFTP, TFTP, CAPF, APP, TVS}
SIZE_CODE = {64: 0, 128: 1, 256: 2, 512: 3}
LIST, SGN, ENC = "list", "sgn", "enc"
LIST_TAGS = {1, 2, 28, 3, 7, 12, 14, 15}
TOP_TAGS = {LIST: LIST_TAGS, SGN: LIST_TAGS - {28}, ENC: (LIST_TAGS - {28}) | {16, 26, 27}}
LENGTHS = {1: 2, 2: 2, 28: 2, 7: 15, 8: 1, 9: 8, 10: 1, 11: 1, 15: 4,
           17: 28, 18: 1, 19: 16, 20: 2, 22: 1, 23: 2, 24: 1, 26: 1}


def elements(data, at, end, padding=False):
    """[(tag, begin, content, end)] up to `end` exactly. The header's padding is tags without a length, at its end."""
    out = []
    while at < end:
        if padding and data[at] == 13:
            must(set(data[at:end]) == {13}, "something stands behind the padding")
            break
        must(at + 3 <= end, "an element is cut")
        n = struct.unpack_from(">H", data, at + 1)[0]
        must(at + 3 + n <= end, "element %d is longer than what holds it", data[at])
        out.append((data[at], at, at + 3, at + 3 + n))
        at += 3 + n
    return out


def table(data, at, end, allowed, lengths=LENGTHS, padding=False):
    """{tag: value}, each tag at most once and among those allowed."""
    out = {}
    for tag, _, begin, stop in elements(data, at, end, padding):
        must(tag in allowed, "unknown tag %d", tag)
        must(tag not in out, "tag %d twice", tag)
        must(tag not in lengths or stop - begin == lengths[tag], "tag %d has %d bytes", tag, stop - begin)
        out[tag] = data[begin:stop]
    return out


def text(raw):
    must(raw is not None and len(raw) >= 1 and raw[-1] == 0, "a text without its end")
    must(0 not in raw[:-1], "NUL within a text")
    try:
        return raw[:-1].decode("utf-8")
    except UnicodeDecodeError:
        raise Bad("a text that is not UTF-8")


def number(raw):
    return int.from_bytes(raw, "big")


class File:
    """The header that all three have (ctl-itl.md 3, signed-config.md 2 and 3), and the body behind it."""

    def __init__(self, data, kind):
        self.data, self.kind, self.warnings = data, kind, []
        must(len(data) >= 10, "too short")
        must(data[0] == 1 and data[1:3] == b"\0\2", "the first element is not the version")
        must(data[5] == 2 and data[6:8] == b"\0\2", "the second element is not the header's length")
        self.version = tuple(data[3:5])
        self.header = number(data[8:10])
        must(10 <= self.header <= len(data), "the header is longer than the file")
        self.body = data[self.header:]
        self.tags = table(data, 0, self.header, TOP_TAGS[kind], padding=True)
        self.read_version()
        self.read_signer()
        self.name = text(self.tags.get(14))
        self.time = number(self.tags[15]) if 15 in self.tags else None
        must(self.time is not None, "no time")

    def read_version(self):
        major = 2 if self.kind == ENC else 1
        must(self.version[0] == major, "header version %d.%d", *self.version)
        if self.version[1] > (2 if self.kind == LIST else 0):
            self.warnings.append("header version %d.%d" % self.version)
        self.signer_version = tuple(self.tags.get(28, b"\1\0"))
        if self.signer_version not in ((1, 0), (1, 1)):
            self.warnings.append("signer version %d.%d" % self.signer_version)

    def read_signer(self):
        must({3, 7, 12} <= set(self.tags), "no signer, or no signature")
        signer = table(self.tags[3], 0, len(self.tags[3]), {4, 5, 6})
        must(len(signer) == 3, "the signer is not named whole")
        self.signer, self.issuer, self.serial = text(signer[4]), text(signer[6]), signer[5]
        info = table(self.tags[7], 0, len(self.tags[7]), {8, 9})
        must(set(info) == {8, 9}, "no hash, or no algorithm")
        algorithm = table(info[9], 0, len(info[9]), {10, 11})
        self.hash = info[8][0]
        must(self.hash in (1, 3), "hash %d", self.hash)
        must(set(algorithm) == {10, 11} and algorithm[10][0] == 0, "signature algorithm")
        self.signature = self.tags[12]
        must(SIZE_CODE.get(len(self.signature)) == algorithm[11][0], "size code of the signature")
        at = next(begin for tag, begin, _, _ in elements(self.data, 0, self.header, True) if tag == 12)
        self.signed = (self.data[:at], self.data[at + 3 + len(self.signature):])

    def made_by(self, certificate):
        """Is it the certificate that the header names?"""
        return self.serial == certificate.serial and certificate.issuer.is_text(self.issuer) and \
            certificate.subject.is_text(self.signer)

    def verify(self, certificate):
        must(self.made_by(certificate), "signed by %s, not by %s", self.signer, certificate.subject.comma())
        must(certificate.verifies(self.hash, self.signed, self.signature), "the signature is wrong")


class Record:
    """One certificate and its role (ctl-itl.md 4)."""
    TAGS = set(range(1, 13))

    def __init__(self, data, warnings):
        tags = table(data, 0, len(data), self.TAGS, {1: 2, 4: 2, 12: 1})
        must(4 in tags, "a record without role")
        self.role, self.certificate, self.data = number(tags[4]), None, data
        if self.role not in ROLES:
            warnings.append("role %d" % self.role)
        for tag in (2, 3, 5):
            if tag in tags:
                text(tags[tag])
        must({3, 5, 6, 7} <= set(tags) or 11 in tags, "a record that does not say whose it is")
        if 9 not in tags:
            if 11 not in tags:
                warnings.append("a record without certificate")
            return
        c = self.certificate = Certificate(tags[9])
        must(3 not in tags or c.subject.is_text(text(tags[3])), "the subject is not the certificate's")
        must(5 not in tags or c.issuer.is_text(text(tags[5])), "the issuer is not the certificate's")
        must(tags.get(6, c.serial) == c.serial, "the serial number is not the certificate's")
        must(tags.get(7, c.key) == c.key, "the public key is not the certificate's")
        must(tags.get(8, c.signature) == c.signature, "the signature is not the certificate's")


class TrustList(File):
    """CTLFile.tlv or ITLFile.tlv. Read means: whole, strict, and signed by a SAST of its own."""

    def __init__(self, data):
        super().__init__(data, LIST)
        self.records, at = [], self.header
        while at < len(data):
            must(at + 5 <= len(data) and data[at:at + 3] == b"\1\0\2", "a record does not begin with its length")
            n = number(data[at + 3:at + 5])
            must(5 <= n <= len(data) - at, "the length of a record")
            self.records.append(Record(data[at:at + n], self.warnings))
            at += n
        must(self.records, "no records")
        if len(self.of(SAST)) > 2:
            self.warnings.append("%d SAST" % len(self.of(SAST)))
        signers = [c for c in self.of(SAST) if self.made_by(c)]
        must(signers, "the signer is not among its SAST records")
        self.verify(signers[0])

    def of(self, *roles):
        """The certificates that have one of these roles."""
        return [r.certificate for r in self.records if r.role in roles and r.certificate]

    def has(self, certificate, *roles):
        return any(c.der == certificate.der for c in self.of(*roles))

    def lists_role(self, *roles):
        return any(r.role in roles for r in self.records)


class SignedFile(File):
    """X.sgn: header and the file as it was. `asked` is the name it was asked for by."""

    def __init__(self, data, asked=None, kind=SGN):
        super().__init__(data, kind)
        must(asked is None or asked == self.name, "it is named %s", self.name)


class EncryptedFile(SignedFile):
    """X.enc.sgn (signed-config.md 3)."""

    def __init__(self, data, asked=None):
        super().__init__(data, asked, ENC)
        must({16, 26, 27} <= set(self.tags), "it does not say how it is encrypted")
        info = table(self.tags[16], 0, len(self.tags[16]), {17, 21})
        must(len(info) == 2, "it does not say how it is encrypted")
        iv = table(info[17], 0, len(info[17]), {18, 19, 20})
        key = table(info[21], 0, len(info[21]), {22, 23, 24, 25})
        must(len(iv) == 3 and len(key) == 4, "it does not say how it is encrypted")
        self.iv, self.pad, self.wrapped = iv[19], number(iv[20]), key[25]
        self.digest_code, self.digest = self.tags[26][0], self.tags[27]
        must(number(key[23]) == 8 * len(self.wrapped), "the key's size is not the wrapped key's")
        must(self.digest_code in (1, 3) and len(self.digest) == HASHES[self.digest_code]().digest_size, "its digest")
        must(self.body and len(self.body) % 16 == 0, "the cipher text is not whole blocks")
        must(1 <= self.pad <= len(self.body), "%d bytes of padding", self.pad)
        for tag, value, usual in ((18, iv[18][0], 0), (22, key[22][0], 0), (24, key[24][0], 1)):
            if value != usual:
                self.warnings.append("tag %d is %d" % (tag, value))
        if self.pad > 16:
            self.warnings.append("%d bytes of padding" % self.pad)

    def decrypt(self, key):
        aes = key.unwrap(self.wrapped)
        must(len(aes) in (16, 24, 32), "a wrapped key of %d bytes", len(aes))
        if len(aes) != 16:
            self.warnings.append("AES-%d" % (8 * len(aes)))
        plain = aes_cbc(aes, self.iv, self.body)[:-self.pad]
        must(HASHES[self.digest_code](plain).digest() == self.digest, "the digest of the plain text is wrong")
        return plain
