#include <stdlib.h>
#include <string.h>

#include "control/certs.h"
#include "control/json.h"
#include "control/methods.h"
#include "engine/engine.h"
#include "ringlock/time.h"

static json_t *notes_json(const struct rl_buf *notes)
{
    json_t *list = json_array();
    for (const char *line = rl_buf_str(notes); *line;) {
        size_t n = strcspn(line, "\n");
        json_array_append_new(list, json_stringn(line, n));
        line += n + (line[n] != '\0');
    }
    return list;
}

static json_t *result_json(const struct rl_request *rq, const struct rl_uploaded *uploaded)
{
    json_t *list = json_array();
    for (size_t i = 0; i < uploaded->n; i++)
        json_array_append_new(list, rl_json_object(&uploaded->row[i], RL_UNKNOWN));
    return json_pack("{s:o, s:o, s:o}", "certificates", list, "warnings",
                     rl_json_warnings(&rq->problems), "notes", notes_json(&uploaded->notes));
}

json_t *rl_method_cert_upload(struct rl_request *rq)
{
    struct rl_act act;
    struct rl_buf data = {0};
    struct rl_uploaded uploaded;
    const char **accept = rl_param_accept(rq);
    char *file = rl_param_file(rq, "The file");
    json_t *result = NULL;
    rl_param_data(rq, "data", &data);
    if (rl_request_act(rq, accept, &act) == RL_OK) {
        const struct rl_upload upload = {.data = rl_buf_str(&data),
                                         .n = data.len,
                                         .file = file,
                                         .store = rl_param_text(rq, "store"),
                                         .device = rl_param_text(rq, "device"),
                                         .name = rl_param_text(rq, "name"),
                                         .description = rl_param_text(rq, "description"),
                                         .origin = rl_param_text(rq, "origin"),
                                         .now_us = rl_now_us()};
        enum rl_code code = rl_cert_upload(&act, &upload, &uploaded, &rq->problems);
        if (code == RL_OK) {
            for (size_t i = 0; i < uploaded.n; i++)
                rl_request_filed(rq, &uploaded.row[i]);
            result = result_json(rq, &uploaded);
            rl_uploaded_fini(&uploaded);
        } else {
            rl_request_problem(rq, code);
        }
    }
    rq->engine->audit.accepted = NULL;
    rl_buf_fini(&data);
    free(file);
    free(accept);
    return result;
}
