#!/usr/bin/env bash
# A preferred vendor's type is in the console after its pack was imported, and not before (R77, R78); the
# supplier's instructions come with it (R75).
. "$(dirname "$0")/lib.sh"

# find_type TEXT: among the types of the form that adds a phone.
find_type() {
    press A "field 1 of"
    keys SEP00000000ABCD Tab
    press Space "type to find"
    keys "$1"
    wait_for "find: $1"
    wait_gone "Cisco"
}

make_site
open_console 80x24
press 2 "9 phones"
find_type "Ascom i6"
lacks "> Ascom"
ok $? "before the import its phones cannot be added"
keys Escape
wait_gone "type to find"
press Escape "Stay in the form"
keys Down Enter
wait_for "9 phones"

rl type import "$root/data/packs/vendor/ascom-vowifi.ini" | grep -q "added  *Ascom i62"
ok $? "the pack says what came"
find_type "Ascom i6"
wait_for "> Ascom i62"
ok $? "after it they can"
keys Enter
wait_for "[Ascom i62"
press F2 "Add successful: phone SEP00000000ABCD"
rl phone show SEP00000000ABCD | grep -q "Ascom i62 - Standard SIP Non-Secure Profile"
ok $? "with the predefined nonsecure profile"

press : "command:"
keys "types" Enter
wait_for "Device Type"
press / "find:"
keys "Ascom i62" Enter
wait_for "Ascom i62"
press Enter "Security features"
keys End
wait_for "  4. Upload the certificate here"
shows "The supplier's instructions"
ok $? "the type shows the supplier's instructions"
