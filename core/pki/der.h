/* Inside pki: the heads of DER elements. */
#ifndef RL_PKI_DER_H
#define RL_PKI_DER_H

#include "ringlock/buf.h"

enum { RL_DER_BITS = 0x03, RL_DER_SEQUENCE = 0x30 };

/* Go past tag and length of an element, which are told. The length is 0 where it is not definite.
 */
uint8_t rl_der_head(struct rl_cur *cur, size_t *length);

/* Go into an element of this tag whose value fits: `cur` becomes a cursor over its value, *behind
 * (may be NULL) one over what follows it. False, and cur->bad, for anything else. */
bool rl_der_enter(struct rl_cur *cur, uint8_t tag, struct rl_cur *behind);

#endif
