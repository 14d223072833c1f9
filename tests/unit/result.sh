# For the tests that look at the sources; they go on in the directory above tests/.
cd "$(dirname "$0")/../.." || exit 1
n=0

# result NAME OFFENDERS: the test passes when there are none.
result() {
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        echo "$2" | sed 's/^/# /'
    fi
}

sources() {
    find core tui include tests -name '*.[ch]'
}
