#include "pki/tls.h"

#include <gnutls/crypto.h>

#include "pki/keyparts.h"

static const struct {
    uint16_t scheme;
    gnutls_sign_algorithm_t sign;
} schemes[] = {
    {0x0804, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256},
    {0x0805, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384},
    {0x0806, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512},
    {0x0401, GNUTLS_SIGN_RSA_SHA256         },
    {0x0501, GNUTLS_SIGN_RSA_SHA384         },
    {0x0601, GNUTLS_SIGN_RSA_SHA512         },
};

static gnutls_datum_t datum(const void *bytes, size_t n)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)bytes, (unsigned)n};
}

bool rl_tls_sign(const struct rl_key *key, uint16_t scheme, const void *data, size_t n,
                 struct rl_buf *out)
{
    gnutls_datum_t in = datum(data, n), signature = {0};
    int rc = GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (schemes[i].scheme == scheme)
            rc = gnutls_privkey_sign_data2(key->key, schemes[i].sign, 0, &in, &signature);
    rl_buf_add(out, signature.data, signature.size);
    gnutls_free(signature.data);
    return rc >= 0;
}

void rl_tls_decrypt(const struct rl_key *key, const void *secret, size_t n,
                    uint8_t out[RL_TLS_PREMASTER])
{
    gnutls_datum_t in = datum(secret, n);
    gnutls_rnd(GNUTLS_RND_KEY, out, RL_TLS_PREMASTER);
    (void)gnutls_privkey_decrypt_data2(key->key, 0, &in, out, RL_TLS_PREMASTER);
}
