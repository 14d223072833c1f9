/* Drafts of forms: what was typed and not saved yet, kept for who typed it. They stand beside those
 * of wizards. */
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "engine/engine.h"
#include "ringlock/text.h"
#include "ringlock/time.h"
#include "store/drafts.h"

enum {
    DRAFTS_OF_USER = 50,
    DRAFT_BYTES = 64 << 10, /* of values, as JSON */
    DRAFTS_PAGE = 500
};

/* In the table of drafts the kind of a form is led by this; those of wizards have no blank. */
static const char form_kind[] = "form ";

static bool is_form(const struct rl_draft_row *row)
{
    return !strncmp(row->kind, form_kind, strlen(form_kind));
}

/* --- as it is told --- */

/* `whole`: with its values. Owned. */
static json_t *draft_json(const struct rl_draft_row *row, bool whole)
{
    json_t *answers = json_loads(row->answers, 0, NULL);
    json_t *o = json_pack("{s:I, s:I, s:s, s:o, s:s, s:o, s:s}", "id", (json_int_t)row->id, "rev",
                          (json_int_t)row->rev, "kind", row->kind + strlen(form_kind), "name",
                          rl_json_text(row->name), "act", row->step, "owner",
                          rl_json_text(row->owner), "updated", row->updated);
    if (whole)
        json_object_update(o, answers);
    json_decref(answers);
    return o;
}

/* To every other console: it was taken over, saved or dropped. */
static void tell(const struct rl_request *rq, const struct rl_draft_row *row, const char *what)
{
    struct rl_peer *next;
    for (struct rl_peer *p = rl_rpc_peers(rq->peer->rpc); p; p = next) {
        next = p->next;
        if (p != rq->peer && p->greeted)
            rl_peer_notify(p, "draft",
                           json_pack("{s:I, s:s, s:o}", "id", (json_int_t)row->id, "what", what,
                                     "by", rl_json_text(rq->peer->who.user)));
    }
}

struct listing {
    struct rl_page page;
    const char *kind, *name, *act; /* NULL: any */
    size_t limit;
};

static bool add_draft(void *ctx, const struct rl_draft_row *row)
{
    struct listing *l = ctx;
    if ((l->kind && strcmp(row->kind + strlen(form_kind), l->kind) != 0) ||
        (l->name && strcmp(row->name, l->name) != 0) || (l->act && strcmp(row->step, l->act) != 0))
        return true;
    return rl_page_add(&l->page, draft_json(row, false)) &&
           json_array_size(l->page.rows) < l->limit;
}

json_t *rl_method_draft_list(struct rl_request *rq)
{
    struct listing l = {.kind = rl_param_text(rq, "kind"),
                        .name = rl_param_text(rq, "name"),
                        .act = rl_param_text(rq, "act"),
                        .limit = rl_param_limit(rq, DRAFTS_PAGE)};
    l.page.rows = json_array();
    if (rl_store_drafts(rq->engine->reader, "form %", NULL, add_draft, &l, &rq->err) == RL_OK)
        return json_pack("{s:o}", "rows", l.page.rows);
    json_decref(l.page.rows);
    return NULL;
}

/* --- reading one --- */

static enum rl_code read_draft(struct rl_request *rq, struct rl_draft_row *row)
{
    int64_t id = rl_param_int(rq, "id", 0);
    enum rl_code code = rl_store_draft_get(rq->engine->store, id, row, &rq->err);
    if (code || is_form(row))
        return code;
    rl_draft_row_fini(row);
    return rl_fail(&rq->err, RL_E_NOT_FOUND, "draft", "Draft %lld is a wizard's.", (long long)id);
}

static enum rl_code check_owner(struct rl_request *rq, const struct rl_draft_row *row)
{
    if (!strcmp(row->owner, rq->peer->who.user))
        return RL_OK;
    return rl_fail(&rq->err, RL_E_DRAFT_TAKEN, "draft", "%s has draft %lld.", row->owner,
                   (long long)row->id);
}

/* In a transaction of its own: what was acknowledged is there, whatever happens next. */
static enum rl_code keep(struct rl_request *rq, struct rl_draft_row *row,
                         enum rl_code (*write)(struct rl_store *, struct rl_draft_row *,
                                               struct rl_err *))
{
    struct rl_store *store = rq->engine->store;
    enum rl_code code = rl_store_begin(store, &rq->err);
    if (!code && (code = write(store, row, &rq->err)) == RL_OK)
        code = rl_store_commit(store, &rq->err);
    if (code)
        rl_store_rollback(store);
    return code;
}

static void set_text(char **slot, const char *text)
{
    char *copy = rl_strdup(text);
    free(*slot);
    *slot = copy;
}

static void set_now(struct rl_draft_row *row)
{
    char now[RL_TIME_TEXT];
    set_text(&row->updated, rl_time_text(rl_now_us(), 0, now));
}

json_t *rl_method_draft_open(struct rl_request *rq)
{
    struct rl_draft_row row;
    enum rl_code code = read_draft(rq, &row);
    if (code)
        return NULL;
    bool theirs = strcmp(row.owner, rq->peer->who.user) != 0;
    if (theirs && !rl_param_bool(rq, "take"))
        code = check_owner(rq, &row);
    else if (theirs) {
        set_text(&row.owner, rq->peer->who.user);
        code = keep(rq, &row, rl_store_draft_save);
        if (!code)
            tell(rq, &row, "taken");
    }
    json_t *o = code ? NULL : draft_json(&row, true);
    rl_draft_row_fini(&row);
    return o;
}

/* --- keeping one --- */

/* Values by name, without secrets: those are never kept (A8). Owned. */
static json_t *values_of(const struct rl_object *obj, const json_t *given)
{
    json_t *values = json_object(), *value;
    const char *key;
    json_object_foreach ((json_t *)(uintptr_t)given, key, value) {
        int field = obj ? rl_field_index(obj, key) : -1;
        bool secret = field >= 0 && obj->fields[field].kind == RL_F_SECRET;
        if (json_is_string(value) && !secret)
            json_object_set(values, key, value);
    }
    return values;
}

/* What is kept of the request, as JSON text; owned. NULL: too much. */
static char *answers_of(struct rl_request *rq, const struct rl_object *obj)
{
    json_t *whole = json_pack("{s:o, s:o, s:I}", "values",
                              values_of(obj, json_object_get(rq->params, "values")), "before",
                              values_of(obj, json_object_get(rq->params, "before")), "object_rev",
                              (json_int_t)rl_param_int(rq, "object_rev", 0));
    char *text = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    if (text && strlen(text) <= DRAFT_BYTES)
        return text;
    free(text);
    rl_fail(&rq->err, RL_E_DRAFT_LIMIT, "draft", "A draft holds at most %d KiB.",
            DRAFT_BYTES >> 10);
    return NULL;
}

struct count {
    const char *user;
    size_t n;
};

static bool count_draft(void *ctx, const struct rl_draft_row *row)
{
    struct count *c = ctx;
    c->n += !strcmp(row->owner, c->user);
    return true;
}

/* Inside the transaction. */
static enum rl_code add_new(struct rl_store *store, struct rl_draft_row *row, struct rl_err *err)
{
    struct count c = {.user = row->owner};
    enum rl_code code = rl_store_drafts(store, "form %", NULL, count_draft, &c, err);
    if (!code && c.n >= DRAFTS_OF_USER)
        code = rl_fail(err, RL_E_DRAFT_LIMIT, "draft",
                       "%s has %zu drafts of forms, as many as are kept.", c.user, c.n);
    return code ? code : rl_store_draft_add(store, row, err);
}

static enum rl_code save_new(struct rl_request *rq, struct rl_draft_row *row)
{
    static const char *const acts[] = {"add", "set", "copy", "upload"};
    const char *act = rl_param_text(rq, "act"), *name = rl_param_text(rq, "name");
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (act && !strcmp(act, acts[i])) {
            row->kind = rl_asprintf("%s%s", form_kind, rl_param_text(rq, "kind"));
            row->name = rl_strdup(name ? name : "");
            row->owner = rl_strdup(rq->peer->who.user);
            row->step = rl_strdup(act);
            set_now(row);
            return keep(rq, row, add_new);
        }
    return rl_fail_field(&rq->err, RL_E_VALUE, "draft", "act",
                         "A form is one of add, set, copy or upload.");
}

static enum rl_code save_again(struct rl_request *rq, struct rl_draft_row *row)
{
    int64_t rev = rl_param_int(rq, "rev", 0);
    enum rl_code code = check_owner(rq, row);
    if (code)
        return code;
    if (rev)
        row->rev = rev;
    set_now(row);
    return keep(rq, row, rl_store_draft_save);
}

json_t *rl_method_draft_save(struct rl_request *rq)
{
    enum rl_kind kind;
    struct rl_draft_row row = {0};
    bool known = rl_param_int(rq, "id", 0) > 0;
    if (rl_param_kind(rq, &kind) != RL_OK || (known && read_draft(rq, &row) != RL_OK))
        return NULL;
    char *answers = answers_of(rq, rl_object(kind));
    enum rl_code code = answers ? RL_OK : rq->err.code;
    if (!code) {
        set_text(&row.answers, answers);
        code = known ? save_again(rq, &row) : save_new(rq, &row);
    }
    json_t *o = code ? NULL : draft_json(&row, false);
    if (o && !known)
        tell(rq, &row, "kept");
    free(answers);
    rl_draft_row_fini(&row);
    return o;
}

static enum rl_code drop(struct rl_store *store, struct rl_draft_row *row, struct rl_err *err)
{
    return rl_store_draft_drop(store, row->id, err);
}

/* Anybody who may write may drop a draft; whose it was is told. */
json_t *rl_method_draft_drop(struct rl_request *rq)
{
    struct rl_draft_row row;
    if (read_draft(rq, &row) != RL_OK)
        return NULL;
    enum rl_code code = keep(rq, &row, drop);
    if (!code)
        tell(rq, &row, "dropped");
    rl_draft_row_fini(&row);
    return code ? NULL : json_object();
}
