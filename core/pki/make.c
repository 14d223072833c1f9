#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "pki/cert.h"
#include "pki/keyparts.h"

enum { DAYS_OF_YEAR = 365 };

static int set_san(gnutls_x509_crt_t crt, const char *name)
{
    uint8_t ip[16];
    size_t n = inet_pton(AF_INET, name, ip) == 1 ? 4 : inet_pton(AF_INET6, name, ip) == 1 ? 16 : 0;
    if (n)
        return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, ip, (unsigned)n,
                                                    GNUTLS_FSAN_APPEND);
    return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name,
                                                (unsigned)strlen(name), GNUTLS_FSAN_APPEND);
}

static int set_name(gnutls_x509_crt_t crt, const struct rl_cert_request *rq)
{
    int rc = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, rq->common_name,
                                           (unsigned)strlen(rq->common_name));
    if (rc >= 0 && *rq->organization)
        rc = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, 0,
                                           rq->organization, (unsigned)strlen(rq->organization));
    for (size_t i = 0; rc >= 0 && rq->names[i]; i++)
        rc = set_san(crt, rq->names[i]);
    return rc;
}

static int set_serial(gnutls_x509_crt_t crt)
{
    uint8_t serial[16];
    int rc = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
    if (rc < 0)
        return rc;
    serial[0] = (serial[0] & 0x3f) | 0x40; /* positive and of full length (RFC 5280 4.1.2.2) */
    return gnutls_x509_crt_set_serial(crt, serial, sizeof serial);
}

static int set_dates(gnutls_x509_crt_t crt, const struct rl_cert_request *rq)
{
    time_t from = (time_t)(rq->from_us / 1000000);
    int rc = gnutls_x509_crt_set_version(crt, 3);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_activation_time(crt, from);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_expiration_time(crt,
                                                 from + (time_t)rq->years * DAYS_OF_YEAR * 86400);
    return rc;
}

/* What encrypts with an RSA key says so; an EC key agrees on one. A CA that stated a purpose would
 * lend it to all that it signs. */
static int set_use(gnutls_x509_crt_t crt, const struct rl_key *key, bool ca)
{
    unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE;
    if (ca)
        usage |= GNUTLS_KEY_KEY_CERT_SIGN;
    else
        usage |= rl_key_is_ec(key) ? GNUTLS_KEY_KEY_AGREEMENT : GNUTLS_KEY_KEY_ENCIPHERMENT;
    int rc = gnutls_x509_crt_set_basic_constraints(crt, ca, ca ? 0 : -1);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_key_usage(crt, usage);
    if (rc >= 0 && !ca)
        rc = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
    if (rc >= 0 && !ca)
        rc = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_CLIENT, 0);
    return rc;
}

static int set_key(gnutls_x509_crt_t crt, const struct rl_key *key)
{
    uint8_t id[32];
    size_t n = sizeof id;
    gnutls_pubkey_t pub;
    int rc = gnutls_pubkey_init(&pub);
    if (rc < 0)
        return rc;
    rc = gnutls_pubkey_import_privkey(pub, key->key, 0, 0);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_pubkey(crt, pub);
    if (rc >= 0)
        rc = gnutls_x509_crt_get_key_id(crt, 0, id, &n);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_subject_key_id(crt, id, n);
    gnutls_pubkey_deinit(pub);
    return rc;
}

static int build(gnutls_x509_crt_t crt, const struct rl_key *key, const struct rl_cert_request *rq,
                 gnutls_datum_t *der)
{
    int rc = set_key(crt, key);
    if (rc >= 0)
        rc = set_name(crt, rq);
    if (rc >= 0)
        rc = set_serial(crt);
    if (rc >= 0)
        rc = set_dates(crt, rq);
    if (rc >= 0)
        rc = set_use(crt, key, rq->ca);
    if (rc >= 0)
        rc = gnutls_x509_crt_privkey_sign(crt, crt, key->key, rl_key_digest(key), 0);
    return rc < 0 ? rc : gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, der);
}

enum rl_code rl_cert_make(const struct rl_cert_request *request, const struct rl_key *key,
                          struct rl_buf *der, struct rl_err *err)
{
    gnutls_x509_crt_t crt;
    gnutls_datum_t made = {0};
    int rc = gnutls_x509_crt_init(&crt);
    if (rc >= 0) {
        rc = build(crt, key, request, &made);
        gnutls_x509_crt_deinit(crt);
    }
    if (rc >= 0)
        rl_buf_add(der, made.data, made.size);
    gnutls_free(made.data);
    if (rc >= 0)
        return RL_OK;
    return rl_fail(err, RL_E_CERT_GEN, request->common_name,
                   "No certificate could be made for %s: %s", request->common_name,
                   gnutls_strerror(rc));
}
