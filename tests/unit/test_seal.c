/* Sealed files: what was sealed comes back with the right key, and nothing else comes back at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "pki/cert.h"
#include "pki/seal.h"

static const char passphrase[] = "correct horse battery";

enum { SMALL = 1000, LARGE = 2 * RL_SEAL_CHUNK + 77 };

/* A sealed file of n bytes: 0, 1, 2, ... */
static struct rl_buf sealed_by(struct rl_seal *seal, size_t n)
{
    struct rl_buf plain = {0}, out = {0};
    for (size_t i = 0; i < n; i++)
        rl_buf_addc(&plain, (char)i);
    rl_buf_add(&out, rl_seal_head(seal)->data, rl_seal_head(seal)->len);
    size_t at = 0;
    do {
        size_t part = n - at < RL_SEAL_CHUNK ? n - at : RL_SEAL_CHUNK;
        assert_int_equal(
            rl_seal_chunk(seal, n ? plain.data + at : "", part, at + part == n, &out, NULL), RL_OK);
        at += part;
    } while (at < n);
    assert_int_equal(out.len, rl_seal_length(seal, (int64_t)n));
    rl_buf_fini(&plain);
    return out;
}

static struct rl_buf sealed(size_t n)
{
    struct rl_seal *seal;
    struct rl_err err = {0};
    assert_int_equal(rl_seal_to_passphrase(passphrase, &seal, &err), RL_OK);
    struct rl_buf out = sealed_by(seal, n);
    rl_seal_free(&seal);
    return out;
}

/* What comes of opening; the plain text is checked byte by byte. */
static enum rl_code opened(const struct rl_buf *file, const struct rl_seal_key *key, size_t *n,
                           struct rl_err *err)
{
    struct rl_unseal *u = NULL;
    const uint8_t *plain = NULL;
    size_t part;
    FILE *in = file->len ? fmemopen(file->data, file->len, "r") : fopen("/dev/null", "r");
    *n = 0;
    enum rl_code code = rl_unseal_open(in, "a.backup", &u, err);
    if (code == RL_OK)
        code = rl_unseal_unlock(u, key, err);
    while (code == RL_OK && (code = rl_unseal_next(u, &plain, &part, err)) == RL_OK && plain) {
        for (size_t i = 0; i < part; i++)
            assert_int_equal(plain[i], (uint8_t)(*n + i));
        *n += part;
    }
    rl_unseal_free(&u);
    fclose(in);
    return code;
}

static const struct rl_seal_key right = {.passphrase = passphrase};

static enum rl_code outcome(const struct rl_buf *file)
{
    struct rl_err err = {0};
    size_t n;
    enum rl_code code = opened(file, &right, &n, &err);
    assert_true(code == RL_OK || (err.code == code && *err.text));
    return code;
}

static void every_length_comes_back(void **state)
{
    static const size_t lengths[] = {0, 1, SMALL, RL_SEAL_CHUNK, RL_SEAL_CHUNK + 1, LARGE};
    struct rl_err err = {0};
    size_t n;
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct rl_buf file = sealed(lengths[i]);
        assert_int_equal(opened(&file, &right, &n, &err), RL_OK);
        assert_int_equal(n, lengths[i]);
        rl_buf_fini(&file);
    }
}

static void another_passphrase_is_told_apart(void **state)
{
    struct rl_seal_key wrong = {.passphrase = "correct horse batterz"}, none = {0};
    struct rl_err err = {0};
    size_t n;
    (void)state;
    struct rl_buf file = sealed(SMALL);
    assert_int_equal(opened(&file, &wrong, &n, &err), RL_E_BACKUP_KEY);
    assert_int_equal(opened(&file, &none, &n, &err), RL_E_BACKUP_KEY);
    assert_int_equal(n, 0);
    rl_buf_fini(&file);
}

static void short_passphrases_are_refused(void **state)
{
    struct rl_seal *seal;
    struct rl_err err = {0};
    (void)state;
    assert_int_equal(rl_seal_to_passphrase("eleven byte", &seal, &err), RL_E_VALUE);
    assert_null(seal);
    assert_null(strstr(err.text, "eleven"));
}

static void no_two_are_alike(void **state)
{
    (void)state;
    struct rl_buf a = sealed(SMALL), b = sealed(SMALL);
    assert_int_equal(a.len, b.len);
    assert_memory_not_equal(a.data + a.len - SMALL, b.data + b.len - SMALL, SMALL);
    rl_buf_fini(&a);
    rl_buf_fini(&b);
}

/* Each byte of the head, and some of every part. */
static void a_changed_byte_is_seen(void **state)
{
    (void)state;
    struct rl_buf file = sealed(LARGE);
    size_t head = file.len - LARGE - 3 * RL_SEAL_TAG;
    for (size_t at = 0; at < file.len; at += at < head ? 1 : 9973) {
        file.data[at] ^= 1;
        enum rl_code code = outcome(&file);
        assert_int_equal(code, at < 8    ? RL_E_BACKUP_FOREIGN
                               : at < 10 ? RL_E_SITE_NEWER
                                         : RL_E_BACKUP_DAMAGED);
        file.data[at] ^= 1;
    }
    assert_int_equal(outcome(&file), RL_OK);
    rl_buf_fini(&file);
}

static void a_shorter_or_longer_file_is_seen(void **state)
{
    (void)state;
    struct rl_buf file = sealed(LARGE);
    size_t whole = file.len, head = whole - LARGE - 3 * RL_SEAL_TAG;
    const size_t cuts[] = {8,
                           9,
                           head - 1,
                           head,
                           head + 1,
                           head + RL_SEAL_CHUNK + RL_SEAL_TAG,
                           head + 2 * (RL_SEAL_CHUNK + RL_SEAL_TAG),
                           head + 2 * (RL_SEAL_CHUNK + RL_SEAL_TAG) + 5,
                           whole - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        file.len = cuts[i];
        assert_int_equal(outcome(&file), RL_E_BACKUP_DAMAGED);
    }
    file.len = 7;
    assert_int_equal(outcome(&file), RL_E_BACKUP_FOREIGN);
    file.len = 0;
    assert_int_equal(outcome(&file), RL_E_BACKUP_FOREIGN);
    file.len = whole;
    rl_buf_addc(&file, 'x');
    assert_int_equal(outcome(&file), RL_E_BACKUP_DAMAGED);
    rl_buf_fini(&file);
}

/* A full last part with one more behind it. */
static void an_appended_part_is_seen(void **state)
{
    (void)state;
    struct rl_buf file = sealed(RL_SEAL_CHUNK), more = {0};
    rl_buf_add(&more, file.data + file.len - RL_SEAL_CHUNK - RL_SEAL_TAG,
               RL_SEAL_CHUNK + RL_SEAL_TAG);
    rl_buf_add(&file, more.data, more.len);
    assert_int_equal(outcome(&file), RL_E_BACKUP_DAMAGED);
    rl_buf_fini(&more);
    rl_buf_fini(&file);
}

static void parts_that_changed_places_are_seen(void **state)
{
    (void)state;
    enum { WHOLE = RL_SEAL_CHUNK + RL_SEAL_TAG };
    struct rl_buf file = sealed(LARGE);
    char *part = file.data + file.len - 77 - RL_SEAL_TAG - 2 * WHOLE, *aside = rl_alloc(WHOLE);
    memcpy(aside, part, WHOLE);
    memcpy(part, part + WHOLE, WHOLE);
    memcpy(part + WHOLE, aside, WHOLE);
    assert_int_equal(outcome(&file), RL_E_BACKUP_DAMAGED);
    free(aside);
    rl_buf_fini(&file);
}

/* ---- to a certificate ---- */

struct pair {
    gnutls_datum_t key, cert;
};

static struct pair make_pair(gnutls_pk_algorithm_t algorithm, unsigned bits)
{
    struct pair p = {0};
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_crt_init(&crt), 0);
    assert_int_equal(gnutls_x509_privkey_generate(key, algorithm, bits, 0), 0);
    assert_int_equal(gnutls_x509_crt_set_key(crt, key), 0);
    assert_int_equal(gnutls_x509_crt_set_version(crt, 3), 0);
    assert_int_equal(gnutls_x509_crt_set_serial(crt, "\1", 1), 0);
    assert_int_equal(gnutls_x509_crt_set_activation_time(crt, 1000), 0);
    assert_int_equal(gnutls_x509_crt_set_expiration_time(crt, 2000), 0);
    assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA512, 0), 0);
    assert_int_equal(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &p.key), 0);
    assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &p.cert), 0);
    gnutls_x509_privkey_deinit(key);
    gnutls_x509_crt_deinit(crt);
    return p;
}

static void free_pair(struct pair *p)
{
    gnutls_free(p->key.data);
    gnutls_free(p->cert.data);
}

static void check_pair(gnutls_pk_algorithm_t algorithm, unsigned bits)
{
    struct pair mine = make_pair(algorithm, bits), other = make_pair(algorithm, bits);
    struct rl_seal_key ours = {.pem = (char *)mine.key.data, .npem = mine.key.size};
    struct rl_seal_key theirs = {.pem = (char *)other.key.data, .npem = other.key.size};
    struct rl_seal_key text = {.pem = "no key", .npem = 6};
    struct rl_seal *seal;
    struct rl_err err = {0};
    size_t n;
    assert_int_equal(rl_seal_to_certificate(mine.cert.data, mine.cert.size, "a.pem", &seal, &err),
                     RL_OK);
    struct rl_buf file = sealed_by(seal, LARGE);
    rl_seal_free(&seal);
    assert_int_equal(opened(&file, &ours, &n, &err), RL_OK);
    assert_int_equal(n, LARGE);
    assert_int_equal(opened(&file, &theirs, &n, &err), RL_E_BACKUP_KEY);
    assert_int_equal(opened(&file, &text, &n, &err), RL_E_BACKUP_KEY);
    assert_int_equal(opened(&file, &right, &n, &err), RL_E_BACKUP_KEY);
    file.data[100] ^= 1; /* in what is wrapped */
    assert_int_equal(opened(&file, &ours, &n, &err), RL_E_BACKUP_DAMAGED);
    rl_buf_fini(&file);
    free_pair(&mine);
    free_pair(&other);
}

static void keys_of_certificates_open(void **state)
{
    (void)state;
    check_pair(GNUTLS_PK_RSA, 2048);
    check_pair(GNUTLS_PK_EC, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
    check_pair(GNUTLS_PK_EC, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1));
    check_pair(GNUTLS_PK_EC, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1));
}

static void weak_and_other_keys_are_refused(void **state)
{
    struct pair weak = make_pair(GNUTLS_PK_RSA, 1024);
    struct pair other = make_pair(GNUTLS_PK_EDDSA_ED25519, 256);
    struct rl_seal *seal;
    struct rl_err err = {0};
    (void)state;
    assert_int_equal(rl_seal_to_certificate(weak.cert.data, weak.cert.size, "a.pem", &seal, &err),
                     RL_E_CERT_WEAK);
    assert_int_equal(rl_seal_to_certificate(other.cert.data, other.cert.size, "a.pem", &seal, &err),
                     RL_E_CERT_WEAK);
    assert_int_equal(rl_seal_to_certificate("x", 1, "a.pem", &seal, &err), RL_E_CERT_PARSE);
    free_pair(&weak);
    free_pair(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_comes_back),
        cmocka_unit_test(another_passphrase_is_told_apart),
        cmocka_unit_test(short_passphrases_are_refused),
        cmocka_unit_test(no_two_are_alike),
        cmocka_unit_test(a_changed_byte_is_seen),
        cmocka_unit_test(a_shorter_or_longer_file_is_seen),
        cmocka_unit_test(an_appended_part_is_seen),
        cmocka_unit_test(parts_that_changed_places_are_seen),
        cmocka_unit_test(keys_of_certificates_open),
        cmocka_unit_test(weak_and_other_keys_are_refused),
    };
    return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
