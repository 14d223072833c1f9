#include "control/ownimpact.h"

#include <stdlib.h>
#include <string.h>

#include "store/lists.h"
#include "store/own.h"
#include "store/publish.h"

/* ---- our certificates ---- */

struct gathering {
    struct rl_store *store;
    const struct rl_own_kind *kind;
    struct rl_own_impact *out;
    struct rl_buf next, active; /* DER */
    char *active_subject, *former_subject;
};

static char *subject_of(const struct rl_own *own)
{
    struct rl_cert cert;
    if (rl_cert_parse(own->der, own->nder, own->role, &cert, NULL))
        return NULL;
    char *subject = rl_strdup(cert.subject);
    rl_cert_fini(&cert);
    return subject;
}

static bool take(void *ctx, const struct rl_own *own)
{
    struct gathering *g = ctx;
    struct rl_impact_facts *f = &g->out->facts;
    bool mine = rl_own_kind_named(own->role, own->ec) == g->kind;
    bool moves = own->state == RL_OWN_NEXT || own->state == RL_OWN_FORMER;
    f->tvs_moves |= moves && strcmp(own->role, RL_STORE_TVS) == 0;
    if (!mine)
        return true;
    f->next |= own->state == RL_OWN_NEXT;
    f->former |= own->state == RL_OWN_FORMER;
    if (own->state == RL_OWN_NEXT)
        rl_buf_add(&g->next, own->der, own->nder);
    if (own->state == RL_OWN_ACTIVE) {
        rl_buf_add(&g->active, own->der, own->nder);
        free(g->active_subject);
        g->active_subject = subject_of(own);
    }
    if (own->state == RL_OWN_FORMER && !g->former_subject)
        g->former_subject = subject_of(own);
    return true;
}

static void gathering_fini(struct gathering *g)
{
    rl_buf_fini(&g->next);
    rl_buf_fini(&g->active);
    free(g->active_subject);
    free(g->former_subject);
}

/* ---- lists: each holds its certificates whole ---- */

struct reach {
    const struct rl_buf *wanted, *active;
    bool newest_seen, relevant;
    int64_t since;
};

static bool has(const struct rl_list_row *row, const struct rl_buf *der)
{
    return der->len && memmem(row->body, row->n, der->data, der->len);
}

/* From the newest down, as long as they have it. */
static bool look(void *ctx, const struct rl_list_row *row)
{
    struct reach *r = ctx;
    bool is = has(row, r->wanted);
    if (!r->newest_seen)
        r->relevant = is || has(row, r->active);
    r->newest_seen = true;
    if (is)
        r->since = row->version;
    return is;
}

static enum rl_code is_published(struct rl_store *store, const char *list, bool *is,
                                 struct rl_err *err)
{
    char *mode = NULL;
    *is = true;
    if (strcmp(list, "CTL") != 0)
        return RL_OK;
    enum rl_code code = rl_store_get_meta(store, "cluster_mode", &mode, err);
    *is = mode && strcmp(mode, "mixed") == 0;
    free(mode);
    return code;
}

/* Phones keep a CTL that is withdrawn, and judge the ITL by it (ctl-itl.md 14). */
static enum rl_code look_at_kept(struct gathering *g, int64_t since, struct rl_err *err)
{
    struct rl_impact_facts *f = &g->out->facts;
    struct rl_list_counts n;
    bool all = f->act == RL_IMPACT_REGENERATE || f->act == RL_IMPACT_REMOVE || !since;
    enum rl_code code = rl_store_list_counts(g->store, "CTL", all ? INT64_MAX : since, &n, err);
    if (!code)
        f->kept = all ? n.phones - n.unknown : n.older;
    return code;
}

/* Of two lists the one that more phones lack counts. */
static enum rl_code look_at(struct gathering *g, const char *list, const struct rl_buf *wanted,
                            struct rl_err *err)
{
    struct rl_own_impact *out = g->out;
    struct rl_impact_facts *f = &out->facts;
    struct reach r = {.wanted = wanted, .active = &g->active};
    struct rl_list_counts n;
    bool published;
    enum rl_code code = is_published(g->store, list, &published, err);
    if (!code)
        code = rl_store_lists(g->store, list, look, &r, err);
    if (!code && !published && g->kind->role == RL_CERT_ITLRECOVERY)
        code = look_at_kept(g, r.since, err);
    if (code || !published || !r.relevant)
        return code;
    code = rl_store_list_counts(g->store, list, r.since ? r.since : INT64_MAX, &n, err);
    size_t holders = n.phones - n.unknown, lacks = r.since ? n.older : holders;
    f->listed = (f->listed || !f->lists) && r.since;
    if (code || (f->lists && lacks + n.unknown <= f->lacking + (f->phones - f->holders)))
        return code;
    f->lists = true;
    f->phones = n.phones;
    f->holders = holders;
    f->lacking = lacks;
    out->list = list;
    out->since = r.since;
    return RL_OK;
}

static enum rl_code look_at_lists(struct gathering *g, struct rl_err *err)
{
    static const char *const lists[] = {"CTL", "ITL"};
    bool retires = g->out->facts.act == RL_IMPACT_RETIRE;
    const struct rl_buf *wanted = g->next.len && !retires ? &g->next : &g->active;
    enum rl_code code = RL_OK;
    for (size_t i = g->kind->role == RL_CERT_TVS; i < sizeof lists / sizeof *lists && !code; i++)
        code = look_at(g, lists[i], wanted, err);
    return code;
}

/* ---- phones and files ---- */

/* LSCs of the former one, until there is none; of the active one where that goes for good. */
static enum rl_code count_lscs(struct gathering *g, struct rl_err *err)
{
    struct rl_own_impact *out = g->out;
    const char *issuer = out->facts.act == RL_IMPACT_REMOVE ? g->active_subject : g->former_subject;
    if (g->kind->role != RL_CERT_CAPF || !issuer)
        return RL_OK;
    const struct rl_criterion criteria[] = {
        {RL_CERTIFICATE_ISSUER, RL_OP_IS, issuer},
        {RL_CERTIFICATE_ORIGIN, RL_OP_IS, "capf"}
    };
    const struct rl_query query = {.kind = RL_CERTIFICATE, .criteria = criteria, .ncriteria = 2};
    out->issuer = rl_strdup(issuer);
    return rl_store_count(g->store, &query, &out->facts.lscs, err);
}

static enum rl_code count_files(struct gathering *g, struct rl_err *err)
{
    int64_t otherwise = 0;
    char *publish = NULL;
    enum rl_code code = rl_store_get_meta(g->store, RL_META_PUBLISH, &publish, err);
    g->out->facts.files = publish && strcmp(publish, "on") == 0;
    free(publish);
    if (!code && g->out->facts.files)
        code = rl_store_signed_otherwise(g->store, &otherwise, err);
    g->out->facts.unsigned_yet = (size_t)otherwise;
    return code;
}

static enum rl_code count_phones(struct gathering *g, struct rl_err *err)
{
    struct rl_mode_counts n;
    enum rl_code code = rl_store_mode_counts(g->store, &n, err);
    if (code)
        return code;
    g->out->facts.phones = n.phones;
    g->out->facts.secure = n.phones - n.by_mode[RL_NONSECURE];
    return RL_OK;
}

/* ---- the whole ---- */

static enum rl_impact_role impact_role(const struct rl_own_kind *kind)
{
    switch (kind->role) {
    case RL_CERT_TFTP:
        return RL_IMPACT_TFTP;
    case RL_CERT_CAPF:
        return RL_IMPACT_CAPF;
    case RL_CERT_TVS:
        return RL_IMPACT_TVS;
    case RL_CERT_ITLRECOVERY:
        return RL_IMPACT_ITLRECOVERY;
    default:
        return RL_IMPACT_CALLMANAGER;
    }
}

static void tell(struct rl_own_impact *out)
{
    struct rl_impact_effect effects[RL_IMPACT_EFFECTS];
    struct rl_err err;
    size_t n = rl_policy_impact(&out->facts, effects);
    for (size_t i = 0; i < n; i++) {
        rl_fail(&err, RL_W_CERT_IMPACT, out->facts.name, "%s", effects[i].text);
        rl_problems_add(&out->told, &err);
    }
}

enum rl_code rl_own_impact(struct rl_store *store, const struct rl_own_kind *kind,
                           enum rl_impact_act act, struct rl_own_impact *out, struct rl_err *err)
{
    static enum rl_code (*const parts[])(struct gathering *, struct rl_err *) = {
        count_phones, look_at_lists, count_lscs, count_files};
    struct gathering g = {.store = store, .kind = kind, .out = out};
    *out = (struct rl_own_impact){
        .facts = {.name = kind->name, .role = impact_role(kind), .act = act}
    };
    enum rl_code code = rl_store_owns(store, NULL, false, take, &g, err);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !code; i++)
        code = parts[i](&g, err);
    gathering_fini(&g);
    if (code)
        rl_own_impact_fini(out);
    else
        tell(out);
    return code;
}

void rl_own_impact_fini(struct rl_own_impact *impact)
{
    free(impact->issuer);
    rl_problems_fini(&impact->told);
    *impact = (struct rl_own_impact){0};
}
