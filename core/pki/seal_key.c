#include "pki/seal_key.h"

#include <string.h>

/* As PNG does: whoever takes the file for text changes its first bytes. */
const uint8_t rl_seal_magic[8] = {0x89, 'R', 'L', 'B', '\r', '\n', 0x1a, '\n'};

void rl_seal_head_write(const struct rl_seal_head *head, struct rl_buf *out)
{
    rl_buf_add(out, rl_seal_magic, sizeof rl_seal_magic);
    rl_buf_u16(out, RL_SEAL_VERSION);
    rl_buf_addc(out, (char)head->kind);
    rl_buf_addc(out, RL_SEAL_AES_256_GCM);
    rl_buf_u32(out, RL_SEAL_CHUNK);
    rl_buf_u32(out, head->iterations);
    rl_buf_add(out, head->salt, sizeof head->salt);
    rl_buf_add(out, head->id, sizeof head->id);
    rl_buf_u16(out, head->nwrapped);
    rl_buf_add(out, head->wrapped, head->nwrapped);
}

static int expand(const gnutls_datum_t *prk, const char *purpose, const struct rl_buf *head,
                  uint8_t *out, size_t n)
{
    struct rl_buf info = {0};
    rl_buf_adds(&info, purpose);
    rl_buf_add(&info, head->data, head->len);
    const gnutls_datum_t datum = {(void *)info.data, (unsigned)info.len};
    int rc = gnutls_hkdf_expand(GNUTLS_MAC_SHA256, prk, &datum, out, n);
    rl_buf_fini(&info);
    return rc;
}

int rl_seal_derive(const struct rl_seal_head *head, const struct rl_buf *bytes,
                   const struct rl_seal_secret *secret, uint8_t key[RL_SEAL_KEY],
                   uint8_t check[RL_SEAL_CHECK])
{
    uint8_t prk[32];
    const gnutls_datum_t in = {(void *)secret->bytes, (unsigned)secret->n};
    const gnutls_datum_t salt = {(void *)head->salt, sizeof head->salt};
    const gnutls_datum_t out = {prk, sizeof prk};
    int rc = gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &in, &salt, prk);
    if (rc >= 0)
        rc = expand(&out, "ringlock backup key", bytes, key, RL_SEAL_KEY);
    if (rc >= 0)
        rc = expand(&out, "ringlock backup check", bytes, check, RL_SEAL_CHECK);
    gnutls_memset(prk, 0, sizeof prk);
    return rc;
}

void rl_seal_nonce(uint64_t part, bool last, uint8_t out[RL_SEAL_NONCE])
{
    memset(out, 0, RL_SEAL_NONCE);
    for (int i = 0; i < 8; i++)
        out[RL_SEAL_NONCE - 2 - i] = (uint8_t)(part >> 8 * i);
    out[RL_SEAL_NONCE - 1] = last;
}

int rl_seal_stretch(const struct rl_seal_head *head, const char *passphrase,
                    struct rl_seal_secret *secret)
{
    const gnutls_datum_t in = {(void *)passphrase, (unsigned)strlen(passphrase)};
    const gnutls_datum_t salt = {(void *)head->salt, sizeof head->salt};
    secret->n = RL_SEAL_KEY;
    return gnutls_pbkdf2(GNUTLS_MAC_SHA512, &in, &salt, head->iterations, secret->bytes, secret->n);
}

int rl_seal_id(gnutls_pubkey_t key, uint8_t id[RL_SEAL_ID])
{
    gnutls_datum_t der = {0};
    int rc = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der);
    if (rc >= 0)
        rc = gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, id);
    gnutls_free(der.data);
    return rc;
}

/* PKCS#1 v1.5 (RFC 8017 7.2): the only encryption that GnuTLS 3.7 does with RSA. Its weakness is an
 * oracle that answers over and over; a file at rest asks nobody. */
static int wrap_rsa(gnutls_pubkey_t recipient, struct rl_seal_head *head,
                    struct rl_seal_secret *secret)
{
    gnutls_datum_t out = {0};
    secret->n = RL_SEAL_KEY;
    int rc = gnutls_rnd(GNUTLS_RND_KEY, secret->bytes, secret->n);
    const gnutls_datum_t in = {secret->bytes, (unsigned)secret->n};
    if (rc >= 0)
        rc = gnutls_pubkey_encrypt_data(recipient, 0, &in, &out);
    if (rc >= 0 && out.size > sizeof head->wrapped)
        rc = GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    if (rc >= 0) {
        memcpy(head->wrapped, out.data, out.size);
        head->nwrapped = (uint16_t)out.size;
    }
    gnutls_free(out.data);
    return rc;
}

int rl_seal_wrap(gnutls_pubkey_t recipient, struct rl_seal_head *head,
                 struct rl_seal_secret *secret)
{
    int rc = rl_seal_id(recipient, head->id);
    if (rc < 0)
        return rc;
    if (head->kind == RL_SEAL_RSA)
        return wrap_rsa(recipient, head, secret);
    return rl_ec_agree_new(recipient, head->wrapped, &head->nwrapped, secret);
}

int rl_seal_unwrap(gnutls_privkey_t key, const struct rl_seal_head *head,
                   struct rl_seal_secret *secret)
{
    if (head->kind == RL_SEAL_EC)
        return rl_ec_agree(key, head->wrapped, head->nwrapped, secret);
    const gnutls_datum_t in = {(void *)head->wrapped, head->nwrapped};
    secret->n = RL_SEAL_KEY;
    return gnutls_privkey_decrypt_data2(key, 0, &in, secret->bytes, secret->n);
}
