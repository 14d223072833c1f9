"""How long from a datagram to the changed word on the screen: the console runs in a pseudo-terminal of 80x24, a
small vt100 keeps its picture, and each change is timed until its call's row shows the new word."""
import fcntl, os, pty, re, select, signal, socket, struct, termios, time

from site_of_bench import BUILD, Call

ROWS, COLUMNS = 24, 80
WORD = re.compile(r"LOCK|SHLD|OPEN")
ESCAPE = re.compile(r"\x1b\[([?>]?[0-9;]*)([@-~])|\x1b[()][0-9A-Za-z]|\x1b[=>78DEM]|\x1b\][^\x07]*\x07")


class Screen:
    """What TERM=vt100 asks a terminal to do, as far as an application uses it."""

    def __init__(self):
        self.cell = [[" "] * COLUMNS for _ in range(ROWS)]
        self.y = self.x = 0
        self.top, self.bottom = 0, ROWS - 1
        self.rest = ""

    def row(self, y):
        return "".join(self.cell[y])

    def feed(self, data):
        text = self.rest + data.decode("latin-1")
        self.rest = ""
        at = 0
        while at < len(text):
            c = text[at]
            if c == "\x1b":
                m = ESCAPE.match(text, at)
                if not m:
                    if len(text) - at < 40:
                        self.rest = text[at:]
                        return
                    at += 1
                    continue
                if m.group(2):
                    self.control(m.group(1), m.group(2))
                elif m.group()[1] in "DM":
                    self.index(m.group()[1] == "D")
                at = m.end()
                continue
            self.put(c)
            at += 1

    def put(self, c):
        if c == "\r":
            self.x = 0
        elif c == "\n":
            self.index(True)
        elif c == "\b":
            self.x = max(0, self.x - 1)
        elif c == "\t":
            self.x = min(COLUMNS - 1, (self.x // 8 + 1) * 8)
        elif c >= " ":
            if self.x >= COLUMNS:
                self.x = 0
                self.index(True)
            self.cell[self.y][self.x] = c
            self.x += 1

    def index(self, down):
        if down and self.y == self.bottom:
            self.cell.insert(self.bottom + 1, [" "] * COLUMNS)
            del self.cell[self.top]
        elif not down and self.y == self.top:
            del self.cell[self.bottom]
            self.cell.insert(self.top, [" "] * COLUMNS)
        else:
            self.y = min(ROWS - 1, self.y + 1) if down else max(0, self.y - 1)

    def control(self, text, kind):
        if text[:1] in "?>" and text:
            return
        n = [int(v or 0) for v in text.split(";")] if text else [0]
        first = max(1, n[0])
        x = min(self.x, COLUMNS - 1)
        if kind in "Hf":
            self.y = min(ROWS, first) - 1
            self.x = min(COLUMNS, max(1, n[1] if len(n) > 1 else 1)) - 1
        elif kind == "A":
            self.y = max(0, self.y - first)
        elif kind == "B":
            self.y = min(ROWS - 1, self.y + first)
        elif kind == "C":
            self.x = min(COLUMNS - 1, x + first)
        elif kind == "D":
            self.x = max(0, x - first)
        elif kind == "G":
            self.x = min(COLUMNS, first) - 1
        elif kind == "d":
            self.y = min(ROWS, first) - 1
        elif kind == "X":
            for i in range(x, min(COLUMNS, x + first)):
                self.cell[self.y][i] = " "
        elif kind == "b":
            for _ in range(first):
                self.put(self.cell[self.y][max(0, self.x - 1)])
        elif kind in "@P":
            row = self.cell[self.y]
            for _ in range(first):
                if kind == "@":
                    row.insert(x, " ")
                    row.pop()
                else:
                    del row[x]
                    row.append(" ")
        elif kind in "LM":
            for _ in range(first):
                gone, made = (self.bottom, self.y) if kind == "L" else (self.y, self.bottom)
                del self.cell[gone]
                self.cell.insert(made, [" "] * COLUMNS)
        elif kind == "K":
            span = {0: range(x, COLUMNS), 1: range(0, x + 1), 2: range(COLUMNS)}[n[0]]
            for i in span:
                self.cell[self.y][i] = " "
        elif kind == "J":
            rows = {0: range(self.y + 1, ROWS), 1: range(self.y), 2: range(ROWS)}[n[0]]
            for y in rows:
                self.cell[y] = [" "] * COLUMNS
            if n[0] < 2:
                self.control(str(n[0]), "K")
        elif kind == "r":
            self.top = first - 1
            self.bottom = (n[1] if len(n) > 1 and n[1] else ROWS) - 1
            self.y = self.x = 0


class Console:
    """The console in a terminal of 80x24; `bytes` counts what it has sent there."""

    def __init__(self, site, term="vt100"):
        self.screen, self.bytes = Screen(), 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.environ.update(TERM=term, LANG="C.UTF-8")
            os.execv(BUILD + "/ringlock", ["ringlock", "--site", site.path])

    def read(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if ready:
            data = os.read(self.fd, 65536)
            self.bytes += len(data)
            self.screen.feed(data)
        return bool(ready)

    def settle(self, quiet=0.25, seconds=3):
        """Read until nothing has come for a while; when something came last."""
        last = time.monotonic()
        until = last + seconds
        while self.read(quiet) and time.monotonic() < until:
            last = time.monotonic()
        return last

    def timed(self, keys):
        """Milliseconds until the screen stands still again, and the bytes that it took."""
        self.settle()
        before, start = self.bytes, time.monotonic()
        self.keys(keys)
        return 1000 * (self.settle() - start), self.bytes - before

    def wait_for(self, text, seconds=20):
        until = time.monotonic() + seconds
        while not any(text in self.screen.row(y) for y in range(ROWS)):
            if time.monotonic() > until:
                raise RuntimeError("the screen never showed %r:\n%s"
                                   % (text, "\n".join(map(self.screen.row, range(ROWS)))))
            self.read(0.1)

    def keys(self, text):
        os.write(self.fd, text.encode())

    def words(self):
        """The word shown for each caller's number in view."""
        found = {}
        for y in range(ROWS):
            row = self.screen.row(y)
            word = WORD.search(row)
            if word:
                for number in re.findall(r"\b[12]\d{4}\b", row):
                    found.setdefault(int(number), word.group())
        return found

    def close(self):
        os.kill(self.pid, signal.SIGHUP)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def measure(site, changes, seconds):
    """Returns p50 and p99 in milliseconds, how many changes were timed, and how many were made in view."""
    host, port = site.status()["hep"]["udp"].rsplit(":", 1)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect((host, int(port)))
    calls = [Call(out.send, 10000 + i, 40000 + i) for i in range(changes)]
    for call in calls:
        call.invite()
        time.sleep(0.002)
    site.settle()
    console = Console(site)
    try:
        console.wait_for("ringlock")
        console.keys("6")
        console.wait_for("LOCK")
        return run(console, calls, changes, seconds)
    finally:
        console.close()
        out.close()


def run(console, calls, changes, seconds):
    pending, times, made = {}, [], 0
    start = time.monotonic()
    for i in range(int(changes * seconds)):
        while True:
            left = start + i / changes - time.monotonic()
            if console.read(max(0, left)):
                collect(console, pending, times)
            if left <= 0:
                break
        call = calls[i % len(calls)]
        in_view = call.numbers[0] in console.words()
        sent, word = call.toggle()
        if in_view:
            made += 1
            if call.numbers[0] in pending:  # its last change was never shown
                times.append(1000 * (sent - pending[call.numbers[0]][0]))
            pending[call.numbers[0]] = (sent, word)
    until = time.monotonic() + 2
    while pending and time.monotonic() < until:
        console.read(0.05)
        collect(console, pending, times)
    times.sort()
    if not times:
        return 0, 0, 0, made
    return times[len(times) // 2], times[int(len(times) * 0.99)], len(times), made


def collect(console, pending, times):
    shown, now = console.words(), time.monotonic()
    for number, (sent, word) in list(pending.items()):
        if shown.get(number) == word:
            times.append(1000 * (now - sent))
            del pending[number]
