/* What is done with our own certificates: each act one transaction with its audit entries, or
 * nothing (R11). On the loop; the ring is renewed by who asks. */
#ifndef RL_CONTROL_OWNACT_H
#define RL_CONTROL_OWNACT_H

#include "control/ownmake.h"
#include "store/own.h"

/* What an act left behind: key files that nothing has any more, to be removed once it is committed.
 * Until then a crash leaves them to rl_own_sweep. */
struct rl_own_left {
    char **file; /* owned */
    size_t n;
};
void rl_own_left_remove(struct rl_own_left *left, const char *keys); /* and frees */

/* By what people type, in any case: "callmanager-ecdsa". NULL, and E-NOT-FOUND that names all. */
const struct rl_own_kind *rl_own_kind_typed(const char *text, struct rl_err *err);

/* Keep a signing request, in place of the one before (profiles.md 9). */
enum rl_code rl_own_keep_csr(const struct rl_act *act, const struct rl_own_kind *kind,
                             const struct rl_csr *csr, struct rl_own_left *left,
                             struct rl_err *err);

/* A certificate that was made here, or came from a CA for the request that is outstanding. */
struct rl_own_new {
    const struct rl_own_kind *kind;
    const char *what; /* for the audit log: "regenerate", "install" */
    const char *file; /* of its key */
    const struct rl_cert *cert;
    bool answers; /* the request, which is dropped */
    bool at_once; /* it takes the place of the active one in the same transaction */
    int64_t now_us;
};
/* Make it the next one, or the active one; `before` (may be NULL) writes what comes with it, inside
 * the transaction. E-EXISTS if there is a next one already; E-CERT-ROLLOVER for a signer of lists
 * whose former one is still listed. */
enum rl_code rl_own_add(const struct rl_act *act, const struct rl_own_new *added,
                        enum rl_code (*before)(void *ctx, struct rl_problems *problems), void *ctx,
                        struct rl_own_left *left, struct rl_problems *problems);
/* The next one becomes active; the one before goes on being listed while phones may need it.
 * E-NOT-FOUND if there is no next one. */
enum rl_code rl_own_activate(const struct rl_act *act, const struct rl_own_kind *kind,
                             int64_t now_us, struct rl_own_left *left,
                             struct rl_problems *problems);
/* All in one state, next or former, become history. E-NOT-FOUND if there is none. */
enum rl_code rl_own_retire(const struct rl_act *act, const struct rl_own_kind *kind,
                           enum rl_own_state state, int64_t now_us, struct rl_own_left *left,
                           struct rl_problems *problems);

#endif
