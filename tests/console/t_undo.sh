#!/usr/bin/env bash
# U tells what was done last and undoes it; the harmless answer leads.
. "$(dirname "$0")/lib.sh"

make_site
rl profile copy "Desk encrypted" "Desk two" >/dev/null
open_console 80x24
press 4 "profiles"
press / "find:"
keys "Desk two" Enter
wait_for ">  Desk two"
press e "field 1 of"
keys Tab
wait_for "field 4 of"
keys C-u "by mistake" Tab
press F2 "U undoes"
ok $? "what can be undone says so"

press U "Your last change is undone"
expect_golden undo no_status
keys U
keys Enter
wait_gone "Your last change"
rl profile show "Desk two" | grep -q "by mistake"
ok $? "neither the same key nor Enter confirms"
press U "Your last change is undone"
keys y
wait_for "undone: profile set"
rl profile show "Desk two" | grep -q "own certificates"
ok $? "yes undoes it"
press U "profile add of profile Desk two"
keys Tab Enter
wait_for "undone: profile add"
! rl profile show "Desk two" >/dev/null 2>&1
ok $? "once more: the one before"

# Changed by somebody else since: who and when. The same user's other console counts as theirs.
rl user add somebody --name a >/dev/null
keys U
wait_for "user add of user somebody"
rl user set somebody --name b >/dev/null
keys y
wait_for "E-CONFLICT"
ok $? "what was done between question and answer is not undone unseen"
