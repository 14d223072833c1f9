"""The audit log: each entry follows the one before, in the database and in the files, over rotation too (R141)."""
import hashlib, json, os, signal, sqlite3

import lib
from lib import Site, contains, equal, poll, test


def change(client, n, start=0):
    for i in range(start, start + n):
        client.call("object.add", kind="user", values={"id": "user%d" % i, "name": "Name %d" % i})


def files(site):
    """audit.log and its predecessors, the oldest first."""
    names = [n for n in os.listdir(site.path("log")) if n.startswith("audit.log")]
    return [site.path("log", n) for n in
            sorted(names, key=lambda n: -int(n[len("audit.log."):]) if n != "audit.log" else 0)]


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


def edit(path, fn):
    with open(path) as f:
        lines = f.readlines()
    fn(lines)
    with open(path, "w") as f:
        f.writelines(lines)


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


lib.run()
