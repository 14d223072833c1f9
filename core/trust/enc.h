/* Encrypted files (.enc.sgn): a header, and the file as AES-CBC cipher text. The key is of this
 * file alone, and wrapped for the one device that may read it. */
#ifndef RL_TRUST_ENC_H
#define RL_TRUST_ENC_H

#include "trust/header.h"

/* Borrows from the file. */
struct rl_enc {
    struct rl_trust_header header;
    struct rl_trust_signed over;
    struct rl_bytes text; /* cipher text: whole blocks */
};

/* Read one; `name` is what was asked for, and what the header must say, NULL for any. The signature
 * is not looked at. E-TRUST-FILE; W-TRUST-FILE in `warnings` (may be NULL). */
enum rl_code rl_enc_read(const void *bytes, size_t n, const char *object, const char *name,
                         struct rl_enc *out, struct rl_problems *warnings, struct rl_err *err);

/* What encrypting gives beside the cipher text. */
struct rl_enc_sealed {
    uint8_t iv[RL_TRUST_BLOCK];
    uint8_t key[RL_TRUST_SIGNATURE_MAX]; /* wrapped */
    size_t nkey;
    uint8_t digest[RL_TRUST_DIGEST_MAX];
};

/* Encrypt `padded` bytes of `text` in place, of which the first n are the file; `digest` is of
 * these, by `hash`. */
struct rl_enc_sealer {
    enum rl_code (*seal)(void *ctx, uint8_t hash, uint8_t *text, size_t n, size_t padded,
                         struct rl_enc_sealed *out, struct rl_err *err);
    void *ctx;
};

/* Write the encrypted file of the n bytes of `plain`. The header's `sealed` is not looked at; else
 * as rl_trust_file_write. */
enum rl_code rl_enc_write(const struct rl_trust_header *header, const char *object,
                          const void *plain, size_t n, const struct rl_enc_sealer *sealer,
                          const struct rl_trust_signer *signer, struct rl_buf *out,
                          struct rl_err *err);

/* Unwrap the key and decrypt `text` in place; afterwards tell the digest of its first n bytes. */
struct rl_enc_opener {
    enum rl_code (*open)(void *ctx, const struct rl_trust_header *header, uint8_t *text,
                         size_t padded, struct rl_err *err);
    enum rl_code (*digest)(void *ctx, uint8_t hash, const uint8_t *text, size_t n, uint8_t *out,
                           struct rl_err *err);
    void *ctx;
};

/* Append the plain text of a file that was read. E-TRUST-FILE if it is not what its digest says,
 * and what `opener` gives. */
enum rl_code rl_enc_open(const struct rl_enc *enc, const char *object,
                         const struct rl_enc_opener *opener, struct rl_buf *out,
                         struct rl_err *err);

#endif
