#!/usr/bin/env bash
# Every screen at 80x24, some at 120x40 and 60x16, as golden pictures.
. "$(dirname "$0")/lib.sh"

make_site
replay 01-secure 02-mixed 10-unauthorized

open_console 80x24
wait_for "Needs attention: 13"
expect_golden dashboard
press c "Cluster Security Mode"
expect_golden cluster
press q "Needs attention"
press d "Digest credentials"
expect_golden users
press q "Needs attention"

press 2 "9 phones"
expect_golden phones
press Enter "Device is trusted"
wait_for "Registration"
expect_golden phone-overview
press Right "View phone security settings"
expect_golden phone-security
press Right "The eight steps"
expect_golden phone-check
press Enter "Cluster Security Mode"
ok $? "Enter on a step opens where it is done (R119)"
press q "The eight steps"
press Right "Lines (1)"
press Right "Certificates on file (0)"
press Right "CAPF) Information"
press Right "takes part in none"
press Right "phone add"
expect_golden phone-history

press 3 "2 gateways"
expect_golden gateways
press Enter "Device is trusted"
expect_golden gateway-overview
press Right "Security of the gateway"
expect_golden gateway-security

press 4 "149 profiles"
expect_golden profiles
press / "find:"
keys "Desk enc"
wait_for ">  Desk encrypted"
press Enter "149 profiles"
press Enter "Encrypted      Cisco 8845, SIP"
expect_golden profile-overview
press Right "Used by 3"
expect_golden profile-users

press 8 "197 types"
expect_golden types
press Enter "Security features"
expect_golden type-features

press 6 "No calls now"
expect_golden calls-none
press E "row 1 of"
expect_golden calls-ended

press 7 "phone add"
expect_golden audit
press Enter "Hash"
expect_golden audit-entry

open_console 120x40
wait_for "Needs attention"
press 2 "9 phones"
expect_golden phones-120x40
press Enter "Registration"
press Right "View phone security settings"
expect_golden phone-security-120x40

open_console 60x16
wait_for "Needs attention"
press 2 "9 phones"
expect_golden phones-60x16
