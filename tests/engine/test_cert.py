"""Certificates: what comes on file, what is refused and leaves no trace, what goes."""
import base64, csv, io, os, subprocess, time

import certs
import cli
import lib
from lib import Site, contains, equal, fails, test

GROUP = "AscomGroup01.acme.com"
MAKER = certs.Maker()
made = {}


def cert(name, **kw):
    """A certificate by a name of our own: made once, since keys take their time."""
    if name not in made:
        made[name] = MAKER.cert(**kw)
    return made[name]


def group():
    return cert("group", cn="Group", dns=[GROUP])


def root():
    return cert("root", cn="Acme Root", is_ca=True)


def signed():
    return cert("signed", cn="Group 2", dns=["Group02.acme.com"], ca=root())


def text(der):
    """DER as it travels."""
    return base64.b64encode(der).decode()


def openssl(*args):
    return subprocess.run(["openssl", *args], check=True, capture_output=True, timeout=lib.PATIENCE).stdout


def started():
    site = Site().start()
    return site, site.client()


def names(client):
    return [row["name"] for row in client.call("object.list", kind="cert")["rows"]]


def upload(client, data, **kw):
    return client.call("cert.upload", data=data.pem if isinstance(data, certs.Certificate) else data, **kw)


def state(client):
    """All that an upload could change."""
    return [client.call("export", kind=kind)["csv"] for kind in ("cert", "profile", "phone")], \
        client.call("audit.list", limit=1)["rows"]


def refused(client, code, data, **kw):
    """Refused with the code, and nothing is changed."""
    before = state(client)
    error = fails(code, upload, client, data, **kw)
    equal(state(client), before)
    return error


def rows_of(client, kind):
    return list(csv.DictReader(io.StringIO(client.call("export", kind=kind)["csv"])))


@test("a certificate comes on file in PEM and in DER, with all that it says")
def forms():
    site, client = started()
    came = upload(client, group(), file="/home/alice/group.pem", description="For group 1")["certificates"]
    equal([c["name"] for c in came], [GROUP])
    shown = client.call("object.show", kind="cert", name=GROUP)
    equal({k: shown[k] for k in ("store", "usage", "common_name", "san", "subject", "issuer", "self_signed", "ca",
                                 "key_type", "key_bits", "signature_hash", "fingerprint", "pem_fingerprint", "pem",
                                 "state", "chain", "used_by", "description", "device")},
          {"store": "CallManager-trust", "usage": "shared", "common_name": "Group", "san": ["DNS:" + GROUP],
           "subject": "CN=Group", "issuer": "CN=Group", "self_signed": True, "ca": False, "key_type": "EC",
           "key_bits": 256, "signature_hash": "SHA256", "fingerprint": group().fingerprint,
           "pem_fingerprint": group().pem_fingerprint, "pem": group().pem, "state": "valid", "chain": [],
           "used_by": [], "description": "For group 1", "device": ""})
    equal(shown["days_left"], 364)
    client.call("object.remove", kind="cert", name=GROUP)
    equal(upload(client, text(group().der), name="in DER")["certificates"][0]["fingerprint"], group().fingerprint)


@test("keys and signatures of every kind that OpenSSL makes come on file as what they are")
def kinds():
    site, client = started()
    for of, key, bits in ((["ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"], "EC", 384),
                          (["ec", "-pkeyopt", "ec_paramgen_curve:secp521r1"], "EC", 521),
                          (["ed25519"], "Ed25519", 256), (["ed448"], "Ed448", 456),
                          (["rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"], "RSA-PSS", 2048),
                          (["rsa:2048", "-sigopt", "rsa_padding_mode:pss"], "RSA", 2048),
                          (["rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"], "RSA",
                           2048)):
        pem = openssl("req", "-x509", "-nodes", "-subj", "/CN=phone", "-keyout", MAKER.path("any key"), "-newkey", *of)
        came = upload(client, pem.decode())["certificates"][0]
        equal((came["key_type"], came["key_bits"], came["self_signed"]), (key, bits, True))


@test("a certificate is found by its name and by what its fingerprint begins with")
def found():
    site, client = started()
    upload(client, group())
    fp = group().fingerprint
    colons = ":".join(fp[i:i + 2] for i in range(0, 64, 2)).upper()
    for name in (GROUP, fp, colons, fp[:8], group().pem_fingerprint):
        equal(client.call("object.show", kind="cert", name=name)["name"], GROUP)
    fails("E-NOT-FOUND", client.call, "object.show", kind="cert", name=fp[:7])
    fails("E-NOT-FOUND", client.call, "object.show", kind="cert", name=GROUP.lower())
    client.call("object.set", kind="cert", name=fp, values={"description": "found"})
    client.call("object.remove", kind="cert", name=colons)
    fails("E-NOT-FOUND", client.call, "object.remove", kind="cert", name=fp)


@test("what is unreadable is refused")
def unreadable():
    site, client = started()
    pem = group().pem
    half = pem[:len(pem) // 2]
    request = MAKER.certtool("--generate-request", "--load-privkey", group().key, "--template", os.devnull)
    for data in ("", "no certificate", half, pem.replace("MII", "???", 1), pem + half, request,
                 pem.replace("-----END CERTIFICATE-----", ""), text(group().der[:-1]), text(group().der + b"\0"),
                 text(group().der * 2), pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE"), "=" * 100000,
                 "-----BEGIN " + "x" * 1000, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                 text(b"\x30\x84\xff\xff\xff\xff"), text(b"\x30\x80\x30\x80" * 1000)):
        error = refused(client, "E-CERT-PARSE", data, file="some.pem")
        contains(error.message, "some.pem")
    contains(refused(client, "E-CERT-PARSE", "", file="some.pem").message, "some.pem is empty")


@test("a private key is refused in every form, wherever it is in the file")
def private_keys():
    site, client = started()
    keys = [MAKER.key(bits=2048), MAKER.key()]
    for key in keys:
        forms = [openssl("pkey", "-in", key), openssl("pkey", "-in", key, "-traditional"),
                 openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:x"),
                 openssl("pkcs8", "-topk8", "-in", key, "-v1", "PBE-SHA1-3DES", "-passout", "pass:x")]
        for form in forms:
            contains(form.decode(), "PRIVATE KEY-----")
            refused(client, "E-CERT-PRIVATE-KEY", form.decode())
            refused(client, "E-CERT-PRIVATE-KEY", group().pem + form.decode())
            refused(client, "E-CERT-PRIVATE-KEY", form.decode() + group().pem)
            body = b"".join(line for line in form.splitlines() if b"-----" not in line)
            der = base64.b64decode(body)
            refused(client, "E-CERT-PRIVATE-KEY", text(der))
            refused(client, "E-CERT-PRIVATE-KEY", text(group().der + der))
            refused(client, "E-CERT-PRIVATE-KEY", text(der[:120]))
            refused(client, "E-CERT-PRIVATE-KEY",
                    "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % text(der))
    for words in ("-----BEGIN OPENSSH PRIVATE KEY-----\nAA==\n-----END OPENSSH PRIVATE KEY-----\n",
                  "-----BEGIN DSA PRIVATE KEY-----\n", "-----begin any private key-----\n"):
        refused(client, "E-CERT-PRIVATE-KEY", group().pem + words)
    for words in ("PuTTY-User-Key-File-3: ssh-rsa\n", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n"):
        refused(client, "E-CERT-PRIVATE-KEY", text(words.encode()))
    with open(keys[0]) as f:
        secret = f.read().splitlines()[1]
    assert secret not in site.log()


@test("PKCS#12 is refused")
def pkcs12():
    site, client = started()
    p12 = openssl("pkcs12", "-export", "-inkey", group().key, "-in", group().path, "-passout", "pass:x")
    refused(client, "E-CERT-PKCS12", text(p12))
    refused(client, "E-CERT-PKCS12", "-----BEGIN PKCS12-----\n%s\n-----END PKCS12-----\n" % text(p12))


@test("a certificate that has expired or is not valid yet is refused, R86")
def dates():
    site, client = started()
    old = cert("old", cn="old", begins="2020-01-01 00:00:00", ends="2021-01-01 00:00:00")
    early = cert("early", cn="early", begins="2090-01-01 00:00:00", ends="2091-01-01 00:00:00")
    contains(refused(client, "E-CERT-DATES", old).message, "expired at 2021-01-01T00:00:00Z")
    contains(refused(client, "E-CERT-DATES", early, device="SEP1").message, "not valid before 2090-01-01")


@test("weak keys and hashes are refused, R9")
def weak():
    site, client = started()
    small = cert("small", cn="small", bits=1024)
    error = refused(client, "E-CERT-WEAK", small)
    contains(error.message, "1024 bits")
    short = MAKER.path("short.pem")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp224r1", "-nodes", "-subj", "/CN=ec",
            "-keyout", MAKER.path("short.key"), "-out", short)
    refused(client, "E-CERT-WEAK", certs.read(short))
    weak_root = MAKER.cert(cn="SHA-1 root", is_ca=True, hash="SHA1")
    upload(client, weak_root)  # it signed itself: the hash proves nothing, and is not asked to
    refused(client, "E-CERT-WEAK", MAKER.cert(cn="by SHA-1", ca=weak_root, hash="SHA1"))
    md5 = MAKER.path("md5.pem")
    openssl("req", "-x509", "-new", "-key", MAKER.key(bits=2048), "-md5", "-subj", "/CN=md5", "-out", md5)
    refused(client, "E-CERT-WEAK", certs.read(md5))


@test("wildcards are refused in SAN and CN, R102")
def wildcards():
    site, client = started()
    contains(refused(client, "E-CERT-WILDCARD", cert("star", cn="x", dns=["*.acme.com"])).message, "DNS:*.acme.com")
    refused(client, "E-CERT-WILDCARD", cert("star cn", cn="*.acme.com"))


@test("certificates of a file make one chain, in any order, R10")
def chains():
    site, client = started()
    middle = cert("middle", cn="Acme Issuing", is_ca=True, ca=root())
    leaf = cert("leaf", cn="Group 3", dns=["Group03.acme.com"], ca=middle)
    for parts in ((leaf, group()), (leaf, middle, group()), (leaf, root()), (leaf, leaf), (group(), group())):
        refused(client, "E-CERT-CHAIN", "".join(p.pem for p in parts))
    refused(client, "E-CERT-NO-CHAIN", leaf)
    refused(client, "E-CERT-NO-CHAIN", leaf.pem + middle.pem)
    refused(client, "E-CERT-NO-CHAIN", middle)
    came = upload(client, root().pem + leaf.pem + middle.pem)
    equal([(c["name"], c["usage"]) for c in came["certificates"]],
          [("Group03.acme.com", "shared"), ("Acme Issuing", "ca"), ("Acme Root", "ca")])
    equal([c["name"] for c in client.call("object.show", kind="cert", name="Group03.acme.com")["chain"]],
          ["Acme Issuing", "Acme Root"])
    again = upload(client, signed().pem + root().pem)
    equal([c["name"] for c in again["certificates"]], ["Group02.acme.com"])
    contains(again["notes"][0], "CN=Acme Root", "on file already")


@test("a CA is known by its key, not by its name")
def false_root():
    site, client = started()
    upload(client, MAKER.cert(cn="Acme Root", is_ca=True))
    refused(client, "E-CERT-NO-CHAIN", signed())
    upload(client, root())
    upload(client, signed())
    no_ca = MAKER.cert(cn="No CA")
    upload(client, no_ca, name="no ca")
    refused(client, "E-CERT-NO-CHAIN", MAKER.cert(cn="by no CA", ca=no_ca))
    forged = bytearray(group().der)
    forged[-1] ^= 1
    refused(client, "E-CERT-CHAIN", text(bytes(forged)))


@test("one certificate is for one phone, or for one group, R86")
def reused():
    site, client = started()
    one = cert("phone", cn="phone one")
    upload(client, one, device="SEP000000000001", origin="with-device")
    refused(client, "E-EXISTS", one, device="SEP000000000001")
    error = refused(client, "E-CERT-REUSED", one, device="SEP000000000002")
    contains(error.message, "SEP000000000001")
    refused(client, "E-CERT-REUSED", one)
    upload(client, group())
    refused(client, "E-EXISTS", group())
    refused(client, "E-CERT-REUSED", group(), device="SEP000000000002")
    own = client.call("object.show", kind="cert", name="CallManager")
    refused(client, "E-CERT-REUSED", own["pem"], device="SEP000000000002")
    renewed = upload(client, cert("renewed", cn="phone one"), device="SEP000000000001")
    equal(renewed["certificates"][0]["name"], "SEP000000000001 (2)")


@test("of a phone's chain only its own certificate is kept, and no CA is asked for")
def bound_chain():
    site, client = started()
    leaf = cert("bound leaf", cn="phone 7", ca=root())
    came = upload(client, root().pem + leaf.pem, device="SEP7")
    equal([(c["name"], c["usage"], c["device"]) for c in came["certificates"]], [("SEP7", "device", "SEP7")])
    contains(came["notes"][0], "left out")
    assert "Acme Root" not in names(client)


@test("fields are checked, and certificates are not typed in")
def fields():
    site, client = started()
    upload(client, group(), name="taken")
    other = cert("other", cn="other")
    for field, value in (("store", "no-store"), ("origin", "found"), ("description", "x" * 51), ("device", "a b"),
                         ("name", "-x"), ("name", "x\x1b[2J")):
        equal(refused(client, "E-VALUE", other, **{field: value}).data["field"], field)
    refused(client, "E-EXISTS", other, name="taken")
    refused(client, "E-VALUE", other, device="SEP1", store="Phone-trust")
    refused(client, "E-CERT-FIXED", other, store="CallManager")
    fails("E-CERT-UPLOAD", client.call, "object.add", kind="cert", values={"name": "x"})
    fails("E-CERT-UPLOAD", client.call, "import.begin", kind="certs")
    for field, value in (("name", "x"), ("store", "Phone-trust"), ("device", "x"), ("fingerprint", "x")):
        fails("E-READONLY", client.call, "object.set", kind="cert", name="taken", values={field: value})
    changed = client.call("object.set", kind="cert", name="taken", values={"origin": "by-device"})
    equal(changed["origin"], "by-device")


@test("the server's own certificates are on file and stay there")
def own():
    site, client = started()
    equal(sorted((r["name"], r["store"], r["usage"]) for r in rows_of(client, "cert")),
          [(role, role, "identity") for role in lib.ROLES])
    status = client.call("status")["certificates"]
    equal(sorted(r["fingerprint"] for r in rows_of(client, "cert")), sorted(c["fingerprint"] for c in status))
    equal([(c["roles"], c["key_type"]) for c in status],
          [(["CallManager"], "RSA"), (["CallManager"], "EC"), (["TFTP"], "RSA"), (["CAPF"], "RSA"), (["TVS"], "RSA"),
           (["ITLRecovery"], "RSA")])
    fails("E-CERT-FIXED", client.call, "object.remove", kind="cert", name="TFTP", accept=["W-SECURITY-LOST"])
    before = state(client)
    site.stop()
    site.start()
    equal(state(site.client()), before)


@test("commands: upload, list, show, set and remove")
def commands():
    site, client = started()
    on = cli.on(site)
    path = MAKER.path("upload.pem")
    with open(path, "w") as f:
        f.write(group().pem)
    equal(cli.done(on("cert", "upload", path)).out, "Certificate %s: CN=Group, valid, 364 days left\n" % GROUP)
    cli.refused(on("cert", "upload", path), "E-EXISTS")
    error = cli.refused(on("cert", "upload", path, "--device", "SEP1", "--json"), "E-CERT-REUSED").json()["error"]
    equal(error["rule"], "R86")
    cli.refused(on("cert", "upload", group().key), "E-CERT-PRIVATE-KEY")
    cli.refused(on("cert", "upload", MAKER.path("nothing")), "E-IO", status=5)
    cli.refused(on("cert", "upload", cert("of nobody", cn="nobody").path, "--device", ""), "E-USAGE", status=2)
    with open(MAKER.path("one.der"), "wb") as f:
        f.write(cert("phone", cn="phone one").der)
    came = cli.done(on("cert", "upload", MAKER.path("one.der"), "--device", "SEP1", "--origin", "by-device",
                       "--description", "Lobby", "--json")).json()
    equal([(c["name"], c["device"], c["origin"]) for c in came["certificates"]], [("SEP1", "SEP1", "by-device")])
    equal(sorted(r["name"] for r in cli.done(on("cert", "list", "--csv")).csv()), sorted([GROUP, "SEP1"] + lib.ROLES))
    equal([r["name"] for r in cli.done(on("cert", "list", "--json", "--filter", "device=SEP1")).json()], ["SEP1"])
    contains(cli.done(on("cert", "list")).out, "One device", "364 days left")
    contains(cli.done(on("cert", "show", group().fingerprint[:12])).out, "DNS:" + GROUP, group().pem_fingerprint)
    equal(cli.done(on("cert", "show", GROUP, "--pem")).out, group().pem)
    equal(on("cert", "show", GROUP, "--pem", "--json").status, 2)
    cli.done(on("cert", "set", "SEP1", "--description", "Hall"))
    contains(cli.refused(on("cert", "set", "SEP1", "--device", "SEP2"), "E-READONLY").err,
             "Remove the cert and upload it anew.")
    cli.refused(on("cert", "remove", "TFTP"), "E-CERT-FIXED")
    cli.done(on("cert", "remove", "SEP1"))
    cli.refused(on("cert", "show", "SEP1"), "E-NOT-FOUND")


def shared_phones(client, n=5):
    """A profile of the sample vendor that shares, with its certificate and n phones."""
    model = certs.import_samples(client)["shared"]
    client.call("cluster.mode", mode="mixed")
    upload(client, group())
    client.call("object.add", kind="profile", values={"name": GROUP, "type": model, "protocol": "SIP",
                                                      "mode": "encrypted"})
    for i in range(n):
        client.call("object.add", kind="phone", values={"name": "SEP%d" % i, "type": model, "protocol": "SIP",
                                                        "profile": GROUP})
    equal(client.call("object.show", kind="profile", name=GROUP)["certificate"], GROUP)


def enabled(client, phone):
    return client.call("object.show", kind="phone", name=phone)["enabled"]["ok"]


@test("a shared certificate goes only after the phones that need it were named, R109")
def remove_shared():
    site, client = started()
    shared_phones(client)
    assert enabled(client, "SEP3")
    before = state(client)
    error = fails("W-SECURITY-LOST", client.call, "object.remove", kind="cert", name=GROUP)
    contains(error.message, "5 phones are no longer secure: SEP0, SEP1, SEP2, ...")
    equal(state(client), before)
    users = client.call("object.users_of", kind="cert", name=GROUP)["users"]
    equal([u["kind"] for u in users], ["profile"] + ["phone"] * 5)
    many = client.call("object.users_of", kind="cert", names=[GROUP, GROUP], limit=8)
    equal((many["users"], many["more"]), ((users + users)[:8], True))
    fails("E-NOT-FOUND", client.call, "object.users_of", kind="cert", names=[GROUP, "nothing"])
    fails("E-USAGE", client.call, "object.users_of", kind="cert")
    fails("E-USAGE", client.call, "object.users_of", kind="cert", names=[1])
    client.call("object.remove", kind="cert", name=GROUP, accept=["W-SECURITY-LOST"])
    assert not enabled(client, "SEP3")
    equal(client.call("audit.list", limit=1)["rows"][0]["accepted"], ["W-SECURITY-LOST"])
    upload(client, group())  # the remedy
    assert enabled(client, "SEP3")


@test("a profile without a name lacks the name, and is not compared yet")
def nameless_profile():
    site, client = started()
    shared_phones(client)
    error = fails("E-REQUIRED", client.call, "object.add", kind="profile", values={
        "name": "", "type": rows_of(client, "phone")[0]["type"], "protocol": "SIP", "mode": "encrypted"})
    equal([p["code"] for p in error.data["problems"]], ["E-REQUIRED"])


@test("a renewed certificate takes over from the one that is removed")
def renew_shared():
    site, client = started()
    shared_phones(client, 1)
    upload(client, MAKER.cert(cn="Renewed", dns=["other.acme.com", GROUP]), name="renewed")
    equal(client.call("object.show", kind="profile", name=GROUP)["certificate"], GROUP)
    client.call("object.remove", kind="cert", name=GROUP)
    equal(client.call("object.show", kind="profile", name=GROUP)["certificate"], "renewed")
    assert enabled(client, "SEP0")
    audit = [(r["what"], r["object"]) for r in client.call("audit.list", limit=2)["rows"]]
    equal(audit, [("cert remove", "cert " + GROUP), ("profile set", "profile " + GROUP)])


@test("a profile goes over to the renewed certificate when its own ends")
def turn_shared():
    site, client = started()
    model = certs.import_samples(client)["shared"]
    client.call("cluster.mode", mode="mixed")
    soon = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(time.time() + 4))
    upload(client, MAKER.cert(cn="Ends", dns=[GROUP], ends=soon), name="ends")
    upload(client, group(), name="renewed")
    client.call("object.add", kind="profile", values={"name": GROUP, "type": model, "protocol": "SIP",
                                                      "mode": "encrypted", "certificate": "ends"})
    lib.poll(lambda: client.call("object.show", kind="profile", name=GROUP)["certificate"], "renewed")
    last = client.call("audit.list", limit=1)["rows"][0]
    equal((last["who"], last["what"], last["object"]), ("ringlockd", "profile set", "profile " + GROUP))


@test("a phone's own certificate: another that is valid, or a warning")
def remove_bound():
    site, client = started()
    model = certs.import_samples(client)["per-device"]
    client.call("cluster.mode", mode="mixed")
    one, two = cert("phone", cn="phone one"), cert("renewed", cn="phone one")
    came = upload(client, one, device="SEP1")
    equal(came["warnings"], [])  # no such phone is known yet
    client.call("object.add", kind="profile", values={"name": "own", "type": model, "protocol": "SIP",
                                                      "mode": "encrypted"})
    client.call("object.add", kind="phone", values={"name": "SEP1", "type": model, "protocol": "SIP",
                                                    "profile": "own"})
    contains(fails("W-SECURITY-LOST", client.call, "object.remove", kind="cert", name="SEP1").message,
             "1 phone is no longer secure: SEP1.")
    came = upload(client, two, device="SEP1")
    equal([w["code"] for w in came["warnings"]], ["W-CERT-ORIGIN"])
    client.call("object.remove", kind="cert", name="SEP1")
    fails("W-SECURITY-LOST", client.call, "object.remove", kind="cert", name="SEP1 (2)")
    client.call("object.remove", kind="cert", name="SEP1 (2)", accept=["W-SECURITY-LOST"])
    assert not enabled(client, "SEP1")
    client.call("object.add", kind="phone", values={"name": "SEP2", "type": model, "protocol": "SIP"})
    upload(client, cert("stays", cn="phone two"), device="SEP2")
    users = client.call("object.users_of", kind="phone", names=["SEP1", "SEP2"])["users"]
    equal(users[-1], {"kind": "cert", "name": "SEP2"})
    client.call("object.remove", kind="phone", name="SEP2")
    equal(client.call("object.show", kind="cert", name="SEP2")["device"], "SEP2")


@test("a phone whose type only shares certificates takes none of its own, R84")
def wrong_mode():
    site, client = started()
    shared_phones(client, 1)
    refused(client, "E-CERT-MODE", cert("phone", cn="phone one"), device="SEP0", origin="by-device")


def patched(certificate, old, new):
    """The certificate with other bytes in it: its signature is wrong then, which nobody asks of a phone's own."""
    assert len(old) == len(new) and certificate.der.count(old) == 1
    return text(certificate.der.replace(old, new))


@test("names that could be taken for others are kept so that they equal none")
def strange_names():
    site, client = started()
    ca = MAKER.cert(cn="Odd CA", is_ca=True)
    odd = MAKER.cert(cn="odd", dns=["AscomXroup01.acme.com"], uri=["sip:a;DNS:b@c"], ip=["192.0.2.1"], ca=ca)
    shown = []
    for i, byte in enumerate((b"\0", b" ", b";", b"\\", b"\x1b", b"\xc3")):
        came = upload(client, patched(odd, b"AscomXroup", b"Ascom" + byte + b"roup"), device="SEP%d" % i)
        shown.append(came["certificates"][0]["san"])
    equal(shown[0], ["DNS:Ascom\\x00roup01.acme.com", "URI:sip:a\\x3bDNS:b@c", "IP:192.0.2.1"])
    equal([s[0][9:13] for s in shown], ["\\x00", "\\x20", "\\x3b", "\\x5c", "\\x1b", "\\xc3"])
    words = MAKER.cert(cn="Smith, \u00e4 + <co>")
    equal(upload(client, words)["certificates"][0]["common_name"], "Smith, \u00e4 + <co>")
    blank = MAKER.cert(cn="CN with a blank ")
    came = upload(client, blank)["certificates"][0]
    equal((came["common_name"], came["subject"]), ("CN with a blank\\x20", "CN=CN with a blank\\20"))


@test("a file may hold words and many certificates, but not too many")
def large():
    site, client = started()
    chain = [MAKER.cert(cn="CA 0", is_ca=True)]
    for i in range(1, 17):
        chain.append(MAKER.cert(cn="CA %d" % i, is_ca=True, ca=chain[-1]))
    error = refused(client, "E-CERT-CHAIN", "".join(c.pem for c in chain))
    contains(error.message, "more than 16")
    came = upload(client, "Words, \u00fc.\r\n" + "and more\r\n".join(c.pem.replace("\n", "\r\n") for c in chain[:16]))
    equal([c["name"] for c in came["certificates"]], ["CA %d" % i for i in range(15, -1, -1)])


lib.run()
