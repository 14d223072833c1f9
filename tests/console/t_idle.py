#!/usr/bin/env python3
"""A console without a key: it counts down, any key stops that, and then the session ends. Each waits for the same
seconds, so that they wait together."""
import signal

import terminal
from terminal import Console, lib
from lib import contains, equal, poll, test

IDLE = 4  # seconds, and as many of the countdown
STAYS = "any key stays"


def idle(site, seconds):
    """The engine reads it again; a console is told when it connects."""
    site.conf({"console.idle": "%ds" % seconds})
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: site.client().info["idle"], seconds)


@test("the engine tells a quarter of an hour when nothing is configured")
def default():
    equal(terminal.make_site(devices=False).client().info["idle"], 900)


@test("without a key it counts down: any key stops that and does nothing else; then the session ends and says why")
def ends():
    site = terminal.make_site()
    idle(site, 0)
    stays = Console(site).wait("Needs attention", "core ok")
    idle(site, IDLE)
    looks = Console(site).wait("Needs attention", "core ok")
    types = Console(site).wait("Needs attention", "core ok").press("2", "Reception").press("e", "field 1 of")
    types.press("\t", "field 4 of").press("x", "bridge 8000x")

    looks.wait("no key for %d s: ends in " % IDLE)
    types.wait(", the draft is kept - " + STAYS)
    looks.keys("2").gone(STAYS)
    types.keys("\x1b[D").gone(STAYS)
    assert looks.shows("Needs attention") and types.shows("bridge 8000x")

    for c in (looks, types):
        c.wait(STAYS).ends(0)
    contains(looks.stderr(), "ringlock: No key for %d s: the session was ended.\n" % IDLE)
    contains(types.stderr(), "The draft is kept")
    stays.quiet(0.1)
    assert not stays.shows(STAYS) and stays.process.poll() is None, "0: a console stays"


if __name__ == "__main__":
    terminal.run()
