#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pki/cert.h"
#include "ringlock/buf.h"

enum { RSA_BITS = 2048, DAYS_OF_YEAR = 365 };

/* Mode 0600 from the first moment on; what could not be written whole is taken away again. */
static int write_file(const char *path, const gnutls_datum_t *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    bool ok = write(fd, text->data, text->size) == (ssize_t)text->size && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (!ok)
        unlink(path);
    return ok ? 0 : -1;
}

static int set_name(gnutls_x509_crt_t crt, const struct rl_cert_request *rq)
{
    int rc = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, rq->common_name,
                                           (unsigned)strlen(rq->common_name));
    if (rc >= 0 && *rq->organization)
        rc = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, 0,
                                           rq->organization, (unsigned)strlen(rq->organization));
    if (rc >= 0)
        rc = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, rq->dns,
                                                  (unsigned)strlen(rq->dns), GNUTLS_FSAN_SET);
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

static int set_use(gnutls_x509_crt_t crt, int years)
{
    time_t now = time(NULL);
    unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT;
    int rc = gnutls_x509_crt_set_version(crt, 3);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_activation_time(crt, now);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_expiration_time(crt, now + (time_t)years * DAYS_OF_YEAR * 86400);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_key_usage(crt, usage);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_CLIENT, 0);
    return rc;
}

static int set_key_id(gnutls_x509_crt_t crt)
{
    uint8_t id[32];
    size_t n = sizeof id;
    int rc = gnutls_x509_crt_get_key_id(crt, 0, id, &n);
    return rc < 0 ? rc : gnutls_x509_crt_set_subject_key_id(crt, id, n);
}

static int build(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const struct rl_cert_request *rq)
{
    int rc = gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, RSA_BITS, 0);
    if (rc >= 0)
        rc = gnutls_x509_crt_set_key(crt, key);
    if (rc >= 0)
        rc = set_name(crt, rq);
    if (rc >= 0)
        rc = set_serial(crt);
    if (rc >= 0)
        rc = set_use(crt, rq->years);
    if (rc >= 0)
        rc = set_key_id(crt);
    if (rc >= 0)
        rc = gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
    return rc;
}

static int export(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, gnutls_datum_t *crt_pem,
                  gnutls_datum_t *key_pem)
{
    int rc = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                               key_pem);
    return rc < 0 ? rc : gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, crt_pem);
}

static enum rl_code save(const char *key_path, const gnutls_datum_t *key_pem, const char *cert_path,
                         const gnutls_datum_t *crt_pem, struct rl_err *err)
{
    if (write_file(key_path, key_pem) != 0)
        return rl_fail(err, RL_E_CERT_GEN, key_path, "The key %s cannot be written: %s.", key_path,
                       strerror(errno));
    if (write_file(cert_path, crt_pem) == 0)
        return RL_OK;
    rl_fail(err, RL_E_CERT_GEN, cert_path, "The certificate %s cannot be written: %s.", cert_path,
            strerror(errno));
    unlink(key_path);
    return RL_E_CERT_GEN;
}

enum rl_code rl_cert_make(const struct rl_cert_request *request, const char *key_path,
                          const char *cert_path, struct rl_err *err)
{
    gnutls_x509_crt_t crt = NULL;
    gnutls_x509_privkey_t key = NULL;
    gnutls_datum_t crt_pem = {0}, key_pem = {0};
    enum rl_code code;
    int rc = gnutls_x509_crt_init(&crt);
    if (rc >= 0)
        rc = gnutls_x509_privkey_init(&key);
    if (rc >= 0)
        rc = build(crt, key, request);
    if (rc >= 0)
        rc = export(crt, key, &crt_pem, &key_pem);
    if (rc >= 0)
        code = save(key_path, &key_pem, cert_path, &crt_pem, err);
    else
        code = rl_fail(err, RL_E_CERT_GEN, cert_path, "No certificate could be made for %s: %s",
                       request->common_name, gnutls_strerror(rc));
    if (key_pem.data)
        gnutls_memset(key_pem.data, 0, key_pem.size);
    gnutls_free(key_pem.data);
    gnutls_free(crt_pem.data);
    gnutls_x509_privkey_deinit(key);
    gnutls_x509_crt_deinit(crt);
    return code;
}
