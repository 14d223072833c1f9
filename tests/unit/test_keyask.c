#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "enrol/keyask.h"

static const uint8_t fingerprint[RL_KEYASK_FINGERPRINT] = "0123456789abcdef0123456789abcde";

static void comes_back(void **state)
{
    struct rl_keyask ask = {
        RL_KEYASK_SIGN, 0x0804, {fingerprint,             32},
          {(const uint8_t *)"data", 4 }
    };
    struct rl_keyask copy;
    struct rl_buf b = {0};

    (void)state;
    rl_keyask_encode(&ask, &b);
    assert_true(rl_keyask_decode((const uint8_t *)b.data, b.len, &copy));
    assert_int_equal(copy.op, RL_KEYASK_SIGN);
    assert_int_equal(copy.scheme, 0x0804);
    assert_memory_equal(copy.fingerprint.p, fingerprint, 32);
    assert_int_equal(copy.data.n, 4);
    assert_memory_equal(copy.data.p, "data", 4);
    for (size_t n = 0; n < b.len - 3; n++)
        assert_false(rl_keyask_decode((const uint8_t *)b.data, n, &copy));
    b.data[0] = 2;
    assert_false(rl_keyask_decode((const uint8_t *)b.data, b.len, &copy));
    b.data[0] = RL_KEYASK_DECRYPT;
    while (b.len <= RL_KEYASK_MAX)
        rl_buf_addc(&b, 'x');
    assert_false(rl_keyask_decode((const uint8_t *)b.data, b.len, &copy));
    rl_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(comes_back)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
