#!/usr/bin/env python3
"""Every kind of page on every size: nothing is lost in a storm of sizes, keys of a screen too small do nothing, the
cursor stands on what has the focus, and colours say nothing that words do not say."""
import os

import terminal
from terminal import Console, lib
from lib import equal, test

import certs, cli

F2, CTRL_C, CTRL_G, HOME = b"\x1bOQ", b"\x03", b"\x07", b"\x1b[H"
RECORDINGS = ("01-secure", "02-mixed", "10-unauthorized")
site = client = None

LIST = [("2", "Reception")]
ONE = LIST + [("/", "find:"), ("1003\r", ">  ---- SEP000000001003")]
STEPS = ("1 Upload", "2 Profiles", "3 New profile", "4 Add phone", "5 Type", "6 Fields", "7 Assign", "End check")
PAGES = [  # name, how to get there from the page before, and how many times Esc then
    ("dashboard", [("1", "Needs attention")], 0),
    ("list", ONE + [(" ", "1 marked")], 0),
    ("menu", [("s", "Sort by")], 1),
    ("filter", [("f", "contains"), ("some text", "some text")], 1),
    ("prompt", [("/", "find:"), ("Pay", ">* ---- SEP000000001003")], 1),
    ("palette", [(":", "command:"), ("list", "command: list"), (b"\x1b[B", "> f F4")], 1),
    ("help", [("?", "Help: Phones"), (b"\x1b[B", "> A F7"), (b"\x1b[B", "> I  ")], 1),
    ("columns", [("w", "Columns")], 1),
    ("many", [("F", "Field")], 0),
    ("value for many", [("Description\r", "value for all:"), ("x", "x")], 2),
    ("views", [("v", "Save what is shown as")], 1),
    ("jumps", [("o", "security profile")], 1),
    ("undoing", [("U", "Your last change")], 1),
    ("import", [("I", "import the CSV file:"), ("new.csv\r", "Check it first")], 0),
    ("import refused", [("\r", "cannot be imported")], 1),
    ("detail", [("u", "9 phones"), ("\r", "Registration"), ("j", "line 2 of")], 0),
    ("security", [(b"\x1b[C", "View phone security settings")], 0),
    ("question", [("D", "Type the name to go on"), ("half a na", "half a na")], 1),
    ("form", [("e", "RSA Key Size"), ("\t", "field 4 of"), ("x y", "x y")], 0),
    ("leaving", [(b"\x1b", "Stay in the form")], 0),
    ("start", [(b"\x1b[B", "> Discard"), ("\r", "View phone security"), ("q", "9 phones"), ("W", "Start a wizard")], 1),
    ("why", [("6", "calls"), ("E", "row 1 of"), ("\r", "Criterion")], 0),
    ("messages", [(CTRL_C, "q leaves"), ("!", "What was said")], 1),
    ("log", [("7", "profile add")], 0),
    ("entry", [("\r", "Hash")], 1),
    ("upload", [("5", "CallManager"), ("A", "field 1 of")], 1),
    ("cluster", [(":", "command:"), ("cluster\r", "Cluster Security Mode")], 0),
    ("its question", [("M", "Cancel")], 2),
]
GROWING = {"dashboard": 26, "log": 24}  # columns of lists grow with what came into sight


def console(**env):
    return Console(site, cwd=site.base, ESCDELAY="25", **env).wait("Needs attention", "core ok")


@test("a storm of sizes on each page; without colour it says the same in words")
def pages():
    client.call("object.set", kind="phone", name="SEP000000002003", values={"description": "To be undone"})
    seen = {}
    c = console()
    for name, steps, leave in PAGES:
        c.go(*steps)
        seen[name] = c.storm(name, GROWING.get(name, 500))
        for _ in range(leave):
            c.leave()
    c.keys("Q").ends(0)
    c = console(term="vt100")
    for name, steps, leave in PAGES:
        c.go(*steps).quiet(0.05)
        try:
            equal(c.picture(GROWING.get(name, 500)), seen[name])
        except AssertionError as e:
            raise AssertionError("%s without colour: %s" % (name, e))
        for _ in range(leave):
            c.leave()


@test("a storm of sizes on each step of a wizard, and on its end check")
def wizard():
    c = console().go((":", "command:"), ("wizards\r", "> of two phones"), ("\r", "draft saved"))
    for step in STEPS:
        c.go((CTRL_G, "Go to step"), (step.lstrip("1234567 ") + "\r", ">" + step))
        c.storm(step)


@test("a storm of sizes on the conflict page")
def conflict():
    client.call("object.add", kind="profile", values={"name": "AA both", "type": "Cisco 8845", "protocol": "SIP"})
    c = console().go(("4", "profiles"), (HOME, ">  AA both"), ("e", "field 1 of"), ("\t", "field 4 of"), ("ours", "[ours"))
    client.call("object.set", kind="profile", name="AA both", values={"description": "theirs"})
    c.press(F2, "was changed by").storm("conflict")


def make_world():
    global site, client
    site = terminal.keep(terminal.make_site())
    client = site.client()
    north = next(m for mode, m in certs.import_samples(client).items() if mode == "per-device")
    begins = site.client()
    draft = begins.call("wizard.start", kind="per-device", type=north, name="of two phones")
    begins.call("wizard.save", id=draft["id"], rev=draft["rev"], step="upload",
                answers={"phones": [{"name": "SEP00000000D50%d" % n} for n in (1, 2)]})
    begins.close()
    with open(os.path.join(site.base, "new.csv"), "w") as f:
        f.write("name,type,protocol\r\nSEP00000000AAAA,No such type,SIP\r\n")
    for name in RECORDINGS:
        cli.done(cli.on(site)("hep", "replay", "--speed", "max", os.path.join(lib.DATA, "captures", name + ".hep")))


if __name__ == "__main__":
    make_world()
    terminal.run()
