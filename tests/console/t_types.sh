#!/usr/bin/env bash
# Device packs are imported from the console: what came, or every reason why not; types are removed where nothing
# uses them.
. "$(dirname "$0")/lib.sh"
packs=$root/data/packs/vendor
mkdir "$work/packs"
cp "$packs"/*.ini "$packs"/*.p7s "$work/packs"
sed -e 's/^has_mic *=.*/has_mic = yes/' -e 's/^lsc_capf *=.*/lsc_capf = maybe/' "$packs/ascom-vowifi.ini" >"$work/packs/bad.ini"
printf '[pack]\nnonsense\n' >"$work/packs/lines.ini"

# import_pack FILE TEXT: from the list; what it should bring.
import_pack() {
    press I "import the device pack:"
    keys "~/packs/$1" Enter
    wait_for "$2"
}

make_site
open_console 80x24
press 8 "197 types"
press I "import the device pack:"
keys "~/packs/asc" Tab
wait_for "~/packs/ascom-vowifi.ini"
ok $? "Tab completes the name of the pack"
keys C-u "~/packs/" Tab
wait_for "type to find" && shows "ascom-vowifi.ini" && shows "bad.ini"
ok $? "Tab offers the files that begin so"
keys Escape
wait_gone "type to find"
keys C-u "~/packs/nowhere.ini" Enter
wait_for "E-IO"
ok $? "a file that is not there is named"

# Refused: every reason on a page of its own, by file and line.
import_pack bad.ini "the pack was refused"
shows "bad.ini line" && shows "Nothing was changed"
ok $? "a bad pack is refused, by file and line"
keys End
wait_for "bad.ini line"
press q "197 types"
import_pack lines.ini "the pack was refused"
wait_for "lines.ini line 2"
expect_golden type-refused no_status
press q "197 types"
ok $? "nothing came of it"
import_pack sample-north.ini "E-CATALOGUE-TRUST"
shows "by nobody whom this site"
ok $? "trust is claimed in vain without a signer of the site"
press q "197 types"

# What came leads to its types; the signature beside the pack goes along.
import_pack ascom-vowifi.ini "Types of the pack (3)"
wait_for "added     Ascom i62"
expect_golden type-imported no_status
press Enter "Security features"
ok $? "Enter leads to a type"
press q "Types of the pack"
press q "200 types"
ok $? "they are in the list"
rl cert upload "$packs/sample-signer.pem" --store pack-signers >/dev/null
import_pack sample-north.ini "was imported"
ok $? "with its signer on file the signed pack comes"
press q "types"
import_pack ascom-vowifi.ini "same      Ascom i62"
ok $? "the same again changes nothing"
press q "types"

# Removed where nothing uses it.
rl phone add SEP00000000ABCD --type "Ascom i62" --protocol SIP >/dev/null
press / "find:"
keys "Ascom i62" Enter
wait_for ">  Ascom i62"
press D "Type the name to go on"
keys "Ascom i62" Enter Enter
wait_for "E-TYPE-IN-USE"
ok $? "a type in use stays"
rl phone remove SEP00000000ABCD >/dev/null
press D "Type the name to go on"
keys "Ascom i62" Enter Enter
wait_for "Delete successful: Ascom i62"
ok $? "unused it goes"
press / "find:"
keys "Cisco 860" Enter
wait_for ">  Cisco 860"
press D "Type the name to go on"
keys "Cisco 860" Enter Enter
wait_for "E-READONLY"
ok $? "the catalogue that came with ringlock stays"
