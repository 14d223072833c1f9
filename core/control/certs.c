#include "control/certs.h"

#include <stdlib.h>
#include <string.h>

#include "control/certchain.h"
#include "control/certrow.h"
#include "control/certuse.h"
#include "control/change.h"
#include "pki/bundle.h"
#include "policy/certs.h"
#include "ringlock/text.h"
#include "ringlock/time.h"
#include "store/certs.h"

enum { NAME_TRIES = 99 };

/* One file on its way. */
struct taking {
    const struct rl_act *act;
    const struct rl_upload *upload;
    struct rl_problems problems;
    const char *object; /* the file, in sentences */
    char now[RL_TIME_TEXT];
    struct rl_bundle bundle;
    struct rl_row row[RL_BUNDLE_MAX];
    size_t n;                  /* rows: of a phone's chain only the first */
    bool known[RL_BUNDLE_MAX]; /* it is in the store already */
    struct rl_buf notes;
};

#define REFUSE(t, code, field, ...)                                         \
    do {                                                                    \
        struct rl_err refused;                                              \
        rl_fail_field(&refused, (code), (t)->object, (field), __VA_ARGS__); \
        rl_problems_add(&(t)->problems, &refused);                          \
    } while (0)

static const char *given(const char *text)
{
    return text ? text : "";
}

static const char *text_of(const struct taking *t, size_t i, int field)
{
    return rl_row_get(&t->row[i], field);
}

static bool is_bound(const struct taking *t)
{
    return *given(t->upload->device) != '\0';
}

/* --- rows --- */

/* What was said about the file goes for the first of its certificates. */
static void fill(struct taking *t, size_t i)
{
    const struct rl_upload *u = t->upload;
    struct rl_row *row = &t->row[i];
    rl_cert_row(&t->bundle.cert[i], row);
    rl_row_set(row, RL_CERTIFICATE_STORE, *given(u->store) ? u->store : RL_STORE_PHONES);
    rl_row_set(row, RL_CERTIFICATE_UPLOADED, t->now);
    if (i == 0) {
        rl_row_set(row, RL_CERTIFICATE_DEVICE, u->device);
        rl_row_set(row, RL_CERTIFICATE_DESCRIPTION, u->description);
        rl_row_set(row, RL_CERTIFICATE_ORIGIN, u->origin);
    }
    rl_row_set(row, RL_CERTIFICATE_USAGE, rl_cert_usage(row));
    char *name = i == 0 && *given(u->name) ? rl_strdup(u->name) : rl_cert_own_name(row);
    rl_row_set(row, RL_CERTIFICATE_NAME, name);
    free(name);
}

/* Values that people gave are refused by their field, what the certificate says as unreadable. */
static void check_values(struct taking *t, struct rl_row *row)
{
    struct rl_problems found = {0};
    rl_row_check(row, &found);
    for (size_t i = 0; i < found.n; i++) {
        const struct rl_err *e = &found.item[i];
        int field = rl_field_index(row->obj, e->field);
        if (field >= 0 && row->obj->fields[field].flags & RL_FF_SYSTEM)
            REFUSE(t, RL_E_CERT_PARSE, e->field, "%s", e->text);
        else
            rl_problems_add(&t->problems, e);
    }
    rl_problems_fini(&found);
}

static void check_store(struct taking *t)
{
    const char *store = text_of(t, 0, RL_CERTIFICATE_STORE);
    if (!strcmp(text_of(t, 0, RL_CERTIFICATE_USAGE), "identity"))
        REFUSE(t, RL_E_CERT_FIXED, "store",
               "%s is for the server's own certificate, which is not uploaded.", store);
    else if (is_bound(t) && strcmp(store, RL_STORE_PHONES) != 0)
        REFUSE(t, RL_E_VALUE, "store",
               "The certificate of a phone belongs into " RL_STORE_PHONES ", not into %s.", store);
}

/* --- what is on file already --- */

static void refuse_taken(struct taking *t, const struct rl_row *there)
{
    const char *name = rl_row_get(there, RL_CERTIFICATE_NAME);
    const char *device = rl_row_get(there, RL_CERTIFICATE_DEVICE);
    bool trust = rl_row_is(there, RL_CERTIFICATE_STORE, RL_STORE_PHONES);
    struct rl_err err;
    if (trust && !strcmp(device, given(t->upload->device))) {
        rl_fail(&err, RL_E_EXISTS, t->object,
                "The certificate is in " RL_STORE_PHONES " already, as %s.", name);
        rl_err_remedy(&err, "Nothing is to be done: it is on file.");
        rl_problems_add(&t->problems, &err);
    } else if (trust && *device)
        REFUSE(t, RL_E_CERT_REUSED, "device", "The certificate is that of the phone %s already.",
               device);
    else if (trust || rl_row_is(there, RL_CERTIFICATE_USAGE, "identity"))
        REFUSE(t, RL_E_CERT_REUSED, "device",
               "The certificate is on file already as %s, for another purpose.", name);
}

/* One digest stands for one phone, or for one group (R86). */
static enum rl_code check_digest(struct taking *t, struct rl_err *err)
{
    struct rl_row there;
    bool removed;
    if (strcmp(text_of(t, 0, RL_CERTIFICATE_STORE), RL_STORE_PHONES) != 0)
        return RL_OK; /* the store itself holds each digest once */
    enum rl_code code = rl_store_cert_by_digest(
        t->act->store, text_of(t, 0, RL_CERTIFICATE_FINGERPRINT), &there, &removed, err);
    if (code)
        return code == RL_E_NOT_FOUND ? RL_OK : code;
    refuse_taken(t, &there);
    rl_row_fini(&there);
    return RL_OK;
}

/* The last of the file signed itself, or who signed it is on file and valid (R10). */
static enum rl_code check_chain(struct taking *t, struct rl_err *err)
{
    const struct rl_cert *top = &t->bundle.cert[t->n - 1];
    const char *store = text_of(t, 0, RL_CERTIFICATE_STORE);
    struct rl_row row;
    struct rl_cert issuer;
    bool found;
    if (is_bound(t) || top->self_signed)
        return RL_OK;
    enum rl_code code =
        rl_cert_find_issuer(t->act->store, store, top, t->now, &row, &issuer, &found, err);
    if (code)
        return code;
    if (!found) {
        REFUSE(t, RL_E_CERT_NO_CHAIN, "issuer", "%s was signed by %s, which is not in %s.",
               top->subject, top->issuer, store);
        return RL_OK;
    }
    if (rl_cert_validity(&row, t->now) != RL_CERT_VALID)
        REFUSE(t, RL_E_CERT_NO_CHAIN, "issuer", "%s was signed by %s, which is not valid now.",
               top->subject, rl_row_get(&row, RL_CERTIFICATE_NAME));
    rl_row_fini(&row);
    rl_cert_fini(&issuer);
    return RL_OK;
}

static enum rl_code judge(struct taking *t, struct rl_err *err)
{
    struct rl_device_rows device;
    bool found = is_bound(t) && !rl_store_device(t->act->store, t->upload->device, &device, NULL);
    for (size_t i = 0; i < t->n; i++) {
        check_values(t, &t->row[i]);
        rl_policy_cert(&t->row[i], found && i == 0 ? &device.type : NULL, t->now, &t->problems);
    }
    if (found)
        rl_device_rows_fini(&device);
    check_store(t);
    enum rl_code code = check_digest(t, err);
    return code ? code : check_chain(t, err);
}

/* --- writing --- */

static bool is_taken(struct taking *t, const char *name)
{
    struct rl_row row;
    if (rl_store_get(t->act->store, RL_CERTIFICATE, name, &row, NULL))
        return false;
    rl_row_fini(&row);
    return true;
}

/* A name that was not asked for gives way to one that is there: "x (2)". */
static void choose_name(struct taking *t, struct rl_row *row)
{
    char *base = rl_strdup(rl_row_get(row, RL_CERTIFICATE_NAME));
    for (int n = 2; is_taken(t, rl_row_get(row, RL_CERTIFICATE_NAME)); n++) {
        char *name = n <= NAME_TRIES
                         ? rl_asprintf("%s (%d)", base, n)
                         : rl_asprintf("%.16s", rl_row_get(row, RL_CERTIFICATE_FINGERPRINT));
        rl_row_set(row, RL_CERTIFICATE_NAME, name);
        free(name);
        if (n > NAME_TRIES)
            break;
    }
    free(base);
}

/* Certificates of a CA may come with each certificate that it signed. */
static enum rl_code find_known(struct taking *t, size_t i, struct rl_err *err)
{
    bool known;
    enum rl_code code = rl_store_cert_has(t->act->store, text_of(t, i, RL_CERTIFICATE_FINGERPRINT),
                                          text_of(t, i, RL_CERTIFICATE_STORE), &known, err);
    t->known[i] = !code && i > 0 && known;
    return code;
}

static enum rl_code write_all(struct taking *t)
{
    struct rl_err err;
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < t->n && !code; i++) {
        if ((code = find_known(t, i, &err)) != RL_OK)
            rl_problems_add(&t->problems, &err);
        if (code || t->known[i])
            continue;
        if (i > 0 || !*given(t->upload->name))
            choose_name(t, &t->row[i]);
        code = rl_cert_file(t->act, &t->row[i], &t->bundle.cert[i], &t->problems);
    }
    return code ? code : rl_cert_adopted(t->act, &t->row[0], t->now, &t->problems);
}

static void add_notes(struct taking *t)
{
    if (t->n < t->bundle.n)
        rl_buf_addf(
            &t->notes,
            "Only the phone's own certificate was taken; the %zu of its CA were left out.\n",
            t->bundle.n - t->n);
    for (size_t i = 1; i < t->n; i++)
        if (t->known[i])
            rl_buf_addf(&t->notes, "The certificate of %s was on file already.\n",
                        t->bundle.cert[i].subject);
}

/* --- the whole --- */

static enum rl_code take(struct taking *t)
{
    struct rl_err err;
    enum rl_code code = rl_bundle_read(t->upload->data, t->upload->n, t->object, &t->bundle, &err);
    if (!code) {
        t->n = is_bound(t) ? 1 : t->bundle.n;
        for (size_t i = 0; i < t->n; i++)
            fill(t, i);
        code = judge(t, &err);
    }
    if (code) {
        rl_problems_add(&t->problems, &err);
        return code;
    }
    code = rl_problems_verdict(t->act, &t->problems);
    if (!code)
        code = write_all(t);
    return code ? code : rl_problems_verdict(t->act, &t->problems);
}

static void give(struct taking *t, struct rl_uploaded *out)
{
    *out = (struct rl_uploaded){.row = rl_alloc(t->n * sizeof *out->row)};
    for (size_t i = 0; i < t->n; i++)
        if (!t->known[i])
            rl_row_copy(&out->row[out->n++], &t->row[i]);
    add_notes(t);
    out->notes = t->notes;
    t->notes = (struct rl_buf){0};
}

enum rl_code rl_cert_take(const struct rl_act *act, const struct rl_upload *upload,
                          struct rl_uploaded *out, struct rl_problems *problems)
{
    struct taking *t = rl_alloc(sizeof *t);
    t->act = act;
    t->upload = upload;
    t->object = *given(upload->file) ? upload->file : "The file";
    rl_time_text(upload->now_us, 0, t->now);
    enum rl_code code = take(t);
    if (!code)
        give(t, out);
    for (size_t i = 0; i < t->problems.n; i++)
        rl_problems_add(problems, &t->problems.item[i]);
    for (size_t i = 0; i < t->n; i++)
        rl_row_fini(&t->row[i]);
    rl_problems_fini(&t->problems);
    rl_bundle_fini(&t->bundle);
    free(t);
    return code;
}

void rl_uploaded_fini(struct rl_uploaded *uploaded)
{
    for (size_t i = 0; i < uploaded->n; i++)
        rl_row_fini(&uploaded->row[i]);
    free(uploaded->row);
    rl_buf_fini(&uploaded->notes);
    *uploaded = (struct rl_uploaded){0};
}

enum rl_code rl_cert_upload(const struct rl_act *act, const struct rl_upload *upload,
                            struct rl_uploaded *out, struct rl_problems *problems)
{
    struct rl_err err;
    enum rl_code code = rl_store_begin(act->store, &err);
    if (code) {
        rl_problems_add(problems, &err);
        return code;
    }
    code = rl_cert_take(act, upload, out, problems);
    if (!code && (code = rl_store_commit(act->store, &err)) != RL_OK) {
        rl_problems_add(problems, &err);
        rl_uploaded_fini(out);
    }
    if (code)
        rl_store_rollback(act->store);
    return code;
}
