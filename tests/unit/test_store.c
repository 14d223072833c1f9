#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ringlock/buf.h"
#include "site.h"
#include "store/db.h"

static void reopen(struct site *t)
{
    rl_store_close(&t->store);
    assert_int_equal(rl_store_open(t->path, &t->store, &t->err), RL_OK);
}

static void add_base(struct site *t)
{
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_TYPE, "model=Cisco 8845", "trusted=yes")), RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_TYPE, "model=Cisco 3905", "trusted=no")), RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_TYPE, "model=Trunk")), RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_PROFILE, "name=open", "type=Cisco 8845", "protocol=SIP",
                                       "mode=nonsecure", "sip_port=5060")),
                     RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_PROFILE, "name=Lock", "type=Cisco 8845", "protocol=SIP",
                                       "mode=encrypted", "sip_port=10000")),
                     RL_OK);
    assert_int_equal(
        insert_row(t, ROW(RL_USER, "id=alice", "name=Alice", "digest_password=s3cret")), RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_USER, "id=bob")), RL_OK);
    assert_int_equal(rl_store_commit(t->store, &t->err), RL_OK);
}

static enum rl_code add_phone(struct site *t, const char *name, const char *lines)
{
    char n[40], l[80];
    snprintf(n, sizeof n, "name=%s", name);
    snprintf(l, sizeof l, "lines=%s", lines);
    return insert_row(t, ROW(RL_PHONE, n, l, "type=Cisco 8845", "protocol=SIP", "profile=open"));
}

static void a_new_file_is_private_and_made_once(void **state)
{
    struct site *t = *state;
    struct stat st;
    assert_int_equal(stat(t->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(rl_store_create(t->path, &t->err), RL_E_SITE_EXISTS);
    reopen(t);
    struct rl_store *none;
    assert_int_equal(rl_store_open("/nonexistent/site.db", &none, &t->err), RL_E_SITE_MISSING);
    assert_null(none);
}

static void run_sql(struct site *t, const char *sql)
{
    assert_int_equal(sqlite3_exec(t->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void a_newer_or_foreign_database_is_refused(void **state)
{
    struct site *t = *state;
    run_sql(t, "PRAGMA user_version = 999");
    rl_store_close(&t->store);
    assert_int_equal(rl_store_open(t->path, &t->store, &t->err), RL_E_SITE_NEWER);
    assert_non_null(strstr(t->err.text, "999"));
    assert_non_null(strstr(t->err.remedy, "release"));

    sqlite3 *db;
    assert_int_equal(sqlite3_open(t->path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = 1; PRAGMA application_id = 7", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_int_equal(rl_store_open(t->path, &t->store, &t->err), RL_E_SITE_DAMAGED);
}

static void overwrite(const char *path, long at, size_t n)
{
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    while (n--)
        fputc(0xa5, f);
    fclose(f);
}

static void a_damaged_database_is_refused(void **state)
{
    struct site *t = *state;
    struct stat st;
    add_base(t);
    rl_store_close(&t->store);
    assert_int_equal(stat(t->path, &st), 0);
    overwrite(t->path, st.st_size / 4096 / 2 * 4096, 200);
    assert_int_equal(rl_store_open(t->path, &t->store, &t->err), RL_E_SITE_DAMAGED);
    assert_non_null(strstr(t->err.remedy, "backup"));
    assert_int_equal(truncate(t->path, st.st_size / 2), 0);
    assert_int_equal(rl_store_open(t->path, &t->store, &t->err), RL_E_SITE_DAMAGED);
    overwrite(t->path, 0, 100);
    assert_int_equal(rl_store_open(t->path, &t->store, &t->err), RL_E_SITE_DAMAGED);
    assert_int_equal(truncate(t->path, 0), 0);
    assert_int_equal(rl_store_open(t->path, &t->store, &t->err), RL_E_SITE_DAMAGED);
}

static void a_missing_table_is_damage(void **state)
{
    struct site *t = *state;
    run_sql(t, "PRAGMA foreign_keys = OFF; DROP TABLE gateway");
    rl_store_close(&t->store);
    assert_int_equal(rl_store_open(t->path, &t->store, &t->err), RL_E_SITE_DAMAGED);
    assert_non_null(strstr(t->err.text, "gateway"));
}

static void rows_come_back_and_secrets_do_not(void **state)
{
    struct site *t = *state;
    struct rl_row row;
    add_base(t);
    reopen(t);
    assert_int_equal(rl_store_get(t->store, RL_USER, "alice", &row, &t->err), RL_OK);
    assert_string_equal(rl_row_get(&row, RL_USER_NAME), "Alice");
    assert_string_equal(rl_row_get(&row, RL_USER_DIGEST_PASSWORD), "set");
    assert_int_equal(row.rev, 1);
    rl_row_fini(&row);
    assert_int_equal(rl_store_get(t->store, RL_USER, "bob", &row, &t->err), RL_OK);
    assert_string_equal(rl_row_get(&row, RL_USER_DIGEST_PASSWORD), "");
    rl_row_fini(&row);
    assert_int_equal(rl_store_get(t->store, RL_USER, "Alice", &row, &t->err), RL_E_NOT_FOUND);
    assert_int_equal(rl_store_get(t->store, RL_TYPE, "cisco 8845", &row, &t->err), RL_OK);
    assert_string_equal(rl_row_get(&row, RL_TYPE_MODEL), "Cisco 8845");
    rl_row_fini(&row);
}

static void an_empty_secret_keeps_what_is_stored(void **state)
{
    struct site *t = *state;
    struct rl_row row;
    int64_t n;
    add_base(t);
    assert_int_equal(rl_store_get(t->store, RL_USER, "alice", &row, &t->err), RL_OK);
    rl_row_set(&row, RL_USER_DIGEST_PASSWORD, "");
    rl_row_set(&row, RL_USER_NAME, "Al");
    assert_int_equal(rl_store_update(t->store, &row, 0, &t->err), RL_OK);
    rl_db_number(t->store, NULL, &n, "SELECT count(*) FROM user_secret WHERE value = 's3cret'",
                 NULL);
    assert_int_equal(n, 1);
    rl_row_set(&row, RL_USER_DIGEST_PASSWORD, "other");
    assert_int_equal(rl_store_update(t->store, &row, 0, &t->err), RL_OK);
    assert_int_equal(row.rev, 3);
    rl_db_number(t->store, NULL, &n, "SELECT count(*) FROM user_secret WHERE value = 'other'",
                 NULL);
    assert_int_equal(n, 1);
    rl_row_fini(&row);
    assert_int_equal(rl_store_remove(t->store, RL_USER, "alice", &t->err), RL_OK);
    rl_db_number(t->store, NULL, &n, "SELECT count(*) FROM user_secret", NULL);
    assert_int_equal(n, 0);
}

static void keys_are_unique_and_exact(void **state)
{
    struct site *t = *state;
    add_base(t);
    assert_int_equal(insert_row(t, ROW(RL_PROFILE, "name=open", "type=Trunk", "protocol=SIP")),
                     RL_E_EXISTS);
    assert_string_equal(t->err.object, "profile open");
    assert_int_equal(insert_row(t, ROW(RL_PROFILE, "name=OPEN", "type=Trunk", "protocol=SIP")),
                     RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_TYPE, "model=trunk")), RL_E_EXISTS);
    assert_int_equal(rl_store_remove(t->store, RL_PHONE, "nobody\x1b[2J", &t->err), RL_E_NOT_FOUND);
    assert_null(strchr(t->err.text, 0x1b));
}

static void references_hold(void **state)
{
    struct site *t = *state;
    struct rl_row row;
    add_base(t);
    assert_int_equal(
        insert_row(t, ROW(RL_PHONE, "name=A", "type=Nokia", "protocol=SIP", "profile=open")),
        RL_E_NOT_FOUND);
    assert_int_equal(insert_row(t, ROW(RL_PHONE, "name=A", "type=Cisco 8845", "protocol=SIP")),
                     RL_E_VALUE);
    assert_int_equal(insert_row(t, ROW(RL_PHONE, "name=A", "type=Cisco 8845", "protocol=SIP",
                                       "profile=open", "digest_user=alice")),
                     RL_OK);
    assert_int_equal(rl_store_remove(t->store, RL_PROFILE, "open", &t->err), RL_E_PROFILE_IN_USE);
    assert_int_equal(rl_store_remove(t->store, RL_TYPE, "Cisco 8845", &t->err), RL_E_TYPE_IN_USE);
    assert_int_equal(rl_store_remove(t->store, RL_USER, "alice", &t->err), RL_E_USER_IN_USE);
    /* phones follow a renamed profile */
    assert_int_equal(rl_store_get(t->store, RL_PROFILE, "open", &row, &t->err), RL_OK);
    rl_row_set(&row, RL_PROFILE_NAME, "wide open");
    assert_int_equal(rl_store_update(t->store, &row, row.rev, &t->err), RL_OK);
    rl_row_fini(&row);
    assert_int_equal(rl_store_get(t->store, RL_PHONE, "A", &row, &t->err), RL_OK);
    assert_string_equal(rl_row_get(&row, RL_PHONE_PROFILE), "wide open");
    rl_row_fini(&row);
}

static void a_change_on_an_old_revision_is_refused(void **state)
{
    struct site *t = *state;
    struct rl_row mine, theirs;
    add_base(t);
    assert_int_equal(rl_store_get(t->store, RL_USER, "bob", &mine, &t->err), RL_OK);
    rl_row_copy(&theirs, &mine);
    rl_row_set(&theirs, RL_USER_NAME, "Robert");
    assert_int_equal(rl_store_update(t->store, &theirs, 1, &t->err), RL_OK);
    rl_row_set(&mine, RL_USER_NAME, "Bobby");
    assert_int_equal(rl_store_update(t->store, &mine, 1, &t->err), RL_E_CONFLICT);
    assert_int_equal(rl_store_update(t->store, &mine, 2, &t->err), RL_OK);
    rl_row_fini(&mine);
    rl_row_fini(&theirs);
}

static void a_transaction_is_undone_by_rollback_and_by_death(void **state)
{
    struct site *t = *state;
    struct rl_row row;
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_E_CONFLICT);
    assert_int_equal(insert_row(t, ROW(RL_USER, "id=carol")), RL_OK);
    rl_store_rollback(t->store);
    assert_int_equal(rl_store_get(t->store, RL_USER, "carol", &row, &t->err), RL_E_NOT_FOUND);
    rl_store_close(&t->store);
    pid_t pid = fork();
    if (pid == 0) {
        if (rl_store_open(t->path, &t->store, &t->err) || rl_store_begin(t->store, &t->err) ||
            insert_row(t, ROW(RL_USER, "id=dave")))
            _exit(1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(rl_store_open(t->path, &t->store, &t->err), RL_OK);
    assert_int_equal(rl_store_get(t->store, RL_USER, "dave", &row, &t->err), RL_E_NOT_FOUND);
}

static void of_many_changes_each_is_a_part_and_all_are_one_transaction(void **state)
{
    struct site *t = *state;
    struct rl_store *reader;
    struct rl_query users = {.kind = RL_USER};
    size_t n;
    assert_int_equal(rl_store_open_reader(t->store, &reader, &t->err), RL_OK);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(rl_store_begin_many(t->store, &t->err), RL_OK);
        for (int i = 0; i < 3; i++) {
            char id[16];
            snprintf(id, sizeof id, "id=%d-%d", round, i);
            assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
            assert_int_equal(rl_store_begin(t->store, &t->err), RL_E_CONFLICT);
            assert_int_equal(insert_row(t, ROW(RL_USER, id)), RL_OK);
            if (i == 1)
                rl_store_rollback(t->store);
            else
                assert_int_equal(rl_store_commit(t->store, &t->err), RL_OK);
        }
        assert_int_equal(rl_store_count(reader, &users, &n, &t->err), RL_OK);
        assert_int_equal(n, 2 * round);
        assert_int_equal(rl_store_commit_many(t->store, &t->err), RL_OK);
        assert_int_equal(rl_store_count(reader, &users, &n, &t->err), RL_OK);
        assert_int_equal(n, 2 * round + 2);
    }
    rl_store_close(&reader);
}

static void a_reader_sees_what_is_committed_and_writes_nothing(void **state)
{
    struct site *t = *state;
    struct rl_store *reader, *writer = t->store;
    struct rl_row row;
    assert_int_equal(rl_store_open_reader(writer, &reader, &t->err), RL_OK);
    assert_int_equal(rl_store_begin(writer, &t->err), RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_USER, "id=carol")), RL_OK);
    assert_int_equal(rl_store_get(reader, RL_USER, "carol", &row, &t->err), RL_E_NOT_FOUND);
    assert_int_equal(rl_store_commit(writer, &t->err), RL_OK);
    assert_int_equal(rl_store_get(reader, RL_USER, "carol", &row, &t->err), RL_OK);
    rl_row_fini(&row);
    assert_int_equal(rl_store_remove(reader, RL_USER, "carol", &t->err), RL_E_IO);
    rl_store_close(&reader);
}

static void what_is_interrupted_ends_until_it_may_go_on(void **state)
{
    static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                                  " SELECT count(*) FROM n";
    struct site *t = *state;
    int64_t n;
    assert_false(rl_store_interrupted(t->store));
    rl_store_interrupt(t->store, true);
    assert_true(rl_store_interrupted(t->store));
    assert_int_equal(rl_db_number(t->store, &t->err, &n, endless, NULL), RL_E_CANCELLED);
    assert_int_equal(rl_db_number(t->store, &t->err, &n, endless, NULL), RL_E_CANCELLED);
    rl_store_interrupt(t->store, false);
    add_base(t);
    assert_int_equal(
        rl_store_count(t->store, &(struct rl_query){.kind = RL_USER}, &(size_t){0}, &t->err),
        RL_OK);
}

/* SQLite takes all of a transaction back when a statement in it is stopped; what is written after
 * that must not be kept row by row. */
static void what_follows_a_stopped_change_is_not_kept(void **state)
{
    static const char endless[] = "INSERT INTO meta WITH RECURSIVE n(i) AS"
                                  " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, '' FROM n";
    struct site *t = *state;
    char *value;
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
    rl_store_interrupt(t->store, true);
    assert_int_equal(rl_db_run(t->store, &t->err, endless, NULL), RL_E_CANCELLED);
    assert_int_equal(rl_store_set_meta(t->store, "late", "1", &t->err), RL_E_CANCELLED);
    rl_store_interrupt(t->store, false);
    assert_int_equal(rl_store_set_meta(t->store, "later", "1", &t->err), RL_E_IO);
    assert_int_equal(rl_store_commit(t->store, &t->err), RL_E_IO);
    assert_int_equal(rl_store_get_meta(t->store, "late", &value, &t->err), RL_OK);
    assert_null(value);
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
    assert_int_equal(rl_store_set_meta(t->store, "late", "2", &t->err), RL_OK);
    assert_int_equal(rl_store_commit(t->store, &t->err), RL_OK);
}

/* Rows of an import that puts indexes aside are found again when it is done, or undone. */
static void a_bulk_builds_its_indexes_anew(void **state)
{
    struct site *t = *state;
    int64_t before, during, after;
    const char *count = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'phone\\_by\\_%' "
                        "ESCAPE '\\'";
    add_base(t);
    rl_db_number(t->store, NULL, &before, count, NULL);
    for (int commit = 0; commit < 2; commit++) {
        assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
        assert_int_equal(rl_store_bulk(t->store, RL_PHONE, &t->err), RL_OK);
        assert_int_equal(add_phone(t, "A", "1001"), RL_OK);
        rl_db_number(t->store, NULL, &during, count, NULL);
        assert_int_equal(during, 0);
        if (commit)
            assert_int_equal(rl_store_commit(t->store, &t->err), RL_OK);
        else
            rl_store_rollback(t->store);
        rl_db_number(t->store, NULL, &after, count, NULL);
        assert_int_equal(after, before);
        assert_true(after > 5);
    }
    reopen(t);
}

static bool join_pairs(void *ctx, const char *number, const char *phone)
{
    rl_buf_addf(ctx, "%s=%s ", number, phone);
    return true;
}

static void lines_follow_their_phones(void **state)
{
    struct site *t = *state;
    struct rl_buf got = {0};
    struct rl_row row;
    add_base(t);
    assert_int_equal(add_phone(t, "A", "1001;1900"), RL_OK);
    assert_int_equal(add_phone(t, "B", "1900"), RL_OK);
    assert_int_equal(rl_store_lines(t->store, NULL, 10, join_pairs, &got, &t->err), RL_OK);
    assert_string_equal(rl_buf_str(&got), "1001=A 1900=A 1900=B ");
    rl_buf_clear(&got);
    assert_int_equal(rl_store_lines(t->store, "1001", 1, join_pairs, &got, &t->err), RL_OK);
    assert_string_equal(rl_buf_str(&got), "1900=A 1900=B ");
    assert_int_equal(rl_store_get(t->store, RL_PHONE, "A", &row, &t->err), RL_OK);
    rl_row_set(&row, RL_PHONE_LINES, "1002");
    assert_int_equal(rl_store_update(t->store, &row, 0, &t->err), RL_OK);
    rl_row_fini(&row);
    assert_int_equal(rl_store_remove(t->store, RL_PHONE, "B", &t->err), RL_OK);
    rl_buf_clear(&got);
    assert_int_equal(rl_store_lines(t->store, "", 0, join_pairs, &got, &t->err), RL_OK);
    assert_string_equal(rl_buf_str(&got), "1002=A ");
    rl_buf_clear(&got);
    assert_int_equal(rl_store_line_phones(t->store, "1900", join_pairs, &got, &t->err), RL_OK);
    assert_string_equal(rl_buf_str(&got), "");
    rl_buf_fini(&got);
}

static bool join_number(void *ctx, const char *number, const char *unused)
{
    (void)unused;
    rl_buf_addf(ctx, "%s ", number);
    return true;
}

static void assert_shared(struct site *t, const char *profile, const char *expected)
{
    for (int narrow = -1; narrow <= RL_NARROW; narrow += RL_NARROW + 1) {
        struct rl_buf numbers = {0};
        t->store->narrow = narrow;
        assert_int_equal(rl_store_shared_lines(t->store, profile, join_number, &numbers, &t->err),
                         RL_OK);
        assert_string_equal(rl_buf_str(&numbers), expected);
        rl_buf_fini(&numbers);
    }
}

/* By the phones of a profile, or by all lines. */
static void shared_lines_of_a_profile_are_found_both_ways(void **state)
{
    struct site *t = *state;
    add_base(t);
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
    assert_int_equal(add_phone(t, "SEP1", "100;200;300"), RL_OK);
    assert_int_equal(add_phone(t, "SEP2", "200;400"), RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_PHONE, "name=SEP3", "lines=300;400;500", "protocol=SIP",
                                       "type=Cisco 8845", "profile=Lock")),
                     RL_OK);
    assert_int_equal(rl_store_commit(t->store, &t->err), RL_OK);
    assert_shared(t, "open", "200 300 400 ");
    assert_shared(t, "Lock", "300 400 ");
    assert_shared(t, "nobody", "");
}

static void devices_are_found_with_their_type_and_profile(void **state)
{
    struct site *t = *state;
    struct rl_device_rows rows;
    char *name;
    add_base(t);
    assert_int_equal(add_phone(t, "A", ""), RL_OK);
    assert_int_equal(
        insert_row(t, ROW(RL_GATEWAY, "name=G", "type=Trunk", "protocol=SIP", "address=192.0.2.1")),
        RL_OK);
    assert_int_equal(rl_store_device(t->store, "A", &rows, &t->err), RL_OK);
    assert_int_equal(rows.kind, RL_PHONE);
    assert_string_equal(rl_row_get(&rows.type, RL_TYPE_TRUSTED), "yes");
    assert_string_equal(rl_row_get(&rows.profile, RL_PROFILE_MODE), "nonsecure");
    rl_device_rows_fini(&rows);
    assert_int_equal(rl_store_device(t->store, "G", &rows, &t->err), RL_OK);
    assert_int_equal(rows.kind, RL_GATEWAY);
    assert_string_equal(rl_row_get(&rows.profile, RL_PROFILE_MODE), "");
    rl_device_rows_fini(&rows);
    assert_int_equal(rl_store_device(t->store, "a", &rows, &t->err), RL_E_NOT_FOUND);
    rl_device_rows_fini(&rows);
    assert_int_equal(rl_store_gateway_by_address(t->store, "192.0.2.1", &name, &t->err), RL_OK);
    assert_string_equal(name, "G");
    free(name);
    assert_int_equal(rl_store_gateway_by_address(t->store, "", &name, &t->err), RL_E_NOT_FOUND);
}

static void counts_follow_every_change(void **state)
{
    struct site *t = *state;
    struct rl_mode_counts n;
    struct rl_row row;
    add_base(t);
    add_phone(t, "A", "");
    add_phone(t, "B", "");
    assert_int_equal(rl_store_get(t->store, RL_PHONE, "B", &row, &t->err), RL_OK);
    rl_row_set(&row, RL_PHONE_PROFILE, "Lock");
    assert_int_equal(rl_store_update(t->store, &row, 0, &t->err), RL_OK);
    rl_row_fini(&row);
    assert_int_equal(rl_store_mode_counts(t->store, &n, &t->err), RL_OK);
    assert_int_equal(n.phones, 2);
    assert_int_equal(n.by_mode[RL_NONSECURE], 1);
    assert_int_equal(n.by_mode[RL_ENCRYPTED], 1);
    assert_int_equal(n.types, 3);
    assert_int_equal(n.profiles, 2);
    assert_int_equal(n.users, 2);
    /* a profile's new mode and name count at once */
    assert_int_equal(rl_store_get(t->store, RL_PROFILE, "open", &row, &t->err), RL_OK);
    rl_row_set(&row, RL_PROFILE_NAME, "shield");
    rl_row_set(&row, RL_PROFILE_MODE, "authenticated");
    assert_int_equal(rl_store_update(t->store, &row, 0, &t->err), RL_OK);
    rl_row_fini(&row);
    rl_store_remove(t->store, RL_PHONE, "B", &t->err);
    assert_int_equal(rl_store_mode_counts(t->store, &n, &t->err), RL_OK);
    assert_int_equal(n.phones, 1);
    assert_int_equal(n.by_mode[RL_NONSECURE], 0);
    assert_int_equal(n.by_mode[RL_AUTHENTICATED], 1);
    assert_int_equal(n.by_mode[RL_ENCRYPTED], 0);
}

static void users_of_an_object_are_named(void **state)
{
    struct site *t = *state;
    struct rl_buf got = {0};
    add_base(t);
    add_phone(t, "A", "");
    insert_row(t, ROW(RL_GATEWAY, "name=G", "type=Cisco 8845", "protocol=SIP"));
    assert_int_equal(rl_store_users_of(t->store, RL_TYPE, "cisco 8845", join_pairs, &got, &t->err),
                     RL_OK);
    assert_string_equal(rl_buf_str(&got), "phone=A gateway=G profile=Lock profile=open ");
    rl_buf_clear(&got);
    assert_int_equal(rl_store_users_of(t->store, RL_PROFILE, "open", join_pairs, &got, &t->err),
                     RL_OK);
    assert_string_equal(rl_buf_str(&got), "phone=A ");
    rl_buf_clear(&got);
    assert_int_equal(rl_store_users_of(t->store, RL_PHONE, "A", join_pairs, &got, &t->err), RL_OK);
    assert_string_equal(rl_buf_str(&got), "");
    rl_buf_fini(&got);
}

/* R41, R47: nothing that a device is written with says anything of trust. */
static void no_column_of_a_device_is_trust(void **state)
{
    struct site *t = *state;
    int64_t n;
    assert_int_equal(rl_db_number(t->store, &t->err, &n,
                                  "SELECT count(*) FROM sqlite_schema m, pragma_table_info(m.name)"
                                  " c WHERE m.type = 'table' AND m.name <> 'type'"
                                  " AND c.name LIKE '%trust%'",
                                  NULL),
                     RL_OK);
    assert_int_equal(n, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
    const struct CMUnitTest tests[] = {
        T(a_new_file_is_private_and_made_once),
        T(a_newer_or_foreign_database_is_refused),
        T(a_damaged_database_is_refused),
        T(a_missing_table_is_damage),
        T(rows_come_back_and_secrets_do_not),
        T(an_empty_secret_keeps_what_is_stored),
        T(keys_are_unique_and_exact),
        T(references_hold),
        T(a_change_on_an_old_revision_is_refused),
        T(a_transaction_is_undone_by_rollback_and_by_death),
        T(of_many_changes_each_is_a_part_and_all_are_one_transaction),
        T(a_reader_sees_what_is_committed_and_writes_nothing),
        T(what_is_interrupted_ends_until_it_may_go_on),
        T(what_follows_a_stopped_change_is_not_kept),
        T(a_bulk_builds_its_indexes_anew),
        T(lines_follow_their_phones),
        T(shared_lines_of_a_profile_are_found_both_ways),
        T(devices_are_found_with_their_type_and_profile),
        T(counts_follow_every_change),
        T(users_of_an_object_are_named),
        T(no_column_of_a_device_is_trust),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
