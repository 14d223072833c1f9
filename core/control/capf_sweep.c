#include "control/capf_sweep.h"

#include <stdlib.h>
#include <string.h>

#include "control/capf_set.h"
#include "control/change.h"
#include "control/enrolment.h"
#include "engine/log.h"
#include "policy/capf.h"

enum { SHARE = 200 };

/* Records that were found; they are read whole before any is written. */
struct found {
    struct rl_capf *capf; /* SHARE */
    size_t n;
};

static bool add(void *ctx, const struct rl_capf *capf)
{
    struct found *f = ctx;
    f->capf[f->n++] = *capf;
    return f->n < SHARE;
}

static enum rl_code end_late(const struct rl_act *act, struct rl_capf *c, const char *now,
                             struct rl_err *err)
{
    char label[RL_LABEL], after[64];
    struct rl_capf_outcome out = rl_policy_capf_outcome(c->operation, RL_CAPF_EV_LATE);
    c->done = c->operation;
    c->operation = RL_CAPF_NONE;
    c->state = out.state;
    c->why = out.why;
    *c->completes_by = '\0';
    memcpy(c->updated, now, strlen(now) + 1);
    snprintf(after, sizeof after, "{\"operation\":\"%s\",\"status\":\"%s\",\"reason\":\"%s\"}",
             rl_capf_operation_names[c->done], rl_capf_state_names[c->state],
             rl_capf_why_names[c->why]);
    enum rl_code code = rl_store_capf_set_string(act->store, c->phone, NULL, err);
    if (!code)
        code = rl_store_capf_put(act->store, c, err);
    return code ? code
                : act->audit->add(act->audit->ctx, act->who, "capf.failed",
                                  rl_object_label(rl_object(RL_PHONE), c->name, label), NULL, after,
                                  err);
}

static enum rl_code end_all(const struct rl_act *act, struct found *f, const char *now,
                            struct rl_err *err)
{
    enum rl_code code = rl_store_begin(act->store, err);
    for (size_t i = 0; i < f->n && !code; i++)
        code = end_late(act, &f->capf[i], now, err);
    if (!code)
        code = rl_store_commit(act->store, err);
    if (code)
        rl_store_rollback(act->store);
    return code;
}

/* Who has to type a string at a phone is not asked by a clock. */
static bool proves_alone(struct rl_store *store, const char *phone)
{
    struct rl_device_rows rows;
    if (rl_store_device(store, phone, &rows, NULL) != RL_OK)
        return false;
    bool string = rl_row_is(&rows.profile, RL_PROFILE_AUTH_MODE, "string");
    rl_device_rows_fini(&rows);
    return !string;
}

static size_t renew(struct rl_engine *e, const struct rl_act *act, const struct found *f,
                    int64_t now_us)
{
    const struct rl_capf_request request = {.operation = RL_CAPF_INSTALL,
                                            .by_us = now_us +
                                                     e->config.capf_days * (RL_DAY_S * 1000000LL),
                                            .now_us = now_us,
                                            .service = rl_enrolment_is_on(e)};
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        struct rl_problems problems = {0};
        char made[RL_CAPF_STRING_MAX + 1];
        if (proves_alone(act->store, f->capf[i].name))
            n += rl_capf_order(act, f->capf[i].name, &request, made, &problems) == RL_OK;
        rl_problems_fini(&problems);
    }
    return n;
}

static bool end_some(const struct rl_act *act, struct found *f, const char *now)
{
    struct rl_err err;
    enum rl_code code = rl_store_capf_late(act->store, now, SHARE, add, f, &err);
    if (!code && f->n)
        code = end_all(act, f, now, &err);
    if (code)
        rl_log_err(RL_LOG_ERROR, &err);
    return !code && f->n > 0;
}

/* The place goes on from sweep to sweep: those that people have to enrol hold up nobody. */
static bool renew_some(struct rl_engine *e, const struct rl_act *act, struct found *f,
                       const char *now, int64_t now_us)
{
    static struct rl_capf_place place;
    struct rl_err err;
    size_t n = 0;
    f->n = 0;
    enum rl_code code = rl_store_capf_due(act->store, now, &place, SHARE, add, f, &err);
    if (!code && f->n && (code = rl_store_begin_many(act->store, &err)) == RL_OK) {
        n = renew(e, act, f, now_us);
        code = rl_store_commit_many(act->store, &err);
    }
    if (code)
        rl_log_err(RL_LOG_ERROR, &err);
    place = (struct rl_capf_place){0};
    if (f->n == SHARE) {
        memcpy(place.renew_at, f->capf[SHARE - 1].renew_at, sizeof place.renew_at);
        place.phone = f->capf[SHARE - 1].phone;
    }
    return !code && n > 0;
}

bool rl_capf_sweep(struct rl_engine *e)
{
    char now[RL_TIME_TEXT];
    const struct rl_act act = {
        .store = e->store, .audit = &e->auditor, .who = "capf", .mixed = e->mixed};
    struct found f = {.capf = rl_alloc(SHARE * sizeof *f.capf)};
    int64_t now_us = rl_now_us();
    rl_time_text(now_us, 0, now);
    bool changed = end_some(&act, &f, now);
    if (e->config.capf_renew == RL_RENEW_AUTOMATIC && rl_enrolment_is_on(e))
        changed |= renew_some(e, &act, &f, now, now_us);
    if (changed)
        rl_engine_after_change(e);
    free(f.capf);
    return changed;
}
