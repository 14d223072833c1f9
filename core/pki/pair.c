#include <gnutls/x509.h>
#include <string.h>

#include "pki/cert.h"

enum { ID_BYTES = 64 };

/* The identifier of the public half. */
static int key_id(const char *path, uint8_t *id, size_t *n)
{
    gnutls_datum_t pem = {0};
    gnutls_x509_privkey_t key;
    int rc = gnutls_x509_privkey_init(&key);
    if (rc < 0)
        return rc;
    rc = gnutls_load_file(path, &pem);
    if (rc >= 0)
        rc = gnutls_x509_privkey_import(key, &pem, GNUTLS_X509_FMT_PEM);
    if (rc >= 0)
        rc = gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, id, n);
    if (pem.data)
        gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    gnutls_x509_privkey_deinit(key);
    return rc;
}

static int cert_id(const char *path, uint8_t *id, size_t *n)
{
    gnutls_datum_t pem = {0};
    gnutls_x509_crt_t crt;
    int rc = gnutls_x509_crt_init(&crt);
    if (rc < 0)
        return rc;
    rc = gnutls_load_file(path, &pem);
    if (rc >= 0)
        rc = gnutls_x509_crt_import(crt, &pem, GNUTLS_X509_FMT_PEM);
    if (rc >= 0)
        rc = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, id, n);
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(crt);
    return rc;
}

enum rl_code rl_cert_check_key(const char *key_path, const char *cert_path, struct rl_err *err)
{
    uint8_t of_key[ID_BYTES], of_cert[ID_BYTES];
    size_t nkey = sizeof of_key, ncert = sizeof of_cert;
    int rc = key_id(key_path, of_key, &nkey);
    if (rc < 0)
        return rl_fail(err, RL_E_SITE_DAMAGED, key_path, "The key %s cannot be read: %s", key_path,
                       gnutls_strerror(rc));
    rc = cert_id(cert_path, of_cert, &ncert);
    if (rc < 0)
        return rl_fail(err, RL_E_SITE_DAMAGED, cert_path, "The certificate %s cannot be read: %s",
                       cert_path, gnutls_strerror(rc));
    if (nkey == ncert && memcmp(of_key, of_cert, nkey) == 0)
        return RL_OK;
    return rl_fail(err, RL_E_SITE_DAMAGED, key_path,
                   "The key %s is not that of the certificate %s.", key_path, cert_path);
}
