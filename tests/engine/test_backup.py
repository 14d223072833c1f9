#!/usr/bin/env python3
"""Backups: a site that is being changed goes into one file and comes back whole; nothing is ever there by halves."""
import contextlib, os, random, shutil, signal, sqlite3, subprocess, threading, time

import auditlog, certs, cli, lib
from lib import Closed, RpcError, Site, contains, equal, fails, test

PASSPHRASE = "correct horse battery"
KILLS = 12
ROWS = 3000
SEED = int(os.environ.get("RINGLOCK_KILL_SEED", "20261130"))


def site_with_phones(n=50, **kw):
    site = Site(**kw).start()
    client = site.client()
    site.model = lib.trusted_type(client)
    import_phones(client, site.model, "SEP0000", n)
    return site, client


def import_phones(client, model, begin, n):
    client.call("import.begin", kind="phones", accept=lib.ACCEPT)
    client.call("import.part", csv="name,type,protocol\r\n" + "".join(
        "%s%08X,%s,SIP\r\n" % (begin, i, model) for i in range(n)))
    client.call("import.end")


def passphrase(site, text=PASSPHRASE):
    path = os.path.join(site.base, "pw")
    with open(path, "w") as f:
        f.write(text + "\n")
    return ["--passphrase-file", path]


def backup(site, name="b", *more):
    path = os.path.join(site.base, name)
    cli.done(cli.on(site)("backup", path, *passphrase(site), *more))
    return path


def restore(site, path, name="restored", *more):
    """(directory, result)"""
    to = os.path.join(site.base, name)
    return to, cli.run("restore", path, "--site", to, *passphrase(site), *more)


class Sealed:
    """Backups to a certificate: where many are taken, for a passphrase takes the better part of a second."""

    def __init__(self, site):
        self.site, self.cert = site, certs.Maker().cert(cn="safe")

    def backup_words(self, path):
        return ["--site", self.site.dir, "backup", path, "--to", self.cert.path]

    def backup(self, name):
        path = os.path.join(self.site.base, name)
        cli.done(cli.run(*self.backup_words(path)))
        return path

    def restore_words(self, path, *more):
        return ["restore", path, "--key", self.cert.key, *more]

    def restore(self, path, name):
        to = os.path.join(self.site.base, name)
        cli.done(cli.run(*self.restore_words(path, "--site", to)))
        return to


def beside(site):
    """What is there beside the site and our own files."""
    return sorted(n for n in os.listdir(site.base) if n not in ("site", "pw") and not n.startswith("log"))


def sound(path):
    db = sqlite3.connect(os.path.join(path, "site.db"))
    equal(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    equal(db.execute("PRAGMA foreign_key_check").fetchall(), [])
    n = db.execute("SELECT count(*) FROM phone").fetchone()[0]
    db.close()
    return n


@test("what was backed up comes back: objects, keys, configuration, audit log")
def whole():
    site, client = site_with_phones()
    path = backup(site)
    equal(os.stat(path).st_mode & 0o777, 0o600)
    with open(path, "rb") as f:
        sealed = f.read()
    assert b"PRIVATE KEY" not in sealed and b"SQLite format" not in sealed and b"SEP0000" not in sealed
    to, result = restore(site, path)
    contains(cli.done(result).out, "phones", "50")
    equal(lib.files(os.path.join(to, "keys")), lib.files(site.path("keys")))
    for name in ("ringlock.conf", "log/audit.log"):
        with open(site.path(name), "rb") as old, open(os.path.join(to, name), "rb") as new:
            kept = new.read()
            assert kept.startswith(old.read()[:200]) and kept, name
    equal(cli.done(cli.run("--site", to, "export", "phones")).out, cli.done(cli.on(site)("export", "phones")).out)
    contains(cli.done(cli.run("--site", to, "audit", "verify")).out, "follows the one before")
    whats = [e["what"] for e in client.call("audit.list", limit=5)["rows"]]
    equal(whats[:2], ["backup", "backup.begin"])
    prints = cli.done(cli.on(site)("status", "--prometheus")).out
    taken = int(prints.split("\nringlock_last_backup_timestamp_seconds ")[1].split()[0])
    assert 0 <= time.time() - taken < 600, taken
    equal(cli.run("--site", to, "audit", "list", "--json").json()[0]["what"], "restore")


@test("a log of which the oldest entries were dropped comes back with its anchor")
def anchored():
    site, client = site_with_phones(3)
    client.close()
    site.stop()
    with contextlib.closing(sqlite3.connect(site.path("site.db"))) as db, db:
        last = db.execute("SELECT max(seq) FROM audit").fetchone()[0]
    auditlog.made_older(site, 400, last - 2)
    site.conf({"audit.keep_days": "30"})
    auditlog.dropped(site.start())
    to, result = restore(site, backup(site))
    cli.done(result)
    contains(cli.done(cli.run("--site", to, "audit", "verify")).out, "to number %d, were dropped" % (last - 2))


@test("it is sealed to a certificate as well")
def certificate():
    site, _ = site_with_phones(3)
    make = certs.Maker()
    other = make.cert(cn="other")
    for bits in (None, 2048):
        cert = make.cert(cn="safe", bits=bits)
        path = os.path.join(site.base, "to%s" % bits)
        cli.done(cli.on(site)("backup", path, "--to", cert.path))
        cli.done(cli.run("restore", path, "--dry-run", "--key", cert.key))
        cli.refused(cli.run("restore", path, "--dry-run", "--key", other.key), "E-BACKUP-KEY")
        cli.refused(cli.run("restore", path, "--dry-run", *passphrase(site)), "E-BACKUP-KEY")
    piped = subprocess.run([cli.RINGLOCK, "--site", site.dir, "backup", "-", "--to", cert.path],
                           stdin=subprocess.DEVNULL, capture_output=True, env=cli.env()).stdout
    cli.done(cli.run("restore", "-", "--dry-run", "--key", cert.key, stdin=piped))


@test("what is no backup of ours, or not whole, is refused and leaves nothing")
def refusals():
    site, _ = site_with_phones(3)
    path = backup(site)
    with open(path, "rb") as f:
        good = f.read()
    bad = os.path.join(site.base, "bad")
    for data, code, status in ((b"", "E-BACKUP-FOREIGN", 1), (b"PK\3\4" * 50, "E-BACKUP-FOREIGN", 1),
                       (good[:70], "E-BACKUP-DAMAGED", 1), (good[:-1], "E-BACKUP-DAMAGED", 1),
                       (good[:70000], "E-BACKUP-DAMAGED", 1), (good + b"x", "E-BACKUP-DAMAGED", 1),
                       (good[:200000] + b"\0" + good[200001:], "E-BACKUP-DAMAGED", 1),
                       (good[:8] + b"\0\2" + good[10:], "E-SITE-NEWER", 5)):
        with open(bad, "wb") as f:
            f.write(data)
        for more in ((), ("--dry-run",)):
            cli.refused(restore(site, bad, "restored", *more)[1], code, status)
            equal(beside(site), ["b", "bad"])
    with open(bad, "wb") as f:
        f.write(good)
    result = cli.run("restore", bad, "--site", os.path.join(site.base, "r"), *passphrase(site, "another one entirely"))
    cli.refused(result, "E-BACKUP-KEY")
    equal(beside(site), ["b", "bad"])
    cli.refused(cli.on(site)("backup", os.path.join(site.base, "short"), *passphrase(site, "short")), "E-VALUE")
    equal(beside(site), ["b", "bad"])


@test("a place that is taken is only replaced when that is asked for, and kept then")
def places():
    site, client = site_with_phones(3)
    path = backup(site)
    cli.refused(cli.on(site)("backup", path, *passphrase(site)), "E-EXISTS")
    backup(site, "b", "--force")
    cli.refused(restore(site, path, "site")[1], "E-SITE-EXISTS")
    cli.refused(restore(site, path, "site", "--replace")[1], "E-SITE-BUSY", 5)
    import_phones(client, site.model, "SEP1111", 4)
    client.close()
    site.stop()
    kept = restore(site, path, "site", "--replace", "--json")[1].json()["kept"]
    equal((sound(site.dir), sound(kept)), (3, 7))
    site.start()
    equal(site.client().call("status")["devices"]["phones"], 3)


SHADOW = 1 << 34    # what is larger is the sanitizer's book-keeping: terabytes that hold no text


def in_memory(pid, what):
    """How often these bytes stand in the memory of a process that may be written."""
    n = 0
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            where, may = line.split()[:2]
            if "w" not in may or "[v" in line:
                continue
            begin, end = (int(x, 16) for x in where.split("-"))
            if end - begin > SHADOW:
                continue
            for at in range(begin, end, 1 << 24):
                mem.seek(at)
                try:
                    n += (mem.read(min(1 << 24, end - at)) or b"").count(what)
                except OSError:
                    pass
    return n


@test("of a passphrase nothing stays in the engine's memory")
def wiped():
    site, client = site_with_phones(1)
    secret = "mind the %s" % os.urandom(12).hex()
    client.call("backup.begin", passphrase=secret)
    client.call("backup.part")
    try:
        equal(in_memory(site.engine.pid, secret.encode()), 0)
    except PermissionError as e:
        raise lib.Skip("the memory of a child cannot be read here: %s" % e)


@test("only administrators take a backup, one at a time")
def one():
    site, client = site_with_phones(1)
    other = site.client()
    client.call("backup.begin", passphrase=PASSPHRASE)
    fails("E-CONFLICT", other.call, "backup.begin", passphrase=PASSPHRASE)
    fails("E-USAGE", other.call, "backup.part")
    client.close()
    lib.poll(lambda: begun(other))
    fails("E-USAGE", other.call, "backup.end")
    other.close()
    fails("E-USAGE", site.client().call, "backup.begin")
    assert PASSPHRASE not in site.log()


def begun(client):
    try:
        client.call("backup.begin", passphrase=PASSPHRASE)
        return True
    except RpcError as e:
        equal(e.code, "E-CONFLICT")
        return False


class Changes(threading.Thread):
    """Somebody who changes and imports without end."""

    def __init__(self, site):
        super().__init__()
        self.site, self.client, self.going, self.n = site, site.client(), True, 0

    def run(self):
        try:
            while self.going:
                if self.n % 40 == 39:
                    import_phones(self.client, self.site.model, "SEP%04X" % self.n, 200)
                self.client.call("object.set", kind="phone", name="SEP0000%08X" % (self.n % 50),
                                 values={"description": "change %d" % self.n}, accept=lib.ACCEPT)
                self.n += 1
        except (Closed, OSError):
            pass


@test("a backup among thousands of changes is of one moment, and holds nobody up")
def among_changes():
    site, _ = site_with_phones(ROWS)
    sealed = Sealed(site)
    changes = Changes(site)
    changes.start()
    try:
        for i in range(4):
            before = changes.n
            path = sealed.backup("b%d" % i)
            assert changes.n > before, "nothing was changed meanwhile"
            to = sealed.restore(path, "r%d" % i)
            assert (sound(to) - ROWS) % 200 == 0
            contains(cli.done(cli.run("--site", to, "audit", "verify")).out, "follows the one before")
    finally:
        changes.going = False
        changes.join()
    print("# %d changes" % changes.n)


@test("a backup during an import is without it, and is told to the audit log after it")
def during_import():
    site, client = site_with_phones(5)
    client.call("import.begin", kind="phones", accept=lib.ACCEPT)
    client.call("import.part", csv="name,type,protocol\r\nSEP222200000000,%s,SIP\r\n" % site.model)
    path = backup(site)
    client.call("import.end")
    lib.poll(lambda: {"backup", "backup.begin"} <= {e["what"] for e in client.call("audit.list", limit=6)["rows"]})
    assert client.call("audit.verify")["ok"]
    to, result = restore(site, path)
    cli.done(result)
    equal(sound(to), 5)


def killed(args, delay):
    p = subprocess.Popen([cli.RINGLOCK, *args], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, env=cli.env(), start_new_session=True)
    time.sleep(delay)
    os.killpg(p.pid, signal.SIGKILL)
    p.wait()


@test("killed at %d moments, a backup is whole or not there" % KILLS)
def kill_backup():
    rng = random.Random(SEED)
    site, _ = site_with_phones(ROWS)
    sealed = Sealed(site)
    begun = time.monotonic()
    sealed.backup("undisturbed")
    whole = time.monotonic() - begun
    there = 0
    for i in range(KILLS):
        path = os.path.join(site.base, "k")
        killed(sealed.backup_words(path), rng.random() * whole * 1.2)
        equal(set(beside(site)) - {"k"}, {"undisturbed"})
        assert not [n for n in os.listdir(site.dir) if "copy" in n and not site.engine]
        if os.path.exists(path):
            there += 1
            cli.done(cli.run(*sealed.restore_words(path, "--dry-run")))
            os.unlink(path)
    print("# %d of %d were whole" % (there, KILLS))
    site.client().call("status")


@test("killed at %d moments, a restored site is whole or not there" % KILLS)
def kill_restore():
    rng = random.Random(SEED)
    site, _ = site_with_phones(ROWS)
    sealed = Sealed(site)
    path = sealed.backup("b")
    begun = time.monotonic()
    sealed.restore(path, "undisturbed")
    whole = time.monotonic() - begun
    there = 0
    to = os.path.join(site.base, "k")
    for i in range(KILLS):
        killed(sealed.restore_words(path, "--site", to), rng.random() * whole * 1.2)
        if os.path.exists(to):
            there += 1
            equal(sound(to), ROWS)
            shutil.rmtree(to)
    print("# %d of %d were whole" % (there, KILLS))
    sealed.restore(path, "k")
    assert "k.new" not in beside(site), "what was left is still there"


def copies(site):
    return [n for n in os.listdir(site.dir) if "copy" in n]


def has_copy(site):
    """Has the engine the copy of the database open? It has no name any more then."""
    found = subprocess.run(["ls", "-l", "/proc/%d/fd" % site.engine.pid], capture_output=True, text=True).stdout
    return ".copy (deleted)" in found


@test("the engine killed in the middle leaves neither file nor copy")
def kill_engine():
    site, _ = site_with_phones(ROWS)
    client = site.client()
    client.call("backup.begin", passphrase=PASSPHRASE)
    lib.poll(lambda: has_copy(site))
    site.stop(signal.SIGKILL)
    equal(copies(site), [])
    site.start()
    backup(site)


@test("a copy that was left is gone when the engine starts")
def stale_copy():
    site, client = site_with_phones(1)
    client.close()
    site.stop(signal.SIGKILL)
    with open(site.path("site.db.copy"), "w") as f:
        f.write("left")
    site.start()
    equal(copies(site), [])
    backup(site)


lib.run()
