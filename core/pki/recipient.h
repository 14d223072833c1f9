/* Whom a configuration file is encrypted for: the holder of a certificate with an RSA key (its AES
 * key wrapped by RSAES-PKCS1-v1_5, RFC 8017 7.2), or of a key typed in at the phone. */
#ifndef RL_PKI_RECIPIENT_H
#define RL_PKI_RECIPIENT_H

#include "pki/rsa.h"

enum {
    RL_RECIPIENT_BLOCK = 16,       /* bytes of an AES block, key and IV */
    RL_RECIPIENT_WRAPPED_MAX = 512 /* bytes of RSA 4096 */
};

struct rl_recipient;

/* From a certificate (DER); `object` names it in errors. E-CERT-PARSE; W-ENC-KEY if its key is not
 * RSA of 512 to 4096 bits: nothing can be encrypted for that. */
enum rl_code rl_recipient_read(const void *der, size_t n, const char *object,
                               struct rl_recipient **out, struct rl_err *err);
/* From a key of 16 or 32 bytes, copied. */
struct rl_recipient *rl_recipient_typed(const uint8_t *key, size_t n);
void rl_recipient_free(struct rl_recipient **recipient); /* NULL-safe; wipes the key */

/* What goes beside the cipher text. */
struct rl_recipient_sealed {
    uint8_t iv[RL_RECIPIENT_BLOCK];
    uint8_t key[RL_RECIPIENT_WRAPPED_MAX]; /* wrapped */
    size_t nkey;
    uint8_t digest[64]; /* of the plain text */
};

/* Encrypt `padded` bytes in place, whole blocks of which the first n are digested, with a fresh key
 * and IV by AES-128-CBC. A typed-in key wraps the fresh one as a single block. E-INTERNAL. */
enum rl_code rl_recipient_seal(const struct rl_recipient *recipient, enum rl_rsa_hash hash,
                               uint8_t *text, size_t n, size_t padded,
                               struct rl_recipient_sealed *out, struct rl_err *err);

/* MD5 of a certificate in 32 lower-case hexadecimal digits, by which phones know it (certHash). */
void rl_pki_md5(const void *der, size_t n, char out[33]);

#endif
