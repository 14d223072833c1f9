"""Sites: made whole or not at all, served by one engine, refused with a sentence that says what to do."""
import os, shutil, signal, socket, sqlite3, stat, subprocess, tempfile

import lib
from lib import Site, contains, equal, poll, ringlockd, test


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@test("init makes a site in nonsecure mode with its certificates (R1, R7, R8, R9)")
def init():
    site = Site(name="Head office").start()
    status = site.client().call("status")
    equal(status["cluster_mode"], "nonsecure")
    equal(status["name"], "Head office")
    equal(status["ctl"], "none, in nonsecure mode")
    for key in ("release", "installed_at", "upgraded_from"):
        assert status[key], key
    certs = {"-".join(c["roles"] + [c["key_type"]]): c for c in status["certificates"]}
    equal(sorted(certs), ["CAPF-RSA", "CallManager-EC", "CallManager-RSA", "ITLRecovery-RSA", "TFTP-RSA", "TVS-RSA"])
    for c in certs.values():
        equal((c["self_signed"], c["signature_hash"]), (True, "SHA256"))
        equal(c["key_bits"], {"RSA": 2048, "EC": 256}[c["key_type"]])
        equal(c["subject"], c["issuer"])
        contains(c["subject"], "Head office")
        equal(len(c["fingerprint"]), 64)
        equal(c["san"][0]["type"], "DNS")
        contains(c["pem"], "BEGIN CERTIFICATE")
        assert c["not_before"] < c["not_after"]
    equal(len({c["serial"] for c in certs.values()}), len(certs))
    equal(int(certs["ITLRecovery-RSA"]["not_after"][:4]) - int(certs["TFTP-RSA"]["not_after"][:4]), 15)


@test("init fills the catalogue and the predefined nonsecure profiles (R2, R77)")
def catalogue():
    client = Site().start().client()
    n = client.call("status")["devices"]
    assert n["types"] > 100, n
    assert n["profiles"] > 100, n
    vendor = client.call("object.count", kind="type", criteria=[
        {"field": "security_class", "op": "is exactly", "value": "secure-preferred-vendor"}])
    equal(vendor["count"], 0)
    secure = client.call("object.count", kind="profile", criteria=[
        {"field": "mode", "op": "is exactly", "value": "encrypted"}])
    equal(secure["count"], 0)


@test("keys, database and configuration are for the owner alone")
def permissions():
    site = Site()
    equal(mode(site.dir), 0o750)
    for name in ("keys", "log"):
        equal(mode(site.path(name)), 0o700)
    keys = ["keys/" + name for name in os.listdir(site.path("keys"))]
    equal(sorted(keys), sorted("keys/%s.key" % role for role in lib.ROLES))
    for name in ["site.db", "ringlock.conf", "log/audit.log"] + keys:
        equal(mode(site.path(name)) & 0o177, 0)


@test("init in mixed mode is refused (R1)")
def init_mixed():
    base = tempfile.mkdtemp()
    status, _, err = ringlockd("--init", "--site", base + "/s", "--mode", "mixed")
    equal(status, 1)
    contains(err, "E-INIT-MODE", "ringlock cluster mode mixed")
    equal(os.listdir(base), [])
    shutil.rmtree(base)


@test("init leaves an existing directory alone")
def init_exists():
    site = Site()
    before = os.stat(site.path("site.db")).st_mtime_ns
    status, _, err = ringlockd("--init", "--site", site.dir)
    equal(status, 1)
    contains(err, "E-SITE-EXISTS")
    equal(os.stat(site.path("site.db")).st_mtime_ns, before)


@test("a failed init leaves nothing")
def init_fails():
    base = tempfile.mkdtemp()
    status, _, err = ringlockd("--init", "--site", base + "/s", env={"RINGLOCK_DATA": base + "/none"})
    assert status != 0
    contains(err, "E-")
    equal(os.listdir(base), [])
    shutil.rmtree(base)


@test("init takes an empty directory")
def init_empty():
    base = tempfile.mkdtemp()
    equal(ringlockd("--init", "--site", base)[0], 0)
    assert os.path.exists(base + "/site.db")
    shutil.rmtree(base)


def refused(site, code, *words):
    status, _, err = ringlockd("--site", site if isinstance(site, str) else site.dir)
    contains(err, code, *words)
    return status


@test("no site: refused, with the command that makes one")
def missing():
    base = tempfile.mkdtemp()
    equal(refused(base + "/none", "E-SITE-MISSING", "ringlock init"), 5)
    equal(refused(base, "E-SITE-MISSING", "site.db"), 5)
    shutil.rmtree(base)


@test("a directory that others can write to is refused")
def open_dir():
    site = Site()
    for bits in (0o770, 0o757):
        os.chmod(site.dir, bits)
        equal(refused(site, "E-SITE-OPEN", "chmod go-w"), 5)
    os.chmod(site.dir, 0o750)
    site.start()


@test("a second engine is refused, naming the first")
def second():
    site = Site().start()
    equal(refused(site, "E-SITE-BUSY", str(site.engine.pid)), 5)
    site.client().call("status")
    site.stop()
    site.start()


@test("a site newer than the engine is refused")
def newer():
    site = Site()
    db = sqlite3.connect(site.path("site.db"))
    db.execute("PRAGMA user_version = 9999")
    db.commit()
    db.close()
    equal(refused(site, "E-SITE-NEWER", "release"), 5)


@test("a damaged database is refused")
def damaged():
    site = Site()
    with open(site.path("site.db"), "r+b") as f:
        f.seek(4096)
        f.write(os.urandom(20 * 4096))
    equal(refused(site, "E-SITE-DAMAGED", "backup"), 5)
    with open(site.path("site.db"), "wb") as f:
        f.write(b"no database at all" * 100)
    equal(refused(site, "E-SITE-DAMAGED", "backup"), 5)


@test("without the keys of its certificates the engine does not say it is ready (R8)")
def certificates():
    site = Site()
    key, away = site.path("keys", "TFTP.key"), site.path("keys", "away")
    os.rename(key, away)
    refused(site, "E-SITE-DAMAGED", "TFTP.key")
    with open(key, "w") as f:
        f.write("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n")
    refused(site, "E-SITE-DAMAGED", "TFTP.key")
    shutil.copy(site.path("keys", "TVS.key"), key)
    refused(site, "E-SITE-DAMAGED", "TFTP.key")
    assert not os.path.exists(site.socket)
    os.rename(away, key)
    site.start()


@test("keys that nothing has are removed at the start, and no file that was not made here")
def orphans():
    site = Site()
    mine = ["other.key", "CallManager-1.key", "CallManager.key.old", "CallManager.pem"]
    for name in ["CAPF-0123abcd.key", "CallManager-ECDSA-89ab4567.key"] + mine:
        shutil.copy(site.path("keys", "TVS.key"), site.path("keys", name))
    site.start()
    equal(sorted(os.listdir(site.path("keys"))), sorted(["%s.key" % role for role in lib.ROLES] + mine))


@test("SIGTERM and SIGINT end the engine and take its socket away")
def sigterm():
    site = Site()
    for how in (signal.SIGTERM, signal.SIGINT):
        client = site.start().client()
        equal(site.stop(how), 0)
        assert client.closed()
        assert not os.path.exists(site.socket)


@test("kill -9 loses nothing that was acknowledged, and the site opens again")
def killed():
    site = Site().start()
    client = site.client()
    for i in range(20):
        client.call("object.add", kind="user", values={"id": "user%d" % i, "name": "U"})
    client.call("cluster.mode", mode="mixed")
    site.stop(signal.SIGKILL)
    client = site.start().client()
    equal(client.call("object.count", kind="user")["count"], 20)
    equal(client.call("status")["cluster_mode"], "mixed")
    assert client.call("audit.verify")["ok"]


@test("a private engine listens on ports of its own and ends with its last client")
def private():
    site = Site({"hep.listen_udp": "127.0.0.1:9060", "hep.listen_tcp": "127.0.0.1:9060"})
    engine = subprocess.Popen([lib.RINGLOCKD, "--site", site.dir, "--private"],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        poll(lambda: os.path.exists(site.socket))
        one, two = site.client(), site.client()
        assert one.info["private"]
        assert not one.info["hep"]["udp"].endswith(":9060"), one.info
        one.close()
        two.call("status")
        equal(engine.poll(), None)
        two.close()
        equal(engine.wait(lib.PATIENCE), 0)
        assert not os.path.exists(site.socket)
    finally:
        if engine.poll() is None:
            engine.kill()
            engine.wait()


@test("systemd is told: ready, reloading, stopping")
def notify():
    base = tempfile.mkdtemp()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(base + "/n")
    listener.settimeout(lib.PATIENCE)
    site = Site().start(env={"NOTIFY_SOCKET": base + "/n"})
    equal(listener.recv(100), b"READY=1")
    site.engine.send_signal(signal.SIGHUP)
    contains(listener.recv(100), b"RELOADING=1", b"MONOTONIC_USEC=")
    equal(listener.recv(100), b"READY=1")
    site.stop()
    equal(listener.recv(100), b"STOPPING=1")
    shutil.rmtree(base)


lib.run()
