#include "control/wizard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/values.h"
#include "policy/enabled.h"
#include "policy/names.h"
#include "policy/objects.h"
#include "ringlock/profile.h"
#include "ringlock/text.h"

enum { VALUES_MAX = 64 };

/* --- problems --- */

/* Where a problem goes whose field no step asks for. The last that fits; NULL: any kind or field.
 */
static const struct {
    enum rl_kind kind;
    const char *field, *step, *shared_step;
} homes[] = {
    {RL_CERTIFICATE, NULL,       "upload",  "upload"     },
    {RL_CERTIFICATE, "file",     "upload",  "certificate"},
    {RL_PROFILE,     NULL,       "profile", "mode"       },
    {RL_PROFILE,     "type",     "type",    "type"       },
    {RL_PROFILE,     "protocol", "type",    "type"       },
    {RL_PHONE,       NULL,       "fields",  "fields"     },
    {RL_PHONE,       "name",     "phones",  "phones"     },
};

/* Codes that are of one step whatever their field. */
static const struct {
    enum rl_code code;
    const char *step, *shared_step;
} own_homes[] = {
    {RL_E_VENDOR_CERT_MISSING,    "upload",  "upload"     },
    {RL_E_CERT_PARSE,             "upload",  "certificate"},
    {RL_E_CERT_PRIVATE_KEY,       "upload",  "certificate"},
    {RL_E_CERT_PKCS12,            "upload",  "certificate"},
    {RL_E_CERT_WILDCARD,          "upload",  "certificate"},
    {RL_E_SAN_NOT_DNS,            "profile", "certificate"},
    {RL_E_NO_CERT_NAME,           "profile", "certificate"},
    {RL_W_NO_SAN,                 "profile", "certificate"},
    {RL_W_VENDOR_NO_INSTRUCTIONS, "upload",  "certificate"},
};

static int step_of_field(const struct rl_wizard *w, enum rl_kind kind, const char *field)
{
    for (size_t s = 0; s < w->nsteps; s++)
        for (size_t i = 0; i < w->steps[s].nfields; i++)
            if (w->steps[s].fields[i].kind == kind &&
                !strcmp(rl_object(kind)->fields[w->steps[s].fields[i].field].name, field))
                return (int)s;
    return -1;
}

static int home_of(const struct rl_wizard_run *run, enum rl_kind kind, const struct rl_err *err)
{
    const struct rl_wizard *w = run->draft->wizard;
    const char *step = NULL;
    for (size_t i = 0; i < sizeof own_homes / sizeof *own_homes; i++)
        if (own_homes[i].code == err->code)
            return rl_wizard_step(w, run->shared ? own_homes[i].shared_step : own_homes[i].step);
    int at = step_of_field(w, kind, err->field);
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
        if (homes[i].kind == kind && (!homes[i].field || !strcmp(homes[i].field, err->field)))
            step = run->shared ? homes[i].shared_step : homes[i].step;
    return at >= 0 ? at : rl_wizard_step(w, step);
}

void rl_wizard_blame(struct rl_wizard_run *run, enum rl_kind kind, int phone,
                     const struct rl_err *err)
{
    int step = home_of(run, kind, err);
    for (size_t i = 0; i < run->nproblems; i++) {
        const struct rl_wizard_problem *p = &run->problem[i];
        if (p->step == step && p->phone == phone && p->err.code == err->code &&
            !strcmp(p->err.field, err->field))
            return;
    }
    if (run->nproblems == run->cap) {
        run->cap = run->cap ? 2 * run->cap : 16;
        run->problem = rl_realloc(run->problem, run->cap * sizeof *run->problem);
    }
    run->problem[run->nproblems++] = (struct rl_wizard_problem){step, phone, *err};
}

bool rl_wizard_share(struct rl_wizard_run *run, enum rl_kind kind, int phone,
                     struct rl_problems *problems)
{
    bool sound = problems->errors == 0;
    for (size_t i = 0; i < problems->n; i++)
        rl_wizard_blame(run, kind, phone, &problems->item[i]);
    rl_problems_fini(problems);
    *problems = (struct rl_problems){0};
    return sound;
}

bool rl_wizard_is_told(const struct rl_wizard_run *run, size_t problem)
{
    const struct rl_wizard_problem *p = &run->problem[problem];
    for (size_t i = 0; i < problem; i++)
        if (run->problem[i].step == p->step && run->problem[i].err.code == p->err.code &&
            !strcmp(run->problem[i].err.text, p->err.text))
            return true;
    return false;
}

#define BLAME(run, kind, phone, code, field, ...)                                \
    do {                                                                         \
        struct rl_err blamed;                                                    \
        rl_fail_field(&blamed, code, rl_object(kind)->name, field, __VA_ARGS__); \
        rl_wizard_blame(run, kind, phone, &blamed);                              \
    } while (0)

/* --- what was done --- */

void rl_wizard_note(struct rl_wizard_run *run, const char *kind, const char *name, const char *what,
                    const char *now, const char *after, const char *step)
{
    json_array_append_new(run->done, json_pack("{s:s, s:o, s:s}", "kind", kind, "name",
                                               rl_json_text(name), "what", what));
    json_array_append_new(run->review, json_pack("{s:s, s:o, s:o, s:o, s:s}", "kind", kind, "name",
                                                 rl_json_text(name), "now", rl_json_text(now),
                                                 "after", rl_json_text(after), "step", step));
}

/* --- the type --- */

enum rl_code rl_wizard_fits(const struct rl_wizard *wizard, const struct rl_row *type,
                            struct rl_err *err)
{
    const char *model = rl_row_get(type, RL_TYPE_MODEL);
    const char *mode = rl_row_get(type, RL_TYPE_CERT_MODE);
    if (!rl_policy_checks_enabled(type))
        return rl_fail_field(err, RL_E_CERT_MODE, "phone", "type",
                             "%s is not a preferred vendor's: its phones do not get their "
                             "certificates by a wizard.",
                             model);
    if (!*mode)
        return rl_fail_field(err, RL_E_CERT_MODE_UNKNOWN, "phone", "type",
                             "The supplier of %s has not said which certificates it takes.", model);
    if (!strcmp(mode, "none"))
        return rl_fail_field(err, RL_E_CERT_MODE, "phone", "type",
                             "The supplier of %s says that its phones take no certificate.", model);
    if (strcmp(mode, "both") != 0 && strcmp(mode, wizard->kind) != 0)
        return rl_fail_field(err, RL_E_CERT_MODE, "phone", "type",
                             "The supplier of %s names certificates of mode %s, not %s.", model,
                             mode, wizard->kind);
    return RL_OK;
}

static void find_type(struct rl_wizard_run *run)
{
    struct rl_err err;
    char *model = rl_draft_text(run->draft, "phone.type");
    const struct rl_row *type = *model ? rl_lookup_type(&run->lookup, model) : NULL;
    if (!*model)
        BLAME(run, RL_PHONE, -1, RL_E_REQUIRED, "type", "Phone Type is empty: choose it.");
    else if (!type)
        BLAME(run, RL_PHONE, -1, RL_E_UNKNOWN_TYPE, "type", "The catalogue has no type \"%s\".",
              model);
    else
        rl_row_copy(&run->type, type);
    if (type && rl_wizard_fits(run->draft->wizard, type, &err))
        rl_wizard_blame(run, RL_PHONE, -1, &err);
    if (type && rl_row_is(type, RL_TYPE_INSTRUCTIONS, ""))
        BLAME(run, RL_CERTIFICATE, -1, RL_W_VENDOR_NO_INSTRUCTIONS, "file",
              "The supplier of %s has not said how its phones get a certificate.",
              rl_row_get(type, RL_TYPE_MODEL));
    free(model);
}

/* --- values of a change --- */

struct values {
    struct rl_value item[VALUES_MAX]; /* values are owned */
    size_t n;
};

/* Takes `text`; the later counts, and "" says nothing. */
static void give(struct values *v, const char *field, char *text)
{
    size_t i = 0;
    while (i < v->n && strcmp(v->item[i].field, field))
        i++;
    if (!text || !*text || i == VALUES_MAX) {
        free(text);
        return;
    }
    if (i < v->n)
        free((char *)(uintptr_t)v->item[i].value);
    else
        v->n++;
    v->item[i] = (struct rl_value){field, text};
}

static void forget_values(struct values *v)
{
    for (size_t i = 0; i < v->n; i++)
        free((char *)(uintptr_t)v->item[i].value);
}

/* All answers "KIND.FIELD". */
static void give_answers(const struct rl_wizard_run *run, enum rl_kind kind, struct values *v)
{
    const char *name = rl_object(kind)->name, *key;
    size_t n = strlen(name);
    json_t *value;
    json_object_foreach (run->draft->answers, key, value) {
        if (!strncmp(key, name, n) && key[n] == '.')
            give(v, key + n + 1, rl_value_text(value));
    }
}

/* --- the profile --- */

static const char *label_of(const struct rl_row *row, int field)
{
    const struct rl_field *f = &row->obj->fields[field];
    for (size_t i = 0; f->values && f->labels && f->values[i]; i++)
        if (rl_row_is(row, field, f->values[i]))
            return f->labels[i];
    return rl_row_get(row, field);
}

static void note_profile(struct rl_wizard_run *run, const char *what, const char *now)
{
    const struct rl_row *p = &run->profile;
    char *after = rl_asprintf("%s, %s, %s", rl_row_get(p, RL_PROFILE_TYPE),
                              rl_row_get(p, RL_PROFILE_PROTOCOL), label_of(p, RL_PROFILE_MODE));
    rl_wizard_note(run, "profile", rl_row_get(p, RL_PROFILE_NAME), what, now, after,
                   run->shared ? "name" : "profile");
    free(after);
}

/* R100: tested against the file even while it is not on file. */
static void match_name(struct rl_wizard_run *run, const char *name)
{
    struct rl_name_match match;
    struct rl_err err;
    char label[RL_LABEL];
    if (!run->shared || !run->cert.obj)
        return;
    rl_name_match(&run->cert, name, &match);
    if (!match.code)
        return;
    rl_name_problem(&match, &run->cert, name, rl_object_label(rl_object(RL_PROFILE), name, label),
                    &err);
    rl_wizard_blame(run, RL_PROFILE, -1, &err);
}

/* R89, R105, R106: beyond what the rules ask of any profile. */
static void check_secure(struct rl_wizard_run *run, const struct values *v)
{
    const char *mode = "", *transport = "tls";
    enum rl_security level;
    for (size_t i = 0; i < v->n; i++) {
        if (!strcmp(v->item[i].field, "mode"))
            mode = v->item[i].value;
        if (!strcmp(v->item[i].field, "transport"))
            transport = v->item[i].value;
    }
    if (!*mode)
        BLAME(run, RL_PROFILE, -1, RL_E_REQUIRED, "mode",
              "Device Security Mode is empty: choose Encrypted or Authenticated.");
    else if (rl_security_parse(mode, &level) && level == RL_NONSECURE)
        BLAME(run, RL_PROFILE, -1, RL_E_MODE_NEEDED, "mode",
              "Device Security Mode is Non Secure: it must be Encrypted or Authenticated.");
    if (rl_text_casecmp(transport, "tls"))
        BLAME(run, RL_PROFILE, -1, RL_E_TRANSPORT_TLS, "transport",
              "Transport Type is %s: it must be TLS.", transport);
}

/* While the mode is no secure one, that TLS does not fit it is no news. */
static void drop(struct rl_problems *problems, enum rl_code code)
{
    size_t n = 0;
    for (size_t i = 0; i < problems->n; i++)
        if (problems->item[i].code != code)
            problems->item[n++] = problems->item[i];
        else
            problems->errors--;
    problems->n = n;
}

static bool write_change(struct rl_change *c)
{
    return !rl_change_write(c, 0) && !rl_change_check_lines(c) && !rl_change_audit(c);
}

static void make_profile(struct rl_wizard_run *run, struct values *v)
{
    struct rl_change c;
    struct rl_problems problems = {0};
    check_secure(run, v);
    give(v, "type", rl_strdup(rl_row_get(&run->type, RL_TYPE_MODEL)));
    give(v, "protocol", rl_draft_text(run->draft, "phone.protocol"));
    if (run->cert_kept)
        give(v, "certificate", rl_strdup(rl_row_get(&run->cert, RL_CERTIFICATE_NAME)));
    rl_change_begin(&c, &run->act, &run->lookup, RL_PROFILE, NULL, &problems);
    rl_change_values(&c, v->item, v->n);
    rl_change_check(&c);
    if (rl_profile_mode(&c.row) == RL_NONSECURE)
        drop(&problems, RL_E_TRANSPORT);
    if (!run->cert_kept) /* told at the step that uploads it */
        drop(&problems, RL_E_VENDOR_CERT_MISSING);
    if (problems.errors == 0)
        run->profile_made = run->profile_kept = write_change(&c);
    rl_row_copy(&run->profile, &c.row);
    if (run->profile_kept)
        note_profile(run, "added", NULL);
    rl_wizard_share(run, RL_PROFILE, -1, &problems);
    rl_change_end(&c);
}

/* A profile with the name is there: it serves if it fits (R88, R92), and refers to the certificate
 * given, which may be the next one of the same name. */
static void reuse_profile(struct rl_wizard_run *run, const struct rl_row *old)
{
    struct rl_change c;
    struct rl_problems problems = {0};
    const char *name = rl_row_get(old, RL_PROFILE_NAME);
    char *mode = rl_draft_text(run->draft, "profile.mode");
    enum rl_security level;
    rl_row_copy(&run->profile, old);
    if (!rl_row_is(old, RL_PROFILE_TYPE, rl_row_get(&run->type, RL_TYPE_MODEL)))
        BLAME(run, RL_PROFILE, -1, RL_E_PROFILE_TYPE, "name",
              "There is a profile %s, but it is for %s.", name, rl_row_get(old, RL_PROFILE_TYPE));
    else if (rl_profile_mode(old) == RL_NONSECURE)
        BLAME(run, RL_PROFILE, -1, RL_E_MODE_NEEDED, "name",
              "There is a profile %s, but it is Non Secure.", name);
    else if (rl_security_parse(mode, &level) && level != rl_profile_mode(old))
        BLAME(run, RL_PROFILE, -1, RL_E_EXISTS, "name", "There is a profile %s, with mode %s.",
              name, rl_row_get(old, RL_PROFILE_MODE));
    else
        run->profile_kept = true;
    free(mode);
    if (!run->profile_kept || !run->cert_kept ||
        rl_row_is(old, RL_PROFILE_CERTIFICATE, rl_row_get(&run->cert, RL_CERTIFICATE_NAME)))
        return;
    const struct rl_value value = {"certificate", rl_row_get(&run->cert, RL_CERTIFICATE_NAME)};
    if (rl_change_begin(&c, &run->act, &run->lookup, RL_PROFILE, name, &problems) == RL_OK) {
        rl_change_values(&c, &value, 1);
        rl_change_check(&c);
        run->profile_kept = problems.errors == 0 && write_change(&c);
        rl_row_fini(&run->profile);
        rl_row_copy(&run->profile, &c.row);
        if (run->profile_kept)
            note_profile(run, "changed", rl_row_get(&c.old, RL_PROFILE_CERTIFICATE));
        rl_change_end(&c);
    }
    rl_wizard_share(run, RL_PROFILE, -1, &problems);
}

static void take_profile(struct rl_wizard_run *run)
{
    char *name = rl_draft_text(run->draft, "profile.name");
    char *assigned = rl_draft_text(run->draft, "phone.profile");
    struct values v = {.n = 0};
    struct rl_row old;
    give_answers(run, RL_PROFILE, &v);
    if (!*name && !*assigned)
        BLAME(run, RL_PROFILE, -1, RL_E_REQUIRED, "name", "Name is empty: a profile needs it.");
    if (*name)
        match_name(run, name);
    if (*name && run->type.obj && !rl_store_get(run->act.store, RL_PROFILE, name, &old, NULL)) {
        reuse_profile(run, &old);
        rl_row_fini(&old);
    } else if (*name && run->type.obj) {
        make_profile(run, &v);
    } else if (!*assigned) {
        check_secure(run, &v);
    }
    forget_values(&v);
    free(name);
    free(assigned);
}

/* R92: another profile than the one made, if it fits. */
static void take_assigned(struct rl_wizard_run *run)
{
    char *assigned = rl_draft_text(run->draft, "phone.profile");
    const struct rl_row *other;
    if (*assigned && !(run->profile.obj && rl_row_is(&run->profile, RL_PROFILE_NAME, assigned))) {
        other = rl_lookup_profile(&run->lookup, assigned);
        rl_row_fini(&run->profile);
        run->profile_made = false;
        run->profile_kept = other != NULL;
        if (!other)
            BLAME(run, RL_PHONE, -1, RL_E_NOT_FOUND, "profile", "There is no profile \"%s\".",
                  assigned);
        else
            rl_row_copy(&run->profile, other);
        if (other && rl_profile_mode(other) == RL_NONSECURE)
            BLAME(run, RL_PHONE, -1, RL_E_MODE_NEEDED, "profile",
                  "Profile %s is Non Secure: the phones need a secure one.", assigned);
    }
    free(assigned);
}

/* --- the phones --- */

static void give_row(const struct rl_wizard_phone *p, struct values *v)
{
    static const char *const ours[] = {"file", "data", "refused"};
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)p->answer, key, value) {
        bool skip = false;
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            skip = skip || !strcmp(key, ours[i]);
        if (!skip)
            give(v, key, rl_value_text(value));
    }
}

static const char *name_of(const struct rl_wizard_phone *p)
{
    return json_string_value(json_object_get(p->answer, "name"));
}

static void note_phone(struct rl_wizard_run *run, const struct rl_change *c)
{
    char *now = rl_change_is_new(c)
                    ? NULL
                    : rl_asprintf("profile %s", rl_row_get(&c->old, RL_PHONE_PROFILE));
    char *after = rl_asprintf("profile %s", rl_row_get(&c->row, RL_PHONE_PROFILE));
    rl_wizard_note(run, "phone", rl_row_get(&c->row, RL_PHONE_NAME),
                   rl_change_is_new(c)    ? "added"
                   : rl_change_is_same(c) ? "same"
                                          : "changed",
                   now, after, "assign");
    free(now);
    free(after);
}

static void finish_phone(struct rl_wizard_run *run, size_t i, struct rl_change *c,
                         struct rl_problems *problems)
{
    struct rl_wizard_phone *p = &run->phone[i];
    if (!(run->shared ? run->cert_kept : p->cert_kept) || !run->profile_kept)
        drop(problems, RL_E_VENDOR_CERT_MISSING);
    if (problems->errors == 0 && (rl_change_is_same(c) || write_change(c)) && run->profile_kept)
        note_phone(run, c);
    rl_row_copy(&p->row, &c->row);
    if (run->profile.obj && !run->profile_kept)
        rl_row_set(&p->row, RL_PHONE_PROFILE, rl_row_get(&run->profile, RL_PROFILE_NAME));
    rl_wizard_share(run, RL_PHONE, (int)i, problems);
}

static void take_phone(struct rl_wizard_run *run, size_t i)
{
    struct rl_wizard_phone *p = &run->phone[i];
    struct rl_problems problems = {0};
    struct rl_change c;
    struct rl_row old;
    struct values v = {.n = 0};
    const char *name = name_of(p);
    if (!*name) {
        BLAME(run, RL_PHONE, (int)i, RL_E_REQUIRED, "name", "Device Name is empty.");
        return;
    }
    for (size_t k = 0; k < i; k++)
        if (!strcmp(name_of(&run->phone[k]), name)) {
            BLAME(run, RL_PHONE, (int)i, RL_E_EXISTS, "name", "The phone is named twice.");
            return;
        }
    p->there = !rl_store_get(run->act.store, RL_PHONE, name, &old, NULL);
    give_answers(run, RL_PHONE, &v);
    give_row(p, &v);
    if (run->profile_kept)
        give(&v, "profile", rl_strdup(rl_row_get(&run->profile, RL_PROFILE_NAME)));
    rl_change_begin_with(&c, &run->act, &run->lookup, RL_PHONE, p->there ? &old : NULL, &problems);
    rl_change_values(&c, v.item, v.n);
    if (!run->profile_kept)
        rl_row_set(&c.row, RL_PHONE_PROFILE, p->there ? rl_row_get(&c.old, RL_PHONE_PROFILE) : "");
    rl_change_check(&c);
    finish_phone(run, i, &c, &problems);
    rl_change_end(&c);
    forget_values(&v);
}

/* --- all of it --- */

static void begin(struct rl_wizard_run *run, const struct rl_act *act, const struct rl_draft *draft)
{
    const json_t *phones = rl_draft_phones(draft);
    run->act = *act;
    run->draft = draft;
    run->shared = !strcmp(draft->wizard->kind, "shared");
    run->now_us = rl_now_us();
    rl_time_text(run->now_us, 0, run->now);
    rl_lookup_init(&run->lookup, act->store);
    run->done = json_array();
    run->review = json_array();
    run->nphones = json_array_size(phones);
    run->phone = rl_alloc((run->nphones + 1) * sizeof *run->phone);
    for (size_t i = 0; i < run->nphones; i++)
        run->phone[i].answer = json_array_get(phones, i);
}

struct rl_wizard_run *rl_wizard_run(const struct rl_act *act, const struct rl_draft *draft)
{
    struct rl_wizard_run *run = rl_alloc(sizeof *run);
    begin(run, act, draft);
    find_type(run);
    if (run->nphones == 0)
        BLAME(run, RL_PHONE, -1, RL_E_REQUIRED, "name", "No phone is named yet.");
    if (run->shared)
        rl_wizard_take_shared(run);
    else
        rl_wizard_take_own(run);
    take_profile(run);
    take_assigned(run);
    for (size_t i = 0; run->type.obj && i < run->nphones; i++)
        take_phone(run, i);
    return run;
}

void rl_wizard_end(struct rl_wizard_run **run)
{
    struct rl_wizard_run *r = *run;
    if (!r)
        return;
    for (size_t i = 0; i < r->nphones; i++) {
        rl_row_fini(&r->phone[i].cert);
        rl_row_fini(&r->phone[i].row);
    }
    free(r->phone);
    free(r->problem);
    rl_row_fini(&r->type);
    rl_row_fini(&r->cert);
    rl_row_fini(&r->profile);
    rl_lookup_fini(&r->lookup);
    json_decref(r->done);
    json_decref(r->review);
    free(r);
    *run = NULL;
}
