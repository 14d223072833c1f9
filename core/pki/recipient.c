#include "pki/recipient.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RSA_MIN = 512, RSA_MAX = 4096, TYPED_MAX = 32 };

struct rl_recipient {
    gnutls_pubkey_t key; /* NULL: it is typed in */
    uint8_t typed[TYPED_MAX];
    size_t ntyped;
};

static int load(gnutls_x509_crt_t crt, gnutls_pubkey_t key, const void *der, size_t n)
{
    gnutls_datum_t datum = {(unsigned char *)der, (unsigned)n};
    int rc = gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER);
    return rc < 0 ? rc : gnutls_pubkey_import_x509(key, crt, 0);
}

static enum rl_code check_key(gnutls_pubkey_t key, const char *object, struct rl_err *err)
{
    unsigned bits;
    int kind = gnutls_pubkey_get_pk_algorithm(key, &bits);
    if (kind == GNUTLS_PK_RSA && bits >= RSA_MIN && bits <= RSA_MAX && bits % 8 == 0)
        return RL_OK;
    return rl_fail(err, RL_W_ENC_KEY, object,
                   "Nothing can be encrypted for %s: its key is %s with %u bits, and a "
                   "configuration file needs RSA with %d to %d.",
                   object, gnutls_pk_algorithm_get_name(kind), bits, RSA_MIN, RSA_MAX);
}

enum rl_code rl_recipient_read(const void *der, size_t n, const char *object,
                               struct rl_recipient **out, struct rl_err *err)
{
    struct rl_recipient *r = rl_alloc(sizeof *r);
    gnutls_x509_crt_t crt = NULL;
    int rc = gnutls_x509_crt_init(&crt);
    if (rc >= 0)
        rc = gnutls_pubkey_init(&r->key);
    if (rc >= 0)
        rc = load(crt, r->key, der, n);
    gnutls_x509_crt_deinit(crt);
    enum rl_code code = rc >= 0 ? check_key(r->key, object, err)
                                : rl_fail(err, RL_E_CERT_PARSE, object, "%s cannot be read: %s.",
                                          object, gnutls_strerror(rc));
    if (code)
        rl_recipient_free(&r);
    *out = r;
    return code;
}

struct rl_recipient *rl_recipient_typed(const uint8_t *key, size_t n)
{
    struct rl_recipient *r = rl_alloc(sizeof *r);
    r->ntyped = n < TYPED_MAX ? n : TYPED_MAX;
    memcpy(r->typed, key, r->ntyped);
    return r;
}

void rl_recipient_free(struct rl_recipient **recipient)
{
    if (!*recipient)
        return;
    if ((*recipient)->key)
        gnutls_pubkey_deinit((*recipient)->key);
    rl_wipe_free(*recipient);
    *recipient = NULL;
}

static int encrypt(const uint8_t *key, size_t nkey, const uint8_t iv[RL_RECIPIENT_BLOCK],
                   uint8_t *text, size_t n)
{
    gnutls_cipher_hd_t cipher;
    gnutls_datum_t k = {(unsigned char *)key, (unsigned)nkey},
                   v = {(unsigned char *)iv, RL_RECIPIENT_BLOCK};
    int rc = gnutls_cipher_init(
        &cipher, nkey == TYPED_MAX ? GNUTLS_CIPHER_AES_256_CBC : GNUTLS_CIPHER_AES_128_CBC, &k, &v);
    if (rc < 0)
        return rc;
    rc = gnutls_cipher_encrypt(cipher, text, n);
    gnutls_cipher_deinit(cipher);
    return rc;
}

/* A single block with an IV of zeros is the block itself, encrypted. */
static int wrap_typed(const struct rl_recipient *r, const uint8_t *key,
                      struct rl_recipient_sealed *out)
{
    static const uint8_t zeros[RL_RECIPIENT_BLOCK];
    memcpy(out->key, key, RL_RECIPIENT_BLOCK);
    out->nkey = RL_RECIPIENT_BLOCK;
    return encrypt(r->typed, r->ntyped, zeros, out->key, out->nkey);
}

static int wrap(const struct rl_recipient *r, const uint8_t *key, struct rl_recipient_sealed *out)
{
    gnutls_datum_t plain = {(unsigned char *)key, RL_RECIPIENT_BLOCK}, made = {0};
    if (!r->key)
        return wrap_typed(r, key, out);
    int rc = gnutls_pubkey_encrypt_data(r->key, 0, &plain, &made);
    if (rc >= 0 && made.size <= sizeof out->key) {
        memcpy(out->key, made.data, made.size);
        out->nkey = made.size;
    } else if (rc >= 0) {
        rc = GNUTLS_E_INTERNAL_ERROR;
    }
    gnutls_free(made.data);
    return rc;
}

enum rl_code rl_recipient_seal(const struct rl_recipient *recipient, enum rl_rsa_hash hash,
                               uint8_t *text, size_t n, size_t padded,
                               struct rl_recipient_sealed *out, struct rl_err *err)
{
    uint8_t key[RL_RECIPIENT_BLOCK];
    int rc = gnutls_hash_fast(hash == RL_RSA_SHA512 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA1, text, n,
                              out->digest);
    if (rc >= 0)
        rc = gnutls_rnd(GNUTLS_RND_KEY, key, sizeof key);
    if (rc >= 0)
        rc = gnutls_rnd(GNUTLS_RND_NONCE, out->iv, sizeof out->iv);
    if (rc >= 0)
        rc = wrap(recipient, key, out);
    if (rc >= 0)
        rc = encrypt(key, sizeof key, out->iv, text, padded);
    gnutls_memset(key, 0, sizeof key);
    if (rc >= 0)
        return RL_OK;
    return rl_fail(err, RL_E_INTERNAL, "", "A configuration file could not be encrypted: %s.",
                   gnutls_strerror(rc));
}

void rl_pki_md5(const void *der, size_t n, char out[33])
{
    uint8_t digest[16] = {0};
    gnutls_hash_fast(GNUTLS_DIG_MD5, der, n, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}
