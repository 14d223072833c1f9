#!/usr/bin/env bash
# Views of lists: filter, order and columns by name; the one used last comes back.
. "$(dirname "$0")/lib.sh"

make_site
open_console 80x24
press 2 "View: All   Filter: (none)"
ok $? "a list says which view it shows"

# Built-in ones; what was changed since is marked.
press v "Not trusted"
expect_golden views-menu no_status
keys "Not tru" Enter
wait_for "View: Not trusted   Filter: Trusted is exactly no" && wait_for "1 phone"
ok $? "a built-in view filters"
press s "Sort by"
keys "Description" Enter
wait_for "View: Not trusted *"
ok $? "what was changed since is marked"

# Columns: any field of the object, in any order.
press w "Columns"
press Space "Device Name"
keys j
press Space "[ ] Lock"
keys "k" k k k
expect_golden columns no_status
keys Escape
wait_gone "Space shows or hides"
press w "Columns"
keys End
for n in 1 2 3 4 5 6 7 8; do keys j; done
press Space "Digest User"
ok $? "a field without a column of the screen can be shown"
keys Escape
wait_gone "Space shows or hides"

# Save under a name, with columns; names that could not be shown are refused.
press w "Columns"
keys Space
press Enter "Device Name"
lacks " Lock "
ok $? "a column that was taken away is not shown"
press v "Save what is shown as"
keys "Save what" Enter
wait_for "save the view as:"
keys " bad" Enter
wait_for "E-VALUE"
ok $? "a name with blanks around is refused"
press v "Save what is shown as"
keys "Save what" Enter
wait_for "save the view as:"
keys "Lobby phones" Enter
wait_for "view Lobby phones was saved"
ok $? "a view is saved"
wait_for "View: Lobby phones   Filter:"
ok $? "and is what the list shows, unchanged"

# Rename, share, choose another, come back.
press v "Rename it"
keys "Rename" Enter
wait_for "rename the view to:"
keys C-u "Of the lobby" Enter
wait_for "the view is called Of the lobby now" && wait_for "View: Of the lobby   "
ok $? "it is renamed"
press v "Share it"
keys "Share" Enter
wait_for "view Of the lobby was saved for all"
ok $? "an operator shares it"
press v "Of the lobby  (of all)"
shows "Of the lobby  (yours)"
ok $? "the menu says whose a view is"
keys Up Up Up Up Up Up Up Up Up Enter
wait_for "9 phones" && wait_for "View: All   Filter: (none)"
ok $? "All shows everything again"
press v "(yours)"
keys "(yours)" Enter
wait_for "View: Of the lobby   Filter: Trusted is exactly no"
ok $? "the kept one is taken up again"
lacks " Lock "
ok $? "with its columns"

# The view used last comes back at the next start.
keys Q
status_is 0
open_console 80x24
press 2 "View: Of the lobby   Filter: Trusted is exactly no"
ok $? "the view used last comes back"
press v "Remove it"
keys "Remove it" Enter
wait_for "Remove the view Of the lobby?"
expect_golden view-remove no_status
keys Enter
wait_gone "Remove the view"
press v "Remove it"
keys "Remove it" Enter
wait_for "Remove the view Of the lobby?"
press y "view Of the lobby was removed"
wait_for "View: All   Filter: (none)"
ok $? "it is removed after a yes"

# Lists that are filtered here have views, too.
press 7 "View: All"
press v "Of profiles"
keys "Of prof" Enter
wait_for "View: Of profiles   Filter: Object begins with profile"
ok $? "the log has views"

# Columns scroll.
press 8 "197 types"
keys Right Right
wait_gone "Protocols"
ok $? "Right scrolls the columns, the name stays"
keys h
keys h
wait_for "Protocols"
ok $? "h scrolls back"
