#include "ringlock/model.h"

#include <string.h>

#include "model/tables.h"
#include "ringlock/text.h"

/* clang-format off */
static const struct rl_object objects[RL_KIND_COUNT] = {
    [RL_PHONE]   = { RL_PHONE,   "phone",   "phones",   "Phone",       rl_phone_fields,   RL_PHONE_FIELDS, RL_PHONE_STORED },
    [RL_GATEWAY] = { RL_GATEWAY, "gateway", "gateways", "Gateway",     rl_gateway_fields, RL_GATEWAY_FIELDS, RL_GATEWAY_FIELDS },
    [RL_PROFILE] = { RL_PROFILE, "profile", "profiles", "Phone Security Profile", rl_profile_fields, RL_PROFILE_FIELDS, RL_PROFILE_FIELDS },
    [RL_TYPE]    = { RL_TYPE,    "type",    "types",    "Device Type", rl_type_fields,    RL_TYPE_FIELDS, RL_TYPE_FIELDS },
    [RL_CERTIFICATE] = { RL_CERTIFICATE, "cert", "certs", "Certificate", rl_certificate_fields, RL_CERTIFICATE_FIELDS, RL_CERTIFICATE_FIELDS },
    [RL_USER]    = { RL_USER,    "user",    "users",    "End User",    rl_user_fields,    RL_USER_FIELDS, RL_USER_FIELDS },
};
/* clang-format on */

const struct rl_object *rl_object(enum rl_kind kind)
{
    return &objects[kind];
}

const struct rl_object *rl_object_by_name(const char *name)
{
    for (size_t i = 0; i < RL_KIND_COUNT; i++)
        if (!strcmp(name, objects[i].name) || !strcmp(name, objects[i].plural))
            return &objects[i];
    return NULL;
}

int rl_field_index(const struct rl_object *obj, const char *name)
{
    for (size_t i = 0; i < obj->nfields; i++)
        if (!strcmp(name, obj->fields[i].name))
            return (int)i;
    return -1;
}
