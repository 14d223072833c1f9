#!/usr/bin/env python3
"""Calls judged by the certificates on file: certificates made by certtool, the sample vendors' types, and
recordings in which the SIP server tells these certificates' fingerprints and names."""
import time

import certs, lib
from captures import KEY
from lib import Site, contains, equal, fails, test
from talk import CALLEE, CALLER, Talk, is_shown, shows

ACCEPT = ["W-SECURITY-LOST", "W-CLUSTER-NONSECURE", "W-NO-SAN"]
GROUP = "SampleGroup01.example.com"


def at(seconds):
    """A time so far from now, as certtool takes it: never before it by the clock of the engine."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(int(time.time()) + seconds))


def upload(client, cert, **params):
    return client.call("cert.upload", data=cert.pem, file="cert.pem", accept=ACCEPT, **params)


def add_profile(client, name, model, mode="encrypted", **values):
    client.call("object.add", kind="profile", accept=ACCEPT,
                values=dict(name=name, type=model, protocol="SIP", mode=mode, **values))


def add_phone(client, name, model, profile):
    client.call("object.add", kind="phone", accept=ACCEPT,
                values={"name": name, "type": model, "protocol": "SIP", "profile": profile, "lines": [name[-4:]]})


def vendor_site():
    """A site in mixed mode that knows the sample vendors: (site, client, {cert_mode: model})."""
    site = Site({"hep.key": KEY}).start()
    client = site.client()
    client.call("cluster.mode", mode="mixed")
    return site, client, certs.import_samples(client)


class PerDevice:
    """Two phones of the vendor that gives each its own certificate, with theirs on file."""

    def __init__(self):
        self.site, self.client, models = vendor_site()
        self.make, self.model = certs.Maker(), models["per-device"]
        self.cert = {}
        for phone in (CALLER, CALLEE):
            self.cert[phone] = self.make.cert(cn=phone)
            upload(self.client, self.cert[phone], device=phone)
        add_profile(self.client, "vendor encrypted", self.model)
        for phone in (CALLER, CALLEE):
            add_phone(self.client, phone, self.model, "vendor encrypted")
        self.talk = Talk(self.client)

    def told(self, **change):
        """Both present their own, but for what is said otherwise of the caller or callee."""
        of = {CALLER: shows(self.cert[CALLER]), CALLEE: shows(self.cert[CALLEE])}
        of.update({{"caller": CALLER, "callee": CALLEE}[k]: v for k, v in change.items()})
        return of

    def name_of(self, phone):
        return self.client.call("object.show", kind="phone", name=phone)["certificates"][0]["name"]

    def remove(self, phone):
        self.client.call("object.remove", kind="cert", name=self.name_of(phone), accept=ACCEPT)


@test("the certificate on file locks, another's, an unknown one and none at all do not")
def by_digest():
    s = PerDevice()
    is_shown(s.talk.call(s.told()), "lock")
    s.talk.hang_up()
    phone = s.client.call("object.show", kind="phone", name=CALLER)
    equal([p["code"] for p in phone["enabled"]["points"] if not p["ok"]], [])
    equal(phone["enabled"]["ok"], True)
    for caller, code in ((shows(s.cert[CALLEE]), "E-SIG-CERT-OTHER"),
                         (shows(s.make.cert(cn=CALLER), verified=True, cn=CALLER), "E-SIG-CERT-NOT-OWN"),
                         (shows(None), "E-SIG-NO-CERT")):
        is_shown(s.talk.call(s.told(caller=caller)), "unlock", code)
        s.talk.hang_up()
    is_shown(s.talk.call(s.told()), "lock")


@test("removed while the call runs it opens at once, uploaded again it locks")
def removed_live():
    s = PerDevice()
    is_shown(s.talk.call(s.told()), "lock")
    watcher = s.site.client()
    watcher.call("call.watch", on=True)
    s.remove(CALLER)
    is_shown(watcher.note("calls")["changed"][0], "unlock", "E-SIG-CERT-REMOVED")
    is_shown(s.talk.seen(), "unlock", "E-SIG-CERT-REMOVED")
    registered = s.client.call("object.show", kind="phone", name=CALLER)
    equal(registered["registration"]["signaling"], "certificate-removed")
    equal([p["code"] for p in registered["enabled"]["points"] if not p["ok"]],
          ["E-VENDOR-CERT-MISSING", "E-CERT-DATES"])
    equal(registered["enabled"]["points"][1]["message"],
          "The certificate of %s was removed from this site." % CALLER)
    upload(s.client, s.cert[CALLER], store="tomcat-trust")
    is_shown(s.talk.seen(), "unlock", "E-SIG-CERT-REMOVED")
    upload(s.client, s.cert[CALLER], device=CALLER)
    is_shown(s.talk.seen(), "lock")


@test("a phone that registers with another certificate than its own is told of")
def registers_with_another():
    s = PerDevice()
    s.talk.call(s.told(caller=shows(s.make.cert(cn=CALLER))))
    event = s.client.call("event.list", device=CALLER, limit=1)["rows"][0]
    equal(event["message"], CALLER + " registered with another certificate than its own on file")


@test("a certificate that expires opens the running call, a new one on file locks it when it is presented")
def expires_live():
    s = PerDevice()
    s.remove(CALLER)
    short = s.make.cert(cn=CALLER, begins=at(-60), ends=at(8))
    upload(s.client, short, device=CALLER)
    is_shown(s.talk.call(s.told(caller=shows(short))), "lock")
    s.talk.becomes("unlock", "E-SIG-CERT-EXPIRED")
    s.talk.hang_up()
    fresh = s.make.cert(cn=CALLER)
    is_shown(s.talk.call(s.told(caller=shows(fresh))), "unlock", "E-SIG-CERT-NOT-OWN")
    upload(s.client, fresh, device=CALLER)
    is_shown(s.talk.seen(), "lock")


class Shared:
    """Two phones of the vendor whose phones share a certificate, issued by a CA on file."""

    def __init__(self):
        self.site, self.client, models = vendor_site()
        self.make, self.model = certs.Maker(), models["shared"]
        self.ca = self.make.cert(cn="Sample South CA", is_ca=True)
        upload(self.client, self.ca)
        self.cert = self.issue(GROUP)
        upload(self.client, self.cert)
        add_profile(self.client, GROUP, self.model)
        for phone in (CALLER, CALLEE):
            add_phone(self.client, phone, self.model, GROUP)
        self.talk = Talk(self.client)

    def issue(self, *names, **kw):
        return self.make.cert(cn="sample", dns=names, ca=self.ca, **kw)

    def told(self, caller):
        return {CALLER: caller, CALLEE: shows(self.cert)}


@test("a shared certificate locks by its digest, and by chain and exact name")
def shared():
    s = Shared()
    is_shown(s.talk.call(s.told(shows(s.cert))), "lock")
    s.talk.hang_up()
    other = s.issue(GROUP)
    for caller, icon, codes in (
            (shows(other, verified=True, san=GROUP), "lock", []),
            (shows(other, san=GROUP), "unlock", ["E-SIG-CERT-UNPROVEN"]),
            (shows(other, san=GROUP, selfsigned="1"), "unlock", ["E-SIG-CERT-UNPROVEN"]),
            (shows(other, verified=True, san=GROUP.lower()), "unlock", ["E-SAN-MISMATCH"]),
            (shows(other, verified=True, san=GROUP + "."), "unlock", ["E-SAN-MISMATCH"]),
            (shows(other, verified=True, san="*.example.com"), "unlock", ["E-SAN-MISMATCH"]),
            (shows(other, verified=True, san=GROUP + "%00.other.example"), "unlock", ["E-SAN-MISMATCH"]),
            (shows(other, verified=True, cn=GROUP), "unlock", ["E-SAN-MISMATCH"])):
        is_shown(s.talk.call(s.told(caller)), icon, *codes)
        s.talk.hang_up()
    mismatch = s.talk.call(s.told(shows(other, verified=True, san=GROUP.lower())))["reasons"][0]
    contains(mismatch["text"], GROUP, GROUP.lower())


@test("a shared certificate that is removed opens all its calls, uploaded again and named it locks them")
def shared_removed():
    s = Shared()
    is_shown(s.talk.call(s.told(shows(s.cert))), "lock")
    name = s.client.call("object.show", kind="profile", name=GROUP)["certificate"]
    refused = fails("W-SECURITY-LOST", s.client.call, "object.remove", kind="cert", name=name)
    contains(refused.message, CALLER)
    is_shown(s.talk.seen(), "lock")
    s.client.call("object.remove", kind="cert", name=name, accept=ACCEPT)
    is_shown(s.talk.seen(), "unlock", "E-SIG-CERT-REMOVED")
    upload(s.client, s.cert)
    profile = s.client.call("object.show", kind="profile", name=GROUP)
    s.client.call("object.set", kind="profile", name=GROUP, rev=profile["rev"],
                  values={"description": "found again"}, accept=ACCEPT)
    is_shown(s.talk.seen(), "lock")


lib.run()
