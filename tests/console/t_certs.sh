#!/usr/bin/env bash
# Certificates in the console: listed by their end, shown in full, uploaded from files, refused with a reason, and
# removed only after what depends on them was named.
. "$(dirname "$0")/lib.sh"
files=$work/files
mkdir "$files"
cd "$files" || exit 1

# make_cert NAME DAYS TEMPLATE-LINE...: NAME.pem, self-signed by the key of its own.
make_cert() {
    local name=$1 days=$2
    shift 2
    printf '%s\n' "expiration_days = $days" "signing_key" "$@" >"$name.cfg"
    certtool --generate-privkey --ecc --no-text --outfile "$name.key" 2>/dev/null &&
        certtool --generate-self-signed --no-text --load-privkey "$name.key" --template "$name.cfg" \
            --outfile "$name.pem" 2>/dev/null || exit 1
}

# upload FILE TEXT: from the open form, its cursor in the file; what it should bring.
upload() {
    keys C-u "~/files/$1"
    press F2 "$2"
}

# Days, numbers and digests are others in each run.
no_dates() {
    sed -E -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}/YYYY-MM-DD/g' -e 's/T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/THH:MM:SSZ/g' \
        -e 's/20[0-9]{2}([+|])/YYYY\1/' -e 's/[0-9a-f]{36,}/HEX/g' -e 's/CAPF-[0-9a-f]{4}/CAPF-HEXA/' | no_status
}

make_site
make_cert phone 400 'cn = "SEP000000001001"'
make_cert other 20 'cn = "Spare phone"' 'dns_name = "spare.example.org"'
make_cert group 500 'cn = "phones of a group"' 'dns_name = "AscomGroup01.acme.com"'
make_cert wildcard 500 'cn = "any"' 'dns_name = "*.example.org"'
cat phone.pem phone.key >with-key.pem
printf '%s\n' 'activation_date = "2020-01-01 00:00:00"' 'expiration_date = "2021-01-01 00:00:00"' 'cn = "old"' signing_key \
    >old.cfg
certtool --generate-self-signed --no-text --load-privkey phone.key --template old.cfg --outfile old.pem 2>/dev/null
certtool --generate-privkey --rsa --bits 1024 --no-text --outfile weak.key 2>/dev/null
printf 'cn = "weak"\nexpiration_days = 100\nsigning_key\n' >weak.cfg
certtool --generate-self-signed --no-text --load-privkey weak.key --template weak.cfg --outfile weak.pem 2>/dev/null
certtool --to-p12 --load-privkey phone.key --load-certificate phone.pem --p12-name x --password '' --outder \
    --outfile bag.p12 2>/dev/null
echo "no certificate" >text.pem
mkfifo pipe.pem

open_console 80x24
press 5 "6 certificates"
shows "Identity" && shows "CallManager"
ok $? "the engine's own certificates are listed"

# Upload: the name of the file is completed, and what cannot be is refused where it stands.
press A "Upload File"
expect_golden cert-upload no_status
keys "~/fil" Tab
wait_for "[~/files/ "
keys "ph" Tab
wait_for "[~/files/phone."
ok $? "Tab completes the name of the file, as far as it is sure"
keys C-u "~/files/"
press F4 "type to find"
wait_for "other.pem" && lacks "pipe.pem"
ok $? "F4 lists the files there"
keys "group.pem" Enter
wait_for "[~/files/group.pem"
ok $? "and takes one"
while read -r file code; do
    upload "$file" "!! $code"
    ok $? "$file: $code"
done <<'EOF'
nowhere.pem E-IO
pipe.pem E-IO
text.pem E-CERT-PARSE
with-key.pem E-CERT-PRIVATE-KEY
bag.p12 E-CERT-PKCS12
old.pem E-CERT-DATES
weak.pem E-CERT-WEAK
wildcard.pem E-CERT-WILDCARD
EOF
shows "names the thing in full"
ok $? "what to do stands with it"
[ "$(rl cert list --csv | grep -c trust)" = 0 ]
ok $? "nothing came on file"

# Good ones: what was not named is named after the device, else after the certificate.
upload group.pem "Upload successful: cert AscomGroup01.acme.com"
ok $? "a shared certificate is named as its DNS name"
wait_for ">  "
press A "Upload File"
upload group.pem "E-EXISTS"
ok $? "the same again is refused"
press Escape "Discard what was changed"
keys Down Enter
wait_gone "Upload File"
press 2 "9 phones"
press / "find:"
keys "1001" Enter
wait_for ">  ---- SEP000000001001"
press c "[SEP000000001001"
upload phone.pem "Upload successful: cert SEP000000001001"
ok $? "a phone's own is uploaded from the phone"
press Enter "[Certs 1]"
keys Right Right Right Right
wait_for "One device"
ok $? "and listed there"
press Enter "Certificate Purpose"
ok $? "Enter leads to it"
press 5 "certificates"
press r "8 certificates"
press A "Upload File"
keys "~/files/other.pem" Tab Tab
keys "SEP000000009999" Tab "Spare" Tab "Not bought yet" Tab
press Space "Made by the device"
keys "Came" Enter
wait_for "[Came with"
press F2 "Upload successful: cert Spare"
wait_for ">  "
expect_golden certs no_dates
shows "!  soon"
ok $? "what ends soon leads, and is told"

# Filter and sort are asked of the engine.
press f "Find where"
keys "Asc" Enter
wait_for "1 certificate"
ok $? "the filter is the one of all lists"
press f "Find where"
press F8 "9 certificates"

# One in full.
rl type import "$root/data/packs/vendor/ascom-vowifi.ini" >/dev/null
rl profile add AscomGroup01.acme.com --type "Ascom i62" --protocol SIP --mode encrypted --transport tls >/dev/null
press / "find:"
keys "AscomGroup" Enter
press Enter "AscomGroup01.acme.com"
wait_for "DNS:AscomGroup01.acme.com"
expect_golden cert-summary no_dates
press Right "Signed by"
shows "itself: it is trusted because it is on file"
ok $? "who signed it"
press Right "Used by 1"
wait_for "profile    AscomGroup01.acme.com"
ok $? "what uses it"
press Enter "Ascom i62, SIP"
ok $? "Enter goes there"
press q "Used by 1"
press Right "cert add"
ok $? "its history"

# Its PEM text: into the clipboard, or into a file that is not there yet.
tm set-option -s set-clipboard on
press P "The certificate as PEM text"
keys Enter
copied() {
    tm show-buffer 2>/dev/null | cmp -s - "$1"
}
within "$deadline" copied group.pem
ok $? "P copies the PEM text"
press P "The certificate as PEM text"
keys Down Enter
wait_for "save the PEM text in:"
keys C-u "~/files/group.pem" Enter
wait_for "E-EXISTS"
ok $? "no file is written over"
press P "The certificate as PEM text"
keys Down Enter
wait_for "save the PEM text in:"
keys C-u "~/files/saved.pem" Enter
wait_for "saved in ~/files/saved.pem"
cmp -s group.pem saved.pem
ok $? "P saves it in a file"

# Edit: what it says cannot be changed.
press e ">Description"
lacks "SHA-256"
ok $? "the form has only what can be changed"
keys "For the wards"
press F2 "Update successful: cert AscomGroup01.acme.com"
rl cert show AscomGroup01.acme.com | grep -q "For the wards"
ok $? "the description is changed"
press q "9 certificates"
wait_for "row "

# Remove: the name, then what depends on it, then the name again.
press / "find:"
keys "SEP000000001001" Enter
press D "Type the name to go on"
keys SEP000000001001 Enter Enter
wait_for "W-SECURITY-LOST"
shows "SEP000000001001." && shows "Give the phones named another certificate first"
ok $? "the phones that lose their security are named"
expect_golden cert-remove no_dates
keys Escape
wait_gone "W-SECURITY-LOST"
rl cert show SEP000000001001 >/dev/null
ok $? "Esc leaves it"
press D "Type the name to go on"
keys SEP000000001001 Enter Enter
wait_for "W-SECURITY-LOST"
keys SEP000000001001 Enter Enter
wait_for "Delete successful: SEP000000001001"
ok $? "with the name typed it is removed"
rl audit list --limit 1 --json | grep -q W-SECURITY-LOST
ok $? "the audit log keeps the answer"
press / "find:"
keys "TFTP" Enter
wait_for ">  "
press D "Type the name"
keys TFTP Enter Enter
wait_for "E-CERT-FIXED"
ok $? "the engine's own stay"

marked() {
    [ "$(screen | grep -c '^.\*')" -eq "$1" ]
}

# Marked ones together: those that nothing depends on go, the others are asked for.
rl cert upload phone.pem --device SEP000000001001 >/dev/null
press r "9 certificates"
wait_for "SEP000000001001"
keys u "*"
within "$deadline" marked 9
press D "Type the number to go on"
keys 9 Enter Enter
wait_for "W-SECURITY-LOST"
ok $? "of marked ones, those with a warning are asked for"
keys SEP000000001001 Enter Enter
wait_for "3 removed, 6 refused: "
ok $? "typed again they go too, and what is refused is counted"

# Larger, smaller, without colour: uploaded again, so that there is something to see.
rl cert upload other.pem --device SEP000000009999 --name Spare >/dev/null
rl cert upload group.pem >/dev/null
for size in 120x40 60x16; do
    open_console $size
    wait_for "Needs attention"
    press 5 "8 certificates"
    wait_for "Spare"
    expect_golden certs-$size no_dates
done
open_console 80x24 TERM=vt100 LANG=C
wait_for "Needs attention"
press 5 "8 certificates"
wait_for "Spare"
expect_golden certs-vt100 no_dates
press Enter "SEP000000009999"
wait_for "Used by 0"
ok $? "one in full, without colour"
