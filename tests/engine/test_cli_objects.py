"""Objects by commands: what people see, what scripts get, and how mistakes are told."""
import os, pty, re, termios

import lib
from cli import RINGLOCK, done, env, on, refused, run
from lib import Site, contains, equal, test

CONTRACT = {
    "phones": "name,type,protocol,description,profile,lines,owner,digest_user",
    "gateways": "name,type,protocol,description,address",
    "profiles": "name,type,protocol,description,mode,transport,digest,encrypted_config,sip_port",
    "users": "id,name,digest_password",
}


def lab(**conf):
    site = Site(**conf).start()
    lib.lab_devices(site.client())
    return site, on(site)


@test("add, show, set and remove a phone")
def life_of_a_phone():
    site, cli = lab()
    model = lib.trusted_type(site.client())
    done(cli("phone", "add", "SEP001122334455", "--type", model, "--lines", "4711;4712",
             "--description", "Größe 2"))
    shown = done(cli("phone", "show", "SEP001122334455"))
    contains(shown.out, "Größe 2", "Device is trusted", "4711;4712", "Standard SIP Non-Secure Profile")
    phone = done(cli("phone", "show", "SEP001122334455", "--json")).json()
    equal(phone["lines"], ["4711", "4712"])
    equal(phone["trusted"], True)
    done(cli("phone", "set", "SEP001122334455", "--profile", "encrypted.lab"))
    contains(done(cli("phone", "show", "SEP001122334455")).out, "encrypted.lab")
    done(cli("phone", "remove", "SEP001122334455"))
    refused(cli("phone", "show", "SEP001122334455"), "E-NOT-FOUND")


@test("refusals name code and remedy; with --json as one document")
def refusals():
    site, cli = lab()
    told = refused(cli("phone", "add", "SEPX", "--type", "Teapot", "--json"), "E-UNKNOWN-TYPE")
    error = told.json()["error"]
    equal(sorted(error), ["code", "message", "object", "remedy", "rule"])
    equal((error["code"], error["rule"]), ("E-UNKNOWN-TYPE", "R40"))
    contains(error["object"], "SEPX")
    contains(error["remedy"], "ringlock type list")
    refused(cli("phone", "add", "SEPX"), "E-REQUIRED")
    refused(cli("phone", "set", "SEP000000001001", "--trusted", "yes"), "E-TRUST-READONLY")
    refused(cli("phone", "set", "SEP000000001001", "--protocol", "SCCP"), "E-READONLY")
    refused(cli("profile", "remove", "encrypted.lab"), "E-PROFILE-IN-USE")


@test("a warning is refused until it is accepted by its code")
def warnings():
    site, cli = lab()
    done(cli("cluster", "mode", "nonsecure"))
    change = ("phone", "set", "SEP000000002001", "--profile", "encrypted.lab")
    told = refused(cli(*change), "W-CLUSTER-NONSECURE")
    contains(told.err, "--accept W-CLUSTER-NONSECURE")
    refused(cli(*change, "--accept", "W-TLS-CIPHERS"), "W-CLUSTER-NONSECURE")
    for code in ("W-CLUSTER", "E-NO-TLS", ""):
        refused(cli(*change, "--accept", code), "E-USAGE", status=2)
    done(cli(*change, "--accept", "W-CLUSTER-NONSECURE"))
    equal(done(cli("phone", "show", "SEP000000002001", "--json")).json()["profile"], "encrypted.lab")


@test("exit status: 2 wrong usage, 3 no engine, 5 other failure")
def statuses():
    site, cli = lab()
    for wrong in (["phone"], ["phone", "lst"], ["phone", "list", "--no"], ["phone", "show"],
                  ["phone", "list", "--limit", "x"], ["phone", "list", "--limit", "0"],
                  ["phone", "list", "--filter", "no such"], ["phone", "list", "--sort", "no"],
                  ["phone", "set", "SEP000000001001"], ["import", "types", "x"]):
        refused(cli(*wrong), "E-USAGE", 2)
    refused(run("--socket", site.path("no.sock"), "status"), "E-NO-ENGINE", 3)
    refused(run("--site", site.path("none"), "status"), "E-SITE-MISSING", 5)
    refused(cli("import", "phones", site.path("none.csv")), "E-IO", 5)
    refused(cli("phone", "show", b"SEP\xff"), "E-VALUE")


@test("lists: filter, sort, limit, and all of it over many parts")
def lists():
    site, cli = lab()
    names = [t["model"] for t in done(cli("type", "list", "--json")).json()]
    assert len(names) > 150, len(names)  # more than fills two parts, see --sort below
    equal(names, sorted(names, key=str.lower))
    for sort in ("vendor", "trusted", "class"):
        rows = done(cli("type", "list", "--sort", sort, "--desc", "--json")).json()
        equal(sorted(r["model"] for r in rows), sorted(names))
        values = [str(r[sort]).lower() for r in rows if r[sort] is not None]
        equal(values, sorted(values, reverse=True))
    profiles = done(cli("profile", "list", "--csv")).csv()
    equal(len(profiles), len({p["name"] for p in profiles}))
    equal(len(done(cli("phone", "list", "--limit", "3", "--json")).json()), 3)

    def found(*filters):
        args = [a for f in filters for a in ("--filter", f)]
        return [p["name"][-4:] for p in done(cli("phone", "list", "--json", *args)).json()]
    equal(found("name ends 1002"), ["1002"])
    equal(found("profile=nonsecure.lab"), ["2001", "2003"])
    equal(found("profile begins nonsecure", "name contains 2002"), ["2002"])
    equal(found("description not-empty"), [])
    equal(len(found("owner empty")), 10)
    equal(len(found("trusted=yes")), 10)
    equal(done(cli("phone", "list", "--filter", "name=none", "--json")).json(), [])


@test("what people see fits 80 columns and holds no control character")
def for_people():
    site, cli = lab()
    for args in (["phone", "list"], ["profile", "list"], ["type", "list"], ["audit", "list"],
                 ["line", "list"], ["user", "list"], ["gateway", "list"], ["help"]):
        out = done(cli(*args)).out
        assert all(len(line) <= 80 for line in out.splitlines()), args
        assert "\x1b" not in out
    equal(done(cli("user", "list")).out, "")
    equal(done(cli("user", "list", "--json")).json(), [])
    equal(done(cli("user", "list", "--csv")).out, "id,name,digest_password\r\n")


@test("secrets come from standard input and never come out again")
def secrets():
    site, cli = lab()
    refused(cli("user", "add", "u1", "--name", "U", "--digest-password", "kestrel7"), "E-USAGE", 2)
    done(cli("user", "add", "u1", "--name", "U", "--digest-password", "-", stdin="kestrel7\n"))
    refused(cli("user", "set", "u1", "--digest-password", "-", stdin=""), "E-REQUIRED")
    for args in (["user", "show", "u1"], ["user", "list"], ["user", "list", "--csv"],
                 ["user", "show", "u1", "--json"], ["export", "users"], ["audit", "list", "--json"]):
        assert "kestrel7" not in done(cli(*args)).out, args
    equal(done(cli("user", "show", "u1", "--json")).json()["digest_password"], True)
    with open(site.path("log", "audit.log")) as f:
        assert "kestrel7" not in f.read()


def typed(site, secret, *args):
    """Run ringlock at a terminal and type the secret when it is asked for; what the terminal showed."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(RINGLOCK, [RINGLOCK, "--site", site.dir, *args], env())
    shown = b""
    try:
        while b"Digest credentials" not in shown:
            shown += os.read(fd, 1024)
        lib.poll(lambda: not termios.tcgetattr(fd)[3] & termios.ECHO)
        os.write(fd, secret.encode() + b"\n")
        while True:
            shown += os.read(fd, 1024)
    except OSError:  # the other end is closed
        status = os.waitpid(pid, 0)[1]
    os.close(fd)
    equal(os.waitstatus_to_exitcode(status), 0)
    return shown.decode()


@test("a secret that is typed is not shown")
def typing():
    site, cli = lab()
    done(cli("user", "add", "u1"))
    shown = typed(site, "kestrel7", "user", "set", "u1", "--digest-password", "-")
    assert "kestrel7" not in shown, shown
    equal(done(cli("user", "show", "u1", "--json")).json()["digest_password"], True)


@test("profiles are copied and renamed; phones follow the new name")
def copies():
    site, cli = lab()
    done(cli("profile", "copy", "encrypted.lab", "second", "--description", "a copy"))
    copy, old = (done(cli("profile", "show", n, "--json")).json() for n in ("second", "encrypted.lab"))
    equal((copy["mode"], copy["type"], copy["description"]), (old["mode"], old["type"], "a copy"))
    predefined = done(cli("profile", "list", "--filter", "predefined=yes", "--limit", "1", "--json")).json()
    done(cli("profile", "copy", predefined[0]["name"], "third"))
    equal(done(cli("profile", "show", "third", "--json")).json()["predefined"], False)
    done(cli("profile", "rename", "encrypted.lab", "first"))
    equal(done(cli("phone", "show", "SEP000000001001", "--json")).json()["profile"], "first")
    refused(cli("profile", "rename", "second", "first"), "E-EXISTS")


@test("several names at once: a result for each, in their order; status 1 if any was refused")
def several():
    site, cli = lab()
    names = ["SEP000000001001", "NOPE", "SEP000000001002"]
    told = refused(cli("phone", "set", *names, "--description", "together"), "E-NOT-FOUND")
    equal(told.out.splitlines(), ["SEP000000001001: changed", "SEP000000001002: changed", "2 changed, 1 refused"])
    rows = refused(cli("phone", "set", *names, "--owner", "x", "--json"), "E-NOT-FOUND").json()
    equal([(r["name"], r["done"]) for r in rows], [(n, n != "NOPE") for n in names])
    equal(rows[1]["error"]["code"], "E-NOT-FOUND")
    many = ["SEP%012d" % n for n in range(600)]
    for i in range(0, 600, 200):
        text = "name,type,protocol\n" + "".join(
            '%s,"%s",SIP\n' % (n, lib.trusted_type(site.client())) for n in many[i:i + 200])
        done(cli("import", "phones", "-", stdin=text))
    with open(site.path("names.txt"), "w") as f:
        f.write("\n".join(many) + "\n\n")
    told = done(cli("phone", "remove", "--names-from", site.path("names.txt")))
    equal(told.out.splitlines()[-1], "600 removed, 0 refused")
    equal(len(told.out.splitlines()), 601)
    refused(cli("phone", "remove", "--names-from", "-", stdin="\n \n"), "E-USAGE", 2)
    refused(cli("phone", "remove"), "E-USAGE", 2)


@test("--fields chooses columns and members, keeps their order, and names what there is")
def fields():
    site, cli = lab()
    asked = ("--fields", "trusted,lines,name", "--filter", "name=SEP000000001001")
    equal(done(cli("phone", "list", "--csv", *asked)).out, "trusted,lines,name\r\nyes,1001,SEP000000001001\r\n")
    rows = done(cli("phone", "list", "--json", *asked)).json()
    equal([list(r.items()) for r in rows],
          [[("trusted", True), ("lines", ["1001"]), ("name", "SEP000000001001")]])
    equal(done(cli("phone", "list", *asked)).out.split()[:6],
          ["Trusted", "Lines", "Name", "yes", "1001", "SEP000000001001"])
    told = refused(cli("phone", "list", "--fields", "name,teapot", "--json"), "E-USAGE", 2)
    contains(told.err, "teapot", "digest_user")
    equal(list(told.json()), ["error"])
    shown = done(cli("phone", "show", "SEP000000001001", "--fields", "digest-user,name", "--json")).json()
    equal(list(shown), ["digest_user", "name"])
    equal(done(cli("status", "--csv", "--fields", "cluster_mode,calls.live")).out, "cluster_mode,calls.live\r\nmixed,0\r\n")
    equal(done(cli("audit", "list", "--limit", "1", "--fields", "seq,what", "--json")).json()[0].keys(), {"seq", "what"})
    for args in (["call", "list"], ["event", "list"], ["line", "list"], ["report", "expiring"], ["wizard", "list"],
                 ["audit", "verify"], ["phone", "security", "SEP000000001001"], ["type", "show", "Cisco 8841"]):
        for form in ([], ["--json"], ["--csv"]):
            refused(cli(*args, *form, "--fields", "teapot"), "E-USAGE", 2)
    refused(cli("phone", "add", "x", "--fields", "name"), "E-USAGE", 2)


@test("the security settings of a phone can be viewed (R111, R112)")
def security():
    site, cli = lab()
    out = done(cli("phone", "security", "SEP000000001001")).out
    contains(out, "This type supports security", "Encrypted", "MIC installed", "LSC installed", "unknown")
    rows = {r["setting"]: r["value"] for r in done(cli("phone", "security", "SEP000000001001", "--json")).json()}
    equal(rows["Device Security Mode"], "Encrypted")
    equal(rows["MIC installed"], "unknown")
    equal(rows["Certificate comes from"], "mic-lsc")
    contains(out, "MIC and LSC")
    type_ = done(cli("type", "show", lib.trusted_type(site.client()))).out
    contains(type_, "Security features", "Lock Icon")


def steps(cli, *args):
    return {r["step"]: r for r in done(cli("phone", "check", *args, "--json")).json()}


@test("the eight steps of a phone have their state from data (R116, R117, R120), in every form")
def check():
    site, cli = lab()
    phone = "SEP000000001001"
    rows = steps(cli, phone)
    equal(sorted(rows), list(range(1, 9)))
    equal({n: r["state"] for n, r in rows.items() if n in (1, 3, 4)}, {1: "done", 3: "done", 4: "done"})
    equal(rows[1]["rule"], "R121")
    done(cli("cluster", "mode", "nonsecure"))
    row = steps(cli, phone)[1]
    equal((row["state"], row["code"], row["kind"]), ("open", "W-CLUSTER-NONSECURE", "cluster"))
    equal(steps(cli, "SEP000000002001")[4]["state"], "open")
    equal([r["state"] for r in done(cli("phone", "check", phone, "--csv")).csv()],
          [r["state"] for _, r in sorted(steps(cli, phone).items())])
    contains(done(cli("phone", "check", phone)).out, "ringlock cluster mode mixed", "(R130)", "steps open")
    equal(done(cli("phone", "check", phone, "--csv", "--fields", "step,state")).out.splitlines()[0], "step,state")
    refused(cli("phone", "check", "SEPNONE"), "E-NOT-FOUND")


@test("the eight steps of the cluster add up those of its phones (R120)")
def check_all():
    site, cli = lab()
    model = next(t["model"] for t in done(cli("type", "list", "--json")).json()
                 if t["digest_keyed_in"] in (True, "yes", "sip", "SIP") and "SIP" in t["protocols"])
    for i in range(3):
        done(cli("user", "add", "u%d" % i, "--digest-password", "-", stdin="kestrel7\n"))
        done(cli("phone", "add", "SEP00000000F00%d" % i, "--type", model, "--protocol", "SIP",
                 *(("--digest-user", "u%d" % i) if i else ())))
    steps(cli, "SEP00000000F001", "--typed-in")
    names = [p["name"] for p in done(cli("phone", "list", "--json")).json()]
    each = [steps(cli, name) for name in names]
    for row in done(cli("cluster", "check", "--json")).json():
        states = [one[row["step"]]["state"] for one in each]
        for state in ("open", "done", "blocked", "not applicable"):
            equal((row["step"], state, row[state.replace(" ", "_")]), (row["step"], state, states.count(state)))
        left = [name for name, state in zip(names, states) if state in ("open", "blocked")]
        assert row["phone"] in (left or [None]), row
    contains(done(cli("cluster", "check")).out, "Secure profile applied")


@test("digest credentials that are typed in at the phone are confirmed by somebody (R125, R127)")
def typed_in():
    site, cli = lab()
    model = next(t["model"] for t in done(cli("type", "list", "--json")).json()
                 if t["digest_keyed_in"] in (True, "yes", "sip", "SIP") and "SIP" in t["protocols"])
    done(cli("phone", "add", "SEP00000000F001", "--type", model, "--protocol", "SIP"))
    equal([steps(cli, "SEP00000000F001")[n]["state"] for n in (5, 6)], ["open", "blocked"])
    refused(cli("phone", "check", "SEP00000000F001", "--typed-in"), "E-DIGEST-NO-CRED")
    done(cli("user", "add", "u1", "--digest-password", "-", stdin="kestrel7\n"))
    done(cli("phone", "set", "SEP00000000F001", "--digest-user", "u1"))
    equal([steps(cli, "SEP00000000F001")[n]["state"] for n in (5, 6)], ["done", "open"])
    equal(steps(cli, "SEP00000000F001", "--typed-in")[6]["state"], "done")
    contains(steps(cli, "SEP00000000F001")[6]["message"], "Confirmed by")
    equal(done(cli("phone", "history", "SEP00000000F001", "--json")).json()[0]["what"], "phone typed-in")
    done(cli("user", "set", "u1", "--name", "Else"))
    equal(steps(cli, "SEP00000000F001")[6]["state"], "done")
    done(cli("user", "digest", "u1", stdin="kestrel8\n"))
    equal(steps(cli, "SEP00000000F001")[6]["state"], "open")


@test("types are reported by feature and by their end of life, with the devices of the site (R136, R137)")
def reports():
    site, cli = lab()
    model = lib.trusted_type(site.client())
    rows = {r["model"]: r for r in done(cli("report", "features", "encryption", "--json")).json()}
    equal(rows[model]["devices"], len(done(cli("phone", "list", "--json")).json()))
    types = done(cli("type", "list", "--json")).json()
    equal(set(rows), {t["model"] for t in types if t["encryption"] not in (None, False, "no", "")})
    equal([r["model"] for r in done(cli("report", "features", "lock-icon", "--product", model, "--csv")).csv()], [model])
    contains(refused(cli("report", "features", "teapot"), "E-FEATURE").err, "secure_tone")
    ended = [t for t in types if t["lifecycle"] in ("end-of-software-maintenance", "end-of-support")]
    used = {t["model"] for t in ended} & {p["type"] for p in done(cli("phone", "list", "--json")).json()}
    equal({r["model"] for r in done(cli("report", "eol", "--json")).json()}, used)
    old = next(t for t in ended if t["class"] == "phone" and "SIP" in t["protocols"])
    done(cli("phone", "add", "SEP00000000E011", "--type", old["model"], "--protocol", "SIP"))
    assert old["model"] in {r["model"] for r in done(cli("report", "eol", "--json")).json()}


@test("lines show the phones that share them")
def lines():
    site, cli = lab()
    rows = {r["number"]: r["phones"] for r in done(cli("line", "list", "--json")).json()}
    equal(sorted(rows["1900"]), ["SEP000000001002", "SEP000000001003"])
    contains(done(cli("line", "show", "1900")).out, "SEP000000001003")
    refused(cli("line", "show", "77"), "E-NOT-FOUND")


# What the contract for scripts promises: nouns and verbs, and the options that it names. Verbs that read, with what
# they are asked of the lab's site.
COMMANDS = """init --site --name|status|type list|type show|type import|type remove|profile list|profile show|profile add
profile set|profile copy|profile rename|profile remove|phone list|phone show|phone add|phone set|phone remove|phone check
phone security|gateway list|gateway show|gateway add|gateway set|gateway remove|line list|line show|user list|user show
user add|user set|user remove|user digest|cert list|cert show|cert upload --device|cert remove|wizard per-device
wizard shared|cluster mode|call list --all|call show|call watch|hep replay --to --speed --loop|report features
report overview|report shared-lines|report expiring|report eol|import --dry-run|export|audit list|audit verify|backup
restore|cert csr --key --san|cert install --now|cert regenerate --now|cert activate|cert retire --next
cert impact --act|cert history|ctl show|ctl update|ctl verify --signer|capf list|capf set --operation|publish --all"""
READING = """status|type list|type show Cisco 8841|profile list|profile show encrypted.lab|phone list|phone show SEP000000001001
phone check SEP000000001001|phone security SEP000000001001|gateway list|line list|line show 1900|user list|cert list
call list --all|report features encryption|report overview|report shared-lines|report expiring|report eol|audit list
audit verify|export phones|cluster check|cert impact TVS|cert history TVS|capf list"""
LATER = ("em list",)


def rows(text):
    return [row for line in text.split("\n") for row in line.split("|")]


@test("every command of the contract is there, and every verb that reads has its forms")
def contract():
    site, cli = lab()
    known = {line.split(" --")[0]: set(re.findall(r"--([a-z-]+)", line))
             for line in done(run("--list-commands")).out.splitlines()}
    everywhere = known.pop("ringlock")
    for row in rows(COMMANDS):
        words, *options = row.split(" --")
        assert words in known, words
        assert set(options) <= known[words] | everywhere, row
    for words in LATER:
        refused(cli(*words.split()), "E-USAGE", 2)
    for row in rows(READING):
        words = ["type", "show", "Cisco 8841"] if row.startswith("type show") else row.split()
        assert isinstance(done(cli(*words, "--json")).json(), (dict, list)), row
        equal(done(cli(*words, "--csv")).out.split("\r\n")[-1], "")
        done(cli(*words))
    for row, status in (("phone show SEPX", 1), ("phone set SEP000000002001 --profile encrypted.lab --digest-user x", 1),
                        ("phone show", 2), ("teapot", 2), ("phone list --no", 2), ("restore %s" % site.path("none"), 1),
                        ("import phones %s" % site.path("none"), 5)):
        told = cli(*row.split(), "--json")
        error = told.json()["error"]
        equal((told.status, {"code", "message", "object", "rule", "remedy"} - set(error)), (status, set()))
        contains(told.err, "ringlock: %s: %s" % (error["code"], error["message"]))


@test("CSV begins with the columns of the contract")
def csv_columns():
    site, cli = lab()
    for kind, columns in CONTRACT.items():
        for out in (done(cli("export", kind)).out, done(cli(kind[:-1], "list", "--csv")).out):
            head = out.split("\r\n")[0]
            assert head == columns or head.startswith(columns + ","), head


@test("what is exported is imported the same, in the same site and in an empty one")
def round_trip():
    site, cli = lab()
    done(cli("phone", "set", "SEP000000001001", "--description", "Comma, and ümlaut", "--protected", "yes"))
    done(cli("user", "add", "u1", "--digest-password", "-", stdin="kestrel7\n"))
    done(cli("phone", "set", "SEP000000002002", "--digest-user", "u1"))
    done(cli("gateway", "add", "gw1", "--type", "Cisco ISR 4331", "--address", "192.0.2.7"))
    kinds = ["users", "profiles", "gateways", "phones"]
    files = {k: done(cli("export", k)).out for k in kinds}
    for k in kinds:
        told = done(cli("import", k, "-", "--json", stdin=files[k])).json()
        equal((told["added"], told["changed"]), (0, 0))
        assert told["same"] > 0, told
    other = Site().start()
    cli2 = on(other)
    done(cli2("cluster", "mode", "mixed"))
    users = files["users"].replace("u1,,", "u1,,kestrel7")
    done(cli2("import", "users", "-", stdin=users))
    for k in kinds[1:]:
        own = "\r\n".join(r for r in files[k].split("\r\n") if "Standard SI" not in r and "Standard SC" not in r) \
            if k == "profiles" else files[k]
        done(cli2("import", k, "-", *[a for w in lib.ACCEPT for a in ("--accept", w)], stdin=own))
        equal(done(cli2("export", k)).out, files[k])


@test("a bad import is told by line, column and code, and changes nothing")
def bad_import():
    site, cli = lab()
    path = os.path.join(site.base, "phones.csv")
    before = done(cli("export", "phones")).out
    with open(path, "w") as f:
        f.write("name,type,protocol,lines\nSEPA,%s,SIP,5001\nSEPB,Teapot,SIP,5002\nSEPC,,SIP,5003\n"
                % lib.trusted_type(site.client()))
    told = cli("import", "phones", path, "--json")
    equal(told.status, 1)
    contains(told.err, path + ":3: type: E-UNKNOWN-TYPE: ", path + ":4: type: E-REQUIRED: ",
             "ringlock: E-UNKNOWN-TYPE: ")
    problems = told.json()["error"]["problems"]
    equal([(p["line"], p["field"], p["code"]) for p in problems],
          [(3, "type", "E-UNKNOWN-TYPE"), (4, "type", "E-REQUIRED")])
    equal(done(cli("export", "phones")).out, before)
    refused(cli("import", "phones", "-", stdin="name,trusted\nSEPA,yes\n"), "E-TRUST-READONLY")
    refused(cli("import", "phones", "-", stdin="name,teapot\nSEPA,yes\n"), "E-CSV-COLUMN")
    for text, line in ((b"name,type\nSEP\xff,x\n", 2), (b"name\n\nSEP\0A\n", 3), (b"name\nSEP\xc3", 2)):
        told = refused(cli("import", "phones", "-", stdin=text), "E-CSV")
        contains(told.err, "(stdin):%d:" % line)


@test("a dry run tells all and changes nothing")
def dry_run():
    site, cli = lab()
    text = "id,name\nu1,One\nu2,Two\n"
    told = done(cli("import", "users", "-", "--dry-run", "--json", stdin=text)).json()
    equal((told["added"], told["dry_run"]), (2, True))
    equal(done(cli("user", "list", "--json")).json(), [])
    contains(done(cli("import", "users", "-", stdin=text)).out, "2 added")
    equal(len(done(cli("user", "list", "--json")).json()), 2)


@test("a large import travels in parts, its characters whole")
def large_import():
    site, cli = lab()
    rows = ["u%05d,%s" % (i, "ÄÖÜ€𝄞" * (i % 9)) for i in range(20000)]
    told = done(cli("import", "users", "-", "--json", stdin="id,name\n" + "\n".join(rows) + "\n")).json()
    equal(told["added"], 20000)
    out = done(cli("user", "list", "--csv")).csv()
    equal(["%s,%s" % (r["id"], r["name"]) for r in out], rows)


@test("every change is in the audit log, and its chain holds")
def audit():
    site, cli = lab()
    done(cli("phone", "set", "SEP000000001001", "--description", "changed"))
    entry = done(cli("audit", "list", "--limit", "1", "--json")).json()[0]
    contains(entry["what"], "set")
    contains(entry["object"], "SEP000000001001")
    contains(str(entry["after"]), "changed")
    told = done(cli("audit", "verify", "--json")).json()
    equal(told["ok"], True)
    equal(len(done(cli("audit", "list", "--csv")).csv()), told["entries"])


lib.run()
