/* A CA's answer to a signing request of ours (R10). */
#ifndef RL_CONTROL_OWNINSTALL_H
#define RL_CONTROL_OWNINSTALL_H

#include "control/ownact.h"

/* What came; all borrowed. */
struct rl_own_answer {
    const struct rl_own_kind *kind;
    const void *data; /* PEM or DER, see pki/bundle.h */
    size_t n;
    const char *object; /* what people call it, in sentences */
    const char *keys;   /* the directory */
    bool at_once;
    int64_t now_us;
};

/* Take it as the next certificate, or the active one, and those of its CA into the trust store of
 * the role: as one act. E-NOT-FOUND if nothing was asked for, E-CERT-PARSE, E-CERT-PRIVATE-KEY,
 * E-CERT-PKCS12, E-CERT-CHAIN, E-CERT-CSR-MISMATCH, E-CERT-CA (R131), what rl_policy_cert refuses,
 * E-CERT-NO-CHAIN, and as rl_own_add. */
enum rl_code rl_own_install(const struct rl_act *act, const struct rl_own_answer *answer,
                            struct rl_own_left *left, struct rl_problems *problems);

#endif
