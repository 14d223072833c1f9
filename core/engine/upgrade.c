#include "engine/upgrade.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/protocol.h"

/* What was there before: "0.1.0", or "0.1.0 (schema 2)" if the schema changed, too; NULL if nothing
 * did. Owned. */
static enum rl_code before(struct rl_store *store, char **out, struct rl_err *err)
{
    char *served = NULL, *schema = NULL;
    *out = NULL;
    enum rl_code code = rl_store_get_meta(store, "served_by", &served, err);
    if (code == RL_OK && !served)
        code = rl_store_get_meta(store, "release", &served, err);
    if (code == RL_OK)
        code = rl_store_get_meta(store, RL_META_MIGRATED, &schema, err);
    const char *release = served ? served : "unknown";
    if (code == RL_OK && schema && *schema)
        *out = rl_asprintf("%s (schema %s)", release, schema);
    else if (code == RL_OK && strcmp(release, RL_RELEASE) != 0)
        *out = rl_strdup(release);
    free(served);
    free(schema);
    return code;
}

static enum rl_code write_note(struct rl_audit *audit, const char *from, struct rl_err *err)
{
    const char *const texts[][2] = {
        {"upgraded_from",  from      },
        {"served_by",      RL_RELEASE},
        {RL_META_MIGRATED, ""        },
    };
    char *was = rl_asprintf("{\"release\":\"%s\"}", from);
    char *is = rl_asprintf("{\"release\":\"" RL_RELEASE " (schema %d)\"}", RL_SCHEMA_VERSION);
    enum rl_code code = rl_store_begin(audit->store, err);
    for (size_t i = 0; code == RL_OK && i < sizeof texts / sizeof *texts; i++)
        code = rl_store_set_meta(audit->store, texts[i][0], texts[i][1], err);
    if (code == RL_OK)
        code = rl_audit_add(audit, "ringlockd", "upgrade", "site", was, is, err);
    if (code == RL_OK)
        code = rl_store_commit(audit->store, err);
    else
        rl_store_rollback(audit->store);
    free(was);
    free(is);
    return code;
}

enum rl_code rl_upgrade_note(struct rl_audit *audit, struct rl_err *err)
{
    char *from = NULL;
    enum rl_code code = before(audit->store, &from, err);
    if (code == RL_OK && from)
        code = write_note(audit, from, err);
    free(from);
    return code == RL_OK ? rl_audit_flush(audit, err) : code;
}
