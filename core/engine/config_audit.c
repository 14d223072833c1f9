#include "engine/config_audit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config_keys.h"
#include "ringlock/text.h"

#define META "config" /* named text of the database: the values in force last */

static void write_list(struct rl_buf *out, char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        rl_buf_addf(out, "%s%s", i ? " " : "", list[i]);
}

/* A value as ringlock.conf would have it. */
static void write_value(struct rl_buf *out, const struct rl_config *config,
                        const struct rl_config_key *key)
{
    const void *at = (const char *)config + key->at;
    const int64_t *number = at;
    switch (key->kind) {
    case RL_CONF_SECRET:
        rl_buf_adds(out, **(char *const *)at ? "****" : "");
        break;
    case RL_CONF_LIST:
    case RL_CONF_NUMBERS:
    case RL_CONF_NETWORKS:
    case RL_CONF_HOSTS:
        write_list(out, *(char **const *)at);
        break;
    case RL_CONF_ENUM:
        rl_buf_adds(out, key->values[*number]);
        break;
    case RL_CONF_NUMBER:
    case RL_CONF_SIZE:
        rl_buf_addf(out, "%lld", (long long)*number);
        break;
    case RL_CONF_DURATION:
        rl_buf_addf(out, "%llds", (long long)(*number / 1000000));
        break;
    default:
        rl_buf_adds(out, *(char *const *)at);
        break;
    }
}

static json_t *values_json(const struct rl_config *config)
{
    json_t *all = json_object();
    for (size_t i = 0; i < rl_config_nkeys; i++) {
        struct rl_buf text = {0};
        char *name = rl_asprintf("%s.%s", rl_config_keys[i].section, rl_config_keys[i].name);
        write_value(&text, config, &rl_config_keys[i]);
        char *safe = rl_text_safe_dup(rl_buf_str(&text));
        json_object_set_new(all, name, json_string(safe));
        free(safe);
        free(name);
        rl_buf_fini(&text);
    }
    return all;
}

/* What was in force last; a site that never had an engine had the defaults. */
static enum rl_code last_values(const struct rl_audit *audit, json_t **out, struct rl_err *err)
{
    char *text = NULL;
    struct rl_config defaults;
    enum rl_code code = rl_store_get_meta(audit->reader, META, &text, err);
    if (code != RL_OK)
        return code;
    *out = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    if (*out)
        return RL_OK;
    rl_config_init(&defaults);
    *out = values_json(&defaults);
    rl_config_fini(&defaults);
    return RL_OK;
}

/* Only the keys that differ stay. */
static void keep_changes(json_t *before, json_t *after)
{
    for (size_t i = 0; i < rl_config_nkeys; i++) {
        char *name = rl_asprintf("%s.%s", rl_config_keys[i].section, rl_config_keys[i].name);
        if (json_equal(json_object_get(before, name), json_object_get(after, name))) {
            json_object_del(before, name);
            json_object_del(after, name);
        }
        free(name);
    }
}

static enum rl_code store(struct rl_audit *audit, const char *all, const char *before,
                          const char *after, const char *who, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(audit->store, err);
    if (code != RL_OK)
        return code;
    code = rl_store_set_meta(audit->store, META, all, err);
    if (code == RL_OK)
        code = rl_audit_add(audit, who, "config", "ringlock.conf", before, after, err);
    if (code == RL_OK)
        code = rl_store_commit(audit->store, err);
    if (code != RL_OK)
        rl_store_rollback(audit->store);
    return code == RL_OK ? rl_audit_flush(audit, err) : code;
}

enum rl_code rl_config_audit(struct rl_audit *audit, const struct rl_config *config,
                             const char *who, struct rl_err *err)
{
    json_t *before = NULL, *after = values_json(config);
    char *all = json_dumps(after, JSON_COMPACT);
    enum rl_code code = last_values(audit, &before, err);
    if (code == RL_OK) {
        keep_changes(before, after);
        if (json_object_size(after) > 0) {
            char *from = json_dumps(before, JSON_COMPACT), *to = json_dumps(after, JSON_COMPACT);
            code = store(audit, all, from, to, who, err);
            free(from);
            free(to);
        }
    }
    free(all);
    json_decref(before);
    json_decref(after);
    return code;
}

void rl_config_set_audit(struct rl_audit *audit, const struct rl_config *config)
{
    audit->rotate_size = config->audit_rotate;
    audit->rotate_age_us = config->audit_age_us;
    audit->keep = config->audit_keep;
    audit->keep_days = config->audit_days;
    audit->look_us = 0;
}
