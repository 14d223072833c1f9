/* What happens around a certificate when it comes on file and when it goes. */
#ifndef RL_CONTROL_CERTUSE_H
#define RL_CONTROL_CERTUSE_H

#include "control/objects.h"
#include "pki/cert.h"

/* Write a checked row (sets id and rev) with body, names and audit entry, inside the open
 * transaction. A refusal is added to the problems. */
enum rl_code rl_cert_file(const struct rl_act *act, struct rl_row *row, const struct rl_cert *cert,
                          struct rl_problems *problems);

/* A shared certificate came, inside the open transaction: the profiles with exactly one of its
 * names, for which none counts at `now` (RFC 3339), refer to it from now on (R103, R109). */
enum rl_code rl_cert_adopted(const struct rl_act *act, const struct rl_row *cert, const char *now,
                             struct rl_problems *problems);

/* True if the certificate that a profile refers to counts at `now`. */
bool rl_cert_serves(struct rl_store *store, const struct rl_row *profile, const char *now);

#endif
