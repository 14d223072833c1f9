#include "control/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/json.h"
#include "control/publish_make.h"
#include "control/work.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "ringlock/time.h"

enum {
    BATCH = 250,        /* phones */
    BATCHES = 2,        /* under way at once; one worker is left to those who ask */
    WAITING = 4,        /* that are done and wait to be written down */
    ENDED = 100,        /* notes of many phones that are taken back at once */
    RETRY_US = 30000000 /* after a failure */
};

/* Phones that one worker looks at. */
struct batch {
    struct batch *next;
    struct rl_publisher *publisher;
    struct rl_publish_site site;
    struct rl_ring *ring;
    char *name[BATCH];
    int64_t due[BATCH]; /* n of its note; 0 = the note is of many */
    size_t n;
    struct rl_made made[BATCH];
    bool compare; /* only with what is in the directory */
    struct rl_err err;
};

/* A note of many phones. */
struct wide {
    char *scope, *key; /* NULL: none */
    int64_t n;
    char *after; /* the last name that was taken */
    bool all;    /* were taken */
};

struct rl_publisher {
    struct rl_engine *e;
    int dir; /* tftp/; -1 = it cannot be opened */
    bool on, settled;
    char site[65];     /* as noted in the database */
    char *phone_after; /* of single phones: the last that was taken; "" = from the first on */
    bool stumbled;     /* single phones failed: others go first */
    bool of_many;      /* what is under way belongs to `wide` */
    struct wide wide, ended[ENDED]; /* under way; done, the last one first to be behind */
    size_t nended;
    int running;
    size_t nwaiting;
    struct batch *waiting, **waiting_end;
    int64_t retry_us; /* monotonic: nothing before */
    uint64_t looked, written, removed, failed;
    struct rl_err last; /* failure; code RL_OK = none since the last that went well */
    int64_t last_us;
};

static void fail(struct rl_publisher *p, const struct rl_err *err)
{
    if (p->last.code != err->code || strcmp(p->last.text, err->text) != 0)
        rl_log_err(RL_LOG_ERROR, err);
    p->last = *err;
    p->last_us = rl_now_us();
    p->retry_us = rl_monotonic_us() + RETRY_US;
}

/* ---- batches ---- */

static void batch_free(struct batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        free(b->name[i]);
        rl_made_fini(&b->made[i]);
    }
    rl_publish_site_fini(&b->site);
    rl_ring_free(&b->ring);
    free(b);
}

static bool add_due(void *ctx, const struct rl_due *due)
{
    struct batch *b = ctx;
    b->due[b->n] = due->n;
    b->name[b->n++] = rl_strdup(due->key);
    return b->n < BATCH;
}

static bool add_name(void *ctx, const char *name)
{
    struct batch *b = ctx;
    b->name[b->n++] = rl_strdup(name);
    return b->n < BATCH;
}

static void remember(char **after, const struct batch *b)
{
    free(*after);
    *after = rl_strdup(b->n ? b->name[b->n - 1] : "");
}

static bool take_wide(void *ctx, const struct rl_due *due)
{
    struct wide *w = ctx;
    *w = (struct wide){.scope = rl_strdup(due->scope),
                       .key = rl_strdup(due->key),
                       .n = due->n,
                       .after = rl_strdup("")};
    return false;
}

static void drop_wide(struct wide *w)
{
    free(w->scope);
    free(w->key);
    free(w->after);
    *w = (struct wide){0};
}

static bool is_idle(const struct rl_publisher *p)
{
    return p->running + (int)p->nwaiting == 0;
}

static bool see_phone(void *ctx, const struct rl_due *due)
{
    bool *more = ctx;
    (void)due;
    *more = true;
    return false;
}

static bool phones_wait(struct rl_publisher *p)
{
    bool more = false;
    struct rl_err err = {0};
    rl_store_due_phones(p->e->reader, p->phone_after, 1, see_phone, &more, &err);
    return more;
}

/* What is under way of the other kind ends before, so that no phone is in two batches. */
static void take_phones(struct rl_publisher *p, struct batch *b)
{
    if (p->of_many && !is_idle(p))
        return;
    p->of_many = false;
    rl_store_due_phones(p->e->reader, p->phone_after, BATCH, add_due, b, &b->err);
    remember(&p->phone_after, b);
}

static void take_many(struct rl_publisher *p, struct batch *b)
{
    struct wide *w = &p->wide;
    if (!p->of_many && !is_idle(p))
        return;
    if (!w->scope) {
        const struct wide *last = p->nended ? &p->ended[p->nended - 1] : NULL;
        const struct rl_due after = {last ? last->scope : "", last ? last->key : "", 0};
        rl_store_due_wide(p->e->reader, &after, take_wide, w, &b->err);
    }
    if (!w->scope || w->all)
        return;
    p->of_many = true;
    rl_store_due_names(p->e->reader, w->scope, w->key, w->after, BATCH, add_name, b, &b->err);
    if (b->n)
        remember(&w->after, b);
    w->all = !b->err.code && b->n < BATCH;
}

/* The next one, or NULL: there is nothing, or not yet. Single phones go first, since somebody waits
 * for them; but not those again that failed, while there are others. */
static struct batch *next_batch(struct rl_publisher *p)
{
    struct batch *b = rl_alloc(sizeof *b);
    b->publisher = p;
    if (!phones_wait(p) && (p->of_many || is_idle(p)))
        remember(&p->phone_after, b);
    if (p->stumbled || !phones_wait(p))
        take_many(p, b);
    if (!b->n && !p->wide.scope && !b->err.code)
        p->stumbled = false;
    if (!b->n && !p->stumbled && phones_wait(p))
        take_phones(p, b);
    if (b->err.code)
        fail(p, &b->err);
    if (b->n && !b->err.code)
        return b;
    batch_free(b);
    return NULL;
}

/* ---- the work ---- */

static json_t *run(struct rl_request *rq)
{
    struct batch *b = rq->ctx;
    struct rl_publish_signer signer;
    enum rl_code code = rl_publish_signer_init(&signer, b->ring, rq->store, &b->err);
    for (size_t i = 0; !code && i < b->n; i++)
        rl_publish_make(rq->store, &b->site, &signer, b->name[i], false, &b->made[i]);
    if (!code)
        rl_publish_place(b->publisher->dir, b->made, b->n);
    rl_publish_signer_fini(&signer);
    return json_null();
}

static void pump(struct rl_publisher *p);

static json_t *done(struct rl_request *rq, json_t *result)
{
    struct batch *b = rq->ctx;
    struct rl_publisher *p = b->publisher;
    if (!b->err.code && rq->err.code)
        b->err = rq->err;
    p->running--;
    p->nwaiting++;
    *p->waiting_end = b;
    p->waiting_end = &b->next;
    pump(p);
    return result;
}

static void start(struct rl_publisher *p, struct batch *b)
{
    static const struct rl_work publishing = {.run = run, .finish = done};
    rl_publish_site_init(&b->site, &p->e->config, p->e->mixed);
    b->ring = rl_ring_take(p->e);
    p->running++;
    rl_works_do(p->e, &publishing, b);
}

/* ---- writing down ---- */

static enum rl_code note_one(struct rl_store *store, const struct batch *b, size_t i,
                             struct rl_err *err)
{
    const struct rl_made *made = &b->made[i];
    const struct rl_due due = {RL_DUE_PHONE, b->name[i], b->due[i]};
    enum rl_code code = RL_OK;
    if (made->what == RL_MADE_FAILED)
        return due.n ? RL_OK : rl_store_due_note(store, RL_DUE_PHONE, b->name[i], err);
    if (made->what == RL_MADE_NEW)
        code = rl_store_published_put(store, &made->row, err);
    else if (made->what == RL_MADE_GONE)
        code = rl_store_published_drop(store, b->name[i], err);
    return code || !due.n ? code : rl_store_due_done(store, &due, err);
}

/* What a whole batch could not do is due phone by phone. */
static enum rl_code note_batch(struct rl_store *store, struct batch *b, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(store, err);
    if (code)
        return code;
    for (size_t i = 0; !code && i < b->n; i++) {
        if (b->err.code)
            b->made[i].what = RL_MADE_FAILED;
        code = note_one(store, b, i, err);
    }
    if (!code)
        code = rl_store_commit(store, err);
    if (code)
        rl_store_rollback(store);
    return code;
}

static void count(struct rl_publisher *p, const struct batch *b)
{
    const struct rl_err *failed = b->err.code ? &b->err : NULL;
    for (size_t i = 0; i < b->n; i++) {
        const struct rl_made *made = &b->made[i];
        p->looked++;
        p->written += made->what == RL_MADE_NEW;
        p->removed += made->what == RL_MADE_GONE;
        p->failed += made->what == RL_MADE_FAILED;
        if (made->what == RL_MADE_FAILED && !failed)
            failed = &made->err;
    }
    if (failed) {
        fail(p, failed);
        p->stumbled = true;
    } else {
        p->last.code = RL_OK;
    }
}

/* False: not now. */
static bool note_waiting(struct rl_publisher *p)
{
    struct rl_err err = {0};
    while (p->waiting) {
        struct batch *b = p->waiting;
        if (!rl_engine_may_write(p->e) || rl_monotonic_us() < p->retry_us)
            return false;
        if (note_batch(p->e->store, b, &err)) {
            fail(p, &err);
            return false;
        }
        p->waiting = b->next;
        p->nwaiting--;
        count(p, b);
        batch_free(b);
    }
    p->waiting_end = &p->waiting;
    return true;
}

static enum rl_code note_ended(struct rl_publisher *p, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(p->e->store, err);
    if (code)
        return code;
    for (size_t i = 0; !code && i < p->nended; i++) {
        const struct wide *w = &p->ended[i];
        const struct rl_due due = {w->scope, w->key, w->n};
        code = rl_store_due_done(p->e->store, &due, err);
    }
    if (!code)
        code = rl_store_commit(p->e->store, err);
    if (code)
        rl_store_rollback(p->e->store);
    return code;
}

/* Take the notes back whose phones were all looked at. */
static void end_wide(struct rl_publisher *p)
{
    struct rl_err err = {0};
    if (p->nended && note_ended(p, &err))
        fail(p, &err);
    while (p->nended)
        drop_wide(&p->ended[--p->nended]);
}

static void start_batches(struct rl_publisher *p)
{
    struct batch *b;
    while (p->on && p->running < BATCHES && p->nwaiting < WAITING &&
           rl_monotonic_us() >= p->retry_us && (b = next_batch(p)))
        start(p, b);
}

static void pump(struct rl_publisher *p)
{
    bool noted = note_waiting(p);
    if (p->e->stopping || !noted || !rl_engine_may_write(p->e))
        return;
    for (;;) {
        start_batches(p);
        if (!p->wide.all || !is_idle(p) || p->nended == ENDED)
            break;
        p->ended[p->nended++] = p->wide;
        p->wide = (struct wide){0};
    }
    end_wide(p);
}

/* ---- what the site says ---- */

/* True if ringlock.conf says something else to phones than what was published. */
static bool site_differs(struct rl_publisher *p, char digest[65])
{
    struct rl_publish_site site;
    rl_publish_site_init(&site, &p->e->config, p->e->mixed);
    rl_publish_site_digest(&site, digest);
    rl_publish_site_fini(&site);
    return strcmp(digest, p->site) != 0;
}

static enum rl_code note_site(struct rl_store *store, const char *digest, struct rl_err *err)
{
    enum rl_code code = rl_store_set_meta(store, RL_META_PUBLISH_SITE, digest, err);
    return code ? code : rl_store_due_note(store, RL_DUE_ALL, "", err);
}

static void look_at_site(struct rl_publisher *p)
{
    struct rl_err err = {0};
    char digest[65];
    if (!rl_engine_may_write(p->e) || !site_differs(p, digest))
        return;
    enum rl_code code = rl_store_begin(p->e->store, &err);
    if (!code)
        code = note_site(p->e->store, digest, &err);
    if (!code)
        code = rl_store_commit(p->e->store, &err);
    if (!code) {
        memcpy(p->site, digest, sizeof p->site);
        return;
    }
    rl_store_rollback(p->e->store);
    fail(p, &err);
}

/* ---- the directory at start ---- */

struct settling {
    struct rl_publisher *publisher;
    char *after;
    char *missing[BATCH]; /* phones whose files are not there as they were published */
    size_t nmissing, nseen;
    struct rl_err err;
};

static bool look_at(void *ctx, const struct rl_published *row)
{
    struct settling *s = ctx;
    free(s->after);
    s->after = rl_strdup(row->name);
    s->nseen++;
    if (!rl_publish_is_placed(s->publisher->dir, row))
        s->missing[s->nmissing++] = rl_strdup(row->name);
    return s->nmissing < BATCH;
}

static json_t *settle(struct rl_request *rq)
{
    struct settling *s = rq->ctx;
    if (!*s->after)
        rl_publish_sweep(s->publisher->dir);
    rl_store_published_list(rq->store, s->after, SIZE_MAX / 4, look_at, s, &s->err);
    return json_null();
}

/* They are made anew: what they were made of is forgotten. */
static enum rl_code note_missing(struct rl_store *store, const struct settling *s,
                                 struct rl_err *err)
{
    enum rl_code code = rl_store_begin(store, err);
    if (code)
        return code;
    for (size_t i = 0; !code && i < s->nmissing; i++) {
        code = rl_store_published_drop(store, s->missing[i], err);
        if (!code)
            code = rl_store_due_note(store, RL_DUE_PHONE, s->missing[i], err);
    }
    if (!code)
        code = rl_store_commit(store, err);
    if (code)
        rl_store_rollback(store);
    return code;
}

static void settle_from(struct rl_publisher *p, const char *after);

static json_t *settled(struct rl_request *rq, json_t *result)
{
    struct settling *s = rq->ctx;
    struct rl_publisher *p = s->publisher;
    bool more = s->nmissing == BATCH;
    bool may = rl_engine_may_write(p->e);
    if (s->nmissing && may && note_missing(p->e->store, s, &s->err))
        fail(p, &s->err);
    p->running--;
    if (!p->e->stopping && may && more)
        settle_from(p, s->after);
    else
        p->settled = may; /* else from the first one on, later */
    for (size_t i = 0; i < s->nmissing; i++)
        free(s->missing[i]);
    free(s->after);
    free(s);
    return result;
}

static void settle_from(struct rl_publisher *p, const char *after)
{
    static const struct rl_work settling = {.run = settle, .finish = settled};
    struct settling *s = rl_alloc(sizeof *s);
    s->publisher = p;
    s->after = rl_strdup(after);
    p->running++;
    rl_works_do(p->e, &settling, s);
}

/* ---- the publisher ---- */

static void read_meta(struct rl_publisher *p)
{
    char *on = NULL, *site = NULL;
    struct rl_err err = {0};
    rl_store_get_meta(p->e->reader, RL_META_PUBLISH, &on, &err);
    rl_store_get_meta(p->e->reader, RL_META_PUBLISH_SITE, &site, &err);
    p->on = on && strcmp(on, "on") == 0;
    snprintf(p->site, sizeof p->site, "%s", site ? site : "");
    free(on);
    free(site);
}

static void open_dir(struct rl_publisher *p)
{
    char *path = rl_site_path(&p->e->site, "tftp");
    p->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->dir < 0)
        rl_log(RL_LOG_ERROR, "%s cannot be opened: %s; nothing is published", path,
               strerror(errno));
    free(path);
}

struct rl_publisher *rl_publisher_new(struct rl_engine *e)
{
    struct rl_publisher *p = rl_alloc(sizeof *p);
    rl_phone_config_init();
    p->e = e;
    p->waiting_end = &p->waiting;
    p->phone_after = rl_strdup("");
    read_meta(p);
    open_dir(p);
    return p;
}

void rl_publisher_free(struct rl_publisher **publisher)
{
    struct rl_publisher *p = *publisher;
    if (!p)
        return;
    while (p->waiting) {
        struct batch *b = p->waiting;
        p->waiting = b->next;
        batch_free(b);
    }
    drop_wide(&p->wide);
    free(p->phone_after);
    if (p->dir >= 0)
        close(p->dir);
    free(p);
    *publisher = NULL;
}

void rl_publisher_tick(struct rl_engine *e)
{
    struct rl_publisher *p = e->publisher;
    if (!p->on || p->dir < 0)
        return;
    if (!p->settled) {
        if (p->running == 0)
            settle_from(p, "");
        return;
    }
    look_at_site(p);
    pump(p);
}

enum rl_code rl_publisher_all(struct rl_engine *e, struct rl_err *err)
{
    struct rl_publisher *p = e->publisher;
    char digest[65];
    enum rl_code code = rl_store_publish_on(e->store, err);
    if (!code && site_differs(p, digest))
        code = rl_store_set_meta(e->store, RL_META_PUBLISH_SITE, digest, err);
    return code;
}

void rl_publisher_wake(struct rl_engine *e)
{
    read_meta(e->publisher);
    rl_publisher_tick(e);
}

bool rl_publisher_is_on(const struct rl_engine *e)
{
    return e->publisher->on;
}

json_t *rl_json_publishing(const struct rl_engine *e)
{
    const struct rl_publisher *p = e->publisher;
    struct rl_err err = {0};
    int64_t due = 0;
    if (p->on)
        rl_store_due_count(e->reader, &due, &err);
    return json_pack("{s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "on", p->on, "busy",
                     p->on && (due > 0 || !is_idle(p) || !p->settled), "due", (json_int_t)due,
                     "looked", (json_int_t)p->looked, "written", (json_int_t)p->written, "removed",
                     (json_int_t)p->removed, "failed", (json_int_t)p->failed, "problem",
                     p->last.code ? rl_json_problem(&p->last) : json_null(), "failed_at",
                     rl_json_time(p->last.code ? p->last_us : 0));
}
