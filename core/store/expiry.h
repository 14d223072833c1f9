/* When certificates on file end: what the expiry monitor and its report ask, in the order of the
 * ends, by their index. Times are RFC 3339 in UTC. */
#ifndef RL_STORE_EXPIRY_H
#define RL_STORE_EXPIRY_H

#include "store/store.h"

/* A place in the order of ends: behind the certificate that ends then and has this name. */
struct rl_cert_place {
    const char *end, *name; /* borrowed; "" begins with the first */
};

/* The first behind `place` that ends no later than `until` and of which no notice of so many days
 * or fewer was given. `row` is initialised by a hit, owned by the caller. E-NOT-FOUND. */
enum rl_code rl_store_cert_untold(struct rl_store *s, const struct rl_cert_place *place,
                                  const char *until, int days, struct rl_row *row,
                                  struct rl_err *err);

/* The first end after `after`; *end is owned by the caller, NULL if there is none. */
enum rl_code rl_store_cert_end(struct rl_store *s, const char *after, char **end,
                               struct rl_err *err);

/* Those behind `place` that end no later than `until`, with the number of phones that present them
 * or are bound to them; `row` is borrowed, false stops. `limit` 0 = all. */
typedef bool (*rl_cert_end_fn)(void *ctx, const struct rl_row *row, size_t phones);
enum rl_code rl_store_certs_ending(struct rl_store *s, const struct rl_cert_place *place,
                                   const char *until, size_t limit, rl_cert_end_fn fn, void *ctx,
                                   struct rl_err *err);

/* How many have ended by `now`, will by `soon`, or last longer. */
struct rl_cert_ends {
    size_t expired, soon, valid;
};
enum rl_code rl_store_count_ends(struct rl_store *s, const char *now, const char *soon,
                                 struct rl_cert_ends *out, struct rl_err *err);

#endif
