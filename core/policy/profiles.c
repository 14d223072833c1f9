/* Rules on phone security profiles (profiles.md 1 to 4). */
#include "policy/objects.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"

/* One profile under judgement. */
struct judged {
    const struct rl_row *profile, *old, *type;
    const char *protocol;
    struct rl_problems *problems;
};

#define BLAME(j, field, code, ...) \
    rl_row_problem((j)->problems, (j)->profile, field, code, __VA_ARGS__)

static const char *value(const struct judged *j, int field)
{
    return rl_row_get(j->profile, field);
}

static bool changed(const struct judged *j, int field)
{
    return !j->old || !rl_row_is(j->old, field, value(j, field));
}

static const char *model(const struct judged *j)
{
    return rl_row_get(j->type, RL_TYPE_MODEL);
}

static const char *label(int field)
{
    return rl_object(RL_PROFILE)->fields[field].label;
}

enum rl_security rl_policy_mode(const struct rl_row *profile)
{
    enum rl_security mode;
    if (!profile || !rl_security_parse(rl_row_get(profile, RL_PROFILE_MODE), &mode))
        return RL_NONSECURE;
    return mode;
}

static bool secure(const struct rl_row *profile)
{
    return rl_policy_mode(profile) != RL_NONSECURE;
}

/* --- which fields there are --- */

enum { ANY = -1 };

/* A field is there with this protocol (NULL: either) and where the catalogue says yes to this
 * capability; `code` refuses a value where it is not. Fields that are not listed always are. */
static const struct {
    int field;
    const char *protocol;
    int capability;
    enum rl_code code;
} offered[] = {
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
enum { OFFERED = sizeof offered / sizeof *offered };

static bool preferred_vendor(const struct rl_row *type)
{
    return rl_row_is(type, RL_TYPE_SECURITY_CLASS, "secure-preferred-vendor");
}

/* R79: a preferred vendor's type is secured by what its pack enables. */
static bool lacks_security(const struct rl_row *type)
{
    return preferred_vendor(type) && !rl_row_is(type, RL_TYPE_AUTHENTICATION, "yes") &&
           !rl_row_is(type, RL_TYPE_ENCRYPTION, "yes");
}

static bool row_shows(size_t i, const struct rl_row *type, const char *protocol)
{
    if (offered[i].protocol && strcmp(offered[i].protocol, protocol))
        return false;
    if (offered[i].capability == RL_TYPE_DIGEST && preferred_vendor(type))
        return true; /* R81: all of them can */
    if (offered[i].capability == RL_TYPE_TLS && lacks_security(type))
        return false;
    if (offered[i].capability == RL_TYPE_CERT_MODE)
        return rl_row_is(type, RL_TYPE_CERT_MODE, "shared") ||
               rl_row_is(type, RL_TYPE_CERT_MODE, "both");
    return offered[i].capability == ANY ||
           rl_type_says(type, offered[i].capability, protocol) == RL_YES;
}

bool rl_policy_profile_shows(const struct rl_row *type, const char *protocol, int field)
{
    for (size_t i = 0; i < OFFERED; i++)
        if (offered[i].field == field)
            return row_shows(i, type, protocol);
    return true;
}

/* --- filling in --- */

static void fill_empty(struct rl_row *profile, int field, const char *text)
{
    if (rl_row_is(profile, field, ""))
        rl_row_set(profile, field, text);
}

/* 2048 bits, or as many as the type can. */
static const char *usual_rsa_size(const struct rl_row *type)
{
    const char *most = rl_row_get(type, RL_TYPE_MAX_RSA);
    return *most && atol(most) < 2048 ? most : "2048";
}

/* profiles.md 3: sizes that the key order does not use are shown empty. */
static void fill_keys(struct rl_row *profile, const struct rl_row *type)
{
    fill_empty(profile, RL_PROFILE_KEY_ORDER, "rsa");
    if (rl_row_is(profile, RL_PROFILE_KEY_ORDER, "rsa"))
        rl_row_set(profile, RL_PROFILE_EC_SIZE, "");
    else
        fill_empty(profile, RL_PROFILE_EC_SIZE, "384");
    if (rl_row_is(profile, RL_PROFILE_KEY_ORDER, "ec"))
        rl_row_set(profile, RL_PROFILE_RSA_SIZE, "");
    else
        fill_empty(profile, RL_PROFILE_RSA_SIZE, usual_rsa_size(type));
}

/* profiles.md 2: a secure mode sets TLS, and back sets TCP+UDP. */
static void fill_transport(struct rl_row *profile, const struct rl_row *old, bool given)
{
    bool turns = !old || secure(old) != secure(profile);
    if ((turns && !given) || rl_row_is(profile, RL_PROFILE_TRANSPORT, ""))
        rl_row_set(profile, RL_PROFILE_TRANSPORT, secure(profile) ? "tls" : "tcp+udp");
}

static bool says_nothing(const struct rl_field *f, const char *text)
{
    return !strcmp(text, "no") || (f->def && !strcmp(text, f->def));
}

void rl_policy_profile_fill(struct rl_row *profile, const struct rl_row *old,
                            const struct rl_row *type, bool transport_given)
{
    const char *protocol = rl_row_get(profile, RL_PROFILE_PROTOCOL);
    fill_empty(profile, RL_PROFILE_MODE, "nonsecure");
    if (rl_policy_profile_shows(type, protocol, RL_PROFILE_TRANSPORT))
        fill_transport(profile, old, transport_given);
    if (rl_policy_profile_shows(type, protocol, RL_PROFILE_KEY_ORDER))
        fill_keys(profile, type);
    for (int i = 0; i < RL_PROFILE_FIELDS; i++) {
        const struct rl_field *f = &profile->obj->fields[i];
        bool keys = i == RL_PROFILE_RSA_SIZE || i == RL_PROFILE_EC_SIZE;
        if (rl_policy_profile_shows(type, protocol, i)) {
            if (f->def && !keys)
                fill_empty(profile, i, f->def);
        } else if (i != RL_PROFILE_MODE && says_nothing(f, rl_row_get(profile, i))) {
            rl_row_set(profile, i, "");
        }
    }
}

/* --- the rules --- */

static void check_type(const struct judged *j)
{
    if (rl_type_is_gateway(j->type))
        BLAME(j, RL_PROFILE_TYPE, RL_E_TYPE_CLASS,
              "%s is not a phone: phone security profiles are for phones.", model(j));
    else if (!rl_type_has_protocol(j->type, j->protocol))
        BLAME(j, RL_PROFILE_PROTOCOL, RL_E_TYPE_PROTOCOL, "%s does not speak %s.", model(j),
              j->protocol);
}

/* Why a field that holds a value is not there. */
static enum rl_code missing_code(const struct judged *j, size_t i)
{
    enum rl_code code = offered[i].code;
    if (code == RL_E_NO_TLS && lacks_security(j->type))
        return RL_E_COP_NO_SECURITY;
    if (code == RL_E_VENDOR_CAPF && !preferred_vendor(j->type))
        return RL_E_FIELD;
    if (code == RL_E_DIGEST_SCCP && !strcmp(j->protocol, "SIP"))
        return RL_E_FIELD;
    return code;
}

static void check_offered(const struct judged *j)
{
    for (size_t i = 0; i < OFFERED; i++) {
        int field = offered[i].field;
        bool set = field == RL_PROFILE_MODE ? secure(j->profile) : *value(j, field);
        if (set && !row_shows(i, j->type, j->protocol))
            BLAME(j, field, missing_code(j, i), "Profiles of %s with %s have no %s.", model(j),
                  j->protocol, label(field));
    }
}

static void check_mode(const struct judged *j)
{
    static const int needs[] = {
        [RL_AUTHENTICATED] = RL_TYPE_AUTHENTICATION, [RL_ENCRYPTED] = RL_TYPE_ENCRYPTION};
    enum rl_security mode = rl_policy_mode(j->profile);
    if (mode == RL_NONSECURE || !rl_policy_profile_shows(j->type, j->protocol, RL_PROFILE_MODE))
        return;
    enum rl_tristate can = rl_type_says(j->type, needs[mode], j->protocol);
    if (can != RL_YES)
        BLAME(j, RL_PROFILE_MODE, RL_E_MODE_UNSUPPORTED, "%s %s register %s.", model(j),
              can == RL_NO ? "cannot" : "is not known to be able to", rl_security_text(mode));
}

static void check_transport(const struct judged *j)
{
    bool tls = rl_row_is(j->profile, RL_PROFILE_TRANSPORT, "tls");
    if (!rl_policy_profile_shows(j->type, j->protocol, RL_PROFILE_TRANSPORT))
        return;
    if (secure(j->profile) && !tls)
        BLAME(j, RL_PROFILE_TRANSPORT, RL_E_TRANSPORT_TLS,
              "Transport Type is %s: mode %s needs TLS.", value(j, RL_PROFILE_TRANSPORT),
              value(j, RL_PROFILE_MODE));
    else if (!secure(j->profile) && tls)
        BLAME(j, RL_PROFILE_TRANSPORT,
              rl_policy_profile_shows(j->type, j->protocol, RL_PROFILE_MODE) ? RL_E_TRANSPORT
                                                                             : RL_E_NO_TLS,
              "Transport Type is TLS: mode nonsecure takes TCP, UDP or TCP+UDP.");
}

static void check_oauth(const struct judged *j)
{
    if (!rl_row_yes(j->profile, RL_PROFILE_OAUTH))
        return;
    if (rl_policy_mode(j->profile) != RL_ENCRYPTED || rl_row_yes(j->profile, RL_PROFILE_DIGEST) ||
        rl_row_yes(j->profile, RL_PROFILE_ENC_CONFIG))
        BLAME(j, RL_PROFILE_OAUTH, RL_E_OAUTH,
              "OAuth needs mode encrypted, and digest and encrypted configuration off.");
}

static void check_keys(const struct judged *j)
{
    long rsa = atol(value(j, RL_PROFILE_RSA_SIZE));
    long most = atol(rl_row_get(j->type, RL_TYPE_MAX_RSA));
    if (!rl_policy_profile_shows(j->type, j->protocol, RL_PROFILE_KEY_ORDER))
        return;
    if (rl_row_is(j->profile, RL_PROFILE_KEY_ORDER, "ec") &&
        rl_type_says(j->type, RL_TYPE_EC_KEYS, j->protocol) != RL_YES)
        BLAME(j, RL_PROFILE_KEY_ORDER, RL_E_KEY_SIZE, "%s is not known to make EC keys.", model(j));
    if (most && rsa > most)
        BLAME(j, RL_PROFILE_RSA_SIZE, RL_E_KEY_SIZE, "%s makes RSA keys of %ld bits at most.",
              model(j), most);
    else if (rsa && rsa < 2048 && rsa != most && changed(j, RL_PROFILE_RSA_SIZE))
        BLAME(j, RL_PROFILE_RSA_SIZE, RL_W_KEY_SIZE, "RSA keys of %ld bits are weak.", rsa);
}

/* R129: a step left open, told when one of the two switches moved. */
static void check_digest_clear(const struct judged *j)
{
    bool clear = rl_row_yes(j->profile, RL_PROFILE_DIGEST) &&
                 !rl_row_yes(j->profile, RL_PROFILE_ENC_CONFIG) &&
                 rl_policy_profile_shows(j->type, j->protocol, RL_PROFILE_DIGEST) &&
                 rl_policy_profile_shows(j->type, j->protocol, RL_PROFILE_ENC_CONFIG);
    if (clear && (changed(j, RL_PROFILE_DIGEST) || changed(j, RL_PROFILE_ENC_CONFIG)))
        BLAME(j, RL_PROFILE_ENC_CONFIG, RL_W_DIGEST_CLEAR,
              "Digest is on and TFTP Encrypted Config is off: the credentials travel readable in "
              "the configuration file.");
}

void rl_policy_profile(const struct rl_row *profile, const struct rl_row *old,
                       const struct rl_row *type, struct rl_problems *problems)
{
    static void (*const rules[])(const struct judged *) = {
        check_type,  check_offered, check_mode,         check_transport,
        check_oauth, check_keys,    check_digest_clear,
    };
    const struct judged j = {profile, old, type, rl_row_get(profile, RL_PROFILE_PROTOCOL),
                             problems};
    if (old && rl_row_yes(old, RL_PROFILE_PREDEFINED)) {
        BLAME(&j, RL_PROFILE_NAME, RL_E_PROFILE_FIXED,
              "%s is predefined: it can be copied, not changed.", rl_row_get(old, RL_PROFILE_NAME));
        return;
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        rules[i](&j);
}

/* --- predefined profiles --- */

bool rl_policy_has_default_profile(const struct rl_row *type, const char *protocol)
{
    return !rl_type_is_gateway(type) && rl_type_has_protocol(type, protocol) &&
           (!strcmp(protocol, "SIP") || !strcmp(protocol, "SCCP"));
}

char *rl_policy_default_profile_name(const char *type, const char *protocol)
{
    return rl_asprintf("%s - Standard %s Non-Secure Profile", type, protocol);
}

void rl_policy_default_profile(struct rl_row *profile, const struct rl_row *type,
                               const char *protocol)
{
    const char *name = rl_row_get(type, RL_TYPE_MODEL);
    char *full = rl_policy_default_profile_name(name, protocol);
    rl_row_init(profile, rl_object(RL_PROFILE));
    rl_row_set(profile, RL_PROFILE_NAME, full);
    rl_row_set(profile, RL_PROFILE_TYPE, name);
    rl_row_set(profile, RL_PROFILE_PROTOCOL, protocol);
    rl_row_set(profile, RL_PROFILE_PREDEFINED, "yes");
    rl_policy_profile_fill(profile, NULL, type, false);
    free(full);
}
