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
    char *key, *cert;
    struct rl_err err;
};

static int make(void **state)
{
    static const struct rl_cert_request rq = {"CallManager", "Head office", "cm1.example.org", 5};
    struct made *m = rl_alloc(sizeof *m);
    strcpy(m->dir, "/tmp/ringlock-pki-XXXXXX");
    assert_non_null(mkdtemp(m->dir));
    m->key = rl_asprintf("%s/a.key", m->dir);
    m->cert = rl_asprintf("%s/a.pem", m->dir);
    assert_int_equal(rl_cert_make(&rq, m->key, m->cert, &m->err), RL_OK);
    *state = m;
    return 0;
}

static int unmake(void **state)
{
    struct made *m = *state;
    unlink(m->key);
    unlink(m->cert);
    rmdir(m->dir);
    free(m->key);
    free(m->cert);
    free(m);
    return 0;
}

static void made_is_read_back(void **state)
{
    struct made *m = *state;
    struct rl_cert c;
    assert_int_equal(rl_cert_load(m->cert, &c, &m->err), RL_OK);
    assert_true(c.self_signed);
    assert_string_equal(c.subject, "O=Head office,CN=CallManager");
    assert_string_equal(c.issuer, c.subject);
    assert_string_equal(c.key_type, "RSA");
    assert_int_equal(c.key_bits, 2048);
    assert_string_equal(c.signature_hash, "SHA256");
    assert_int_equal(c.nsan, 1);
    assert_string_equal(c.san[0].type, "DNS");
    assert_string_equal(c.san[0].value, "cm1.example.org");
    assert_int_equal(strlen(c.serial), 32);
    assert_int_equal(strlen(c.fingerprint), 64);
    assert_int_equal((c.not_after_us - c.not_before_us) / 1000000, 5LL * 365 * 86400);
    rl_cert_fini(&c);
}

static void the_key_is_for_its_owner_alone(void **state)
{
    struct made *m = *state;
    struct stat st;
    assert_int_equal(stat(m->key, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void nothing_is_written_over(void **state)
{
    struct made *m = *state;
    static const struct rl_cert_request rq = {"TFTP", "", "x", 1};
    struct stat before, after;
    stat(m->key, &before);
    assert_int_equal(rl_cert_make(&rq, m->key, m->cert, &m->err), RL_E_CERT_GEN);
    char *other = rl_asprintf("%s/b.key", m->dir);
    assert_int_equal(rl_cert_make(&rq, other, m->cert, &m->err), RL_E_CERT_GEN);
    assert_int_not_equal(access(other, F_OK), 0);
    stat(m->key, &after);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    free(other);
}

static void damage_is_refused_whole(void **state)
{
    struct made *m = *state;
    struct rl_cert c;
    char text[8192];
    FILE *f = fopen(m->cert, "r");
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    for (size_t cut = 0; cut < n - 40; cut += 97) {
        assert_int_equal(rl_cert_parse(text, cut, "cut", &c, &m->err), RL_E_CERT_PARSE);
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
        cmocka_unit_test(made_is_read_back),       cmocka_unit_test(the_key_is_for_its_owner_alone),
        cmocka_unit_test(nothing_is_written_over), cmocka_unit_test(damage_is_refused_whole),
        cmocka_unit_test(sha256_is_sha256),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
