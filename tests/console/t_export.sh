#!/usr/bin/env bash
# What is shown, saved: a page as text, all rows that the filter gives as CSV; never over a file unasked.
. "$(dirname "$0")/lib.sh"

make_site
{
    echo "name,type,protocol,profile,description"
    for n in $(seq 1000 1799); do echo "SEPBBBB0000$n,Cisco 8845,SIP,Desk encrypted,\"Desk, $n\""; done
} >"$work/many.csv"
rl import phones "$work/many.csv" >/dev/null
open_console 80x24
press 2 "809 phones"

# CSV of all rows, with the columns shown.
press X "save in: phones.csv"
keys C-u "$work/all.csv" Enter
wait_for "809 phones saved in"
ok $? "X saves all rows"
[ "$(wc -l <"$work/all.csv")" -eq 810 ]
ok $? "every row is there, and a line of names"
head -1 "$work/all.csv" | grep -q '^lock,name,description,type,protocol,profile,lines,owner,trusted'
ok $? "the columns are those shown"
grep -q '"Desk, 1799"' "$work/all.csv" && grep -q '^----,CONF00000000001,' "$work/all.csv"
ok $? "texts with commas are quoted"
[ "$(stat -c %a "$work/all.csv")" = 600 ] && ! ls "$work" | grep -q 'part[0-9]'
ok $? "for its owner alone, and nothing is left beside it"

# A file that is there is asked about; no leads.
press f "Find where"
keys "lobby" Tab Tab
keys Escape
wait_gone "Find where"
press f "Find where"
keys "SEP00000000200" Enter
wait_for "2 phones"
press X "save in:"
keys C-u "$work/all.csv" Enter
wait_for "[ Replace ]"
keys Enter
wait_gone "[ Replace ]"
[ "$(wc -l <"$work/all.csv")" -eq 810 ]
ok $? "a file that is there stays unless one says yes"
press X "save in:"
keys C-u "$work/all.csv" Enter
wait_for "[ Replace ]"
press y "2 phones saved in"
[ "$(wc -l <"$work/all.csv")" -eq 3 ]
ok $? "replaced after a yes, with what the filter gives"
press X "save in:"
keys C-u "$work/none/x.csv" Enter
wait_for "E-IO"
ok $? "a folder that is not there is said"

# The page as text; of a detail all lines of its tab.
press Y "save in: phones.txt"
keys C-u "$work/page.txt" Enter
wait_for "saved in"
grep -q "^View: All \*   Filter: " "$work/page.txt" && grep -q "Old desk, second line" "$work/page.txt" ||
    grep -q "Old desk" "$work/page.txt"
ok $? "Y saves what is shown, with nothing cut"
press Enter "Device is"
press Y "save in: phone.txt"
keys C-u "$work/detail.txt" Enter
wait_for "saved in"
grep -q "Device Security Profile" "$work/detail.txt"
ok $? "and a detail with all its lines"

# The log and calls, too.
press 7 "entries"
press X "save in: audit.csv"
keys C-u "$work/log.csv" Enter
wait_for "entries saved in"
[ "$(wc -l <"$work/log.csv")" -gt 40 ]
ok $? "the log is saved"
replay 02-mixed
press 6 "View: All"
press E "> end "
press X "save in: calls.csv"
keys C-u "$work/calls.csv" Enter
wait_for "saved in"
grep -q "^end," "$work/calls.csv"
ok $? "calls are saved"

# Locked to its screens: plain names in one folder.
mkdir "$work/drop"
keys Q
status_is 0
open_console 80x24 -- --locked --files "$work/drop"
press 2 "809 phones"
press X "save in: phones.csv"
keys C-u "../x.csv" Enter
wait_for "E-VALUE"
ok $? "a locked console names no file elsewhere"
press X "save in: phones.csv"
keys Enter
wait_for "809 phones saved in phones.csv"
[ "$(wc -l <"$work/drop/phones.csv")" -eq 810 ]
ok $? "it saves in its folder"

# A backup of the site, sealed with a passphrase that is typed twice and never shown.
keys Q
status_is 0
open_console 80x24
press c "Cluster Security Mode"
press b "save in: ringlock.backup"
keys C-u "$work/site.backup" Enter
wait_for "Seal the backup"
keys Enter
wait_for "passphrase:"
keys "correct horse battery"
wait_for "passphrase: ***"
! shows "horse"
ok $? "a passphrase is not shown"
keys Enter
wait_for "passphrase again:"
keys "correct horse bakery" Enter
wait_for "the two passphrases differ"
[ ! -e "$work/site.backup" ]
ok $? "two that differ take no backup"
press b "save in: ringlock.backup"
keys C-u "$work/site.backup" Enter
wait_for "Seal the backup"
keys Enter
wait_for "passphrase:"
keys "correct horse battery" Enter
wait_for "passphrase again:"
keys "correct horse battery" Enter
wait_for "backup saved in"
echo "correct horse battery" >"$work/passphrase"
"$build/ringlock" restore "$work/site.backup" --dry-run --passphrase-file "$work/passphrase" >/dev/null
ok $? "what was saved can be restored"
wait_for "Last backup                    20"
ok $? "the page says when it was taken"

# The dashboard says when one is due, and leads to where it is taken.
stop_engine
sqlite3 "$site/site.db" "UPDATE meta SET value = '2026-01-02T03:04:05Z' WHERE key = 'last_backup'"
start_engine
press q "a backup is due"
shows "the last is of 2026-01-02"
ok $? "the dashboard says that a backup is due"
press / "find:"
keys "backup" Enter
wait_for "> !"
keys Enter
wait_for "b backup"
ok $? "Enter leads to where it is taken"
