/* Sealed files: bytes that only the holder of a passphrase, or of the private key of a certificate,
 * can read, in parts of which none can be changed, moved, left out or added unnoticed. The form is
 * told byte by byte in ringlock-backup(5). */
#ifndef RL_PKI_SEAL_H
#define RL_PKI_SEAL_H

#include <stdint.h>
#include <stdio.h>

#include "ringlock/buf.h"
#include "ringlock/err.h"

enum {
    RL_SEAL_VERSION = 1,
    RL_SEAL_CHUNK = 64 * 1024,  /* bytes of plain text in every part but the last */
    RL_SEAL_TAG = 16,           /* bytes that a part is longer when sealed */
    RL_SEAL_PASSPHRASE_MIN = 12 /* bytes */
};

struct rl_seal;

/* Begin to seal with a passphrase: takes a second of computing. E-VALUE if it is too short. */
enum rl_code rl_seal_to_passphrase(const char *passphrase, struct rl_seal **out,
                                   struct rl_err *err);
/* Begin to seal to a certificate, PEM or DER, with an RSA key of 2048 bits or more or an EC key of
 * P-256, P-384 or P-521; `object` names it in the error. Its dates are not looked at.
 * E-CERT-PARSE, E-CERT-WEAK. */
enum rl_code rl_seal_to_certificate(const void *bytes, size_t n, const char *object,
                                    struct rl_seal **out, struct rl_err *err);
/* What the file begins with; borrowed until rl_seal_free. */
const struct rl_buf *rl_seal_head(const struct rl_seal *seal);
/* Append the next part: RL_SEAL_CHUNK bytes, or with `last` up to so many. */
enum rl_code rl_seal_chunk(struct rl_seal *seal, const void *plain, size_t n, bool last,
                           struct rl_buf *out, struct rl_err *err);
/* Length of the whole file for so many bytes of plain text. */
int64_t rl_seal_length(const struct rl_seal *seal, int64_t plain);
void rl_seal_free(struct rl_seal **seal); /* wipes the key */

/* Who may open it: what is given; the others are NULL. */
struct rl_seal_key {
    const char *passphrase; /* also that of an encrypted private key */
    const char *pem;        /* a private key, PEM */
    size_t npem;
};

struct rl_unseal;

/* Read the head of a sealed file; `in` is borrowed until rl_unseal_free, `name` names the file in
 * errors. E-BACKUP-FOREIGN, E-BACKUP-DAMAGED, E-SITE-NEWER. */
enum rl_code rl_unseal_open(FILE *in, const char *name, struct rl_unseal **out, struct rl_err *err);
/* True if it asks for a private key, false for a passphrase. */
bool rl_unseal_needs_key(const struct rl_unseal *u);
/* Find the key of the parts. E-BACKUP-KEY if what is given is not what it was sealed with. */
enum rl_code rl_unseal_unlock(struct rl_unseal *u, const struct rl_seal_key *key,
                              struct rl_err *err);
/* The next part, borrowed until the next call; *plain is NULL after the last. E-BACKUP-DAMAGED,
 * E-IO. */
enum rl_code rl_unseal_next(struct rl_unseal *u, const uint8_t **plain, size_t *n,
                            struct rl_err *err);
void rl_unseal_free(struct rl_unseal **u);

#endif
