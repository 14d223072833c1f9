/* A certificate as an object: its row, and what to call it. */
#ifndef RL_CONTROL_CERTROW_H
#define RL_CONTROL_CERTROW_H

#include "pki/cert.h"
#include "ringlock/model.h"

/* The fields that the certificate itself tells; `row` is initialised by it. The others (name,
 * store, device, usage, ...) are left empty. */
void rl_cert_row(const struct rl_cert *cert, struct rl_row *row);

/* A name for it: that of its device, else its first DNS SAN, else its CN, of the characters that
 * the field takes, and with room behind it. Owned by the caller. */
char *rl_cert_own_name(const struct rl_row *row);

/* What it is on file for: "identity", "device", "shared", "ca" or "signer", by its store, its
 * device and what it says. Static. */
const char *rl_cert_usage(const struct rl_row *row);

#endif
