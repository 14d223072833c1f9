"""A backup of a large site while others ask, and the site that comes of it; beside SQLite's own copy."""
import os, shutil, sqlite3, subprocess, time

from site_of_bench import BUILD

ANSWER = 100  # milliseconds that nobody waits longer for while a backup is taken


def copied(site):
    """Seconds that SQLite takes to copy the database and to check the copy."""
    start = time.monotonic()
    path = os.path.join(site.dir, "copy.db")
    source, copy = sqlite3.connect(site.path + "/site.db"), sqlite3.connect(path)
    source.backup(copy)
    taken = time.monotonic() - start
    copy.execute("PRAGMA integrity_check").fetchall()
    copy.execute("PRAGMA foreign_key_check").fetchall()
    checked = time.monotonic() - start - taken
    source.close()
    copy.close()
    os.unlink(path)
    return taken, checked


def measure(site, say, command, begin_asking):
    """`command` and `begin_asking` are million.py's command and Other."""
    path, password = os.path.join(site.dir, "bench.backup"), os.path.join(site.dir, "password")
    with open(password, "w") as f:
        f.write("correct horse battery\n")
    taken, checked = copied(site)
    other = begin_asking(site)
    seconds, client = command(site, "backup", path, "--passphrase-file", password, stdout=subprocess.DEVNULL)
    answers = other.end()
    size = os.path.getsize(path) / 1e6
    say("backup", "%.0f MB, command to durable: %.1f s, %.1f times SQLite's copy; answers to others meanwhile: longest "
        "%.0f ms, aim %d; the command took %.0f MB" % (size, seconds, seconds / taken, max(answers), ANSWER, client),
        max(answers) < ANSWER)
    made = os.path.join(site.dir, "restored")
    start = time.monotonic()
    subprocess.run([BUILD + "/ringlock", "restore", path, "--site", made, "--passphrase-file", password], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    say("restore", "unpacked and checked: %.1f s, %.1f times SQLite's copy and check" % (seconds, seconds /
                                                                                      (taken + checked)), True)
    shutil.rmtree(made)
    os.unlink(path)
