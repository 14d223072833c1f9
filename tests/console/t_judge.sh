#!/usr/bin/env bash
# A running call of two phones with their certificates on file: locked; one certificate is taken off file and the
# call opens before one's eyes, with the reason and the phone's end check; uploaded again it locks (R76, R94).
. "$(dirname "$0")/lib.sh"
packs=$root/data/packs/vendor

# make_certificate PHONE: PHONE.pem, self-signed.
make_certificate() {
    certtool --generate-privkey --no-text --key-type=ecdsa --curve=secp256r1 --outfile "$work/$1.key" 2>/dev/null
    printf 'cn = "%s"\nexpiration_days = 365\nsigning_key\n' "$1" >"$work/$1.cfg"
    certtool --generate-self-signed --no-text --load-privkey "$work/$1.key" --template "$work/$1.cfg" \
        --outfile "$work/$1.pem" 2>/dev/null
}

# begin_vendor_call PHONE PHONE: they register with their certificates and talk; nobody ends the call.
begin_vendor_call() {
    PYTHONPATH=$root/tests/engine python3 - "$work" "$@" >"$work/vendor.hep" <<'EOF'
import hashlib, json, sys
import lib, talk
work, *phones = sys.argv[1:]
digest = {}
for phone in phones:
    with open("%s/%s.pem" % (work, phone)) as f:
        digest[phone] = hashlib.sha256(f.read().encode()).hexdigest()
for packet in lib.recording(talk.SECURE)[:talk.ANSWERED + 1]:
    parts = talk.chunks(packet)
    if talk.is_log(parts):
        event = json.loads(dict(parts)[0x0f])
        event.update(fp=digest[event["dev"]], verified="0")
        parts = [(k, json.dumps(event).encode() if k == 0x0f else d) for k, d in parts]
    packet = talk.pack(parts)
    sys.stdout.buffer.write(bytes(8) + len(packet).to_bytes(4, "big") + packet)
EOF
    rl hep replay --speed max "$work/vendor.hep" >/dev/null
}

make_site
a=SEP000000001001 b=SEP000000001002
rl cert upload "$packs/sample-signer.pem" --store pack-signers >/dev/null &&
    rl type import "$packs/sample-north.ini" --signature "$packs/sample-north.ini.p7s" >/dev/null
ok $? "the sample vendor's pack is imported"
for phone in $a $b; do
    make_certificate $phone
    rl phone remove $phone >/dev/null 2>&1
    rl cert upload "$work/$phone.pem" --device $phone --origin by-device >/dev/null
done
rl profile add north --type "Sample North D10" --mode encrypted >/dev/null
for phone in $a $b; do
    rl phone add $phone --type "Sample North D10" --profile north --lines "${phone: -4}" >/dev/null
done
rl phone security $a | grep -q "^Security enabled  *yes"
ok $? "phone security: enabled"

begin_vendor_call $a $b
open_console 80x24
press 6 "> LOCK"
press Enter "Signalling secure"
shows "TLS, own certificate"
ok $? "the call is locked, by the certificates on file"
rl cert remove $a --accept W-SECURITY-LOST >/dev/null
wait_for "E-SIG-CERT-REMOVED" && shows "OPEN"
ok $? "taken off file, the running call opens while one looks at it"
wait_for "Remedy: Upload it again if it may count"
ok $? "and says what to do"

press 2 "Device Name"
press / "find:"
keys "$a" Enter
wait_for "Sample No"
press Enter "Overview"
press Right "Security not enabled"
shows "none on file" && shows "certificate removed"
ok $? "the phone: none on file, the one in use was removed"
expect_golden vendor-security
rl cert upload "$work/$a.pem" --device $a --origin by-device >/dev/null
press r "Security enabled"
ok $? "uploaded again: security enabled"
press 6 "LOCK"
ok $? "and the call is locked again"
