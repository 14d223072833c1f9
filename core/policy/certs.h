/* What a certificate must be to come on file, as far as it can be told without other certificates:
 * rows in, problems out. Pure. */
#ifndef RL_POLICY_CERTS_H
#define RL_POLICY_CERTS_H

#include "ringlock/model.h"

/* Judge a row of RL_CERTIFICATE at `now` (RFC 3339 in UTC): E-CERT-DATES (R86), E-CERT-WEAK (R9,
 * profiles.md 9), E-CERT-WILDCARD (R102). With `type`, that of the phone it is bound to, also
 * E-CERT-MODE (R84) and W-CERT-ORIGIN (R74); NULL if there is no such phone. */
void rl_policy_cert(const struct rl_row *cert, const struct rl_row *type, const char *now,
                    struct rl_problems *problems);

enum rl_validity { RL_CERT_VALID, RL_CERT_EXPIRED, RL_CERT_NOT_YET };
/* Whether it counts at `now`. "valid", "expired", "not-yet-valid": static. */
enum rl_validity rl_cert_validity(const struct rl_row *cert, const char *now);
const char *rl_cert_validity_text(enum rl_validity validity);

#endif
