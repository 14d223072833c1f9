"""A site with phones and its engine, for measuring: made in a temporary directory, ended and removed."""
import json, os, shutil, socket, struct, subprocess, tempfile, time

BUILD = os.environ.get("RINGLOCK_BUILD", "build")
PROFILE = "Bench encrypted"
TYPE = "Cisco 8845"


class Site:
    """numbers: a phone SEP and twelve digits with this line for each of them, all of a trusted type."""

    def __init__(self, numbers):
        self.dir = tempfile.mkdtemp(prefix="rlb.", dir="/tmp")
        self.path = os.path.join(self.dir, "site")
        self.engine = self.socket = None
        self.command("init")
        self.start()
        self.command("cluster", "mode", "mixed")
        self.command("profile", "add", PROFILE, "--type", TYPE, "--mode", "encrypted")
        phones = os.path.join(self.dir, "phones.csv")
        with open(phones, "w") as f:
            f.write("name,type,protocol,description,profile,lines,owner,digest_user\n")
            for n in numbers:
                f.write("SEP%012d,%s,SIP,,%s,%d,,\n" % (n, TYPE, PROFILE, n))
        self.command("import", "phones", phones)

    def command(self, *words):
        done = subprocess.run([BUILD + "/ringlock", "--site", self.path, *words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("ringlock %s: %s" % (" ".join(words), done.stderr))
        return done.stdout

    def start(self):
        """A private engine lives as long as our connection."""
        self.engine = subprocess.Popen([BUILD + "/ringlockd", "--private", "--site", self.path],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=open(self.dir + "/engine.log", "a"))
        until = time.monotonic() + 20
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(self.path + "/ringlock.sock")
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > until or self.engine.poll() is not None:
                    raise RuntimeError("no engine: " + open(self.dir + "/engine.log").read())
                time.sleep(0.02)
        self.lines = self.socket.makefile("rb")
        self.ask("hello", version=1, client="bench")

    def ask(self, method, **params):
        self.socket.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                                        "params": params}).encode() + b"\n")
        while True:
            answer = json.loads(self.lines.readline())
            if answer.get("id") == 1:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]

    def status(self):
        return self.ask("status")

    def settle(self, wanted=None, seconds=30):
        """Wait until `wanted` datagrams have been taken, or no more come for a second."""
        last, since, until = -1, time.monotonic(), time.monotonic() + seconds
        while True:
            status = self.status()
            taken = status["feed"]["datagrams"]
            now = time.monotonic()
            if taken != last:
                last, since = taken, now
            if now > until or now - since > 2.5 or (wanted is not None and taken >= wanted):
                return status
            time.sleep(0.02)

    def pids(self):
        """The engine and its children."""
        found = [self.engine.pid]
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid) as f:
                    if int(f.read().rsplit(")", 1)[1].split()[1]) == self.engine.pid:
                        found.append(int(pid))
            except OSError:
                pass
        return found

    def memory(self):
        """Resident bytes of the engine and its children, shared pages left out."""
        total = 0
        for pid in self.pids():
            with open("/proc/%d/smaps_rollup" % pid) as f:
                for line in f:
                    if line.startswith(("Private_Clean", "Private_Dirty")):
                        total += int(line.split()[1]) * 1024
        return total

    def stop(self):
        self.socket.close()
        self.lines.close()
        try:
            self.engine.wait(20)
        except subprocess.TimeoutExpired:
            self.engine.kill()
            self.engine.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


def chunk(kind, data):
    return struct.pack(">HHH", 0, kind, len(data) + 6) + data


def hep(transport, src, dst, kind, body, correlation=b""):
    """One HEPv3 packet; src and dst are (address, port)."""
    now = time.time_ns() // 1000
    number = {"udp": 17, "tcp": 6, "tls": 22}[transport]
    data = (chunk(1, b"\2") + chunk(2, bytes([number])) + chunk(3, socket.inet_aton(src[0])) +
            chunk(4, socket.inet_aton(dst[0])) + chunk(7, struct.pack(">H", src[1])) +
            chunk(8, struct.pack(">H", dst[1])) + chunk(9, struct.pack(">I", now // 1000000)) +
            chunk(10, struct.pack(">I", now % 1000000)) + chunk(11, bytes([kind])) +
            chunk(12, struct.pack(">I", 2001)) + (chunk(17, correlation) if correlation else b"") +
            chunk(15, body))
    return b"HEP3" + struct.pack(">H", len(data) + 6) + data


class Call:
    """A call between two phones over TLS, as the proxy mirrors it. Its media can be made plain and SRTP again."""

    PROXY = ("127.0.0.1", 5061)

    def __init__(self, send, caller, callee):
        self.send, self.numbers, self.cseq, self.plain = send, (caller, callee), 0, False
        self.id = "bench-%d-%d" % (caller, callee)
        self.ends = [("127.0.0.1", 20000 + n % 40000) for n in self.numbers]

    def _sdp(self):
        lines = ["v=0", "o=- 1 %d IN IP4 127.0.0.1" % self.cseq, "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
        if self.plain:
            lines += ["m=audio 30000 RTP/AVP 0"]
        else:
            lines += ["m=audio 30000 RTP/SAVP 0",
                      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d2luZG93cyBhbmQgZG9vcnMgYXJlIGxvY2tlZCE3"]
        return "\r\n".join(lines + ["a=sendrecv", ""])

    def _message(self, first, leg, method, body):
        tag = ";tag=b" if self.cseq > 1 or not first.startswith("INVITE") else ""
        via = "Via: SIP/2.0/TLS 127.0.0.1:%d;branch=z9hG4bK%s%da\r\n" % (self.ends[0][1], self.id, self.cseq)
        if leg:
            via = "Via: SIP/2.0/TLS 127.0.0.1:5061;branch=z9hG4bK%s%db\r\n" % (self.id, self.cseq) + via
        return ("%s\r\n%sFrom: <sip:%d@bench>;tag=a\r\nTo: <sip:%d@bench>%s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n"
                "Max-Forwards: 70\r\nContact: <sip:x@127.0.0.1:%d>\r\n%sContent-Length: %d\r\n\r\n%s"
                % (first, via, *self.numbers, tag, self.id, self.cseq, method,
                   self.ends[0 if method == "ACK" or first.startswith("INVITE") else 1][1],
                   "Content-Type: application/sdp\r\n" if body else "", len(body), body)).encode()

    def _mirror(self, first, method, leg, received, body=""):
        ends = (self.ends[leg], self.PROXY) if received else (self.PROXY, self.ends[leg])
        self.send(hep("tls", *ends, 1, self._message(first, leg, method, body)))

    def _fact(self, leg):
        number = self.numbers[leg]
        name = "SEP%012d" % number
        fact = {"v": 1, "ev": "reply" if leg else "request", "why": "", "m": "INVITE", "st": "200" if leg else "",
                "dev": name, "proto": "tls", "src": "%s:%d" % self.ends[leg], "con": str(number),
                "verified": "1", "selfsigned": "0", "cn": name, "san": name, "serial": "1",
                "fp": "%064x" % number, "tls": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "bits": "256"}
        self.send(hep("udp", ("127.0.0.1", 5060), ("127.0.0.1", 9060), 100, json.dumps(fact).encode(),
                      self.id.encode()))

    def invite(self):
        """INVITE, 200, ACK; the last datagram before the ACK completes the answer."""
        self.cseq += 1
        uri = "INVITE sip:%d@bench SIP/2.0" % self.numbers[1]
        self._mirror(uri, "INVITE", 0, True, self._sdp())
        self._fact(0)
        self._mirror(uri, "INVITE", 1, False, self._sdp())
        self._mirror("SIP/2.0 200 OK", "INVITE", 1, True, self._sdp())
        self._fact(1)
        decided = time.monotonic()
        self._mirror("SIP/2.0 200 OK", "INVITE", 0, False, self._sdp())
        self._mirror("ACK sip:x SIP/2.0", "ACK", 0, True)
        self._mirror("ACK sip:x SIP/2.0", "ACK", 1, False)
        return decided

    def toggle(self):
        """A re-INVITE from SRTP to RTP or back. Returns when it was sent and the word to be shown."""
        self.plain = not self.plain
        return self.invite(), "SHLD" if self.plain else "LOCK"
