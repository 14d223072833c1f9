"""For tests of the commands: run ringlock as people and scripts do."""
import csv, io, json, os, subprocess

import lib

RINGLOCK = os.path.join(lib.BUILD, "ringlock")


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def json(self):
        return json.loads(self.out)

    def csv(self):
        return list(csv.DictReader(io.StringIO(self.out)))

    def __repr__(self):
        return "status %d\n%s%s" % (self.status, self.out, self.err)


def env(**more):
    base = {k: v for k, v in os.environ.items() if k not in ("RINGLOCK_SITE", "NO_COLOR")}
    return dict(base, LC_ALL="C.UTF-8", **more)


def run(*args, stdin="", program=RINGLOCK, preexec_fn=None, **more):
    """Run ringlock to its end."""
    text = isinstance(stdin, str)
    p = subprocess.run([program, *args], input=stdin.encode() if text else stdin, capture_output=True,
                       timeout=lib.PATIENCE, env=env(**more), preexec_fn=preexec_fn)
    return Result(p.returncode, p.stdout.decode(), p.stderr.decode())


def start(*args, **kw):
    """Start ringlock; its standard output is a pipe."""
    return subprocess.Popen([RINGLOCK, *args], stdin=subprocess.DEVNULL, env=env(),
                            **dict({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}, **kw))


def on(site):
    """run() for a site."""
    def call(*args, **kw):
        return run("--site", site.dir, *args, **kw)
    return call


def done(result):
    """The result, which has to be a success."""
    if result.status != 0:
        raise AssertionError(repr(result))
    return result


def refused(result, code, status=1):
    """The result, which has to be refused with this code, in the form of the contract."""
    lib.equal(result.status, status)
    if "ringlock: %s: " % code not in result.err:
        raise AssertionError("not %s but %r" % (code, result))
    return result
