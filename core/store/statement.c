/* Statements: prepared once, kept by their text, handed out and taken back. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "store/db.h"

static struct rl_statement *find(struct rl_store *s, const char *sql)
{
    for (size_t i = 0; i < RL_STATEMENTS; i++) {
        struct rl_statement *st = &s->cache[i];
        if (st->from == sql && !st->busy && !strcmp(st->sql, sql))
            return st;
    }
    for (size_t i = 0; i < RL_STATEMENTS; i++) {
        struct rl_statement *st = &s->cache[i];
        if (st->sql && !st->busy && !strcmp(st->sql, sql))
            return st;
    }
    return NULL;
}

/* The place unused for longest; NULL if all are handed out. */
static struct rl_statement *oldest(struct rl_store *s)
{
    struct rl_statement *best = NULL;
    for (size_t i = 0; i < RL_STATEMENTS; i++)
        if (!s->cache[i].busy && (!best || s->cache[i].used < best->used))
            best = &s->cache[i];
    return best;
}

sqlite3_stmt *rl_db_prepare(struct rl_store *s, const char *sql, struct rl_err *err)
{
    struct rl_statement *st = find(s, sql);
    if (!st) {
        sqlite3_stmt *stmt;
        if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
            SQLITE_OK) {
            rl_db_fail(s, err);
            return NULL;
        }
        st = oldest(s);
        if (!st)
            return stmt;
        sqlite3_finalize(st->stmt);
        free(st->sql);
        *st = (struct rl_statement){.sql = rl_strdup(sql), .stmt = stmt};
    }
    st->busy = true;
    st->from = sql;
    st->used = ++s->clock;
    return st->stmt;
}

void rl_db_done(struct rl_store *s, sqlite3_stmt **stmt)
{
    struct rl_statement *st = NULL;
    for (size_t i = 0; i < RL_STATEMENTS && !st; i++)
        if (s->cache[i].stmt == *stmt)
            st = &s->cache[i];
    if (st) {
        sqlite3_reset(*stmt);
        sqlite3_clear_bindings(*stmt);
        st->busy = false;
    } else {
        sqlite3_finalize(*stmt);
    }
    *stmt = NULL;
}

bool rl_db_is_taken_back(const struct rl_store *s, sqlite3_stmt *stmt)
{
    return (s->writing || s->many) && sqlite3_get_autocommit(s->db) && !sqlite3_stmt_readonly(stmt);
}

enum rl_step rl_db_step(struct rl_store *s, sqlite3_stmt *stmt, struct rl_err *err)
{
    if (rl_db_is_taken_back(s, stmt)) {
        rl_db_taken_back(s, err);
        return RL_STEP_FAILED;
    }
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        return RL_STEP_ROW;
    if (rc == SQLITE_DONE)
        return RL_STEP_DONE;
    rl_db_fail(s, err);
    return RL_STEP_FAILED;
}

void rl_db_bind(sqlite3_stmt *stmt, int index, const char *text)
{
    sqlite3_bind_text(stmt, index, text, -1, SQLITE_TRANSIENT);
}

const char *rl_db_text(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return text ? (const char *)text : "";
}

/* Prepare, bind and step once. On RL_OK *out is the statement, at its first row if *row. */
static enum rl_code start(struct rl_store *s, struct rl_err *err, const char *sql, va_list ap,
                          sqlite3_stmt **out, bool *row)
{
    struct rl_err mine;
    const char *text;
    *out = rl_db_prepare(s, sql, &mine);
    if (*out) {
        for (int i = 1; (text = va_arg(ap, const char *)) != NULL; i++)
            rl_db_bind(*out, i, text);
        enum rl_step step = rl_db_step(s, *out, &mine);
        *row = step == RL_STEP_ROW;
        if (step != RL_STEP_FAILED)
            return RL_OK;
        rl_db_done(s, out);
    }
    if (err)
        *err = mine;
    return mine.code;
}

enum rl_code rl_db_run(struct rl_store *s, struct rl_err *err, const char *sql, ...)
{
    va_list ap;
    sqlite3_stmt *stmt;
    bool row;
    va_start(ap, sql);
    enum rl_code code = start(s, err, sql, ap, &stmt, &row);
    va_end(ap);
    if (!code)
        rl_db_done(s, &stmt);
    return code;
}

enum rl_code rl_db_number(struct rl_store *s, struct rl_err *err, int64_t *out, const char *sql,
                          ...)
{
    va_list ap;
    sqlite3_stmt *stmt;
    bool row;
    va_start(ap, sql);
    enum rl_code code = start(s, err, sql, ap, &stmt, &row);
    va_end(ap);
    *out = 0;
    if (code)
        return code;
    if (row)
        *out = sqlite3_column_int64(stmt, 0);
    rl_db_done(s, &stmt);
    return RL_OK;
}

enum rl_code rl_db_one_text(struct rl_store *s, struct rl_err *err, char **out, const char *sql,
                            ...)
{
    va_list ap;
    sqlite3_stmt *stmt;
    bool row;
    va_start(ap, sql);
    enum rl_code code = start(s, err, sql, ap, &stmt, &row);
    va_end(ap);
    *out = NULL;
    if (code)
        return code;
    if (row)
        *out = rl_strdup(rl_db_text(stmt, 0));
    rl_db_done(s, &stmt);
    return RL_OK;
}
