#include "engine/phones.h"

#include "control/enrolment.h"
#include "control/tvs.h"
#include "engine/enrol_child.h"

static void take(struct rl_engine *e, const struct rl_enr *rec)
{
    if (rec->kind == RL_ENR_VERIFY || rec->kind == RL_ENR_QUERY)
        rl_tvs_ask(e, rec);
    else
        rl_enrolment_take(e->enrolment, rec);
}

static void send_order(void *ctx, const struct rl_enr *order)
{
    struct rl_engine *e = ctx;
    if (e->enrol)
        rl_enrol_send(e->enrol, order);
}

enum rl_code rl_phones_open(struct rl_engine *e, struct rl_err *err)
{
    e->enrolment = rl_enrolment_new(e, send_order, e);
    return rl_enrol_open(e, take, &e->enrol, err);
}
