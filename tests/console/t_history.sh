#!/usr/bin/env bash
# The history of an object: who, when, and each field before and after; of its earlier names too; Enter opens
# the entry; all of a long one is a list in pages.
. "$(dirname "$0")/lib.sh"

# open_history NAME: of a profile, from the list.
open_history() {
    press 4 "profiles"
    press / "find:"
    keys "$1" Enter
    wait_for ">  $1"
    press Enter "[*Overview*]"
    press Left "[*History*]"
}

make_site
rl profile copy "Desk encrypted" "Desk two" >/dev/null
rl profile set "Desk two" --description "one and two" --nonce-validity 700 >/dev/null
rl profile rename "Desk two" "Desk three" >/dev/null
open_console 80x24
open_history "Desk three"
wait_for "Desk two -> Desk three"
expect_golden profile-history
press Enter "entry"
expect_golden audit-rename

# Of the cluster, which has no name.
keys q q
press 1 "Needs attention"
press c "Cluster Security Mode"
press Left "nonsecure -> mixed"
ok $? "the site has a history, too"

# More than the tab shows: the last line leads to a list of all.
python3 - "$site/ringlock.sock" <<'EOF'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
f = s.makefile("rw")
def call(method, **params):
    f.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n")
    f.flush()
    return json.loads(f.readline())
call("hello", version=1, client="test")
for i in range(120):
    call("object.set", kind="profile", name="Desk three", values={"description": "times %d" % i})
EOF
keys q
open_history "Desk three"
wait_for "times 119"
press End "Older changes"
press Enter "123 changes"
wait_for "times 119"
press End "Desk two"
ok $? "all changes are in the list, those under the old name too"
press Enter "entry"
ok $? "Enter opens one"
