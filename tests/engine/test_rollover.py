"""Rollover without lock-out: whatever order certificates are renewed in, as long as each step waits for the phones,
every phone takes every later list from the one that it holds, and every file that is signed meanwhile. Each run comes
from its seed, printed when it fails: RINGLOCK_ROLLOVER_SEED repeats it."""
import os, random

import lib
import phone
from lib import RpcError, Site, equal, poll, test
from phone_files import SignedFile
from phone_x509 import Bad

SEED = int(os.environ.get("RINGLOCK_ROLLOVER_SEED", "20261130"))
STEPS = 100
ROLES = ["CallManager", "TFTP", "CAPF", "TVS", "ITLRecovery"]
NAMES = ["SEP00112233445%d" % i for i in range(3)]
IMPACT = ["W-CERT-IMPACT"]


class Rollover:
    def __init__(self, seed):
        self.rng, self.said, self.done = random.Random(seed), [], set()
        self.site = Site().start()
        self.client = self.site.client()
        model = lib.trusted_type(self.client)
        for name in NAMES:
            self.client.call("object.add", kind="phone", accept=lib.ACCEPT,
                             values={"name": name, "type": model, "protocol": "SIP"})
        self.client.call("cluster.mode", mode="mixed")
        self.client.call("publish", all=True)
        self.phones = [phone.Phone(n, phone.Directory(self.site.path("tftp"))) for n in NAMES]
        self.settled()

    def settled(self):
        """The lists have what the certificates are, and the files are published."""
        poll(lambda: not self.client.call("publish")["busy"])
        poll(lambda: all(os.path.exists(self.site.path("tftp", "CTL%s.tlv" % n)) for n in NAMES))

    def states(self, role):
        return [x["state"] for x in self.client.call("cert.history", role=role)["rows"]]

    def listed(self, role):
        """The certificate to come is in the lists: TVS is in the ITL alone."""
        rows = self.client.call("cert.history", role=role)["rows"]
        coming = [x["fingerprint"] for x in rows if x["state"] == "next"]
        return all(coming[0] in [r["fingerprint"] for r in self.client.call("ctl.show", list=kind)["records"]]
                   for kind in ("ctl", "itl") if coming and (role, kind) != ("TVS", "ctl"))

    def everybody_has_it(self):
        return all(x["older"] + x["unknown"] == 0 for x in self.client.call("ctl.status")["lists"])

    def boot(self):
        one = self.rng.choice(self.phones)
        one.take_list("CTL")
        one.take_list("ITL")
        found = one.fetch(one.name + ".cnf.xml.sgn", SignedFile)
        assert found, "no signed configuration"
        equal(one.warnings, [])
        self.client.call("ctl.seen", phones=[one.name])

    def act(self, method, state=None):
        """On one of the roles where it may be done now: one is in that state, in the lists of every phone."""
        roles = [r for r in ROLES if not state or state in self.states(r)]
        if not roles or state and not self.everybody_has_it():
            return
        role = self.rng.choice(roles)
        self.said.append(role)
        if state and not self.listed(role):
            return
        self.client.call(method, role=role, accept=IMPACT)
        self.done.add(method)
        self.settled()

    def step(self):
        acts = {"boot": self.boot,
                "make": lambda: self.act("cert.regenerate"),
                "activate": lambda: self.act("cert.activate", "next"),
                "retire": lambda: self.act("cert.retire", "former"),
                "update": lambda: self.client.call("ctl.update")}
        name = self.rng.choices(list(acts), [60, 8, 15, 15, 2])[0]
        self.said.append(name)
        try:
            acts[name]()
        except RpcError as e:
            if e.code not in ("E-EXISTS", "E-CERT-ROLLOVER"):  # there is a next one already, or too many signers
                raise

    def run(self):
        for _ in range(STEPS):
            self.step()


@test("in %d random steps no phone is left behind, whoever holds which list" % STEPS)
def walk():
    run = Rollover(SEED)
    try:
        run.run()
        for one in run.phones:
            one.take_list("CTL")
            one.take_list("ITL")
        equal(run.done, {"cert.regenerate", "cert.activate", "cert.retire"})
    except Exception:
        print("# RINGLOCK_ROLLOVER_SEED=%d: %s" % (SEED, " ".join(run.said)))
        raise


@test("who hurries leaves a phone behind: the test can tell")
def hurried():
    run = Rollover(SEED)
    one = run.phones[0]
    one.take_list("CTL")
    for method in ("cert.regenerate", "cert.activate", "cert.retire"):
        run.client.call(method, role="ITLRecovery", accept=IMPACT)
    run.client.call("ctl.update")
    try:
        one.take_list("CTL")
    except Bad:
        return
    raise AssertionError("a signer that the phone does not know was taken")


lib.run()
