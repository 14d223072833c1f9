#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "policy/tvs.h"

/* By trust store (security-model 13); whose certificate it is comes first. */
static void a_role_by_store(void **state)
{
    static const struct {
        const char *store, *device, *origin;
        bool used;
        int role;
    } rows[] = {
        {"CallManager-trust", "",                "",          false, 1             },
        {"CallManager-trust", "",                "",          true,  RL_TVS_NO_ROLE},
        {"CallManager-trust", "",                "by-device", false, RL_TVS_NO_ROLE},
        {"CallManager-trust", "SEP001122334455", "",          false, RL_TVS_NO_ROLE},
        {"CAPF-trust",        "",                "",          false, 4             },
        {"CAPF-trust",        "SEP001122334455", "",          false, RL_TVS_NO_ROLE},
        {"TVS-trust",         "",                "",          false, 21            },
        {"Phone-SAST-trust",  "",                "",          false, 0             },
        {"tomcat-trust",      "",                "",          false, 7             },
        {"Phone-trust",       "",                "",          false, 7             },
        {"Phone-VPN-trust",   "",                "",          false, RL_TVS_NO_ROLE},
        {"ipsec-trust",       "",                "",          false, RL_TVS_NO_ROLE},
        {"pack-signers",      "",                "",          false, RL_TVS_NO_ROLE},
        {"CallManager",       "",                "",          false, RL_TVS_NO_ROLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_row cert;
        rl_row_init(&cert, rl_object(RL_CERTIFICATE));
        rl_row_set(&cert, RL_CERTIFICATE_STORE, rows[i].store);
        rl_row_set(&cert, RL_CERTIFICATE_DEVICE, rows[i].device);
        rl_row_set(&cert, RL_CERTIFICATE_ORIGIN, rows[i].origin);
        assert_int_equal(rl_policy_tvs_role(&cert, rows[i].used), rows[i].role);
        rl_row_fini(&cert);
    }
}

/* The order of the sheet, tvs.md 5: SAST, CCM, CCM+TFTP, TFTP, CAPF, APP-SERVER, TVS. */
static void roles_in_their_order(void **state)
{
    uint8_t out[32];

    (void)state;
    assert_int_equal(rl_policy_tvs_roles(1U << 21 | 1 << 7 | 1 << 4 | 0xf, out), 7);
    assert_memory_equal(out, "\0\1\2\3\4\7\x15", 7);
    assert_int_equal(rl_policy_tvs_roles(0, out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_by_store),
        cmocka_unit_test(roles_in_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
