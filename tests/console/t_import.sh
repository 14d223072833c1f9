#!/usr/bin/env bash
# Import of CSV files: checked first, refused line by line, stopped without a trace, gone on with in spite of warnings.
. "$(dirname "$0")/lib.sh"

make_site
cd "$work" || exit 1
# The page differs from terminal to terminal in what it can show, not in what it says.
{
    echo name,type,protocol,profile,description
    echo 'SEP00000000F001,Cisco 8845,SIP,Desk encrypted,first'
    echo 'SEP00000000F002,No such type,SIP,Desk encrypted,second'
    echo 'SEP00000000F003,Cisco 8845,SIP,No such profile,third'
    echo 'SEP00000000F001,Cisco 8845,SIP,Desk encrypted,the first again'
} >new.csv
sed -e '/No such/d' -e '/again/d' new.csv >good.csv
count() {
    rl phone list --csv --fields name | grep -c '^SEP00000000F'
}
# open_import COLSxROWS [NAME=VALUE]...: the phones, and the question for the file.
open_import() {
    open_console "$@"
    wait_for "core ok"
    press 2 "phones"
    press I "import the CSV file:"
}

open_console 80x24
wait_for "core ok"
keys ":"
wait_for "Command"
keys "import"
press Enter "No file was imported yet"
ok $? "the page of the last import opens before there was one"
open_import 80x24
keys "new" Tab
wait_for "import the CSV file: new.csv"
ok $? "Tab completes the name of the file"
press Enter "Check it first"
expect_golden import-ways no_status
press Enter "cannot be imported"
expect_golden import-refused no_status
shows "E-UNKNOWN-TYPE" && shows "line 3"
ok $? "each refused line is named, with its code"
[ "$(count)" -eq 0 ]
ok $? "nothing was changed"

cp good.csv new.csv
press I "1 added, 0 changed, 0 as before; U undoes"
shows "was imported into the phones"
ok $? "I reads the mended file again, and imports it"
expect_golden import-done no_status
[ "$(count)" -eq 1 ]
ok $? "and the phone is there"
press q "10 phones"
ok $? "the list has read it"

press I "import the CSV file:"
keys "none.csv"
press Enter "Check it first"
press Enter "E-IO"
ok $? "a file that is not there is told"
press q "10 phones"
press I "import the CSV file:"
keys "new.csv"
press Enter "Check it first"
press Enter "can be imported into the phones: I does it"
ok $? "a good file can be checked alone"
keys q

# A warning is asked about; the harmless answer leads.
{
    echo name,type,protocol,profile,lines
    echo 'SEP00000000F005,Cisco 8845,SIP,Desk encrypted,7001'
    echo 'SEP00000000F006,Cisco 8845,SIP,Cisco 8845 - Standard SIP Non-Secure Profile,7001'
} >mixed.csv
ask_for_mixed() {
    wait_for "10 phones"
    press I "import the CSV file:"
    keys "mixed.csv"
    press Enter "Check it first"
    keys $1
    keys Enter
}
ask_for_mixed Down
wait_for "Go on all the same?"
shows "W-SHARED-MIXED, line"
ok $? "a warning is asked about"
keys Enter
wait_gone "Go on all the same?"
[ "$(count)" -eq 1 ]
ok $? "Enter alone does not accept it"
keys q
ask_for_mixed "Down Down"
wait_for "2 added"
wait_for "Warnings that were accepted"
ok $? "said yes to before, it is imported at once"
[ "$(count)" -eq 3 ]
ok $? "whole"

# Stopped in the middle: nothing is left, and others may change things at once.
python3 "$here/slow.py" "$site/ringlock.sock" "$work/slow" "$work/asked" "$work/held" &
slow=$!
end_slow() { kill "$slow" 2>/dev/null; }
at_end+=(end_slow)
within 5 test -S "$work/slow"
echo import.part >"$work/held"
{ echo name,type,protocol,profile; seq -f 'SEP0000000E%04g,Cisco 8845,SIP,Desk encrypted' 1 400; } >many.csv
open_import 80x24 -- --socket "$work/slow"
keys "many.csv"
press Enter "Check it first"
keys Down
press Enter "^C stops: then nothing is changed."
ok $? "an import that takes long says how far it is, and how to stop it"
press C-c "was stopped: nothing was changed"
ok $? "^C stops it"
rl phone set SEP00000000F001 --description "meanwhile" >/dev/null
ok $? "others may change things at once"
[ "$(rl phone list --csv --fields name | grep -c '^SEP0000000E')" -eq 0 ]
ok $? "and nothing of it is left"
rm "$work/held"
within 5 lacks "Stopping"
press I "import the CSV file:"
keys "many.csv"
press Enter "Check it first"
keys Down
press Enter "400 added"
ok $? "and it can be imported afterwards"

# Stopped when all is stored already: what is told is what was done.
echo import.end >"$work/held"
press I "storing: 401 lines"
press C-c "Stopping ..."
rm "$work/held"
wait_for "400 as before"
ok $? "stopped too late, it says what it did"
end_slow

mv new.csv good.csv
{ cat good.csv; echo 'SEP00000000F002,No such type,SIP,Desk encrypted,second'; } >new.csv
for terminal in "60x16" "vt100 TERM=vt100 LANG=C"; do
    set -- $terminal
    case $1 in vt100) open_import 80x24 "$2" "$3" ;; *) open_import "$1" ;; esac
    keys "new.csv"
    press Enter "Check it first"
    press Enter "cannot be imported"
    expect_golden "import-refused-$1" no_status
done
