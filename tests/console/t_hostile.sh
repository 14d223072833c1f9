#!/usr/bin/env bash
# Names from the network cannot move the cursor, ring, set titles or hide text.
. "$(dirname "$0")/lib.sh"

make_site
# A call whose display names and numbers hold control, bidi, wide and combining characters.
python3 - "$root/data/captures/02-mixed.hep" "$work/hostile.hep" <<'EOF'
import struct, sys
data, out, at = open(sys.argv[1], "rb").read(), open(sys.argv[2], "wb"), 0
evil = '"\x1b]0;owned\x07\x1b[2J\u202edrac\u4e2d\u6587e\u0301\u200b" '.encode()
while at < len(data):
    stamp, n = struct.unpack(">QI", data[at:at + 12])
    gram = data[at + 12:at + 12 + n]
    at += 12 + n
    # Chunks: vendor 0, type 15 is the payload.
    chunks, p = [], 6
    while p + 6 <= len(gram):
        vendor, kind, length = struct.unpack(">HHH", gram[p:p + 6])
        body = gram[p + 6:p + length]
        if kind == 15:
            body = body.replace(b"From: <", b"From: " + evil + b"<").replace(b"To: <", b"To: " + evil + b"<")
            body = body.replace(b"\r\nf: <", b"\r\nf: " + evil + b"<")
        chunks.append(struct.pack(">HHH", vendor, kind, len(body) + 6) + body)
        p += length
    gram = b"".join(chunks)
    gram = b"HEP3" + struct.pack(">H", len(gram) + 6) + gram
    out.write(struct.pack(">QI", stamp, len(gram)) + gram)
EOF
open_console 80x24
press 6 "No calls now"
keys E
rl hep replay --speed max "$work/hostile.hep" >/dev/null
wait_for "1001"
ok $? "the call is shown"
wait_for '\x1b'
ok $? "control characters are shown as text"
[ "$(tm display-message -p '#{pane_title}')" != owned ]
ok $? "the title is not set"
screen | awk 'length > 80 { bad = 1 } END { exit bad }'
ok $? "no line is wider than the screen"
shows "row 1 of 1"
ok $? "nothing was cleared"
press Enter "Reasons"
ok $? "its detail opens"
press Right "Security profile"
shows '\u202e'
ok $? "bidi controls are shown as text"
keys q
open_console 80x24 LANG=C
press 6 "No calls now"
press E "1001"
shows '\x1b'
ok $? "and in a locale that is not UTF-8"
