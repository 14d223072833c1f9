/* Inside pki: who signed whom. */
#ifndef RL_PKI_CHAIN_H
#define RL_PKI_CHAIN_H

#include <gnutls/x509.h>
#include <stdbool.h>

/* True if the issuer's key proves the signature of the certificate, whatever the hash is worth and
 * whatever the two are called. */
bool rl_crt_signed(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer);

#endif
