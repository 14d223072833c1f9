/* The audit log in the database, and texts by name. */
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
#include "store/db.h"

static bool join_audit(void *ctx, const struct rl_audit_row *row)
{
    rl_buf_addf(ctx, "%d:%s:%s ", (int)row->seq, row->text, row->hash);
    return true;
}

static bool join_hash(void *ctx, const struct rl_audit_row *row)
{
    rl_buf_adds(ctx, row->hash);
    return true;
}

static void audit_and_named_texts_are_kept(void **state)
{
    struct site *t = *state;
    struct rl_buf got = {0};
    int64_t seq;
    char *text;
    assert_int_equal(rl_store_audit_last(t->store, &seq, &text, &t->err), RL_OK);
    assert_int_equal(seq, 0);
    assert_null(text);
    for (int i = 1; i <= 3; i++) {
        char hash[8];
        snprintf(hash, sizeof hash, "h%d", i);
        const struct rl_audit_entry entry = {
            .text = "{}", .hash = hash, .object = "site", .who = "root"};
        assert_int_equal(rl_store_audit_add(t->store, &entry, &seq, &t->err), RL_OK);
        assert_int_equal(seq, i);
    }
    rl_store_audit_list(t->store, 1, false, 1, join_audit, &got, &t->err);
    assert_string_equal(rl_buf_str(&got), "2:{}:h2 ");
    rl_buf_clear(&got);
    rl_store_audit_list(t->store, 0, true, 2, join_audit, &got, &t->err);
    assert_string_equal(rl_buf_str(&got), "3:{}:h3 2:{}:h2 ");
    rl_buf_fini(&got);
    assert_int_equal(rl_store_set_meta(t->store, "name", "one", &t->err), RL_OK);
    assert_int_equal(rl_store_set_meta(t->store, "name", "two", &t->err), RL_OK);
    assert_int_equal(rl_store_get_meta(t->store, "name", &text, &t->err), RL_OK);
    assert_string_equal(text, "two");
    free(text);
    assert_int_equal(rl_store_get_meta(t->store, "none", &text, &t->err), RL_OK);
    assert_null(text);
}

static void removed(struct site *t, const char *fingerprint, const char *when)
{
    char *entry = rl_asprintf(
        "INSERT INTO audit (text, hash, object) VALUES ('{\"time\":\"%s.500Z\",\"who\":\"bob\","
        "\"what\":\"cert remove\",\"object\":\"cert a\",\"before\":{\"fingerprint\":\"%s\"}}', 'h',"
        " 'cert a'); INSERT OR REPLACE INTO cert_gone"
        " (fingerprint, pem_fingerprint, name, device, removed, der)"
        " VALUES ('%s', 'p', 'a', 'SEP1', '%sZ', 'DER')",
        when, fingerprint, fingerprint, when);
    assert_int_equal(sqlite3_exec(t->store->db, entry, NULL, NULL, NULL), SQLITE_OK);
    free(entry);
}

static int kept(struct site *t, const char *fingerprint)
{
    int64_t n = -1;
    rl_db_number(t->store, &t->err, &n,
                 "SELECT count(der) + 2 * count(nullif(name, '')) + 4 * count(*) FROM cert_gone"
                 " WHERE fingerprint = ?",
                 fingerprint, NULL);
    return (int)n;
}

/* Its digest decides about calls and stays; one that came back and was removed again is younger. */
static void with_the_entry_of_a_removal_its_body_goes(void **state)
{
    struct site *t = *state;
    removed(t, "f1", "2026-01-01T10:00:00");
    removed(t, "f2", "2026-01-01T11:00:00");
    removed(t, "f2", "2026-01-03T10:00:00");
    removed(t, "f3", "2026-01-04T10:00:00");
    assert_int_equal(rl_store_audit_drop(t->store, 2, &t->err), RL_OK);
    assert_int_equal(kept(t, "f1"), 4);
    assert_int_equal(kept(t, "f2"), 7);
    assert_int_equal(kept(t, "f3"), 7);
    assert_int_equal(rl_store_audit_drop(t->store, 3, &t->err), RL_OK);
    assert_int_equal(kept(t, "f2"), 4);
}

/* A log of schema 2 is found by object once it is migrated; what is no JSON is about nothing. */
static void an_older_log_is_found_by_object(void **state)
{
    struct site *t = *state;
    struct rl_store old = {.path = rl_strdup("old")};
    struct rl_buf got = {0};
    assert_int_equal(sqlite3_open(":memory:", &old.db), SQLITE_OK);
    assert_int_equal(rl_db_migrate(&old, rl_migrations, 2, 0, &t->err), RL_OK);
    assert_int_equal(
        sqlite3_exec(old.db,
                     "INSERT INTO audit (text, hash) VALUES"
                     " ('{\"time\":\"2026-09-30T14:00:00.000Z\",\"who\":\"alice\",'"
                     "  || '\"what\":\"profile rename\",\"object\":\"profile one\",'"
                     "  || '\"after\":{\"name\":\"two\"}}', 'a'),"
                     " ('{', 'b'),"
                     " ('{\"time\":\"2026-09-30T15:00:00.000Z\",\"who\":\"bob\",'"
                     "  || '\"what\":\"profile set\",\"object\":\"profile two\"}', 'c')",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(rl_db_migrate(&old, rl_migrations, RL_SCHEMA_VERSION, 2, &t->err), RL_OK);
    const struct rl_audit_query queries[] = {
        {.object = "profile two"},
        {.kind = "profile",       .who = "alice"},
        {.since = "2026-09-30T14:30:00.000Z"                      },
    };
    static const char *const found[] = {"ca", "a", "c"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        rl_buf_clear(&got);
        assert_int_equal(rl_store_audit_find(&old, &queries[i], join_hash, &got, &t->err), RL_OK);
        assert_string_equal(rl_buf_str(&got), found[i]);
    }
    rl_buf_fini(&got);
    for (size_t i = 0; i < RL_STATEMENTS; i++) {
        sqlite3_finalize(old.cache[i].stmt);
        free(old.cache[i].sql);
    }
    sqlite3_close(old.db);
    free(old.path);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
    const struct CMUnitTest tests[] = {
        T(audit_and_named_texts_are_kept),
        T(an_older_log_is_found_by_object),
        T(with_the_entry_of_a_removal_its_body_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
