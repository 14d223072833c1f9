#include "pki/proof.h"

#include <gmp.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

enum { HASH_MAX = 64, MODULUS_MIN = 64, MODULUS_MAX = 1024, EXPONENT_MAX = 8, BLOCK_LEAST = 11 };

static const struct {
    gnutls_digest_algorithm_t digest;
    gnutls_sign_algorithm_t ecdsa;
    size_t bytes;
} hashes[] = {
    [RL_RSA_SHA1] = {GNUTLS_DIG_SHA1,   GNUTLS_SIGN_ECDSA_SHA1,   20},
    [RL_RSA_SHA512] = {GNUTLS_DIG_SHA512, GNUTLS_SIGN_ECDSA_SHA512, 64},
};

static bool digest(enum rl_rsa_hash hash, const struct rl_bytes *piece, size_t npieces,
                   uint8_t out[HASH_MAX])
{
    gnutls_hash_hd_t state;
    int rc = gnutls_hash_init(&state, hashes[hash].digest);
    if (rc < 0)
        return false;
    for (size_t i = 0; rc >= 0 && i < npieces; i++)
        rc = piece[i].n ? gnutls_hash(state, piece[i].p, piece[i].n) : 0;
    gnutls_hash_deinit(state, out);
    return rc >= 0;
}

/* 00 01 ff .. ff 00 and the hash (RFC 8017 9.2, without DigestInfo). */
static bool is_bare(const uint8_t *block, size_t n, const uint8_t *hash, size_t nhash)
{
    size_t pad = n - nhash - 3;
    if (n < nhash + BLOCK_LEAST || block[0] != 0 || block[1] != 1 || block[2 + pad] != 0)
        return false;
    for (size_t i = 0; i < pad; i++)
        if (block[2 + i] != 0xff)
            return false;
    return memcmp(block + 3 + pad, hash, nhash) == 0;
}

/* signature ^ e mod m, as long as the modulus. False: out of range. */
static bool raise(const gnutls_datum_t *m, const gnutls_datum_t *e,
                  const struct rl_bytes *signature, uint8_t *block, size_t n)
{
    mpz_t zm, ze, zs;
    mpz_inits(zm, ze, zs, NULL);
    mpz_import(zm, m->size, 1, 1, 1, 0, m->data);
    mpz_import(ze, e->size, 1, 1, 1, 0, e->data);
    mpz_import(zs, signature->n, 1, 1, 1, 0, signature->p);
    bool good = mpz_sgn(zm) > 0 && mpz_odd_p(zm) && mpz_cmp(zs, zm) < 0;
    if (good) {
        mpz_powm(zs, zs, ze, zm);
        size_t len = (mpz_sizeinbase(zs, 2) + 7) / 8;
        memset(block, 0, n);
        if (mpz_sgn(zs) != 0)
            mpz_export(block + n - len, NULL, 1, 1, 1, 0, zs);
    }
    mpz_clears(zm, ze, zs, NULL);
    return good;
}

static void skip_zeros(gnutls_datum_t *number)
{
    while (number->size > 0 && number->data[0] == 0) {
        number->data++;
        number->size--;
    }
}

static bool bare_holds(gnutls_pubkey_t key, const uint8_t *hash, size_t nhash,
                       const struct rl_bytes *signature)
{
    gnutls_datum_t m = {0}, e = {0};
    uint8_t block[MODULUS_MAX];
    if (gnutls_pubkey_export_rsa_raw2(key, &m, &e, 0) < 0)
        return false;
    gnutls_datum_t modulus = m, exponent = e;
    skip_zeros(&modulus);
    skip_zeros(&exponent);
    bool good = modulus.size >= MODULUS_MIN && modulus.size <= MODULUS_MAX &&
                exponent.size <= EXPONENT_MAX && signature->n == modulus.size &&
                raise(&modulus, &exponent, signature, block, modulus.size) &&
                is_bare(block, modulus.size, hash, nhash);
    gnutls_free(m.data);
    gnutls_free(e.data);
    return good;
}

/* Systems may forbid SHA-1, and phones that know nothing else are in use: it is allowed here. */
static bool ecdsa_holds(gnutls_pubkey_t key, enum rl_rsa_hash hash, uint8_t *bytes,
                        const struct rl_bytes *signature)
{
    gnutls_datum_t digested = {bytes, (unsigned)hashes[hash].bytes};
    gnutls_datum_t with = {(void *)signature->p, (unsigned)signature->n};
    return gnutls_pubkey_verify_hash2(key, hashes[hash].ecdsa, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1,
                                      &digested, &with) >= 0;
}

/* The key of a certificate; NULL if it is none. Owned. */
static gnutls_pubkey_t key_of(const void *der, size_t n)
{
    gnutls_datum_t in = {(void *)der, (unsigned)n};
    gnutls_x509_crt_t crt;
    gnutls_pubkey_t key = NULL;
    if (gnutls_x509_crt_init(&crt) < 0)
        return NULL;
    if (gnutls_x509_crt_import(crt, &in, GNUTLS_X509_FMT_DER) >= 0 &&
        gnutls_pubkey_init(&key) >= 0 && gnutls_pubkey_import_x509(key, crt, 0) < 0) {
        gnutls_pubkey_deinit(key);
        key = NULL;
    }
    gnutls_x509_crt_deinit(crt);
    return key;
}

bool rl_proof_holds(const void *der, size_t n, enum rl_rsa_hash hash, const struct rl_bytes *piece,
                    size_t npieces, const struct rl_bytes *signature)
{
    uint8_t bytes[HASH_MAX];
    bool good = false;
    gnutls_pubkey_t key =
        signature->n && digest(hash, piece, npieces, bytes) ? key_of(der, n) : NULL;
    if (!key)
        return false;
    int kind = gnutls_pubkey_get_pk_algorithm(key, NULL);
    if (kind == GNUTLS_PK_RSA)
        good = bare_holds(key, bytes, hashes[hash].bytes, signature) ||
               rl_rsa_verify(der, n, hash, piece, npieces, signature);
    else if (kind == GNUTLS_PK_EC)
        good = ecdsa_holds(key, hash, bytes, signature);
    gnutls_pubkey_deinit(key);
    return good;
}

bool rl_proof_same(const void *a, size_t na, const void *b, size_t nb)
{
    return na == nb && (na == 0 || gnutls_memcmp(a, b, na) == 0);
}

/* Of a byte the values up to 249 fall evenly on the digits. */
enum rl_code rl_proof_digits(char *out, size_t n, struct rl_err *err)
{
    uint8_t byte;
    for (size_t i = 0; i < n;) {
        if (gnutls_rnd(GNUTLS_RND_KEY, &byte, 1) < 0)
            return rl_fail(err, RL_E_INTERNAL, "", "The system gives no random numbers.");
        if (byte < 250)
            out[i++] = (char)('0' + byte % 10);
    }
    out[n] = '\0';
    return RL_OK;
}
