#!/usr/bin/env bash
# Help is made from the tables; the palette runs actions by name; messages are kept.
. "$(dirname "$0")/lib.sh"

make_site
open_console 80x24
press 2 "9 phones"
press ? "Help: Phones"
expect_golden help-phones
keys "prof"
wait_for "of "
lacks "list-find"
ok $? "typing searches keys, names and sentences"
keys C-u "sort by"
wait_for "> s F6"
keys Enter
wait_for "Sort by (again"
ok $? "Enter runs the line under the cursor"
keys Escape
wait_gone "Sort by (again"
press F1 "Help: Phones"
press ? "9 phones"
ok $? "F1 opens it, ? closes it"

press : "command:"
keys "cal" Tab Enter
wait_for "6 Calls"
ok $? "the palette goes to a screen"
press : "command:"
keys "no-such" Enter
wait_for "no action or screen is called"
ok $? "and says when there is no such name"
press ! "What was said"
shows "no-such"
ok $? "messages are kept with their times"
keys q
wait_for "6 Calls"

for screen in 1 2 3 4 5 6 7; do
    keys $screen
    wait_for " $screen "
    screen | tail -1 | grep -q '? help$'
    ok $? "screen $screen: the last line ends with help"
done
tm resize-window -x 60 -y 16
keys 4
wait_for "4 Profiles"
screen | tail -1 | grep -q '? help$'
ok $? "at 60 columns too"
