/* Certificates that profiles and phones rest on. */
#include <stdlib.h>
#include <string.h>

#include "control/certuse.h"
#include "control/change.h"
#include "policy/certs.h"
#include "policy/names.h"
#include "ringlock/profile.h"
#include "ringlock/time.h"
#include "store/certs.h"

enum { COMPARED = 500, NAMED = 3 };

struct judged {
    struct rl_change *c;
    char now[RL_TIME_TEXT];
};

#define REFUSE(j, code, field, ...)                                           \
    do {                                                                      \
        struct rl_err refused;                                                \
        rl_fail_field(&refused, (code), (j)->c->label, (field), __VA_ARGS__); \
        rl_problems_add((j)->c->problems, &refused);                          \
    } while (0)

static const char *value(const struct judged *j, int field)
{
    return rl_row_get(&j->c->row, field);
}

static bool differs(const struct judged *j, int field)
{
    return rl_change_is_new(j->c) || !rl_row_is(&j->c->old, field, value(j, field));
}

static bool is_valid(const struct judged *j, const struct rl_row *cert)
{
    return rl_cert_validity(cert, j->now) == RL_CERT_VALID;
}

/* --- profiles --- */

static void match(struct judged *j, const struct rl_row *cert)
{
    struct rl_name_match m;
    struct rl_err err;
    const char *name = value(j, RL_PROFILE_NAME);
    rl_name_match(cert, name, &m);
    if (!m.code)
        return;
    if (m.code == RL_E_SAN_MISMATCH) /* that the field would not take it either is no news */
        rl_problems_drop(j->c->problems, j->c->checked, RL_E_VALUE, "name");
    rl_name_problem(&m, cert, name, j->c->label, &err);
    rl_problems_add(j->c->problems, &err);
}

static void check_dates(struct judged *j, const struct rl_row *cert)
{
    if (!is_valid(j, cert))
        REFUSE(j, RL_E_CERT_DATES, "certificate", "Certificate %s is valid from %s to %s, not now.",
               rl_row_get(cert, RL_CERTIFICATE_NAME), rl_row_get(cert, RL_CERTIFICATE_NOT_BEFORE),
               rl_row_get(cert, RL_CERTIFICATE_NOT_AFTER));
}

/* One that was named by the user. */
static void check_named(struct judged *j)
{
    struct rl_row cert;
    const char *name = value(j, RL_PROFILE_CERTIFICATE);
    if (rl_store_get(j->c->act->store, RL_CERTIFICATE, name, &cert, NULL)) {
        REFUSE(j, RL_E_NOT_FOUND, "certificate", "There is no certificate \"%s\" on file.", name);
        return;
    }
    if (!rl_row_is(&cert, RL_CERTIFICATE_DEVICE, ""))
        REFUSE(j, RL_E_CERT_REUSED, "certificate",
               "Certificate %s belongs to %s alone: it cannot be shared.", name,
               rl_row_get(&cert, RL_CERTIFICATE_DEVICE));
    else if (!rl_row_is(&cert, RL_CERTIFICATE_STORE, RL_STORE_PHONES))
        REFUSE(j, RL_E_VALUE, "certificate",
               "Certificate %s is in %s: phones present what is in " RL_STORE_PHONES ".", name,
               rl_row_get(&cert, RL_CERTIFICATE_STORE));
    else
        check_dates(j, &cert);
    match(j, &cert);
    rl_row_fini(&cert);
}

struct search {
    const struct judged *j;
    struct rl_row best; /* obj is NULL: none */
    size_t alike;
};

static bool take_valid(void *ctx, const struct rl_row *cert)
{
    struct search *s = ctx;
    if (!is_valid(s->j, cert))
        return true;
    rl_row_copy(&s->best, cert);
    return false;
}

static bool take_nearest(void *ctx, const struct rl_row *cert, enum rl_tristate trusted)
{
    struct search *s = ctx;
    struct rl_name_match m;
    (void)trusted;
    rl_name_match(cert, value(s->j, RL_PROFILE_NAME), &m);
    if (s->best.obj && m.alike <= s->alike)
        return true;
    rl_row_fini(&s->best);
    rl_row_copy(&s->best, cert);
    s->alike = m.alike;
    return true;
}

/* R103: nothing on file has the name; what is most like it shows where they part. */
static void refuse_unmatched(struct judged *j)
{
    struct search s = {.j = j};
    const struct rl_criterion shared[] = {
        {RL_CERTIFICATE_USAGE, RL_OP_IS, "shared"}
    };
    struct rl_query q = {
        .kind = RL_CERTIFICATE, .criteria = shared, .ncriteria = 1, .limit = COMPARED};
    rl_store_list(j->c->act->store, &q, take_nearest, &s, NULL);
    if (!s.best.obj)
        REFUSE(j, RL_E_VENDOR_CERT_MISSING, "certificate",
               "No shared certificate is on file for profile %s.", value(j, RL_PROFILE_NAME));
    else
        match(j, &s.best);
    rl_row_fini(&s.best);
}

/* The one recorded earlier, while none that is valid has the name. */
static void check_recorded(struct judged *j, bool secure)
{
    struct rl_row cert;
    struct rl_name_match m;
    const char *name = value(j, RL_PROFILE_CERTIFICATE);
    if (rl_store_get(j->c->act->store, RL_CERTIFICATE, name, &cert, NULL))
        return;
    rl_name_match(&cert, value(j, RL_PROFILE_NAME), &m);
    if (secure && rl_code_is_warning(m.code))
        m.code = RL_OK;
    if (secure && m.code)
        match(j, &cert); /* R109 */
    else if (secure)
        check_dates(j, &cert);
    else if (m.code)
        rl_row_set(&j->c->row, RL_PROFILE_CERTIFICATE, "");
    rl_row_fini(&cert);
}

static void find_or_refuse(struct judged *j, bool secure)
{
    struct search s = {.j = j};
    rl_store_certs_named(j->c->act->store, value(j, RL_PROFILE_NAME), take_valid, &s, NULL);
    if (s.best.obj) {
        rl_row_set(&j->c->row, RL_PROFILE_CERTIFICATE, rl_row_get(&s.best, RL_CERTIFICATE_NAME));
        match(j, &s.best);
    } else if (*value(j, RL_PROFILE_CERTIFICATE)) {
        check_recorded(j, secure);
    } else if (secure && rl_row_is(j->c->type, RL_TYPE_CERT_MODE, "shared")) {
        refuse_unmatched(j);
    }
    rl_row_fini(&s.best);
}

/* True if a phone has a certificate of its own that is valid. */
static bool has_own(const struct judged *j, const char *phone)
{
    struct search s = {.j = j};
    rl_store_device_certs(j->c->act->store, phone, take_valid, &s, NULL);
    bool has = s.best.obj != NULL;
    rl_row_fini(&s.best);
    return has;
}

struct without {
    const struct judged *j;
    struct rl_buf names;
    size_t n;
};

static bool count_without(void *ctx, const char *kind, const char *phone)
{
    struct without *w = ctx;
    (void)kind;
    if (has_own(w->j, phone))
        return true;
    if (w->n++ < NAMED)
        rl_buf_addf(&w->names, "%s%s", w->n > 1 ? ", " : "", phone);
    return true;
}

/* A profile that becomes secure is given to all its phones. */
static void check_phones(struct judged *j)
{
    struct without w = {.j = j};
    rl_store_users_of(j->c->act->store, RL_PROFILE, rl_row_get(&j->c->old, RL_PROFILE_NAME),
                      count_without, &w, NULL);
    if (w.n)
        REFUSE(j, RL_E_VENDOR_CERT_MISSING, "mode",
               "%zu phone%s of the profile %s no valid certificate on file: %s%s.", w.n,
               w.n == 1 ? "" : "s", w.n == 1 ? "has" : "have", rl_buf_str(&w.names),
               w.n > NAMED ? ", ..." : "");
    rl_buf_fini(&w.names);
}

static void check_profile(struct judged *j)
{
    const struct rl_change *c = j->c;
    bool secure = rl_profile_mode(&c->row) != RL_NONSECURE;
    bool turns = secure && !rl_change_is_new(c) && rl_profile_mode(&c->old) == RL_NONSECURE;
    bool given = c->given >> RL_PROFILE_CERTIFICATE & 1 && *value(j, RL_PROFILE_CERTIFICATE);
    bool touched = turns || differs(j, RL_PROFILE_NAME) || differs(j, RL_PROFILE_CERTIFICATE);
    if (!*value(j, RL_PROFILE_NAME))
        return; /* told as missing: it differs from no name yet */
    if (rl_profile_has(c->type, value(j, RL_PROFILE_PROTOCOL), RL_PROFILE_CERTIFICATE) && touched) {
        if (given && differs(j, RL_PROFILE_CERTIFICATE))
            check_named(j);
        else
            find_or_refuse(j, secure);
    }
    if (turns && rl_type_is_preferred_vendor(c->type) && !*value(j, RL_PROFILE_CERTIFICATE))
        check_phones(j);
}

/* --- phones --- */

static void check_phone(struct judged *j)
{
    const struct rl_change *c = j->c;
    const char *mode = rl_row_get(c->type, RL_TYPE_CERT_MODE), *name = value(j, RL_PHONE_NAME);
    if (!c->profile || !rl_type_is_preferred_vendor(c->type) || !differs(j, RL_PHONE_PROFILE) ||
        rl_profile_mode(c->profile) == RL_NONSECURE)
        return;
    if ((strcmp(mode, "per-device") != 0 && rl_cert_serves(c->act->store, c->profile, j->now)) ||
        (strcmp(mode, "shared") != 0 && has_own(j, name)))
        return;
    if (!strcmp(mode, "shared"))
        REFUSE(j, RL_E_VENDOR_CERT_MISSING, "profile",
               "Profile %s has no shared certificate on file that is valid now.",
               rl_row_get(c->profile, RL_PROFILE_NAME));
    else
        REFUSE(j, RL_E_VENDOR_CERT_MISSING, "profile",
               "No certificate that is valid now is on file for %s.", name);
}

void rl_change_check_certificate(struct rl_change *c)
{
    struct judged j = {.c = c};
    rl_time_text(rl_now_us(), 0, j.now);
    if (c->obj->kind == RL_PROFILE)
        check_profile(&j);
    else if (c->obj->kind == RL_PHONE)
        check_phone(&j);
}
