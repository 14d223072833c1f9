"""kill -9 of the engine at random moments of list updates and mode changes: whenever it dies, phones find lists that are
whole and verify, and take the next ones; when it is back, the files are what the database says, the mode and its CTL
agree, and nothing that was acknowledged is lost. RINGLOCK_KILL_SEED, printed on failure, repeats a run."""
import os, random, signal, sqlite3, threading, time

import lib
import phone
from lib import Closed, RpcError, Site, equal, poll, test

ROUNDS = 60
SEED = int(os.environ.get("RINGLOCK_KILL_SEED", "20261130"))
NAME = "SEP001122334455"


class Acts:
    """What a client does until its engine dies."""

    def __init__(self, client, rng):
        self.client, self.rng, self.mixed, self.version, self.refused = client, rng, None, 0, None

    def mode(self, mixed):
        ctl = self.client.call("cluster.mode", mode="mixed" if mixed else "nonsecure")["ctl"]
        self.mixed, self.version = mixed, ctl or self.version

    def update(self):
        lists = self.client.call("ctl.update")["lists"]
        self.version = max([x["version"] for x in lists if x["list"] == "CTL"] + [self.version])

    def run(self):
        try:
            self.mode(True)
            while True:
                self.rng.choice([self.update, self.update, lambda: self.mode(False), lambda: self.mode(True)])()
        except RpcError as e:
            self.refused = e
        except (Closed, OSError):
            pass


def newest(site):
    """What the database says: the mode, and version and bytes of the newest CTL."""
    db = sqlite3.connect("file:%s?mode=ro" % site.path("site.db"), uri=True)
    try:
        mode, = db.execute("SELECT value FROM meta WHERE key = 'cluster_mode'").fetchone()
        row = db.execute("SELECT version, body FROM trust_list WHERE kind = 'CTL' ORDER BY version DESC LIMIT 1").fetchone()
        return mode == "mixed", row or (0, None)
    finally:
        db.close()


def undisturbed(client):
    """Seconds that an act takes."""
    begin = time.monotonic()
    for _ in range(5):
        client.call("ctl.update")
    return (time.monotonic() - begin) / 5


def served(site):
    return phone.Directory(site.path("tftp")).get("CTLFile.tlv")


@test("killed at %d moments: lists are whole, and agree with the database and the mode" % ROUNDS)
def killed():
    rng = random.Random(SEED)
    site = Site().start()
    client = site.client()
    client.call("object.add", kind="phone", accept=lib.ACCEPT,
                values={"name": NAME, "type": lib.trusted_type(client), "protocol": "SIP"})
    client.call("cluster.mode", mode="mixed")
    client.call("publish", all=True)
    poll(lambda: os.path.lexists(site.path("tftp", "ITL%s.tlv" % NAME)))
    one = phone.Phone(NAME, phone.Directory(site.path("tftp")))
    took, versions = undisturbed(site.client()), set()
    for r in range(ROUNDS):
        acts = Acts(site.client(), random.Random(rng.random()))
        worker = threading.Thread(target=acts.run)
        worker.start()
        time.sleep(rng.random() * 3 * took)
        site.stop(signal.SIGKILL)
        worker.join()
        if acts.refused:
            raise acts.refused
        for kind in ("CTL", "ITL"):  # between the engine's death and its return
            one.take_list(kind)
        site.start()
        mixed, (version, body) = newest(site)
        equal(served(site), body if mixed else None)
        assert version >= acts.version, (version, acts.version)
        equal(site.client().call("status")["cluster_mode"], "mixed" if mixed else "nonsecure")
        equal([n for n in os.listdir(site.path("tftp")) if n.endswith(".new")], [])
        for kind in ("CTL", "ITL"):
            one.take_list(kind)
        versions.add(version)
    equal(one.warnings, [])
    assert len(versions) > ROUNDS // 6, "hardly anything was under way: %d versions" % len(versions)


try:
    lib.run()
except SystemExit as e:
    if e.code:
        print("# RINGLOCK_KILL_SEED=%d" % SEED)
    raise
