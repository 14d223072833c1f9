"""Phones that enrol by CAPF through the real port: every mode, key and failure; kill -9 in between."""
import contextlib, hashlib, os, signal, sqlite3, ssl

import lib
from captures import KEY
from cli import done, on, refused
from enrol import BOTH, port
from lib import Site, contains, equal, poll, test
from phone_capf import (KEYGEN_REQUEST, KEYGEN_RESPONSE, PUBLIC_KEY, REASON, STORE_REQUEST, CapfClient, Message, lies,
                        new_key)
from phone_x509 import Certificate, Key, openssl
from talk import CALLEE, CALLER, Talk, is_shown, shows

MODEL, NAME, STRING = "Cisco 8861", "SEP001122334455", "8675309421"
VECTORS = os.path.join(lib.ROOT, "tests", "vectors", "trust", "certs")


class Enrolling(Site):
    """A site in which phones may enrol, and its phones of the profile `desk`."""

    def __init__(self, names=(NAME,), conf=None, **profile):
        super().__init__(dict(BOTH, **(conf or {})))
        self.start()
        self.c = self.client()
        self.to = ("127.0.0.1", port(self.c, "capf"))
        values = dict({"name": "desk", "type": MODEL}, **profile)
        self.c.call("object.add", kind="profile", values=values, accept=["W-KEY-SIZE"])
        for name in names:
            self.c.call("object.add", kind="phone", values={
                "name": name, "type": MODEL, "profile": "desk", "lines": [name[-4:]]})

    def again(self):
        self.start()
        self.c = self.client()
        self.to = ("127.0.0.1", port(self.c, "capf"))

    def profile(self, **values):
        self.c.call("object.set", kind="profile", name="desk", values=values, accept=["W-KEY-SIZE"])

    def order(self, operation="install", name=NAME, **more):
        item = self.c.call("capf.set", names=[name], operation=operation, **more)["items"][0]
        assert item["done"], item
        return item

    def phone(self, name=NAME, **options):
        return CapfClient(self.to, name, **options)

    def told(self, name=NAME):
        return self.c.call("capf.show", name=name)

    def status(self, wanted, name=NAME):
        poll(lambda: self.told(name)["status_text"], wanted)

    def filed(self, name=NAME):
        return {r["origin"]: r for r in self.c.call("object.show", kind="phone", name=name)["certificates"]}

    def trust(self, pem):
        self.c.call("cert.upload", data=pem, file="ca.pem", store="CAPF-trust")


def vector(name):
    path = os.path.join(VECTORS, name)
    return Certificate.of_file(path), Key.of_file(path)


def enrolled(site, **options):
    """Install an LSC; what the phone has then."""
    site.order()
    out = site.phone(**options).run()
    equal(out.reason, 1)
    site.status("Upgrade Success")
    return out


def encrypted_for(site, certificate):
    """Nothing is due, and the phone's file is for this certificate."""
    def told():
        files = site.c.call("phone.files", name=NAME)
        return files["due"], files["certificate"]
    poll(told, (False, hashlib.sha256(certificate.der).hexdigest()))


@test("RSA of every size and EC on every curve: the LSC names the phone, and CAPF as who made it")
def keys():
    site = Enrolling()
    orders = [("rsa", b) for b in (512, 1024, 2048, 3072, 4096)] + [("ec", b) for b in (256, 384, 521)]
    before = None
    for kind, bits in orders:
        site.profile(**{"key_order": kind, kind + "_size": str(bits)})
        out = enrolled(site)
        equal(out.ordered, (kind, bits))
        lsc = out.certificate
        equal(lsc.issuer.comma(), out.server.subject.comma())
        text = openssl("x509", "-inform", "DER", "-noout", "-text", data=lsc.der).decode()
        contains(text, "CN = " + NAME, "URI:" + NAME, "CA:FALSE", "Digital Signature, Key Encipherment",
                 "TLS Web Server Authentication, TLS Web Client Authentication, IPSec End System",
                 "sha256WithRSAEncryption")
        assert before != lsc.der
        before = lsc.der
        filed = site.filed()
        equal(list(filed), ["capf"])
        equal((filed["capf"]["device"], filed["capf"]["key_bits"]), (NAME, bits))
    entries = site.c.call("audit.list", object=NAME, kind="phone")["rows"]
    equal((entries[0]["what"], entries[0]["who"], entries[0]["after"]["proven_by"]),
          ("capf.done", "capf", "null-string"))


@test("by string: the right one, once; wrong ones end in a lock-out that the status tells")
def strings():
    site = Enrolling(auth_mode="string", conf={"capf.tries": "3", "capf.lock_time": "2s"})
    site.order(string=STRING)
    for password in (STRING[:-1] + "9", STRING[1:], ""):
        equal(site.phone(password=password).run().reason, 7)
    equal(site.told()["tries"], 2)  # an empty one is no try
    equal(site.told()["status_text"], "Upgrade Failed: Invalid Authentication String")
    equal(site.phone(password="0000").run().reason, 7)
    assert site.told()["locked_until"]
    equal(site.phone(password=STRING).run().reason, 7)
    poll(lambda: site.phone(password=STRING).run().reason, 1)
    site.status("Upgrade Success")
    equal(site.phone(password=STRING).run().reason, 0)
    with open(site.path("log", "audit.log")) as f:
        assert STRING not in f.read() + site.log()


@test("an address that fails for many phones is locked out, whoever it says it is")
def address():
    names = ["SEP%012d" % i for i in range(6)]
    site = Enrolling(names, conf={"capf.address_tries": "4"}, auth_mode="string")
    for name in names:
        site.order(name=name, string=STRING)
    for name in names[:4]:
        equal(site.phone(name, password="0815").run().reason, 7)
    out = site.phone(names[5], password=STRING).run()
    equal((out.reason, len(out.messages)), (7, 1 if out.messages[0].command == 15 else 2))
    equal(site.c.call("status")["capf"]["locked_addresses"], 1)
    equal(site.told(names[5])["status"], "pending")


@test("by LSC and by MIC: what is proven, of whom, by which of the two, and whether it is fresh")
def certificates():
    site = Enrolling(auth_mode="null-string")
    mic, mic_key = vector("mic.pem")
    site.trust(vector("mfg-ca.pem")[0].pem())
    first = enrolled(site)
    site.profile(auth_mode="lsc")
    own = {"certificate": first.certificate, "key": first.key}
    out = enrolled(site, **own)
    entry = site.c.call("audit.list", object=NAME, kind="phone", limit=1)["rows"][0]["after"]
    equal((entry["proven_by"], entry["fresh"]), ("lsc", False))
    # the one before was taken off file when the new one was there
    site.order()
    equal(site.phone(**own).run().reason, 7)
    site.status("Upgrade Failed: Invalid LSC")
    own = {"certificate": out.certificate, "key": out.key}
    equal(site.phone(certificate=own["certificate"], key=new_key(("rsa", 2048), False)).run().reason, 7)
    other, other_key = vector("lsc-other-device.pem")
    equal(site.phone(certificate=other, key=other_key).run().reason, 7)
    rogue, rogue_key = vector("rogue-lsc.pem")
    equal(site.phone(certificate=rogue, key=rogue_key).run().reason, 7)
    equal(site.phone().run().reason, 7)
    site.status("Upgrade Failed: Invalid Credentials")
    site.order()  # begins the tries anew
    out = enrolled(site, sudi=(mic, mic_key), **own)
    entry = site.c.call("audit.list", object=NAME, kind="phone", limit=1)["rows"][0]["after"]
    equal((entry["proven_by"], entry["fresh"]), ("lsc", True))
    site.profile(auth_mode="mic")
    out = enrolled(site, certificate=mic, key=mic_key)
    told = site.told()
    equal((told["lsc"], told["mic"]), (True, True))
    # another phone's MIC, and one signed for another session, prove nothing
    site.order()
    equal(site.phone(certificate=out.certificate, key=out.key, sudi=(mic, out.key)).run().reason, 7)
    site.status("Upgrade Failed: Invalid MIC")


@test("blocks that are padded otherwise, or hold more than the hash, prove nothing")
def padding():
    site = Enrolling(auth_mode="lsc", conf={"capf.tries": "100", "capf.address_tries": "1000"})
    site.profile(auth_mode="null-string")
    first = enrolled(site)
    site.profile(auth_mode="lsc")
    site.order()

    class Padded(Key):
        def __init__(self, key, form):
            self.__dict__ = dict(key.__dict__)
            self.form = form

        def sign_bare(self, code, data):
            import hashlib
            digest = {1: hashlib.sha1, 3: hashlib.sha512}[code](data).digest()
            size = 256
            if self.form == "garbage":
                block = b"\0" + b"\x77" * (size - 1 - len(digest)) + digest
            elif self.form == "short":
                block = b"\0\1" + b"\xff" * 20 + b"\0" + b"\x55" * (size - 23 - len(digest)) + digest
            elif self.form == "type 2":
                block = b"\0\2" + b"\xff" * (size - 3 - len(digest)) + b"\0" + digest
            else:
                return self.sign(code, data)  # with DigestInfo: as good
            return self.power(block)

    for form, reason in (("garbage", 7), ("short", 7), ("type 2", 7), ("info", 1)):
        out = site.phone(certificate=first.certificate, key=Padded(first.key, form)).run()
        equal((form, out.reason), (form, reason))


@test("a key of another size or kind, none, rubbish, and one with something behind it are not certified")
def wrong_keys():
    site = Enrolling(conf={"capf.address_tries": "1000"})
    site.order()
    good = new_key(("rsa", 2048))

    def sends(spki):
        return site.phone(hook=lies(KEYGEN_REQUEST, lambda session: Message(
            KEYGEN_RESPONSE, session, [(PUBLIC_KEY, spki)]).bytes())).run().reason

    equal(sends(new_key(("rsa", 1024)).spki), 7)
    equal(sends(new_key(("ec", 256)).spki), 7)
    equal(sends(good.spki + b"\0"), 7)
    equal(sends(b"\x30\x82" + os.urandom(290)), 7)
    equal(site.phone(failed=7).run().reason, 7)
    site.status("Upgrade Failed: Key Generation Failed/Timeout")
    equal(site.filed(), {})
    equal(site.phone(make=lambda kind: good).run().reason, 1)


@test("EC where it can be, RSA where the phone makes no EC key; EC alone says that it could not")
def backup():
    site = Enrolling(key_order="ec-rsa", ec_size="256", rsa_size="2048")
    site.order()
    tried = []

    def hook(tls, message):
        if message.command == KEYGEN_REQUEST and message.get(17, b"\0") == b"\1":
            tried.append("ec")
            tls.send(Message(KEYGEN_RESPONSE, message.session, [(REASON, b"\7")]))
            return True
        return False

    out = site.phone(hook=hook).run()
    equal((out.reason, out.ordered, tried), (1, ("rsa", 2048), ["ec"]))
    site.profile(key_order="ec")
    site.order()
    equal(site.phone(failed=7).run().reason, 7)
    site.status("Upgrade Failed: No Support for EC only in CAPF version 3")


@test("delete takes the LSC off file, troubleshoot reads back what is there; both tell what is installed")
def others():
    site = Enrolling()
    site.trust(vector("mfg-ca.pem")[0].pem())
    out = enrolled(site)
    site.order("troubleshoot")
    equal(site.phone(has=out.certificate).run().reason, 0)
    site.status("Troubleshoot Success")
    site.order("delete")
    equal(site.phone(has=out.certificate).run().reason, 1)
    site.status("Delete Success")
    equal((site.filed(), site.told()["lsc"]), ({}, False))
    site.order("troubleshoot")
    equal(site.phone(has=vector("mic.pem")[0]).run().reason, 0)
    site.status("Troubleshoot Success")
    equal((list(site.filed()), site.told()["mic"]), (["mic"], True))
    site.order("troubleshoot")
    equal(site.phone().run().reason, 0)
    site.status("Troubleshoot Failed: Invalid LSC")
    equal(site.told()["operation"], "troubleshoot")
    contains(done(on(site)("phone", "security", NAME)).out, "MIC installed", "LSC installed")


@test("who is not known, has nothing to do, or comes too late is told so; Jabber's own order is taken")
def ends():
    site = Enrolling((NAME, "CSFALICE"))
    equal(site.phone("SEPFFFFFFFFFFFF").run().reason, 9)
    equal(site.phone("x" * 200).run().reason, 9)
    equal(site.phone().run().reason, 0)
    site.order(name="CSFALICE")
    out = site.phone("CSFALICE", jabber=True, version=2, progress=0).run()
    equal(out.reason, 1)
    site.status("Upgrade Success", "CSFALICE")


@test("a phone that is lost after its LSC was sent has both, until it comes again; kill -9 changes nothing of it")
def lost():
    site = Enrolling(encrypted_config="yes")
    done(on(site)("publish", "--all"))
    first = enrolled(site)
    encrypted_for(site, first.certificate)
    site.order()

    def go(tls, message):
        if message.command == STORE_REQUEST:
            raise ConnectionAbortedError
        return False

    def lose():
        try:
            site.phone(hook=go).run()
        except ConnectionAbortedError:
            return
        raise AssertionError("no LSC came")

    lose()
    site.status("Upgrade Failed: Phone Communication Failure")
    equal(len(site.c.call("object.show", kind="phone", name=NAME)["certificates"]), 2)
    contains(done(on(site)("capf", "show", NAME)).out, "both the new and the old one count")
    encrypted_for(site, first.certificate)

    def die(tls, message):
        if message.command == STORE_REQUEST:
            site.stop(signal.SIGKILL)
            raise ConnectionAbortedError
        return False

    try:
        site.phone(hook=die).run()
    except ConnectionAbortedError:
        pass
    site.again()
    told = site.told()
    assert told["lsc_sent"] and told["operation"] == "install", told
    assert len(site.c.call("object.show", kind="phone", name=NAME)["certificates"]) >= 2
    out = site.phone().run()
    equal(out.reason, 1)
    site.status("Upgrade Success")
    certificates = site.c.call("object.show", kind="phone", name=NAME)["certificates"]
    equal(len(certificates), 1)
    equal(site.told()["lsc_sent"], None)
    encrypted_for(site, out.certificate)
    assert site.c.call("audit.verify")["ok"]


@test("a hundred phones at once, each with its own; a phone that comes twice has the later session")
def many():
    import threading
    names = ["SEP%012d" % i for i in range(100)]
    site = Enrolling(names)
    site.c.call("capf.set", names=names, operation="install")
    new_key(("rsa", 2048))
    outs = {}
    threads = [threading.Thread(target=lambda n=n: outs.update({n: site.phone(n).run()})) for n in names]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal({o.reason for o in outs.values()}, {1})
    equal(len({o.certificate.der for o in outs.values()}), 100)
    for name in names[::10]:
        contains(outs[name].certificate.subject.comma(), "CN=" + name)
    poll(lambda: len(site.c.call("capf.list", status="success", limit=500)["rows"]), 100)


@test("an LSC that is two thirds old is due, and is ordered by itself where the configuration says so")
def renewal():
    site = Enrolling((NAME, "SEP000000000002"), conf={"capf.renew": "automatic"})
    for name in (NAME, "SEP000000000002"):
        site.order(name=name)
        equal(site.phone(name).run().reason, 1)
        site.status("Upgrade Success", name)
    assert site.told()["renew_at"] > "2026"
    site.c.call("object.add", kind="profile", values={"name": "typed", "type": MODEL, "auth_mode": "string"})
    site.c.call("object.set", kind="phone", name="SEP000000000002", values={"profile": "typed"})
    site.stop()
    with contextlib.closing(sqlite3.connect(site.path("site.db"))) as db, db:
        db.execute("UPDATE capf SET renew_at = '2020-01-01T00:00:00Z'")
    site.again()
    poll(lambda: site.told()["operation"], "install")
    equal(site.c.call("status")["capf"]["due"], 1)  # somebody has to type at the other
    equal([r["phone"] for r in done(on(site)("capf", "list", "--due", "--json")).json()], ["SEP000000000002"])
    refused(on(site)("capf", "list", "--due", "--pending"), "E-USAGE", 2)
    equal(site.c.call("capf.list", due=True, after="SEP000000000002")["rows"], [])
    equal(site.told("SEP000000000002")["operation"], "none")
    equal(site.phone().run().reason, 1)
    site.status("Upgrade Success")
    assert site.told()["renew_at"] > "2026"


@test("releases before 11.5(1)SU1 sign with SHA-1 (R131); the model stands in the name when it shall")
def release():
    site = Enrolling(conf={"capf.release": "11.5(1)", "capf.lsc_subject": "model", "capf.lsc_days": "30"})
    out = enrolled(site)
    text = openssl("x509", "-inform", "DER", "-noout", "-text", data=out.certificate.der).decode()
    contains(text, "sha1WithRSAEncryption", "CN = CP-8861-" + NAME)
    bad = Site({"capf.release": "11.5 SU1"})
    status, _, err = lib.ringlockd("--check-config", "--site", bad.dir)
    equal(status, 2)
    contains(err, "E-RELEASE")


def seen(certificate, **more):
    """What the SIP server tells of a phone that presents it."""
    pem = ssl.DER_cert_to_PEM_cert(certificate.der).encode()
    return shows(None, fp=hashlib.sha256(pem).hexdigest(), verified="1" if more.pop("verified", False) else "0", **more)


@test("calls of phones that were enrolled lock by their LSCs; the one before, and a MIC that nobody checks, do not")
def calls():
    names = [CALLER, CALLEE]
    site = Enrolling(names, conf={"hep.key": KEY})
    site.c.call("cluster.mode", mode="mixed")
    lscs = {}
    for name in names:
        site.order(name=name)
        lscs[name] = site.phone(name).run().certificate
        site.status("Upgrade Success", name)
    site.profile(mode="encrypted")
    talk = Talk(site.c)
    told = {name: seen(lscs[name]) for name in names}
    is_shown(talk.call(told), "lock")
    talk.hang_up()
    is_shown(talk.call(dict(told, **{CALLER: seen(lscs[CALLEE])})), "unlock", "E-SIG-CERT-OTHER")
    talk.hang_up()
    # a MIC that the SIP server verified is as good as before the phone had an LSC
    mic = vector("mic.pem")[0]
    is_shown(talk.call(dict(told, **{CALLER: seen(mic, verified=True, cn="CP-8861-" + CALLER)})), "lock")
    talk.hang_up()
    site.order(name=CALLER)
    new = site.phone(CALLER).run().certificate
    site.status("Upgrade Success", CALLER)
    is_shown(talk.call(told), "unlock", "E-SIG-CERT-REMOVED")
    talk.hang_up()
    is_shown(talk.call(dict(told, **{CALLER: seen(new)})), "lock")


lib.run()
