#include "client/messages.h"

#include <stdio.h>
#include <string.h>

#include "ringlock/buf.h"

static void copy_text(char *to, size_t size, const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    snprintf(to, size, "%s", s ? s : "");
}

static enum rl_role role_by_name(const char *name)
{
    for (int role = RL_ROLE_ADMINISTRATOR; role > RL_ROLE_NONE; role--)
        if (strcmp(rl_role_names[role], name) == 0)
            return (enum rl_role)role;
    return RL_ROLE_NONE;
}

void rl_message_site(struct rl_client_info *info, const json_t *site)
{
    info->mixed = json_is_true(json_object_get(site, "mixed"));
    copy_text(info->lists, sizeof info->lists, site, "lists");
}

void rl_message_info(struct rl_client_info *info, const json_t *result)
{
    char role[32];
    const json_t *hep = json_object_get(result, "hep");
    copy_text(info->site, sizeof info->site, result, "site");
    copy_text(info->name, sizeof info->name, result, "name");
    copy_text(info->user, sizeof info->user, result, "user");
    copy_text(info->release, sizeof info->release, result, "release");
    copy_text(info->hep_udp, sizeof info->hep_udp, hep, "udp");
    copy_text(info->hep_tcp, sizeof info->hep_tcp, hep, "tcp");
    copy_text(role, sizeof role, result, "role");
    info->role = role_by_name(role);
    rl_message_site(info, result);
    info->idle_s = (int)json_integer_value(json_object_get(result, "idle"));
    info->private_engine = json_is_true(json_object_get(result, "private"));
}

void rl_message_error(const json_t *error, struct rl_err *err)
{
    const json_t *data = json_object_get(error, "data");
    const char *tag = json_string_value(json_object_get(data, "code"));
    const char *text = json_string_value(json_object_get(error, "message"));
    const char *remedy = json_string_value(json_object_get(data, "remedy"));
    rl_fail(err, tag ? rl_code_by_tag(tag) : RL_E_PROTOCOL, NULL, "%s", text ? text : "refused");
    copy_text(err->object, sizeof err->object, data, "object");
    copy_text(err->field, sizeof err->field, data, "field");
    if (remedy)
        rl_err_remedy(err, "%s", remedy);
}

char *rl_message_request(unsigned number, const char *method, json_t *params)
{
    json_t *message = json_pack("{s:s, s:i, s:s, s:o*}", "jsonrpc", "2.0", "id", (int)number,
                                "method", method, "params", params);
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    json_decref(message);
    if (!text)
        return NULL;
    char *line = rl_asprintf("%s\n", text);
    rl_wipe_free(text);
    return line;
}
