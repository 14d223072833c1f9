"""A simulated phone: fetches its files, decides what it trusts, enrols, and says what it would do then.

It follows the order of boot and the rules of trust of the sheets (formats/README "How it hangs together",
ctl-itl.md 14, signed-config.md 1 and 3.1) and knows of the engine only its published files and its ports.
"""
import http.client, os, socket, struct
import xml.etree.ElementTree as xml

import lib
from phone_capf import CapfClient, TvsClient
from phone_files import CAPF, CCM, CCM_TFTP, SAST, TFTP, TVS, EncryptedFile, SignedFile, TrustList
from phone_x509 import Bad, must


class Directory:
    """Files as they lie on the disk: what any server of them would send at this moment."""

    def __init__(self, path):
        self.path = path

    def get(self, name):
        try:
            with open(os.path.join(self.path, name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None


class Http:
    """A server of files by HTTP (port 6970 of a call manager)."""

    def __init__(self, host, port):
        self.address = (host, port)

    def get(self, name):
        c = http.client.HTTPConnection(*self.address, timeout=lib.PATIENCE)
        try:
            c.request("GET", "/" + name)
            answer = c.getresponse()
            data = answer.read()
            must(answer.status in (200, 404), "HTTP %d", answer.status)
            return data if answer.status == 200 else None
        finally:
            c.close()


class Tftp:
    """RFC 1350, octet."""
    RRQ, DATA, ACK, ERROR = 1, 3, 4, 5

    def __init__(self, host, port):
        self.address = (host, port)

    def get(self, name):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(1)
            out, block, to = b"", 1, self.address
            last = struct.pack(">H", self.RRQ) + name.encode() + b"\0octet\0"
            s.sendto(last, to)
            for _ in range(lib.PATIENCE):
                try:
                    data, sender = s.recvfrom(1024)
                except socket.timeout:
                    s.sendto(last, to)
                    continue
                kind, number = struct.unpack_from(">HH", data)
                if kind == self.ERROR:
                    must(number == 1, "TFTP error %d", number)
                    return None
                if kind != self.DATA or number != block:
                    continue
                to, out, block = sender, out + data[4:], block + 1 & 0xffff
                last = struct.pack(">HH", self.ACK, number)
                s.sendto(last, to)
                if len(data) < 516:
                    return out
            raise Bad("TFTP: no answer")


class Config:
    """SEP<MAC>.cnf.xml as far as a phone's security reads it."""

    def __init__(self, data):
        try:
            self.root = xml.fromstring(data)
        except xml.ParseError as e:
            raise Bad("the configuration is not XML: %s" % e)
        must(self.root.tag == "device", "the configuration is of a %s", self.root.tag)

    def get(self, path, default=""):
        node = self.root.find(path)
        return default if node is None else node.text or ""

    def yes(self, path):
        return self.get(path) == "true"

    def servers(self, path, host, port):
        return [(e.findtext(host) or "", int(e.findtext(port) or 0)) for e in self.root.findall(path)]

    @property
    def capf(self):
        return self.servers("capfList/capf", "processNodeName", "phonePort")

    @property
    def tvs(self):
        return self.servers("TVS/members/member", "address", "port")


class Phone:
    """`mic` and `lsc` are (certificate, key). What it holds stays between boots, until reset()."""

    def __init__(self, name, source, mic=None, lsc=None, model="8861", password="", old=False):
        self.name, self.source, self.mic, self.lsc, self.model = name, source, mic, lsc, model
        self.password, self.old, self.capf_options = password, old, {}
        self.reset()

    def reset(self):
        """To factory settings: lists, configuration and LSC are gone, the MIC stays."""
        self.ctl = self.itl = self.config = self.asked = self.capf_outcome = None
        self.warnings, self.seen_time = [], {}

    # --- trust

    def lists(self):
        return [x for x in (self.ctl, self.itl) if x]

    def trusts(self, certificate, *roles):
        """In a list with one of these roles; else what TVS says."""
        if any(x.has(certificate, *roles) for x in self.lists()):
            return True
        answer = self.ask_tvs(lambda tvs: tvs.verify(certificate))
        return bool(answer and answer.valid and set(answer.roles) & set(roles))

    def ask_tvs(self, question):
        """The answer of the first TVS server that can be reached and that a list knows."""
        for address in self.config.tvs if self.config else []:
            try:
                with TvsClient(address, "CP-%s-%s" % (self.model, self.name), old=self.old) as tvs:
                    if any(x.has(tvs.server, TVS) for x in self.lists()):
                        return question(tvs)
            except OSError:
                continue
        return None

    def signer_of(self, found, roles, lists):
        """The certificate that signed a file, if it may: of one of the lists, or from TVS."""
        for c in [c for x in lists for c in x.of(*roles)]:
            if found.made_by(c):
                return c
        answer = self.ask_tvs(lambda tvs: tvs.query(found.signer, found.issuer, found.serial))
        must(answer and answer.valid and answer.certificate and set(answer.roles) & set(roles),
             "%s is signed by %s, whom it does not trust", found.name, found.signer)
        return answer.certificate

    def take_list(self, kind):
        """Fetch CTL or ITL; the one held stays where none is served (an empty file counts as none)."""
        held = self.ctl if kind == "CTL" else self.itl
        data = self.source.get("%s%s.tlv" % (kind, self.name))
        if not data and kind == "ITL":
            data = self.source.get("ITLFile.tlv")
        if not data or held and held.data == data:
            return
        new = TrustList(data)
        must(new.name == kind + "File.tlv", "asked for a %s and got %s", kind, new.name)
        by = [self.ctl] if self.ctl else [self.itl] if self.itl else []  # an ITL is checked against the CTL
        if by:
            new.verify(self.signer_of(new, (SAST,), by))
        self.note(new, held)
        setattr(self, kind.lower(), new)

    def note(self, new, held):
        self.warnings += ["%s: %s" % (new.name, w) for w in new.warnings]
        if held and new.time < held.time:
            self.warnings.append("%s is older than the one held" % new.name)

    # --- configuration

    def fetch(self, name, kind):
        """A signed file, checked; None where none is served."""
        data = self.source.get(name)
        if not data:
            return None
        found = kind(data, name)
        found.verify(self.signer_of(found, (TFTP, CCM_TFTP), self.lists()))
        self.warnings += ["%s: %s" % (name, w) for w in found.warnings]
        if self.seen_time.get(name, 0) > found.time:
            self.warnings.append("%s is older than the one seen before" % name)
        self.seen_time[name] = found.time
        return found

    def take_config(self):
        """Plain without a TFTP server in its lists, else signed; then encrypted where that says so."""
        if not any(x.lists_role(TFTP, CCM_TFTP) for x in self.lists()):
            data = self.source.get(self.name + ".cnf.xml")
            must(data is not None, "no configuration")
            self.config = Config(data)
            return
        short = self.fetch(self.name + ".cnf.xml.sgn", SignedFile)
        must(short, "no signed configuration")
        config = Config(short.body)
        if not config.yes("encrConfig"):
            must(config.get("fullConfig", "true") != "false", "a short configuration that is not encrypted")
            self.config = config
            return
        self.servers_of(config)
        if config.get("capfAuthMode", "0") == "0" and config.get("certHash") != self.own_hash():
            self.enrol(config)
        self.config = self.decrypt(config)

    def servers_of(self, short):
        """The short configuration may lead to CAPF before there is a whole one."""
        if self.config is None:
            self.config = short

    def decrypt(self, short):
        name = self.name + ".cnf.xml.enc.sgn"
        found = self.fetch(name, EncryptedFile)
        if found is None:
            return short
        for _, key in filter(None, (self.lsc, self.mic)):
            try:
                return Config(found.decrypt(key))
            except Bad as e:
                problem = e
        if self.enrol(short):
            return Config(self.fetch(name, EncryptedFile).decrypt(self.lsc[1]))
        raise problem

    def own_hash(self):
        own = self.lsc or self.mic
        return own[0].md5 if own else ""

    # --- enrolment

    def enrol(self, config):
        """Go to CAPF as the configuration says; True if it has a new LSC then."""
        mode = config.get("capfAuthMode", "0")
        for address in config.capf:
            proof = {"3": self.lsc or self.mic, "4": self.mic}.get(mode) or (None, None)
            options = dict(password=self.password if mode == "1" else "", certificate=proof[0], key=proof[1],
                           has=self.lsc and self.lsc[0], old=self.old)
            options.update(self.capf_options)
            out = self.capf_outcome = CapfClient(address, self.name, **options).run()
            must(self.trusts(out.server, CAPF), "CAPF's certificate is not trusted")
            if out.operation == "install" and out.certificate and out.reason == 1:
                self.lsc = (out.certificate, out.key)
                return True
            if out.operation == "delete" and out.reason == 1:
                self.lsc = None
            return False
        return False

    # --- all of it

    def boot(self):
        """Lists, configuration, CAPF where it is called for, and the configuration that is served then."""
        self.take_list("CTL")
        self.take_list("ITL")
        self.take_config()
        if self.config.get("capfAuthMode", "0") != "0":
            self.enrol(self.config)
        return self

    def registers(self, certificate):
        """Would it take this certificate of a call manager? Without TLS it does not look."""
        if self.config.get("transportLayerProtocol") != "3":
            return True
        return self.trusts(certificate, CCM, CCM_TFTP)

    @property
    def secure(self):
        return {"1": "nonsecure", "2": "authenticated", "3": "encrypted"}[self.config.get("deviceSecurityMode", "1")]
