/* Rules on phones, gateways, shared lines and types. */
#include "policy/objects.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/profile.h"

static bool same(const struct rl_row *a, int field_a, const struct rl_row *b, int field_b)
{
    return rl_row_is(a, field_a, rl_row_get(b, field_b));
}

enum rl_tristate rl_policy_trust(const struct rl_row *type)
{
    return rl_type_says(type, RL_TYPE_TRUSTED, "");
}

const char *rl_policy_trust_text(enum rl_tristate trust)
{
    return trust == RL_YES ? "Device is trusted" : "Device is not trusted";
}

/* --- phones and gateways --- */

static void check_protocol(const struct rl_row *device, int field, const struct rl_row *type,
                           struct rl_problems *problems)
{
    const char *protocol = rl_row_get(device, field);
    if (!rl_type_has_protocol(type, protocol))
        rl_row_problem(problems, device, field, RL_E_TYPE_PROTOCOL, "%s does not speak %s.",
                       rl_row_get(type, RL_TYPE_MODEL), protocol);
}

static void check_profile(const struct rl_row *phone, const struct rl_row *profile,
                          struct rl_problems *problems)
{
    if (same(phone, RL_PHONE_TYPE, profile, RL_PROFILE_TYPE) &&
        same(phone, RL_PHONE_PROTOCOL, profile, RL_PROFILE_PROTOCOL))
        return;
    rl_row_problem(problems, phone, RL_PHONE_PROFILE, RL_E_PROFILE_TYPE,
                   "Profile %s is for %s with %s, the phone is %s with %s.",
                   rl_row_get(profile, RL_PROFILE_NAME), rl_row_get(profile, RL_PROFILE_TYPE),
                   rl_row_get(profile, RL_PROFILE_PROTOCOL), rl_row_get(phone, RL_PHONE_TYPE),
                   rl_row_get(phone, RL_PHONE_PROTOCOL));
}

/* profiles.md 4.11: what has no MIC registers securely with an LSC only, and gets that first. */
static void check_lsc(const struct rl_row *phone, const struct rl_row *type,
                      const struct rl_row *profile, struct rl_problems *problems)
{
    const char *protocol = rl_row_get(phone, RL_PHONE_PROTOCOL);
    if (rl_profile_mode(profile) != RL_NONSECURE &&
        rl_type_says(type, RL_TYPE_HAS_MIC, protocol) == RL_NO &&
        rl_type_says(type, RL_TYPE_LSC_CAPF, protocol) == RL_YES)
        rl_row_problem(problems, phone, RL_PHONE_PROFILE, RL_W_LSC_NEEDED,
                       "Profile %s is %s, and %s has no MIC: the phone registers once an LSC is "
                       "installed.",
                       rl_row_get(profile, RL_PROFILE_NAME),
                       rl_security_text(rl_profile_mode(profile)), rl_row_get(type, RL_TYPE_MODEL));
}

/* profiles.md 6: what is typed in has the length of the cipher's key. The value is never told. */
static void check_config_key(const struct rl_row *phone, const struct rl_row *type,
                             struct rl_problems *problems)
{
    enum { AES_DIGITS = 32, RC4_DIGITS = 64 };
    const char *key = rl_row_get(phone, RL_PHONE_CONFIG_KEY);
    const char *model = rl_row_get(type, RL_TYPE_MODEL);
    size_t n = strlen(key);
    size_t want =
        strstr(rl_row_get(type, RL_TYPE_ENC_CONFIG_METHOD), "manual-rc4") ? RC4_DIGITS : AES_DIGITS;
    if (!n)
        return;
    if (!rl_phone_has(type, rl_row_get(phone, RL_PHONE_PROTOCOL), RL_PHONE_CONFIG_KEY))
        rl_row_problem(problems, phone, RL_PHONE_CONFIG_KEY, RL_E_ENC_CONFIG,
                       "Configuration files of %s with %s take no key that is typed in.", model,
                       rl_row_get(phone, RL_PHONE_PROTOCOL));
    else if (n != want || strspn(key, "0123456789abcdefABCDEF") != n)
        rl_row_problem(problems, phone, RL_PHONE_CONFIG_KEY, RL_E_VALUE,
                       "The Configuration File Key of %s has %zu hexadecimal digits.", model, want);
}

void rl_policy_phone(const struct rl_row *phone, const struct rl_row *old,
                     const struct rl_row *type, const struct rl_row *profile, bool mixed,
                     struct rl_problems *problems)
{
    bool assigned = !old || !same(old, RL_PHONE_PROFILE, phone, RL_PHONE_PROFILE);
    if (rl_type_is_gateway(type))
        rl_row_problem(problems, phone, RL_PHONE_TYPE, RL_E_TYPE_CLASS,
                       "%s is added as a gateway, not as a phone.",
                       rl_row_get(type, RL_TYPE_MODEL));
    check_protocol(phone, RL_PHONE_PROTOCOL, type, problems);
    if (profile)
        check_profile(phone, profile, problems);
    if (!rl_row_is(phone, RL_PHONE_DIGEST_USER, "") && !rl_row_is(phone, RL_PHONE_PROTOCOL, "SIP"))
        rl_row_problem(problems, phone, RL_PHONE_DIGEST_USER, RL_E_DIGEST_SCCP,
                       "A digest user belongs to SIP phones; this one speaks %s.",
                       rl_row_get(phone, RL_PHONE_PROTOCOL));
    check_config_key(phone, type, problems);
    if (assigned)
        check_lsc(phone, type, profile, problems);
    if (assigned && !mixed && rl_profile_mode(profile) != RL_NONSECURE)
        rl_row_problem(problems, phone, RL_PHONE_PROFILE, RL_W_CLUSTER_NONSECURE,
                       "Profile %s is %s, but the cluster is in nonsecure mode: the phone will "
                       "not register securely.",
                       rl_row_get(profile, RL_PROFILE_NAME),
                       rl_security_text(rl_profile_mode(profile)));
}

void rl_policy_gateway(const struct rl_row *gateway, const struct rl_row *old,
                       const struct rl_row *type, struct rl_problems *problems)
{
    const char *model = rl_row_get(type, RL_TYPE_MODEL);
    if (!rl_type_is_gateway(type))
        rl_row_problem(problems, gateway, RL_GATEWAY_TYPE, RL_E_TYPE_CLASS,
                       "%s is added as a phone, not as a gateway.", model);
    check_protocol(gateway, RL_GATEWAY_PROTOCOL, type, problems);
    if (!old && rl_policy_trust(type) == RL_UNKNOWN)
        rl_row_problem(problems, gateway, RL_GATEWAY_TYPE, RL_W_TRUST_UNKNOWN,
                       "The catalogue does not say whether %s is trusted: it counts as not "
                       "trusted.",
                       model);
}

/* --- shared lines --- */

static void warn_mixed(const char *number, const struct rl_line_member *m,
                       struct rl_problems *problems)
{
    struct rl_err err;
    char *object = rl_asprintf("phone %s", m->phone);
    rl_fail_field(&err, RL_W_SHARED_MIXED, object, "profile",
                  "Line %s is shared with an encrypted phone, but %s is %s.", number, m->phone,
                  rl_security_text(m->mode));
    if (!m->can_encrypt) /* R32 */
        rl_err_remedy(&err, "It cannot be fixed on this device: its type cannot encrypt.");
    rl_problems_add(problems, &err);
    free(object);
}

void rl_policy_shared_line(const char *number, const struct rl_line_member *member, size_t n,
                           struct rl_problems *problems)
{
    bool encrypted = false;
    for (size_t i = 0; i < n; i++)
        encrypted |= member[i].mode == RL_ENCRYPTED;
    for (size_t i = 0; encrypted && i < n; i++)
        if (member[i].mode != RL_ENCRYPTED)
            warn_mixed(number, &member[i], problems);
}

/* --- types --- */

const char *const rl_trust_criteria[] = {"encryption", "hardening", "assurance", NULL};

static bool capable(const struct rl_row *type)
{
    return rl_row_is(type, RL_TYPE_AUTHENTICATION, "yes") ||
           rl_row_is(type, RL_TYPE_ENCRYPTION, "yes");
}

static void check_class(const struct rl_row *type, struct rl_problems *problems)
{
    const char *class = rl_row_get(type, RL_TYPE_SECURITY_CLASS);
    bool cisco = rl_row_is(type, RL_TYPE_VENDOR, "Cisco");
    bool named = !strncmp(class, "secure-", 7);
    if (rl_type_is_gateway(type))
        return;
    if (capable(type) && !named)
        rl_row_problem(problems, type, RL_TYPE_SECURITY_CLASS, RL_E_CATALOGUE_CLASS,
                       "%s can do security, but is of neither secure class.",
                       rl_row_get(type, RL_TYPE_MODEL));
    else if (named && cisco != !strcmp(class, "secure-cisco"))
        rl_row_problem(problems, type, RL_TYPE_SECURITY_CLASS, RL_E_CATALOGUE_CLASS,
                       "%s is of vendor %s and of class %s.", rl_row_get(type, RL_TYPE_MODEL),
                       rl_row_get(type, RL_TYPE_VENDOR), class);
}

/* What types of preferred vendors never say: R72, R73, R81. */
static const struct {
    int field;
    const char *value;
    enum rl_code code;
    const char *why;
} vendor_never[] = {
    {RL_TYPE_HAS_MIC,   "yes",     RL_E_VENDOR_MIC,  "these have no MIC"         },
    {RL_TYPE_LSC_CAPF,  "yes",     RL_E_VENDOR_CAPF, "these have no CAPF"        },
    {RL_TYPE_CERT_MODE, "mic-lsc", RL_E_VENDOR_MIC,  "these have no MIC"         },
    {RL_TYPE_CERT_MODE, "lsc",     RL_E_VENDOR_CAPF, "these have no CAPF"        },
    {RL_TYPE_DIGEST,    "no",      RL_E_COP_INVALID, "these all answer to digest"},
    {RL_TYPE_DIGEST,    "sccp",    RL_E_COP_INVALID, "digest belongs to SIP"     },
};

static void check_vendor(const struct rl_row *type, struct rl_problems *problems)
{
    if (!rl_type_is_preferred_vendor(type))
        return;
    for (size_t i = 0; i < sizeof vendor_never / sizeof *vendor_never; i++)
        if (rl_row_is(type, vendor_never[i].field, vendor_never[i].value))
            rl_row_problem(problems, type, vendor_never[i].field, vendor_never[i].code,
                           "%s is a preferred vendor's: %s.", rl_row_get(type, RL_TYPE_MODEL),
                           vendor_never[i].why);
}

/* Security needs TLS, and certificates are for TLS (R79, R82, R83). */
static void check_tls(const struct rl_row *type, struct rl_problems *problems)
{
    const char *model = rl_row_get(type, RL_TYPE_MODEL);
    const char *mode = rl_row_get(type, RL_TYPE_CERT_MODE);
    if (rl_type_is_gateway(type) || !rl_row_is(type, RL_TYPE_TLS, "no"))
        return;
    if (capable(type))
        rl_row_problem(problems, type, RL_TYPE_TLS, RL_E_COP_INVALID,
                       "%s claims security, but has no TLS signaling.", model);
    if (*mode && strcmp(mode, "none") != 0)
        rl_row_problem(problems, type, RL_TYPE_CERT_MODE, RL_E_COP_INVALID,
                       "%s has certificates of mode %s, but no TLS signaling.", model, mode);
}

/* The value is "encryption: WHAT; hardening: WHAT; ..." */
static bool has_passed(const struct rl_row *type, const char *criterion)
{
    const char *list = rl_row_get(type, RL_TYPE_CRITERIA);
    size_t n = strlen(criterion);
    for (const char *at = list; (at = strstr(at, criterion)); at += n)
        if (at[n] == ':' && (at == list || (at - list > 2 && !strncmp(at - 2, "; ", 2))))
            return true;
    return false;
}

static void check_trust(const struct rl_row *type, bool shipped, struct rl_problems *problems)
{
    struct rl_buf missing = {0};
    if (!rl_row_is(type, RL_TYPE_TRUSTED, "yes") ||
        (shipped && rl_row_is(type, RL_TYPE_VENDOR, "Cisco")))
        return;
    for (size_t i = 0; rl_trust_criteria[i]; i++)
        if (!has_passed(type, rl_trust_criteria[i]))
            rl_buf_addf(&missing, "%s%s", missing.len ? ", " : "", rl_trust_criteria[i]);
    if (missing.len)
        rl_row_problem(problems, type, RL_TYPE_TRUSTED, RL_E_CATALOGUE_TRUST,
                       "%s claims trust, but does not say that it passed: %s.",
                       rl_row_get(type, RL_TYPE_MODEL), missing.data);
    rl_buf_fini(&missing);
    if (rl_row_is(type, RL_TYPE_ENCRYPTION, "no") || rl_row_is(type, RL_TYPE_SRTP, "no"))
        rl_row_problem(problems, type, RL_TYPE_TRUSTED, RL_E_CATALOGUE_TRUST,
                       "%s claims trust, but cannot encrypt both signaling and media.",
                       rl_row_get(type, RL_TYPE_MODEL));
}

static void check_name_room(const struct rl_row *type, struct rl_problems *problems)
{
    const char *model = rl_row_get(type, RL_TYPE_MODEL);
    size_t most = (size_t)rl_object(RL_PROFILE)->fields[RL_PROFILE_NAME].max;
    char *name = rl_policy_default_profile_name(model, "SCCP");
    if (!rl_type_is_gateway(type) && strlen(name) > most)
        rl_row_problem(problems, type, RL_TYPE_MODEL, RL_E_COP_INVALID,
                       "%s is too long a name: its predefined profile's would have more than %zu "
                       "characters.",
                       model, most);
    free(name);
}

void rl_policy_type(const struct rl_row *type, bool shipped, struct rl_problems *problems)
{
    check_class(type, problems);
    check_vendor(type, problems);
    check_tls(type, problems);
    check_trust(type, shipped, problems);
    check_name_room(type, problems);
}
