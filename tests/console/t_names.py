#!/usr/bin/env python3
"""Hostile names - of calls, certificates, objects, views, drafts, files - on every screen and in every export:
nothing acts on a terminal, columns stay in line, and what was exported is imported again as it was."""
import base64, csv, io, json, os, re, subprocess, unicodedata

import terminal
from terminal import UNSEEN, Console, lib
from lib import contains, equal, test

import captures, certs, cli, talk

CONTROL = "\x1b]0;owned\x07\x1b[2J\x1b[?1049l\r\n\t\x08\u009b31m\x7f\u202edrac\u2066\u200b\u200f\ufeff\u2028\U000e0041"
WIDE = "\u4e2d\u6587\uff21\uff22" * 12   # 48 characters of two cells
COMBINED = ("e" + "\u0301" * 4) * 9 + "\u1112\u1161\u11ab"  # four marks on each; Hangul in parts
FORMULA = "=1+cmd|' /C calc'!A1"
SHELL = "$(id)`id`;{}[#]*?~!'"
SHOWABLE = {"wide": WIDE, "combined": COMBINED, "formula": FORMULA, "shell": SHELL}
LONG = CONTROL + "\u4e2d" * 3000          # more than 9 kB

site = client = None
owner = {}  # what of the world has to be named


def hostile_packets():
    """The recorded call between two phones, connected: its people and their certificates have other names."""
    said = {b"F": CONTROL + WIDE, b"f": CONTROL + WIDE, b"T": LONG, b"t": LONG}
    evil = {of: b'"%s" <' % text.replace("\r\n", "").encode() for of, text in said.items()}
    for packet in lib.recording(talk.SECURE)[:talk.ANSWERED]:
        parts = []
        for kind, data in talk.chunks(packet):
            if kind == 0x0f and data.startswith(b"{"):
                told = json.loads(data)
                told.update({m: CONTROL + WIDE for m in ("cn", "san", "cipher", "serial", "tls") if m in told})
                data = json.dumps(told).encode()
            elif kind == 0x0f:
                data = re.sub(rb"(\r\n(?:From|To|f|t): )<", lambda m: m.group(1) + evil[m.group(1)[2:3]], data)
            parts.append((kind, data))
        yield talk.pack(parts)


def fill(model, name, text):
    """One object of each kind with this text wherever it may stand."""
    add = lambda kind, **values: client.call("object.add", kind=kind, accept=lib.ACCEPT, values=values)
    add("profile", name="Hostile " + name, type=model, protocol="SIP", mode="encrypted", transport="tls",
        description=text[:50])
    add("user", id="u-" + name, name=text[:60])
    add("phone", name="SEP" + name, type=model, protocol="SIP", description=text[:50], profile="Hostile " + name,
        owner="u-" + name, lines=["77" + str(len(name))])
    add("gateway", name="gw-" + name, type="Cisco ISR 4331", protocol="SIP", description=text[:50])
    client.call("view.save", list="phones", name=text[:25], view={
        "criteria": [{"field": "description", "op": "contains", "value": text[:9]}],
        "columns": ["name", "description", "owner"], "sort": "description", "descending": False})
    client.call("draft.save", kind="phone", act="set", name="SEP" + name, object_rev=1,
                values={"description": text[:50]}, before={"description": CONTROL})
    owner["wizard"] = client.call("wizard.start", kind="per-device", type=owner["keyed"], name=text[:40])["id"]


PACK = """[pack]
name = hostile
version = 1
vendor = "%s"
date = 2026-01-01
[type-1]
model = "AAA hostile"
class = third-party-phone
family = "%s"
protocols = SIP
instructions_1 = "%s"
note = "%s"
"""


def odd_san(maker):
    """The PEM text of a certificate whose SAN holds controls in names of three kinds, which certtool does not make."""
    names = b""
    for kind, text in ((0x82, "a\x1b]0;owned\x07.example.com"), (0x81, "b\x1b[2J@example.com"), (0x86, "sip:c\x9b31m")):
        name = text.encode("latin-1")
        names += bytes([kind, len(name)]) + name
    path = maker.path("san.pem")
    subprocess.run(["openssl", "req", "-x509", "-new", "-key", maker.key(), "-subj", "/CN=odd.example.com", "-days", "400",
                    "-addext", "subjectAltName=DER:" + (bytes([0x30, len(names)]) + names).hex(), "-out", path],
                   check=True, capture_output=True)
    return certs.read(path)


def make_world():
    global site, client
    site = terminal.keep(terminal.make_site(devices=False))
    client = site.client()
    maker = certs.Maker()
    owner["keyed"] = next(m for mode, m in certs.import_samples(client).items() if mode == "per-device")
    model = lib.trusted_type(client)
    client.call("type.import", pack=PACK % (WIDE[:20], COMBINED, COMBINED * 3, WIDE * 3))
    for name, text in SHOWABLE.items():
        fill(model, name, text)
    evil = maker.cert(cn="evil.example.com", dns=["evil.example.com"],
                      lines=['organization = "%s"' % CONTROL.replace("\r\n", "").replace("\t", ""),
                             'unit = "%s"' % WIDE, 'locality = "%s"' % COMBINED])
    client.call("cert.upload", data=evil.pem, file=CONTROL + ".pem", description=WIDE)
    client.call("cert.upload", data=odd_san(maker), file="san.pem", name="odd names")
    for n in (1001, 1002):
        client.call("object.add", kind="phone", accept=lib.ACCEPT, values={
            "name": "SEP00000000%d" % n, "type": model, "protocol": "SIP", "lines": [str(n)], "description": COMBINED})
    feed = captures.Feed(client, "udp")
    feed.send(hostile_packets())
    feed.send([captures.log_packet({"v": 1, "ev": "deny", "why": CONTROL + WIDE, "m": "REGISTER", "st": "",
                                    "dev": "SEPwide", "proto": "udp", "src": "127.0.0.1:9", "con": "1"}, "x")])
    feed.settle()
    feed.close()


def check(text, where):
    """Nothing of the text may act on whoever shows it; the ends of lines apart."""
    bad = sorted({"%04x" % ord(c) for c in text if c not in "\r\n" and unicodedata.category(c) in UNSEEN})
    if bad:
        raise AssertionError("%s holds %s" % (where, ", ".join(bad)))


def aligned(c, where):
    """Below each title that stands apart a column begins, in every row; but for numbers, whose columns end."""
    rows = c.screen.cell
    titles = "".join(x or " " for x in rows[3])
    for m in re.finditer(r"(?<=  )\S", titles):
        if titles[m.start():].startswith(("Left", "For", "Legs", "No ")):
            continue
        for row in rows[4:-2]:
            if "".join(row).strip() and (row[m.start() - 1] != " " or row[m.start()] == ""):
                raise AssertionError("%s: a row is out of line at %d:\n%s" % (where, m.start(), c.screen.text()))


def look(c, where):
    """Nothing that came acts; returns what is shown."""
    c.quiet(0.02)
    if c.screen.foreign:
        raise AssertionError("%s: %r was sent" % (where, c.screen.foreign[:5]))
    text = c.screen.text()
    check(text, where)
    return text


def tour(c, keys):
    """Every list, then what it leads to: forms, questions and menus of some keys, and each tab with its lines copied.
    Returns all that was shown, by list."""
    shown = {}
    for begin, name, text in LISTS:
        c.keys(*begin).wait(text)
        if name == "profiles":  # of which most are predefined
            c.press("/", "find:").press("Hostile w\r", ">  Hostile wide")
        shown[name] = look(c, name)
        if name != "dashboard":
            aligned(c, name)
        for key in keys:
            c.keys(key)
            shown[name] += look(c, "%s, key %s" % (name, key))
            c.esc(0.15)  # where the key opened nothing, nothing comes of it
            if "Discard" in look(c, name):
                c.keys("\x1b[B", "\r")
        c.keys("\r")
        if name == "calls":
            c.wait("Criterion", "\\x1b]0")
        elif name == "certificates":
            c.wait("SAN  ", "\\x1b]0", "\\u202e")
        shown[name] += look(c, name + ", opened")
        for tab in range(6):
            c.keys("\x1b[C", "y")
            shown[name] += look(c, "%s, tab %d" % (name, tab))
        c.esc()
        look(c, name)
    c.keys("Q")
    return shown


def palette(screen):
    return (":", screen + "\r")


LISTS = [(("1",), "dashboard", "Needs attention"), (("2",), "phones", "SEPwide"), (("3",), "gateways", "gw-wide"),
         (("4",), "profiles", "AAA hostile"), (("5",), "certificates", "evil.example"), (("6",), "calls", "1001"),
         (("7",), "log", "row 1 of"), (("8",), "types", "AAA hostile"), (palette("users"), "users", "u-wide"),
         (palette("wizards"), "wizards", "Sample ")]


@test("on every screen of a UTF-8 terminal")
def screens():
    c = Console(site, ESCDELAY="10").wait("Needs attention", "core ok")
    shown = tour(c, ("v", "o", "e", "D", "!"))
    for name in ("phones", "gateways", "profiles", "types"):
        contains(shown[name], "\u4e2d\u6587", "e" + "\u0301" * 4)
    contains(shown["phones"], FORMULA[:9])


@test("on every screen where the locale is not UTF-8, without colour, and wide")
def screens_of_c():
    c = Console(site, term="vt100", rows=40, cols=120, LANG="C", ESCDELAY="10").wait("Needs attention", "core ok")
    for name, text in tour(c, ()).items():
        assert text.isascii(), name


def reads():
    """Every command that reads, on what is hostile."""
    call = client.call("call.list")["rows"][0]["id"]
    return [
        ["status"], ["cluster", "mode"], ["type", "list"], ["type", "show", "AAA hostile"],
        ["profile", "list"], ["profile", "show", "Hostile wide"], ["profile", "users", "Hostile combined"],
        ["profile", "history", "Hostile wide"],
        ["phone", "list"], ["phone", "show", "SEPwide"], ["phone", "security", "SEPcombined"],
        ["phone", "history", "SEPshell"], ["gateway", "list"], ["gateway", "show", "gw-wide"],
        ["gateway", "history", "gw-combined"], ["user", "list"], ["user", "show", "u-wide"], ["user", "history", "u-shell"],
        ["cert", "list"], ["cert", "show", "evil.example.com"], ["cert", "show", "odd names"],
        ["cert", "history", "evil.example.com"],
        ["line", "list"], ["line", "show", "774"], ["call", "list", "--all"], ["call", "show", call],
        ["audit", "list"], ["event", "list"], ["view", "list"], ["view", "show", "phones", WIDE[:25]],
        ["wizard", "list"], ["wizard", "show", str(owner["wizard"])], ["report", "overview"],
        ["report", "expiring", "--days", "4000"], ["report", "shared-lines"], ["report", "eol"],
    ]


@test("in the text, the JSON and the CSV of every command that reads")
def commands():
    run = cli.on(site)
    for args in reads():
        name = " ".join(args[:2])
        check(cli.done(run(*args)).out, name)
        said = cli.done(run(*args, "--json")).out
        json.loads(said)
        assert said.isascii(), name
        table = run(*args, "--csv")
        if table.status == 0:
            check(table.out, name + " --csv")
            rows = list(csv.reader(io.StringIO(table.out)))
            equal({len(r) for r in rows}, {len(rows[0])})
    check(cli.done(run("status", "--prometheus")).out, "status --prometheus")


@test("in what is said of a name that is not there, of a file, of a value")
def errors():
    run = cli.on(site)
    for args in (["phone", "show", CONTROL], ["phone", "add", CONTROL], ["type", "import", CONTROL],
                 ["phone", "list", "--filter", CONTROL], [CONTROL], ["phone", CONTROL], ["phone", "list", "--" + CONTROL],
                 ["view", "show", "phones", CONTROL], ["call", "show", CONTROL], ["export", CONTROL],
                 ["--site", CONTROL, "status"], ["--socket", "/" + CONTROL, "status"], ["audit", "list", "--since", LONG],
                 ["profile", "show", LONG], ["phone", "set", "SEPwide", "--description", LONG]):
        said = run(*args)
        assert said.status != 0, args
        check(said.err, "the refusal of " + repr(args[:2])[:60])
        equal(said.out, "")
    for value in (CONTROL.replace("\r\n", ""), LONG):  # a pack's text, and its parts
        pack = PACK.replace("%s", value.replace('"', ""))
        said = client.ask("type.import", pack=pack, file=CONTROL)["error"]
        check(said["message"] + said["data"].get("remedy", ""), "the refusal of a pack")
    with open(os.path.join(site.base, "evil.csv"), "wb") as f:
        f.write(("name,type,protocol\r\n\"%s\",%s,SIP\r\n" % (LONG.replace('"', ""), CONTROL.replace("\r\n", ""))).encode())
    check(run("import", "phones", f.name).err, "the refusal of a row")


@test("in the audit log and the log of the engine")
def logs():
    folder = site.path("log")
    for path in [site.log_path] + [os.path.join(folder, name) for name in os.listdir(folder)]:
        with open(path, encoding="utf-8") as f:
            check(f.read(), path)


@test("what is exported comes back the same: formulas of spreadsheets stay text, whoever opens them decides")
def round_trip():
    run = cli.on(site)
    for kind in ("users", "profiles", "phones", "gateways"):
        was = cli.done(run("export", kind)).out
        check(was, "export " + kind)
        cli.done(run("import", kind, "-", stdin=was, *(x for w in lib.ACCEPT for x in ("--accept", w))))
        equal(cli.done(run("export", kind)).out, was)
        assert FORMULA in was or kind == "users", was


@test("files: names with controls are offered as text, and a saved page or export acts on nothing")
def files():
    folder = os.path.join(site.base, "files")
    os.mkdir(folder)
    for name in (CONTROL.replace("/", ""), WIDE, "plain.csv"):
        open(os.path.join(folder, name + ".ini"), "w").close()
    c = Console(site, ESCDELAY="25").wait("Needs attention", "core ok")
    c.press("8", "types").press("I", "pack").keys(folder + "/", "\t")
    look(c, "file names")
    c.wait("\\x1b]0;owned")
    c.keys("\r")
    look(c, "a file name taken")
    c.keys("\r")
    look(c, "a file that is no pack")
    c.esc().press("2", "6 phones")
    for key, name in (("X", "out.csv"), ("Y", "page.txt")):
        path = os.path.join(folder, name)
        c.keys(key, b"\x15", path, "\r").until(lambda: os.path.exists(path), name).wait("saved")
        with open(path, encoding="utf-8") as f:
            check(f.read(), name)
    c.press("*", "marked").keys("y").until(lambda: c.screen.clipboard, "the clipboard")
    check(base64.b64decode(c.screen.clipboard).decode().replace("\n", ""), "the clipboard")
    c.keys("Q")


if __name__ == "__main__":
    make_world()
    terminal.run()
