"""For tests of the wizards: a site with the sample vendors, and what makes each wizard hold."""
import csv, io, os

import certs
from lib import Site

GROUP = "AscomGroup01.acme.com"
MAKER = certs.Maker()
KINDS = ("phone", "gateway", "profile", "user", "cert")
STEPS = {
    "per-device": ["upload", "profiles", "profile", "phones", "type", "fields", "assign", "check"],
    "shared": ["certificate", "upload", "profiles", "name", "mode", "transport", "phones", "type", "fields",
               "assign", "check"],
}
OPTIONS = {"phone.type": "type", "phone.protocol": "protocol", "cert.store": "store", "cert.origin": "origin",
           "cert.description": "cert-description", "profile.name": "profile", "profile.mode": "mode",
           "profile.transport": "transport", "phone.digest_user": "digest-user", "phone.profile": "assign",
           "phone.description": "description"}
made = {}


def cert(name, **kw):
    """A certificate by a name of ours, made once: its file."""
    if name not in made:
        made[name] = MAKER.cert(**kw).path
    return made[name]


def own(n):
    return cert("own%d" % n, cn="Phone %d" % n)


def group():
    return cert("group", cn="Group", dns=[GROUP])


def silent_pack(**differing):
    """A pack whose supplier says nothing of certificates, nor how to get one."""
    text = certs.read(os.path.join(certs.VENDOR_PACKS, "sample-south.ini"))
    keys = dict({"name": "silent", "model": '"Silent 1"', "cucm_type": '"Silent 1"', "vendor": '"Silent Vendor"',
                 "trusted": "no", "cert_mode": None}, **differing)
    out = []
    for line in text.splitlines():
        key = line.split(" = ")[0]
        if key.startswith(("criteria_", "instructions_", "evidence")) or keys.get(key, "") is None:
            continue
        out.append("%s = %s" % (key, keys[key]) if key in keys else line)
    return "\n".join(out) + "\n"


def started(mixed=True, conf=None):
    """A site with the sample vendors; (site, client, {cert_mode: model})."""
    site = Site(conf)
    if conf:
        os.chmod(site.dir, 0o755)
    client = site.start().client()
    models = certs.import_samples(client)
    pack = os.path.join(certs.VENDOR_PACKS, "digest-only.ini")
    client.call("type.import", pack=certs.read(pack), file="digest-only.ini")
    client.call("type.import", pack=silent_pack(), file="silent.ini")
    if mixed:
        client.call("cluster.mode", mode="mixed")
    return site, client, models


def state(client):
    """All that a wizard could change."""
    return [client.call("export", kind=kind)["csv"] for kind in KINDS], \
        client.call("audit.list")["rows"], client.call("wizard.list")["rows"]


def answers(kind, models, **given):
    """What makes a wizard hold; `given` are the answers that differ ("profile_name": ...), None for none."""
    base = {"phone.type": models[kind], "profile.mode": "encrypted", "cert.origin": "by-device"}
    if kind == "shared":
        base.update({"certificate": group(), "phones": [("S1", None), ("S2", None)], "profile.name": GROUP})
        del base["cert.origin"]
    else:
        base.update({"phones": [("P1", own(1)), ("P2", own(2))], "profile.name": "Own"})
    base.update({k if k in ("certificate", "phones") else k.replace("_", ".", 1): v for k, v in given.items()})
    return {k: v for k, v in base.items() if v is not None}


def data(path):
    return {"file": os.path.basename(path), "data": certs.read(path)}


def sent(given, step):
    """The part of the answers that a step asks for."""
    fields = {"upload": ("cert.",), "profile": ("profile.",), "name": ("profile.name",),
              "mode": ("profile.mode",), "transport": ("profile.transport",), "type": ("phone.type", "phone.protocol"),
              "fields": ("phone.d",), "assign": ("phone.profile",)}.get(step, ())
    out = {k: v for k, v in given.items() if any(k.startswith(f) for f in fields)}
    if step == "certificate" and "certificate" in given:
        out["certificate"] = data(given["certificate"])
    if step == "phones" or (step == "upload" and "certificate" not in given):
        out["phones"] = [dict(data(path) if path else {}, name=name) for name, path in given.get("phones", [])]
    return out


def start(client, kind, given):
    return client.call("wizard.start", kind=kind, type=given.get("phone.type"))


def walk(client, kind, given, draft=None, each=None):
    """Answer step after step; `each` is called after every one and gives the client to go on with."""
    draft = draft or start(client, kind, given)
    steps = STEPS[kind]
    for here, following in zip(steps, steps[1:]):
        draft = client.call("wizard.save", id=draft["id"], rev=draft["rev"], step=following,
                            answers=sent(given, here))
        if each:
            client = each(client, draft)
    return client, draft


def apply(client, draft, accept=()):
    return client.call("wizard.apply", id=draft["id"], rev=draft["rev"], accept=list(accept))


def options(kind, given):
    out = ["wizard", kind]
    for key, value in given.items():
        if key in OPTIONS:
            out += ["--" + OPTIONS[key], value]
    if "certificate" in given:
        out += ["--certificate", given["certificate"]]
    for name, path in given.get("phones", []):
        out += ["--phone", name + ("=" + path if path else "")]
    return out


def rows(client, kind):
    return {next(iter(row.values())): row for row in csv.DictReader(io.StringIO(client.call("export", kind=kind)["csv"]))}


def key_file():
    return made.setdefault("key", MAKER.key())
