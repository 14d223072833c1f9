#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pki/keyparts.h"
#include "ringlock/buf.h"

enum { ID_BYTES = 64 };

static const struct {
    gnutls_pk_algorithm_t algorithm;
    unsigned bits;
} kinds[RL_KEY_KINDS] = {
    [RL_KEY_RSA_2048] = {GNUTLS_PK_RSA, 2048                                            },
    [RL_KEY_RSA_3072] = {GNUTLS_PK_RSA, 3072                                            },
    [RL_KEY_RSA_4096] = {GNUTLS_PK_RSA, 4096                                            },
    [RL_KEY_EC_256] = {GNUTLS_PK_EC,  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
    [RL_KEY_EC_384] = {GNUTLS_PK_EC,  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1)},
    [RL_KEY_EC_521] = {GNUTLS_PK_EC,  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1)},
};

void rl_key_free(struct rl_key **key)
{
    if (!*key)
        return;
    if ((*key)->key)
        gnutls_privkey_deinit((*key)->key);
    free(*key);
    *key = NULL;
}

static int import(struct rl_key *key, const gnutls_datum_t *pem)
{
    int rc = gnutls_privkey_init(&key->key);
    if (rc >= 0)
        rc = gnutls_privkey_import_x509_raw(key->key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (rc < 0)
        return rc;
    key->algorithm = gnutls_privkey_get_pk_algorithm(key->key, &key->bits);
    bool known = key->algorithm == GNUTLS_PK_RSA || key->algorithm == GNUTLS_PK_EC;
    return known ? 0 : GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
}

static int take(const gnutls_datum_t *pem, struct rl_key **out)
{
    struct rl_key *key = rl_alloc(sizeof *key);
    int rc = import(key, pem);
    if (rc < 0)
        rl_key_free(&key);
    *out = key;
    return rc;
}

enum rl_code rl_key_read(const void *pem, size_t n, const char *object, struct rl_key **out,
                         struct rl_err *err)
{
    gnutls_datum_t in = {(void *)pem, (unsigned)n};
    int rc = take(&in, out);
    if (rc >= 0)
        return RL_OK;
    return rl_fail(err, RL_E_VALUE, object, "%s holds no RSA or EC key that can be used: %s",
                   object, gnutls_strerror(rc));
}

static void wipe(gnutls_datum_t *pem)
{
    if (pem->data)
        gnutls_memset(pem->data, 0, pem->size);
    gnutls_free(pem->data);
}

enum rl_code rl_key_load(const char *path, struct rl_key **out, struct rl_err *err)
{
    gnutls_datum_t pem = {0};
    *out = NULL;
    int rc = gnutls_load_file(path, &pem);
    if (rc >= 0)
        rc = take(&pem, out);
    wipe(&pem);
    if (rc >= 0)
        return RL_OK;
    return rl_fail(err, RL_E_SITE_DAMAGED, path, "The key %s cannot be read: %s", path,
                   gnutls_strerror(rc));
}

bool rl_key_is_ec(const struct rl_key *key)
{
    return key->algorithm == GNUTLS_PK_EC;
}

size_t rl_key_bytes(const struct rl_key *key)
{
    return (key->bits + 7) / 8;
}

gnutls_digest_algorithm_t rl_key_digest(const struct rl_key *key)
{
    if (key->algorithm != GNUTLS_PK_EC || key->bits <= 256)
        return GNUTLS_DIG_SHA256;
    return key->bits <= 384 ? GNUTLS_DIG_SHA384 : GNUTLS_DIG_SHA512;
}

/* ---- whose it is ---- */

static int id_of_key(const struct rl_key *key, uint8_t *id, size_t *n)
{
    gnutls_pubkey_t pub;
    int rc = gnutls_pubkey_init(&pub);
    if (rc < 0)
        return rc;
    rc = gnutls_pubkey_import_privkey(pub, key->key, 0, 0);
    if (rc >= 0)
        rc = gnutls_pubkey_get_key_id(pub, GNUTLS_KEYID_USE_SHA256, id, n);
    gnutls_pubkey_deinit(pub);
    return rc;
}

static int id_of_cert(const gnutls_datum_t *der, uint8_t *id, size_t *n)
{
    gnutls_x509_crt_t crt;
    int rc = gnutls_x509_crt_init(&crt);
    if (rc < 0)
        return rc;
    rc = gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER);
    if (rc >= 0)
        rc = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, id, n);
    gnutls_x509_crt_deinit(crt);
    return rc;
}

bool rl_key_fits(const struct rl_key *key, const void *der, size_t n)
{
    uint8_t of_key[ID_BYTES], of_cert[ID_BYTES];
    size_t nkey = sizeof of_key, ncert = sizeof of_cert;
    gnutls_datum_t in = {(void *)der, (unsigned)n};
    return id_of_key(key, of_key, &nkey) >= 0 && id_of_cert(&in, of_cert, &ncert) >= 0 &&
           nkey == ncert && memcmp(of_key, of_cert, nkey) == 0;
}

/* ---- a new one ---- */

/* The name of a new file is kept only when its directory is. */
static bool sync_dir(const char *path)
{
    char *copy = rl_strdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Mode 0600 from the first moment on; what could not be written whole is taken away again. */
static bool write_file(const char *path, const gnutls_datum_t *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool ok = write(fd, text->data, text->size) == (ssize_t)text->size && fsync(fd) == 0;
    ok = close(fd) == 0 && ok && sync_dir(path);
    if (!ok)
        unlink(path);
    return ok;
}

static int generate(enum rl_key_kind kind, gnutls_datum_t *pem)
{
    gnutls_x509_privkey_t key;
    int rc = gnutls_x509_privkey_init(&key);
    if (rc < 0)
        return rc;
    rc = gnutls_x509_privkey_generate(key, kinds[kind].algorithm, kinds[kind].bits, 0);
    if (rc >= 0)
        rc = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                               pem);
    gnutls_x509_privkey_deinit(key);
    return rc;
}

enum rl_code rl_key_make(enum rl_key_kind kind, const char *path, struct rl_key **out,
                         struct rl_err *err)
{
    gnutls_datum_t pem = {0};
    enum rl_code code = RL_OK;
    *out = NULL;
    int rc = generate(kind, &pem);
    if (rc >= 0)
        rc = take(&pem, out);
    if (rc < 0)
        code = rl_fail(err, RL_E_CERT_GEN, path, "The key %s could not be made: %s", path,
                       gnutls_strerror(rc));
    else if (!write_file(path, &pem))
        code = rl_fail(err, RL_E_CERT_GEN, path, "The key %s cannot be written: %s.", path,
                       strerror(errno));
    wipe(&pem);
    if (code)
        rl_key_free(out);
    return code;
}
