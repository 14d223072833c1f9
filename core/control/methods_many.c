/* One act on many objects: each is a change of its own, all of them one transaction. */
#include <stdlib.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/values.h"
#include "engine/engine.h"
#include "store/certs.h"

enum { FURTHER_BYTES = 256 * 1024 }; /* of problems beside those that decided */

struct many;
/* One object; what is refused is in rq->problems. */
typedef enum rl_code (*one_fn)(struct many *m, const char *name);

struct many {
    struct rl_request *rq;
    struct rl_act act;
    enum rl_kind kind;
    struct rl_values values; /* the same for all */
    json_t *items;
    const char *changed[RL_NAMES_MAX]; /* borrowed from the request */
    size_t nchanged, nfiled;
    struct rl_row *filed; /* certificates that were taken off file */
    size_t phones;        /* that use the profiles that were changed */
    size_t bytes;         /* of problems told beside those that decided */
};

static void tell_problems(struct many *m, json_t *item)
{
    json_t *rows = json_array();
    const struct rl_problems *problems = &m->rq->problems;
    for (size_t i = 0; i < problems->n && m->bytes < FURTHER_BYTES; i++) {
        json_t *row = rl_json_problem(&problems->item[i]);
        m->bytes += json_dumpb(row, NULL, 0, JSON_COMPACT);
        json_array_append_new(rows, row);
    }
    json_object_set_new(item, "problems", rows);
}

/* What came of one object; what the request says of it is cleared for the next. */
static void add_item(struct many *m, enum rl_code code)
{
    struct rl_request *rq = m->rq;
    json_t *item = json_pack("{s:b}", "done", code == RL_OK);
    if (code == RL_OK) {
        json_object_set_new(item, "warnings", rl_json_warnings(&rq->problems));
    } else {
        rl_request_problem(rq, code);
        json_object_set_new(item, "error", rl_json_problem(&rq->err));
        tell_problems(m, item);
    }
    json_array_append_new(m->items, item);
    rq->err = (struct rl_err){0};
    rl_problems_fini(&rq->problems);
}

static enum rl_code set_one(struct many *m, const char *name)
{
    size_t phones = 0;
    enum rl_code code = rl_object_set(&m->act, m->kind, name, 0, m->values.item, m->values.n, NULL,
                                      &m->rq->problems);
    if (code == RL_OK && m->kind == RL_PROFILE)
        rl_store_profile_phones(m->act.store, name, &phones, NULL);
    m->phones += phones;
    return code;
}

static enum rl_code remove_cert(struct many *m, const char *name)
{
    struct rl_err err;
    struct rl_row *cert = &m->filed[m->nfiled];
    enum rl_code code = rl_store_cert_find(m->act.store, name, cert, &err);
    if (code != RL_OK) {
        rl_problems_add(&m->rq->problems, &err);
        return code;
    }
    code =
        rl_object_remove(&m->act, m->kind, rl_row_get(cert, RL_CERTIFICATE_NAME), &m->rq->problems);
    if (code == RL_OK)
        m->nfiled++;
    else
        rl_row_fini(cert);
    return code;
}

static enum rl_code remove_one(struct many *m, const char *name)
{
    return m->kind == RL_CERTIFICATE ? remove_cert(m, name)
                                     : rl_object_remove(&m->act, m->kind, name, &m->rq->problems);
}

/* One after the other, then all durable at once. */
static enum rl_code act_on_all(struct many *m, const json_t *names, one_fn one)
{
    struct rl_store *store = m->act.store;
    enum rl_code code = rl_store_begin_many(store, &m->rq->err);
    if (code != RL_OK)
        return code;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        code = one(m, name);
        add_item(m, code);
        if (code == RL_OK)
            m->changed[m->nchanged++] = name;
    }
    return rl_store_commit_many(store, &m->rq->err);
}

static void tell_changes(struct many *m)
{
    if (m->nchanged)
        rl_request_changed(m->rq, m->kind, m->changed, m->nchanged);
    for (size_t i = 0; i < m->nfiled; i++)
        rl_request_filed(m->rq, &m->filed[i]);
}

static json_t *many_json(const struct many *m)
{
    size_t refused = json_array_size(m->items) - m->nchanged;
    return json_pack("{s:O, s:I, s:I, s:o}", "items", m->items, "done", (json_int_t)m->nchanged,
                     "refused", (json_int_t)refused, "notes", rl_json_apply_notes(m->phones));
}

static json_t *run(struct many *m, one_fn one)
{
    struct rl_request *rq = m->rq;
    const json_t *names;
    json_t *result = NULL;
    const char **accept = rl_param_accept(rq);
    m->items = json_array();
    m->filed = rl_alloc(RL_NAMES_MAX * sizeof *m->filed);
    if (rl_param_names(rq, &names) == RL_OK && rl_request_act(rq, accept, &m->act) == RL_OK &&
        act_on_all(m, names, one) == RL_OK) {
        tell_changes(m);
        result = many_json(m);
    }
    for (size_t i = 0; i < m->nfiled; i++)
        rl_row_fini(&m->filed[i]);
    rq->engine->audit.accepted = NULL;
    free(m->filed);
    json_decref(m->items);
    free(accept);
    return result;
}

json_t *rl_method_object_set_many(struct rl_request *rq)
{
    struct many m = {.rq = rq};
    if (rl_param_kind_to_change(rq, &m.kind) != RL_OK || rl_values_read(rq, &m.values) != RL_OK)
        return NULL;
    json_t *result = run(&m, set_one);
    rl_values_fini(&m.values);
    return result;
}

json_t *rl_method_object_remove_many(struct rl_request *rq)
{
    struct many m = {.rq = rq};
    return rl_param_kind_to_change(rq, &m.kind) == RL_OK ? run(&m, remove_one) : NULL;
}
