#!/usr/bin/env python3
"""Each remedy that a reason names, applied, makes the reason go away: a call is played, the remedy is applied by the
command that its sentence names, or by mending the phone, and the call is played again."""
import os, re, signal, sqlite3, time

import certs, cli, lib, talk
from captures import KEY
from lib import DATA, ROOT, Site, contains, equal, poll, test, trusted_type
from talk import ANSWERED, CALLEE, CALLER, SECURE, Talk, reasons, shows

WARNINGS = ("W-SECURITY-LOST", "W-CLUSTER-NONSECURE", "W-TRUST-UNKNOWN", "W-NO-SAN", "W-TRUST-LOST")
ACCEPT = [word for code in WARNINGS for word in ("--accept", code)]
provoked = set()


def recorded(name):
    return os.path.join(DATA if name[0].isdigit() else os.path.join(ROOT, "tests"), "captures", name + ".hep")


class Bench:
    """A site with two phones of a type, and calls between them."""

    def __init__(self, model=None, profile="enc", **conf):
        self.site = Site(dict({"hep.key": KEY}, **conf)).start()
        self.run, self.client = cli.on(self.site), self.site.client()
        self.do("cluster", "mode", "mixed")
        self.model = model or trusted_type(self.client)
        self.make = certs.Maker()

    def do(self, *words):
        accept = ACCEPT if words[0] in ("phone", "profile") and words[1] in ("add", "set") else []
        return cli.done(self.run(*words, *accept))

    def profile(self, name, mode, model=None):
        self.do("profile", "add", name, "--type", model or self.model, "--mode", mode)

    def phone(self, name, profile, model=None):
        self.do("phone", "add", name, "--type", model or self.model, "--profile", profile, "--lines", name[-4:])

    def phones(self, profile="enc", mode="encrypted", model=None):
        self.profile(profile, mode, model)
        for name in (CALLER, CALLEE):
            self.phone(name, profile, model)
        return self

    def talks(self, path=SECURE, **kw):
        return Talk(self.client, path, **kw)


def holds(call, tag, device=None):
    """The reason of the call with this tag; the command that its remedy names is written there."""
    found = [r for r in call["reasons"] if r["code"] == tag and (device is None or r["device"] == device)]
    if not found:
        raise AssertionError("no %s but %r" % (tag, call["reasons"]))
    provoked.add(tag)
    return found[0]["remedy"]


def gone(call, tag, device=None):
    equal([r for r in call["reasons"] if r["code"] == tag and (device is None or r["device"] == device)], [])


@test("E-CLUSTER-NONSECURE: ringlock cluster mode mixed")
def cluster():
    b = Bench().phones()
    b.do("cluster", "mode", "nonsecure")
    t = b.talks()
    contains(holds(t.call(), "E-CLUSTER-NONSECURE"), "ringlock cluster mode mixed")
    b.do("cluster", "mode", "mixed")
    gone(t.seen(), "E-CLUSTER-NONSECURE")
    t.hang_up()
    equal(reasons(t.call()), [])


@test("I-NOT-ANSWERED: wait for the answer")
def not_answered():
    t = Bench().phones().talks()
    contains(holds(t.call(last=talk.RINGING), "I-NOT-ANSWERED"), "Wait for the answer")
    t.upto(ANSWERED)
    gone(t.seen(), "I-NOT-ANSWERED")


@test("E-DEVICE-UNKNOWN: ringlock phone add")
def unknown():
    b = Bench().phones()
    b.do("phone", "remove", CALLEE)
    t = b.talks()
    contains(holds(t.call(), "E-DEVICE-UNKNOWN", CALLEE), "ringlock phone add NAME --type TYPE")
    b.phone(CALLEE, "enc")
    gone(t.seen(), "E-DEVICE-UNKNOWN")
    t.hang_up()
    equal(reasons(t.call()), [])


def trust(tag, model, change=lambda text: text):
    """Trust comes from the type alone: the phone has to be another one."""
    b = Bench().phones()
    with open(b.make.path("pack.ini"), "w") as f:
        f.write(change(certs.read(os.path.join(certs.VENDOR_PACKS, "digest-only.ini"))))
    b.do("type", "import", b.make.path("pack.ini"))
    b.do("phone", "remove", CALLEE)
    b.do("phone", "add", CALLEE, "--type", model, "--lines", CALLEE[-4:])
    t = b.talks()
    contains(holds(t.call(), tag, CALLEE), "ringlock type list")
    contains(b.do("type", "list", "--filter", "trusted=yes", "--limit", "1000").out, b.model)
    b.do("phone", "remove", CALLEE)
    b.phone(CALLEE, "enc")
    t.hang_up()
    equal(reasons(t.call()), [])


@test("E-DEVICE-NOT-TRUSTED: a phone of a trusted type, ringlock type list")
def not_trusted():
    trust("E-DEVICE-NOT-TRUSTED", "Generic Digest SIP Phone")


@test("E-DEVICE-TRUST-UNKNOWN: a phone of a type that is known, ringlock type list")
def trust_unknown():
    trust("E-DEVICE-TRUST-UNKNOWN", "Generic Digest SIP Phone", lambda text: text.replace("trusted = no\n", ""))


@test("E-PROFILE-NONSECURE: ringlock phone set --profile")
def profile_nonsecure():
    b = Bench().phones()
    b.profile("open", "nonsecure")
    b.do("phone", "set", CALLER, "--profile", "open")
    t = b.talks()
    contains(holds(t.call(), "E-PROFILE-NONSECURE", CALLER), "ringlock phone set %s --profile NAME" % CALLER)
    b.do("phone", "set", CALLER, "--profile", "enc")
    gone(t.seen(), "E-PROFILE-NONSECURE")
    t.hang_up()
    equal(reasons(t.call()), [])


@test("E-PROFILE-AUTHENTICATED: ringlock profile set --mode encrypted")
def profile_authenticated():
    b = Bench().phones(profile="auth only", mode="authenticated")
    t = b.talks()
    contains(holds(t.call(), "E-PROFILE-AUTHENTICATED"), "ringlock profile set 'auth only' --mode encrypted")
    b.do("profile", "set", "auth only", "--mode", "encrypted")
    gone(t.seen(), "E-PROFILE-AUTHENTICATED")
    t.hang_up()
    equal(reasons(t.call()), [])


@test("E-SIG-NULL-CIPHER: ringlock profile set --mode encrypted, and the SIP server refuses NULL")
def null_cipher():
    b = Bench().phones(mode="encrypted")
    t, null = b.talks(), {"cipher": "ECDHE-RSA-NULL-SHA", "bits": "0"}
    contains(holds(t.call({CALLER: null}), "E-SIG-NULL-CIPHER"), "ringlock profile set 'enc' --mode encrypted")
    b.do("profile", "set", "enc", "--mode", "encrypted")
    t.hang_up()
    equal(reasons(t.call()), [])


@test("E-SIG-NOT-TLS: ringlock profile set --transport tls, and the phone starts again")
def not_tls():
    b = Bench().phones()
    rename = {"000000002001": "000000001001", "000000002003": "000000001002", "2001": "1001", "2003": "1002"}
    plain, t = b.talks(recorded("tcp-plain"), rename=rename), b.talks()
    call = plain.call(last=20)
    device = call["parties"][0]["device"]
    contains(holds(call, "E-SIG-NOT-TLS", device), "ringlock profile set 'enc' --transport tls")
    b.do("profile", "set", "enc", "--transport", "tls")
    plain.hang_up()
    equal(reasons(t.call()), [])


@test("E-SIG-NO-FACT: the SIP server logs peer facts, ringlock phone security")
def no_fact():
    b = Bench().phones()
    t = b.talks()
    contains(holds(t.call({CALLER: None}), "E-SIG-NO-FACT"), "ringlock phone security")
    contains(b.do("phone", "security", CALLER).out, "Registered as")
    t.hang_up()
    equal(reasons(t.call()), [])


def mended(tag, remedy, **bad):
    """The remedy lies in the phone: what the SIP server tells of its next connection is in order."""
    b = Bench().phones()
    t = b.talks()
    contains(holds(t.call({CALLER: bad}), tag, CALLER), remedy % {"phone": CALLER})
    t.hang_up()
    equal(reasons(t.call()), [])


@test("E-SIG-NO-CERT: a certificate in the phone, ringlock phone security")
def no_cert():
    mended("E-SIG-NO-CERT", "ringlock phone security %(phone)s", fp="", verified="0")


@test("E-SIG-CERT-UNPROVEN: one of a CA that the SIP server trusts")
def unproven():
    mended("E-SIG-CERT-UNPROVEN", "ringlock phone security %(phone)s", verified="0")


@test("E-SIG-CERT-OTHER: its own certificate in the phone")
def of_another():
    mended("E-SIG-CERT-OTHER", "ringlock phone security %(phone)s", cn=CALLEE, san=CALLEE)


@test("E-SIG-CLOSED: judged anew with the next re-INVITE")
def closed():
    b = Bench().phones()
    t = b.talks(recorded("reconnect"))
    contains(holds(t.call(last=20), "E-SIG-CLOSED"), "next re-INVITE")
    while "E-SIG-CLOSED" in reasons(t.seen()) and t.sent < len(t.packets):
        t.upto(t.sent)
    equal((t.seen()["state"], reasons(t.seen())), ("connected", []))


@test("E-SIG-UNLISTED: the SIP server listed in ringlock.conf")
def unlisted():
    b = Bench(**{"hep.sources": "192.0.2.1"}).phones()
    t = b.talks()
    t.feed.settle = lambda: None  # nothing is told of what an unlisted source says
    t.begin().upto(ANSWERED)
    contains(holds(poll(lambda: connected(t)), "E-SIG-UNLISTED"), "[hep] in ringlock.conf")
    b.site.conf({"hep.key": KEY, "hep.sources": "127.0.0.0/8"})
    b.site.engine.send_signal(signal.SIGHUP)
    poll(lambda: "was read again" in b.site.log())
    t = b.talks()
    equal(reasons(t.call()), [])


def connected(t):
    try:
        call = t.seen()
    except IndexError:
        return None
    return call if call["state"] == "connected" else None


@test("E-SDP: a session description that can be read")
def sdp():
    t = Bench().phones().talks()
    contains(holds(t.call(change={"\nv=0": "\nx=0"}), "E-SDP"), "supplier")
    t.hang_up()
    equal(reasons(t.call()), [])


@test("E-MEDIA-UNKNOWN: nothing lost on the way, ringlock status")
def media_unknown():
    b = Bench().phones()
    t = b.talks(recorded("late-offer"))
    contains(holds(t.call(last=15), "E-MEDIA-UNKNOWN"), "ringlock status")
    b.do("status")
    t.upto(19)
    equal(reasons(t.seen()), [])


def media(tag, path, remedy):
    b = Bench().phones()
    bad, t = b.talks(recorded(path)), b.talks()
    contains(holds(bad.call(last=19), tag), remedy)
    bad.hang_up()
    equal(reasons(t.call()), [])


@test("E-MEDIA-NO-AUDIO: audio that is active and encrypted")
def no_audio():
    media("E-MEDIA-NO-AUDIO", "audio-refused", "6 Calls > Legs")


@test("E-MEDIA-NOT-SRTP: SRTP turned on in the phone")
def not_srtp():
    media("E-MEDIA-NOT-SRTP", "03-tls-rtp", "Turn SRTP on")


@test("E-MEDIA-NOT-AGREED: the same kind of SRTP at both ends")
def not_agreed():
    media("E-MEDIA-NOT-AGREED", "dtls-nofp", "both ends")


@test("E-MEDIA-ENCRYPTION-OFF: no UNENCRYPTED_SRTP")
def encryption_off():
    media("E-MEDIA-ENCRYPTION-OFF", "unencrypted-srtp", "UNENCRYPTED_SRTP")


@test("E-CONFERENCE-MEMBER: the weak member released")
def conference():
    site = Site({"hep.key": KEY}).start()
    client = site.client()
    lib.lab_devices(client)
    t = Talk(client, recorded("12-conference"))
    t.begin().upto(40)
    weak = next(c for c in client.call("call.list")["rows"] if "E-CONFERENCE-MEMBER" in reasons(c))
    other = re.search(r"ringlock call show (\S+?)\.$", holds(weak, "E-CONFERENCE-MEMBER")).group(1)
    contains(cli.done(cli.on(site)("call", "show", other)).out, "E-PROFILE-NONSECURE")
    while "E-CONFERENCE-MEMBER" in reasons(client.call("call.show", id=weak["id"])) and t.sent < len(t.packets):
        t.upto(t.sent)
    after = client.call("call.show", id=weak["id"])
    equal((after["state"], reasons(after)), ("connected", []))


# --- preferred vendors' phones: what is on file

GROUP = "SampleGroup01.example.com"


class Vendor(Bench):
    """Two phones of a sample vendor, whose certificates the test puts on file."""

    def __init__(self, mode):
        super().__init__()
        self.model = certs.import_samples(self.client)[mode]
        self.cert = {}

    def upload(self, cert, *words):
        return self.do("cert", "upload", cert.path, *words)

    def own(self):
        for phone in (CALLER, CALLEE):
            self.cert[phone] = self.make.cert(cn=phone)
            self.upload(self.cert[phone], "--device", phone)
        return self.phones()

    def told(self, caller=None):
        """Both present their own, or the caller this one."""
        return {CALLER: shows(caller or self.cert[CALLER]), CALLEE: shows(self.cert[CALLEE])}

    def remove(self, phone):
        name = self.client.call("object.show", kind="phone", name=phone)["certificates"][0]["name"]
        cli.done(self.run("cert", "remove", name, "--accept", "W-SECURITY-LOST"))


def uploaded(tag, cert_of):
    """The remedy is to upload what the phone presents."""
    b = Vendor("per-device").own()
    cert = cert_of(b)
    t = b.talks()
    contains(holds(t.call(b.told(cert)), tag, CALLER), "ringlock cert upload FILE --device %s" % CALLER)
    b.upload(cert, "--device", CALLER)
    gone(t.seen(), tag)
    t.hang_up()
    equal(reasons(t.call(b.told(cert))), [])


@test("E-SIG-CERT-NOT-OWN: ringlock cert upload --device")
def not_own():
    uploaded("E-SIG-CERT-NOT-OWN", lambda b: b.make.cert(cn=CALLER))


@test("E-SIG-CERT-REMOVED: ringlock cert upload --device")
def removed():
    def taken_off(b):
        b.remove(CALLER)
        return b.cert[CALLER]
    uploaded("E-SIG-CERT-REMOVED", taken_off)


@test("E-VENDOR-CERT-MISSING: ringlock cert upload --device")
def missing():
    def another(b):
        b.remove(CALLER)
        return b.make.cert(cn=CALLER)
    uploaded("E-VENDOR-CERT-MISSING", another)


def at(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(int(time.time()) + seconds))


@test("E-SIG-CERT-EXPIRED: a new one in the phone, ringlock cert upload --device")
def expired():
    b = Vendor("per-device").own()
    b.remove(CALLER)
    short, fresh = b.make.cert(cn=CALLER, begins=at(-60), ends=at(8)), b.make.cert(cn=CALLER)
    b.upload(short, "--device", CALLER)
    t = b.talks()
    t.call(b.told(short))
    t.becomes("unlock", "E-SIG-CERT-EXPIRED")
    contains(holds(t.seen(), "E-SIG-CERT-EXPIRED", CALLER), "ringlock cert upload FILE --device %s" % CALLER)
    b.upload(fresh, "--device", CALLER)
    t.hang_up()
    equal(reasons(t.call(b.told(fresh))), [])


@test("E-SIG-CERT-NOT-YET-VALID: ringlock cert show tells from when on it counts")
def not_yet():
    b = Vendor("per-device").own()
    b.client.close()
    b.site.stop()
    begins = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(time.time()) + 8))
    with sqlite3.connect(b.site.path("site.db")) as db:  # as if the clock had been set back after the upload
        db.execute("UPDATE cert SET not_before = ? WHERE device = ?", (begins, CALLER))
    db.close()
    b.client = b.site.start().client()
    t = b.talks()
    show = re.search(r"ringlock (cert show) '(.+?)'", holds(t.call(b.told()), "E-SIG-CERT-NOT-YET-VALID", CALLER))
    contains(b.do(*show.group(1).split(), show.group(2)).out, begins)
    t.becomes("lock")


@test("E-SAN-MISMATCH: a certificate with the SAN that is the profile's name")
def misnamed():
    b = Vendor("shared")
    ca = b.make.cert(cn="Sample South CA", is_ca=True)
    b.upload(ca)
    b.cert = dict.fromkeys((CALLER, CALLEE), b.make.cert(cn="sample", dns=[GROUP], ca=ca))
    b.upload(b.cert[CALLER])
    b.phones(profile=GROUP)
    t, other = b.talks(), b.make.cert(cn="sample", dns=[GROUP.lower()], ca=ca)
    bad = dict(b.told(), **{CALLER: shows(other, verified=True, san=GROUP.lower())})
    contains(holds(t.call(bad), "E-SAN-MISMATCH", CALLER), "SAN DNS:%s" % GROUP)
    t.hang_up()
    right = b.make.cert(cn="sample", dns=[GROUP], ca=ca)
    equal(reasons(t.call(dict(b.told(), **{CALLER: shows(right, verified=True, san=GROUP)}))), [])


@test("every reason of the table was provoked, and mended")
def all_of_them():
    table = certs.read(os.path.join(ROOT, "core", "policy", "callsec.h"))
    equal(sorted(provoked), sorted(re.findall(r'X\([A-Z_]+,\s*"([^"]+)"', table)))


lib.run()
