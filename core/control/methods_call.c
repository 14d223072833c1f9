#include "control/json.h"
#include "control/methods.h"
#include "control/watch.h"
#include "engine/engine.h"

enum { CALLS_PAGE = 500, EVENTS_PAGE = 500 };

static json_t *counts_json(const struct rl_engine *e)
{
    struct rl_tracker_counts n;
    rl_tracker_counts(e->tracker, &n);
    return rl_json_counts(&n);
}

json_t *rl_method_call_list(struct rl_request *rq)
{
    struct rl_tracker *t = rq->engine->tracker;
    struct rl_page page = {.rows = json_array()};
    bool all = rl_param_bool(rq, "all");
    int64_t before = rl_param_int(rq, "before", 0);
    size_t limit = rl_param_limit(rq, CALLS_PAGE);
    const struct rl_call *c = rl_tracker_next(t, before > 0 ? (uint64_t)before : 0, all);
    for (size_t n = 0; c && n < limit && rl_page_add(&page, rl_json_call(c, false)); n++)
        c = rl_tracker_next(t, c->serial, all);
    return json_pack("{s:o, s:b, s:o}", "rows", page.rows, "more", c != NULL, "counts",
                     counts_json(rq->engine));
}

json_t *rl_method_call_show(struct rl_request *rq)
{
    const char *id = rl_param_text(rq, "id");
    const struct rl_call *c = rl_tracker_find(rq->engine->tracker, id);
    if (c)
        return rl_json_call(c, true);
    rl_fail(&rq->err, RL_E_NOT_FOUND, id, "There is no call %s, or it ended and is no longer kept.",
            id);
    return NULL;
}

json_t *rl_method_call_watch(struct rl_request *rq)
{
    bool on = !json_is_false(json_object_get(rq->params, "on"));
    if (on)
        rl_watch_begin(rq->peer, rl_param_bool(rq, "all"));
    else
        rl_watch_end(rq->peer);
    return json_pack("{s:o}", "counts", counts_json(rq->engine));
}

json_t *rl_method_event_list(struct rl_request *rq)
{
    struct rl_page page = {.rows = json_array()};
    const char *device = rl_param_text(rq, "device");
    size_t limit = rl_param_limit(rq, EVENTS_PAGE);
    const struct rl_event *e = rl_events_before(&rq->engine->events, 0, device, false);
    for (size_t n = 0; e && n < limit && rl_page_add(&page, rl_json_event(e)); n++)
        e = rl_events_before(&rq->engine->events, e->number, device, false);
    return json_pack("{s:o}", "rows", page.rows);
}
