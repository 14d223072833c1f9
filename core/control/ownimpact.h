/* The facts about one of the server's own certificates that rl_policy_impact asks for. */
#ifndef RL_CONTROL_OWNIMPACT_H
#define RL_CONTROL_OWNIMPACT_H

#include "control/own.h"
#include "policy/impact.h"
#include "store/store.h"

struct rl_own_impact {
    struct rl_impact_facts facts;
    const char *list; /* "CTL" or "ITL": whose holders the facts count; NULL without one. Static */
    int64_t since;    /* its first version, without a break, that has the certificate; 0: none */
    char *issuer;     /* of the LSCs that are counted; NULL = none; owned */
    struct rl_problems told; /* W-CERT-IMPACT for each effect; owned */
};

/* From any thread, with a reading or the writing handle. `out` is initialised on RL_OK:
 * rl_own_impact_fini. */
enum rl_code rl_own_impact(struct rl_store *store, const struct rl_own_kind *kind,
                           enum rl_impact_act act, struct rl_own_impact *out, struct rl_err *err);
void rl_own_impact_fini(struct rl_own_impact *impact);

#endif
