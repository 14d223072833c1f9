/* What a TLS server does with its RSA key, for one that has no key itself. What may be signed is
 * not decided here. */
#ifndef RL_PKI_TLS_H
#define RL_PKI_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "pki/key.h"
#include "ringlock/buf.h"

/* Append the signature over the bytes; `scheme` as in RFC 8446 4.2.3: RSA with SHA-256 to SHA-512,
 * with or without PSS. False if it is another one, or the key cannot. */
bool rl_tls_sign(const struct rl_key *key, uint16_t scheme, const void *data, size_t n,
                 struct rl_buf *out);

enum { RL_TLS_PREMASTER = 48 };
/* The premaster secret of an RSA key exchange. What cannot be decrypted gives random bytes: nobody
 * is to learn which it was (RFC 5246 7.4.7.1). */
void rl_tls_decrypt(const struct rl_key *key, const void *secret, size_t n,
                    uint8_t out[RL_TLS_PREMASTER]);

#endif
