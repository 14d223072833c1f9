#include <gmp.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <string.h>

#include "pki/seal_key.h"

static const struct ecc_curve *curve_of(gnutls_ecc_curve_t curve)
{
    switch (curve) {
    case GNUTLS_ECC_CURVE_SECP256R1:
        return nettle_get_secp_256r1();
    case GNUTLS_ECC_CURVE_SECP384R1:
        return nettle_get_secp_384r1();
    case GNUTLS_ECC_CURVE_SECP521R1:
        return nettle_get_secp_521r1();
    default:
        return NULL;
    }
}

static size_t bytes_of(const struct ecc_curve *curve)
{
    return (ecc_bit_size(curve) + 7) / 8;
}

static void random_bytes(void *ctx, size_t n, uint8_t *out)
{
    int *rc = ctx, one = gnutls_rnd(GNUTLS_RND_KEY, out, n);
    if (one < 0)
        *rc = one;
}

static void read_number(mpz_t z, const uint8_t *bytes, size_t n)
{
    mpz_import(z, n, 1, 1, 1, 0, bytes);
}

/* With zeros in front, n bytes in all. */
static void write_number(const mpz_t z, uint8_t *out, size_t n)
{
    size_t len = (mpz_sizeinbase(z, 2) + 7) / 8;
    memset(out, 0, n);
    if (mpz_sgn(z) != 0)
        mpz_export(out + n - len, NULL, 1, 1, 1, 0, z);
}

/* False if the two numbers are no point of the curve. */
static bool read_point(struct ecc_point *p, const uint8_t *x, size_t nx, const uint8_t *y,
                       size_t ny)
{
    mpz_t zx, zy;
    mpz_init(zx);
    mpz_init(zy);
    read_number(zx, x, nx);
    read_number(zy, y, ny);
    bool good = ecc_point_set(p, zx, zy);
    mpz_clear(zx);
    mpz_clear(zy);
    return good;
}

static void write_point(const struct ecc_point *p, uint8_t *x, uint8_t *y, size_t n)
{
    mpz_t zx, zy;
    mpz_init(zx);
    mpz_init(zy);
    ecc_point_get(p, zx, zy);
    write_number(zx, x, n);
    if (y)
        write_number(zy, y, n);
    mpz_clear(zx);
    mpz_clear(zy);
}

/* The x of scalar times point (SEC 1, 3.3.1; NIST SP 800-56A 5.7.1.2). */
static void multiply(const struct ecc_curve *curve, const struct ecc_scalar *scalar,
                     const struct ecc_point *point, struct rl_seal_secret *secret)
{
    struct ecc_point shared;
    ecc_point_init(&shared, curve);
    ecc_point_mul(&shared, scalar, point);
    secret->n = bytes_of(curve);
    write_point(&shared, secret->bytes, NULL, secret->n);
    ecc_point_clear(&shared);
}

/* A key pair of this moment, its public half written, and what it has in common with `theirs`. */
static int agree_new(const struct ecc_curve *curve, const struct ecc_point *theirs, uint8_t *point,
                     uint16_t *npoint, struct rl_seal_secret *secret)
{
    struct ecc_scalar mine;
    struct ecc_point ours;
    size_t n = bytes_of(curve);
    int rc = 0;
    ecc_scalar_init(&mine, curve);
    ecc_point_init(&ours, curve);
    ecc_scalar_random(&mine, &rc, random_bytes);
    if (rc >= 0) {
        ecc_point_mul_g(&ours, &mine);
        point[0] = 4;
        write_point(&ours, point + 1, point + 1 + n, n);
        *npoint = (uint16_t)(1 + 2 * n);
        multiply(curve, &mine, theirs, secret);
    }
    ecc_point_clear(&ours);
    ecc_scalar_clear(&mine);
    return rc;
}

int rl_ec_agree_new(gnutls_pubkey_t recipient, uint8_t *point, uint16_t *npoint,
                    struct rl_seal_secret *secret)
{
    gnutls_ecc_curve_t id;
    gnutls_datum_t x = {0}, y = {0};
    int rc = gnutls_pubkey_export_ecc_raw2(recipient, &id, &x, &y, 0);
    const struct ecc_curve *curve = rc < 0 ? NULL : curve_of(id);
    if (rc >= 0)
        rc = curve ? 0 : GNUTLS_E_ECC_UNSUPPORTED_CURVE;
    if (rc >= 0) {
        struct ecc_point theirs;
        ecc_point_init(&theirs, curve);
        if (read_point(&theirs, x.data, x.size, y.data, y.size))
            rc = agree_new(curve, &theirs, point, npoint, secret);
        else
            rc = GNUTLS_E_ILLEGAL_PARAMETER;
        ecc_point_clear(&theirs);
    }
    gnutls_free(x.data);
    gnutls_free(y.data);
    return rc;
}

static int agree(const struct ecc_curve *curve, const gnutls_datum_t *k, const uint8_t *point,
                 size_t npoint, struct rl_seal_secret *secret)
{
    struct ecc_scalar mine;
    struct ecc_point theirs;
    size_t n = bytes_of(curve);
    int rc = GNUTLS_E_DECRYPTION_FAILED;
    mpz_t z;
    if (npoint != 1 + 2 * n || point[0] != 4)
        return rc;
    mpz_init(z);
    ecc_scalar_init(&mine, curve);
    ecc_point_init(&theirs, curve);
    read_number(z, k->data, k->size);
    if (ecc_scalar_set(&mine, z) && read_point(&theirs, point + 1, n, point + 1 + n, n)) {
        multiply(curve, &mine, &theirs, secret);
        rc = 0;
    }
    ecc_point_clear(&theirs);
    ecc_scalar_clear(&mine);
    mpz_clear(z);
    return rc;
}

int rl_ec_agree(gnutls_privkey_t key, const uint8_t *point, size_t npoint,
                struct rl_seal_secret *secret)
{
    gnutls_ecc_curve_t id;
    gnutls_datum_t k = {0};
    int rc = gnutls_privkey_export_ecc_raw2(key, &id, NULL, NULL, &k, 0);
    const struct ecc_curve *curve = rc < 0 ? NULL : curve_of(id);
    if (rc >= 0)
        rc = curve ? agree(curve, &k, point, npoint, secret) : GNUTLS_E_ECC_UNSUPPORTED_CURVE;
    if (k.data)
        gnutls_memset(k.data, 0, k.size);
    gnutls_free(k.data);
    return rc;
}
