/* The ring: our own certificates with their keys, loaded once and shared by all that sign, send or
 * list them. A ring never changes; after a change there is a new one, and who took the one before
 * goes on with it. */
#ifndef RL_CONTROL_RING_H
#define RL_CONTROL_RING_H

#include <stdatomic.h>

#include "pki/cert.h"
#include "pki/key.h"
#include "store/own.h"

struct rl_engine;

struct rl_ring_entry {
    int64_t id; /* of its row */
    enum rl_cert_role role;
    bool ec;
    enum rl_own_state state; /* next, active or former: history is not in a ring */
    struct rl_cert cert;     /* its DER form is cert.der */
    struct rl_key *key;      /* NULL for a former one */
};

struct rl_ring {
    struct rl_ring_entry *entry; /* by role, RSA before EC; of each active, next, former ones */
    size_t n;
    /* the rest is ring.c's */
    atomic_uint refs;
};

/* The ring of this moment, from any thread: shared, given back with rl_ring_free. Never NULL while
 * the engine serves. */
struct rl_ring *rl_ring_take(const struct rl_engine *e);
void rl_ring_free(struct rl_ring **ring); /* NULL-safe */

/* The first of a role, kind of key and state; of several former ones the latest. Borrowed from the
 * ring; NULL if there is none. */
const struct rl_ring_entry *rl_ring_find(const struct rl_ring *ring, enum rl_cert_role role,
                                         bool ec, enum rl_own_state state);

/* Read what the store has, with the keys of active and next ones from `keys`, the directory. *out
 * is owned: rl_ring_free. E-SITE-DAMAGED for a key that cannot be read or belongs to another one.
 */
enum rl_code rl_ring_load(struct rl_store *store, const char *keys, struct rl_ring **out,
                          struct rl_err *err);
/* The engine's own, on the loop, after what the store has was changed: the one before stays on
 * failure. */
enum rl_code rl_ring_renew(struct rl_engine *e, struct rl_err *err);

#endif
