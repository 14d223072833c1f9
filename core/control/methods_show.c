#include <stdlib.h>
#include <string.h>

#include "control/capf_set.h"
#include "control/certchain.h"
#include "control/enabled.h"
#include "control/methods.h"
#include "control/ring.h"
#include "control/values.h"
#include "control/work.h"
#include "engine/engine.h"

enum { DENIALS = 20, LINES_PAGE = 500 };

/* The certificate that authenticates the server to phones (R12). */
static json_t *server_json(const struct rl_engine *e)
{
    struct rl_ring *ring = rl_ring_take(e);
    const struct rl_ring_entry *own = rl_ring_find(ring, RL_CERT_CALLMANAGER, false, RL_OWN_ACTIVE);
    json_t *fingerprint = own ? json_string(own->cert.fingerprint) : json_null();
    rl_ring_free(&ring);
    return fingerprint;
}

static json_t *registration_json(struct rl_engine *e, const char *device)
{
    struct rl_registration reg;
    char address[RL_ADDR_TEXT];
    if (!rl_tracker_registration(e->tracker, device, &reg))
        return json_pack("{s:s}", "state", "unknown");
    const char *colon = strchr(rl_addr_text(&reg.peer, address), ':');
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "state", "registered",
                     "transport", rl_transport_text(reg.peer.transport), "address",
                     colon ? colon + 1 : address, "signaling", rl_json_sig_name(reg.sig), "cipher",
                     rl_json_text_or_null(reg.cipher), "certificate",
                     rl_json_text_or_null(reg.certificate), "server", server_json(e), "since",
                     rl_json_time(reg.since_us), "expires", rl_json_time(reg.expires_us));
}

static json_t *denials_json(const struct rl_engine *e, const char *device)
{
    json_t *list = json_array();
    const struct rl_event *ev = rl_events_before(&e->events, 0, device, true);
    for (size_t n = 0; ev && n < DENIALS; n++) {
        json_array_append_new(list, rl_json_event(ev));
        ev = rl_events_before(&e->events, ev->number, device, true);
    }
    return list;
}

/* The row of another kind that `row` names, or null. */
static json_t *other_json(struct rl_engine *e, enum rl_kind kind, const char *key)
{
    struct rl_row row;
    if (!*key || rl_store_get(e->reader, kind, key, &row, NULL) != RL_OK)
        return json_null();
    json_t *object = rl_json_object(&row, RL_UNKNOWN);
    rl_row_fini(&row);
    return object;
}

static void add_phone(struct rl_engine *e, const struct rl_row *row, json_t *object)
{
    const char *name = rl_row_get(row, RL_PHONE_NAME);
    json_object_set_new(object, "registration", registration_json(e, name));
    json_object_set_new(object, "denials", denials_json(e, name));
    json_object_set_new(object, "type_info",
                        other_json(e, RL_TYPE, rl_row_get(row, RL_PHONE_TYPE)));
    json_t *profile = other_json(e, RL_PROFILE, rl_row_get(row, RL_PHONE_PROFILE));
    for (int i = RL_PHONE_STORED; i < RL_PHONE_FIELDS; i++) {
        const char *setting = row->obj->fields[i].name;
        json_object_set(object, setting, json_object_get(profile, setting));
    }
    json_object_set_new(object, "profile_info", profile);
    struct rl_capf capf;
    if (rl_store_capf_get(e->reader, name, &capf, NULL) == RL_OK)
        json_object_set_new(object, "capf", rl_json_capf(&capf));
    rl_json_add_enabled(e->reader, e->mixed, row, object);
}

static void add_profile(struct rl_engine *e, const struct rl_row *row, json_t *object)
{
    json_object_set_new(object, "type_info",
                        other_json(e, RL_TYPE, rl_row_get(row, RL_PROFILE_TYPE)));
    size_t phones = 0;
    rl_store_profile_phones(e->reader, rl_row_get(row, RL_PROFILE_NAME), &phones, NULL);
    json_object_set_new(object, "phones", json_integer((json_int_t)phones));
}

static void add_gateway(struct rl_engine *e, const struct rl_row *row, json_t *object)
{
    json_object_set_new(object, "type_info",
                        other_json(e, RL_TYPE, rl_row_get(row, RL_GATEWAY_TYPE)));
}

static void add_type(struct rl_engine *e, const struct rl_row *row, json_t *object)
{
    size_t n;
    const int *fields = rl_type_features(&n);
    json_t *list = json_array();
    (void)e;
    for (size_t i = 0; i < n; i++) {
        const struct rl_field *f = &row->obj->fields[fields[i]];
        json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "name", f->name, "label", f->label,
                                              "value",
                                              rl_json_text(rl_type_feature_text(row, fields[i]))));
    }
    json_object_set_new(object, "features", list);
}

static void add_cert(struct rl_engine *e, const struct rl_row *row, json_t *object)
{
    rl_json_add_cert(e->reader, row, object);
}

static void (*const adders[RL_KIND_COUNT])(struct rl_engine *, const struct rl_row *, json_t *) = {
    [RL_PHONE] = add_phone, [RL_GATEWAY] = add_gateway,  [RL_PROFILE] = add_profile,
    [RL_TYPE] = add_type,   [RL_CERTIFICATE] = add_cert,
};

json_t *rl_method_object_show(struct rl_request *rq)
{
    enum rl_kind kind;
    struct rl_row row;
    char *name = rl_param_kind(rq, &kind) == RL_OK ? rl_param_object(rq, kind) : NULL;
    bool found = name && !rl_store_get(rq->store, kind, name, &row, &rq->err);
    free(name);
    if (!found)
        return NULL;
    json_t *object = rl_json_object(&row, rl_row_trust(rq->store, &row));
    if (adders[kind])
        adders[kind](rq->engine, &row, object);
    rl_row_fini(&row);
    return object;
}

/* Lines come as pairs of number and phone, in the order of numbers. */
struct lines {
    struct rl_page page;
    json_t *row; /* of the number that is being read */
    size_t limit;
    bool more;
};

static bool add_line(void *ctx, const char *number, const char *phone)
{
    struct lines *l = ctx;
    const char *last = json_string_value(json_object_get(l->row, "number"));
    if (!last || strcmp(last, number) != 0) {
        if (json_array_size(l->page.rows) == l->limit) {
            l->more = true;
            return false;
        }
        l->row = json_pack("{s:o, s:[]}", "number", rl_json_text(number), "phones");
        if (!rl_page_add(&l->page, l->row))
            return false;
    }
    json_array_append_new(json_object_get(l->row, "phones"), rl_json_text(phone));
    return true;
}

static json_t *list_lines(struct rl_request *rq)
{
    struct lines l = {.page.rows = json_array(), .limit = rl_param_limit(rq, LINES_PAGE)};
    if (rl_store_lines(rq->store, rl_param_text(rq, "after"), l.limit + 1, add_line, &l,
                       &rq->err) == RL_OK)
        return json_pack("{s:o, s:b}", "rows", l.page.rows, "more", l.more || l.page.full);
    json_decref(l.page.rows);
    return NULL;
}

json_t *rl_method_line_list(struct rl_request *rq)
{
    static const struct rl_work listing = {.run = list_lines};
    return rl_work_later(rq, &listing);
}

static bool add_phone_object(void *ctx, const char *number, const char *phone)
{
    (void)number;
    json_array_append_new(ctx, rl_json_text(phone));
    return json_array_size(ctx) < LINES_PAGE;
}

/* The phones of a number: names first, so that no question is asked from inside another. */
json_t *rl_method_line_show(struct rl_request *rq)
{
    const char *number = rl_param_text(rq, "number");
    json_t *names = json_array(), *phones = json_array(), *name;
    size_t i;
    enum rl_code code = rl_store_line_phones(rq->store, number, add_phone_object, names, &rq->err);
    json_array_foreach (names, i, name) {
        struct rl_row row;
        if (rl_store_get(rq->store, RL_PHONE, json_string_value(name), &row, NULL) != RL_OK)
            continue;
        json_array_append_new(phones, rl_json_object(&row, rl_row_trust(rq->store, &row)));
        rl_row_fini(&row);
    }
    json_decref(names);
    if (code == RL_OK && json_array_size(phones) == 0)
        code = rl_fail(&rq->err, RL_E_NOT_FOUND, number, "No phone has the number %s.", number);
    if (code == RL_OK)
        return json_pack("{s:o, s:o}", "number", rl_json_text(number), "phones", phones);
    json_decref(phones);
    return NULL;
}

/* A row for each phone. */
struct mixed {
    struct rl_page page;
    size_t limit;
    bool more;
};

static bool add_mixed(void *ctx, const struct rl_mixed_line *line)
{
    struct mixed *m = ctx;
    m->more =
        json_array_size(m->page.rows) == m->limit ||
        !rl_page_add(&m->page,
                     json_pack("{s:o, s:o, s:s, s:o, s:o}", "number", rl_json_text(line->number),
                               "phone", rl_json_text(line->phone), "mode", line->mode, "profile",
                               rl_json_text(line->profile), "type", rl_json_text(line->type)));
    return !m->more;
}

static json_t *find_mixed(struct rl_request *rq)
{
    const json_t *after = json_object_get(rq->params, "after");
    const char *number = json_string_value(json_object_get(after, "value"));
    const char *phone = json_string_value(json_object_get(after, "key"));
    struct mixed m = {.page.rows = json_array(), .limit = rl_param_limit(rq, LINES_PAGE)};
    if (rl_store_mixed_lines(rq->store, number ? number : "", phone ? phone : "", m.limit + 1,
                             add_mixed, &m, &rq->err) == RL_OK)
        return json_pack("{s:o, s:b}", "rows", m.page.rows, "more", m.more);
    json_decref(m.page.rows);
    return NULL;
}

json_t *rl_method_line_mixed(struct rl_request *rq)
{
    static const struct rl_work work = {.run = find_mixed};
    return rl_work_later(rq, &work);
}
