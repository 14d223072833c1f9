/* Signatures of trust files: RSASSA-PKCS1-v1_5 (RFC 8017 8.2) with SHA-1 or SHA-512, which is what
 * phones take, over bytes that come in pieces. */
#ifndef RL_PKI_RSA_H
#define RL_PKI_RSA_H

#include "pki/key.h"
#include "ringlock/buf.h"

enum rl_rsa_hash { RL_RSA_SHA1, RL_RSA_SHA512 };

/* True if the key of the certificate (DER), an RSA key, proves the signature over the pieces. */
bool rl_rsa_verify(const void *der, size_t n, enum rl_rsa_hash hash, const struct rl_bytes *piece,
                   size_t npieces, const struct rl_bytes *signature);

/* Sign the pieces; `out` takes rl_key_bytes. E-VALUE where the key is no RSA key, or
 * too short for the hash. */
enum rl_code rl_rsa_sign(const struct rl_key *key, enum rl_rsa_hash hash,
                         const struct rl_bytes *piece, size_t npieces, uint8_t *out,
                         struct rl_err *err);

#endif
