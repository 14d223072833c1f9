"""Certificate operations of phones as they are ordered, shown and taken back (profiles.md 5)."""
import os, time

import lib
from cli import done, on, refused
from lib import Site, contains, equal, fails, poll, test

MODEL = "Cisco 8861"
SOFT = "Jabber desktop"  # takes an LSC and has no MIC
VENDOR = """[pack]
name = acme
version = 1
vendor = Acme
date = 2026-01-01
[type-1]
model = "Acme 1"
class = third-party-phone
protocols = "SIP"
security_class = secure-preferred-vendor
has_mic = no
lsc_capf = no
authentication = yes
encryption = yes
tls_to_cucm = yes
srtp = yes
digest = yes
cert_mode = both
"""


def later(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def site_with(n, mode="null-string"):
    site = Site({"enrol.listen_capf": "127.0.0.1:0"}).start()
    client = site.client()
    client.call("object.add", kind="profile", values={"name": "desk", "type": MODEL, "auth_mode": mode})
    client.call("import.begin", kind="phones")
    client.call("import.part", csv="name,type,profile,description\n" + "".join(
        "P%04d,%s,desk,%s\n" % (i, MODEL, "even" if i % 2 == 0 else "odd") for i in range(n)))
    client.call("import.end")
    return site, client, on(site)


def shown(client, phone):
    return client.call("capf.show", name=phone)


@test("an operation is ordered, shown, listed and taken back, each with its entry")
def order():
    site, client, cli = site_with(3)
    equal(shown(client, "P0000")["status_text"], "None")
    answer = done(cli("capf", "set", "P0000", "P0001", "--operation", "install", "--by", later(3600), "--json"))
    equal([i["done"] for i in answer.json()], [True, True])
    equal([w["code"] for w in answer.json()[0]["warnings"]], ["W-NULL-STRING"])
    told = shown(client, "P0000")
    equal((told["operation"], told["status"], told["status_text"]), ("install", "pending", "Operation Pending"))
    equal((told["auth_mode"], told["key_order"], told["rsa_size"], told["lsc"]), ("null-string", "rsa", "2048", None))
    rows = done(cli("capf", "list", "--pending", "--csv")).csv()
    equal([r["phone"] for r in rows], ["P0000", "P0001"])
    equal(client.call("status")["capf"]["pending"], 2)
    contains(done(cli("capf", "show", "P0001")).out, "Install/Upgrade")
    contains(done(cli("capf", "cancel", "P0000")).out, "P0000: taken back")
    equal(shown(client, "P0000")["status"], "none")
    equal([r["phone"] for r in done(cli("capf", "list", "--status", "pending", "--json")).json()], ["P0001"])
    entries = client.call("audit.list", object="P0000", kind="phone")["rows"]
    equal([e["what"] for e in entries[:2]], ["capf.set", "capf.set"])
    equal((entries[0]["before"]["operation"], entries[0]["after"]["operation"]), ("install", "none"))
    refused(cli("capf", "show", "nobody"), "E-NOT-FOUND")
    refused(cli("capf", "set", "P0000", "--operation", "upgrade"), "E-USAGE", 2)
    refused(cli("capf", "set", "P0000", "--operation", "install", "--by", later(-10)), "E-VALUE")
    refused(cli("capf", "set", "P0000", "--operation", "install", "--by", "tomorrow"), "E-VALUE")
    done(cli("capf", "set", "P0000", "--operation", "install", "--by", "2099:12:31:18"))
    equal(shown(client, "P0000")["completes_by"], "2099-12-31T18:00:00Z")
    rows = {(r["what"], r["value"]): r["count"] for r in done(cli("report", "overview", "--json")).json()}
    equal((rows["CAPF operations", "pending"], rows["LSC installed", "unknown"]), (2, 3))


@test("strings are 4 to 10 digits, come by standard input, and are told nowhere")
def strings():
    site, client, cli = site_with(3, "string")
    order = ("capf", "set", "P0000", "--operation", "install")
    refused(cli(*order), "E-REQUIRED")
    for wrong in ("123", "12345678901", "12a4", "1234 "):
        refused(cli(*order, "--string", stdin=wrong + "\n"), "E-VALUE")
    done(cli(*order, "--string", stdin="8675309\n"))
    equal(shown(client, "P0000")["string"], True)
    done(cli(*order))  # another time for what waits keeps it
    made = done(cli("capf", "set", "P0001", "P0002", "--operation", "install", "--generate", "--json")).json()
    digits = [i["string"] for i in made]
    assert all(d.isdigit() and len(d) == 8 for d in digits) and digits[0] != digits[1], made
    one = done(cli("capf", "set", "P0001", "--operation", "install", "--generate")).out
    contains(one, "P0001: ordered, string ")
    told = done(cli("capf", "show", "P0000", "--json")).out + done(cli("capf", "list", "--json")).out + \
        done(cli("audit", "list", "--json")).out + done(cli("export", "phones")).out
    site.stop()
    for name in os.listdir(site.path("log")):
        with open(site.path("log", name)) as f:
            told += f.read()
    for secret in digits + ["8675309"]:
        assert secret not in told, secret
    site.start()
    client = site.client()
    client.call("capf.set", names=["P0000"], operation="none")
    equal(shown(client, "P0000")["string"], False)
    client.call("object.set", kind="profile", name="desk", values={"auth_mode": "mic"})
    answer = client.call("capf.set", names=["P0000"], operation="install", string="1234")
    equal(answer["items"][0]["error"]["code"], "E-VALUE")
    contains(answer["items"][0]["error"]["remedy"], "ringlock phone set P0000 --auth-mode string")


@test("phones of vendors have no CAPF, in bulk either (R73); who can prove nothing is warned of")
def who():
    site, client, cli = site_with(2, "lsc")
    client.call("type.import", pack=VENDOR)
    client.call("object.add", kind="phone", values={"name": "V1", "type": "Acme 1"})
    answer = client.call("capf.set", names=["P0000", "V1", "nobody", "P0001"], operation="install")
    equal([i["done"] or i["error"]["code"] for i in answer["items"]], [True, "E-VENDOR-CAPF", "E-NOT-FOUND", True])
    equal([w["code"] for w in answer["items"][0]["warnings"]], [])  # its type comes with a MIC
    refused(cli("capf", "set", "V1", "--operation", "troubleshoot"), "E-VENDOR-CAPF")
    client.call("object.add", kind="profile", values={"name": "soft", "type": SOFT, "auth_mode": "lsc"})
    client.call("object.add", kind="phone", values={"name": "S1", "type": SOFT, "profile": "soft"})
    answer = client.call("capf.set", names=["S1"], operation="install")
    equal([w["code"] for w in answer["items"][0]["warnings"]], ["W-CAPF-PROOF"])


@test("a secure phone that would be left without a certificate needs a yes")
def loss():
    site, client, cli = site_with(0)
    client.call("cluster.mode", mode="mixed")
    client.call("object.add", kind="profile", values={"name": "soft", "type": SOFT, "mode": "encrypted"})
    client.call("object.add", kind="phone", values={"name": "S1", "type": SOFT, "profile": "soft"})
    refused(cli("capf", "set", "S1", "--operation", "delete"), "W-SECURITY-LOST")
    done(cli("capf", "set", "S1", "--operation", "delete", "--accept", "W-SECURITY-LOST"))


@test("many at once: by file, by filter, in parts; what waits too long is late")
def many():
    site, client, cli = site_with(600)
    result = done(cli("capf", "set", "--filter", "description=even", "--operation", "install"))
    contains(result.out, "300 ordered, 0 refused")
    equal(client.call("status")["capf"]["pending"], 300)
    page = client.call("capf.list", status="pending", limit=100)
    equal((len(page["rows"]), page["more"]), (100, True))
    after = client.call("capf.list", status="pending", after=page["rows"][-1]["phone"], limit=500)
    equal((len(after["rows"]), after["more"]), (200, False))
    equal(len(done(cli("capf", "list", "--pending", "--csv")).csv()), 300)
    equal(len(done(cli("capf", "list", "--limit", "7", "--json")).json()), 7)
    contains(done(cli("capf", "cancel", "--names-from", "-", stdin="P0000\nP0002\n")).out, "2 taken back, 0 refused")
    refused(cli("capf", "cancel", "--filter", "description=none such"), "E-USAGE", 2)
    client.call("capf.set", names=["P0001"], operation="delete", completes_by=later(2))
    poll(lambda: shown(client, "P0001")["status"] == "failed")
    equal(shown(client, "P0001")["status_text"], "Delete Failed: User Initiated Request Late/Timedout")
    equal(shown(client, "P0001")["operation"], "none")


@test("only operators order; viewers look")
def roles():
    site, client, cli = site_with(1)
    equal(client.call("capf.list")["rows"], [])
    fails("E-VALUE", client.call, "capf.list", status="soon")
    fails("E-VALUE", client.call, "capf.set", names=["P0000"], operation="eat")
    fails("E-USAGE", client.call, "capf.set", names=["P0000"], operation="install", string="1234", generate=True)


lib.run()
