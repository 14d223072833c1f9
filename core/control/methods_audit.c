#include <stdlib.h>

#include "control/change.h"
#include "control/json.h"
#include "control/methods.h"
#include "control/work.h"
#include "engine/engine.h"
#include "ringlock/time.h"

enum { AUDIT_PAGE = 500 };

/* The entry's text is JSON that we made: its members, and where it stands in the chain. */
static bool add_row(void *ctx, const struct rl_audit_row *row)
{
    json_t *entry = json_loads(row->text, 0, NULL);
    if (!entry)
        entry = json_pack("{s:o}", "what", rl_json_text(row->text));
    json_object_set_new(entry, "seq", json_integer(row->seq));
    json_object_set_new(entry, "hash", rl_json_text(row->hash));
    return rl_page_add(ctx, entry);
}

/* As entries name it: "phone SEP0011"; things of the site have no kind. Owned. */
static char *label_of(const char *kind, const char *name)
{
    char label[RL_LABEL];
    const struct rl_object *obj = rl_object_by_name(kind);
    if (obj)
        return rl_strdup(rl_object_label(obj, name, label));
    return *name ? rl_asprintf("%s %s", kind, name) : rl_strdup(kind);
}

/* The parameters as a query; `object` and `since` are owned by the caller. */
static enum rl_code read_query(struct rl_request *rq, struct rl_audit_query *q, char **object,
                               char since[RL_TIME_TEXT])
{
    const char *name = rl_param_text(rq, "object"), *from = rl_param_text(rq, "since");
    int64_t since_us = from ? rl_time_parse(from) : 0;
    *q = (struct rl_audit_query){.kind = rl_param_text(rq, "kind"),
                                 .who = rl_param_text(rq, "who"),
                                 .before = rl_param_int(rq, "before", 0),
                                 .limit = rl_param_limit(rq, AUDIT_PAGE)};
    *object = NULL;
    if (name && !q->kind)
        return rl_fail_field(&rq->err, RL_E_USAGE, "audit log", "kind",
                             "The object %s is found by its kind, too.", name);
    if (since_us < 0)
        return rl_fail_field(&rq->err, RL_E_VALUE, "audit log", "since",
                             "\"%s\" is no time such as 2026-09-30T14:00:00Z.", from);
    if (from)
        q->since = rl_time_text(since_us, 1, since);
    if (name) { /* its earlier names are of the same kind */
        q->object = *object = label_of(q->kind, name);
        q->kind = NULL;
    }
    return RL_OK;
}

static json_t *list_entries(struct rl_request *rq)
{
    struct rl_page page = {.rows = json_array()};
    struct rl_audit_query query;
    char *object, since[RL_TIME_TEXT];
    enum rl_code code = read_query(rq, &query, &object, since);
    if (code == RL_OK)
        code = rl_store_audit_find(rq->store, &query, add_row, &page, &rq->err);
    free(object);
    if (code == RL_OK)
        return json_pack("{s:o}", "rows", page.rows);
    json_decref(page.rows);
    return NULL;
}

json_t *rl_method_audit_list(struct rl_request *rq)
{
    static const struct rl_work listing = {.run = list_entries};
    return rl_work_later(rq, &listing);
}

/* While somebody else writes, database and files differ: they commit first. */
static enum rl_code note_log(struct rl_request *rq)
{
    struct rl_audit_note *note = NULL;
    enum rl_code code = rl_engine_may_change(rq->engine, &rq->err);
    if (code == RL_OK)
        code = rl_audit_note(&rq->engine->audit, &note, &rq->err);
    rq->ctx = note;
    return code;
}

static json_t *forget_note(struct rl_request *rq, json_t *result)
{
    struct rl_audit_note *note = rq->ctx;
    rl_audit_note_free(&note);
    return result;
}

static char *verified_text(const struct rl_audit_found *found)
{
    if (!found->anchor)
        return rl_asprintf("%zu entries, each follows the one before", found->entries);
    return rl_asprintf(
        "%zu entries, each follows the one before, from the anchor on: older ones, to "
        "number %lld, were dropped",
        found->entries, (long long)found->anchor);
}

/* A broken chain is an answer, not a failure of the question. */
static json_t *walk_log(struct rl_request *rq)
{
    struct rl_audit_found found;
    enum rl_code code = rl_audit_walk(rq->ctx, rq->store, &found, &rq->err);
    if (code != RL_OK && code != RL_E_AUDIT_CHAIN)
        return NULL;
    char *text = code == RL_OK ? verified_text(&found) : rl_strdup(rq->err.text);
    json_t *result =
        json_pack("{s:I, s:b, s:o, s:I}", "entries", (json_int_t)found.entries, "ok", code == RL_OK,
                  "message", rl_json_text(text), "anchor", (json_int_t)found.anchor);
    if (code != RL_OK)
        json_object_set_new(result, "code", json_string(rl_code_info(code)->tag));
    free(text);
    return result;
}

json_t *rl_method_audit_verify(struct rl_request *rq)
{
    static const struct rl_work verifying = {
        .begin = note_log, .run = walk_log, .finish = forget_note};
    return rl_work_later(rq, &verifying);
}
