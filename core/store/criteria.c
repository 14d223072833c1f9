#include "store/criteria.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/time.h"

enum { DAYS_MAX = 36500 };

const char *const rl_op_names[] = {"begins with", "contains", "is exactly",   "ends with",
                                   "is before",   "is empty", "is not empty", NULL};

void rl_sql_bind(struct rl_sql *sql, const char *text)
{
    sql->bind[sql->nbind++] = rl_strdup(text);
}

void rl_sql_fini(struct rl_sql *sql)
{
    for (size_t i = 0; i < sql->nbind; i++)
        free(sql->bind[i]);
    rl_buf_fini(&sql->text);
    sql->nbind = 0;
}

sqlite3_stmt *rl_sql_prepare(struct rl_store *s, const struct rl_sql *sql, int64_t limit,
                             struct rl_err *err)
{
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_buf_str(&sql->text), err);
    if (!stmt)
        return NULL;
    for (size_t i = 0; i < sql->nbind; i++)
        rl_db_bind(stmt, (int)i + 1, sql->bind[i]);
    if (limit)
        sqlite3_bind_int64(stmt, (int)sql->nbind + 1, limit);
    return stmt;
}

static bool searchable(const struct rl_object *obj, int field)
{
    if (field == RL_COL_TRUSTED)
        return obj->kind != RL_USER && obj->kind != RL_CERTIFICATE;
    return field >= 0 && (size_t)field < obj->nstored && obj->fields[field].kind != RL_F_SECRET;
}

enum rl_code rl_criteria_check(const struct rl_query *q, struct rl_err *err)
{
    const struct rl_object *obj = rl_object(q->kind);
    if (q->ncriteria > RL_CRITERIA_MAX)
        return rl_fail(err, RL_E_VALUE, NULL, "At most %d criteria can be joined, not %zu.",
                       RL_CRITERIA_MAX, q->ncriteria);
    if (!searchable(obj, q->sort))
        return rl_fail(err, RL_E_FIELD, NULL, "A list of %s cannot be sorted by that field.",
                       obj->plural);
    for (size_t i = 0; i < q->ncriteria; i++)
        if (!searchable(obj, q->criteria[i].field))
            return rl_fail(err, RL_E_FIELD, NULL, "A list of %s cannot be searched by that field.",
                           obj->plural);
    return RL_OK;
}

void rl_sql_column(struct rl_sql *sql, const struct rl_object *obj, int field)
{
    const struct rl_field *f = &obj->fields[field];
    if (f->kind == RL_F_REF && !(f->flags & RL_FF_NEED))
        rl_buf_addf(&sql->text, "p.\"%s_text\"", f->name);
    else
        rl_buf_addf(&sql->text, "p.\"%s\"", f->name);
}

/* before + value + after as a pattern of LIKE, the value taken literally. */
static void bind_pattern(struct rl_sql *sql, const char *before, const char *value,
                         const char *after)
{
    struct rl_buf pattern = {0};
    rl_buf_adds(&pattern, before);
    for (; *value; value++) {
        if (strchr("%_\\", *value))
            rl_buf_addc(&pattern, '\\');
        rl_buf_addc(&pattern, *value);
    }
    rl_buf_adds(&pattern, after);
    rl_sql_bind(sql, rl_buf_str(&pattern));
    rl_buf_fini(&pattern);
}

static void add_like(struct rl_sql *sql, const char *column, const char *before, const char *value,
                     const char *after)
{
    rl_buf_addf(&sql->text, "%s LIKE ? ESCAPE '\\'", column);
    bind_pattern(sql, before, value, after);
}

/* All texts that begin with `value` lie from it up to it followed by a byte that UTF-8 has not. */
static void add_range(struct rl_sql *sql, const char *column, const char *value)
{
    char *end = rl_asprintf("%s\xff", value);
    rl_buf_addf(&sql->text, "(%s COLLATE NOCASE >= ? AND %s COLLATE NOCASE < ?)", column, column);
    rl_sql_bind(sql, value);
    rl_sql_bind(sql, end);
    free(end);
}

/* "30d": the moment in so many days, as columns hold moments; any other value as it is. */
static void bind_moment(struct rl_sql *sql, const char *value)
{
    char *end, at[RL_TIME_TEXT];
    long days = strtol(value, &end, 10);
    bool relative = end != value && strcmp(end, "d") == 0 && days >= -DAYS_MAX && days <= DAYS_MAX;
    rl_sql_bind(sql,
                relative ? rl_time_text(rl_now_us() + days * RL_DAY_S * 1000000LL, 0, at) : value);
}

/* A condition on one text column. */
static void add_text(struct rl_sql *sql, const char *column, const struct rl_criterion *c)
{
    switch (c->op) {
    case RL_OP_BEGINS:
        add_range(sql, column, c->value);
        break;
    case RL_OP_CONTAINS:
        add_like(sql, column, "%", c->value, "%");
        break;
    case RL_OP_IS:
        rl_buf_addf(&sql->text, "%s COLLATE NOCASE = ?", column);
        rl_sql_bind(sql, c->value);
        break;
    case RL_OP_ENDS:
        add_like(sql, column, "%", c->value, "");
        break;
    case RL_OP_BEFORE:
        rl_buf_addf(&sql->text, "(%s COLLATE NOCASE > '' AND %s COLLATE NOCASE < ?)", column,
                    column);
        bind_moment(sql, c->value);
        break;
    case RL_OP_EMPTY:
        rl_buf_addf(&sql->text, "%s COLLATE NOCASE = ''", column);
        break;
    case RL_OP_NOT_EMPTY:
        rl_buf_addf(&sql->text, "%s COLLATE NOCASE > ''", column);
        break;
    }
}

/* A condition on the items of a list; any of them may meet it. */
static void add_list(struct rl_sql *sql, const char *column, const struct rl_criterion *c)
{
    static const struct {
        const char *before, *after;
    } around[] = {
        [RL_OP_BEGINS] = {"%;", "%" },
        [RL_OP_CONTAINS] = {"%",  "%" },
        [RL_OP_IS] = {"%;", ";%"},
        [RL_OP_ENDS] = {"%",  ";%"},
    };
    char *list = rl_asprintf("(';' || %s || ';')", column);
    add_like(sql, list, around[c->op].before, c->value, around[c->op].after);
    free(list);
}

/* Lines have a table of their own. */
static void add_lines(struct rl_sql *sql, const struct rl_criterion *c, enum rl_use use)
{
    rl_buf_adds(&sql->text, use == RL_USE_FILTER
                                ? "EXISTS (SELECT 1 FROM phone_line l WHERE l.phone = p.rid AND "
                                : "p.rid IN (SELECT l.phone FROM phone_line l WHERE ");
    add_text(sql, use == RL_USE_FILTER ? "+l.number" : "l.number", c);
    rl_buf_addc(&sql->text, ')');
}

static void add_trusted(struct rl_sql *sql, const struct rl_criterion *c, enum rl_use use)
{
    rl_buf_addf(&sql->text, "%sp.type IN (SELECT t.model FROM type t WHERE ",
                use == RL_USE_FILTER ? "+" : "");
    add_text(sql, "t.trusted", c);
    rl_buf_addc(&sql->text, ')');
}

static bool tests_value(const struct rl_criterion *c)
{
    return c->op != RL_OP_EMPTY && c->op != RL_OP_NOT_EMPTY;
}

/* The column as a criterion compares it: numbers as text, so that "begins with 50" finds 5060. */
static char *column_text(const struct rl_object *obj, int field, enum rl_use use)
{
    struct rl_sql name = {0};
    bool number = obj->fields[field].kind == RL_F_INT;
    rl_buf_adds(&name.text, number ? "CAST(" : use == RL_USE_FILTER ? "+" : "");
    rl_sql_column(&name, obj, field);
    rl_buf_adds(&name.text, number ? " AS TEXT)" : "");
    return rl_buf_take(&name.text);
}

bool rl_criterion_scans(const struct rl_criterion *c)
{
    return c->op == RL_OP_CONTAINS || c->op == RL_OP_ENDS;
}

void rl_sql_condition(struct rl_sql *sql, const struct rl_object *obj, const struct rl_criterion *c,
                      enum rl_use use)
{
    if (tests_value(c) && !*c->value) {
        rl_buf_adds(&sql->text, "1");
    } else if (c->field == RL_COL_TRUSTED && obj->kind != RL_TYPE) {
        add_trusted(sql, c, use);
    } else if (obj->kind == RL_PHONE && c->field == RL_PHONE_LINES && tests_value(c)) {
        add_lines(sql, c, use);
    } else {
        int field = c->field == RL_COL_TRUSTED ? RL_TYPE_TRUSTED : c->field;
        char *column = column_text(obj, field, use);
        bool list = obj->fields[field].kind == RL_F_LIST && c->op <= RL_OP_ENDS;
        (list ? add_list : add_text)(sql, column, c);
        free(column);
    }
}

/* The rows that meet a criterion, no more than matter. */
static void add_found(struct rl_sql *sql, const struct rl_store *s, const struct rl_object *obj,
                      const struct rl_criterion *c)
{
    if (obj->kind == RL_PHONE && c->field == RL_PHONE_LINES && tests_value(c)) {
        rl_buf_adds(&sql->text, "(SELECT l.phone AS rid FROM phone_line l WHERE ");
        add_text(sql, "l.number", c);
    } else {
        rl_buf_addf(&sql->text, "(SELECT p.rid AS rid FROM \"%s\" p WHERE ", obj->name);
        rl_sql_condition(sql, obj, c, RL_USE_ANY);
    }
    rl_buf_addf(&sql->text, " LIMIT %d)", s->narrow + 1);
}

/* How many rows meet a criterion, counted no further than matters; and which, see the header. */
static enum rl_code probe(struct rl_store *s, const struct rl_object *obj,
                          const struct rl_criterion *c, int64_t *rows, char **rids,
                          struct rl_err *err)
{
    struct rl_sql sql = {0};
    enum rl_code code = RL_OK;
    *rids = NULL;
    if (c->field == RL_COL_TRUSTED) {
        rl_buf_addf(&sql.text, "SELECT sum(n) FROM tally p WHERE p.kind = '%s' AND ", obj->name);
        rl_sql_condition(&sql, obj, c, RL_USE_FILTER);
    } else {
        rl_buf_adds(&sql.text, rl_criterion_scans(c)
                                   ? "SELECT count(*), json_group_array(rid) FROM "
                                   : "SELECT count(*) FROM ");
        add_found(&sql, s, obj, c);
    }
    sqlite3_stmt *stmt = rl_sql_prepare(s, &sql, 0, err);
    rl_sql_fini(&sql);
    if (!stmt)
        return err->code;
    if (rl_db_step(s, stmt, err) == RL_STEP_FAILED)
        code = err->code;
    else
        *rows = sqlite3_column_int64(stmt, 0);
    if (!code && sqlite3_column_count(stmt) > 1 && *rows <= s->narrow)
        *rids = rl_strdup(rl_db_text(stmt, 1));
    rl_db_done(s, &stmt);
    return code;
}

enum rl_code rl_criteria_narrowest(struct rl_store *s, const struct rl_query *q, int *out,
                                   char **rids, struct rl_err *err)
{
    int64_t least = s->narrow + 1;
    *out = -1;
    *rids = NULL;
    if (q->kind != RL_PHONE && q->kind != RL_USER)
        return RL_OK; /* the others are few */
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < q->ncriteria && !code; i++) {
        int64_t rows = 0;
        char *found, *other;
        if (tests_value(&q->criteria[i]) && !*q->criteria[i].value)
            continue;
        code = probe(s, rl_object(q->kind), &q->criteria[i], &rows, &found, err);
        other = found;
        if (!code && rows < least) {
            least = rows;
            *out = (int)i;
            other = *rids;
            *rids = found;
        }
        free(other);
    }
    if (code) {
        free(*rids);
        *rids = NULL;
    }
    return code;
}
