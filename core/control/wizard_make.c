/* What a wizard makes and changes: a profile, and the phones that get it. */
#include <stdlib.h>
#include <string.h>

#include "control/values.h"
#include "control/wizard.h"
#include "policy/names.h"
#include "ringlock/profile.h"
#include "ringlock/text.h"

enum { VALUES_MAX = 64 };

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
        rl_wizard_refuse(run, RL_PROFILE, -1, RL_E_REQUIRED, "mode",
                         "Device Security Mode is empty: choose Encrypted or Authenticated.");
    else if (rl_security_parse(mode, &level) && level == RL_NONSECURE)
        rl_wizard_refuse(
            run, RL_PROFILE, -1, RL_E_MODE_NEEDED, "mode",
            "Device Security Mode is Non Secure: it must be Encrypted or Authenticated.");
    if (rl_text_casecmp(transport, "tls"))
        rl_wizard_refuse(run, RL_PROFILE, -1, RL_E_TRANSPORT_TLS, "transport",
                         "Transport Type is %s: it must be TLS.", transport);
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
    if (rl_profile_mode(&c.row) == RL_NONSECURE) /* that TLS does not fit it is no news */
        rl_problems_drop(&problems, 0, RL_E_TRANSPORT, NULL);
    if (!run->cert_kept) /* told at the step that uploads it */
        rl_problems_drop(&problems, 0, RL_E_VENDOR_CERT_MISSING, NULL);
    if (problems.errors == 0)
        run->profile_made = run->profile_kept = write_change(&c);
    rl_row_copy(&run->profile, &c.row);
    if (run->profile_kept)
        note_profile(run, "added", NULL);
    rl_wizard_share(run, RL_PROFILE, -1, &problems);
    rl_change_end(&c);
}

/* True if a profile that is there has the value that was answered. */
static bool has_value(const struct rl_row *profile, const struct rl_value *value)
{
    int field = rl_field_index(profile->obj, value->field);
    char *text;
    if (rl_field_normalise(profile->obj, field, value->value, &text, NULL))
        return false;
    bool same = rl_row_is(profile, field, text);
    free(text);
    return same;
}

/* R88, R92: it serves if it is of the type, secure, and what was answered. */
static bool serves(struct rl_wizard_run *run, const struct rl_row *old, const struct values *v)
{
    const char *name = rl_row_get(old, RL_PROFILE_NAME);
    bool serves = false;
    if (!rl_row_is(old, RL_PROFILE_TYPE, rl_row_get(&run->type, RL_TYPE_MODEL)))
        rl_wizard_refuse(run, RL_PROFILE, -1, RL_E_PROFILE_TYPE, "name",
                         "There is a profile %s, but it is for %s.", name,
                         rl_row_get(old, RL_PROFILE_TYPE));
    else if (rl_profile_mode(old) == RL_NONSECURE)
        rl_wizard_refuse(run, RL_PROFILE, -1, RL_E_MODE_NEEDED, "name",
                         "There is a profile %s, but it is Non Secure.", name);
    else
        serves = true;
    for (size_t i = 0; i < v->n && serves; i++) {
        if (has_value(old, &v->item[i]))
            continue;
        rl_wizard_refuse(run, RL_PROFILE, -1, RL_E_EXISTS, v->item[i].field,
                         "There is a profile %s, with another %s: it stays as it is.", name,
                         old->obj->fields[rl_field_index(old->obj, v->item[i].field)].label);
        serves = false;
    }
    return serves;
}

/* A profile that is there refers to the certificate given, which may be the next one of its name.
 */
static void refer(struct rl_wizard_run *run)
{
    struct rl_change c;
    struct rl_problems problems = {0};
    const struct rl_value value = {"certificate", rl_row_get(&run->cert, RL_CERTIFICATE_NAME)};
    if (rl_change_begin(&c, &run->act, &run->lookup, RL_PROFILE,
                        rl_row_get(&run->profile, RL_PROFILE_NAME), &problems) == RL_OK) {
        rl_change_values(&c, &value, 1);
        rl_change_check(&c);
        run->profile_kept = problems.errors == 0 && (rl_change_is_same(&c) || write_change(&c));
        rl_row_fini(&run->profile);
        rl_row_copy(&run->profile, &c.row);
        if (run->profile_kept && !rl_change_is_same(&c))
            note_profile(run, "changed", rl_row_get(&c.old, RL_PROFILE_CERTIFICATE));
        rl_change_end(&c);
    }
    rl_wizard_share(run, RL_PROFILE, -1, &problems);
}

static void reuse_profile(struct rl_wizard_run *run, const struct rl_row *old,
                          const struct values *v)
{
    rl_row_copy(&run->profile, old);
    run->profile_kept = serves(run, old, v);
    if (run->profile_kept && run->cert_kept)
        refer(run);
}

static void take_named(struct rl_wizard_run *run)
{
    char *name = rl_draft_text(run->draft, "profile.name");
    char *assigned = rl_draft_text(run->draft, "phone.profile");
    struct values v = {.n = 0};
    struct rl_row old;
    give_answers(run, RL_PROFILE, &v);
    if (!*name && !*assigned)
        rl_wizard_refuse(run, RL_PROFILE, -1, RL_E_REQUIRED, "name",
                         "Name is empty: a profile needs it.");
    if (*name)
        match_name(run, name);
    if (*name && run->type.obj && !rl_store_get(run->act.store, RL_PROFILE, name, &old, NULL)) {
        reuse_profile(run, &old, &v);
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
            rl_wizard_refuse(run, RL_PHONE, -1, RL_E_NOT_FOUND, "profile",
                             "There is no profile \"%s\".", assigned);
        else
            rl_row_copy(&run->profile, other);
        if (other && rl_profile_mode(other) == RL_NONSECURE)
            rl_wizard_refuse(run, RL_PHONE, -1, RL_E_MODE_NEEDED, "profile",
                             "Profile %s is Non Secure: the phones need a secure one.", assigned);
    }
    free(assigned);
}

void rl_wizard_take_profile(struct rl_wizard_run *run)
{
    take_named(run);
    take_assigned(run);
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
        rl_problems_drop(problems, 0, RL_E_VENDOR_CERT_MISSING, NULL);
    if (problems->errors == 0 && (rl_change_is_same(c) || write_change(c)) && run->profile_kept)
        note_phone(run, c);
    rl_row_copy(&p->row, &c->row);
    if (run->profile.obj && !run->profile_kept)
        rl_row_set(&p->row, RL_PHONE_PROFILE, rl_row_get(&run->profile, RL_PROFILE_NAME));
    rl_wizard_share(run, RL_PHONE, (int)i, problems);
}

/* All phones of a wizard get its profile. */
static void give_profile(struct rl_wizard_run *run, size_t i, struct values *v)
{
    const json_t *answered = json_object_get(run->phone[i].answer, "profile");
    char *own = answered ? rl_value_text(answered) : NULL;
    const char *name = run->profile_kept ? rl_row_get(&run->profile, RL_PROFILE_NAME) : "";
    if (own && *own && *name && strcmp(own, name) != 0)
        rl_wizard_refuse(run, RL_PHONE, (int)i, RL_E_VALUE, "profile",
                         "The phones of a wizard get its profile, %s, and not %s.", name, own);
    free(own);
    give(v, "profile", rl_strdup(name));
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
        rl_wizard_refuse(run, RL_PHONE, (int)i, RL_E_REQUIRED, "name", "Device Name is empty.");
        return;
    }
    for (size_t k = 0; k < i; k++)
        if (!strcmp(name_of(&run->phone[k]), name)) {
            char *safe = rl_text_safe_dup(name);
            rl_wizard_refuse(run, RL_PHONE, (int)i, RL_E_EXISTS, "name",
                             "The phone %s is named twice.", safe);
            free(safe);
            return;
        }
    p->there = !rl_store_get(run->act.store, RL_PHONE, name, &old, NULL);
    give_answers(run, RL_PHONE, &v);
    give_row(p, &v);
    give_profile(run, i, &v);
    rl_change_begin_with(&c, &run->act, &run->lookup, RL_PHONE, p->there ? &old : NULL, &problems);
    rl_change_values(&c, v.item, v.n);
    if (!run->profile_kept)
        rl_row_set(&c.row, RL_PHONE_PROFILE, p->there ? rl_row_get(&c.old, RL_PHONE_PROFILE) : "");
    rl_change_check(&c);
    finish_phone(run, i, &c, &problems);
    rl_change_end(&c);
    forget_values(&v);
}

void rl_wizard_take_phones(struct rl_wizard_run *run)
{
    for (size_t i = 0; run->type.obj && i < run->nphones; i++)
        take_phone(run, i);
}
