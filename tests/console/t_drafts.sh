#!/usr/bin/env bash
# Drafts of forms: kept while somebody types, found again after console, engine or line went; leaving a changed form
# asks; F6 shows what saving will change.
. "$(dirname "$0")/lib.sh"

# drafts N: so many are kept.
drafts() {
    [ "$(rl draft list --json | grep -c '"id"')" = "$1" ]
}

# typed TEXT: what the latest draft has in its description.
typed() {
    python3 - "$site/ringlock.sock" "$1" <<'PY'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
f = s.makefile("rw")
def ask(method, **params):
    f.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n")
    f.flush()
    return json.loads(f.readline())["result"]
ask("hello", version=1)
rows = ask("draft.list")["rows"]
sys.exit(0 if rows and ask("draft.open", id=rows[0]["id"])["values"].get("description") == sys.argv[2] else 1)
PY
}

# edit_phone: the form of the first phone, the cursor in its description.
edit_phone() {
    press 2 "9 phones"
    press e "field 1 of"
    keys Tab
    wait_for ">Description"
}

description() {
    rl phone show CONF00000000001 --json | python3 -c "import json,sys; print(json.load(sys.stdin)['description'])"
}

# answer TEXT: choose the answer of the menu that holds TEXT.
answer() {
    keys "$1"
    wait_for "find: $1" || return 1
    keys Enter
}

make_site
open_console 80x24
edit_phone
keys C-u "half filled"
within 10 typed "half filled"
ok $? "after a pause the engine has what is being typed"
stop_engine -KILL
wait_for "core lost"
keys " mo"
start_engine
within 15 typed "half filled mo"
ok $? "an engine that was killed has it again, with what was typed meanwhile"
drafts 1
ok $? "as one draft"
stop_engine -KILL
wait_for "core lost"
keys "re"
press F10 "Something is not saved"
keys Down Down Enter
status_is 0
file=$(echo "$work"/.local/state/ringlock/draft-*.json)
grep -q "half filled more" "$file" && [ "$(stat -c %a "$file")" = 600 ]
ok $? "without an engine a file of the user has it"
start_engine

# A new console takes it up. The list of drafts and the review, on every terminal.
look() {
    tm kill-server
    open_console "${@:2}"
    wait_for "Forms half filled in"
    press : "command:"
    keys drafts Enter
    wait_for "change of phone"
    expect_golden "drafts$1" no_status
    edit_phone
    wait_for "half filled more"
    keys F6
    wait_for "Saving changes phone"
    expect_golden "form-review$1" no_status
}
look -60x16 60x16
within 5 typed "half filled more" && [ ! -e "$file" ]
ok $? "the engine has it, and the file is gone"
look -vt100 80x24 TERM=vt100
look "" 80x24
press F6 "taken up; F8 starts afresh"
shows "half filled more" && shows "was Conference bridge 8000"
ok $? "a new console takes the draft up, beside what is stored"
expect_golden form-draft no_status
press F6 "Conference bridge 8000 -> half filled more"
ok $? "F6 shows what saving would change"
press Enter ">Description"
ok $? "from there to the field"
press F6 "Conference bridge 8000 -> half filled more"
press F2 "Update successful"
[ "$(description)" = "half filled more" ]
ok $? "it is saved from there"
within 5 drafts 0
ok $? "and the draft is gone"

# Leaving a changed form asks, and stays unless told otherwise.
press e "field 1 of"
keys Tab C-u "once more"
press Escape "The form is not saved"
expect_golden form-leave no_status
keys Enter
wait_gone "The form is not saved"
shows "once more"
ok $? "Stay leads: Enter stays"
press C-c "The form is not saved"
keys Down Down Enter
wait_for "kept as a draft" && drafts 1
ok $? "Keep leaves it as a draft"
press e "taken up; F8 starts afresh"
shows "once more"
ok $? "the form takes it up again"
rl draft drop "$(rl draft list --csv --fields id | tr -d '\r' | tail -1)"
wait_for "dropped the draft; what is in the form stays"
shows "once more"
ok $? "somebody drops it while the form is open: that is told, and nothing is lost"
press F8 "What was filled in is dropped"
keys Enter
wait_gone "What was filled in is dropped"
shows "once more"
ok $? "Cancel leads the question whether to start afresh"
press F8 "What was filled in is dropped"
keys Tab Enter
wait_gone "once more"
within 5 drafts 0
ok $? "started afresh, the form is as it was read, without a draft"
keys Tab C-u "third"
press Escape "The form is not saved"
keys Down Enter
wait_gone "field"
within 5 drafts 0 && [ "$(description)" = "half filled more" ]
ok $? "Discard leaves nothing"

# Leaving the program: the same, and whoever is cut off is not asked.
press e "field 1 of"
keys Tab C-u "at the end"
press F10 "Something is not saved"
keys Down Down Enter
status_is 0 && typed "at the end"
ok $? "F10 leaves the form as a draft"
open_console 80x24
edit_phone
wait_for "at the end"
keys " cut"
wait_for "at the end cut"
tm kill-server
within 5 typed "at the end cut"
ok $? "a dropped line does so at once"

# Somebody else saves, or removes, what the draft is of.
rl phone set CONF00000000001 --description theirs >/dev/null
open_console 80x24
edit_phone
wait_for "saved by another since: F2 compares"
press F6 "Another has saved meanwhile"
ok $? "a review says that another saved"
keys F6
press F2 "was changed by"
shows "theirs" && shows "at the end cut" && shows "half filled more"
ok $? "a draft of what another changed is compared before it is saved"
keys m
press Escape ">Description"
press Escape "not saved"
keys Down Down Enter
wait_for "kept as a draft"
press e "taken up; F8 starts afresh"
ok $? "what was decided is kept with the draft: it is not asked again"
rl phone set CONF00000000001 --description theirs --lines 8001 >/dev/null
press F2 "was changed by"
keys t t
press F2 "successful"
[ "$(description)" = theirs ]
ok $? "and saved as was decided"

press e "field 1 of"
keys Tab C-u "removed" Escape
wait_for "The form is not saved"
keys Down Down Enter
wait_for "kept as a draft"
rl phone remove CONF00000000001 >/dev/null
press : "command:"
keys drafts Enter
wait_for "change of phone"
press Enter "was removed by another: saving adds it again"
shows "removed" && press F2 "Add successful"
[ "$(description)" = removed ]
ok $? "of what was removed it makes a new one"
keys q

# A password is not kept; an added form is found again as well.
press : "command:"
keys users Enter
wait_for "users"
press A "field 1 of"
keys "new user" Tab Tab "secret-word"
press Escape "without the password"
keys Down Down Enter
wait_for "kept as a draft"
press A "taken up"
shows "new user" && lacks "***"
ok $? "a password is not in the draft, the rest is"
keys Escape
press Down "Keep"
keys Down Enter
wait_for "kept as a draft"
press : "command:"
keys drafts Enter
wait_for "1 draft"
press Enter "taken up"
shows "new user"
ok $? "the list of drafts leads to the form"
press Escape "not saved"
keys Down Enter
wait_for "No draft is kept"
ok $? "discarded, it is in the list no more"

# Somebody else takes it over: that is told, and what is in the form becomes a draft beside theirs.
taken_by_nobody() {
    python3 - "$site/ringlock.sock" "$root/tests/engine" "$1" <<'PY'
import pwd, sys, types
sys.path.insert(0, sys.argv[2])
from lib import as_user
nobody, site = pwd.getpwnam("nobody"), types.SimpleNamespace(socket=sys.argv[1])
codes = as_user(nobody.pw_uid, [nobody.pw_gid], site, [("draft.open", {"id": int(sys.argv[3]), "take": True})])
sys.exit(codes[-1] != "ok")
PY
}
if [ "$(id -u)" -eq 0 ]; then
    printf '[control]\noperator_users = nobody\n' >>"$site/ringlock.conf"
    kill -HUP "$engine"
    chmod 755 "$work" "$site"
    press q "users"
    press q "9 phones"
    edit_phone
    keys C-u "between two"
    press Escape "not saved"
    keys Down Down Enter
    wait_for "kept as a draft"
    press e "taken up"
    taken_by_nobody "$(rl draft list --csv --fields id | tr -d '\r' | tail -1)"
    wait_for "E-DRAFT-TAKEN: nobody took the draft over" && shows "between two"
    ok $? "that another took the draft over is told"
    press Escape "not saved"
    keys Down Down Enter
    wait_for "kept as a draft" && drafts 2 && [ "$(rl draft list --mine --json | grep -c '"id"')" = 1 ]
    ok $? "what is in the form becomes one beside it"
fi
