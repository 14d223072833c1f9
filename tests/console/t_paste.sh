#!/usr/bin/env bash
# Ten thousand pasted characters, in and out of fields, from terminals that say that it is a paste and from those
# that do not; and a crash gives the terminal back.
. "$(dirname "$0")/lib.sh"

make_site
python3 -c 'print("2D\rQyM\nq" + "SEP000000001001\r" * 625, end="")' >"$work/acts"
python3 -c 'print("first\nsecond\x1b[A" + "x" * 10000, end="")' >"$work/text"

nothing_happened() {
    ! ended && [ "$(rl phone list --csv | wc -l)" -eq 10 ] && rl status | grep -qi mixed
}

for how in -p ""; do
    told=${how:+bracketed}
    told=${told:-plain}
    open_console 80x24
    press 2 "9 phones"
    tm load-buffer "$work/acts"
    tm paste-buffer $how
    wait_for "pasted text was dropped"
    ok $? "$told paste in a list is refused with a notice"
    nothing_happened
    ok $? "$told paste in a list: nothing was done"
done

# The first of a few keys may open a question: the rest presses no button of it; nor
# does it run what it typed into the palette.
open_console 80x24
press 2 "9 phones"
press / "find:"
keys "SEP000000001001" Enter
wait_for ">  ---- SEP000000001001"
# answers_nothing KEYS TEXT: pasted, they bring that text, and do no more.
answers_nothing() {
    printf "$1" | tm load-buffer -
    tm paste-buffer
    wait_for "$2" && wait_for "pasted text was dropped" && nothing_happened
    ok $? "plain paste answers no question that it raised: $1"
    keys Escape
    wait_gone "$2"
}
answers_nothing 'DSEP000000001001\r\r\r' "Type the name to go on: ["
answers_nothing ':phone-delete\rSEP000000001001\r\r\r' "command: phone-deleteSEP000000001001"

open_console 80x24
press 2 "9 phones"
press e "field 1 of"
keys Tab C-u
tm load-buffer "$work/text"
tm paste-buffer -p
wait_for "did not fit"
ok $? "in a field the rest is cut with a notice"
keys Home
wait_for "[first second"
ok $? "the text is there, the line end is a blank"
keys C-u
tm load-buffer "$work/acts"
tm paste-buffer
wait_gone "[first second"
within 10 shows "field "
nothing_happened
ok $? "plain paste in a form saves nothing"

# A crash: the terminal is as it was before.
open_terminal 80x24 "env -i PATH=$PATH RINGLOCK_DATA=$RINGLOCK_DATA TERM=screen-256color LANG=C.UTF-8 HOME=$work \
    $build/ringlock --site $site 2>$work/stderr; stty -a >$work/stty"
wait_for "Needs attention"
pkill -SEGV -x -P "$(tm display-message -p '#{pane_pid}')" ringlock
within 10 test -s "$work/stty"
grep -q '[^-]icanon' "$work/stty" && grep -q '[^-]echo ' "$work/stty"
ok $? "a crash gives the line back as it was"
wait_gone "Needs attention"
ok $? "and leaves the other screen"
