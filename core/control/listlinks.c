/* The names by which phones ask for their lists, made and taken away as phones come and go: what is
 * due stands in the database, noted with the change that is the cause; a worker does it, and what
 * it did is struck off. Doing it twice does no harm. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/listfiles.h"
#include "control/lists_own.h"
#include "control/work.h"
#include "engine/engine.h"
#include "engine/log.h"

enum { DUE_PART = 2000, PHONES_PART = 5000 };

struct linking {
    struct rl_lists *lists;
    struct {
        int64_t id;
        char *name; /* owned; "": all phones */
        bool there;
    } due[DUE_PART];
    size_t n, done;
    int dir;
};

/* ---- all phones ---- */

struct page {
    int dir;
    size_t n;
    char *last; /* owned */
    enum rl_code code;
    struct rl_err *err;
};

static bool link_phone(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct page *p = ctx;
    const char *name = rl_row_get(row, RL_PHONE_NAME);
    (void)trusted;
    p->code = rl_listlink_settle(p->dir, name, true, p->err);
    p->n++;
    free(p->last);
    p->last = rl_strdup(name);
    return p->code == RL_OK;
}

static enum rl_code link_phones(struct rl_store *store, int dir, struct rl_err *err)
{
    struct page p = {.dir = dir, .n = PHONES_PART, .err = err};
    enum rl_code code = RL_OK;
    while (!code && p.n == PHONES_PART) {
        char *after = p.last;
        const struct rl_query q = {
            .kind = RL_PHONE, .after_value = after, .after_key = after, .limit = PHONES_PART};
        p.last = NULL;
        p.n = 0;
        code = rl_store_list(store, &q, link_phone, &p, err);
        code = code ? code : p.code;
        free(after);
    }
    free(p.last);
    return code;
}

static enum rl_code forget_stranger(struct rl_store *store, int dir, const char *name,
                                    struct rl_err *err)
{
    struct rl_row row;
    struct rl_err why = {0};
    enum rl_code code = rl_store_get(store, RL_PHONE, name, &row, &why);
    if (code == RL_E_NOT_FOUND)
        return rl_listlink_settle(dir, name, false, err);
    if (!code)
        rl_row_fini(&row);
    else if (err)
        *err = why;
    return code;
}

/* Names of phones that are no more, which a crash or somebody's hand left there. */
static enum rl_code unlink_strangers(struct rl_store *store, int dir, struct rl_err *err)
{
    int fd = dup(dir);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    enum rl_code code = RL_OK;
    if (!d)
        return rl_fail(err, RL_E_IO, "tftp", "tftp/ cannot be read: %s.", strerror(errno));
    while (!code && (entry = readdir(d))) {
        const char *phone;
        size_t n;
        if (!rl_listlink_is(entry->d_name, &phone, &n))
            continue;
        char *name = rl_strndup(phone, n);
        code = forget_stranger(store, dir, name, err);
        free(name);
    }
    closedir(d);
    return code;
}

/* ---- the worker ---- */

static bool take_due(void *ctx, int64_t id, const char *name, bool there)
{
    struct linking *l = ctx;
    l->due[l->n].id = id;
    l->due[l->n].name = rl_strdup(name);
    l->due[l->n++].there = there;
    return l->n < DUE_PART;
}

static enum rl_code link_one(struct rl_store *store, struct linking *l, size_t i,
                             struct rl_err *err)
{
    if (*l->due[i].name)
        return rl_listlink_settle(l->dir, l->due[i].name, l->due[i].there, err);
    enum rl_code code = link_phones(store, l->dir, err);
    return code ? code : unlink_strangers(store, l->dir, err);
}

static json_t *run(struct rl_request *rq)
{
    struct linking *l = rq->ctx;
    l->dir = open(l->lists->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum rl_code code = l->dir < 0
                            ? rl_fail(&rq->err, RL_E_IO, l->lists->dir, "%s cannot be opened: %s.",
                                      l->lists->dir, strerror(errno))
                            : rl_store_links_due(rq->store, DUE_PART, take_due, l, &rq->err);
    for (size_t i = 0; !code && i < l->n; i++) {
        code = link_one(rq->store, l, i, &rq->err);
        if (!code)
            l->done = i + 1;
    }
    if (l->dir >= 0) {
        fsync(l->dir);
        close(l->dir);
    }
    return NULL;
}

static enum rl_code strike_off(struct rl_store *store, const struct linking *l, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(store, err);
    if (code)
        return code;
    for (size_t i = 0; i < l->done && !code; i++)
        code = rl_store_link_done(store, l->due[i].id, err);
    if (!code)
        code = rl_store_commit(store, err);
    if (code)
        rl_store_rollback(store);
    return code;
}

static json_t *finish(struct rl_request *rq, json_t *result)
{
    struct linking *l = rq->ctx;
    struct rl_engine *e = rq->engine;
    struct rl_err err = rq->err;
    if (l->done && rl_engine_may_write(e))
        strike_off(e->store, l, &err);
    if (err.code) {
        rl_log_err(RL_LOG_ERROR, &err);
        e->lists->retry_us = rl_monotonic_us() + RL_LISTS_RETRY_US;
    }
    e->lists->linking = false;
    for (size_t i = 0; i < l->n; i++)
        free(l->due[i].name);
    free(l);
    return result;
}

static bool is_due(void *ctx, int64_t id, const char *name, bool there)
{
    (void)id;
    (void)name;
    (void)there;
    *(bool *)ctx = true;
    return false;
}

void rl_lists_link(struct rl_engine *e)
{
    static const struct rl_work work = {.run = run, .finish = finish};
    bool due = false;
    if (e->lists->linking || rl_monotonic_us() < e->lists->retry_us)
        return;
    if (rl_store_links_due(e->reader, 1, is_due, &due, NULL) != RL_OK || !due)
        return;
    struct linking *l = rl_alloc(sizeof *l);
    l->lists = e->lists;
    e->lists->linking = true;
    rl_works_do(e, &work, l);
}

/* ---- at the start ---- */

struct looking {
    const char *dir;
    bool missing;
};

static bool look_at_first(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct looking *l = ctx;
    struct stat st;
    char *path = rl_asprintf("%s/%s%s.tlv", l->dir, rl_list_names[RL_LIST_CTL],
                             rl_row_get(row, RL_PHONE_NAME));
    (void)trusted;
    l->missing = lstat(path, &st) != 0;
    free(path);
    return false;
}

static enum rl_code note_all(struct rl_store *store, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(store, err);
    if (code)
        return code;
    code = rl_store_links_all(store, err);
    if (!code)
        code = rl_store_commit(store, err);
    if (code)
        rl_store_rollback(store);
    return code;
}

void rl_lists_look_at_links(struct rl_engine *e)
{
    const struct rl_query first = {.kind = RL_PHONE, .limit = 1};
    struct looking l = {.dir = e->lists->dir};
    struct rl_err err = {0};
    bool any = rl_lists_now(e, RL_LIST_CTL)->version || rl_lists_now(e, RL_LIST_ITL)->version;
    if (any && rl_store_list(e->reader, &first, look_at_first, &l, &err) == RL_OK && l.missing)
        note_all(e->store, &err);
    if (err.code)
        rl_log_err(RL_LOG_ERROR, &err);
}
