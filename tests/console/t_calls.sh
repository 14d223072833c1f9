#!/usr/bin/env bash
# Live calls: a recorded call locks on the screen by itself, and ends; why another one does not lock.
. "$(dirname "$0")/lib.sh"

make_site
open_console 80x24
press 6 "No calls now"

# At half its pace, so that each state can be seen.
"$build/ringlock" --site "$site" hep replay --speed 0.5 "$root/data/captures/01-secure.hep" </dev/null >/dev/null 2>&1 &
player=$!
wait_for "> LOCK"
ok $? "a secure call shows LOCK by itself"
shows "1001 " && shows "SRTP SRTP" && shows "LOCK 1"
ok $? "its parties, its media and the count are there"
wait_for "> end"
ok $? "when it ends, it says so while the cursor is on it"
wait "$player"

# One that is open: who, why, what mends it.
begin_call 02-mixed 17
wait_for "OPEN 1"
ok $? "a call with an open phone shows OPEN"
keys Home
wait_for "> OPEN"
expect_golden calls-open no_status
tm resize-window -x 120 -y 40
wait_for "SEP000000001001, SEP000000002001"
expect_golden calls-open-120x40 no_status
tm resize-window -x 80 -y 24
wait_gone "SEP000000001001, SEP000000002001"
press Enter "criteria fail"
wait_for "Reasons"
expect_golden call-why no_status
keys Enter
wait_for "1001 to 2001 > "
ok $? "Enter on a reason opens the screen that mends it"
wait_for ">  Device Security Profile"
ok $? "with the cursor on the profile"
keys Escape
wait_for "Reasons"
press Right "Security profile"
shows "Cisco 7841" && shows "SEP000000001001"
ok $? "the legs name devices, types and profiles"
press Right "connected"
ok $? "the events tell how it came"
keys q
wait_for "> OPEN"
ok $? "back on the same call"

# A locked call in a conference that is open: who makes it so, and why (R58).
begin_call 12-conference 38
wait_for "OPEN 4"
ok $? "a weak member opens the calls of the whole conference"
keys Home Down
press Enter "E-CONFERENCE-MEMBER"
shows "SEP000000002001 in call"
ok $? "the reason names the weakest member"
press Enter "2001 to 8000"
shows "E-PROFILE-NONSECURE"
ok $? "Enter on it opens that member's call"
keys q
wait_for "E-CONFERENCE-MEMBER"
keys q
wait_for "OPEN 4"

# The cursor stays on its call while others come and go.
replay 01-secure 03-tls-rtp
press E "Ended ones too"
wait_for "> OPEN"
ok $? "the cursor stays on its call while others come"
keys Home
press p "Paused"
ok $? "p pauses"
replay 15-authenticated
wait_for "changes wait"
ok $? "what changes meanwhile is counted"
press p "Follows new calls"
press t "Does not follow"
replay 16-nonsecure
press t "Follows new calls"
ok $? "t stops following, and follows again"

# Sorting and filtering are done here.
press f "Find where"
keys "nd" Enter
wait_for "Filter: Lock contains nd"
lacks "> OPEN"
ok $? "a filter takes rows away"
press f "Find where"
press F8 "Filter: (none)"
ok $? "F8 clears it"
press s "Sort by"
keys "Media" Enter
wait_for "Media v"
ok $? "sorted by the column chosen"

# A phone that was turned away appears on the dashboard by itself.
press 1 "Needs attention"
replay 10-unauthorized
wait_for "was turned away"
ok $? "a phone that is turned away appears on the dashboard"
