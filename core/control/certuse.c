#include "control/certuse.h"

#include <stdlib.h>
#include <string.h>

#include "control/certrow.h"
#include "control/certs.h"
#include "control/change.h"
#include "policy/certs.h"
#include "policy/names.h"
#include "ringlock/profile.h"
#include "ringlock/time.h"
#include "store/certs.h"

enum { PHONES_NAMED = 3 };

/* What a profile may be called to use it: DNS SANs, else the CN (R100, R101, R103). */
static size_t names_of(const struct rl_cert *cert, const char **names)
{
    size_t n = 0;
    for (size_t i = 0; i < cert->nsan; i++)
        if (!strcmp(cert->san[i].type, "DNS"))
            names[n++] = cert->san[i].value;
    if (!cert->nsan && *cert->common_name)
        names[n++] = cert->common_name;
    return n;
}

enum rl_code rl_cert_file(const struct rl_act *act, struct rl_row *row, const struct rl_cert *cert,
                          struct rl_problems *problems)
{
    struct rl_change c;
    struct rl_err err;
    const char **names = rl_alloc((cert->nsan + 1) * sizeof *names);
    enum rl_code code = rl_store_cert_add(act->store, row, cert->der, cert->nder, names,
                                          names_of(cert, names), &err);
    free(names);
    if (code) {
        rl_problems_add(problems, &err);
        return code;
    }
    rl_change_begin_with(&c, act, NULL, RL_CERTIFICATE, NULL, problems);
    rl_row_fini(&c.row);
    rl_row_copy(&c.row, row);
    rl_object_label(c.obj, rl_row_get(row, RL_CERTIFICATE_NAME), c.label);
    code = rl_change_audit(&c);
    rl_change_end(&c);
    return code;
}

static bool is_secure(const struct rl_row *profile)
{
    return rl_profile_mode(profile) != RL_NONSECURE;
}

/* Ends a transaction: what failed is told by the first problem. Frees the list. */
static enum rl_code finish(struct rl_store *store, enum rl_code code, struct rl_problems *problems,
                           struct rl_err *err)
{
    if (code)
        *err = problems->item[0];
    else
        code = rl_store_commit(store, err);
    if (code)
        rl_store_rollback(store);
    rl_problems_fini(problems);
    return code;
}

/* --- profiles: which certificate is theirs --- */

/* Looking for the first certificate that counts, other than one that goes. */
struct search {
    const char *now;
    const char *but; /* its name, or NULL */
    char *name;      /* owned */
};

static bool take_valid(void *ctx, const struct rl_row *row)
{
    struct search *s = ctx;
    const char *name = rl_row_get(row, RL_CERTIFICATE_NAME);
    if (rl_cert_validity(row, s->now) != RL_CERT_VALID || (s->but && !strcmp(name, s->but)))
        return true;
    s->name = rl_strdup(name);
    return false;
}

/* Let a profile refer to another certificate, or to none; with its audit entry. */
static enum rl_code refer(const struct rl_act *act, const struct rl_row *profile, const char *cert,
                          struct rl_problems *problems)
{
    struct rl_change c;
    struct rl_row old;
    rl_row_copy(&old, profile);
    rl_change_begin_with(&c, act, NULL, RL_PROFILE, &old, problems);
    rl_row_set(&c.row, RL_PROFILE_CERTIFICATE, cert);
    enum rl_code code = rl_change_write(&c, 0);
    if (!code)
        code = rl_change_audit(&c);
    rl_change_end(&c);
    return code;
}

bool rl_cert_serves(struct rl_store *store, const struct rl_row *profile, const char *now)
{
    struct rl_row cert;
    const char *name = rl_row_get(profile, RL_PROFILE_CERTIFICATE);
    if (!*name || rl_store_get(store, RL_CERTIFICATE, name, &cert, NULL))
        return false;
    bool valid = rl_cert_validity(&cert, now) == RL_CERT_VALID;
    rl_row_fini(&cert);
    return valid;
}

static bool takes_shared(const struct rl_act *act, const struct rl_row *profile)
{
    struct rl_row type;
    if (!is_secure(profile) ||
        rl_store_get(act->store, RL_TYPE, rl_row_get(profile, RL_PROFILE_TYPE), &type, NULL))
        return false;
    bool takes = rl_cert_mode_takes(rl_row_get(&type, RL_TYPE_CERT_MODE), "shared");
    rl_row_fini(&type);
    return takes;
}

/* A CN alone is taken where somebody said yes to such a certificate before (R101). */
static enum rl_code offer(const struct rl_act *act, const struct rl_row *cert, const char *name,
                          const char *now, struct rl_problems *problems)
{
    struct rl_row profile;
    struct rl_name_match match;
    enum rl_code code = RL_OK;
    if (rl_store_get(act->store, RL_PROFILE, name, &profile, NULL))
        return RL_OK;
    rl_name_match(cert, name, &match);
    bool fits = match.code == RL_OK ||
                (match.code == RL_W_NO_SAN && *rl_row_get(&profile, RL_PROFILE_CERTIFICATE));
    if (fits && takes_shared(act, &profile) && !rl_cert_serves(act->store, &profile, now))
        code = refer(act, &profile, rl_row_get(cert, RL_CERTIFICATE_NAME), problems);
    rl_row_fini(&profile);
    return code;
}

enum rl_code rl_cert_adopted(const struct rl_act *act, const struct rl_row *cert, const char *now,
                             struct rl_problems *problems)
{
    const char *san = rl_row_get(cert, RL_CERTIFICATE_SAN), *dns;
    size_t n;
    enum rl_code code = RL_OK;
    if (*rl_row_get(cert, RL_CERTIFICATE_DEVICE) ||
        !rl_row_is(cert, RL_CERTIFICATE_STORE, RL_STORE_PHONES))
        return RL_OK;
    if (!*san)
        return offer(act, cert, rl_row_get(cert, RL_CERTIFICATE_COMMON_NAME), now, problems);
    while (!code && (dns = rl_name_next_dns(&san, &n)) != NULL) {
        char *name = rl_strndup(dns, n);
        code = offer(act, cert, name, now, problems);
        free(name);
    }
    return code;
}

/* Profiles with the certificates that ended. */
struct ended {
    char **profile, **cert; /* owned */
    size_t n;
};

static bool add_ended(void *ctx, const char *profile, const char *cert)
{
    struct ended *e = ctx;
    e->profile = rl_realloc(e->profile, (e->n + 1) * sizeof *e->profile);
    e->cert = rl_realloc(e->cert, (e->n + 1) * sizeof *e->cert);
    e->profile[e->n] = rl_strdup(profile);
    e->cert[e->n++] = rl_strdup(cert);
    return true;
}

static void ended_fini(struct ended *e)
{
    for (size_t i = 0; i < e->n; i++) {
        free(e->profile[i]);
        free(e->cert[i]);
    }
    free(e->profile);
    free(e->cert);
}

static enum rl_code turn_one(const struct rl_act *act, const char *profile, const char *cert,
                             const char *now, bool *changed, struct rl_problems *problems)
{
    struct search s = {.now = now, .but = cert};
    struct rl_row row;
    struct rl_err err;
    enum rl_code code = rl_store_certs_named(act->store, profile, take_valid, &s, &err);
    if (!code && s.name)
        code = rl_store_get(act->store, RL_PROFILE, profile, &row, &err);
    if (code) {
        rl_problems_add(problems, &err);
    } else if (s.name) {
        code = refer(act, &row, s.name, problems);
        rl_row_fini(&row);
        *changed = true;
    }
    free(s.name);
    return code;
}

static enum rl_code turn_all(const struct rl_act *act, const struct ended *e, const char *now,
                             bool *changed, struct rl_err *err)
{
    struct rl_problems problems = {0};
    enum rl_code code = rl_store_begin(act->store, err);
    if (code)
        return code;
    for (size_t i = 0; i < e->n && !code; i++)
        code = turn_one(act, e->profile[i], e->cert[i], now, changed, &problems);
    return finish(act->store, code, &problems, err);
}

enum rl_code rl_certs_turn(const struct rl_act *act, int64_t now_us, bool *changed,
                           struct rl_err *err)
{
    char now[RL_TIME_TEXT];
    struct ended ended = {0};
    *changed = false;
    rl_time_text(now_us, 0, now);
    enum rl_code code = rl_store_profiles_ended(act->store, now, add_ended, &ended, err);
    if (!code && ended.n)
        code = turn_all(act, &ended, now, changed, err);
    ended_fini(&ended);
    return code;
}

/* --- phones that lose it --- */

struct losers {
    size_t n;
    struct rl_buf first;
};

static bool add_loser(void *ctx, const char *kind, const char *name)
{
    struct losers *l = ctx;
    (void)kind;
    if (l->n++ < PHONES_NAMED)
        rl_buf_addf(&l->first, "%s%s", l->n > 1 ? ", " : "", name);
    return true;
}

/* The phone that it is bound to, if its profile is secure and no other of its own counts. */
static enum rl_code lose_bound(const struct rl_act *act, const struct rl_row *cert, const char *now,
                               struct losers *l, struct rl_err *err)
{
    struct rl_device_rows rows;
    const char *device = rl_row_get(cert, RL_CERTIFICATE_DEVICE);
    struct search s = {.now = now, .but = rl_row_get(cert, RL_CERTIFICATE_NAME)};
    if (rl_store_device(act->store, device, &rows, NULL))
        return RL_OK;
    bool secure = rows.kind == RL_PHONE && is_secure(&rows.profile);
    rl_device_rows_fini(&rows);
    if (!secure)
        return RL_OK;
    enum rl_code code = rl_store_device_certs(act->store, device, take_valid, &s, err);
    if (!code && !s.name)
        add_loser(l, "phone", device);
    free(s.name);
    return code;
}

/* Its profile goes over to another certificate of its name, or its phones are lost. */
static enum rl_code lose_profile(const struct rl_act *act, const struct rl_row *cert,
                                 const char *name, const char *now, struct losers *l,
                                 struct rl_problems *problems)
{
    struct rl_row profile;
    struct rl_err err;
    struct search s = {.now = now, .but = rl_row_get(cert, RL_CERTIFICATE_NAME)};
    enum rl_code code = rl_store_get(act->store, RL_PROFILE, name, &profile, &err);
    if (!code) {
        code = rl_store_certs_named(act->store, name, take_valid, &s, &err);
        if (!code && !s.name && is_secure(&profile))
            code = rl_store_users_of(act->store, RL_PROFILE, name, add_loser, l, &err);
        if (code)
            rl_problems_add(problems, &err);
        else
            code = refer(act, &profile, s.name, problems);
        rl_row_fini(&profile);
    } else {
        rl_problems_add(problems, &err);
    }
    free(s.name);
    return code;
}

struct profiles {
    char **name; /* owned */
    size_t n;
};

static bool add_profile(void *ctx, const char *kind, const char *name)
{
    struct profiles *p = ctx;
    if (strcmp(kind, "profile") != 0)
        return p->n == 0; /* phones of the profiles come behind them */
    p->name = rl_realloc(p->name, (p->n + 1) * sizeof *p->name);
    p->name[p->n++] = rl_strdup(name);
    return true;
}

static enum rl_code lose_shared(const struct rl_act *act, const struct rl_row *cert,
                                const char *now, struct losers *l, struct rl_problems *problems)
{
    struct profiles p = {0};
    struct rl_err err;
    enum rl_code code = rl_store_users_of(
        act->store, RL_CERTIFICATE, rl_row_get(cert, RL_CERTIFICATE_NAME), add_profile, &p, &err);
    if (code)
        rl_problems_add(problems, &err);
    for (size_t i = 0; i < p.n; i++) {
        if (!code)
            code = lose_profile(act, cert, p.name[i], now, l, problems);
        free(p.name[i]);
    }
    free(p.name);
    return code;
}

static void warn_lost(const struct rl_row *cert, const struct losers *l,
                      struct rl_problems *problems)
{
    rl_row_problem(problems, cert, RL_CERTIFICATE_NAME, RL_W_SECURITY_LOST,
                   "Without the certificate %s %zu phone%s no longer secure: %s%s.",
                   rl_row_get(cert, RL_CERTIFICATE_NAME), l->n, l->n == 1 ? " is" : "s are",
                   rl_buf_str(&l->first), l->n > PHONES_NAMED ? ", ..." : "");
}

enum rl_code rl_cert_before_removal(const struct rl_act *act, const struct rl_row *cert,
                                    int64_t now_us, struct rl_problems *problems)
{
    char now[RL_TIME_TEXT];
    struct losers l = {0};
    struct rl_err err;
    rl_time_text(now_us, 0, now);
    if (rl_row_is(cert, RL_CERTIFICATE_USAGE, "identity")) {
        rl_row_problem(problems, cert, RL_CERTIFICATE_NAME, RL_E_CERT_FIXED,
                       "The certificate %s is the server's own.",
                       rl_row_get(cert, RL_CERTIFICATE_NAME));
        return RL_E_CERT_FIXED;
    }
    enum rl_code code = lose_bound(act, cert, now, &l, &err);
    if (code)
        rl_problems_add(problems, &err);
    else
        code = lose_shared(act, cert, now, &l, problems);
    /* one that has expired has lost them before */
    if (!code && l.n && rl_cert_validity(cert, now) == RL_CERT_VALID)
        warn_lost(cert, &l, problems);
    rl_buf_fini(&l.first);
    return code ? code : rl_problems_verdict(act, problems);
}
