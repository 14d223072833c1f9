"""A site of a million phones, over the real programs: import, export, bulk changes, memory, and the console."""
import os, re, socket, subprocess, sys, time

import backups
from screen import Console
from site_of_bench import BUILD, PROFILE, TYPE, Call, Site

PHONES = 1000000
FIRST = 10000    # number of the first phone; gen's and screen's callers and callees are among them
CALLS = 100000
PART = 250       # names in one object.set_many
BATCH = 20000    # calls in one file of gen
CONSOLES, CHANGES, SECONDS = 50, 500, 10
OF_USER = 30     # consoles of one user: the engine takes 32


def resident(pid, what="VmRSS"):
    """Megabytes."""
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(what + r":\s+(\d+)", f.read()).group(1)) / 1024


def spent(pids):
    ticks = 0
    for pid in pids:
        with open("/proc/%d/stat" % pid) as f:
            ticks += sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0


class Other:
    """Somebody else who asks the engine meanwhile: how long each answer took, in milliseconds."""

    def __init__(self, site):
        code = ("import json,socket,sys,time\n"
                "s=socket.socket(socket.AF_UNIX);s.connect(sys.argv[1]);f=s.makefile('rb')\n"
                "def ask(m,**p):\n"
                " s.sendall(json.dumps({'jsonrpc':'2.0','id':1,'method':m,'params':p}).encode()+b'\\n');f.readline()\n"
                "ask('hello',version=1)\n"
                "while True:\n"
                " t=time.monotonic();ask('call.list',limit=20);ask('object.list',kind='phone',limit=20)\n"
                " print(1000*(time.monotonic()-t),flush=True);time.sleep(0.02)\n")
        self.process = subprocess.Popen([sys.executable, "-c", code, site.path + "/ringlock.sock"],
                                        stdout=subprocess.PIPE, text=True)

    def end(self):
        self.process.kill()
        return [float(line) for line in self.process.communicate()[0].splitlines()] or [0]


def write_phones(path, n):
    with open(path, "w") as f:
        f.write("name,type,protocol,description,profile,lines,owner,digest_user\n")
        for i in range(FIRST, FIRST + n):
            f.write("SEP%012d,%s,SIP,Desk %d,%s,%d,,\n" % (i, TYPE, i, PROFILE, i))


def command(site, *words, **kw):
    """Run ringlock: seconds, and megabytes that it took at most."""
    start = time.monotonic()
    process = subprocess.Popen([BUILD + "/ringlock", "--site", site.path, *words], stdin=subprocess.DEVNULL, **kw)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("ringlock %s ended with %d" % (" ".join(words), process.returncode))
    return time.monotonic() - start, usage.ru_maxrss / 1024


def import_export(site, say, phones):
    path = os.path.join(site.dir, "million.csv")
    write_phones(path, phones)
    other = Other(site)
    before = spent(site.pids())
    seconds, client = command(site, "import", "phones", path, stdout=subprocess.DEVNULL)
    work = spent(site.pids()) - before
    answers = other.end()
    say("import", "%d phones, command over socket to durable: %.1f s, aim 60; %.1f s of processor in the engine"
        % (phones, seconds, work), seconds < 60)
    say("import", "answers to others meanwhile: p99 %.0f ms, longest %.0f ms, aim 100; the command took %.0f MB"
        % (percentile(answers, 0.99), max(answers), client), max(answers) < 100)
    start = time.monotonic()
    site.ask("object.set", kind="phone", name="SEP%012d" % FIRST, values={"description": "first"})
    say("import", "the next change, on the loop: %.0f ms" % (1000 * (time.monotonic() - start)))
    with open(path, "w") as out:
        seconds, client = command(site, "export", "phones", stdout=out)
    with open(path) as f:
        lines = sum(1 for _ in f) - 1
    os.unlink(path)
    say("export", "%d phones: %.1f s; the command took %.0f MB, the engine stands at %.0f MB"
        % (lines, seconds, client, resident(site.engine.pid)), lines == phones and seconds < 60)


def bulk(site, say, phones):
    n = min(10000, phones // 4)
    names = ["SEP%012d" % i for i in range(FIRST + phones // 2, FIRST + phones // 2 + n)]
    other = Other(site)
    start = time.monotonic()
    done = sum(site.ask("object.set_many", kind="phone", names=names[i:i + PART],
                        values={"description": "moved"})["done"] for i in range(0, n, PART))
    seconds = time.monotonic() - start
    answers = other.end()
    say("bulk", "%d phones changed, each with its entry, durable in parts of %d: %.1f s, aim 30; others waited %.0f ms "
        "at most" % (done, PART, seconds, max(answers)), done == n and seconds < 30)


def live_calls(site, say, calls):
    """Calls that stay up, from several files so that none is very large."""
    for seed in range(-(-calls // BATCH)):
        prefix = os.path.join(site.dir, "open%d" % seed)
        subprocess.run([BUILD + "/tests/bench/gen", str(min(BATCH, calls - seed * BATCH)), prefix, "--legs", "2",
                        "--facts", "--open", "--seed", str(seed + 1)], check=True, stdout=subprocess.DEVNULL)
        os.unlink(prefix + ".pcap")
        command(site, "hep", "replay", "--tcp", "--speed", "max", prefix + ".hep", stdout=subprocess.DEVNULL)
        os.unlink(prefix + ".hep")
    status = site.settle()
    up, feed = status["calls"]["live"], status["feed"]
    used = resident(site.engine.pid)
    say("memory", "engine with a million phones and %d calls up: %.0f MB resident, at most %.0f, aim 500; its feed was "
        "started again %d times" % (up, used, resident(site.engine.pid, "VmHWM"), feed["restarts"]),
        used < 500 and up >= calls and not feed["restarts"])


def rejudged(site, say):
    other = Other(site)
    time.sleep(0.3)
    start = time.monotonic()
    site.ask("cluster.mode", mode="nonsecure")
    while site.status()["calls"]["locked"]:
        time.sleep(0.05)
    seconds = time.monotonic() - start
    answers = other.end()
    site.ask("cluster.mode", mode="mixed")
    say("rejudge", "cluster mode changed with %d calls up: all judged after %.1f s; others waited %.0f ms at most, aim "
        "100" % (site.status()["calls"]["live"], seconds, max(answers)), max(answers) < 100)


def on_console(site, say, term, phones, number):
    start = time.monotonic()
    console = Console(site, term)
    try:
        console.wait_for("encrypted %d" % phones)
        first = 1000 * (time.monotonic() - start)
        say("console", "%s: from start to the first screen painted: %.0f ms, aim 150" % (term, first), first < 150)
        console.settle()
        console.keys("2")
        console.wait_for("SEP")
        console.timed("\x1b[6~")  # to the last row of the first page
        for key, what in (("\x1b[6~", "page down"), ("\x1b[F", "jump to the end"), ("\x1b[H", "jump to the start")):
            took, size = console.timed(key)
            say("console", "%s: %s: %.0f ms, aim 50; %d bytes, aim 3000" % (term, what, took, size),
                took < 50 and size < 3000)
        used = resident(console.pid)
        say("console", "%s: %.1f MB resident, aim 20" % (term, used), used < 20)
        icon_bytes(site, say, console, term, number)
    finally:
        console.close()


def icon_bytes(site, say, console, term, number):
    """One call in view whose icon changes: what is sent to the terminal for it."""
    host, port = site.status()["hep"]["udp"].rsplit(":", 1)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect((host, int(port)))
    call = Call(out.send, number, number + 30000)
    call.invite()
    console.keys("6")
    console.wait_for(str(number))
    sizes = []
    for _ in range(5):
        console.settle()
        before = console.bytes
        call.toggle()
        console.settle()
        sizes.append(console.bytes - before)
    out.close()
    say("console", "%s: an icon that changes: %d bytes, aim 100" % (term, percentile(sizes, 0.5)),
        0 < percentile(sizes, 0.5) < 100)


class Watchers:
    """Consoles that watch all calls, in processes of their own (tests/bench/watch); beyond what one user may have,
    those of another. What the first few are told is timed."""

    TIMED = 3

    def __init__(self, site, n):
        self.out = open(os.path.join(site.dir, "told"), "w+")
        self.processes = []
        for first, count, *user in ((True, min(n, OF_USER)), (False, n - OF_USER, "nobody")):
            if count > 0:
                self.processes.append(subprocess.Popen(
                    [BUILD + "/tests/bench/watch", site.path + "/ringlock.sock", str(count),
                     str(self.TIMED if first else 0), *user], stdin=subprocess.PIPE, stdout=self.out))

    def end(self):
        """What was told: (seconds of the monotonic clock, console, SIP Call-ID, icon)."""
        for process in self.processes:
            process.stdin.close()
            if process.wait():
                raise RuntimeError("watch ended with %d" % process.returncode)
        self.out.seek(0)
        told = [line.split() for line in self.out]
        self.out.close()
        return [(int(at) / 1e6, console, call, icon) for at, console, call, icon in told]


def delays(sent, told):
    """Milliseconds from each change to each console that was told of it; sent: {SIP Call-ID: [(seconds, icon)]}."""
    seen, out = set(), []
    for at, console, call, icon in told:
        since = [s for s, word in sent.get(call, []) if s <= at and word == icon]
        if since and (console, call, since[-1]) not in seen:
            seen.add((console, call, since[-1]))
            out.append(1000 * (at - since[-1]))
    return out


def watched(site, say):
    n = CONSOLES if os.getuid() == 0 else OF_USER
    host, port = site.status()["hep"]["udp"].rsplit(":", 1)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect((host, int(port)))
    calls = [Call(out.send, 10000 + i, 40000 + i) for i in range(CHANGES)]
    for call in calls:
        call.invite()
        time.sleep(0.002)
    site.settle()
    watchers = Watchers(site, n)
    time.sleep(1)
    sent = {}
    before, start = spent(site.pids()), time.monotonic()
    for i in range(CHANGES * SECONDS):
        time.sleep(max(0, start + i / CHANGES - time.monotonic()))
        call = calls[i % CHANGES]
        at, word = call.toggle()
        sent.setdefault(call.id, []).append((at, "shield" if word == "SHLD" else "lock"))
    took = time.monotonic() - start
    share = (spent(site.pids()) - before) / took
    time.sleep(1)
    waited = delays(sent, watchers.end())
    out.close()
    p50, p99 = percentile(waited, 0.5), percentile(waited, 0.99)
    say("watched", "%d consoles, %d changes/s (%.0f reached): datagram to console p50 %.0f ms, p99 %.0f ms, aim 200; "
        "%d of %d told; engine and feed %.0f %% of a processor"
        % (n, CHANGES, CHANGES * SECONDS / took, p50, p99, len(waited), CHANGES * SECONDS * Watchers.TIMED, 100 * share),
        bool(waited) and p99 < 200)


def let_nobody_look(site):
    """So that there may be more consoles than one user can have."""
    path = site.path + "/ringlock.conf"
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(re.sub(r"(?m)^[#; ]*viewer_users *=.*$", "viewer_users = nobody", text))
    os.chmod(site.dir, 0o711)
    os.chmod(site.path, 0o711)
    site.stop()
    site.start()


def measure(say, phones=PHONES, calls=CALLS):
    site = Site([])
    try:
        let_nobody_look(site)
        import_export(site, say, phones)
        bulk(site, say, phones)
        backups.measure(site, say, command, Other)
        on_console(site, say, "xterm-256color", phones, 20001)
        on_console(site, say, "vt100", phones, 20002)
        watched(site, say)
        live_calls(site, say, calls)
        rejudged(site, say)
    finally:
        site.remove()
