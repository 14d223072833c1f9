#!/usr/bin/env bash
# make demo: live calls within a minute, both wizards to a lock, fresh each time, and nothing left running
# however it ends.
. "$(dirname "$0")/lib.sh"
site=$work/demo

# open_demo: in an 80x24 terminal; its exit status is written to $work/status.
open_demo() {
    rm -f "$work/status"
    tm kill-server 2>/dev/null
    terminals=$((terminals + 1))
    tm new-session -d -x 80 -y 24 -c "$root" \
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
deadline=20
wait_for Dashboard && keys 6 && within 60 row LOCK && within 60 row OPEN
ok $? "calls lock and do not, within a minute"
[ "$(rl phone list --csv | wc -l)" -eq 15 ] && rl status | grep -q "mode  *mixed"
ok $? "the devices of the recordings and the samples are there, in mixed mode"
[ "$(screen | awk 'length > 80' | wc -l)" -eq 0 ] && shows "? help"
ok $? "it fits into 80 columns"

# call STATE FROM TO: such a call is listed.
call() {
    screen | grep -Eq "^[> ] $1 +[^ ]+ +$2 +$3 "
}

# marked PHONE PHONE: these phones alone are marked, and a wizard is begun for them.
marked() {
    press 2 "14 phones" && keys u
    local phone
    for phone; do
        press / "find:"
        keys "$phone" Enter
        within 20 eval "screen | grep -q '^> .*$phone'" && keys Space
        within 20 eval "screen | grep -q '^[> ]\*.*$phone'" || return 1
    done
    press W "2: SEP" && press Enter ">1 "
}

# What README says to try.
within 60 call OPEN 3101 3102 && within 60 call OPEN 3201 3202
ok $? "the calls of the samples are open"
marked SEP00000000D101 SEP00000000D102
press I "CSV file:"
keys data/demo/certs/p Tab
wait_for "data/demo/certs/phones.csv"
press Enter "2 phones from phones.csv"
press Enter ">2 Profiles"
press Enter ">3 New profile"
keys "North encrypted" Tab Tab
press Space "Authenticated"
keys enc Enter
wait_for "[Encrypted"
press Enter ">4 "
press Enter ">5 "
press Enter ">6 "
press Enter ">7 "
press Space "type to find"
keys "North enc" Enter
wait_for "[North encrypted"
press Enter "security enabled, once applied"
press Enter "security enabled: all"
ok $? "the wizard for certificates of each phone is walked to its end"
keys Enter 6
within 60 call LOCK 3101 3102 && within 60 call OPEN 3201 3202
ok $? "and the call of its phones is locked, that of the others is not"

marked SEP00000000E201 SEP00000000E202
press A "certificate file:"
keys data/demo/certs/SouthGroup01-expired.pem Enter
wait_for "!! expired"
press Enter ">2 "
press Enter "Next waits: E-CERT-DATES"
ok $? "an expired certificate is refused"
press A "certificate file:"
keys C-u data/demo/certs/SouthGroup01.pem Enter
wait_for "ok valid"
press Enter ">3 "
press Enter ">4 "
keys southgroup01.example.com Enter
wait_for 'character 1: "S" is wanted, "s" is here'
ok $? "a name that differs is refused, and where it does is marked"
keys C-u SouthGroup01.example.com Enter
wait_for ">5 "
press Space "Authenticated"
keys enc Enter
wait_for "[Encrypted"
press Enter ">6 "
press Enter ">7 "
press Enter ">8 "
press Enter ">9 "
press Enter ">10 "
press Enter "security enabled, once applied"
press Enter "security enabled: all"
ok $? "the wizard for a shared certificate is walked to its end"
keys Enter 6
within 60 call LOCK 3201 3202
ok $? "and the call of its phones is locked"

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
