#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "pki/cert.h"
#include "pki/keyparts.h"

enum { DAYS_OF_YEAR = 365 };

/* ---- a request: whose certificate, and what for ---- */

static int set_san(gnutls_x509_crq_t crq, const char *name)
{
    uint8_t ip[16];
    size_t n = inet_pton(AF_INET, name, ip) == 1 ? 4 : inet_pton(AF_INET6, name, ip) == 1 ? 16 : 0;
    if (n)
        return gnutls_x509_crq_set_subject_alt_name(crq, GNUTLS_SAN_IPADDRESS, ip, (unsigned)n,
                                                    GNUTLS_FSAN_APPEND);
    return gnutls_x509_crq_set_subject_alt_name(crq, GNUTLS_SAN_DNSNAME, name,
                                                (unsigned)strlen(name), GNUTLS_FSAN_APPEND);
}

static int set_name(gnutls_x509_crq_t crq, const struct rl_cert_request *rq)
{
    int rc = gnutls_x509_crq_set_dn_by_oid(crq, GNUTLS_OID_X520_COMMON_NAME, 0, rq->common_name,
                                           (unsigned)strlen(rq->common_name));
    if (rc >= 0 && *rq->organization)
        rc = gnutls_x509_crq_set_dn_by_oid(crq, GNUTLS_OID_X520_ORGANIZATION_NAME, 0,
                                           rq->organization, (unsigned)strlen(rq->organization));
    for (size_t i = 0; rc >= 0 && rq->names[i]; i++)
        rc = set_san(crq, rq->names[i]);
    return rc;
}

/* profiles.md 9. What encrypts with an RSA key says so; an EC key agrees on one. A CA that stated a
 * purpose would lend it to all that it signs. */
static int set_use(gnutls_x509_crq_t crq, const struct rl_key *key, bool ca)
{
    unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE;
    if (ca)
        usage |= GNUTLS_KEY_KEY_CERT_SIGN;
    else if (rl_key_is_ec(key))
        usage |= GNUTLS_KEY_KEY_AGREEMENT;
    else
        usage |= GNUTLS_KEY_KEY_ENCIPHERMENT | GNUTLS_KEY_DATA_ENCIPHERMENT;
    int rc = gnutls_x509_crq_set_basic_constraints(crq, ca, ca ? 0 : -1);
    if (rc >= 0)
        rc = gnutls_x509_crq_set_key_usage(crq, usage);
    if (rc >= 0 && !ca)
        rc = gnutls_x509_crq_set_key_purpose_oid(crq, GNUTLS_KP_TLS_WWW_SERVER, 0);
    if (rc >= 0 && !ca)
        rc = gnutls_x509_crq_set_key_purpose_oid(crq, GNUTLS_KP_TLS_WWW_CLIENT, 0);
    return rc;
}

static int set_key(gnutls_x509_crq_t crq, const struct rl_key *key)
{
    gnutls_pubkey_t pub;
    int rc = gnutls_pubkey_init(&pub);
    if (rc < 0)
        return rc;
    rc = gnutls_pubkey_import_privkey(pub, key->key, 0, 0);
    if (rc >= 0)
        rc = gnutls_x509_crq_set_pubkey(crq, pub);
    gnutls_pubkey_deinit(pub);
    return rc;
}

static int ask(gnutls_x509_crq_t crq, const struct rl_key *key, const struct rl_cert_request *rq)
{
    int rc = gnutls_x509_crq_set_version(crq, 1);
    if (rc >= 0)
        rc = set_key(crq, key);
    if (rc >= 0)
        rc = set_name(crq, rq);
    if (rc >= 0)
        rc = set_use(crq, key, rq->ca);
    if (rc >= 0)
        rc = gnutls_x509_crq_privkey_sign(crq, key->key, rl_key_digest(key), 0);
    return rc;
}

enum rl_code rl_csr_make(const struct rl_cert_request *request, const struct rl_key *key,
                         struct rl_buf *pem, struct rl_err *err)
{
    gnutls_x509_crq_t crq;
    gnutls_datum_t made = {0};
    int rc = gnutls_x509_crq_init(&crq);
    if (rc >= 0) {
        rc = ask(crq, key, request);
        if (rc >= 0)
            rc = gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_PEM, &made);
        gnutls_x509_crq_deinit(crq);
    }
    if (rc >= 0)
        rl_buf_add(pem, made.data, made.size);
    gnutls_free(made.data);
    if (rc >= 0)
        return RL_OK;
    return rl_fail(err, RL_E_CERT_GEN, request->common_name,
                   "No signing request could be made for %s: %s", request->common_name,
                   gnutls_strerror(rc));
}

/* ---- the answer to it, by the same key ---- */

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

static int set_key_id(gnutls_x509_crt_t crt)
{
    uint8_t id[32];
    size_t n = sizeof id;
    int rc = gnutls_x509_crt_get_key_id(crt, 0, id, &n);
    return rc < 0 ? rc : gnutls_x509_crt_set_subject_key_id(crt, id, n);
}

/* What it is for binds only who asks for that: GnuTLS copies a purpose as critical. */
static int relax_purpose(gnutls_x509_crt_t crt)
{
    static const char purpose[] = GNUTLS_X509EXT_OID_EXTENDED_KEY_USAGE;
    gnutls_datum_t value = {0};
    unsigned critical;
    int rc = gnutls_x509_crt_get_extension_by_oid2(crt, purpose, 0, &value, &critical);
    if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return 0;
    if (rc >= 0)
        rc = gnutls_x509_crt_set_extension_by_oid(crt, purpose, value.data, value.size, 0);
    gnutls_free(value.data);
    return rc;
}

static int answer(gnutls_x509_crt_t crt, gnutls_x509_crq_t crq, const struct rl_key *key,
                  const struct rl_cert_request *rq, gnutls_datum_t *der)
{
    int rc = gnutls_x509_crt_set_crq(crt, crq);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_crq_extensions(crt, crq);
    if (rc >= 0)
        rc = relax_purpose(crt);
    if (rc >= 0)
        rc = set_serial(crt);
    if (rc >= 0)
        rc = set_dates(crt, rq);
    if (rc >= 0)
        rc = set_key_id(crt);
    if (rc >= 0)
        rc = gnutls_x509_crt_privkey_sign(crt, crt, key->key, rl_key_digest(key), 0);
    return rc < 0 ? rc : gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, der);
}

static int make(const struct rl_key *key, const struct rl_cert_request *rq, gnutls_datum_t *der)
{
    gnutls_x509_crt_t crt = NULL;
    gnutls_x509_crq_t crq = NULL;
    int rc = gnutls_x509_crq_init(&crq);
    if (rc >= 0)
        rc = gnutls_x509_crt_init(&crt);
    if (rc >= 0)
        rc = ask(crq, key, rq);
    if (rc >= 0)
        rc = answer(crt, crq, key, rq, der);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_crq_deinit(crq);
    return rc;
}

enum rl_code rl_cert_make(const struct rl_cert_request *request, const struct rl_key *key,
                          struct rl_buf *der, struct rl_err *err)
{
    gnutls_datum_t made = {0};
    int rc = make(key, request, &made);
    if (rc >= 0)
        rl_buf_add(der, made.data, made.size);
    gnutls_free(made.data);
    if (rc >= 0)
        return RL_OK;
    return rl_fail(err, RL_E_CERT_GEN, request->common_name,
                   "No certificate could be made for %s: %s", request->common_name,
                   gnutls_strerror(rc));
}
