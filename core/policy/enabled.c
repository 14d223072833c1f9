#include "policy/enabled.h"

#include <string.h>

#include "policy/names.h"
#include "policy/objects.h"
#include "ringlock/profile.h"

/* One phone under judgement. */
struct checked {
    const struct rl_enabled_in *in;
    struct rl_enabled *out;
    bool shared;
    struct rl_point *point; /* the one being judged */
};

#define BLAME(c, code, ...) blame(c, rl_fail(&(c)->point->why, code, object(c), __VA_ARGS__))

static void blame(struct checked *c, enum rl_code code)
{
    c->point->ok = code == RL_OK;
}

static const char *text(const struct rl_row *row, int field)
{
    return row ? rl_row_get(row, field) : "";
}

static const char *object(const struct checked *c)
{
    return text(c->in->phone, RL_PHONE_NAME);
}

static const char *label_of(const struct rl_row *row, int field)
{
    const struct rl_field *f = &row->obj->fields[field];
    for (size_t i = 0; f->values[i]; i++)
        if (rl_row_is(row, field, f->values[i]))
            return f->labels[i];
    return rl_row_get(row, field);
}

static void blame_name(struct checked *c, const struct rl_name_match *match)
{
    const char *name = text(c->in->profile, RL_PROFILE_NAME);
    rl_name_problem(match, c->in->shared, name, name, &c->point->why);
    c->point->ok = false;
}

/* --- the points --- */

/* R84: the wizard of a mode that the supplier did not name cannot be gone. */
static void check_cert_mode(struct checked *c)
{
    const char *mode = text(c->in->type, RL_TYPE_CERT_MODE);
    c->point->value = mode;
    if (!c->in->type)
        BLAME(c, RL_E_REQUIRED, "No phone type is chosen.");
    else if (!*mode)
        BLAME(c, RL_E_CERT_MODE_UNKNOWN,
              "The supplier of %s has not said which certificates it takes.",
              text(c->in->type, RL_TYPE_MODEL));
    else if (!rl_cert_mode_takes(mode, c->shared ? "shared" : "per-device"))
        BLAME(c, RL_E_CERT_MODE, "Phones of type %s take certificates of mode %s.",
              text(c->in->type, RL_TYPE_MODEL), mode);
}

static const struct rl_row *certificate(const struct checked *c, size_t i)
{
    return c->shared ? c->in->shared : c->in->own[i];
}

static size_t ncertificates(const struct checked *c)
{
    return c->shared ? c->in->shared != NULL : c->in->nown;
}

static void check_certificate(struct checked *c)
{
    const char *phone = *object(c) ? object(c) : "the phone";
    if (ncertificates(c) > 0) {
        c->point->value = text(certificate(c, 0), RL_CERTIFICATE_NAME);
    } else if (c->shared) {
        BLAME(c, RL_E_VENDOR_CERT_MISSING, "Profile %s has no shared certificate on file.",
              text(c->in->profile, RL_PROFILE_NAME));
        rl_err_remedy(&c->point->why, "Upload it: ringlock cert upload FILE; the profile finds it "
                                      "by its name when it is saved.");
    } else {
        BLAME(c, RL_E_VENDOR_CERT_MISSING,
              c->in->removed ? "The certificate of %s was removed from this site."
                             : "No certificate is on file for %s.",
              phone);
        rl_err_remedy(&c->point->why, "Upload it: ringlock cert upload FILE --device %s.",
                      *object(c) ? object(c) : "NAME");
    }
}

/* RFC 3339 in UTC sorts as text. */
static bool valid(const struct rl_row *cert, const char *now)
{
    return strcmp(text(cert, RL_CERTIFICATE_NOT_BEFORE), now) <= 0 &&
           strcmp(text(cert, RL_CERTIFICATE_NOT_AFTER), now) >= 0;
}

static void check_dates(struct checked *c)
{
    const struct rl_row *last = NULL;
    for (size_t i = 0; i < ncertificates(c); i++) {
        last = certificate(c, i);
        c->point->value = text(last, RL_CERTIFICATE_NOT_AFTER);
        if (valid(last, c->in->now))
            return;
    }
    if (!last)
        BLAME(c, RL_E_CERT_DATES, "There is no certificate that could be valid.");
    else
        BLAME(c, RL_E_CERT_DATES, "Certificate %s is valid from %s to %s, not now.",
              text(last, RL_CERTIFICATE_NAME), text(last, RL_CERTIFICATE_NOT_BEFORE),
              text(last, RL_CERTIFICATE_NOT_AFTER));
}

/* R96: a SAN must be of type DNS; R101: without any, the certificate's name serves. */
static void check_san(struct checked *c)
{
    const struct rl_row *cert = c->in->shared;
    const char *san = text(cert, RL_CERTIFICATE_SAN);
    struct rl_name_match match;
    c->point->value = *san ? san : "none";
    if (!cert) {
        BLAME(c, RL_E_VENDOR_CERT_MISSING, "There is no certificate with a name.");
        return;
    }
    rl_name_match(cert, "", &match);
    if (match.names == 0)
        blame_name(c, &match);
}

/* R100 to R103: exactly one of the DNS names, character by character; the CN where there is no
 * SAN. */
static void check_name(struct checked *c)
{
    struct rl_name_match match;
    c->point->value = text(c->in->profile, RL_PROFILE_NAME);
    if (!c->in->profile || !c->in->shared) {
        BLAME(c, c->in->profile ? RL_E_VENDOR_CERT_MISSING : RL_E_REQUIRED,
              c->in->profile ? "There is no certificate whose name it could be."
                             : "There is no security profile.");
        return;
    }
    rl_name_match(c->in->shared, c->point->value, &match);
    if (match.code != RL_OK && match.code != RL_W_NO_SAN)
        blame_name(c, &match);
}

static void check_mode(struct checked *c)
{
    const struct rl_row *profile = c->in->profile;
    if (!profile) {
        BLAME(c, RL_E_REQUIRED, "There is no security profile.");
        return;
    }
    c->point->value = label_of(profile, RL_PROFILE_MODE);
    if (c->in->type &&
        rl_type_says(c->in->type, RL_TYPE_TLS, text(profile, RL_PROFILE_PROTOCOL)) != RL_YES)
        BLAME(c, RL_E_NO_TLS, "Type %s has no Device Security Mode.",
              text(c->in->type, RL_TYPE_MODEL));
    else if (rl_profile_mode(profile) == RL_NONSECURE)
        BLAME(c, RL_E_MODE_NEEDED, "Profile %s is Non Secure.", text(profile, RL_PROFILE_NAME));
}

static void check_transport(struct checked *c)
{
    const struct rl_row *profile = c->in->profile;
    if (!profile) {
        BLAME(c, RL_E_REQUIRED, "There is no security profile.");
        return;
    }
    c->point->value = label_of(profile, RL_PROFILE_TRANSPORT);
    if (!rl_row_is(profile, RL_PROFILE_TRANSPORT, "tls"))
        BLAME(c, RL_E_TRANSPORT_TLS, "Profile %s has the transport %s.",
              text(profile, RL_PROFILE_NAME), c->point->value);
}

static void check_phone(struct checked *c)
{
    const struct rl_row *phone = c->in->phone, *profile = c->in->profile;
    c->point->value = object(c);
    if (!phone || !profile)
        BLAME(c, RL_E_REQUIRED,
              phone ? "The phone has no security profile." : "There is no phone.");
    else if (!rl_row_is(phone, RL_PHONE_PROFILE, text(profile, RL_PROFILE_NAME)))
        BLAME(c, RL_E_REQUIRED, "Phone %s has the profile %s, not %s.", object(c),
              text(phone, RL_PHONE_PROFILE), text(profile, RL_PROFILE_NAME));
    else if (!rl_row_is(phone, RL_PHONE_TYPE, text(profile, RL_PROFILE_TYPE)) ||
             !rl_row_is(phone, RL_PHONE_PROTOCOL, text(profile, RL_PROFILE_PROTOCOL)))
        BLAME(c, RL_E_PROFILE_TYPE, "Profile %s is for %s, the phone is %s.",
              text(profile, RL_PROFILE_NAME), text(profile, RL_PROFILE_TYPE),
              text(phone, RL_PHONE_TYPE));
}

static void check_cluster(struct checked *c)
{
    c->point->value = c->in->mixed ? "mixed" : "nonsecure";
    if (!c->in->mixed)
        BLAME(c, RL_W_CLUSTER_NONSECURE,
              "The cluster is in nonsecure mode: phones do not register securely.");
}

/* In the order in which the wizards come to them. The steps are those of core/model/wizard.c. */
static const struct {
    const char *id, *label, *step, *shared_step; /* step: NULL = only for shared certificates */
    void (*check)(struct checked *c);
} points[] = {
    {"cert-mode",   "Certificate Mode",          "type",    "type",        check_cert_mode  },
    {"certificate", "Certificate on file",       "upload",  "upload",      check_certificate},
    {"dates",       "Certificate valid now",     "upload",  "upload",      check_dates      },
    {"san",         "SAN of type DNS",           NULL,      "certificate", check_san        },
    {"name",        "Name is the certificate's", NULL,      "name",        check_name       },
    {"mode",        "Device Security Mode",      "profile", "mode",        check_mode       },
    {"transport",   "Transport Type",            "profile", "transport",   check_transport  },
    {"phone",       "Phone has the profile",     "assign",  "assign",      check_phone      },
    {"cluster",     "Cluster Security Mode",     "",        "",            check_cluster    },
};
_Static_assert(sizeof points / sizeof *points == RL_ENABLED_POINTS, "one row for each point");

/* Types that take both go by what the profile names. */
static bool is_shared(const struct rl_enabled_in *in)
{
    const char *mode = text(in->type, RL_TYPE_CERT_MODE);
    if (in->kind)
        return strcmp(in->kind, "shared") == 0;
    if (strcmp(mode, "both") == 0)
        return in->shared && in->nown == 0;
    return strcmp(mode, "shared") == 0;
}

void rl_policy_enabled(const struct rl_enabled_in *in, struct rl_enabled *out)
{
    struct checked c = {in, out, is_shared(in), NULL};
    *out = (struct rl_enabled){.ok = true};
    for (size_t i = 0; i < RL_ENABLED_POINTS; i++) {
        if (!c.shared && !points[i].step)
            continue;
        c.point = &out->point[out->n++];
        c.point->id = points[i].id;
        c.point->label = points[i].label;
        c.point->step = c.shared ? points[i].shared_step : points[i].step;
        c.point->value = "";
        c.point->ok = true;
        points[i].check(&c);
        out->ok = out->ok && c.point->ok;
    }
}
