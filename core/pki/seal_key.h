/* Inside pki: the head of a sealed file, and how the key of its parts comes from it. */
#ifndef RL_PKI_SEAL_KEY_H
#define RL_PKI_SEAL_KEY_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "pki/seal.h"

enum {
    RL_SEAL_SALT = 32,
    RL_SEAL_KEY = 32,
    RL_SEAL_ID = 32,
    RL_SEAL_CHECK = 16,
    RL_SEAL_SUM = 8,
    RL_SEAL_NONCE = 12,
    RL_SEAL_SECRET_MAX = 66, /* the x of a point of P-521 */
    RL_SEAL_WRAPPED_MAX = 2048,
    RL_SEAL_FIXED = 86, /* bytes before what is wrapped */
    RL_SEAL_HEAD_MAX = RL_SEAL_FIXED + RL_SEAL_WRAPPED_MAX + RL_SEAL_CHECK + RL_SEAL_SUM
};

extern const uint8_t rl_seal_magic[8];

enum rl_seal_kind { RL_SEAL_PASSPHRASE = 1, RL_SEAL_RSA, RL_SEAL_EC };
enum rl_seal_cipher { RL_SEAL_AES_256_GCM = 1 };

/* What the head says. */
struct rl_seal_head {
    uint8_t kind;
    uint32_t iterations; /* of PBKDF2; 0 = without passphrase */
    uint8_t salt[RL_SEAL_SALT];
    uint8_t id[RL_SEAL_ID]; /* of the certificate's key; zeros with a passphrase */
    uint8_t wrapped[RL_SEAL_WRAPPED_MAX];
    uint16_t nwrapped;
};

/* What only the two ends know. */
struct rl_seal_secret {
    uint8_t bytes[RL_SEAL_SECRET_MAX];
    size_t n;
};

/* The bytes before key check and sum, appended. */
void rl_seal_head_write(const struct rl_seal_head *head, struct rl_buf *out);

/* The key of the parts and the key check, from the secret and the bytes of the head. */
int rl_seal_derive(const struct rl_seal_head *head, const struct rl_buf *bytes,
                   const struct rl_seal_secret *secret, uint8_t key[RL_SEAL_KEY],
                   uint8_t check[RL_SEAL_CHECK]);

/* The nonce of a part. */
void rl_seal_nonce(uint64_t part, bool last, uint8_t out[RL_SEAL_NONCE]);

/* Ways to agree on a secret; all return a GnuTLS code. */
int rl_seal_stretch(const struct rl_seal_head *head, const char *passphrase,
                    struct rl_seal_secret *secret);
int rl_seal_wrap(gnutls_pubkey_t recipient, struct rl_seal_head *head,
                 struct rl_seal_secret *secret);
int rl_seal_unwrap(gnutls_privkey_t key, const struct rl_seal_head *head,
                   struct rl_seal_secret *secret);

/* SHA-256 over the public key in DER form (SubjectPublicKeyInfo). */
int rl_seal_id(gnutls_pubkey_t key, uint8_t id[RL_SEAL_ID]);

/* ec.c: ephemeral ECDH, of which GnuTLS 3.7 has none to offer. The point is written as 04 x y. */
int rl_ec_agree_new(gnutls_pubkey_t recipient, uint8_t *point, uint16_t *npoint,
                    struct rl_seal_secret *secret);
int rl_ec_agree(gnutls_privkey_t key, const uint8_t *point, size_t npoint,
                struct rl_seal_secret *secret);

#endif
