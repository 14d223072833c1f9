#!/usr/bin/env bash
# Every kind of page on every size: nothing is lost in a storm of sizes, keys of a screen too small do nothing,
# the cursor stands on what has the focus, and colours say nothing that words do not say.
. "$(dirname "$0")/lib.sh"

make_site
replay 01-secure 02-mixed 10-unauthorized

# The page as text, without what changes by itself, and the cursor.
page() {
    screen | no_status | mask
    cursor
}

page_is() {
    [ "$(page)" = "$1" ]
}

# Two looks alike: it stands still.
stands() {
    local was
    was=$(page)
    sleep 0.1
    page_is "$was"
}

painted() {
    screen | tail -n "$1" | grep -qE 'help|Esc'
}

resize() {
    tm resize-window -x "${1%x*}" -y "${1#*x}"
}

# Character of the screen where the cursor stands, and what stands before it in the row.
focus() {
    local at row
    at=$(cursor)
    row=$(screen | sed -n "$((${at#*,} + 1))p")
    before=${row:0:${at%,*}}
    under=${row:${at%,*}:1}
    [ "$under" = ">" ] || [[ "$before" == *">"* || "$before" == *"["* || "$before" == *": "* ]]
}

# visit NAME: what is on the screen now survives all sizes.
visit() {
    local want size
    within 5 stands
    want=$(page)
    focus
    ok $? "$1: the cursor stands on what has the focus"
    printf '%s\n' "$want" >"$work/$pass.$1"
    [ "$pass" = color ] || return 0
    for size in 1x1 2x1 1x2 79x1 1x24 20x5; do resize $size; done
    wait_for "Make the window"
    keys D x Q y Enter 2 Up
    resize 500x200
    within "$deadline" painted 1
    ok $? "$1: 500x200 is drawn to its last line"
    for size in 59x16 60x15 61x17 60x16 132x50 3x3 80x25 79x24 80x24; do resize $size; done
    within "$deadline" page_is "$want"
    ok $? "$1: after a storm of sizes it is as it was" || diff <(page) <(echo "$want") | sed 's/^/# /'
}

# walk: to one page of each kind, at 80x24.
walk() {
    wait_for "Needs attention"
    wait_gone "core ..."
    visit dashboard
    press 2 "9 phones"
    keys Down Down Space
    wait_for "1 marked"
    visit list
    press s "Sort by"
    visit menu
    keys Escape
    wait_gone "Sort by"
    press f "contains"
    keys "some text"
    wait_for "some text"
    visit filter
    keys Escape
    wait_gone "contains"
    press / "find:"
    keys "Pay"
    wait_for ">  ---- SEP000000001003"
    visit prompt
    keys Escape
    wait_gone "find:"
    press : "command:"
    keys list Down
    wait_for "> f F4"
    visit palette
    keys Escape
    wait_gone "command:"
    press ? "Help: Phones"
    keys Down Down Down
    wait_for "> C "
    visit help
    keys Escape
    wait_gone "Help:"
    keys u
    wait_gone "1 marked"
    press Enter "Registration"
    keys Down Down
    visit detail
    press Right "View phone security settings"
    visit security
    press D "Type the name to go on"
    keys "half a na"
    wait_for "half a na"
    visit question
    keys Escape
    wait_gone "Type the name"
    press e "field 1 of"
    keys Tab "x y"
    wait_for "x y"
    visit form
    keys Escape
    wait_for "Discard"
    visit leaving
    keys Down Enter
    wait_for "View phone security settings"
    press q "9 phones"
    press W "Start a wizard"
    visit start
    keys Escape
    wait_gone "Start a wizard"
    press 6 "calls"
    keys E
    wait_for "row 1 of"
    press Enter "Criterion"
    visit why
    press C-c "q leaves"
    press ! "What was said"
    visit messages
}

pass=color
open_console 80x24
walk
pass=plain
open_console 80x24 TERM=vt100
walk
for name in "$work"/color.*; do
    name=${name##*.}
    diff "$work/color.$name" "$work/plain.$name" >"$work/diff" || sed 's/^/# /' "$work/diff"
    [ ! -s "$work/diff" ]
    ok $? "$name: the same words without colour"
done
