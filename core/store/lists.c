#include "store/lists.h"

#include "store/db.h"

/* Run a bound statement that gives no rows, and end it. */
static enum rl_code run(struct rl_store *s, sqlite3_stmt *stmt, struct rl_err *err)
{
    enum rl_step step = rl_db_step(s, stmt, err);
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

/* ---- versions ---- */

enum rl_code rl_store_lists(struct rl_store *s, const char *kind, rl_list_fn fn, void *ctx,
                            struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       "SELECT version, made, placed, body FROM trust_list"
                                       " WHERE kind = ? ORDER BY version DESC",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, kind);
    enum rl_step step = RL_STEP_DONE;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        const struct rl_list_row row = {.version = sqlite3_column_int64(stmt, 0),
                                        .made = rl_db_text(stmt, 1),
                                        .placed = rl_db_text(stmt, 2),
                                        .body = sqlite3_column_blob(stmt, 3),
                                        .n = (size_t)sqlite3_column_bytes(stmt, 3)};
        go_on = fn(ctx, &row);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_links_all(struct rl_store *s, struct rl_err *err)
{
    return rl_db_run(s, err, "INSERT OR REPLACE INTO link_due (name) VALUES ('')", NULL);
}

static enum rl_code insert(struct rl_store *s, const char *kind, const struct rl_list_row *row,
                           struct rl_err *err)
{
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       "INSERT INTO trust_list (kind, version, made, body)"
                                       " VALUES (?, ?, ?, ?)",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, kind);
    sqlite3_bind_int64(stmt, 2, row->version);
    rl_db_bind(stmt, 3, row->made);
    sqlite3_bind_blob64(stmt, 4, row->body, row->n, SQLITE_STATIC);
    return run(s, stmt, err);
}

enum rl_code rl_store_list_add(struct rl_store *s, const char *kind, struct rl_list_row *row,
                               struct rl_err *err)
{
    struct rl_err mine;
    int64_t last = 0, all = 0;
    err = err ? err : &mine;
    enum rl_code code = rl_db_number(
        s, err, &last, "SELECT ifnull(max(version), 0) FROM trust_list WHERE kind = ?", kind, NULL);
    if (!code)
        code = rl_db_number(s, err, &all, "SELECT count(*) FROM trust_list", NULL);
    if (!code && !all)
        code = rl_store_links_all(s, err);
    row->version = last + 1;
    return code ? code : insert(s, kind, row, err);
}

enum rl_code rl_store_list_placed(struct rl_store *s, const char *kind, int64_t version,
                                  const char *when, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "UPDATE trust_list SET placed = ? WHERE kind = ? AND version = ?", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, when);
    rl_db_bind(stmt, 2, kind);
    sqlite3_bind_int64(stmt, 3, version);
    return run(s, stmt, err);
}

/* ---- who was seen with which ---- */

static enum rl_code note_seen(struct rl_store *s, const char *kind, const char *phone,
                              int64_t version, const char *when, struct rl_err *err)
{
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       "INSERT INTO phone_list (kind, phone, version, seen)"
                                       " SELECT ?, rid, ?, ? FROM phone WHERE name = ?"
                                       " ON CONFLICT (kind, phone) DO UPDATE"
                                       " SET version = excluded.version, seen = excluded.seen"
                                       " WHERE excluded.seen >= seen",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, kind);
    sqlite3_bind_int64(stmt, 2, version);
    rl_db_bind(stmt, 3, when);
    rl_db_bind(stmt, 4, phone);
    return run(s, stmt, err);
}

enum rl_code rl_store_list_seen(struct rl_store *s, const char *kind, const char *phone,
                                int64_t version, const char *when, struct rl_err *err)
{
    struct rl_err mine;
    int64_t there = 0;
    err = err ? err : &mine;
    enum rl_code code =
        rl_db_number(s, err, &there, "SELECT count(*) FROM phone WHERE name = ?", phone, NULL);
    if (!code && !there)
        code = rl_fail(err, RL_E_NOT_FOUND, phone, "There is no phone %s.", phone);
    return code ? code : note_seen(s, kind, phone, version, when, err);
}

enum rl_code rl_store_list_of(struct rl_store *s, const char *kind, const char *phone,
                              int64_t *version, struct rl_err *err)
{
    *version = 0;
    return rl_db_number(s, err, version,
                        "SELECT version FROM phone_list WHERE kind = ?"
                        " AND phone = (SELECT rid FROM phone WHERE name = ?)",
                        kind, phone, NULL);
}

/* How many were seen with one of the versions from `from` on. */
static enum rl_code count_from(struct rl_store *s, const char *kind, int64_t from, int64_t *n,
                               struct rl_err *err)
{
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "SELECT count(*) FROM phone_list WHERE kind = ? AND version >= ?", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, kind);
    sqlite3_bind_int64(stmt, 2, from);
    enum rl_step step = rl_db_step(s, stmt, err);
    *n = step == RL_STEP_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_list_counts(struct rl_store *s, const char *kind, int64_t below,
                                  struct rl_list_counts *out, struct rl_err *err)
{
    struct rl_err mine;
    int64_t phones = 0, known = 0, newer = 0;
    err = err ? err : &mine;
    *out = (struct rl_list_counts){0};
    enum rl_code code = rl_db_number(s, err, &phones, "SELECT count(*) FROM phone", NULL);
    if (!code)
        code = count_from(s, kind, 0, &known, err);
    if (!code)
        code = count_from(s, kind, below, &newer, err);
    if (!code)
        *out = (struct rl_list_counts){(size_t)phones, (size_t)(known - newer),
                                       (size_t)(phones - known)};
    return code;
}

/* Is there a phone that was never seen? Then to find them every phone is looked at. */
static enum rl_code has_unknown(struct rl_store *s, const char *kind, bool *has, struct rl_err *err)
{
    struct rl_list_counts n;
    enum rl_code code = rl_store_list_counts(s, kind, INT64_MAX, &n, err);
    *has = n.unknown > 0;
    return code;
}

/* Of those that were seen with an older version, or of those never seen: the next of them. */
static enum rl_code walk(struct rl_store *s, const struct rl_list_query *q, bool seen, size_t *n,
                         bool *go_on, rl_list_holder_fn fn, void *ctx, struct rl_err *err)
{
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        seen ? "SELECT p.name, l.seen, l.version, l.phone FROM phone_list l"
               " JOIN phone p ON p.rid = l.phone WHERE l.kind = ?1 AND l.version < ?2"
               " AND (l.version, l.phone) > (?3, ?4) ORDER BY l.version, l.phone LIMIT ?5"
             : "SELECT p.name, '', 0, p.rid FROM phone p WHERE p.rid > ?4"
               " AND NOT EXISTS (SELECT 1 FROM phone_list WHERE kind = ?1 AND phone = p.rid)"
               " ORDER BY p.rid LIMIT ?5",
        err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, q->kind);
    sqlite3_bind_int64(stmt, 2, q->below);
    sqlite3_bind_int64(stmt, 3, q->version);
    sqlite3_bind_int64(stmt, 4, seen || q->version == 0 ? q->place : 0);
    sqlite3_bind_int64(stmt, 5, (int64_t)(q->limit - *n));
    enum rl_step step = RL_STEP_DONE;
    while (*go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        const struct rl_list_holder holder = {rl_db_text(stmt, 0), rl_db_text(stmt, 1),
                                              sqlite3_column_int64(stmt, 2),
                                              sqlite3_column_int64(stmt, 3)};
        *go_on = fn(ctx, &holder);
        ++*n;
    }
    rl_db_done(s, &stmt);
    return *go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_list_holders(struct rl_store *s, const struct rl_list_query *query,
                                   rl_list_holder_fn fn, void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    size_t n = 0;
    bool go_on = true;
    enum rl_code code = RL_OK;
    err = err ? err : &mine;
    bool unknown = true;
    if (query->version != 0)
        code = walk(s, query, true, &n, &go_on, fn, ctx, err);
    if (!code && go_on && n < query->limit)
        code = has_unknown(s, query->kind, &unknown, err);
    if (!code && go_on && n < query->limit && unknown)
        code = walk(s, query, false, &n, &go_on, fn, ctx, err);
    return code;
}

/* ---- names of phones ---- */

enum rl_code rl_store_links_due(struct rl_store *s, size_t limit, rl_link_fn fn, void *ctx,
                                struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s,
                      "SELECT d.id, d.name, EXISTS (SELECT 1 FROM phone p WHERE p.name = d.name)"
                      " FROM link_due d ORDER BY d.id LIMIT ?",
                      err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, (int64_t)limit);
    enum rl_step step = RL_STEP_DONE;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW)
        go_on = fn(ctx, sqlite3_column_int64(stmt, 0), rl_db_text(stmt, 1),
                   sqlite3_column_int(stmt, 2) != 0);
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_link_done(struct rl_store *s, int64_t id, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s, "DELETE FROM link_due WHERE id = ?", err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, id);
    return run(s, stmt, err);
}

/* ---- what phones can verify ---- */

enum rl_code rl_store_sha1_only(struct rl_store *s, rl_sha1_only_fn fn, void *ctx,
                                struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s,
                      "SELECT p.type, count(*), min(p.name) FROM type t JOIN phone p"
                      " ON p.type = t.model WHERE t.other_sig_sha1_only = 'yes' GROUP BY p.type",
                      err);
    if (!stmt)
        return err->code;
    enum rl_step step = RL_STEP_DONE;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW)
        go_on = fn(ctx, rl_db_text(stmt, 0), (size_t)sqlite3_column_int64(stmt, 1),
                   rl_db_text(stmt, 2));
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}
