#!/usr/bin/env bash
# Trust lists on the screen of the cluster: how they stand, a new version, who holds which, the mode with its CTL.
. "$(dirname "$0")/lib.sh"

make_site
rl ctl seen SEP000000001001 SEP000000001002 >/dev/null

open_console 80x24
press c "Cluster Security Mode"
press Right "CTLFile.tlv"
wait_for "2 up to date, 0 older, 7 not known"
expect_golden lists
press u "Publish them?"
expect_golden lists-update
press y "Version                        2"
wait_for "0 up to date, 2 older, 7 not known"
press Enter "Without the newest CTL"
wait_for "SEP000000001002"
expect_golden holders
press Enter "Device is trusted"
ok $? "Enter opens the phone"
press q "Without the newest CTL"
press q "CTLFile.tlv"

press M "Set the cluster security mode to nonsecure?"
expect_golden lists-withdraw
press y "no call can lock"
[ ! -e "$work/site/tftp/CTLFile.tlv" ]
ok $? "the CTL is withdrawn with the mode"
press M "it to mixed?"
press y "Cluster Security Mode: mixed"
[ -e "$work/site/tftp/CTLFile.tlv" ]
ok $? "and published with it"
rl ctl verify >/dev/null
ok $? "it verifies"

rl cert regenerate CallManager --now --accept W-CERT-IMPACT >/dev/null
wait_for "!! CTL out of date"
wait_for "it lacks the active CallManager"
press q "LIST"
wait_for "The CTL is out of date"
ok $? "what is out of date stands in the header, with the list, and needs attention (R14)"
rl ctl update >/dev/null
wait_for "Needs attention: 0"
! screen | grep -q "out of date"
ok $? "until there is a new one (R15)"
