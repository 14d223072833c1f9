#include "ringlock/profile.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/hardening.h"
#include "ringlock/text.h"

enum { ANY = -1 };

/* A field is there with this protocol (NULL: either) and where the catalogue says yes to this
 * capability; `code` refuses a value where it is not. Fields that are not listed always are. */
static const struct offer {
    int field;
    const char *protocol;
    int capability;
    enum rl_code code;
} offers[] = {
    {RL_PROFILE_MODE,           NULL,  RL_TYPE_TLS,        RL_E_NO_TLS     }, /* R82 */
    {RL_PROFILE_TRANSPORT,      "SIP", ANY,                RL_E_TRANSPORT  },
    {RL_PROFILE_DIGEST,         "SIP", RL_TYPE_DIGEST,     RL_E_DIGEST_SCCP}, /* R81, R126 */
    {RL_PROFILE_NONCE_VALIDITY, "SIP", RL_TYPE_DIGEST,     RL_E_DIGEST_SCCP},
    {RL_PROFILE_EXCLUDE_DIGEST, "SIP", RL_TYPE_MANUAL_KEY, RL_E_DIGEST_SCCP},
    {RL_PROFILE_ENC_CONFIG,     NULL,  RL_TYPE_ENC_CONFIG, RL_E_ENC_CONFIG }, /* R129 */
    {RL_PROFILE_SIP_PORT,       "SIP", ANY,                RL_E_FIELD      },
    {RL_PROFILE_OAUTH,          "SIP", RL_TYPE_SIP_OAUTH,  RL_E_OAUTH      },
    {RL_PROFILE_AUTH_MODE,      NULL,  RL_TYPE_LSC_CAPF,   RL_E_VENDOR_CAPF}, /* R73 */
    {RL_PROFILE_KEY_ORDER,      NULL,  RL_TYPE_LSC_CAPF,   RL_E_VENDOR_CAPF},
    {RL_PROFILE_RSA_SIZE,       NULL,  RL_TYPE_LSC_CAPF,   RL_E_VENDOR_CAPF},
    {RL_PROFILE_EC_SIZE,        NULL,  RL_TYPE_LSC_CAPF,   RL_E_VENDOR_CAPF},
    {RL_PROFILE_CERTIFICATE,    NULL,  RL_TYPE_CERT_MODE,  RL_E_CERT_MODE  }, /* R83 */
};

static const struct offer *offer_of(int field)
{
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++)
        if (offers[i].field == field)
            return &offers[i];
    return NULL;
}

bool rl_type_is_preferred_vendor(const struct rl_row *type)
{
    return rl_row_is(type, RL_TYPE_SECURITY_CLASS, RL_PREFERRED_VENDOR);
}

bool rl_cert_mode_takes(const char *cert_mode, const char *mode)
{
    return !strcmp(cert_mode, mode) || !strcmp(cert_mode, "both");
}

/* R79: a preferred vendor's type is secured by what its pack enables. */
static bool lacks_security(const struct rl_row *type)
{
    return rl_type_is_preferred_vendor(type) && !rl_row_is(type, RL_TYPE_AUTHENTICATION, "yes") &&
           !rl_row_is(type, RL_TYPE_ENCRYPTION, "yes");
}

static bool can(const struct rl_row *type, int capability, const char *protocol)
{
    if (capability == RL_TYPE_DIGEST && rl_type_is_preferred_vendor(type))
        return true; /* R81: all of them can */
    if (capability == RL_TYPE_TLS && lacks_security(type))
        return false;
    if (capability == RL_TYPE_CERT_MODE)
        return rl_cert_mode_takes(rl_row_get(type, capability), "shared");
    return rl_type_says(type, capability, protocol) == RL_YES;
}

bool rl_profile_has(const struct rl_row *type, const char *protocol, int field)
{
    const struct offer *o = offer_of(field);
    if (rl_hardening_of(field))
        return rl_type_has_setting(type, field); /* R130 */
    if (!o)
        return true;
    if (!*rl_row_get(type, RL_TYPE_MODEL) ||
        (o->protocol && rl_text_casecmp(o->protocol, protocol)))
        return false;
    return o->capability == ANY || can(type, o->capability, protocol);
}

enum rl_code rl_profile_refusal(const struct rl_row *type, const char *protocol, int field)
{
    const struct offer *o = offer_of(field);
    enum rl_code code = o ? o->code : RL_E_FIELD;
    if (code == RL_E_NO_TLS && lacks_security(type))
        return RL_E_COP_NO_SECURITY;
    if (code == RL_E_VENDOR_CAPF && !rl_type_is_preferred_vendor(type))
        return RL_E_FIELD;
    if (code == RL_E_DIGEST_SCCP && !rl_text_casecmp(protocol, "SIP"))
        return RL_E_FIELD;
    return code;
}

enum rl_security rl_profile_mode(const struct rl_row *profile)
{
    enum rl_security mode;
    if (!profile || !rl_security_parse(rl_row_get(profile, RL_PROFILE_MODE), &mode))
        return RL_NONSECURE;
    return mode;
}

/* --- what depends on other values --- */

static bool oauth_fits(const struct rl_row *profile)
{
    return rl_profile_mode(profile) == RL_ENCRYPTED && !rl_row_yes(profile, RL_PROFILE_DIGEST) &&
           !rl_row_yes(profile, RL_PROFILE_ENC_CONFIG);
}

bool rl_profile_uses(const struct rl_row *profile, int field)
{
    switch (field) {
    case RL_PROFILE_RSA_SIZE:
        return !rl_row_is(profile, RL_PROFILE_KEY_ORDER, "ec");
    case RL_PROFILE_EC_SIZE:
        return rl_row_is(profile, RL_PROFILE_KEY_ORDER, "ec") ||
               rl_row_is(profile, RL_PROFILE_KEY_ORDER, "ec-rsa");
    case RL_PROFILE_OAUTH:
        return oauth_fits(profile) || rl_row_yes(profile, RL_PROFILE_OAUTH);
    default:
        return true;
    }
}

static bool takes_mode(const struct rl_row *type, const struct rl_row *profile, const char *value)
{
    static const int needs[] = {
        [RL_AUTHENTICATED] = RL_TYPE_AUTHENTICATION, [RL_ENCRYPTED] = RL_TYPE_ENCRYPTION};
    enum rl_security mode;
    return !rl_security_parse(value, &mode) || mode == RL_NONSECURE ||
           rl_type_says(type, needs[mode], rl_row_get(profile, RL_PROFILE_PROTOCOL)) == RL_YES;
}

static bool takes_transport(const struct rl_row *type, const struct rl_row *profile,
                            const char *value)
{
    (void)type;
    return !strcmp(value, "tls") == (rl_profile_mode(profile) != RL_NONSECURE);
}

static bool takes_oauth(const struct rl_row *type, const struct rl_row *profile, const char *value)
{
    (void)type;
    return strcmp(value, "yes") != 0 || oauth_fits(profile);
}

static bool takes_order(const struct rl_row *type, const struct rl_row *profile, const char *value)
{
    return strcmp(value, "ec") != 0 ||
           rl_type_says(type, RL_TYPE_EC_KEYS, rl_row_get(profile, RL_PROFILE_PROTOCOL)) == RL_YES;
}

static bool takes_rsa(const struct rl_row *type, const struct rl_row *profile, const char *value)
{
    long most = atol(rl_row_get(type, RL_TYPE_MAX_RSA));
    (void)profile;
    return !most || atol(value) <= most;
}

static bool takes_protocol(const struct rl_row *type, const struct rl_row *profile,
                           const char *value)
{
    (void)profile;
    return rl_type_has_protocol(type, value);
}

bool rl_profile_takes(const struct rl_row *type, const struct rl_row *profile, int field,
                      const char *value)
{
    static bool (*const takes[RL_PROFILE_FIELDS])(const struct rl_row *, const struct rl_row *,
                                                  const char *) = {
        [RL_PROFILE_PROTOCOL] = takes_protocol,   [RL_PROFILE_MODE] = takes_mode,
        [RL_PROFILE_TRANSPORT] = takes_transport, [RL_PROFILE_OAUTH] = takes_oauth,
        [RL_PROFILE_KEY_ORDER] = takes_order,     [RL_PROFILE_RSA_SIZE] = takes_rsa,
    };
    return !takes[field] || takes[field](type, profile, value);
}

/* --- phones --- */

int rl_profile_field_of_phone(int phone_field)
{
    static const int fields[RL_PHONE_FIELDS] = {[RL_PHONE_AUTH_MODE] = RL_PROFILE_AUTH_MODE,
                                                [RL_PHONE_KEY_ORDER] = RL_PROFILE_KEY_ORDER,
                                                [RL_PHONE_RSA_SIZE] = RL_PROFILE_RSA_SIZE,
                                                [RL_PHONE_EC_SIZE] = RL_PROFILE_EC_SIZE};
    return fields[phone_field] ? fields[phone_field] : -1;
}

bool rl_phone_has(const struct rl_row *type, const char *protocol, int field)
{
    int of_profile = rl_profile_field_of_phone(field);
    if (of_profile >= 0)
        return rl_profile_has(type, protocol, of_profile);
    if (field == RL_PHONE_CONFIG_KEY)
        return rl_type_says(type, RL_TYPE_MANUAL_KEY, protocol) == RL_YES;
    return field != RL_PHONE_DIGEST_USER || !rl_text_casecmp(protocol, "SIP"); /* R126 */
}
