#include "pki/seal_key.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/x509.h>

/* So many rounds of HMAC-SHA-512: 600,000 is asked for with the cheaper SHA-256. */
enum { ITERATIONS = 600000, RSA_MIN_BITS = 2048 };

struct rl_seal {
    struct rl_buf head;
    gnutls_aead_cipher_hd_t cipher;
    uint64_t part;
};

static enum rl_code failed(struct rl_err *err, int rc)
{
    return rl_fail(err, RL_E_INTERNAL, "backup", "The backup cannot be sealed: %s",
                   gnutls_strerror(rc));
}

/* Head, key and cipher, once the secret is known. */
static int begin(const struct rl_seal_head *head, const struct rl_seal_secret *secret,
                 struct rl_seal *seal)
{
    uint8_t key[RL_SEAL_KEY], check[RL_SEAL_CHECK], sum[32];
    const gnutls_datum_t datum = {key, sizeof key};
    rl_seal_head_write(head, &seal->head);
    int rc = rl_seal_derive(head, &seal->head, secret, key, check);
    if (rc >= 0)
        rc = gnutls_aead_cipher_init(&seal->cipher, GNUTLS_CIPHER_AES_256_GCM, &datum);
    gnutls_memset(key, 0, sizeof key);
    if (rc < 0)
        return rc;
    rl_buf_add(&seal->head, check, sizeof check);
    rc = gnutls_hash_fast(GNUTLS_DIG_SHA256, seal->head.data, seal->head.len, sum);
    rl_buf_add(&seal->head, sum, RL_SEAL_SUM);
    return rc;
}

/* Takes what came of agreeing on the secret, wipes it. */
static enum rl_code finish(int rc, const struct rl_seal_head *head, struct rl_seal_secret *secret,
                           struct rl_seal **out, struct rl_err *err)
{
    struct rl_seal *seal = rl_alloc(sizeof *seal);
    if (rc >= 0)
        rc = begin(head, secret, seal);
    gnutls_memset(secret, 0, sizeof *secret);
    if (rc >= 0) {
        *out = seal;
        return RL_OK;
    }
    rl_seal_free(&seal);
    return failed(err, rc);
}

enum rl_code rl_seal_to_passphrase(const char *passphrase, struct rl_seal **out, struct rl_err *err)
{
    struct rl_seal_head head = {.kind = RL_SEAL_PASSPHRASE, .iterations = ITERATIONS};
    struct rl_seal_secret secret = {.n = 0};
    *out = NULL;
    if (strlen(passphrase) < RL_SEAL_PASSPHRASE_MIN) {
        rl_fail_field(err, RL_E_VALUE, "backup", "passphrase",
                      "The passphrase is shorter than %d bytes.", RL_SEAL_PASSPHRASE_MIN);
        rl_err_remedy(err, "Take a sentence, or several words.");
        return RL_E_VALUE;
    }
    int rc = gnutls_rnd(GNUTLS_RND_KEY, head.salt, sizeof head.salt);
    if (rc >= 0)
        rc = rl_seal_stretch(&head, passphrase, &secret);
    return finish(rc, &head, &secret, out, err);
}

static int read_recipient(const void *bytes, size_t n, gnutls_pubkey_t key)
{
    gnutls_x509_crt_t crt;
    const gnutls_datum_t in = {(void *)bytes, (unsigned)n};
    bool pem = memmem(bytes, n, "-----BEGIN", 10) != NULL;
    int rc = gnutls_x509_crt_init(&crt);
    if (rc < 0)
        return rc;
    rc = gnutls_x509_crt_import(crt, &in, pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER);
    if (rc >= 0)
        rc = gnutls_pubkey_import_x509(key, crt, 0);
    gnutls_x509_crt_deinit(crt);
    return rc;
}

/* The kind of head that the key asks for; 0 if nothing can be sealed to it. */
static enum rl_seal_kind kind_of(gnutls_pubkey_t key)
{
    unsigned bits = 0;
    gnutls_ecc_curve_t curve;
    switch (gnutls_pubkey_get_pk_algorithm(key, &bits)) {
    case GNUTLS_PK_RSA:
        return bits >= RSA_MIN_BITS && bits <= 8 * RL_SEAL_WRAPPED_MAX ? RL_SEAL_RSA : 0;
    case GNUTLS_PK_ECDSA:
        if (gnutls_pubkey_export_ecc_raw2(key, &curve, NULL, NULL, 0) < 0)
            return 0;
        return curve == GNUTLS_ECC_CURVE_SECP256R1 || curve == GNUTLS_ECC_CURVE_SECP384R1 ||
                       curve == GNUTLS_ECC_CURVE_SECP521R1
                   ? RL_SEAL_EC
                   : 0;
    default:
        return 0;
    }
}

static enum rl_code seal_to(gnutls_pubkey_t recipient, const char *object, struct rl_seal **out,
                            struct rl_err *err)
{
    struct rl_seal_head head = {.kind = (uint8_t)kind_of(recipient)};
    struct rl_seal_secret secret = {.n = 0};
    if (!head.kind) {
        rl_fail(err, RL_E_CERT_WEAK, object,
                "%s has a key that a backup cannot be sealed to: it takes RSA from %d bits on, or "
                "EC with P-256, P-384 or P-521.",
                object, RSA_MIN_BITS);
        rl_err_remedy(err, "Give another certificate, or use a passphrase.");
        return RL_E_CERT_WEAK;
    }
    int rc = gnutls_rnd(GNUTLS_RND_KEY, head.salt, sizeof head.salt);
    if (rc >= 0)
        rc = rl_seal_wrap(recipient, &head, &secret);
    return finish(rc, &head, &secret, out, err);
}

enum rl_code rl_seal_to_certificate(const void *bytes, size_t n, const char *object,
                                    struct rl_seal **out, struct rl_err *err)
{
    gnutls_pubkey_t key;
    enum rl_code code;
    *out = NULL;
    int rc = gnutls_pubkey_init(&key);
    if (rc < 0)
        return failed(err, rc);
    rc = read_recipient(bytes, n, key);
    if (rc < 0)
        code = rl_fail(err, RL_E_CERT_PARSE, object, "%s cannot be read as a certificate: %s",
                       object, gnutls_strerror(rc));
    else
        code = seal_to(key, object, out, err);
    gnutls_pubkey_deinit(key);
    return code;
}

const struct rl_buf *rl_seal_head(const struct rl_seal *seal)
{
    return &seal->head;
}

enum rl_code rl_seal_chunk(struct rl_seal *seal, const void *plain, size_t n, bool last,
                           struct rl_buf *out, struct rl_err *err)
{
    uint8_t nonce[RL_SEAL_NONCE], sealed[RL_SEAL_CHUNK + RL_SEAL_TAG];
    size_t nsealed = sizeof sealed;
    rl_seal_nonce(seal->part, last, nonce);
    int rc = gnutls_aead_cipher_encrypt(seal->cipher, nonce, sizeof nonce, seal->head.data,
                                        seal->head.len, RL_SEAL_TAG, plain, n, sealed, &nsealed);
    if (rc < 0)
        return failed(err, rc);
    seal->part++;
    rl_buf_add(out, sealed, nsealed);
    return RL_OK;
}

int64_t rl_seal_length(const struct rl_seal *seal, int64_t plain)
{
    int64_t parts = plain > 0 ? (plain + RL_SEAL_CHUNK - 1) / RL_SEAL_CHUNK : 1;
    return (int64_t)seal->head.len + plain + parts * RL_SEAL_TAG;
}

void rl_seal_free(struct rl_seal **seal)
{
    if (!*seal)
        return;
    if ((*seal)->cipher)
        gnutls_aead_cipher_deinit((*seal)->cipher);
    rl_buf_fini(&(*seal)->head);
    free(*seal);
    *seal = NULL;
}
