"""The audit log on disk, for tests: its files, and a site whose entries are older than they are."""
import datetime, hashlib, json, os, sqlite3

import lib


def files(site):
    """audit.log and its predecessors, the oldest first."""
    names = [n for n in os.listdir(site.path("log")) if n.startswith("audit.log")]
    return [site.path("log", n) for n in
            sorted(names, key=lambda n: -int(n[len("audit.log."):]) if n != "audit.log" else 0)]


def edit(path, fn):
    with open(path) as f:
        lines = f.readlines()
    fn(lines)
    with open(path, "w") as f:
        f.writelines(lines)


def made_older(site, days, n):
    """The first n entries are so many days older, in a chain that holds. The engine is down."""
    db, prev, made = sqlite3.connect(site.path("site.db")), "", {}
    for seq, text in db.execute("SELECT seq, text FROM audit ORDER BY seq").fetchall():
        if seq <= n:
            at = datetime.datetime.strptime(text[9:28], "%Y-%m-%dT%H:%M:%S") - datetime.timedelta(days=days)
            text = text[:9] + at.strftime("%Y-%m-%dT%H:%M:%S") + text[28:]
        digest = hashlib.sha256((prev + text).encode()).hexdigest()
        made[seq] = '{"seq":%d,"prev":"%s","hash":"%s","entry":%s}\n' % (seq, prev, digest, text)
        db.execute("UPDATE audit SET text = ?, hash = ? WHERE seq = ?", (text, digest, seq))
        prev = digest
    db.commit()
    db.close()
    for path in files(site):
        edit(path, lambda lines: lines.__setitem__(slice(None), [made[json.loads(line)["seq"]] for line in lines]))


def dropped(site):
    return lib.poll(lambda: next((r for r in site.client().call("audit.list", limit=5)["rows"]
                                  if r["what"] == "audit.drop"), None))
