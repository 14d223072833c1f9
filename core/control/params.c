#include <stdlib.h>
#include <string.h>

#include "control/methods.h"
#include "control/values.h"
#include "engine/engine.h"
#include "engine/expiry.h"
#include "store/certs.h"

const char *rl_param_text(const struct rl_request *rq, const char *name)
{
    return json_string_value(json_object_get(rq->params, name));
}

int64_t rl_param_int(const struct rl_request *rq, const char *name, int64_t otherwise)
{
    const json_t *v = json_object_get(rq->params, name);
    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool rl_param_bool(const struct rl_request *rq, const char *name)
{
    return json_is_true(json_object_get(rq->params, name));
}

size_t rl_param_limit(const struct rl_request *rq, size_t max)
{
    int64_t n = rl_param_int(rq, "limit", (int64_t)max);
    return n < 1 ? 1 : (uint64_t)n > max ? max : (size_t)n;
}

enum rl_code rl_param_kind(struct rl_request *rq, enum rl_kind *kind)
{
    const char *name = rl_param_text(rq, "kind");
    const struct rl_object *obj = rl_object_by_name(name);
    if (!obj)
        return rl_fail_field(&rq->err, RL_E_USAGE, name, "kind", "There are no objects of kind %s.",
                             name);
    *kind = obj->kind;
    return RL_OK;
}

enum rl_code rl_param_kind_to_change(struct rl_request *rq, enum rl_kind *kind)
{
    enum rl_code code = rl_param_kind(rq, kind);
    if (code == RL_OK && (*kind == RL_TYPE || *kind == RL_CERTIFICATE))
        code = rl_peer_need_role(rq->peer, RL_ROLE_ADMINISTRATOR, &rq->err);
    return code;
}

char *rl_param_object(struct rl_request *rq, enum rl_kind kind)
{
    return rl_param_key(rq, kind, rl_param_text(rq, "name"));
}

enum rl_code rl_param_names(struct rl_request *rq, const json_t **names)
{
    *names = json_object_get(rq->params, "names");
    if (json_array_size(*names) > RL_NAMES_MAX)
        return rl_fail_field(&rq->err, RL_E_USAGE, "names", "names",
                             "At most %d names can be given at once.", RL_NAMES_MAX);
    for (size_t i = 0; i < json_array_size(*names); i++)
        if (!json_is_string(json_array_get(*names, i)))
            return rl_fail_field(&rq->err, RL_E_USAGE, "names", "names", "A name is no text.");
    return RL_OK;
}

char *rl_param_key(struct rl_request *rq, enum rl_kind kind, const char *text)
{
    struct rl_row row;
    if (kind != RL_CERTIFICATE)
        return rl_strdup(text);
    if (rl_store_cert_find(rq->store, text, &row, &rq->err))
        return NULL;
    char *name = rl_strdup(rl_row_get(&row, RL_CERTIFICATE_NAME));
    rl_row_fini(&row);
    return name;
}

char *rl_param_file(const struct rl_request *rq, const char *otherwise)
{
    return rl_value_file(json_object_get(rq->params, "file"), otherwise);
}

void rl_param_data(const struct rl_request *rq, const char *name, struct rl_buf *out)
{
    rl_value_data(json_object_get(rq->params, name), out);
}

const char **rl_param_accept(const struct rl_request *rq)
{
    const json_t *list = json_object_get(rq->params, "accept");
    const char **out = rl_alloc((json_array_size(list) + 1) * sizeof *out);
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *code = json_string_value(json_array_get(list, i));
        if (code)
            out[n++] = code;
    }
    return out;
}

enum rl_code rl_request_act(struct rl_request *rq, const char *const *accept, struct rl_act *act)
{
    struct rl_engine *e = rq->engine;
    enum rl_code code = rl_engine_may_change(e, &rq->err);
    if (code != RL_OK)
        return code;
    e->audit.accepted = accept;
    *act = (struct rl_act){.store = e->store,
                           .audit = &e->auditor,
                           .who = rq->peer->who.user,
                           .accepted = accept,
                           .mixed = e->mixed,
                           .ciphers = (enum rl_tls_ciphers)e->config.tls_ciphers};
    return RL_OK;
}

enum rl_code rl_request_apart(struct rl_request *rq, struct rl_apart *out)
{
    *out = (struct rl_apart){0};
    enum rl_code code = rl_request_act(rq, NULL, &out->act);
    if (code != RL_OK)
        return code;
    out->accept = rl_param_accept(rq);
    for (size_t i = 0; out->accept[i]; i++)
        out->accept[i] = rl_strdup(out->accept[i]);
    out->who = rl_strdup(rq->peer->who.user);
    out->audit = rq->engine->audit;
    out->audit.reader = out->audit.store;
    out->audit.accepted = out->act.accepted = out->accept;
    out->auditor = (struct rl_auditor){&out->audit, rl_audit_add};
    out->act.audit = &out->auditor;
    out->act.who = out->who;
    return RL_OK;
}

void rl_apart_fini(struct rl_apart *apart)
{
    for (size_t i = 0; apart->accept && apart->accept[i]; i++)
        free((char *)apart->accept[i]);
    free(apart->accept);
    free(apart->who);
    *apart = (struct rl_apart){0};
}

void rl_request_changed(struct rl_request *rq, enum rl_kind kind, const char *const *names,
                        size_t n)
{
    bool device = kind == RL_PHONE || kind == RL_GATEWAY;
    if (kind != RL_USER && kind != RL_CERTIFICATE)
        rl_engine_devices_changed(rq->engine, device ? names : NULL, device ? n : 0);
}

void rl_request_filed(struct rl_request *rq, const struct rl_row *cert)
{
    rl_expiry_wake(rq->engine->expiry);
    rl_engine_certificate_changed(rq->engine, cert);
}

void rl_request_problem(struct rl_request *rq, enum rl_code code)
{
    const struct rl_err *first = rl_problems_first_error(&rq->problems);
    for (size_t i = 0; !first && i < rq->problems.n; i++)
        if (rq->problems.item[i].code == code)
            first = &rq->problems.item[i];
    if (first)
        rq->err = *first;
    else
        rl_fail(&rq->err, code, NULL, "The change was refused.");
}
