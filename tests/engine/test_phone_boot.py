"""The simulated phone itself: boots from files that independent programs made, by TFTP and by HTTP, and refuses
what it has to refuse. What it says of the engine's files is worth as much as this."""
import os, shutil, tempfile

import lib
import phone
import phone_files
import phone_write
import servers
from lib import equal, test
from phone_x509 import Bad, Certificate, Key, openssl

VECTORS = os.path.join(lib.ROOT, "tests/vectors")
NAME = "SEP001122334455"
FILES = {"CTL%s.tlv" % NAME: "tlv/ctl-device/CTL%s.tlv" % NAME, "ITL%s.tlv" % NAME: "tlv/itl-device/ITL%s.tlv" % NAME,
         NAME + ".cnf.xml.sgn": "enc/lsc-sha1/%s.cnf.xml.sgn" % NAME,
         NAME + ".cnf.xml.enc.sgn": "enc/lsc-sha1/%s.cnf.xml.enc.sgn" % NAME}


class Served:
    """A directory of the vectors' files, changed by name: path of the vectors, bytes, or None to leave it out."""

    def __init__(self, **changed):
        self.path = tempfile.mkdtemp(prefix="rlphone.")
        os.chmod(self.path, 0o755)
        lib.at_end.append(lambda: shutil.rmtree(self.path, ignore_errors=True))
        self.put({**FILES, **changed})

    def put(self, files):
        for name, what in files.items():
            to = os.path.join(self.path, name)
            if isinstance(what, str):
                shutil.copy(os.path.join(VECTORS, "trust", what), to)
            elif what is None:
                os.path.exists(to) and os.unlink(to)
            else:
                with open(to, "wb") as f:
                    f.write(what)


def own(path):
    path = os.path.join(VECTORS, path)
    return Certificate.of_file(path), Key.of_file(path)


def booted(served, **kw):
    return phone.Phone(NAME, phone.Directory(served.path), mic=own("trust/certs/mic.pem"), **kw)


def refused(fn, part):
    try:
        fn()
    except Bad as e:
        lib.contains(str(e), part)
        return
    raise AssertionError("not refused: " + part)


def reads(files):
    """A phone with its LSC reads its whole configuration."""
    p = phone.Phone(NAME, files, mic=own("trust/certs/mic.pem"))
    p.lsc = own("capf/lsc-rsa2048.pem")
    p.take_list("CTL")
    p.take_list("ITL")
    p.take_config()
    equal((p.secure, p.config.yes("fullConfig"), p.config.capf, p.warnings),
          ("encrypted", True, [("192.0.2.10", 3804)], []))
    ccm = Certificate.of_file(os.path.join(VECTORS, "trust/certs/ccm.pem"))
    equal((p.registers(ccm), p.registers(own("trust/certs/rogue-lsc.pem")[0])), (True, False))


@test("it boots by tftpd-hpa")
def tftp():
    with servers.Tftpd(Served().path) as server:
        reads(server.files)


@test("it boots by HTTP")
def web():
    with servers.Httpd(Served().path) as server:
        reads(server.files)


@test("it keeps a list against one that is signed by a stranger, and takes the first on trust")
def anchors():
    served = Served()
    p = booted(served)
    p.take_list("CTL")
    held = p.ctl
    served.put({"CTL%s.tlv" % NAME: "tlv/itl-rsa1024/ITLFile.tlv"})
    refused(lambda: p.take_list("CTL"), "asked for a CTL")
    served.put({"ITL%s.tlv" % NAME: "tlv/itl-odd-dn-signer/ITLFile.tlv"})
    refused(lambda: p.take_list("ITL"), "whom it does not trust")
    equal((p.ctl, p.itl), (held, None))
    p.reset()
    p.take_list("ITL")
    assert p.itl.of(phone_files.SAST)


def impostor(genuine):
    """A certificate with the names and the serial number of another, and its key."""
    made = Key.rsa_of(2048)
    with tempfile.NamedTemporaryFile("w") as f:
        f.write(made.pem)
        f.flush()
        subject = "".join("/%s=%s" % row for row in genuine.subject.rows)
        pem = openssl("req", "-x509", "-new", "-key", f.name, "-subj", subject, "-set_serial",
                      "0x" + genuine.serial.hex(), "-days", "9")
    return Certificate.of_pem(pem.decode()), made


@test("one who takes the signer's names and serial number is not the signer")
def forged():
    served = Served()
    p = booted(served)
    p.take_list("ITL")
    held = p.itl
    signer = held.of(phone_files.SAST)[0]
    false, key = impostor(signer)
    assert held.made_by(false)
    for rows in ([(phone_files.SAST, false)], [(phone_files.SAST, false), (phone_files.SAST, signer)],
                 [(phone_files.SAST, signer), (phone_files.SAST, false)]):
        rows.append((phone_files.TFTP, false))
        served.put({"ITL%s.tlv" % NAME: phone_write.trust_list("ITLFile.tlv", rows, false, key, held.time + 1)})
        refused(lambda: p.take_list("ITL"), "the signature is wrong")
    equal(p.itl, held)


@test("an empty file counts as none; ITLFile.tlv is asked for where its own is missing")
def absent():
    served = Served(**{"CTL%s.tlv" % NAME: b"", "ITL%s.tlv" % NAME: None, "ITLFile.tlv": FILES["ITL%s.tlv" % NAME]})
    p = booted(served)
    p.take_list("CTL")
    p.take_list("ITL")
    equal((p.ctl, p.itl.name), (None, "ITLFile.tlv"))


@test("it refuses another phone's file, a plain one, and one signed by a stranger")
def wrong():
    served = Served(**{NAME + ".cnf.xml.sgn": "bad/s12-filename-other.cnf.xml.sgn"})
    p = booted(served)
    p.take_list("ITL")
    refused(p.take_config, "it is named")
    served.put({NAME + ".cnf.xml.sgn": None, NAME + ".cnf.xml": "enc/lsc-sha1/plain.xml"})
    refused(p.take_config, "no signed configuration")
    served.put({NAME + ".cnf.xml.sgn": "sgn/config-odd-dn-signer/%s.cnf.xml.sgn" % NAME})
    refused(p.take_config, "whom it does not trust")


lib.run()
