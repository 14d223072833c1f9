#include "control/lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/listfiles.h"
#include "control/lists_own.h"
#include "control/watch.h"
#include "engine/engine.h"
#include "engine/log.h"

/* ---- what there is ---- */

static bool take_newest(void *ctx, const struct rl_list_row *row)
{
    struct rl_listed *l = ctx;
    l->version = row->version;
    l->placed = *row->placed != '\0';
    snprintf(l->made, sizeof l->made, "%s", row->made);
    rl_list_content(row->body, row->n, &l->content);
    return false;
}

enum rl_code rl_lists_load(struct rl_engine *e, enum rl_list_kind kind, struct rl_err *err)
{
    struct rl_listed *l = &e->lists->now[kind];
    *l = (struct rl_listed){0};
    enum rl_code code = rl_store_lists(e->reader, rl_list_names[kind], take_newest, l, err);
    l->published = l->version > 0 && (kind == RL_LIST_ITL || e->mixed);
    return code;
}

const struct rl_listed *rl_lists_now(const struct rl_engine *e, enum rl_list_kind kind)
{
    return &e->lists->now[kind];
}

/* ---- the directory ---- */

struct settling {
    const struct rl_listed *listed;
    const char *dir;
    enum rl_list_kind kind;
    enum rl_code code;
    struct rl_err *err;
};

static bool settle_newest(void *ctx, const struct rl_list_row *row)
{
    struct settling *s = ctx;
    s->code = rl_listfile_settle(s->dir, s->kind, s->listed->published ? row->body : NULL, row->n,
                                 s->err);
    return false;
}

static enum rl_code note_placed(struct rl_engine *e, enum rl_list_kind kind, struct rl_err *err)
{
    char now[RL_TIME_TEXT];
    struct rl_listed *l = &e->lists->now[kind];
    enum rl_code code = rl_store_begin(e->store, err);
    if (code)
        return code;
    code = rl_store_list_placed(e->store, rl_list_names[kind], l->version,
                                rl_time_text(rl_now_us(), 1, now), err);
    if (!code)
        code = rl_store_commit(e->store, err);
    if (code)
        rl_store_rollback(e->store);
    l->placed = !code;
    return code;
}

enum rl_code rl_lists_settle(struct rl_engine *e, enum rl_list_kind kind, struct rl_err *err)
{
    const struct rl_listed *l = &e->lists->now[kind];
    struct settling s = {l, e->lists->dir, kind, RL_OK, err};
    enum rl_code code = l->version
                            ? rl_store_lists(e->reader, rl_list_names[kind], settle_newest, &s, err)
                            : rl_listfile_settle(e->lists->dir, kind, NULL, 0, err);
    code = code ? code : s.code;
    if (!code && l->published && !l->placed)
        code = note_placed(e, kind, err);
    e->lists->unsettled[kind] = code != RL_OK;
    return code;
}

static void settle_and_log(struct rl_engine *e, enum rl_list_kind kind)
{
    struct rl_err err = {0};
    if (rl_lists_settle(e, kind, &err) == RL_OK)
        return;
    rl_log_err(RL_LOG_ERROR, &err);
    e->lists->retry_us = rl_monotonic_us() + RL_LISTS_RETRY_US;
}

enum rl_code rl_lists_open(struct rl_engine *e, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    e->lists = rl_alloc(sizeof *e->lists);
    e->lists->dir = rl_site_path(&e->site, "tftp");
    for (int kind = 0; kind < RL_LIST_KINDS && !code; kind++) {
        code = rl_lists_load(e, (enum rl_list_kind)kind, err);
        if (!code)
            settle_and_log(e, (enum rl_list_kind)kind);
    }
    if (!code)
        rl_lists_look_at_links(e);
    return code;
}

void rl_lists_close(struct rl_lists **lists)
{
    if (*lists)
        free((*lists)->dir);
    free(*lists);
    *lists = NULL;
}

/* ---- how they stand ---- */

static void add_missing(struct rl_problems *out)
{
    struct rl_err err = {0};
    rl_fail(&err, RL_W_CTL_MISSING, "CTL",
            "The cluster is in mixed mode, and no CTL file is published: no phone registers "
            "securely.");
    rl_problems_add(out, &err);
}

static void add_problems(struct rl_engine *e, enum rl_list_kind kind, struct rl_problems *out)
{
    const struct rl_listed *l = rl_lists_now(e, kind);
    if (kind == RL_LIST_CTL && e->mixed && !l->published)
        add_missing(out);
    if (!l->published)
        return;
    struct rl_ring *ring = rl_ring_take(e);
    rl_list_stale(ring, kind, &l->content, out);
    rl_ring_free(&ring);
}

static json_t *problems_json(const struct rl_problems *problems)
{
    json_t *list = json_array();
    for (size_t i = 0; i < problems->n; i++)
        json_array_append_new(list, rl_json_problem(&problems->item[i]));
    return list;
}

json_t *rl_json_listed(struct rl_engine *e, enum rl_list_kind kind)
{
    const struct rl_listed *l = rl_lists_now(e, kind);
    struct rl_problems problems = {0};
    add_problems(e, kind, &problems);
    json_t *o = json_pack("{s:s, s:s, s:b, s:b, s:b}", "list", rl_list_names[kind], "file",
                          rl_list_files[kind], "published", l->published, "placed", l->placed,
                          "stale", problems.n > 0 && l->published);
    json_object_set_new(o, "version",
                        l->published ? json_integer((json_int_t)l->version) : json_null());
    json_object_set_new(o, "made", rl_json_text_or_null(l->published ? l->made : ""));
    json_object_set_new(o, "records", json_integer((json_int_t)(l->published ? l->content.n : 0)));
    json_object_set_new(o, "bytes",
                        json_integer((json_int_t)(l->published ? l->content.bytes : 0)));
    json_object_set_new(o, "hash", json_string(l->content.sha512 ? "SHA-512" : "SHA-1"));
    json_object_set_new(o, "signer_version", json_string(l->content.ec ? "1.1" : "1.0"));
    json_object_set_new(o, "fingerprint",
                        rl_json_text_or_null(l->published ? l->content.signer : ""));
    json_object_set_new(o, "problems", problems_json(&problems));
    rl_problems_fini(&problems);
    return o;
}

/* "version 3 of 2026-11-30T14:00:00Z", and what is wrong with it. */
static json_t *ctl_text(struct rl_engine *e)
{
    const struct rl_listed *l = rl_lists_now(e, RL_LIST_CTL);
    struct rl_problems problems = {0};
    add_problems(e, RL_LIST_CTL, &problems);
    char *text = l->published ? rl_asprintf("version %lld of %.19sZ%s", (long long)l->version,
                                            l->made, problems.n ? ", out of date" : "")
                 : e->mixed   ? rl_strdup("not published yet")
                              : rl_strdup("none, in nonsecure mode");
    json_t *json = json_string(text);
    rl_problems_fini(&problems);
    free(text);
    return json;
}

const char *rl_lists_alert(struct rl_engine *e)
{
    static const char *const texts[] = {"CTL out of date", "ITL out of date"};
    for (int kind = 0; kind < RL_LIST_KINDS; kind++) {
        struct rl_problems problems = {0};
        add_problems(e, (enum rl_list_kind)kind, &problems);
        bool missing = problems.n && problems.item[0].code == RL_W_CTL_MISSING,
             stale = problems.n > 0;
        rl_problems_fini(&problems);
        if (stale)
            return missing ? "no CTL file" : texts[kind];
    }
    return NULL;
}

void rl_lists_status(struct rl_engine *e, json_t *status)
{
    json_object_set_new(status, "ctl", ctl_text(e));
    json_object_set_new(status, "lists",
                        json_pack("{s:o, s:o}", "ctl", rl_json_listed(e, RL_LIST_CTL), "itl",
                                  rl_json_listed(e, RL_LIST_ITL)));
}

/* A certificate was replaced, or a list was: consoles are told. */
static void tell_alert(struct rl_engine *e)
{
    const char *alert = rl_lists_alert(e);
    if (alert == e->lists->alert)
        return;
    e->lists->alert = alert;
    rl_watch_site(e->rpc, e->mixed);
}

void rl_lists_tick(struct rl_engine *e)
{
    bool again = rl_monotonic_us() >= e->lists->retry_us && rl_engine_may_write(e);
    for (int kind = 0; kind < RL_LIST_KINDS; kind++)
        if (again && e->lists->unsettled[kind])
            settle_and_log(e, (enum rl_list_kind)kind);
    if (again)
        rl_lists_follow(e);
    rl_lists_link(e);
    tell_alert(e);
}

/* ---- whom a certificate has reached ---- */

struct reaching {
    const char *fingerprint;
    int64_t since;
};

static bool reach_back(void *ctx, const struct rl_list_row *row)
{
    struct reaching *r = ctx;
    struct rl_list_content content;
    if (!rl_list_content(row->body, row->n, &content) || !rl_list_has(&content, r->fingerprint))
        return false;
    r->since = row->version;
    return true;
}

enum rl_code rl_lists_since(struct rl_store *store, enum rl_list_kind kind, const char *fingerprint,
                            int64_t *since, struct rl_err *err)
{
    struct reaching r = {fingerprint, 0};
    enum rl_code code = rl_store_lists(store, rl_list_names[kind], reach_back, &r, err);
    *since = r.since;
    return code;
}

bool rl_lists_is_locked_out(struct rl_engine *e, const char *phone)
{
    struct rl_ring *ring = rl_ring_take(e);
    const struct rl_ring_entry *manager =
        rl_ring_find(ring, RL_CERT_CALLMANAGER, false, RL_OWN_ACTIVE);
    int64_t version = 0, since = 0;
    bool known =
        rl_store_list_of(e->reader, rl_list_names[RL_LIST_CTL], phone, &version, NULL) == RL_OK &&
        version > 0;
    if (known)
        rl_lists_since(e->reader, RL_LIST_CTL, manager ? manager->cert.fingerprint : "", &since,
                       NULL);
    rl_ring_free(&ring);
    return known && (!since || version < since);
}
