#!/usr/bin/env bash
# Three real users of one engine, who log in through sshd and have no other shell than ringlock: a viewer and
# an operator by their groups, an administrator by name. Needs root, which alone can make users.
. "$(dirname "$0")/lib.sh"
. "$here/ssh.sh"

if [ "$(id -u)" -ne 0 ]; then
    number=1
    echo "ok 1 - three users # SKIP only root can make them"
    exit 0
fi

tag=rl$$
viewer=${tag}v operator=${tag}o administrator=${tag}a

remove_users() {
    stop_sshd
    local user
    for user in $viewer $operator $administrator; do
        pkill -KILL -u "$user" 2>/dev/null
        within 20 userdel -f "$user" 2>/dev/null
    done
    within 20 groupdel "${tag}g" 2>/dev/null
}
at_end=(remove_users)

# make_user NAME OPTION...: without a password and without a home; another test may hold the lock of passwd.
make_user() {
    local user=$1
    shift
    within 20 useradd -M -d /nonexistent -s "$bin" -p '*' -U "$@" "$user" 2>>"$work/useradd"
}

# may USER STATUS WORD...: as this user the command ends with this status.
may() {
    ssh_user=$1
    local status=$2
    shift 2
    remote "$@" >"$work/out" 2>"$work/err" </dev/null
    [ $? -eq "$status" ]
    ok $? "${ssh_user#"$tag"}: $*: status $status" || sed 's/^/# /' "$work/err"
}

# may_not USER WHO WORD...: refused with the one message, which says who may, and nothing is changed.
may_not() {
    local user=$1 who=$2 before
    shift 2
    before=$(rl audit list --limit 1 --csv)
    may "$user" 4 "$@"
    grep -q "E-NOT-ALLOWED: $user has the role [a-z]* in this site: only $who may do that" "$work/err" &&
        [ "$(rl audit list --limit 1 --csv)" = "$before" ]
    ok $? "${user#"$tag"}: $*: is told who may, and nothing is changed" || sed 's/^/# /' "$work/err"
}

make_site
start_sshd "AcceptEnv LANG" "SetEnv TZ=UTC RINGLOCK_SITE=$site"
within 20 groupadd "${tag}g"
make_user $viewer && make_user $operator -G "${tag}g" && make_user $administrator
ok $? "three users are made" || sed 's/^/# /' "$work/useradd"
chmod o+x "$site"
cat >>"$site/ringlock.conf" <<CONF
[control]
viewer_groups = $viewer
operator_groups = ${tag}g
administrator_users = $administrator
CONF
stop_engine
start_engine

for user in $viewer $operator $administrator; do
    may $user 0 phone list --csv
    grep -q SEP000000001001 "$work/out"
    ok $? "${user#"$tag"}: sees the phones"
    may $user 0 audit verify
done

both="operators and administrators" alone="administrators"
may_not $viewer "$both" phone set SEP000000001001 --description changed
may_not $viewer "$both" phone add SEP0000000000AA --type "'Cisco 8845'"
may_not $viewer "$both" profile remove "'Desk encrypted'"
may_not $viewer "$both" user remove u1003
may_not $viewer "$alone" cluster mode nonsecure
ssh_user=$viewer
remote import phones - <"$here/site/phones.csv" >"$work/out" 2>"$work/err"
[ $? -eq 4 ] && grep -q "only operators and administrators may do that" "$work/err"
ok $? "viewer: import is refused"

may $operator 0 phone set SEP000000001001 --description "'by the operator'"
[ "$(rl audit list --limit 1 --csv | tail -n 1 | grep -c "$operator")" = 1 ]
ok $? "operator: the change is logged under the own name"
may $operator 0 phone set SEP000000001001 --description Reception
may_not $operator "$alone" cluster mode nonsecure
may_not $operator "$alone" type remove "'Cisco 8845'"
may $viewer 0 wizard list
may_not $viewer "$both" wizard drop 1

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=group -keyout /dev/null \
    -addext subjectAltName=DNS:group.example.com 2>/dev/null >"$work/group.pem"
for ssh_user in $viewer $operator; do
    remote cert upload - <"$work/group.pem" >"$work/out" 2>"$work/err"
    [ $? -eq 4 ] && grep -q "only administrators may do that" "$work/err"
    ok $? "${ssh_user#"$tag"}: cert upload is refused"
done
ssh_user=$administrator
remote cert upload - <"$work/group.pem" >"$work/out" 2>"$work/err"
ok $? "administrator: cert upload" || sed 's/^/# /' "$work/err"
may_not $operator "$alone" cert set group.example.com --description changed
may_not $operator "$alone" cert remove group.example.com
may $administrator 0 cert remove group.example.com
may $administrator 0 cluster mode nonsecure
may $administrator 0 cluster mode mixed
may $administrator 1 type remove "'Cisco 8845'" # a rule says no, not the role

# The console of each.
ssh_user=$viewer
open_ssh 80x24
wait_for "$viewer@" && wait_for " ro "
ok $? "viewer: the console says so"
press 2 "9 phones"
keys e
wait_for "you may read but not write"
ok $? "viewer: e is refused with the one message"
keys D
wait_for "you may read but not write"
ok $? "viewer: D likewise"
keys W
wait_for "wizard: you may read but not write"
ok $? "viewer: a wizard does not begin"
press Enter "Registration"
ok $? "viewer: everything can be looked at"
press 5 "6 certificates"
press A "upload: you may read but not write"
press e "edit: you may read but not write"
press D "delete: you may read but not write"
press 8 "197 types"
press I "import: you may read but not write"
ok $? "viewer: certificates and packs are refused with the one message"
press 2 "Registration"
drop_line
gone_soon "viewer: nothing stays"
ssh_user=$operator
open_ssh 80x24
wait_for " rw "
ok $? "operator: the console says so"
press 2 "9 phones"
press e "field 1 of"
ok $? "operator: forms open"
press Escape "9 phones"
rl type import "$root/data/packs/vendor/ascom-vowifi.ini" >/dev/null
press W "[Ascom"
keys Down Down
press Enter ">1 "
press C-g "Go to step"
keys check Enter
wait_for "To be put right first"
keys Enter
wait_for "apply: you are no administrator of this site"
ok $? "operator: a wizard is answered, and applied by an administrator only"
keys Escape
wait_for "the draft is kept"
press 1 "Needs attention"
press c "mixed"
keys M
wait_for "you are no administrator of this site"
ok $? "operator: the cluster mode is refused with the one message"
drop_line
gone_soon "operator: nothing stays"
ssh_user=$administrator
open_ssh 80x24
wait_for " adm "
ok $? "administrator: the console says so"
keys q
status_is 0
ok $? "administrator: q ends the login"

# Who has a user, but no role; and who loses the role while looking.
sed -i "s/^viewer_groups.*/viewer_groups =/" "$site/ringlock.conf"
ssh_user=$operator
open_ssh 80x24
wait_for "Needs attention"
sed -i "s/^operator_groups.*/viewer_users = $operator/" "$site/ringlock.conf"
kill -HUP "$engine"
within 10 grep -q "was read again" "$work/engine.log"
may $viewer 4 status
grep -q "E-NOT-ALLOWED: User $viewer has no role" "$work/err"
ok $? "without a role: told so"
may_not $operator "$both" phone set SEP000000001001 --description changed
stop_sshd
