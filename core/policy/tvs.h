/* What TVS tells phones of certificates that are not our own. Pure. */
#ifndef RL_POLICY_TVS_H
#define RL_POLICY_TVS_H

#include <stdint.h>

#include "ringlock/model.h"

enum { RL_TVS_NO_ROLE = -1 };

/* The role (tvs.md 4, as in trust lists) in which a certificate on file, a row of it, may be met by
 * a phone: by the trust store it is in. Certificates of phones have none, wherever they are
 * (`used`: a profile or a phone has it), nor do those of stores that are not about servers of
 * phones. Dates are not looked at. */
int rl_policy_tvs_role(const struct rl_row *cert, bool used);

/* Roles as an answer has them: one byte for each, in the order of their numbers. `roles` has a bit
 * for each number; `out` takes 32. Returns how many. */
size_t rl_policy_tvs_roles(uint32_t roles, uint8_t *out);

#endif
