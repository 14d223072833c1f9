/* Migrations: from one schema to the next in one step, with every mode and certificate kept. */
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

static void run_sql(struct site *t, const char *sql)
{
    assert_int_equal(sqlite3_exec(t->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void a_migration_happens_whole_or_not_at_all(void **state)
{
    static const struct rl_migration broken[] = {
        {2, "CREATE TABLE extra (a)"                               },
        {3, "CREATE TABLE more (a); INSERT INTO nowhere VALUES (1)"}
    };
    struct site *t = *state;
    int64_t n;
    assert_int_not_equal(rl_db_migrate(t->store, broken, 2, 1, &t->err), RL_OK);
    rl_db_number(t->store, NULL, &n, "PRAGMA user_version", NULL);
    assert_int_equal(n, RL_SCHEMA_VERSION);
    rl_db_number(t->store, NULL, &n, "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'",
                 NULL);
    assert_int_equal(n, 0);
    assert_int_equal(rl_db_migrate(t->store, broken, 1, 1, &t->err), RL_OK);
    rl_db_number(t->store, NULL, &n, "PRAGMA user_version", NULL);
    assert_int_equal(n, 2);
}

/* R3, R13 */
static void a_migration_that_changes_modes_or_certificates_is_undone(void **state)
{
    static const struct rl_migration drift = {3, "UPDATE profile SET mode = 'encrypted'"};
    static const struct rl_migration lost = {3, "DELETE FROM phone WHERE name = 'SEP2'"};
    static const struct rl_migration reissued = {3, "UPDATE cert_body SET der = x'01'"};
    struct site *t = *state;
    int64_t n;
    run_sql(
        t,
        "INSERT INTO type (model) VALUES ('T');"
        "INSERT INTO profile (name, type, protocol, mode) VALUES ('open', 'T', 'SIP', 'nonsecure');"
        "INSERT INTO profile (name, type, protocol, mode) VALUES ('Lock', 'T', 'SIP', 'encrypted');"
        "INSERT INTO phone (name, type, protocol, profile) VALUES ('SEP1', 'T', 'SIP', 'open');"
        "INSERT INTO phone (name, type, protocol, profile) VALUES ('SEP2', 'T', 'SIP', 'open')");
    run_sql(t, "INSERT INTO cert (name, store, usage, not_before, not_after, fingerprint,"
               " pem_fingerprint) VALUES ('c', 's', 'u', '', '', 'f', 'p');"
               "INSERT INTO cert_body SELECT rid, x'00' FROM cert");
    assert_int_equal(rl_db_migrate(t->store, &drift, 1, 2, &t->err), RL_E_UPGRADE_MODE_DRIFT);
    assert_non_null(strstr(t->err.text, "SEP1"));
    assert_int_equal(rl_db_migrate(t->store, &lost, 1, 2, &t->err), RL_E_UPGRADE_MODE_DRIFT);
    assert_non_null(strstr(t->err.text, "SEP2"));
    assert_int_equal(rl_db_migrate(t->store, &reissued, 1, 2, &t->err), RL_E_UPGRADE_CERT_REISSUED);
    rl_db_number(t->store, NULL, &n, "SELECT count(*) FROM profile WHERE mode = 'encrypted'", NULL);
    assert_int_equal(n, 1);
    rl_db_number(t->store, NULL, &n, "SELECT count(*) FROM phone", NULL);
    assert_int_equal(n, 2);
    rl_db_number(t->store, NULL, &n, "PRAGMA user_version", NULL);
    assert_int_equal(n, RL_SCHEMA_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_migration_happens_whole_or_not_at_all, site_setup,
                                        site_teardown),
        cmocka_unit_test_setup_teardown(a_migration_that_changes_modes_or_certificates_is_undone,
                                        site_setup, site_teardown),
    };
    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
