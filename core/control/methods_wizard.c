/* Wizards under way: who has one open, and what they answer (R84 to R110). */
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/wizard.h"
#include "engine/engine.h"
#include "ringlock/text.h"

enum { DRAFTS_PAGE = 500 };

/* --- who has it open --- */

static struct rl_peer *holder_of(struct rl_rpc *rpc, int64_t id)
{
    for (struct rl_peer *p = rl_rpc_peers(rpc); p; p = p->next)
        if (p->draft == id && p->holds_draft)
            return p;
    return NULL;
}

static const char *holder_name(const struct rl_request *rq, int64_t id)
{
    const struct rl_peer *p = holder_of(rq->peer->rpc, id);
    return p ? p->who.user : NULL;
}

/* To everybody else who has it open. */
static void tell(const struct rl_request *rq, const struct rl_draft_row *draft, const char *what)
{
    struct rl_peer *next;
    for (struct rl_peer *p = rl_rpc_peers(rq->peer->rpc); p; p = next) {
        next = p->next;
        if (p != rq->peer && p->draft == draft->id)
            rl_peer_notify(p, "wizard",
                           json_pack("{s:I, s:I, s:s, s:o, s:s}", "id", (json_int_t)draft->id,
                                     "rev", (json_int_t)draft->rev, "step", draft->step, "by",
                                     rl_json_text(rq->peer->who.user), "what", what));
    }
}

/* From now on this connection holds it; who held it before is still told of its changes. */
static void open_by(struct rl_request *rq, int64_t id)
{
    struct rl_peer *was = holder_of(rq->peer->rpc, id);
    if (was)
        was->holds_draft = false;
    rq->peer->draft = id;
    rq->peer->holds_draft = true;
}

static enum rl_code check_holder(struct rl_request *rq, int64_t id)
{
    const struct rl_peer *holder = holder_of(rq->peer->rpc, id);
    if (!holder || holder == rq->peer)
        return RL_OK;
    return rl_fail(&rq->err, RL_E_DRAFT_TAKEN, "draft", "%s has draft %lld open.", holder->who.user,
                   (long long)id);
}

static void close_all(struct rl_request *rq, int64_t id)
{
    for (struct rl_peer *p = rl_rpc_peers(rq->peer->rpc); p; p = p->next)
        if (p->draft == id) {
            p->draft = 0;
            p->holds_draft = false;
        }
}

/* --- looking at a draft --- */

/* What was said yes to, NULL-terminated; the array is owned (free), its texts are the draft's. */
static const char **accepted_of(const struct rl_draft *draft)
{
    const char **list = rl_alloc((json_array_size(draft->accepted) + 1) * sizeof *list);
    const json_t *code;
    size_t i;
    json_array_foreach (draft->accepted, i, code)
        list[i] = json_string_value(code);
    return list;
}

/* What is only tried out leaves no entries. */
static enum rl_code no_entry(void *ctx, const char *who, const char *what, const char *object,
                             const char *before, const char *after, struct rl_err *err)
{
    (void)ctx, (void)who, (void)what, (void)object, (void)before, (void)after, (void)err;
    return RL_OK;
}

/* The draft as a DRAFT: all is tried, nothing is kept. */
static json_t *draft_json(struct rl_request *rq, const struct rl_act *act,
                          const struct rl_draft *draft)
{
    static const struct rl_auditor silent = {NULL, no_entry};
    struct rl_act dry = *act;
    json_t *o = NULL;
    const char **accepted = accepted_of(draft);
    dry.audit = &silent;
    dry.accepted = accepted;
    if (rl_store_begin(act->store, &rq->err) == RL_OK) {
        struct rl_wizard_run *run = rl_wizard_run(&dry, draft);
        o = rl_wizard_json(run, holder_name(rq, draft->row.id));
        rl_wizard_end(&run);
        rl_store_rollback(act->store);
    }
    free(accepted);
    return o;
}

struct drafts {
    const struct rl_request *rq;
    struct rl_page page;
    size_t limit;
};

static bool add_head(void *ctx, const struct rl_draft_row *draft)
{
    struct drafts *list = ctx;
    if (!rl_wizard_find(draft->kind))
        return true; /* of a form */
    return rl_page_add(&list->page, rl_wizard_head_json(draft, holder_name(list->rq, draft->id))) &&
           json_array_size(list->page.rows) < list->limit;
}

json_t *rl_method_wizard_list(struct rl_request *rq)
{
    struct drafts list = {.rq = rq, .limit = rl_param_limit(rq, DRAFTS_PAGE)};
    list.page.rows = json_array();
    if (rl_store_drafts(rq->store, NULL, NULL, add_head, &list, &rq->err) == RL_OK)
        return json_pack("{s:o}", "rows", list.page.rows);
    json_decref(list.page.rows);
    return NULL;
}

json_t *rl_method_wizard_show(struct rl_request *rq)
{
    struct rl_act act;
    struct rl_draft draft;
    if (rl_request_act(rq, NULL, &act) != RL_OK ||
        rl_draft_read(act.store, rl_param_int(rq, "id", 0), &draft, &rq->err) != RL_OK)
        return NULL;
    json_t *o = draft_json(rq, &act, &draft);
    rl_draft_fini(&draft);
    return o;
}

json_t *rl_method_wizard_open(struct rl_request *rq)
{
    struct rl_act act;
    struct rl_draft draft;
    int64_t id = rl_param_int(rq, "id", 0);
    if (rl_request_act(rq, NULL, &act) != RL_OK ||
        rl_draft_read(act.store, id, &draft, &rq->err) != RL_OK)
        return NULL;
    const struct rl_peer *holder = holder_of(rq->peer->rpc, id);
    bool taken = holder && holder != rq->peer;
    json_t *o = NULL;
    if (!taken || rl_param_bool(rq, "take")) {
        tell(rq, &draft.row, taken ? "taken" : "opened");
        open_by(rq, id);
        o = draft_json(rq, &act, &draft);
    } else {
        check_holder(rq, id);
    }
    rl_draft_fini(&draft);
    return o;
}

/* --- starting and answering --- */

static const char *param_or(const struct rl_request *rq, const char *name, const char *otherwise)
{
    const char *text = rl_param_text(rq, name);
    return text && *text ? text : otherwise;
}

/* What the wizard knows before the first question. */
static json_t *first_answers(const struct rl_request *rq, const struct rl_wizard *wizard)
{
    json_t *o = json_pack("{s:s, s:s}", "phone.protocol", "SIP", "cert.store", RL_STORE_PHONES);
    json_t *phones = json_array();
    const json_t *list = json_object_get(rq->params, "phones"), *name;
    const char *type = rl_param_text(rq, "type");
    size_t i;
    if (type && *type)
        json_object_set_new(o, "phone.type", json_string(type));
    if (rl_wizard_step(wizard, "transport") >= 0)
        json_object_set_new(o, "profile.transport", json_string("tls"));
    json_array_foreach (list, i, name)
        json_array_append_new(phones, json_pack("{s:O}", "name", name));
    if (json_array_size(phones))
        json_object_set(o, "phones", phones);
    json_decref(phones);
    return o;
}

static enum rl_code check_type(struct rl_request *rq, const struct rl_wizard *wizard)
{
    struct rl_row type;
    const char *model = rl_param_text(rq, "type");
    if (!model || !*model)
        return RL_OK;
    if (rl_store_get(rq->store, RL_TYPE, model, &type, NULL) != RL_OK)
        return rl_fail_field(&rq->err, RL_E_UNKNOWN_TYPE, "phone", "type",
                             "The catalogue has no type \"%s\".", model);
    enum rl_code code = rl_wizard_fits(wizard, &type, &rq->err);
    rl_row_fini(&type);
    return code;
}

/* Write in a transaction of its own: whoever reads it next, after whatever happens, finds it. */
static enum rl_code keep(struct rl_request *rq, const struct rl_act *act, struct rl_draft *draft)
{
    enum rl_code code = rl_store_begin(act->store, &rq->err);
    if (code == RL_OK && (code = rl_draft_write(draft, act->store, &rq->err)) == RL_OK)
        code = rl_store_commit(act->store, &rq->err);
    if (code != RL_OK)
        rl_store_rollback(act->store);
    return code;
}

json_t *rl_method_wizard_start(struct rl_request *rq)
{
    struct rl_act act;
    struct rl_draft draft;
    const char *kind = rl_param_text(rq, "kind");
    const struct rl_wizard *wizard = rl_wizard_find(kind);
    if (!wizard) {
        rl_fail_field(&rq->err, RL_E_USAGE, "wizard", "kind", "There is no wizard %s.", kind);
        return NULL;
    }
    if (rl_request_act(rq, NULL, &act) != RL_OK || check_type(rq, wizard) != RL_OK)
        return NULL;
    char *name = rl_text_safe_dup(param_or(rq, "name", param_or(rq, "type", wizard->title)));
    json_t *answers = first_answers(rq, wizard), *o = NULL;
    rl_draft_init(&draft, wizard, name, rq->peer->who.user);
    if (rl_draft_answer(&draft, answers, &rq->err) == RL_OK && keep(rq, &act, &draft) == RL_OK) {
        open_by(rq, draft.row.id);
        o = draft_json(rq, &act, &draft);
    }
    json_decref(answers);
    rl_draft_fini(&draft);
    free(name);
    return o;
}

/* The draft at the revision that the request names, which nobody else holds. */
static enum rl_code read_at(struct rl_request *rq, const struct rl_act *act, struct rl_draft *draft)
{
    int64_t id = rl_param_int(rq, "id", 0), rev = rl_param_int(rq, "rev", 0);
    enum rl_code code = rl_draft_read(act->store, id, draft, &rq->err);
    if (code != RL_OK)
        return code;
    code = check_holder(rq, id);
    if (code == RL_OK && rev != draft->row.rev)
        code = rl_fail(&rq->err, RL_E_CONFLICT, "draft",
                       "Draft %lld was changed meanwhile: its revision is %lld, not %lld.",
                       (long long)id, (long long)draft->row.rev, (long long)rev);
    if (code != RL_OK)
        rl_draft_fini(draft);
    return code;
}

json_t *rl_method_wizard_save(struct rl_request *rq)
{
    struct rl_act act;
    struct rl_draft draft;
    json_t *o = NULL;
    if (rl_request_act(rq, NULL, &act) != RL_OK || read_at(rq, &act, &draft) != RL_OK)
        return NULL;
    const char *step = param_or(rq, "step", draft.row.step);
    rl_draft_accept(&draft, json_object_get(rq->params, "accept"));
    if (rl_draft_answer(&draft, json_object_get(rq->params, "answers"), &rq->err) == RL_OK &&
        rl_draft_go(&draft, step, &rq->err) == RL_OK && keep(rq, &act, &draft) == RL_OK) {
        open_by(rq, draft.row.id);
        tell(rq, &draft.row, "saved");
        o = draft_json(rq, &act, &draft);
    }
    rl_draft_fini(&draft);
    return o;
}

json_t *rl_method_wizard_drop(struct rl_request *rq)
{
    struct rl_act act;
    struct rl_draft_row draft;
    int64_t id = rl_param_int(rq, "id", 0);
    if (rl_request_act(rq, NULL, &act) != RL_OK ||
        rl_store_draft_get(act.store, id, &draft, &rq->err) != RL_OK)
        return NULL;
    enum rl_code code = check_holder(rq, id);
    if (code == RL_OK)
        code = rl_store_begin(act.store, &rq->err);
    if (code == RL_OK && (code = rl_store_draft_drop(act.store, id, &rq->err)) == RL_OK)
        code = rl_store_commit(act.store, &rq->err);
    if (code == RL_OK) {
        tell(rq, &draft, "dropped");
        close_all(rq, id);
    } else {
        rl_store_rollback(act.store);
    }
    rl_draft_row_fini(&draft);
    return code == RL_OK ? json_object() : NULL;
}

/* --- applying --- */

/* Every step was gone through, on answers that are the same still. */
static enum rl_code check_steps(struct rl_request *rq, const struct rl_draft *draft)
{
    struct rl_buf open = {0};
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < draft->wizard->nsteps; i++)
        if (!rl_draft_seen(draft, (int)i) || rl_draft_again(draft, (int)i))
            rl_buf_addf(&open, "%s%zu %s", open.len ? ", " : "", i + 1,
                        draft->wizard->steps[i].label);
    if (open.len)
        code = rl_fail(&rq->err, RL_E_DRAFT_OPEN, "draft",
                       "Draft %lld has steps that were not gone through since their answers "
                       "changed: %s.",
                       (long long)draft->row.id, rl_buf_str(&open));
    rl_buf_fini(&open);
    return code;
}

static void tell_problems(struct rl_request *rq, const struct rl_wizard_run *run, bool warnings)
{
    for (size_t i = 0; i < run->nproblems; i++)
        if (rl_code_is_warning(run->problem[i].err.code) == warnings && !rl_wizard_is_told(run, i))
            rl_problems_add(&rq->problems, &run->problem[i].err);
}

/* Inside the open transaction: all of it was done, or why not, refusals first. */
static enum rl_code check_run(struct rl_request *rq, const struct rl_wizard_run *run)
{
    tell_problems(rq, run, false);
    tell_problems(rq, run, true);
    enum rl_code code = rl_problems_verdict(&run->act, &rq->problems);
    if (code != RL_OK)
        rl_request_problem(rq, code);
    else if ((code = check_steps(rq, run->draft)) != RL_OK)
        rl_problems_fini(&rq->problems);
    return code;
}

static json_t *result_json(const struct rl_request *rq, const struct rl_wizard_run *run)
{
    bool enabled;
    json_t *points = rl_wizard_points(run, &enabled);
    return json_pack("{s:O, s:b, s:o, s:o}", "done", run->done, "enabled", enabled, "points",
                     points, "warnings", rl_json_warnings(&rq->problems));
}

/* All or nothing; with it the draft is done with. */
static json_t *apply(struct rl_request *rq, const struct rl_act *act, const struct rl_draft *draft)
{
    json_t *result = NULL;
    enum rl_code code = rl_store_begin(act->store, &rq->err);
    if (code != RL_OK)
        return NULL;
    struct rl_wizard_run *run = rl_wizard_run(act, draft);
    code = check_run(rq, run);
    if (code == RL_OK)
        code = rl_store_draft_drop(act->store, draft->row.id, &rq->err);
    if (code == RL_OK)
        code = rl_store_commit(act->store, &rq->err);
    if (code == RL_OK)
        result = result_json(rq, run);
    else
        rl_store_rollback(act->store);
    rl_wizard_end(&run);
    return result;
}

json_t *rl_method_wizard_apply(struct rl_request *rq)
{
    struct rl_act act;
    struct rl_draft draft;
    json_t *result = NULL;
    if (rl_request_act(rq, NULL, &act) != RL_OK || read_at(rq, &act, &draft) != RL_OK)
        return NULL;
    rl_draft_accept(&draft, json_object_get(rq->params, "accept"));
    const char **accepted = accepted_of(&draft);
    if (rl_request_act(rq, accepted, &act) == RL_OK)
        result = apply(rq, &act, &draft);
    if (result) {
        tell(rq, &draft.row, "applied");
        close_all(rq, draft.row.id);
        rl_engine_devices_changed(rq->engine, NULL, 0);
    }
    rq->engine->audit.accepted = NULL;
    free(accepted);
    rl_draft_fini(&draft);
    return result;
}
