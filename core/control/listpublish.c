/* New versions of the trust lists: made and proved, written aside, committed with their audit
 * entries, put into their place. Killed at any moment, phones find the lists of before or the new
 * ones, each whole; what was committed is put into its place when the engine opens. */
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/listfiles.h"
#include "control/lists_own.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "store/publish.h"

enum { TYPES_TOLD = 3, US = 1000000 };

/* What is published together. */
struct edition {
    struct rl_engine *e;
    const char *who;
    const char *mode; /* the cluster is set to it; NULL: it stays */
    int64_t now_us;
    char now[RL_TIME_TEXT];
    struct {
        bool on;
        int64_t version;
        struct rl_buf body;
        struct rl_list_content content;
    } list[RL_LIST_KINDS];
};

static struct rl_list_rules rules_of(const struct rl_engine *e)
{
    return (struct rl_list_rules){.sha512 = e->config.list_hash == RL_LIST_HASH_SHA512,
                                  .ec = e->config.signer_version == RL_SIGNER_VERSION_1_1};
}

/* ---- what phones can verify (R133) ---- */

struct unfit {
    size_t types, phones;
    struct rl_buf text;
};

static bool add_unfit(void *ctx, const char *type, size_t phones, const char *first)
{
    struct unfit *u = ctx;
    if (u->types++ < TYPES_TOLD)
        rl_buf_addf(&u->text, "%s%zu %s (%s)", u->types > 1 ? ", " : "", phones, type, first);
    else if (u->types == TYPES_TOLD + 1)
        rl_buf_adds(&u->text, ", ...");
    u->phones += phones;
    return true;
}

static enum rl_code check_hash(const struct rl_engine *e, struct rl_err *err)
{
    struct unfit u = {0};
    if (!rules_of(e).sha512)
        return RL_OK;
    enum rl_code code = rl_store_sha1_only(e->reader, add_unfit, &u, err);
    if (!code && u.phones)
        code = rl_fail(err, RL_E_SHA1_ONLY, "lists",
                       "%zu phone%s can verify SHA-1 alone, and [lists] hash is sha512: %s.",
                       u.phones, u.phones == 1 ? "" : "s", rl_buf_str(&u.text));
    rl_buf_fini(&u.text);
    return code;
}

/* ---- making ---- */

/* Later than the one before, whatever the clock does. */
static uint32_t time_of(const struct edition *ed, enum rl_list_kind kind)
{
    const struct rl_listed *l = rl_lists_now(ed->e, kind);
    int64_t now = ed->now_us / US, next = (int64_t)l->content.time + 1;
    return (uint32_t)(l->version && next > now ? next : now);
}

static enum rl_code prepare(struct edition *ed, enum rl_list_kind kind,
                            struct rl_problems *warnings, struct rl_err *err)
{
    const struct rl_list_rules rules = rules_of(ed->e);
    struct rl_buf *body = &ed->list[kind].body;
    struct rl_ring *ring = rl_ring_take(ed->e);
    enum rl_code code =
        rl_list_make(ring, kind, &rules, time_of(ed, kind), ed->now_us, body, warnings, err);
    rl_ring_free(&ring);
    if (!code)
        code = rl_listfile_stage(ed->e->lists->dir, kind, body->data, body->len, err);
    if (!code)
        rl_list_content(body->data, body->len, &ed->list[kind].content);
    return code;
}

/* ---- committing ---- */

static enum rl_code note(const struct edition *ed, enum rl_list_kind kind, struct rl_err *err)
{
    const struct rl_listed *l = rl_lists_now(ed->e, kind);
    const struct rl_list_content *c = &ed->list[kind].content;
    char *before = l->version ? rl_asprintf("{\"version\":%lld}", (long long)l->version) : NULL;
    char *after = rl_asprintf(
        "{\"version\":%lld,\"records\":%zu,\"hash\":\"%s\",\"signer\":\"%s\"}",
        (long long)ed->list[kind].version, c->n, c->sha512 ? "SHA-512" : "SHA-1", c->signer);
    enum rl_code code =
        rl_audit_add(&ed->e->audit, ed->who, "ctl.update", rl_list_names[kind], before, after, err);
    free(before);
    free(after);
    return code;
}

static enum rl_code add(struct edition *ed, enum rl_list_kind kind, struct rl_err *err)
{
    const struct rl_buf *body = &ed->list[kind].body;
    struct rl_list_row row = {.made = ed->now, .body = body->data, .n = body->len};
    enum rl_code code = rl_store_list_add(ed->e->store, rl_list_names[kind], &row, err);
    ed->list[kind].version = row.version;
    return code ? code : note(ed, kind, err);
}

/* The entry of the mode comes last, since it is what the act is about. */
static enum rl_code set_mode(const struct edition *ed, struct rl_err *err)
{
    if (!ed->mode)
        return RL_OK;
    char *before = rl_asprintf("{\"cluster_mode\":\"%s\"}", ed->e->mixed ? "mixed" : "nonsecure");
    char *after = rl_asprintf("{\"cluster_mode\":\"%s\"}", ed->mode);
    enum rl_code code = rl_store_set_meta(ed->e->store, "cluster_mode", ed->mode, err);
    if (!code)
        code = rl_audit_add(&ed->e->audit, ed->who, "cluster.mode", "cluster", before, after, err);
    free(before);
    free(after);
    return code;
}

static enum rl_code commit(struct edition *ed, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(ed->e->store, err);
    if (code)
        return code;
    for (int kind = 0; kind < RL_LIST_KINDS && !code; kind++)
        if (ed->list[kind].on)
            code = add(ed, (enum rl_list_kind)kind, err);
    if (!code)
        code = set_mode(ed, err);
    if (!code)
        code = rl_store_commit(ed->e->store, err);
    if (code)
        rl_store_rollback(ed->e->store);
    return code;
}

/* It is committed: what the directory does not take now is tried again. */
static void bring(struct edition *ed, enum rl_list_kind kind)
{
    struct rl_err err = {0};
    struct rl_lists *lists = ed->e->lists;
    enum rl_code code = ed->list[kind].on ? rl_listfile_place(lists->dir, kind, &err) : RL_OK;
    if (!code)
        code = rl_lists_load(ed->e, kind, &err);
    if (!code)
        code = rl_lists_settle(ed->e, kind, &err);
    lists->unsettled[kind] = code != RL_OK;
    if (code)
        rl_log_err(RL_LOG_ERROR, &err);
}

static enum rl_code make(struct edition *ed, struct rl_problems *warnings, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (int kind = 0; kind < RL_LIST_KINDS && !code; kind++)
        if (ed->list[kind].on)
            code = prepare(ed, (enum rl_list_kind)kind, warnings, err);
    return code ? code : commit(ed, err);
}

static enum rl_code publish(struct edition *ed, struct rl_problems *warnings, struct rl_err *err)
{
    bool any = ed->list[RL_LIST_CTL].on || ed->list[RL_LIST_ITL].on;
    enum rl_code code = rl_engine_may_change(ed->e, err);
    ed->now_us = rl_now_us();
    rl_time_text(ed->now_us, 1, ed->now);
    if (!code && any)
        code = check_hash(ed->e, err);
    if (!code)
        code = make(ed, warnings, err);
    if (!code && ed->mode)
        ed->e->mixed = strcmp(ed->mode, "mixed") == 0;
    for (int kind = 0; kind < RL_LIST_KINDS; kind++) {
        if (code)
            rl_listfile_drop(ed->e->lists->dir, (enum rl_list_kind)kind);
        else
            bring(ed, (enum rl_list_kind)kind);
        rl_buf_fini(&ed->list[kind].body);
    }
    return code;
}

/* ---- the acts ---- */

static bool is_wanted(struct rl_engine *e, enum rl_list_kind kind)
{
    char *on = NULL;
    if (kind == RL_LIST_CTL)
        return e->mixed;
    rl_store_get_meta(e->reader, RL_META_PUBLISH, &on, NULL);
    bool wanted = rl_lists_now(e, kind)->published || (on && strcmp(on, "on") == 0);
    free(on);
    return wanted;
}

static bool is_current(struct rl_engine *e, enum rl_list_kind kind)
{
    const struct rl_list_rules rules = rules_of(e);
    const struct rl_listed *l = rl_lists_now(e, kind);
    struct rl_ring *ring = rl_ring_take(e);
    bool current = l->published && rl_list_is_current(ring, kind, &rules, &l->content);
    rl_ring_free(&ring);
    return current;
}

/* Is there nothing in it but what makes it newer: a certificate to come, a signer who took over? A
 * CTL that lacks one in use is the administrator's to renew (R15). */
static bool may_follow(struct rl_engine *e, enum rl_list_kind kind)
{
    const struct rl_listed *l = rl_lists_now(e, kind);
    const struct rl_list_rules rules = {l->content.sha512, l->content.ec};
    struct rl_problems stale = {0};
    struct rl_ring *ring = rl_ring_take(e);
    bool current = l->published && rl_list_is_current(ring, kind, &rules, &l->content);
    rl_list_stale(ring, kind, &l->content, &stale);
    bool may = !current && (kind == RL_LIST_ITL || (l->published && stale.n == 0));
    rl_problems_fini(&stale);
    rl_ring_free(&ring);
    return may;
}

void rl_lists_follow(struct rl_engine *e)
{
    struct edition ed = {.e = e, .who = "ringlockd"};
    struct rl_err err = {0};
    bool any = false;
    for (int kind = 0; kind < RL_LIST_KINDS; kind++)
        any |= ed.list[kind].on =
            may_follow(e, (enum rl_list_kind)kind) && is_wanted(e, (enum rl_list_kind)kind);
    if (!any || publish(&ed, NULL, &err) == RL_OK)
        return;
    rl_log_err(RL_LOG_ERROR, &err);
    e->lists->retry_us = rl_monotonic_us() + RL_LISTS_RETRY_US;
}

enum rl_code rl_lists_publish(struct rl_engine *e, const char *who, bool force,
                              struct rl_problems *warnings, struct rl_err *err)
{
    struct edition ed = {.e = e, .who = who};
    bool wanted = false, any = false;
    for (int kind = 0; kind < RL_LIST_KINDS; kind++) {
        bool want = is_wanted(e, (enum rl_list_kind)kind);
        ed.list[kind].on = want && (force || !is_current(e, (enum rl_list_kind)kind));
        wanted |= want;
        any |= ed.list[kind].on;
    }
    if (!wanted && force)
        return rl_fail(err, RL_E_CTL_NONE, "cluster",
                       "The cluster is in nonsecure mode: there is no CTL file.");
    return any ? publish(&ed, warnings, err) : RL_OK;
}

enum rl_code rl_lists_set_mode(struct rl_engine *e, const char *who, bool mixed, struct rl_err *err)
{
    struct edition ed = {.e = e, .who = who, .mode = mixed ? "mixed" : "nonsecure"};
    ed.list[RL_LIST_CTL].on = mixed;
    return publish(&ed, NULL, err);
}
