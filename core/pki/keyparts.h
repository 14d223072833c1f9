/* Inside pki: what a private key is to GnuTLS. */
#ifndef RL_PKI_KEYPARTS_H
#define RL_PKI_KEYPARTS_H

#include <gnutls/abstract.h>

#include "pki/key.h"

struct rl_key {
    gnutls_privkey_t key;
    gnutls_pk_algorithm_t algorithm; /* GNUTLS_PK_RSA or GNUTLS_PK_EC */
    unsigned bits;
};

/* The hash that goes with the key in certificates and requests: SHA-256, for larger curves as many
 * bits as they have. */
gnutls_digest_algorithm_t rl_key_digest(const struct rl_key *key);

#endif
