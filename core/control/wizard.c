#include "control/wizard.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "ringlock/profile.h"

/* --- problems --- */

/* Where a problem goes whose field no step asks for. The last that fits; NULL: any kind or field.
 */
static const struct {
    enum rl_kind kind;
    const char *field, *step, *shared_step;
} homes[] = {
    {RL_CERTIFICATE, NULL,          "upload",  "upload"     },
    {RL_CERTIFICATE, "file",        "upload",  "certificate"},
    {RL_PROFILE,     NULL,          "profile", "mode"       },
    {RL_PROFILE,     "type",        "type",    "type"       },
    {RL_PROFILE,     "protocol",    "type",    "type"       },
    {RL_PROFILE,     "certificate", "upload",  "upload"     },
    {RL_PHONE,       NULL,          "fields",  "fields"     },
    {RL_PHONE,       "name",        "phones",  "phones"     },
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

void rl_wizard_refuse(struct rl_wizard_run *run, enum rl_kind kind, int phone, enum rl_code code,
                      const char *field, const char *fmt, ...)
{
    struct rl_err err;
    char text[sizeof err.text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    rl_fail_field(&err, code, rl_object(kind)->name, field, "%s", text);
    rl_wizard_blame(run, kind, phone, &err);
}

void rl_wizard_share(struct rl_wizard_run *run, enum rl_kind kind, int phone,
                     struct rl_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++)
        rl_wizard_blame(run, kind, phone, &problems->item[i]);
    rl_problems_fini(problems);
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
    if (!rl_type_is_preferred_vendor(type))
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
    if (!rl_cert_mode_takes(mode, wizard->kind))
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
        rl_wizard_refuse(run, RL_PHONE, -1, RL_E_REQUIRED, "type",
                         "Phone Type is empty: choose it.");
    else if (!type)
        rl_wizard_refuse(run, RL_PHONE, -1, RL_E_UNKNOWN_TYPE, "type",
                         "The catalogue has no type \"%s\".", model);
    else
        rl_row_copy(&run->type, type);
    if (type && rl_wizard_fits(run->draft->wizard, type, &err))
        rl_wizard_blame(run, RL_PHONE, -1, &err);
    if (type && rl_row_is(type, RL_TYPE_INSTRUCTIONS, ""))
        rl_wizard_refuse(run, RL_CERTIFICATE, -1, RL_W_VENDOR_NO_INSTRUCTIONS, "file",
                         "The supplier of %s has not said how its phones get a certificate.",
                         rl_row_get(type, RL_TYPE_MODEL));
    free(model);
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
        rl_wizard_refuse(run, RL_PHONE, -1, RL_E_REQUIRED, "name", "No phone is named yet.");
    if (run->shared)
        rl_wizard_take_shared(run);
    else
        rl_wizard_take_own(run);
    rl_wizard_take_profile(run);
    rl_wizard_take_phones(run);
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
