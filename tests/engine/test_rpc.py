"""The control socket: what is no request ends the connection, never the engine."""
import json, os, socket

import lib
from lib import Client, Site, contains, equal, fails, poll, test

HELLO = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"version":1}}\n'


def shared():
    """One engine for the tests that leave no trace."""
    return Site().start()


def abused(*lines):
    """Each of the lines ends its connection; the engine goes on."""
    site = shared()
    witness = site.client()
    for line in lines:
        c = Client(site.socket, hello=False)
        try:
            c.send(line)
        except ConnectionError:
            pass
        assert c.closed(), line[:80]
    witness.call("status")
    equal(site.engine.poll(), None)


@test("garbage, broken JSON and what is no JSON-RPC end the connection")
def garbage():
    abused(b"\0\xff\xfe\n", b"hello\n", b"{\n", b"[]\n", b"1\n", b'"x"\n', b"null\n", b"\n",
           b'{"id":1,"method":"hello","params":{"version":1}}\n',
           b'{"jsonrpc":"1.0","id":1,"method":"hello","params":{"version":1}}\n',
           b'{"jsonrpc":"2.0","id":1,"method":7}\n',
           b'{"jsonrpc":"2.0","id":{},"method":"hello","params":{"version":1}}\n',
           b'{"jsonrpc":"2.0","id":1,"method":"hello","params":[1]}\n',
           HELLO + b"{}\n", HELLO + b'\xff{"jsonrpc"\n')


@test("equal keys in one object are refused")
def duplicates():
    abused(HELLO + b'{"jsonrpc":"2.0","id":1,"id":2,"method":"status"}\n',
           HELLO + b'{"jsonrpc":"2.0","id":1,"method":"object.count","params":{"kind":"phone","kind":"user"}}\n')


@test("a line of 2 MiB, and one that never ends, end the connection")
def long_lines():
    abused(HELLO + b'{"jsonrpc":"2.0","id":2,"method":"' + b"x" * (2 << 20) + b'"}\n', b"x" * (3 << 20),
           HELLO + b'[' * (1 << 19) + b"\n")


@test("hello comes first, once, and with our version")
def hello():
    abused(b'{"jsonrpc":"2.0","id":1,"method":"status"}\n', HELLO + HELLO)
    site = shared()
    c = Client(site.socket, hello=False)
    e = fails("E-PROTOCOL", c.call, "hello", version=99)
    equal(e.status, 5)
    assert c.closed()
    info = site.client().info
    equal((info["version"], info["role"], info["private"], info["mixed"]), (1, "administrator", False, False))
    assert set(info["hep"]) == {"udp", "tcp"}


@test("parameters are held to the method's table")
def params():
    c = shared().client()
    fails("E-USAGE", c.call, "no.such.method")
    e = fails("E-USAGE", c.call, "object.list", kind="phone", colour="red")
    equal(e.data["field"], "colour")
    e = fails("E-USAGE", c.call, "object.list", kind=7)
    equal((e.data["field"], e.status), ("kind", 2))
    e = fails("E-USAGE", c.call, "object.show", kind="phone")
    equal(e.data["field"], "name")
    fails("E-USAGE", c.call, "object.list", kind="unicorn")
    fails("E-USAGE", c.call, "object.list", kind="phone", after={"value": "x"})
    fails("E-USAGE", c.call, "object.list", kind="phone", criteria=[{"field": "name", "op": "?", "value": "x"}])
    fails("E-USAGE", c.call, "object.list", kind="phone", criteria=[7])
    fails("E-USAGE", c.call, "object.list", kind="phone", after={"value": True, "key": "SEP1"})
    fails("E-USAGE", c.call, "object.list", kind="phone", criteria=[{"field": "name", "op": "contains", "value": 1}])
    fails("E-FIELD", c.call, "object.list", kind="phone", sort="shoe_size")
    fails("E-FIELD", c.call, "object.list", kind="phone", criteria=[{"field": "x", "op": "contains"}])
    fails("E-VALUE", c.call, "cluster.mode", mode="open")
    fails("E-VALUE", c.call, "object.add", kind="user", values={"id": {"a": 1}})
    fails("E-USAGE", c.call, "import.part", csv="x")
    fails("E-NOT-FOUND", c.call, "object.show", kind="phone", name="SEP1")
    fails("E-NOT-FOUND", c.call, "call.show", id="c0-1")
    fails("E-NOT-FOUND", c.call, "line.show", number="1")
    equal(c.call("object.list", kind="phone", limit=-5, criteria=None)["rows"], [])


@test("a request may come in pieces, and several in one")
def pieces():
    c = Client(shared().socket, hello=False)
    for byte in HELLO:
        c.send(bytes([byte]))
    equal(c.line()["id"], 1)
    c.send(b'{"jsonrpc":"2.0","id":"a","method":"status"}\n{"jsonrpc":"2.0","id":"b","method":"status"}\n')
    equal([c.line()["id"], c.line()["id"]], ["a", "b"])


@test("a client that does not read is dropped, and nobody waits for it")
def slow_reader():
    site = shared()
    slow, other = site.client(), site.client()
    slow.sock.settimeout(lib.PATIENCE)
    ask = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "object.list",
                      "params": {"kind": "type", "limit": 500}}).encode() + b"\n"
    try:
        for _ in range(200):
            slow.send(ask)
    except (ConnectionError, socket.timeout):
        pass
    poll(lambda: "does not read" in site.log())
    other.call("status")


@test("one user has at most 32 connections")
def many():
    site = shared()
    clients = []
    refused = 0
    for _ in range(40):
        try:
            clients.append(site.client())
        except (lib.Closed, OSError):
            refused += 1
    equal((len(clients), refused), (32, 8))
    for c in clients:
        c.close()
    poll(lambda: can_connect(site))


def can_connect(site):
    try:
        return site.client().info is not None
    except (lib.Closed, OSError):
        return False


@test("objects: add, show, set with revision, conflict, remove (R140)")
def objects():
    c = shared().client()
    u = c.call("object.add", kind="user", values={"id": "ann", "name": "Ann", "digest_password": "s3cretWord"})
    equal((u["id"], u["digest_password"]), ("ann", True))
    u = c.call("object.set", kind="user", name="ann", values={"name": "Ann B"}, rev=u["rev"])
    equal(u["name"], "Ann B")
    fails("E-CONFLICT", c.call, "object.set", kind="user", name="ann", values={"name": "X"}, rev=u["rev"] - 1)
    fails("E-EXISTS", c.call, "object.add", kind="user", values={"id": "ann", "name": "Other"})
    fails("E-FIELD", c.call, "object.add", kind="user", values={"id": "bob", "shoe": "42"})
    equal(c.call("object.show", kind="user", name="ann")["name"], "Ann B")
    log = json.dumps(c.call("audit.list"))
    assert "s3cretWord" not in log
    equal(c.call("object.remove", kind="user", name="ann")["removed"], "ann")
    fails("E-NOT-FOUND", c.call, "object.remove", kind="user", name="ann")


@test("trust cannot be set, and shows one of two messages (R41, R42)")
def trust():
    c = shared().client()
    model = lib.trusted_type(c)
    values = {"name": "SEP000000009001", "type": model, "protocol": "SIP", "lines": ["9001"]}
    e = fails("E-TRUST-READONLY", c.call, "object.add", kind="phone", values=dict(values, trusted="yes"))
    equal(e.data["rule"], "R41")
    p = c.call("object.add", kind="phone", values=values)
    equal((p["trusted"], p["trust_message"]), (True, "Device is trusted"))
    shown = c.call("object.show", kind="phone", name="SEP000000009001")
    equal(shown["registration"]["state"], "unknown")
    equal(shown["denials"], [])
    equal(shown["type_info"]["model"], model)
    equal(shown["profile_info"]["mode"], "nonsecure")
    equal(shown["lines"], ["9001"])
    equal(c.call("line.show", number="9001")["phones"][0]["name"], "SEP000000009001")
    equal(c.call("line.list")["rows"], [{"number": "9001", "phones": ["SEP000000009001"]}])
    users = c.call("object.users_of", kind="type", name=model)["users"]
    assert {"kind": "phone", "name": "SEP000000009001"} in users, users
    assert c.call("object.show", kind="type", name=model)["features"]


@test("lists go in pages, forwards and backwards")
def pages():
    c = shared().client()
    for i in range(25):
        c.call("object.add", kind="user", values={"id": "u%02d" % i, "name": "N%d" % (i % 3)})
    seen, after = [], {}
    while True:
        page = c.call("object.list", kind="user", limit=10, **after)
        seen += [r["id"] for r in page["rows"]]
        if not page["more"]:
            break
        after = {"after": {"key": seen[-1], "value": seen[-1]}}
    equal(seen, ["u%02d" % i for i in range(25)])
    back = c.call("object.list", kind="user", limit=5, backwards=True, after={"key": "u10", "value": "u10"})
    equal([r["id"] for r in back["rows"]], ["u05", "u06", "u07", "u08", "u09"])
    assert back["more"]


@test("a change of the mode says what is to be done, and tells the others")
def cluster():
    site = shared()
    one, two = site.client(), site.client()
    answer = one.call("cluster.mode", mode="mixed")
    contains(answer["note"], "reset the phones")
    equal(two.note("site"), {"mixed": True, "lists": None})
    equal(two.call("status")["cluster_mode"], "mixed")
    equal(one.call("cluster.mode", mode="nonsecure"), {"mode": "nonsecure", "ctl": None, "note": ""})
    equal(two.note("site"), {"mixed": False, "lists": None})
    whats = [(r["what"], r["after"]) for r in one.call("audit.list", limit=3)["rows"] if r["what"] == "cluster.mode"]
    equal(whats, [("cluster.mode", {"cluster_mode": "nonsecure"}), ("cluster.mode", {"cluster_mode": "mixed"})])


@test("import is all or nothing, in parts, one at a time; export gives it back")
def imports():
    site = shared()
    c, other = site.client(), site.client()
    c.call("import.begin", kind="users", dry_run=False)
    fails("E-CONFLICT", other.call, "object.add", kind="user", values={"id": "zoe", "name": "Z"})
    fails("E-CONFLICT", other.call, "import.begin", kind="users")
    equal(other.call("object.count", kind="user")["count"], 0)
    c.call("import.part", csv="id,name,digest_password\r\nann,An")
    c.call("import.part", csv="n,\r\nbob,\"B, o\",\r\n")
    done = c.call("import.end")
    equal((done["added"], done["dry_run"]), (2, False))
    equal(other.call("object.count", kind="user")["count"], 2)
    part = other.call("export", kind="users")
    equal(part["after"], None)
    contains(part["csv"], 'bob,"B, o"')
    c.call("import.begin", kind="users")
    c.call("import.part", csv="id,name\r\ncat,C\r\nbad id!!,D\r\n")
    try:
        c.call("import.end")
        raise AssertionError("a bad row was taken")
    except lib.RpcError as e:
        equal(e.data["problems"][0]["line"], 3)
    equal(other.call("object.count", kind="user")["count"], 2)
    c.call("import.begin", kind="users", dry_run=True)
    c.call("import.part", csv="id,name\r\ndan,D\r\n")
    equal(c.call("import.end")["added"], 1)
    equal(other.call("object.count", kind="user")["count"], 2)


@test("an import ends with its connection")
def import_dropped():
    site = shared()
    c, other = site.client(), site.client()
    c.call("import.begin", kind="users")
    c.call("import.part", csv="id,name\r\nann,A\r\n")
    c.close()
    poll(lambda: can_add(other))
    equal(other.call("object.count", kind="user")["count"], 1)


def can_add(client):
    try:
        client.call("object.add", kind="user", values={"id": "eve", "name": "E"})
        return True
    except lib.RpcError:
        return False


lib.run()
