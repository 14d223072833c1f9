/* Certificates of a wizard, on their way on file. */
#include <stdlib.h>

#include "control/certrow.h"
#include "control/certs.h"
#include "control/values.h"
#include "control/wizard.h"
#include "pki/bundle.h"
#include "policy/certs.h"
#include "policy/names.h"
#include "store/certs.h"

static bool is_valid(const struct rl_wizard_run *run, const struct rl_row *cert)
{
    return rl_cert_validity(cert, run->now) == RL_CERT_VALID;
}

/* True if the file is on file in that role already: nothing is to be done. */
static bool is_on_file(struct rl_wizard_run *run, const char *digest, const char *device,
                       struct rl_row *row)
{
    bool removed;
    if (rl_store_cert_by_digest(run->act.store, digest, row, &removed, NULL))
        return false;
    if (rl_row_is(row, RL_CERTIFICATE_DEVICE, device) &&
        rl_row_is(row, RL_CERTIFICATE_STORE, RL_STORE_PHONES))
        return true;
    rl_row_fini(row);
    return false;
}

/* One file on its way. */
struct taking {
    struct rl_wizard_run *run;
    const char *device; /* "" for a shared certificate */
    int phone;          /* index of its row, or -1 */
    struct rl_buf data;
    char *file;         /* owned */
    struct rl_row *row; /* what is told of it */
};

/* R74 is told before the phone is there, too. */
static void check_origin(struct taking *t, const char *origin)
{
    struct rl_err err;
    if (!*t->device || *origin)
        return;
    rl_fail_field(&err, RL_W_CERT_ORIGIN, t->file, "origin",
                  "It is not said whether certificates came with the phones or were made by them.");
    rl_wizard_blame(t->run, RL_CERTIFICATE, -1, &err);
}

/* True if it is on file then. */
static bool upload(struct taking *t)
{
    const struct rl_draft *draft = t->run->draft;
    struct rl_problems problems = {0};
    struct rl_uploaded uploaded = {0};
    char *store = rl_draft_text(draft, "cert.store"), *origin = rl_draft_text(draft, "cert.origin");
    char *description = rl_draft_text(draft, "cert.description");
    const struct rl_upload up = {.data = rl_buf_str(&t->data),
                                 .n = t->data.len,
                                 .file = t->file,
                                 .store = store,
                                 .device = t->device,
                                 .description = description,
                                 .origin = origin,
                                 .now_us = t->run->now_us};
    bool done = rl_cert_take(&t->run->act, &up, &uploaded, &problems) == RL_OK;
    check_origin(t, origin);
    for (size_t i = 0; i < uploaded.n; i++) {
        char *after = rl_asprintf("in %s", rl_row_get(&uploaded.row[i], RL_CERTIFICATE_STORE));
        rl_wizard_note(t->run, "cert", rl_row_get(&uploaded.row[i], 0), "uploaded", NULL, after,
                       "upload");
        free(after);
    }
    if (done) {
        rl_row_fini(t->row);
        rl_row_copy(t->row, &uploaded.row[0]);
        rl_uploaded_fini(&uploaded);
    }
    rl_wizard_share(t->run, RL_CERTIFICATE, t->phone, &problems);
    free(store);
    free(origin);
    free(description);
    return done;
}

static bool take_file(struct taking *t)
{
    struct rl_bundle *bundle = rl_alloc(sizeof *bundle);
    struct rl_err err;
    bool kept = false;
    if (rl_bundle_read(rl_buf_str(&t->data), t->data.len, t->file, bundle, &err)) {
        rl_wizard_blame(t->run, RL_CERTIFICATE, t->phone, &err);
        free(bundle);
        return false;
    }
    if (is_on_file(t->run, bundle->cert[0].fingerprint, t->device, t->row)) {
        kept = true;
        rl_wizard_note(t->run, "cert", rl_row_get(t->row, 0), "same", "in " RL_STORE_PHONES,
                       "in " RL_STORE_PHONES, "upload");
        if (!is_valid(t->run, t->row))
            rl_wizard_refuse(t->run, RL_CERTIFICATE, t->phone, RL_E_CERT_DATES, "file",
                             "%s is valid from %s to %s, not now.", t->file,
                             rl_row_get(t->row, RL_CERTIFICATE_NOT_BEFORE),
                             rl_row_get(t->row, RL_CERTIFICATE_NOT_AFTER));
    } else {
        rl_cert_row(&bundle->cert[0], t->row);
        rl_row_set(t->row, RL_CERTIFICATE_NAME, t->file);
        kept = upload(t);
    }
    rl_bundle_fini(bundle);
    free(bundle);
    return kept;
}

static bool take(struct rl_wizard_run *run, const json_t *answer, const char *device, int phone,
                 struct rl_row *row)
{
    struct rl_err err;
    const json_t *data = json_object_get(answer, "data");
    if (rl_draft_cert_refused(answer, &err))
        rl_wizard_blame(run, RL_CERTIFICATE, phone, &err);
    if (!data)
        return false;
    struct taking t = {.run = run, .device = device, .phone = phone, .row = row};
    t.file = rl_value_file(json_object_get(answer, "file"), "The file");
    rl_value_data(data, &t.data);
    bool kept = take_file(&t);
    rl_buf_fini(&t.data);
    free(t.file);
    return kept;
}

/* --- shared --- */

/* The best of several on file: one that is valid. */
struct best {
    struct rl_wizard_run *run;
    struct rl_row *row;
};

static bool consider(void *ctx, const struct rl_row *cert)
{
    struct best *best = ctx;
    rl_row_fini(best->row);
    rl_row_copy(best->row, cert);
    return !is_valid(best->run, cert);
}

void rl_wizard_take_shared(struct rl_wizard_run *run)
{
    const json_t *answer = json_object_get(run->draft->answers, "certificate");
    struct best best = {run, &run->cert};
    struct rl_name_match match;
    struct rl_err err;
    run->cert_kept = take(run, answer, "", -1, &run->cert);
    if (!answer) {
        char *name = rl_draft_text(run->draft, "profile.name");
        rl_store_certs_named(run->act.store, name, consider, &best, NULL);
        run->cert_kept = run->cert.obj != NULL;
        free(name);
    }
    if (!run->cert.obj) {
        if (!json_object_get(answer, "refused"))
            rl_wizard_refuse(run, RL_CERTIFICATE, -1, RL_E_REQUIRED, "file",
                             "No certificate is given yet.");
        return;
    }
    rl_name_match(&run->cert, "", &match);
    if (match.code == RL_E_SAN_NOT_DNS || match.code == RL_E_NO_CERT_NAME) {
        rl_name_problem(&match, &run->cert, "", "cert", &err);
        rl_wizard_blame(run, RL_PROFILE, -1, &err);
    }
}

/* --- one for each phone --- */

static void take_one(struct rl_wizard_run *run, size_t i)
{
    struct rl_wizard_phone *p = &run->phone[i];
    const char *device = json_string_value(json_object_get(p->answer, "name"));
    struct best best = {run, &p->cert};
    if (!*device) /* told at the step that names the phones */
        return;
    if (json_object_get(p->answer, "data") || json_object_get(p->answer, "refused")) {
        p->cert_kept = take(run, p->answer, device, (int)i, &p->cert);
        return;
    }
    rl_store_device_certs(run->act.store, device, consider, &best, NULL);
    p->cert_kept = p->cert.obj != NULL;
    if (!p->cert.obj)
        rl_wizard_refuse(run, RL_CERTIFICATE, (int)i, RL_E_VENDOR_CERT_MISSING, "file",
                         "%s has no certificate yet.", device);
    else if (!is_valid(run, &p->cert))
        rl_wizard_refuse(run, RL_CERTIFICATE, (int)i, RL_E_CERT_DATES, "file",
                         "Its certificate is valid from %s to %s.",
                         rl_row_get(&p->cert, RL_CERTIFICATE_NOT_BEFORE),
                         rl_row_get(&p->cert, RL_CERTIFICATE_NOT_AFTER));
}

void rl_wizard_take_own(struct rl_wizard_run *run)
{
    for (size_t i = 0; i < run->nphones; i++)
        take_one(run, i);
}
