/* Snapshots: a copy is the database of one moment, whatever is changed while it is made; and a copy
 * that is not whole is told from one that is. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "site.h"

enum { USERS = 300, CHANGES = 2000 };

/* Users u0, u1, ... in one transaction; all of them have the same name. */
static void add_users(struct site *t, int from, int n, const char *name)
{
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
    for (int i = from; i < from + n; i++) {
        char id[32], called[48];
        snprintf(id, sizeof id, "id=u%d", i);
        snprintf(called, sizeof called, "name=%s", name);
        assert_int_equal(insert_row(t, ROW(RL_USER, id, called)), RL_OK);
    }
    assert_int_equal(rl_store_commit(t->store, &t->err), RL_OK);
}

static void empty_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static size_t users_in(const char *path)
{
    struct rl_store *copy;
    struct rl_err err;
    struct rl_query all = {.kind = RL_USER};
    size_t n;
    assert_int_equal(rl_store_open(path, &copy, &err), RL_OK);
    assert_int_equal(rl_store_verify(copy, &err), RL_OK);
    assert_int_equal(rl_store_settle(copy, &err), RL_OK);
    assert_int_equal(rl_store_count(copy, &all, &n, &err), RL_OK);
    rl_store_close(&copy);
    return n;
}

struct copying {
    struct rl_store *snapshot;
    char path[96];
    enum rl_code code;
};

/* A copy loses its name; the file of this one is kept under another. */
static void keep_as(const char *path, char kept[104])
{
    snprintf(kept, 104, "%s.kept", path);
    empty_file(path);
    assert_int_equal(link(path, kept), 0);
}

static void *copy(void *ctx)
{
    struct copying *c = ctx;
    struct rl_err err;
    c->code = rl_store_copy(c->snapshot, c->path, NULL, &err);
    return NULL;
}

static void a_copy_is_of_its_moment(void **state)
{
    struct site t;
    struct copying c;
    pthread_t thread;
    char kept[104];
    (void)state;
    site_open(&t);
    add_users(&t, 0, USERS, "before");
    assert_int_equal(rl_store_snapshot(t.store, &c.snapshot, &t.err), RL_OK);
    snprintf(c.path, sizeof c.path, "%s/copy", t.dir);
    keep_as(c.path, kept);
    assert_int_equal(pthread_create(&thread, NULL, copy, &c), 0);
    for (int i = 0; i < CHANGES; i += 10)
        add_users(&t, USERS + i, 10, "meanwhile");
    pthread_join(thread, NULL);
    assert_int_equal(c.code, RL_OK);
    rl_store_close(&c.snapshot);
    assert_int_not_equal(access(c.path, F_OK), 0);
    assert_int_equal(users_in(kept), USERS);
    unlink(kept);
    site_close(&t);
}

static void a_copy_can_be_stopped(void **state)
{
    struct site t;
    struct rl_store *snapshot;
    char path[96];
    atomic_bool stop = true;
    (void)state;
    site_open(&t);
    for (int i = 0; i < 20; i++)
        add_users(&t, i * 2000, 2000,
                  "many of them, so that there is more than one step of a copy");
    assert_int_equal(rl_store_snapshot(t.store, &snapshot, &t.err), RL_OK);
    snprintf(path, sizeof path, "%s/copy", t.dir);
    empty_file(path);
    assert_int_equal(rl_store_copy(snapshot, path, &stop, &t.err), RL_E_IO);
    rl_store_close(&snapshot);
    assert_int_not_equal(access(path, F_OK), 0);
    site_close(&t);
}

static void spoil(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void a_row_that_names_nothing_is_found(void **state)
{
    struct site t;
    (void)state;
    site_open(&t);
    assert_int_equal(rl_store_verify(t.store, &t.err), RL_OK);
    spoil(t.path, "PRAGMA foreign_keys = OFF;"
                  "INSERT INTO profile (name, type, protocol) VALUES ('p', 'no such', 'SIP')");
    assert_int_equal(rl_store_verify(t.store, &t.err), RL_E_SITE_DAMAGED);
    assert_non_null(strstr(t.err.text, "profile"));
    site_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_is_of_its_moment),
        cmocka_unit_test(a_copy_can_be_stopped),
        cmocka_unit_test(a_row_that_names_nothing_is_found),
    };
    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
