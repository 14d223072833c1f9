#include "store/capf.h"

#include <string.h>

#include "ringlock/buf.h"
#include "store/db.h"

#define FIELD "capf_string" /* of phone_secret */

#define COLUMNS                                                               \
    "c.operation, c.done, c.status, c.reason, c.tries, c.lsc, c.mic, c.sent," \
    " c.locked_until, c.completes_by, c.renew_at, c.updated"

static const char *const knowns[] = {"", "no", "yes", NULL};

static void copy(char *to, size_t room, const char *text)
{
    size_t n = strlen(text);
    n = n < room ? n : room - 1;
    memcpy(to, text, n);
    to[n] = '\0';
}
#define COPY(to, stmt, column) copy((to), sizeof(to), rl_db_text((stmt), (column)))

static int index_of(const char *const *names, sqlite3_stmt *stmt, int column)
{
    int i = rl_capf_index(names, rl_db_text(stmt, column));
    return i < 0 ? 0 : i;
}

/* rid, name, COLUMNS */
static void read_row(sqlite3_stmt *stmt, struct rl_capf *out)
{
    *out = (struct rl_capf){.phone = sqlite3_column_int64(stmt, 0)};
    COPY(out->name, stmt, 1);
    out->operation = (enum rl_capf_operation)index_of(rl_capf_operation_names, stmt, 2);
    out->done = (enum rl_capf_operation)index_of(rl_capf_operation_names, stmt, 3);
    out->state = (enum rl_capf_state)index_of(rl_capf_state_names, stmt, 4);
    out->why = (enum rl_capf_why)index_of(rl_capf_why_names, stmt, 5);
    out->tries = sqlite3_column_int(stmt, 6);
    out->lsc = (enum rl_tristate)index_of(knowns, stmt, 7);
    out->mic = (enum rl_tristate)index_of(knowns, stmt, 8);
    COPY(out->sent, stmt, 9);
    COPY(out->locked_until, stmt, 10);
    COPY(out->completes_by, stmt, 11);
    COPY(out->renew_at, stmt, 12);
    COPY(out->updated, stmt, 13);
}

enum rl_code rl_store_capf_get(struct rl_store *s, const char *phone, struct rl_capf *out,
                               struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       "SELECT p.rid, p.name, " COLUMNS
                                       " FROM phone p LEFT JOIN capf c ON c.phone = p.rid"
                                       " WHERE p.name = ?",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, phone);
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW)
        read_row(stmt, out);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_DONE)
        return rl_fail(err, RL_E_NOT_FOUND, phone, "There is no phone %s.", phone);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

static enum rl_code run(struct rl_store *s, sqlite3_stmt *stmt, struct rl_err *err)
{
    enum rl_step step = rl_db_step(s, stmt, err);
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_capf_put(struct rl_store *s, const struct rl_capf *c, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        "INSERT INTO capf (phone, name, tries, operation, done, status, reason, lsc, mic, sent,"
        " locked_until, completes_by, renew_at, updated)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (phone) DO UPDATE SET tries = excluded.tries,"
        " operation = excluded.operation, done = excluded.done, status = excluded.status,"
        " reason = excluded.reason, lsc = excluded.lsc, mic = excluded.mic, sent = excluded.sent,"
        " locked_until = excluded.locked_until, completes_by = excluded.completes_by,"
        " renew_at = excluded.renew_at, updated = excluded.updated",
        err);
    if (!stmt)
        return err->code;
    const char *const texts[] = {rl_capf_operation_names[c->operation],
                                 rl_capf_operation_names[c->done],
                                 rl_capf_state_names[c->state],
                                 rl_capf_why_names[c->why],
                                 knowns[c->lsc],
                                 knowns[c->mic],
                                 c->sent,
                                 c->locked_until,
                                 c->completes_by,
                                 c->renew_at,
                                 c->updated};
    sqlite3_bind_int64(stmt, 1, c->phone);
    rl_db_bind(stmt, 2, c->name);
    sqlite3_bind_int(stmt, 3, c->tries);
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
        rl_db_bind(stmt, 4 + i, texts[i]);
    return run(s, stmt, err);
}

enum rl_code rl_store_capf_string(struct rl_store *s, int64_t phone, char **out, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    *out = NULL;
    sqlite3_stmt *stmt = rl_db_prepare(
        s, "SELECT value FROM phone_secret WHERE owner = ? AND field = '" FIELD "'", err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, phone);
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW)
        *out = rl_strdup(rl_db_text(stmt, 0));
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_capf_set_string(struct rl_store *s, int64_t phone, const char *text,
                                      struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        text ? "INSERT INTO phone_secret (owner, field, value) VALUES (?, '" FIELD "', ?)"
               " ON CONFLICT (owner, field) DO UPDATE SET value = excluded.value"
             : "DELETE FROM phone_secret WHERE owner = ? AND field = '" FIELD "'",
        err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, phone);
    if (text)
        sqlite3_bind_text(stmt, 2, text, -1, SQLITE_STATIC);
    return run(s, stmt, err);
}

static enum rl_code tell(struct rl_store *s, sqlite3_stmt *stmt, rl_capf_fn fn, void *ctx,
                         struct rl_err *err)
{
    enum rl_step step = RL_STEP_DONE;
    for (bool go_on = true; go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW;) {
        struct rl_capf capf;
        read_row(stmt, &capf);
        go_on = fn(ctx, &capf);
    }
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

#define SELECT "SELECT c.phone, c.name, " COLUMNS " FROM capf c WHERE "
#define BEHIND \
    "c.name COLLATE NOCASE >= ?1 AND (c.name COLLATE NOCASE, c.name) > (?1 COLLATE NOCASE, ?1)"

enum rl_code rl_store_capf_list(struct rl_store *s, int state, const char *after, size_t limit,
                                rl_capf_fn fn, void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s,
                      state < 0 ? SELECT BEHIND " ORDER BY c.name COLLATE NOCASE, c.name LIMIT ?2"
                                : SELECT "c.status = ?3 AND " BEHIND
                                         " ORDER BY c.name COLLATE NOCASE, c.name LIMIT ?2",
                      err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, after);
    sqlite3_bind_int64(stmt, 2, limit ? (int64_t)limit : -1);
    if (state >= 0)
        rl_db_bind(stmt, 3, rl_capf_state_names[state]);
    return tell(s, stmt, fn, ctx, err);
}

enum rl_code rl_store_capf_late(struct rl_store *s, const char *now, size_t limit, rl_capf_fn fn,
                                void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       SELECT "c.operation <> 'none' AND c.completes_by < ?"
                                              " ORDER BY c.completes_by, c.phone LIMIT ?",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, now);
    sqlite3_bind_int64(stmt, 2, (int64_t)limit);
    return tell(s, stmt, fn, ctx, err);
}

enum rl_code rl_store_capf_due(struct rl_store *s, const char *now,
                               const struct rl_capf_place *after, size_t limit, rl_capf_fn fn,
                               void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       SELECT "c.renew_at <> '' AND c.renew_at <= ?"
                                              " AND (c.renew_at, c.phone) > (?, ?)"
                                              " AND c.operation = 'none'"
                                              " ORDER BY c.renew_at, c.phone LIMIT ?",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, now);
    rl_db_bind(stmt, 2, after->renew_at);
    sqlite3_bind_int64(stmt, 3, after->phone);
    sqlite3_bind_int64(stmt, 4, (int64_t)limit);
    return tell(s, stmt, fn, ctx, err);
}

static enum rl_code count_state(struct rl_store *s, enum rl_capf_state state, size_t *out,
                                struct rl_err *err)
{
    int64_t n = 0;
    enum rl_code code = rl_db_number(s, err, &n, "SELECT count(*) FROM capf WHERE status = ?",
                                     rl_capf_state_names[state], NULL);
    *out = (size_t)n;
    return code;
}

enum rl_code rl_store_capf_count(struct rl_store *s, const char *now, struct rl_capf_counts *out,
                                 struct rl_err *err)
{
    struct rl_err mine;
    int64_t due = 0;
    err = err ? err : &mine;
    *out = (struct rl_capf_counts){0};
    enum rl_code code = count_state(s, RL_CAPF_PENDING, &out->pending, err);
    if (!code)
        code = count_state(s, RL_CAPF_REFUSED, &out->failed, err);
    if (!code)
        code = rl_db_number(s, err, &due,
                            "SELECT count(*) FROM capf WHERE renew_at <> '' AND renew_at <= ?"
                            " AND operation = 'none'",
                            now, NULL);
    out->due = (size_t)due;
    return code;
}

enum rl_code rl_store_capf_known(struct rl_store *s, struct rl_capf_known *out, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    *out = (struct rl_capf_known){0};
    sqlite3_stmt *stmt =
        rl_db_prepare(s,
                      "SELECT sum(lsc = 'yes'), sum(lsc = 'no'), sum(mic = 'yes'), sum(mic = 'no'),"
                      " (SELECT ifnull(sum(n), 0) FROM tally WHERE kind = 'phone') FROM capf",
                      err);
    if (!stmt)
        return err->code;
    size_t *const counts[] = {&out->lsc, &out->no_lsc, &out->mic, &out->no_mic, &out->phones};
    enum rl_step step = rl_db_step(s, stmt, err);
    for (int i = 0; step == RL_STEP_ROW && i < 5; i++)
        *counts[i] = (size_t)sqlite3_column_int64(stmt, i);
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}
