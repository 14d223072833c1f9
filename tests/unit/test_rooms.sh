#!/bin/sh
# Who may include what: the arrows between the rooms, and the rooms that keep a library to themselves.
. "$(dirname "$0")/result.sh"

# Lines "FILE:LINE:#include ..." of the C files under the directories given.
includes() {
    grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' "$@" 2>/dev/null
}

# only LIBRARY PATTERN ROOM...: no other room includes headers that match.
only() {
    library=$1 pattern=$2
    shift 2
    rooms=$(echo "$*" | sed 's/ /|/g')
    result "$library only in $*" "$(includes core tui include | grep -E "<$pattern" | grep -vE "^($rooms)/")"
}

# room DIR ALLOWED...: quoted includes name the room itself, include/ringlock or an allowed room.
room() {
    dir=$1
    shift
    allowed=$(echo "ringlock $(basename "$dir") $*" | sed 's/ /|/g')
    result "$dir knows: ${*:-nobody}" "$(includes "$dir" | grep '"' | grep -vE "\"($allowed)/")"
}

only curses '(n?curses|panel|form|menu|term\.h|ncursesw/)' tui/console
only sqlite3 'sqlite3\.h' core/store
only gnutls 'gnutls/' core/pki core/enrol
only nettle '(nettle/|gmp\.h)' core/pki
only osip 'osip' core/feed
only iniparser '(iniparser|dictionary)' core/engine core/control
only seccomp 'seccomp\.h' core/child core/feed core/enrol

room core/base
room core/model base
room core/policy base model
room core/store base model
room core/pki base model
room core/trust base model
room core/child base
room core/feed base model pki child
room core/enrol base model child
room core/calls base model policy feed
room core/control base model policy store pki calls feed trust enrol engine
room core/engine base model policy store pki calls feed trust enrol control
room tui/client base model
room tui/console base model client
room tui/screens base model client console
room tui/wizards base model client console
room tui/commands base model client
room include

result "core/policy has no clock and no I/O" \
    "$(includes core/policy | grep -E '<(time|sys/|unistd|stdio|fcntl|uv|jansson|pthread|signal)')"
result "core/base and core/model have no event loop" "$(includes core/base core/model | grep -E '<uv')"
echo "1..$n"
