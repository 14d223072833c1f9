/* The parts of a certificate that a record of a trust list repeats. */
#ifndef RL_PKI_PARTS_H
#define RL_PKI_PARTS_H

#include "pki/dn.h"

struct rl_cert_parts {
    struct rl_dn subject, issuer;
    struct rl_buf serial;    /* without zero bytes in front, but at least one byte */
    struct rl_buf key;       /* what the BIT STRING of SubjectPublicKeyInfo holds */
    struct rl_buf signature; /* what that of the signature holds */
    const char *key_type;    /* "RSA", "EC", ...; static */
    unsigned key_bits;
    bool rsa, ec;     /* the kind of key; lists take no other */
    size_t key_bytes; /* of an RSA key: its modulus, and each signature made with it */
    int64_t not_before_us, not_after_us;
};

/* Read one certificate in DER, without a byte behind it. `out` is initialised, and holds nothing
 * after a failure. `object` names the certificate in the error: E-CERT-PARSE. Names are
 * read here, in linear time; what GnuTLS does with 48 KB of them takes 0.15 s. */
enum rl_code rl_cert_parts_read(const void *der, size_t n, const char *object,
                                struct rl_cert_parts *out, struct rl_err *err);
void rl_cert_parts_fini(struct rl_cert_parts *parts);

#endif
