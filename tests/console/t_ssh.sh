#!/usr/bin/env bash
# The console over a real sshd, for somebody who is held to it: terminals, commands, files, dropped lines.
. "$(dirname "$0")/lib.sh"
. "$here/ssh.sh"

# refused_with STATUS TEXT WORD...: the remote command ends so, and says so on standard error.
refused_with() {
    local status=$1 text=$2
    shift 2
    remote "$@" >"$work/out" 2>"$work/err" </dev/null
    [ $? -eq "$status" ] && grep -qF -- "$text" "$work/err"
    ok $? "ssh host $*: $text" || sed 's/^/# /' "$work/err"
}

make_site
start_sshd "AcceptEnv LANG" "SetEnv TZ=UTC" "$(forced)"
need_ssh_terminals

# The console, on several terminals.
open_ssh 80x24
wait_for "Needs attention"
ok $? "ssh host is the console"
press 2 "9 phones"
expect_golden phones
keys C-z
press 6 "No calls now"
ok $? "^Z does nothing"
keys q
status_is 0
ok $? "q leaves, and ssh ends with status 0"
gone_soon "nothing is left after q"

open_ssh 80x24 TERM=vt100
press 2 "9 phones"
expect_golden phones-vt100
open_ssh 80x24 LANG=C
press 2 "9 phones"
expect_golden phones-c-locale
open_ssh 80x24 TERM=no-such-terminal
status_is 2
ok $? "a terminal that nobody knows: status 2"

# Commands, their output and their exit status.
begin_call 01-secure 18
remote call list --json </dev/null >"$work/out" && python3 -c 'import json, sys; json.load(sys.stdin)[0]["security"]' \
    <"$work/out"
ok $? "ssh host call list --json"
remote ringlock phone show SEP000000001001 </dev/null | grep -q "SEP000000001001"
ok $? "ssh host ringlock phone show NAME"
remote "phone set SEP000000001001 --description 'two words; \$HOME'" </dev/null >/dev/null
rl phone show SEP000000001001 --json | grep -qF '"two words; $HOME"'
ok $? "quotes hold words together, and nothing is expanded"
remote import users - <"$here/site/users.csv" >"$work/out"
ok $? "standard input reaches the command"
refused_with 1 E-NOT-FOUND phone show nobody
refused_with 2 E-USAGE phon list
refused_with 2 E-USAGE "status; id"
refused_with 2 E-USAGE "status | sh"
refused_with 2 E-USAGE "status > $work/written"
[ ! -e "$work/written" ]
ok $? "no shell redirects"

# Nothing but ringlock.
refused_with 4 "/bin/sh does not run here" /bin/sh
refused_with 4 "--site is not for you to choose" status --site "$site"
refused_with 4 "--socket is not for you to choose" status --socket=/x
refused_with 4 "--files is not for you to choose" import phones passwd --files /etc
refused_with 4 "not for a locked console" init
refused_with 4 "not for a locked console" hep replay x
echo secret >"$work/file"
scp -F "$ssh_dir/ssh_config" -O "$work/file" "$ssh_user@test:$files/copied" >"$work/out" 2>&1 </dev/null
[ $? -ne 0 ] && [ ! -e "$files/copied" ] && grep -q "E-NOT-ALLOWED: scp does not run here" "$work/out"
ok $? "scp is refused"
echo "ls /" | sftp -F "$ssh_dir/ssh_config" -b - "$ssh_user@test" >"$work/out" 2>&1
[ $? -ne 0 ] && ! grep -qw etc "$work/out"
ok $? "sftp is refused; sshd keeps what a subsystem says to itself"

# Files: those of one folder.
cp "$here/site/phones.csv" "$files/phones.csv"
echo "secret" >"$work/outside.csv"
ln -s "$work/outside.csv" "$files/link.csv"
mkfifo "$files/pipe.csv"
remote import phones phones.csv </dev/null >"$work/out" 2>&1 && grep -q "9 lines" "$work/out"
ok $? "a file of the folder is read"
for command in "import phones FILE" "cert upload FILE" "type import FILE" \
    "wizard shared --type x --mode encrypted --certificate FILE" "wizard per-device --type x --phones FILE" \
    "wizard per-device --type x --mode encrypted --profile x --phone SEP0000000000AA=FILE"; do
    for name in "$work/outside.csv" ../outside.csv link.csv pipe.csv /etc/passwd none.csv .; do
        remote "${command/FILE/$name}" >"$work/out" 2>&1 </dev/null
        [ $? -gt 0 ] && ! grep -q secret "$work/out" && grep -qE "plain name|cannot be" "$work/out"
        ok $? "${command/FILE/$name} is refused" || sed 's/^/# /' "$work/out"
    done
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=group -keyout /dev/null \
    -addext subjectAltName=DNS:group.example.com 2>/dev/null >"$work/group.pem"
remote cert upload - <"$work/group.pem" >"$work/out" 2>&1
ok $? "a certificate comes by standard input" || sed 's/^/# /' "$work/out"

# The line drops, at whatever moment: no process stays.
open_ssh 80x24
wait_for "Needs attention"
drop_line
gone_soon "line dropped: on the dashboard"
open_ssh 80x24
press 2 "9 phones"
press e "field 1 of"
keys x y z
drop_line
gone_soon "line dropped: with text in a form"
open_ssh 80x24
press 2 "9 phones"
press / "find:"
keys S E P
drop_line
gone_soon "line dropped: in a prompt"
open_ssh 80x24
press 6 "1 live"
replay 12-conference &
drop_line
wait $!
gone_soon "line dropped: while calls change"
for wait in 0 0.05 0.1 0.2 0.4; do
    open_ssh 80x24
    sleep $wait
    drop_line
    gone_soon "line dropped: $wait s after the client began"
done
remote call watch >"$work/out" 2>&1 </dev/null &
within 10 pgrep -f "$bin" >/dev/null
pkill -KILL -P $! -x ssh
gone_soon "line dropped: call watch"

# As a login shell, as login and sshd start one.
open_terminal 80x24 "cd $work; env -i PATH=$PATH TERM=screen-256color LANG=C.UTF-8 RINGLOCK_SITE=$site \
    bash -c 'exec -a -ringlock $build/ringlock'"
wait_for "Needs attention"
ok $? "-ringlock is the console"
press 2 "9 phones"
keys C-z
keys e
wait_for "field 1 of"
ok $? "in which ^Z does nothing"
RINGLOCK_SITE=$site "$build/ringlock" -c "phone list --csv" </dev/null | grep -q SEP000000001001
ok $? "-c LINE is a command"
RINGLOCK_SITE=$site "$build/ringlock" -c "import phones phones.csv" >"$work/out" 2>&1 </dev/null
[ $? -eq 1 ] && grep -q "no files" "$work/out"
ok $? "a login shell has no files"

# Idle, over ssh.
printf '[hep]\nlisten_udp = 127.0.0.1:0\nlisten_tcp = 127.0.0.1:0\n[console]\nidle = 4s\n' >"$site/ringlock.conf"
stop_engine
start_engine
open_ssh 80x24
wait_for "no key for 4 s: ends in"
ok $? "without a key the console counts down"
status_is 0
ok $? "and the session ends"
wait_for "No key for 4 s: the session was ended."
ok $? "the terminal says why"
gone_soon "nothing is left after the idle time"

# No engine: none is started.
sed -i '/^idle/d' "$site/ringlock.conf"
stop_engine
refused_with 3 E-NO-ENGINE status
open_ssh 80x24
wait_for "No engine at"
ok $? "a console without an engine waits for it"
start_engine
wait_for "core ok"
ok $? "and finds it"
stop_sshd
