"""Simulated phones (phone.py, by the sheets) live through what an administrator does: from nonsecure to mixed mode,
an LSC by CAPF, encrypted configuration and a call that locks; every role's certificate renewed while they come
and go; factory reset; and waking up after having slept through it, with TVS."""
import hashlib, os, random, socket, sqlite3

import cli
import lib
import phone
import phone_write
import servers
from captures import KEY
from lib import Site, contains, equal, poll, test
from phone_capf import TvsClient
from phone_files import CCM_TFTP, SAST, TFTP, SignedFile, TrustList
from phone_x509 import Bad, Certificate, Key, Name
from talk import CALLEE, CALLER, Talk, is_shown, shows

MODEL = "Cisco 8861"
SEED = int(os.environ.get("RINGLOCK_PHONE_SEED", "20261130"))
ROLES = ["CallManager", "TFTP", "CAPF", "TVS", "ITLRecovery"]
ACCEPT = lib.ACCEPT + ["W-NULL-STRING", "W-LSC-NEEDED", "W-CERT-ORIGIN"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Lab:
    """A site with services, and phones that find it by its own configuration files."""

    def __init__(self, names, auth="null-string", conf=None, **profile):
        self.names, self.capf, self.tvs = names, free_port(), free_port()
        self.site = Site({**(conf or {}), "hep.key": KEY, "enrol.listen_capf": "127.0.0.1:%d" % self.capf,
                          "enrol.listen_tvs": "127.0.0.1:%d" % self.tvs, "phones.call_managers": "127.0.0.1",
                          "phones.capf_port": self.capf, "phones.tvs_port": self.tvs}).start()
        self.client, self.run = self.site.client(), cli.on(self.site)
        self.add("profile", name="p", type=MODEL, protocol="SIP", auth_mode=auth, **profile)
        for name in names:
            self.add("phone", name=name, type=MODEL, protocol="SIP", profile="p", lines=[name[-4:]])
        self.files = phone.Directory(self.site.path("tftp"))
        self.phones = [phone.Phone(name, self.files) for name in names]

    def add(self, kind, **values):
        return self.client.call("object.add", kind=kind, values=values, accept=ACCEPT)

    def profile(self, **values):
        """Change the profile; wait until its phones have their files."""
        rev = self.client.call("object.show", kind="profile", name="p")["rev"]
        self.client.call("object.set", kind="profile", name="p", values=values, rev=rev, accept=ACCEPT)
        self.settled()

    def do(self, *args):
        done = cli.done(self.run(*args))
        self.settled()
        return done

    def settled(self):
        """All is published that was due."""
        poll(lambda: not self.client.call("publish.status")["busy"])
        listed = [row["list"] for row in self.client.call("ctl.status")["lists"] if row["published"]]
        poll(lambda: all(self.files_has(kind + name + ".tlv") for kind in listed for name in self.names))

    def files_has(self, name):
        return os.path.exists(self.site.path("tftp", name))

    def manager(self):
        """What a call manager shows now."""
        return next(Certificate.of_pem(c["pem"]) for c in self.client.call("status")["certificates"]
                    if c["roles"] == ["CallManager"] and c["key_type"] == "RSA")

    def boot(self, *phones):
        for p in phones or self.phones:
            p.boot()
            equal((p.name, p.warnings), (p.name, []))
            assert p.registers(self.manager()), "%s does not take the call manager" % p.name
        return self

    def seen(self, *phones):
        cli.done(self.run("ctl", "seen", *[p.name for p in phones or self.phones]))


class Presented:
    """A certificate as talk.py shows it."""

    def __init__(self, certificate):
        self.pem_fingerprint = hashlib.sha256(certificate.pem().encode()).hexdigest()


def from_the_box(lab, files):
    """Nonsecure, then mixed; encrypted once an LSC is there."""
    for p in lab.phones:
        p.source = files
    lab.do("publish", "--all")
    lab.boot()
    equal({p.secure for p in lab.phones}, {"nonsecure"})
    equal([(p.ctl is None, p.itl is None) for p in lab.phones], [(True, False)] * 2)
    lab.do("cluster", "mode", "mixed")
    lab.boot()
    equal([p.ctl is None for p in lab.phones], [False] * 2)
    lab.do("capf", "set", *lab.names, "--operation", "install", "--accept", "W-NULL-STRING")
    lab.boot()
    equal([p.capf_outcome.reason for p in lab.phones], [1] * 2)
    lab.settled()
    lab.profile(mode="encrypted", transport="tls", encrypted_config="yes")
    for p in lab.phones:
        p.capf_outcome = None
    lab.boot()
    for p in lab.phones:
        equal((p.secure, p.config.yes("fullConfig"), p.config.get("capfAuthMode"), p.capf_outcome),
              ("encrypted", True, "0", None))


def talks(lab):
    """A call of both, each showing the LSC that it has, locks; with another's it does not."""
    talk = Talk(lab.client)
    told = {p.name: shows(Presented(p.lsc[0]), verified=True, cn=p.name) for p in lab.phones}
    is_shown(talk.call(told), "lock")
    talk.hang_up()
    swapped = dict(zip(told, reversed(list(told.values()))))
    call = talk.call(swapped)
    equal(call["icon"], "unlock")
    talk.close()


@test("by tftpd-hpa: from nonsecure to mixed mode, LSC, encrypted configuration, and a call that locks")
def by_tftp():
    lab = Lab([CALLER, CALLEE])
    with servers.Tftpd(lab.site.path("tftp")) as server:
        from_the_box(lab, server.files)
        talks(lab)


def renewed(lab):
    """A new LSC in place of the one that the configuration is encrypted for; then none, and no LSC any more."""
    before = [p.lsc[0].der for p in lab.phones]
    lab.do("capf", "set", *lab.names, "--operation", "install", "--accept", "W-NULL-STRING")
    for _ in range(2):
        lab.boot()
        lab.settled()
    for p, old in zip(lab.phones, before):
        assert p.lsc[0].der != old
        equal((p.config.yes("fullConfig"), p.config.get("capfAuthMode")), (True, "0"))
    lab.profile(encrypted_config="no")
    lab.do("capf", "set", *lab.names, "--operation", "delete", "--accept", "W-NULL-STRING")
    lab.boot()
    equal([p.lsc for p in lab.phones], [None, None])


@test("the same by HTTP; then the LSC is renewed under the encrypted configuration, and deleted")
def by_http():
    lab = Lab([CALLER, CALLEE])
    with servers.Httpd(lab.site.path("tftp")) as server:
        from_the_box(lab, server.files)
        renewed(lab)


def key_of(lab, certificate):
    """Of the site's keys: that of a certificate."""
    for name in os.listdir(lab.site.path("keys")):
        key = Key.of_file(lab.site.path("keys", name))
        if key.spki == certificate.spki:
            return key
    raise AssertionError("no key of " + certificate.subject.comma())


@test("what it publishes is what the sheets say, to the byte: lists and signed files, SHA-1 and SHA-512")
def exact():
    for code, conf in ((1, {}), (3, {"lists.hash": "sha512", "lists.signer_version": "1.1", "phones.hash": "sha512"})):
        lab = Lab([CALLER], conf=conf)
        lab.do("cluster", "mode", "mixed")
        lab.do("publish", "--all")
        lists = [TrustList(lab.files.get(name)) for name in ("CTLFile.tlv", "ITLFile.tlv")]
        for f in lists:
            rows = [(r.role, r.certificate) for r in f.records]
            signer = next(c for c in f.of(SAST) if f.made_by(c))
            equal(f.data, phone_write.trust_list(f.name, rows, signer, key_of(lab, signer), f.time, code,
                                                 (1, 1) if code == 3 else (1, 0)))
            equal(any(c.curve for _, c in rows), code == 3)
        name = CALLER + ".cnf.xml.sgn"
        f = SignedFile(lab.files.get(name), name)
        signer = next(c for c in lists[1].of(TFTP, CCM_TFTP) if f.made_by(c))
        equal(f.data, phone_write.signed_file(name, f.body, signer, key_of(lab, signer), f.time, code))


class Office:
    """Phones that come at random moments, and an administrator who goes on only where he is let."""

    def __init__(self, rng, tvs=True):
        self.rng = rng
        self.lab = lab = Lab(["SEP0000000020%02d" % i for i in range(6)])
        for p in () if tvs else lab.phones:
            p.ask_tvs = lambda question: None
        lab.do("publish", "--all")
        lab.do("cluster", "mode", "mixed")
        lab.profile(mode="encrypted", transport="tls")
        lab.boot().seen()

    def some_come(self):
        for p in self.lab.phones:
            if self.rng.random() < 0.4:
                self.lab.boot(p)
                self.lab.seen(p)

    def safe_order(self, role):
        """The steps as ringlock tells them, each by its own command; phones come where they are waited for."""
        for _ in range(60):
            steps = self.lab.client.call("cert.impact", role=role, act="activate")["steps"]
            step = next(s for s in steps if s["state"] == "next")
            if step["id"] != "wait":
                self.lab.do(*step["command"].split()[1:])
            yield step["id"]
            if step["id"] == "retire":
                return
        raise AssertionError("no end of it: %r" % step)

    def renews(self, role):
        for _ in self.safe_order(role):
            self.holds()
            self.some_come()
            self.holds()
        self.lab.boot().seen()

    def holds(self):
        """Those who are on, whenever they booted, take the call manager that they find now."""
        manager = self.lab.manager()
        for p in self.lab.phones:
            assert p.registers(manager), "%s does not take the call manager" % p.name


@test("every role's certificate is renewed while phones come at random, and none is locked out or needs TVS")
def rollover():
    office = Office(random.Random(SEED), tvs=False)
    roles = ROLES + ["CallManager", "ITLRecovery", "TFTP"]
    office.rng.shuffle(roles)
    before = office.lab.manager().sha256
    for role in roles:
        try:
            office.renews(role)
        except (AssertionError, Bad) as e:
            raise AssertionError("%s, of seed %d: %s" % (role, SEED, e))
    assert office.lab.manager().sha256 != before


@test("a phone after a factory reset takes what lies there, in the middle of a renewal too")
def reset():
    office = Office(random.Random(SEED + 1))
    for role in ("ITLRecovery", "TFTP", "CallManager"):
        for _ in office.safe_order(role):
            p = office.rng.choice(office.lab.phones)
            p.reset()
            office.lab.boot(p)
            office.some_come()


@test("a phone that slept through the renewal of the signer takes the list because TVS knows it")
def sleeper():
    office = Office(random.Random(SEED + 2))
    lab = office.lab
    asleep, awake = lab.phones[0], lab.phones[1:]
    held = asleep.itl.data
    for args in (("cert", "regenerate", "ITLRecovery"), ("ctl", "update"), ("cert", "activate", "ITLRecovery"),
                 ("ctl", "update")):
        told = lab.run(*args)
        if told.status:
            code = told.err.split()[1].rstrip(":")
            lab.do(*args, "--accept", code)
        lab.settled()
        lab.boot(*awake).seen(*awake)
    equal(asleep.itl.data, held)
    new = TrustList(lab.files.get("ITLFile.tlv"))
    equal([c for c in asleep.itl.of(SAST) if new.made_by(c)], [])
    asked = []
    asleep.ask_tvs = lambda question, ask=asleep.ask_tvs: asked.append(ask(question)) or asked[-1]
    lab.boot(asleep)
    assert asked and asleep.itl.data == new.data


@test("who holds a CTL from the time of mixed mode is told of before the signer changes, and gets over it by TVS")
def kept():
    office = Office(random.Random(SEED + 3))
    lab = office.lab
    lab.do("cluster", "mode", "nonsecure")
    lab.do("cert", "regenerate", "ITLRecovery")
    poll(lambda: len(TrustList(lab.files.get("ITLFile.tlv")).of(SAST)), 2)
    lab.boot().seen()
    assert lab.phones[0].ctl and not lab.files.get("CTLFile.tlv")
    told = cli.refused(lab.run("cert", "activate", "ITLRecovery"), "W-CERT-IMPACT")
    contains(told.err, "6 phones would judge the ITL by a CTL from the time of mixed mode")
    signer = lab.phones[0].itl.serial
    lab.do("cert", "activate", "ITLRecovery", "--accept", "W-CERT-IMPACT")
    poll(lambda: TrustList(lab.files.get("ITLFile.tlv")).serial != signer)
    lab.boot()
    assert lab.phones[0].itl.serial != signer


def states(lab):
    """(role, certificate, state) of the site's own."""
    db = sqlite3.connect("file:%s?mode=ro" % lab.site.path("site.db"), uri=True)
    rows = db.execute("SELECT role, der, state FROM own").fetchall()
    db.close()
    return [(role, Certificate(der), state) for role, der, state in rows]


@test("TVS knows each of the site's certificates by itself and by its names, until it is retired")
def known():
    role_of = {"CallManager": [1], "TFTP": [3], "CAPF": [4], "TVS": [21], "ITLRecovery": [0]}
    lab, seen = Lab([CALLER]), set()
    lab.do("publish", "--all")
    for act in ("regenerate", "activate", "retire"):
        lab.do("cert", act, "TVS", *(("--accept", "W-CERT-IMPACT") if act != "regenerate" else ()))
        with TvsClient(("127.0.0.1", lab.tvs)) as tvs:
            for role, c, state in states(lab):
                seen.add(state)
                expected = (1, []) if state == "retired" else (0, role_of[role])
                answers = [tvs.verify(c)] + [tvs.query(name(c.subject), name(c.issuer), c.serial, tags)
                                             for name in (Name.comma, Name.semicolon) for tags in ((4, 5), (5, 6), (6, 4))]
                equal([(role, state, a.status, a.roles) for a in answers], [(role, state, *expected)] * 7)
                assert state == "retired" or all(a.certificate.der == c.der for a in answers[1:])
    equal(seen, {"active", "next", "former", "retired"})


lib.run()
