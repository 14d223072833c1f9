#!/usr/bin/env bash
# The fields of a profile come and go with its type, protocol and other fields (profiles.md 1 to 3), what follows
# from others is shown, and the settings of CAPF run both ways (4.8).
. "$(dirname "$0")/lib.sh"

make_site
open_console 80x40
press 4 "149 profiles"

# pick TEXT: open the list of the field under the cursor and choose what TEXT finds.
pick() {
    press F4 "Enter choose  Esc leave" || return 1
    keys "$1" Enter
    wait_gone "Enter choose  Esc leave"
}

# to LABEL: Tab until the cursor is on this field.
to() {
    local n
    for n in $(seq 30); do
        ! shows ">$1" || return 0
        keys Tab
        sleep 0.05
    done
    wait_for ">$1"
}

press A "field 1 of"
lacks "Device Security Mode" && lacks "Key Order" && lacks "Transport Type"
ok $? "before the type is known only what every profile has is there"
keys "Fields" Tab
pick "Third-party SIP Device (Basic)"
wait_for "Nonce Validity Time"
shows "Transport Type" && shows "Enable Digest Authentication" && shows "SIP Phone Port" &&
    lacks "Device Security Mode" && lacks "Key Order" && lacks "TFTP Encrypted Config" && lacks "OAuth" &&
    lacks "Shared Certificate" && lacks "Exclude Digest"
ok $? "a third-party type: no mode (R82), no CAPF, no encrypted configuration"
keys C-u
pick "Cisco 7942"
wait_for "Exclude Digest"
shows "Device Security Mode" && shows "Key Order" && shows "TFTP Encrypted Config"
ok $? "7942 with SIP: exclude digest"
keys Tab
pick "SCCP"
wait_gone "Exclude Digest"
lacks "Transport Type" && lacks "Nonce Validity" && lacks "Enable Digest" && lacks "SIP Phone Port" &&
    shows "Device Security Mode" && shows "TFTP Encrypted Config"
ok $? "with SCCP: neither transport nor digest (R126)"
pick "SIP"
wait_for "Transport Type"
keys BTab C-u
pick "Cisco 8845"
wait_gone "Exclude Digest"
lacks "OAuth" && lacks "EC Key Size" && shows "RSA Key Size" && lacks "Shared Certificate"
ok $? "8845: OAuth is not there while its conditions fail"

# Mode and transport.
to "Device Security Mode"
pick "Encrypted"
wait_for "[TLS"
wait_for "OAuth"
ok $? "mode Encrypted sets TLS and brings OAuth"
pick "Non Secure"
wait_for "[TCP+UDP"
wait_gone "OAuth"
ok $? "back to Non Secure sets TCP+UDP and takes OAuth away"
to "Transport Type"
press F4 "UDP"
lacks "|   TLS"
ok $? "TLS is not offered without a secure mode"
keys Escape
wait_gone "Enter choose"
to "Device Security Mode"
pick "Encrypted"
wait_for "OAuth"
to "Enable Digest"
keys Space
wait_gone "OAuth"
ok $? "digest takes OAuth away"
keys Space
wait_for "OAuth"

# Keys.
to "Key Order"
pick "EC Only"
wait_gone "RSA Key Size"
wait_for "[384"
ok $? "EC Only: the RSA size goes, the EC size comes with what it needs"
pick "EC Preferred"
wait_for "RSA Key Size"
shows "EC Key Size" && shows "[2048"
ok $? "EC Preferred: both"
pick "RSA Only"
wait_gone "EC Key Size"
ok $? "RSA Only: the EC size goes"
press F2 "Add successful: profile Fields"
rl profile show Fields --json | grep -q '"key_order": *"rsa"'
ok $? "it is saved as shown"

# The detail shows the fields of the type alone.
rl profile add Plain --type "Third-party SIP Device (Basic)" >/dev/null
keys r
press / "find:"
keys "Plain" Enter
wait_for ">  Plain"
press Enter "Phone Security Profile Information"
lacks "Device Security Mode" && lacks "Key Order" && lacks "Shared Certificate" && shows "Nonce Validity"
ok $? "the detail shows what the type has"
keys q

# CAPF of a phone.
rl phone add SEP00000000CAFE --type "Cisco 8845" --profile Fields >/dev/null
press 2 "10 phones"
press / "find:"
keys CAFE Enter
wait_for "SEP00000000CAFE"
press e "Key Order"
shows "[RSA Only"
ok $? "a phone shows the settings of its profile"
to "Key Order"
pick "EC Only"
wait_for "W-PROFILE-CAPF"
wait_for "EC-384"
ok $? "its form tells the profile that it will have"
press F2 "Update successful"
rl phone show SEP00000000CAFE --json | grep -q "Cisco 8845 SIP Encrypted null-string EC-384"
ok $? "the phone has a profile made for its settings"
