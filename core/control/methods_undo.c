/* Undo of what the one who asks did last. */
#include <stdlib.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/undo.h"
#include "engine/engine.h"
#include "ringlock/time.h"

enum { ENTRIES_TOLD = 20 };

/* All warnings, for a look at what would be done; NULL-terminated, its array is owned. */
static const char **all_warnings(void)
{
    const char **codes = rl_alloc((RL_CODE_COUNT + 1) * sizeof *codes);
    size_t n = 0;
    for (int code = 0; code < RL_CODE_COUNT; code++)
        if (rl_code_is_warning(code))
            codes[n++] = rl_code_info(code)->tag;
    return codes;
}

/* The act, and that it may be undone by whoever asks. */
static enum rl_code find(struct rl_request *rq, struct rl_undo *undo)
{
    struct rl_store *store = rq->store;
    int64_t act = rl_param_int(rq, "act", 0);
    enum rl_code code = rl_undo_find(store, rq->peer->who.user, undo, &rq->err);
    if (!code && act && act != undo->act)
        code = rl_fail(&rq->err, RL_E_CONFLICT, "undo",
                       "You changed something since you were told what would be undone.");
    if (!code && rl_undo_needs_admin(undo))
        code = rl_peer_need_role(rq->peer, RL_ROLE_ADMINISTRATOR, &rq->err);
    return code ? code : rl_undo_untouched(store, undo, &rq->err);
}

/* All of it or nothing; nothing at all if it is only tried. */
static enum rl_code run(struct rl_request *rq, const struct rl_act *act, const struct rl_undo *undo,
                        bool dry)
{
    enum rl_code code = rl_store_begin_many(act->store, &rq->err);
    if (code)
        return code;
    code = rl_undo_run(act, undo, rl_now_us(), &rq->problems);
    if (code)
        rl_request_problem(rq, code);
    if (code || dry)
        rl_store_rollback_many(act->store);
    else
        code = rl_store_commit_many(act->store, &rq->err);
    return code;
}

static enum rl_code undo_mode(struct rl_request *rq, bool mixed, bool dry)
{
    return dry ? RL_OK : rl_engine_set_mode(rq->engine, rq->peer->who.user, mixed, &rq->err);
}

/* The entries that were, or would be, undone: the first of them. */
static json_t *undo_json(struct rl_request *rq, const struct rl_undo *undo)
{
    json_t *rows = json_array(), *entry;
    size_t i;
    json_array_foreach (undo->entries, i, entry)
        if (i < ENTRIES_TOLD)
            json_array_append(rows, entry);
    return json_pack("{s:I, s:I, s:o, s:o}", "act", (json_int_t)undo->act, "entries",
                     (json_int_t)json_array_size(undo->entries), "rows", rows, "warnings",
                     rl_json_warnings(&rq->problems));
}

static json_t *undo(struct rl_request *rq, bool dry)
{
    struct rl_act act;
    struct rl_undo undo = {0};
    json_t *result = NULL;
    bool mixed;
    const char **accept = dry ? all_warnings() : rl_param_accept(rq);
    enum rl_code code = rl_request_act(rq, accept, &act);
    if (!code)
        code = find(rq, &undo);
    if (!code) {
        rq->engine->audit.undoes = undo.act;
        code =
            rl_undo_is_mode(&undo, &mixed) ? undo_mode(rq, mixed, dry) : run(rq, &act, &undo, dry);
        rq->engine->audit.undoes = 0;
    }
    if (!code)
        result = undo_json(rq, &undo);
    if (!code && !dry)
        rl_engine_devices_changed(rq->engine, NULL, 0);
    rq->engine->audit.accepted = NULL;
    rl_undo_fini(&undo);
    free(accept);
    return result;
}

json_t *rl_method_undo_peek(struct rl_request *rq)
{
    return undo(rq, true);
}

json_t *rl_method_undo(struct rl_request *rq)
{
    return undo(rq, false);
}
