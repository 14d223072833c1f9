#include <string.h>

#include "control/json.h"
#include "control/rpc.h"
#include "engine/engine.h"
#include "engine/log.h"

enum { PROBLEMS_BYTES = 600 * 1024 }; /* of an answer: the rest of a message is well below 1 MiB */

static const struct rl_rpc_method *find_method(const char *name)
{
    for (size_t i = 0; i < rl_rpc_nmethods; i++)
        if (strcmp(rl_rpc_methods[i].name, name) == 0)
            return &rl_rpc_methods[i];
    return NULL;
}

static const struct {
    const char *text;
    json_type type;
} kinds[] = {
    [RL_P_TEXT] = {"a text",         JSON_STRING },
      [RL_P_INT] = {"a whole number", JSON_INTEGER},
    [RL_P_BOOL] = {"true or false",  JSON_TRUE   },
      [RL_P_LIST] = {"an array",       JSON_ARRAY  },
    [RL_P_OBJECT] = {"an object",      JSON_OBJECT },
};

static bool is_kind(const json_t *value, enum rl_param_kind kind)
{
    return kind == RL_P_BOOL ? json_is_boolean(value) : json_typeof(value) == kinds[kind].type;
}

static const struct rl_param *find_param(const struct rl_rpc_method *m, const char *name)
{
    for (const struct rl_param *p = m->params; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

/* null counts as left out. */
static enum rl_code check_params(const struct rl_rpc_method *m, const json_t *params,
                                 struct rl_err *err)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)params, name, value) {
        const struct rl_param *p = find_param(m, name);
        if (!p)
            return rl_fail_field(err, RL_E_USAGE, m->name, name, "%s takes no parameter %s.",
                                 m->name, name);
        if (!json_is_null(value) && !is_kind(value, p->kind))
            return rl_fail_field(err, RL_E_USAGE, m->name, name, "Parameter %s of %s must be %s.",
                                 name, m->name, kinds[p->kind].text);
    }
    for (const struct rl_param *p = m->params; p->name; p++) {
        value = json_object_get(params, p->name);
        if (p->need && (!value || json_is_null(value)))
            return rl_fail_field(err, RL_E_USAGE, m->name, p->name, "%s needs the parameter %s.",
                                 m->name, p->name);
    }
    return RL_OK;
}

enum rl_code rl_peer_need_role(const struct rl_peer *peer, enum rl_role role, struct rl_err *err)
{
    static const char *const who_may[] = {
        [RL_ROLE_VIEWER] = "viewers, operators and administrators",
        [RL_ROLE_OPERATOR] = "operators and administrators",
        [RL_ROLE_ADMINISTRATOR] = "administrators",
    };
    if (peer->who.role >= role)
        return RL_OK;
    return rl_fail(err, RL_E_NOT_ALLOWED, peer->who.user,
                   "%s has the role %s in this site: only %s may do that.", peer->who.user,
                   rl_role_names[peer->who.role], who_may[role]);
}

static json_t *problems_json(const struct rl_problems *list)
{
    json_t *rows = json_array();
    size_t bytes = 0;
    for (size_t i = 0; i < list->n && bytes < PROBLEMS_BYTES; i++) {
        json_t *row = rl_json_problem(&list->item[i]);
        bytes += json_dumpb(row, NULL, 0, JSON_COMPACT);
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *error_json(const struct rl_err *err, const struct rl_problems *problems)
{
    const struct rl_code_info *info = rl_code_info(err->code);
    json_t *data = rl_json_problem(err);
    json_object_del(data, "message");
    if (problems->n > 0) {
        json_object_set_new(data, "problems", problems_json(problems));
        json_object_set_new(data, "errors", json_integer((json_int_t)problems->errors));
    }
    return json_pack("{s:i, s:o, s:o}", "code", info->exit_status, "message",
                     rl_json_text(err->text), "data", data);
}

static void answer(struct rl_request *rq, const json_t *id, json_t *result)
{
    json_t *message = json_pack("{s:s, s:O}", "jsonrpc", "2.0", "id", id);
    if (result)
        json_object_set_new(message, "result", result);
    else
        json_object_set_new(message, "error", error_json(&rq->err, &rq->problems));
    rl_peer_send(rq->peer, message);
}

static json_t *run(struct rl_request *rq, const char *name)
{
    const struct rl_rpc_method *m = find_method(name);
    if (!m) {
        rl_fail(&rq->err, RL_E_USAGE, name, "There is no method %s.", name);
        return NULL;
    }
    if (rl_peer_need_role(rq->peer, m->role, &rq->err) != RL_OK ||
        check_params(m, rq->params, &rq->err) != RL_OK)
        return NULL;
    json_t *result = m->run(rq);
    rl_engine_after_change(rq->engine);
    if (!result && rq->err.code == RL_OK)
        rl_fail(&rq->err, RL_E_INTERNAL, name, "%s gave no answer.", name);
    return result;
}

static bool is_id(const json_t *id)
{
    return json_is_integer(id) || json_is_string(id);
}

bool rl_dispatch(struct rl_peer *peer, const char *line, size_t n)
{
    json_t *message = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
    const char *version = json_string_value(json_object_get(message, "jsonrpc"));
    const char *method = json_string_value(json_object_get(message, "method"));
    const json_t *id = json_object_get(message, "id");
    const json_t *params = json_object_get(message, "params");
    bool hello = method && strcmp(method, "hello") == 0;
    bool good = version && strcmp(version, "2.0") == 0 && method && is_id(id) &&
                (!params || json_is_object(params)) && hello != peer->greeted;
    if (good) {
        json_t *none = json_object();
        struct rl_request rq = {
            .engine = rl_rpc_engine(peer->rpc), .peer = peer, .params = params ? params : none};
        answer(&rq, id, run(&rq, method));
        rl_problems_fini(&rq.problems);
        json_decref(none);
        good = peer->greeted; /* who was refused at hello has said all */
    }
    json_decref(message);
    return good;
}
