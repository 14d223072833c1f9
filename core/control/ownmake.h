/* One certificate of our own in the making: what takes time, away from the store. */
#ifndef RL_CONTROL_OWNMAKE_H
#define RL_CONTROL_OWNMAKE_H

#include "control/own.h"

/* What is wanted; all borrowed. */
struct rl_own_order {
    const struct rl_own_kind *kind;
    enum rl_key_kind key;
    const char *keys;         /* the directory */
    const char *organization; /* the site's name */
    const char *const *names; /* for the SAN, NULL-terminated; NULL: the host's */
    bool first;               /* of its kind in the site: its key is called by that alone */
    int64_t now_us;
};

struct rl_own_made {
    const struct rl_own_kind *kind;
    char *file; /* of its key in the keys directory */
    struct rl_key *key;
    struct rl_cert cert;
    char *csr; /* PEM, where a CA is asked: then there is no certificate yet */
};

/* A new key, and the certificate that it signs itself; or the request to a CA for one. From any
 * thread. `out` is initialised, and freed with rl_own_made_fini; the key's file stays, for its name
 * to be kept in the store, or for rl_own_made_drop. E-CERT-GEN. */
enum rl_code rl_own_make(const struct rl_own_order *order, struct rl_own_made *out,
                         struct rl_err *err);
enum rl_code rl_own_ask(const struct rl_own_order *order, struct rl_own_made *out,
                        struct rl_err *err);
/* Nothing came of it: remove the key's file. */
void rl_own_made_drop(const struct rl_own_made *made, const char *keys);
/* What an older release left as ROLE.key and ROLE.pem. E-IO, E-CERT-PARSE, E-SITE-DAMAGED. */
enum rl_code rl_own_adopt(const struct rl_own_kind *kind, const char *keys, struct rl_own_made *out,
                          struct rl_err *err);
void rl_own_made_fini(struct rl_own_made *made);

/* At the start, when nothing is being made: remove the keys that were made here and that no
 * certificate and no request has. That is what a crash leaves. */
void rl_own_sweep(struct rl_store *store, const char *keys);

#endif
