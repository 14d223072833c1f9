"""What phones cost that come to CAPF and TVS, beside what GnuTLS alone takes for the same, in the same run."""
import json, os, re, shutil, socket, subprocess, tempfile, time

BUILD = os.environ.get("RINGLOCK_BUILD", "build")
BENCH = os.path.join(BUILD, "tests", "bench", "bench_tls")
TYPE = "Cisco 8861"
SHAKES, SIGNS, PHONES, CLIENTS = 2048, 1000, 1600, 32
AIM = 1.5


class Site:
    """An engine that serves CAPF and TVS; no private one, as that opens no port."""

    def __init__(self, phones):
        self.dir = tempfile.mkdtemp(prefix="rlb.", dir="/tmp")
        self.path = os.path.join(self.dir, "site")
        subprocess.run([BUILD + "/ringlockd", "--init", "--site", self.path], check=True)
        with open(self.path + "/ringlock.conf", "w") as f:
            f.write("[hep]\nlisten_udp = 127.0.0.1:0\nlisten_tcp = 127.0.0.1:0\n[enrol]\nlisten_capf = 127.0.0.1:0\n"
                    "listen_tvs = 127.0.0.1:0\n")
        self.engine = subprocess.Popen([BUILD + "/ringlockd", "--site", self.path], stdin=subprocess.DEVNULL,
                                       stderr=open(self.dir + "/log", "w"))
        self.wait()
        self.fill(phones)

    def wait(self):
        until = time.monotonic() + 30
        while not os.path.exists(self.path + "/ringlock.sock") and time.monotonic() < until:
            time.sleep(0.02)

    def command(self, *words, told=None):
        return subprocess.run([BUILD + "/ringlock", "--site", self.path, *words], input=told, check=True,
                              capture_output=True, text=True).stdout

    def fill(self, phones):
        for name, order in (("bench rsa", "rsa"), ("bench ec", "ec")):
            self.command("profile", "add", name, "--type", TYPE, "--auth-mode", "null-string", "--key-order", order,
                         *(("--ec-size", "256") if order == "ec" else ("--rsa-size", "2048")))
        csv = self.dir + "/phones.csv"
        with open(csv, "w") as f:
            f.write("name,type,protocol,profile\n")
            for n in range(2 * phones):
                f.write("SEP%012d,%s,SIP,%s\n" % (n, TYPE, "bench rsa" if n < phones else "bench ec"))
        self.command("import", "phones", csv)

    def port(self, service):
        return json.loads(self.command("status", "--json"))["enrol"][service].rsplit(":", 1)[1]

    def pids(self):
        children = subprocess.run(["pgrep", "-P", str(self.engine.pid)], capture_output=True, text=True).stdout.split()
        return [self.engine.pid] + [int(p) for p in children]

    def remove(self):
        self.engine.terminate()
        self.engine.wait()
        shutil.rmtree(self.dir)


def spent(pids):
    ticks = 0
    for pid in pids:
        with open("/proc/%d/stat" % pid) as f:
            ticks += sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def load(pids, n, *args, first=None, key=None):
    """Connections of some clients at once: (processor of the servers for each in us, each second, how many
    succeeded)."""
    each = n // CLIENTS
    before, start = spent(pids), time.monotonic()
    clients = [subprocess.Popen([BENCH, *args, str(each), *([str(first + i * each), key] if key else [])],
                                stdout=subprocess.PIPE, text=True) for i in range(CLIENTS)]
    done = sum(int(c.communicate()[0]) for c in clients)
    return 1e6 * (spent(pids) - before) / max(done, 1), done / (time.monotonic() - start), done


def one_key(dir, *kind):
    """The public key that all phones of the bench have, and how long GnuTLS took is nobody's matter."""
    pem, spki = dir + "/phone.pem", dir + "/%s.spki" % kind[-1].replace(":", "")
    subprocess.run(["openssl", "genpkey", "-algorithm", *kind, "-out", pem], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", pem, "-pubout", "-outform", "DER", "-out", spki], check=True)
    return spki


def gnutls_alone(say, site):
    key = site.path + "/keys/TVS.key"
    cert = site.dir + "/tvs.pem"
    with open(cert, "w") as f:
        f.write(site.command("cert", "show", "TVS", "--pem"))
    server = subprocess.Popen([BENCH, "serve", key, cert], stdout=subprocess.PIPE, text=True)
    try:
        shake, rate, _ = load([server.pid], SHAKES, "shake", server.stdout.readline().strip())
    finally:
        server.kill()
        server.wait()
    before = os.times()
    subprocess.run([BENCH, "sign", key, str(SIGNS)], check=True, capture_output=True)
    after = os.times()
    sign = 1e6 * (after.children_user + after.children_system - before.children_user - before.children_system) / SIGNS
    say("enrol", "GnuTLS alone: %.0f us of processor for a TLS 1.3 handshake (%.0f/s from %d clients), %.0f us for an "
        "RSA-2048 signature" % (shake, rate, CLIENTS, sign))
    return shake, sign


def measure(say):
    site = Site(PHONES)
    try:
        shake, sign = gnutls_alone(say, site)
        cost, rate, done = load(site.pids(), SHAKES, "shake", site.port("tvs"))
        say("enrol", "TVS: %.0f us of processor in engine and enrol for a handshake (%.0f/s), %.2f times GnuTLS's own, "
            "aim %.1f" % (cost, rate, cost / shake, AIM), done == SHAKES and cost <= AIM * shake)
        for first, name, kind in ((0, "RSA 2048", ("RSA", "-pkeyopt", "rsa_keygen_bits:2048")),
                                  (PHONES, "P-256", ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"))):
            names = "".join("SEP%012d\n" % n for n in range(first, first + PHONES))
            site.command("capf", "set", "--names-from", "-", "--operation", "install", "--accept", "W-NULL-STRING", told=names)
            cost, rate, done = load(site.pids(), PHONES, "enrol", site.port("capf"), first=first,
                                    key=one_key(site.dir, *kind))
            alone = shake + sign
            say("enrol", "CAPF, %s: %.0f enrolments/s, %.0f us of processor in engine and enrol each; handshake and "
                "signature alone %.0f us (%.0f %% of it the LSC's signature), so %.2f times that, aim %.1f; %d of %d succeeded"
                % (name, rate, cost, alone, 100 * sign / cost, cost / alone, AIM, done, PHONES),
                done == PHONES and cost <= AIM * alone)
    finally:
        site.remove()
