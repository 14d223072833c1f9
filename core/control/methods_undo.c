/* Undo of what the one who asks did last. */
#include <stdlib.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/undo.h"
#include "control/work.h"
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
    return code;
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

/* An undo that takes long: the thread that writes runs it. */
struct wide {
    struct rl_apart apart;
    struct rl_undo undo;
    const char **accept; /* owned; NULL: as the request says */
    bool dry, done;
};

static json_t *run_wide(struct rl_request *rq)
{
    struct wide *w = rq->ctx;
    w->done = rl_undo_untouched(rq->store, &w->undo, &rq->err) == RL_OK &&
              run(rq, &w->apart.act, &w->undo, w->dry) == RL_OK;
    return w->done ? undo_json(rq, &w->undo) : NULL;
}

static json_t *finish_wide(struct rl_request *rq, json_t *result)
{
    struct wide *w = rq->ctx;
    if (w->done && !w->dry)
        rl_engine_devices_changed(rq->engine, NULL, 0);
    rl_undo_fini(&w->undo);
    rl_apart_fini(&w->apart);
    free(w->accept);
    free(w);
    return result;
}

/* Takes what was found. */
static json_t *undo_wide(struct rl_request *rq, struct rl_undo *undo, bool dry)
{
    static const struct rl_work work = {.run = run_wide, .finish = finish_wide, .writes = true};
    struct wide *w = rl_alloc(sizeof *w);
    if (rl_request_apart(rq, &w->apart) != RL_OK) {
        free(w);
        return NULL;
    }
    w->undo = *undo;
    *undo = (struct rl_undo){0};
    w->dry = dry;
    w->accept = dry ? all_warnings() : NULL;
    if (dry)
        w->apart.act.accepted = w->apart.audit.accepted = w->accept;
    w->apart.audit.undoes = w->undo.act;
    rq->ctx = w;
    return rl_work_later(rq, &work);
}

/* On the loop. */
static json_t *undo_now(struct rl_request *rq, const struct rl_undo *undo, bool dry)
{
    struct rl_act act;
    bool mixed;
    const char **accept = dry ? all_warnings() : rl_param_accept(rq);
    enum rl_code code = rl_request_act(rq, accept, &act);
    if (!code)
        code = rl_undo_untouched(rq->store, undo, &rq->err);
    if (!code) {
        rq->engine->audit.undoes = undo->act;
        code = rl_undo_is_mode(undo, &mixed) ? undo_mode(rq, mixed, dry) : run(rq, &act, undo, dry);
        rq->engine->audit.undoes = 0;
    }
    if (!code && !dry)
        rl_engine_devices_changed(rq->engine, NULL, 0);
    rq->engine->audit.accepted = NULL;
    free(accept);
    return code ? NULL : undo_json(rq, undo);
}

static json_t *undo(struct rl_request *rq, bool dry)
{
    struct rl_undo undo = {0};
    json_t *result = NULL;
    enum rl_code code = rl_engine_may_change(rq->engine, &rq->err);
    if (!code)
        code = find(rq, &undo);
    if (!code && rl_undo_is_wide(rq->store, &undo))
        result = undo_wide(rq, &undo, dry);
    else if (!code)
        result = undo_now(rq, &undo, dry);
    rl_undo_fini(&undo);
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
