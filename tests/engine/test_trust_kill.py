"""kill -9 of the engine at random moments while what phones trust changes. At each moment, the engine being down,
what lies in tftp/ is whole for every phone, whatever it holds from before: its lists and its configuration verify
(phone.py, by the sheets), and the call manager's certificate is one that it takes. The engine, started again,
finishes what was begun, and database and files agree.

Each round's moment comes from the seed, printed when it fails: RINGLOCK_KILL_SEED repeats a run."""
import copy, os, random, signal, sqlite3, subprocess, time

import certs
import cli
import lib
import phone
import phone_files
from lib import Site, equal, poll, test
from phone_x509 import Bad, Certificate

ROUNDS, SECONDS = 100, 40   # whichever comes first
SEED = int(os.environ.get("RINGLOCK_KILL_SEED", "20261130"))
MODEL = "Cisco 8861"
NAMES = ["SEP0000000010%02d" % i for i in range(1, 7)]
INSTALLED = ("CallManager", "TFTP", "TVS")
ROLES = ["CallManager", "CallManager-ECDSA", "TFTP", "CAPF", "TVS", "ITLRecovery"]


def fleet(site):
    """A site in mixed mode that publishes for six phones; they boot once and are seen."""
    client, run = site.client(), cli.on(site)
    cli.done(run("cluster", "mode", "mixed"))
    for mode, transport in (("encrypted", "tls"), ("nonsecure", "tcp")):
        client.call("object.add", kind="profile", accept=lib.ACCEPT, values={
            "name": mode, "type": MODEL, "protocol": "SIP", "mode": mode, "transport": transport})
    for i, name in enumerate(NAMES):
        client.call("object.add", kind="phone", accept=lib.ACCEPT, values={
            "name": name, "type": MODEL, "protocol": "SIP", "profile": ("encrypted", "nonsecure")[i % 3 == 2],
            "lines": ["10%02d" % i]})
    cli.done(run("publish", "--all"))
    settled(client)
    client.close()
    poll(lambda: {"CTL%s.tlv" % name for name in NAMES} <= set(files(site)))
    phones = [phone.Phone(name, phone.Directory(site.path("tftp"))) for name in NAMES]
    for p in phones:
        boot(p)
    seen(site, *NAMES)
    return phones


def seen(site, *names):
    """As told of phones that have just booted; no list may be published that they could hold."""
    told = cli.on(site)("ctl", "seen", *names)
    if told.status and "E-CTL-NONE" not in told.err:
        cli.done(told)


def settled(client):
    """Wait until what is due is published."""
    poll(lambda: not client.call("publish.status")["busy"])


def boot(p):
    p.take_list("CTL")
    p.take_list("ITL")
    p.take_config()
    equal((p.name, p.warnings), (p.name, []))


class Acts:
    """What is done, by its command line, each a process of its own that the kill leaves without an answer: one
    role's certificate after the other is renewed, and other things change in between."""

    def __init__(self, site, rng):
        self.site, self.rng, self.turn, self.left, self.waits = site, rng, 0, [], False
        self.maker = certs.Maker()
        self.ca = self.maker.cert(cn="Office CA", is_ca=True, bits=2048)

    def signed(self, role):
        """A certificate of a CA for the role, in a file, as it is installed."""
        path = self.maker.path("%s%d.csr" % (role, self.turn))
        cli.done(cli.on(self.site)("cert", "csr", role, path))
        with open(path) as f:
            made = self.maker.answer(f.read(), self.ca)
        with open(made.path, "w") as f:
            f.write(made.pem + self.ca.pem)
        return made.path

    def renewal(self):
        role = self.rng.choice(ROLES)
        if role in INSTALLED and self.rng.random() < 0.5:
            return [["cert", "install", role, self.signed(role)], ["cert", "activate", role], ["cert", "retire", role]]
        return [["cert", act, role] for act in ("regenerate", "activate", "retire")]

    def next(self):
        self.turn += 1
        if self.waits:  # for lists that have it, and for the phones
            self.waits = False
            return ["ctl", "update"]
        if self.rng.random() < 0.5:
            self.left = self.left or self.renewal()
            return self.left[0]
        name = self.rng.choice(NAMES)
        return self.rng.choice([
            ["ctl", "update"], ["cluster", "mode", "mixed"], ["cluster", "mode", "nonsecure"], ["cluster", "mode", "mixed"],
            ["publish", "--all"], ["phone", "set", name, "--description", "round %d" % self.turn],
            ["profile", "set", "encrypted", "--description", "round %d" % self.turn]])

    def came(self, args, how):
        """A step that was done, or is refused for good, is not tried again; one that was cut off is, and one that
        waits for phones (W-)."""
        if args in self.left and how in ("done", "refused"):
            self.left.remove(args)
        self.waits = how == "wait"


def outcome(act):
    """done, refused, wait or cut, of a command that has ended."""
    err = act.stderr.read().decode()
    act.stderr.close()
    if act.returncode == 0:
        return "done"
    code = err.split()[1].rstrip(":") if err.startswith("ringlock: ") else ""
    return "wait" if code.startswith("W-") else "cut" if code == "E-NO-ENGINE" else "refused"


def rows(site, sql):
    """Of the database of an engine that is down: from a copy, so that it finds its own as it left it."""
    copied = os.path.join(site.base, "looked")
    os.makedirs(copied, exist_ok=True)
    for name in os.listdir(copied):
        os.unlink(os.path.join(copied, name))
    for name in ("site.db", "site.db-wal"):
        if os.path.exists(site.path(name)):
            with open(site.path(name), "rb") as f, open(os.path.join(copied, name), "wb") as g:
                g.write(f.read())
    db = sqlite3.connect(os.path.join(copied, "site.db"))
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def managers(site):
    """The certificates that call managers show now."""
    return [Certificate(der) for der, in rows(site, "SELECT der FROM own WHERE role = 'CallManager' AND "
                                              "key_type = 'RSA' AND state = 'active'")]


def whole(site, phones):
    """What lies there now serves every phone, whatever it holds, and one that holds nothing: tried on copies."""
    shown = managers(site)
    fresh = phone.Phone(NAMES[0], phones[0].source)
    boot(fresh)
    assert fresh.itl, "no ITL"
    for p in phones:
        tried = copy.copy(p)
        tried.warnings, tried.seen_time = [], dict(p.seen_time)
        try:
            boot(tried)
            for c in shown:
                assert tried.registers(c), "%s would not register" % p.name
        except Bad as e:
            raise AssertionError("%s: %s" % (p.name, e))


def files(site):
    """What a server would send: {name: bytes}. Names of a list that is not published lead nowhere."""
    files = phone.Directory(site.path("tftp"))
    return {name: data for name in os.listdir(files.path) for data in [files.get(name)] if data is not None}


def agrees(site, client, phones):
    """Database and files, of an engine that had its time."""
    settled(client)
    status = client.call("ctl.status")
    there = files(site)
    for row in status["lists"]:
        lists = [name for name in there if name.startswith(row["list"])]
        if not row["published"]:
            equal((row["list"], lists), (row["list"], []))
            continue
        found = phone_files.TrustList(there[row["file"]])
        equal((len(found.records), len(found.data)), (row["records"], row["bytes"]))
        equal(sorted(lists), sorted([row["file"]] + [row["list"] + name + ".tlv" for name in NAMES]))
        equal({there[name] for name in lists}, {found.data})
    equal([row["published"] for row in status["lists"]], [status["mode"] == "mixed", True])
    equal(sorted(name for name in there if name.startswith(".") or "tmp" in name), [])
    for name in NAMES:
        told = client.call("phone.files", name=name)
        equal((name, told["due"], [f["name"] for f in told["files"] if f["name"] not in there]), (name, False, []))
    keys = {name for name, in rows(site, "SELECT key_file FROM own WHERE state IN ('active', 'next')")}
    equal(keys - set(os.listdir(site.path("keys"))), set())



def disturbed(site, args, rng, took):
    """Do it, and kill the engine meanwhile or soon after; how it came out."""
    what, began = " ".join(args[:2]), time.monotonic()
    act = cli.start("--socket", site.socket, *args, stdout=subprocess.DEVNULL)
    if rng.random() < 0.2 or what not in took:  # undisturbed, to learn how long it takes
        act.wait(lib.PATIENCE)
        took[what] = max(took.get(what, 0), time.monotonic() - began)
    time.sleep(rng.random() * took[what] * 1.3)
    site.stop(signal.SIGKILL)
    act.wait(lib.PATIENCE)
    return outcome(act)


def after(site, phones, rng):
    """The engine is down, then up again, and some of the phones come. It is not always given the time to finish."""
    whole(site, phones)
    client = site.start().client()
    if rng.random() < 0.25:
        agrees(site, client, phones)
    client.close()
    whole(site, phones)
    come = [p for p in phones if rng.random() < 0.5]
    for p in come:
        boot(p)
    if come:
        seen(site, *[p.name for p in come])


@test("killed at %d moments of what changes trust, phones find a whole set, and the database agrees" % ROUNDS)
def killed():
    rng = random.Random(SEED)
    site = Site({"phones.call_managers": "192.0.2.10"}).start()
    phones = fleet(site)
    acts, took, ways = Acts(site, rng), {}, {}
    end, round_ = time.monotonic() + SECONDS, 0
    while round_ < ROUNDS and time.monotonic() < end:
        round_ += 1
        args = acts.next()
        try:
            how = disturbed(site, args, rng, took)
            acts.came(args, how)
            after(site, phones, rng)
        except Exception:
            print("# round %d of seed %d, killed in: %s" % (round_, SEED, " ".join(args)))
            raise
        ways.setdefault(how, []).append(" ".join(args[:2]))
    client = site.client()
    agrees(site, client, phones)
    assert client.call("audit.verify")["ok"]
    print("# %d rounds: %s" % (round_, {how: {x: l.count(x) for x in sorted(set(l))} for how, l in ways.items()}))
    assert len(ways.get("cut", [])) > 2, "the moments fell beside the acts"


@test("what a kill between the database and the directory would leave is finished at the next start")
def finished():
    site = Site({"phones.call_managers": "192.0.2.10"}).start()
    phones, run = fleet(site), cli.on(site)
    old = files(site)
    cli.done(run("ctl", "update"))
    cli.done(run("profile", "set", "encrypted", "--description", "another", "--mode", "nonsecure", "--transport", "tcp"))
    client = site.client()
    settled(client)
    new = files(site)
    changed = {name for name in new if new[name] != old[name]}
    assert {"CTLFile.tlv", "ITLFile.tlv", NAMES[0] + ".cnf.xml.sgn"} <= changed
    site.stop(signal.SIGKILL)
    tftp = lambda name: site.path("tftp", name)
    for name in ("CTLFile.tlv", "ITLFile.tlv"):
        with open(tftp(name), "wb") as f:
            f.write(old[name])
    whole(site, phones)
    client = site.start().client()
    agrees(site, client, phones)
    for name in ("CTLFile.tlv", "ITLFile.tlv"):
        equal((name, files(site)[name] == new[name]), (name, True))
    cli.done(run("cluster", "mode", "nonsecure"))
    site.stop(signal.SIGKILL)
    with open(tftp("CTLFile.tlv"), "wb") as f:
        f.write(new["CTLFile.tlv"])
    agrees(site, site.start().client(), phones)


lib.run()
