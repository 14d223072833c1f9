#!/usr/bin/env python3
"""tests/upgrade/make.py TREE NAME: keep a site of a release as tests/upgrade/NAME.tar.gz, for test_upgrade.py.

TREE is that release, built (git archive COMMIT | tar x -C TREE; make -C TREE). Its engine makes the site: phones of
every mode, gateways, profiles, users, shared and own certificates, a removed one, a wizard under way, mixed mode, an
audit log of several files; what it does not know yet is left out. Beside the site, the archive holds `expected.json`:
what that release itself says of all objects. The keys in it were made for it and serve nobody.

    git archive 25c2614 ... tests/upgrade/make.py /tmp/a schema1     the last commit of schema 1
    git archive 7628a19 ... tests/upgrade/make.py /tmp/b schema2     the last commit of schema 2
    git archive 3fa3e77 ... tests/upgrade/make.py /tmp/c schema3     the last commit of schema 3

With each release that changes the schema, make one more, and never make an old one again.
"""
import json, os, re, subprocess, sys, tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
TREE, NAME = os.path.abspath(sys.argv[1]), sys.argv[2]
os.environ["RINGLOCK_BUILD"] = os.path.join(TREE, "build")
os.environ["RINGLOCK_DATA"] = os.path.join(TREE, "data")
sys.path.insert(0, os.path.join(HERE, "..", "engine"))

import lib
import certs

# so that there are more files than one
CONF = {"audit.rotate_size": "4K", "audit.keep": "50", "calls.keep_ended_count": "500"}
ACCEPT = lib.ACCEPT + ["W-NO-SAN", "W-SECURITY-LOST", "W-LSC-NEEDED", "W-PROFILE-CAPF", "W-KEY-SIZE"]
TIMES = {"begins": "2020-01-01 00:00:00", "ends": "2120-01-01 00:00:00"}
MODES = {"nonsecure": "tcp", "authenticated": "tls", "encrypted": "tls"}


def knows(method):
    with open(os.path.join(TREE, "core/control/methods.c")) as f:
        return '{"%s",' % method in f.read()


def devices(client, model):
    client.call("cluster.mode", mode="mixed")
    for i in range(3):
        client.call("object.add", kind="user", values={"id": "user%d" % i, "name": "Ünal %d" % i,
                                                       "digest_password": "secret%d" % i})
    for mode, transport in MODES.items():
        client.call("object.add", kind="profile", accept=ACCEPT, values={
            "name": "Profile (%s) +1/2" % mode, "type": model, "protocol": "SIP", "mode": mode,
            "transport": transport, "description": "for phones that are %s" % mode})
        for i in range(12):
            client.call("object.add", kind="phone", accept=ACCEPT, values={
                "name": "SEP%012X" % (sorted(MODES).index(mode) * 256 + i), "type": model, "protocol": "SIP",
                "profile": "Profile (%s) +1/2" % mode, "lines": ["%d" % (1000 + i), "2%s" % i],
                "description": "Tür %d; 'desk', a,b" % i, "owner": "user%d" % (i % 3),
                "digest_user": "user%d" % (i % 3)})
    client.call("object.set", kind="phone", name="SEP000000000001", accept=ACCEPT,
                values={"description": "changed"})
    client.call("object.remove", kind="phone", name="SEP000000000002", accept=ACCEPT)


def gateways(client):
    model = gateway_type(client)
    for i in range(4):
        client.call("object.add", kind="gateway", accept=ACCEPT, values={
            "name": "GW%d" % i, "type": model["model"], "protocol": model["protocols"][0],
            "address": "192.0.2.%d" % i, "description": "gateway %d" % i})


def gateway_type(client):
    after = {}
    while True:
        rows = client.call("object.list", kind="type", limit=100, **after)
        for t in rows["rows"]:
            if t["class"] in ("gateway", "analog-gateway") and t["protocols"]:
                return t
        last = rows["rows"][-1]["model"]
        after = {"after": {"key": last, "value": last}}


def vendors(client):
    """What came with schema 2: packs, certificates, wizards."""
    models = certs.import_samples(client)
    make = certs.Maker()
    group = "Group01.example.com"
    shared = make.cert(cn="Group", dns=[group], **TIMES)
    client.call("cert.upload", data=shared.pem, file="group.pem")
    client.call("object.add", kind="profile", accept=ACCEPT, values={
        "name": group, "type": models["shared"], "protocol": "SIP", "mode": "encrypted", "transport": "tls"})
    client.call("object.add", kind="profile", accept=ACCEPT, values={
        "name": "own", "type": models["per-device"], "protocol": "SIP", "mode": "encrypted", "transport": "tls"})
    for i in range(4):
        own = make.cert(cn="Phone %d" % i, bits=2048 if i % 2 else None, **TIMES)
        client.call("cert.upload", data=own.pem, file="own.pem", device="OWN%d" % i, origin="by-device")
        for name, mode, profile in (("SHR%d" % i, "shared", group), ("OWN%d" % i, "per-device", "own")):
            client.call("object.add", kind="phone", accept=ACCEPT, values={
                "name": name, "type": models[mode], "protocol": "SIP", "profile": profile, "lines": ["30%d" % i]})
    root = make.cert(cn="Root", is_ca=True, **TIMES)
    client.call("cert.upload", data=root.pem, file="root.pem")
    leaf = make.cert(cn="Leaf", dns=["leaf.example.com"], ca=root, **TIMES)
    client.call("cert.upload", data=leaf.pem, file="leaf.pem")
    gone = make.cert(cn="Gone", **TIMES)
    client.call("cert.upload", data=gone.pem, file="gone.pem", name="gone")
    client.call("object.remove", kind="cert", name="gone", accept=ACCEPT)
    draft = client.call("wizard.start", kind="per-device", type=models["per-device"], name="half way")
    client.call("wizard.save", id=draft["id"], rev=draft["rev"], step="profile", answers={
        "phones": [{"name": "NEW1", "file": "new.pem", "data": make.cert(cn="New", **TIMES).pem}],
        "cert.origin": "by-device"})


def everything(client):
    """What the release says of its site."""
    said = {"export": {}, "show": {}}
    for kind in ("phones", "gateways", "profiles", "users"):
        said["export"][kind] = lib.exported(client, kind)
    said["list"] = {kind: lib.rows(client, kind) for kind in ("phone", "gateway", "profile", "user", "type") +
                    (("cert",) if knows("cert.upload") else ())}
    said["status"] = {key: client.call("status")[key] for key in ("installed_at", "cluster_mode", "devices",
                                                                  "certificates")}
    said["audit"] = client.call("audit.verify")["entries"]
    if knows("wizard.list"):
        said["drafts"] = [client.call("wizard.show", id=d["id"]) for d in client.call("wizard.list")["rows"]]
    return said


def keep(site, said):
    expected = site.path("expected.json")
    with open(expected, "w") as f:
        json.dump(said, f, indent=1, sort_keys=True)
    with tarfile.open(os.path.join(HERE, NAME + ".tar.gz"), "w:gz") as tar:
        for name in ("expected.json", "ringlock.conf", "site.db", "keys", "log", "tftp"):
            tar.add(site.path(name), arcname=name, filter=lambda m: None if m.name.endswith("engine.log") else m)


def main():
    site = lib.Site(CONF, name="Upgraded site").start()
    try:
        client = site.client()
        devices(client, lib.trusted_type(client))
        gateways(client)
        if knows("wizard.start"):
            vendors(client)
        said = everything(client)
        site.stop()
        keep(site, said)
    finally:
        site.remove()
        for fn in lib.at_end:
            fn()


main()
