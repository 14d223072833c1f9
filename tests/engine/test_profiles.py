"""Rules for profiles (profiles.md 4), by the protocol, the commands and imports alike."""
import json

import lib
from cli import done, on, refused
from lib import Site, contains, equal, fails, test

MODEL = "Cisco 8841"
DEFAULT = MODEL + " - Standard SIP Non-Secure Profile"
CAPF = ("auth_mode", "key_order", "rsa_size", "ec_size")


def site_with(*profiles, phones=()):
    """A site in mixed mode with profiles (name, fields) and phones (name, profile) of MODEL."""
    site = Site().start()
    client = site.client()
    client.call("cluster.mode", mode="mixed")
    for name, fields in profiles:
        client.call("object.add", kind="profile", values=dict({"name": name, "type": MODEL}, **fields))
    for name, profile in phones:
        client.call("object.add", kind="phone", values={"name": name, "type": MODEL, "profile": profile})
    return client, on(site)


def show(client, kind, name):
    return client.call("object.show", kind=kind, name=name)


def state(client):
    """Everything that a refusal must leave alone."""
    return [client.call("export", kind=kind)["csv"] for kind in ("profiles", "phones")]


def entries(client, n):
    return [(e["what"], e["object"]) for e in client.call("audit.list", limit=n)["rows"]]


def unchanged(client, refusal):
    before = state(client)
    refusal()
    equal(state(client), before)


@test("4.4: what touches thousands of phones is done beside the loop, and is the same")
def many_phones():
    client, cli = site_with(("desk", {"mode": "nonsecure"}))
    rows = "".join("P%05d,%s,desk,%d\n" % (i, MODEL, 1000 + i // 2) for i in range(2500))
    done(cli("import", "phones", "-", stdin="name,type,profile,lines\n" + rows))

    def line(number, method, **params):
        return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"

    def beside(method, **params):
        """Its answer, after that of a question that was asked later."""
        client.send(line(901, method, kind="profile", name="desk", **params) + line(902, "status"))
        first, second = client.line(), client.line()
        equal((first["id"], second["id"]), (902, 901))
        return second
    checked = beside("object.check", values={"mode": "encrypted", "transport": "tls"})["result"]
    equal((checked["values"]["mode"], checked["problems"]), ("encrypted", []))
    equal(show(client, "profile", "desk")["mode"], "nonsecure")
    client.send(line(1, "object.set", kind="profile", name="desk", values={"description": "x"}) +
                line(2, "cluster.mode", mode="nonsecure"))
    got = {m["id"]: m for m in (client.line(), client.line())}
    equal((got[1]["result"]["phones"], got[2]["error"]["data"]["code"]), (2500, "E-CONFLICT"))
    equal(beside("object.set", rev=1, values={"description": "y"})["error"]["data"]["code"], "E-CONFLICT")
    equal(beside("object.set", values={"name": ""})["error"]["data"]["code"], "E-REQUIRED")
    renamed = beside("object.set", values={"name": "other"})["result"]
    equal((renamed["name"], renamed["phones"], len(renamed["notes"])), ("other", 2500, 1))
    equal(client.call("object.count", kind="phone", criteria=[
        {"field": "profile", "op": "is exactly", "value": "other"}])["count"], 2500)
    equal(entries(client, 2), [("profile rename", "profile desk"), ("profile set", "profile desk")])
    assert client.call("audit.verify")["ok"]
    contains(str(fails("E-PROFILE-IN-USE", client.call, "object.remove", kind="profile", name="other")),
             "2500 phones: P00000, P00001, P00002, ...")


@test("4.2: predefined profiles are neither changed nor removed, in any way, and can be copied")
def predefined():
    client, cli = site_with()
    for refusal in (lambda: fails("E-PROFILE-FIXED", client.call, "object.set", kind="profile", name=DEFAULT,
                                  values={"description": "x"}),
                    lambda: fails("E-PROFILE-FIXED", client.call, "object.set", kind="profile", name=DEFAULT,
                                  values={"name": "other"}),
                    lambda: fails("E-PROFILE-FIXED", client.call, "object.remove", kind="profile",
                                  name=DEFAULT),
                    lambda: refused(cli("profile", "set", DEFAULT, "--mode", "encrypted"), "E-PROFILE-FIXED"),
                    lambda: refused(cli("profile", "rename", DEFAULT, "other"), "E-PROFILE-FIXED"),
                    lambda: refused(cli("profile", "remove", DEFAULT), "E-PROFILE-FIXED"),
                    lambda: refused(cli("import", "profiles", "-", stdin="name,description\n%s,x\n" % DEFAULT),
                                    "E-PROFILE-FIXED")):
        unchanged(client, refusal)
    done(cli("profile", "copy", DEFAULT, "mine"))
    mine = show(client, "profile", "mine")
    equal((mine["predefined"], mine["mode"], mine["type"]), (False, "nonsecure", MODEL))
    fails("E-READONLY", client.call, "object.set", kind="profile", name="mine", values={"predefined": True})


@test("4.3: a profile in use is not removed, and who uses it is named")
def in_use():
    client, cli = site_with(("desk", {}), phones=[("SEP%d" % i, "desk") for i in range(5)])
    unchanged(client, lambda: refused(cli("profile", "remove", "desk"), "E-PROFILE-IN-USE"))
    contains(fails("E-PROFILE-IN-USE", client.call, "object.remove", kind="profile", name="desk").message,
             "5 phones", "SEP0, SEP1, SEP2, ...")


@test("4.3: who uses a profile is listed in full, in parts")
def users():
    client, cli = site_with(("desk", {}), ("other", {}))
    csv = "name,type,profile\n" + "".join("SEP%04d,%s,desk\n" % (i, MODEL) for i in range(1203))
    done(cli("import", "phones", "-", stdin=csv))
    names = ["SEP%04d" % i for i in range(1203)]
    equal([r["name"] for r in done(cli("profile", "users", "desk", "--csv")).csv()], names)
    equal([r["name"] for r in done(cli("profile", "users", "desk", "--json", "--limit", "401")).json()], names[:401])
    first = client.call("object.users_of", kind="profile", name="desk", limit=1000)
    rest = client.call("object.users_of", kind="profile", name="desk", limit=1000, skip=1000)
    equal([u["name"] for u in first["users"] + rest["users"]], names)
    equal((first["more"], rest["more"]), (True, False))
    equal(done(cli("profile", "users", "other")).out, "No phone uses it.\n")
    refused(cli("profile", "users", "none"), "E-NOT-FOUND")
    equal(show(client, "profile", "desk")["phones"], 1203)
    contains(done(cli("profile", "show", "desk")).out, "1203")


@test("4.4, 4.9: a change of a profile tells how many phones wait for it")
def apply():
    client, cli = site_with(("desk", {}), ("idle", {}), phones=[("SEP1", "desk"), ("SEP2", "desk")])
    note = "2 phones use it: Apply Config or a reset brings the change to them."
    equal(done(cli("profile", "set", "desk", "--description", "x")).out.replace("\n", " ").strip(), note)
    result = client.call("object.set", kind="profile", name="desk", values={"mode": "encrypted"})
    equal((result["phones"], result["notes"]), (2, [note]))
    equal(done(cli("profile", "set", "idle", "--description", "x")).out, "")
    csv = "name,description\ndesk,y\nidle,y\n"
    equal(done(cli("import", "profiles", "-", "--json", "--dry-run", stdin=csv)).json()["notes"], [])
    equal(done(cli("import", "profiles", "-", "--json", stdin=csv)).json()["notes"], [note])


@test("4.5: phones follow the new name of their profile")
def rename():
    client, cli = site_with(("desk", {"mode": "encrypted"}), phones=[("SEP1", "desk"), ("SEP2", "desk")])
    done(cli("profile", "rename", "desk", "desk two"))
    equal([show(client, "phone", p)["profile"] for p in ("SEP1", "SEP2")], ["desk two"] * 2)
    equal(entries(client, 1), [("profile rename", "profile desk")])
    fails("E-NOT-FOUND", client.call, "object.show", kind="profile", name="desk")
    unchanged(client, lambda: refused(cli("profile", "rename", "desk two", DEFAULT), "E-EXISTS"))
    unchanged(client, lambda: refused(cli("profile", "rename", "desk two", ""), "E-REQUIRED"))


@test("4.6: a phone has a profile, the nonsecure one where none is named")
def always_one():
    client, cli = site_with(("desk", {"mode": "encrypted"}), phones=[("SEP1", "desk"), ("SEP2", "")])
    equal(show(client, "phone", "SEP2")["profile"], DEFAULT)
    done(cli("phone", "set", "SEP1", "--profile", ""))
    equal(show(client, "phone", "SEP1")["profile"], DEFAULT)


@test("4.7: a copy has another name, and all else of what it was copied from")
def copied():
    client, cli = site_with(("desk", {"mode": "encrypted", "key_order": "ec", "description": "d"}))
    done(cli("profile", "copy", "desk", "second", "--description", "e"))
    a, b = show(client, "profile", "desk"), show(client, "profile", "second")
    equal({f for f in a if a[f] != b[f]}, {"name", "description"})
    unchanged(client, lambda: refused(cli("profile", "copy", "desk", "desk"), "E-EXISTS"))
    unchanged(client, lambda: refused(cli("profile", "copy", "desk", ""), "E-REQUIRED"))


@test("4.8: settings of a profile are those of its phones")
def from_profile():
    client, cli = site_with(("desk", {}), phones=[("SEP1", "desk")])
    done(cli("profile", "set", "desk", "--key-order", "ec-rsa", "--auth-mode", "lsc"))
    phone = show(client, "phone", "SEP1")
    equal([phone[f] for f in CAPF], ["lsc", "ec-rsa", "2048", "384"])
    contains(done(cli("phone", "show", "SEP1")).out, "EC Preferred, RSA Backup")


@test("4.8: settings given for a phone become a profile that has them")
def from_phone():
    client, cli = site_with(("desk", {"mode": "encrypted", "digest": True, "encrypted_config": True}),
                            phones=[("SEP1", "desk"), ("SEP2", "desk")])
    told = done(cli("phone", "set", "SEP1", "--key-order", "ec", "--ec-size", "256"))
    made = MODEL + " SIP Encrypted null-string EC-256"
    contains(told.err, "W-PROFILE-CAPF", made, "made for these settings")
    equal(show(client, "phone", "SEP1")["profile"], made)
    desk, new = show(client, "profile", "desk"), show(client, "profile", made)
    equal({f for f in desk if desk[f] != new[f]}, {"name", "key_order", "rsa_size", "ec_size", "rev"} -
          ({"rev"} if desk["rev"] == new["rev"] else set()))
    equal(entries(client, 2), [("phone set", "phone SEP1"), ("profile add", "profile " + made)])
    result = client.call("object.set", kind="phone", name="SEP2", values={"key_order": "ec", "ec_size": "256"})
    equal(result["profile"], made)
    equal([w["code"] for w in result["warnings"]], ["W-PROFILE-CAPF"])
    contains(result["warnings"][0]["message"], "it has these settings")
    equal(entries(client, 1), [("phone set", "phone SEP2")])
    done(cli("phone", "set", "SEP1", "--key-order", "rsa"))
    equal(show(client, "phone", "SEP1")["profile"], "desk")
    equal(len(entries(client, 1)), 1)
    done(cli("phone", "set", "SEP1", "--key-order", "rsa"))
    equal(entries(client, 1), [("phone set", "phone SEP1")])


@test("4.8: the same by import, and a dry run makes nothing")
def by_import():
    client, cli = site_with(("desk", {"mode": "encrypted"}), phones=[("SEP1", "desk")])
    csv = "name,type,profile,auth_mode\nSEP1,,,lsc\nSEP2,%s,desk,lsc\nSEP3,%s,desk,\n" % (MODEL, MODEL)
    unchanged(client, lambda: done(cli("import", "phones", "-", "--dry-run", stdin=csv)))
    told = done(cli("import", "phones", "-", stdin=csv))
    contains(told.err, ":2: profile: W-PROFILE-CAPF", ":3: profile: W-PROFILE-CAPF")
    equal([show(client, "phone", p)["profile"] for p in ("SEP1", "SEP2", "SEP3")],
          [MODEL + " SIP Encrypted lsc RSA-2048"] * 2 + ["desk"])
    again = done(cli("import", "phones", "-", "--json", stdin="name,auth_mode\nSEP1,lsc\nSEP2,lsc\n")).json()
    equal((again["same"], again["changed"]), (2, 0))
    text = client.call("export", kind="phones")["csv"]
    equal(text.splitlines()[0].count("auth_mode"), 0)
    equal(done(cli("import", "phones", "-", "--json", stdin=text)).json()["same"], 3)


@test("4.8: what the type cannot do is refused, and nothing is made")
def refused_settings():
    client, cli = site_with(phones=[("SEP1", "")])
    for model, option, value, code in ((MODEL, "--rsa-size", "1024", "W-KEY-SIZE"),
                                       ("Cisco 7941", "--key-order", "ec", "E-KEY-SIZE"),
                                       ("Cisco 7941", "--rsa-size", "4096", "E-KEY-SIZE"),
                                       ("Cisco 3905", "--auth-mode", "lsc", "E-FIELD"),
                                       (MODEL, "--auth-mode", "knock", "E-VALUE")):
        column = option[2:].replace("-", "_")
        unchanged(client, lambda: refused(cli("phone", "add", "SEP9", "--type", model, option, value), code))
        unchanged(client, lambda: fails(code, client.call, "object.add", kind="phone",
                                        values={"name": "SEP9", "type": model, column: value}))
        unchanged(client, lambda: refused(cli("import", "phones", "-", stdin="name,type,%s\nSEP9,%s,%s\n"
                                              % (column, model, value)), code))
    told = client.call("object.check", kind="phone", name="SEP1", values={"rsa_size": "4096"})
    equal([p["code"] for p in told["problems"]], ["W-PROFILE-CAPF"])
    equal(told["values"]["profile"], MODEL + " SIP Non Secure null-string RSA-4096")
    stored = show(client, "phone", "SEP1")
    equal((stored["profile"], stored["rev"]), (DEFAULT, told["values"]["rev"]))
    fails("E-FIELD", client.call, "object.list", kind="phone", sort="key_order")


@test("R73: a preferred vendor's phone has no settings of CAPF, in no way")
def vendor():
    client, cli = site_with()
    done(cli("type", "import", lib.os.path.join(lib.DATA, "packs", "vendor", "ascom-vowifi.ini")))
    model = "Ascom i62"
    done(cli("phone", "add", "ASCOM1", "--type", model))
    for option, value in (("--auth-mode", "lsc"), ("--key-order", "ec"), ("--rsa-size", "4096"),
                          ("--ec-size", "256")):
        column = option[2:].replace("-", "_")
        unchanged(client, lambda: refused(cli("phone", "set", "ASCOM1", option, value), "E-VENDOR-CAPF"))
        unchanged(client, lambda: refused(cli("profile", "add", "p", "--type", model, option, value),
                                          "E-VENDOR-CAPF"))
        unchanged(client, lambda: fails("E-VENDOR-CAPF", client.call, "object.set", kind="phone", name="ASCOM1",
                                        values={column: value}))
        unchanged(client, lambda: refused(cli("import", "phones", "-", stdin="name,%s\nASCOM1,%s\n"
                                              % (column, value)), "E-VENDOR-CAPF"))
    shown = done(cli("phone", "show", "ASCOM1")).out
    if "Key Order" in shown or "Authentication Mode" in shown:
        raise AssertionError(shown)


@test("4.11: a secure profile for what has no MIC: an LSC comes first")
def lsc_first():
    client, cli = site_with()
    model = next(t["model"] for t in client.call("object.list", kind="type")["rows"]
                 if t["has_mic"] is False and t["lsc_capf"] is True and t["encryption"] is True
                 and "SIP" in t["protocols"])
    done(cli("profile", "add", "soft", "--type", model, "--mode", "encrypted"))
    contains(done(cli("phone", "add", "SEP1", "--type", model, "--profile", "soft")).err, "W-LSC-NEEDED")
    equal(done(cli("phone", "set", "SEP1", "--description", "x")).err, "")


@test("2: with GCM ciphers alone, who makes a profile Authenticated is warned")
def gcm_alone():
    site = Site({"cluster.tls_ciphers": "strongest"}).start()
    cli = on(site)
    add = ("profile", "add", "readable", "--type", MODEL, "--mode", "authenticated")
    refused(cli(*add), "W-TLS-CIPHERS")
    refused(cli("profile", "show", "readable"), "E-NOT-FOUND")
    refused(cli("import", "profiles", "-", stdin="name,type,mode\nreadable,%s,authenticated\n" % MODEL),
            "W-TLS-CIPHERS")
    done(cli(*add, "--accept", "W-TLS-CIPHERS"))
    done(cli("profile", "add", "hidden", "--type", MODEL, "--mode", "encrypted"))


lib.run()
