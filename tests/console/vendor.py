"""vendor.py SITE MODE WHAT [DIR] - what the walks through the wizards need beside keys; MODE is that of a type.

samples       trust the signer of the sample vendors, import the pack with such a type, print the model
certificates  make them in DIR: one for each of the two phones of the recording, or the one that both share
call          play the recorded call of the two phones, which present what is in DIR: print how it is shown
"""
import itertools, os, random, shutil, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "engine"))
import certs, lib, talk

GROUP = "SampleGroup01.example.com"
PHONES = (talk.CALLER, talk.CALLEE)


def samples(client, mode, _):
    client.call("cert.upload", data=certs.read(certs.SIGNER), file="signer.pem", store="pack-signers")
    for path in certs.sample_packs():
        pack, signature = certs.read(path), certs.read(path + ".p7s")
        if "cert_mode = " + mode in pack:
            came = client.call("type.import", pack=pack, file=os.path.basename(path), signature=signature)
            print(came["types"][0]["model"])


def certificates(client, mode, folder):
    make = certs.Maker()
    if mode == "per-device":
        made = {phone: make.cert(cn=phone) for phone in PHONES}
    else:
        ca = make.cert(cn="Sample CA", is_ca=True)
        client.call("cert.upload", data=ca.pem, file="ca.pem")
        made = {"group": make.cert(cn="sample", dns=[GROUP], ca=ca)}
    for name, cert in made.items():
        shutil.copy(cert.path, os.path.join(folder, name + ".pem"))
        os.chmod(os.path.join(folder, name + ".pem"), 0o644)


def call(client, mode, folder):
    name = {phone: phone if mode == "per-device" else "group" for phone in PHONES}
    told = {phone: talk.shows(certs.Certificate(os.path.join(folder, name[phone] + ".pem"), None)) for phone in PHONES}
    play = talk.Talk(client)
    seen = play.call(told)
    play.hang_up()
    print(seen["icon"], *talk.reasons(seen))


talk.numbers = itertools.count(random.randrange(1, 900))  # no Call-ID that an earlier run had
site, mode, what = sys.argv[1:4]
try:
    {"samples": samples, "certificates": certificates, "call": call}[what](
        lib.Client(os.path.join(site, "ringlock.sock")), mode, sys.argv[4] if len(sys.argv) > 4 else None)
finally:
    for clean in lib.at_end:
        clean()
