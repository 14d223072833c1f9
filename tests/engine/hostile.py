"""What hostile and broken clients say to CAPF and TVS: tables of bytes, and what may come of each.

Used by test_hostile.py against the real ports. Nothing here waits for its end: who does, is the server.
"""
import os, struct

from phone_capf import (AUTH_RESPONSE, DEVICE_NAME, FETCH_RESPONSE, IN_PROGRESS, KEYGEN_RESPONSE, PASSWORD, PUBLIC_KEY,
                        QUERY_REQUEST, REASON, STORE_REQUEST, TVS_CERTIFICATE, TVS_DEVICE, TVS_ISSUER, TVS_SERIAL,
                        TVS_SUBJECT, VERIFY_REQUEST, VERSION, Message, TvsMessage, element)

NAME = b"SEPDEADBEEF0000\0"
UNKNOWN, FAILED = 9, 7      # what END_SESSION says (capf.md 9)
BEFORE_TLS = {
    "nothing but rubbish": os.urandom(4000),
    "a web client": b"GET / HTTP/1.1\r\nHost: phone\r\n\r\n",
    "CAPF without TLS": Message(AUTH_RESPONSE, 1, [(DEVICE_NAME, NAME)]).bytes(),
    "a record that is too long": b"\x16\x03\x01\xff\xff" + b"\1" * 70000,
    "a ClientHello that is cut": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
    "a ClientHello of SSL 2": b"\x80\x2e\1\0\2\0\x15\0\0\0\x10" + b"\7" * 37,
    "empty records": b"\x17\x03\x03\0\0" * 500,
    "an alert": b"\x15\x03\x03\0\2\2\x28",
    "handshake of a length that never comes": b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",
}


def auth(*rows, session, command=AUTH_RESPONSE):
    return Message(command, session, rows).bytes()


GOOD = [(REASON, b"\1"), (VERSION, b"\3"), (PASSWORD, b"\0"), (DEVICE_NAME, NAME)]


def but(tag, *instead):
    """The good answer with another element, or none, in the place of one."""
    return [e for row in GOOD for e in (instead if row[0] == tag else [row])]


def header(session, command=AUTH_RESPONSE, proto=0x55, n=0):
    return struct.pack(">BBIH", proto, command, session, n)


# name: (bytes for a session, the reasons of END_SESSION that are right; None: closed without one)
CAPF = {
    "good": (lambda s: auth(*GOOD, session=s), {UNKNOWN}),
    "another order": (lambda s: auth(*reversed(GOOD), session=s), {UNKNOWN}),
    "no password": (lambda s: auth(*but(PASSWORD), session=s), {UNKNOWN}),
    "version 1": (lambda s: auth(*but(VERSION, (VERSION, b"\1")), session=s), {UNKNOWN}),
    "version 2": (lambda s: auth(*but(VERSION, (VERSION, b"\2")), session=s), {UNKNOWN}),
    "unknown elements": (lambda s: auth((14, b"x"), *GOOD, (200, b""), (255, b"y" * 300), session=s), {UNKNOWN}),
    "a name twice: the last wins": (lambda s: auth((DEVICE_NAME, b"SEP1\0"), *GOOD, session=s), {UNKNOWN}),
    "another protocol": (lambda s: header(s, proto=0x57), {FAILED}),
    "another session": (lambda s: auth(*GOOD, session=s + 1), {FAILED}),
    "an answer to a question not asked": (lambda s: auth((REASON, b"\1"), session=s, command=FETCH_RESPONSE), {FAILED}),
    "a key before anybody asked": (lambda s: auth((PUBLIC_KEY, b"x"), session=s, command=KEYGEN_RESPONSE), {FAILED}),
    "a server's message": (lambda s: auth((REASON, b"\1"), session=s, command=STORE_REQUEST), {FAILED}),
    "command 0": (lambda s: header(s, 0), {FAILED}),
    "command 255": (lambda s: header(s, 255), {FAILED}),
    "no version": (lambda s: auth(*but(VERSION), session=s), {FAILED}),
    "version 0": (lambda s: auth(*but(VERSION, (VERSION, b"\0")), session=s), {FAILED}),
    "version 4": (lambda s: auth(*but(VERSION, (VERSION, b"\4")), session=s), {FAILED}),
    "version of 2 bytes": (lambda s: auth(*but(VERSION, (VERSION, b"\3\3")), session=s), {FAILED}),
    "version of no bytes": (lambda s: auth(*but(VERSION, (VERSION, b"")), session=s), {FAILED}),
    "no name": (lambda s: auth(*but(DEVICE_NAME), session=s), {FAILED}),
    "an empty name": (lambda s: auth(*but(DEVICE_NAME, (DEVICE_NAME, b"\0")), session=s), {FAILED}),
    "a name of no bytes": (lambda s: auth(*but(DEVICE_NAME, (DEVICE_NAME, b"")), session=s), {FAILED}),
    "NUL within the name": (lambda s: auth(*but(DEVICE_NAME, (DEVICE_NAME, b"SEP\0X\0")), session=s), {FAILED}),
    "a name for a terminal": (lambda s: auth(*but(DEVICE_NAME, (DEVICE_NAME, b"\x1b[2J\r\n\x07EVIL\0")), session=s),
                              {FAILED, UNKNOWN}),
    "a name that is not UTF-8": (lambda s: auth(*but(DEVICE_NAME, (DEVICE_NAME, b"\xff\xfe\xc0\0")), session=s),
                                 {FAILED, UNKNOWN}),
    "a name of 12000 bytes": (lambda s: auth(*but(DEVICE_NAME, (DEVICE_NAME, b"S" * 12000 + b"\0")), session=s),
                              {FAILED, UNKNOWN}),
    "an empty body": (lambda s: header(s), {FAILED}),
    "an element beyond the body": (lambda s: header(s, n=7) + b"\x0d\0\x10SEP\0", {FAILED}),
    "a stray byte": (lambda s: (lambda b: header(s, n=len(b)) + b)(b"".join(element(*e) for e in GOOD) + b"\1"), {FAILED}),
    "two stray bytes": (lambda s: (lambda b: header(s, n=len(b)) + b)(b"".join(element(*e) for e in GOOD) + b"\1\0"),
                        {FAILED}),
    "65535 bytes": (lambda s: header(s, n=65535) + b"\0" * 65535, {FAILED, None}),
    "the longest length and nothing": (lambda s: header(s, n=65535), {FAILED, None}),
    "in progress, before it began": (lambda s: auth(session=s, command=IN_PROGRESS) * 50, {FAILED}),
    "all of a session at once": (lambda s: auth(*GOOD, session=s) + auth((PUBLIC_KEY, b"x"), session=s,
                                                                         command=KEYGEN_RESPONSE), {UNKNOWN, FAILED, None}),
}

PHONE = (TVS_DEVICE, b"\1CP-8861-SEP001122334455")


def tvs(*rows, command=VERIFY_REQUEST, session=7):
    return TvsMessage(command, session, rows).bytes()


# name: (bytes, what is answered: a status, or None for a close)
TVS = {
    "not a certificate": (lambda der: tvs(PHONE, (TVS_CERTIFICATE, b"x" * 100)), {1, None}),
    "a certificate and a byte": (lambda der: tvs(PHONE, (TVS_CERTIFICATE, der + b"\0")), {1, None}),
    "half of a certificate": (lambda der: tvs(PHONE, (TVS_CERTIFICATE, der[:400])), {1, None}),
    "no certificate": (lambda der: tvs(PHONE), {1, None}),
    "no name": (lambda der: tvs((TVS_CERTIFICATE, der)), {0, None}),
    "a name of another form": (lambda der: tvs((TVS_DEVICE, b"\1CP-7975G-SEP001122334455\0"), (TVS_CERTIFICATE, der)), {0}),
    "the certificate first, the reserved byte set":
        (lambda der: TvsMessage(VERIFY_REQUEST, 7, [(TVS_CERTIFICATE, der), PHONE], reserved=0xf7).bytes(), {0}),
    "a name for a terminal": (lambda der: tvs((TVS_DEVICE, b"\1\x1b[2J\r\n"), (TVS_CERTIFICATE, der)), {0, None}),
    "an unknown element": (lambda der: tvs(PHONE, (99, b"z"), (TVS_CERTIFICATE, der)), {0}),
    "a command of the server": (lambda der: tvs(PHONE, (TVS_CERTIFICATE, der), command=2), {None}),
    "command 9": (lambda der: tvs(PHONE, (TVS_CERTIFICATE, der), command=9), {None}),
    "version 2": (lambda der: b"\x57\2" + tvs(PHONE, (TVS_CERTIFICATE, der))[2:], {None}),
    "CAPF's protocol": (lambda der: b"\x55" + tvs(PHONE)[1:], {None}),
    "a cut element": (lambda der: tvs(PHONE)[:-1], {None}),
    "65535 bytes": (lambda der: struct.pack(">BBBBIH", 0x57, 1, 1, 0, 1, 65535) + b"\0" * 65535, {None}),
    "a query of nothing": (lambda der: tvs(PHONE, command=QUERY_REQUEST), {1, None}),
    "a query of odd things": (lambda der: tvs(PHONE, (TVS_SUBJECT, b"'; DROP TABLE own; --\0"), (TVS_ISSUER, b"\xff\0"),
                                              (TVS_SERIAL, b"\0" * 3000), command=QUERY_REQUEST), {1, None}),
    "a query for everything": (lambda der: tvs(PHONE, (TVS_SUBJECT, b"%\0"), (TVS_ISSUER, b"%\0"), (TVS_SERIAL, b""),
                                               command=QUERY_REQUEST), {1, None}),
}
