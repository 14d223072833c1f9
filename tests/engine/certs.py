"""Certificates for tests, made by certtool when they are asked for."""
import base64, hashlib, os, shutil, subprocess, tempfile

import lib

DAY = 86400


class Maker:
    """A directory of keys and certificates, gone when the test program ends."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="rlcert.")
        self.n = 0
        lib.at_end.append(lambda: shutil.rmtree(self.dir, ignore_errors=True))

    def path(self, name):
        return os.path.join(self.dir, name)

    def certtool(self, *args):
        p = subprocess.run(["certtool", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=lib.PATIENCE)
        if p.returncode != 0:
            raise AssertionError("certtool %s: %s" % (" ".join(args), p.stderr))
        return p.stdout

    def key(self, name=None, bits=None):
        """A new private key: P-256, or RSA of so many bits."""
        self.n += 1
        path = self.path(name or "key%d.pem" % self.n)
        kind = ["--key-type=rsa", "--bits=%d" % bits] if bits else ["--key-type=ecdsa", "--curve=secp256r1"]
        self.certtool("--generate-privkey", "--no-text", *kind, "--outfile", path)
        return path

    def cert(self, cn=None, dns=(), ip=(), uri=(), email=(), ca=None, is_ca=False, key=None, bits=None,
             begins=None, ends=None, days=365, hash="SHA256", lines=()):
        """A new certificate, self-signed or signed by `ca`. `begins` and `ends` are times of certtool
        ("2026-01-01 00:00:00"). What is missing of the text forms certtool's template takes in `lines`."""
        key = key or self.key(bits=bits)
        rows = ['cn = "%s"' % cn] if cn else []
        rows += ['dns_name = "%s"' % x for x in dns] + ['ip_address = "%s"' % x for x in ip]
        rows += ['uri = "%s"' % x for x in uri] + ['email = "%s"' % x for x in email]
        rows += ['activation_date = "%s"' % begins] if begins else []
        rows += ['expiration_date = "%s"' % ends] if ends else ["expiration_days = %d" % days]
        rows += ["ca", "cert_signing_key"] if is_ca else ["signing_key", "tls_www_server", "tls_www_client"]
        self.n += 1
        template, path = self.path("t%d.cfg" % self.n), self.path("c%d.pem" % self.n)
        with open(template, "w") as f:
            f.write("\n".join(rows + list(lines)) + "\n")
        signer = ["--load-ca-certificate", ca.path, "--load-ca-privkey", ca.key] if ca else []
        self.certtool("--generate-certificate" if ca else "--generate-self-signed", "--no-text",
                      "--load-privkey", key, "--template", template, "--hash", hash, "--outfile", path, *signer)
        return Certificate(path, key)


    def answer(self, csr, ca, days=365, hash="SHA256", ca_of=None, lines=()):
        """What the CA `ca` makes of a signing request (PEM text); ca_of: a CA with this path length."""
        self.n += 1
        request, template, path = (self.path("%s%d" % (x, self.n)) for x in ("r", "t", "a"))
        with open(request, "w") as f:
            f.write(csr)
        rows = ["expiration_days = %d" % days, "honor_crq_extensions"] + list(lines)
        rows += ["ca", "cert_signing_key", "path_len = %d" % ca_of] if ca_of is not None else []
        with open(template, "w") as f:
            f.write("\n".join(rows) + "\n")
        self.certtool("--generate-certificate", "--no-text", "--load-request", request, "--load-ca-certificate", ca.path,
                      "--load-ca-privkey", ca.key, "--template", template, "--hash", hash, "--outfile", path)
        return Certificate(path, None)


class Certificate:
    def __init__(self, path, key):
        self.path, self.key = path, key
        with open(path) as f:
            self.pem = f.read()
        body = "".join(line for line in self.pem.splitlines() if not line.startswith("-----"))
        self.der = base64.b64decode(body)
        self.fingerprint = hashlib.sha256(self.der).hexdigest()
        self.pem_fingerprint = hashlib.sha256(self.pem.encode()).hexdigest()  # what Kamailio tells as fp


VENDOR_PACKS = os.path.join(lib.DATA, "packs", "vendor")
SIGNER = os.path.join(VENDOR_PACKS, "sample-signer.pem")


def read(path):
    with open(path) as f:
        return f.read()


def sample_packs():
    """The packs of the sample vendors: those that come with a signature."""
    return sorted(os.path.join(VENDOR_PACKS, name[:-4]) for name in os.listdir(VENDOR_PACKS)
                  if name.endswith(".ini.p7s"))


def import_samples(client):
    """Trust the sample signer, import its packs; {cert_mode: model} of what came."""
    client.call("cert.upload", data=read(SIGNER), file="sample-signer.pem", store="pack-signers")
    models = {}
    for path in sample_packs():
        came = client.call("type.import", pack=read(path), file=os.path.basename(path),
                           signature=read(path + ".p7s"))
        for t in came["types"]:
            mode = client.call("object.show", kind="type", name=t["model"])["cert_mode"]
            models[mode] = t["model"]
    return models
