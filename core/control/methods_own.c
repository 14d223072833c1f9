#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "control/json.h"
#include "control/methods.h"
#include "control/ownact.h"
#include "control/ownimpact.h"
#include "control/owninstall.h"
#include "control/publish.h"
#include "control/ring.h"
#include "control/work.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "ringlock/time.h"

enum { NAMES_MAX = 16, NAME_MAX_CHARS = 253 };

/* ---- what is asked ---- */

static const struct rl_own_kind *role_of(struct rl_request *rq)
{
    return rl_own_kind_typed(rl_param_text(rq, "role"), &rq->err);
}

static const struct {
    const char *name;
    enum rl_key_kind kind;
    bool ec, signs; /* phones take files that it signs */
} keys[] = {
    {"rsa2048", RL_KEY_RSA_2048, false, true },
    {"rsa3072", RL_KEY_RSA_3072, false, false},
    {"rsa4096", RL_KEY_RSA_4096, false, true },
    {"ec256",   RL_KEY_EC_256,   true,  false},
    {"ec384",   RL_KEY_EC_384,   true,  false},
    {"ec521",   RL_KEY_EC_521,   true,  false},
};

/* Trust files state the length of their signature by a number, and there is none for 3072 bits. */
static bool takes(const struct rl_own_kind *kind, size_t i)
{
    bool signs = kind->role == RL_CERT_TFTP || kind->role == RL_CERT_ITLRECOVERY;
    return keys[i].ec == kind->ec && (keys[i].signs || !signs);
}

static enum rl_code key_of(struct rl_request *rq, const struct rl_own_kind *kind,
                           enum rl_key_kind *out)
{
    const char *name = rl_param_text(rq, "key");
    struct rl_buf names = {0};
    *out = kind->key;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!takes(kind, i))
            continue;
        rl_buf_addf(&names, "%s%s", names.len ? ", " : "", keys[i].name);
        if (!name || strcmp(keys[i].name, name) != 0)
            continue;
        *out = keys[i].kind;
        name = NULL;
    }
    enum rl_code code = RL_OK;
    if (name)
        code = rl_fail_field(&rq->err, RL_E_VALUE, kind->name, "key",
                             "%s takes a key of the kind %s, not %s.", kind->name,
                             rl_buf_str(&names), name);
    rl_buf_fini(&names);
    return code;
}

/* A DNS name, in full, or an IP address. */
static bool is_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    uint8_t ip[16];
    size_t n = strlen(name);
    return inet_pton(AF_INET6, name, ip) == 1 ||
           (n > 0 && n <= NAME_MAX_CHARS && strspn(name, letters) == n);
}

/* NULL-terminated, of `names` borrowed from the request; NULL if none is given. Owned. */
static enum rl_code names_of(struct rl_request *rq, const struct rl_own_kind *kind,
                             const char ***out)
{
    const json_t *list = json_object_get(rq->params, "san");
    size_t n = json_array_size(list);
    *out = NULL;
    if (!n)
        return RL_OK;
    if (n > NAMES_MAX)
        return rl_fail_field(&rq->err, RL_E_VALUE, kind->name, "san",
                             "A certificate takes at most %d names here.", NAMES_MAX);
    const char **names = rl_alloc((n + 1) * sizeof *names);
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        names[i] = name;
        if (name && is_name(name))
            continue;
        free(names);
        return rl_fail_field(&rq->err, RL_E_VALUE, kind->name, "san",
                             "%s is neither a DNS name in full nor an IP address.",
                             name ? name : "What is no text");
    }
    *out = names;
    return RL_OK;
}

/* ---- what is told ---- */

static json_t *own_json(const struct rl_own_kind *kind, const char *state, const char *made,
                        const char *since, const struct rl_cert *cert)
{
    json_t *o = rl_json_cert(cert);
    json_object_set_new(o, "name", json_string(kind->name));
    json_object_set_new(o, "state", json_string(state));
    json_object_set_new(o, "made", json_string(made));
    json_object_set_new(o, "since", json_string(since));
    return o;
}

/* What is used changed, or what will be: with the ring go the lists and all that sign, then the
 * files that they sign. */
static void changed(struct rl_request *rq, struct rl_own_left *left)
{
    struct rl_engine *e = rq->engine;
    struct rl_err err;
    rl_own_left_remove(left, e->site.keys);
    if (rl_ring_renew(e, &err) != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
    rl_publisher_wake(e);
    rl_engine_devices_changed(e, NULL, 0);
}

static json_t *done_json(struct rl_request *rq, const struct rl_own_kind *kind, const char *state)
{
    return json_pack("{s:s, s:s, s:o}", "role", kind->name, "state", state, "warnings",
                     rl_json_warnings(&rq->problems));
}

/* What becomes of phones has to be accepted (W-CERT-IMPACT). */
static enum rl_code weigh(struct rl_request *rq, const struct rl_act *act,
                          const struct rl_own_impact *impact)
{
    for (size_t i = 0; i < impact->told.n; i++)
        rl_problems_add(&rq->problems, &impact->told.item[i]);
    return rl_problems_verdict(act, &rq->problems);
}

/* ---- keys are made beside the loop ---- */

struct making {
    struct rl_own_order order;
    char *keys, *organization; /* owned; order borrows them */
    const char **names;        /* owned */
    bool asks;                 /* for a CA */
    bool at_once;
    struct rl_own_impact impact;
    struct rl_own_made made;
    bool is_made;
};

static json_t *make_key(struct rl_request *rq)
{
    struct making *m = rq->ctx;
    enum rl_code code = RL_OK;
    if (m->at_once)
        code = rl_own_impact(rq->store, m->order.kind, RL_IMPACT_REGENERATE, &m->impact, &rq->err);
    if (code == RL_OK)
        code = m->asks ? rl_own_ask(&m->order, &m->made, &rq->err)
                       : rl_own_make(&m->order, &m->made, &rq->err);
    m->is_made = code == RL_OK;
    return m->is_made ? json_null() : NULL;
}

static enum rl_code keep_csr(struct rl_request *rq, const struct rl_act *act, struct making *m,
                             struct rl_own_left *left)
{
    char now[RL_TIME_TEXT];
    struct rl_csr csr = {m->made.file, m->made.csr, (char *)rl_time_text(m->order.now_us, 0, now)};
    return rl_own_keep_csr(act, m->order.kind, &csr, left, &rq->err);
}

static enum rl_code keep_cert(struct rl_request *rq, const struct rl_act *act, struct making *m,
                              struct rl_own_left *left)
{
    const struct rl_own_new added = {.kind = m->order.kind,
                                     .what = "regenerate",
                                     .file = m->made.file,
                                     .cert = &m->made.cert,
                                     .at_once = m->at_once,
                                     .now_us = m->order.now_us};
    enum rl_code code = weigh(rq, act, &m->impact);
    if (code == RL_OK)
        code = rl_own_add(act, &added, NULL, NULL, left, &rq->problems);
    if (code)
        rl_request_problem(rq, code);
    return code;
}

static json_t *made_json(struct rl_request *rq, const struct making *m)
{
    char now[RL_TIME_TEXT];
    const char *state = m->at_once ? "active" : "next";
    json_t *o = done_json(rq, m->order.kind, m->asks ? "outstanding" : state);
    rl_time_text(m->order.now_us, 0, now);
    if (m->asks)
        json_object_set_new(o, "pem", json_string(m->made.csr));
    else
        json_object_set_new(o, "certificate",
                            own_json(m->order.kind, state, now, now, &m->made.cert));
    return o;
}

static json_t *keep(struct rl_request *rq, json_t *result)
{
    struct making *m = rq->ctx;
    const char **accept = rl_param_accept(rq);
    struct rl_act act;
    struct rl_own_left left = {0};
    enum rl_code code = RL_E_CANCELLED;
    json_decref(result);
    result = NULL;
    if (m->is_made && rq->peer && (code = rl_request_act(rq, accept, &act)) == RL_OK) {
        code = m->asks ? keep_csr(rq, &act, m, &left) : keep_cert(rq, &act, m, &left);
        if (code == RL_OK)
            result = made_json(rq, m);
    }
    if (code == RL_OK)
        changed(rq, &left);
    else if (m->is_made)
        rl_own_made_drop(&m->made, m->keys);
    rq->engine->audit.accepted = NULL;
    rl_engine_after_change(rq->engine);
    rl_own_made_fini(&m->made);
    rl_own_impact_fini(&m->impact);
    free(m->keys);
    free(m->organization);
    free(m->names);
    free(m);
    free(accept);
    return result;
}

static json_t *begin_making(struct rl_request *rq, const struct rl_own_kind *kind, bool asks)
{
    static const struct rl_work work = {.run = make_key, .finish = keep};
    enum rl_key_kind key;
    const char **names;
    if (key_of(rq, kind, &key) != RL_OK || names_of(rq, kind, &names) != RL_OK)
        return NULL;
    struct making *m = rl_alloc(sizeof *m);
    m->keys = rl_strdup(rq->engine->site.keys);
    m->organization = rl_strdup(rq->engine->name);
    m->names = names;
    m->asks = asks;
    m->at_once = !asks && rl_param_bool(rq, "now");
    m->order =
        (struct rl_own_order){kind, key, m->keys, m->organization, names, false, rl_now_us()};
    rq->ctx = m;
    return rl_work_later(rq, &work);
}

json_t *rl_method_cert_csr(struct rl_request *rq)
{
    const struct rl_own_kind *kind = role_of(rq);
    if (kind && kind->role == RL_CERT_ITLRECOVERY) {
        rl_fail(&rq->err, RL_E_CERT_SELF, kind->name,
                "%s is signed by nobody else: phones know it by itself.", kind->name);
        return NULL;
    }
    return kind ? begin_making(rq, kind, true) : NULL;
}

json_t *rl_method_cert_regenerate(struct rl_request *rq)
{
    const struct rl_own_kind *kind = role_of(rq);
    return kind ? begin_making(rq, kind, false) : NULL;
}

/* ---- the others are weighed beside the loop, and done on it ---- */

struct doing {
    const struct rl_own_kind *kind;
    enum rl_code (*act)(struct rl_request *rq, const struct rl_act *act, struct doing *d);
    enum rl_impact_act what;
    const char *state; /* what comes of it; static */
    bool harmless;     /* nothing becomes of phones */
    struct rl_own_impact impact;
    struct rl_own_left left;
};

static json_t *weigh_act(struct rl_request *rq)
{
    struct doing *d = rq->ctx;
    if (!d->harmless && rl_own_impact(rq->store, d->kind, d->what, &d->impact, &rq->err) != RL_OK)
        return NULL;
    return json_null();
}

static json_t *do_act(struct rl_request *rq, json_t *result)
{
    struct doing *d = rq->ctx;
    const char **accept = rl_param_accept(rq);
    struct rl_act act;
    bool weighed = result != NULL && rq->peer;
    json_decref(result);
    result = NULL;
    if (weighed && rl_request_act(rq, accept, &act) == RL_OK) {
        enum rl_code code = weigh(rq, &act, &d->impact);
        if (code == RL_OK)
            code = d->act(rq, &act, d);
        if (code == RL_OK) {
            changed(rq, &d->left);
            result = done_json(rq, d->kind, d->state);
        } else {
            rl_request_problem(rq, code);
        }
    }
    rq->engine->audit.accepted = NULL;
    rl_engine_after_change(rq->engine);
    rl_own_impact_fini(&d->impact);
    free(d);
    free(accept);
    return result;
}

static json_t *begin_act(struct rl_request *rq, const struct doing *what)
{
    static const struct rl_work work = {.run = weigh_act, .finish = do_act};
    const struct rl_own_kind *kind = role_of(rq);
    if (!kind)
        return NULL;
    struct doing *d = rl_alloc(sizeof *d);
    *d = *what;
    d->kind = kind;
    rq->ctx = d;
    return rl_work_later(rq, &work);
}

static enum rl_code activate(struct rl_request *rq, const struct rl_act *act, struct doing *d)
{
    return rl_own_activate(act, d->kind, rl_now_us(), &d->left, &rq->problems);
}

json_t *rl_method_cert_activate(struct rl_request *rq)
{
    const struct doing what = {.act = activate, .what = RL_IMPACT_ACTIVATE, .state = "active"};
    return begin_act(rq, &what);
}

static enum rl_code retire(struct rl_request *rq, const struct rl_act *act, struct doing *d)
{
    return rl_own_retire(act, d->kind, d->harmless ? RL_OWN_NEXT : RL_OWN_FORMER, rl_now_us(),
                         &d->left, &rq->problems);
}

json_t *rl_method_cert_retire(struct rl_request *rq)
{
    const struct doing what = {.act = retire,
                               .what = RL_IMPACT_RETIRE,
                               .state = "retired",
                               .harmless = rl_param_bool(rq, "next")};
    return begin_act(rq, &what);
}

static enum rl_code install(struct rl_request *rq, const struct rl_act *act, struct doing *d)
{
    struct rl_buf data = {0};
    char *file = rl_param_file(rq, "The file");
    rl_param_data(rq, "data", &data);
    const struct rl_own_answer answer = {.kind = d->kind,
                                         .data = rl_buf_str(&data),
                                         .n = data.len,
                                         .object = file,
                                         .keys = rq->engine->site.keys,
                                         .at_once = !d->harmless,
                                         .now_us = rl_now_us()};
    enum rl_code code = rl_own_install(act, &answer, &d->left, &rq->problems);
    rl_buf_fini(&data);
    free(file);
    return code;
}

json_t *rl_method_cert_install(struct rl_request *rq)
{
    bool now = rl_param_bool(rq, "now");
    const struct doing what = {.act = install,
                               .what = RL_IMPACT_REGENERATE,
                               .state = now ? "active" : "next",
                               .harmless = !now};
    return begin_act(rq, &what);
}

/* ---- history (R11) ---- */

struct history {
    const struct rl_own_kind *kind;
    json_t *rows;
};

static bool add_past(void *ctx, const struct rl_own *own)
{
    struct history *h = ctx;
    struct rl_cert cert;
    if (own->ec != h->kind->ec || rl_cert_parse(own->der, own->nder, h->kind->name, &cert, NULL))
        return true;
    cert.roles = h->kind->role;
    json_array_append_new(
        h->rows, own_json(h->kind, rl_own_state_name(own->state), own->made, own->since, &cert));
    rl_cert_fini(&cert);
    return true;
}

json_t *rl_method_cert_history(struct rl_request *rq)
{
    struct history h = {.kind = role_of(rq)};
    struct rl_csr csr;
    json_t *request = json_null();
    if (!h.kind)
        return NULL;
    const char *role = rl_own_role_name(h.kind);
    h.rows = json_array();
    if (rl_store_owns(rq->store, role, true, add_past, &h, &rq->err) != RL_OK) {
        json_decref(h.rows);
        return NULL;
    }
    if (!rl_store_csr_get(rq->store, role, h.kind->ec, &csr, NULL)) {
        request = json_pack("{s:s, s:s}", "made", csr.made, "pem", csr.pem);
        rl_csr_fini(&csr);
    }
    return json_pack("{s:s, s:o, s:o}", "role", h.kind->name, "rows", h.rows, "request", request);
}
