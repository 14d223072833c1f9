"""Roles: the kernel says who is at the other end, ringlock.conf what they may."""
import grp, json, os, pwd, signal, sys

import lib
from lib import Client, Site, as_user, contains, equal, poll, test, user_without_rights


ASK = [("status", {}), ("object.add", {"kind": "user", "values": {"id": "x", "name": "X"}}),
       ("cluster.mode", {"mode": "mixed"})]


def with_conf(conf, gids=None):
    nobody = user_without_rights()
    site = Site(conf)
    os.chmod(site.dir, 0o755)
    site.start()
    return as_user(nobody.pw_uid, gids or [nobody.pw_gid], site, ASK)


@test("root is administrator")
def root():
    if os.getuid() != 0:
        raise lib.Skip("needs root")
    equal(Site().start().client().info["role"], "administrator")


@test("who is named nowhere is refused, and loses the connection")
def nobody():
    equal(with_conf({}), ["E-NOT-ALLOWED", "closed"])


@test("a viewer may look")
def viewer():
    equal(with_conf({"control.viewer_users": "nobody"}), ["viewer", "ok", "E-NOT-ALLOWED", "E-NOT-ALLOWED"])


@test("an operator may change objects")
def operator():
    equal(with_conf({"control.operator_users": "bin, nobody"}), ["operator", "ok", "ok", "E-NOT-ALLOWED"])


@test("an administrator may change the cluster mode")
def administrator():
    equal(with_conf({"control.administrator_users": "nobody"}), ["administrator", "ok", "ok", "ok"])


@test("certificates, types and the end of a wizard are the administrator's")
def kinds():
    nobody = user_without_rights()
    site = Site({"control.operator_users": "nobody"})
    os.chmod(site.dir, 0o755)
    site.start()
    asked = [(method, {"kind": kind, "name": "x", "values": {}} if method == "object.set" else
              {"kind": kind, "values": {}} if method == "object.add" else {"kind": kind, "name": "x"})
             for kind in ("type", "cert") for method in ("object.add", "object.set", "object.remove")]
    asked += [(method, {}) for method in ("cert.upload", "type.import", "wizard.apply")]
    equal(as_user(nobody.pw_uid, [nobody.pw_gid], site, asked), ["operator"] + ["E-NOT-ALLOWED"] * 9)


@test("the same holds for a change of many")
def many():
    nobody = user_without_rights()
    asked = [(method, dict({"kind": kind, "names": ["x"]}, **({"values": {}} if "set" in method else {})))
             for kind in ("phone", "type", "cert") for method in ("object.set_many", "object.remove_many")]
    for role, codes in (("viewer", ["E-NOT-ALLOWED"] * 6), ("operator", ["ok"] * 2 + ["E-NOT-ALLOWED"] * 4),
                        ("administrator", ["ok"] * 6)):
        site = Site({"control.%s_users" % role: "nobody"})
        os.chmod(site.dir, 0o755)
        site.start()
        equal(as_user(nobody.pw_uid, [nobody.pw_gid], site, asked), [role] + codes)


@test("the groups of the process count, the first and the others; the highest role holds")
def groups():
    nobody = user_without_rights()
    games, mail = grp.getgrnam("games").gr_gid, grp.getgrnam("mail").gr_gid
    conf = {"control.viewer_groups": "games", "control.operator_groups": "mail no-such-group"}
    equal(with_conf(conf, [games])[0], "viewer")
    equal(with_conf(conf, [nobody.pw_gid, games])[0], "viewer")
    equal(with_conf(conf, [games, mail])[0], "operator")


@test("SIGHUP takes a role away from those who are connected")
def taken_away():
    nobody = user_without_rights()
    site = Site({"control.viewer_users": "nobody"})
    os.chmod(site.dir, 0o755)
    site.start()
    ready, go = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            client = Client(site.socket)
            os.write(ready[1], b"x")
            os.read(go[0], 1)
            status = 0 if client.closed() else 2
        finally:
            os._exit(status)
    os.read(ready[0], 1)
    site.conf({})
    site.engine.send_signal(signal.SIGHUP)
    poll(lambda: "was read again" in site.log())
    os.write(go[1], b"x")
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)


@test("changes are logged with the user's name (R141)")
def who():
    nobody = user_without_rights()
    site = Site({"control.operator_users": "nobody"})
    os.chmod(site.dir, 0o755)
    site.start()
    as_user(nobody.pw_uid, [nobody.pw_gid], site, ASK[1:2])
    row = site.client().call("audit.list", limit=1)["rows"][0]
    equal(row["who"], "nobody")
    contains(json.dumps(row["after"]), '"x"')


lib.run()
