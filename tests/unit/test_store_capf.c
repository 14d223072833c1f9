/* CAPF's records in the database: kept, found by state and time, and by indexes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "site.h"
#include "store/capf.h"
#include "store/db.h"

enum { PHONES = 20 };

static const char *name_of(int i, char out[32])
{
    snprintf(out, 32, "SEP%012d", i);
    return out;
}

static int open_site(void **state)
{
    site_setup(state);
    struct site *t = *state;
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
    insert_row(t, ROW(RL_TYPE, "model=Cisco 8841"));
    insert_row(t, ROW(RL_PROFILE, "name=p", "type=Cisco 8841", "protocol=SIP"));
    for (int i = 0; i < PHONES; i++) {
        char name[32];
        struct rl_row row = ROW(RL_PHONE, "type=Cisco 8841", "protocol=SIP", "profile=p");
        rl_row_set(&row, RL_PHONE_NAME, name_of(i, name));
        assert_int_equal(insert_row(t, row), RL_OK);
    }
    return 0;
}

static int close_site(void **state)
{
    struct site *t = *state;
    rl_store_rollback(t->store);
    return site_teardown(state);
}

static struct rl_capf get(struct site *t, int i)
{
    struct rl_capf c;
    char name[32];
    assert_int_equal(rl_store_capf_get(t->store, name_of(i, name), &c, &t->err), RL_OK);
    return c;
}

static void put(struct site *t, const struct rl_capf *c)
{
    assert_int_equal(rl_store_capf_put(t->store, c, &t->err), RL_OK);
}

/* Ordered for phone i, to be complete by the day. */
static void order(struct site *t, int i, int day)
{
    struct rl_capf c = get(t, i);
    c.operation = c.done = RL_CAPF_INSTALL;
    c.state = RL_CAPF_PENDING;
    snprintf(c.completes_by, sizeof c.completes_by, "2026-12-%02dT00:00:00Z", day);
    put(t, &c);
}

static void what_is_put_is_got(void **state)
{
    struct site *t = *state;
    struct rl_capf c = get(t, 3), back;
    assert_int_equal(c.state, RL_CAPF_IDLE);
    assert_int_equal(c.lsc, RL_UNKNOWN);
    c.operation = RL_CAPF_DELETE;
    c.done = RL_CAPF_INSTALL;
    c.state = RL_CAPF_REFUSED;
    c.why = RL_CAPF_NO_EC;
    c.tries = 4;
    c.lsc = RL_YES;
    c.mic = RL_NO;
    memset(c.sent, 'a', 64);
    strcpy(c.locked_until, "2026-12-01T00:00:01Z");
    strcpy(c.completes_by, "2026-12-01T00:00:02Z");
    strcpy(c.renew_at, "2026-12-01T00:00:03Z");
    strcpy(c.updated, "2026-12-01T00:00:04Z");
    put(t, &c);
    back = get(t, 3);
    assert_memory_equal(&c, &back, sizeof c);
    assert_int_equal(rl_store_capf_get(t->store, "none", &c, &t->err), RL_E_NOT_FOUND);
}

static void strings_are_kept_apart(void **state)
{
    struct site *t = *state;
    char *text;
    int64_t rid = get(t, 1).phone;
    assert_int_equal(rl_store_capf_string(t->store, rid, &text, &t->err), RL_OK);
    assert_null(text);
    assert_int_equal(rl_store_capf_set_string(t->store, rid, "1234", &t->err), RL_OK);
    assert_int_equal(rl_store_capf_set_string(t->store, rid, "98765", &t->err), RL_OK);
    assert_int_equal(rl_store_capf_string(t->store, rid, &text, &t->err), RL_OK);
    assert_string_equal(text, "98765");
    free(text);
    assert_int_equal(rl_store_capf_set_string(t->store, rid, NULL, &t->err), RL_OK);
    assert_int_equal(rl_store_capf_string(t->store, rid, &text, &t->err), RL_OK);
    assert_null(text);
}

static bool gather(void *ctx, const struct rl_capf *c)
{
    rl_buf_addf(ctx, "%d ", atoi(c->name + 3));
    return true;
}

static void check(struct rl_buf *got, enum rl_code code, const char *wanted)
{
    assert_int_equal(code, RL_OK);
    assert_string_equal(rl_buf_str(got), wanted);
    rl_buf_fini(got);
}

static void lists_are_by_state_and_name(void **state)
{
    struct site *t = *state;
    struct rl_buf got = {0};
    char name[32];
    for (int i = 9; i > 3; i--)
        order(t, i, i);
    struct rl_capf c = get(t, 5);
    c.state = RL_CAPF_SUCCESS;
    c.operation = RL_CAPF_NONE;
    put(t, &c);
    check(&got, rl_store_capf_list(t->store, -1, "", 0, gather, &got, &t->err), "4 5 6 7 8 9 ");
    check(&got, rl_store_capf_list(t->store, RL_CAPF_PENDING, "", 3, gather, &got, &t->err),
          "4 6 7 ");
    check(&got,
          rl_store_capf_list(t->store, RL_CAPF_PENDING, name_of(7, name), 3, gather, &got, &t->err),
          "8 9 ");
    check(&got, rl_store_capf_late(t->store, "2026-12-07T00:00:00Z", 10, gather, &got, &t->err),
          "4 6 ");
    struct rl_capf_counts n;
    assert_int_equal(rl_store_capf_count(t->store, "2026-12-07T00:00:00Z", &n, &t->err), RL_OK);
    assert_int_equal(n.pending, 5);
    assert_int_equal(n.failed, 0);
    assert_int_equal(n.due, 0);
}

static void due_are_those_for_whom_nothing_waits(void **state)
{
    struct site *t = *state;
    struct rl_buf got = {0};
    for (int i = 0; i < 6; i++) {
        struct rl_capf c = get(t, i);
        snprintf(c.renew_at, sizeof c.renew_at, "2026-12-%02dT00:00:00Z", 20 - i);
        c.operation = i == 4 ? RL_CAPF_INSTALL : RL_CAPF_NONE;
        put(t, &c);
    }
    struct rl_capf_place place = {.renew_at = ""};
    check(&got,
          rl_store_capf_due(t->store, "2026-12-18T00:00:00Z", &place, 10, gather, &got, &t->err),
          "5 3 2 ");
    struct rl_capf c = get(t, 5);
    strcpy(place.renew_at, c.renew_at);
    place.phone = c.phone;
    check(&got,
          rl_store_capf_due(t->store, "2026-12-18T00:00:00Z", &place, 1, gather, &got, &t->err),
          "3 ");
}

/* The name follows a phone that is renamed, and all goes with a phone that is removed. */
static void records_follow_their_phones(void **state)
{
    struct site *t = *state;
    struct rl_row phone;
    struct rl_capf c;
    struct rl_buf got = {0};
    char name[32];
    order(t, 2, 1);
    assert_int_equal(rl_store_get(t->store, RL_PHONE, name_of(2, name), &phone, &t->err), RL_OK);
    rl_row_set(&phone, RL_PHONE_NAME, "SEP000000000099");
    assert_int_equal(rl_store_update(t->store, &phone, 0, &t->err), RL_OK);
    rl_row_fini(&phone);
    check(&got, rl_store_capf_list(t->store, RL_CAPF_PENDING, "", 0, gather, &got, &t->err), "99 ");
    assert_int_equal(rl_store_capf_get(t->store, "SEP000000000099", &c, &t->err), RL_OK);
    assert_int_equal(c.operation, RL_CAPF_INSTALL);
    assert_int_equal(rl_store_remove(t->store, RL_PHONE, "SEP000000000099", &t->err), RL_OK);
    check(&got, rl_store_capf_list(t->store, -1, "", 0, gather, &got, &t->err), "");
}

/* No list sorts, and none reads the whole table. */
static void lists_go_by_indexes(void **state)
{
    static const char *const lists[] = {
        "SELECT name FROM capf c WHERE c.status = 'pending' AND"
        " c.name COLLATE NOCASE >= 'a' AND (c.name COLLATE NOCASE, c.name) > ('a', 'a')"
        " ORDER BY c.name COLLATE NOCASE, c.name LIMIT 5",
        "SELECT name FROM capf c WHERE c.name COLLATE NOCASE >= 'a'"
        " AND (c.name COLLATE NOCASE, c.name) > ('a' COLLATE NOCASE, 'a')"
        " ORDER BY c.name COLLATE NOCASE, c.name LIMIT 5",
        "SELECT name FROM capf c WHERE c.operation <> 'none' AND c.completes_by < 'x'"
        " ORDER BY c.completes_by, c.phone LIMIT 5",
        "SELECT name FROM capf c WHERE c.renew_at <> '' AND c.renew_at <= 'x'"
        " AND (c.renew_at, c.phone) > ('', 0) AND c.operation = 'none'"
        " ORDER BY c.renew_at, c.phone LIMIT 5",
    };
    struct site *t = *state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char *sql = rl_asprintf("EXPLAIN QUERY PLAN %s", lists[i]);
        sqlite3_stmt *stmt = rl_db_prepare(t->store, sql, &t->err);
        free(sql);
        while (rl_db_step(t->store, stmt, &t->err) == RL_STEP_ROW) {
            const char *plan = rl_db_text(stmt, 3);
            if (strstr(plan, "SCAN") || strstr(plan, "TEMP B-TREE"))
                fail_msg("%s: %s", lists[i], plan);
        }
        rl_db_done(t->store, &stmt);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_site, close_site)
    const struct CMUnitTest tests[] = {
        TEST(what_is_put_is_got),          TEST(strings_are_kept_apart),
        TEST(lists_are_by_state_and_name), TEST(due_are_those_for_whom_nothing_waits),
        TEST(records_follow_their_phones), TEST(lists_go_by_indexes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
