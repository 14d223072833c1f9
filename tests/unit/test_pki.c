/* Certificates: what is made can be read back with all that R9 names; what is no certificate is
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pki/cert.h"
#include "ringlock/buf.h"

struct made {
    char dir[32];
    char *path;
    struct rl_key *key;
    struct rl_buf der;
    struct rl_err err;
};

static const char *const names[] = {"cm1.example.org", "192.0.2.1", NULL};
static const struct rl_cert_request rq = {"CallManager", "Head office", names, 1000000, 5, false};

static int make(void **state)
{
    struct made *m = rl_alloc(sizeof *m);
    strcpy(m->dir, "/tmp/ringlock-pki-XXXXXX");
    assert_non_null(mkdtemp(m->dir));
    m->path = rl_asprintf("%s/a.key", m->dir);
    assert_int_equal(rl_key_make(RL_KEY_RSA_2048, m->path, &m->key, &m->err), RL_OK);
    assert_int_equal(rl_cert_make(&rq, m->key, &m->der, &m->err), RL_OK);
    *state = m;
    return 0;
}

static int unmake(void **state)
{
    struct made *m = *state;
    unlink(m->path);
    rmdir(m->dir);
    free(m->path);
    rl_key_free(&m->key);
    rl_buf_fini(&m->der);
    free(m);
    return 0;
}

static void made_is_read_back(void **state)
{
    struct made *m = *state;
    struct rl_cert c;
    assert_int_equal(rl_cert_parse(m->der.data, m->der.len, "made", &c, &m->err), RL_OK);
    assert_true(c.self_signed);
    assert_string_equal(c.subject, "O=Head office,CN=CallManager");
    assert_string_equal(c.issuer, c.subject);
    assert_string_equal(c.key_type, "RSA");
    assert_int_equal(c.key_bits, 2048);
    assert_string_equal(c.signature_hash, "SHA256");
    assert_int_equal(c.nsan, 2);
    assert_string_equal(c.san[0].type, "DNS");
    assert_string_equal(c.san[0].value, "cm1.example.org");
    assert_string_equal(c.san[1].type, "IP");
    assert_string_equal(c.san[1].value, "192.0.2.1");
    assert_false(c.ca);
    assert_int_equal(strlen(c.serial), 32);
    assert_int_equal(strlen(c.fingerprint), 64);
    assert_int_equal(c.not_before_us, 1000000);
    assert_int_equal((c.not_after_us - c.not_before_us) / 1000000, 5LL * 365 * 86400);
    rl_cert_fini(&c);
}

static void the_key_is_for_its_owner_alone(void **state)
{
    struct made *m = *state;
    struct stat st;
    assert_int_equal(stat(m->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void nothing_is_written_over(void **state)
{
    struct made *m = *state;
    struct rl_key *other;
    struct stat before, after;
    stat(m->path, &before);
    assert_int_equal(rl_key_make(RL_KEY_EC_256, m->path, &other, &m->err), RL_E_CERT_GEN);
    assert_null(other);
    stat(m->path, &after);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    assert_int_equal(rl_key_make(RL_KEY_EC_256, "/nonexistent/a", &other, &m->err), RL_E_CERT_GEN);
}

/* What is read back from the file is the key of the certificate, and no other one is. */
static void each_kind_of_key_is_kept(void **state)
{
    static const struct {
        enum rl_key_kind kind;
        bool ec;
        size_t bytes;
        const char *hash;
    } rows[] = {
        {RL_KEY_RSA_3072, false, 384, "SHA256"},
        {RL_KEY_EC_256,   true,  32,  "SHA256"},
        {RL_KEY_EC_384,   true,  48,  "SHA384"},
        {RL_KEY_EC_521,   true,  66,  "SHA512"},
    };
    struct made *m = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_key *key, *read;
        struct rl_buf der = {0};
        struct rl_cert c;
        char *path = rl_asprintf("%s/b.key", m->dir);
        assert_int_equal(rl_key_make(rows[i].kind, path, &key, &m->err), RL_OK);
        assert_int_equal(rl_cert_make(&rq, key, &der, &m->err), RL_OK);
        assert_int_equal(rl_key_load(path, &read, &m->err), RL_OK);
        assert_int_equal(rl_key_is_ec(read), rows[i].ec);
        assert_int_equal(rl_key_bytes(read), rows[i].bytes);
        assert_true(rl_key_fits(read, der.data, der.len));
        assert_false(rl_key_fits(m->key, der.data, der.len));
        assert_int_equal(rl_cert_parse(der.data, der.len, "b", &c, &m->err), RL_OK);
        assert_true(c.self_signed);
        assert_string_equal(c.signature_hash, rows[i].hash);
        rl_cert_fini(&c);
        rl_key_free(&key);
        rl_key_free(&read);
        rl_buf_fini(&der);
        unlink(path);
        free(path);
    }
}

static void a_ca_signs_others(void **state)
{
    struct made *m = *state;
    static const struct rl_cert_request ca = {"CAPF-1", "", names, 0, 5, true};
    struct rl_buf der = {0};
    struct rl_cert c;
    assert_int_equal(rl_cert_make(&ca, m->key, &der, &m->err), RL_OK);
    assert_int_equal(rl_cert_parse(der.data, der.len, "CA", &c, &m->err), RL_OK);
    assert_true(c.ca);
    rl_cert_fini(&c);
    rl_buf_fini(&der);
}

static void damage_is_refused_whole(void **state)
{
    struct made *m = *state;
    struct rl_cert c;
    for (size_t cut = 0; cut < m->der.len; cut += 97) {
        assert_int_equal(rl_cert_parse(m->der.data, cut, "cut", &c, &m->err), RL_E_CERT_PARSE);
        assert_null(c.pem);
    }
    assert_int_equal(rl_cert_parse("\x30\x82\xff\xff", 4, "der", &c, &m->err), RL_E_CERT_PARSE);
    assert_int_equal(rl_cert_load("/nonexistent", &c, &m->err), RL_E_IO);
}

static void sha256_is_sha256(void **state)
{
    char out[65];
    (void)state;
    rl_pki_sha256("abc", 3, out); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    rl_pki_sha256("", 0, out);
    assert_string_equal(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_is_read_back),
        cmocka_unit_test(the_key_is_for_its_owner_alone),
        cmocka_unit_test(nothing_is_written_over),
        cmocka_unit_test(damage_is_refused_whole),
        cmocka_unit_test(each_kind_of_key_is_kept),
        cmocka_unit_test(a_ca_signs_others),
        cmocka_unit_test(sha256_is_sha256),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
