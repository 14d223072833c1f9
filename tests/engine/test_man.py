#!/usr/bin/env python3
"""The manual pages are held to the programs' own tables: nothing missing, nothing more."""
import glob, os, re, subprocess

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
BUILD = os.environ.get("RINGLOCK_BUILD", "build")
number = 0


def result(name, problems):
    global number
    number += 1
    print("%s %d - %s" % ("not ok" if problems else "ok", number, name))
    for problem in problems:
        print("# " + problem)


def equal(name, documented, real):
    result(name, ["not documented: " + x for x in sorted(set(real) - set(documented))] +
           ["does not exist: " + x for x in sorted(set(documented) - set(real))])


def read(path):
    with open(path) as f:
        return f.read()


def output(program, *options):
    try:
        done = subprocess.run([os.path.join(BUILD, program), *options], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
    except OSError as e:
        return str(e)
    return done.stdout if done.returncode == 0 else "%s failed: %s" % (options, done.stderr)


def items(page, macro, section=None):
    """The names in the tags of a page's lists: ".It Sy a , b" gives a and b."""
    text = read(page)
    if section:
        text = text.split(".Sh " + section + "\n", 1)[1].split("\n.Sh ")[0]
    return [name for line in re.findall(r"^\.It %s (.*)$" % macro, text, re.M)
            for name in line.split(" , ")]


def options_in(text):
    return set(re.findall(r"\bFl -([a-z-]+)", text)) | set(re.findall(r" , -([a-z-]+)", text))


def commands_documented():
    """".It Cm phone add Ar NAME" and ".It Cm cluster mode Cm mixed | nonsecure": the words before the argument."""
    found = []
    text = read("man/ringlock.1").split(".Sh COMMANDS\n")[1].split("\n.Sh ")[0]
    for line in re.findall(r"^\.It Cm (.*)$", text, re.M):
        found.append(re.split(r" (?:Ar|Cm|Oo|Op) ", line)[0].strip())
    return found


def check_commands():
    lines = output("ringlock", "--list-commands").splitlines()
    real, options = [], set()
    for line in lines:
        words = line.split()
        options |= {w[2:].rstrip("=") for w in words if w.startswith("--")}
        real.append(" ".join(w for w in words if not w.startswith("--")))
    equal("commands in ringlock(1)", commands_documented(), [c for c in real if c != "ringlock"])
    equal("options in ringlock(1)", options_in(read("man/ringlock.1")), options)


def check_engine():
    real = set(re.findall(r"--([a-z][a-z-]*)", output("ringlockd", "--help")))
    equal("options in ringlockd(8)", options_in(read("man/ringlockd.8")), real)


def check_metrics():
    table = read("tui/commands/status.c")
    equal("metrics in ringlockd(8)", items("man/ringlockd.8", "Li", "METRICS"),
          re.findall(r'"(ringlock_[a-z_]+)"', table) + ["ringlock_info"])


def check_configuration():
    page = "man/ringlock.conf.5"
    sections = re.findall(r"^\.Sh SECTION (\w+)$", read(page), re.M)
    documented = [s + "." + key for s in sections for key in items(page, "Sy", "SECTION " + s)]
    table = dict(re.findall(r"^(\S+) =[ ]?(.*)$", output("ringlockd", "--list-config"), re.M))
    equal("keys in ringlock.conf(5)", documented, table)
    text = re.sub(r"^\.Li ", "", read(page), flags=re.M)
    result("defaults in ringlock.conf(5)", ["%s: %s" % (k, v) for k, v in table.items() if v not in text])


def check_keys():
    """A line of --list-keys is context, action, keys, label, sentence; the page has the same under its context."""
    documented, context = [], None
    for line in read("man/ringlock.1").split(".Sh CONSOLE\n")[1].split("\n.Sh ")[0].splitlines():
        if line.startswith(".Ss Keys: "):
            context = line[len(".Ss Keys: "):]
        item = re.match(r"\.It Ic (.*) Pq (\S+)$", line)
        if item:
            documented.append("%s: %s (%s)" % (context, item.group(1).replace(" , ", " ").replace("\\&", ""),
                                               item.group(2)))
    real = ["%s: %s (%s)" % (c, keys, action) for c, action, keys in
            (line.split("\t")[:3] for line in output("ringlock", "--list-keys").splitlines())]
    equal("keys of the console in ringlock(1)", documented, real)


def check_codes():
    codes = re.findall(r'X\([A-Z0-9_]+,\s*"([^"]+)"', read("include/ringlock/codes.h"))
    equal("codes in ringlock(1)", items("man/ringlock.1", "Li", "CODES"), [c for c in codes if c != "OK"])
    uploads = [c for c in codes if c.startswith("E-CERT-") and c not in ("E-CERT-GEN", "E-CERT-MODE-UNKNOWN")]
    equal("refusals in ringlock-cert(7)", [c for c in items("man/ringlock-cert.7", "Li", "REFUSALS") if "-CERT-" in c],
          uploads + ["W-CERT-ORIGIN"])
    reasons = re.findall(r'X\([A-Z_]+,\s*"([^"]+)"', read("core/policy/callsec.h"))
    equal("reasons in ringlock-security(7)", items("man/ringlock-security.7", "Li", "REASONS"), reasons)


def check_pack():
    fields = re.findall(r'\.name = "([a-z0-9_]+)"', read("core/model/fields_type.c"))
    page, pack = "man/ringlock-pack.5", read("core/control/pack.c")
    further = re.findall(r'\{"type",\s*"([a-z0-9_]+)"', pack)
    equal("keys of types in ringlock-pack(5)", items(page, "Sy", "SECTIONS type-1, type-2, ..."),
          [f for f in fields if f not in ("pack", "criteria")] + further)
    equal("keys of packs in ringlock-pack(5)", items(page, "Sy", "SECTION pack"),
          re.findall(r'\{"pack",\s*"([a-z_]+)"', pack))


def check_lint():
    pages = sorted(glob.glob("man/*.[1-8]"))
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"] + pages, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    result("mandoc finds no fault", done.stdout.splitlines())
    result("five pages at least", [] if len(pages) >= 5 else pages)


check_lint()
check_codes()
check_pack()
check_commands()
check_engine()
check_metrics()
check_configuration()
check_keys()
print("1..%d" % number)
