#include "control/ring.h"

#include <pthread.h>
#include <stdlib.h>

#include "control/lists.h"
#include "control/own.h"
#include "engine/engine.h"
#include "engine/enrol_child.h"

/* Held as long as it takes to count, or to put another one in its place. */
static pthread_mutex_t swapping = PTHREAD_MUTEX_INITIALIZER;

struct rl_ring *rl_ring_take(const struct rl_engine *e)
{
    pthread_mutex_lock(&swapping);
    struct rl_ring *ring = e->ring;
    atomic_fetch_add(&ring->refs, 1);
    pthread_mutex_unlock(&swapping);
    return ring;
}

void rl_ring_free(struct rl_ring **ring)
{
    struct rl_ring *r = *ring;
    *ring = NULL;
    if (!r || atomic_fetch_sub(&r->refs, 1) > 1)
        return;
    for (size_t i = 0; i < r->n; i++) {
        rl_cert_fini(&r->entry[i].cert);
        rl_key_free(&r->entry[i].key);
    }
    free(r->entry);
    free(r);
}

const struct rl_ring_entry *rl_ring_find(const struct rl_ring *ring, enum rl_cert_role role,
                                         bool ec, enum rl_own_state state)
{
    for (size_t i = 0; i < ring->n; i++) {
        const struct rl_ring_entry *e = &ring->entry[i];
        if (e->role == role && e->ec == ec && e->state == state)
            return e;
    }
    return NULL;
}

/* ---- reading ---- */

struct loading {
    const char *keys;
    struct rl_ring *ring;
    enum rl_code code;
    struct rl_err *err;
};

static enum rl_code load_key(const char *path, struct rl_ring_entry *e, struct rl_err *err)
{
    enum rl_code code = rl_key_load(path, &e->key, err);
    if (code || rl_key_fits(e->key, e->cert.der, e->cert.nder))
        return code;
    return rl_fail(err, RL_E_SITE_DAMAGED, path,
                   "The key %s is not that of the certificate on file.", path);
}

static bool take(void *ctx, const struct rl_own *own)
{
    struct loading *l = ctx;
    struct rl_ring *r = l->ring;
    const struct rl_own_kind *kind = rl_own_kind_named(own->role, own->ec);
    if (!kind)
        return true; /* a role of a later release */
    r->entry = rl_realloc(r->entry, (r->n + 1) * sizeof *r->entry);
    struct rl_ring_entry *e = &r->entry[r->n++];
    *e = (struct rl_ring_entry){own->id, kind->role, own->ec, own->state, {0}, NULL};
    l->code = rl_cert_parse(own->der, own->nder, kind->name, &e->cert, l->err);
    e->cert.roles = e->role;
    if (l->code || own->state == RL_OWN_FORMER)
        return !l->code;
    char *path = rl_asprintf("%s/%s", l->keys, own->key_file);
    l->code = load_key(path, e, l->err);
    free(path);
    return !l->code;
}

static int rank(const struct rl_ring_entry *e)
{
    static const int ranks[] = {[RL_OWN_NEXT] = 1, [RL_OWN_ACTIVE] = 0, [RL_OWN_FORMER] = 2};
    return (int)e->role * 10 + e->ec * 5 + ranks[e->state];
}

static int compare(const void *a, const void *b)
{
    const struct rl_ring_entry *x = a, *y = b;
    int order = rank(x) - rank(y);
    return order ? order : (x->id < y->id) - (x->id > y->id);
}

enum rl_code rl_ring_load(struct rl_store *store, const char *keys, struct rl_ring **out,
                          struct rl_err *err)
{
    struct rl_err mine;
    struct loading l = {keys, rl_alloc(sizeof *l.ring), RL_OK, err ? err : &mine};
    atomic_init(&l.ring->refs, 1);
    enum rl_code code = rl_store_owns(store, NULL, false, take, &l, l.err);
    code = code ? code : l.code;
    if (code)
        rl_ring_free(&l.ring);
    else if (l.ring->n)
        qsort(l.ring->entry, l.ring->n, sizeof *l.ring->entry, compare);
    *out = l.ring;
    return code;
}

enum rl_code rl_ring_renew(struct rl_engine *e, struct rl_err *err)
{
    struct rl_ring *fresh, *old;
    enum rl_code code = rl_ring_load(e->reader, e->site.keys, &fresh, err);
    if (code)
        return code;
    pthread_mutex_lock(&swapping);
    old = e->ring;
    e->ring = fresh;
    pthread_mutex_unlock(&swapping);
    rl_ring_free(&old);
    rl_enrol_certificates(e->enrol);
    if (e->lists)
        rl_lists_follow(e);
    return RL_OK;
}
