"""Configuration files of phones: made, signed, encrypted, and made anew exactly when something in them changes.
A reader of its own (phone_files.py, by the sheets) verifies them, Python's XML reads them, and phones fetch them
from Debian's TFTP server and an HTTP server."""
import glob, hashlib, http.client, os, random, signal, socket, sqlite3, subprocess, sys, time
import xml.etree.ElementTree as xml

import cli
import lib
import phone_files
import phone_x509
from cli import done, refused
from lib import ACCEPT, Site, contains, equal, poll, test

VECTORS = os.path.join(lib.ROOT, "tests/vectors/trust")
TYPE = "Cisco 8841"
NAME = "SEP001122334455"
ROUNDS = 12
SEED = int(os.environ.get("RINGLOCK_KILL_SEED", "20261130"))


def call(site, method, **params):
    client = site.client()
    try:
        return client.call(method, **params)
    finally:
        client.close()


def settled(site):
    """Wait until nothing is due; the status."""
    client = site.client()
    status = poll(lambda: (lambda s: not s["busy"] and s)(client.call("publish.status")))
    client.close()
    equal(status["problem"], None)
    return status


def add(site, kind, **values):
    return call(site, "object.add", kind=kind, values=values, accept=ACCEPT)


def put(site, kind, which, **values):
    return call(site, "object.set", kind=kind, name=which, values=values,
                accept=ACCEPT + ["W-PROFILE-CAPF", "W-LSC-NEEDED"])


def tftp_certificate(site):
    """The one that signs, from what the engine has on file."""
    rows = call(site, "object.list", kind="cert", limit=100,
                criteria=[{"field": "store", "op": "is exactly", "value": "TFTP"}])["rows"]
    pem = call(site, "object.show", kind="cert", name=rows[0]["name"])["pem"]
    return phone_x509.Certificate.of_pem(pem)


def published(site, name):
    with open(site.path("tftp", name), "rb") as f:
        return f.read()


def signed(site, name=NAME, ending=".cnf.xml.sgn"):
    """The body of a signed file, verified, as XML."""
    file = phone_files.SignedFile(published(site, name + ending), name + ending)
    file.verify(tftp_certificate(site))
    return xml.fromstring(file.body)


def there(site):
    return sorted(os.path.basename(p) for p in glob.glob(site.path("tftp", "*.cnf.xml*")))


def site_with_phones(phones=(NAME,), conf=None, **profile):
    site = Site(conf=dict({"phones.call_managers": "192.0.2.10 192.0.2.11"}, **(conf or {}))).start()
    add(site, "user", id="ann", digest_password="s3cret")
    add(site, "profile", name="desk", type=TYPE, protocol="SIP", **profile)
    for i, name in enumerate(phones):
        add(site, "phone", name=name, type=TYPE, protocol="SIP", profile="desk", lines=["10%02d" % i],
            digest_user="ann")
    return site


def certificate(site, name, origin, device=NAME):
    """A device's certificate of the vectors, on file."""
    with open(os.path.join(VECTORS, "certs", name)) as f:
        pem = f.read()
    only = pem[pem.index("-----BEGIN CERTIFICATE"):pem.index("-----END CERTIFICATE-----") + 26]
    return call(site, "cert.upload", data=only, file=name, device=device, origin=origin,
                accept=ACCEPT + ["W-CERT-ORIGIN"])


@test("nothing is published before the first publish --all; then each phone has a signed file that verifies")
def first():
    site = site_with_phones()
    ringlock = cli.on(site)
    refused(ringlock("publish"), "E-PUBLISH-OFF")
    equal(there(site), [])
    equal(done(ringlock("phone", "files", NAME, "--json")).json()["made"], None)
    done(ringlock("publish", "--all"))
    config = signed(site)
    equal(config.findtext("deviceProtocol"), "SIP")
    equal([e.text for e in config.iter("processNodeName")][:2], ["192.0.2.10", "192.0.2.11"])
    equal([e.findtext("name") for e in config.iter("line")], ["1000"])
    told = done(ringlock("phone", "files", NAME, "--json")).json()
    equal((told["form"], told["due"], told["on"], told["code"]), ("signed", False, True, None))
    equal(told["signer"], hashlib.sha256(tftp_certificate(site).der).hexdigest())
    contains([f["name"] for f in told["files"]], NAME + ".cnf.xml.sgn")
    for file in told["files"]:
        equal(file["bytes"], os.stat(site.path("tftp", file["name"])).st_size)
        equal(os.stat(site.path("tftp", file["name"])).st_mode & 0o777, 0o644)
    contains(done(ringlock("publish")).out, "1 phones: signed")
    equal([r["what"] for r in call(site, "audit.list", kind="site", limit=1)["rows"]], ["publish"])


def state(site):
    return {name: (os.stat(site.path("tftp", name)).st_ino, published(site, name)) for name in there(site)}


def other(site, kind, which, **values):
    return lambda: put(site, kind, which, **values)


@test("a file is made anew exactly when something that it contains changes: inode and bytes tell")
def exactly():
    site = site_with_phones(("SEPA", "SEPB"), {"enrol.listen_capf": "127.0.0.1:0"}, mode="encrypted", digest="yes",
                            auth_mode="null-string")
    add(site, "profile", name="other", type=TYPE, protocol="SIP")
    add(site, "phone", name="SEPC", type=TYPE, protocol="SIP", profile="other", lines=["3000"])
    add(site, "user", id="bob", digest_password="b0b")
    done(cli.on(site)("publish", "--all"))
    changes = [  # what is done, and which phones' files it is in
        ("owner", other(site, "phone", "SEPA", owner="somebody"), ""),
        ("protected", other(site, "phone", "SEPA", protected="yes"), ""),
        ("lines", other(site, "phone", "SEPA", lines=["2001", "2002"]), "A"),
        ("description", other(site, "phone", "SEPB", description="Desk"), "B"),
        ("digest user", other(site, "phone", "SEPC", digest_user="bob"), ""),
        ("a profile's description", other(site, "profile", "desk", description="words"), ""),
        ("nonce validity", other(site, "profile", "desk", nonce_validity="700"), ""),
        ("a setting", other(site, "profile", "desk", pc_port="disabled"), "AB"),
        ("the same as the site's default", other(site, "profile", "desk", garp="disabled"), ""),
        ("SIP port", other(site, "profile", "other", sip_port="5070"), "C"),
        ("excluded credentials", other(site, "user", "bob", digest_password="n3w"), ""),
        ("credentials", other(site, "user", "ann", digest_password="n3w"), "AB"),
        ("a user's name", other(site, "user", "ann", name="Ann"), ""),
        ("a profile's name", other(site, "profile", "desk", name="desks"), ""),
        ("digest of the profile", other(site, "profile", "other", digest="yes"), "C"),
        ("mixed mode", lambda: call(site, "cluster.mode", mode="mixed"), "AB"),
        ("a CAPF operation", lambda: call(site, "capf.set", names=["SEPA"], operation="install",
                                         accept=["W-NULL-STRING"]), "A"),
        ("none any more", lambda: call(site, "capf.set", names=["SEPA"], operation="none"), "A"),
        ("another profile", other(site, "phone", "SEPB", profile="other"), "B"),
        ("a gateway", lambda: add(site, "gateway", name="gw", type="Cisco VG310", protocol="SCCP"), ""),
        ("another phone", lambda: add(site, "phone", name="SEPD", type=TYPE, protocol="SIP"), "D"),
    ]
    settled(site)
    for what, change, touched in changes:
        before = state(site)
        change()
        settled(site)
        after = state(site)
        new = {name for name in after if before.get(name) != after[name]}
        want = {name for name in after if name[3] in touched}
        if {n[3] for n in new} != set(touched) or set(before) - set(after) - {n for n in before if n.endswith(".cnf.xml")}:
            raise AssertionError("%s: %s were made anew and not %s" % (what, sorted(new), sorted(want)))
        for name in new:
            if before.get(name, (None, None))[1] == after[name][1]:
                raise AssertionError("%s: %s was made anew with the same bytes" % (what, name))


@test("configuration is published like any change, by SIGHUP and by a start")
def configured():
    site = site_with_phones()
    done(cli.on(site)("publish", "--all"))
    before = state(site)
    site.conf({"phones.call_managers": "192.0.2.99", "phones.hash": "sha512"})
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: signed(site).find(".//processNodeName").text == "192.0.2.99")
    settled(site)
    equal(phone_files.SignedFile(published(site, NAME + ".cnf.xml.sgn")).hash, 3)
    site.stop()
    site.conf({"phones.call_managers": "192.0.2.99", "calls.silence": "1h", "phones.hash": "sha512"})
    before = state(site)
    site.start()
    settled(site)
    equal(state(site), before)
    site.stop()
    site.conf({"phones.call_managers": "192.0.2.77"})
    site.start()
    poll(lambda: signed(site).find(".//processNodeName").text == "192.0.2.77")


@test("an encrypted file is for the LSC, else the MIC; nobody else reads it, and the short one tells of it")
def encrypted():
    site = site_with_phones(digest="yes", encrypted_config="yes", auth_mode="null-string")
    done(cli.on(site)("publish", "--all"))
    told = call(site, "phone.files", name=NAME)
    equal((told["form"], told["code"]), ("short", "W-ENC-KEY"))
    equal(there(site), [NAME + ".cnf.xml.sgn"])
    step = call(site, "phone.check", name=NAME)["steps"][6]
    equal((step["state"], step["code"]), ("open", "W-ENC-KEY"))
    counted = {r["value"]: r["count"] for r in done(cli.on(site)("report", "overview", "--json")).json()
               if r["what"] == "Configuration files"}
    equal(counted, {"signed": 0, "encrypted": 0, "encrypted, typed key": 0, "cannot be encrypted": 1})
    short = signed(site)
    equal([e.tag for e in short], ["fullConfig", "capfAuthMode", "capfList", "certHash", "encrConfig"])
    equal((short.findtext("certHash"), short.findtext("encrConfig")), ("", "true"))
    for name, origin in (("mic.pem", "with-device"),):
        certificate(site, name, origin)
        settled(site)
        key = phone_x509.Key.of_file(os.path.join(VECTORS, "certs", name))
        mine = phone_x509.Certificate.of_file(os.path.join(VECTORS, "certs", name))
        file = phone_files.EncryptedFile(published(site, NAME + ".cnf.xml.enc.sgn"), NAME + ".cnf.xml.enc.sgn")
        file.verify(tftp_certificate(site))
        config = xml.fromstring(file.decrypt(key))
        equal(config.findtext(".//authPassword"), "s3cret")
        equal(config.findtext("fullConfig"), "true")
        equal(signed(site).findtext("certHash"), hashlib.md5(mine.der).hexdigest())
        told = call(site, "phone.files", name=NAME)
        equal((told["form"], told["certificate"]), ("encrypted", hashlib.sha256(mine.der).hexdigest()))
    equal(b"s3cret" in b"".join(published(site, n) for n in there(site)), False)
    put(site, "profile", "desk", encrypted_config="no")
    settled(site)
    equal(NAME + ".cnf.xml.enc.sgn" in there(site), False)
    equal(signed(site).findtext(".//authPassword"), "s3cret")
    put(site, "profile", "desk", digest="no")
    settled(site)
    equal(signed(site).findtext(".//authPassword") or "", "")


@test("a key that is typed in at the phone takes the certificate's place, where the type has it so")
def typed():
    site = Site().start()
    add(site, "profile", name="old", type="Cisco 7960", protocol="SIP", encrypted_config="yes")
    add(site, "phone", name="SEP7960", type="Cisco 7960", protocol="SIP", profile="old")
    ringlock = cli.on(site)
    done(ringlock("publish", "--all"))
    equal(call(site, "phone.files", name="SEP7960")["form"], "short")
    refused(ringlock("phone", "set", "SEP7960", "--config-key", "-", stdin="0123\n"), "E-VALUE")
    refused(ringlock("phone", "set", "SEP7960", "--config-key", "-", stdin="g" * 32 + "\n"), "E-VALUE")
    done(ringlock("phone", "set", "SEP7960", "--config-key", "-", stdin="00112233445566778899aabbccddeeff\n"))
    settled(site)
    equal(call(site, "phone.files", name="SEP7960")["form"], "typed-key")
    shown = done(ringlock("phone", "show", "SEP7960", "--json")).out
    equal("00112233" in shown + str(call(site, "audit.list", limit=20)) + site.log(), False)
    file = phone_files.File(published(site, "SEP7960.cnf.xml.enc.sgn"), phone_files.ENC)
    file.verify(tftp_certificate(site))
    add(site, "phone", name=NAME, type=TYPE, protocol="SIP")
    refused(ringlock("phone", "set", NAME, "--config-key", "-", stdin="0" * 32 + "\n"), "E-ENC-CONFIG")


@test("files of removed phones go, and what others put there stays")
def removed():
    site = site_with_phones(("SEPA", "SEPB"))
    done(cli.on(site)("publish", "--all"))
    with open(site.path("tftp", "DialTemplate.xml"), "w") as f:
        f.write("mine")
    with open(site.path("tftp", "XMLDefault.cnf.xml"), "w") as f:
        f.write("mine")
    call(site, "object.remove", kind="phone", name="SEPA")
    call(site, "object.remove", kind="phone", name="SEPB")
    add(site, "phone", name="SEPZ", type=TYPE, protocol="SIP", profile="desk")
    settled(site)
    equal([n for n in there(site) if n.endswith(".sgn")], ["SEPZ.cnf.xml.sgn"])
    signed(site, "SEPZ")
    equal(os.path.exists(site.path("tftp", "DialTemplate.xml")), True)
    equal(os.path.exists(site.path("tftp", "XMLDefault.cnf.xml")), True)


@test("what is missing or was meddled with in the directory is made anew at start, what a crash left goes")
def reconciled():
    site = site_with_phones(("SEPA", "SEPB"))
    done(cli.on(site)("publish", "--all"))
    before = state(site)
    site.stop()
    os.unlink(site.path("tftp", "SEPA.cnf.xml.sgn"))
    for name in (".publish-SEPB.cnf.xml.sgn", ".publish-x"):
        with open(site.path("tftp", name), "w") as f:
            f.write("half")
    site.start()
    poll(lambda: os.path.exists(site.path("tftp", "SEPA.cnf.xml.sgn")))
    settled(site)
    signed(site, "SEPA")
    equal(state(site)["SEPB.cnf.xml.sgn"], before["SEPB.cnf.xml.sgn"])
    equal([n for n in os.listdir(site.path("tftp")) if n.startswith(".publish")], [])


@test("once another TFTP certificate is active every file is signed by it, and not before")
def signed_anew():
    site = site_with_phones(("SEPA", "SEPB"))
    ringlock = cli.on(site)
    done(ringlock("publish", "--all"))
    before = state(site)
    done(ringlock("cert", "regenerate", "TFTP"))
    settled(site)
    equal(state(site), before)
    done(ringlock("cert", "activate", "TFTP", "--accept", "W-CERT-IMPACT"))
    settled(site)
    for name in ("SEPA", "SEPB"):
        file = phone_files.SignedFile(published(site, name + ".cnf.xml.sgn"), name + ".cnf.xml.sgn")
        file.verify(tftp_of(site))
        equal(call(site, "phone.files", name=name)["signer"], hashlib.sha256(tftp_of(site).der).hexdigest())
    equal([n for n in state(site) if before.get(n) == state(site)[n]], [])


@test("ctl verify and ctl show take signed and encrypted files: who signed, under which name, changed or not")
def verified():
    site = site_with_phones(encrypted_config="yes")
    certificate(site, "mic.pem", "with-device")
    ringlock = cli.on(site)
    done(ringlock("publish", "--all"))
    for ending in (".cnf.xml.sgn", ".cnf.xml.enc.sgn"):
        path = site.path("tftp", NAME + ending)
        contains(done(ringlock("ctl", "verify", path)).out, "yes, a certificate of this site")
        equal(done(ringlock("ctl", "show", path, "--json")).json()["name"], NAME + ending)
        copy = os.path.join(site.base, "SEP000000000000" + ending)
        with open(copy, "wb") as f:
            f.write(published(site, NAME + ending))
        contains(refused(ringlock("ctl", "verify", copy), "E-TRUST-FILE").err, "under another name")
        changed = os.path.join(site.base, NAME + ending)
        with open(changed, "wb") as f:
            f.write(published(site, NAME + ending)[:-16] + b"0123456789abcdef")
        refused(ringlock("ctl", "verify", changed), "E-TRUST-SIGNATURE")
    theirs = os.path.join(VECTORS, "sgn/config-sha1/SEP001122334455.cnf.xml.sgn")
    refused(ringlock("ctl", "verify", theirs), "W-TRUST-SIGNER")
    with open(os.path.join(VECTORS, "certs/tftp.pem")) as f:
        pem = f.read()
    signer = os.path.join(site.base, "signer.pem")
    with open(signer, "w") as f:
        f.write(pem[pem.index("-----BEGIN CERTIFICATE"):pem.index("-----END CERTIFICATE-----") + 26])
    done(ringlock("ctl", "verify", theirs, "--signer", signer))
    refused(ringlock("ctl", "verify", site.path("tftp", NAME + ".cnf.xml.sgn"), "--signer", signer), "E-TRUST-SIGNER")


def whole(site, names):
    """What a phone could fetch at this moment is complete, verifiable, and fits together."""
    certificate = tftp_of(site)
    for name in names:
        for ending, kind in ((".cnf.xml.sgn", phone_files.SignedFile), (".cnf.xml.enc.sgn", phone_files.EncryptedFile)):
            if os.path.exists(site.path("tftp", name + ending)):
                kind(published(site, name + ending), name + ending).verify(certificate)
        if os.path.exists(site.path("tftp", name + ".cnf.xml.sgn")):
            body = phone_files.SignedFile(published(site, name + ".cnf.xml.sgn")).body
            if xml.fromstring(body).findtext("certHash"):
                equal(os.path.exists(site.path("tftp", name + ".cnf.xml.enc.sgn")), True)


def tftp_of(site):
    """The certificate that signs, from the database: the engine is dead."""
    db = sqlite3.connect("file:%s?mode=ro" % site.path("site.db"), uri=True)
    (der,) = db.execute("SELECT der FROM own WHERE role = 'TFTP' AND state = 'active'").fetchone()
    db.close()
    return phone_x509.Certificate(der)


@test("killed at any moment of publishing, the directory is whole, and the database agrees after the next start")
def killed():
    dice = random.Random(SEED)
    names = ["SEP%04d" % i for i in range(40)]
    site = site_with_phones(names)
    done(cli.on(site)("publish", "--all"))
    certificate(site, "mic.pem", "with-device", names[0])
    for round_ in range(ROUNDS):
        put(site, "profile", "desk", encrypted_config=("yes", "no")[round_ % 2], sip_port=str(5060 + round_ + 1))
        time.sleep(dice.uniform(0, 1.3))
        site.stop(signal.SIGKILL)
        try:
            whole(site, names)
        except Exception as e:
            raise AssertionError("round %d of seed %d: %s" % (round_, SEED, e))
        site.start()
    settled(site)
    for name in names:
        files = call(site, "phone.files", name=name)
        equal(sorted(f["name"] for f in files["files"]), [n for n in there(site) if n.startswith(name + ".")])
        for f in files["files"]:
            equal(f["bytes"], os.stat(site.path("tftp", f["name"])).st_size)


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetched(directory, name, command):
    out = os.path.join(directory, "got")
    subprocess.run([c.replace("OUT", out).replace("FILE", name) for c in command], check=True, stdin=subprocess.DEVNULL,
                   capture_output=True, timeout=lib.PATIENCE)
    with open(out, "rb") as f:
        return f.read()


@test("phones fetch them by TFTP from tftpd-hpa, and over HTTP")
def served():
    site = site_with_phones()
    done(cli.on(site)("publish", "--all"))
    want = published(site, NAME + ".cnf.xml.sgn")
    port = free_port(socket.SOCK_DGRAM)
    os.chmod(site.dir, 0o755)
    server = subprocess.Popen(["/usr/sbin/in.tftpd", "--foreground", "--secure", "--user", "nobody",
                               "--address", "127.0.0.1:%d" % port, site.path("tftp")],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lib.at_end.append(server.kill)

    def answers():
        try:
            return fetched(site.base, NAME + ".cnf.xml.sgn",
                           ["tftp", "-m", "octet", "127.0.0.1", str(port), "-c", "get", "FILE", "OUT"]) == want
        except (OSError, subprocess.CalledProcessError):
            return False
    poll(answers)
    server.terminate()
    server.wait(lib.PATIENCE)
    web = subprocess.Popen([sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory",
                            site.path("tftp"), "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lib.at_end.append(web.kill)
    http_port = int(web.stdout.readline().split(" port ")[1].split()[0])
    connection = http.client.HTTPConnection("127.0.0.1", http_port, timeout=lib.PATIENCE)
    connection.request("GET", "/" + NAME + ".cnf.xml.sgn")
    equal(connection.getresponse().read(), want)
    web.terminate()
    web.wait(lib.PATIENCE)


lib.run()
