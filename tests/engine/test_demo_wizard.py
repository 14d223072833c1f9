#!/usr/bin/env python3
"""What README says to try in the demo: its sample calls are open, and its commands make them lock."""
import os, shlex

import certs, cli, lib
from lib import Site, contains, equal, test
from talk import Talk, is_shown

os.chdir(lib.ROOT)  # from where the paths of README begin
DEMO = os.path.join("data", "demo")
CERTS = os.path.join(DEMO, "certs")
OPEN = ("E-PROFILE-NONSECURE", "E-VENDOR-CERT-MISSING")
NORTH, SOUTH = ("SEP00000000D101", "SEP00000000D102"), ("SEP00000000E201", "SEP00000000E202")


def readme(kind):
    """The words of README's command for this wizard, from "wizard" on."""
    for line in certs.read("README").replace("\\\n", " ").splitlines():
        if " --site .demo wizard %s " % kind in line:
            return shlex.split(line)[3:]
    raise AssertionError("README has no command for the wizard " + kind)


def sample_site():
    """A site as data/demo/run makes it, as far as the samples go: (run, client)."""
    site = Site().start()
    run = cli.on(site)
    packs = os.path.join("data", "packs", "vendor")
    for command in (["cluster", "mode", "mixed"],
                    ["cert", "upload", os.path.join(packs, "sample-signer.pem"), "--store", "pack-signers"],
                    ["type", "import", os.path.join(packs, "sample-north.ini")],
                    ["type", "import", os.path.join(packs, "sample-south.ini")],
                    ["import", "phones", os.path.join(DEMO, "samples.csv")]):
        cli.done(run(*command))
    return run, site.client()


def refused(run, words, code, **instead):
    """The command with other answers is refused with this code."""
    words = list(words)
    for option, value in instead.items():
        words[words.index("--" + option) + 1] = value
    told = run(*words)
    equal(told.status, 1)
    contains(told.err, code)


def walk(kind, recording, phones, refusals):
    """Open before, through every refusal; locked by README's command while the call runs, and from then on."""
    run, client = sample_site()
    talk = Talk(client, os.path.join(DEMO, recording))
    is_shown(talk.call(), "unlock", *OPEN)
    told = cli.done(run("call", "show", talk.seen()["id"])).out
    contains(told, *("ringlock cert upload FILE --device " + phone for phone in phones))
    words = readme(kind)
    for code, instead in refusals:
        refused(run, words, code, **instead)
        is_shown(talk.seen(), "unlock", *OPEN)
    contains(cli.done(run(*words)).out, "security enabled")
    is_shown(talk.seen(), "lock")
    talk.hang_up()
    is_shown(talk.call(), "lock")


@test("the wizard for certificates of each phone locks their call")
def per_device():
    walk("per-device", "north.hep", NORTH, [])


@test("the wizard for a shared certificate locks their call, under its exact name")
def shared():
    walk("shared", "south.hep", SOUTH,
         [("E-CERT-DATES", {"certificate": os.path.join(CERTS, "SouthGroup01-expired.pem")}),
          ("E-SAN-MISMATCH", {"profile": "southgroup01.example.com"})])


@test("the certificate of one phone does not count for the other")
def reused():
    run, client = sample_site()
    own = os.path.join(CERTS, NORTH[0] + ".pem")
    told = run("wizard", "per-device", "--type", "Sample North D10", "--profile", "North", "--mode", "encrypted",
               "--phone", "%s=%s" % (NORTH[0], own), "--phone", "%s=%s" % (NORTH[1], own))
    equal(told.status, 1)
    contains(told.err, "E-CERT-REUSED")
    is_shown(Talk(client, os.path.join(DEMO, "north.hep")).call(), "unlock", *OPEN)


@test("no private key is among the certificates")
def no_keys():
    for name in sorted(os.listdir(CERTS)):
        equal("PRIVATE" in certs.read(os.path.join(CERTS, name)), False)


lib.run()
