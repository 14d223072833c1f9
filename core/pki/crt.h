/* Inside pki: what several readers take from a certificate. All return a GnuTLS code. */
#ifndef RL_PKI_CRT_H
#define RL_PKI_CRT_H

#include <gnutls/x509.h>
#include <stdint.h>

/* The type of its key ("RSA", "EC", ...; static) and the bits. */
int rl_crt_key(gnutls_x509_crt_t crt, const char **type, unsigned *bits);
/* From when to when it is valid, microseconds since 1970. */
int rl_crt_validity(gnutls_x509_crt_t crt, int64_t *not_before_us, int64_t *not_after_us);

#endif
