#include "pki/crt.h"

#include <time.h>

static const char *key_name(int pk)
{
    switch (pk) {
    case GNUTLS_PK_ECDSA:
        return "EC";
    case GNUTLS_PK_EDDSA_ED25519:
        return "Ed25519";
    case GNUTLS_PK_EDDSA_ED448:
        return "Ed448";
    default:
        return gnutls_pk_get_name(pk); /* "RSA", "RSA-PSS", "DSA", ... */
    }
}

/* GnuTLS tells whole bytes: 528 for P-521. */
static unsigned bits_of(int pk, unsigned bits)
{
    return pk == GNUTLS_PK_ECDSA && bits == 528 ? 521 : bits;
}

int rl_crt_key(gnutls_x509_crt_t crt, const char **type, unsigned *bits)
{
    int pk = gnutls_x509_crt_get_pk_algorithm(crt, bits);
    if (pk < 0)
        return pk;
    *type = key_name(pk);
    *bits = bits_of(pk, *bits);
    return *type ? 0 : GNUTLS_E_UNSUPPORTED_CERTIFICATE_TYPE;
}

int rl_crt_validity(gnutls_x509_crt_t crt, int64_t *not_before_us, int64_t *not_after_us)
{
    time_t from = gnutls_x509_crt_get_activation_time(crt);
    time_t to = gnutls_x509_crt_get_expiration_time(crt);
    if (from == (time_t)-1 || to == (time_t)-1)
        return GNUTLS_E_ASN1_DER_ERROR;
    *not_before_us = (int64_t)from * 1000000;
    *not_after_us = (int64_t)to * 1000000;
    return 0;
}
