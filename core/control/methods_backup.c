#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/work.h"
#include "engine/backup.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "ringlock/base64.h"
#include "ringlock/time.h"

enum { IDLE_S = 60 };

/* The one backup under way. It is prepared, and then its parts are made, as they are asked for: by
 * workers. */
struct rl_backing {
    struct rl_engine *engine;
    struct rl_peer *peer; /* NULL: gone while a worker is at it */
    struct rl_backup *backup;
    char *who;
    bool working;
    int64_t last_us; /* when something was asked last */
    int64_t bytes;   /* given out */
};

/* An entry of the audit log that waits until the loop may write. */
struct rl_untold {
    struct rl_untold *next;
    char *who, *what, *after;
};

static void forget(struct rl_backing *b)
{
    b->engine->backing = NULL;
    rl_backup_free(&b->backup);
    free(b->who);
    free(b);
}

/* ---- the audit log ---- */

static enum rl_code write_entry(struct rl_engine *e, const struct rl_untold *u, struct rl_err *err)
{
    char now[RL_TIME_TEXT];
    enum rl_code code = rl_store_begin(e->store, err);
    if (code != RL_OK)
        return code;
    if (strcmp(u->what, "backup") == 0)
        code = rl_store_set_meta(e->store, RL_META_BACKUP, rl_time_text(rl_now_us(), 0, now), err);
    if (code == RL_OK)
        code = rl_audit_add(&e->audit, u->who, u->what, "site", NULL, u->after, err);
    if (code == RL_OK)
        code = rl_store_commit(e->store, err);
    if (code != RL_OK)
        rl_store_rollback(e->store);
    return code;
}

/* Those that waited, as soon as the loop may write. */
static void tell_untold(struct rl_engine *e)
{
    struct rl_err err = {0};
    while (e->untold && rl_engine_may_write(e)) {
        struct rl_untold *u = e->untold;
        if (write_entry(e, u, &err) != RL_OK) {
            rl_log_err(RL_LOG_ERROR, &err);
            return;
        }
        e->untold = u->next;
        free(u->who);
        free(u->what);
        free(u->after);
        free(u);
        rl_engine_after_change(e);
    }
}

/* Takes `after`. */
static void tell(struct rl_engine *e, const char *who, const char *what, char *after)
{
    struct rl_untold **end = &e->untold;
    while (*end)
        end = &(*end)->next;
    *end = rl_alloc(sizeof **end);
    **end = (struct rl_untold){NULL, rl_strdup(who), rl_strdup(what), after};
    rl_log(RL_LOG_NOTICE, "%s by %s: %s", what, who, after);
    tell_untold(e);
}

/* ---- beside the loop ---- */

/* After each piece of work: the backup goes on, or it ends here. */
static json_t *worked(struct rl_request *rq, json_t *result)
{
    struct rl_backing *b = rq->ctx;
    b->working = false;
    b->last_us = rl_monotonic_us();
    if (!result || !b->peer)
        forget(b);
    return result;
}

/* Takes long: `work` begins, and nothing else is done with the backup meanwhile. */
static json_t *begin_work(struct rl_request *rq, struct rl_backing *b, const struct rl_work *work)
{
    rq->ctx = b;
    b->working = true;
    return rl_work_later(rq, work);
}

static json_t *prepare(struct rl_request *rq)
{
    struct rl_backing *b = rq->ctx;
    if (rl_backup_prepare(b->backup, &rq->err) != RL_OK)
        return NULL;
    return json_pack("{s:I}", "bytes", (json_int_t)rl_backup_length(b->backup));
}

static json_t *make_part(struct rl_request *rq)
{
    struct rl_backing *b = rq->ctx;
    struct rl_buf part = {0}, text = {0};
    bool last = false;
    json_t *result = NULL;
    if (rl_backup_part(b->backup, &part, &last, &rq->err) == RL_OK) {
        rl_base64_encode(&text, part.data, part.len);
        b->bytes += (int64_t)part.len;
        result = json_pack("{s:s, s:b}", "data", rl_buf_str(&text), "last", last);
    }
    rl_buf_fini(&part);
    rl_buf_fini(&text);
    return result;
}

/* ---- the beginning ---- */

/* What a question held is wiped: it lives on until it is answered. */
static char *take_secret(const struct rl_request *rq, const char *name)
{
    const char *text = rl_param_text(rq, name);
    char *copy = rl_strdup(text);
    if (text)
        explicit_bzero((char *)text, strlen(text));
    return copy;
}

static enum rl_code read_to(struct rl_request *rq, struct rl_backup_to *to)
{
    struct rl_buf cert = {0};
    rl_param_data(rq, "certificate", &cert);
    to->ncertificate = cert.len;
    to->certificate = cert.len ? rl_buf_take(&cert) : NULL;
    to->passphrase = take_secret(rq, "passphrase");
    rl_buf_fini(&cert);
    if (!to->passphrase != !to->certificate)
        return RL_OK;
    return rl_fail(&rq->err, RL_E_USAGE, "backup",
                   "A backup is sealed with a passphrase or to a certificate: one of the two.");
}

static struct rl_backing *begin_backup(struct rl_request *rq, struct rl_backup_to *to)
{
    struct rl_engine *e = rq->engine;
    struct rl_backup *backup = NULL;
    if (e->backing && e->backing->peer == rq->peer && !e->backing->working)
        forget(e->backing); /* it was left half way */
    if (e->backing) {
        rl_fail(&rq->err, RL_E_CONFLICT, "site", "%s is taking a backup already.", e->backing->who);
        return NULL;
    }
    tell(e, rq->peer->who.user, "backup.begin",
         rl_asprintf("{\"sealed\":\"%s\"}", to->certificate ? "certificate" : "passphrase"));
    if (rl_backup_new(&e->site, e->store, to, &backup, &rq->err) != RL_OK)
        return NULL;
    struct rl_backing *b = e->backing = rl_alloc(sizeof *b);
    *b = (struct rl_backing){
        .engine = e, .peer = rq->peer, .backup = backup, .who = rl_strdup(rq->peer->who.user)};
    return b;
}

json_t *rl_method_backup_begin(struct rl_request *rq)
{
    static const struct rl_work work = {.run = prepare, .finish = worked};
    struct rl_backup_to to = {0};
    struct rl_backing *b = read_to(rq, &to) == RL_OK ? begin_backup(rq, &to) : NULL;
    rl_backup_to_fini(&to);
    return b ? begin_work(rq, b, &work) : NULL;
}

/* ---- the parts ---- */

static struct rl_backing *under_way(struct rl_request *rq)
{
    struct rl_backing *b = rq->engine->backing;
    if (b && b->peer == rq->peer && !b->working)
        return b;
    rl_fail(&rq->err, RL_E_USAGE, "backup",
            b && b->peer == rq->peer ? "A part of the backup is being made at this moment."
                                     : "No backup is under way on this connection.");
    return NULL;
}

json_t *rl_method_backup_part(struct rl_request *rq)
{
    static const struct rl_work work = {.run = make_part, .finish = worked};
    struct rl_backing *b = under_way(rq);
    return b ? begin_work(rq, b, &work) : NULL;
}

json_t *rl_method_backup_end(struct rl_request *rq)
{
    struct rl_backing *b = under_way(rq);
    if (!b)
        return NULL;
    if (b->bytes < rl_backup_length(b->backup)) {
        rl_fail(&rq->err, RL_E_USAGE, "backup", "There are parts of the backup still to be taken.");
        return NULL;
    }
    tell(rq->engine, b->who, "backup", rl_asprintf("{\"bytes\":%lld}", (long long)b->bytes));
    json_t *result = json_pack("{s:I}", "bytes", (json_int_t)b->bytes);
    forget(b);
    return result;
}

/* ---- its end ---- */

void rl_backing_end(struct rl_peer *peer)
{
    struct rl_backing *b = rl_rpc_engine(peer->rpc)->backing;
    if (!b || b->peer != peer)
        return;
    b->peer = NULL;
    rl_backup_stop(b->backup);
    if (!b->working)
        forget(b);
}

void rl_backing_tick(struct rl_engine *e, int64_t now_us)
{
    struct rl_backing *b = e->backing;
    tell_untold(e);
    if (!b || b->working || now_us - b->last_us < IDLE_S * 1000000LL)
        return;
    rl_log(RL_LOG_WARNING, "the backup of %s was given up: nothing was asked for %d s", b->who,
           IDLE_S);
    forget(b);
}

void rl_backing_close(struct rl_engine *e)
{
    tell_untold(e);
}
