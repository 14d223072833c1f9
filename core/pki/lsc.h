/* Locally significant certificates: what CAPF makes for the key of a phone (capf.md 7, 8). */
#ifndef RL_PKI_LSC_H
#define RL_PKI_LSC_H

#include <stdbool.h>
#include <stdint.h>

#include "pki/key.h"
#include "ringlock/buf.h"

/* What key a SubjectPublicKeyInfo (DER) holds: RSA or (*ec) one on a named curve. False: it is
 * none of these, not in the one form that DER has, or something stands behind it. */
bool rl_lsc_key(const void *spki, size_t n, bool *ec, unsigned *bits);

struct rl_lsc_request {
    const char *device;      /* the SAN, of type URI */
    const char *common_name; /* of the subject; the rest of it is the issuer's */
    int64_t from_us;         /* wall clock */
    int days;                /* of validity; none outlives its issuer */
    bool sha1;               /* signed as phones before R131 take it */
};
/* Make a certificate for the key that is signed by `key`, that of the certificate `issuer` (DER).
 * Its DER form is appended to `out`. E-CERT-GEN. From any thread. */
enum rl_code rl_lsc_make(const struct rl_lsc_request *request, const void *spki, size_t nspki,
                         const struct rl_key *key, const void *issuer, size_t nissuer,
                         struct rl_buf *out, struct rl_err *err);

#endif
