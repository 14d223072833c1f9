#!/usr/bin/env bash
# A console without a key: it counts down, any key stops that, and then the session ends.
. "$(dirname "$0")/lib.sh"

# idle TIME: the engine reads it again; a console is told when it connects.
idle() {
    printf '[hep]\nlisten_udp = 127.0.0.1:0\nlisten_tcp = 127.0.0.1:0\n[console]\nidle = %s\n' "$1" \
        >"$site/ringlock.conf"
    kill -HUP "$engine"
    within 10 told "$1"
}

told() {
    python3 - "$site/ringlock.sock" "$1" <<'PY'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b'{"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"version": 1}}\n')
sys.exit(0 if "%ds" % json.loads(s.makefile().readline())["result"]["idle"] == sys.argv[2] else 1)
PY
}

make_site
told 900s
ok $? "the engine tells a quarter of an hour when nothing is configured"

idle 4s
open_console 80x24
wait_for "Needs attention"
wait_for "no key for 4 s: ends in "
ok $? "without a key the console counts down"
keys 2
wait_gone "any key stays"
ok $? "a key stops the countdown"
shows "Needs attention"
ok $? "that key does nothing else"
wait_for "any key stays" && status_is 0
ok $? "without a further key the session ends with status 0"
grep -qx "ringlock: No key for 4 s: the session was ended." "$work/stderr"
ok $? "it says why"

idle 4s
open_console 80x24
wait_for "Needs attention"
press 2 "9 phones"
press e "field 1 of"
keys Down Down x
wait_for ", the draft is kept - any key stays"
ok $? "with text in a form the countdown says that it will be kept"
keys Left
wait_gone "any key stays"
ok $? "and a key stops that"
wait_for "any key stays" && status_is 0
grep -q "The draft is kept" "$work/stderr"
ok $? "after the end, too"

idle 0s
open_console 80x24
wait_for "Needs attention"
sleep 1
lacks "any key stays" && ! ended
ok $? "0: a console stays"
