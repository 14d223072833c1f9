#include "control/own.h"

#include <stdlib.h>
#include <string.h>

#include "control/certrow.h"
#include "control/certuse.h"
#include "control/change.h"
#include "control/ownmake.h"
#include "ringlock/time.h"
#include "store/certs.h"
#include "store/own.h"

enum { YEARS = 5, RECOVERY_YEARS = 20 };

/* security-model.md 13. A lasting anchor is what ITLRecovery is for. */
static const struct rl_own_kind kinds[] = {
    {RL_STORE_CALLMANAGER, RL_CERT_CALLMANAGER, false, RL_KEY_RSA_2048, YEARS         },
    {RL_STORE_ECDSA,       RL_CERT_CALLMANAGER, true,  RL_KEY_EC_256,   YEARS         },
    {RL_STORE_TFTP,        RL_CERT_TFTP,        false, RL_KEY_RSA_2048, YEARS         },
    {RL_STORE_CAPF,        RL_CERT_CAPF,        false, RL_KEY_RSA_2048, YEARS         },
    {RL_STORE_TVS,         RL_CERT_TVS,         false, RL_KEY_RSA_2048, YEARS         },
    {RL_STORE_ITLRECOVERY, RL_CERT_ITLRECOVERY, false, RL_KEY_RSA_2048, RECOVERY_YEARS},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

const struct rl_own_kind *rl_own_kind(size_t i)
{
    return i < KINDS ? &kinds[i] : NULL;
}

const char *rl_own_role_name(const struct rl_own_kind *kind)
{
    unsigned bit;
    const char *name;
    for (size_t i = 0; (name = rl_cert_role_name(i, &bit)) && bit != kind->role;)
        i++;
    return name;
}

const struct rl_own_kind *rl_own_kind_named(const char *role, bool ec)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].ec == ec && strcmp(rl_own_role_name(&kinds[i]), role) == 0)
            return &kinds[i];
    return NULL;
}

/* ---- the row among the certificates on file ---- */

/* The row of one that is not the active one any more. */
static enum rl_code take_off(const struct rl_act *act, struct rl_row *row, const char *now,
                             struct rl_problems *problems)
{
    struct rl_change c;
    struct rl_err err;
    rl_change_begin_with(&c, act, NULL, RL_CERTIFICATE, row, problems);
    rl_row_fini(&c.row); /* nothing is left after a removal */
    enum rl_code code = rl_store_cert_remove(act->store, rl_row_get(&c.old, 0), now, &err);
    if (code)
        rl_problems_add(problems, &err);
    else
        code = rl_change_audit(&c);
    rl_change_end(&c);
    return code;
}

static enum rl_code put_on(const struct rl_act *act, const struct rl_own_kind *kind,
                           const struct rl_cert *cert, const char *now,
                           struct rl_problems *problems)
{
    struct rl_row row;
    rl_cert_row(cert, &row);
    rl_row_set(&row, RL_CERTIFICATE_NAME, kind->name);
    rl_row_set(&row, RL_CERTIFICATE_STORE, kind->name);
    rl_row_set(&row, RL_CERTIFICATE_USAGE, rl_cert_usage(&row));
    rl_row_set(&row, RL_CERTIFICATE_UPLOADED, now);
    enum rl_code code = rl_cert_file(act, &row, cert, problems);
    rl_row_fini(&row);
    return code;
}

enum rl_code rl_own_put_on_file(const struct rl_act *act, const struct rl_own_kind *kind,
                                const struct rl_cert *cert, const char *now,
                                struct rl_problems *problems)
{
    struct rl_row row;
    enum rl_code code = RL_OK;
    if (!rl_store_get(act->store, RL_CERTIFICATE, kind->name, &row, NULL)) {
        if (rl_row_is(&row, RL_CERTIFICATE_FINGERPRINT, cert->fingerprint)) {
            rl_row_fini(&row);
            return RL_OK;
        }
        code = take_off(act, &row, now, problems);
    }
    return code ? code : put_on(act, kind, cert, now, problems);
}

/* ---- what a site has ---- */

struct has {
    bool any, active[KINDS];
};

static bool note_own(void *ctx, const struct rl_own *own)
{
    struct has *has = ctx;
    const struct rl_own_kind *kind = rl_own_kind_named(own->role, own->ec);
    has->any = true;
    if (kind && own->state == RL_OWN_ACTIVE)
        has->active[kind - kinds] = true;
    return true;
}

/* Releases before had a CallManager and a TFTP certificate, and no row of them but among the
 * certificates on file. */
static bool is_older(const struct has *has, const struct rl_own_kind *kind)
{
    return !has->any && !kind->ec &&
           (kind->role == RL_CERT_CALLMANAGER || kind->role == RL_CERT_TFTP);
}

/* ---- all of them ---- */

struct complete {
    const struct rl_act *act;
    const char *keys, *organization;
    bool fresh; /* a new site: there is nothing to adopt */
    struct has has;
    struct rl_own_made made[KINDS];
    int64_t now_us; /* so that those made together end together */
    char now[RL_TIME_TEXT];
    struct rl_problems problems;
};

static enum rl_code make_missing(struct complete *c, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < KINDS && !code; i++) {
        const struct rl_own_order order = {.kind = &kinds[i],
                                           .key = kinds[i].key,
                                           .keys = c->keys,
                                           .organization = c->organization,
                                           .first = !c->has.any,
                                           .now_us = c->now_us};
        if (c->has.active[i])
            continue;
        if (is_older(&c->has, &kinds[i]) && !c->fresh)
            code = rl_own_adopt(&kinds[i], c->keys, &c->made[i], err);
        else
            code = rl_own_make(&order, &c->made[i], err);
    }
    return code;
}

static enum rl_code write_one(struct complete *c, const struct rl_own_made *made,
                              struct rl_err *err)
{
    struct rl_own own = {.role = rl_own_role_name(made->kind),
                         .ec = made->kind->ec,
                         .state = RL_OWN_ACTIVE,
                         .key_file = made->file,
                         .fingerprint = made->cert.fingerprint,
                         .der = made->cert.der,
                         .nder = made->cert.nder,
                         .since = c->now};
    enum rl_code code = rl_store_own_add(c->act->store, &own, err);
    if (code)
        return code;
    code = rl_own_put_on_file(c->act, made->kind, &made->cert, c->now, &c->problems);
    if (code)
        *err = c->problems.item[0];
    return code;
}

static enum rl_code write_all(struct complete *c, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(c->act->store, err);
    if (code)
        return code;
    for (size_t i = 0; i < KINDS && !code; i++)
        if (c->made[i].kind)
            code = write_one(c, &c->made[i], err);
    if (!code)
        code = rl_store_commit(c->act->store, err);
    if (code)
        rl_store_rollback(c->act->store);
    return code;
}

static enum rl_code complete(const struct rl_act *act, const char *keys, const char *organization,
                             bool fresh, struct rl_err *err)
{
    struct rl_err mine;
    struct complete c = {.act = act, .keys = keys, .organization = organization, .fresh = fresh};
    err = err ? err : &mine;
    c.now_us = rl_now_us();
    rl_time_text(c.now_us, 0, c.now);
    enum rl_code code = rl_store_owns(act->store, NULL, false, note_own, &c.has, err);
    if (!code)
        code = make_missing(&c, err);
    if (!code)
        code = write_all(&c, err);
    if (!code)
        rl_own_sweep(act->store, keys);
    for (size_t i = 0; i < KINDS; i++)
        rl_own_made_fini(&c.made[i]);
    rl_problems_fini(&c.problems);
    return code;
}

enum rl_code rl_own_begin(const struct rl_act *act, const char *keys, const char *organization,
                          struct rl_err *err)
{
    return complete(act, keys, organization, true, err);
}

enum rl_code rl_own_complete(const struct rl_act *act, const char *keys, const char *organization,
                             struct rl_err *err)
{
    return complete(act, keys, organization, false, err);
}

enum rl_code rl_own_check(struct rl_store *store, const char *keys, struct rl_err *err)
{
    struct has has = {0};
    enum rl_code code = rl_store_owns(store, NULL, false, note_own, &has, err);
    for (size_t i = 0; i < KINDS && !code; i++)
        if (is_older(&has, &kinds[i])) {
            struct rl_own_made made;
            code = rl_own_adopt(&kinds[i], keys, &made, err);
            rl_own_made_fini(&made);
        }
    return code;
}
