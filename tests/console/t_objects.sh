#!/usr/bin/env bash
# Phones and profiles are added, changed and removed; what the rules refuse is said at its field.
. "$(dirname "$0")/lib.sh"

make_site
open_console 80x24
press 4 "149 profiles"

# A profile: the type is picked, the mode brings its transport, a bad text is named.
press A "field 1 of"
keys "Test profile" Tab
press Space "type to find"
keys "Cisco 8845" Enter
wait_for "[Cisco 8845"
keys Tab Tab
keys 'a"b' Tab
wait_for "E-VALUE"
ok $? "a bad text is named at its field"
expect_golden profile-form-bad no_status
keys BTab C-u Tab
wait_gone "E-VALUE"
ok $? "a good one takes the message away"
press Space "Authenticated"
keys Down Down Enter
wait_for "[TLS "
ok $? "the transport follows from the mode"
press F2 "Add successful: profile Test profile"
ok $? "F2 adds it"
wait_for ">  Test profile"
ok $? "the cursor is on it"

# Change it: what it was, the question before text is lost, ^O saves.
press e "field 1 of"
keys Tab
keys "changed here" Tab
wait_for "was empty"
ok $? "what was there stands beside"
press Escape "Stay in the form"
press Enter "was empty"
ok $? "Esc asks, and staying leads"
press C-o "Update successful: profile Test profile"
rl profile show "Test profile" | grep -q "changed here"
ok $? "^O saves"

# Somebody else saves first: theirs is shown beside ours, and somebody decides (t_conflict.sh has the rest).
press e "field 1 of"
keys Tab
keys " by me" Tab
wait_for "was changed here"
rl profile set "Test profile" --description "by others" >/dev/null
press F2 "Test profile was changed by"
shows "Theirs by others" && shows "Yours  changed here by me"
ok $? "a conflict shows theirs and keeps mine"
keys m
press F2 "Update successful"
rl profile show "Test profile" | grep -q "changed here by me"
ok $? "kept and saved again, it is mine"

# Remove: the name has to be typed.
press D "Type the name to go on"
expect_golden profile-delete no_status
keys Enter
wait_for "exactly as it stands"
ok $? "Enter alone does not remove"
keys "Test profile" Enter Enter
wait_for "Delete successful: Test profile"
ok $? "with its name typed it is removed"
press / "find:"
keys "Desk enc" Enter
wait_for ">  Desk encrypted"
press D "Type the name"
keys "Desk encrypted" Enter Enter
wait_for "E-PROFILE-IN-USE"
ok $? "a profile in use is not removed"

# A phone with a warning: it is asked, and no is the answer that leads.
press 2 "9 phones"
press A "field 1 of"
keys SEP00000000ABCD Tab
press Space "type to find"
keys "Cisco 7841" Enter
wait_for "[Cisco 7841"
keys Tab Tab Tab Tab
keys "1900" Tab
press F6 "W-SHARED-MIXED"
shows "Saving adds this phone" && shows "Lines                        1900"
ok $? "the review has what it will be, and the warning"
expect_golden form-review-add no_status
press Escape ">Owner"
ok $? "from there back to the form as it was left"
press F2 "Save it all the same"
ok $? "a warning is shown before going on"
expect_golden phone-warning no_status
keys Enter
wait_gone "Save it all"
rl phone show SEP00000000ABCD >/dev/null 2>&1
ok $((! $?)) "no leads: nothing was added"
press F2 "Save it all the same"
keys y
wait_for "Add successful: phone SEP00000000ABCD"
ok $? "yes adds it"
rl audit list --json | grep -q W-SHARED-MIXED
ok $? "the audit log keeps the answer"
press / "find:"
keys ABCD Enter
wait_for ">  ---- SEP00000000ABCD"
press Enter "Device is trusted"
press D "Type the name"
keys SEP00000000ABCD Enter Enter
wait_for "Delete successful: SEP00000000ABCD"
wait_for "9 phones"
ok $? "removed from its detail, back to the list"

# Find, filter, sort and marks of a list that the engine sorts.
press / "find:"
keys "lobby"
wait_for ">  ---- SEP000000002003"
ok $? "find looks at all columns"
keys Escape
wait_gone "find:"
press f "Find where"
keys "SEP00000000200" Enter
wait_for "2 phones"
ok $? "the filter is asked of the engine"
press f "Find where"
keys Tab
press Space "type to find"
keys "Trusted" Enter
wait_for "[Trusted"
keys Tab C-u "no" Enter
wait_for "1 phone"
ok $? "by trust, too"
press f "Find where"
press F8 "9 phones"
press s "Sort by"
keys "Description" Enter
wait_for "Description v"
wait_for ">  ---- CONF00000000001"
ok $? "sorted by the engine"
keys Space Space
marked() {
    [ "$(screen | grep -c '^.\*')" -eq "$1" ]
}
within "$deadline" marked 2
ok $? "Space marks"
keys u
within "$deadline" marked 0
ok $? "u takes the marks away"

# Marks: D asks for their number, removes one after another, and keeps the marks of what is refused.
for n in 1 2 3; do
    rl phone add SEPAAAA0000000$n --type "Cisco 8845" --profile "Desk encrypted" >/dev/null
done
press r "12 phones"
press / "find:"
keys AAAA00000001 Enter
wait_for ">  ---- SEPAAAA00000001"
keys Space Space
within "$deadline" marked 2
press f "Find where"
keys "CONF" Enter
wait_for "1 phone"
press D "Type the number to go on"
shows "2 marked: SEPAAAA00000001," && shows "of them are not among the rows here"
ok $? "D names the marked ones, and says that the filter hides them"
keys Enter
wait_for "type the number exactly as it stands: 2"
ok $? "Enter alone removes nothing"
keys 2 Enter Enter
wait_for "2 removed"
ok $? "all marked are removed"
press q "1 phone"
press f "Find where"
press F8 "10 phones"
ok $? "and only they"
rl profile add "Batch one" --type "Cisco 8845" --protocol SIP >/dev/null
press 4 "150 profiles"
press r "150 profiles"
press f "Find where"
keys C-u "Batch" Enter
wait_for "1 profile"
keys Space
press f "Find where"
keys C-u "Desk encrypted" Enter
wait_for ">  Desk encrypted"
keys Space
wait_for ">* Desk encrypted"
press D "Type the number"
keys 2 Enter Enter
wait_for "1 removed, 1 refused" && wait_for "> Desk encrypted  refused E-PROFILE-IN-USE"
ok $? "what is refused is said, with its name and code"
press q "1 profile"
within "$deadline" marked 1
ok $? "and stays marked"
keys u
press 2 "10 phones"
keys Home

# y offers the row to the clipboard, and shows it.
tm set-option -s set-clipboard on
press y "copied: "
copied() {
    tm show-buffer 2>/dev/null | grep -q SEP
}
within "$deadline" copied
ok $? "y copies the row"
keys Home Space Space
press y "copied 2 lines"
two_lines() {
    [ "$(tm show-buffer 2>/dev/null | grep -c .)" -eq 2 ]
}
within "$deadline" two_lines
ok $? "and the marked rows"
keys u

# A predefined profile: its form does not open, and what helps is said.
press 4 "Profiles"
press f "Find where"
keys C-u "  Cisco 3905  " Enter
wait_for "1 profile"
ok $? "blanks around a value are not meant"
press f "Find where"
keys C-u "   " Enter
wait_for "nothing but blanks can be found"
ok $? "a value of blanks is refused"
keys Escape
wait_gone "Find where"
press e "E-PROFILE-FIXED: It is predefined: C copies it."
ok $? "a predefined profile is not edited"

# A message about one screen does not follow to the next, an error does.
keys u
press 2 "phones"
press Enter "Device is"
press Right "View phone security settings"
press Enter "nothing opens"
ok $? "what leads nowhere says so"
press q "phones"
shows "nothing opens"
ok $? "a message outlives the key that leaves its page"
fades() {
    keys Down Up
    lacks "nothing opens"
}
within 8 fades
ok $? "and goes with a key after five seconds"

# Who may only look is told so.
press 8 "197 types"
press Enter "Security features"
press q "197 types"
ok $? "types are only looked at"

# What depends on an object is told before its name is typed, on every terminal.
for terminal in 80x24 60x16 vt100; do
    case $terminal in
    vt100) open_console 80x24 TERM=vt100 LANG=C ;;
    *) open_console "$terminal" ;;
    esac
    wait_for "core ok"
    press 4 "profiles"
    press / "find:"
    keys "Desk encrypted" Enter
    wait_for ">  Desk encrypted"
    press D "Type the name"
    expect_golden "profile-in-use-$terminal" no_status
done
keys "Desk encrypted" Enter Enter
wait_for "E-PROFILE-IN-USE"
ok $? "and the engine refuses it for the same reason"
