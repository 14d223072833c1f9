#include <stdlib.h>

#include "control/json.h"
#include "control/methods.h"
#include "engine/engine.h"

enum { AUDIT_PAGE = 500 };

/* The entry's text is JSON that we made: its members, and where it stands in the chain. */
static bool add_row(void *ctx, const struct rl_audit_row *row)
{
    json_t *entry = json_loads(row->text, 0, NULL);
    if (!entry)
        entry = json_pack("{s:o}", "what", rl_json_text(row->text));
    json_object_set_new(entry, "seq", json_integer(row->seq));
    json_object_set_new(entry, "hash", rl_json_text(row->hash));
    return rl_page_add(ctx, entry);
}

json_t *rl_method_audit_list(struct rl_request *rq)
{
    struct rl_page page = {.rows = json_array()};
    int64_t before = rl_param_int(rq, "before", 0);
    if (before <= 0)
        before = INT64_MAX;
    if (rl_store_audit_list(rq->engine->reader, before, true, rl_param_limit(rq, AUDIT_PAGE),
                            add_row, &page, &rq->err) == RL_OK)
        return json_pack("{s:o}", "rows", page.rows);
    json_decref(page.rows);
    return NULL;
}

/* A broken chain is an answer, not a failure of the question. */
json_t *rl_method_audit_verify(struct rl_request *rq)
{
    size_t entries = 0;
    enum rl_code code = rl_audit_verify(&rq->engine->audit, &entries, &rq->err);
    if (code != RL_OK && code != RL_E_AUDIT_CHAIN)
        return NULL;
    char *text = code == RL_OK ? rl_asprintf("%zu entries, each follows the one before", entries)
                               : rl_strdup(rq->err.text);
    json_t *result = json_pack("{s:I, s:b, s:o}", "entries", (json_int_t)entries, "ok",
                               code == RL_OK, "message", rl_json_text(text));
    if (code != RL_OK)
        json_object_set_new(result, "code", json_string(rl_code_info(code)->tag));
    free(text);
    return result;
}
