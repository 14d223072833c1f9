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
