#!/usr/bin/env bash
# make demo: live calls within a minute, fresh each time, and nothing left running however it ends.
. "$(dirname "$0")/lib.sh"
site=$work/demo

# open_demo: in an 80x24 terminal; its exit status is written to $work/status.
open_demo() {
    rm -f "$work/status"
    tm kill-server 2>/dev/null
    terminals=$((terminals + 1))
    tm new-session -d -x 80 -y 24 \
        "env TERM=vt100 RINGLOCK_BUILD=$build RINGLOCK_DEMO=$site $root/data/demo/run; \
         echo \$? >$work/status; exec sleep 1000"
    tm set-option -g status off
}

# Processes of the demo: each has the site in its environment.
left() {
    grep -lzxF "RINGLOCK_SITE=$site" /proc/[0-9]*/environ 2>/dev/null
}

none_left() {
    [ -z "$(left)" ]
}

ended() {
    [ -s "$work/status" ]
}

# row WORD: a call in this state is listed.
row() {
    screen | grep -q "^[> ] $1 "
}

open_demo
deadline=60
wait_for Dashboard && keys 6 && within 60 row LOCK && within 60 row OPEN
ok $? "calls lock and do not, within a minute"
[ "$(rl phone list --csv | wc -l)" -eq 15 ] && rl status | grep -q "mode  *mixed"
ok $? "the devices of the recordings and the samples are there, in mixed mode"
[ "$(screen | awk 'length > 80' | wc -l)" -eq 0 ] && shows "? help"
ok $? "it fits into 80 columns"

RINGLOCK_BUILD=$build RINGLOCK_DEMO=$site script -qec "$root/data/demo/run" /dev/null </dev/null >"$work/second" 2>&1
[ $? -eq 1 ] && grep -q "running" "$work/second"
ok $? "a second demo on the same site is refused"

keys Q
within 20 ended && [ "$(cat "$work/status")" -eq 0 ]
ok $? "leaving the console ends the demo"
within 10 none_left
ok $? "nothing is left running" || left

touch "$site/of-the-first-time"
open_demo
wait_for Dashboard && [ ! -e "$site/of-the-first-time" ]
ok $? "the next one starts fresh"
tm kill-server
within 20 none_left
ok $? "a lost terminal ends everything" || left

RINGLOCK_BUILD=$build RINGLOCK_DEMO=$site "$root/data/demo/run" </dev/null >/dev/null 2>"$work/stderr"
[ $? -eq 2 ] && grep -q terminal "$work/stderr"
ok $? "without a terminal it says so"
