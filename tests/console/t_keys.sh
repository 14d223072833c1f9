#!/usr/bin/env bash
# Every key of every screen, beside the golden list; no key has two meanings in one place.
. "$(dirname "$0")/lib.sh"

"$build/ringlock" --list-keys >"$work/keys"
[ "${RL_GOLDEN:-}" != update ] || cp "$work/keys" "$golden/keys.txt"
diff -u "$golden/keys.txt" "$work/keys" | sed 's/^/# /'
cmp -s "$golden/keys.txt" "$work/keys"
ok $? "the keys are those of tests/golden/keys.txt"

awk -F'\t' 'NF != 5 || $1 == "" || $2 == "" || $5 == "" { print "# " $0; bad = 1 } END { exit bad }' "$work/keys"
ok $? "every action has a name and a sentence"

awk -F'\t' '{ n = split($3, k, " "); for (i = 1; i <= n; i++) if (seen[$1, k[i]]++) { print "# " $1 ": " k[i]; bad = 1 } }
    END { exit bad }' "$work/keys"
ok $? "no key has two meanings in one table"

awk -F'\t' '$2 in said && said[$2] != $3 { print "# " $2; bad = 1 } { said[$2] = $3 } END { exit bad }' "$work/keys"
ok $? "an action has the same keys wherever it stands"

# A file of the user's own keys: what cannot be counts for nothing, and is told with its line.
cat >"$work/own" <<'END'
# a comment, and an empty line

phone-add F9
list-find Foo
nothing X
phone-edit E
quit x
screen 1
list-up Down k
list-down Up j
list-next k
menu-up ^N
phone-add F8
help F11
END
list_own() {
    RINGLOCK_KEYS=$work/own "$build/ringlock" --list-keys "$@" >"$work/list" 2>"$work/told"
}
list_own
has() {
    grep -q "	$1	$2	" "$work/list"
}
has phone-add F9 && has phone-edit E && has quit x && has list-up "Down k" && has list-down "Up j"
ok $? "actions have the keys of the file, also where two change places"
has list-find "/ F3" && has list-next n && has menu-up "Up ^P"
ok $? "what could not be keeps its default"
sed -E 's/^ringlock: [^ ]*own:([0-9]+): .*/\1/' "$work/told" | sort -n | tr '\n' ' ' | grep -qx "4 5 8 11 12 13 "
ok $? "each such line is told with its number"
grep -q 'own:11: k is the key of list-up where list-next acts; list-next keeps its default' "$work/told"
ok $? "and with the reason"
list_own --locked
has phone-add "A F7" || [ -e /etc/ringlock/keys ]
ok $? "locked, the user's file does not count"

make_site
open_console 80x24 "RINGLOCK_KEYS=$work/own"
wait_for "own:"
ok $? "the console says so when it starts"
press 2 "9 phones"
shows "F9 add" && shows "E edit" && shows "F11 help"
ok $? "the footer shows the keys of the file"
keys A
press F11 "Help: Phones"
shows "F9             phone-add"
ok $? "help shows them, and the default does nothing"
press Escape "9 phones"
press : "command:"
keys add
wait_for "> F9             phone-add"
ok $? "the palette too"
keys Escape
wait_gone "command:"
press F9 "field 1 of"
ok $? "and they act"
keys Escape
wait_for "9 phones"
press ! "What was said"
shows "own:4: " && shows "own:13: " && shows "second time"
ok $? "the messages list every line"
press q "9 phones"
keys x
status_is 0
ok $? "x quits"
open_console 80x24 "RINGLOCK_KEYS=$work/none"
wait_for "cannot be read"
ok $? "a file that is not there is told"
