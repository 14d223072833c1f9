/* Copies of the whole database, and whether one is whole. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/db.h"

enum { COPY_PAGES = 1024, CACHE_KIB = 4096 };

static enum rl_code run(struct rl_store *s, const char *sql, struct rl_err *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RL_OK : rl_db_fail(s, err);
}

static enum rl_code small_cache(struct rl_store *s, struct rl_err *err)
{
    char sql[48];
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA cache_size = -%d", CACHE_KIB);
    return run(s, sql, err);
}

enum rl_code rl_store_snapshot(const struct rl_store *store, struct rl_store **out,
                               struct rl_err *err)
{
    int64_t n;
    enum rl_code code = rl_store_open_reader(store, out, err);
    if (code == RL_OK)
        code = small_cache(*out, err);
    if (code == RL_OK)
        code = run(*out, "BEGIN", err);
    if (code == RL_OK) /* reading is what fixes the moment */
        code = rl_db_number(*out, err, &n, "SELECT count(*) FROM sqlite_schema", NULL);
    if (code != RL_OK && *out)
        rl_store_close(out);
    return code;
}

static int copy_pages(struct rl_store *s, sqlite3 *to, const atomic_bool *stop)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", s->db, "main");
    if (!b)
        return sqlite3_errcode(to);
    int rc;
    do
        rc = sqlite3_backup_step(b, COPY_PAGES);
    while (rc == SQLITE_OK && !(stop && atomic_load(stop)));
    int end = sqlite3_backup_finish(b);
    return rc == SQLITE_DONE ? end : rc == SQLITE_OK ? SQLITE_INTERRUPT : rc;
}

enum rl_code rl_store_copy(struct rl_store *snapshot, const char *path, const atomic_bool *stop,
                           struct rl_err *err)
{
    sqlite3 *to = NULL;
    int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    unlink(path);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL,
                          NULL);
    if (rc == SQLITE_OK)
        rc = copy_pages(snapshot, to, stop);
    enum rl_code code = RL_OK;
    if (rc != SQLITE_OK)
        code = rl_fail(err, RL_E_IO, snapshot->path, "The database %s cannot be copied to %s: %s.",
                       snapshot->path, path, sqlite3_errstr(rc));
    sqlite3_close(to);
    return code;
}

static enum rl_code check_references(struct rl_store *s, struct rl_err *err)
{
    char *table = NULL;
    enum rl_code code = rl_db_one_text(s, err, &table, "PRAGMA foreign_key_check", NULL);
    if (code == RL_OK && table)
        code = rl_fail(err, RL_E_SITE_DAMAGED, s->path,
                       "The database %s is damaged: a row of %s names one that is not there.",
                       s->path, table);
    free(table);
    return code;
}

enum rl_code rl_store_verify(struct rl_store *s, struct rl_err *err)
{
    char *said = NULL;
    enum rl_code code = rl_db_one_text(s, err, &said, "PRAGMA integrity_check(1)", NULL);
    if (code == RL_OK && (!said || strcmp(said, "ok") != 0))
        code = rl_fail(err, RL_E_SITE_DAMAGED, s->path, "The database %s is damaged: %s.", s->path,
                       said ? said : "its check said nothing");
    free(said);
    return code == RL_OK ? check_references(s, err) : code;
}

enum rl_code rl_store_settle(struct rl_store *s, struct rl_err *err)
{
    enum rl_code code = run(s, "PRAGMA journal_mode = WAL", err);
    return code == RL_OK ? run(s, "PRAGMA wal_checkpoint(TRUNCATE)", err) : code;
}
