#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/work.h"
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
    [RL_P_TEXT] = {"a text",             JSON_STRING },
      [RL_P_INT] = {"a whole number",     JSON_INTEGER},
    [RL_P_BOOL] = {"true or false",      JSON_TRUE   },
      [RL_P_LIST] = {"an array",           JSON_ARRAY  },
    [RL_P_OBJECT] = {"an object",          JSON_OBJECT },
      [RL_P_ID] = {"a number or a text", JSON_NULL   },
};

static bool is_id(const json_t *id)
{
    return json_is_integer(id) || json_is_string(id);
}

static bool is_kind(const json_t *value, enum rl_param_kind kind)
{
    if (kind == RL_P_ID)
        return is_id(value);
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

static void request_free(struct rl_request *rq)
{
    rl_problems_fini(&rq->problems);
    json_decref(rq->message);
    free(rq);
}

void rl_request_answer(struct rl_request *rq, json_t *result)
{
    rl_engine_after_change(rq->engine);
    if (!result && rq->err.code == RL_OK)
        rl_fail(&rq->err, RL_E_INTERNAL, rq->method, "%s gave no answer.", rq->method);
    if (rq->peer) {
        json_t *answer = json_pack("{s:s, s:O}", "jsonrpc", "2.0", "id", rq->id);
        if (result)
            json_object_set(answer, "result", result);
        else
            json_object_set_new(answer, "error", error_json(&rq->err, &rq->problems));
        rl_peer_send(rq->peer, answer);
    }
    json_decref(result);
    request_free(rq);
}

static json_t *run(struct rl_request *rq)
{
    const struct rl_rpc_method *m = find_method(rq->method);
    if (!m) {
        rl_fail(&rq->err, RL_E_USAGE, rq->method, "There is no method %s.", rq->method);
        return NULL;
    }
    if (rl_peer_need_role(rq->peer, m->role, &rq->err) != RL_OK ||
        check_params(m, rq->params, &rq->err) != RL_OK)
        return NULL;
    return m->run(rq);
}

/* Takes the message. */
static void ask(struct rl_peer *peer, json_t *message)
{
    struct rl_request *rq = rl_alloc(sizeof *rq);
    rq->engine = rl_rpc_engine(peer->rpc);
    rq->peer = peer;
    rq->store = rq->engine->reader;
    rq->message = message;
    rq->method = json_string_value(json_object_get(message, "method"));
    rq->id = json_object_get(message, "id");
    if (!json_object_get(message, "params"))
        json_object_set_new(message, "params", json_object());
    rq->params = json_object_get(message, "params");
    json_t *result = run(rq);
    if (rq->work)
        rl_works_take(rq->engine->works, rq);
    else
        rl_request_answer(rq, result);
}

static bool is_request(const json_t *message)
{
    const char *version = json_string_value(json_object_get(message, "jsonrpc"));
    const json_t *params = json_object_get(message, "params");
    return version && strcmp(version, "2.0") == 0 &&
           json_is_string(json_object_get(message, "method")) &&
           is_id(json_object_get(message, "id")) && (!params || json_is_object(params));
}

bool rl_dispatch(struct rl_peer *peer, const char *line, size_t n)
{
    json_t *message = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
    const char *method = json_string_value(json_object_get(message, "method"));
    bool hello = method && strcmp(method, "hello") == 0;
    if (!is_request(message) || hello == peer->greeted) {
        json_decref(message);
        return false;
    }
    ask(peer, message);
    return peer->greeted; /* who was refused at hello has said all */
}
