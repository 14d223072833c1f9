#!/usr/bin/env bash
# The engine goes and comes back: old data is called old, forms stay open, keys keep working.
. "$(dirname "$0")/lib.sh"

make_site
open_console 80x24
press 2 "9 phones"
press e "field 1 of"
keys Tab C-u "kept text"
wait_for "kept text"
stop_engine -KILL
wait_for "core lost"
ok $? "a lost engine is told"
shows "kept text" && shows "Old data is shown"
ok $? "the form stays open, its data is called old"
keys F2
wait_for "it needs the engine"
ok $? "saving waits for the engine"
sleep 1.5 # longer than the first pause between tries
! pgrep -f "ringlockd --private.*$site" >/dev/null
ok $? "no private engine takes the place of one that was served"
start_engine
wait_for "the core is back"
ok $? "it is back by itself"
lacks "core lost"
ok $? "and the banner is gone"
shows "kept text"
ok $? "what was typed is still there"

# An engine that stands still: keys do not wait for it, and its silence is told.
kill -STOP "$engine"
keys F2
wait_for "core old "
ok $? "a silent engine is told, with its seconds"
keys Tab
within 2 shows "field 5 of"
ok $? "and keys act all the same"
kill -CONT "$engine"
wait_for "core ok"
wait_for "successful"
ok $? "what was saved meanwhile is done when it goes on"
press e "field 1 of"
keys Tab x
wait_for "textx"
keys Escape
press Down "Discard"
keys Enter
wait_for "9 phones"
ok $? "the list is there again"

# A newer engine takes its place while something is typed: it says what to do, and nothing is lost.
newer_engine() {
    exec python3 - "$site/ringlock.sock" <<'PY'
import json, os, socket, sys
if os.path.exists(sys.argv[1]):
    os.unlink(sys.argv[1])
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
while True:
    c = s.accept()[0]
    asked = json.loads(c.makefile().readline())
    c.sendall(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": {"version": 99}}).encode() + b"\n")
    c.recv(4096)
PY
}
press e "field 1 of"
keys Tab C-u "typed for the older one"
wait_for "older one"
stop_engine
newer_engine &
engine=$!
wait_for "leave with F10, start again; typed text is kept"
shows "The engine speaks version 99" && shows "typed for the older one"
ok $? "a newer engine is told, with what to do; the form stays"
press F10 "Something is not saved"
keys Down Down Enter
status_is 0
ok $? "left with its draft"
stop_engine
start_engine
open_console 80x24
press 2 "9 phones"
press e "taken up"
shows "typed for the older one"
ok $? "a console of the same release takes it up"

# With an engine of its own: started by the console, ended with it.
stop_engine
open_console 80x24
wait_for "core ok"
ok $? "without an engine the console starts a private one"
keys q
status_is 0
ok $? "it leaves with status 0"
nobody() {
    ! pgrep -f "ringlockd.*$site" >/dev/null
}
within 20 nobody
ok $? "and the private engine ends with it"
