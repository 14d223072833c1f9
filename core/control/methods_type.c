#include <stdlib.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/packimport.h"
#include "engine/engine.h"

static json_t *result_json(const struct rl_request *rq, const struct rl_pack_result *result)
{
    json_t *types = json_array();
    for (size_t i = 0; i < result->n; i++)
        json_array_append_new(types,
                              json_pack("{s:o, s:s}", "model", rl_json_text(result->type[i].model),
                                        "what", rl_pack_change_text(result->type[i].what)));
    return json_pack("{s:o, s:o, s:o, s:I, s:o}", "pack", rl_json_text(result->name), "version",
                     rl_json_text(result->version), "types", types, "devices",
                     (json_int_t)result->devices, "warnings", rl_json_warnings(&rq->problems));
}

json_t *rl_method_type_import(struct rl_request *rq)
{
    struct rl_act act;
    struct rl_pack_result result;
    struct rl_buf signature = {0};
    const json_t *text = json_object_get(rq->params, "pack");
    const json_t *signed_by = json_object_get(rq->params, "signature");
    const char **accept = rl_param_accept(rq);
    json_t *answer = NULL;
    enum rl_code code = rl_request_act(rq, accept, &act);
    if (code == RL_OK) {
        char *name = rl_param_file(rq, "the pack");
        rl_param_data(rq, "signature", &signature);
        struct rl_pack_file file = {name, json_string_value(text), json_string_length(text),
                                    signed_by ? rl_buf_str(&signature) : NULL, signature.len};
        code = rl_pack_import(&act, &file, &result, &rq->problems);
        if (code != RL_OK)
            rl_request_problem(rq, code);
        free(name);
    }
    if (code == RL_OK) {
        rl_request_changed(rq, RL_TYPE, NULL, 0);
        answer = result_json(rq, &result);
        rl_pack_result_fini(&result);
    }
    rl_buf_fini(&signature);
    rq->engine->audit.accepted = NULL;
    free(accept);
    return answer;
}
