/* Addresses that are locked out after failed logins, and what a flood of them can push out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "control/lockout.h"

enum { TRIES = 3 };
#define LOCK 1000LL

static const uint8_t *address(uint32_t n, uint8_t out[RL_LOCKOUT_IP])
{
    memset(out, 0, RL_LOCKOUT_IP);
    memcpy(out + 12, &n, sizeof n);
    return out;
}

static void locked_out_after_the_tries(void **state)
{
    struct rl_lockout *l = rl_lockout_new();
    uint8_t a[RL_LOCKOUT_IP], b[RL_LOCKOUT_IP];
    (void)state;
    address(1, a);
    address(2, b);
    assert_false(rl_lockout_failed(l, a, TRIES, LOCK, 10));
    assert_false(rl_lockout_failed(l, a, TRIES, LOCK, 20));
    assert_false(rl_lockout_is(l, a, 20));
    assert_true(rl_lockout_failed(l, a, TRIES, LOCK, 30));
    assert_true(rl_lockout_is(l, a, 30 + LOCK - 1));
    assert_false(rl_lockout_is(l, b, 30));
    assert_int_equal(rl_lockout_count(l, 40), 1);
    assert_false(rl_lockout_is(l, a, 30 + LOCK));
    rl_lockout_free(&l);
    assert_null(l);
}

static void old_tries_are_forgotten(void **state)
{
    struct rl_lockout *l = rl_lockout_new();
    uint8_t a[RL_LOCKOUT_IP];
    (void)state;
    address(1, a);
    rl_lockout_failed(l, a, TRIES, LOCK, 10);
    rl_lockout_failed(l, a, TRIES, LOCK, 20);
    assert_false(rl_lockout_failed(l, a, TRIES, LOCK, 10 + LOCK));
    assert_false(rl_lockout_failed(l, a, TRIES, LOCK, 11 + LOCK));
    assert_true(rl_lockout_failed(l, a, TRIES, LOCK, 12 + LOCK));
    rl_lockout_free(&l);
}

/* A hundred thousand addresses with one try each free nobody. */
static void a_flood_frees_nobody(void **state)
{
    struct rl_lockout *l = rl_lockout_new();
    uint8_t a[RL_LOCKOUT_IP], other[RL_LOCKOUT_IP];
    (void)state;
    address(1, a);
    for (int i = 0; i < TRIES; i++)
        rl_lockout_failed(l, a, TRIES, LOCK, 10);
    for (uint32_t i = 2; i < 100000; i++)
        rl_lockout_failed(l, address(i, other), TRIES, LOCK, 11);
    assert_true(rl_lockout_is(l, a, 12));
    rl_lockout_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locked_out_after_the_tries),
        cmocka_unit_test(old_tries_are_forgotten),
        cmocka_unit_test(a_flood_frees_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
