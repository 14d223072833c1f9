#!/usr/bin/env python3
"""Accidents at the worst moment: ten thousand pasted characters in each kind of field, sites, engines and disks that
are not what they were, objects that somebody else removes, an engine that dies during an act on many."""
import json, os, re, resource, signal, socket

import terminal
from terminal import Console, lib
from lib import equal, poll, test

import certs

ESC, RIGHT, CTRL_G = b"\x1b", b"\x1b[C", b"\x07"
TEXT = "first\nsecond\x1b[A\tthird\r" + "x" * 10000
ACTS = "Q\rD\ryM\nq" + "SEP000000001001\r" * 625 + "\ty\r"  # in a list each key of it does something
site = client = north = None


def console(*args, **kw):
    kw.setdefault("ESCDELAY", "25")
    return Console(site, *args, **kw).wait("Needs attention", "core ok")


def stored():
    """All that an act would change; what is in a form is kept as a draft, and that is no act."""
    return client.call("audit.list", limit=1)["rows"][0]["seq"], client.call("view.list")


# --- paste ---

LIST = [("2", "SEP000000001001")]
WIZARD = [(":", "command:"), ("wizards\r", "> pasted into"), ("\r", "draft saved"), (CTRL_G, "Go to step"),
          ("New\r", ">3 New profile")]
FIELDS = {  # where text can be typed, and how to get there
    "find": LIST + [("/", "find:")],
    "the filter": LIST + [("f", "contains")],
    "the palette": LIST + [(":", "command:")],
    "help": LIST + [("?", "Help: Phones")],
    "a file name": LIST + [("X", "save")],
    "a form": LIST + [("e", "field 1 of"), ("\t", "field 4 of")],
    "a profile": [("4", "Algo 8301"), ("/", "find:"), ("Desk enc\r", ">  Desk encrypted"), ("e", "field 1 of"),
                  ("\t", "field 4 of")],
    "a choice": LIST + [("A", "Device Name"), ("SEPABCD", "SEPABCD"), ("\t", "field 2 of"), (" ", "type to find")],
    "a name to confirm": LIST + [("D", "Type the name to go on")],
    "a value for many": LIST + [(" ", "1 marked"), ("F", "Field"), ("Description\r", "value for all:")],
    "the name of a view": LIST + [("v", "Save what is shown as"), ("Save what\r", "save the view as:")],
    "a wizard": WIZARD,
    "names in a wizard": WIZARD[:3] + [(CTRL_G, "Go to step"), ("Add\r", ">4 Add phone"), ("A", "phones:")],
    "no field, a list": LIST,
    "no field, a detail": LIST + [("\r", "Registration")],
    "no field, the dashboard": [("1", "Needs attention")],
}


def pasted(where, text):
    was = stored()
    c = console().go(*FIELDS[where])
    c.keys(text).quiet(0.05)
    equal(c.process.poll(), None)
    equal(stored(), was)
    equal(c.screen.foreign, [])
    if where.startswith("no field"):
        c.wait("pasted text was dropped")
    return c


@test("ten thousand characters pasted: nothing acts, and the field is left as it was entered")
def paste():
    for where in FIELDS:
        try:
            c = pasted(where, b"\x1b[200~" + TEXT.encode() + b"\x1b[201~")
            c.wait(FIELDS[where][-1][1] if where != "a choice" else "Enter choose")
            if not where.startswith("no field"):
                c.until(lambda: c.shows("xxxxx") or c.shows("first second"), "what was pasted")
            terminal.done()
            pasted(where, ACTS)
        except AssertionError as e:
            raise AssertionError("%s: %s" % (where, e))
        terminal.done()


# --- without what is looked at ---

SCREENS = "12345678"
NAMED = ("users", "wizards", "cluster", "results")


def visit(c, named=NAMED):
    """Every screen, and what its first line leads to."""
    for screen in SCREENS:
        c.keys(screen).quiet(0.02)
        c.keys("\r", RIGHT, "e", "D", "W", "o", "*", "y", "s").quiet(0.02)
        c.esc(0.15).esc(0.15)
    for name in named:
        c.esc(0.15).press(":", "command:").keys(name + "\r").quiet(0.02).keys("\r").quiet(0.02)
    equal((c.process.poll(), c.screen.foreign), (None, []))


@test("a site with nothing in it: every list says what it is for, and every key does something or says why not")
def empty():
    nothing = terminal.make_site(devices=False)
    c = Console(nothing, ESCDELAY="25").wait("Needs attention", "core ok")
    for screen, sentence in (("2", "A adds"), ("3", "A adds"), ("6", "No calls now")):
        c.press(screen, sentence)
    visit(c)
    c.esc().keys("Q").ends(0)


@test("without its engine every screen opens, is called old, and is there again when the engine is")
def engine_gone():
    global client
    c = console()
    site.stop(signal.SIGKILL)
    c.wait("core lost")
    visit(c)
    assert c.shows("core lost")
    c.esc()
    site.start()
    client = site.client()
    c.press("r", "core ok").press("2", "SEP000000001001").esc().keys("Q").ends(0)


@test("a newer engine than the console takes the place of the old one while a form is open: it says so, and waits")
def newer_engine():
    global client
    c = console().go(*FIELDS["a form"]).press("half typed", "half typed")
    site.stop()
    with socket.socket(socket.AF_UNIX) as newer:
        if os.path.exists(site.socket):
            os.unlink(site.socket)
        newer.bind(site.socket)
        newer.listen()
        newer.settimeout(20)
        peer = newer.accept()[0]
        hello = json.loads(peer.recv(4096))
        peer.sendall(b'{"jsonrpc": "2.0", "id": %d, "result": {"version": 99}}\n' % hello["id"])
        c.wait("The engine speaks version 99", "half typed")
        peer.close()
    os.unlink(site.socket)
    site.start()
    client = site.client()
    c.keys(ESC).wait("Stay in the form").keys("\r").quiet(0.05)
    assert c.shows("half typed")


@test("a disk that takes no more, and folders that are not there: said, nothing is left, and on it goes")
def no_room():
    folder = os.path.join(site.base, "saved")
    os.mkdir(folder)
    c = console(begin=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)))
    c.press("2", "SEP000000001001")
    for path, why in ((folder + "/out.csv", "File too large"), (site.base + "/none/out.csv", "No such file"),
                      ("/proc/out.csv", "cannot be written"), (folder, "is there already")):
        for key in "XY":
            c.keys(key, b"\x15", path + "\r").wait(os.path.basename(path)).quiet(0.05)
            if path == folder:
                c.keys("y")  # to replace it
            c.press("!", "What was said")
            c.until(lambda: why in " ".join(c.screen.text().split()), why).esc().gone("What was said")
            equal((c.process.poll(), os.listdir(folder)), (None, []))
    c.keys("Q").ends(0)


# --- somebody else ---

def cursor_on(c, name):
    c.until(lambda: c.cursor_line().startswith(">") and name in c.cursor_line(), "the cursor on " + name)


def remove(*names):
    for name in names:
        client.call("object.remove", kind="phone", name=name, accept=lib.ACCEPT)


def add(*names):
    for name in names:
        client.call("object.add", kind="phone", values={"name": name, "type": "Cisco 8845", "protocol": "SIP"})


@test("what somebody else removes: the list keeps its place, acting on it says so, its detail says that it is gone")
def removed():
    add("SEP1A", "SEP1B", "SEP1C")
    c = console().go(("2", "12 phones"), ("/", "find:"), ("SEP1B\r", "12 phones"))
    cursor_on(c, "SEP1B")
    c.press("\r", "Registration")
    remove("SEP1B")
    c.press("r", "gone: this phone is not there any more").quiet()
    for key in ("e", "D", "P", "F", "c", "C", "o"):
        c.press("y", "copied").press(key, "nothing under the cursor")
    for key in (RIGHT, "r", RIGHT, "r", RIGHT):  # each tab asks for what is not there
        c.press(key, "gone: this phone is not there any more")
    c.press("W", "none marked").esc().wait("gone: this phone")
    c.esc().wait("12 phones").press("r", "11 phones")
    cursor_on(c, "SEP1C")
    c.press("D", "Type the name")
    remove("SEP1C")
    c.keys("SEP1C\r", "\r").wait("E-NOT-FOUND")
    c.press("r", "10 phones").keys("Q").ends(0)
    remove("SEP1A")


# --- an act on many ---

def many(c, value):
    """Up to the button that sets the description of 300 phones."""
    c.go(("2", "phones"), ("f", "contains"), ("\x15SEPBBBB\r", "300 phones"), ("*", "300 marked"), ("F", "Field"),
       ("Description\r", "value for all:"), (value + "\r", "300 marked: "), ("\t", "> [ Set ]"))


def count(value):
    return client.call("object.count", kind="phone", criteria=[
        {"field": "description", "op": "is exactly", "value": value}])["count"]


@test("an engine that stands still, then dies, during an act on many: what is not known is told, and tried again")
def bulk():
    global client
    for i in range(3):
        rows = "".join("SEPBBBB%05d,Cisco 8845,SIP\r\n" % n for n in range(i * 100, i * 100 + 100))
        client.call("import.begin", kind="phones", accept=lib.ACCEPT)
        client.call("import.part", csv="name,type,protocol\r\n" + rows)
        client.call("import.end")
    c = console()
    many(c, "slow")
    for _ in range(3):
        site.engine.send_signal(signal.SIGSTOP)
        c.keys("\r") if _ == 0 else None
        c.quiet(0.1)
        site.engine.send_signal(signal.SIGCONT)
    c.wait("300 changed")
    equal(count("slow"), 300)

    c.esc().gone("Results")
    many(c, "lost")
    site.engine.send_signal(signal.SIGSTOP)
    c.keys("\r").wait("0 of 300", "Esc stops")
    c.storm("under way")
    c.keys("x", "\r").quiet(0.05)  # keys are read, and do nothing
    site.stop(signal.SIGKILL)
    c.wait("100 unknown, 200 left", "300 of 300 not done")
    c.until(lambda: re.search(r"> SEPBBBB00000 +unknown +E-NO-ENGINE", c.screen.text()), "the first of them")
    c.storm("results")
    site.start()
    client = site.client()
    assert count("lost") in (0, 100), count("lost")
    c.wait("the core is back").press("R", "300 changed")
    equal(count("lost"), 300)

    c.esc().gone("Results")
    many(c, "left")
    site.engine.send_signal(signal.SIGSTOP)
    c.keys("\r").wait("0 of 300").esc().esc()
    c.wait("100 unknown, 200 left")
    site.engine.send_signal(signal.SIGCONT)
    poll(lambda: count("left"), 100)
    c.press("R", "300 changed").keys("Q").ends(0)


@test("a question that is on its way takes the keys meant for it; Esc gives it up")
def early():
    c = console()
    c.press("2", "SEP000000001001")
    site.engine.send_signal(signal.SIGSTOP)
    c.keys("D").quiet(0.05).keys("P").quiet(0.05).keys("A").quiet(0.05)
    site.engine.send_signal(signal.SIGCONT)
    c.wait("Type the name to go on")
    assert "Device Security Profile" not in c.screen.text(), c.screen.text()
    c.esc().gone("Type the name")
    site.engine.send_signal(signal.SIGSTOP)
    c.keys("D").quiet(0.05).esc()
    site.engine.send_signal(signal.SIGCONT)
    c.press("A", "Device Information")


def make_world():
    global site, client, north
    site = terminal.keep(terminal.make_site())
    client = site.client()
    north = next(m for mode, m in certs.import_samples(client).items() if mode == "per-device")
    begins = site.client()
    draft = begins.call("wizard.start", kind="per-device", type=north, name="pasted into")
    begins.call("wizard.save", id=draft["id"], rev=draft["rev"], step="upload",
                answers={"phones": [{"name": "SEP00000000D50%d" % n} for n in (1, 2)]})
    begins.close()


if __name__ == "__main__":
    make_world()
    terminal.run()
