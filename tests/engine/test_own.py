#!/usr/bin/env python3
"""The life of the server's own certificates: requests to a CA and its answers (R10), the next, the active and the
former one of each role (R11), and what is left after a kill at any moment."""
import os, random, signal, sqlite3, stat, subprocess, threading, time

import certs
import cli
import lib
from lib import Site, contains, equal, fails, test

KILLS = 30
SEED = int(os.environ.get("RINGLOCK_KILL_SEED", "20261130"))
MAKER = certs.Maker()
made = {}


def ca(cn="Root", of=None):
    """A CA, made once."""
    if cn not in made:
        made[cn] = MAKER.cert(cn=cn, is_ca=True, bits=2048, ca=of)
    return made[cn]


def started():
    site = Site().start()
    return site, site.client()


def history(client, role):
    return client.call("cert.history", role=role)


def states(client, role):
    return [(c["state"], c["fingerprint"]) for c in history(client, role)["rows"]]


def keys(site):
    return sorted(os.listdir(site.path("keys")))


def on_file(client, role):
    return client.call("object.show", kind="cert", name=role)["fingerprint"]


def agrees(site, client):
    """Each certificate that may be used has its key, and no key is there without one; the one on file is the active one."""
    db = sqlite3.connect("file:%s?mode=ro" % site.path("site.db"), uri=True)
    rows = db.execute("SELECT role, key_type, state, key_file, fingerprint FROM own").fetchall()
    asked = [r[0] for r in db.execute("SELECT key_file FROM csr")]
    db.close()
    equal(keys(site), sorted([f for _, _, state, f, _ in rows if state != "retired"] + asked))
    for name in keys(site):
        equal(stat.S_IMODE(os.stat(site.path("keys", name)).st_mode), 0o600)
    active = {role + ("-ECDSA" if kind == "EC" else ""): f for role, kind, state, _, f in rows if state == "active"}
    equal(sorted(active), sorted(lib.ROLES))
    equal({role: on_file(client, role) for role in active}, active)
    equal(sorted(c["fingerprint"] for c in client.call("status")["certificates"]), sorted(active.values()))


@test("a next certificate is made beside the active one, activated, and the former one retired (R11)")
def rollover():
    site, client = started()
    for role in lib.ROLES:
        first = on_file(client, role)
        made = client.call("cert.regenerate", role=role)
        new = made["certificate"]["fingerprint"]
        equal((made["role"], made["state"], made["certificate"]["state"]), (role, "next", "next"))
        equal(states(client, role), [("next", new), ("active", first)])
        equal(on_file(client, role), first)
        agrees(site, client)
        fails("E-EXISTS", client.call, "cert.regenerate", role=role)
        agrees(site, client)
        equal(client.call("cert.activate", role=role)["state"], "active")
        former = "former" if role == "CAPF" else "retired"  # nobody has a list; phones have certificates of CAPF
        equal(states(client, role), [("active", new), (former, first)])
        equal(on_file(client, role), new)
        agrees(site, client)
        fails("E-NOT-FOUND", client.call, "cert.activate", role=role)
    client.call("cert.retire", role="CAPF")
    fails("E-NOT-FOUND", client.call, "cert.retire", role="CAPF")
    agrees(site, client)
    entry = [e for e in client.call("audit.list", limit=9)["rows"] if e["what"] == "cert retire"][0]
    equal((entry["object"], entry["before"]["state"], entry["after"]["state"]), ("cert CAPF", "former", "retired"))
    site.stop()
    client = site.start().client()
    agrees(site, client)
    assert client.call("audit.verify")["ok"]


@test("a next certificate is given up again, and one takes its place at once")
def other_ways():
    site, client = started()
    first = on_file(client, "TFTP")
    client.call("cert.regenerate", role="TFTP")
    client.call("cert.retire", role="TFTP", next=True)
    equal([s for s, _ in states(client, "TFTP")], ["retired", "active"])
    equal(on_file(client, "TFTP"), first)
    now = client.call("cert.regenerate", role="tftp", key="rsa4096", now=True)["certificate"]
    equal((now["state"], now["key_bits"], on_file(client, "TFTP")), ("active", 4096, now["fingerprint"]))
    equal([s for s, _ in states(client, "TFTP")], ["active", "retired", "retired"])
    agrees(site, client)
    ec = client.call("cert.regenerate", role="CallManager-ECDSA", key="ec521", san=["cm.example.org", "2001:db8::1"])
    equal((ec["certificate"]["key_bits"], [s["value"] for s in ec["certificate"]["san"]], ec["certificate"]["signature_hash"]),
          (521, ["cm.example.org", "2001:db8::1"], "SHA512"))
    fails("E-VALUE", client.call, "cert.regenerate", role="TFTP", key="rsa3072")
    fails("E-VALUE", client.call, "cert.regenerate", role="TFTP", key="ec256")
    fails("E-VALUE", client.call, "cert.regenerate", role="TVS", san=["a b"])
    fails("E-VALUE", client.call, "cert.regenerate", role="TVS", san=["*.example.org"])
    fails("E-NOT-FOUND", client.call, "cert.regenerate", role="tomcat")
    agrees(site, client)


@test("a CA answers a request: with its chain in the file, or in the trust store (R10)")
def install():
    site, client = started()
    csr = client.call("cert.csr", role="CallManager", san=["cm1.example.org"])["pem"]
    sub = ca("Sub", of=ca())
    leaf = MAKER.answer(csr, sub)
    error = fails("E-CERT-NO-CHAIN", client.call, "cert.install", role="CallManager", data=leaf.pem, file="cm.pem")
    contains(str(error), "CallManager-trust")
    equal(states(client, "CallManager")[0][0], "active")
    equal(client.call("cert.install", role="CallManager", data=leaf.pem + sub.pem + ca().pem)["state"], "next")
    row = history(client, "CallManager")["rows"][0]
    equal((row["state"], row["self_signed"], row["issuer"], row["san"][0]["value"]), ("next", False, "CN=Sub", "cm1.example.org"))
    equal(sorted(r["name"] for r in lib.rows(client, "cert") if r["store"] == "CallManager-trust"), ["Root", "Sub"])
    equal(history(client, "CallManager")["request"], None)
    client.call("cert.activate", role="CallManager")
    agrees(site, client)
    csr = client.call("cert.csr", role="TFTP")["pem"]
    leaf = MAKER.answer(csr, sub)
    equal(client.call("cert.install", role="TFTP", data=leaf.pem, now=True)["state"], "active")
    equal(on_file(client, "TFTP"), leaf.fingerprint)
    fails("E-NOT-FOUND", client.call, "cert.install", role="TFTP", data=leaf.pem)
    agrees(site, client)


@test("what is no answer to the request is refused with its reason, and nothing changes")
def install_refused():
    site, client = started()
    old = client.call("cert.csr", role="TVS")["pem"]
    csr = client.call("cert.csr", role="TVS")["pem"]
    equal(history(client, "TVS")["request"]["pem"], csr)
    client.call("cert.upload", data=ca().pem, store="TVS-trust")
    before = states(client, "TVS"), len(lib.rows(client, "cert"))
    gone = ["activation_date = \"2020-01-01 00:00:00\"", "expiration_date = \"2021-01-01 00:00:00\""]
    p12 = MAKER.path("x.p12")
    own = MAKER.cert(cn="own", bits=2048)
    subprocess.run(["openssl", "pkcs12", "-export", "-in", own.path, "-inkey", own.key, "-out", p12, "-passout", "pass:x"],
                   check=True, capture_output=True)
    on = cli.on(site)
    for code, data in (("E-CERT-CSR-MISMATCH", MAKER.answer(old, ca()).pem), ("E-CERT-CSR-MISMATCH", own.pem),
                       ("E-CERT-WILDCARD", MAKER.answer(csr, ca(), lines=["dns_name = *.example.org"]).pem),
                       ("E-CERT-WEAK", MAKER.answer(csr, ca(), hash="SHA1").pem),
                       ("E-CERT-DATES", MAKER.answer(csr, ca(), lines=gone).pem),
                       ("E-CERT-NO-CHAIN", MAKER.answer(csr, ca("Other")).pem),
                       ("E-CERT-PRIVATE-KEY", certs.read(own.key)), ("E-CERT-PARSE", "no certificate")):
        fails(code, client.call, "cert.install", role="TVS", data=data, file="tvs.pem")
        equal((states(client, "TVS"), len(lib.rows(client, "cert"))), before)
    cli.refused(on("cert", "install", "TVS", p12), "E-CERT-PKCS12")
    fails("E-CERT-SELF", client.call, "cert.csr", role="ITLRecovery")
    agrees(site, client)
    csr = client.call("cert.csr", role="CAPF")["pem"]
    client.call("cert.upload", data=ca().pem, store="CAPF-trust")
    plain = MAKER.cert(cn="CAPF", ca=ca(), key=site.path("keys", [k for k in keys(site) if k.startswith("CAPF-")][0]))
    fails("E-CERT-CA", client.call, "cert.install", role="CAPF", data=plain.pem)
    equal(client.call("cert.install", role="CAPF", data=MAKER.answer(csr, ca(), ca_of=0).pem)["state"], "next")
    agrees(site, client)


@test("commands: csr, install, regenerate, activate, retire and history")
def commands():
    site, client = started()
    on = cli.on(site)
    path = MAKER.path("tvs.csr")
    cli.done(on("cert", "csr", "TVS", path, "--key", "rsa4096", "--san", "tvs.example.org"))
    answer = MAKER.answer(certs.read(path), ca())
    contains(cli.done(on("cert", "csr", "CAPF")).out, "BEGIN NEW CERTIFICATE REQUEST")
    contains(cli.done(on("cert", "history", "TVS")).out, "itself", "waits for the answer of a CA")
    with open(MAKER.path("tvs.pem"), "w") as f:
        f.write(answer.pem + ca().pem)
    contains(cli.done(on("cert", "install", "TVS", MAKER.path("tvs.pem"))).out, "cert activate TVS")
    equal([r["state"] for r in cli.done(on("cert", "history", "TVS", "--csv")).csv()], ["next", "active"])
    contains(cli.done(on("cert", "activate", "TVS")).out, "used from now on")
    equal(cli.done(on("cert", "history", "TVS", "--json")).json()[0]["fingerprint"], answer.fingerprint)
    contains(cli.done(on("cert", "regenerate", "tvs", "--now")).out, "used from now on")
    cli.done(on("cert", "regenerate", "CAPF", "--now"))
    contains(cli.done(on("cert", "retire", "CAPF")).out, "former", "history")
    cli.refused(on("cert", "retire", "CAPF"), "E-NOT-FOUND")
    cli.done(on("cert", "regenerate", "CAPF"))
    contains(cli.done(on("cert", "retire", "CAPF", "--next")).out, "next", "history")
    agrees(site, client)


@test("only administrators change them, and no private key is told")
def rights():
    site = Site({"control.viewer_users": "nobody"})
    os.chmod(site.dir, 0o755)
    client = site.start().client()
    user = lib.user_without_rights()
    asked = [(m, dict(role="TVS", **more)) for m, more in (("cert.csr", {}), ("cert.regenerate", {}), ("cert.activate", {}),
             ("cert.retire", {}), ("cert.install", {"data": "x"}), ("cert.history", {}))]
    equal(lib.as_user(user.pw_uid, [user.pw_gid], site, asked), ["viewer"] + 5 * ["E-NOT-ALLOWED"] + ["ok"])
    client.call("cert.csr", role="TVS")
    told = [client.call("cert.history", role="TVS"), client.call("cert.regenerate", role="TVS"), client.call("status"),
            client.call("audit.list", limit=50)]
    assert "PRIVATE" not in str(told) and ".key" not in str(told)


def listed(site, kind, versions, seen):
    """Lists as if they were published: versions with the certificates of these roles, phones as if seen with one."""
    db = sqlite3.connect(site.path("site.db"))
    der = {}
    for role, key, state, body in db.execute("SELECT role, key_type, state, der FROM own"):
        der[role + ("-ECDSA" if key == "EC" else ""), state] = body
    for version, what in enumerate(versions, 1):
        body = b"list" + b"".join(der[role, state] for role, state in what)
        db.execute("INSERT OR REPLACE INTO trust_list (kind, version, made, body) VALUES (?, ?, ?, ?)",
                   (kind, version, "2026-11-30T00:00:00Z", body))
    for phone, version in seen.items():
        db.execute("INSERT OR REPLACE INTO phone_list (kind, phone, version, seen) SELECT ?, rid, ?, ? FROM phone"
                   " WHERE name = ?", (kind, version, "2026-11-30T00:00:00Z", phone))
    db.execute("UPDATE meta SET value = 'mixed' WHERE key = 'cluster_mode'")
    db.commit()
    db.close()


def impact(client, role, act):
    found = client.call("cert.impact", role=role, act=act)
    return [(e["kind"], e["phones"]) for e in found["effects"]], [p["name"] for p in found["phones"]]


def order(client, role):
    """The steps that are done, and the next one with what it waits for."""
    steps = client.call("cert.impact", role=role)["steps"]
    return [s["id"] for s in steps if s["state"] == "done"], [(s["id"], s["left"]) for s in steps if s["state"] == "next"]


@test("before an act it is told which phones it leaves behind, and the safe order (R16)")
def impacts():
    site, client = started()
    phones = ["SEP00000000000%d" % i for i in range(4)]
    for name in phones:
        client.call("object.add", kind="phone", values={"name": name, "type": "Cisco 8841", "protocol": "SIP"}, accept=lib.ACCEPT)
    equal(impact(client, "ITLRecovery", "regenerate"), ([], []))
    equal(order(client, "ITLRecovery"), (["tvs"], [("make", 0)]))
    client.close()
    site.stop()
    has = [(role, "active") for role in ("CallManager", "TFTP", "CAPF", "ITLRecovery")]
    listed(site, "CTL", [has, has], {name: 2 for name in phones[:3]})
    client = site.start().client()
    equal(impact(client, "ITLRecovery", "regenerate"), ([("trust", 4)], phones))
    equal(impact(client, "ITLRecovery", "retire"), ([], [phones[3]]))  # there is no former one
    equal(impact(client, "CallManager", "regenerate"), ([], phones))  # no phone is secure
    equal(impact(client, "CallManager-ECDSA", "regenerate"), ([], []))  # in no list
    fails("W-CERT-IMPACT", client.call, "cert.regenerate", role="ITLRecovery", now=True)
    agrees(site, client)
    client.call("cert.regenerate", role="ITLRecovery")
    client.close()
    site.stop()
    listed(site, "CTL", [has, has, has + [("ITLRecovery", "next")]], {phones[0]: 3})
    client = site.start().client()
    equal(order(client, "ITLRecovery"), (["tvs", "make", "list"], [("wait", 3)]))
    equal(impact(client, "ITLRecovery", "activate"), ([("trust", 3)], phones[1:]))
    page = client.call("cert.impact", role="ITLRecovery", act="activate", limit=2)
    equal(([p["name"] for p in page["phones"]], page["more"]), (phones[1:3], True))
    page = client.call("cert.impact", role="ITLRecovery", act="activate", limit=2, after=page["last"])
    equal(([(p["name"], p["version"], p["seen"]) for p in page["phones"]], page["more"]), ([(phones[3], 0, None)], False))
    fails("W-CERT-IMPACT", client.call, "cert.activate", role="ITLRecovery")
    contains(cli.done(cli.on(site)("cert", "impact", "ITLRecovery", "--act", "activate")).out, "2 phones, and up to 1 never",
             "3  done", "4  next", "(3 left)", "never seen with a list")
    equal([r["name"] for r in cli.done(cli.on(site)("cert", "impact", "ITLRecovery", "--act", "activate", "--csv")).csv()],
          phones[1:])
    client.close()
    site.stop()
    listed(site, "CTL", [], {name: 3 for name in phones})
    client = site.start().client()
    equal(order(client, "ITLRecovery"), (["tvs", "make", "list", "wait"], [("activate", 0)]))
    client.call("cert.activate", role="ITLRecovery")
    equal(order(client, "ITLRecovery"), (["tvs", "make", "list", "wait", "activate"], [("retire", 0)]))
    fails("E-NOT-FOUND", client.call, "cert.activate", role="ITLRecovery")
    fails("E-CERT-ROLLOVER", client.call, "cert.regenerate", role="ITLRecovery")
    client.call("cert.retire", role="ITLRecovery")
    equal(order(client, "ITLRecovery"), (["tvs"], [("make", 0)]))
    agrees(site, client)


@test("once the certificate that authenticates the server has expired, no phone is said to be secure (R12)")
def expired():
    site, client = started()
    client.call("cluster.mode", mode="mixed")
    client.call("object.add", kind="phone", values={"name": "SEP000000000001", "type": "Cisco 8841", "protocol": "SIP"},
                accept=lib.ACCEPT)

    def step():
        return client.call("phone.check", name="SEP000000000001")["steps"][0]
    equal((step()["state"], step()["code"]), ("done", None))
    client.close()
    site.stop()
    old = MAKER.cert(cn="CallManager", key=site.path("keys", "CallManager.key"), begins="2020-01-01 00:00:00",
                     ends="2021-01-01 00:00:00")
    db = sqlite3.connect(site.path("site.db"))
    db.execute("UPDATE own SET der = ?, fingerprint = ? WHERE role = 'CallManager' AND key_type = 'RSA'",
               (old.der, old.fingerprint))
    db.commit()
    db.close()
    client = site.start().client()
    equal((step()["state"], step()["code"], step()["kind"], step()["name"]),
          ("open", "E-SERVER-CERT", "certificate", "CallManager"))
    client.call("cert.regenerate", role="CallManager", now=True, accept=["W-CERT-IMPACT"])
    assert step()["code"] != "E-SERVER-CERT", step()


def turn(client, rng, answers):
    """Acts on the quickest keys there are, until the engine dies."""
    role = "CallManager-ECDSA"
    while True:
        act = rng.choice(("regenerate", "now", "activate", "retire", "next", "csr", "install"))
        try:
            if act == "csr":
                answers[:] = [client.call("cert.csr", role=role)["pem"]]
            elif act == "install":
                if answers:
                    client.call("cert.install", role=role, data=MAKER.answer(answers[0], ca()).pem, now=rng.random() < 0.5)
            else:
                more = {"now": True} if act == "now" else {"next": True} if act == "next" else {}
                client.call("cert." + {"now": "regenerate", "next": "retire"}.get(act, act), role=role, **more)
        except lib.RpcError:
            pass
        except (lib.Closed, OSError):
            return


@test("killed at %d moments, rows and keys agree" % KILLS)
def kill():
    rng = random.Random(SEED)
    site = Site()
    for i in range(KILLS):
        client = site.start().client()
        if i == 0:
            client.call("cert.upload", data=ca().pem, store="CallManager-trust")
        agrees(site, client)
        acts = threading.Thread(target=turn, args=(client, random.Random(rng.random()), []))
        acts.start()
        time.sleep(rng.random() * 0.3)
        site.engine.send_signal(signal.SIGKILL)
        site.engine.wait()
        acts.join()
    client = site.start().client()
    agrees(site, client)
    assert client.call("audit.verify")["ok"]
    print("# seed %d, certificates that came of it: %d" % (SEED, len(history(client, "CallManager-ECDSA")["rows"])))


lib.run()
