#!/bin/sh
# Order in the house, as far as it can be counted. The figures are printed with the verdicts.
. "$(dirname "$0")/result.sh"

# "LINES FILE:LINE" of each function of the C files under the directories given, shortest first: what stands
# between its braces, which clang-format puts into the first column.
functions() {
    find "$@" -name '*.c' -exec awk '
        FNR == 1 { start = 0 }
        /^\{/ { start = FNR }
        /^\}/ { if (start) print FNR - start - 1, FILENAME ":" start
                start = 0 }' {} + | sort -n
}

# lengths NAME MEDIAN P90 MAX DIR...: the functions under DIR are no longer than that.
lengths() {
    name=$1 limits="$2 $3 $4"
    shift 4
    figures=$(functions "$@" | awk '
        { lines[NR] = $1; longest = $2 }
        END { print lines[int((NR + 1) / 2)], lines[int((NR * 9 + 9) / 10)], lines[NR], NR, longest }')
    result "functions of $name: half, nine tenths and all of them within $limits lines" \
        "$(echo "$limits $figures" | awk '$4 > $1 || $5 > $2 || $6 > $3 { print "they are " $4, $5, $6 ", see " $8 }')"
    echo "$figures" | awk '{ printf "# %d functions; median %d, p90 %d, longest %d lines (%s)\n", $4, $1, $2, $3, $5 }'
}

# "NAME HEADER:LINE" of each function that a header declares.
declared() {
    find core tui include -name '*.h' -exec awk '
        FNR == 1 { inside = 0 }
        /\{$/ && /^[a-z]/ { inside = 1 }
        /^\}/ { inside = 0 }
        !inside && /^[a-z_].*[a-z_0-9]\(/ && !/^(typedef|static|return)/ {
            line = $0
            gsub(/__attribute__ *\(\(.*\)\) */, "", line)
            if (match(line, /[a-z_0-9]+\(/))
                print substr(line, RSTART, RLENGTH - 1), FILENAME ":" FNR
        }' {} +
}

# A comment above a function speaks also for those that follow it without an empty line, one behind a function
# for that one; the name of the file it is in says nothing. Methods are documented in ringlock/protocol.h.
undocumented() {
    find core tui include -name '*.h' -exec awk '
        FNR == 1 { said = inside = 0; open = "" }
        /^$/ { said = 0 }
        /\*\/$/ && !/^\/\* [a-z_]+\.c \*\/$/ { said = 1 }
        /\{$/ && /^[a-z]/ { inside = 1 }
        /^\}/ { inside = 0 }
        !inside && !said && /^[a-z_].*[a-z_0-9]\(/ && !/^(typedef|static)/ && !/ \*rl_method_/ {
            open = FILENAME ":" FNR ": "; text = "" }
        open != "" { text = text $0 }
        open != "" && /;/ { if (text !~ /\/\*/) print open text
                            open = "" }' {} +
}

# Functions of headers whose name stands in one C file only, tests included: they could be static.
alone() {
    declared | sort -u | awk '
        FILENAME == "-" { where[$1] = $2; next }
        { for (i = split($0, word, /[^a-z_0-9]+/); i > 0; i--)
              if (word[i] in where && last[word[i]] != FILENAME) { files[word[i]]++; last[word[i]] = FILENAME } }
        END { for (name in where) if (files[name] < 2) print where[name] ": " name }' \
        - $(find core tui tests -name '*.c' -o -path 'tests/*' -name '*.h') | sort
}

# Codes that nothing in the programs gives.
unraised() {
    find core tui -name '*.[ch]' -exec cat {} + >"${TMPDIR:-/tmp}/house.$$"
    sed -n 's/^ *X(\([A-Z0-9_]*\),.*/\1/p' include/ringlock/codes.h | while read -r code; do
        grep -q "\bRL_$code\b" "${TMPDIR:-/tmp}/house.$$" || echo "$code"
    done
    rm -f "${TMPDIR:-/tmp}/house.$$"
}

lengths programs 15 45 100 core tui
lengths tests 15 45 100 tests
result "no file over 600 lines" "$(sources | xargs wc -l | awk '$2 != "total" && $1 > 600')"
sources | xargs wc -l | awk '$2 != "total" { files++; lines += $1; if ($1 > most) { most = $1; name = $2 } }
    END { printf "# %d files, %d lines; longest %d (%s)\n", files, lines, most, name }'
result "every function of a header is documented" "$(undocumented)"
declared | awk 'END { printf "# %d functions in headers\n", NR }'
result "what a header declares, others use" "$(alone)"
result "every code is given somewhere" "$(unraised)"
result "programs are ASCII" "$(find core tui include -name '*.[ch]' | xargs grep -nP '[^\x00-\x7f]' /dev/null)"
result "nothing left to do in the sources" "$(sources | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b' /dev/null)"
echo "1..$n"
