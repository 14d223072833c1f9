/* A file of certificates, as people upload it: one, or one with those that signed it. PEM, with any
 * text around it, or one certificate in DER. */
#ifndef RL_PKI_BUNDLE_H
#define RL_PKI_BUNDLE_H

#include "pki/cert.h"

enum { RL_BUNDLE_MAX = 16 };

/* The one that is meant first, then its issuer, and so on up. */
struct rl_bundle {
    struct rl_cert cert[RL_BUNDLE_MAX];
    size_t n;
};

/* Read a file, whole or not at all; rl_bundle_fini frees what is in `out` on success. `object`
 * names the file in the error. E-CERT-PRIVATE-KEY for a private key anywhere in it, whatever its
 * form and its label; E-CERT-PKCS12; E-CERT-PARSE for all that is no certificate; E-CERT-CHAIN for
 * certificates that do not sign each other in one line, for one of which the signature is not its
 * own, and for more than RL_BUNDLE_MAX (R9, R10). */
enum rl_code rl_bundle_read(const void *bytes, size_t n, const char *object, struct rl_bundle *out,
                            struct rl_err *err);
void rl_bundle_fini(struct rl_bundle *bundle);

#endif
