#include "control/owninstall.h"

#include <stdlib.h>

#include "control/certchain.h"
#include "control/certrow.h"
#include "control/certs.h"
#include "control/change.h"
#include "pki/bundle.h"
#include "policy/certs.h"
#include "ringlock/time.h"
#include "store/certs.h"

struct installing {
    const struct rl_act *act;
    const struct rl_own_answer *answer;
    struct rl_bundle bundle;
    struct rl_csr csr;
    const char *store; /* whose CAs are trusted for the role */
    char now[RL_TIME_TEXT];
};

/* security-model.md 13: CAPF and TVS have trust stores of their own. */
static const char *trust_of(const struct rl_own_kind *kind)
{
    static const struct {
        enum rl_cert_role role;
        const char *store;
    } stores[] = {
        {RL_CERT_CAPF, "CAPF-trust"},
        {RL_CERT_TVS,  "TVS-trust" },
    };
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        if (stores[i].role == kind->role)
            return stores[i].store;
    return RL_STORE_PHONES;
}

/* ---- what it must be ---- */

static void refuse(struct rl_problems *problems, struct rl_err *err)
{
    rl_problems_add(problems, err);
}

static void check_key(struct installing *in, struct rl_problems *problems)
{
    const struct rl_own_kind *kind = in->answer->kind;
    const struct rl_cert *cert = &in->bundle.cert[0];
    struct rl_key *key = NULL;
    struct rl_err err;
    char *path = rl_asprintf("%s/%s", in->answer->keys, in->csr.key_file);
    if (rl_key_load(path, &key, &err) != RL_OK) {
        refuse(problems, &err);
    } else if (!rl_key_fits(key, cert->der, cert->nder)) {
        rl_fail(&err, RL_E_CERT_CSR_MISMATCH, in->answer->object,
                "The certificate of %s has another key than the request for %s of %s.",
                cert->subject, kind->name, in->csr.made);
        refuse(problems, &err);
    }
    rl_key_free(&key);
    free(path);
}

/* Phones' certificates are signed with it (R131). */
static void check_ca(struct installing *in, struct rl_problems *problems)
{
    const struct rl_cert *cert = &in->bundle.cert[0];
    struct rl_err err;
    if (in->answer->kind->role != RL_CERT_CAPF || cert->ca)
        return;
    rl_fail(&err, RL_E_CERT_CA, in->answer->object,
            "The certificate of %s may not sign others, and CAPF signs those of phones.",
            cert->subject);
    refuse(problems, &err);
}

static void judge(struct installing *in, struct rl_problems *problems)
{
    struct rl_row row;
    check_key(in, problems);
    check_ca(in, problems);
    for (size_t i = 0; i < in->bundle.n; i++) {
        rl_cert_row(&in->bundle.cert[i], &row);
        rl_policy_cert(&row, NULL, in->now, problems);
        rl_row_fini(&row);
    }
}

/* ---- those of its CA, inside the transaction ---- */

static enum rl_code take_one(struct installing *in, const struct rl_cert *cert,
                             struct rl_problems *problems)
{
    struct rl_uploaded uploaded;
    struct rl_err err;
    bool has = false;
    const struct rl_upload upload = {.data = cert->der,
                                     .n = cert->nder,
                                     .file = in->answer->object,
                                     .store = in->store,
                                     .now_us = in->answer->now_us};
    enum rl_code code = rl_store_cert_has(in->act->store, cert->fingerprint, in->store, &has, &err);
    if (code)
        refuse(problems, &err);
    if (code || has)
        return code;
    code = rl_cert_take(in->act, &upload, &uploaded, problems);
    if (!code)
        rl_uploaded_fini(&uploaded);
    return code;
}

/* From the root down: who signed one is there before it. */
static enum rl_code take_chain(void *ctx, struct rl_problems *problems)
{
    struct installing *in = ctx;
    const struct rl_cert *cert = &in->bundle.cert[0];
    struct rl_row row;
    struct rl_cert issuer;
    struct rl_err err;
    bool found = false;
    enum rl_code code = RL_OK;
    for (size_t i = in->bundle.n - 1; i > 0 && !code; i--)
        code = take_one(in, &in->bundle.cert[i], problems);
    if (code)
        return code;
    code =
        rl_cert_find_issuer(in->act->store, in->store, cert, in->now, &row, &issuer, &found, &err);
    if (!code && !found)
        code = rl_fail_field(&err, RL_E_CERT_NO_CHAIN, in->answer->object, "issuer",
                             "%s was signed by %s, which is not in %s.", cert->subject,
                             cert->issuer, in->store);
    else if (!code && rl_cert_validity(&row, in->now) != RL_CERT_VALID)
        code = rl_fail_field(&err, RL_E_CERT_NO_CHAIN, in->answer->object, "issuer",
                             "%s was signed by %s, which is not valid now.", cert->subject,
                             rl_row_get(&row, RL_CERTIFICATE_NAME));
    if (found) {
        rl_row_fini(&row);
        rl_cert_fini(&issuer);
    }
    if (code)
        refuse(problems, &err);
    return code;
}

/* ---- the whole ---- */

static enum rl_code install(struct installing *in, struct rl_own_left *left,
                            struct rl_problems *problems)
{
    const struct rl_own_answer *a = in->answer;
    const struct rl_own_new added = {.kind = a->kind,
                                     .what = "install",
                                     .file = in->csr.key_file,
                                     .cert = &in->bundle.cert[0],
                                     .answers = true,
                                     .at_once = a->at_once,
                                     .now_us = a->now_us};
    judge(in, problems);
    enum rl_code code = rl_problems_verdict(in->act, problems);
    return code ? code : rl_own_add(in->act, &added, take_chain, in, left, problems);
}

enum rl_code rl_own_install(const struct rl_act *act, const struct rl_own_answer *answer,
                            struct rl_own_left *left, struct rl_problems *problems)
{
    struct installing *in = rl_alloc(sizeof *in);
    struct rl_err err;
    in->act = act;
    in->answer = answer;
    in->store = trust_of(answer->kind);
    rl_time_text(answer->now_us, 0, in->now);
    enum rl_code code = rl_store_csr_get(act->store, rl_own_role_name(answer->kind),
                                         answer->kind->ec, &in->csr, &err);
    if (code == RL_E_NOT_FOUND)
        rl_err_remedy(&err, "Ask a CA first: ringlock cert csr ROLE.");
    if (!code)
        code = rl_bundle_read(answer->data, answer->n, answer->object, &in->bundle, &err);
    if (code)
        refuse(problems, &err);
    else
        code = install(in, left, problems);
    rl_bundle_fini(&in->bundle);
    rl_csr_fini(&in->csr);
    free(in);
    return code;
}
