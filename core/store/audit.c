/* The audit chain and the named texts of the site. */
#include <stdio.h>
#include <stdlib.h>

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

enum rl_code rl_store_audit_add(struct rl_store *s, const struct rl_audit_entry *entry,
                                int64_t *seq, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s,
                      "INSERT INTO audit (text, hash, object, who, renamed, undoes)"
                      " VALUES (?, ?, ?, ?, ?, nullif(?, 0))",
                      err);
    if (!stmt)
        return err->code;
    const char *const texts[] = {entry->text, entry->hash, entry->object, entry->who,
                                 entry->renamed};
    for (int i = 0; i < 5; i++) /* not copied: it is run and reset before they go */
        sqlite3_bind_text(stmt, i + 1, texts[i], -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 6, entry->undoes);
    enum rl_step step = rl_db_step(s, stmt, err);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_FAILED)
        return err->code;
    if (seq)
        *seq = sqlite3_last_insert_rowid(s->db);
    return RL_OK;
}

/* Of certificates whose removal nobody can look up or undo any more only the digests stay, since
 * they decide about calls; unless they were removed once more since. */
static const char forget_removed[] =
    "UPDATE cert_gone SET der = NULL, name = '' FROM"
    " (SELECT json_extract(text, '$.before.fingerprint') AS digest, max(time) AS last FROM audit"
    "  WHERE seq <= CAST(?1 AS INTEGER) AND +kind = 'cert' AND json_valid(text)"
    "  AND json_extract(text, '$.what') = 'cert remove' GROUP BY 1) r"
    " WHERE fingerprint = r.digest AND substr(removed, 1, 19) <= substr(r.last, 1, 19)";

enum rl_code rl_store_audit_drop(struct rl_store *s, int64_t through, struct rl_err *err)
{
    char seq[24];
    snprintf(seq, sizeof seq, "%lld", (long long)through);
    enum rl_code code = rl_db_run(s, err, forget_removed, seq, NULL);
    return code ? code
                : rl_db_run(s, err, "DELETE FROM audit WHERE seq <= CAST(? AS INTEGER)", seq, NULL);
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

/* Hand the rows of a statement out, and be done with it. *n (may be NULL) counts them. */
static enum rl_code give_rows(struct rl_store *s, sqlite3_stmt *stmt, rl_audit_fn fn, void *ctx,
                              size_t *n, bool *go_on, struct rl_err *err)
{
    enum rl_step step = RL_STEP_DONE;
    while (*go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        struct rl_audit_row row = {sqlite3_column_int64(stmt, 0), rl_db_text(stmt, 1),
                                   rl_db_text(stmt, 2)};
        *go_on = fn(ctx, &row);
        ++*n;
    }
    rl_db_done(s, &stmt);
    return *go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_audit_list(struct rl_store *s, int64_t after_seq, bool newest_first,
                                 size_t limit, rl_audit_fn fn, void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    size_t n = 0;
    bool go_on = true;
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
    return give_rows(s, stmt, fn, ctx, &n, &go_on, err);
}

/* --- by what they are about --- */

/* Entries of one name of the object, from the rename that gave it on. */
struct part {
    char *object; /* NULL: of all objects */
    int64_t low, high;
};

/* The narrowest index leads; '+' keeps the others from being taken. */
static sqlite3_stmt *prepare_part(struct rl_store *s, const struct rl_audit_query *q,
                                  const struct part *part, struct rl_err *err)
{
    struct rl_buf sql = {0};
    const char *lead = "";
    rl_buf_adds(&sql, "SELECT seq, text, hash FROM audit WHERE seq > ?1 AND seq < ?2");
    if (part->object) {
        rl_buf_adds(&sql, " AND object = ?4");
        lead = "+";
    }
    if (q->who) {
        rl_buf_addf(&sql, " AND %swho = ?5", lead);
        lead = "+";
    }
    if (q->kind)
        rl_buf_addf(&sql, " AND %skind = ?6", lead);
    if (q->since)
        rl_buf_adds(&sql, " AND +time >= ?7 AND seq >= (SELECT min(seq) FROM audit"
                          " WHERE time >= ?7)");
    rl_buf_adds(&sql, " ORDER BY seq DESC LIMIT ?3");
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_buf_str(&sql), err);
    rl_buf_fini(&sql);
    return stmt;
}

static enum rl_code give_part(struct rl_store *s, const struct rl_audit_query *q,
                              const struct part *part, rl_audit_fn fn, void *ctx, size_t *n,
                              bool *go_on, struct rl_err *err)
{
    const char *const texts[] = {part->object, q->who, q->kind, q->since};
    sqlite3_stmt *stmt = prepare_part(s, q, part, err);
    if (!stmt)
        return err->code;
    int64_t high = q->before > 0 && q->before < part->high ? q->before : part->high;
    sqlite3_bind_int64(stmt, 1, part->low);
    sqlite3_bind_int64(stmt, 2, high);
    sqlite3_bind_int64(stmt, 3, q->limit ? (int64_t)(q->limit - *n) : -1);
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
        if (texts[i])
            rl_db_bind(stmt, 4 + i, texts[i]);
    return give_rows(s, stmt, fn, ctx, n, go_on, err);
}

/* The rename that gave the part its name, and what the object was called before: owned, NULL if it
 * was always called so. */
static enum rl_code find_rename(struct rl_store *s, struct part *part, char **before,
                                struct rl_err *err)
{
    *before = NULL;
    part->low = 0;
    if (!part->object)
        return RL_OK;
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       "SELECT seq, object FROM audit WHERE renamed = ?"
                                       " AND seq < ? ORDER BY seq DESC LIMIT 1",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, part->object);
    sqlite3_bind_int64(stmt, 2, part->high);
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW) {
        part->low = sqlite3_column_int64(stmt, 0);
        *before = rl_strdup(rl_db_text(stmt, 1));
    }
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_audit_find(struct rl_store *s, const struct rl_audit_query *q, rl_audit_fn fn,
                                 void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    struct part part = {.object = rl_strdup(q->object), .high = INT64_MAX};
    enum rl_code code = RL_OK;
    size_t n = 0;
    bool go_on = true, more = true;
    err = err ? err : &mine;
    while (more && go_on && !code) {
        char *before;
        code = find_rename(s, &part, &before, err);
        if (!code)
            code = give_part(s, q, &part, fn, ctx, &n, &go_on, err);
        more = before && (!q->limit || n < q->limit);
        free(part.object);
        part = (struct part){.object = before, .high = part.low + 1};
    }
    free(part.object);
    return code;
}

/* The number a prepared statement gives, 0 without a row; be done with it. */
static enum rl_code give_number(struct rl_store *s, sqlite3_stmt *stmt, int64_t *out,
                                struct rl_err *err)
{
    enum rl_step step = rl_db_step(s, stmt, err);
    *out = step == RL_STEP_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_audit_newest(struct rl_store *s, const char *who, int64_t below, int64_t *seq,
                                   struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "SELECT max(seq) FROM audit WHERE who = ? AND seq < ?", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, who);
    sqlite3_bind_int64(stmt, 2, below > 0 ? below : INT64_MAX);
    return give_number(s, stmt, seq, err);
}

enum rl_code rl_store_audit_undone(struct rl_store *s, int64_t seq, int64_t *by, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s, "SELECT seq FROM audit WHERE undoes = ?", err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, seq);
    return give_number(s, stmt, by, err);
}
