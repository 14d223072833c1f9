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
shows "> Enter          phone-open" && screen | grep -qE " ([0-9]+) of \1$"
ok $? "the palette lists all that there is, with keys and sentences"
keys "phones"
wait_for "> 2              phones                Go to the screen Phones"
ok $? "screens, too"
keys C-u
keys "phone-w"
wait_gone "phone-open"
shows "> W              phone-wizard" && lacks "phone-add"
ok $? "typing narrows it"
keys C-u "c"
wait_for "> c              phone-certificate"
ok $? "a key finds what it does"
keys C-u "ended"
wait_for "calls-ended" && shows "(Calls) "
ok $? "actions of other screens are there, with the screen"
keys C-u "cal" Tab
wait_for "command: call"
keys s
wait_for "command: calls"
keys Enter
wait_for "6 Calls"
ok $? "the palette goes to a screen"
press : "command:"
wait_for "> 6              calls "
ok $? "what was run last is the first"
keys "users" Enter
wait_for "> Users"
keys Escape
wait_gone "> Users"
press : "command:"
keys "list-cop"
wait_for "(not now: there is nothing under the cursor)"
ok $? "what cannot be run now says why"
keys Down Down Up C-u "mark-a" Tab Enter
wait_gone "command:"
press : "command:"
keys "calls-" Down
wait_for "> t              calls-follow"
[ "$(cursor)" = 0,4 ]
ok $? "Up and Down choose; the cursor stands on the line"
keys Escape
wait_gone "command:"
press : "command:"
keys "no-such" Enter
wait_for "no action or screen is called"
ok $? "and says when there is no such name"
press ! "What was said"
shows "no-such"
ok $? "messages are kept with their times"
[ "$(cursor)" = 0,3 ] && screen | grep -q '^>[0-9:]* *!  no action'
ok $? "the cursor stands on the newest"
press y "copied: no action or screen"
shows "> " && screen | grep -q '^>[0-9:]* *!  no action'
ok $? "and y copies it"
keys q
wait_for "6 Calls"

# F1 tells the keys of small layers, too.
press 2 "9 phones"
press f "contains"
press F1 "filter-go"
ok $? "F1 is help in the filter"
press Escape "contains"
keys Escape
wait_gone "contains"
press s "Sort by"
press F1 "menu-choose"
ok $? "and in a menu"
press F1 "Sort by"
keys Escape
wait_gone "Sort by"

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
