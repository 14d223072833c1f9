#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "policy/tlsform.h"
#include "ringlock/buf.h"

enum { PSS = 0x0804, PKCS1 = 0x0401, PKCS1_SHA1 = 0x0201, ECDSA = 0x0403 };

static const char context[] = "TLS 1.3, server CertificateVerify";

static void tls13(struct rl_buf *b, const char *words, char blank, size_t hash)
{
    rl_buf_clear(b);
    for (int i = 0; i < 64; i++)
        rl_buf_addc(b, blank);
    rl_buf_add(b, words, strlen(words) + 1);
    for (size_t i = 0; i < hash; i++)
        rl_buf_addc(b, 'h');
}

static bool signable(uint16_t scheme, const struct rl_buf *b)
{
    return rl_policy_tls_signable(scheme, (const uint8_t *)b->data, b->len);
}

static void tls13_is_signed_with_pss(void **state)
{
    struct rl_buf b = {0};

    (void)state;
    tls13(&b, context, ' ', 32);
    assert_true(signable(PSS, &b));
    assert_false(signable(PKCS1, &b));
    tls13(&b, context, ' ', 48);
    assert_true(signable(PSS, &b));
    tls13(&b, context, ' ', 20);
    assert_false(signable(PSS, &b));
    tls13(&b, context, 'x', 32);
    assert_false(signable(PSS, &b));
    tls13(&b, "TLS 1.3, client CertificateVerify", ' ', 32);
    assert_false(signable(PSS, &b));
    rl_buf_fini(&b);
}

static void tls12(struct rl_buf *b, const char *randoms, const char *params, uint8_t point)
{
    rl_buf_clear(b);
    for (int i = 0; i < 64; i++)
        rl_buf_addc(b, i < (int)strlen(randoms) ? randoms[i] : 'r');
    rl_buf_add(b, params, 4);
    for (uint8_t i = 0; i < point; i++)
        rl_buf_addc(b, 'p');
}

static void tls12_is_signed_with_both(void **state)
{
    static const struct {
        const char *params;
        uint8_t point;
        bool good;
    } rows[] = {
        {"\3\0\x17\x41", 65,  true }, /* P-256 */
        {"\3\0\x18\x61", 97,  true },
        {"\3\0\x19\x85", 133, true },
        {"\3\0\x1d\x20", 32,  true }, /* X25519 */
        {"\1\0\x17\x41", 65,  false}, /* explicit curve */
        {"\3\0\x17\x41", 64,  false}, /* cut off */
        {"\3\0\x17\x41", 66,  false}, /* a byte too many */
        {"\3\0\x17\x20", 32,  false}, /* no such point */
        {"\3\0\x16\x41", 65,  false}, /* no such group */
    };
    struct rl_buf b = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tls12(&b, "", rows[i].params, rows[i].point);
        assert_int_equal(signable(PSS, &b), rows[i].good);
        assert_int_equal(signable(PKCS1, &b), rows[i].good);
        assert_false(signable(PKCS1_SHA1, &b));
        assert_false(signable(ECDSA, &b));
    }
    rl_buf_fini(&b);
}

/* Who chooses the randoms could write the inside of a certificate: 98 bytes of SEQUENCE, of which
 * five elements and the last one, with the point in it, are as long as they say. */
static void the_inside_of_a_certificate_is_not(void **state)
{
    static const char crafted[] =
        "\x30\x62\x02\x01\x01\x02\x01\x01\x02\x01\x01\x02\x01\x01\x02\x01\x01"
        "\x04\x51";
    struct rl_buf b = {0};

    (void)state;
    tls12(&b, crafted, "\3\0\x1d\x20", 32);
    assert_int_equal(b.len, 100);
    assert_false(signable(PKCS1, &b));
    b.data[1] = 0x61; /* SEQUENCE is not all of it */
    assert_true(signable(PKCS1, &b));
    b.data[1] = 0x62;
    b.data[18] = 0x52; /* the last element is too long */
    assert_true(signable(PKCS1, &b));
    rl_buf_fini(&b);
}

static void nothing_is_not_signed(void **state)
{
    (void)state;
    assert_false(rl_policy_tls_signable(PSS, (const uint8_t *)"", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls13_is_signed_with_pss),
        cmocka_unit_test(tls12_is_signed_with_both),
        cmocka_unit_test(the_inside_of_a_certificate_is_not),
        cmocka_unit_test(nothing_is_not_signed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
