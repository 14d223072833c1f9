#!/usr/bin/env bash
# Terminals of all kinds and sizes: start, Esc, ^L, ^C, ^Z, resizing, hanging up, and giving the terminal back.
. "$(dirname "$0")/lib.sh"

make_site

# Starts, shows its frame, ends with q and status 0, and gives the screen back.
for term in linux vt100 vt220 screen-256color tmux-256color xterm-256color; do
    open_console 80x24 TERM=$term
    wait_for "Needs attention"
    ok $? "TERM=$term shows the dashboard"
    press 6 "No calls now"
    keys q
    status_is 0
    ok $? "TERM=$term: q leaves with status 0"
done

wait_gone "No calls now"
ok $? "what was on the screen before is there again"

open_console 80x24 NO_COLOR=1
wait_for "Needs attention"
tm capture-pane -p -e | grep -qE $'\033\\[[0-9;]*3[0-7]m'
ok $((! $?)) "NO_COLOR: no colour is sent"
open_console 80x24 NO_COLOR=1 -- --color=always
press 2 "9 phones"
tm capture-pane -p -e | grep -qE $'\033\\[[0-9;]*3[0-7]m'
ok $? "--color=always wins over NO_COLOR"
open_console 80x24 TERM=vt100
press 2 "9 phones"
expect_golden phones-vt100

# No terminal that serves: one line, status 2.
for term in dumb "" no-such-terminal; do
    open_console 80x24 "TERM=$term"
    status_is 2
    ok $? "TERM='$term' ends with status 2"
    [ "$(wc -l <"$work/stderr")" -eq 1 ]
    ok $? "TERM='$term' says why in one line"
done
rl >"$work/out" 2>"$work/err"
[ $? -eq 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ]
ok $? "without a terminal: one line on standard error, status 2"

# Keys of the terminal.
open_console 80x24
press 2 "9 phones"
press Enter "Registration"
keys Escape
wait_for "9 phones"
ok $? "Esc goes back one layer"
keys Escape
sleep 0.3
shows "9 phones" && ! ended
ok $? "Esc on the first layer does nothing"
keys -H 1b
keys -H 5b 42
within 5 shows ">  ---- SEP000000001001"
ok $? "an arrow in pieces is one arrow"
keys -H 1b
sleep 0.12
keys -H 5b 42
sleep 0.3
shows "9 phones" && shows ">  ---- SEP000000001001"
ok $? "the rest of a broken arrow acts on nothing"
for keys in "1b 5b 31 7e" "1b 5b 48" "1b 4f 48"; do
    keys End
    wait_for ">  ---- SEP000000002003"
    keys -H $keys
    wait_for ">  ---- CONF00000000001"
    ok $? "Home as $keys"
done
keys -H 1b 31
wait_for "Help: Phones"
ok $? "Esc 1 is F1"
keys -H 1b 5b 31 31 7e
wait_for "9 phones"
ok $? "F1 of PuTTY closes help again"
keys -H 1b 5b 39 39 39 7e
sleep 0.2
shows "9 phones"
ok $? "an unknown sequence types nothing"
keys C-c
wait_for "q leaves"
ok $? "^C with nothing under way says how to leave"
printf '\033[10;20HXXXXXXXX' >"$(tm display-message -p '#{pane_tty}')"
wait_for XXXXXXXX
keys C-l
wait_gone XXXXXXXX && shows "9 phones"
ok $? "^L draws the screen again"
tm set-buffer $'1\nQQ'
tm paste-buffer -p
wait_for "pasted text was dropped"
shows "9 phones" && ! ended
ok $? "pasted text does not act as keys"

# Sizes.
tm resize-window -x 20 -y 5
wait_for "Make the window"
ok $? "20x5: says so"
expect_golden small-20x5
keys 4 D
keys C-l
tm resize-window -x 100 -y 30
wait_for "9 phones"
ok $? "larger again: keys pressed meanwhile did nothing"
for size in 60x16 132x50 59x16 80x15 61x17 80x24; do
    tm resize-window -x "${size%x*}" -y "${size#*x}"
done
wait_for "9 phones"
ok $? "quick resizing ends with the whole screen"
tm resize-window -x 20 -y 5
wait_for "q leaves"
keys q
status_is 0
ok $? "20x5: q leaves"

# Suspend: the shell gets the terminal back, fg draws again.
tm kill-server
terminals=$((terminals + 1))
tm new-session -d -x 80 -y 24 "env -i PATH=$PATH RINGLOCK_DATA=$RINGLOCK_DATA TERM=screen-256color HOME=$work \
    LANG=C.UTF-8 TZ=UTC PS1='shell> ' bash --norc -i"
tm set-option -g status off
wait_for "shell>"
keys "$build/ringlock --site $site" Enter
wait_for "Needs attention"
keys C-z
wait_for "Stopped"
ok $? "^Z suspends"
keys "fg" Enter
wait_for "Needs attention"
ok $? "fg draws everything again"
keys q
wait_gone "Needs attention"
keys "stty -a >$work/stty" Enter
within 5 test -s "$work/stty"
grep -q '[^-]icanon' "$work/stty" && grep -q '[^-]echo ' "$work/stty"
ok $? "after q the terminal is as it was"

# Hanging up.
for signal in HUP TERM; do
    open_console 80x24
    wait_for "Needs attention"
    pkill -"$signal" -x -P "$(tm display-message -p '#{pane_pid}')" ringlock
    status_is 0
    ok $? "SIG$signal ends it with status 0"
done
gone() {
    [ ! -d "/proc/$pid" ] || grep -q '^State:.Z' "/proc/$pid/status"
}
for hup in default ignored; do
    open_console 80x24
    wait_for "Needs attention"
    if [ $hup = ignored ]; then
        tm respawn-pane -k "trap '' HUP; exec env -i PATH=$PATH TERM=screen-256color LANG=C.UTF-8 \
            $build/ringlock --site $site"
        wait_for "Needs attention"
        pid=$(tm display-message -p '#{pane_pid}')
    else
        pid=$(pgrep -x -P "$(tm display-message -p '#{pane_pid}')" ringlock)
    fi
    tm kill-server
    within 3 gone # two seconds, and the grain of the clock
    ok $? "a lost terminal ends it within two seconds, SIGHUP $hup"
done

# A locale that is not UTF-8.
open_console 80x24 LANG=C
press 2 "9 phones"
expect_golden phones-c-locale
