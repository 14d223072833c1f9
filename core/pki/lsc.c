#include "pki/lsc.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "pki/keyparts.h"
#include "pki/parts.h"

enum { SERIAL = 16 };

/* The one form that DER has is what comes out again. */
static bool is_whole(gnutls_pubkey_t key, const gnutls_datum_t *in)
{
    gnutls_datum_t again = {0};
    bool same = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &again) >= 0 &&
                again.size == in->size && memcmp(again.data, in->data, in->size) == 0;
    gnutls_free(again.data);
    return same;
}

/* An even or tiny exponent is no RSA key. */
static bool has_exponent(gnutls_pubkey_t key)
{
    gnutls_datum_t m = {0}, e = {0};
    if (gnutls_pubkey_export_rsa_raw2(key, &m, &e, 0) < 0)
        return false;
    bool good = e.size > 0 && e.size <= 9 && e.data[e.size - 1] & 1 &&
                !(e.size == 1 && e.data[0] < 3) && m.size > 0 && m.data[m.size - 1] & 1;
    gnutls_free(m.data);
    gnutls_free(e.data);
    return good;
}

/* Bits of a key that is a point of one of the curves that phones know; 0 for others. */
static unsigned curve_bits(gnutls_pubkey_t key)
{
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    gnutls_datum_t x = {0}, y = {0};
    if (gnutls_pubkey_verify_params(key) < 0 ||
        gnutls_pubkey_export_ecc_raw2(key, &curve, &x, &y, 0) < 0)
        return 0;
    gnutls_free(x.data);
    gnutls_free(y.data);
    return curve == GNUTLS_ECC_CURVE_SECP256R1   ? 256
           : curve == GNUTLS_ECC_CURVE_SECP384R1 ? 384
           : curve == GNUTLS_ECC_CURVE_SECP521R1 ? 521
                                                 : 0;
}

bool rl_lsc_key(const void *spki, size_t n, bool *ec, unsigned *bits)
{
    gnutls_datum_t in = {(void *)spki, (unsigned)n};
    gnutls_pubkey_t key;
    bool good = false;
    if (gnutls_pubkey_init(&key) < 0)
        return false;
    if (gnutls_pubkey_import(key, &in, GNUTLS_X509_FMT_DER) >= 0 && is_whole(key, &in)) {
        int kind = gnutls_pubkey_get_pk_algorithm(key, bits);
        *ec = kind == GNUTLS_PK_EC;
        *bits = *ec ? curve_bits(key) : *bits;
        good = *ec ? *bits > 0 : kind == GNUTLS_PK_RSA && has_exponent(key);
    }
    gnutls_pubkey_deinit(key);
    return good;
}

/* --- subject --- */

static int add_name(gnutls_x509_crt_t crt, const char *oid, const char *value, size_t n)
{
    return gnutls_x509_crt_set_dn_by_oid(crt, oid, 0, value, (unsigned)n);
}

/* CN, then O, OU, L, ST and C as the issuer has them. */
static int set_subject(gnutls_x509_crt_t crt, const char *common_name, const struct rl_dn *issuer)
{
    static const char *const copied[][2] = {
        {"O",  GNUTLS_OID_X520_ORGANIZATION_NAME       },
        {"OU", GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME},
        {"L",  GNUTLS_OID_X520_LOCALITY_NAME           },
        {"ST", GNUTLS_OID_X520_STATE_OR_PROVINCE_NAME  },
        {"C",  GNUTLS_OID_X520_COUNTRY_NAME            },
    };
    int rc = add_name(crt, GNUTLS_OID_X520_COMMON_NAME, common_name, strlen(common_name));
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        for (size_t j = 0; j < issuer->n && rc >= 0; j++)
            if (strcmp(issuer->part[j].type, copied[i][0]) == 0)
                rc = add_name(crt, copied[i][1], issuer->part[j].value, issuer->part[j].n);
    return rc;
}

/* --- the rest --- */

static int set_serial(gnutls_x509_crt_t crt)
{
    uint8_t serial[SERIAL];
    int rc = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
    if (rc < 0)
        return rc;
    serial[0] = (serial[0] & 0x3f) | 0x40; /* positive and of full length (RFC 5280 4.1.2.2) */
    return gnutls_x509_crt_set_serial(crt, serial, sizeof serial);
}

static int set_dates(gnutls_x509_crt_t crt, const struct rl_lsc_request *rq, int64_t ends_us)
{
    int64_t to_us = rq->from_us + rq->days * 86400LL * 1000000;
    to_us = to_us < ends_us ? to_us : ends_us;
    int rc = gnutls_x509_crt_set_activation_time(crt, (time_t)(rq->from_us / 1000000));
    if (rc >= 0)
        rc = gnutls_x509_crt_set_expiration_time(crt, (time_t)(to_us / 1000000));
    return rc;
}

static int set_use(gnutls_x509_crt_t crt, const char *device)
{
    static const char *const purposes[] = {GNUTLS_KP_TLS_WWW_SERVER, GNUTLS_KP_TLS_WWW_CLIENT,
                                           "1.3.6.1.5.5.7.3.5"}; /* IPsec end system */
    int rc = gnutls_x509_crt_set_version(crt, 3);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE |
                                                    GNUTLS_KEY_KEY_ENCIPHERMENT);
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes && rc >= 0; i++)
        rc = gnutls_x509_crt_set_key_purpose_oid(crt, purposes[i], 0);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_URI, device,
                                                  (unsigned)strlen(device), GNUTLS_FSAN_SET);
    return rc;
}

static int set_key(gnutls_x509_crt_t crt, const void *spki, size_t n)
{
    gnutls_datum_t in = {(void *)spki, (unsigned)n};
    gnutls_pubkey_t key;
    int rc = gnutls_pubkey_init(&key);
    if (rc < 0)
        return rc;
    rc = gnutls_pubkey_import(key, &in, GNUTLS_X509_FMT_DER);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_pubkey(crt, key);
    gnutls_pubkey_deinit(key);
    return rc;
}

/* The issuer's name is the SUBJECT of the certificate that signs (RFC 5280 4.1.2.4). */
static int sign(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca, const struct rl_key *key, bool sha1,
                struct rl_buf *out)
{
    gnutls_datum_t der = {0};
    int rc = gnutls_x509_crt_privkey_sign(crt, ca, key->key,
                                          sha1 ? GNUTLS_DIG_SHA1 : rl_key_digest(key), 0);
    if (rc >= 0)
        rc = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der);
    if (rc >= 0)
        rl_buf_add(out, der.data, der.size);
    gnutls_free(der.data);
    return rc;
}

static int build(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca, const struct rl_lsc_request *rq,
                 const struct rl_cert_parts *issuer, const struct rl_key *key, struct rl_buf *out)
{
    int rc = set_subject(crt, rq->common_name, &issuer->subject);
    if (rc >= 0)
        rc = set_serial(crt);
    if (rc >= 0)
        rc = set_dates(crt, rq, issuer->not_after_us);
    if (rc >= 0)
        rc = set_use(crt, rq->device);
    return rc < 0 ? rc : sign(crt, ca, key, rq->sha1, out);
}

enum rl_code rl_lsc_make(const struct rl_lsc_request *rq, const void *spki, size_t nspki,
                         const struct rl_key *key, const void *issuer, size_t nissuer,
                         struct rl_buf *out, struct rl_err *err)
{
    gnutls_datum_t in = {(void *)issuer, (unsigned)nissuer};
    gnutls_x509_crt_t crt = NULL, ca = NULL;
    struct rl_cert_parts parts;
    enum rl_code code = rl_cert_parts_read(issuer, nissuer, "CAPF", &parts, err);
    if (code)
        return code;
    int rc = gnutls_x509_crt_init(&crt);
    if (rc >= 0)
        rc = gnutls_x509_crt_init(&ca);
    if (rc >= 0)
        rc = gnutls_x509_crt_import(ca, &in, GNUTLS_X509_FMT_DER);
    if (rc >= 0)
        rc = set_key(crt, spki, nspki);
    if (rc >= 0)
        rc = build(crt, ca, rq, &parts, key, out);
    if (rc < 0)
        code = rl_fail(err, RL_E_CERT_GEN, rq->device, "No LSC could be made for %s: %s",
                       rq->device, gnutls_strerror(rc));
    gnutls_x509_crt_deinit(ca);
    gnutls_x509_crt_deinit(crt);
    rl_cert_parts_fini(&parts);
    return code;
}
