/* Rules on phone security profiles (profiles.md 1 to 4). */
#include "policy/objects.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/profile.h"

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

static bool has(const struct judged *j, int field)
{
    return rl_profile_has(j->type, j->protocol, field);
}

static bool takes(const struct judged *j, int field)
{
    return rl_profile_takes(j->type, j->profile, field, value(j, field));
}

static const char *label(int field)
{
    return rl_object(RL_PROFILE)->fields[field].label;
}

static bool secure(const struct rl_row *profile)
{
    return rl_profile_mode(profile) != RL_NONSECURE;
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
    const struct {
        int field;
        const char *usual;
    } sizes[] = {
        {RL_PROFILE_RSA_SIZE, usual_rsa_size(type)},
        {RL_PROFILE_EC_SIZE,  "384"               },
    };
    fill_empty(profile, RL_PROFILE_KEY_ORDER, "rsa");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (rl_profile_uses(profile, sizes[i].field))
            fill_empty(profile, sizes[i].field, sizes[i].usual);
        else
            rl_row_set(profile, sizes[i].field, "");
    }
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
    if (rl_profile_has(type, protocol, RL_PROFILE_TRANSPORT))
        fill_transport(profile, old, transport_given);
    if (rl_profile_has(type, protocol, RL_PROFILE_KEY_ORDER))
        fill_keys(profile, type);
    for (int i = 0; i < RL_PROFILE_FIELDS; i++) {
        const struct rl_field *f = &profile->obj->fields[i];
        bool keys = i == RL_PROFILE_RSA_SIZE || i == RL_PROFILE_EC_SIZE;
        if (rl_profile_has(type, protocol, i)) {
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

static void check_offered(const struct judged *j)
{
    for (int field = 0; field < RL_PROFILE_FIELDS; field++) {
        bool set = field == RL_PROFILE_MODE ? secure(j->profile) : *value(j, field);
        if (set && !has(j, field))
            BLAME(j, field, rl_profile_refusal(j->type, j->protocol, field),
                  "Profiles of %s with %s have no %s.", model(j), j->protocol, label(field));
    }
}

static void check_mode(const struct judged *j)
{
    static const int needs[] = {
        [RL_AUTHENTICATED] = RL_TYPE_AUTHENTICATION, [RL_ENCRYPTED] = RL_TYPE_ENCRYPTION};
    enum rl_security mode = rl_profile_mode(j->profile);
    if (!has(j, RL_PROFILE_MODE) || takes(j, RL_PROFILE_MODE))
        return;
    enum rl_tristate said = rl_type_says(j->type, needs[mode], j->protocol);
    BLAME(j, RL_PROFILE_MODE, RL_E_MODE_UNSUPPORTED, "%s %s register %s.", model(j),
          said == RL_NO ? "cannot" : "is not known to be able to", rl_security_text(mode));
}

static void check_transport(const struct judged *j)
{
    if (!has(j, RL_PROFILE_TRANSPORT) || takes(j, RL_PROFILE_TRANSPORT))
        return;
    if (secure(j->profile))
        BLAME(j, RL_PROFILE_TRANSPORT, RL_E_TRANSPORT_TLS,
              "Transport Type is %s: mode %s needs TLS.", value(j, RL_PROFILE_TRANSPORT),
              value(j, RL_PROFILE_MODE));
    else
        BLAME(j, RL_PROFILE_TRANSPORT, has(j, RL_PROFILE_MODE) ? RL_E_TRANSPORT : RL_E_NO_TLS,
              "Transport Type is TLS: mode nonsecure takes TCP, UDP or TCP+UDP.");
}

static void check_oauth(const struct judged *j)
{
    if (!takes(j, RL_PROFILE_OAUTH))
        BLAME(j, RL_PROFILE_OAUTH, RL_E_OAUTH,
              "OAuth needs mode encrypted, and digest and encrypted configuration off.");
}

static void check_keys(const struct judged *j)
{
    long rsa = atol(value(j, RL_PROFILE_RSA_SIZE));
    long most = atol(rl_row_get(j->type, RL_TYPE_MAX_RSA));
    if (!has(j, RL_PROFILE_KEY_ORDER))
        return;
    if (!takes(j, RL_PROFILE_KEY_ORDER))
        BLAME(j, RL_PROFILE_KEY_ORDER, RL_E_KEY_SIZE, "%s is not known to make EC keys.", model(j));
    if (!takes(j, RL_PROFILE_RSA_SIZE))
        BLAME(j, RL_PROFILE_RSA_SIZE, RL_E_KEY_SIZE, "%s makes RSA keys of %ld bits at most.",
              model(j), most);
    else if (rsa && rsa < 2048 && rsa != most && changed(j, RL_PROFILE_RSA_SIZE))
        BLAME(j, RL_PROFILE_RSA_SIZE, RL_W_KEY_SIZE, "RSA keys of %ld bits are weak.", rsa);
}

/* R129: a step left open, told when one of the two switches moved. */
static void check_digest_clear(const struct judged *j)
{
    bool clear = rl_row_yes(j->profile, RL_PROFILE_DIGEST) &&
                 !rl_row_yes(j->profile, RL_PROFILE_ENC_CONFIG) && has(j, RL_PROFILE_DIGEST) &&
                 has(j, RL_PROFILE_ENC_CONFIG);
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

const char *const rl_tls_ciphers_names[] = {"all", "medium", "strongest", NULL};

void rl_policy_profile_ciphers(const struct rl_row *profile, const struct rl_row *old,
                               enum rl_tls_ciphers ciphers, struct rl_problems *problems)
{
    bool becomes =
        rl_profile_mode(profile) == RL_AUTHENTICATED && rl_profile_mode(old) != RL_AUTHENTICATED;
    if (becomes && ciphers != RL_CIPHERS_ALL)
        rl_row_problem(problems, profile, RL_PROFILE_MODE, RL_W_TLS_CIPHERS,
                       "%s is Authenticated, but the site's TLS Ciphers (%s) are GCM only: its "
                       "phones cannot register.",
                       rl_row_get(profile, RL_PROFILE_NAME), rl_tls_ciphers_names[ciphers]);
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

/* --- profiles made for a phone --- */

static void add_keys(struct rl_buf *name, const struct rl_row *profile)
{
    const char *ec = rl_row_get(profile, RL_PROFILE_EC_SIZE);
    const char *rsa = rl_row_get(profile, RL_PROFILE_RSA_SIZE);
    if (*rsa)
        rl_buf_addf(name, " RSA-%s", rsa);
    if (*ec)
        rl_buf_addf(name, " EC-%s", ec);
}

char *rl_policy_capf_profile_name(const struct rl_row *profile, int n)
{
    struct rl_buf end = {0};
    const char *model = rl_row_get(profile, RL_PROFILE_TYPE);
    const struct rl_field *mode = &profile->obj->fields[RL_PROFILE_MODE];
    rl_buf_addf(&end, " %s %s %s", rl_row_get(profile, RL_PROFILE_PROTOCOL),
                mode->labels[rl_profile_mode(profile)], rl_row_get(profile, RL_PROFILE_AUTH_MODE));
    if (n > 1)
        rl_buf_addf(&end, " (%d)", n);
    add_keys(&end, profile);
    int room = (int)profile->obj->fields[RL_PROFILE_NAME].max - (int)end.len;
    char *name = rl_asprintf("%.*s%s", room, model, rl_buf_str(&end));
    rl_buf_fini(&end);
    return name;
}
