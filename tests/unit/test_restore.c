/* Restoring what an earlier release backed up: the site is migrated on the way and is what it was
 * (R3, R13). The sites are those of tests/upgrade, sealed here as their release would have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/backup.h"
#include "engine/restore.h"
#include "engine/tar.h"
#include "ringlock/buf.h"
#include "store/store.h"

static const char passphrase[] = "correct horse battery";

struct place {
    char dir[32];
    char *old, *file, *made; /* the site of the release, its backup, what is restored */
};

static int begin(void **state)
{
    struct place *p = *state = rl_alloc(sizeof *p);
    strcpy(p->dir, "/tmp/test_restore.XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    p->old = rl_asprintf("%s/old", p->dir);
    p->file = rl_asprintf("%s/backup", p->dir);
    p->made = rl_asprintf("%s/made", p->dir);
    return 0;
}

static void shell(const char *a, const char *b, const char *c, const char *d)
{
    char *command = rl_asprintf("%s %s %s %s", a, b, c, d);
    assert_int_equal(system(command), 0);
    free(command);
}

static int end(void **state)
{
    struct place *p = *state;
    shell("rm -rf", p->dir, "", "");
    free(p->old);
    free(p->file);
    free(p->made);
    free(p);
    return 0;
}

static void add(struct rl_buf *tar, const char *name, const void *bytes, size_t n)
{
    static const char zeros[RL_TAR_BLOCK];
    struct rl_tar_entry entry = {.mode = 0600, .size = (int64_t)n, .mtime_s = 1};
    snprintf(entry.name, sizeof entry.name, "%s", name);
    assert_true(rl_tar_head(tar, &entry));
    rl_buf_add(tar, bytes, n);
    rl_buf_add(tar, zeros, rl_tar_padding(entry.size));
}

static void add_file(struct rl_buf *tar, const char *dir, const char *name)
{
    char *path = rl_asprintf("%s/%s", dir, name), bytes[4096];
    struct rl_buf all = {0};
    size_t n;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
        rl_buf_add(&all, bytes, n);
    fclose(f);
    add(tar, name, all.data, all.len);
    rl_buf_fini(&all);
    free(path);
}

static void add_dir(struct rl_buf *tar, const char *dir, const char *sub)
{
    char *path = rl_asprintf("%s/%s", dir, sub);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));) {
        char *name = rl_asprintf("%s/%s", sub, e->d_name);
        if (rl_backup_is_name(name))
            add_file(tar, dir, name);
        free(name);
    }
    closedir(d);
    free(path);
}

static void seal(const struct rl_buf *tar, const char *path)
{
    struct rl_seal *s;
    struct rl_buf out = {0};
    struct rl_err err = {0};
    assert_int_equal(rl_seal_to_passphrase(passphrase, &s, &err), RL_OK);
    rl_buf_add(&out, rl_seal_head(s)->data, rl_seal_head(s)->len);
    for (size_t at = 0; at < tar->len; at += RL_SEAL_CHUNK) {
        size_t n = tar->len - at < RL_SEAL_CHUNK ? tar->len - at : RL_SEAL_CHUNK;
        rl_seal_chunk(s, tar->data + at, n, at + n == tar->len, &out, &err);
    }
    FILE *f = fopen(path, "w");
    assert_int_equal(fwrite(out.data, 1, out.len, f), out.len);
    fclose(f);
    rl_seal_free(&s);
    rl_buf_fini(&out);
}

static void extract(const struct place *p, const char *fixture)
{
    assert_int_equal(mkdir(p->old, 0700), 0);
    shell("tar xz -C", p->old, "-f", fixture);
}

static void back_up(const struct place *p, int schema)
{
    static const char end_of_tar[2 * RL_TAR_BLOCK];
    struct rl_buf tar = {0};
    char *manifest = rl_asprintf("{\"release\":\"0.1.0\",\"schema\":%d}", schema);
    add(&tar, RL_BACKUP_MANIFEST, manifest, strlen(manifest));
    add_file(&tar, p->old, "ringlock.conf");
    add_dir(&tar, p->old, "keys");
    add_dir(&tar, p->old, "log");
    add_file(&tar, p->old, RL_BACKUP_DB);
    rl_buf_add(&tar, end_of_tar, sizeof end_of_tar);
    seal(&tar, p->file);
    rl_buf_fini(&tar);
    free(manifest);
}

/* What the release said itself: phones of a mode. */
static json_int_t said(const struct place *p, const char *mode)
{
    char *path = rl_asprintf("%s/expected.json", p->old);
    json_t *all = json_load_file(path, 0, NULL), *at = all;
    static const char *const names[] = {"status", "devices", "by_mode"};
    for (size_t i = 0; i < 3; i++)
        at = json_object_get(at, names[i]);
    json_int_t n = json_integer_value(json_object_get(at, mode));
    assert_true(n > 0);
    json_decref(all);
    free(path);
    return n;
}

static void same_modes(const struct place *p)
{
    struct rl_store *store = NULL;
    struct rl_mode_counts n;
    struct rl_err err = {0};
    char *db = rl_asprintf("%s/site.db", p->made), *was = NULL;
    assert_int_equal(rl_store_open(db, &store, &err), RL_OK);
    assert_int_equal(rl_store_mode_counts(store, &n, &err), RL_OK);
    for (int m = RL_NONSECURE; m <= RL_ENCRYPTED; m++)
        assert_int_equal(n.by_mode[m], said(p, rl_security_text((enum rl_security)m)));
    assert_int_equal(rl_store_get_meta(store, "upgraded_from", &was, &err), RL_OK);
    assert_non_null(was);
    rl_store_close(&store);
    free(was);
    free(db);
}

static void same_keys(const struct place *p)
{
    char *was = rl_asprintf("%s/keys", p->old), *is = rl_asprintf("%s/keys", p->made);
    shell("diff -r", was, is, "");
    free(was);
    free(is);
}

static void restores(struct place *p, const char *fixture, int schema)
{
    const struct rl_restore_request rq = {
        .file = p->file, .dir = p->made, .key = {.passphrase = passphrase}};
    struct rl_err err = {0};
    json_t *report = NULL;
    extract(p, fixture);
    back_up(p, schema);
    if (rl_restore(&rq, &report, &err) != RL_OK)
        fail_msg("%s: %s", fixture, err.text);
    assert_int_equal(json_integer_value(json_object_get(report, "schema")), schema);
    assert_true(json_integer_value(json_object_get(report, "audit")) > 0);
    json_decref(report);
    same_modes(p);
    same_keys(p);
}

static void schema_1_is_migrated(void **state)
{
    restores(*state, "tests/upgrade/schema1.tar.gz", 1);
}

static void schema_2_is_migrated(void **state)
{
    restores(*state, "tests/upgrade/schema2.tar.gz", 2);
}

/* A database that a later release made, in a backup that says otherwise. */
static void what_cannot_be_migrated_leaves_nothing(void **state)
{
    static const char later[] = {0, 0, 0, 99};
    struct place *p = *state;
    const struct rl_restore_request rq = {
        .file = p->file, .dir = p->made, .key = {.passphrase = passphrase}};
    struct rl_err err = {0};
    json_t *report = NULL;
    extract(p, "tests/upgrade/schema2.tar.gz");
    char *db = rl_asprintf("%s/site.db", p->old);
    FILE *f = fopen(db, "r+");
    assert_int_equal(fseek(f, 60, SEEK_SET), 0); /* user_version, of SQLite's file format */
    assert_int_equal(fwrite(later, 1, sizeof later, f), sizeof later);
    fclose(f);
    free(db);
    back_up(p, 2);
    assert_int_equal(rl_restore(&rq, &report, &err), RL_E_SITE_NEWER);
    assert_int_not_equal(access(p->made, F_OK), 0);
    assert_null(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(schema_1_is_migrated, begin, end),
        cmocka_unit_test_setup_teardown(schema_2_is_migrated, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_migrated_leaves_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
