#include <stdlib.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/work.h"
#include "engine/engine.h"
#include "engine/expiry.h"
#include "ringlock/time.h"
#include "store/expiry.h"

enum { ENDING_PAGE = 500, DAYS_MAX = 36500 };

static char *time_in(int64_t days, char out[RL_TIME_TEXT])
{
    return rl_time_text(rl_now_us() + days * (RL_DAY_S * 1000000LL), 0, out);
}

static bool add_ending(void *ctx, const struct rl_row *row, size_t phones)
{
    json_t *object = rl_json_object(row, RL_UNKNOWN);
    json_object_set_new(object, "phones", json_integer((json_int_t)phones));
    return rl_page_add(ctx, object);
}

static const char *place_text(const struct rl_request *rq, const char *name)
{
    const char *text =
        json_string_value(json_object_get(json_object_get(rq->params, "after"), name));
    return text ? text : "";
}

/* rq->ctx: the days ahead. */
static json_t *list_ending(struct rl_request *rq)
{
    char until[RL_TIME_TEXT];
    struct rl_page page = {.rows = json_array()};
    const struct rl_cert_place place = {place_text(rq, "value"), place_text(rq, "key")};
    int64_t days = *(const int64_t *)rq->ctx;
    size_t limit = rl_param_limit(rq, ENDING_PAGE);
    enum rl_code code;
    if (days < 0 || days > DAYS_MAX)
        code = rl_fail_field(&rq->err, RL_E_VALUE, "report", "days",
                             "The days ahead are 0 to %d, not %lld.", DAYS_MAX, (long long)days);
    else
        code = rl_store_certs_ending(rq->store, &place, time_in(days, until), limit + 1, add_ending,
                                     &page, &rq->err);
    if (code != RL_OK) {
        json_decref(page.rows);
        return NULL;
    }
    bool more = page.full || json_array_size(page.rows) > limit;
    if (json_array_size(page.rows) > limit)
        json_array_remove(page.rows, limit);
    return json_pack("{s:I, s:o, s:b}", "days", (json_int_t)days, "rows", page.rows, "more", more);
}

static json_t *forget_days(struct rl_request *rq, json_t *result)
{
    free(rq->ctx);
    return result;
}

json_t *rl_method_cert_expiring(struct rl_request *rq)
{
    static const struct rl_work listing = {.run = list_ending, .finish = forget_days};
    int64_t *days = rl_alloc(sizeof *days);
    *days = rl_param_int(rq, "days", rl_expiry_horizon(rq->engine->expiry));
    rq->ctx = days;
    return rl_work_later(rq, &listing);
}

json_t *rl_json_expiry(struct rl_engine *e, struct rl_err *err)
{
    char now[RL_TIME_TEXT], soon[RL_TIME_TEXT];
    struct rl_cert_ends n;
    int days = rl_expiry_horizon(e->expiry);
    if (rl_store_count_ends(e->reader, time_in(0, now), time_in(days, soon), &n, err) != RL_OK)
        return NULL;
    return json_pack("{s:i, s:I, s:I, s:I}", "days", days, "valid", (json_int_t)n.valid, "soon",
                     (json_int_t)n.soon, "expired", (json_int_t)n.expired);
}
