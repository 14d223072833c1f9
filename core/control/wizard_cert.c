/* Certificates of a wizard, on their way on file. */
#include <stdlib.h>
#include <string.h>

#include "control/wizard.h"
#include "pki/cert.h"
#include "policy/names.h"
#include "store/certs.h"

#define BLAME(run, phone, code, ...)                               \
    do {                                                           \
        struct rl_err blamed;                                      \
        rl_fail_field(&blamed, code, "cert", "file", __VA_ARGS__); \
        rl_wizard_blame(run, RL_CERTIFICATE, phone, &blamed);      \
    } while (0)

/* What a file says of itself, before it is on file. */
static void read_facts(const struct rl_cert *cert, const char *name, struct rl_row *row)
{
    char from[RL_TIME_TEXT], until[RL_TIME_TEXT];
    struct rl_buf san = {0};
    for (size_t i = 0; i < cert->nsan; i++)
        rl_buf_addf(&san, "%s%s:%s", i ? ";" : "", cert->san[i].type, cert->san[i].value);
    rl_row_init(row, rl_object(RL_CERTIFICATE));
    rl_row_set(row, RL_CERTIFICATE_NAME, name);
    rl_row_set(row, RL_CERTIFICATE_SAN, rl_buf_str(&san));
    rl_row_set(row, RL_CERTIFICATE_SUBJECT, cert->subject);
    rl_row_set(row, RL_CERTIFICATE_ISSUER, cert->issuer);
    rl_row_set(row, RL_CERTIFICATE_SERIAL, cert->serial);
    rl_row_set(row, RL_CERTIFICATE_NOT_BEFORE, rl_time_text(cert->not_before_us, 0, from));
    rl_row_set(row, RL_CERTIFICATE_NOT_AFTER, rl_time_text(cert->not_after_us, 0, until));
    rl_row_set(row, RL_CERTIFICATE_FINGERPRINT, cert->fingerprint);
    rl_row_set(row, RL_CERTIFICATE_PEM_FINGERPRINT, cert->fingerprint);
    rl_row_set(row, RL_CERTIFICATE_STORE, "CallManager-trust");
    rl_buf_fini(&san);
}

static bool is_valid(const struct rl_wizard_run *run, const struct rl_row *cert)
{
    return strcmp(rl_row_get(cert, RL_CERTIFICATE_NOT_BEFORE), run->now) <= 0 &&
           strcmp(rl_row_get(cert, RL_CERTIFICATE_NOT_AFTER), run->now) >= 0;
}

/* True if the file is on file in that role already: nothing is to be done. */
static bool is_on_file(struct rl_wizard_run *run, const char *digest, const char *device,
                       struct rl_row *row)
{
    bool removed;
    if (rl_store_cert_by_digest(run->act.store, digest, row, &removed, NULL))
        return false;
    if (rl_row_is(row, RL_CERTIFICATE_DEVICE, device) &&
        rl_row_is(row, RL_CERTIFICATE_STORE, "CallManager-trust"))
        return true;
    rl_row_fini(row);
    return false;
}

/* One file; `device` is "" for a shared certificate. True if it is on file then. */
static bool take(struct rl_wizard_run *run, const json_t *answer, const char *device, int phone,
                 struct rl_row *row)
{
    struct rl_err err;
    struct rl_cert cert;
    struct rl_buf bytes = {0};
    if (rl_draft_cert_refused(answer, &err)) {
        rl_wizard_blame(run, RL_CERTIFICATE, phone, &err);
        return false;
    }
    if (!rl_draft_cert_bytes(answer, &bytes))
        return false;
    char *file = rl_draft_cert_file(answer);
    bool kept = false;
    if (rl_cert_parse(rl_buf_str(&bytes), bytes.len, file, &cert, &err)) {
        rl_wizard_blame(run, RL_CERTIFICATE, phone, &err);
    } else {
        kept = is_on_file(run, cert.fingerprint, device, row);
        if (!kept)
            read_facts(&cert, file, row);
        if (!is_valid(run, row))
            BLAME(run, phone, RL_E_CERT_DATES, "It is valid from %s to %s.",
                  rl_row_get(row, RL_CERTIFICATE_NOT_BEFORE),
                  rl_row_get(row, RL_CERTIFICATE_NOT_AFTER));
        rl_cert_fini(&cert);
    }
    rl_buf_fini(&bytes);
    free(file);
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
        if (!rl_wizard_stuck(run, "certificate", -1))
            BLAME(run, -1, RL_E_REQUIRED, "No certificate is given yet.");
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
    if (json_object_get(p->answer, "data") || json_object_get(p->answer, "refused")) {
        take(run, p->answer, device, (int)i, &p->cert);
        return;
    }
    rl_store_device_certs(run->act.store, device, consider, &best, NULL);
    if (!p->cert.obj)
        BLAME(run, (int)i, RL_E_VENDOR_CERT_MISSING, "%s has no certificate yet.", device);
    else if (!is_valid(run, &p->cert))
        BLAME(run, (int)i, RL_E_CERT_DATES, "Its certificate is valid from %s to %s.",
              rl_row_get(&p->cert, RL_CERTIFICATE_NOT_BEFORE),
              rl_row_get(&p->cert, RL_CERTIFICATE_NOT_AFTER));
}

void rl_wizard_take_own(struct rl_wizard_run *run)
{
    for (size_t i = 0; i < run->nphones; i++)
        take_one(run, i);
}
