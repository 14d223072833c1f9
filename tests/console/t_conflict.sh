#!/usr/bin/env bash
# Two consoles edit one profile: the second is shown theirs, yours and before, and nothing is merged unseen.
. "$(dirname "$0")/lib.sh"

# second_console: another terminal beside the first one; they are windows 0 and 1.
second_console() {
    tm new-window "env -i PATH=$PATH RINGLOCK_DATA=$RINGLOCK_DATA TERM=screen-256color LANG=C.UTF-8 TZ=UTC \
        HOME=$work $build/ringlock --site $site; exec sleep 1000"
}

use_console() {
    tm select-window -t ":$1"
}

# edit_profile: its form, the cursor in the description.
edit_profile() {
    press 4 "150 profiles"
    press / "find:"
    keys "Test profile" Enter
    wait_for ">  Test profile"
    press e "field 1 of"
    keys Tab
    wait_for "field 4 of"
}

field() {
    rl profile show "Test profile" --json | python3 -c "import json,sys; print(json.load(sys.stdin)['$1'])"
}

make_site
rl profile add "Test profile" --type "Cisco 8845" --protocol SIP --mode encrypted --transport tls \
    --description "as it was" >/dev/null
open_console 80x24
edit_profile
second_console
edit_profile

# The first one saves a description and a time, the second one another description and encryption.
use_console 0
keys C-u "by the first" Tab Tab Tab Tab Tab
wait_for "field 9 of"
keys C-u "700" Tab
press F2 "Update successful"
use_console 1
keys C-u "by the second" Tab Tab Tab Tab
wait_for "field 8 of"
keys Space Tab
press F2 "Test profile was changed by $(id -un) at"
[ "$(field description)" = "by the first" ]
ok $? "nothing was saved over the other's"
shows "Theirs by the first" && shows "Yours  by the second" && shows "Before as it was"
ok $? "theirs, yours and before stand beside each other"
expect_golden profile-conflict no_status
tm resize-window -x 60 -y 16
wait_gone "Key Order"
expect_golden profile-conflict-60x16 no_status
tm resize-window -x 80 -y 24
wait_for "Key Order"

keys F2
wait_for "decide first"
ok $? "what both changed has to be decided"
press Escape "field"
press F2 "Test profile was changed by"
ok $? "left undecided, it is asked again"

# To the form and back: what was kept stays kept.
press e "field 4 of"
keys " indeed" Tab
press F2 "Update successful"
ok $? "edited, it is ours, on what is stored now"
[ "$(field description)" = "by the second indeed" ] && [ "$(field nonce_validity)" = 700 ] &&
    [ "$(field encrypted_config)" = True ]
ok $? "ours, theirs and ours again were saved, as the page said"
rl audit list --limit 1 | grep -q "profile set"
ok $? "as one change"

# All at once, either way.
says() {
    screen | grep -Eq "$1"
}
# conflict THEIRS N: they set the description THEIRS and the time N, we set mine and 800.
conflict() {
    press e "field 1 of"
    keys Tab
    wait_for "field 4 of"
    keys C-u "mine" Tab Tab Tab Tab Tab C-u 800 Tab
    rl profile set "Test profile" --description "$1" --nonce_validity "$2" >/dev/null
    press F2 "was changed by"
    press a "Keep mine in every field"
}
conflict theirs 900
keys Down Enter
within "$deadline" says "900 +800 +theirs"
press Escape "field"
press F2 "Update successful"
[ "$(field description)" = theirs ] && [ "$(field nonce_validity)" = 900 ]
ok $? "a takes theirs in every field"
conflict others 1000
keys Enter
within "$deadline" says "1000 +800 +mine"
press F2 "Update successful"
[ "$(field description)" = mine ] && [ "$(field nonce_validity)" = 800 ]
ok $? "or keeps mine in every field"

# Removed by the other meanwhile: said, and nothing is lost.
press e "field 1 of"
keys Tab C-u "too late" Tab
rl profile remove "Test profile" >/dev/null
press F2 "Test profile was removed by another"
shows "E-NOT-FOUND"
ok $? "of a profile that is gone it is said"
keys Enter
wait_gone "was removed by another"
shows "too late"
ok $? "and the form stays"
press F2 "was removed by another"
keys Down Down Enter
wait_for "Add successful"
[ "$(field description)" = "too late" ] && [ "$(field nonce_validity)" = 800 ]
ok $? "or is added again, with all that the form says"
