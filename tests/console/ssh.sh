# A real sshd for the tests, after lib.sh: on loopback, with its own configuration and with keys made for the
# test; that of the system is neither used nor touched. As an ordinary user one logs in as oneself only.
sshd=/usr/sbin/sshd
bin=$work/bin/ringlock # where other users can reach it, too
ssh_dir=$work/ssh
files=$work/files
sshd_pid=
ssh_user=$(id -un)

# start_sshd LINE...: with these lines of sshd_config(5) beside what every test needs.
start_sshd() {
    mkdir -p "$ssh_dir" "$work/bin" "$files"
    chmod 755 "$work" "$ssh_dir" "$work/bin" "$files"
    [ -x "$bin" ] || cp "$build/ringlock" "$work/bin/"
    local key
    for key in host user; do
        [ -e "$ssh_dir/$key" ] || ssh-keygen -q -t ed25519 -N '' -C test -f "$ssh_dir/$key"
    done
    # sshd insists on its empty directory; the unit of the package makes it where systemd runs
    [ "$(id -u)" -ne 0 ] || mkdir -p -m 755 /run/sshd
    printf '%s\n' "$@" >"$ssh_dir/lines"
    until try_sshd; do :; done
}

# A port that nobody has, by trying.
try_sshd() {
    local port=$((20000 + RANDOM % 30000))
    {
        printf '%s\n' "ListenAddress 127.0.0.1:$port" "HostKey $ssh_dir/host" "PidFile none" \
            "AuthorizedKeysFile $ssh_dir/user.pub" "StrictModes no" "UsePAM no" "PermitRootLogin yes" \
            "PasswordAuthentication no" "KbdInteractiveAuthentication no" "PrintMotd no" "PrintLastLog no" \
            "MaxStartups 50" "Subsystem sftp /usr/lib/openssh/sftp-server"
        cat "$ssh_dir/lines"
    } >"$ssh_dir/sshd_config"
    printf '%s\n' "HostName 127.0.0.1" "Port $port" "HostKeyAlias test" "IdentityFile $ssh_dir/user" \
        "IdentitiesOnly yes" "IdentityAgent none" "BatchMode yes" "UserKnownHostsFile $ssh_dir/known" \
        "GlobalKnownHostsFile /dev/null" "StrictHostKeyChecking yes" "ControlPath none" "EscapeChar none" \
        "LogLevel ERROR" "SendEnv LANG" >"$ssh_dir/ssh_config"
    echo "test $(cut -d' ' -f1,2 "$ssh_dir/host.pub")" >"$ssh_dir/known"
    "$sshd" -D -e -f "$ssh_dir/sshd_config" >"$ssh_dir/log" 2>&1 </dev/null &
    sshd_pid=$!
    within 10 sshd_settled && kill -0 "$sshd_pid" 2>/dev/null
}

sshd_settled() {
    grep -qs "Server listening" "$ssh_dir/log" || ! kill -0 "$sshd_pid" 2>/dev/null
}

# With the logins that it still serves.
stop_sshd() {
    [ -n "$sshd_pid" ] || return
    pkill -P "$sshd_pid" 2>/dev/null
    kill "$sshd_pid" 2>/dev/null
    wait "$sshd_pid" 2>/dev/null
    sshd_pid=
}
at_end+=(stop_sshd)

# The line for ForceCommand, as ringlock(1) shows it.
forced() {
    echo "ForceCommand $bin --locked --site $site --files $files"
}

# remote WORD...: ssh HOST WORD...
remote() {
    LANG=C.UTF-8 ssh -F "$ssh_dir/ssh_config" -l "$ssh_user" test "$@"
}

# The sshd of an ordinary user can give terminals only where they belong to the group tty from the start, as
# devpts is mounted on a usual system. Where it cannot, the rest of the test is one visible skip.
need_ssh_terminals() {
    remote -tt status </dev/null >/dev/null 2>&1 && return
    [ "$(id -u)" -ne 0 ] || return
    number=$((number + 1))
    echo "ok $number - terminals over ssh # SKIP sshd may not give terminals to $ssh_user here"
    exit 0
}

# open_ssh COLSxROWS [NAME=VALUE]...: a terminal in which ssh logs in, and so has the console.
open_ssh() {
    local size=$1
    shift
    open_terminal "$size" "env -i PATH=$PATH HOME=$work TERM=screen-256color LANG=C.UTF-8 $* \
        ssh -F $ssh_dir/ssh_config -l $ssh_user -t test"
}

# The line breaks: the client is gone without a word.
drop_line() {
    pkill -KILL -P "$(tm display-message -p '#{pane_pid}')" -x ssh
}

# No console is left behind, of those that sshd started.
no_console() {
    ! pgrep -f "$bin" >/dev/null
}

# gone_soon NAME: after a dropped line nothing stays, neither busy nor waiting.
gone_soon() {
    within 8 no_console
    ok $? "$1"
}
