#include "pki/chain.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "pki/cert.h"
#include "pki/der.h"
#include "ringlock/buf.h"

enum { SIGNATURE_MAX = 4096 };

/* The first element inside the outer one, head and all: of a certificate what is signed
 * (RFC 5280 4.1). */
static bool signed_part(const gnutls_datum_t *der, gnutls_datum_t *out)
{
    struct rl_cur cur = rl_cur_make(der->data, der->size);
    size_t length = 0;
    for (int element = 0; element < 2; element++) {
        out->data = (unsigned char *)cur.p;
        rl_der_head(&cur, &length);
    }
    rl_cur_bytes(&cur, length);
    out->size = (unsigned)(cur.p - out->data);
    return !cur.bad;
}

/* A salt as long as fits (RFC 8017 9.1.1), which is what OpenSSL takes; GnuTLS looks for one of the
 * length of the hash. False for other algorithms. */
static bool take_longest_salt(gnutls_pubkey_t key, gnutls_sign_algorithm_t algorithm)
{
    gnutls_digest_algorithm_t hash = gnutls_sign_get_hash_algorithm(algorithm);
    unsigned bits = 0, taken = gnutls_hash_get_len(hash) + 2;
    gnutls_x509_spki_t spki;
    if (gnutls_sign_get_pk_algorithm(algorithm) != GNUTLS_PK_RSA_PSS ||
        gnutls_pubkey_get_pk_algorithm(key, &bits) < 0 || (bits + 6) / 8 < taken ||
        gnutls_x509_spki_init(&spki) < 0)
        return false;
    gnutls_x509_spki_set_rsa_pss_params(spki, hash, (bits + 6) / 8 - taken);
    bool set = gnutls_pubkey_set_spki(key, spki, 0) >= 0;
    gnutls_x509_spki_deinit(spki);
    return set;
}

static bool proves(gnutls_pubkey_t key, gnutls_sign_algorithm_t algorithm,
                   const gnutls_datum_t *part, const gnutls_datum_t *signature)
{
    return gnutls_pubkey_verify_data2(key, algorithm, GNUTLS_VERIFY_ALLOW_BROKEN, part,
                                      signature) >= 0;
}

static bool verify(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, const gnutls_datum_t *der)
{
    unsigned char bytes[SIGNATURE_MAX];
    size_t n = sizeof bytes;
    gnutls_datum_t part;
    gnutls_pubkey_t key;
    int algorithm = gnutls_x509_crt_get_signature_algorithm(crt);
    if (algorithm <= 0 || gnutls_x509_crt_get_signature(crt, (char *)bytes, &n) < 0 ||
        !signed_part(der, &part) || gnutls_pubkey_init(&key) < 0)
        return false;
    gnutls_datum_t signature = {bytes, (unsigned)n};
    gnutls_sign_algorithm_t sign = (gnutls_sign_algorithm_t)algorithm;
    bool good = gnutls_pubkey_import_x509(key, issuer, 0) >= 0 &&
                (proves(key, sign, &part, &signature) ||
                 (take_longest_salt(key, sign) && proves(key, sign, &part, &signature)));
    gnutls_pubkey_deinit(key);
    return good;
}

bool rl_crt_signed(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
    gnutls_datum_t der = {0};
    bool good =
        gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) >= 0 && verify(crt, issuer, &der);
    gnutls_free(der.data);
    return good;
}

static gnutls_x509_crt_t import(const struct rl_cert *cert)
{
    gnutls_datum_t der = {cert->der, (unsigned)cert->nder};
    gnutls_x509_crt_t crt;
    if (gnutls_x509_crt_init(&crt) < 0)
        return NULL;
    if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) >= 0)
        return crt;
    gnutls_x509_crt_deinit(crt);
    return NULL;
}

bool rl_cert_issued(const struct rl_cert *cert, const struct rl_cert *issuer)
{
    if (!issuer->ca)
        return false;
    gnutls_x509_crt_t crt = import(cert), other = import(issuer);
    bool yes =
        crt && other && gnutls_x509_crt_check_issuer(crt, other) && rl_crt_signed(crt, other);
    if (crt)
        gnutls_x509_crt_deinit(crt);
    if (other)
        gnutls_x509_crt_deinit(other);
    return yes;
}
