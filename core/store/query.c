/* Find and List, in pages.
 *
 * A page is found by keyset: after the last row of the page before come the rows with the same
 * value and a key beyond, then those with a value beyond. Both are stretches of the index that
 * holds the order, so that the last page costs no more than the first. Where a criterion leaves
 * few rows, its own index finds them and they are sorted instead; SQLite, which has no statistics
 * here, is told so by a '+' before what it must not look up.
 *
 * "contains" looks at every entry of the field's index, in a thread, once for each page. An index
 * of trigrams (FTS5) was tried for a million phones: it found narrow texts in 20 ms instead of 120,
 * and broad ones no sooner; but it made each changed phone cost 0.5 ms more, 20 times as much, and
 * an import 9 s more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "store/criteria.h"

/* The trust of a type, in the order of texts. */
static const char *const trusts[] = {"", "no", "yes"};
enum { TRUSTS = 3 };

/* The criterion whose rows are found first, if any, and which they are: rl_criteria_narrowest. */
struct driver {
    int criterion;
    char *rids;
};

struct found {
    struct rl_row row;
    enum rl_tristate trusted;
};

/* One list being read. */
struct walk {
    struct rl_store *s;
    const struct rl_object *obj;
    rl_row_fn fn;
    void *ctx;
    size_t left; /* rows still wanted */
    bool stopped;
    bool keep; /* read backwards: rows are kept and told in list order at the end */
    struct found *kept;
    size_t nkept, cap;
};

static bool has_type(const struct rl_object *obj)
{
    return obj->kind == RL_PHONE || obj->kind == RL_GATEWAY || obj->kind == RL_PROFILE;
}

static enum rl_tristate tristate(const char *trusted)
{
    return !strcmp(trusted, "yes") ? RL_YES : !strcmp(trusted, "no") ? RL_NO : RL_UNKNOWN;
}

static void keep(struct walk *w, struct rl_row *row, enum rl_tristate trusted)
{
    if (w->nkept == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 64;
        w->kept = rl_realloc(w->kept, w->cap * sizeof *w->kept);
    }
    w->kept[w->nkept++] = (struct found){*row, trusted};
}

/* One row read: told at once, or kept. */
static void take(struct walk *w, sqlite3_stmt *stmt)
{
    struct rl_row row;
    int column = rl_db_read_row(stmt, 0, w->obj, &row);
    enum rl_tristate trusted = tristate(rl_db_text(stmt, column));
    w->left--;
    if (w->keep) {
        keep(w, &row, trusted);
        return;
    }
    w->stopped = !w->fn(w->ctx, &row, trusted);
    rl_row_fini(&row);
}

static void tell_kept(struct walk *w)
{
    for (size_t i = w->nkept; i-- > 0;) {
        if (!w->stopped)
            w->stopped = !w->fn(w->ctx, &w->kept[i].row, w->kept[i].trusted);
        rl_row_fini(&w->kept[i].row);
    }
    free(w->kept);
}

static void add_from(struct rl_sql *sql, const struct rl_object *obj)
{
    rl_buf_adds(&sql->text, "SELECT ");
    rl_db_columns(&sql->text, obj, "p");
    rl_buf_adds(&sql->text, has_type(obj)          ? ", t.trusted"
                            : obj->kind == RL_TYPE ? ", p.trusted"
                                                   : ", ''");
    rl_buf_addf(&sql->text, " FROM \"%s\" p", obj->name);
    if (has_type(obj))
        rl_buf_adds(&sql->text, " LEFT JOIN type t ON t.model = p.type");
}

/* Whether the index of the order finds the rows of a criterion too. Numbers are found in the lines'
 * own table only. */
static bool in_order(const struct rl_query *q, const struct rl_criterion *c)
{
    return c->field == q->sort && !rl_criterion_scans(c) &&
           !(q->kind == RL_PHONE && c->field == RL_PHONE_LINES);
}

static void add_criteria(struct rl_sql *sql, const struct rl_query *q, const struct driver *driver)
{
    rl_buf_adds(&sql->text, " WHERE 1");
    if (driver->rids) {
        rl_buf_adds(&sql->text, " AND p.rid IN (SELECT value FROM json_each(?))");
        rl_sql_bind(sql, driver->rids);
    }
    for (size_t i = 0; i < q->ncriteria; i++) {
        const struct rl_criterion *c = &q->criteria[i];
        bool found_by =
            driver->criterion < 0 ? in_order(q, c) : (int)i == driver->criterion && !driver->rids;
        rl_buf_adds(&sql->text, " AND ");
        rl_sql_condition(sql, rl_object(q->kind), c, found_by ? RL_USE_DRIVE : RL_USE_FILTER);
    }
}

/* Where in the order a stretch lies. */
enum stretch { ALL, SAME_VALUE, VALUE_BEYOND };

static void add_order(struct rl_sql *sql, const struct rl_query *q, const struct driver *driver,
                      enum stretch stretch)
{
    const struct rl_object *obj = rl_object(q->kind);
    const char *key = obj->fields[0].name;
    bool down = q->descending != q->backwards;
    struct rl_sql column = {0};
    if (driver->criterion >= 0)
        rl_buf_addc(&column.text, '+');
    rl_sql_column(&column, obj, q->sort);
    const char *by = rl_buf_str(&column.text);
    if (stretch == SAME_VALUE) {
        rl_buf_addf(&sql->text, " AND %s COLLATE NOCASE = ? AND p.\"%s\" %c ?", by, key,
                    down ? '<' : '>');
        rl_sql_bind(sql, q->after_value);
        rl_sql_bind(sql, q->after_key);
    } else if (stretch == VALUE_BEYOND) {
        rl_buf_addf(&sql->text, " AND %s COLLATE NOCASE %c ?", by, down ? '<' : '>');
        rl_sql_bind(sql, q->after_value);
    }
    rl_buf_addf(&sql->text, " ORDER BY %s COLLATE NOCASE %s, p.\"%s\" %s LIMIT ?", by,
                down ? "DESC" : "ASC", key, down ? "DESC" : "ASC");
    rl_sql_fini(&column);
}

static enum rl_code read_stretch(struct walk *w, const struct rl_query *q,
                                 const struct driver *driver, enum stretch stretch,
                                 struct rl_err *err)
{
    struct rl_sql sql = {0};
    if (!w->left || w->stopped)
        return RL_OK;
    add_from(&sql, w->obj);
    add_criteria(&sql, q, driver);
    add_order(&sql, q, driver, stretch);
    sqlite3_stmt *stmt = rl_sql_prepare(w->s, &sql, (int64_t)w->left, err);
    rl_sql_fini(&sql);
    if (!stmt)
        return err->code;
    enum rl_step step = RL_STEP_DONE;
    while (!w->stopped && (step = rl_db_step(w->s, stmt, err)) == RL_STEP_ROW)
        take(w, stmt);
    rl_db_done(w->s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

static enum rl_code read_by_field(struct walk *w, const struct rl_query *q, struct rl_err *err)
{
    struct driver driver;
    enum rl_code code = rl_criteria_narrowest(w->s, q, &driver.criterion, &driver.rids, err);
    if (code)
        return code;
    if (driver.criterion >= 0 && in_order(q, &q->criteria[driver.criterion]))
        driver.criterion = -1;
    if (!q->after_key) {
        code = read_stretch(w, q, &driver, ALL, err);
    } else {
        code = read_stretch(w, q, &driver, SAME_VALUE, err);
        code = code ? code : read_stretch(w, q, &driver, VALUE_BEYOND, err);
    }
    free(driver.rids);
    return code;
}

/* Sorted by trust: the devices of each trust are a list by key of their own. */
static enum rl_code read_by_trust(struct walk *w, const struct rl_query *q, struct rl_err *err)
{
    struct rl_criterion criteria[RL_CRITERIA_MAX];
    bool down = q->descending != q->backwards;
    bool before = q->after_key != NULL; /* not yet at the trust where the page begins */
    enum rl_code code = RL_OK;
    if (q->ncriteria == RL_CRITERIA_MAX)
        return rl_fail(err, RL_E_VALUE, NULL, "At most %d criteria can be sorted by trust.",
                       RL_CRITERIA_MAX - 1);
    for (size_t i = 0; i < q->ncriteria; i++)
        criteria[i] = q->criteria[i];
    for (int i = 0; i < TRUSTS && !code; i++) {
        const char *trust = trusts[down ? TRUSTS - 1 - i : i];
        bool first = before && !strcmp(trust, q->after_value);
        if (before && !first)
            continue;
        before = false;
        criteria[q->ncriteria] =
            (struct rl_criterion){RL_COL_TRUSTED, *trust ? RL_OP_IS : RL_OP_EMPTY, trust};
        struct rl_query part = *q;
        part.criteria = criteria;
        part.ncriteria++;
        part.sort = 0;
        part.after_key = first ? q->after_key : NULL;
        part.after_value = part.after_key;
        code = read_by_field(w, &part, err);
    }
    return code;
}

enum rl_code rl_store_list(struct rl_store *s, const struct rl_query *query, rl_row_fn fn,
                           void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    struct rl_query q = *query;
    err = err ? err : &mine;
    enum rl_code code = rl_criteria_check(&q, err);
    if (code)
        return code;
    if (q.after_key && (q.sort == 0 || !q.after_value))
        q.after_value = q.sort == 0 ? q.after_key : "";
    struct walk w = {.s = s,
                     .obj = rl_object(q.kind),
                     .fn = fn,
                     .ctx = ctx,
                     .left = q.limit ? q.limit : SIZE_MAX >> 1,
                     .keep = q.backwards};
    bool by_trust = q.sort == RL_COL_TRUSTED && q.kind != RL_TYPE;
    if (q.sort == RL_COL_TRUSTED && q.kind == RL_TYPE)
        q.sort = RL_TYPE_TRUSTED;
    code = by_trust ? read_by_trust(&w, &q, err) : read_by_field(&w, &q, err);
    w.stopped = w.stopped || code;
    tell_kept(&w);
    return code;
}

/* Devices and users without any criterion are counted already. */
static enum rl_code count_all(struct rl_store *s, const struct rl_object *obj, int64_t *n,
                              struct rl_err *err)
{
    if (obj->kind == RL_PHONE || obj->kind == RL_GATEWAY || obj->kind == RL_USER)
        return rl_db_number(s, err, n, "SELECT sum(n) FROM tally WHERE kind = ?", obj->name, NULL);
    char sql[64];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", obj->name);
    return rl_db_number(s, err, n, sql, NULL);
}

static enum rl_code count_some(struct rl_store *s, const struct rl_query *q, int64_t *n,
                               struct rl_err *err)
{
    struct rl_sql sql = {0};
    rl_buf_addf(&sql.text, "SELECT count(*) FROM \"%s\" p WHERE 1", rl_object(q->kind)->name);
    for (size_t i = 0; i < q->ncriteria; i++) {
        rl_buf_adds(&sql.text, " AND ");
        rl_sql_condition(&sql, rl_object(q->kind), &q->criteria[i], RL_USE_ANY);
    }
    sqlite3_stmt *stmt = rl_sql_prepare(s, &sql, 0, err);
    rl_sql_fini(&sql);
    if (!stmt)
        return err->code;
    enum rl_step step = rl_db_step(s, stmt, err);
    *n = step == RL_STEP_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_count(struct rl_store *s, const struct rl_query *query, size_t *out,
                            struct rl_err *err)
{
    struct rl_err mine;
    struct rl_query q = *query;
    int64_t n = 0;
    err = err ? err : &mine;
    q.sort = 0;
    *out = 0;
    enum rl_code code = rl_criteria_check(&q, err);
    if (!code)
        code = q.ncriteria ? count_some(s, &q, &n, err) : count_all(s, rl_object(q.kind), &n, err);
    *out = (size_t)n;
    return code;
}
