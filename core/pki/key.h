/* Private keys of our own, RSA or EC: made, read, kept loaded. Once read a key does not change: any
 * number of threads may sign with one at a time. */
#ifndef RL_PKI_KEY_H
#define RL_PKI_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "ringlock/err.h"

struct rl_key;

/* What can be made (profiles.md 9). */
enum rl_key_kind {
    RL_KEY_RSA_2048,
    RL_KEY_RSA_3072,
    RL_KEY_RSA_4096,
    RL_KEY_EC_256,
    RL_KEY_EC_384,
    RL_KEY_EC_521,
    RL_KEY_KINDS
};

/* Make a key as the file `path`, PEM (PKCS #8), mode 0600, synchronised to the disk with its
 * directory. The file may not exist before. *out is owned: rl_key_free. E-CERT-GEN: then there is
 * no such file. Takes from milliseconds to seconds. */
enum rl_code rl_key_make(enum rl_key_kind kind, const char *path, struct rl_key **out,
                         struct rl_err *err);

/* Read a key from PEM text, which may have certificates around it. `object` names it in errors:
 * E-VALUE if there is none, or one of another kind. *out is owned, NULL after a failure. */
enum rl_code rl_key_read(const void *pem, size_t n, const char *object, struct rl_key **out,
                         struct rl_err *err);
/* The same from a file; E-SITE-DAMAGED if it cannot be read. */
enum rl_code rl_key_load(const char *path, struct rl_key **out, struct rl_err *err);
void rl_key_free(struct rl_key **key); /* NULL-safe */

/* EC, or else RSA. */
bool rl_key_is_ec(const struct rl_key *key);
/* Bytes of the modulus and of each signature of an RSA key; of the field of an EC key. */
size_t rl_key_bytes(const struct rl_key *key);
/* True if it is the key of the certificate (DER). */
bool rl_key_fits(const struct rl_key *key, const void *der, size_t n);

#endif
