/* What a TLS server signs with its certificate's key: nothing else may be signed for enrol, which
 * reads bytes from the network. Pure. */
#ifndef RL_POLICY_TLSFORM_H
#define RL_POLICY_TLSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True for the content of a TLS 1.3 CertificateVerify of a server (RFC 8446 4.4.3), or of a TLS 1.2
 * ServerKeyExchange with an elliptic curve (RFC 8422 5.4) that cannot be read as the inside of a
 * certificate as well. `scheme` as in RFC 8446 4.2.3: RSA with SHA-256 to SHA-512, and only PSS in
 * TLS 1.3. */
bool rl_policy_tls_signable(uint16_t scheme, const uint8_t *data, size_t n);

#endif
