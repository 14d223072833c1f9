"""Completion for bash, as it is asked by the shell."""
import os, shutil, subprocess

import lib
from cli import RINGLOCK, env
from lib import Site, equal, test

ASK = '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ringlock; printf "%s\\n" "${COMPREPLY[@]}"'


def complete(*words):
    return sorted(word for line in complete_lines(*words) for word in line.split())


def complete_lines(*words):
    if not shutil.which("bash"):
        raise lib.Skip("needs bash")
    out = subprocess.run(["bash", "-c", ASK, os.path.join(lib.DATA, "completions", "ringlock"), RINGLOCK, *words],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env(), check=True)
    equal(out.stderr, "")
    return [line for line in out.stdout.splitlines() if line]


@test("nouns, then verbs, then options")
def words():
    equal(complete("ph"), ["phone"])
    equal(complete("phone", "s"), ["security", "set", "show"])
    equal(complete("call", "list", "--a"), ["--accept", "--all"])
    equal(complete("phone", "add", "SEP1", "--dig"), ["--digest-user"])
    equal(complete("--site", "phone", "--json", "call", "w"), ["watch"])
    equal(complete("import", "phones", "x", "--dry"), ["--dry-run"])
    equal(complete("status", "--cs"), ["--csv"])
    equal(complete("--color", "a"), ["always", "auto"])
    equal(complete("draft", ""), ["drop", "list"])
    equal(complete("draft", "list", "--mi"), ["--mine"])
    equal(complete("nonsense", "x"), [])
    assert "profile" in complete("") and "--json" not in complete("")


@test("values come from the tables")
def values():
    equal(complete("--accept", "W-CLU"), ["W-CLUSTER-NONSECURE"])
    equal(complete("profile", "add", "p", "--mode", "enc"), ["encrypted"])
    equal(complete("cluster", "mode", ""), ["mixed", "nonsecure"])
    equal(complete("import", "ga"), ["gateways"])
    equal(complete("phone", "list", "--sort", "desc"), ["description"])
    equal(complete("phone", "remove", "--names"), ["--names-from"])


@test("names come from an engine that runs, quoted for the shell; no engine is started for them")
def names():
    site = Site()
    equal(complete("--site", site.dir, "user", "show", ""), [])
    assert not os.path.exists(site.socket)
    client = site.start().client()
    for name in ("anna", "anton", "berta"):
        client.call("object.add", kind="user", values={"id": name})
    equal(complete("--site", site.dir, "user", "show", "an"), ["anna", "anton"])
    equal(complete("--site", site.dir, "user", "remove", "anna", "b"), ["berta"])
    equal(complete("--site", site.dir, "user", "add", "an"), [])
    form = client.call("draft.save", kind="user", act="add", values={"name": "half"})["id"]
    wizard = client.call("wizard.start", kind="shared")["id"]
    equal(complete("--site", site.dir, "draft", "drop", ""), [str(form), str(wizard)])
    equal(complete("--site", site.dir, "wizard", "show", ""), [str(wizard)])
    equal(complete("--site", site.dir, "draft", "list", ""), [])
    hostile = "(touch pwned) +/x"
    client.call("object.add", kind="profile", values={"name": "x " + hostile, "type": lib.trusted_type(client),
                                                      "protocol": "SIP"})
    said = complete_lines("--site", site.dir, "profile", "show", "x ")
    equal(len(said), 1)
    back = subprocess.run(["bash", "-c", "printf %s " + said[0]], cwd=site.base, capture_output=True, text=True)
    equal(back.stdout, "x " + hostile)
    assert not os.path.exists(os.path.join(site.base, "pwned"))


lib.run()
