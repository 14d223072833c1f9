/* How SQLite finds what lists ask for: no page of what may be many is sorted, and no search that an
 * index could answer reads the whole table. What the store runs is traced, and its plan asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "site.h"
#include "store/certs.h"
#include "store/db.h"
#include "store/expiry.h"

enum { EVERY_WAY = -1 }; /* of rl_store.narrow: nothing is so narrow that it may be sorted */

/* Statements that were run, one after the other, each with its NUL. */
static struct rl_buf run;

static int note(unsigned event, void *ctx, void *stmt, void *text)
{
    (void)event;
    (void)ctx;
    (void)text;
    const char *sql = sqlite3_sql(stmt);
    rl_buf_add(&run, sql, strlen(sql) + 1);
    return 0;
}

static int open_site(void **state)
{
    struct site *t = rl_alloc(sizeof *t);
    *state = t;
    site_open(t);
    t->store->narrow = EVERY_WAY;
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_TYPE, "model=Cisco 8845", "trusted=yes")), RL_OK);
    assert_int_equal(rl_store_commit(t->store, &t->err), RL_OK);
    return 0;
}

static int close_site(void **state)
{
    site_close(*state);
    free(*state);
    rl_buf_fini(&run);
    return 0;
}

/* Orders that have no index: of few, or so quick that no index is worth its place. To sort 50,000
 * gateways took 15 ms, 100,000 certificates 32 to 46 ms, in a thread beside the loop. */
static bool may_be_sorted(enum rl_kind kind, int field)
{
    static const int gateway[] = {RL_GATEWAY_PROTOCOL, RL_GATEWAY_DESCRIPTION,
                                  RL_GATEWAY_SRTP_ALLOWED, -1};
    static const int cert[] = {RL_CERTIFICATE_DESCRIPTION,
                               RL_CERTIFICATE_ORIGIN,
                               RL_CERTIFICATE_SAN,
                               RL_CERTIFICATE_SERIAL,
                               RL_CERTIFICATE_SELF_SIGNED,
                               RL_CERTIFICATE_CA,
                               RL_CERTIFICATE_KEY_TYPE,
                               RL_CERTIFICATE_KEY_BITS,
                               RL_CERTIFICATE_SIGNATURE_HASH,
                               RL_CERTIFICATE_FINGERPRINT,
                               RL_CERTIFICATE_PEM_FINGERPRINT,
                               RL_CERTIFICATE_UPLOADED,
                               -1};
    const int *f = kind == RL_GATEWAY ? gateway : cert;
    if (kind == RL_TYPE || kind == RL_PROFILE)
        return true;
    if (kind != RL_GATEWAY && kind != RL_CERTIFICATE)
        return false;
    while (*f >= 0 && *f != field)
        f++;
    return *f >= 0;
}

/* The plan of one statement holds `what`; then it says so. */
static bool plan_has(struct site *t, const char *sql, const char *what)
{
    char *ask = rl_asprintf("EXPLAIN QUERY PLAN %s", sql);
    sqlite3_stmt *stmt;
    bool has = false;
    assert_int_equal(sqlite3_prepare_v2(t->store->db, ask, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(stmt, 3);
        if (!strstr(step, what))
            continue;
        has = true;
        print_message("%s\n  of %s\n", step, sql);
    }
    sqlite3_finalize(stmt);
    free(ask);
    return has;
}

static void begin(struct site *t)
{
    rl_buf_clear(&run);
    sqlite3_trace_v2(t->store->db, SQLITE_TRACE_STMT, note, NULL);
}

/* What was run since: true if `what` is in none of the plans. */
static bool none_has(struct site *t, const char *what)
{
    bool none = true;
    sqlite3_trace_v2(t->store->db, 0, NULL, NULL);
    assert_true(run.len > 0);
    for (size_t at = 0; at < run.len; at += strlen(run.data + at) + 1)
        none = !plan_has(t, run.data + at, what) && none;
    return none;
}

static bool no_row(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    (void)ctx;
    (void)row;
    (void)trusted;
    return true;
}

/* The fields of a kind that lists are sorted and searched by, one after the other; -1 is the end.
 */
static int next_field(const struct rl_object *obj, int field)
{
    if (field == RL_COL_TRUSTED)
        return -1;
    while (++field < (int)obj->nstored)
        if (obj->fields[field].kind != RL_F_SECRET)
            return field;
    return obj->kind == RL_USER || obj->kind == RL_CERTIFICATE ? -1 : RL_COL_TRUSTED;
}

static const char *field_name(const struct rl_object *obj, int field)
{
    return field == RL_COL_TRUSTED ? "trusted" : obj->fields[field].name;
}

/* First page, next, last and the one before, up and down. */
static bool sorts_nothing(struct site *t, struct rl_query q)
{
    bool none = true;
    for (int way = 0; way < 8; way++) {
        q.descending = way & 1;
        q.backwards = way & 2;
        q.after_value = q.after_key = way & 4 ? "no" : NULL;
        begin(t);
        assert_int_equal(rl_store_list(t->store, &q, no_row, NULL, &t->err), RL_OK);
        none = none_has(t, "TEMP B-TREE") && none;
    }
    return none;
}

static void every_order_is_an_index(void **state)
{
    struct site *t = *state;
    bool good = true;
    for (enum rl_kind kind = 0; kind < RL_KIND_COUNT; kind++) {
        const struct rl_object *obj = rl_object(kind);
        for (int f = -1; (f = next_field(obj, f)) >= 0;)
            if (!may_be_sorted(kind, f) &&
                !sorts_nothing(t, (struct rl_query){.kind = kind, .sort = f, .limit = 50})) {
                print_message("%s by %s are sorted\n", obj->plural, field_name(obj, f));
                good = false;
            }
    }
    assert_true(good);
}

/* A filter that many rows meet leaves the order to its index. */
static void a_broad_filter_does_not_sort(void **state)
{
    struct site *t = *state;
    bool good = true;
    for (enum rl_kind kind = 0; kind < RL_KIND_COUNT; kind++) {
        const struct rl_object *obj = rl_object(kind);
        for (int f = -1; kind != RL_TYPE && (f = next_field(obj, f)) >= 0;)
            for (enum rl_op op = RL_OP_BEGINS; op <= RL_OP_NOT_EMPTY; op++) {
                const struct rl_criterion c = {f, op, "no"};
                struct rl_query q = {
                    .kind = kind, .criteria = &c, .ncriteria = 1, .sort = 0, .limit = 50};
                if (!sorts_nothing(t, q)) {
                    print_message("%s: %s %s\n", obj->plural, field_name(obj, f), rl_op_names[op]);
                    good = false;
                }
            }
    }
    assert_true(good);
}

/* "SCAN p" without an index reads all of the table. */
static bool reads_no_table(struct site *t, enum rl_kind kind, const struct rl_criterion *c)
{
    struct rl_query q = {.kind = kind, .criteria = c, .ncriteria = 1, .limit = 50};
    size_t n;
    t->store->narrow = RL_NARROW;
    begin(t);
    assert_int_equal(rl_store_count(t->store, &q, &n, &t->err), RL_OK);
    assert_int_equal(rl_store_list(t->store, &q, no_row, NULL, &t->err), RL_OK);
    t->store->narrow = EVERY_WAY;
    return none_has(t, "SCAN p");
}

static void what_an_index_can_find_is_found_by_it(void **state)
{
    static const enum rl_kind kinds[] = {RL_PHONE, RL_USER};
    static const enum rl_op ops[] = {RL_OP_BEGINS, RL_OP_IS, RL_OP_EMPTY, RL_OP_NOT_EMPTY};
    struct site *t = *state;
    bool good = true;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const struct rl_object *obj = rl_object(kinds[k]);
        for (int f = -1; (f = next_field(obj, f)) >= 0;)
            for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
                const struct rl_criterion c = {f, ops[i], "no"};
                if (!reads_no_table(t, kinds[k], &c)) {
                    print_message("%s: %s %s\n", obj->plural, field_name(obj, f),
                                  rl_op_names[ops[i]]);
                    good = false;
                }
            }
    }
    assert_true(good);
}

/* Statements that go through all entries of a table or index. */
static size_t scans(struct site *t)
{
    size_t n = 0;
    sqlite3_trace_v2(t->store->db, 0, NULL, NULL);
    for (size_t at = 0; at < run.len; at += strlen(run.data + at) + 1)
        n += plan_has(t, run.data + at, "SCAN p") || plan_has(t, run.data + at, "SCAN l");
    return n;
}

static void what_no_index_finds_is_looked_for_once(void **state)
{
    static const int fields[] = {RL_PHONE_DESCRIPTION, RL_PHONE_LINES, RL_PHONE_NAME};
    struct site *t = *state;
    t->store->narrow = RL_NARROW;
    for (size_t i = 0; i < 6; i++) {
        const struct rl_criterion c = {fields[i / 2], i % 2 ? RL_OP_CONTAINS : RL_OP_ENDS, "no"};
        struct rl_query q = {.kind = RL_PHONE,
                             .criteria = &c,
                             .ncriteria = 1,
                             .sort = RL_PHONE_OWNER,
                             .after_value = "a",
                             .after_key = "b",
                             .limit = 50};
        begin(t);
        assert_int_equal(rl_store_list(t->store, &q, no_row, NULL, &t->err), RL_OK);
        assert_int_equal(scans(t), 1);
    }
    t->store->narrow = EVERY_WAY;
}

static bool no_pair(void *ctx, const char *a, const char *b)
{
    (void)ctx;
    (void)a;
    (void)b;
    return true;
}

static bool no_cert(void *ctx, const struct rl_row *row, size_t phones)
{
    (void)ctx;
    (void)row;
    (void)phones;
    return true;
}

/* Those of a digest user are few, those of a certificate are sorted within each of its profiles. */
static void users_of_an_object_and_what_ends_come_in_order(void **state)
{
    static const enum rl_kind kinds[] = {RL_PROFILE, RL_TYPE};
    struct site *t = *state;
    const struct rl_cert_place place = {"2026", "a"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        begin(t);
        assert_int_equal(rl_store_users_from(t->store, kinds[i], "x", 7, no_pair, NULL, &t->err),
                         RL_OK);
        assert_true(none_has(t, "TEMP B-TREE"));
    }
    begin(t);
    assert_int_equal(rl_store_certs_ending(t->store, &place, "2027", 50, no_cert, NULL, &t->err),
                     RL_OK);
    assert_true(none_has(t, "TEMP B-TREE"));
    begin(t);
    assert_int_equal(rl_store_lines(t->store, "1", 50, no_pair, NULL, &t->err), RL_OK);
    assert_true(none_has(t, "SCAN phone"));
}

static bool no_entry(void *ctx, const struct rl_audit_row *row)
{
    (void)ctx;
    (void)row;
    return true;
}

static void the_log_is_found_by_indexes(void **state)
{
    struct site *t = *state;
    for (int asked = 0; asked < 16; asked++) {
        const struct rl_audit_query q = {.object = asked & 1 ? "phone A" : NULL,
                                         .kind = asked & 2 ? "phone" : NULL,
                                         .who = asked & 4 ? "root" : NULL,
                                         .since = asked & 8 ? "2026-09-30T14:00:00.000Z" : NULL,
                                         .limit = 50};
        begin(t);
        assert_int_equal(rl_store_audit_find(t->store, &q, no_entry, NULL, &t->err), RL_OK);
        assert_true(none_has(t, "TEMP B-TREE"));
        begin(t);
        assert_int_equal(rl_store_audit_find(t->store, &q, no_entry, NULL, &t->err), RL_OK);
        assert_true(none_has(t, "SCAN"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_is_an_index),
        cmocka_unit_test(a_broad_filter_does_not_sort),
        cmocka_unit_test(what_an_index_can_find_is_found_by_it),
        cmocka_unit_test(what_no_index_finds_is_looked_for_once),
        cmocka_unit_test(users_of_an_object_and_what_ends_come_in_order),
        cmocka_unit_test(the_log_is_found_by_indexes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, open_site, close_site);
}
