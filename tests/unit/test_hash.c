#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ringlock/hash.h"

static void equal_bytes_hash_alike(void **state)
{
    char text[64];
    uint64_t seen[64];

    (void)state;
    memset(text, 'a', sizeof text);
    for (size_t n = 0; n < 64; n++) {
        seen[n] = rl_hash(text, n);
        assert_int_not_equal(seen[n], 0);
        assert_true(seen[n] == rl_hash(text, n));
        for (size_t k = 0; k < n; k++)
            assert_true(seen[k] != seen[n]);
    }
    text[7] ^= 1;
    assert_true(rl_hash(text, 8) != seen[8]);
}

enum { KEYS = 500 };

/* A map beside an array that does the same, through growing and holes. */
static void a_map_keeps_what_was_put(void **state)
{
    static char value[KEYS + 1];
    struct rl_map map = {0};
    char *held[KEYS + 1] = {0};
    unsigned r = 1;
    size_t n = 0;

    (void)state;
    assert_null(rl_map_get(&map, 7));
    assert_null(rl_map_remove(&map, 7));
    for (int step = 0; step < 50000; step++) {
        unsigned key = 1 + (r = r * 1103515245 + 12345) / 65536 % KEYS;
        if (r >> 30 & 1) {
            rl_map_put(&map, key, &value[key]);
            n += held[key] == NULL;
            held[key] = &value[key];
        } else {
            assert_ptr_equal(rl_map_remove(&map, key), held[key]);
            n -= held[key] != NULL;
            held[key] = NULL;
        }
        assert_int_equal(map.n, n);
    }
    for (unsigned key = 1; key <= KEYS; key++)
        assert_ptr_equal(rl_map_get(&map, key), held[key]);
    rl_map_fini(&map);
    assert_null(rl_map_get(&map, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_bytes_hash_alike),
        cmocka_unit_test(a_map_keeps_what_was_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
