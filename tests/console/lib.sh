# What the tests of the console share. Each drives the program in a terminal that tmux makes, by keys, and
# waits for text with a deadline. RINGLOCK_BUILD names the directory of the programs.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
build=${RINGLOCK_BUILD:-$root/build}
golden=$root/tests/golden
work=$(mktemp -d "${TMPDIR:-/tmp}/rlcon.XXXXXX")
site=$work/site
terminals=0 # one tmux server each: a name is not used twice
engine=
at_end=() # functions that clean up what else was begun
number=0 failed=0
missed= # what was waited for in vain since the last result
deadline=${RL_DEADLINE:-20} # seconds to wait for a text
export RINGLOCK_DATA=${RINGLOCK_DATA:-$root/data} TZ=UTC LC_ALL=C.UTF-8
unset TMUX NO_COLOR ESCDELAY

tm() {
    TMUX_TMPDIR=$work tmux -L "rl$terminals" -f /dev/null "$@"
}

finish() {
    local clean
    tm kill-server 2>/dev/null
    for clean in "${at_end[@]}"; do $clean; done
    [ -z "$engine" ] || kill "$engine" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$work"
    echo "1..$number"
    [ "$failed" -eq 0 ]
}
trap 'finish; exit $?' EXIT
trap 'exit 1' HUP INT TERM

# ok STATUS NAME: one result. What was waited for in vain on the way to it fails it, too.
ok() {
    number=$((number + 1))
    local vain=$missed
    missed=
    if [ "$1" -eq 0 ] && [ -z "$vain" ]; then
        echo "ok $number - $2"
        return 0
    fi
    failed=$((failed + 1))
    echo "not ok $number - $2"
    screen 2>/dev/null | sed 's/^/# |/'
    return 1
}

# within SECONDS COMMAND...: run it until it succeeds; fails when the time is over.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}

rl() {
    "$build/ringlock" --site "$site" "$@" </dev/null
}

# By its socket: given the site, the command would start a private engine where none is yet.
is_up() {
    "$build/ringlock" --socket "$site/ringlock.sock" status </dev/null >/dev/null 2>&1
}

start_engine() {
    "$build/ringlockd" --site "$site" </dev/null >>"$work/engine.log" 2>&1 &
    engine=$!
    within 20 is_up || { echo "# the engine did not start"; sed 's/^/# /' "$work/engine.log"; }
}

stop_engine() {
    kill "${1:--TERM}" "$engine" 2>/dev/null
    wait "$engine" 2>/dev/null
    engine=
}

# A site in mixed mode with the devices of tests/console/site, and its engine on free ports.
make_site() {
    rl init --name Test >/dev/null || exit 1
    printf '[hep]\nlisten_udp = 127.0.0.1:0\nlisten_tcp = 127.0.0.1:0\n' >"$site/ringlock.conf"
    start_engine
    rl cluster mode mixed >/dev/null || exit 1
    local kind
    for kind in users profiles phones gateways; do
        rl import $kind "$here/site/$kind.csv" >/dev/null || exit 1
    done
}

# replay NAME...: recorded calls, as fast as they go.
replay() {
    local name
    for name in "$@"; do
        rl hep replay --speed max "$root/data/captures/$name.hep" >/dev/null || return 1
    done
}

# begin_call NAME N: the first N records of a recording: a call that nobody ends.
begin_call() {
    python3 - "$root/data/captures/$1.hep" "$2" >"$work/begun.hep" <<'EOF'
import struct, sys
data, at = open(sys.argv[1], "rb").read(), 0
for _ in range(int(sys.argv[2])):
    at += 12 + struct.unpack(">I", data[at + 8:at + 12])[0]
sys.stdout.buffer.write(data[:at])
EOF
    rl hep replay --speed max "$work/begun.hep" >/dev/null
}

# open_terminal COLSxROWS COMMAND: a new terminal, in which a shell runs it.
open_terminal() {
    rm -f "$work/status"
    tm kill-server 2>/dev/null
    terminals=$((terminals + 1))
    tm new-session -d -x "${1%x*}" -y "${1#*x}" "$2; echo \$? >$work/status; exec sleep 1000"
    tm set-option -g status off
}

# open_console COLSxROWS [NAME=VALUE]... [-- OPTION...]: in an empty environment. Its exit status is written
# to $work/status when it ends.
open_console() {
    local size=$1 env="TERM=screen-256color LANG=C.UTF-8 TZ=UTC HOME=$work"
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        env="$env $1"
        shift
    done
    [ $# -eq 0 ] || shift
    open_terminal "$size" \
        "env -i PATH=$PATH RINGLOCK_DATA=$RINGLOCK_DATA $env $build/ringlock --site $site $* 2>$work/stderr"
}

screen() {
    tm capture-pane -p
}

# keys NAME...: as tmux names them; each word that is no key's name is typed.
keys() {
    tm send-keys "$@"
}

shows() {
    screen | grep -qF -- "$1"
}

lacks() {
    ! shows "$1"
}

wait_for() {
    within "$deadline" shows "$1" || { echo "# waited for: $1"; missed=yes; return 1; }
}

wait_gone() {
    within "$deadline" lacks "$1" || { echo "# still there: $1"; missed=yes; return 1; }
}

# press KEY TEXT: a key, then the text it should bring.
press() {
    keys "$1" && wait_for "$2"
}

ended() {
    [ -s "$work/status" ]
}

status_is() {
    within 10 ended && [ "$(cat "$work/status")" = "$1" ]
}

cursor() {
    tm display-message -p '#{cursor_x},#{cursor_y}'
}

# Without the status line, where a message may still stand.
no_status() {
    sed "$(($(tm display-message -p "#{pane_height}") - 1))d"
}

# What differs from run to run: who, when, how fast, ports, the numbers of calls.
mask() {
    sed -E -e '1s/ +core (ok.*|\.\.\.|lost).*$//' -e '1s/ +[^ ]+@[^ ]+ (adm|rw|ro|--) [0-9:]+$//' \
        -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/DATE/g' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{5,8}/DATE/g' -e 's/[0-9]{2}:[0-9]{2}:[0-9]{2}/HH:MM:SS/g' \
        -e 's/ [0-9]{2}:[0-9]{2}( |$)/ HH:MM\1/g' -e 's/[0-9a-f]{64}/HASH/g' -e "s/ $(id -un) +/ USER       /g" \
        -e "s#$work#WORK#g" -e 's/ +$//'
}

# The picture, masked, and where the cursor stands; COMMAND filters it first.
picture() {
    { screen | "${1:-cat}" | mask; echo "cursor $(cursor)"; } >"$work/got"
}

is_golden() {
    picture "$2"
    diff -u "$golden/$1.txt" "$work/got" >"$work/diff" 2>&1
}

# expect_golden NAME [COMMAND]: the screen looks so before the deadline. RL_GOLDEN=update writes what is there
# once it stands still.
expect_golden() {
    if [ "${RL_GOLDEN:-}" = update ]; then
        sleep 1
        picture "${2:-}"
        cp "$work/got" "$golden/$1.txt"
    fi
    within "$deadline" is_golden "$1" "${2:-}" || sed 's/^/# /' "$work/diff"
    is_golden "$1" "${2:-}"
    ok $? "$1 looks as it should"
}
