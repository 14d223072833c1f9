#!/usr/bin/env python3
"""The line to the terminal: terminals of all kinds, keys in pieces, modes given back byte for byte, a console that
nobody touches, and terminals that are gone or take nothing."""
import fcntl, os, re, select, signal, subprocess, termios, time

import terminal
from terminal import Console, lib
from lib import Skip, equal, test

TERMS = ["rxvt", "rxvt-unicode", "tmux-256color", "screen", "screen-256color", "putty", "putty-256color", "linux",
         "xterm", "xterm-256color", "vt100", "vt220", "ansi"]
FORM = b"e"
site = None


def console(*args, **kw):
    return Console(site, *args, **kw).wait("Needs attention", "core ok")


def is_known(term):
    return subprocess.run(["infocmp", term], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def sequence(term, capability):
    p = subprocess.run(["tput", "-T", term, capability], capture_output=True)
    return p.stdout


def of_term(term):
    """What the terminal's own description says that its keys send: the list and a form can be used."""
    if not is_known(term):
        raise Skip("%s is not described here: install ncurses-term" % term)
    c = console(term=term)
    c.press("2", "9 phones").until(lambda: c.cursor_line().startswith(">  ---- CONF"), "the first row")
    down, end = sequence(term, "kcud1"), sequence(term, "kend") or b"G"
    c.keys(down).until(lambda: c.cursor_line().startswith(">  ---- SEP000000001001"), "the second row")
    c.keys(end).until(lambda: c.cursor_line().startswith(">  ---- SEP000000002003"), "the last row")
    c.press(FORM, "[Lobby").press(down, "field 4 of")
    c.press("typed \u00e9 text", "Lobbytyped \u00e9 text").press(down, "field 5 of")
    c.press(b"\x1b", "Stay in the form").keys(down, "\r").wait("9 phones")
    c.keys("q").ends(0)
    equal(c.screen.foreign, [])
    colours = re.findall(rb"[\[;][34]8;(\d+);(\d+)", c.raw)  # none but the sixteen that have names
    assert all(how == b"5" and int(n) < 16 for how, n in colours), colours


for _term in TERMS:
    test("TERM=%s: list and form can be used, and nothing unknown is sent" % _term)(
        lambda term=_term: of_term(term))


@test("a terminal that cannot place its cursor, or that nobody knows, is refused in one line")
def refused():
    for term in ("dumb", "", "no-such-terminal"):
        c = Console(site, term=term).ends(2)
        equal(c.stderr().count("\n"), 1)
        equal(c.raw, b"")
        c.close()


KEYS = {  # bytes: what comes of them in the phone list, whose cursor stands on the third row
    "1003": [],
    "1002": [b"\x1b[A", b"\x1bOA"],
    "1004": [b"\x1b[B", b"\x1bOB"],
    "CONF": [b"\x1b[H", b"\x1bOH", b"\x1b[1~", b"\x1b[7~", b"\x1b[5~"],
    "2003": [b"\x1b[F", b"\x1bOF", b"\x1b[4~", b"\x1b[8~", b"\x1b[6~"],
}
FUNCTION = [b"\x1bOP", b"\x1b[[A", b"\x1b[11~", b"\x1b1"]  # F1: help


@test("each key of each terminal comes in pieces, with pauses before and after the wait for Esc")
def pieces():
    c = console().press("2", "9 phones")

    def at(name):
        c.until(lambda: c.cursor_line().startswith(">") and name in c.cursor_line(), "the cursor on " + name)

    def begin():
        c.keys("g", "j", "j", "j")
        at("1003")

    for name, sequences in KEYS.items():
        for s in sequences:
            for cut in range(1, len(s)):
                begin()
                c.keys(s[:cut])
                time.sleep(0.02 if cut == 1 or s != sequences[0] else 0.13)
                c.keys(s[cut:])
                at(name)
    for s in FUNCTION:
        for byte in s:
            c.keys(bytes([byte]))
            time.sleep(0.005)
        c.wait("Help: Phones").keys(b"\x1b").wait("9 phones")
    c.keys("q").ends(0)


def given_back(c):
    """Every mode that was set is undone, in the line too."""
    on_before = (7, 25)  # wrapping, and the cursor
    equal({m: v for m, v in c.screen.modes.items() if v and m not in on_before}, {})
    assert c.screen.modes.get(25, True), "the cursor is hidden"
    equal(termios.tcgetattr(c.line), c.before)
    equal(fcntl.fcntl(c.line, fcntl.F_GETFL) & os.O_NONBLOCK, 0)
    assert b"$<" not in c.raw, "a pause was sent as text"


def way_out(how, term):
    c = console(term=term)
    if term == "xterm-256color":
        assert c.screen.modes.get(1049) and c.screen.modes.get(2004) and c.screen.modes.get("keypad")
    if isinstance(how, int):
        c.process.send_signal(how)
        c.ends(-how if how in (signal.SIGSEGV, signal.SIGABRT) else 0)
    else:
        c.keys(how).ends(0)
    given_back(c)


for _name, _how in (("q", "q"), ("Q", "Q"), ("SIGTERM", signal.SIGTERM), ("SIGHUP", signal.SIGHUP),
                    ("SIGSEGV", signal.SIGSEGV), ("SIGABRT", signal.SIGABRT)):
    @test("the terminal is given back as it was: " + _name)
    def out(how=_how):
        way_out(how, "xterm-256color")
        way_out(how, "vt100")


@test("suspended, also in a question or a form, the terminal is given back, and then taken again as it was")
def suspended():
    log = os.path.join(site.base, "stty")
    script = 'stty -g >"$0"; "$@"; stty -g >>"$0"; while fg; [ $? -gt 128 ]; do stty -g >>"$0"; done'
    c = Console(site, program=["sh", "-m", "-c", script, log, terminal.PROGRAM]).wait("Needs attention")
    for steps in ([("1", "Needs attention")], [("2", "Reception"), ("D", "Type the name"), ("half a name", "half a name")],
                  [(b"\x1b", "W wizard"), ("e", "RSA Key Size"), ("\t", "field 4 of"), ("typed", "8000typed")],
                  [(b"\x1b", "Stay in the form")]):
        was = c.go(*steps).quiet(0.03).picture()
        taken = c.raw.count(b"\x1b[?1049h")
        c.keys(b"\x1a").until(lambda: c.raw.count(b"\x1b[?1049h") > taken, "the other screen")
        c.until(lambda: c.picture() == was, "the picture before")
    c.keys("\x1b[B", "\r").wait("9 phones").keys("Q").ends()
    given_back(c)
    for mode in (b"1049", b"2004"):
        equal((c.raw.count(b"\x1b[?%sh" % mode) >= 3, c.raw.count(b"\x1b[?%sl" % mode) >= 3), (True, True))
    with open(log) as f:
        equal(len(set(f.read().split())), 1)


@test("left alone it sends nothing but the clock, and takes no time")
def idle():
    c = console().press("2", "9 phones").quiet(0.3)
    if time.time() % 60 > 57:
        time.sleep(60.2 - time.time() % 60)
        c.quiet(0.3)
    sent, cpu = len(c.raw), c.cpu()
    c.quiet(1)
    equal(len(c.raw) - sent, 0)
    assert c.cpu() - cpu <= 0.02, c.cpu() - cpu
    c.keys("j").until(lambda: c.cursor_line().startswith(">  ---- SEP000000001001"), "the second row").quiet()
    print("# %d bytes for one row down" % (len(c.raw) - sent))
    assert len(c.raw) - sent < 400, len(c.raw) - sent
    c.keys("q").ends(0)


@test("the terminal is gone and SIGHUP is ignored: it ends within two seconds, and does not spin")
def hung_up():
    for key, shown in (("2", "9 phones"), ("4", "profiles")):
        c = console(ignore=(signal.SIGHUP,)).press(key, shown)
        cpu, began = c.cpu(), time.monotonic()
        c.hang_up()
        while c.process.poll() is None and time.monotonic() < began + 2:
            assert c.cpu() - cpu < 0.3, "it spins"
            time.sleep(0.01)
        equal(c.process.poll(), 0)


@test("a terminal that takes nothing: no time is spent on it, and it does not keep the program from ending")
def stuck():
    c = console().press("2", "9 phones").quiet()
    for _ in range(400):  # pictures that nobody reads, until the line is full
        c.keys(b"\x0c")
        time.sleep(0.003)
        if not select.select([], [c.line], [], 0)[1]:
            break
    else:
        raise AssertionError("the line does not get full")
    cpu = c.cpu()
    time.sleep(0.3)
    assert c.cpu() - cpu < 0.1, "it spins"
    c.process.send_signal(signal.SIGTERM)
    c.process.wait(3)
    equal(c.process.returncode, 0)
    equal(termios.tcgetattr(c.line), c.before)


if __name__ == "__main__":
    site = terminal.keep(terminal.make_site())
    terminal.run()
