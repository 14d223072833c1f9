"""For tests of the engine: a site in a directory of its own, its engine, and clients that speak JSON-RPC.

A test program is a row of functions with @test("what holds"), and lib.run() at its end. Everything that was
started or made is taken away again, whatever happens. Waiting is polling; nothing depends on time.
"""
import json, os, pwd, shutil, signal, socket, subprocess, sys, tempfile, time, traceback

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("RINGLOCK_BUILD", os.path.join(ROOT, "build"))
RINGLOCKD = os.path.join(BUILD, "ringlockd")
DATA = os.path.join(ROOT, "data")
PATIENCE = int(os.environ.get("RINGLOCK_TEST_PATIENCE", 60))  # seconds until something that has to happen counts as not happening

os.environ.setdefault("RINGLOCK_DATA", DATA)


class Skip(Exception):
    pass


class RpcError(Exception):
    def __init__(self, error):
        super().__init__("%s: %s" % (error["data"]["code"], error["message"]))
        self.status = error["code"]
        self.message = error["message"]
        self.data = error["data"]
        self.code = error["data"]["code"]


class Closed(Exception):
    pass


def poll(what, wanted=None, seconds=PATIENCE):
    """Call what() until it is true, or equal to `wanted`; returns its value."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value == wanted if wanted is not None else value:
            return value
        if time.monotonic() > end:
            raise AssertionError("still %r after %d s%s" %
                                 (value, seconds, "" if wanted is None else ", not %r" % (wanted,)))
        time.sleep(0.02)


def equal(a, b):
    if a != b:
        raise AssertionError("%r is not %r" % (a, b))


def contains(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError("%r does not contain %r" % (text, part))


def fails(code, fn, *args, **kw):
    """fn has to be refused with this code; returns the error."""
    try:
        result = fn(*args, **kw)
    except RpcError as e:
        equal(e.code, code)
        return e
    raise AssertionError("not refused with %s but %r" % (code, result))


def ringlockd(*args, env=None):
    """Run ringlockd to its end: (status, stdout, stderr)."""
    p = subprocess.run([RINGLOCKD, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                       timeout=PATIENCE, env=dict(os.environ, **(env or {})))
    return p.returncode, p.stdout, p.stderr


class Client:
    """One connection. Notifications that come between answers are kept in .notes as (method, params)."""

    def __init__(self, path, hello=True):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(path)
        self.buf, self.notes, self.number, self.info = b"", [], 0, None
        if hello:
            self.info = self.call("hello", version=1, client="test")

    def send(self, data):
        self.sock.sendall(data)

    def line(self):
        while b"\n" not in self.buf:
            try:
                more = self.sock.recv(1 << 16)
            except ConnectionError:
                more = b""
            if not more:
                raise Closed()
            self.buf += more
        line, self.buf = self.buf.split(b"\n", 1)
        return json.loads(line)

    def ask(self, method, **params):
        """The whole answer."""
        self.number += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.number, "method": method,
                              "params": params}).encode() + b"\n")
        while True:
            message = self.line()
            if message.get("id") == self.number:
                return message
            self.notes.append((message["method"], message["params"]))

    def call(self, method, **params):
        answer = self.ask(method, **params)
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def note(self, method):
        """The next notification of this method."""
        while True:
            for i, (name, params) in enumerate(self.notes):
                if name == method:
                    del self.notes[i]
                    return params
            message = self.line()
            self.notes.append((message["method"], message["params"]))

    def closed(self):
        """True once the engine has closed the connection."""
        try:
            while True:
                self.line()
        except (Closed, socket.timeout) as e:
            return isinstance(e, Closed)

    def close(self):
        self.sock.close()


def user_without_rights():
    if os.getuid() != 0:
        raise Skip("needs root")
    return pwd.getpwnam("nobody")


def as_user(uid, gids, site, requests):
    """Make the requests as another user; returns the code of each answer, "ok", or "closed"."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(read)
            os.setgroups(gids[1:])
            os.setgid(gids[0])
            os.setuid(uid)
            codes = []
            client = Client(site.socket, hello=False)
            for method, params in [("hello", {"version": 1})] + requests:
                try:
                    answer = client.ask(method, **params)
                    codes.append(answer["error"]["data"]["code"] if "error" in answer else
                                 answer["result"]["role"] if method == "hello" else "ok")
                except (Closed, OSError):
                    codes.append("closed")
                    break
            os.write(write, json.dumps(codes).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as f:
        text = f.read()
    os.waitpid(pid, 0)
    return json.loads(text)


# whose certificates a site makes for itself
ROLES = ["CAPF", "CallManager", "CallManager-ECDSA", "ITLRecovery", "TFTP", "TVS"]


class Site:
    """A new site. Settings are {"section.key": value}; the HEP ports are free ones."""

    def __init__(self, conf=None, name=None):
        self.base = tempfile.mkdtemp(prefix="rle.")
        os.chmod(self.base, 0o755)
        self.dir = os.path.join(self.base, "site")
        self.engine = self.log_path = None
        self.logs = 0
        sites.append(self)
        status, _, err = ringlockd("--init", "--site", self.dir, *(("--name", name) if name else ()))
        if status != 0:
            raise AssertionError("init: %d %s" % (status, err))
        self.conf(conf or {})

    @property
    def socket(self):
        return os.path.join(self.dir, "ringlock.sock")

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def conf(self, settings):
        rows = {"hep.listen_udp": "127.0.0.1:0", "hep.listen_tcp": "127.0.0.1:0"}
        rows.update(settings)
        text = ""
        for section in sorted({k.split(".")[0] for k in rows}):
            text += "[%s]\n" % section
            text += "".join("%s = %s\n" % (k.split(".")[1], v) for k, v in rows.items()
                            if k.split(".")[0] == section)
        self.conf_text(text)

    def conf_text(self, text):
        with open(self.path("ringlock.conf"), "w") as f:
            f.write(text)

    def start(self, *args, env=None):
        """Start the engine and wait until it answers."""
        self.logs += 1
        self.log_path = os.path.join(self.base, "log%d" % self.logs)
        with open(self.log_path, "wb") as log:
            self.engine = subprocess.Popen([RINGLOCKD, "--site", self.dir, "--log-level", "debug", *args],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           env=dict(os.environ, **(env or {})))
        poll(self.answers)
        return self

    def answers(self):
        if self.engine.poll() is not None:
            raise AssertionError("the engine ended: " + self.log())
        try:
            Client(self.socket, hello=False).close()
            return True
        except OSError:
            return False

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def client(self):
        return Client(self.socket)

    def stop(self, how=signal.SIGTERM):
        """End the engine; returns its exit status."""
        if self.engine.poll() is None:
            self.engine.send_signal(how)
        status = self.engine.wait(PATIENCE)
        self.engine = None
        return status

    def remove(self):
        if self.engine and self.engine.poll() is None:
            self.engine.kill()
            self.engine.wait()
        shutil.rmtree(self.base, ignore_errors=True)


def hep_address(client, kind):
    host, port = client.call("status")["hep"][kind].rsplit(":", 1)
    return host.strip("[]"), int(port)


def trusted_type(client):
    """A phone type of the catalogue that is trusted, speaks SIP and can encrypt."""
    after = {}
    while True:
        rows = client.call("object.list", kind="type", limit=100, **after)
        for t in rows["rows"]:
            if t["trusted"] is True and "SIP" in t["protocols"] and t["encryption"] is True and \
                    t["tls_to_cucm"] is True and t["class"] == "phone" and t["srtp"] is True:
                return t["model"]
        if not rows["more"]:
            raise AssertionError("the catalogue has no trusted SIP phone")
        last = rows["rows"][-1]["model"]
        after = {"after": {"key": last, "value": last}}


ACCEPT = ["W-DIGEST-CLEAR", "W-SHARED-MIXED", "W-CLUSTER-NONSECURE", "W-TRUST-UNKNOWN"]


def lab_devices(client, path=os.path.join(DATA, "captures", "devices.txt"), rename=lambda text: text):
    """The lab's profiles and devices, all of one trusted type, in mixed mode."""
    model = trusted_type(client)
    client.call("cluster.mode", mode="mixed")
    with open(path) as f:
        rows = [line.split() for line in f if line.strip() and not line.startswith("#")]
    for row in rows:
        if row[0] == "profile":
            client.call("object.add", kind="profile", accept=ACCEPT, values={
                "name": rename(row[1]), "type": model, "protocol": "SIP", "mode": row[2],
                "transport": row[3]})
        else:
            client.call("object.add", kind="phone", accept=ACCEPT, values={
                "name": rename(row[1]), "type": model, "protocol": "SIP", "profile": rename(row[2]),
                "lines": [rename(n) for n in row[3].split(",")]})


def recording(path):
    """The datagrams of a .hep file."""
    with open(path, "rb") as f:
        data = f.read()
    at, out = 0, []
    while at < len(data):
        n = int.from_bytes(data[at + 8:at + 12], "big")
        out.append(data[at + 12:at + 12 + n])
        at += 12 + n
    return out


tests, sites, at_end = [], [], []


KEY = {"type": "model", "user": "id"}    # of the other kinds: name


def rows(client, kind):
    """All objects of a kind, page by page."""
    found, after = [], {}
    while True:
        part = client.call("object.list", kind=kind, limit=100, **after)
        found += part["rows"]
        if not part["more"]:
            return found
        last = part["rows"][-1][KEY.get(kind, "name")]
        after = {"after": {"key": last, "value": last}}


def exported(client, kind):
    """The CSV of all objects of a kind."""
    text, after = "", {}
    while True:
        part = client.call("export", kind=kind, **after)
        text += part["csv"]
        if not part.get("after"):
            return text
        after = {"after": part["after"]}


def files(path):
    """{name: bytes} of a directory."""
    found = {}
    for name in os.listdir(path):
        with open(os.path.join(path, name), "rb") as f:
            found[name] = f.read()
    return found


def test(name):
    def add(fn):
        tests.append((name, fn))
        return fn
    return add


def report():
    """What the engines said last, for a test that failed."""
    for line in traceback.format_exc().splitlines():
        print("#", line)
    for site in sites:
        if site.log_path and os.path.exists(site.log_path):
            print("# --- end of the engine's log:")
            for line in site.log().splitlines()[-15:]:
                print("#", line)


def run():
    failed = 0
    print("1..%d" % len(tests), flush=True)
    for i, (name, fn) in enumerate(tests, 1):
        try:
            fn()
            print("ok %d - %s" % (i, name), flush=True)
        except Skip as e:
            print("ok %d - %s # SKIP %s" % (i, name, e), flush=True)
        except Exception:
            failed += 1
            print("not ok %d - %s" % (i, name), flush=True)
            report()
        finally:
            while sites:
                sites.pop().remove()
    for fn in at_end:
        fn()
    sys.exit(1 if failed else 0)
