/* Trust lists as administrators see them: how they stand, a new version, who holds an older one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/listfiles.h"
#include "control/lists.h"
#include "control/methods.h"
#include "control/trusttold.h"
#include "control/watch.h"
#include "control/work.h"
#include "engine/engine.h"
#include "ringlock/text.h"
#include "store/lists.h"

enum { HOLDERS_MAX = 500, UNKNOWN_TOLD = 20 };

/* ---- parameters ---- */

/* "list": "ctl" or "itl"; RL_LIST_KINDS when left out. */
static enum rl_code param_list(struct rl_request *rq, int *kind)
{
    const char *name = rl_param_text(rq, "list");
    *kind = RL_LIST_KINDS;
    if (!name)
        return RL_OK;
    for (int i = 0; i < RL_LIST_KINDS; i++)
        if (rl_text_casecmp(name, rl_list_names[i]) == 0)
            *kind = i;
    return *kind < RL_LIST_KINDS
               ? RL_OK
               : rl_fail_field(&rq->err, RL_E_USAGE, "ctl", "list",
                               "There is no trust list %s: say ctl or itl.", name);
}

/* One of them: the CTL when left out. */
static enum rl_code param_one(struct rl_request *rq, int *kind)
{
    enum rl_code code = param_list(rq, kind);
    if (*kind == RL_LIST_KINDS)
        *kind = RL_LIST_CTL;
    return code;
}

/* ---- how they stand ---- */

struct standing {
    json_t *lists; /* as rl_json_listed tells them; owned */
    bool mixed;
    int64_t version[RL_LIST_KINDS];
};

static enum rl_code begin_standing(struct rl_request *rq)
{
    struct rl_engine *e = rq->engine;
    struct standing *s = rq->ctx = rl_alloc(sizeof *s);
    s->mixed = e->mixed;
    s->lists = json_array();
    for (int kind = 0; kind < RL_LIST_KINDS; kind++) {
        const struct rl_listed *l = rl_lists_now(e, (enum rl_list_kind)kind);
        s->version[kind] = l->published ? l->version : 0;
        json_array_append_new(s->lists, rl_json_listed(e, (enum rl_list_kind)kind));
    }
    return RL_OK;
}

static json_t *count_standing(struct rl_request *rq)
{
    struct standing *s = rq->ctx;
    for (int kind = 0; kind < RL_LIST_KINDS; kind++) {
        struct rl_list_counts n = {0};
        json_t *list = json_array_get(s->lists, (size_t)kind);
        if (rl_store_list_counts(rq->store, rl_list_names[kind], s->version[kind], &n, &rq->err))
            return NULL;
        json_object_set_new(list, "phones", json_integer((json_int_t)n.phones));
        json_object_set_new(list, "older", json_integer((json_int_t)n.older));
        json_object_set_new(list, "unknown", json_integer((json_int_t)n.unknown));
    }
    return json_pack("{s:s, s:O}", "mode", s->mixed ? "mixed" : "nonsecure", "lists", s->lists);
}

static json_t *finish_standing(struct rl_request *rq, json_t *result)
{
    struct standing *s = rq->ctx;
    json_decref(s ? s->lists : NULL);
    free(s);
    return result;
}

json_t *rl_method_ctl_status(struct rl_request *rq)
{
    static const struct rl_work work = {
        .begin = begin_standing, .run = count_standing, .finish = finish_standing};
    return rl_work_later(rq, &work);
}

/* ---- a new version ---- */

json_t *rl_method_ctl_update(struct rl_request *rq)
{
    struct rl_engine *e = rq->engine;
    enum rl_code code = rl_lists_publish(e, rq->peer->who.user, true, &rq->problems, &rq->err);
    if (code)
        return NULL;
    json_t *lists = json_array();
    for (int kind = 0; kind < RL_LIST_KINDS; kind++)
        if (rl_lists_now(e, (enum rl_list_kind)kind)->published)
            json_array_append_new(lists, rl_json_listed(e, (enum rl_list_kind)kind));
    rl_watch_site(e->rpc, e->mixed);
    return json_pack("{s:o, s:o}", "lists", lists, "warnings", rl_json_warnings(&rq->problems));
}

/* ---- what is in one ---- */

struct showing {
    struct rl_request *rq;
    int64_t version; /* 0: the newest */
    const char *file;
    json_t *told;
};

static bool show_row(void *ctx, const struct rl_list_row *row)
{
    struct showing *s = ctx;
    if (s->version && row->version != s->version)
        return true;
    struct rl_buf bytes = {0};
    rl_buf_add(&bytes, row->body, row->n);
    s->told = rl_trust_told(s->rq, s->file, &bytes);
    rl_buf_fini(&bytes);
    if (s->told)
        json_object_set_new(s->told, "list_version", json_integer((json_int_t)row->version));
    return false;
}

static json_t *show(struct rl_request *rq)
{
    struct showing s = {.rq = rq, .version = rl_param_int(rq, "version", 0)};
    int kind;
    if (param_one(rq, &kind) != RL_OK)
        return NULL;
    s.file = rl_list_files[kind];
    if (rl_store_lists(rq->store, rl_list_names[kind], show_row, &s, &rq->err) != RL_OK)
        return NULL;
    if (!s.told && !rq->err.code)
        rl_fail(&rq->err, RL_E_CTL_NONE, rl_list_names[kind], "There is no %s%s here.",
                s.version ? "such version of " : "", s.file);
    return s.told;
}

static enum rl_code begin_show(struct rl_request *rq)
{
    int kind;
    enum rl_code code = param_one(rq, &kind);
    if (!code && !rl_param_int(rq, "version", 0) &&
        !rl_lists_now(rq->engine, (enum rl_list_kind)kind)->published)
        code = rl_fail(&rq->err, RL_E_CTL_NONE, rl_list_names[kind], "No %s is published.",
                       rl_list_files[kind]);
    return code;
}

json_t *rl_method_ctl_show(struct rl_request *rq)
{
    static const struct rl_work work = {.begin = begin_show, .run = show};
    return rl_work_later(rq, &work);
}

/* ---- who holds which ---- */

struct holders {
    int kind;
    int64_t version;  /* published; 0: none is */
    char manager[65]; /* fingerprint of the active CallManager certificate, or "" */
    int64_t since;    /* versions from there on have that */
    bool older;       /* those never seen are left out */
    struct rl_page page;
};

static enum rl_code begin_holders(struct rl_request *rq)
{
    struct rl_ring *ring = rl_ring_take(rq->engine);
    struct holders *h = rq->ctx = rl_alloc(sizeof *h);
    const struct rl_ring_entry *manager =
        rl_ring_find(ring, RL_CERT_CALLMANAGER, false, RL_OWN_ACTIVE);
    enum rl_code code = param_one(rq, &h->kind);
    if (manager)
        memcpy(h->manager, manager->cert.fingerprint, sizeof h->manager);
    rl_ring_free(&ring);
    if (code)
        return code;
    const struct rl_listed *l = rl_lists_now(rq->engine, (enum rl_list_kind)h->kind);
    h->version = l->published ? l->version : 0;
    h->older = rl_param_bool(rq, "older");
    return RL_OK;
}

/* A CTL that it was seen with lacks the active certificate: it cannot register securely (R16). */
static bool is_locked_out(const struct holders *h, const struct rl_list_holder *holder)
{
    return h->kind == RL_LIST_CTL && holder->version && (!h->since || holder->version < h->since);
}

static bool add_holder(void *ctx, const struct rl_list_holder *holder)
{
    struct holders *h = ctx;
    char place[48];
    const char *code = is_locked_out(h, holder) ? rl_code_info(RL_E_DEVICE_CTL_OLD)->tag : NULL;
    if (h->older && !holder->version)
        return false;
    snprintf(place, sizeof place, "%lld.%lld", (long long)holder->version,
             (long long)holder->place);
    json_t *row =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}", "list", rl_list_names[h->kind], "phone",
                  rl_json_text(holder->phone), "version",
                  holder->version ? json_integer((json_int_t)holder->version) : json_null(), "seen",
                  rl_json_text_or_null(holder->seen), "code", rl_json_text(code), "place", place);
    return rl_page_add(&h->page, row);
}

static json_t *find_holders(struct rl_request *rq)
{
    struct holders *h = rq->ctx;
    size_t limit = rl_param_limit(rq, HOLDERS_MAX);
    struct rl_list_query q = {
        .kind = rl_list_names[h->kind], .below = h->version, .version = -1, .limit = limit};
    const char *place = rl_param_text(rq, "before");
    if (place && sscanf(place, "%" SCNd64 ".%" SCNd64, &q.version, &q.place) != 2) {
        rl_fail_field(&rq->err, RL_E_USAGE, "ctl", "before", "%.40s is no place in the list.",
                      place);
        return NULL;
    }
    h->page.rows = json_array();
    enum rl_code code =
        rl_lists_since(rq->store, (enum rl_list_kind)h->kind, h->manager, &h->since, &rq->err);
    if (!code && h->version)
        code = rl_store_list_holders(rq->store, &q, add_holder, h, &rq->err);
    if (code)
        return NULL;
    return json_pack("{s:s, s:o, s:O, s:b}", "list", rl_list_names[h->kind], "version",
                     h->version ? json_integer((json_int_t)h->version) : json_null(), "rows",
                     h->page.rows, "more", h->page.full || json_array_size(h->page.rows) == limit);
}

static json_t *finish_holders(struct rl_request *rq, json_t *result)
{
    struct holders *h = rq->ctx;
    json_decref(h ? h->page.rows : NULL);
    free(h);
    return result;
}

json_t *rl_method_ctl_holders(struct rl_request *rq)
{
    static const struct rl_work work = {
        .begin = begin_holders, .run = find_holders, .finish = finish_holders};
    return rl_work_later(rq, &work);
}

/* ---- who was seen with which ---- */

/* Since when phones get which version, the newest first. */
struct version {
    int64_t number, placed_us;
};
struct seeing {
    struct rl_apart apart;
    bool published[RL_LIST_KINDS];
    struct version *version[RL_LIST_KINDS]; /* owned */
    size_t n[RL_LIST_KINDS];
    int kind; /* being read */
    size_t noted, ignored;
    json_t *unknown; /* names of phones that are not there: the first of them; owned */
    size_t nunknown;
};

static bool add_version(void *ctx, const struct rl_list_row *row)
{
    struct seeing *s = ctx;
    struct version **list = &s->version[s->kind];
    if (!*row->placed)
        return true;
    *list = rl_realloc(*list, (s->n[s->kind] + 1) * sizeof **list);
    (*list)[s->n[s->kind]++] = (struct version){row->version, rl_time_parse(row->placed)};
    return true;
}

static enum rl_code read_versions(struct seeing *s, struct rl_store *store, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (s->kind = 0; s->kind < RL_LIST_KINDS && !code; s->kind++)
        code = rl_store_lists(store, rl_list_names[s->kind], add_version, s, err);
    return code;
}

/* The version that a phone got at a moment; 0: there was none yet. */
static int64_t version_at(const struct seeing *s, int kind, int64_t us)
{
    for (size_t i = 0; i < s->n[kind]; i++)
        if (s->version[kind][i].placed_us <= us)
            return s->version[kind][i].number;
    return 0;
}

static enum rl_code see(struct seeing *s, struct rl_request *rq, int kind, const char *phone,
                        int64_t us)
{
    char when[RL_TIME_TEXT];
    int64_t version = version_at(s, kind, us);
    if (!version) {
        s->ignored++;
        return RL_OK;
    }
    enum rl_code code = rl_store_list_seen(s->apart.act.store, rl_list_names[kind], phone, version,
                                           rl_time_text(us, 1, when), &rq->err);
    s->noted += code == RL_OK;
    return code;
}

/* A phone that somebody names: with what is published now. */
static enum rl_code see_named(struct seeing *s, struct rl_request *rq, int64_t now_us)
{
    const json_t *name;
    size_t i;
    int wanted;
    enum rl_code code = param_list(rq, &wanted);
    json_array_foreach (json_object_get(rq->params, "phones"), i, name)
        for (int kind = 0; kind < RL_LIST_KINDS && !code; kind++)
            if (s->published[kind] && (wanted == kind || wanted == RL_LIST_KINDS))
                code =
                    see(s, rq, kind, json_is_string(name) ? json_string_value(name) : "", now_us);
    return code;
}

static enum rl_code note_unknown(struct seeing *s, struct rl_request *rq, const char *phone,
                                 enum rl_code code)
{
    if (code != RL_E_NOT_FOUND)
        return code;
    rq->err = (struct rl_err){0};
    if (s->nunknown++ < UNKNOWN_TOLD)
        json_array_append_new(s->unknown, rl_json_text(phone));
    return RL_OK;
}

/* A file that a server gave: ["CTLSEP001122334455.tlv", time]. */
static enum rl_code see_fetch(struct seeing *s, struct rl_request *rq, const json_t *fetch)
{
    const char *file = json_string_value(json_array_get(fetch, 0)),
               *time = json_string_value(json_array_get(fetch, 1)), *at;
    int64_t us = time ? rl_time_parse(time) : -1;
    size_t n;
    if (!file || us < 0)
        return rl_fail_field(&rq->err, RL_E_USAGE, "ctl", "fetches",
                             "A fetch is the name of a file and a time as RFC 3339 has it.");
    if (!rl_listlink_is(file, &at, &n)) {
        s->ignored++;
        return RL_OK;
    }
    char *phone = rl_strndup(at, n);
    int kind = strncmp(file, rl_list_names[RL_LIST_CTL], 3) == 0 ? RL_LIST_CTL : RL_LIST_ITL;
    enum rl_code code = note_unknown(s, rq, phone, see(s, rq, kind, phone, us));
    free(phone);
    return code;
}

static enum rl_code see_all(struct seeing *s, struct rl_request *rq)
{
    const json_t *fetch;
    size_t i;
    enum rl_code code = see_named(s, rq, rl_now_us());
    json_array_foreach (json_object_get(rq->params, "fetches"), i, fetch)
        if (!code)
            code = see_fetch(s, rq, fetch);
    return code;
}

/* One entry for the act, with what was seen in sum: a log tells of a million phones. */
static enum rl_code note_seen(const struct seeing *s, struct rl_err *err)
{
    const struct rl_act *act = &s->apart.act;
    char *after = rl_asprintf("{\"seen\":%zu}", s->noted);
    enum rl_code code =
        s->noted ? act->audit->add(act->audit->ctx, act->who, "ctl.seen", "lists", NULL, after, err)
                 : RL_OK;
    free(after);
    return code;
}

static json_t *seen(struct rl_request *rq)
{
    struct seeing *s = rq->ctx;
    struct rl_store *store = s->apart.act.store;
    enum rl_code code = read_versions(s, store, &rq->err);
    if (!code)
        code = rl_store_begin(store, &rq->err);
    if (code)
        return NULL;
    code = see_all(s, rq);
    if (!code)
        code = note_seen(s, &rq->err);
    if (!code)
        code = rl_store_commit(store, &rq->err);
    if (code) {
        rl_store_rollback(store);
        return NULL;
    }
    return json_pack("{s:I, s:I, s:I, s:O}", "seen", (json_int_t)s->noted, "ignored",
                     (json_int_t)s->ignored, "not_here", (json_int_t)s->nunknown, "unknown",
                     s->unknown);
}

static json_t *finish_seen(struct rl_request *rq, json_t *result)
{
    struct seeing *s = rq->ctx;
    for (int kind = 0; kind < RL_LIST_KINDS; kind++)
        free(s->version[kind]);
    json_decref(s->unknown);
    rl_apart_fini(&s->apart);
    free(s);
    return result;
}

json_t *rl_method_ctl_seen(struct rl_request *rq)
{
    static const struct rl_work work = {.run = seen, .finish = finish_seen, .writes = true};
    struct seeing *s = rl_alloc(sizeof *s);
    bool any = false;
    for (int kind = 0; kind < RL_LIST_KINDS; kind++)
        any |= s->published[kind] = rl_lists_now(rq->engine, (enum rl_list_kind)kind)->published;
    enum rl_code code = any ? RL_OK
                            : rl_fail(&rq->err, RL_E_CTL_NONE, "ctl",
                                      "No trust list is published that a phone could hold.");
    if (!code)
        code = rl_request_apart(rq, &s->apart);
    if (code) {
        free(s);
        return NULL;
    }
    s->unknown = json_array();
    rq->ctx = s;
    return rl_work_later(rq, &work);
}
