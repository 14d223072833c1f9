"""One act on many objects: a result for each, each whole or not at all, what is done is durable."""
import os, random, signal, threading

import certs, lib
from captures import FOLDERS, Feed, lab, state
from lib import Closed, Site, contains, equal, fails, recording, test

MODEL = "Cisco 8841"
SEED = int(os.environ.get("RINGLOCK_KILL_SEED", "20261123"))


def site_with(n, profile="desk"):
    """A site in mixed mode with n phones, P0000 and so on, that share no lines."""
    site = Site().start()
    client = site.client()
    client.call("cluster.mode", mode="mixed")
    client.call("object.add", kind="profile", values={"name": profile, "type": MODEL})
    client.call("import.begin", kind="phones")
    client.call("import.part", csv="name,type,profile,lines\n" + "".join(
        "P%04d,%s,%s,%d\n" % (i, MODEL, profile, 1000 + i) for i in range(n)))
    client.call("import.end")
    return site, client


def names(n, begin=0):
    return ["P%04d" % i for i in range(begin, begin + n)]


def fields(client, field):
    return {r["name"]: r[field] for r in client.call("object.list", kind="phone")["rows"]}


def entries(client, n):
    return [(r["what"], r["object"]) for r in client.call("audit.list", limit=n)["rows"]]


@test("many are set, each with its own entry in the log; what is refused is told of that one alone")
def set_many():
    site, client = site_with(4)
    asked = ["P0000", "nobody", "P0002", "P0003"]
    answer = client.call("object.set_many", kind="phone", names=asked, values={"description": "hall"})
    equal([i["done"] for i in answer["items"]], [True, False, True, True])
    equal((answer["done"], answer["refused"]), (3, 1))
    error = answer["items"][1]["error"]
    equal((error["code"], error["object"]), ("E-NOT-FOUND", "phone nobody"))
    assert error["message"] and error["remedy"]
    equal([p["code"] for p in answer["items"][1]["problems"]], ["E-NOT-FOUND"])
    equal(fields(client, "description"), {"P0000": "hall", "P0001": "", "P0002": "hall", "P0003": "hall"})
    equal(entries(client, 3), [("phone set", "phone " + n) for n in ("P0003", "P0002", "P0000")])
    assert client.call("audit.verify")["ok"]
    with open(site.path("log", "audit.log")) as f:
        equal(sum('"hall"' in line for line in f), 3)


@test("rules hold for each: a wrong value refuses all of them, a line that would be mixed only that phone")
def rules():
    site, client = site_with(3)
    answer = client.call("object.set_many", kind="phone", names=names(3), values={"profile": "none such"})
    equal([i["error"]["code"] for i in answer["items"]], [answer["items"][0]["error"]["code"]] * 3)
    fails("E-VALUE", client.call, "object.set_many", kind="phone", names=names(3), values={"owner": {}})
    client.call("object.add", kind="profile", values={"name": "locked", "type": MODEL, "mode": "encrypted"})
    client.call("object.add", kind="phone", values={"name": "X", "type": MODEL, "profile": "desk", "lines": ["1001"]})
    before = len(client.call("audit.list")["rows"])
    answer = client.call("object.set_many", kind="phone", names=names(3), values={"profile": "locked"})
    equal([i["done"] for i in answer["items"]], [True, False, True])
    equal(answer["items"][1]["error"]["code"], "W-SHARED-MIXED")
    equal(fields(client, "profile"), {"P0000": "locked", "P0001": "desk", "P0002": "locked", "X": "desk"})
    equal(len(client.call("audit.list")["rows"]), before + 2)
    again = client.call("object.set_many", kind="phone", names=["P0001"], values={"profile": "locked"},
                        accept=["W-SHARED-MIXED"])
    equal([w["code"] for w in again["items"][0]["warnings"]], ["W-SHARED-MIXED"])
    equal(client.call("audit.list", limit=1)["rows"][0]["accepted"], ["W-SHARED-MIXED"])


@test("many are removed; those in use stay, a name that is there twice is gone at its second turn")
def remove_many():
    site, client = site_with(3)
    for name in ("a", "b"):
        client.call("object.add", kind="profile", values={"name": name, "type": MODEL})
    answer = client.call("object.remove_many", kind="profile", names=["a", "desk", "b", "a"])
    equal([i["done"] or i["error"]["code"] for i in answer["items"]],
          [True, "E-PROFILE-IN-USE", True, "E-NOT-FOUND"])
    answer = client.call("object.remove_many", kind="phone", names=names(3))
    equal((answer["done"], answer["refused"]), (3, 0))
    equal(client.call("object.count", kind="phone")["count"], 0)
    equal(entries(client, 3), [("phone remove", "phone " + n) for n in reversed(names(3))])


@test("certificates go by name or fingerprint, and what they still serve asks for a yes")
def certificates():
    site = Site().start()
    client = site.client()
    maker = certs.Maker()
    fps = []
    for i in range(3):
        answer = client.call("cert.upload", data=maker.cert(cn="C%d" % i).pem, file="c.pem", device="C%d" % i)
        fps.append(answer["certificates"][0]["fingerprint"])
    answer = client.call("object.remove_many", kind="cert", names=["C0", fps[1], "TFTP", fps[0]])
    equal([i["done"] or i["error"]["code"] for i in answer["items"]], [True, True, "E-CERT-FIXED", "E-NOT-FOUND"])
    left = {c["name"] for c in client.call("object.list", kind="cert")["rows"]}
    equal({"C0", "C1", "C2"} & left, {"C2"})


@test("what many profiles tell: their phones are to be reset")
def notes():
    site, client = site_with(5)
    client.call("object.add", kind="profile", values={"name": "unused", "type": MODEL})
    answer = client.call("object.set_many", kind="profile", names=["desk", "unused"], values={"description": "x"})
    contains(answer["notes"][0], "5 phones")


@test("a request names at most 250, and names are texts")
def limits():
    site, client = site_with(1)
    fails("E-USAGE", client.call, "object.remove_many", kind="phone", names=["x"] * 251)
    fails("E-USAGE", client.call, "object.remove_many", kind="phone", names=["P0000", 7])
    fails("E-USAGE", client.call, "object.remove_many", kind="phones?", names=["P0000"])
    answer = client.call("object.remove_many", kind="phone", names=[])
    equal((answer["items"], answer["done"], answer["refused"]), ([], 0, 0))
    wrong = {"field %d of no phone, \u2588\u2588" % i: "x" for i in range(200)}
    answer = client.call("object.set_many", kind="phone", names=["P0000"] * 250, values=wrong)
    equal((len(answer["items"]), answer["refused"]), (250, 250))
    assert all(i["error"]["code"] == "E-FIELD" for i in answer["items"])
    equal(client.call("object.count", kind="phone")["count"], 1)


@test("while somebody imports, nothing of it is done; afterwards it is")
def importing():
    site, client = site_with(2)
    other = site.client()
    other.call("import.begin", kind="phones")
    for method, more in (("object.set_many", {"values": {"description": "x"}}), ("object.remove_many", {})):
        fails("E-CONFLICT", client.call, method, kind="phone", names=names(2), **more)
    other.close()
    lib.poll(lambda: "done" in client.ask("object.set_many", kind="phone", names=names(2),
                                          values={"description": "x"}).get("result", {}))
    equal(set(fields(client, "description").values()), {"x"})


@test("running calls of those phones, and no others, are judged again")
def judged():
    client = lab().start().client()
    feed = Feed(client, "udp")
    feed.send(recording(os.path.join(FOLDERS[0], "06-downgrade.hep"))[:18])
    call = lib.poll(lambda: [c for c in client.call("call.list")["rows"] if state(c) == "lock"])[0]
    parties = [p["device"] for p in call["parties"]]
    nonsecure = client.call("object.show", kind="phone", name="SEP000000002001")["profile"]
    watcher = lib.Client(lib.sites[-1].socket)
    watcher.call("call.watch", on=True)
    answer = client.call("object.set_many", kind="phone", names=parties, values={"profile": nonsecure},
                         accept=lib.ACCEPT)
    equal(answer["refused"], 0)
    changed = watcher.note("calls")["changed"][0]
    equal((changed["icon"], {r["code"] for r in changed["reasons"]} & {"E-PROFILE-NONSECURE"}),
          ("unlock", {"E-PROFILE-NONSECURE"}))


@test("killed at any moment: every part is there whole, or not at all, and what was answered is there")
def killed():
    rng = random.Random(SEED)
    part, parts = 50, 8
    site, client = site_with(part * parts)
    for r in range(12):
        done, first = [], threading.Event()

        def work(client=client, mark="round %d" % r):
            try:
                for p in range(parts):
                    answer = client.call("object.set_many", kind="phone", names=names(part, p * part),
                                         values={"description": mark})
                    done.append(answer["done"])
                    first.set()
            except (Closed, OSError):
                pass

        worker = threading.Thread(target=work)
        worker.start()
        first.wait(lib.PATIENCE)
        threading.Event().wait(rng.random() * 0.1)
        site.stop(signal.SIGKILL)
        worker.join()
        client.close()
        client = site.start().client()
        marked = {n for n, d in fields(client, "description").items() if d == "round %d" % r}
        whole = [p for p in range(parts) if set(names(part, p * part)) <= marked]
        equal(len(marked), part * len(whole))
        equal(done, [part] * len(done))
        equal(whole[:len(done)], list(range(len(done))))
        assert len(whole) <= len(done) + 1, (whole, done)
    assert client.call("audit.verify")["ok"]


lib.run()
