#!/usr/bin/env bash
# Renewing a certificate of the server in the console: the safe order is one act, step by step, that goes on where it
# was left; what would become of phones is told before.
. "$(dirname "$0")/lib.sh"

# One row of the state of a role in its history.
state_is() {
    rl cert history "$1" --csv --fields state | sed 1d | tr -d '\r' | tr '\n' ' ' | grep -qx "$2 "
}

dates() {
    sed -E -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}/YYYY-MM-DD/g' -e 's/[0-9a-f]{36,}/HEX/g'
}

make_site
phones=$(rl phone list --csv --fields name | sed 1d | tr -d '\r')
open_console 80x24
press 5 "ITLRecovery"
press / "find:"
keys "ITLRecovery" Enter
press R "The safe order"
shows "Replaced at once instead"
ok $? "the order and what a shorter way would do"
expect_golden renewal dates

press S "Step 2"
shows "Make the next certificate"
ok $? "the step is named before it is done"
keys Escape
wait_gone "Step 2"
state_is ITLRecovery "active"
ok $? "Esc leaves it"
press S "Step 2"
press y "The next certificate is made"
within "$deadline" state_is ITLRecovery "next active"
ok $? "the next one is made, and is in the lists at once"
wait_for "left."
press l "never seen with a list"
ok $? "who has not got them is listed"
press l "active"
shows "next "
ok $? "the certificates of the role are listed"

# Left, and gone on with elsewhere: the state is in the data.
rl ctl seen $phones >/dev/null
open_console 80x24
press 5 "ITLRecovery"
press / "find:"
keys "ITLRecovery" Enter
press R "The safe order"
wait_for ">  5"
ok $? "it goes on where it was left"
press S "Step 5"
press y "The next certificate is used"
within "$deadline" state_is ITLRecovery "active former"
ok $? "all phones have the list: it is used without a warning"
press S "Step 6"
press y "The former certificate is history"
within "$deadline" state_is ITLRecovery "active retired"
ok $? "the former one is retired"

# At once: what becomes of phones has to be accepted.
press N "Type the name"
keys ITLRecovery Enter Enter
wait_for "W-CERT-IMPACT"
shows "refuse each later trust list"
ok $? "at once, the phones left behind are told"
keys Escape
wait_gone "W-CERT-IMPACT"
state_is ITLRecovery "active retired"
ok $? "and nothing is done before that is accepted"
