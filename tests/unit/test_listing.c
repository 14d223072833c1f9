/* Which certificates a list has: each case gives certificates, and the records that come of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "trust/listing.h"

enum { CERTS = 10 };

/* Certificates as "CODE": the role's letter (R CallManager, E CallManager EC, T TFTP, C CAPF, V
 * TVS, I ITLRecovery), the state's (a, n, f) and a number that tells the certificate. Records: the
 * role, and the code. NULL: no list. */
static const struct {
    const char *what, *certs, *ctl, *itl;
    bool ec;
} cases[] = {
    {"a new site",                         "Ra1 Ea2 Ta3 Ca4 Va5 Ia6",     "SAST Ia6, CCM Ra1, TFTP Ta3, CAPF Ca4",
     "SAST Ia6, CCM Ra1, TFTP Ta3, CAPF Ca4, TVS Va5",                                                                                                                               false},
    {"EC keys are for signer version 1.1", "Ra1 Ea2 Ta3 Ca4 Va5 Ia6",
     "SAST Ia6, CCM Ra1, TFTP Ta3, CAPF Ca4, CCM Ea2",                                                             "SAST Ia6, CCM Ra1, TFTP Ta3, CAPF Ca4, TVS Va5, CCM Ea2",        true },
    {"one certificate for both",           "Ia6 Ra1 Ta1",                 "SAST Ia6, CCM+TFTP Ra1",                "SAST Ia6, CCM+TFTP Ra1",
     false                                                                                                                                                                                },
    {"a signer to come",                   "In7 Ia6 Ra1",                 "SAST Ia6, SAST In7, CCM Ra1",
     "SAST Ia6, SAST In7, CCM Ra1",                                                                                                                                                  false},
    {"a signer of before",                 "If5 Ia6 Ra1",                 "SAST Ia6, SAST If5, CCM Ra1",
     "SAST Ia6, SAST If5, CCM Ra1",                                                                                                                                                  false},
    {"phones take two signers",            "If4 If5 Ia6 In7",             "SAST Ia6, SAST In7",                    "SAST Ia6, SAST In7",
     false                                                                                                                                                                                },
    {"of other roles all are listed",      "Ia6 Rf1 Rf2 Ra3 Rn4 Vf5 Va7",
     "SAST Ia6, CCM Ra3, CCM Rn4, CCM Rf1, CCM Rf2",                                                               "SAST Ia6, CCM Ra3, CCM Rn4, CCM Rf1, CCM Rf2, TVS Va7, TVS Vf5", false},
    {"nobody signs",                       "Ra1 Ta2",                     NULL,                                    NULL,                                                             false},
    {"the next signer does not sign",      "In7 Ra1",                     NULL,                                    NULL,                                                             false},
};

static struct rl_listing_cert cert_of(char *code)
{
    static const char *const roles[] = {
        ['R'] = "CallManager", ['E'] = "CallManager", ['T'] = "TFTP",
        ['C'] = "CAPF",        ['V'] = "TVS",         ['I'] = "ITLRecovery"};
    return (struct rl_listing_cert){
        .role = roles[(unsigned char)code[0]],
        .ec = code[0] == 'E',
        .state = code[1] == 'a'   ? RL_LISTING_ACTIVE
                 : code[1] == 'n' ? RL_LISTING_NEXT
                                  : RL_LISTING_FORMER,
        .fingerprint = code + 2,
    };
}

static size_t certs_of(char *text, struct rl_listing_cert *cert, char **code)
{
    size_t n = 0;
    for (char *at = strtok(text, " "); at; at = strtok(NULL, " "), n++) {
        assert_true(n < CERTS);
        code[n] = at;
        cert[n] = cert_of(at);
    }
    return n;
}

static void assert_records(const char *what, const char *certs, enum rl_list_kind kind, bool ec,
                           const char *wanted)
{
    struct rl_listing_cert cert[CERTS];
    struct rl_listing made;
    struct rl_buf said = {0};
    char *text = rl_strdup(certs), *code[CERTS];
    size_t n = certs_of(text, cert, code);
    bool signs = rl_listing_make(kind, ec, cert, n, &made);
    for (size_t i = 0; i < made.n; i++)
        rl_buf_addf(&said, "%s%s %s", i ? ", " : "", rl_trust_role_name(made.record[i].role),
                    code[made.record[i].cert]);
    if (signs != (wanted != NULL) || (wanted && strcmp(rl_buf_str(&said), wanted) != 0))
        fail_msg("%s, %s: %s", what, rl_list_names[kind], rl_buf_str(&said));
    rl_buf_fini(&said);
    free(text);
}

static void every_case_has_its_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_records(cases[i].what, cases[i].certs, RL_LIST_CTL, cases[i].ec, cases[i].ctl);
        assert_records(cases[i].what, cases[i].certs, RL_LIST_ITL, cases[i].ec, cases[i].itl);
    }
}

static void it_has_an_end(void **state)
{
    struct rl_listing_cert cert[2 * RL_LISTED_MAX];
    struct rl_listing made;
    (void)state;
    for (size_t i = 0; i < 2 * RL_LISTED_MAX; i++)
        cert[i] = (struct rl_listing_cert){i ? "TFTP" : "ITLRecovery", false,
                                           i ? RL_LISTING_FORMER : RL_LISTING_ACTIVE, "1"};
    assert_true(rl_listing_make(RL_LIST_ITL, true, cert, 2 * RL_LISTED_MAX, &made));
    assert_int_equal(made.n, RL_LISTED_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_has_its_records),
        cmocka_unit_test(it_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
