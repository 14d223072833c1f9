#!/usr/bin/env bash
# Certificates that end: counted on the dashboard, listed there as they come and go, and each leads to its screen.
. "$(dirname "$0")/lib.sh"

# cert NAME DAYS: NAME.pem, self-signed, that ends after so many days.
cert() {
    printf 'cn = "%s"\ndns_name = "%s"\nexpiration_days = %d\nsigning_key\n' "$1" "$1" "$2" >"$work/$1.cfg"
    certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --no-text --outfile "$work/$1.key" 2>/dev/null &&
        certtool --generate-self-signed --no-text --load-privkey "$work/$1.key" --template "$work/$1.cfg" \
            --outfile "$work/$1.pem" 2>/dev/null
}

make_site
cert soon.example 5 && cert far.example 400
ok $? "certificates are made"
open_console 80x24
wait_for "6 ok   ending within 30 days 0   expired 0"
ok $? "the dashboard counts the server's own certificates"
rl cert upload "$work/far.example.pem" >/dev/null && rl cert upload "$work/soon.example.pem" --device SEP000000001001 \
    >/dev/null
press r "7 ok   ending within 30 days 1   expired 0"
wait_for "ends in 4 days: 1 phone"
shows "CERT  certificate SEP00000000"
ok $? "one that ends soon needs attention, with the phones that depend on it"
press / "find:"
keys "certificate" Enter
wait_for "> !  CERT"
press Enter "soon.example"
shows "SEP000000001001"
ok $? "Enter opens the certificate"
press q "ending within"
press 5 "certificates"
press v "Expiring"
keys "Expiring" Enter
wait_for "Expiration is before 30d"
wait_for "1 certificate"
shows "SEP000000001001"
ok $? "a view of the certificates shows those that end"
press v "Of devices"
keys "All" Enter
press 1 "ending within"
rl cert remove SEP000000001001 --accept W-SECURITY-LOST >/dev/null
press r "7 ok   ending within 30 days 0   expired 0"
wait_gone "ends in 4 days"
ok $? "removed, it needs no attention"
