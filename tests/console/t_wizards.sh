#!/usr/bin/env bash
# Both wizards from their first step to "security enabled"; the line is dropped at every step, and the wizard
# taken up again; two consoles on one draft.
. "$(dirname "$0")/lib.sh"
vendor=$root/data/packs/vendor
group=AscomGroup01.acme.com

# self_signed FILE LINE...: a certificate for a year; LINEs are those of a template of certtool.
self_signed() {
    local file=$1
    shift
    printf '%s\n' "signing_key" "tls_www_client" "expiration_days = 365" "$@" >"$work/template"
    certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --no-text --outfile "$work/key.pem" 2>/dev/null
    certtool --generate-self-signed --no-text --load-privkey "$work/key.pem" --template "$work/template" \
        --outfile "$file" 2>/dev/null
}

# certificate NAME FILE [LINE...]: with a DNS name.
certificate() {
    local name=$1 file=$2
    shift 2
    self_signed "$file" "cn = \"$name\"" "dns_name = \"$name\"" "$@"
}

# reads FILE TEXT: read as the certificate, it brings this text.
reads() {
    press A "certificate file:"
    keys "$work/$1" Enter
    wait_for "$2"
}

# The wizard under way, from the list of them.
take_up() {
    keys :
    wait_for "command:" && keys wizards Enter && wait_for "1 wizard under way" && press Enter "draft saved"
}

# at_step N: the terminal dies, another console goes on where the wizard was left.
at_step() {
    wait_for ">$1 "
    open_console 80x24
    wait_for "Needs attention"
    take_up
    wait_for ">$1 "
    ok $? "step $1 is taken up after the line dropped"
}

# What the clock and the new keys make differ.
steady() {
    sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]{8}Z)?/DAY/g' -e 's/( SHA-256 +)[0-9a-f]+/\1HASH/'
}

look() {
    no_status | steady
}

make_site
rl type import "$vendor/ascom-vowifi.ini" >/dev/null
certificate "$group" "$work/ascomgroup01.pem"
certificate "$group" "$work/key-inside.pem"
cat "$work/key.pem" >>"$work/key-inside.pem"

# A shared certificate. A wizard that the type does not have says why.
open_console 80x24
press 2 "9 phones"
press W "Start a wizard"
wait_for "[Ascom i62"
press Space "type to find"
keys i63 Enter
wait_for "[Ascom i63"
expect_golden wizard-start look
press Enter "E-CERT-MODE"
ok $? "the wizard of another certificate mode does not begin"
keys Down
press Enter ">1 "
expect_golden wizard-certificate look

# Next waits, and says why; a private key stays where it is.
press Enter "Next waits: E-REQUIRED"
ok $? "Next waits for the certificate"
press A "certificate file:"
keys "$work/key-in" Tab
wait_for "key-inside.pem"
press Enter "E-CERT-PRIVATE-KEY"
ok $? "a private key is refused at once"
self_signed "$work/ip.pem" 'cn = "group"' 'ip_address = "192.0.2.1"'
self_signed "$work/wild.pem" 'cn = "group"' 'dns_name = "*.acme.com"'
self_signed "$work/no-san.pem" "cn = \"$group\""
self_signed "$work/no-name.pem" 'organization = "nobody"'
reads ip.pem "E-SAN-NOT-DNS" && reads wild.pem "E-CERT-WILDCARD" && reads no-name.pem "E-NO-CERT-NAME" &&
    reads no-san.pem "none; CN $group"
ok $? "a SAN of type IP, a wildcard, no name at all, no SAN: each is told as it is read"
reads ascomgroup01.pem "DNS:$group"
ok $? "what was read from the certificate is shown"
at_step 1
keys Enter
at_step 2
keys Enter
at_step 3
keys Enter
at_step 4

# The name has to be the DNS name, character by character.
keys Ascomgroup01.acme.com Enter
wait_for '^ character 6: "G" is wanted, "g" is here'
ok $? "the first character that differs is marked"
shows "Step 4 of 10" || shows "Next waits: E-SAN-MISMATCH"
ok $? "Next waits for the name"
expect_golden wizard-name look
for size in 60x16 80x24; do
    [ "$size" = 60x16 ] && name=wizard-name-60x16 || name=wizard-name-vt100
    [ "$size" = 60x16 ] && open_console $size || open_console $size TERM=vt100 LANG=C
    wait_for "Needs attention"
    take_up
    wait_for "is wanted"
    expect_golden $name look
done
keys BSpace BSpace BSpace BSpace BSpace BSpace BSpace BSpace BSpace
keys Tab
wait_for "character 6"
keys BTab "." Tab
wait_for "character 6"
keys BTab C-u "$group." Tab
wait_for 'the end is wanted, "." is here'
ok $? "a dot at the end is told"
keys BTab C-u "$group " Tab
wait_for "the end is wanted, a blank is here"
ok $? "a blank at the end is told"
keys BTab C-u "*.acme.com" Tab
wait_for '"A" is wanted, "*" is here'
ok $? "a wildcard is told"
keys BTab Tab
wait_for "> [ Take the DNS SAN as the name ]"
keys Enter
wait_gone "is wanted"
shows "[$group"
ok $? "the button takes the DNS name"
press Enter ">5 "
at_step 5
press Enter "E-REQUIRED"
press Space "Authenticated"
keys enc Enter
wait_for "[Encrypted"
keys Enter
at_step 6
press C-p ">5 "
shows "[Encrypted"
ok $? "going back loses no answer"
press Enter ">6 "
keys Enter
at_step 7
press A "phones:"
keys "SEP00000000E361 SEP00000000E362" Enter
wait_for "Phone (2)"
ok $? "several phones are named at once"
keys Enter
at_step 8
keys Enter
at_step 9
press Space "Owner User ID"
keys "Ward one" Tab 7361 Enter
wait_for "SEP00000000E362"
keys "Ward two" Tab 7362 Enter
wait_for "Phone (2)"
shows 7361 && shows 7362
ok $? "the fields of each phone are filled in"
keys Enter
at_step 10
press Enter "End check"
wait_for "security enabled, once applied"
ok $? "the end check looks ahead"
rl phone show SEP00000000E361 >/dev/null 2>&1
ok $((! $?)) "and nothing has changed"
expect_golden wizard-review look
keys Enter
wait_for "security enabled: all"
ok $? "applied: security enabled"
expect_golden wizard-result look
rl phone show SEP00000000E362 --json | grep -q "\"$group\""
ok $? "the phones have the profile"
tm set-option -s set-clipboard on
press y "copied 14 lines: security enabled: all"
ok $? "y copies the report"
press Enter "No wizard is under way"
ok $? "its draft is gone"

# Per-device certificates, many phones at once from a CSV file: one file for two phones is refused.
rl cert upload "$vendor/sample-signer.pem" --store pack-signers >/dev/null
rl type import "$vendor/sample-north.ini" --signature "$vendor/sample-north.ini.p7s" >/dev/null
mkdir "$work/many"
for n in 1 2 3; do
    certificate "SEP00000000E35$n" "$work/many/SEP00000000E35$n.pem"
done
certificate SEP00000000E353 "$work/many/ended.pem" "activation_date = \"2020-01-01 00:00:00\"" \
    "expiration_date = \"2021-01-01 00:00:00\""
printf '%s\r\n' name,certificate,lines,description SEP00000000E351,SEP00000000E351.pem,7351,One \
    SEP00000000E352,SEP00000000E351.pem,7352,Two SEP00000000E353,ended.pem,7353,Three SEP00000000E354,,7354,Four \
    >"$work/many/phones.csv"
printf '%s\n' name,colour X,red >"$work/many/bad.csv"
press A "Start a wizard"
wait_for "[Ascom"
press Space "type to find"
keys North Enter
wait_for "[Sample North D10"
press Enter ">1 "
press I "CSV file:"
keys "$work/many/bad.csv" Enter
wait_for "E-CSV-COLUMN: bad.csv, line 1"
ok $? "a column that nobody knows is refused by line"
{ echo name; seq -f "SEP%012g" 501; } >"$work/many/over.csv"
press I "CSV file:"
keys "$work/many/over.csv" Enter
wait_for "E-VALUE: One wizard takes 500 phones at most"
wait_for "Phone (0)"
ok $? "more phones than a wizard takes are refused as a whole"
press I "CSV file:"
keys "$work/many/ph" Tab
wait_for "phones.csv"
keys Enter
wait_for "E-CERT-REUSED"
wait_for "E-CERT-DATES"
ok $? "each phone has its own check"
keys Down
wait_for "E-CERT-REUSED:"
expect_golden wizard-uploads look
press Enter "Next waits"
ok $? "Next waits for certificates"
keys D
wait_gone "!! E-CERT-REUSED"
ok $? "D takes the file away"
press A "certificate file:"
keys "$work/many/SEP00000000E352.pem" Enter
wait_for "> SEP00000000E353"
press A "certificate file:"
keys "$work/many/SEP00000000E353.pem" Enter
wait_gone "E-CERT-DATES"
wait_for "> SEP00000000E354"
press D "Phone (3)"
ok $? "files are read one after another, a phone without one is taken away"
press Enter ">2 "
shows "Sample North D10 - "
ok $? "the profiles of the type are listed"
at_step 2
press Enter ">3 "
keys "North encrypted" Tab Tab
press Space "Authenticated"
keys enc Enter
wait_for "[Encrypted"
at_step 3
press Enter ">4 "
at_step 4
press Enter ">5 "
at_step 5
press Enter ">6 "
shows 7352
ok $? "fields came with the CSV file"
at_step 6
press Enter ">7 "
press Space "type to find"
keys "North enc" Enter
wait_for "[North encrypted"
at_step 7
rl cluster mode nonsecure >/dev/null
press Enter "security not enabled: Cluster Security Mode"
press Enter "Apply it all the same?"
wait_for "W-CLUSTER-NONSECURE"
ok $? "in nonsecure mode applying asks"
press Enter "line 1 of"
press Enter "Apply it all the same?"
ok $? "and asks again after a no"
press Enter "line 1 of"
keys Up
wait_for "Space opens the cluster's security mode"
expect_golden wizard-nonsecure look
press Space "no call can lock"
keys M
wait_for "side by side"
keys y
wait_for "Cluster Security Mode: mixed"
press q "Enter applies"
wait_for "security enabled, once applied"
ok $? "the end check offers the way to mixed mode"
press Enter "security enabled: all"
ok $? "applied: security enabled"
rl phone show SEP00000000E353 --json | grep -q "North encrypted"
ok $? "the phones have the profile"
press Enter "No wizard is under way"

# For phones that are there: those marked in the list are in the wizard, whose type is theirs.
press 2 "14 phones"
press / "find:"
keys E361 Enter
wait_for ">  ---- SEP00000000E361"
keys Space Space
wait_for "2 marked"
press W "2: SEP00000000E361, SEP00000000E362"
wait_for "[Ascom i63"
ok $? "the marked phones are in the wizard, and their type is chosen"
press Enter ">1 "
press C-g "Go to step"
keys phone Enter
wait_for "is there: changed"
ok $? "phones that are there are changed"

# A certificate whose names would like to act on the terminal.
certificate evil.example.com "$work/evil.pem" "organization = \"$(printf 'x\342\200\256y\033]0;owned\007')\""
press C-g "Go to step"
keys Certif Enter
wait_for ">1 "
reads evil.pem '\x1b'
[ "$(tm display-message -p '#{pane_title}')" != owned ] && shows ">1 "
ok $? "names in certificates are shown, and do nothing"
open_console 120x40
wait_for "Needs attention"
take_up
expect_golden wizard-hostile-120x40 look
press Escape "1 wizard under way"
press D "Drop the wizard"
keys y
wait_for "No wizard is under way"

# Two consoles on one draft: the second is asked, the first is told, and keeps what was typed.
press A "Start a wizard"
wait_for "[Ascom"
keys Down Down
press Enter ">1 "
press Escape "1 wizard under way"
ok $? "Esc leaves, and the draft is in the list"
take_up
press C-g "Go to step"
keys Name Enter
wait_for ">4 "
keys "Half typed"
first=$terminals
terminals=$((terminals + 100))
open_console 80x24
second=$terminals
wait_for "Needs attention"
wait_for "Wizards under way: 1"
ok $? "the dashboard counts wizards under way"
keys :
wait_for "command:" && keys wizards Enter
wait_for "1 wizard under way"
press Enter "Take over"
wait_for "has draft"
ok $? "who takes up what somebody has open is asked"
press y "the wizard is yours"
terminals=$first
wait_for "has taken this wizard over"
shows "Half typed"
ok $? "the first is told, and what was typed is still there"
keys Enter
wait_for "E-DRAFT-TAKEN"
ok $? "and answers no more"
press F9 "the wizard is yours"
terminals=$second
wait_for "has taken this wizard over"
ok $? "taken back, the other one is told"
tm kill-server
terminals=$first

# An engine that dies: what was typed stays, is called old, and is kept when it is back.
keys C-u "Typed meanwhile"
stop_engine -KILL
wait_for "core lost"
keys Tab
wait_for "not all saved"
ok $? "without the engine the page says that not all is saved"
start_engine
wait_gone "core lost"
wait_gone "not all saved"
ok $? "what was typed is sent when it is back"
press Escape "1 wizard under way"
press D "Drop the wizard"
keys y
wait_for "No wizard is under way"
ok $? "a draft is dropped after a question"
