#include "pki/rsa.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "pki/keyparts.h"

enum { DIGEST_MAX = 64 };

static const struct {
    gnutls_digest_algorithm_t digest;
    gnutls_sign_algorithm_t sign;
} hashes[] = {
    [RL_RSA_SHA1] = {GNUTLS_DIG_SHA1,   GNUTLS_SIGN_RSA_SHA1  },
    [RL_RSA_SHA512] = {GNUTLS_DIG_SHA512, GNUTLS_SIGN_RSA_SHA512},
};

static int digest(enum rl_rsa_hash hash, const struct rl_bytes *piece, size_t npieces,
                  uint8_t out[DIGEST_MAX], gnutls_datum_t *datum)
{
    gnutls_hash_hd_t state;
    int rc = gnutls_hash_init(&state, hashes[hash].digest);
    if (rc < 0)
        return rc;
    for (size_t i = 0; rc >= 0 && i < npieces; i++)
        rc = piece[i].n ? gnutls_hash(state, piece[i].p, piece[i].n) : 0;
    gnutls_hash_deinit(state, out);
    *datum = (gnutls_datum_t){out, gnutls_hash_get_len(hashes[hash].digest)};
    return rc;
}

/* Systems may forbid SHA-1, and phones that know nothing else are in use: it is allowed here. */
static int verify(gnutls_x509_crt_t crt, gnutls_pubkey_t key, const gnutls_datum_t *der,
                  enum rl_rsa_hash hash, const gnutls_datum_t *digested,
                  const gnutls_datum_t *signature)
{
    int rc = gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER);
    if (rc >= 0)
        rc = gnutls_pubkey_import_x509(key, crt, 0);
    if (rc >= 0 && gnutls_pubkey_get_pk_algorithm(key, NULL) != GNUTLS_PK_RSA)
        rc = GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    if (rc < 0)
        return rc;
    return gnutls_pubkey_verify_hash2(key, hashes[hash].sign, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1,
                                      digested, signature);
}

bool rl_rsa_verify(const void *der, size_t n, enum rl_rsa_hash hash, const struct rl_bytes *piece,
                   size_t npieces, const struct rl_bytes *signature)
{
    uint8_t bytes[DIGEST_MAX];
    gnutls_datum_t digested, in = {(void *)der, (unsigned)n};
    gnutls_datum_t signed_with = {(void *)signature->p, (unsigned)signature->n};
    gnutls_x509_crt_t crt;
    gnutls_pubkey_t key;
    if (digest(hash, piece, npieces, bytes, &digested) < 0 || gnutls_x509_crt_init(&crt) < 0)
        return false;
    bool good = false;
    if (gnutls_pubkey_init(&key) >= 0) {
        good = verify(crt, key, &in, hash, &digested, &signed_with) >= 0;
        gnutls_pubkey_deinit(key);
    }
    gnutls_x509_crt_deinit(crt);
    return good;
}

enum rl_code rl_rsa_sign(const struct rl_key *key, enum rl_rsa_hash hash,
                         const struct rl_bytes *piece, size_t npieces, uint8_t *out,
                         struct rl_err *err)
{
    uint8_t bytes[DIGEST_MAX];
    gnutls_datum_t digested, made = {0};
    int rc = rl_key_is_ec(key) ? GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM
                               : digest(hash, piece, npieces, bytes, &digested);
    if (rc >= 0)
        rc = gnutls_privkey_sign_hash(key->key, hashes[hash].digest, 0, &digested, &made);
    if (rc >= 0 && made.size == rl_key_bytes(key))
        memcpy(out, made.data, made.size);
    else if (rc >= 0)
        rc = GNUTLS_E_PK_SIGN_FAILED;
    gnutls_free(made.data);
    if (rc >= 0)
        return RL_OK;
    return rl_fail(err, RL_E_VALUE, "", "Nothing can be signed with this key: %s",
                   gnutls_strerror(rc));
}
