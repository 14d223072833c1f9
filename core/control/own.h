/* Our own certificates: which there are, and how they come to be (R8, R13). */
#ifndef RL_CONTROL_OWN_H
#define RL_CONTROL_OWN_H

#include "control/objects.h"
#include "pki/cert.h"
#include "pki/key.h"

/* A role with a kind of key: of each a site has one that is active. */
struct rl_own_kind {
    const char *name; /* "CallManager-ECDSA": what people say, and its store */
    enum rl_cert_role role;
    bool ec;
    enum rl_key_kind key; /* of one that is made here */
    int years;
};
/* Number `i`, or NULL past the last. Static. */
const struct rl_own_kind *rl_own_kind(size_t i);
/* By the role's name in the store, as rl_own.role, and the kind of key. NULL if there is none. */
const struct rl_own_kind *rl_own_kind_named(const char *role, bool ec);
/* That name. Static. */
const char *rl_own_role_name(const struct rl_own_kind *kind);

/* Make all that a new site needs, in one transaction. `keys` is the directory, `organization` the
 * site's name. E-CERT-GEN. */
enum rl_code rl_own_begin(const struct rl_act *act, const char *keys, const char *organization,
                          struct rl_err *err);
/* What one of an older release lacks; its CallManager and TFTP certificates are taken from `keys`
 * as they are (R13). Keys of which nothing came are removed. E-CERT-GEN, E-CERT-PARSE, E-IO,
 * E-SITE-DAMAGED. */
enum rl_code rl_own_complete(const struct rl_act *act, const char *keys, const char *organization,
                             struct rl_err *err);

/* The active certificate is the one on file by its kind's name; inside the open transaction. What
 * it takes the place of is taken off. */
enum rl_code rl_own_put_on_file(const struct rl_act *act, const struct rl_own_kind *kind,
                                const struct rl_cert *cert, const char *now,
                                struct rl_problems *problems);

/* Is what an older release left in `keys` whole? For a site that has none of its own on file yet;
 * else RL_OK. E-IO, E-CERT-PARSE, E-SITE-DAMAGED. */
enum rl_code rl_own_check(struct rl_store *store, const char *keys, struct rl_err *err);

#endif
