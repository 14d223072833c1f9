"""kill -9 of the engine at random moments of wizards' commits, uploads and imports: what was acknowledged is
kept, half of anything is nowhere, the site opens again. Each round's moment comes from its seed, printed when
it fails: RINGLOCK_KILL_SEED repeats a run."""
import os, random, signal, threading, time

import certs
import lib
from lib import Closed, RpcError, Site, equal, test

ROUNDS = 200
PHONES = 3       # of each wizard
ROWS = 40        # of each import
TYPES = 10       # of each pack
SEED = int(os.environ.get("RINGLOCK_KILL_SEED", "20261123"))


class Acts:
    """What a client does until its engine dies. Names hold the round, so that each act is told apart."""

    def __init__(self, client, round_, pool, model, wanted=None):
        self.client, self.round, self.pool, self.model = client, round_, pool, model
        self.begun, self.done, self.refused, self.took = None, set(), None, {}
        self.wanted, self.now = wanted, threading.Event()  # set when the act that is wanted begins

    def act(self, name, fn):
        self.begun = name
        if name == self.wanted:
            self.now.set()
        began = time.monotonic()
        fn()
        self.took[name] = time.monotonic() - began
        self.done.add(name)
        self.begun = None

    def upload(self):
        self.client.call("cert.upload", data=self.pool[PHONES], file="phone.pem",
                         device="LONE%dx" % self.round, origin="by-device")

    def imported(self):
        self.client.call("import.begin", kind="phones", accept=lib.ACCEPT)
        rows = "".join("IMP%dx%d,%s,SIP\r\n" % (self.round, i, self.model) for i in range(ROWS))
        self.client.call("import.part", csv="name,type,protocol\r\n" + rows)
        self.client.call("import.end")

    def pack(self):
        text = "[pack]\nname = p%d\nversion = 1\nvendor = Acme\ndate = 2026-01-01\n" % self.round
        for i in range(TYPES):
            text += ('[type-%d]\nmodel = "PACK%dx%d"\nclass = third-party-phone\nprotocols = SIP\n' %
                     (i, self.round, i))
        self.client.call("type.import", pack=text)

    def draft(self):
        answers = [  # each with the step that is open after it
            ("profile", {"phones": [{"name": "WIZ%dx%d" % (self.round, i), "file": "%d.pem" % i,
                                    "data": self.pool[i]} for i in range(PHONES)],
                        "cert.origin": "by-device"}),
            ("type", {"profile.name": "wizard %d." % self.round, "profile.mode": "encrypted"}),
            ("assign", {"phone.type": self.model, "phone.protocol": "SIP"}),
            ("check", {"phone.profile": "wizard %d." % self.round}),
        ]
        draft = self.client.call("wizard.start", kind="per-device", type=self.model,
                                 name="round %d" % self.round)
        for step, given in answers:
            draft = self.client.call("wizard.save", id=draft["id"], rev=draft["rev"], step=step,
                                     answers=given)
        self.saved = draft

    def apply(self):
        self.client.call("wizard.apply", id=self.saved["id"], rev=self.saved["rev"],
                         accept=lib.ACCEPT)

    def run(self):
        try:
            self.act("upload", self.upload)
            self.act("import", self.imported)
            self.act("pack", self.pack)
            self.act("draft", self.draft)
            self.act("apply", self.apply)
        except RpcError as e:
            self.refused = e
        except (Closed, OSError):
            pass


def names(client, kind, begin, field="name"):
    rows = client.call("object.list", kind=kind,
                       criteria=[{"field": field, "op": "begins with", "value": begin}])["rows"]
    return {row[field] for row in rows}


def whole(found, n, acknowledged, what):
    """All of it, or nothing; all of it if it was acknowledged."""
    if len(found) != n and (found or acknowledged):
        raise AssertionError("%s: %d of %d are there%s" %
                             (what, len(found), n, ", but it was acknowledged" if acknowledged else ""))
    return bool(found)


def look(client, acts):
    r = acts.round
    lone = whole(names(client, "cert", "LONE%dx" % r), 1, "upload" in acts.done, "upload")
    if lone:
        assert "BEGIN CERTIFICATE" in client.call("object.show", kind="cert", name="LONE%dx" % r)["pem"]
    whole(names(client, "phone", "IMP%dx" % r), ROWS, "import" in acts.done, "import")
    came = whole(names(client, "type", "PACK%dx" % r, "model"), TYPES, "pack" in acts.done, "pack")
    equal(len(names(client, "profile", "PACK%dx" % r)), TYPES if came else 0)
    applied = whole(names(client, "phone", "WIZ%dx" % r), PHONES, "apply" in acts.done, "wizard")
    equal(len(names(client, "cert", "WIZ%dx" % r)), PHONES if applied else 0)
    equal(names(client, "profile", "wizard %d." % r), {"wizard %d." % r} if applied else set())
    drafts = [d for d in client.call("wizard.list")["rows"] if d["name"] == "round %d" % r]
    if applied:
        equal(drafts, [])
    elif "draft" in acts.done:
        equal(len(drafts), 1)
        equal(client.call("wizard.show", id=drafts[0]["id"])["rev"], acts.saved["rev"])
    return applied


def tidy(client):
    """The certificates go, so that the next round may upload them again."""
    for name in names(client, "cert", "LONE") | names(client, "cert", "WIZ"):
        client.call("object.remove", kind="cert", name=name, accept=["W-SECURITY-LOST"])
    for draft in client.call("wizard.list")["rows"]:
        client.call("wizard.drop", id=draft["id"])


@test("killed at %d moments, the site keeps what was acknowledged and nothing by halves" % ROUNDS)
def killed():
    rng = random.Random(SEED)
    maker = certs.Maker()
    pool = [maker.cert(cn="phone%d" % i).pem for i in range(PHONES + 1)]
    site = Site().start()
    client = site.client()
    client.call("cluster.mode", mode="mixed")
    model = certs.import_samples(client)["per-device"]
    undisturbed = Acts(client, ROUNDS, pool, model)
    undisturbed.run()
    tidy(client)
    interrupted, complete = {}, 0
    for r in range(ROUNDS):
        wanted = rng.choice(sorted(undisturbed.took))
        acts = Acts(client, r, pool, model, wanted)
        worker = threading.Thread(target=acts.run)
        worker.start()
        acts.now.wait(lib.PATIENCE)
        time.sleep(rng.random() * undisturbed.took[wanted])
        site.stop(signal.SIGKILL)
        worker.join()
        if acts.refused:
            raise acts.refused
        interrupted[acts.begun] = interrupted.get(acts.begun, 0) + 1
        client.close()
        client = site.start().client()
        try:
            complete += look(client, acts)
            tidy(client)
        except (AssertionError, RpcError):
            print("# round %d of seed %d, killed in %s" % (r, SEED, acts.begun))
            raise
    assert client.call("audit.verify")["ok"]
    print("# killed in: %s; %d wizards were complete" % (interrupted, complete))
    assert len(interrupted) >= 3, "the moments fell beside the acts"


lib.run()
