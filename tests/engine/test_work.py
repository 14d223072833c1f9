"""Questions that are answered later: other questions overtake them, they can be cancelled, they wait their turn, and
nothing of them is left when their connection or the engine ends."""
import json, signal

import lib
from lib import PATIENCE, Closed, Site, equal, fails, poll, test

USERS, WAITING = 8000, 64
# Every user is looked at, sixteen times: long enough to be overtaken, whatever the machine.
SLOW = {"kind": "user", "criteria": [{"field": "name", "op": "contains", "value": "a%d" % (i % 2)} for i in range(16)]}


def crowded():
    """An engine with many users whose names take long to compare."""
    site = Site().start()
    c = site.client()
    c.call("import.begin", kind="users")
    rows = ["user%05d,%s\n" % (i, "a0a1" * 15) for i in range(USERS)]
    for i in range(0, USERS, 2000):
        c.call("import.part", csv=("id,name\n" if i == 0 else "") + "".join(rows[i:i + 2000]))
    c.call("import.end")
    return site, c


def line(number, method, **params):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


def answers(client, n):
    """The next n answers: {id: result, or the code of its error}, in the order they came."""
    out = {}
    for _ in range(n):
        m = client.line()
        out[m["id"]] = m["result"] if "result" in m else m["error"]["data"]["code"]
    return out


@test("a quick question overtakes a slow one, and each answer has its number")
def overtaken():
    site, c = crowded()
    c.send(line(101, "object.count", **SLOW) + line(102, "status"))
    got = answers(c, 2)
    equal(list(got), [102, 101])
    equal(got[101], {"count": USERS})


BESIDE = [("audit.verify", {}), ("audit.list", {}), ("export", {"kind": "user"}), ("line.list", {}),
          ("object.users_of", {"kind": "type", "name": "Cisco 8841"}), ("cert.expiring", {}),
          ("object.list", {"kind": "user"}), ("object.count", {"kind": "user"})]


@test("whatever goes through many rows is done beside the loop")
def beside():
    c = Site().start().client()
    for method, params in BESIDE:
        c.send(line(101, method, **params) + line(102, "status"))
        got = answers(c, 2)
        equal((method, list(got)), (method, [102, 101]))
        assert isinstance(got[101], dict), got


@test("what waits is cancelled before it begins, by number or by text")
def cancelled_waiting():
    site, c = crowded()
    c.send(b"".join(line(i, "object.count", **SLOW) for i in range(101, 111)) +
           line("late", "object.count", **SLOW) + line(1, "cancel", question=110) + line(2, "cancel", question="late") +
           line(3, "cancel", question=110) + line(4, "cancel", question=999))
    got = answers(c, 15)
    equal([got[1], got[2], got[3], got[4]], [{"cancelled": True}, {"cancelled": True}, {"cancelled": False},
                                             {"cancelled": False}])
    equal([got[i] for i in range(101, 110)], 9 * [{"count": USERS}])
    equal((got[110], got["late"]), ("E-CANCELLED", "E-CANCELLED"))
    fails("E-USAGE", c.call, "cancel", question=[1])
    fails("E-USAGE", c.call, "cancel")


@test("what runs is interrupted, and its worker serves the next")
def cancelled_running():
    site, c = crowded()

    def once():
        c.send(line(101, "object.count", **SLOW) + line(1, "cancel", question=101))
        got = answers(c, 2)
        equal(got[1], {"cancelled": True})
        return got[101] == "E-CANCELLED"
    poll(once)
    equal(c.call("object.count", **SLOW), {"count": USERS})


@test("the walk along the audit log is interrupted, too")
def cancelled_walk():
    site, c = crowded()

    def once():
        c.send(line(101, "audit.verify") + line(1, "cancel", question=101))
        return answers(c, 2)[101] == "E-CANCELLED"
    poll(once)
    assert c.call("audit.verify")["ok"]


@test("nobody cancels the questions of others")
def of_others():
    site, c = crowded()
    other = site.client()
    c.send(line(101, "object.count", **SLOW))
    equal(other.call("cancel", question=101), {"cancelled": False})
    equal(answers(c, 1)[101], {"count": USERS})


@test("the questions of one connection do not hold up those of another")
def fair():
    site, c = crowded()
    other = site.client()
    c.send(b"".join(line(i, "object.count", **SLOW) for i in range(40)))
    c.line()  # they are under way
    equal(other.call("object.count", kind="user", criteria=[{"field": "id", "op": "is exactly", "value": "user00001"}]),
          {"count": 1})
    c.sock.settimeout(0)
    early = 1
    try:
        while True:
            c.line()
            early += 1
    except BlockingIOError:
        pass
    assert early < 30, early
    c.sock.settimeout(PATIENCE)
    answers(c, 40 - early)


@test("more questions than may wait are refused, the others answered")
def too_many():
    site, c = crowded()
    asked = WAITING + 10
    c.send(b"".join(line(i, "object.count", **SLOW) for i in range(asked)))
    got = answers(c, asked)
    refused = [i for i in got if got[i] == "E-BUSY"]
    equal(refused, list(range(asked - len(refused), asked)))
    assert 0 < len(refused) < 10, refused
    assert all(got[i] == {"count": USERS} for i in range(asked - len(refused)))


@test("a connection that ends takes its questions with it, and the engine goes on")
def gone():
    site, c = crowded()
    for _ in range(20):
        other = site.client()
        other.send(b"".join(line(i, "object.count", **SLOW) for i in range(30)))
        other.close()
    equal(c.call("object.count", **SLOW), {"count": USERS})
    equal(site.engine.poll(), None)


@test("the engine ends cleanly while questions are under way")
def ends():
    site, c = crowded()
    c.send(b"".join(line(i, "object.count", **SLOW) for i in range(30)))
    equal(site.stop(signal.SIGTERM), 0)
    try:
        while True:
            c.line()
    except Closed:
        pass


@test("a private engine ends when the client leaves in the middle of a question")
def private():
    site, c = crowded()
    site.stop()
    site.start("--private")
    c = site.client()
    c.send(line(101, "object.count", **SLOW))
    c.close()
    equal(site.engine.wait(PATIENCE), 0)


lib.run()
