#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/values.h"
#include "control/work.h"
#include "engine/engine.h"

enum { OBJECTS_PAGE = 500, USERS_PAGE = 5000 };

struct object_page {
    struct rl_page page;
    struct rl_store *store;
};

/* How a phone is registered now, as far as it is proven: its level, or null. */
static json_t *registered_json(struct rl_tracker *tracker, const char *device)
{
    struct rl_registration reg;
    if (!rl_tracker_registration(tracker, device, &reg))
        return json_null();
    return json_string(rl_security_text(rl_sig_level(reg.sig)));
}

static bool first_user(void *ctx, const char *kind, const char *name)
{
    json_t **first = ctx;
    (void)kind;
    json_decref(*first);
    *first = rl_json_text(name);
    return false;
}

/* The profile that shares the certificate; of several the first; null. */
static json_t *sharer_json(struct rl_store *store, const struct rl_row *cert)
{
    json_t *first = json_null();
    if (rl_row_is(cert, RL_CERTIFICATE_USAGE, "shared"))
        rl_store_users_of(store, RL_CERTIFICATE, rl_row_get(cert, RL_CERTIFICATE_NAME), first_user,
                          &first, NULL);
    return first;
}

static bool add_row(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct object_page *list = ctx;
    json_t *object = rl_json_object(row, trusted);
    if (row->obj->kind == RL_CERTIFICATE)
        json_object_set_new(object, "profile", sharer_json(list->store, row));
    return rl_page_add(&list->page, object);
}

static json_t *list_objects(struct rl_request *rq)
{
    struct rl_listing list;
    struct object_page objects = {.store = rq->store};
    if (rl_listing_read(rq, &list) != RL_OK)
        return NULL;
    objects.page.rows = json_array();
    /* one row more than asked for tells whether there are more */
    size_t limit = rl_param_limit(rq, OBJECTS_PAGE);
    list.query.limit = limit + 1;
    enum rl_code code = rl_store_list(rq->store, &list.query, add_row, &objects, &rq->err);
    json_t *rows = objects.page.rows;
    bool more = objects.page.full || json_array_size(rows) > limit;
    if (json_array_size(rows) > limit)
        json_array_remove(rows, list.query.backwards ? 0 : limit);
    rl_listing_fini(&list);
    if (code == RL_OK)
        return json_pack("{s:o, s:b}", "rows", rows, "more", more);
    json_decref(rows);
    return NULL;
}

/* Who is registered is the tracker's to say, which belongs to the loop. */
static json_t *add_registrations(struct rl_request *rq, json_t *result)
{
    json_t *rows = json_object_get(result, "rows"), *row;
    size_t i;
    if (rq->peer && strcmp(rl_param_text(rq, "kind"), rl_object(RL_PHONE)->name) == 0)
        json_array_foreach (rows, i, row)
            json_object_set_new(row, "registered",
                                registered_json(rq->engine->tracker,
                                                json_string_value(json_object_get(row, "name"))));
    return result;
}

json_t *rl_method_object_list(struct rl_request *rq)
{
    static const struct rl_work listing = {.run = list_objects, .finish = add_registrations};
    return rl_work_later(rq, &listing);
}

static json_t *count_objects(struct rl_request *rq)
{
    struct rl_listing list;
    size_t n = 0;
    if (rl_listing_read(rq, &list) != RL_OK)
        return NULL;
    enum rl_code code = rl_store_count(rq->store, &list.query, &n, &rq->err);
    rl_listing_fini(&list);
    return code == RL_OK ? json_pack("{s:I}", "count", (json_int_t)n) : NULL;
}

json_t *rl_method_object_count(struct rl_request *rq)
{
    static const struct rl_work counting = {.run = count_objects};
    return rl_work_later(rq, &counting);
}

/* The row as stored, with the trust of its type; frees what is in the row. */
static json_t *stored_json(struct rl_request *rq, struct rl_row *row)
{
    enum rl_tristate trusted = rl_row_trust(rq->store, row);
    json_t *object = rl_json_object(row, trusted);
    json_object_set_new(object, "warnings", rl_json_warnings(&rq->problems));
    rl_row_fini(row);
    return object;
}

/* A change of a profile waits for its phones to be told (profiles.md 4.4, 4.9). */
json_t *rl_object_told(struct rl_request *rq, struct rl_row *row)
{
    size_t phones = 0;
    bool profile = row->obj->kind == RL_PROFILE;
    if (profile)
        rl_store_profile_phones(rq->store, rl_row_get(row, RL_PROFILE_NAME), &phones, NULL);
    json_t *object = stored_json(rq, row);
    if (profile) {
        json_object_set_new(object, "phones", json_integer((json_int_t)phones));
        json_object_set_new(object, "notes", rl_json_apply_notes(phones));
    }
    return object;
}

/* What add and set share: read values and acceptance, act, answer. */
static json_t *change(struct rl_request *rq, enum rl_kind kind, const char *name)
{
    struct rl_act act;
    struct rl_row row = {0};
    struct rl_values values;
    const char **accept = rl_param_accept(rq);
    json_t *result = NULL;
    enum rl_code code = rl_request_act(rq, accept, &act);
    if (code == RL_OK)
        code = rl_values_read(rq, &values);
    if (code != RL_OK)
        goto out;
    if (name)
        code = rl_object_set(&act, kind, name, rl_param_int(rq, "rev", 0), values.item, values.n,
                             &row, &rq->problems);
    else
        code = rl_object_add(&act, kind, values.item, values.n, &row, &rq->problems);
    rl_values_fini(&values);
    if (code == RL_OK) {
        const char *names[] = {rl_row_get(&row, 0), name};
        rl_request_changed(rq, kind, names, name ? 2 : 1);
        result = name ? rl_object_told(rq, &row) : stored_json(rq, &row);
    } else {
        rl_request_problem(rq, code);
    }
out:
    rq->engine->audit.accepted = NULL;
    free(accept);
    return result;
}

json_t *rl_method_object_add(struct rl_request *rq)
{
    enum rl_kind kind;
    return rl_param_kind_to_change(rq, &kind) == RL_OK ? change(rq, kind, NULL) : NULL;
}

json_t *rl_method_object_set(struct rl_request *rq)
{
    enum rl_kind kind;
    char *name = rl_param_kind_to_change(rq, &kind) == RL_OK ? rl_param_object(rq, kind) : NULL;
    json_t *result = NULL;
    if (name && rl_object_is_wide(rq, kind, name))
        result = rl_object_set_wide(rq, name);
    else if (name)
        result = change(rq, kind, name);
    free(name);
    return result;
}

json_t *rl_method_object_remove(struct rl_request *rq)
{
    enum rl_kind kind;
    struct rl_act act;
    const char **accept = rl_param_accept(rq);
    json_t *result = NULL;
    char *name = rl_param_kind_to_change(rq, &kind) == RL_OK ? rl_param_object(rq, kind) : NULL;
    if (name && rl_request_act(rq, accept, &act) == RL_OK) {
        struct rl_row cert;
        bool filed =
            kind == RL_CERTIFICATE && rl_store_get(rq->store, kind, name, &cert, NULL) == RL_OK;
        enum rl_code code = rl_object_remove(&act, kind, name, &rq->problems);
        if (code == RL_OK) {
            rl_request_changed(rq, kind, (const char *const *)&name, 1);
            if (filed)
                rl_request_filed(rq, &cert);
            result = json_pack("{s:o}", "removed", rl_json_text(name));
        } else {
            rl_request_problem(rq, code);
        }
        if (filed)
            rl_row_fini(&cert);
    }
    rq->engine->audit.accepted = NULL;
    free(name);
    free(accept);
    return result;
}

json_t *rl_object_checked(struct rl_request *rq, const struct rl_act *act, enum rl_kind kind)
{
    struct rl_values values;
    struct rl_row row = {0};
    if (rl_values_read(rq, &values) != RL_OK)
        return NULL;
    rl_object_check(act, kind, rl_param_text(rq, "name"), values.item, values.n, &row,
                    &rq->problems);
    rl_values_fini(&values);
    json_t *problems = json_array();
    for (size_t i = 0; i < rq->problems.n; i++)
        json_array_append_new(problems, rl_json_problem(&rq->problems.item[i]));
    json_t *object = row.obj ? rl_json_object(&row, rl_row_trust(rq->store, &row)) : json_object();
    rl_row_fini(&row);
    return json_pack("{s:o, s:o}", "values", object, "problems", problems);
}

json_t *rl_method_object_check(struct rl_request *rq)
{
    enum rl_kind kind;
    struct rl_act act;
    const char *name = rl_param_text(rq, "name");
    if (rl_param_kind(rq, &kind) != RL_OK)
        return NULL;
    if (rl_object_is_wide(rq, kind, name))
        return rl_object_check_wide(rq, name);
    return rl_request_act(rq, NULL, &act) == RL_OK ? rl_object_checked(rq, &act, kind) : NULL;
}

struct users {
    struct rl_page page;
    size_t limit;
};

static bool add_user(void *ctx, const char *kind, const char *name)
{
    struct users *u = ctx;
    if (json_array_size(u->page.rows) == u->limit)
        u->page.full = true;
    return !u->page.full &&
           rl_page_add(&u->page, json_pack("{s:s, s:o}", "kind", kind, "name", rl_json_text(name)));
}

static bool tell_users(struct rl_request *rq, enum rl_kind kind, const char *text, struct users *u)
{
    int64_t skip = rl_param_int(rq, "skip", 0);
    char *name = rl_param_key(rq, kind, text);
    bool told = name && rl_store_users_from(rq->store, kind, name, skip > 0 ? (size_t)skip : 0,
                                            add_user, u, &rq->err) == RL_OK;
    free(name);
    return told;
}

/* Of one object, or of all that are named until the page is full. */
static bool tell_all_users(struct rl_request *rq, struct users *u)
{
    enum rl_kind kind;
    const json_t *names, *name;
    const char *one = rl_param_text(rq, "name");
    size_t i;
    if (rl_param_kind(rq, &kind) != RL_OK || rl_param_names(rq, &names) != RL_OK)
        return false;
    if (one)
        return tell_users(rq, kind, one, u);
    if (!names) {
        rl_fail_field(&rq->err, RL_E_USAGE, "name", "name", "Neither name nor names is given.");
        return false;
    }
    json_array_foreach (names, i, name)
        if (!u->page.full && !tell_users(rq, kind, json_string_value(name), u))
            return false;
    return true;
}

static json_t *list_users(struct rl_request *rq)
{
    struct users u = {.page.rows = json_array(), .limit = rl_param_limit(rq, USERS_PAGE)};
    if (tell_all_users(rq, &u))
        return json_pack("{s:o, s:b}", "users", u.page.rows, "more", u.page.full);
    json_decref(u.page.rows);
    return NULL;
}

json_t *rl_method_object_users_of(struct rl_request *rq)
{
    static const struct rl_work listing = {.run = list_users};
    return rl_work_later(rq, &listing);
}
