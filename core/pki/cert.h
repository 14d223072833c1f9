/* Certificates: read, made, stored. The rooms outside see plain data and PEM text, never GnuTLS. */
#ifndef RL_PKI_CERT_H
#define RL_PKI_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pki/key.h"
#include "ringlock/buf.h"

/* What a certificate is used for; one certificate may have several roles (R8, R9). */
enum rl_cert_role {
    RL_CERT_CALLMANAGER = 1 << 0,
    RL_CERT_TFTP = 1 << 1,
    RL_CERT_CAPF = 1 << 2,
    RL_CERT_TVS = 1 << 3,
    RL_CERT_ITLRECOVERY = 1 << 4
};

struct rl_san {
    const char *type; /* "DNS", "IP", "URI", "email", "DN", "other"; static */
    char *value;      /* safe text, see struct rl_cert */
};

/* All that R9 asks for. Texts are safe to show. In names (SANs, the CN) a backslash, a ';' and a
 * blank at an end stand as \xNN, and so does in a DNS name all that is not printable ASCII: NUL,
 * blanks, foreign letters. No name of a profile holds a backslash, so that what had to be written
 * in this way equals none (R102). */
struct rl_cert {
    unsigned roles;         /* rl_cert_role; set by who loads it, 0 after rl_cert_parse */
    bool self_signed;       /* its own key proves its signature */
    bool forged;            /* it names itself as its issuer, and its own key does not */
    bool ca;                /* may sign certificates (RFC 5280 4.2.1.3, 4.2.1.9) */
    char *subject, *issuer; /* RFC 4514 */
    char *common_name;      /* the last CN of the subject, or "" */
    char *serial;           /* hexadecimal */
    int64_t not_before_us, not_after_us;
    const char *key_type; /* "RSA", "RSA-PSS", "EC", "Ed25519", ...; static */
    unsigned key_bits;
    const char *signature_hash; /* "SHA256"; static */
    struct rl_san *san;
    size_t nsan;
    char fingerprint[65];     /* SHA-256 over the DER form, hexadecimal */
    char pem_fingerprint[65]; /* over `pem`: what Kamailio and OpenSIPS tell of a TLS peer */
    char *pem;                /* with lines of 64 and a line feed at the end (RFC 7468) */
    void *der;
    size_t nder;
};

/* Read one certificate, PEM or DER. `out` is initialised on success; rl_cert_fini frees what is in
 * it. `object` names the source in the error (E-CERT-PARSE, R9): one field that cannot be read
 * refuses it. */
enum rl_code rl_cert_parse(const void *bytes, size_t n, const char *object, struct rl_cert *out,
                           struct rl_err *err);
/* The same for a file. E-IO, E-CERT-PARSE. */
enum rl_code rl_cert_load(const char *path, struct rl_cert *out, struct rl_err *err);
void rl_cert_fini(struct rl_cert *cert);

/* True if `issuer` may sign others, is the one that `cert` names, and its key proves the signature
 * of `cert`. Dates are not looked at. */
bool rl_cert_issued(const struct rl_cert *cert, const struct rl_cert *issuer);

/* "CallManager", "TFTP", ... or NULL past the last: the name of role number `i` and its bit.
 * Static. */
const char *rl_cert_role_name(size_t i, unsigned *bit);

/* What a certificate of ours shall say, by its role: a CA signs the certificates of phones (path
 * length 0; profiles.md 5), another one is for TLS. */
struct rl_cert_request {
    const char *common_name;  /* "CallManager" */
    const char *organization; /* the site's name; may be "" */
    const char *const *names; /* for the SAN, NULL-terminated: DNS names and IP addresses */
    int64_t from_us;          /* when its validity begins, microseconds since 1970 */
    int years;                /* of validity */
    bool ca;
};

/* Make a certificate that `key` signs itself (R8): RSA with SHA-256. Its DER form is appended to
 * `der`. E-CERT-GEN. */
enum rl_code rl_cert_make(const struct rl_cert_request *request, const struct rl_key *key,
                          struct rl_buf *der, struct rl_err *err);

/* A request for a certificate by a CA (RFC 2986) that says and asks for the same; `years` is the
 * CA's to choose. PEM text is appended to `pem`. E-CERT-GEN. */
enum rl_code rl_csr_make(const struct rl_cert_request *request, const struct rl_key *key,
                         struct rl_buf *pem, struct rl_err *err);

/* SHA-256 of n bytes as 64 hexadecimal digits and a NUL. */
void rl_pki_sha256(const void *bytes, size_t n, char out[65]);
/* n bytes that nobody can tell beforehand, and that no secret is made of. */
void rl_pki_random(void *bytes, size_t n);

#endif
