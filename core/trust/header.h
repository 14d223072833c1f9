/* The header of trust lists, signed files and encrypted files: who signed what, when, under which
 * name. One table of elements serves the three; what follows the header is its users'. */
#ifndef RL_TRUST_HEADER_H
#define RL_TRUST_HEADER_H

#include "trust/tlv.h"

/* Values of the header's hash element. SHA-256 has a number, and nothing that takes it. */
enum { RL_TRUST_SHA1 = 1, RL_TRUST_SHA512 = 3 };

enum {
    RL_TRUST_SIGNATURE_MAX = 512,
    RL_TRUST_BLOCK = 16,     /* bytes of AES */
    RL_TRUST_DIGEST_MAX = 64 /* bytes of SHA-512 */
};

struct rl_trust_header {
    uint32_t has;                         /* a bit for each element that may be left out */
    struct rl_tlv_version version;        /* of the header */
    uint16_t size;                        /* bytes of the whole header */
    struct rl_tlv_version signer_version; /* of lists; optional */
    struct rl_bytes signer, issuer;       /* names, as text */
    struct rl_bytes serial;               /* without zeros in front */
    uint8_t hash;                         /* RL_TRUST_SHA1 or RL_TRUST_SHA512 */
    uint8_t algorithm;                    /* 0: RSA, PKCS#1 v1.5 */
    uint8_t size_code;                    /* of the signature: 64 bytes << code */
    struct rl_bytes signature;            /* of an RSA key */
    struct rl_bytes file_name;            /* the name that phones ask for */
    uint32_t time;                        /* seconds since 1970 */
    struct rl_sealed_header {             /* of encrypted files alone */
        uint8_t mode, key_mode;           /* 0; nobody knows what they are for */
        struct rl_bytes iv;               /* of AES-CBC */
        uint16_t pad_count;               /* bytes to be taken off the end */
        uint16_t key_size;                /* of the device's RSA key, bits */
        uint8_t key_algorithm;            /* 1 */
        struct rl_bytes key;              /* of AES, encrypted to the device */
        uint8_t digest_algorithm;         /* as `hash` */
        struct rl_bytes digest;           /* of the plain text */
    } sealed;
};

/* The bit in `has` of the signer version. */
enum { RL_TRUST_HAS_SIGNER_VERSION = 1 << 28 };

/* What a signature is over: what stands before it, and what stands after it. */
struct rl_trust_signed {
    struct rl_bytes part[2];
};

/* Read the header of a file and check its numbers; texts and bytes are borrowed from the file.
 * `over` becomes what is signed. `name` is the name that was asked for, which the header must have,
 * or NULL. E-TRUST-FILE; W-TRUST-FILE for versions that nobody knows. */
enum rl_code rl_trust_header_read(struct rl_tlv_file *file, const char *name,
                                  struct rl_trust_header *out, struct rl_trust_signed *over);

/* Sign: fill n bytes of `out`. `hash` is as in the header. */
typedef enum rl_code (*rl_trust_sign_fn)(void *ctx, uint8_t hash,
                                         const struct rl_trust_signed *over, uint8_t *out, size_t n,
                                         struct rl_err *err);
struct rl_trust_signer {
    rl_trust_sign_fn sign;
    void *ctx;
};

/* Write the file of this header and the n bytes that follow it (`body`, may be NULL), and sign it.
 * `size` and `signature` of the header are not looked at; `out` is appended to, and left as it was
 * on failure. E-VALUE, and what `sign` gives. */
enum rl_code rl_trust_file_write(const struct rl_trust_header *header, enum rl_tlv_kind kind,
                                 const char *object, const void *body, size_t n,
                                 const struct rl_trust_signer *signer, struct rl_buf *out,
                                 struct rl_err *err);

/* Bytes of a digest by RL_TRUST_SHA1 or RL_TRUST_SHA512. */
size_t rl_trust_digest_bytes(uint8_t hash);

/* The size code of a signature of n bytes; -1 if there is none. */
int rl_trust_size_code(size_t n);

#endif
