#!/usr/bin/env bash
# Certificate operations of phones in the console: ordered for one and for many, strings shown once, the list of what
# waits and failed, and what the phone's window says of them.
. "$(dirname "$0")/lib.sh"

make_site
stop_engine
printf '[enrol]\nlisten_capf = 127.0.0.1:0\n' >>"$site/ringlock.conf"
start_engine
open_console 80x24
press 2 "phones"
press / "find:"
keys SEP000000001001 Enter
wait_for ">  "
press L "Certificate Operation of SEP000000001001"
expect_golden capf-menu no_status
press Enter "SEP000000001001: ordered"
rl capf show SEP000000001001 | grep -q "Operation Pending"
ok $? "an operation is ordered from the list of phones"

press : "command:"
keys capf Enter
wait_for "Operation Pending"
expect_golden capf no_status
press D "Take back what waits for 1 phone"
keys y
wait_for "No operation waits"
rl capf show SEP000000001001 | grep -q "No Pending Operation"
ok $? "it is taken back from the list, after a question"

# By string, for two: each gets its own, told on the page of results alone.
rl profile set "Desk encrypted" --auth-mode string >/dev/null
press q "Lock Device Name"
keys Space Down Space
press L "Certificate Operation of 2 phones"
press Enter "Authentication string, to be typed"
press Enter "authentication string "
rl capf list --pending --csv | grep -c SEP | grep -qx 2
ok $? "strings are made for all that are marked, and shown"

press q "Lock Device Name"
press : "command:"
keys capf Enter
wait_for "Operation Pending"
rl capf set SEP000000001001 --operation none >/dev/null
wait_gone SEP000000001001
ok $? "the list follows what others do"
press Enter "Overview"
keys Right Right Right Right Right
wait_for "CAPF) Information"
expect_golden capf-phone no_status

rl capf set SEP000000001003 --operation none >/dev/null
wait_for "No Pending Operation"
ok $? "the phone's window follows, too"
