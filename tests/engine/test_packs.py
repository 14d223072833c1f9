"""Device packs: the one way for types into the catalogue, taken whole or refused whole (R34-R43, R61, R72-R85)."""
import base64, datetime, os

import certs, cli, lib
from captures import FOLDERS, KEY, Feed, state
from lib import contains, equal, fails, test

CRITERIA = ('criteria_encryption = "report 1"\ncriteria_hardening = "report 2"\n'
            'criteria_assurance = "report 3"\n')
SECURE = ("security_class = secure-preferred-vendor\nhas_mic = no\nlsc_capf = no\nauthentication = yes\n"
          "encryption = yes\ntls_to_cucm = yes\nsrtp = yes\ndigest = yes\n")
TRUSTED = SECURE + "cert_mode = both\nlock_icon = yes\ntrusted = yes\n" + CRITERIA
PLAIN = "security_class = none\n"


def head(name="acme", version="1"):
    return "[pack]\nname = %s\nversion = %s\nvendor = Acme\ndate = 2026-01-01\n" % (name, version)


def phone(model="Acme 1", body=SECURE, number=1, protocols="SIP", kind="third-party-phone"):
    return '[type-%d]\nmodel = "%s"\nclass = %s\nprotocols = "%s"\n%s' % (number, model, kind, protocols, body)


def as_param(signature):
    """Bytes of a signature as they travel."""
    return signature.decode() if b"-----" in signature else base64.b64encode(signature).decode()


def without(text, key):
    return "".join(line for line in text.splitlines(True) if not line.startswith(key + " "))


class Site(lib.Site):
    """A started site, its client, and a file to import by command."""

    def __init__(self, conf=None):
        super().__init__(conf)
        self.start()
        self.c = self.client()
        self.cli = cli.on(self)

    def file(self, text, name="pack.ini"):
        path = os.path.join(self.base, name)
        with open(path, "wb" if isinstance(text, bytes) else "w") as f:
            f.write(text)
        return path

    def import_(self, text, **params):
        return self.c.call("type.import", pack=text, file="dir/pack.ini", **params)

    def state(self):
        """All that an import could change, as exports and the audit log say it."""
        kinds = ["type", "profile", "phone", "gateway"]
        return [self.c.call("export", kind=kind) for kind in kinds], self.audit(1)[0]["seq"]

    def refused(self, code, text, line=None, **params):
        """Refused with this code by protocol and by command, at this line, and nothing is changed."""
        before = self.state()
        e = fails(code, self.import_, text, **params)
        if line:
            equal(e.data["problems"][0]["line"], line)
            contains(e.message, "pack.ini line %d: " % line)
        assert e.data["remedy"] and e.data["object"], e.data
        if "signature" not in params:
            contains(cli.refused(self.cli("type", "import", self.file(text)), code).err, e.message)
        equal(self.state(), before)
        return e

    def models(self):
        return [t["model"] for t in self.rows("type")]

    def rows(self, kind):
        return cli.done(self.cli(kind, "list", "--json")).json()

    def audit(self, n=100):
        return self.c.call("audit.list", limit=n)["rows"]

    def add(self, kind, accept=(), **values):
        return self.c.call("object.add", kind=kind, values=values, accept=list(accept))


# What is wrong with a pack, where it is told, and the line it is told of.
MALFORMED = [
    ("E-COP-INVALID", "", 1),
    ("E-COP-INVALID", "no pack\n", 1),
    ("E-COP-INVALID", head(), 1),
    ("E-COP-INVALID", phone(), 1),
    ("E-COP-INVALID", without(head(), "version") + phone(), 1),
    ("E-COP-INVALID", head(name='"a b"') + phone(), 2),
    ("E-COP-INVALID", head(version='"1 2"') + phone(), 3),
    ("E-COP-INVALID", head() + "colour = red\n" + phone(), 6),
    ("E-COP-INVALID", head() + "[extra]\n" + phone(), 6),
    ("E-COP-INVALID", head() + phone() + "trust = yes\n", 18),
    ("E-COP-INVALID", head() + phone() + "srtp = yes\n", 18),
    ("E-COP-INVALID", head() + phone() + "cert_mode = own\n", 18),
    ("E-COP-INVALID", head() + phone() + "instructions = \"a; ;b\"\n", 18),
    ("E-COP-INVALID", head() + phone() + "instructions_0 = a\n", 18),
    ("E-COP-INVALID", head() + phone() + "instructions_10 = a\n", 18),
    ("E-COP-INVALID", head() + phone() + "instructions_1 = a\ninstructions_2 = a\n", 19),
    ("E-COP-INVALID", head() + phone() + "instructions_1 = \"%s\"\n" % ("a" * 256), 18),
    ("E-COP-INVALID", head() + phone() + "note = \"%s\"\n" % ("a" * 1000), 18),
    ("E-COP-INVALID", head() + phone() + phone(number=2), 18),
    ("E-COP-INVALID", head() + phone() + phone("acme 1", number=2), 18),
    ("E-COP-INVALID", head() + without(phone(), "protocols"), 6),
    ("E-COP-INVALID", head() + phone("A" * 60), 7),
]
CONTRADICTORY = [
    ("E-CATALOGUE-CLASS", head() + phone(body="encryption = yes\n"), 6),                          # R61
    ("E-CATALOGUE-CLASS", head() + phone(body="security_class = none\nauthentication = yes\n"), 10),
    ("E-CATALOGUE-CLASS", head() + phone(body="security_class = secure-cisco\n"), 10),
    ("E-CATALOGUE-CLASS", head() + phone(body='security_class = "secure-cisco;none"\n'), 10),
    ("E-CATALOGUE-CLASS", head() + phone(body=SECURE + "vendor = Cisco\n"), 10),
    ("E-VENDOR-MIC", head() + phone(body=SECURE.replace("has_mic = no", "has_mic = yes")), 11),   # R72
    ("E-VENDOR-MIC", head() + phone(body=SECURE + "cert_mode = mic-lsc\n"), 18),
    ("E-VENDOR-CAPF", head() + phone(body=SECURE.replace("lsc_capf = no", "lsc_capf = yes")), 12),  # R73
    ("E-VENDOR-CAPF", head() + phone(body=SECURE + "cert_mode = lsc\n"), 18),
    ("E-COP-INVALID", head() + phone(body=SECURE.replace("digest = yes", "digest = no")), 17),    # R81
    ("E-COP-INVALID", head() + phone(body=SECURE.replace("tls_to_cucm = yes", "tls_to_cucm = no")), 15),
    ("E-CATALOGUE-TRUST", head() + phone(body=without(TRUSTED, "criteria_hardening")), 20),       # R37
    ("E-CATALOGUE-TRUST", head() + phone(body=TRUSTED.replace('"report 3"', '""')), 20),
    ("E-CATALOGUE-TRUST", head() + phone(body=TRUSTED), 20),                                      # not signed
    ("E-CATALOGUE-TRUST", head() + phone(body=TRUSTED.replace("srtp = yes", "srtp = no")), 20),
]


@test("R80, R61, R72, R73, R37: what is malformed or contradictory is refused whole, by line")
def refusals():
    site = Site()
    for code, text, line in MALFORMED + CONTRADICTORY:
        try:
            site.refused(code, text, line)
            # one good type beside the bad one does not come in either
            if line > 1:
                site.refused(code, text + phone("Acme Good", number=9), line)
        except (AssertionError, lib.RpcError):
            print("#", code, line, repr(text))
            raise
    for bad in (b"\xff\xfe", b"[pack]\n\0"):
        cli.refused(site.cli("type", "import", site.file(bad)), "E-COP-INVALID")
    cli.refused(site.cli("type", "import", site.path("nowhere.ini")), "E-IO", 5)
    equal([m for m in site.models() if m.startswith("Acme")], [])


@test("R37: a claim of trust names the type and every criterion that is missing")
def criteria():
    site = Site()
    text = head() + phone(body=without(without(TRUSTED, "criteria_hardening"), "criteria_assurance"))
    contains(site.refused("E-CATALOGUE-TRUST", text).message, "Acme 1", "hardening, assurance")
    contains(site.refused("E-CATALOGUE-TRUST", head() + phone(body=TRUSTED)).message, "Acme 1",
             "not signed")


@test("R77, R78: a type is there after its import and not before, and comes in no other way")
def one_way():
    site = Site()
    add = dict(name="SEP0000000A0001", type="Acme 1", protocol="SIP")
    fails("E-UNKNOWN-TYPE", site.add, "phone", **add)
    fails("E-TYPE-NEEDS-COP", site.add, "type", model="Acme 1")
    fails("E-TRUST-READONLY", site.add, "type", model="Acme 1", trusted="yes")
    fails("E-TYPE-NEEDS-COP", site.c.call, "import.begin", kind="type")
    assert "Acme 1" not in site.models()
    came = site.import_(head() + phone(body=SECURE + "instructions = \"One; Two\"\ninstructions_1 = Three\n"))
    equal((came["pack"], came["version"], came["devices"], came["warnings"]), ("acme", "1", 0, []))
    equal(came["types"], [{"model": "Acme 1", "what": "added"}])
    assert "Acme 1" in site.models()
    shown = site.c.call("object.show", kind="type", name="Acme 1")
    equal((shown["pack"], shown["vendor"], shown["instructions"]), ("acme 1", "Acme", ["One", "Two", "Three"]))
    contains(cli.done(site.cli("type", "show", "Acme 1")).out, "  1. One\n  2. Two\n  3. Three\n")
    fails("E-TYPE-NEEDS-COP", site.c.call, "object.set", kind="type", name="Acme 1", values={"note": "x"})
    fails("E-TRUST-READONLY", site.c.call, "object.set", kind="type", name="Acme 1", values={"trusted": "yes"})
    equal(site.add("phone", **add)["profile"], "Acme 1 - Standard SIP Non-Secure Profile")  # R2
    equal([e["what"] for e in site.audit(4)][::-1], ["type import", "type add", "profile add", "phone add"])
    equal(site.c.call("audit.verify")["ok"], True)


@test("R80: the same again changes nothing; other data, a lower version and foreign types are refused")
def versions():
    site = Site()
    two = head(version="1.9") + phone() + phone("Acme 2", number=2, body=PLAIN)
    site.import_(two)
    before = site.state()
    again = cli.done(site.cli("type", "import", site.file("; another comment\n" + two)))
    contains(again.out, "nothing changed")
    equal(site.state(), before)
    other = two.replace("srtp = yes", "srtp = no")
    contains(site.refused("E-COP-INVALID", other, 16).message, "srtp", "Acme 1", "higher version")
    contains(site.refused("E-COP-INVALID", head(version="1.9") + phone(), 3).message, "Acme 2")
    contains(site.refused("E-COP-INVALID", head(version="1.8.7") + phone(), 3).message, "lower than 1.9")
    site.refused("E-COP-INVALID", head("other") + phone("ACME 1"), 7)        # another pack's
    site.refused("E-COP-INVALID", head("other") + phone("Cisco 8841"), 7)    # the shipped catalogue's
    site.refused("E-COP-INVALID", head("cisco-8800", "2") + phone("Acme 3"), 2)
    came = site.import_(head("ACME", "1.10") + other.split("\n", 5)[5])
    equal([t["what"] for t in came["types"]], ["changed", "same"])
    equal({t["pack"] for t in site.rows("type") if t["model"].startswith("Acme")}, {"ACME 1.10"})
    came = site.import_(head(version="2") + phone(body=SECURE.replace("srtp = yes", "srtp = no")))
    equal([t["what"] for t in came["types"]], ["same", "removed"])
    assert "Acme 2" not in site.models()
    assert not any(p["type"] == "Acme 2" for p in site.rows("profile"))


@test("R85: a type in use stays; a type that was imported goes with its predefined profiles")
def removing():
    site = Site()
    site.import_(head() + phone() + phone("Acme 2", number=2))
    site.add("phone", name="SEP0000000A0001", type="Acme 1", protocol="SIP")
    site.add("profile", name="lock", type="Acme 1", mode="nonsecure")
    before = site.state()
    refused = cli.refused(site.cli("type", "remove", "Acme 1"), "E-TYPE-IN-USE")
    contains(refused.err, "1 phone, 0 gateways and 1 profile.")
    site.refused("E-TYPE-IN-USE", head(version="2") + phone("Acme 2"), 3)
    cli.refused(site.cli("type", "remove", "Cisco 8851"), "E-READONLY")
    equal(site.state(), before)
    cli.done(site.cli("phone", "remove", "SEP0000000A0001"))
    cli.done(site.cli("profile", "remove", "lock"))
    cli.done(site.cli("type", "remove", "Acme 1"))
    equal([e["what"] for e in site.audit(2)], ["type remove", "profile remove"])
    equal([m for m in site.models() if m.startswith("Acme")], ["Acme 2"])
    site.import_(head() + phone() + phone("Acme 2", number=2))  # comes back
    for model in ("Acme 1", "Acme 2"):
        cli.done(site.cli("type", "remove", model))
    site.import_(head(version="0.1") + phone())  # nothing is left that it could be lower than


@test("a higher version that contradicts profiles or devices in use is refused, and names them")
def contradicted():
    site = Site()
    site.c.call("cluster.mode", mode="mixed")
    site.import_(head() + phone(protocols="SIP;SCCP", body=SECURE + "cert_mode = per-device\n"))
    site.add("profile", name="digest on", type="Acme 1", protocol="SIP", digest="yes")
    site.add("profile", name="lock", type="Acme 1", protocol="SIP", mode="encrypted")
    site.add("phone", name="SEP0000000A0001", type="Acme 1", protocol="SCCP")

    def second(body=SECURE + "cert_mode = per-device\n", **other):
        return head(version="2") + phone(body=body, **dict({"protocols": "SIP;SCCP"}, **other))

    e = site.refused("E-TYPE-PROTOCOL", second(protocols="SIP"), 9)
    contains(e.message, "SEP0000000A0001", "SCCP")
    e = site.refused("E-TYPE-CLASS", second(kind="gateway"))
    assert any("SEP0000000A0001" in p["message"] for p in e.data["problems"]), e.data
    assert any("profile digest on" in p["message"] for p in e.data["problems"]), e.data
    per_device = SECURE + "cert_mode = per-device\n"
    for code, body, line in [
            ("E-MODE-UNSUPPORTED", per_device.replace("encryption = yes", "encryption = no"), 14),
            ("E-COP-NO-SECURITY", per_device.replace("encryption = yes\n", "").replace("authentication = yes\n", ""), 6),
            ("E-CERT-MODE", per_device.replace("per-device", "shared"), 18)]:
        e = site.refused(code, second(body=body), line)
        contains(e.message, "profile lock")
        contains(e.data["remedy"], "keep version 1")
    came = site.import_(second(body=per_device + "enc_config = yes\n"))
    equal(came["types"], [{"model": "Acme 1", "what": "changed"}])
    equal(site.c.call("object.show", kind="profile", name="lock")["encrypted_config"], False)
    cli.done(site.cli("phone", "remove", "SEP0000000A0001"))
    site.import_(head(version="3") + phone(body=per_device))  # SCCP goes, with its predefined profile
    equal(sorted(p["name"] for p in site.rows("profile") if p["type"] == "Acme 1"),
          ["Acme 1 - Standard SIP Non-Secure Profile", "digest on", "lock"])


@test("R79: where a pack enables no security, a secure mode is refused; digest is always offered (R81)")
def no_security():
    site = Site()
    site.c.call("cluster.mode", mode="mixed")
    none = SECURE.replace("authentication = yes\nencryption = yes\n", "")
    site.import_(head() + phone(body=none) + phone("Acme 2", number=2, body=none.replace("tls_to_cucm = yes", "tls_to_cucm = no")))
    for model in ("Acme 1", "Acme 2"):
        for mode in ("authenticated", "encrypted"):
            fails("E-COP-NO-SECURITY", site.add, "profile", name="p", type=model, mode=mode)
            csv = site.file("name,type,protocol,mode\np,%s,SIP,%s\n" % (model, mode), "p.csv")
            refused = site.cli("import", "profiles", csv)
            equal(refused.status, 1)
            contains(refused.err, "E-COP-NO-SECURITY")
        site.add("profile", name=model, type=model, digest="yes")
        fails("E-COP-NO-SECURITY", site.c.call, "object.set", kind="profile", name=model,
              values={"mode": "encrypted"})
    fails("E-NO-TLS", site.add, "profile", name="p", type="Third-party SIP Device (Basic)", mode="encrypted")


class Signer:
    def __init__(self, site, maker, upload=True, **cert):
        self.maker, self.site = maker, site
        self.cert = maker.cert("Signer %d" % maker.n, **cert)
        if upload:
            site.c.call("cert.upload", data=self.cert.pem, file="signer.pem", store="pack-signers",
                        name="Signer %s" % self.cert.fingerprint[:8])

    def sign(self, text, *options):
        path, out = self.site.file(text, "tosign"), self.maker.path("signature")
        self.maker.certtool("--p7-detached-sign", "--load-privkey", self.cert.key, "--load-certificate",
                            self.cert.path, "--infile", path, "--outfile", out, *options)
        with open(out, "rb") as f:
            return f.read()


@test("R37: a signature by one of the store pack-signers, over these bytes, valid now - nothing else")
def signatures():
    site, maker = Site(), certs.Maker()
    text = head() + phone(body=TRUSTED)
    good, other = Signer(site, maker), Signer(site, maker, upload=False)
    elsewhere = maker.cert("Elsewhere")
    site.c.call("cert.upload", data=elsewhere.pem, file="x.pem")  # CallManager-trust signs no packs
    stranger = Signer(site, maker, upload=False)
    stranger.cert = elsewhere
    bad = [(other.sign(text), "nobody"), (stranger.sign(text), "nobody"), (good.sign(text + "; x\n"), "other bytes"),
           (b"no signature", "cannot be read"), (b"", "cannot be read"), (good.sign(text, "--hash", "SHA1"), "broken"),
           (good.sign(text, "--outder")[:-9], "cannot be read")]
    for signature, why in bad:
        e = site.refused("E-CATALOGUE-TRUST", text, 20, signature=as_param(signature))
        contains(e.message, "Acme 1", why)
        site.refused("E-COP-INVALID", head() + phone(), 2, signature=as_param(signature))
    path, p7s = site.file(text), site.file(other.sign(text), "pack.ini.p7s")
    contains(cli.refused(site.cli("type", "import", path), "E-CATALOGUE-TRUST").err, "nobody")
    site.file(good.sign(text), "good.p7s")
    done = cli.done(site.cli("type", "import", path, "--signature", os.path.join(site.base, "good.p7s"), "--json"))
    equal(done.json()["types"], [{"model": "Acme 1", "what": "added"}])
    equal(site.c.call("object.show", kind="type", name="Acme 1")["trusted"], True)
    entry = [e for e in site.audit() if e["what"] == "type import"][0]
    equal(entry["after"]["signer"], "Signer " + good.cert.fingerprint[:8])
    os.unlink(p7s)
    # DER, found beside the pack
    text = text.replace("version = 1", "version = 2")
    path = site.file(text)
    cli.refused(site.cli("type", "import", path), "E-CATALOGUE-TRUST")
    site.file(good.sign(text, "--outder"), "pack.ini.p7s")
    cli.done(site.cli("type", "import", path))
    # as OpenSSL labels it
    text = text.replace("version = 2", "version = 3")
    cms = good.sign(text).replace(b" PKCS7-", b" CMS-")
    contains(cms.decode(), "-----BEGIN CMS-----", "-----END CMS-----")
    site.c.call("type.import", pack=text, file="pack.ini", signature=cms.decode())
    # a signer that was removed
    site.c.call("object.remove", kind="cert", name="Signer " + good.cert.fingerprint[:8])
    text = text.replace("version = 3", "version = 4")
    contains(site.refused("E-CATALOGUE-TRUST", text, 20, signature=good.sign(text).decode()).message, "nobody")


@test("a signer whose certificate has ended vouches for nothing more")
def outdated():
    site, maker = Site(), certs.Maker()
    text = head() + phone(body=TRUSTED)
    for seconds in (4, 8, 16, 32):  # a slow machine needs longer to upload it while it is valid
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        try:
            signer = Signer(site, maker, ends=end.strftime("%Y-%m-%d %H:%M:%S"))
            break
        except lib.RpcError as e:
            equal(e.code, "E-CERT-DATES")
    signature = signer.sign(text)
    lib.poll(lambda: datetime.datetime.now(datetime.timezone.utc) > end + datetime.timedelta(seconds=1))
    contains(site.refused("E-CATALOGUE-TRUST", text, 20, signature=as_param(signature)).message, "not valid now")


@test("R43: where an import changes trust, every device is decided anew, one entry each; a loss needs a yes")
def trust_changes():
    site, maker = Site(), certs.Maker()
    signer = Signer(site, maker)
    trusted = head() + phone(body=TRUSTED) + phone("Acme GW", number=2, kind="gateway", body=PLAIN)
    site.import_(trusted, signature=signer.sign(trusted).decode())
    names = ["SEP0000000A000%d" % i for i in range(1, 6)]
    for name in names:
        equal(site.add("phone", name=name, type="Acme 1", protocol="SIP")["trusted"], True)
    lost = trusted.replace("trusted = yes", "trusted = no").replace("version = 1", "version = 2")
    e = site.refused("W-TRUST-LOST", lost, 20)
    contains(e.message, "5 devices", ", ".join(names[:3]) + " and 2 more.")
    came = cli.done(site.cli("type", "import", site.file(lost), "--accept", "W-TRUST-LOST"))
    contains(came.out, "decided anew for 5 devices")
    contains(came.err, "W-TRUST-LOST")
    rows = site.audit()
    decided = [r for r in rows if r["what"] == "phone trust"]
    equal(sorted(r["object"] for r in decided), ["phone " + n for n in names])
    for r in decided:
        equal((r["before"], r["after"]), ({"trust": "Device is trusted"}, {"trust": "Device is not trusted"}))
    equal([r["accepted"] for r in rows if r["what"] == "type set" and r["object"] == "type Acme 1"],
          [["W-TRUST-LOST"]])
    equal(site.c.call("object.show", kind="phone", name=names[0])["trust_message"], "Device is not trusted")
    gained = trusted.replace("version = 1", "version = 3")
    equal(site.import_(gained, signature=signer.sign(gained).decode())["devices"], 5)
    equal(site.c.call("object.show", kind="phone", name=names[0])["trust_message"], "Device is trusted")
    equal(site.c.call("audit.verify")["ok"], True)


@test("R43: a running call opens when its phones lose trust by an import, and locks when they gain it")
def live():
    site, maker = Site({"hep.key": KEY}), certs.Maker()
    signer = Signer(site, maker)
    desk = ("vendor = Cisco\nsecurity_class = secure-cisco\nhas_mic = yes\nlsc_capf = yes\nauthentication = yes\n"
            "encryption = yes\ntls_to_cucm = yes\nsrtp = yes\nlock_icon = yes\n%s")
    with_trust = "trusted = yes\n" + CRITERIA

    def bring(version, trust):
        text = head("desk", version) + phone("Cisco 0000", desk % trust, kind="phone")
        site.import_(text, signature=as_param(signer.sign(text)), accept=["W-TRUST-LOST"])

    bring("1", with_trust)
    equal(lib.trusted_type(site.c), "Cisco 0000")
    lib.lab_devices(site.c)
    feed = Feed(site.c, "udp")
    feed.send(lib.recording(os.path.join(FOLDERS[0], "06-downgrade.hep"))[:18])

    def state_of_call():
        return [state(c) for c in site.c.call("call.list")["rows"]]

    lib.poll(state_of_call, ["lock"])
    bring("2", "trusted = no\n")
    equal(state_of_call(), ["unlock"])
    call = site.c.call("call.list")["rows"][0]
    equal((call["criteria"]["trusted"], {r["code"] for r in call["reasons"]}), (False, {"E-DEVICE-NOT-TRUSTED"}))
    bring("3", with_trust)
    equal(state_of_call(), ["lock"])
    feed.close()


@test("the shipped packs of preferred vendors come in, the samples by their signer alone")
def shipped():
    site = Site()
    for name in sorted(os.listdir(certs.VENDOR_PACKS)):
        if name.endswith(".ini") and not name.startswith("sample-"):
            cli.done(site.cli("type", "import", os.path.join(certs.VENDOR_PACKS, name)))
    samples = certs.sample_packs()
    equal(len(samples), 2)
    for path in samples:
        cli.refused(site.cli("type", "import", path), "E-CATALOGUE-TRUST")
    models = certs.import_samples(site.c)
    equal(sorted(models), ["per-device", "shared"])
    for model in models.values():
        t = site.c.call("object.show", kind="type", name=model)
        contains(t["model"] + t["vendor"], "Sample ", "Sample Vendor")
        equal((t["trusted"], t["lock_icon"]), (True, True))
        assert t["instructions"] and "invented" in t["criteria"], t


@test("the example of ringlock-pack(5) is what it says")
def example():
    site, maker = Site(), certs.Maker()
    with open(os.path.join(lib.ROOT, "man", "ringlock-pack.5")) as f:
        text = f.read().split(".Sh EXAMPLES")[1].split(".Bd -literal -offset indent\n")[1].split(".Ed\n")[0]
    signature = Signer(site, maker).sign(text).decode()
    equal(site.import_(text, signature=signature)["types"], [{"model": "Example D10", "what": "added"}])


lib.run()
