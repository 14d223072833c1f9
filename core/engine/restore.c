#include "engine/restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/own.h"
#include "control/ring.h"
#include "engine/audit.h"
#include "engine/backup.h"
#include "engine/config_audit.h"
#include "engine/place.h"
#include "engine/site.h"
#include "engine/unpack.h"
#include "engine/upgrade.h"

/* ---- is it a site ---- */

/* Each certificate of the site's own has its key. */
static enum rl_code check_keys(struct rl_store *store, const char *dir, struct rl_err *err)
{
    struct rl_ring *ring = NULL;
    char *keys = rl_asprintf("%s/keys", dir);
    enum rl_code code = rl_own_check(store, keys, err);
    if (code == RL_OK)
        code = rl_ring_load(store, keys, &ring, err);
    rl_ring_free(&ring);
    free(keys);
    return code;
}

/* A chain that was broken before the backup does not hold up who needs the rest. */
static enum rl_code check_audit(struct rl_audit *audit, bool accepted, json_t *report,
                                struct rl_err *err)
{
    struct rl_err why = {0};
    struct rl_audit_found found;
    enum rl_code code = rl_audit_open(audit, err);
    if (code != RL_OK)
        return code;
    code = rl_audit_verify(audit, &found, &why);
    json_object_set_new(report, "audit", json_integer((json_int_t)found.entries));
    if (code == RL_E_AUDIT_CHAIN && accepted)
        return RL_OK;
    if (code == RL_E_AUDIT_CHAIN)
        return rl_fail(err, RL_W_AUDIT_CHAIN, "audit log",
                       "The audit log was not whole when the backup was made. %s", why.text);
    if (code != RL_OK && err)
        *err = why;
    return code;
}

/* The last entry of the log tells of the restore. */
static enum rl_code note(struct rl_audit *audit, const json_t *report, struct rl_err *err)
{
    char *who = rl_user_name(getuid());
    json_t *what = json_pack("{s:O?, s:O?}", "taken", json_object_get(report, "taken"), "release",
                             json_object_get(report, "release"));
    char *after = json_dumps(what, JSON_COMPACT);
    enum rl_code code = rl_store_begin(audit->store, err);
    if (code == RL_OK)
        code = rl_audit_add(audit, who, "restore", "site", NULL, after, err);
    if (code == RL_OK)
        code = rl_store_commit(audit->store, err);
    else
        rl_store_rollback(audit->store);
    free(after);
    json_decref(what);
    free(who);
    return code == RL_OK ? rl_audit_flush(audit, err) : code;
}

/* Pages, references and the audit chain are gone through; then what is new is told. */
static enum rl_code check_store(struct rl_store *store, const char *dir, bool accepted,
                                json_t *report, struct rl_err *err)
{
    struct rl_config config;
    struct rl_problems ignored = {0};
    char *conf = rl_asprintf("%s/ringlock.conf", dir), *log = rl_asprintf("%s/log", dir);
    rl_config_load(conf, &config, &ignored);
    struct rl_audit audit = {.store = store, .reader = store, .log_dir = log};
    rl_config_set_audit(&audit, &config);
    enum rl_code code = rl_store_verify(store, err);
    if (code == RL_OK)
        code = check_audit(&audit, accepted, report, err);
    if (code == RL_OK)
        code = rl_upgrade_note(&audit, err);
    if (code == RL_OK)
        code = note(&audit, report, err);
    if (code == RL_OK)
        code = rl_store_settle(store, err);
    rl_config_fini(&config);
    rl_problems_fini(&ignored);
    free(conf);
    free(log);
    return code;
}

/* Opening the database migrates it. */
static enum rl_code check_site(const char *dir, bool accepted, json_t *report, struct rl_err *err)
{
    struct rl_store *store = NULL;
    char *db = rl_asprintf("%s/" RL_BACKUP_DB, dir);
    enum rl_code code = rl_store_open(db, &store, err);
    if (code == RL_OK)
        code = check_keys(store, dir, err);
    if (code == RL_OK)
        code = check_store(store, dir, accepted, report, err);
    rl_store_close(&store);
    free(db);
    return code;
}

/* ---- its place ---- */

/* A site that is there is locked until the new one is in its place. */
static enum rl_code check_place(const struct rl_restore_request *rq, struct rl_site *there,
                                struct rl_err *err)
{
    *there = (struct rl_site){.lock_fd = -1};
    if (!rq->dir || !rl_place_taken(rq->dir))
        return RL_OK;
    if (!rq->replace) {
        rl_fail(err, RL_E_SITE_EXISTS, rq->dir, "%s exists already.", rq->dir);
        rl_err_remedy(err, "Name a new directory, or add --replace to take the place of the site.");
        return RL_E_SITE_EXISTS;
    }
    enum rl_code code = rl_site_open(rq->dir, there, err);
    return code == RL_OK ? rl_site_lock(there, err) : code;
}

static enum rl_code make_site(const struct rl_restore_request *rq, struct rl_archive *a,
                              json_t *report, struct rl_err *err)
{
    struct rl_place place;
    char *kept = NULL;
    enum rl_code code = rl_place_begin(rq->dir, &place, err);
    if (code == RL_OK)
        code = rl_site_make_dirs(place.work, err);
    if (code == RL_OK)
        code = rl_archive_unpack(a, place.work, err);
    if (code == RL_OK)
        code = check_site(place.work, rq->accept_audit, report, err);
    if (code == RL_OK)
        code = rl_place_finish(&place, rq->replace ? &kept : NULL, err);
    if (kept)
        json_object_set_new(report, "kept", json_string(kept));
    free(kept);
    rl_place_fini(&place);
    return code;
}

static enum rl_code restore(const struct rl_restore_request *rq, struct rl_archive *a,
                            struct rl_err *err)
{
    enum rl_code code = rl_unseal_unlock(a->stream, &rq->key, err);
    if (code == RL_OK)
        code = rl_archive_manifest(a, err);
    if (code == RL_OK)
        code = rq->dir ? make_site(rq, a, a->manifest, err) : rl_archive_unpack(a, NULL, err);
    return code;
}

enum rl_code rl_restore(const struct rl_restore_request *rq, json_t **report, struct rl_err *err)
{
    struct rl_site there;
    bool piped = strcmp(rq->file, "-") == 0;
    struct rl_archive a = {.name = piped ? "(stdin)" : rq->file};
    *report = NULL;
    enum rl_code code = check_place(rq, &there, err);
    FILE *in = code != RL_OK ? NULL : piped ? stdin : fopen(rq->file, "re");
    if (code == RL_OK && !in)
        code = rl_fail(err, RL_E_IO, a.name, "%s cannot be read: %s.", a.name, strerror(errno));
    if (code == RL_OK)
        code = rl_unseal_open(in, a.name, &a.stream, err);
    if (code == RL_OK)
        code = restore(rq, &a, err);
    if (code == RL_OK) {
        json_object_set_new(a.manifest, "files", json_integer((json_int_t)a.files));
        json_object_set_new(a.manifest, "bytes", json_integer(a.bytes));
        *report = json_incref(a.manifest);
    }
    json_decref(a.manifest);
    rl_unseal_free(&a.stream);
    if (in && !piped)
        fclose(in);
    rl_site_close(&there);
    return code;
}
