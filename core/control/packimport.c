#include "control/packimport.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "control/pack.h"
#include "control/typechange.h"
#include "control/types.h"
#include "pki/pkcs7.h"
#include "policy/objects.h"
#include "ringlock/text.h"
#include "ringlock/time.h"
#include "store/certs.h"

/* An import under way. */
struct import {
    const struct rl_act *act;
    const struct rl_pack_file *file;
    struct rl_problems *problems;
    struct rl_pack pack;
    struct rl_row *stored; /* of each type of the pack; obj NULL = it is new */
    size_t known;          /* how many of them are stored */
    struct rl_row *gone;   /* types that the pack brought once and has no more */
    size_t ngone;
    char *version; /* that was imported before, or NULL */
    char *signer;  /* name of the certificate that vouches for it, or NULL */
    size_t devices;
};

const char *rl_pack_change_text(enum rl_pack_change what)
{
    static const char *const texts[] = {"same", "added", "changed", "removed"};
    return texts[what];
}

/* --- refusing --- */

/* Tell a problem at its place in the file. */
static void tell_at(struct import *im, const struct rl_err *problem, size_t type, const char *key)
{
    struct rl_err err = *problem;
    err.line = rl_pack_line(&im->pack, type, key);
    int n = snprintf(err.text, sizeof err.text, "%s line %d: ", im->file->name, err.line);
    snprintf(err.text + n, sizeof err.text - (size_t)n, "%s", problem->text);
    rl_problems_add(im->problems, &err);
}

static void refuse(struct import *im, enum rl_code code, size_t type, const char *key,
                   const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static void refuse(struct import *im, enum rl_code code, size_t type, const char *key,
                   const char *fmt, ...)
{
    struct rl_err err;
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    rl_fail_field(&err, code, im->file->name, key, "%s", text);
    tell_at(im, &err, type, key);
}

/* What the store refuses has no place in the file. */
static bool ok(struct import *im, enum rl_code code, const struct rl_err *err)
{
    if (code)
        rl_problems_add(im->problems, err);
    return !code;
}

static const char *model_of(const struct import *im, size_t type)
{
    return rl_row_get(&im->pack.type[type], RL_TYPE_MODEL);
}

/* --- the signature (R37) --- */

struct signers {
    struct rl_signer *item; /* DER forms are owned */
    char **name;
    size_t n;
};

static bool add_signer(void *ctx, const struct rl_row *row, const void *der, size_t n)
{
    struct signers *s = ctx;
    s->item = rl_realloc(s->item, (s->n + 1) * sizeof *s->item);
    s->name = rl_realloc(s->name, (s->n + 1) * sizeof *s->name);
    s->item[s->n] = (struct rl_signer){memcpy(rl_alloc(n), der, n), n};
    s->name[s->n++] = rl_strdup(rl_row_get(row, RL_CERTIFICATE_NAME));
    return true;
}

static void signers_fini(struct signers *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free((void *)s->item[i].der);
        free(s->name[i]);
    }
    free(s->item);
    free(s->name);
}

/* Why nobody vouches for the pack; NULL if somebody does. Owned. */
static char *judge_signature(struct import *im, const struct signers *s)
{
    const struct rl_pack_file *f = im->file;
    struct rl_signature found;
    if (!f->signature)
        return rl_strdup("the pack is not signed");
    rl_pkcs7_verify(f->signature, f->nsignature, f->text, f->n, s->item, s->n, rl_now_us(), &found);
    if (found.state == RL_SIGNATURE_GOOD) {
        im->signer = rl_strdup(s->name[found.signer]);
        return NULL;
    }
    return rl_asprintf("its signature%s%s%s %s", *found.by ? " (" : "", found.by,
                       *found.by ? ")" : "", rl_signature_text(found.state));
}

/* A claim of trust needs a signature, and a signature that is there has to be good. */
static void check_signature(struct import *im)
{
    struct signers signers = {0};
    struct rl_err err;
    size_t claims = 0;
    if (!ok(im, rl_store_certs_in(im->act->store, RL_STORE_SIGNERS, add_signer, &signers, &err),
            &err)) {
        signers_fini(&signers);
        return;
    }
    char *why = judge_signature(im, &signers);
    for (size_t i = 0; why && i < im->pack.n; i++) {
        if (rl_policy_trust(&im->pack.type[i]) != RL_YES)
            continue;
        claims++;
        refuse(im, RL_E_CATALOGUE_TRUST, i, "trusted", "%s claims trust, but %s.", model_of(im, i),
               why);
        rl_err_remedy(&im->problems->item[im->problems->n - 1],
                      "Get the pack signed by one whose certificate is in the store %s.",
                      RL_STORE_SIGNERS);
    }
    if (why && im->file->signature && !claims)
        refuse(im, RL_E_COP_INVALID, RL_PACK_HEADER, "name", "The pack is signed, but %s.", why);
    free(why);
    signers_fini(&signers);
}

/* --- against what is there (R80) --- */

static size_t find_type(const struct import *im, const char *model)
{
    size_t i = 0;
    while (i < im->pack.n && rl_text_casecmp(model_of(im, i), model) != 0)
        i++;
    return i;
}

/* One type that the pack brought before: the stored form of one of the file, or left out. */
static bool take_stored(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct import *im = ctx;
    size_t i = find_type(im, rl_row_get(row, RL_TYPE_MODEL));
    (void)trusted;
    if (i < im->pack.n) {
        rl_row_copy(&im->stored[i], row);
        im->known++;
        rl_row_set(&im->pack.type[i], RL_TYPE_MODEL, rl_row_get(row, RL_TYPE_MODEL));
    } else {
        im->gone = rl_realloc(im->gone, (im->ngone + 1) * sizeof *im->gone);
        rl_row_copy(&im->gone[im->ngone++], row);
    }
    return true;
}

/* False if the data of a type is another, its pack's version aside. */
static bool same_data(const struct rl_row *a, const struct rl_row *b, int *differs)
{
    for (*differs = 0; *differs < RL_TYPE_FIELDS; ++*differs)
        if (*differs != RL_TYPE_PACK && !rl_row_is(a, *differs, rl_row_get(b, *differs)))
            return false;
    return true;
}

static void check_origin(struct import *im, size_t i)
{
    struct rl_row row;
    struct rl_err err;
    enum rl_code code;
    if (im->stored[i].obj)
        return;
    code = rl_store_get(im->act->store, RL_TYPE, model_of(im, i), &row, &err);
    if (code == RL_E_NOT_FOUND || !ok(im, code, &err))
        return;
    refuse(im, RL_E_COP_INVALID, i, "model", "%s came with the pack %s already.", model_of(im, i),
           rl_row_get(&row, RL_TYPE_PACK));
    rl_row_fini(&row);
}

static void check_same_version(struct import *im)
{
    int field;
    for (size_t i = 0; i < im->pack.n; i++)
        if (im->stored[i].obj && !same_data(&im->pack.type[i], &im->stored[i], &field)) {
            const char *key = rl_object(RL_TYPE)->fields[field].name;
            refuse(im, RL_E_COP_INVALID, i, key,
                   "%s %s was imported with another %s of %s: other data needs a higher version.",
                   im->pack.name, im->pack.version, key, model_of(im, i));
        }
    for (size_t i = 0; i < im->ngone; i++)
        refuse(im, RL_E_COP_INVALID, RL_PACK_HEADER, "version",
               "%s %s was imported with %s too: other data needs a higher version.", im->pack.name,
               im->pack.version, rl_row_get(&im->gone[i], RL_TYPE_MODEL));
}

static void check_version(struct import *im)
{
    int order = im->version ? rl_pack_version_cmp(im->pack.version, im->version) : 1;
    if (!im->version && im->known + im->ngone > 0)
        refuse(im, RL_E_COP_INVALID, RL_PACK_HEADER, "name",
               "%s is a pack of the catalogue that came with ringlock.", im->pack.name);
    else if (order < 0)
        refuse(im, RL_E_COP_INVALID, RL_PACK_HEADER, "version",
               "Version %s is lower than %s, which was imported.", im->pack.version, im->version);
    else if (order == 0)
        check_same_version(im);
}

/* Read what the site has of this pack, and refuse what clashes with it. */
static void compare(struct import *im)
{
    struct rl_err err;
    struct rl_store *store = im->act->store;
    im->stored = rl_alloc(im->pack.n * sizeof *im->stored);
    if (!ok(im, rl_pack_imported(store, im->pack.name, &im->version, &err), &err) ||
        !ok(im, rl_pack_types(store, im->pack.name, take_stored, im, &err), &err))
        return;
    check_version(im);
    for (size_t i = 0; i < im->pack.n; i++)
        check_origin(im, i);
}

/* --- what it means for what is there --- */

/* The field of the type that a problem on something else comes from. */
static const char *cause_of(enum rl_code code)
{
    static const struct {
        enum rl_code code;
        int field;
    } causes[] = {
        {RL_E_NO_TLS,           RL_TYPE_TLS       },
        {RL_E_COP_NO_SECURITY,  RL_TYPE_ENCRYPTION},
        {RL_E_MODE_UNSUPPORTED, RL_TYPE_ENCRYPTION},
        {RL_E_CERT_MODE,        RL_TYPE_CERT_MODE },
        {RL_E_ENC_CONFIG,       RL_TYPE_ENC_CONFIG},
        {RL_E_OAUTH,            RL_TYPE_SIP_OAUTH },
        {RL_E_KEY_SIZE,         RL_TYPE_MAX_RSA   },
        {RL_E_VENDOR_CAPF,      RL_TYPE_LSC_CAPF  },
        {RL_E_TYPE_CLASS,       RL_TYPE_CLASS     },
        {RL_E_TYPE_PROTOCOL,    RL_TYPE_PROTOCOLS },
        {RL_W_TRUST_LOST,       RL_TYPE_TRUSTED   },
    };
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (causes[i].code == code)
            return rl_object(RL_TYPE)->fields[causes[i].field].name;
    return "model";
}

/* Problems of profiles name the profile in the sentence, too. */
static void tell_effect(struct import *im, size_t i, const struct rl_err *problem)
{
    struct rl_err err = *problem;
    if (strncmp(err.object, "type ", 5) != 0)
        snprintf(err.text, sizeof err.text, "The new %s contradicts the %.100s: %.250s",
                 model_of(im, i), problem->object, problem->text);
    if (!rl_code_is_warning(err.code))
        rl_err_remedy(&err, "Change or remove what is named, or keep version %s of the pack.",
                      im->version);
    tell_at(im, &err, i, cause_of(err.code));
}

static void judge_effects(struct import *im)
{
    for (size_t i = 0; i < im->pack.n; i++) {
        struct rl_problems found = {0};
        int field;
        if (im->stored[i].obj && !same_data(&im->pack.type[i], &im->stored[i], &field))
            rl_type_change_judge(im->act, &im->stored[i], &im->pack.type[i], &found);
        for (size_t k = 0; k < found.n; k++)
            tell_effect(im, i, &found.item[k]);
        rl_problems_fini(&found);
    }
}

/* --- writing --- */

static enum rl_code put_type(struct import *im, size_t i)
{
    const struct rl_row *old = im->stored[i].obj ? &im->stored[i] : NULL;
    struct rl_row *type = &im->pack.type[i];
    struct rl_err err;
    enum rl_code code = RL_OK;
    if (old)
        code = rl_type_change_apply(im->act, old, type, &im->devices, im->problems);
    if (!code)
        code = rl_change_put(im->act, RL_TYPE, old, type, im->problems);
    if (!code && !ok(im, rl_type_predefined(im->act, type, true, &err), &err))
        code = err.code;
    return code;
}

static enum rl_code remove_type(struct import *im, const struct rl_row *type)
{
    struct rl_err err;
    enum rl_code code = rl_type_let_go(im->act, type, &err);
    if (!code)
        return rl_change_put(im->act, RL_TYPE, type, NULL, im->problems);
    tell_at(im, &err, RL_PACK_HEADER, "version");
    return code;
}

/* The import as a whole, before the entries of its types. */
static enum rl_code audit(struct import *im)
{
    const struct rl_auditor *auditor = im->act->audit;
    struct rl_err err;
    char *object = rl_asprintf("pack %s %s", im->pack.name, im->pack.version);
    json_t *entry =
        json_pack("{s:s, s:s, s:I, s:s?}", "file", im->file->name, "vendor", im->pack.vendor,
                  "types", (json_int_t)im->pack.n, "signer", im->signer);
    char *after = json_dumps(entry, JSON_COMPACT);
    char *before = im->version ? rl_asprintf("{\"version\":\"%s\"}", im->version) : NULL;
    enum rl_code code =
        auditor->add(auditor->ctx, im->act->who, "type import", object, before, after, &err);
    if (code)
        rl_problems_add(im->problems, &err);
    json_decref(entry);
    free(before);
    free(after);
    free(object);
    return code;
}

/* True if the site has all of it already. */
static bool changes_nothing(const struct import *im)
{
    return im->version && !rl_pack_version_cmp(im->pack.version, im->version) &&
           im->known == im->pack.n;
}

static enum rl_code write_all(struct import *im)
{
    struct rl_err err;
    enum rl_code code = audit(im);
    for (size_t i = 0; i < im->ngone && !code; i++)
        code = remove_type(im, &im->gone[i]);
    for (size_t i = 0; i < im->pack.n && !code; i++)
        code = put_type(im, i);
    if (!code && !ok(im, rl_pack_note(im->act->store, im->pack.name, im->pack.version, &err), &err))
        code = err.code;
    return code ? code : rl_problems_verdict(im->act, im->problems);
}

/* Inside the transaction. */
static enum rl_code import(struct import *im)
{
    compare(im);
    if (!rl_problems_first_error(im->problems))
        judge_effects(im);
    enum rl_code code = rl_problems_verdict(im->act, im->problems);
    return code || changes_nothing(im) ? code : write_all(im);
}

static enum rl_code transact(struct import *im)
{
    struct rl_err err;
    enum rl_code code = rl_store_begin(im->act->store, &err);
    if (!ok(im, code, &err))
        return code;
    code = import(im);
    if (!code && !ok(im, rl_store_commit(im->act->store, &err), &err))
        code = err.code;
    if (code)
        rl_store_rollback(im->act->store);
    return code;
}

/* --- the result --- */

static void add_result(struct rl_pack_result *out, const struct rl_row *type,
                       enum rl_pack_change what)
{
    out->type = rl_realloc(out->type, (out->n + 1) * sizeof *out->type);
    out->type[out->n++] = (struct rl_pack_type){rl_strdup(rl_row_get(type, RL_TYPE_MODEL)), what};
}

static void give(const struct import *im, struct rl_pack_result *out)
{
    int field;
    *out = (struct rl_pack_result){.name = rl_strdup(im->pack.name),
                                   .version = rl_strdup(im->pack.version),
                                   .devices = im->devices};
    for (size_t i = 0; i < im->pack.n; i++) {
        const struct rl_row *type = &im->pack.type[i], *old = &im->stored[i];
        add_result(out, type,
                   !old->obj                      ? RL_PACK_ADDED
                   : same_data(type, old, &field) ? RL_PACK_SAME
                                                  : RL_PACK_CHANGED);
    }
    for (size_t i = 0; i < im->ngone; i++)
        add_result(out, &im->gone[i], RL_PACK_REMOVED);
}

static void release(struct import *im)
{
    for (size_t i = 0; im->stored && i < im->pack.n; i++)
        rl_row_fini(&im->stored[i]);
    for (size_t i = 0; i < im->ngone; i++)
        rl_row_fini(&im->gone[i]);
    free(im->stored);
    free(im->gone);
    free(im->version);
    free(im->signer);
    rl_pack_fini(&im->pack);
}

enum rl_code rl_pack_import(const struct rl_act *act, const struct rl_pack_file *file,
                            struct rl_pack_result *out, struct rl_problems *problems)
{
    struct import im = {.act = act, .file = file, .problems = problems};
    enum rl_code code = rl_pack_parse(file->text, file->n, file->name, false, &im.pack, problems);
    if (code)
        return code;
    check_signature(&im);
    const struct rl_err *refusal = rl_problems_first_error(problems);
    code = refusal ? refusal->code : transact(&im);
    if (!code)
        give(&im, out);
    release(&im);
    return code;
}

void rl_pack_result_fini(struct rl_pack_result *result)
{
    for (size_t i = 0; i < result->n; i++)
        free(result->type[i].model);
    free(result->type);
    free(result->name);
    free(result->version);
    *result = (struct rl_pack_result){0};
}
