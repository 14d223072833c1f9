#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/ownact.h"
#include "control/ownimpact.h"
#include "control/work.h"
#include "store/lists.h"

enum { PHONES_PAGE = 500 };

/* What would become of phones, before it does (cert.impact). */

static enum rl_code act_of(struct rl_request *rq, enum rl_impact_act *out)
{
    const char *name = rl_param_text(rq, "act");
    int act = RL_IMPACT_REGENERATE;
    while (name && act < RL_IMPACT_ACTS && strcmp(rl_impact_acts[act], name) != 0)
        act++;
    *out = (enum rl_impact_act)act;
    if (act < RL_IMPACT_ACTS)
        return RL_OK;
    return rl_fail_field(&rq->err, RL_E_VALUE, "cert", "act",
                         "The act is regenerate, activate, retire or remove, not %s.", name);
}

/* ---- which phones: in pages ---- */

struct phones {
    struct rl_page page;
    size_t limit;
    bool more;
    json_t *last; /* where the next page begins behind */
};

static bool add_phone(struct phones *p, json_t *phone, json_t *last)
{
    if (p->limit == 0 || !rl_page_add(&p->page, phone)) {
        if (p->limit == 0)
            json_decref(phone);
        json_decref(last);
        p->more = true;
        return false;
    }
    p->limit--;
    json_decref(p->last);
    p->last = last;
    return true;
}

static bool add_holder(void *ctx, const struct rl_list_holder *holder)
{
    json_t *seen = *holder->seen ? json_string(holder->seen) : json_null();
    return add_phone(ctx,
                     json_pack("{s:o, s:I, s:o}", "name", rl_json_text(holder->phone), "version",
                               (json_int_t)holder->version, "seen", seen),
                     json_pack("{s:I, s:I}", "version", (json_int_t)holder->version, "place",
                               (json_int_t)holder->place));
}

static bool add_lsc(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    const char *name = rl_row_get(row, RL_CERTIFICATE_NAME);
    (void)trusted;
    return add_phone(ctx,
                     json_pack("{s:o, s:o}", "name",
                               rl_json_text(rl_row_get(row, RL_CERTIFICATE_DEVICE)), "certificate",
                               rl_json_text(name)),
                     json_pack("{s:o}", "certificate", rl_json_text(name)));
}

/* Those whose list lacks the certificate, by the version that they have, those never seen last. */
static enum rl_code find_lacking(struct rl_request *rq, const struct rl_own_impact *impact,
                                 const json_t *after, struct phones *p)
{
    const json_t *version = json_object_get(after, "version");
    bool gone = impact->facts.act == RL_IMPACT_REGENERATE || impact->facts.act == RL_IMPACT_REMOVE;
    const struct rl_list_query query = {.kind = impact->list,
                                        .below = impact->since && !gone ? impact->since : INT64_MAX,
                                        .version = version ? json_integer_value(version) : -1,
                                        .place =
                                            json_integer_value(json_object_get(after, "place")),
                                        .limit = p->limit + 1};
    return impact->list ? rl_store_list_holders(rq->store, &query, add_holder, p, &rq->err) : RL_OK;
}

static enum rl_code find_lscs(struct rl_request *rq, const struct rl_own_impact *impact,
                              const json_t *after, struct phones *p)
{
    const struct rl_criterion criteria[] = {
        {RL_CERTIFICATE_ISSUER, RL_OP_IS, impact->issuer},
        {RL_CERTIFICATE_ORIGIN, RL_OP_IS, "capf"        }
    };
    const char *key = json_string_value(json_object_get(after, "certificate"));
    const struct rl_query query = {.kind = RL_CERTIFICATE,
                                   .criteria = criteria,
                                   .ncriteria = 2,
                                   .after_value = key,
                                   .after_key = key,
                                   .limit = p->limit + 1};
    return impact->issuer ? rl_store_list(rq->store, &query, add_lsc, p, &rq->err) : RL_OK;
}

/* ---- the answer ---- */

static json_t *effects_json(const struct rl_own_impact *impact)
{
    struct rl_impact_effect effects[RL_IMPACT_EFFECTS];
    size_t n = rl_policy_impact(&impact->facts, effects);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:I, s:b, s:s}", "kind",
                                              rl_impact_kind_name(effects[i].kind), "phones",
                                              (json_int_t)effects[i].phones, "lscs",
                                              effects[i].lscs, "text", effects[i].text));
    return list;
}

static json_t *steps_json(const struct rl_own_impact *impact)
{
    struct rl_impact_step steps[RL_IMPACT_STEPS];
    size_t n = rl_policy_impact_steps(&impact->facts, steps);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:I, s:s, s:s}", "step", (int)i + 1,
                                              "id", steps[i].id, "state",
                                              steps[i].done   ? "done"
                                              : steps[i].next ? "next"
                                                              : "open",
                                              "left", (json_int_t)steps[i].left, "text",
                                              steps[i].text, "command", steps[i].command));
    return list;
}

static json_t *answer(struct rl_request *rq, const struct rl_own_impact *impact)
{
    const struct rl_impact_facts *f = &impact->facts;
    const json_t *after = json_object_get(rq->params, "after");
    struct phones p = {
        .page.rows = json_array(), .limit = rl_param_limit(rq, PHONES_PAGE), .last = json_null()};
    enum rl_code code = rl_param_bool(rq, "lscs") ? find_lscs(rq, impact, after, &p)
                                                  : find_lacking(rq, impact, after, &p);
    json_t *result = json_pack(
        "{s:s, s:s, s:o, s:o, s:{s:I, s:I, s:I}, s:o, s:o, s:o, s:b, s:o}", "role", f->name, "act",
        rl_impact_acts[f->act], "list", impact->list ? json_string(impact->list) : json_null(),
        "since", impact->since ? json_integer((json_int_t)impact->since) : json_null(), "counts",
        "phones", (json_int_t)f->phones, "lacking", (json_int_t)f->lacking, "never_seen",
        (json_int_t)(f->phones - f->holders), "effects", effects_json(impact), "steps",
        steps_json(impact), "phones", p.page.rows, "more", p.more, "last", p.last);
    if (code == RL_OK)
        return result;
    json_decref(result);
    return NULL;
}

static json_t *weigh(struct rl_request *rq)
{
    struct rl_own_impact impact;
    enum rl_impact_act act;
    const struct rl_own_kind *kind = rl_own_kind_typed(rl_param_text(rq, "role"), &rq->err);
    if (!kind || act_of(rq, &act) != RL_OK ||
        rl_own_impact(rq->store, kind, act, &impact, &rq->err) != RL_OK)
        return NULL;
    json_t *result = answer(rq, &impact);
    rl_own_impact_fini(&impact);
    return result;
}

json_t *rl_method_cert_impact(struct rl_request *rq)
{
    static const struct rl_work weighing = {.run = weigh};
    return rl_work_later(rq, &weighing);
}
