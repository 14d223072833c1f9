/* Signatures of trust files: RSASSA-PKCS1-v1_5 (RFC 8017 8.2) with SHA-1 or SHA-512, which is what
 * phones take, over bytes that come in pieces. */
#ifndef RL_PKI_RSA_H
#define RL_PKI_RSA_H

#include "ringlock/buf.h"
#include "ringlock/err.h"

enum rl_rsa_hash { RL_RSA_SHA1, RL_RSA_SHA512 };

/* True if the key of the certificate (DER), an RSA key, proves the signature over the pieces. */
bool rl_rsa_verify(const void *der, size_t n, enum rl_rsa_hash hash, const struct rl_bytes *piece,
                   size_t npieces, const struct rl_bytes *signature);

/* A private key, kept loaded for many signatures. */
struct rl_rsa_key;

/* Read an RSA key from PEM text, which may have certificates around it. `object` names it in
 * errors: E-VALUE if there is none. */
enum rl_code rl_rsa_key_read(const void *pem, size_t n, const char *object, struct rl_rsa_key **out,
                             struct rl_err *err);
void rl_rsa_key_free(struct rl_rsa_key **key); /* NULL-safe */
/* Bytes of its modulus and of its signatures. */
size_t rl_rsa_key_bytes(const struct rl_rsa_key *key);

/* Sign the pieces; `out` takes rl_rsa_key_bytes. E-VALUE where the key is too short for the hash.
 */
enum rl_code rl_rsa_sign(const struct rl_rsa_key *key, enum rl_rsa_hash hash,
                         const struct rl_bytes *piece, size_t npieces, uint8_t *out,
                         struct rl_err *err);

#endif
