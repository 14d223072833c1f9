/* The eight steps that make a phone secure (R116 to R130). */
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "control/enabled.h"
#include "control/methods.h"
#include "engine/engine.h"
#include "policy/checklist.h"

enum { ENTRIES = 200 }; /* of the audit log that a confirmation is looked for in */

#define TYPED_IN "phone typed-in" /* what its entry is called */

/* --- step 6: who has confirmed it --- */

/* The latest confirmation for a digest user, in words. */
struct typed_in {
    const char *user;
    char *by; /* owned; NULL: none */
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static bool look_at(void *ctx, const struct rl_audit_row *row)
{
    struct typed_in *t = ctx;
    json_t *entry = json_loads(row->text, 0, NULL);
    const json_t *after = json_object_get(entry, "after");
    if (strcmp(text_of(entry, "what"), TYPED_IN) == 0 &&
        strcmp(text_of(after, "digest_user"), t->user) == 0)
        t->by = rl_asprintf("%s, %.10s", text_of(entry, "who"), text_of(entry, "time"));
    json_decref(entry);
    return !t->by;
}

static char *typed_in_by(struct rl_store *store, const struct rl_row *phone)
{
    char label[RL_LABEL];
    struct typed_in t = {.user = rl_row_get(phone, RL_PHONE_DIGEST_USER)};
    const struct rl_audit_query query = {
        .object = rl_object_label(phone->obj, rl_row_get(phone, RL_PHONE_NAME), label),
        .limit = ENTRIES};
    rl_store_audit_find(store, &query, look_at, &t, NULL);
    return t.by;
}

/* --- the steps --- */

static bool has_credentials(struct rl_store *store, const struct rl_row *phone)
{
    struct rl_row user;
    const char *id = rl_row_get(phone, RL_PHONE_DIGEST_USER);
    if (!*id || rl_store_get(store, RL_USER, id, &user, NULL) != RL_OK)
        return false;
    bool has = *rl_row_get(&user, RL_USER_DIGEST_PASSWORD) != '\0';
    rl_row_fini(&user);
    return has;
}

/* Profiles that the phone could have and that are Authenticated or Encrypted. */
static size_t secure_profiles(struct rl_store *store, const struct rl_row *phone)
{
    size_t all = 0;
    for (int mode = RL_AUTHENTICATED; mode <= RL_ENCRYPTED; mode++) {
        const struct rl_criterion fit[] = {
            {RL_PROFILE_TYPE,     RL_OP_IS, rl_row_get(phone,   RL_PHONE_TYPE)},
            {RL_PROFILE_PROTOCOL,                   RL_OP_IS,         rl_row_get(phone, RL_PHONE_PROTOCOL)},
            {RL_PROFILE_MODE, RL_OP_IS,         rl_security_text((enum rl_security)mode)            }
        };
        const struct rl_query q = {.kind = RL_PROFILE, .criteria = fit, .ncriteria = 3};
        size_t n = 0;
        rl_store_count(store, &q, &n, NULL);
        all += n;
    }
    return all;
}

static bool registered_secure(struct rl_engine *e, const struct rl_row *phone)
{
    struct rl_registration reg;
    return rl_tracker_registration(e->tracker, rl_row_get(phone, RL_PHONE_NAME), &reg) &&
           (reg.sig == RL_SIG_ENCRYPTED || reg.sig == RL_SIG_NULL_CIPHER);
}

static json_t *step_json(const struct rl_checklist_step *s, size_t n)
{
    const char *code = s->why.code ? rl_code_info(s->why.code)->tag : NULL;
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o}", "step", (json_int_t)n,
                     "id", s->id, "label", s->label, "state", rl_step_state_names[s->state], "rule",
                     s->rule, "code", rl_json_text(code), "message", rl_json_text(s->why.text),
                     "remedy", rl_json_text(s->why.remedy), "kind", s->kind, "name",
                     rl_json_text(s->name));
}

static json_t *steps_json(const struct rl_checklist_in *in)
{
    struct rl_checklist_step step[RL_CHECKLIST_STEPS];
    json_t *steps = json_array();
    json_int_t open = 0;
    rl_policy_checklist(in, step);
    for (size_t i = 0; i < RL_CHECKLIST_STEPS; i++) {
        open += step[i].state == RL_CHECK_OPEN || step[i].state == RL_CHECK_BLOCKED;
        json_array_append_new(steps, step_json(&step[i], i + 1));
    }
    return json_pack("{s:o, s:I, s:o}", "name", rl_json_text(rl_row_get(in->phone, RL_PHONE_NAME)),
                     "open", open, "steps", steps);
}

static json_t *check(struct rl_engine *e, const struct rl_row *phone)
{
    struct rl_gathered g;
    struct rl_enabled enabled;
    rl_gather(e, phone, &g);
    char *typed_in = typed_in_by(e->reader, phone);
    const struct rl_checklist_in in = {
        .phone = phone,
        .type = &g.type,
        .profile = &g.profile,
        .mixed = e->mixed,
        .ctl = false, /* none is made here */
        .registered_secure = registered_secure(e, phone),
        .secure_profiles = secure_profiles(e->reader, phone),
        .credentials = has_credentials(e->reader, phone),
        .typed_in = typed_in,
        .enabled = rl_gathered_enabled(e, phone, &g, &enabled) ? &enabled : NULL};
    json_t *result = g.has_type && g.has_profile ? steps_json(&in) : NULL;
    free(typed_in);
    rl_gathered_fini(&g);
    return result;
}

json_t *rl_method_phone_check(struct rl_request *rq)
{
    struct rl_row phone;
    const char *name = rl_param_text(rq, "name");
    if (rl_store_get(rq->store, RL_PHONE, name, &phone, &rq->err) != RL_OK)
        return NULL;
    json_t *result = check(rq->engine, &phone);
    if (!result)
        rl_fail(&rq->err, RL_E_INTERNAL, name, "Phone %s has no type or no profile.", name);
    rl_row_fini(&phone);
    return result;
}

/* --- the confirmation --- */

static enum rl_code note_typed_in(const struct rl_act *act, const struct rl_row *phone,
                                  struct rl_err *err)
{
    char label[RL_LABEL];
    const char *name = rl_row_get(phone, RL_PHONE_NAME);
    json_t *what = json_pack("{s:s}", "digest_user", rl_row_get(phone, RL_PHONE_DIGEST_USER));
    char *after = json_dumps(what, JSON_COMPACT);
    enum rl_code code = rl_store_begin(act->store, err);
    if (code == RL_OK)
        code = act->audit->add(act->audit->ctx, act->who, TYPED_IN,
                               rl_object_label(phone->obj, name, label), NULL, after, err);
    if (code == RL_OK)
        code = rl_store_commit(act->store, err);
    if (code != RL_OK)
        rl_store_rollback(act->store);
    free(after);
    json_decref(what);
    return code;
}

json_t *rl_method_phone_typed_in(struct rl_request *rq)
{
    struct rl_row phone;
    struct rl_act act;
    const char *name = rl_param_text(rq, "name");
    if (rl_request_act(rq, NULL, &act) != RL_OK ||
        rl_store_get(rq->store, RL_PHONE, name, &phone, &rq->err) != RL_OK)
        return NULL;
    enum rl_code code = RL_OK;
    if (!has_credentials(rq->store, &phone))
        code = rl_fail_field(&rq->err, RL_E_DIGEST_NO_CRED, name, "digest_user",
                             "Phone %s has no digest user with credentials to be typed in.", name);
    if (code == RL_OK)
        code = note_typed_in(&act, &phone, &rq->err);
    json_t *result = code == RL_OK ? check(rq->engine, &phone) : NULL;
    rl_row_fini(&phone);
    return result;
}
