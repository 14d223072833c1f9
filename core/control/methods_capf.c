/* Certificate operations of phones (profiles.md 5). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/capf_set.h"
#include "control/capf_sweep.h"
#include "control/enrolment.h"
#include "control/json.h"
#include "control/methods.h"
#include "control/values.h"
#include "control/work.h"
#include "engine/engine.h"

enum { CAPF_PAGE = 500 };

/* --- looking --- */

struct capf_page {
    struct rl_page page;
    size_t limit;
};

static bool add_row(void *ctx, const struct rl_capf *capf)
{
    struct capf_page *p = ctx;
    if (json_array_size(p->page.rows) == p->limit)
        p->page.full = true;
    return !p->page.full && rl_page_add(&p->page, rl_json_capf(capf));
}

static enum rl_code read_state(struct rl_request *rq, int *state)
{
    const char *name = rl_param_text(rq, "status");
    *state = name ? rl_capf_index(rl_capf_state_names, name) : -1;
    if (name && *state < 0)
        return rl_fail_field(&rq->err, RL_E_VALUE, "capf", "status",
                             "A status is none, pending, success or failed.");
    return RL_OK;
}

/* Those whose LSC is due, the longest first, behind a phone that is due itself. */
static enum rl_code list_due(struct rl_request *rq, const char *after, struct capf_page *p)
{
    char now[RL_TIME_TEXT];
    struct rl_capf last = {0};
    if (after && rl_store_capf_get(rq->store, after, &last, &rq->err) != RL_OK)
        return rq->err.code;
    struct rl_capf_place place = {.phone = last.phone};
    memcpy(place.renew_at, last.renew_at, sizeof place.renew_at);
    rl_time_text(rl_now_us(), 0, now);
    return rl_store_capf_due(rq->store, now, &place, p->limit + 1, add_row, p, &rq->err);
}

static json_t *list(struct rl_request *rq)
{
    int state;
    const char *after = rl_param_text(rq, "after");
    struct capf_page p = {.limit = rl_param_limit(rq, CAPF_PAGE)};
    if (read_state(rq, &state) != RL_OK)
        return NULL;
    p.page.rows = json_array();
    enum rl_code code = rl_param_bool(rq, "due")
                            ? list_due(rq, after, &p)
                            : rl_store_capf_list(rq->store, state, after ? after : "", p.limit + 1,
                                                 add_row, &p, &rq->err);
    if (code == RL_OK)
        return json_pack("{s:o, s:b}", "rows", p.page.rows, "more", p.page.full);
    json_decref(p.page.rows);
    return NULL;
}

json_t *rl_method_capf_list(struct rl_request *rq)
{
    static const struct rl_work listing = {.run = list};
    return rl_work_later(rq, &listing);
}

static json_t *known(struct rl_request *rq)
{
    struct rl_capf_known n;
    if (rl_store_capf_known(rq->store, &n, &rq->err) != RL_OK)
        return NULL;
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "phones", (json_int_t)n.phones, "lsc",
                     (json_int_t)n.lsc, "no_lsc", (json_int_t)n.no_lsc, "mic", (json_int_t)n.mic,
                     "no_mic", (json_int_t)n.no_mic);
}

json_t *rl_method_capf_known(struct rl_request *rq)
{
    static const struct rl_work counting = {.run = known};
    return rl_work_later(rq, &counting);
}

/* With the settings that are its profile's. */
static void add_settings(struct rl_request *rq, const char *phone, json_t *object)
{
    static const int fields[] = {RL_PROFILE_AUTH_MODE, RL_PROFILE_KEY_ORDER, RL_PROFILE_RSA_SIZE,
                                 RL_PROFILE_EC_SIZE};
    struct rl_device_rows rows;
    if (rl_store_device(rq->store, phone, &rows, NULL) != RL_OK)
        return;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        json_object_set_new(object, rl_object(RL_PROFILE)->fields[fields[i]].name,
                            rl_json_text_or_null(rl_row_get(&rows.profile, fields[i])));
    rl_device_rows_fini(&rows);
}

json_t *rl_method_capf_show(struct rl_request *rq)
{
    struct rl_capf capf;
    char *string = NULL;
    const char *name = rl_param_text(rq, "name");
    if (rl_store_capf_get(rq->store, name, &capf, &rq->err) != RL_OK ||
        rl_store_capf_string(rq->store, capf.phone, &string, &rq->err) != RL_OK)
        return NULL;
    json_t *object = rl_json_capf(&capf);
    json_object_set_new(object, "string", json_boolean(string != NULL));
    if (string)
        explicit_bzero(string, strlen(string));
    free(string);
    add_settings(rq, name, object);
    return object;
}

json_t *rl_json_capf_status(struct rl_engine *e, struct rl_err *err)
{
    char now[RL_TIME_TEXT];
    struct rl_capf_counts n;
    struct rl_enrolment_status s;
    rl_time_text(rl_now_us(), 0, now);
    if (rl_store_capf_count(e->reader, now, &n, err) != RL_OK)
        return NULL;
    rl_enrolment_status(e->enrolment, &s);
    return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "on", rl_enrolment_is_on(e),
                     "pending", (json_int_t)n.pending, "failed", (json_int_t)n.failed, "due",
                     (json_int_t)n.due, "sessions", (json_int_t)s.sessions, "locked_addresses",
                     (json_int_t)s.locked_addresses, "ended", (json_int_t)s.done, "refused",
                     (json_int_t)s.failed);
}

/* --- ordering --- */

/* The field's own form, YYYY:MM:DD:HH with minutes or without, as RFC 3339. */
static const char *moment_of(const char *text, char out[RL_TIME_TEXT])
{
    unsigned y, m, d, h, min = 0;
    int end = 0, more = 0;
    if (sscanf(text, "%4u:%2u:%2u:%2u%n", &y, &m, &d, &h, &end) != 4)
        return text;
    if (text[end] && (sscanf(text + end, ":%2u%n", &min, &more) != 1 || text[end + more]))
        return text;
    snprintf(out, RL_TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:00Z", y % 10000, m % 100, d % 100,
             h % 100, min % 100);
    return out;
}

static enum rl_code read_request(struct rl_request *rq, struct rl_capf_request *out)
{
    int operation = rl_capf_index(rl_capf_operation_names, rl_param_text(rq, "operation"));
    const char *by = rl_param_text(rq, "completes_by");
    char moment[RL_TIME_TEXT];
    const struct rl_config *c = &rq->engine->config;
    *out = (struct rl_capf_request){.string = rl_param_text(rq, "string"),
                                    .generate = rl_param_bool(rq, "generate"),
                                    .now_us = rl_now_us(),
                                    .service = rl_enrolment_is_on(rq->engine)};
    if (operation < 0)
        return rl_fail_field(&rq->err, RL_E_VALUE, "capf", "operation",
                             "An operation is install, delete, troubleshoot or none.");
    out->operation = (enum rl_capf_operation)operation;
    out->by_us = by ? rl_time_parse(moment_of(by, moment))
                    : out->now_us + c->capf_days * (RL_DAY_S * 1000000LL);
    if (out->by_us < 0)
        return rl_fail_field(&rq->err, RL_E_VALUE, "capf", "completes_by",
                             "The time has the form 2026-12-31T18:00:00Z or 2026:12:31:18.");
    if (out->string && out->generate)
        return rl_fail_field(&rq->err, RL_E_USAGE, "capf", "string",
                             "A string is given or generated, not both.");
    return RL_OK;
}

static json_t *problems_json(const struct rl_problems *problems)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < problems->n; i++)
        json_array_append_new(rows, rl_json_problem(&problems->item[i]));
    return rows;
}

/* What came of one phone; what the request says of it is cleared for the next. */
static json_t *item_json(struct rl_request *rq, enum rl_code code, const char *made)
{
    json_t *item = json_pack("{s:b}", "done", code == RL_OK);
    if (code == RL_OK) {
        json_object_set_new(item, "warnings", rl_json_warnings(&rq->problems));
        if (*made)
            json_object_set_new(item, "string", json_string(made));
    } else {
        rl_request_problem(rq, code);
        json_object_set_new(item, "error", rl_json_problem(&rq->err));
        json_object_set_new(item, "problems", problems_json(&rq->problems));
    }
    rq->err = (struct rl_err){0};
    rl_problems_fini(&rq->problems);
    return item;
}

static json_t *order_all(struct rl_request *rq, const struct rl_act *act, const json_t *names,
                         const struct rl_capf_request *request)
{
    json_t *items = json_array();
    size_t done = 0, n = json_array_size(names);
    if (rl_store_begin_many(act->store, &rq->err) != RL_OK) {
        json_decref(items);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        char made[RL_CAPF_STRING_MAX + 1];
        enum rl_code code = rl_capf_order(act, json_string_value(json_array_get(names, i)), request,
                                          made, &rq->problems);
        done += code == RL_OK;
        json_array_append_new(items, item_json(rq, code, made));
        explicit_bzero(made, sizeof made);
    }
    if (rl_store_commit_many(act->store, &rq->err) != RL_OK) {
        json_decref(items);
        return NULL;
    }
    return json_pack("{s:o, s:I, s:I, s:[]}", "items", items, "done", (json_int_t)done, "refused",
                     (json_int_t)(n - done), "notes");
}

json_t *rl_method_capf_set(struct rl_request *rq)
{
    const json_t *names;
    struct rl_capf_request request;
    struct rl_act act;
    const char **accept = rl_param_accept(rq);
    json_t *result = NULL;
    if (rl_param_names(rq, &names) == RL_OK && read_request(rq, &request) == RL_OK &&
        rl_request_act(rq, accept, &act) == RL_OK)
        result = order_all(rq, &act, names, &request);
    rq->engine->audit.accepted = NULL;
    free(accept);
    if (result)
        rl_enrolment_changed(rq->engine->enrolment);
    return result;
}
