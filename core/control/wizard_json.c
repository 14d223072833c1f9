/* A draft as it is told (ringlock/protocol.h). */
#include <stdlib.h>
#include <string.h>

#include "control/enabled.h"
#include "control/wizard.h"
#include "policy/objects.h"
#include "ringlock/text.h"

/* An answer is one line of at most a MiB: problems beyond this are not told, but counted. */
enum { PROBLEMS_BYTES = 128 * 1024, BRIEF = 100, PROFILES_TOLD = 200 };

json_t *rl_wizard_head_json(const struct rl_draft_row *draft, const char *holder)
{
    json_t *whole = json_loads(draft->answers, 0, NULL);
    const json_t *answers = json_object_get(whole, "answers");
    json_t *o =
        json_pack("{s:I, s:I, s:s, s:o, s:o, s:o, s:s, s:s, s:o}", "id", (json_int_t)draft->id,
                  "rev", (json_int_t)draft->rev, "kind", draft->kind, "name",
                  rl_json_text(draft->name), "owner", rl_json_text(draft->owner), "holder",
                  rl_json_text(holder), "step", draft->step, "updated", draft->updated, "type",
                  rl_json_text_or_null(json_string_value(json_object_get(answers, "phone.type"))));
    json_decref(whole);
    return o;
}

/* --- answers --- */

/* Without the certificates: that there is one is all that is told. */
static json_t *without_data(const json_t *answer)
{
    json_t *out = json_copy((json_t *)(uintptr_t)answer);
    if (json_object_get(out, "data"))
        json_object_set_new(out, "data", json_true());
    json_object_del(out, "refused");
    return out;
}

static json_t *told_answer(const json_t *value);

static json_t *told_object(const json_t *value)
{
    json_t *out = json_object(), *item, *plain = without_data(value);
    const char *key;
    json_object_foreach (plain, key, item)
        json_object_set_new(out, key, told_answer(item));
    json_decref(plain);
    return out;
}

static json_t *told_answer(const json_t *value)
{
    json_t *out;
    size_t i;
    const json_t *item;
    if (json_is_object(value))
        return told_object(value);
    if (!json_is_array(value))
        return json_incref((json_t *)(uintptr_t)value);
    out = json_array();
    json_array_foreach (value, i, item)
        json_array_append_new(out, told_answer(item));
    return out;
}

/* --- problems --- */

struct budget {
    size_t bytes;
};

static void add_problem(json_t *list, const struct rl_wizard_run *run, size_t i,
                        struct budget *budget)
{
    const struct rl_wizard_problem *p = &run->problem[i];
    if (budget->bytes > PROBLEMS_BYTES)
        return;
    json_t *row = rl_json_problem(&p->err);
    if (p->phone >= 0)
        json_object_set_new(
            row, "phone",
            rl_json_text(json_string_value(json_object_get(run->phone[p->phone].answer, "name"))));
    json_object_set_new(row, "step", json_string(run->draft->wizard->steps[p->step].id));
    budget->bytes += json_dumpb(row, NULL, 0, JSON_COMPACT);
    json_array_append_new(list, row);
}

static json_t *step_problems_json(const struct rl_wizard_run *run, int step, struct budget *budget)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->nproblems; i++)
        if (run->problem[i].step == step && !rl_wizard_is_told(run, i))
            add_problem(list, run, i, budget);
    return list;
}

static json_t *phone_problems_json(const struct rl_wizard_run *run, int phone,
                                   struct budget *budget)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->nproblems; i++)
        if (run->problem[i].phone == phone)
            add_problem(list, run, i, budget);
    return list;
}

static const char *state_of(const struct rl_wizard_run *run, int step)
{
    if (!rl_draft_seen(run->draft, step))
        return "open";
    for (size_t i = 0; i < run->nproblems; i++)
        if (run->problem[i].step == step && !rl_code_is_warning(run->problem[i].err.code))
            return "problem";
    return rl_draft_again(run->draft, step) ? "again" : "ok";
}

static json_t *steps_json(const struct rl_wizard_run *run)
{
    const struct rl_wizard *w = run->draft->wizard;
    struct budget budget = {0};
    json_t *list = json_array();
    for (size_t s = 0; s < w->nsteps; s++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "id", w->steps[s].id, "state",
                                              state_of(run, (int)s), "problems",
                                              step_problems_json(run, (int)s, &budget)));
    return list;
}

static json_t *warnings_json(const struct rl_wizard_run *run)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->nproblems; i++)
        if (rl_code_is_warning(run->problem[i].err.code) && !rl_wizard_is_told(run, i))
            json_array_append_new(list, rl_json_problem(&run->problem[i].err));
    return list;
}

/* --- what there is --- */

static json_t *cert_json(const struct rl_row *cert)
{
    return cert->obj ? rl_json_object(cert, RL_UNKNOWN) : json_null();
}

/* Of many phones, what their rows show. */
static const int cert_fields[] = {RL_CERTIFICATE_NAME,
                                  RL_CERTIFICATE_SUBJECT,
                                  RL_CERTIFICATE_SAN,
                                  RL_CERTIFICATE_NOT_BEFORE,
                                  RL_CERTIFICATE_NOT_AFTER,
                                  RL_CERTIFICATE_FINGERPRINT,
                                  -1};
static const int phone_fields[] = {RL_PHONE_LINES, RL_PHONE_DESCRIPTION, RL_PHONE_OWNER, -1};

static json_t *brief_json(const struct rl_row *row, const int *fields)
{
    if (!row->obj)
        return json_null();
    json_t *o = json_object();
    for (; *fields >= 0; fields++) {
        const char *text = rl_row_get(row, *fields);
        char *cut = rl_strndup(text, rl_text_cut(text, strlen(text), BRIEF, NULL));
        json_object_set_new(o, row->obj->fields[*fields].name, rl_json_text(cut));
        free(cut);
    }
    return o;
}

static json_t *phones_json(const struct rl_wizard_run *run)
{
    struct budget budget = {0};
    json_t *list = json_array();
    for (size_t i = 0; i < run->nphones; i++) {
        const struct rl_wizard_phone *p = &run->phone[i];
        const char *name = json_string_value(json_object_get(p->answer, "name"));
        json_array_append_new(list, json_pack("{s:o, s:b, s:o, s:o, s:o}", "name",
                                              rl_json_text(name), "there", p->there, "will",
                                              brief_json(&p->row, phone_fields), "certificate",
                                              brief_json(&p->cert, cert_fields), "problems",
                                              phone_problems_json(run, (int)i, &budget)));
    }
    return list;
}

struct profiles {
    json_t *list;
    const char *made; /* by the wizard, so not there yet */
};

static bool add_profile(void *ctx, const struct rl_row *profile, enum rl_tristate trusted)
{
    struct profiles *profiles = ctx;
    const char *name = rl_row_get(profile, RL_PROFILE_NAME);
    (void)trusted;
    if (strcmp(name, profiles->made) != 0)
        json_array_append_new(profiles->list, rl_json_text(name));
    return true;
}

/* R92: those of the type and protocol. */
static json_t *profiles_json(const struct rl_wizard_run *run)
{
    struct profiles profiles = {json_array(),
                                run->profile_made ? rl_row_get(&run->profile, 0) : ""};
    if (!run->type.obj)
        return profiles.list;
    char *protocol = rl_draft_text(run->draft, "phone.protocol");
    const char *model = rl_row_get(&run->type, RL_TYPE_MODEL);
    const struct rl_criterion fit[] = {
        {RL_PROFILE_TYPE,     RL_OP_IS, model   },
        {RL_PROFILE_PROTOCOL, RL_OP_IS, protocol},
    };
    struct rl_query q = {
        .kind = RL_PROFILE, .criteria = fit, .ncriteria = 2, .limit = PROFILES_TOLD};
    rl_store_list(run->act.store, &q, add_profile, &profiles, NULL);
    free(protocol);
    return profiles.list;
}

static json_t *instructions_json(const struct rl_wizard_run *run)
{
    json_t *list = json_array();
    const char *text = run->type.obj ? rl_row_get(&run->type, RL_TYPE_INSTRUCTIONS) : "";
    for (size_t n; *text; text += n + (text[n] == ';')) {
        n = strcspn(text, ";");
        char *line = rl_strndup(text, n);
        json_array_append_new(list, rl_json_text(line));
        free(line);
    }
    return list;
}

/* --- the end check --- */

/* Why the certificate of a phone, or with -1 that of them all, was not taken; NULL if it was. */
static const struct rl_err *why_not_taken(const struct rl_wizard_run *run, int phone)
{
    const struct rl_wizard *w = run->draft->wizard;
    int upload = rl_wizard_step(w, "upload"), file = rl_wizard_step(w, "certificate");
    for (size_t i = 0; i < run->nproblems; i++) {
        const struct rl_wizard_problem *p = &run->problem[i];
        if ((p->step == upload || p->step == file) && p->phone == phone &&
            !rl_code_is_warning(p->err.code) && p->err.code != RL_E_VENDOR_CERT_MISSING)
            return &p->err;
    }
    return NULL;
}

/* That a certificate is missing says less than why the one that was sent is not there. */
static void say_cause(const struct rl_wizard_run *run, int phone, struct rl_enabled *e)
{
    const struct rl_err *cause = why_not_taken(run, run->shared ? -1 : phone);
    for (size_t i = 0; cause && i < e->n; i++)
        if (!e->point[i].ok && e->point[i].why.code == RL_E_VENDOR_CERT_MISSING)
            e->point[i].why = *cause;
}

static void check_phone(const struct rl_wizard_run *run, const struct rl_wizard_phone *p,
                        struct rl_enabled *out)
{
    const struct rl_row *own[1];
    struct rl_enabled_in in = {.kind = run->draft->wizard->kind,
                               .type = run->type.obj ? &run->type : NULL,
                               .profile = run->profile.obj ? &run->profile : NULL,
                               .shared = run->cert_kept ? &run->cert : NULL,
                               .own = own,
                               .mixed = run->act.mixed,
                               .now = run->now};
    if (p && p->row.obj)
        in.phone = &p->row;
    if (p && p->cert_kept)
        own[in.nown++] = &p->cert;
    rl_policy_enabled(&in, out);
    say_cause(run, p ? (int)(p - run->phone) : -1, out);
}

/* Where phones differ, a point's value is how many it holds for. */
static void add_counts(json_t *points, const size_t *good, size_t nphones)
{
    json_t *point;
    size_t i;
    json_array_foreach (points, i, point) {
        bool phones = !strcmp(json_string_value(json_object_get(point, "id")), "phone");
        if (nphones < 2 || (!phones && (good[i] == 0 || good[i] == nphones)))
            continue;
        char *text = rl_asprintf("%zu of %zu", good[i], nphones);
        json_object_set_new(point, "value", json_string(text));
        free(text);
    }
}

/* Where all points hold and an answer is refused all the same, that is one more. */
static bool add_refusal(const struct rl_wizard_run *run, json_t *points)
{
    size_t i = 0;
    while (i < run->nproblems && rl_code_is_warning(run->problem[i].err.code))
        i++;
    if (i == run->nproblems)
        return false;
    const struct rl_point point = {.id = "answers",
                                   .label = "Answers of all steps",
                                   .step = run->draft->wizard->steps[run->problem[i].step].id,
                                   .value = "",
                                   .why = run->problem[i].err};
    json_array_append_new(points, rl_json_point(&point));
    return true;
}

json_t *rl_wizard_points(const struct rl_wizard_run *run, bool *enabled)
{
    struct rl_enabled e;
    size_t good[RL_ENABLED_POINTS] = {0};
    check_phone(run, run->nphones ? &run->phone[0] : NULL, &e);
    json_t *points = rl_json_points(&e);
    *enabled = e.ok;
    for (size_t p = 0; p < run->nphones; p++) {
        check_phone(run, &run->phone[p], &e);
        *enabled = *enabled && e.ok;
        for (size_t i = 0; i < e.n; i++) {
            good[i] += e.point[i].ok;
            if (!e.point[i].ok && json_is_true(json_object_get(json_array_get(points, i), "ok")))
                json_array_set_new(points, i, rl_json_point(&e.point[i]));
        }
    }
    add_counts(points, good, run->nphones);
    if (*enabled)
        *enabled = !add_refusal(run, points);
    return points;
}

/* What applying it now would be refused with, or null. */
static json_t *refusal_json(const struct rl_wizard_run *run)
{
    struct rl_problems problems = {0};
    json_t *refusal = json_null();
    for (size_t i = 0; i < run->nproblems; i++)
        rl_problems_add(&problems, &run->problem[i].err);
    enum rl_code code = rl_problems_verdict(&run->act, &problems);
    for (size_t i = 0; i < problems.n && code; i++)
        if (problems.item[i].code == code) {
            refusal = rl_json_problem(&problems.item[i]);
            break;
        }
    rl_problems_fini(&problems);
    return refusal;
}

json_t *rl_wizard_json(const struct rl_wizard_run *run, const char *holder)
{
    bool enabled;
    json_t *o = rl_wizard_head_json(&run->draft->row, holder);
    json_t *points = rl_wizard_points(run, &enabled);
    json_object_set_new(o, "answers", told_answer(run->draft->answers));
    json_object_set_new(o, "steps", steps_json(run));
    json_object_set_new(o, "certificate", cert_json(&run->cert));
    json_object_set_new(o, "phones", phones_json(run));
    json_object_set_new(o, "profiles", profiles_json(run));
    json_object_set_new(o, "instructions", instructions_json(run));
    json_object_set(o, "review", run->review);
    json_object_set_new(o, "points", points);
    json_object_set_new(o, "enabled", json_boolean(enabled));
    json_object_set_new(o, "warnings", warnings_json(run));
    json_object_set_new(o, "refusal", refusal_json(run));
    return o;
}
