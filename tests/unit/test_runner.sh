#!/bin/sh
# The runner itself: what must count as a failure does.
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0

# expect NAME LAST-LINE STATUS SCRIPT-TEXT
expect() {
    n=$((n + 1))
    printf '#!/bin/sh\n%s\n' "$4" >"$dir/t.sh"
    chmod +x "$dir/t.sh"
    tests/run -l "$dir/log" -g self -t 1 "$dir/t.sh" >"$dir/out" 2>&1
    status=$?
    if [ "$(tail -n 1 "$dir/out")" = "$2" ] && [ "$status" -eq "$3" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        sed 's/^/# /' "$dir/out"
    fi
}

expect "passed tests are added up" "2 passed, 0 failed" 0 'echo "1..2"; echo "ok 1 - a"; echo "ok 2 - b"'
expect "a failed test" "1 passed, 1 failed" 1 'echo "ok 1 - a"; echo "not ok 2 - b"'
expect "a failed test explains the exit status" "0 passed, 1 failed" 1 'echo "not ok 1 - a"; exit 1'
expect "an exit status that nothing explains" "1 passed, 1 failed" 1 'echo "ok 1 - a"; exit 3'
expect "a crash" "1 passed, 1 failed" 1 'echo "ok 1 - a"; kill -SEGV $$'
expect "a crash beside a failed test" "0 passed, 2 failed" 1 'echo "not ok 1 - a"; kill -SEGV $$'
expect "too long" "1 passed, 1 failed" 1 'echo "ok 1 - a"; sleep 60'
expect "no result at all" "0 passed, 1 failed" 1 'true'
expect "fewer results than announced" "1 passed, 1 failed" 1 'echo "1..2"; echo "ok 1 - a"'
expect "a process left behind" "1 passed, 1 failed" 1 'echo "ok 1 - a"; setsid sleep 60 >/dev/null 2>&1 &'
expect "skipped tests are neither" "1 passed, 0 failed" 0 'echo "ok 1 - a"; echo "not ok 2 # SKIP b"; echo "ok 3 - c # SKIP no terminal"'
expect "a program that is not there" "0 passed, 1 failed" 1 'rm "$0"; exec "$0"'
echo "1..$n"
