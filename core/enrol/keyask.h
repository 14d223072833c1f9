/* What enrol asks of a private key: the bytes that a TLS handshake wants signed, or the premaster
 * secret of an RSA key exchange decrypted. One packet each way, one question at a time. */
#ifndef RL_ENROL_KEYASK_H
#define RL_ENROL_KEYASK_H

#include "ringlock/buf.h"

enum { RL_KEYASK_MAX = 1024, RL_KEYASK_FINGERPRINT = 32 };

enum rl_keyask_op { RL_KEYASK_SIGN, RL_KEYASK_DECRYPT };

struct rl_keyask {
    uint8_t op;                  /* enum rl_keyask_op */
    uint16_t scheme;             /* SIGN: as in RFC 8446 4.2.3 */
    struct rl_bytes fingerprint; /* 32 bytes: SHA-256 of the certificate that the key belongs to */
    struct rl_bytes data;        /* to be hashed and signed; the encrypted secret */
};

/* Append a packet. */
void rl_keyask_encode(const struct rl_keyask *ask, struct rl_buf *out);
/* Borrowed from `bytes`; false if it is none. */
bool rl_keyask_decode(const uint8_t *bytes, size_t n, struct rl_keyask *ask);

#endif
