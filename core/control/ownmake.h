/* One certificate of our own in the making: what takes time, away from the store. */
#ifndef RL_CONTROL_OWNMAKE_H
#define RL_CONTROL_OWNMAKE_H

#include "control/own.h"

struct rl_own_made {
    const struct rl_own_kind *kind;
    char *file; /* of its key in the keys directory */
    struct rl_key *key;
    struct rl_cert cert;
};

/* A new key, and the certificate that it signs itself, with the host's name in it. Thread-safe.
 * `out` is initialised, and freed with rl_own_made_fini; the key's file stays until rl_own_sweep.
 * E-CERT-GEN. */
enum rl_code rl_own_make(const struct rl_own_kind *kind, const char *keys, const char *organization,
                         int64_t now_us, struct rl_own_made *out, struct rl_err *err);
/* What an older release left as ROLE.key and ROLE.pem. E-IO, E-CERT-PARSE, E-SITE-DAMAGED. */
enum rl_code rl_own_adopt(const struct rl_own_kind *kind, const char *keys, struct rl_own_made *out,
                          struct rl_err *err);
void rl_own_made_fini(struct rl_own_made *made);

/* Remove the keys that were made here and that no certificate and no request has: what came of a
 * crash, and of certificates that are history. */
void rl_own_sweep(struct rl_store *store, const char *keys);

#endif
