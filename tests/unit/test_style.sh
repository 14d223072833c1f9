#!/bin/sh
# The measurable part of the house style: formatting, length of lines, functions and files, nothing left to do.
cd "$(dirname "$0")/../.." || exit 1
n=0

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

if command -v clang-format >/dev/null 2>&1; then
    result "clang-format changes nothing" \
        "$(sources | xargs clang-format --dry-run 2>&1 | sed -n 's|^\([^ :]*\):[0-9]*:.*|\1|p' | sort | uniq -c)"
else
    n=$((n + 1))
    echo "ok $n - clang-format changes nothing # SKIP it is not installed"
fi

result "no file over 600 lines" "$(sources | xargs wc -l | awk '$2 != "total" && $1 > 600')"

# A function begins with a brace in the first column and ends with one. Tables begin on the line of their name.
result "no function over 100 lines" "$(sources | grep '\.c$' | xargs awk '
    /^\{/ { start = FNR }
    /^\}/ { if (start && FNR - start > 100) print FILENAME ":" start ": " FNR - start " lines"; start = 0 }
    FNR == 1 { start = 0 }')"

result "nothing left to do in the sources" \
    "$(sources | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b' /dev/null)"

result "no tabs and no blanks at line ends" \
    "$(sources | xargs grep -nP '\t|[ ]+$' /dev/null | head -n 20)"
result "tests that are shell programs can be started" "$(find tests -name 't_*.sh' ! -perm -u+x)"
echo "1..$n"
