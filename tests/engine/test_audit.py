"""The audit log: each entry follows the one before, in the database and in the files, over rotation too (R141)."""
import contextlib, hashlib, json, os, random, shutil, signal, sqlite3, threading, time

import lib
from auditlog import dropped, edit, files, made_older
from lib import Site, contains, equal, poll, test


def change(client, n, start=0):
    for i in range(start, start + n):
        client.call("object.add", kind="user", values={"id": "user%d" % i, "name": "Name %d" % i})


def entries(site):
    return [json.loads(line) for path in files(site) for line in open(path)]


def broken(site, *words):
    """audit verify has to find it."""
    answer = site.client().call("audit.verify")
    equal((answer["ok"], answer["code"]), (False, "E-AUDIT-CHAIN"))
    contains(answer["message"], *words)


@test("every change is there: who, when, what, before, after; and anybody can check the chain")
def chain():
    site = Site().start()
    client = site.client()
    change(client, 3)
    client.call("object.set", kind="user", name="user1", values={"name": "Other"})
    client.call("object.remove", kind="user", name="user2")
    client.call("cluster.mode", mode="mixed")
    assert client.call("audit.verify")["ok"]
    rows, prev = entries(site), ""
    for i, row in enumerate(rows, 1):
        equal((row["seq"], row["prev"]), (i, prev))
        for key in ("time", "who", "what", "object", "before", "after"):
            assert key in row["entry"], key
        prev = row["hash"]
    with open(site.path("log", "audit.log"), "rb") as f:
        line = f.read().splitlines()[-1]
    text = line[line.index(b'"entry":') + len(b'"entry":'):-1]
    equal(hashlib.sha256(rows[-2]["hash"].encode() + text).hexdigest(), rows[-1]["hash"])
    equal(rows[0]["entry"]["what"], "init")
    listed = client.call("audit.list", limit=3)["rows"]
    equal([r["hash"] for r in listed], [r["hash"] for r in reversed(rows[-3:])])
    older = client.call("audit.list", before=listed[-1]["seq"], limit=1)["rows"]
    equal(older[0]["seq"], listed[-1]["seq"] - 1)


@test("what is refused leaves no entry (R140)")
def refused():
    client = Site().start().client()
    change(client, 1)
    before = client.call("audit.list", limit=1)["rows"][0]["seq"]
    lib.fails("E-EXISTS", change, client, 1)
    lib.fails("E-NOT-FOUND", client.call, "object.remove", kind="user", name="nobody")
    equal(client.call("audit.list", limit=1)["rows"][0]["seq"], before)


@test("a change of ringlock.conf is an entry, by SIGHUP and while the engine is away; no secret is told (R141)")
def configuration():
    site = Site().start()
    client = site.client()
    port = {"hep.listen_udp": "127.0.0.1:0", "hep.listen_tcp": "127.0.0.1:0"}
    entry = client.call("audit.list", limit=1)["rows"][0]
    equal((entry["what"], entry["object"], entry["after"]), ("config", "ringlock.conf", port))
    site.conf({"calls.display_policy": "audio-only", "control.viewer_users": "bin, mail", "hep.key": "sesame"})
    site.engine.send_signal(signal.SIGHUP)
    entry = poll(lambda: next((r for r in client.call("audit.list", limit=1)["rows"]
                               if "calls.display_policy" in r["after"]), None))
    equal(entry["before"], {"calls.display_policy": "all-but-bfcp-ix", "control.viewer_users": "", "hep.key": ""})
    equal(entry["after"], {"calls.display_policy": "audio-only", "control.viewer_users": "bin mail",
                           "hep.key": "****"})
    site.stop()
    site.start().stop()
    site.conf({"calls.display_policy": "audio-only", "hep.key": "sesame"})
    client = site.start().client()
    rows = client.call("audit.list", limit=2)["rows"]
    equal(rows[0]["after"], {"control.viewer_users": ""})
    equal(rows[1]["seq"], entry["seq"])
    assert client.call("audit.verify")["ok"]
    with open(site.path("log", "audit.log")) as f:
        assert "sesame" not in f.read()


def rotated(keep=50, n=60):
    """A site whose log went over several files."""
    site = Site({"audit.rotate_size": "4K", "audit.keep": str(keep)}).start()
    change(site.client(), n)
    return site


@test("rotation keeps the chain, over several files and restarts")
def rotation():
    site = rotated()
    assert len(files(site)) > 3, files(site)
    assert site.client().call("audit.verify")["ok"]
    site.stop()
    change(site.start().client(), 20, 60)
    assert site.client().call("audit.verify")["ok"]
    seqs = [r["seq"] for r in entries(site)]
    equal(seqs, list(range(1, len(seqs) + 1)))


@test("files that rotation deletes are no gap")
def retention():
    site = rotated(keep=2)
    equal(len(files(site)), 3)
    assert entries(site)[0]["seq"] > 1
    answer = site.client().call("audit.verify")
    assert answer["ok"], answer


@test("the log grows and rotates while it is verified: what came later is not looked at")
def meanwhile():
    site = rotated(keep=2)
    client = site.client()
    newest = client.call("audit.list", limit=1)["rows"][0]["seq"]
    ask = [{"jsonrpc": "2.0", "id": 1000, "method": "audit.verify"}]
    ask += [{"jsonrpc": "2.0", "id": 1001 + i, "method": "object.add",
             "params": {"kind": "user", "values": {"id": "later%d" % i}}} for i in range(60)]
    client.send(b"".join(json.dumps(q).encode() + b"\n" for q in ask))
    answers = {m["id"]: m for m in (client.line() for _ in ask)}
    assert all("result" in m for m in answers.values()), answers
    equal((answers[1000]["result"]["ok"], answers[1000]["result"]["entries"]), (True, newest))
    equal(client.call("audit.verify")["entries"], newest + 60)


@test("a changed entry is found, in an old file and in the newest")
def changed():
    for which in (0, 1, -1):
        site = rotated()
        path = files(site)[which]
        seq = json.loads(open(path).readline())["seq"]
        edit(path, lambda lines: lines.__setitem__(0, lines[0].replace('"who":"', '"who":"not-')))
        broken(site, "entry %d" % seq, os.path.basename(path), "changed")


@test("an entry whose hash was made to fit is found at the next one")
def rehashed():
    site = rotated()

    def forge(lines):
        row = json.loads(lines[1])
        at = lines[1].index('"entry":') + len('"entry":')
        text = lines[1][at:-2].replace('"who":"', '"who":"not-')
        digest = hashlib.sha256((row["prev"] + text).encode()).hexdigest()
        lines[1] = lines[1][:at].replace(row["hash"], digest) + text + "}\n"

    edit(files(site)[1], forge)
    broken(site, "changed")


@test("a missing entry, a missing file and a missing tail are found")
def missing():
    site = rotated()
    edit(files(site)[1], lambda lines: lines.pop(2))
    broken(site, "gap")
    for which in (0, 1):
        site = rotated()
        os.unlink(files(site)[which])
        broken(site, "gap" if which == 0 else "missing")
    site = rotated()
    edit(site.path("log", "audit.log"), lambda lines: lines.pop())
    broken(site, "tail")


@test("a changed entry in the database is found")
def database():
    site = rotated(n=5)
    site.stop()
    db = sqlite3.connect(site.path("site.db"))
    table = next(r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                 if "audit" in r[0])
    for trigger in [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
        db.execute("DROP TRIGGER %s" % trigger)
    db.execute("UPDATE %s SET text = replace(text, 'Name 2', 'Name 9')" % table)
    db.commit()
    db.close()
    site.start()
    broken(site, "database", "changed")


@test("a file that lags behind, or ends in half a line, is made good at start")
def lagging():
    site = rotated(n=8)
    site.stop(signal.SIGKILL)
    path = site.path("log", "audit.log")
    edit(path, lambda lines: (lines.pop(), lines.append(lines.pop()[:30])))
    site.start()
    assert site.client().call("audit.verify")["ok"]
    contains(site.log(), "part of a line", "added from the database")


def moved(keep, n):
    """The renames of one rotation, in their order, the first n of them done: what a kill then leaves."""
    def move(site):
        for i in list(range(keep, -1, -1))[:n]:
            with contextlib.suppress(FileNotFoundError):
                os.rename(site.path("log", "audit.log.%d" % i) if i else site.path("log", "audit.log"),
                          site.path("log", "audit.log.%d" % (i + 1)))
    return move


@test("killed between the renames of a rotation: it is finished at the next start, and nothing is lost")
def half_rotated():
    site = rotated(n=30)
    keep = len(files(site)) - 1
    site.stop()
    before = entries(site)
    shutil.copytree(site.path("log"), site.base + "/whole")
    for n in range(keep + 2):
        shutil.rmtree(site.path("log"))
        shutil.copytree(site.base + "/whole", site.path("log"))
        moved(keep, n)(site)
        site.start()
        answer = site.client().call("audit.verify")
        assert answer["ok"], (n, answer)
        equal(entries(site)[:len(before)], before)
        change(site.client(), 1, 1000 + n)
        site.stop()
        equal([os.path.basename(p) for p in files(site)],
              ["audit.log.%d" % i for i in range(len(files(site)) - 1, 0, -1)] + ["audit.log"])
        if n < keep + 1:  # the table goes on, and so has the next round's log
            shutil.rmtree(site.base + "/whole")
            shutil.copytree(site.path("log"), site.base + "/whole")
            before, keep = entries(site), len(files(site)) - 1


def until_killed(client, n):
    with contextlib.suppress(lib.Closed, OSError):
        change(client, 1000, n)


@test("killed while files are rotated and removed, the chain holds")
def killed_rotating():
    rng = random.Random(20261130)
    site, n = rotated(keep=2, n=20), 1000
    for _ in range(6):
        client = site.client()
        worker = threading.Thread(target=until_killed, args=(client, n))
        worker.start()
        time.sleep(rng.random() * 0.2)
        site.stop(signal.SIGKILL)
        worker.join()
        answer = site.start().client().call("audit.verify")
        assert answer["ok"], answer
        n += 1000


@test("fewer files are kept when the configuration says so")
def fewer():
    site = rotated()
    assert len(files(site)) > 3
    site.stop()
    site.conf({"audit.rotate_size": "4K", "audit.keep": "2"})
    site.start()
    equal(len(files(site)), 3)
    assert site.client().call("audit.verify")["ok"]


def old_site():
    """A site with a log over several files, of which all are old but the newest and the end of the one before it:
    site.old is the last of the old entries. The engine is down."""
    site = rotated(n=45)
    site.stop()
    site.old = json.loads(open(files(site)[-2]).readline())["seq"] + 2
    made_older(site, 400, site.old)
    site.conf({"audit.rotate_size": "4K", "audit.keep_days": "30"})
    return site


@test("entries older than keep_days are dropped, with the files that end before them; the chain begins at an anchor")
def days():
    site = old_site().start()
    drop = dropped(site)
    equal((drop["who"], drop["after"]["through"], drop["after"]["entries"]), ("ringlockd", site.old, site.old))
    client = site.client()
    answer = client.call("audit.verify")
    equal((answer["ok"], answer["anchor"]), (True, site.old))
    contains(answer["message"], "anchor", "to number %d, were dropped" % site.old)
    equal(client.call("audit.list", limit=500)["rows"][-1]["seq"], site.old + 1)
    first = entries(site)[0]["seq"]
    equal(first, site.old - 2)
    seqs = [r["seq"] for r in entries(site)]
    equal(seqs, list(range(first, drop["seq"] + 1)))
    site.stop(signal.SIGKILL)
    assert site.start().client().call("audit.verify")["ok"]
    equal(site.client().call("audit.list", limit=1)["rows"][0]["seq"], drop["seq"])


@test("what was meddled with about the anchor is found")
def anchor():
    def meta(sql, *args):
        site.stop()
        db = sqlite3.connect(site.path("site.db"))
        db.execute(sql, args)
        db.commit()
        db.close()
        site.start()

    site = old_site().start()
    dropped(site)
    oldest = files(site)[0]
    whole = open(oldest).read()
    edit(oldest, lambda lines: lines.pop(0))
    broken(site, "gap")
    open(oldest, "w").write(whole.replace('"who":"', '"who":"not-', 1))
    broken(site, "entry %d" % (site.old - 2), "changed")
    open(oldest, "w").write(whole)
    assert site.client().call("audit.verify")["ok"]
    meta("DELETE FROM audit WHERE seq <= ?", site.old + 2)
    broken(site, "gap")
    row = next(r for r in entries(site) if r["seq"] == site.old + 2)
    meta("UPDATE meta SET value = ? WHERE key = 'audit_anchor'", "%d %s" % (site.old + 2, row["hash"]))
    broken(site, "begins after entry %d" % (site.old + 2), "names entry %d" % site.old)


@test("killed after entries were dropped and before their files were, the files go at the next start")
def half_dropped():
    site = old_site()
    shutil.copytree(site.path("log"), site.base + "/before")
    dropped(site.start())
    left = {os.path.basename(p) for p in files(site)}
    site.stop(signal.SIGKILL)
    older = [n for n in os.listdir(site.base + "/before") if n not in left]
    assert older, "no file was removed"
    for name in older:
        shutil.copy(site.base + "/before/" + name, site.path("log"))
    client = site.start().client()
    assert client.call("audit.verify")["ok"]
    equal({os.path.basename(p) for p in files(site)}, left)


def anchored(site):
    """The database says so itself: nothing is asked of the engine."""
    db = sqlite3.connect("file:%s?mode=ro" % site.path("site.db"), uri=True)
    try:
        return db.execute("SELECT value FROM meta WHERE key = 'audit_anchor'").fetchone()
    finally:
        db.close()


@test("killed in the middle of dropping, the chain holds")
def killed_dropping():
    for _ in range(2):
        site = old_site().start()
        lib.poll(lambda: anchored(site))
        site.stop(signal.SIGKILL)
        client = site.start().client()
        answer = client.call("audit.verify")
        equal((answer["ok"], answer["anchor"]), (True, site.old))
        equal(client.call("audit.list", limit=500)["rows"][-1]["seq"], site.old + 1)


@test("audit.log is rotated when its first entry is old enough, without a change, too")
def by_age():
    site = Site().start()
    change(site.client(), 5)
    site.stop()
    made_older(site, 3, 2)
    site.conf({"audit.rotate_age": "2d"})
    site.start()
    lib.poll(lambda: os.path.exists(site.path("log", "audit.log.1")))
    change(site.client(), 1, 5)
    equal(len(files(site)), 2)
    assert site.client().call("audit.verify")["ok"]


lib.run()
