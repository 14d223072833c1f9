/* The audit chain and the named texts of the site. */
#include "ringlock/buf.h"
#include "store/db.h"

enum rl_code rl_store_get_meta(struct rl_store *s, const char *key, char **out, struct rl_err *err)
{
    return rl_db_one_text(s, err, out, "SELECT value FROM meta WHERE key = ?", key, NULL);
}

enum rl_code rl_store_set_meta(struct rl_store *s, const char *key, const char *value,
                               struct rl_err *err)
{
    return rl_db_run(s, err,
                     "INSERT INTO meta (key, value) VALUES (?, ?)"
                     " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                     key, value, NULL);
}

enum rl_code rl_store_audit_add(struct rl_store *s, const char *text, const char *hash,
                                int64_t *seq, struct rl_err *err)
{
    enum rl_code code =
        rl_db_run(s, err, "INSERT INTO audit (text, hash) VALUES (?, ?)", text, hash, NULL);
    if (!code && seq)
        *seq = sqlite3_last_insert_rowid(s->db);
    return code;
}

enum rl_code rl_store_audit_last(struct rl_store *s, int64_t *seq, char **hash, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    *seq = 0;
    *hash = NULL;
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", err);
    if (!stmt)
        return err->code;
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW) {
        *seq = sqlite3_column_int64(stmt, 0);
        *hash = rl_strdup(rl_db_text(stmt, 1));
    }
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_audit_list(struct rl_store *s, int64_t after_seq, bool newest_first,
                                 size_t limit, rl_audit_fn fn, void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        newest_first ? "SELECT seq, text, hash FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?"
                     : "SELECT seq, text, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
        err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, newest_first && after_seq <= 0 ? INT64_MAX : after_seq);
    sqlite3_bind_int64(stmt, 2, limit ? (int64_t)limit : -1);
    enum rl_step step;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        struct rl_audit_row row = {sqlite3_column_int64(stmt, 0), rl_db_text(stmt, 1),
                                   rl_db_text(stmt, 2)};
        go_on = fn(ctx, &row);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}
