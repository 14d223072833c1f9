#!/usr/bin/env bash
# Both wizards over a real sshd, with certificates made by certtool: after every step the line drops, and the next
# login finds the wizard at its open step; at the end security is enabled, and a call of these phones locks.
. "$(dirname "$0")/lib.sh"
. "$here/ssh.sh"

vendor() {
    python3 "$here/vendor.py" "$site" "$mode" "$@"
}

# begin_site MODE: a site that knows the sample vendor whose phones have certificates of this mode, and the files.
begin_site() {
    mode=$1
    stop_sshd
    [ -z "$engine" ] || stop_engine
    rm -rf "$site"
    rl init --name Test >/dev/null
    printf '[hep]\nlisten_udp = 127.0.0.1:0\nlisten_tcp = 127.0.0.1:0\n' >"$site/ringlock.conf"
    start_engine
    rl cluster mode mixed >/dev/null
    start_sshd "AcceptEnv LANG" "SetEnv TZ=UTC" "$(forced)"
    model=$(vendor samples) && vendor certificates "$files"
    ok $? "$mode: the type ${model:-of the pack} and its certificates are there"
    [ "$(vendor call "$files")" = "unlock E-DEVICE-UNKNOWN E-SIG-CERT-UNPROVEN" ]
    ok $? "$mode: before, a call of the phones is open"
}

# type_text TEXT: as it is, and no key's name.
type_text() {
    tm send-keys -l -- "$1"
}

# choose TEXT: in the menu that Space opens.
choose() {
    press Space "type to find" && type_text "$1" && keys Enter && wait_gone "type to find" && wait_for "[$1"
}

# answer PROMPT TEXT KEY: a line below the page that KEY opens.
answer() {
    press "$3" "$1:" && type_text "$2" && keys Enter && wait_gone "$1:"
}

# The steps, by their ids: what is typed into each page, which was just opened.
do_certificate() { answer "certificate file" group.pem A && wait_for "DNS:SampleGroup01.example.com"; }
do_upload() {
    if [ $mode = shared ]; then
        wait_for "DNS:SampleGroup01.example.com"
        return
    fi
    answer phones "SEP000000001001 SEP000000001002" A && wait_for "Phone (2)" &&
        answer "certificate file" SEP000000001001.pem A && wait_for "line 2 of 3" &&
        answer "certificate file" SEP000000001002.pem A && wait_for "line 3 of 3" && wait_gone "none yet"
}
do_profiles() { wait_for "$model - Standard SIP Non-Secure"; }
do_profile() { type_text "North encrypted" && keys Tab Tab && choose Encrypted; }
# Cut off in the middle of a word: what was typed is kept.
do_name() {
    type_text SampleGroup01
    wait_for "[SampleGroup01 "
    broken "line dropped within a word" 4 "${environment[@]}" && wait_for "[SampleGroup01 " && keys End &&
        type_text .example.com && wait_for "[SampleGroup01.example.com "
}
do_mode() { choose Encrypted; }
do_transport() { wait_for "TLS"; }
do_phones() {
    [ $mode = per-device ] || answer phones "SEP000000001001 SEP000000001002" A
    wait_for SEP000000001002
}
do_type() { wait_for "[$model"; }
do_fields() {
    press Space "Owner User ID" && keys Tab && type_text 1001 && press Enter "Phone         SEP000000001002" &&
        keys Tab && type_text 1002 && press Enter "Phone (2)"
}
do_assign() { wait_for "Device Security Profile"; }

# The wizard that was left: it is the only one.
take_up() {
    open_ssh 80x24 "$@"
    press : "command:" && type_text wizards && press Enter "1 wizard under way" && keys Enter
}

# at_step I: its page is open.
at_step() {
    if [ "$1" -le "$nsteps" ]; then
        wait_for ">$1 "
    else
        wait_for "Enter applies"
    fi
}

# broken NAME I: the line drops; the next login is at step I.
broken() {
    local name=$1 step=$2
    shift 2
    drop_line
    within 8 no_console && take_up "$@" && at_step "$step"
    ok $? "$mode: $name: the next login takes up at step $step"
}

# walk STEP... -- [NAME=VALUE]...: from the list of phones to the end.
walk() {
    local steps=() step i=0
    while [ "$1" != -- ]; do
        steps+=("$1")
        shift
    done
    shift
    nsteps=${#steps[@]} environment=("$@")
    open_ssh 80x24 "$@"
    press 2 "0 phones" && press W "Start a wizard" && wait_for "$model" && keys Enter && at_step 1
    ok $? "$mode: the wizard begins at step 1"
    for step in "${steps[@]}"; do
        i=$((i + 1))
        do_$step
        ok $? "$mode: step $i, $step, is answered"
        [ $step != fields ] || broken "line dropped within step $i" $i "$@"
        keys Enter
        at_step $((i + 1)) && [ "$(rl phone list --csv | wc -l)" -eq 1 ]
        ok $? "$mode: step $i holds, and nothing has changed yet"
        broken "line dropped after step $i" $((i + 1)) "$@"
    done
    shows "security enabled, once applied: all"
    ok $? "$mode: the end check says that security will be enabled"
    keys Enter
    wait_for "security enabled: all" && wait_for Applied.
    ok $? "$mode: applied, security is enabled"
    drop_line
    gone_soon "$mode: the line drops after the end"
    [ "$(vendor call "$files")" = lock ]
    ok $? "$mode: a call of the phones locks" || vendor call "$files" | sed 's/^/# /'
    open_ssh 80x24 "$@"
    press : "command:" && type_text wizards && press Enter "No wizard is under way"
    ok $? "$mode: no wizard is left"
}

begin_site per-device
need_ssh_terminals
walk upload profiles profile phones type fields assign -- TERM=vt100
begin_site shared
walk certificate upload profiles name mode transport phones type fields assign -- LANG=C
