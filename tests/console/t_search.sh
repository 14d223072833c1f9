#!/usr/bin/env bash
# Broad searches: the first page is there at once, the number of rows follows; what is not wanted any more is ended in
# the engine, too.
. "$(dirname "$0")/lib.sh"

rl init --name Test >/dev/null || exit 1
printf '[hep]\nlisten_udp = 127.0.0.1:0\nlisten_tcp = 127.0.0.1:0\n' >"$site/ringlock.conf"
start_engine
{ echo id,name; seq -f 'user%04g,Name' 1 450; } >"$work/users.csv"
rl import users "$work/users.csv" >/dev/null || exit 1
asked=$work/asked held=$work/held slow=
end_slow() { kill "$slow" 2>/dev/null; }
at_end+=(end_slow)
begin_slow() {
    rm -f "$work/slow"
    python3 "$here/slow.py" "$site/ringlock.sock" "$work/slow" "$asked" "$held" &
    slow=$!
    within 5 test -S "$work/slow"
}
begin_slow

hold() {
    echo "$*" >"$held.new" && mv "$held.new" "$held"
}
# The number under which a method was asked last.
last() {
    awk -v m="$1" '$2 == m { n = $1 } END { print n }' "$asked"
}
is_cancelled() {
    grep -q "^[0-9]* cancel $1\$" "$asked"
}
# Was the question asked last of this method cancelled?
cancelled() {
    within 5 is_cancelled "$(last "$1")"
}

told() {
    screen | grep -q -- "$1"
}

hold object.count
open_console 80x24 -- --socket "$work/slow"
wait_for "core ok"
press d "counting ..."
ok $? "while rows are counted, it says so"
shows "user0001" && shows "row 1 of ?"
ok $? "and the first page is there"
expect_golden counting no_status
within "$deadline" told "counting for [0-9]* s: \^C stops"
ok $? "after a second it tells for how long, and what stops it"
within "$deadline" told "counting for [2-9] s"
wait_for "core ok"
ok $? "an engine that counts is not called silent"
press C-c "stopped; r reads again"
shows "not counted" && cancelled object.count
ok $? "^C stops the count, in the engine too"
keys G
wait_for "user0450"
hold nothing
press r "row 450 of 450"
ok $? "read again, the number comes, and the place of the last rows with it"

hold object.count
press f "Find where"
keys user Enter
wait_for "contains user"
wait_for "counting ..."
count=$(last object.count)
press f "Find where"
keys F8
within 5 is_cancelled "$count"
ok $? "another filter ends the count of the one before"
hold nothing
press r "450 users"
ok $? "and is counted by itself"

hold object.list
press r "reading ..."
ok $? "rows that take long to come are told"
list=$(last object.list)
press 2 "2 Phones"
within 5 is_cancelled "$list"
ok $? "leaving the screen ends the search in the engine"
press 4 "4 Profiles"
within "$deadline" told "reading for [0-9]* s: \^C stops"
press Escape "stopped; r reads again"
cancelled object.list
ok $? "Esc ends one on the first layer"
shows "not read: r reads" || shows "4 Profiles"
hold nothing
keys r
wait_for "145 profiles"
ok $? "and r reads what was left out"

# What comes by itself is asked for once, by the dashboard: also if it was left before it was read.
end_slow
hold view.list
begin_slow
open_console 80x24 -- --socket "$work/slow"
wait_for "core ok"
press 6 "6 Calls"
hold nothing
wait_for "No calls now"
begin_call 02-mixed 17
wait_for "1 live"
ok $? "calls come by themselves, however early the dashboard was left"
