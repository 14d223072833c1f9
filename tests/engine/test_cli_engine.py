"""How commands find their engine: a private one, one of two, none; and what else may go wrong outside."""
import fcntl, os, pwd, shutil, subprocess

import lib
from cli import RINGLOCK, done, env, on, refused, run, start
from lib import Site, contains, equal, poll, test


def engines(site):
    """Processes that serve the site."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"ringlockd") and b"--private" in words and os.fsencode(site.dir) in words:
            found.append(int(pid))
    return found


@test("init makes a site by the command, and refuses a second time")
def init():
    site = Site()
    new = os.path.join(site.base, "new")
    contains(done(run("init", "--site", new, "--name", "Acme")).out, new)
    equal(done(run("--site", new, "status", "--json")).json()["name"], "Acme")
    refused(run("init", "--site", new), "E-SITE-EXISTS")
    told = refused(run("init", "--site", new + "2", "--mode", "mixed", "--json"), "E-INIT-MODE")
    equal(told.json()["error"]["rule"], "R1")
    assert not os.path.exists(new + "2")
    refused(run("init"), "E-USAGE", 2)


@test("status shows what is known, and says unknown of the rest (R7)")
def status():
    site = Site(name="Head office")
    out = done(run("status", RINGLOCK_SITE=site.dir)).out
    contains(out, "Head office", "nonsecure", "Upgraded from", "Devices, Encrypted")
    assert not any(line.rstrip().endswith("-") for line in out.splitlines()), out
    rows = done(on(site)("status", "--csv")).csv()
    assert all(r["value"] for r in rows), rows
    told = done(on(site)("status", "--json")).json()
    for row in rows:
        at = told
        for step in row["name"].split("."):
            at = at[int(step)] if isinstance(at, list) else at[step]
    assert {"calls.ringing", "devices.by_mode.nonsecure", "certificates.0"} <= {r["name"] for r in rows}, rows


@test("a private engine is started for a site that nothing serves, and ends with its last client")
def private():
    site = Site()
    cli = on(site)
    equal(done(cli("status", "--json")).json()["private"], True)
    poll(lambda: engines(site), [])
    assert os.path.exists(site.path("log", "engine.log"))
    with open(site.path("log", "engine.log"), "w") as log:
        log.write("x" * (1 << 20) + "\n")
    done(cli("status"))
    poll(lambda: engines(site), [])
    assert os.path.getsize(site.path("log", "engine.log")) < 10000
    assert os.path.getsize(site.path("log", "engine.log.1")) > 1 << 20
    p = start("--site", site.dir, "call", "watch")
    poll(lambda: len(engines(site)), 1)
    # a second client uses the same one, and it survives the first
    equal(done(cli("status", "--json")).json()["private"], True)
    # a child that it forks has its name until it runs its own program
    poll(lambda: len(engines(site)), 1)
    session = os.getsid(engines(site)[0])
    assert session != os.getsid(p.pid), "the engine has no session of its own"
    p.kill()
    p.communicate()
    poll(lambda: engines(site), [])


@test("many commands at once start one private engine and all get their answer")
def race():
    site = Site()
    for _ in range(3):
        all_ = [start("--site", site.dir, "user", "list", "--csv") for _ in range(8)]
        for p in all_:
            out, err = p.communicate(timeout=lib.PATIENCE)
            equal((p.returncode, err.decode()), (0, ""))
            contains(out.decode(), "id,name")
        poll(lambda: engines(site), [])


@test("an engine that leaves is waited for, one that serves is not")
def leaving():
    site = Site()
    with open(site.path("engine.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        p = start("--site", site.dir, "user", "list")
        poll(lambda: len(engines(site)), 1)
        fcntl.flock(lock, fcntl.LOCK_UN)
        equal((p.wait(), p.communicate()[1]), (0, b""))
    poll(lambda: engines(site), [])
    with open(site.path("engine.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("1\n")
        lock.flush()
        refused(on(site)("user", "list"), "E-SITE-BUSY", 5)


@test("what a private engine refuses is told by the command")
def refusals():
    site = Site()
    site.conf_text("[hep]\nteapot = 1\n")
    told = refused(on(site)("status"), "E-CONFIG", 2)
    contains(told.err, "teapot", "2")
    site = Site()
    os.chmod(site.dir, 0o777)
    refused(on(site)("status"), "E-SITE-OPEN", 5)


@test("an engine at another socket is named, not waited for")
def elsewhere():
    site = Site()
    site.conf({"control.socket": os.path.join(site.base, "other.sock")})
    engine = subprocess.Popen([lib.RINGLOCKD, "--site", site.dir], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        poll(lambda: run("--socket", os.path.join(site.base, "other.sock"), "status").status, 0)
        contains(refused(on(site)("status"), "E-SITE-BUSY", 5).err, "--socket")
    finally:
        engine.kill()
        engine.wait()


@test("someone without a role is not allowed: exit status 4")
def roles():
    if os.getuid() != 0:
        raise lib.Skip("needs root")
    nobody = pwd.getpwnam("nobody")

    def become():
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    site = Site()
    os.chmod(site.dir, 0o755)
    # where others can run it: the tree may lie in a home that they cannot enter
    program = shutil.copy(RINGLOCK, os.path.join(site.base, "ringlock"))
    site.start()
    refused(run("--socket", site.socket, "status", program=program, preexec_fn=become), "E-NOT-ALLOWED", 4)
    site.stop()
    site.conf({"control.viewer_users": "nobody"})
    site.start()
    done(run("--socket", site.socket, "phone", "list", program=program, preexec_fn=become))
    refused(run("--socket", site.socket, "user", "add", "u", program=program, preexec_fn=become),
            "E-NOT-ALLOWED", 4)


@test("a reader that has enough ends the command quietly; a full disk is told")
def output():
    site = Site().start()
    p = start("--site", site.dir, "type", "list", "--json")
    p.stdout.read(10)
    p.stdout.close()
    equal(p.wait(lib.PATIENCE), 0)
    equal(p.stderr.read(), b"")
    p.stderr.close()
    with open("/dev/full", "w") as full:
        for args in (["type", "list"], ["type", "list", "--json"], ["export", "profiles"], ["status"]):
            p = subprocess.run([RINGLOCK, "--site", site.dir, *args], stdout=full, stderr=subprocess.PIPE,
                               env=env())
            equal(p.returncode, 5)
            contains(p.stderr.decode(), "E-IO")


@test("closed standard streams do no harm")
def closed():
    site = Site().start()
    for streams in ((0,), (1,), (2,), (0, 1, 2)):
        def close():
            for fd in streams:
                os.close(fd)
        p = subprocess.run([RINGLOCK, "--site", site.dir, "status"], preexec_fn=close, env=env(),
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal(p.returncode, 0)


@test("text from outside cannot act on a terminal")
def foreign():
    site = Site()
    for args in (["phone", "show", "\x1b[2J\u202eevil"], ["\x1b]0;x\x07"], ["phone", "list", "--\x1b[1m"],
                 ["--site", "/\x1b[31m", "status"]):
        told = run("--site", site.dir, *args)
        assert told.status != 0
        for out in (told.out, told.err, run("--site", site.dir, *args, "--json").out):
            assert not any(c in out for c in "\x1b\x07\u202e"), repr(out)


lib.run()
