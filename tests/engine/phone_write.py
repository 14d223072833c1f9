"""Trust lists and signed files, written by the sheets alone: what an engine's file has to equal byte for byte, and
what a forger would make."""
import struct

from phone_capf import element
from phone_files import SIZE_CODE


def text(tag, value):
    return element(tag, value.encode() + b"\0")


def head(version, first, certificate, key, name, time, code, body):
    """A header with its signature, and the body: order and padding as ctl-itl.md 3, 5 and 6 have them."""
    signer = text(4, certificate.subject.comma()) + text(6, certificate.issuer.comma()) + element(5, certificate.serial)
    info = element(8, bytes([code])) + element(9, element(10, b"\0") + element(11, bytes([SIZE_CODE[key.size]])))
    front = first + element(3, signer) + element(7, info)
    back = text(14, name) + element(15, struct.pack(">I", time))
    size = 10 + len(front) + 3 + key.size + len(back)
    padding = -size % 4
    front = element(1, version) + element(2, struct.pack(">H", size + padding)) + front
    back += b"\x0d" * padding
    return front + element(12, key.sign(code, front + back + body)) + back + body


def record(role, c):
    rows = text(3, c.subject.comma()) + text(5, c.issuer.comma()) + element(6, c.serial) + \
        element(4, struct.pack(">H", role)) + element(7, c.key) + element(8, c.signature) + element(9, c.der)
    return element(1, struct.pack(">H", len(rows) + 5)) + rows


def trust_list(name, rows, certificate, key, time, code=1, signer_version=(1, 0)):
    """`rows` are (role, certificate), in this order."""
    return head(b"\1\2", element(28, bytes(signer_version)), certificate, key, name, time, code,
                b"".join(record(*row) for row in rows))


def signed_file(name, body, certificate, key, time, code=1):
    return head(b"\1\0", b"", certificate, key, name, time, code, body)
