"""For tests of the console: ringlock on a pseudo terminal, whose other side is read here. No emulator stands
between, so every byte that the program sends is seen, and a test of many cases takes no longer than the program.

The terminal is strict: it knows what the terminals of Debian know of their descriptions, and keeps whatever else
was sent in `foreign`. Tests of looks and of real emulators are t_*.sh, which use tmux.
"""
import errno, fcntl, os, pty, re, select, signal, struct, subprocess, sys, tempfile, termios, time, unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "engine"))
import lib

PROGRAM = os.path.join(lib.BUILD, "ringlock")
PATIENCE = int(os.environ.get("RL_DEADLINE", 20))     # seconds to wait for a text
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # categories of characters that may not be drawn


def width(c):
    if unicodedata.category(c) in ("Mn", "Me") or "\u1160" <= c <= "\u11ff":  # vowels and finals of Hangul
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


class Screen:
    """What was drawn: rows of cells, "" for the second half of a wide character."""

    SEQUENCE = re.compile(
        rb"\x1b\[([?>]?)([0-9;]*)([ -/]*)([@-~])"  # control sequences
        rb"|\x1b\](.*?)(?:\x07|\x1b\\)"             # operating system commands
        rb"|\x1b[()]([AB0UK])|\x1b([=>78MDEHc])", re.S)

    def __init__(self, rows, cols, waits=True):
        self.size(rows, cols)
        self.waits = waits       # behind the last column for the next character, as most do
        self.row = self.col = 0
        self.saved = (0, 0)
        self.modes, self.foreign, self.clipboard = {}, [], None
        self.buf = b""
        self.line_chars = False  # ^N: the other character set
        self.wraps = False       # the cursor stands behind the last column

    def size(self, rows, cols):
        self.rows, self.cols = rows, cols
        self.cell = [[" "] * cols for _ in range(rows)]
        self.top, self.bottom = 0, rows - 1

    def lines(self):
        return ["".join(c or "" for c in row).rstrip() for row in self.cell]

    def text(self):
        return "\n".join(self.lines())

    def fits(self):
        return 0 <= self.row < self.rows and 0 <= self.col < self.cols

    def feed(self, data):
        self.buf += data
        while self.buf:
            if not self.fits():  # what was sent for another size
                self.row, self.col = min(self.row, self.rows - 1), min(self.col, self.cols - 1)
            used = self.one()
            if not used:
                break
            self.buf = self.buf[used:]

    def one(self):
        """Take one thing off the front; the number of its bytes, 0 while it is not whole."""
        b = self.buf
        if b[0] == 0x1b:
            m = self.SEQUENCE.match(b)
            if m:
                self.sequence(m)
                return m.end()
            if len(b) < 64 and not re.match(rb"\x1b[^\[\]()=>78MDEHc]", b):
                return 0
            self.foreign.append(b[:16])
            return 1
        if b[0] < 0x20 or b[0] == 0x7f:
            self.control(b[0])
            return 1
        n = 1 if b[0] < 0x80 else 2 if b[0] < 0xe0 else 3 if b[0] < 0xf0 else 4
        if len(b) < n:
            return 0
        try:
            self.put(b[:n].decode())
        except UnicodeDecodeError:
            self.foreign.append(b[:n])
            return 1
        return n

    def control(self, c):
        if c == 0x0d:
            self.col = 0
        elif c == 0x0a:
            self.down()
        elif c == 0x08:
            self.col = max(0, self.col - 1)
        elif c in (0x0e, 0x0f):
            self.line_chars = c == 0x0e
        elif c == 0x09:
            self.col = min(self.cols - 1, (self.col // 8 + 1) * 8)
        elif c:  # NUL fills time
            self.foreign.append(bytes([c]))
        self.wraps = False

    def down(self):
        if self.row == self.bottom:
            del self.cell[self.top]
            self.cell.insert(self.bottom, [" "] * self.cols)
        else:
            self.row = min(self.row + 1, self.rows - 1)

    def put(self, c):
        if unicodedata.category(c) in UNSEEN or self.line_chars:
            self.foreign.append(c.encode())
        cells = width(c)
        if cells == 0:
            col = self.col if self.wraps else self.col - 1
            while col > 0 and self.cell[self.row][col] == "":
                col -= 1
            if col < 0:
                self.foreign.append(c.encode())
            else:
                self.cell[self.row][col] += c
            return
        if self.wraps or self.col + cells > self.cols:
            self.col = 0
            self.down()
        self.wraps = False
        row = self.cell[self.row]
        row[self.col] = c
        if cells == 2 and self.col + 1 < self.cols:
            row[self.col + 1] = ""
        self.col += cells
        if self.col >= self.cols and self.waits:
            self.col, self.wraps = self.cols - 1, True
        elif self.col >= self.cols:
            self.col = 0
            self.down()

    def sequence(self, m):
        private, args, between, final, osc, charset, single = m.groups()
        if osc is not None:
            if osc.startswith(b"52;c;"):
                self.clipboard = osc[5:]
            elif osc != b"104":  # colours as they were: of the description of xterm-256color
                self.foreign.append(m.group())
        elif single:
            self.single(single)
        elif final:
            self.csi(private, [int(a) if a else 0 for a in args.split(b";")] if args else [], final,
                     m.group())

    def single(self, c):
        if c == b"7":
            self.saved = self.row, self.col
        elif c == b"8":
            self.row, self.col = self.saved
        elif c == b"M":
            if self.row == self.top:
                del self.cell[self.bottom]
                self.cell.insert(self.top, [" "] * self.cols)
            else:
                self.row -= 1
        elif c == b"D":
            self.down()
        elif c == b"E":
            self.col = 0
            self.down()
        elif c in b"=>":
            self.modes["keypad"] = c == b"="
        elif c == b"c":
            self.foreign.append(b"reset")

    def blank(self, row, start, end):
        for i in range(max(start, 0), min(end, self.cols)):
            self.cell[row][i] = " "

    def csi(self, private, args, final, whole):
        n = args[0] if args and args[0] else 1
        row, col = self.row, self.col
        self.wraps = False if final in b"HfABCDGdJKPX@LM" else self.wraps
        if private:
            if private == b"?" and final in b"hl":
                for mode in args:
                    self.modes[mode] = final == b"h"
            elif not (private == b"?" and final == b"c"):  # the look of the cursor of linux
                self.foreign.append(whole)
        elif final in b"Hf":
            self.row = min(max(n - 1, 0), self.rows - 1)
            self.col = min(max((args[1] if len(args) > 1 and args[1] else 1) - 1, 0), self.cols - 1)
        elif final == b"A":
            self.row = max(0, row - n)
        elif final == b"B":
            self.row = min(self.rows - 1, row + n)
        elif final == b"C":
            self.col = min(self.cols - 1, col + n)
        elif final == b"D":
            self.col = max(0, col - n)
        elif final in b"G`":
            self.col = min(self.cols, n) - 1
        elif final == b"d":
            self.row = min(self.rows, n) - 1
        elif final == b"K":
            how = args[0] if args else 0
            self.blank(row, 0 if how else col, col + 1 if how == 1 else self.cols)
        elif final == b"J":
            how = args[0] if args else 0
            for i in range(row + (how == 0) if how != 2 else 0, self.rows if how != 1 else row):
                self.blank(i, 0, self.cols)
            if how == 0:
                self.blank(row, col, self.cols)
            elif how == 1:
                for i in range(row):
                    self.blank(i, 0, self.cols)
                self.blank(row, 0, col + 1)
        elif final == b"X":
            self.blank(row, col, col + n)
        elif final == b"P":
            line = self.cell[row]
            del line[col:col + n]
            line += [" "] * (self.cols - len(line))
        elif final == b"@":
            self.cell[row] = (self.cell[row][:col] + [" "] * n + self.cell[row][col:])[:self.cols]
        elif final in b"LM" and self.top <= row <= self.bottom:
            for _ in range(min(n, self.rows)):
                del self.cell[self.bottom if final == b"L" else row]
                self.cell.insert(row if final == b"L" else self.bottom, [" "] * self.cols)
        elif final in b"ST":
            for _ in range(min(n, self.rows)):
                del self.cell[self.top if final == b"S" else self.bottom]
                self.cell.insert(self.bottom if final == b"S" else self.top, [" "] * self.cols)
        elif final == b"b":
            for _ in range(n):
                self.put(self.cell[self.row][self.col - 1])
        elif final == b"r":
            self.top, self.bottom = (args + [0, 0])[0], (args + [0, 0])[1]
            self.top, self.bottom = max(self.top - 1, 0), (self.bottom or self.rows) - 1
            self.row = self.col = 0
        elif final in b"hl":
            self.modes["ansi%d" % n] = final == b"h"
        elif final == b"t":
            self.modes["title stack"] = self.modes.get("title stack", 0) + {22: 1, 23: -1}.get(n, 0)
        elif final not in b"m":
            self.foreign.append(whole)


class Console:
    """ringlock in a terminal of its own. Waiting ends when what is waited for is there."""

    def __init__(self, site, *args, term="xterm-256color", rows=24, cols=80, program=PROGRAM, ignore=(), begin=None, cwd=None, **env):
        self.screen = Screen(rows, cols, waits=term != "ansi")
        self.raw = b""
        self.master, slave = pty.openpty()
        self.tty = os.ttyname(slave)
        self.resize(rows, cols, tell=False)
        self.before = termios.tcgetattr(slave)
        base = {"PATH": os.environ["PATH"], "TERM": term, "LANG": "C.UTF-8", "TZ": "UTC", "HOME": site.base,
                "RINGLOCK_DATA": lib.DATA, "RINGLOCK_KEYS": ""}
        for name in ("RINGLOCK_TEST_RUN", "ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                base[name] = os.environ[name]
        base.update(env)
        self.esc_wait = int(base.get("ESCDELAY", 100)) / 1000 + 0.02

        def ready():
            if begin:
                begin()
            for s in ignore:
                signal.signal(s, signal.SIG_IGN)
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.errors = tempfile.TemporaryFile()
        program = [program] if isinstance(program, str) else program
        self.process = subprocess.Popen([*program, "--site", site.dir, *args], stdin=slave, stdout=slave,
                                        stderr=self.errors, env=base, cwd=cwd, preexec_fn=ready, start_new_session=True)
        self.line = slave  # as the shell has it that started the program
        consoles.append(self)

    def resize(self, rows, cols, tell=True):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        if tell:
            self.screen.size(rows, cols)

    def read(self, seconds):
        """Take what comes within the time; False when nothing did, or the other side is gone."""
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError as e:
            if e.errno != errno.EIO:
                raise
            data = b""
        self.raw += data
        self.screen.feed(data)
        return bool(data)

    def until(self, what, name, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while not what():
            left = end - time.monotonic()
            if left <= 0 or (not self.read(left) and self.process.poll() is not None and not what()):
                raise AssertionError("waited for %s; the screen:\n%s" % (name, self.screen.text()))
        return self

    def wait(self, *texts, seconds=PATIENCE):
        for text in texts:
            self.until(lambda: self.shows(text), repr(text), seconds)
        return self

    def gone(self, text):
        return self.until(lambda: not self.shows(text), "the end of %r" % text)

    def shows(self, text):
        return text in self.screen.text()

    def quiet(self, seconds=0.05):
        """Until nothing came for so long."""
        while self.read(seconds):
            pass
        return self

    def keys(self, *keys):
        for key in keys:
            os.write(self.master, key if isinstance(key, bytes) else key.encode())
        return self

    def press(self, key, text):
        return self.keys(key).wait(text)

    def go(self, *steps):
        """Each step is a key and the text that it brings."""
        for key, text in steps:
            self.press(key, text)
        return self

    def esc(self, seconds=1):
        """Esc, and what comes of it, if anything does: a key too soon after it would be one with Alt."""
        self.keys(b"\x1b").quiet(0)
        sent, begun = len(self.raw), time.monotonic()
        while time.monotonic() < begun + self.esc_wait or len(self.raw) == sent and time.monotonic() < begun + seconds:
            self.read(0.02)
        return self.quiet(0.02)

    def leave(self):
        """Esc; a form is left without saving."""
        self.esc()
        if self.shows("Discard"):
            self.keys(b"\x1b[B", "\r").quiet(0.03)
        return self

    def picture(self, width=500):
        """What is shown, to this column, without what changes by itself; and where the cursor stands."""
        lines = [re.sub(r"\d\d:\d\d(:\d\d)?", "HH:MM", line) for line in self.screen.lines()]
        return lines[0][:40], [line[:width] for line in lines[1:-2]], lines[-1], self.screen.row, self.screen.col

    def focus(self):
        """True if the cursor stands on what has the focus, which is a character too."""
        line = self.screen.lines()[self.screen.row]
        return bool(re.search(r">|\[|: |\| ", line[:self.screen.col + 1])) or line.startswith(" [*")

    def storm(self, name, width=500):
        """What is on a screen of 80x24 survives all sizes, and keys of one that is too small do nothing. Of lists
        whose columns grow with what came into sight only `width` columns are looked at. Returns the picture."""
        self.quiet(0.08)
        was = self.picture(width)
        if not self.focus():
            raise AssertionError("%s: the cursor stands on nothing that has the focus:\n%s" % (name, self.screen.text()))
        for rows, cols in ((1, 1), (1, 2), (24, 1), (1, 79), (5, 20)):
            self.resize(rows, cols)
        self.wait("Make the window")
        painted = self.raw.count(b"Make")
        self.keys("D", "Q", "y", "\r", "2", b"\x1b[A", b"\x0c")
        self.until(lambda: self.raw.count(b"Make") > painted, "it again")
        self.resize(200, 500)
        self.until(lambda: re.search("help|Esc", self.screen.lines()[-1]), "its last line at 500x200")
        for rows, cols in ((16, 59), (15, 60), (17, 61), (16, 60), (50, 132), (3, 3), (25, 80), (24, 79), (24, 80)):
            self.resize(rows, cols)
            self.read(0.005)
        try:
            self.until(lambda: self.picture(width) == was, "the picture before", 10)
        except AssertionError:
            now = self.picture(width)
            rows = ["%s\n%s" % pair for pair in zip(was[1], now[1]) if pair[0] != pair[1]]
            raise AssertionError("%s: %r is %r; rows before and now:\n%s" %
                                 (name, (was[0], was[2:]), (now[0], now[2:]), "\n".join(rows)))
        return was

    def cursor_line(self):
        return self.screen.lines()[self.screen.row]

    def ends(self, status=0, seconds=10):
        """It ends by itself, with this status."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.02)
        while self.read(0):
            pass
        lib.equal(self.process.poll(), status)
        return self

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def hang_up(self):
        """The terminal is gone."""
        os.close(self.master)
        self.master = -1

    def cpu(self):
        """Seconds of processor time so far."""
        with open("/proc/%d/stat" % self.process.pid) as f:
            field = f.read().rsplit(")", 1)[1].split()
        return (int(field[11]) + int(field[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        consoles.remove(self)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)
        os.close(self.line)
        self.errors.close()


consoles = []


def done():
    """Take away the consoles of a test."""
    while consoles:
        consoles[-1].close()


def keep(site):
    """Have it for all tests of the program; lib.run() takes away what each of them made."""
    lib.sites.remove(site)
    lib.at_end.append(site.remove)
    return site


def run():
    """lib.run(), with the consoles of each test ended with it."""
    def ending(fn):
        def call():
            try:
                fn()
            finally:
                done()
        return call
    lib.tests[:] = [(name, ending(fn)) for name, fn in lib.tests]
    lib.run()


def make_site(devices=True):
    """A site in mixed mode, with the devices of tests/console/site, and its engine."""
    import cli
    site = lib.Site()
    site.start()
    site.client().call("cluster.mode", mode="mixed")
    here = os.path.dirname(os.path.abspath(__file__))
    for kind in ("users", "profiles", "phones", "gateways") if devices else ():
        cli.done(cli.on(site)("import", kind, os.path.join(here, "site", kind + ".csv")))
    return site
