#!/bin/sh
# The measurable part of the house style that concerns lines; test_house.sh has the rest.
. "$(dirname "$0")/result.sh"

if command -v clang-format >/dev/null 2>&1; then
    result "clang-format changes nothing" \
        "$(sources | xargs clang-format --dry-run 2>&1 | sed -n 's|^\([^ :]*\):[0-9]*:.*|\1|p' | sort | uniq -c)"
else
    n=$((n + 1))
    echo "ok $n - clang-format changes nothing # SKIP it is not installed"
fi

result "no tabs and no blanks at line ends" \
    "$(sources | xargs grep -nP '\t|[ ]+$' /dev/null | head -n 20)"
result "tests that are shell programs can be started" "$(find tests -name 't_*.sh' ! -perm -u+x)"
echo "1..$n"
