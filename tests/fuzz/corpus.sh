#!/bin/sh
# The corpora once more, through the sanitized targets without a fuzzer.
cd "$(dirname "$0")/../.." || exit 1
n=0
for source in tests/fuzz/fuzz_*.c; do
    name=${source##*/fuzz_}
    name=${name%.c}
    n=$((n + 1))
    if "$RINGLOCK_BUILD/tests/fuzz/replay_$name" tests/fuzz/corpus/"$name"/*; then
        echo "ok $n - corpus $name"
    else
        echo "not ok $n - corpus $name"
    fi
done
echo "1..$n"
