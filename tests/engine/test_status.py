"""The status: every counter has its names, counts what it says, and outlives the feed process."""
import contextlib, os, re, signal, socket, sqlite3, time

import lib
from captures import FOLDERS, Feed, KEY, lab, log_packet
from cli import done, on, refused
from lib import Site, contains, equal, hep_address, poll, recording, test

SECURE = recording(os.path.join(FOLDERS[0], "01-secure.hep"))


def numbers(value, path=""):
    """Paths of the numbers and truths in a JSON document, lists left out."""
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in numbers(v, path + "." + k if path else k)]
    return [path] if isinstance(value, (bool, int, float)) else []


def prometheus(text):
    """A strict reader of the text exposition format 0.0.4: {(name, labels): value}."""
    assert text.endswith("\n")
    name, labels = r"[a-zA-Z_:][a-zA-Z0-9_:]*", r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
    sample = re.compile(r"^(%s)(?:\{(%s(?:,%s)*)\})? (-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?)$" % (name, labels, labels))
    types, helped, found, family = {}, set(), {}, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            family, words = line.split(" ", 3)[2:]
            assert family not in helped and words, line
            helped.add(family)
        elif line.startswith("# TYPE "):
            of, kind = line.split(" ")[2:]
            assert of == family and of not in types and kind in ("counter", "gauge"), line
            types[of] = kind
        else:
            m = sample.match(line)
            assert m and m.group(1) == family and family in types, line
            key = (m.group(1), m.group(2) or "")
            assert key not in found, line
            found[key] = float(m.group(3))
    for metric, kind in types.items():
        assert metric.startswith("ringlock_"), metric
        equal(kind == "counter", metric.endswith("_total"))
    return found


@test("what --json tells as a number, --csv names by the same path, and Prometheus has no number without one")
def complete():
    site = Site(name='Main "site" \\').start()
    cli = on(site)
    told = done(cli("status", "--json")).json()
    rows = {r["name"]: r["value"] for r in done(cli("status", "--csv")).csv()}
    equal(sorted(set(numbers(told)) - set(rows)), [])
    found = prometheus(done(cli("status", "--prometheus")).out)
    assert any('site="Main \\"site\\" \\\\"' in labels for _, labels in found), found
    equal(found["ringlock_objects", 'kind="type"'], told["devices"]["types"])
    equal(found["ringlock_certificates", 'state="valid"'], len(lib.ROLES))
    equal(found["ringlock_feed_running", ""], 1)
    assert found["ringlock_memory_bytes", 'process="engine"'] > 1 << 20
    assert found["ringlock_database_bytes", ""] > 4096 and found["ringlock_disk_free_bytes", ""] > 0
    assert found["ringlock_connections", ""] >= 1
    for form in ("--json", "--csv"):
        refused(cli("status", "--prometheus", form), "E-USAGE", 2)


@test("a backup is due when the last one, or the installation, is older than warn_days")
def backup_due():
    site = Site({"backup.warn_days": "3"}).start()
    cli = on(site)

    def due():
        told = done(cli("status", "--json")).json()["backup_overdue"]
        equal(prometheus(done(cli("status", "--prometheus")).out)["ringlock_backup_overdue", ""], float(told))
        return told

    def long_ago(name, days):
        site.stop()
        with contextlib.closing(sqlite3.connect(site.path("site.db"))) as db, db:
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 86400 * days - 60))
            equal(db.execute("UPDATE meta SET value = ? WHERE key = ?", (at, name)).rowcount, 1)
        site.start()

    equal(due(), False)
    long_ago("installed_at", 3)
    equal(due(), True)
    path, password = os.path.join(site.base, "b"), os.path.join(site.base, "password")
    with open(password, "w") as f:
        f.write("correct horse battery\n")
    done(cli("backup", path, "--passphrase-file", password))
    equal(due(), False)
    long_ago("last_backup", 2)
    equal(due(), False)
    long_ago("last_backup", 3)
    equal(due(), True)
    site.conf({"backup.warn_days": "0"})
    site.stop()
    site.start()
    equal(due(), False)


@test("what arrives is counted by way and cause, and the counters outlive the feed process")
def counted():
    site = lab().start()
    client = site.client()
    udp, tcp = Feed(client, "udp"), Feed(client, "tcp")
    broken = [b"", b"HEP3", log_packet({"v": 1}, "x", key="wrong"), log_packet("no event", "x")]
    sip = [SECURE[0].replace(*pair, 1) for pair in
           ((b"\nCall-ID:", b"\nCall-XX:"), (b"SIP/2.0\r\n", b"SIP/3.0\r\n"), (b"\nFrom:", b"\nFram:"))]
    udp.send(SECURE[:6] + broken + sip)
    tcp.send(SECURE[6:12])
    udp.settle()
    tcp.settle()

    def feed():
        return client.call("status")["feed"]
    poll(lambda: feed()["refused"]["frame"], 2)
    before = feed()
    equal([before["refused"][c] for c in ("source", "key", "frame", "fact")], [0, 1, 2, 1])
    equal(before["refused"]["sip"], sum(n for c, n in before["parse_errors"].items() if c != "sdp"))
    assert all(before["parse_errors"][c] for c in ("syntax", "start", "parties")), before
    equal(before["datagrams"], before["udp"]["packets"] + before["tcp"]["packets"])
    equal(before["datagrams"], before["records"] + before["ignored"] + sum(before["refused"].values()))
    assert before["udp"]["bytes"] > sum(map(len, SECURE[:6])) and before["tcp"]["connections"] == 1
    os.kill(before["pid"], signal.SIGKILL)
    poll(lambda: feed()["pid"] not in (0, before["pid"]))
    udp.send([b"HEP3"])
    poll(lambda: feed()["refused"]["frame"], 3)
    after = feed()
    equal((after["restarts"], after["tcp"], after["refused"]["key"]), (1, before["tcp"], 1))
    assert after["restarted_at"].endswith("Z"), after


@test("datagrams that the kernel drops are counted, also while no feed process runs")
def drops():
    site = lab()
    site.conf({"hep.receive_buffer": "64K"})
    client = site.start().client()
    status = client.call("status")
    equal((status["feed"]["kernel_drops"], status["feed"]["dropped_at"]), (0, None))
    pid = poll(lambda: client.call("status")["feed"]["pid"])
    os.kill(pid, signal.SIGSTOP)
    host, port = hep_address(client, "udp")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(400):
        sock.sendto(b"x" * 1400, (host, port))
    sock.close()
    told = poll(lambda: [s for s in [client.call("status")] if s["feed"]["dropped_at"]])[0]
    lost = told["feed"]["kernel_drops"]
    assert 0 < lost < 400 and told["hep"]["waiting"] > 1400, told
    os.kill(pid, signal.SIGKILL)
    poll(lambda: client.call("status")["feed"]["refused"]["frame"], 400 - lost)
    equal(client.call("status")["feed"]["kernel_drops"], lost)
    contains(done(on(site)("status")).out, "  dropped by the kernel        %d\n" % lost)


lib.run()
