#!/usr/bin/env bash
# From any object to what depends on it, and back to where the cursor was.
. "$(dirname "$0")/lib.sh"

make_site
open_console 80x24

# Profile to its phones, as a list that can be acted on, and back.
press 4 "149 profiles"
press / "find:"
keys "Desk enc" Enter
wait_for ">  Desk encrypted"
press o "Phones that have it"
expect_golden jump-menu no_status
keys Enter
wait_for "Filter: Device Security Profile is exactly"
wait_for "3 phones"
ok $? "a profile leads to the list of its phones"
keys Space
wait_for "1 marked"
ok $? "whose rows can be marked"
press Enter "Device is trusted"
press ] "SEP000000001003"
ok $? "] keeps to the filter of that list"
press ] "this is the last of the list"
keys q
wait_for "Filter: Device Security Profile is"
keys q
wait_for ">  Desk encrypted"
ok $? "back is where the cursor was"

# From the detail, too.
press Enter "Desk encrypted"
press o "Its device type"
keys "device type" Enter
wait_for "Security features"
press o "Phones of this type"
keys Enter
wait_for "Filter: Phone Type is exactly Cisco 8845"
ok $? "a type leads to its phones"
press Enter "Device is"
press o "Phones of its type"
keys "security profile" Enter
wait_for "Desk encrypted"
ok $? "a phone leads to its profile"
keys q q q q q
wait_for "149 profiles"
ok $? "and all the way back"

# A call to the device of a party, the device to its calls.
replay 02-mixed
press 6 "View: All"
press E "> end "
press o "Device of party A"
keys Enter
wait_for "Device is"
ok $? "a call leads to the device of a party"
press o "Its calls"
keys "calls" Enter
wait_for "Filter: Devices contain"
ok $? "a device leads to its calls"
keys q q
wait_for "> end "
ok $? "back to the call"

# The log to what was changed.
press 7 "row 1 of"
keys j
press o "What was changed"
keys "What" Enter
wait_for "Device is"
press q "entries"
ok $? "an entry leads to its object"
press o "All changes of the same"
keys "All changes of" Enter
wait_for "> History of"
ok $? "and to all changes of it"
