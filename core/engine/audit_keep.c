/* How long entries are kept. The oldest go in parts, each in one transaction with the anchor that
 * the chain begins at from then on, and with an entry that tells of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/audit.h"
#include "engine/log.h"
#include "ringlock/time.h"

#define DAY_US (RL_DAY_S * 1000000LL)

enum { KEEP_PART = 1000, LOOK_US = 60 * 1000000 };

enum rl_code rl_audit_anchor(const struct rl_audit *audit, struct rl_audit_anchor *out,
                             struct rl_err *err)
{
    char *text = NULL;
    long long seq = 0;
    *out = (struct rl_audit_anchor){0};
    enum rl_code code = rl_store_get_meta(audit->reader, RL_AUDIT_ANCHOR, &text, err);
    if (text && sscanf(text, "%lld %64s", &seq, out->hash) == 2)
        out->seq = seq;
    free(text);
    return code;
}

/* The oldest entries that may go: in the file, too, and older than the time. */
struct oldest {
    int64_t before_us, written;
    size_t n;
    struct rl_audit_anchor anchor;
};

/* An entry that cannot be read was meddled with: it and what follows stay as they are. */
static bool may_go(void *ctx, const struct rl_audit_row *row)
{
    struct oldest *o = ctx;
    int64_t time_us = rl_audit_time(row->text, strlen(row->text));
    if (row->seq > o->written || time_us < 0 || time_us >= o->before_us)
        return false;
    o->anchor.seq = row->seq;
    snprintf(o->anchor.hash, sizeof o->anchor.hash, "%s", row->hash);
    o->n++;
    return true;
}

static enum rl_code tell(struct rl_audit *audit, const struct oldest *o, struct rl_err *err)
{
    char *after = rl_asprintf("{\"entries\":%zu,\"through\":%lld,\"hash\":\"%s\"}", o->n,
                              (long long)o->anchor.seq, o->anchor.hash);
    enum rl_code code = rl_audit_add(audit, "ringlockd", RL_AUDIT_DROP, "audit", NULL, after, err);
    free(after);
    return code;
}

/* With files that end before the new anchor: they are removed once that is sure. */
static enum rl_code move_anchor(struct rl_audit *audit, const struct oldest *o, int64_t ends,
                                struct rl_err *err)
{
    char anchor[96];
    snprintf(anchor, sizeof anchor, "%lld %s", (long long)o->anchor.seq, o->anchor.hash);
    enum rl_code code = tell(audit, o, err);
    if (code == RL_OK)
        code = rl_store_audit_drop(audit->store, o->anchor.seq, err);
    if (code == RL_OK)
        code = rl_store_set_meta(audit->store, RL_AUDIT_ANCHOR, anchor, err);
    if (code == RL_OK && ends > 0)
        code = rl_audit_set_retired(audit, ends, err);
    return code;
}

static enum rl_code drop(struct rl_audit *audit, const struct oldest *o, struct rl_err *err)
{
    int64_t ends = rl_audit_ends(audit, o->anchor.seq);
    enum rl_code code = rl_store_begin(audit->store, err);
    if (code != RL_OK)
        return code;
    code = move_anchor(audit, o, ends, err);
    if (code == RL_OK)
        code = rl_store_commit(audit->store, err);
    if (code != RL_OK) {
        rl_store_rollback(audit->store);
        return code;
    }
    rl_audit_unlink(audit, ends);
    return rl_audit_flush(audit, err);
}

/* The oldest entry is allowed a day more, so that an entry a day tells of what was dropped. */
static enum rl_code drop_oldest(struct rl_audit *audit, size_t *n, struct rl_err *err)
{
    struct oldest o = {.before_us = rl_now_us() - (audit->keep_days + 1) * DAY_US,
                       .written = audit->written};
    struct rl_audit_anchor anchor;
    enum rl_code code = rl_audit_anchor(audit, &anchor, err);
    if (code == RL_OK)
        code = rl_store_audit_list(audit->reader, anchor.seq, false, 1, may_go, &o, err);
    if (code || !o.n)
        return code;
    o.n = 0;
    o.before_us += DAY_US;
    code = rl_store_audit_list(audit->reader, anchor.seq, false, KEEP_PART, may_go, &o, err);
    *n = o.n;
    return code || !o.n ? code : drop(audit, &o, err);
}

void rl_audit_tick(struct rl_audit *audit, int64_t now_us)
{
    struct rl_err err = {0};
    size_t n = 0;
    if (now_us < audit->look_us || audit->notes)
        return;
    enum rl_code code = rl_audit_rotate(audit, &err);
    if (code == RL_OK && audit->keep_days > 0)
        code = drop_oldest(audit, &n, &err);
    if (code != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
    if (n > 0)
        rl_log(RL_LOG_NOTICE, "%zu entries of the audit log were older than %lld days: dropped", n,
               (long long)audit->keep_days);
    audit->look_us = n == KEEP_PART ? now_us : now_us + LOOK_US;
}
