/* Signatures by which a phone proves to CAPF that it holds the key of a certificate (capf.md 6):
 * RSA blocks of type 1 around the bare hash, or around a DigestInfo, and plain ECDSA. */
#ifndef RL_PKI_PROOF_H
#define RL_PKI_PROOF_H

#include "pki/rsa.h"

/* True if the key of the certificate (DER) made the signature over the pieces. The whole block is
 * looked at, and nothing may stand behind the certificate. RSA keys have 512 to 8192 bits. */
bool rl_proof_holds(const void *der, size_t n, enum rl_rsa_hash hash, const struct rl_bytes *piece,
                    size_t npieces, const struct rl_bytes *signature);

/* True if the two secrets are the same; takes as long where they differ. */
bool rl_proof_same(const void *a, size_t na, const void *b, size_t nb);

/* `n` random decimal digits and a NUL into `out`. E-INTERNAL: the system has none to give. */
enum rl_code rl_proof_digits(char *out, size_t n, struct rl_err *err);

#endif
