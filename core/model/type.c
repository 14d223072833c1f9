#include "ringlock/model.h"

#include <string.h>

#include "ringlock/text.h"

enum rl_tristate rl_type_says(const struct rl_row *type, int field, const char *protocol)
{
    const char *said = rl_row_get(type, field);
    if (!*said)
        return RL_UNKNOWN;
    if (!strcmp(said, "yes"))
        return RL_YES;
    if (!strcmp(said, "sip") || !strcmp(said, "sccp"))
        return rl_text_casecmp(said, protocol) ? RL_NO : RL_YES;
    return RL_NO;
}

bool rl_type_has_protocol(const struct rl_row *type, const char *protocol)
{
    const char *list = rl_row_get(type, RL_TYPE_PROTOCOLS);
    size_t want = strlen(protocol);
    while (want && *list) {
        size_t n = strcspn(list, ";");
        if (n == want && !strncasecmp(list, protocol, n))
            return true;
        list += list[n] ? n + 1 : n;
    }
    return false;
}

bool rl_type_is_gateway(const struct rl_row *type)
{
    static const char *const gateways[] = {"gateway",           "trunk", "analog-port",
                                           "conference-bridge", "mtp",   "media-server"};
    const char *class = rl_row_get(type, RL_TYPE_CLASS);
    for (size_t i = 0; i < sizeof gateways / sizeof *gateways; i++)
        if (!strcmp(class, gateways[i]))
            return true;
    return false;
}

static const int features[] = {
    RL_TYPE_HAS_MIC,         RL_TYPE_LSC_CAPF,          RL_TYPE_MAX_RSA,     RL_TYPE_EC_KEYS,
    RL_TYPE_AUTHENTICATION,  RL_TYPE_ENCRYPTION,        RL_TYPE_TLS,         RL_TYPE_CERT_MODE,
    RL_TYPE_ENC_CONFIG,      RL_TYPE_ENC_CONFIG_METHOD, RL_TYPE_MANUAL_KEY,  RL_TYPE_DIGEST,
    RL_TYPE_DIGEST_KEYED_IN, RL_TYPE_SIP_OAUTH,         RL_TYPE_SHA256_LSC,  RL_TYPE_OTHER_SIG_SHA1,
    RL_TYPE_SECURE_TONE,     RL_TYPE_LOCK_ICON,         RL_TYPE_SHIELD_ICON, RL_TYPE_SRTP,
    RL_TYPE_AUTOREG_MIXED,
};

const int *rl_type_features(size_t *n)
{
    *n = sizeof features / sizeof *features;
    return features;
}

const char *rl_type_feature_text(const struct rl_row *type, int field)
{
    const struct rl_field *f = &type->obj->fields[field];
    const char *value = rl_row_get(type, field);
    for (size_t i = 0; f->labels && f->values[i]; i++)
        if (!strcmp(f->values[i], value))
            return f->labels[i];
    return *value ? value : "unknown";
}
