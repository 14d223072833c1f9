/* Rows of all kinds, by their field tables. */
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"
#include "store/db.h"

static const char *key_name(const struct rl_object *obj)
{
    return obj->fields[0].name;
}

/* References that may be empty are NULL, so that foreign keys leave them alone. */
static bool is_nullable(const struct rl_field *f)
{
    return f->kind == RL_F_REF && !(f->flags & RL_FF_NEED);
}

/* "phone SEP001122334455", for sentences; owned by the caller. */
static char *describe(const struct rl_object *obj, const char *key)
{
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%s ", obj->name);
    rl_text_safe(&text, key, strlen(key));
    return rl_buf_take(&text);
}

void rl_db_columns(struct rl_buf *sql, const struct rl_object *obj, const char *alias)
{
    rl_buf_addf(sql, "%s.rid, %s.rev", alias, alias);
    for (size_t i = 0; i < obj->nstored; i++) {
        const struct rl_field *f = &obj->fields[i];
        if (f->kind == RL_F_SECRET)
            rl_buf_addf(sql,
                        ", CASE WHEN EXISTS (SELECT 1 FROM %s_secret x WHERE x.owner = %s.rid"
                        " AND x.field = '%s') THEN 'set' ELSE '' END",
                        obj->name, alias, f->name);
        else
            rl_buf_addf(sql, ", %s.\"%s\"", alias, f->name);
    }
}

int rl_db_read_row(sqlite3_stmt *stmt, int column, const struct rl_object *obj, struct rl_row *row)
{
    rl_row_init(row, obj);
    row->id = sqlite3_column_int64(stmt, column++);
    row->rev = sqlite3_column_int64(stmt, column++);
    for (size_t i = 0; i < obj->nstored; i++, column++) {
        const char *text = rl_db_text(stmt, column);
        if (*text)
            row->value[i] = rl_strdup(text);
    }
    return column;
}

static void build_select(struct rl_buf *sql, const struct rl_object *obj, const char *by)
{
    rl_buf_adds(sql, "SELECT ");
    rl_db_columns(sql, obj, "p");
    rl_buf_addf(sql, " FROM \"%s\" p WHERE p.\"%s\" = ?", obj->name, by);
}

static void build_insert(struct rl_buf *sql, const struct rl_object *obj)
{
    struct rl_buf marks = {0};
    rl_buf_addf(sql, "INSERT INTO \"%s\" (rev", obj->name);
    for (size_t i = 0; i < obj->nstored; i++) {
        if (obj->fields[i].kind == RL_F_SECRET)
            continue;
        rl_buf_addf(sql, ", \"%s\"", obj->fields[i].name);
        rl_buf_adds(&marks, ", ?");
    }
    rl_buf_addf(sql, ") VALUES (1%s)", rl_buf_str(&marks));
    rl_buf_fini(&marks);
}

static void build_device(struct rl_buf *sql, const struct rl_object *obj)
{
    bool phone = obj->kind == RL_PHONE;
    rl_buf_adds(sql, "SELECT ");
    rl_db_columns(sql, obj, "p");
    rl_buf_adds(sql, ", ");
    rl_db_columns(sql, rl_object(RL_TYPE), "t");
    if (phone) {
        rl_buf_adds(sql, ", ");
        rl_db_columns(sql, rl_object(RL_PROFILE), "f");
    }
    rl_buf_addf(sql, " FROM \"%s\" p JOIN type t ON t.model = p.type%s WHERE p.name = ?", obj->name,
                phone ? " JOIN profile f ON f.name = p.profile" : "");
}

const char *rl_db_sql(struct rl_store *s, enum rl_sql_text which, enum rl_kind kind)
{
    const struct rl_object *obj = rl_object(kind);
    struct rl_buf sql = {0};
    if (s->text[which][kind])
        return s->text[which][kind];
    switch (which) {
    case RL_SQL_GET:
    case RL_SQL_READ:
        build_select(&sql, obj, which == RL_SQL_GET ? key_name(obj) : "rid");
        break;
    case RL_SQL_INSERT:
        build_insert(&sql, obj);
        break;
    case RL_SQL_REMOVE:
        rl_buf_addf(&sql, "DELETE FROM \"%s\" WHERE \"%s\" = ?", obj->name, key_name(obj));
        break;
    default:
        build_device(&sql, obj);
    }
    return s->text[which][kind] = rl_buf_take(&sql);
}

/* Why a write was refused by the schema. */
static enum rl_code constraint(struct rl_store *s, const struct rl_row *row, struct rl_err *err)
{
    char *object = describe(row->obj, rl_row_get(row, 0));
    enum rl_code code;
    switch (sqlite3_extended_errcode(s->db)) {
    case SQLITE_CONSTRAINT_UNIQUE:
        code = rl_fail_field(err, RL_E_EXISTS, object, key_name(row->obj), "There is a %s already.",
                             object);
        break;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        code = rl_fail(err, RL_E_NOT_FOUND, object, "The %s names an object that is not there.",
                       object);
        break;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL:
        code = rl_fail(err, RL_E_VALUE, object, "The %s cannot be stored: %s.", object,
                       sqlite3_errmsg(s->db));
        break;
    default:
        code = rl_db_fail(s, err);
    }
    free(object);
    return code;
}

/* Bind a value for a column that a row fills; returns the next place. */
static int bind_value(sqlite3_stmt *stmt, int place, const struct rl_row *row, size_t field)
{
    const char *value = rl_row_get(row, (int)field);
    if (is_nullable(&row->obj->fields[field]) && !*value)
        sqlite3_bind_null(stmt, place);
    else
        sqlite3_bind_text(stmt, place, value, -1, SQLITE_STATIC);
    return place + 1;
}

/* Run a bound write of a row. */
static enum rl_code write_row(struct rl_store *s, sqlite3_stmt *stmt, const struct rl_row *row,
                              struct rl_err *err)
{
    enum rl_code code = RL_OK;
    if (rl_db_is_taken_back(s, stmt))
        code = rl_db_taken_back(s, err);
    else if (sqlite3_step(stmt) != SQLITE_DONE)
        code = constraint(s, row, err);
    rl_db_done(s, &stmt);
    return code;
}

static enum rl_code write_secrets(struct rl_store *s, const struct rl_row *row, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < row->obj->nstored && !code; i++) {
        const struct rl_field *f = &row->obj->fields[i];
        if (f->kind != RL_F_SECRET || !*rl_row_get(row, (int)i))
            continue;
        char *sql = rl_asprintf("INSERT INTO %s_secret (owner, field, value) VALUES (?, ?, ?)"
                                " ON CONFLICT (owner, field) DO UPDATE SET value = excluded.value",
                                row->obj->name);
        sqlite3_stmt *stmt = rl_db_prepare(s, sql, err);
        free(sql);
        if (!stmt)
            return err->code;
        sqlite3_bind_int64(stmt, 1, row->id);
        rl_db_bind(stmt, 2, f->name);
        sqlite3_bind_text(stmt, 3, rl_row_get(row, (int)i), -1, SQLITE_STATIC);
        code = write_row(s, stmt, row, err);
    }
    return code;
}

static enum rl_code add_line(struct rl_store *s, const struct rl_row *phone, const char *number,
                             size_t n, struct rl_err *err)
{
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "INSERT OR IGNORE INTO phone_line (number, phone) VALUES (?, ?)", err);
    if (!stmt)
        return err->code;
    sqlite3_bind_text(stmt, 1, number, (int)n, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, phone->id);
    return write_row(s, stmt, phone, err);
}

static enum rl_code write_lines(struct rl_store *s, const struct rl_row *phone, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    const char *p = rl_row_get(phone, RL_PHONE_LINES);
    while (*p && !code) {
        size_t n = strcspn(p, ";");
        if (n)
            code = add_line(s, phone, p, n, err);
        p += p[n] ? n + 1 : n;
    }
    return code;
}

static enum rl_code forget_lines(struct rl_store *s, const struct rl_row *phone, struct rl_err *err)
{
    sqlite3_stmt *stmt = rl_db_prepare(s, "DELETE FROM phone_line WHERE phone = ?", err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, phone->id);
    return write_row(s, stmt, phone, err);
}

static enum rl_code told(struct rl_err *err, const struct rl_err *mine)
{
    if (err)
        *err = *mine;
    return mine->code;
}

/* One row by its key, or by its rid where `text` is NULL. E-NOT-FOUND leaves `row` alone. */
static enum rl_code read_one(struct rl_store *s, const struct rl_object *obj, const char *text,
                             int64_t id, struct rl_row *row, struct rl_err *err)
{
    struct rl_err mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s, rl_db_sql(s, text ? RL_SQL_GET : RL_SQL_READ, obj->kind), &mine);
    if (!stmt)
        return told(err, &mine);
    if (text)
        rl_db_bind(stmt, 1, text);
    else
        sqlite3_bind_int64(stmt, 1, id);
    enum rl_step step = rl_db_step(s, stmt, &mine);
    if (step == RL_STEP_ROW)
        rl_db_read_row(stmt, 0, obj, row);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_ROW)
        return RL_OK;
    if (step == RL_STEP_FAILED)
        return told(err, &mine);
    if (!err)
        return RL_E_NOT_FOUND;
    char *object = describe(obj, text ? text : "");
    rl_fail(err, RL_E_NOT_FOUND, object, "There is no %s.", object);
    free(object);
    return RL_E_NOT_FOUND;
}

enum rl_code rl_store_get(struct rl_store *s, enum rl_kind kind, const char *key,
                          struct rl_row *row, struct rl_err *err)
{
    return read_one(s, rl_object(kind), key, 0, row, err);
}

enum rl_code rl_store_insert(struct rl_store *s, struct rl_row *row, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_db_sql(s, RL_SQL_INSERT, row->obj->kind), err);
    if (!stmt)
        return err->code;
    for (size_t i = 0, place = 1; i < row->obj->nstored; i++)
        if (row->obj->fields[i].kind != RL_F_SECRET)
            place = (size_t)bind_value(stmt, (int)place, row, i);
    enum rl_code code = write_row(s, stmt, row, err);
    if (code)
        return code;
    row->id = sqlite3_last_insert_rowid(s->db);
    row->rev = 1;
    code = write_secrets(s, row, err);
    if (!code && row->obj->kind == RL_PHONE)
        code = write_lines(s, row, err);
    return code;
}

static bool differs(const struct rl_row *a, const struct rl_row *b, size_t field)
{
    return strcmp(rl_row_get(a, (int)field), rl_row_get(b, (int)field)) != 0;
}

/* Writes the columns that differ and raises the revision. */
static enum rl_code write_changes(struct rl_store *s, const struct rl_row *old,
                                  const struct rl_row *row, struct rl_err *err)
{
    struct rl_buf sql = {0};
    rl_buf_addf(&sql, "UPDATE \"%s\" SET rev = rev + 1", row->obj->name);
    for (size_t i = 0; i < row->obj->nstored; i++)
        if (row->obj->fields[i].kind != RL_F_SECRET && differs(old, row, i))
            rl_buf_addf(&sql, ", \"%s\" = ?", row->obj->fields[i].name);
    rl_buf_adds(&sql, " WHERE rid = ?");
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_buf_str(&sql), err);
    rl_buf_fini(&sql);
    if (!stmt)
        return err->code;
    int place = 1;
    for (size_t i = 0; i < row->obj->nstored; i++)
        if (row->obj->fields[i].kind != RL_F_SECRET && differs(old, row, i))
            place = bind_value(stmt, place, row, i);
    sqlite3_bind_int64(stmt, place, row->id);
    return write_row(s, stmt, row, err);
}

/* True if writing `row` over `old` changes anything; an empty secret changes nothing. */
static bool has_changes(const struct rl_row *old, const struct rl_row *row)
{
    for (size_t i = 0; i < row->obj->nstored; i++) {
        bool secret = row->obj->fields[i].kind == RL_F_SECRET;
        if (secret ? *rl_row_get(row, (int)i) != '\0' : differs(old, row, i))
            return true;
    }
    return false;
}

static enum rl_code conflict(const struct rl_row *old, struct rl_err *err)
{
    char *object = describe(old->obj, rl_row_get(old, 0));
    rl_fail(err, RL_E_CONFLICT, object, "The %s was changed by someone else since it was read.",
            object);
    free(object);
    return RL_E_CONFLICT;
}

enum rl_code rl_store_update(struct rl_store *s, struct rl_row *row, int64_t rev,
                             struct rl_err *err)
{
    struct rl_err mine;
    struct rl_row old;
    err = err ? err : &mine;
    enum rl_code code = read_one(s, row->obj, NULL, row->id, &old, err);
    if (code)
        return code;
    row->rev = old.rev;
    if (rev && rev != old.rev) {
        code = conflict(&old, err);
    } else if (has_changes(&old, row)) {
        bool lines = row->obj->kind == RL_PHONE && differs(&old, row, RL_PHONE_LINES);
        code = write_changes(s, &old, row, err);
        if (!code)
            code = write_secrets(s, row, err);
        if (!code && lines)
            code = forget_lines(s, row, err);
        if (!code && lines)
            code = write_lines(s, row, err);
        row->rev += !code;
    }
    rl_row_fini(&old);
    return code;
}

static enum rl_code in_use(const struct rl_object *obj, const char *key, struct rl_err *err)
{
    static const enum rl_code codes[RL_KIND_COUNT] = {
        [RL_PROFILE] = RL_E_PROFILE_IN_USE,
        [RL_TYPE] = RL_E_TYPE_IN_USE,
        [RL_USER] = RL_E_USER_IN_USE,
    };
    char *object = describe(obj, key);
    enum rl_code code = codes[obj->kind] ? codes[obj->kind] : RL_E_INTERNAL;
    rl_fail(err, code, object, "The %s is in use.", object);
    free(object);
    return code;
}

enum rl_code rl_store_remove(struct rl_store *s, enum rl_kind kind, const char *key,
                             struct rl_err *err)
{
    struct rl_err mine;
    const struct rl_object *obj = rl_object(kind);
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_db_sql(s, RL_SQL_REMOVE, kind), err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, key);
    enum rl_code code = RL_OK;
    if (rl_db_step(s, stmt, err) == RL_STEP_FAILED)
        code = sqlite3_extended_errcode(s->db) == SQLITE_CONSTRAINT_FOREIGNKEY
                   ? in_use(obj, key, err)
                   : err->code;
    rl_db_done(s, &stmt);
    if (code || sqlite3_changes(s->db))
        return code;
    char *object = describe(obj, key);
    rl_fail(err, RL_E_NOT_FOUND, object, "There is no %s.", object);
    free(object);
    return RL_E_NOT_FOUND;
}
