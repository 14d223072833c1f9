"""Completion for bash, as it is asked by the shell."""
import os, shutil, subprocess

import lib
from cli import RINGLOCK, env
from lib import equal, test

ASK = '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ringlock; printf "%s\\n" "${COMPREPLY[@]}"'


def complete(*words):
    if not shutil.which("bash"):
        raise lib.Skip("needs bash")
    out = subprocess.run(["bash", "-c", ASK, os.path.join(lib.DATA, "completions", "ringlock"), RINGLOCK, *words],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env(), check=True)
    equal(out.stderr, "")
    return out.stdout.split()


@test("nouns, then verbs, then options")
def words():
    equal(complete("ph"), ["phone"])
    equal(complete("phone", "s"), ["security", "set", "show"])
    equal(complete("call", "list", "--a"), ["--accept", "--all"])
    equal(complete("phone", "add", "SEP1", "--dig"), ["--digest-user"])
    equal(complete("--site", "phone", "--json", "call", "w"), ["watch"])
    equal(complete("import", "phones", "x", "--dry"), ["--dry-run"])
    equal(complete("status", "--cs"), ["--csv"])
    equal(complete("--color", "a"), ["always", "auto"][::-1])
    equal(complete("nonsense", "x"), [])
    assert "profile" in complete("") and "--json" not in complete("")


lib.run()
