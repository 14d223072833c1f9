/* Drafts of forms and wizards that nobody touched for as long as ringlock.conf says. */
#include <stdlib.h>
#include <string.h>

#include "control/draft.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "ringlock/time.h"

enum { AT_ONCE = 100, LOOK_S = 3600 };

struct old {
    struct rl_rpc *rpc;
    struct rl_draft_row row[AT_ONCE];
    size_t n;
};

static bool is_open(struct rl_rpc *rpc, int64_t id)
{
    for (const struct rl_peer *p = rl_rpc_peers(rpc); p; p = p->next)
        if (p->draft == id)
            return true;
    return false;
}

static bool add_old(void *ctx, const struct rl_draft_row *row)
{
    struct old *old = ctx;
    if (!is_open(old->rpc, row->id))
        old->row[old->n++] = (struct rl_draft_row){.id = row->id,
                                                   .kind = rl_strdup(row->kind),
                                                   .name = rl_strdup(row->name),
                                                   .owner = rl_strdup(row->owner),
                                                   .updated = rl_strdup(row->updated)};
    return old->n < AT_ONCE;
}

static enum rl_code drop_all(struct rl_store *store, const struct old *old, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(store, err);
    for (size_t i = 0; i < old->n && !code; i++)
        code = rl_store_draft_drop(store, old->row[i].id, err);
    if (!code)
        code = rl_store_commit(store, err);
    if (code)
        rl_store_rollback(store);
    return code;
}

static void sweep(struct rl_engine *e, int64_t wall_us)
{
    char before[RL_TIME_TEXT];
    struct rl_err err;
    struct old *old = rl_alloc(sizeof *old);
    old->rpc = e->rpc;
    rl_time_text(wall_us - e->config.drafts_days * RL_DAY_S * INT64_C(1000000), 0, before);
    enum rl_code code = rl_store_drafts(e->reader, NULL, before, add_old, old, &err);
    if (!code && old->n)
        code = drop_all(e->store, old, &err);
    if (code)
        rl_log_err(RL_LOG_ERROR, &err);
    for (size_t i = 0; i < old->n; i++) {
        struct rl_draft_row *row = &old->row[i];
        if (!code)
            rl_log(RL_LOG_NOTICE, "draft %lld (%s %s, of %s) was dropped: untouched since %s",
                   (long long)row->id, row->kind, row->name, row->owner, row->updated);
        rl_draft_row_fini(row);
    }
    free(old);
}

void rl_drafts_tick(struct rl_engine *e, int64_t wall_us)
{
    int64_t since = wall_us - e->drafts_us;
    if (e->config.drafts_days == 0 || !rl_engine_may_write(e) ||
        (since >= 0 && since < LOOK_S * INT64_C(1000000)))
        return;
    e->drafts_us = wall_us;
    sweep(e, wall_us);
}
