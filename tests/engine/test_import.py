"""Imports of many rows through the real program: others are served meanwhile, progress is shown, ^C leaves nothing."""
import json, os, pty, select, signal, threading

import lib
from cli import RINGLOCK, done, env, on, refused
from lib import Site, contains, equal, fails, poll, test

MODEL = "Cisco 8841"
HEADER = "name,type,lines\n"


def rows(n, begin=0):
    return "".join("P%06d,%s,%d\n" % (i, MODEL, 100000 + i) for i in range(begin, begin + n))


def site_and_client():
    site = Site().start()
    return site, site.client()


class OnTerminal:
    """ringlock with a terminal of its own, and what it wrote there."""

    def __init__(self, site, *args, stdin=None):
        self.text = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            if stdin:
                os.dup2(stdin.read, 0)
                os.close(stdin.write)
            os.execve(RINGLOCK, [RINGLOCK, "--site", site.dir, *args], env(TERM="xterm"))

    def read(self, seconds=0.05):
        try:
            while select.select([self.fd], [], [], seconds)[0]:
                more = os.read(self.fd, 65536)
                if not more:
                    break
                self.text += more
        except OSError:  # the other end is closed
            pass
        return self.text.decode()

    def type(self, keys):
        os.write(self.fd, keys)

    def status(self):
        while True:
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.read()
                os.close(self.fd)
                return status


class Pipe:
    """Standard input that is still being written: what was given so far has been read, or will be soon."""

    def __init__(self):
        self.read, self.write = os.pipe()

    def give(self, text):
        data = text.encode()
        while data:
            data = data[os.write(self.write, data):]

    def end(self):
        os.close(self.write)
        os.close(self.read)


def files(site):
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(site.dir) for name in names)


def count(client):
    return client.call("object.count", kind="phone")["count"]


@test("on a terminal lines, errors and time are shown, and gone at the end; elsewhere nothing is")
def progress():
    site, client = site_and_client()
    slow = Pipe()
    p = OnTerminal(site, "import", "phones", "-", stdin=slow)
    slow.give(HEADER)
    n = 0

    def more():
        nonlocal n
        slow.give(rows(100, n))
        n += 100
        return "lines, 0 errors" in p.read()
    poll(more)
    slow.end()
    equal(p.status(), 0)
    last = p.text.decode().rstrip("\r\n").rsplit("\r", 1)[1]
    equal(last, "(stdin): %d lines, %d added, 0 changed, 0 as before" % (n, n))
    contains(p.text.decode(), "\rstoring: ")
    quiet = done(on(site)("import", "phones", "-", stdin=HEADER + rows(100)))
    equal(quiet.err, "")
    equal(quiet.out, "(stdin): 100 lines, 0 added, 0 changed, 100 as before\n")


@test("a refusal after progress begins a line of its own")
def refusal():
    site, client = site_and_client()
    path = os.path.join(site.base, "bad.csv")
    with open(path, "w") as f:
        f.write(HEADER + rows(20) + "X,no such type,\n")
    p = OnTerminal(site, "import", "phones", path)
    assert p.status() != 0
    refused_with = p.text.decode().split(path + ":22: ", 1)
    assert not refused_with[0].strip() or refused_with[0].endswith(("\r", "\r\n")), refused_with
    contains(p.text.decode(), "storing: 22 lines (100 %), 1 error, ")
    equal(count(client), 0)


@test("^C in the middle: nothing is stored, no file is left, others may change and import at once")
def interrupted():
    site, client = site_and_client()
    client.call("object.add", kind="phone", values={"name": "OTHER", "type": MODEL})
    before, entries = files(site), len(client.call("audit.list")["rows"])
    slow = Pipe()
    p = OnTerminal(site, "import", "phones", "-", stdin=slow)
    slow.give(HEADER + rows(5000))
    poll(lambda: "error" in client.ask("object.set", kind="phone", name="OTHER", values={"description": "x"}))
    p.type(b"\x03")
    status = p.status()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, status
    slow.end()
    poll(lambda: "result" in client.ask("object.set", kind="phone", name="OTHER", values={"description": "y"}))
    equal((count(client), files(site)), (1, before))
    equal(len(client.call("audit.list")["rows"]), entries + 1)
    done(on(site)("import", "phones", "-", stdin=HEADER + rows(3)))
    equal(count(client), 4)
    assert client.call("audit.verify")["ok"]


@test("killed while its end is under way, all of it is there or nothing, and the engine goes on")
def killed_at_end():
    site, client = site_and_client()
    path = os.path.join(site.base, "many.csv")
    with open(path, "w") as f:
        f.write(HEADER + rows(12000))
    seen = set()
    for wait in (0.0, 0.3, 0.6, 0.9):
        p = OnTerminal(site, "import", "phones", path)
        poll(lambda: "storing" in p.read(0.01) or os.waitpid(p.pid, os.WNOHANG)[0])
        threading.Event().wait(wait)
        try:
            os.kill(p.pid, signal.SIGKILL)
            os.waitpid(p.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(p.fd)
        poll(lambda: "result" in client.ask("object.add", kind="user", values={"id": "u%s" % wait, "name": "x"}))
        n = count(client)
        assert n in (0, 12000), n
        seen.add(n)
    assert client.call("audit.verify")["ok"]


@test("while a part is taken others are answered, and what they may not change is told at once")
def others():
    site, client = site_and_client()
    importer = site.client()
    importer.call("import.begin", kind="phones")
    importer.send(b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"import.part","params":{"csv":%s}}\n' %
                           (i, json.dumps((HEADER if i == 1 else "") + rows(4000, 4000 * i)).encode())
                           for i in range(1, 6)))
    answered = 0
    while not select.select([importer.sock], [], [], 0)[0]:
        client.call("call.list")
        equal(count(client), 0)
        fails("E-CONFLICT", client.call, "cluster.mode", mode="mixed")
        fails("E-CONFLICT", client.call, "object.remove_many", kind="phone", names=["x"])
        answered += 1
    assert answered > 0
    for i in range(1, 6):
        equal(importer.line()["result"]["lines"], 4000 * i + 1)
    equal(importer.call("import.end")["added"], 20000)
    equal(count(client), 20000)
    assert client.call("audit.verify")["ok"]


@test("a part that is cancelled tears the import: its end is refused, nothing is stored")
def torn():
    site, client = site_and_client()
    importer = site.client()
    importer.call("import.begin", kind="phones")
    for i in range(1, 4):
        importer.number = 100 + i
        importer.send(b'{"jsonrpc":"2.0","id":%d,"method":"import.part","params":{"csv":%s}}\n' %
                      (100 + i, json.dumps((HEADER if i == 1 else "") + rows(4000, 4000 * i)).encode()))
    importer.send(b'{"jsonrpc":"2.0","id":200,"method":"cancel","params":{"id":103}}\n')
    answers = {}
    while len(answers) < 4:
        message = importer.line()
        answers[message["id"]] = message
    importer.number = 300
    end = importer.ask("import.end")
    if "error" in answers[103]:
        assert "error" in end, end
        equal(count(client), 0)
    client.call("object.add", kind="phone", values={"name": "OTHER", "type": MODEL})


@test("a configuration that is read again during an import is taken when it has ended")
def reload():
    site, client = site_and_client()
    importer = site.client()
    importer.call("import.begin", kind="phones")
    site.conf({"calls.silence": "7h"})
    site.engine.send_signal(signal.SIGHUP)
    client.call("status")
    assert "was read again" not in site.log()
    importer.call("import.part", csv=HEADER + rows(3))
    importer.call("import.end")
    poll(lambda: "was read again" in site.log())
    assert client.call("audit.verify")["ok"]


lib.run()
