/* Proofs of phones against the recorded sessions (tests/vectors/capf): what the public client signs
 * holds, and nothing does that was changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enrol/capf_wire.h"
#include "pki/proof.h"

/* An AUTH_RESPONSE of a transcript; what it points to is in `bytes`. */
struct login {
    struct rl_buf bytes;
    struct rl_enr rec;
    uint8_t le[4]; /* the session's number, little-endian */
};

static void add_hex(struct rl_buf *out, const char *p)
{
    unsigned byte;
    for (; isxdigit((unsigned char)p[0]) && sscanf(p, "%2x", &byte) == 1; p += 2)
        rl_buf_addc(out, (char)byte);
}

static void read_login(const char *name, struct login *l)
{
    static char line[65536];
    char *path = rl_asprintf("tests/vectors/capf/%s.txt", name);
    FILE *f = fopen(path, "r");
    struct rl_wire_capf_message m;
    assert_non_null(f);
    free(path);
    *l = (struct login){0};
    while (l->bytes.len == 0 && fgets(line, sizeof line, f))
        if (strncmp(line, "C: 5502", 7) == 0)
            add_hex(&l->bytes, line + 3);
    fclose(f);
    assert_true(rl_wire_capf_read((const uint8_t *)l->bytes.data, l->bytes.len, &m) > 0);
    assert_true(rl_wire_capf_record(&m, &l->rec));
    for (int i = 0; i < 4; i++)
        l->le[i] = (uint8_t)(m.session >> 8 * i);
}

static bool device_holds(const struct login *l, bool sha1)
{
    const struct rl_enr_auth *a = &l->rec.auth;
    const struct rl_bytes piece[] = {
        a->device, {(const uint8_t *)"", 1},
         a->certificate
    };
    return rl_proof_holds(a->certificate.p, a->certificate.n, sha1 ? RL_RSA_SHA1 : RL_RSA_SHA512,
                          piece, 3, sha1 ? &a->sha1 : &a->sha2);
}

static bool sudi_holds(const struct login *l, bool sha1)
{
    const struct rl_enr_auth *a = &l->rec.auth;
    const struct rl_bytes piece[] = {
        {l->le, 4},
        a->sudi
    };
    return rl_proof_holds(a->sudi.p, a->sudi.n, sha1 ? RL_RSA_SHA1 : RL_RSA_SHA512, piece, 2,
                          sha1 ? &a->sudi_sha1 : &a->sudi_sha512);
}

static void recorded_proofs_hold(void **state)
{
    static const char *const names[] = {"04-install-certificate-rsa2048",
                                        "05-install-certificate-ec384-lsc"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct login l;
        read_login(names[i], &l);
        for (int sha1 = 0; sha1 < 2; sha1++) {
            assert_true(device_holds(&l, sha1));
            assert_true(sudi_holds(&l, sha1));
        }
        rl_buf_fini(&l.bytes);
    }
}

/* A byte changed anywhere: in what is signed, in the signature, in the session's number. */
static void changed_proofs_do_not_hold(void **state)
{
    struct login l;
    (void)state;
    read_login("04-install-certificate-rsa2048", &l);
    struct rl_bytes *changed[] = {&l.rec.auth.device, &l.rec.auth.sha1};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *byte = (uint8_t *)changed[i]->p + changed[i]->n - 1;
        *byte ^= 1;
        assert_false(device_holds(&l, true));
        *byte ^= 1;
        assert_true(device_holds(&l, true));
    }
    l.le[3] ^= 1;
    assert_false(sudi_holds(&l, false));
    l.le[3] ^= 1;
    uint8_t swapped[4] = {l.le[3], l.le[2], l.le[1], l.le[0]};
    memcpy(l.le, swapped, 4);
    assert_false(sudi_holds(&l, true)); /* big endian (capf.md 6) */
    rl_buf_fini(&l.bytes);
}

static void what_is_no_signature_does_not_hold(void **state)
{
    static const size_t lengths[] = {0, 1, 255, 257};
    uint8_t junk[257];
    struct login l;
    (void)state;
    memset(junk, 0x01, sizeof junk);
    read_login("04-install-certificate-rsa2048", &l);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        l.rec.auth.sha1 = (struct rl_bytes){junk, lengths[i]};
        assert_false(device_holds(&l, true));
    }
    memset(junk, 0xff, sizeof junk); /* above the modulus */
    l.rec.auth.sha1 = (struct rl_bytes){junk, 256};
    assert_false(device_holds(&l, true));
    memset(junk, 0, sizeof junk);
    assert_false(device_holds(&l, true));
    l.rec.auth.certificate = (struct rl_bytes){junk, 256};
    assert_false(device_holds(&l, true));
    rl_buf_fini(&l.bytes);
}

static void secrets_are_compared_whole(void **state)
{
    (void)state;
    assert_true(rl_proof_same("1234", 4, "1234", 4));
    assert_true(rl_proof_same("", 0, NULL, 0));
    assert_false(rl_proof_same("1234", 4, "1235", 4));
    assert_false(rl_proof_same("1234", 4, "12345", 5));
}

static void digits_are_digits(void **state)
{
    char text[11], other[11];
    struct rl_err err;
    (void)state;
    assert_int_equal(rl_proof_digits(text, 10, &err), RL_OK);
    assert_int_equal(rl_proof_digits(other, 10, &err), RL_OK);
    assert_int_equal(strspn(text, "0123456789"), 10);
    assert_int_equal(strlen(text), 10);
    assert_string_not_equal(text, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_proofs_hold),
        cmocka_unit_test(changed_proofs_do_not_hold),
        cmocka_unit_test(what_is_no_signature_does_not_hold),
        cmocka_unit_test(secrets_are_compared_whole),
        cmocka_unit_test(digits_are_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
