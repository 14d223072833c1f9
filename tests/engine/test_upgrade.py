#!/usr/bin/env python3
"""Sites of earlier releases (tests/upgrade) open, migrate in one step, and are what they were: every mode (R3, R4), every
certificate (R13), every object, draft and entry of the audit log."""
import csv, glob, io, json, os, random, shutil, signal, sqlite3, subprocess, tarfile, time

import cli, lib
from lib import RINGLOCKD, ROOT, Site, contains, equal, test

FIXTURES = sorted(glob.glob(os.path.join(ROOT, "tests", "upgrade", "*.tar.gz")))
KILLS = 25
NEW_ROLES = sorted(set(lib.ROLES) - {"CallManager", "TFTP"})


def kept(path):
    """A site as an earlier release left it, and what that said of it."""
    site = Site()
    shutil.rmtree(site.dir)
    with tarfile.open(path) as tar:
        tar.extractall(site.dir)
    with open(site.path("expected.json")) as f:
        expected = json.load(f)
    os.unlink(site.path("expected.json"))
    return site, expected


def version(site):
    db = sqlite3.connect(site.path("site.db"))
    try:
        equal(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        return db.execute("PRAGMA user_version").fetchone()[0]
    finally:
        db.close()


def now():
    """The schema of this release."""
    site = Site()
    return version(site)


def columns(text, names):
    """A CSV, written anew with these columns alone."""
    out = io.StringIO()
    writer = csv.DictWriter(out, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(csv.DictReader(io.StringIO(text)))
    return out.getvalue()


def members(new, old):
    """What a newer release says, without what the older one did not know."""
    return {key: new.get(key) for key in old}


def same_objects(client, expected):
    for kind, text in expected["export"].items():
        names = next(csv.reader(io.StringIO(text)))
        new = columns(lib.exported(client, kind), names)
        if kind == "cert":
            new = "".join(l for l in new.splitlines(True) if l.split(",")[0] not in NEW_ROLES)
        equal(new, columns(text, names))
    for kind, old in expected["list"].items():
        if kind == "cert":  # a site of schema 1 has its own certificates on file from now on
            old = [dict(row, expiry=None, days=None) for row in old]
        new = lib.rows(client, kind)
        for row in old:
            found = [r for r in new if r[lib.KEY.get(kind, "name")] == row[lib.KEY.get(kind, "name")]]
            equal([{k: v for k, v in members(r, row).items() if row[k] is not None} for r in found],
                  [{k: v for k, v in row.items() if v is not None}])
        if kind == "cert":  # those of roles that the older release did not know
            new = [row for row in new if row["name"] not in NEW_ROLES]
        equal(len(new), len(old))


def same_site(client, expected):
    same_objects(client, expected)
    status = client.call("status")
    old = expected["status"]
    equal(status["devices"]["by_mode"], old["devices"]["by_mode"])
    ours = {"-".join(c["roles"] + [c["key_type"]]): c["fingerprint"] for c in status["certificates"]}
    equal({role: ours[role + "-RSA"] for role in ("CallManager", "TFTP")},
          {c["roles"][0]: c["fingerprint"] for c in old["certificates"]})
    equal(len(ours), len(lib.ROLES))
    equal((status["cluster_mode"], status["installed_at"]), (old["cluster_mode"], old["installed_at"]))
    verdict = client.call("audit.verify")
    assert verdict["ok"] and verdict["entries"] >= expected["audit"], verdict
    for draft in expected.get("drafts", []):
        shown = client.call("wizard.show", id=draft["id"])
        equal((shown["answers"], shown["step"], shown["name"]), (draft["answers"], draft["step"], draft["name"]))


def upgrades(client):
    return [e for e in client.call("audit.list", limit=20)["rows"] if e["what"] == "upgrade"]


@test("there is a site of each schema before this one")
def complete():
    equal([os.path.basename(p) for p in FIXTURES], ["schema%d.tar.gz" % i for i in range(1, now())])


@test("sites of earlier releases open and are what they were (R3, R13)")
def opens():
    for path in FIXTURES:
        site, expected = kept(path)
        old, keys = version(site), lib.files(site.path("keys"))
        client = site.start().client()
        same_site(client, expected)
        contains(client.call("status")["upgraded_from"], "schema %d" % old)
        equal(len(upgrades(client)), 1)
        client.close()
        equal(site.stop(), 0)
        left = lib.files(site.path("keys"))
        equal((version(site), {name: left.pop(name) for name in keys}), (now(), keys))
        equal(sorted(left), sorted(role + ".key" for role in NEW_ROLES))
        client = site.start().client()
        same_site(client, expected)
        contains(client.call("status")["upgraded_from"], "schema %d" % old)
        equal(len(upgrades(client)), 1)


@test("a private engine migrates as well")
def private():
    for path in FIXTURES:
        site, expected = kept(path)
        run = cli.on(site)
        equal(cli.done(run("status", "--json")).json()["devices"]["by_mode"], expected["status"]["devices"]["by_mode"])
        contains(cli.done(run("status")).out, "Upgraded from")
        equal(version(site), now())


def killed(site, delay):
    engine = subprocess.Popen([RINGLOCKD, "--site", site.dir], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    time.sleep(delay)
    engine.send_signal(signal.SIGKILL)
    engine.wait()


@test("killed at %d moments of a migration, the site is the old one or the new one" % KILLS)
def kill():
    rng, current = random.Random(20261130), now()
    site, _ = kept(FIXTURES[-1])
    begun = time.monotonic()
    site.start()
    site.stop()
    whole = time.monotonic() - begun
    found = {}
    for _ in range(KILLS):
        site, expected = kept(FIXTURES[-1])
        old = version(site)
        killed(site, rng.random() * whole)
        found[version(site)] = found.get(version(site), 0) + 1
        assert set(found) <= {old, current}, found
        same_site(site.start().client(), expected)
        site.remove()
    print("# versions found after the kill: %s" % found)


def refused(site, code):
    status, _, err = lib.ringlockd("--site", site.dir)
    contains(err, "ringlockd: %s: " % code)
    equal(status, 5)


@test("newer and damaged sites are refused and stay as they are")
def refusals():
    site, _ = kept(FIXTURES[-1])
    db = sqlite3.connect(site.path("site.db"))
    db.execute("PRAGMA user_version = %d" % (now() + 1))
    db.commit()
    db.close()
    before = lib.files(site.dir + "/keys"), open(site.path("site.db"), "rb").read()
    refused(site, "E-SITE-NEWER")
    equal((lib.files(site.dir + "/keys"), open(site.path("site.db"), "rb").read()), before)
    site, _ = kept(FIXTURES[-1])
    with open(site.path("site.db"), "r+b") as f:
        f.seek(5 * 4096 + 8)
        f.write(b"\xff" * 8192)
    before = open(site.path("site.db"), "rb").read()
    refused(site, "E-SITE-DAMAGED")
    equal(open(site.path("site.db"), "rb").read(), before)


lib.run()
