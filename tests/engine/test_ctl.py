"""The site's own CTL and ITL: published with the mode, brought into tftp/ whole, read by a phone of our own."""
import hashlib, os

import lib
import phone
import phone_files
import servers
from lib import Site, contains, equal, fails, poll, test
from phone_files import CAPF, CCM, SAST, TFTP, TVS

MAC = "SEP001122334455"
ACCEPT = ["W-CERT-IMPACT"]


def mixed_site(conf=None):
    site = Site(conf).start()
    client = site.client()
    client.call("cluster.mode", mode="mixed")
    return site, client


def tftp(site, name):
    path = site.path("tftp", name)
    if not os.path.exists(path):
        return None
    with open(path, "rb") as f:
        return f.read()


def add_phone(client, name, model=None):
    client.call("object.add", kind="phone", accept=lib.ACCEPT,
                values={"name": name, "type": model or lib.trusted_type(client), "protocol": "SIP"})


def lists(client):
    return {x["list"]: x for x in client.call("ctl.status")["lists"]}


def roles(read):
    return [r.role for r in read.records]


def linked(site, name):
    return {k: os.readlink(site.path("tftp", k + name + ".tlv")) for k in ("CTL", "ITL")
            if os.path.islink(site.path("tftp", k + name + ".tlv"))}


BOTH = {"CTL": "CTLFile.tlv", "ITL": "ITLFile.tlv"}


@test("a site in nonsecure mode has no CTL, says so and offers mixed mode (R15)")
def none():
    site = Site().start()
    client = site.client()
    equal(client.call("status")["ctl"], "none, in nonsecure mode")
    contains(fails("E-CTL-NONE", client.call, "ctl.update").data["remedy"], "ringlock cluster mode mixed")
    fails("E-CTL-NONE", client.call, "ctl.show")
    fails("E-CTL-NONE", client.call, "ctl.seen", phones=[MAC])
    equal([x["published"] for x in client.call("ctl.status")["lists"]], [False, False])
    equal(os.listdir(site.path("tftp")), [])


@test("mixed mode publishes the CTL, and nonsecure mode withdraws it (R121)")
def mode():
    site, client = mixed_site()
    read = phone_files.TrustList(tftp(site, "CTLFile.tlv"))
    equal((roles(read), read.name, read.hash, read.signer_version), ([SAST, CCM, TFTP, CAPF], "CTLFile.tlv", 1, (1, 0)))
    equal(os.stat(site.path("tftp", "CTLFile.tlv")).st_mode & 0o777, 0o644)
    equal(tftp(site, "ITLFile.tlv"), None)
    contains(client.call("status")["ctl"], "version 1 of 20")
    entry, before = client.call("audit.list", limit=2)["rows"]
    equal((entry["what"], entry["after"]), ("cluster.mode", {"cluster_mode": "mixed"}))
    equal((before["what"], before["object"], before["after"]["version"], entry["act"]), ("ctl.update", "CTL", 1, before["seq"]))
    equal(client.call("cluster.mode", mode="nonsecure")["ctl"], None)
    equal(tftp(site, "CTLFile.tlv"), None)
    equal(client.call("cluster.mode", mode="mixed")["ctl"], 2)
    assert phone_files.TrustList(tftp(site, "CTLFile.tlv")).time > read.time


@test("undo of a mode change withdraws or publishes the CTL with it")
def undone():
    site, client = mixed_site()
    client.call("undo")
    equal((client.call("status")["cluster_mode"], tftp(site, "CTLFile.tlv")), ("nonsecure", None))
    client.call("cluster.mode", mode="mixed")
    client.call("cluster.mode", mode="nonsecure")
    client.call("undo")
    equal(client.call("status")["cluster_mode"], "mixed")
    phone_files.TrustList(tftp(site, "CTLFile.tlv"))


@test("an update is a new version that phones take, and is no act that undo finds")
def update():
    site, client = mixed_site()
    add_phone(client, MAC)
    poll(lambda: linked(site, MAC), BOTH)
    one = phone.Phone(MAC, phone.Directory(site.path("tftp")))
    one.take_list("CTL")
    equal([x["version"] for x in client.call("ctl.update")["lists"]], [2])
    before = one.ctl
    one.take_list("CTL")
    assert one.ctl.time > before.time and not one.warnings, one.warnings
    equal(client.call("undo.peek")["rows"][0]["what"], "phone add")


@test("each phone has names of its own for the lists, as it comes and goes")
def links():
    site = Site().start()
    client = site.client()
    add_phone(client, "SEP1")
    equal(os.listdir(site.path("tftp")), [])
    client.call("cluster.mode", mode="mixed")
    poll(lambda: linked(site, "SEP1"), BOTH)
    client.call("import.begin", kind="phones", accept=lib.ACCEPT)
    client.call("import.part", csv="name,type,protocol\r\n" + "".join(
        "SEPX%d,%s,SIP\r\n" % (i, lib.trusted_type(client)) for i in range(30)))
    client.call("import.end")
    poll(lambda: linked(site, "SEPX29"), BOTH)
    client.call("object.remove", kind="phone", name="SEP1")
    poll(lambda: linked(site, "SEP1"), {})


@test("servers of files give phones the list under their own names, by TFTP and by HTTP")
def given():
    site, client = mixed_site()
    add_phone(client, MAC)
    poll(lambda: linked(site, MAC), BOTH)
    for server in (servers.Httpd, servers.Tftpd):
        with server(site.path("tftp")) as s:
            one = phone.Phone(MAC, s.files)
            one.take_list("CTL")
            one.take_list("ITL")  # none is published: not found
            equal((one.ctl.data, one.itl), (tftp(site, "CTLFile.tlv"), None))


@test("what a crash or a hand did to the directory is mended when the engine opens")
def settled():
    site, client = mixed_site()
    whole = tftp(site, "CTLFile.tlv")
    for damage in (whole[:100], None, b""):
        site.stop()
        os.unlink(site.path("tftp", "CTLFile.tlv"))
        if damage is not None:
            with open(site.path("tftp", "CTLFile.tlv"), "wb") as f:
                f.write(damage)
        with open(site.path("tftp", "CTLFile.tlv.new"), "wb") as f:
            f.write(whole[:50])
        site.start()
        equal(tftp(site, "CTLFile.tlv"), whole)
        equal(tftp(site, "CTLFile.tlv.new"), None)
    equal(lists(site.client())["CTL"]["version"], 1)


@test("names of phones that somebody took away are there again after a restart")
def emptied():
    site, client = mixed_site()
    for name in (MAC, "SEP2"):
        add_phone(client, name)
    poll(lambda: linked(site, "SEP2"), BOTH)
    site.stop()
    for name in os.listdir(site.path("tftp")):
        os.unlink(site.path("tftp", name))
    site.start()
    phone_files.TrustList(tftp(site, "CTLFile.tlv"))
    poll(lambda: (linked(site, MAC), linked(site, "SEP2")), (BOTH, BOTH))


@test("SHA-512 and EC as configured; SHA-512 not for phones that take SHA-1 alone (R133)")
def configured():
    site, client = mixed_site({"lists.hash": "sha512", "lists.signer_version": "1.1"})
    read = phone_files.TrustList(tftp(site, "CTLFile.tlv"))
    equal((read.hash, read.signer_version, roles(read)), (3, (1, 1), [SAST, CCM, TFTP, CAPF, CCM]))
    old = next(t["model"] for t in lib.rows(client, "type") if t["other_sig_sha1_only"] and "SIP" in t["protocols"])
    add_phone(client, MAC, old)
    contains(fails("E-SHA1-ONLY", client.call, "ctl.update").message, "1 phone ", old, MAC)
    client.call("cluster.mode", mode="nonsecure")
    fails("E-SHA1-ONLY", client.call, "cluster.mode", mode="mixed")
    equal(client.call("status")["cluster_mode"], "nonsecure")
    equal(tftp(site, "CTLFile.tlv"), None)


@test("who holds an older list, or none that is known, in pages; what was seen last counts (R16)")
def holders():
    site, client = mixed_site()
    names = ["SEP%d" % i for i in range(5)]
    for name in names:
        add_phone(client, name)
    equal(client.call("ctl.seen", phones=names[:3])["seen"], 3)
    client.call("ctl.update")
    client.call("ctl.seen", phones=names[1:2])
    found, after = [], {}
    while True:
        page = client.call("ctl.holders", limit=2, **after)
        found += [(r["phone"], r["version"]) for r in page["rows"]]
        if not page["more"]:
            break
        after = {"before": page["rows"][-1]["place"]}
    fails("E-USAGE", client.call, "ctl.holders", before="x")
    equal(found, [("SEP0", 1), ("SEP2", 1), ("SEP3", None), ("SEP4", None)])
    equal([r["phone"] for r in client.call("ctl.holders", older=True)["rows"]], ["SEP0", "SEP2"])
    equal([client.call("ctl.status")["lists"][0][k] for k in ("phones", "older", "unknown")], [5, 2, 2])
    fails("E-NOT-FOUND", client.call, "ctl.seen", phones=["SEP0", "SEP9"])
    equal([r["phone"] for r in client.call("ctl.holders", older=True)["rows"]], ["SEP0", "SEP2"])


@test("a fetch proves the version that phones got at its time")
def fetches():
    site, client = mixed_site()
    add_phone(client, MAC)
    first = lists(client)["CTL"]["made"]
    fetch = lambda time, name="CTL%s.tlv" % MAC: client.call("ctl.seen", fetches=[[name, time]])
    equal(fetch("2020-01-01T00:00:00Z"), {"seen": 0, "ignored": 1, "not_here": 0, "unknown": []})
    equal(fetch("2036-01-01T00:00:00Z", "CTLSEP9.tlv")["unknown"], ["SEP9"])
    equal(fetch("2036-01-01T00:00:00Z", "%s.cnf.xml.sgn" % MAC)["ignored"], 1)
    equal(fetch(first)["seen"], 0)  # it was made then, and in its place later
    equal(fetch("2036-01-01T00:00:00Z")["seen"], 1)
    equal(client.call("ctl.holders")["rows"], [])
    fails("E-USAGE", client.call, "ctl.seen", fetches=[["x", "yesterday"]])


@test("the lists that are published are shown and verified, signed by a certificate of this site")
def shown():
    site, client = mixed_site()
    told = client.call("ctl.show")
    equal((told["name"], told["signature"], told["known"], told["list_version"]), ("CTLFile.tlv", "right", "on-file", 1))
    equal([r["role"] for r in told["records"]], ["SAST", "CCM", "TFTP", "CAPF"])
    client.call("ctl.update")
    equal(client.call("ctl.show", version=1)["time"], told["time"])
    fails("E-CTL-NONE", client.call, "ctl.show", version=9)
    fails("E-CTL-NONE", client.call, "ctl.show", list="itl")
    fails("E-USAGE", client.call, "ctl.show", list="other")


def read(site, kind="CTL"):
    return phone_files.TrustList(tftp(site, kind + "File.tlv"))


def certificates(site, role, kind="CTL"):
    return [hashlib.sha256(c.der).hexdigest()[:16] for c in read(site, kind).of(role)]


@test("a list gets the next certificate beside the one in use, and loses what was retired with an update (R14)")
def follows():
    site, client = mixed_site()
    before = certificates(site, CCM)
    client.call("cert.regenerate", role="CallManager", accept=ACCEPT)
    poll(lambda: len(certificates(site, CCM)), 2)
    equal((certificates(site, CCM)[0], client.call("status")["lists"]["ctl"]["stale"]), (before[0], False))
    client.call("cert.activate", role="CallManager", accept=ACCEPT)
    equal((len(certificates(site, CCM)), client.call("status")["lists"]["ctl"]["stale"]), (2, False))
    client.call("cert.retire", role="CallManager", accept=ACCEPT)
    problem, = lists(client)["CTL"]["problems"]
    equal(problem["code"], "W-CTL-STALE")
    contains(problem["message"], "still has the retired CCM certificate")
    client.call("ctl.update")
    equal((len(certificates(site, CCM)), before[0] in certificates(site, CCM)), (1, False))
    equal(lists(client)["CTL"]["problems"], [])


@test("a certificate in use that the CTL lacks: told until the update, and who cannot register (R14, R16)")
def stale():
    site, client = mixed_site()
    for name in (MAC, "SEP2", "SEP3"):
        add_phone(client, name)
    client.call("ctl.seen", phones=[MAC, "SEP2"])
    other = site.client()
    equal(other.info["lists"], None)
    client.call("cert.regenerate", role="CallManager", now=True, accept=ACCEPT)
    equal(other.note("site"), {"mixed": True, "lists": "CTL out of date"})
    contains(client.call("status")["ctl"], "version 1 of ", "out of date")
    step = client.call("phone.check", name=MAC)["steps"][0]
    equal((step["state"], step["code"]), ("open", "E-DEVICE-CTL-OLD"))
    equal(client.call("phone.check", name="SEP3")["steps"][0]["state"], "done")
    client.call("ctl.update")
    equal(other.note("site"), {"mixed": True, "lists": None})
    client.call("ctl.seen", phones=["SEP2"])
    equal([(r["phone"], r["code"]) for r in client.call("ctl.holders")["rows"]], [(MAC, "E-DEVICE-CTL-OLD"), ("SEP3", None)])
    equal(client.call("phone.check", name="SEP2")["steps"][0]["state"], "done")


@test("the ITL comes with the configuration files, in both modes, and follows the certificates by itself")
def itl():
    site = Site().start()
    client = site.client()
    client.call("publish", all=True)
    first, before = read(site, "ITL"), certificates(site, TVS, "ITL")
    equal((roles(first), first.name, tftp(site, "CTLFile.tlv")), ([SAST, CCM, TFTP, CAPF, TVS], "ITLFile.tlv", None))
    equal([x["list"] for x in client.call("ctl.update")["lists"]], ["ITL"])
    client.call("cert.regenerate", role="TVS", now=True, accept=ACCEPT)
    poll(lambda: certificates(site, TVS, "ITL") != before)
    equal(lists(client)["ITL"]["problems"], [])


@test("a restart and an upgrade that change no certificate ask for no new list (R17)")
def restarted():
    site, client = mixed_site()
    before = tftp(site, "CTLFile.tlv")
    site.stop()
    client = site.start().client()
    equal((tftp(site, "CTLFile.tlv"), lists(client)["CTL"]["problems"], client.info["lists"]), (before, [], None))


if __name__ == "__main__":
    lib.run()
