/* From one schema to the next, in one transaction; what must not change on the way is compared. */
#include <stdio.h>
#include <stdlib.h>

#include "store/db.h"

static enum rl_code exec(struct rl_store *s, const char *sql, struct rl_err *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RL_OK : rl_db_fail(s, err);
}

/* What an upgrade keeps. `kept` gives a name and what belongs to it; it is asked before and after,
 * from the schema `since` on. */
static const struct guard {
    int since;
    enum rl_code code;
    const char *what, *kept;
} guards[] = {
    {1, RL_E_UPGRADE_MODE_DRIFT,    "the mode of phone",
     "SELECT p.name AS name, ifnull(r.mode, '') AS value FROM phone p"
     " LEFT JOIN profile r ON r.name = p.profile"                         },
    {2, RL_E_UPGRADE_CERT_REISSUED, "the certificate",
     "SELECT c.name AS name, c.fingerprint || c.pem_fingerprint || c.store || c.device ||"
     " hex(b.der) AS value FROM cert c JOIN cert_body b ON b.cert = c.rid"},
};
enum { GUARDS = sizeof guards / sizeof *guards };

static enum rl_code remember(struct rl_store *s, int from, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (int i = 0; i < GUARDS && !code; i++) {
        if (from < guards[i].since)
            continue;
        char *sql = rl_asprintf("CREATE TEMP TABLE kept%d AS %s", i, guards[i].kept);
        code = exec(s, sql, err);
        free(sql);
    }
    return code;
}

/* The first that differs, came or went. */
static enum rl_code compare_one(struct rl_store *s, int i, struct rl_err *err)
{
    const struct guard *g = &guards[i];
    char *name = NULL;
    char *differs = rl_asprintf("SELECT name FROM (SELECT * FROM temp.kept%d EXCEPT %s) UNION ALL"
                                " SELECT name FROM (%s EXCEPT SELECT * FROM temp.kept%d) LIMIT 1",
                                i, g->kept, g->kept, i);
    char *forget = rl_asprintf("DROP TABLE temp.kept%d", i);
    enum rl_code code = rl_db_one_text(s, err, &name, differs, NULL);
    if (!code && name)
        code = rl_fail(err, g->code, name,
                       "The upgrade of %s would change %s %s: nothing was changed.", s->path,
                       g->what, name);
    if (!code)
        code = exec(s, forget, err);
    free(name);
    free(differs);
    free(forget);
    return code;
}

static enum rl_code compare(struct rl_store *s, int from, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (int i = 0; i < GUARDS && !code; i++)
        if (from >= guards[i].since)
            code = compare_one(s, i, err);
    return code;
}

static enum rl_code run_steps(struct rl_store *s, const struct rl_migration *steps, size_t n,
                              int from, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < n && !code; i++) {
        char version[48];
        if (steps[i].version <= from)
            continue;
        snprintf(version, sizeof version, "PRAGMA user_version = %d", steps[i].version);
        code = exec(s, steps[i].sql, err);
        if (!code)
            code = exec(s, version, err);
    }
    return code;
}

/* An older database: what it holds is looked at before and after. */
static enum rl_code upgrade(struct rl_store *s, const struct rl_migration *steps, size_t n,
                            int from, struct rl_err *err)
{
    char text[16];
    snprintf(text, sizeof text, "%d", from);
    enum rl_code code = remember(s, from, err);
    if (!code)
        code = run_steps(s, steps, n, from, err);
    if (!code)
        code = compare(s, from, err);
    return code ? code : rl_store_set_meta(s, RL_META_MIGRATED, text, err);
}

enum rl_code rl_db_migrate(struct rl_store *s, const struct rl_migration *steps, size_t n, int from,
                           struct rl_err *err)
{
    enum rl_code code = exec(s, "BEGIN EXCLUSIVE", err);
    if (code)
        return code;
    code = from > 0 ? upgrade(s, steps, n, from, err) : run_steps(s, steps, n, from, err);
    if (!code)
        code = exec(s, "COMMIT", err);
    if (code)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}
