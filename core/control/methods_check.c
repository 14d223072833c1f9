/* The eight steps that make a phone secure (R116 to R130). */
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "control/enabled.h"
#include "control/lists.h"
#include "control/methods.h"
#include "control/ring.h"
#include "control/work.h"
#include "engine/engine.h"
#include "policy/checklist.h"
#include "store/capf.h"
#include "store/publish.h"

enum { ENTRIES = 200 }; /* of the audit log that a confirmation is looked for in */

#define TYPED_IN "phone typed-in" /* what its entry is called */

/* --- step 6: who has confirmed it --- */

/* The latest confirmation for a digest user, in words; of no worth once the password changed. */
struct typed_in {
    const char *user;
    int64_t seq; /* of its entry */
    char *by;    /* owned; NULL: none */
    bool changed;
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
    t->seq = row->seq;
    return !t->by;
}

/* Entries of the user, the newest first. */
static bool look_for_change(void *ctx, const struct rl_audit_row *row)
{
    struct typed_in *t = ctx;
    if (row->seq <= t->seq)
        return false;
    json_t *entry = json_loads(row->text, 0, NULL);
    t->changed = json_object_get(json_object_get(entry, "after"), "digest_password") != NULL;
    json_decref(entry);
    return !t->changed;
}

static char *typed_in_by(struct rl_store *store, const struct rl_row *phone)
{
    char label[RL_LABEL];
    struct typed_in t = {.user = rl_row_get(phone, RL_PHONE_DIGEST_USER)};
    struct rl_audit_query query = {
        .object = rl_object_label(phone->obj, rl_row_get(phone, RL_PHONE_NAME), label),
        .limit = ENTRIES};
    rl_store_audit_find(store, &query, look_at, &t, NULL);
    query.object = rl_object_label(rl_object(RL_USER), t.user, label);
    if (t.by)
        rl_store_audit_find(store, &query, look_for_change, &t, NULL);
    if (t.changed) {
        free(t.by);
        t.by = NULL;
    }
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

static enum rl_tristate has_lsc(struct rl_store *store, const struct rl_row *phone)
{
    struct rl_capf capf;
    enum rl_code code = rl_store_capf_get(store, rl_row_get(phone, RL_PHONE_NAME), &capf, NULL);
    return code == RL_OK ? capf.lsc : RL_UNKNOWN;
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

/* What decides for all phones alike; a copy, for workers. */
struct says {
    bool mixed, ctl;
    const char *server; /* static */
    int64_t hardening[RL_HARDENINGS];
};

/* R12: without a certificate that counts the server proves itself to no phone. */
static const char *server_fault(const struct rl_engine *e)
{
    struct rl_ring *ring = rl_ring_take(e);
    const struct rl_ring_entry *own = rl_ring_find(ring, RL_CERT_CALLMANAGER, false, RL_OWN_ACTIVE);
    int64_t now = rl_now_us();
    const char *fault = !own                            ? "is missing"
                        : now > own->cert.not_after_us  ? "has expired"
                        : now < own->cert.not_before_us ? "is not valid yet"
                                                        : NULL;
    rl_ring_free(&ring);
    return fault;
}

static struct says site_says(const struct rl_engine *e)
{
    struct says site = {.mixed = e->mixed,
                        .ctl = rl_lists_now(e, RL_LIST_CTL)->published,
                        .server = server_fault(e)};
    memcpy(site.hardening, e->config.hardening, sizeof site.hardening);
    return site;
}

/* The steps of a phone, `out` borrowed from what was gathered. False if its rows are not whole. */
struct checked {
    struct rl_gathered g;
    struct rl_enabled enabled;
    char *typed_in;
    struct rl_checklist_in in;
};

static bool check_phone(struct rl_store *store, const struct says *site, bool registered,
                        const struct rl_row *phone, struct checked *c)
{
    rl_gather(store, phone, &c->g);
    c->typed_in = typed_in_by(store, phone);
    c->in = (struct rl_checklist_in){.phone = phone,
                                     .type = &c->g.type,
                                     .profile = &c->g.profile,
                                     .mixed = site->mixed,
                                     .ctl = site->ctl,
                                     .server = site->server,
                                     .registered_secure = registered,
                                     .secure_profiles = secure_profiles(store, phone),
                                     .lsc = has_lsc(store, phone),
                                     .credentials = has_credentials(store, phone),
                                     .typed_in = c->typed_in};
    memcpy(c->in.hardening, site->hardening, sizeof c->in.hardening);
    if (rl_gathered_enabled(&c->g, phone, site->mixed, &c->enabled))
        c->in.enabled = &c->enabled;
    return c->g.has_type && c->g.has_profile;
}

static void checked_fini(struct checked *c)
{
    free(c->typed_in);
    rl_gathered_fini(&c->g);
}

static json_t *check(struct rl_engine *e, const struct rl_row *phone)
{
    struct checked c;
    struct says site = site_says(e);
    bool whole = check_phone(e->reader, &site, registered_secure(e, phone), phone, &c);
    c.in.ctl_old = site.ctl && rl_lists_is_locked_out(e, rl_row_get(phone, RL_PHONE_NAME));
    struct rl_published files = {0};
    rl_store_published(e->reader, rl_row_get(phone, RL_PHONE_NAME), &files, NULL);
    if (files.why && *files.why)
        c.in.not_encrypted = files.why;
    json_t *result = whole ? steps_json(&c.in) : NULL;
    rl_published_fini(&files);
    checked_fini(&c);
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

/* --- all phones (R120) --- */

enum { NAMES_PART = 500 };

/* What was found of each step: how many phones are in each state, and one that is not done. */
struct tally {
    struct rl_store *store;
    struct says site;
    size_t phones, n[RL_CHECKLIST_STEPS][RL_CHECK_BLOCKED + 1];
    const char *label[RL_CHECKLIST_STEPS], *rule[RL_CHECKLIST_STEPS], *id[RL_CHECKLIST_STEPS];
    char *open[RL_CHECKLIST_STEPS]; /* owned */
    json_t *groups;                 /* owned */
};

static void count(struct tally *t, const struct rl_checklist_in *in, size_t n)
{
    struct rl_checklist_step step[RL_CHECKLIST_STEPS];
    rl_policy_checklist(in, step);
    for (size_t i = 0; i < RL_CHECKLIST_STEPS; i++) {
        bool open = step[i].state == RL_CHECK_OPEN || step[i].state == RL_CHECK_BLOCKED;
        t->n[i][step[i].state] += n;
        t->id[i] = step[i].id;
        t->rule[i] = step[i].rule;
        t->label[i] = step[i].label;
        if (open && !t->open[i])
            t->open[i] = rl_strdup(rl_row_get(in->phone, RL_PHONE_NAME));
    }
    t->phones += n;
}

/* Only what the phone itself has shown tells whether it can be secure. */
static bool needs_lsc(const struct rl_row *type, const struct rl_row *phone)
{
    const char *protocol = rl_row_get(phone, RL_PHONE_PROTOCOL);
    return rl_type_says(type, RL_TYPE_LSC_CAPF, protocol) == RL_YES &&
           rl_type_says(type, RL_TYPE_HAS_MIC, protocol) != RL_YES;
}

/* One phone for n that are like it. True if each is to be looked at alone, since certificates on
 * file or confirmations decide. */
static bool count_phone(struct tally *t, const char *name, size_t n)
{
    struct rl_row phone;
    struct checked c;
    if (rl_store_get(t->store, RL_PHONE, name, &phone, NULL) != RL_OK)
        return false;
    bool whole = check_phone(t->store, &t->site, false, &phone, &c);
    bool keyed = whole && rl_type_says(&c.g.type, RL_TYPE_DIGEST_KEYED_IN,
                                       rl_row_get(&phone, RL_PHONE_PROTOCOL)) == RL_YES;
    bool asked = whole && c.in.lsc != RL_YES && needs_lsc(&c.g.type, &phone);
    bool alone = n > 1 && (c.in.enabled || keyed || asked || c.in.lsc == RL_YES);
    if (whole && !alone)
        count(t, &c.in, n);
    checked_fini(&c);
    rl_row_fini(&phone);
    return alone;
}

/* Of those whose digest users have credentials, or of the others. */
static void count_alone(struct tally *t, const char *name, bool credentials)
{
    struct rl_row phone;
    if (rl_store_get(t->store, RL_PHONE, name, &phone, NULL) != RL_OK)
        return;
    bool has = has_credentials(t->store, &phone);
    rl_row_fini(&phone);
    if (has == credentials)
        count_phone(t, name, 1);
}

static bool add_name(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    (void)trusted;
    json_array_append_new(ctx, json_string(rl_row_get(row, RL_PHONE_NAME)));
    return true;
}

/* The phones of a group, one by one; names first, so that no question is asked from inside another.
 */
static enum rl_code count_each(struct tally *t, const json_t *group, struct rl_err *err)
{
    const struct rl_criterion alike[] = {
        {RL_PHONE_TYPE,     RL_OP_IS, text_of(group, "type")    },
        {RL_PHONE_PROTOCOL, RL_OP_IS, text_of(group, "protocol")},
        {RL_PHONE_PROFILE,  RL_OP_IS, text_of(group, "profile") }
    };
    struct rl_query q = {.kind = RL_PHONE, .criteria = alike, .ncriteria = 3, .limit = NAMES_PART};
    enum rl_code code = RL_OK;
    json_t *names = json_array(), *name, *last = NULL;
    bool credentials = json_is_true(json_object_get(group, "credentials"));
    size_t i, n = NAMES_PART;
    while (code == RL_OK && n == NAMES_PART) {
        json_array_clear(names);
        q.after_key = q.after_value = json_string_value(last);
        code = rl_store_list(t->store, &q, add_name, names, err);
        n = json_array_size(names);
        json_array_foreach (names, i, name)
            count_alone(t, json_string_value(name), credentials);
        json_decref(last);
        last = json_incref(json_array_get(names, n - 1));
    }
    json_decref(last);
    json_decref(names);
    return code;
}

static bool add_group(void *ctx, const struct rl_phone_group *g)
{
    struct tally *t = ctx;
    json_array_append_new(t->groups,
                          json_pack("{s:s, s:s, s:s, s:s, s:b, s:I}", "type", g->type, "protocol",
                                    g->protocol, "profile", g->profile, "first", g->first,
                                    "credentials", g->credentials, "n", (json_int_t)g->n));
    return true;
}

static json_t *tally_json(const struct tally *t)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < RL_CHECKLIST_STEPS && t->phones > 0; i++)
        json_array_append_new(steps,
                              json_pack("{s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "step",
                                        (int)i + 1, "id", t->id[i], "label", t->label[i], "rule",
                                        t->rule[i], "done", (json_int_t)t->n[i][RL_CHECK_DONE],
                                        "open", (json_int_t)t->n[i][RL_CHECK_OPEN], "blocked",
                                        (json_int_t)t->n[i][RL_CHECK_BLOCKED], "not_applicable",
                                        (json_int_t)t->n[i][RL_CHECK_NOT_APPLICABLE], "phone",
                                        rl_json_text(t->open[i])));
    return json_pack("{s:I, s:o}", "phones", (json_int_t)t->phones, "steps", steps);
}

static json_t *check_all(struct rl_request *rq)
{
    struct tally *t = rq->ctx;
    const json_t *group;
    size_t i;
    t->store = rq->store;
    t->groups = json_array();
    enum rl_code code = rl_store_phone_groups(rq->store, add_group, t, &rq->err);
    json_array_foreach (t->groups, i, group) {
        json_int_t n = json_integer_value(json_object_get(group, "n"));
        if (code == RL_OK && count_phone(t, text_of(group, "first"), (size_t)n))
            code = count_each(t, group, &rq->err);
    }
    return code == RL_OK && !rl_store_interrupted(rq->store) ? tally_json(t) : NULL;
}

static json_t *forget_tally(struct rl_request *rq, json_t *result)
{
    struct tally *t = rq->ctx;
    for (size_t i = 0; i < RL_CHECKLIST_STEPS; i++)
        free(t->open[i]);
    json_decref(t->groups);
    free(t);
    if (!result && rq->err.code == RL_OK)
        rl_fail(&rq->err, RL_E_CANCELLED, rq->method, "%s was stopped.", rq->method);
    return result;
}

json_t *rl_method_cluster_check(struct rl_request *rq)
{
    static const struct rl_work work = {.run = check_all, .finish = forget_tally};
    struct tally *t = rq->ctx = rl_alloc(sizeof *t);
    t->site = site_says(rq->engine);
    return rl_work_later(rq, &work);
}
