/* Changes of a profile that many phones use: by a new name each of them is written, by a new mode
 * the lines of each are looked at. The thread that writes makes them; others may change nothing
 * meanwhile, as during an import. */
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/values.h"
#include "control/work.h"
#include "engine/engine.h"

enum { MANY = 2000 }; /* phones, with which the loop is done in some milliseconds */

struct wide {
    struct rl_apart apart;
    char *name;
    bool done;
};

bool rl_object_is_wide(struct rl_request *rq, enum rl_kind kind, const char *name)
{
    size_t phones = 0;
    if (kind == RL_PROFILE && name)
        rl_store_profile_phones(rq->store, name, &phones, NULL);
    return phones > MANY;
}

static json_t *set(struct rl_request *rq)
{
    struct wide *w = rq->ctx;
    struct rl_values values;
    struct rl_row row = {0};
    if (rl_values_read(rq, &values) != RL_OK)
        return NULL;
    enum rl_code code =
        rl_object_set(&w->apart.act, RL_PROFILE, w->name, rl_param_int(rq, "rev", 0), values.item,
                      values.n, &row, &rq->problems);
    rl_values_fini(&values);
    w->done = code == RL_OK;
    if (w->done)
        return rl_object_told(rq, &row);
    rl_request_problem(rq, code);
    return NULL;
}

static json_t *check(struct rl_request *rq)
{
    const struct wide *w = rq->ctx;
    return rl_object_checked(rq, &w->apart.act, RL_PROFILE);
}

static json_t *finish(struct rl_request *rq, json_t *result)
{
    struct wide *w = rq->ctx;
    if (w->done)
        rl_request_changed(rq, RL_PROFILE, NULL, 0);
    rl_apart_fini(&w->apart);
    free(w->name);
    free(w);
    return result;
}

static json_t *later(struct rl_request *rq, const char *name, const struct rl_work *work)
{
    struct wide *w = rl_alloc(sizeof *w);
    if (rl_request_apart(rq, &w->apart) != RL_OK) {
        free(w);
        return NULL;
    }
    w->name = rl_strdup(name);
    rq->ctx = w;
    return rl_work_later(rq, work);
}

json_t *rl_object_set_wide(struct rl_request *rq, const char *name)
{
    static const struct rl_work work = {.run = set, .finish = finish, .writes = true};
    return later(rq, name, &work);
}

json_t *rl_object_check_wide(struct rl_request *rq, const char *name)
{
    static const struct rl_work work = {.run = check, .finish = finish, .writes = true};
    return later(rq, name, &work);
}
