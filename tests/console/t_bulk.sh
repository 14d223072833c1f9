#!/usr/bin/env bash
# Acts on marked rows: one question, a result for each, what failed tried again.
. "$(dirname "$0")/lib.sh"

make_site
{
    echo "name,type,protocol,profile"
    for n in $(seq 1000 1299); do echo "SEPBBBB0000$n,Cisco 8845,SIP,Desk encrypted"; done
} >"$work/many.csv"
rl import phones "$work/many.csv" >/dev/null
rl profile add "Second desk" --type "Cisco 8845" --protocol SIP >/dev/null
open_console 80x24
press 2 "309 phones"

# The profile of two phones of which one cannot have it.
press / "find:"
keys 1006 Enter
wait_for ">  ---- SEP000000001006"
keys Space
press / "find:"
keys BBBB00001000 Enter
wait_for ">  ---- SEPBBBB00001000"
keys Space
wait_for "2 marked"
press P "Security Profile"
keys "Second desk" Enter
wait_for "It is set in:"
expect_golden assign no_status
keys Enter
wait_gone "It is set in"
rl phone show SEPBBBB00001000 | grep -q "Desk encrypted"
ok $? "Cancel leads: nothing changes"
press P "Security Profile"
keys "Second desk" Enter
wait_for "Second desk"
keys Tab Enter
wait_for "1 changed, 1 refused"
expect_golden results
ok $? "each has its result"
rl phone show SEPBBBB00001000 | grep -q "Second desk"
ok $? "what could be changed was changed"

# Enter opens the object, R tries again what was refused, once the cause is mended.
press Enter "SEP000000001006"
press q "E-PROFILE-TYPE"
press R "1 refused"
keys q
marked() {
    [ "$(screen | grep -c '^.\*')" -eq "$1" ]
}
within "$deadline" marked 1
ok $? "what is refused stays marked"

# All that the filter gives are marked, not only those that are held here; the results can be marked again.
keys u
press f "Find where"
keys BBBB Enter
wait_for "300 phones"
keys "*"
wait_for "300 marked"
ok $? "* marks all that the filter gives"
press F "Field"
keys "Description" Enter
wait_for "value for all:"
keys "Third floor" Enter
wait_for "Third floor"
shows "300 marked: " && shows "and 295 more"
ok $? "the question names the first ones and the number"
keys Tab Enter
wait_for "300 changed"
ok $? "300 are changed"
keys q
wait_for "Third floor"
ok $? "and the list shows it"
keys Home
press f "Find where"
keys C-u "BBBB" Enter
keys "*"
wait_for "300 marked"
press D "Type the number to go on"
keys 300 Enter Enter
wait_for "300 removed"
keys q
wait_for "0 phones"
ok $? "300 are removed"
