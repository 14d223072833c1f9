"""ringlock.conf: every mistake named by file and line; SIGHUP takes a good file and leaves a bad one."""
import os, signal, socket

import lib
from lib import Site, contains, equal, poll, ringlockd, test


def check(site, text):
    site.conf_text(text)
    return ringlockd("--check-config", "--site", site.dir)


def wrong(text, line, *words):
    site = Site()
    status, _, err = check(site, text)
    equal(status, 2)
    contains(err, "E-CONFIG", "ringlock.conf line %d:" % line, *words)
    status, _, err = ringlockd("--site", site.dir)
    equal(status, 2)
    contains(err, "ringlock.conf line %d:" % line)


@test("the file that init writes is taken, and every key in it at its default")
def default():
    site = Site()
    with open(site.path("ringlock.conf")) as f:
        contains(f.read(), "listen_udp")
    os.unlink(site.path("ringlock.conf"))
    base = Site()
    status, out, _ = ringlockd("--list-config")
    equal(status, 0)
    text, section = "", None
    for row in out.splitlines():
        name, value = row.split(" = ", 1) if " = " in row else (row.rstrip(" ="), "")
        if name.split(".")[0] != section:
            section = name.split(".")[0]
            text += "[%s]\n" % section
        text += "%s = %s\n" % (name.split(".")[1], value)
    status, out, err = check(base, text)
    equal((status, err), (0, ""))


@test("unknown keys and sections are named by line")
def unknown():
    wrong("[hep]\n# fine\nlisten_upd = 127.0.0.1:1\n", 3, "listen_upd")
    wrong("[hep]\n\n[heb]\nkey = x\n", 3, "heb")
    wrong("[log]\nkey = x\n", 2, "key")


@test("a key or section that stands twice is named by line")
def twice():
    wrong("[hep]\nkey = a\nsources = ::1\nkey = b\n", 4, "key")
    wrong("[hep]\nkey = a\n[log]\n[hep]\nsources = ::1\n", 4, "hep")


@test("values of the wrong form are named by line, with what they must be")
def values():
    wrong("[hep]\nlisten_udp = localhost:9060\n", 2, "ADDRESS:PORT")
    wrong("[hep]\nlisten_tcp = 127.0.0.1:70000\n", 2, "listen_tcp")
    wrong("[hep]\nsources = 10.0.0.0/33\n", 2, "sources")
    wrong("[hep]\nreceive_buffer = 5\n", 2, "receive_buffer")
    wrong("[hep]\ncorrelation_header = X Y\n", 2, "correlation_header")
    wrong("[calls]\nsilence = soon\n", 2, "silence", "4h")
    wrong("[calls]\nsilence = -1\n", 2, "silence")
    wrong("[calls]\nkeep_ended_count = 1e3\n", 2, "keep_ended_count")
    wrong("[calls]\nmax_calls = 99999999999999999999\n", 2, "max_calls")
    wrong("[calls]\ndisplay_policy = some\n", 2, "audio-only")
    wrong("[log]\nlevel = loud\n", 2, "debug")
    wrong("[control]\nsocket = here\n", 2, "absolute")


@test("all mistakes are told at once")
def several():
    site = Site()
    _, _, err = check(site, "[hep]\nlisten_udp = x\n[log]\nlevel = y\ntarget = z\n")
    contains(err, "ringlock.conf line 2:", "ringlock.conf line 4:", "ringlock.conf line 5:")


@test("the HEP key is never repeated: not in errors, logs, arguments or answers")
def secret():
    key = "sesame-" + "x" * 300
    site = Site()
    _, out, err = check(site, "[hep]\nkey = %s\n" % key)
    contains(err, "ringlock.conf line 2:")
    assert "sesame" not in out + err
    site.conf({"hep.key": "sesame-open"})
    client = site.start().client()
    pid = poll(lambda: client.call("status")["feed"]["pid"])
    for p in (site.engine.pid, pid):
        with open("/proc/%d/cmdline" % p) as f:
            assert "sesame" not in f.read()
    assert "sesame" not in str(client.call("status")) + str(client.call("audit.list"))
    site.stop()
    assert "sesame" not in site.log()


@test("the site may come from RINGLOCK_SITE")
def environment():
    site = Site()
    status, out, _ = ringlockd("--check-config", env={"RINGLOCK_SITE": site.dir})
    equal(status, 0)
    contains(out, site.path("ringlock.conf"))


@test("usage errors have status 2")
def usage():
    os.environ.pop("RINGLOCK_SITE", None)
    for args in (["--nonsense"], ["--site"], ["stray"], ["--init"], ["--site", "/tmp", "--log-level", "loud"]):
        status, _, err = ringlockd(*args)
        equal(status, 2)
        contains(err, "E-USAGE")
    equal(ringlockd("--help")[0], 0)
    equal(ringlockd("--version")[0], 0)


@test("SIGHUP takes the new file: other ports are listened at")
def reload():
    site = Site().start()
    client = site.client()
    before = client.call("status")["hep"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    site.conf({"hep.listen_udp": "127.0.0.1:%d" % port})
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: client.call("status")["hep"]["udp"], "127.0.0.1:%d" % port)
    equal(client.call("status")["hep"]["tcp"], before["tcp"])
    poll(lambda: client.call("status")["feed"]["pid"])


@test("SIGHUP leaves everything as it was when the file is wrong, and says so")
def reload_bad():
    site = Site().start()
    client = site.client()
    before = client.call("status")["hep"]
    site.conf_text("[hep]\nlisten_udp = nowhere\n")
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: "stays as it was" in site.log())
    contains(site.log(), "ringlock.conf line 2:")
    equal(client.call("status")["hep"], before)


@test("a log file that was rotated is opened anew by SIGHUP; one that cannot be is told of in the old")
def log_rotated():
    site = Site().start()
    os.rename(site.log_path, site.log_path + ".1")
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: os.path.exists(site.log_path) and "was read again" in site.log())
    with open(site.log_path + ".1") as f:
        old = f.read()
    contains(old, "serving")
    assert "was read again" not in old
    os.rename(site.log_path, site.log_path + ".2")
    os.mkdir(site.log_path)
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: "stays in the file that it is in: %s" % site.log_path in open(site.log_path + ".2").read())
    os.rmdir(site.log_path)


@test("an address that cannot be had is refused by name")
def taken():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        where = "127.0.0.1:%d" % s.getsockname()[1]
        site = Site({"hep.listen_udp": where})
        status, _, err = ringlockd("--site", site.dir)
    equal(status, 5)
    contains(err, "E-IO", where)


@test("a control socket that cannot be made is refused by name, and no feed is left behind")
def no_socket():
    site = Site()
    for path in (os.path.join(site.base, "none", "control"), os.path.join(site.base, "x" * 120)):
        site.conf({"control.socket": path})
        status, _, err = ringlockd("--site", site.dir)
        equal(status, 5)
        contains(err, "E-IO", path)
    contains(err, "too long", "[control] socket")


@test("the control socket can be elsewhere")
def elsewhere():
    site = Site()
    path = os.path.join(site.base, "control")
    site.conf({"control.socket": path})
    site.__class__ = type("Elsewhere", (Site,), {"socket": property(lambda self: path)})
    site.start()
    equal(site.client().info["role"], "administrator")


lib.run()
