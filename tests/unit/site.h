/* For tests of the store and of objects: a new database in a directory of its own, and rows. */
#ifndef RL_TESTS_SITE_H
#define RL_TESTS_SITE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ringlock/buf.h"
#include "store/store.h"

struct site {
    char dir[64], path[80];
    struct rl_store *store;
    struct rl_err err;
};

static inline void site_open(struct site *t)
{
    strcpy(t->dir, "/tmp/ringlock-store-XXXXXX");
    if (!mkdtemp(t->dir))
        abort();
    snprintf(t->path, sizeof t->path, "%s/site.db", t->dir);
    if (rl_store_create(t->path, &t->err) || rl_store_open(t->path, &t->store, &t->err)) {
        fprintf(stderr, "%s\n", t->err.text);
        abort();
    }
}

static inline void site_close(struct site *t)
{
    static const char *const names[] = {"site.db", "site.db-wal", "site.db-shm"};
    rl_store_close(&t->store);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[96];
        snprintf(path, sizeof path, "%s/%s", t->dir, names[i]);
        unlink(path);
    }
    rmdir(t->dir);
}

/* For cmocka: *state is a struct site while a test runs. */
static inline int site_setup(void **state)
{
    *state = rl_alloc(sizeof(struct site));
    site_open(*state);
    return 0;
}

static inline int site_teardown(void **state)
{
    site_close(*state);
    free(*state);
    return 0;
}

/* A row from "field=value" texts, NULL-terminated. */
static inline struct rl_row row_of(enum rl_kind kind, const char *const *pairs)
{
    struct rl_row row;
    rl_row_init(&row, rl_object(kind));
    for (; *pairs; pairs++) {
        size_t n = strcspn(*pairs, "=");
        char *name = rl_strndup(*pairs, n);
        rl_row_set(&row, rl_field_index(row.obj, name), *pairs + n + 1);
        free(name);
    }
    return row;
}
#define ROW(kind, ...) row_of(kind, (const char *const[]){__VA_ARGS__, NULL})

static inline enum rl_code insert_row(struct site *t, struct rl_row row)
{
    enum rl_code code = rl_store_insert(t->store, &row, &t->err);
    rl_row_fini(&row);
    return code;
}

#endif
