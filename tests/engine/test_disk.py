"""A disk that is full, and one that cannot be written: refused in a sentence, nothing half done, reading goes
on, and all is well again once there is room. The disk is a small one in memory, which takes root."""
import os, resource, signal, subprocess, tempfile

import cli, lib
from lib import RpcError, Skip, Site, contains, equal, ringlockd, run, test

MEGABYTES = 24


def disk():
    """A file system of its own, given back at the end; sites are made on it from now on."""
    tempfile.tempdir = None
    where = tempfile.mkdtemp(prefix="rld.")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % MEGABYTES, "none", where],
                          stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0:
        os.rmdir(where)
        raise Skip("no file system can be mounted here")

    def away():
        tempfile.tempdir = None
        subprocess.run(["umount", "-l", where], stdin=subprocess.DEVNULL, capture_output=True)
        os.rmdir(where)
    lib.at_end.insert(0, away)
    tempfile.tempdir = where
    return where


def fill(where):
    with open(os.path.join(where, "ballast"), "wb", buffering=0) as f:
        try:
            while f.write(bytes(65536)) == 65536:
                pass
        except OSError:
            pass


def add(client, n):
    client.call("object.add", kind="user", values={"id": "user%d" % n, "name": "x" * 60})


def names(client):
    return {row["id"] for row in client.call("object.list", kind="user", limit=500)["rows"]}


@test("a limit of file sizes is a full disk, not the end of the engine")
def limited():
    site = Site().start()
    client = site.client()
    add(client, 0)
    no_limit = resource.prlimit(site.engine.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    lib.fails("E-IO", add, client, 1)
    equal(names(client), {"user0"})
    resource.prlimit(site.engine.pid, resource.RLIMIT_FSIZE, no_limit)
    add(client, 1)
    client.call("audit.verify")
    equal(site.stop(), 0)


@test("full and read-only disks")
def disks():
    where = disk()
    site = Site().start()
    client = site.client()
    add(client, 0)
    fill(where)
    done, refused, error = {"user0"}, set(), None
    for n in range(1, 400):  # what is free inside the database is used up first
        try:
            add(client, n)
            done.add("user%d" % n)
        except RpcError as e:
            refused.add("user%d" % n)
            error = e
            if len(refused) == 5:
                break
    equal(len(refused), 5)
    equal(error.code, "E-IO")
    contains(error.message.lower(), "full")
    equal(names(client), done)
    contains(client.call("status"), "hep")
    added = {row["object"].split()[-1] for row in client.call("audit.list", limit=500)["rows"]
             if "user" in row["object"]}
    equal(added, done)
    os.unlink(os.path.join(where, "ballast"))
    for name in sorted(refused):
        add(client, int(name[4:]))
    equal(names(client), done | refused)
    client.call("audit.verify")
    equal(site.stop(), 0)
    site.start()
    equal(names(site.client()), done | refused)
    site.stop()

    subprocess.run(["mount", "-o", "remount,ro", where], stdin=subprocess.DEVNULL, check=True)
    status, _, err = ringlockd("--site", site.dir)
    equal(status, 5)
    contains(err.lower(), "read-only")
    equal(len(err.strip().splitlines()), 2)


def bytes_of(path):
    with open(path, "rb") as f:
        return f.read()


def small_files():
    """No file may grow beyond 64 KiB, as a quota would have it."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))


def told_once(result, code="E-IO"):
    cli.refused(result, code, 5)
    assert len(result.err.strip().splitlines()) <= 2, result


@test("a backup that finds no room is refused in a sentence: the old one stays, nothing half written; a restore likewise")
def backups():
    where = disk()
    site = Site().start()
    password = os.path.join(where, "password")
    with open(password, "w") as f:
        f.write("correct horse battery\n")
    seal = ("--passphrase-file", password)
    old = os.path.join(where, "old.backup")
    cli.done(cli.on(site)("backup", old, *seal))
    whole = bytes_of(old)
    there = sorted(os.listdir(where)), sorted(os.listdir(site.dir))

    def nothing_changed():
        equal((sorted(os.listdir(where)), sorted(os.listdir(site.dir))), there)
        equal(bytes_of(old), whole)

    told_once(cli.on(site)("backup", old, "--force", *seal, preexec_fn=small_files))  # the client's file
    told_once(cli.on(site)("backup", os.path.join(where, "new"), *seal, preexec_fn=small_files))
    told_once(cli.run("restore", old, "--site", os.path.join(where, "made"), *seal, preexec_fn=small_files))
    nothing_changed()
    fill(where)
    there = sorted(os.listdir(where)), there[1]
    told_once(cli.on(site)("backup", old, "--force", *seal))  # the engine's copy of the database
    told_once(cli.run("restore", old, "--site", os.path.join(where, "made"), *seal))
    nothing_changed()
    os.unlink(os.path.join(where, "ballast"))
    cli.done(cli.on(site)("backup", old, "--force", *seal))
    cli.done(cli.run("restore", old, "--site", os.path.join(where, "made"), *seal))
    assert site.client().call("audit.verify")["ok"]
    site.stop()


run()
