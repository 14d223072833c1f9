/* CAPF's decisions: status texts (profiles.md 5), logins in the four modes, keys by the key order,
 * what each end means (R66 to R73), releases (R131). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "policy/capf.h"
#include "ringlock/profile.h"

#define INSTALL RL_CAPF_INSTALL
#define DELETE  RL_CAPF_DELETE
#define TROUBLE RL_CAPF_TROUBLESHOOT

/* --- status --- */

static void statuses_are_those_of_the_field(void **state)
{
    static const struct {
        enum rl_capf_operation done;
        enum rl_capf_state state;
        enum rl_capf_why why;
        const char *text;
    } rows[] = {
        {RL_CAPF_NONE, RL_CAPF_IDLE,    RL_CAPF_WHY_NONE,            "None"                                  },
        {INSTALL,      RL_CAPF_PENDING, RL_CAPF_WHY_NONE,            "Operation Pending"                     },
        {INSTALL,      RL_CAPF_SUCCESS, RL_CAPF_WHY_NONE,            "Upgrade Success"                       },
        {DELETE,       RL_CAPF_SUCCESS, RL_CAPF_WHY_NONE,            "Delete Success"                        },
        {TROUBLE,      RL_CAPF_SUCCESS, RL_CAPF_WHY_NONE,            "Troubleshoot Success"                  },
        {INSTALL,      RL_CAPF_REFUSED, RL_CAPF_WHY_NONE,            "Upgrade Failed"                        },
        {INSTALL,      RL_CAPF_REFUSED, RL_CAPF_INVALID_LSC,         "Upgrade Failed: Invalid LSC"           },
        {DELETE,       RL_CAPF_REFUSED, RL_CAPF_INVALID_STRING,
         "Delete Failed: Invalid Authentication String"                                                      },
        {TROUBLE,      RL_CAPF_REFUSED, RL_CAPF_INVALID_MIC,         "Troubleshoot Failed: Invalid MIC"      },
        {INSTALL,      RL_CAPF_REFUSED, RL_CAPF_INVALID_CREDENTIALS,
         "Upgrade Failed: Invalid Credentials"                                                               },
        {INSTALL,      RL_CAPF_REFUSED, RL_CAPF_COMMUNICATION,
         "Upgrade Failed: Phone Communication Failure"                                                       },
        {INSTALL,      RL_CAPF_REFUSED, RL_CAPF_KEY_GENERATION,
         "Upgrade Failed: Key Generation Failed/Timeout"                                                     },
        {DELETE,       RL_CAPF_REFUSED, RL_CAPF_LATE,
         "Delete Failed: User Initiated Request Late/Timedout"                                               },
        {DELETE,       RL_CAPF_REFUSED, RL_CAPF_CA_COMMUNICATION,
         "Delete Failed: CA Communication Failure"                                                           },
        {INSTALL,      RL_CAPF_REFUSED, RL_CAPF_CA_REJECTED,         "Upgrade Failed: CA Rejected Connection"},
        {INSTALL,      RL_CAPF_REFUSED, RL_CAPF_NO_EC,
         "Upgrade Failed: No Support for EC only in CAPF version 3"                                          },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[RL_CAPF_STATUS_TEXT];
        rl_capf_status_text(rows[i].done, rows[i].state, rows[i].why, text);
        assert_string_equal(text, rows[i].text);
        assert_true(rl_capf_status_exists(rows[i].done, rows[i].state, rows[i].why));
    }
}

/* profiles.md 5: of all combinations so many are statuses. */
static void no_status_is_told_that_is_none(void **state)
{
    size_t n = 0;
    (void)state;
    for (int op = RL_CAPF_INSTALL; op < RL_CAPF_OPERATIONS; op++)
        for (int st = RL_CAPF_SUCCESS; st < RL_CAPF_STATES; st++)
            for (int why = 0; why < RL_CAPF_WHYS; why++)
                n += rl_capf_status_exists((enum rl_capf_operation)op, (enum rl_capf_state)st,
                                           (enum rl_capf_why)why);
    assert_int_equal(n, 3 + 3 * 8 + 2 * 2 + 1);
    assert_false(rl_capf_status_exists(TROUBLE, RL_CAPF_REFUSED, RL_CAPF_CA_REJECTED));
    assert_false(rl_capf_status_exists(DELETE, RL_CAPF_REFUSED, RL_CAPF_NO_EC));
    assert_false(rl_capf_status_exists(INSTALL, RL_CAPF_PENDING, RL_CAPF_LATE));
}

static void strings_are_four_to_ten_digits(void **state)
{
    (void)state;
    assert_true(rl_capf_string_ok("1234"));
    assert_true(rl_capf_string_ok("1234567890"));
    assert_false(rl_capf_string_ok("123"));
    assert_false(rl_capf_string_ok("12345678901"));
    assert_false(rl_capf_string_ok("12a4"));
    assert_false(rl_capf_string_ok(""));
}

/* --- logins --- */

enum { A = RL_CAPF_ABSENT, B = RL_CAPF_BAD, G = RL_CAPF_GOOD };

static void logins_are_judged_by_the_mode(void **state)
{
    static const struct {
        const char *mode;
        int string, lsc, mic;
        const char *by; /* NULL: turned away */
        enum rl_capf_why why;
        bool counts;
    } rows[] = {
        {"string",      G, A, A, "string",      0,                           false},
        {"string",      B, A, A, NULL,          RL_CAPF_INVALID_STRING,      true },
        {"string",      A, G, G, NULL,          RL_CAPF_INVALID_STRING,      false},
        {"null-string", A, A, A, "null-string", 0,                           false},
        {"null-string", B, B, B, "null-string", 0,                           false},
        {"lsc",         G, A, A, NULL,          RL_CAPF_INVALID_CREDENTIALS, true },
        {"lsc",         A, G, A, "lsc",         0,                           false},
        {"lsc",         A, G, B, "lsc",         0,                           false},
        {"lsc",         A, A, G, "mic",         0,                           false},
        {"lsc",         A, B, G, NULL,          RL_CAPF_INVALID_LSC,         true },
        {"lsc",         A, A, B, NULL,          RL_CAPF_INVALID_MIC,         true },
        {"mic",         A, G, G, "mic",         0,                           false},
        {"mic",         A, G, A, "lsc",         0,                           false},
        {"mic",         A, G, B, NULL,          RL_CAPF_INVALID_MIC,         true },
        {"mic",         A, B, A, NULL,          RL_CAPF_INVALID_LSC,         true },
        {"",            G, G, G, NULL,          RL_CAPF_INVALID_CREDENTIALS, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_row profile;
        rl_row_init(&profile, rl_object(RL_PROFILE));
        rl_row_set(&profile, RL_PROFILE_AUTH_MODE, rows[i].mode);
        struct rl_capf_login l = {.profile = &profile,
                                  .operation = INSTALL,
                                  .string = (enum rl_capf_proof)rows[i].string,
                                  .lsc = (enum rl_capf_proof)rows[i].lsc,
                                  .mic = (enum rl_capf_proof)rows[i].mic};
        struct rl_capf_verdict v = rl_policy_capf_login(&l);
        assert_int_equal(v.next, rows[i].by ? RL_CAPF_GO_ON : RL_CAPF_TURN_AWAY);
        assert_int_equal(v.why, rows[i].why);
        assert_int_equal(v.counts, rows[i].counts);
        if (rows[i].by)
            assert_string_equal(v.by, rows[i].by);
        rl_row_fini(&profile);
    }
}

static void locks_and_dates_come_first(void **state)
{
    struct rl_row profile;
    (void)state;
    rl_row_init(&profile, rl_object(RL_PROFILE));
    rl_row_set(&profile, RL_PROFILE_AUTH_MODE, "null-string");
    struct rl_capf_login l = {.profile = &profile, .operation = RL_CAPF_NONE};
    assert_int_equal(rl_policy_capf_login(&l).next, RL_CAPF_NOTHING);
    l.operation = DELETE;
    assert_int_equal(rl_policy_capf_login(&l).next, RL_CAPF_GO_ON);
    l.late = true;
    assert_int_equal(rl_policy_capf_login(&l).why, RL_CAPF_LATE);
    l.locked = true;
    assert_int_equal(rl_policy_capf_login(&l).next, RL_CAPF_TURN_AWAY);
    assert_int_equal(rl_policy_capf_login(&l).why, RL_CAPF_WHY_NONE);
    rl_row_fini(&profile);
}

static void certificates_belong_to_their_device(void **state)
{
    static const struct {
        const char *cn, *san;
        bool is;
    } rows[] = {
        {"SEP001122334455",            "",                                 true },
        {"CP-8861-SEP001122334455",    "",                                 true },
        {"CP-8841-GE-SEP001122334455", "",                                 true },
        {"other",                      "DNS:x;URI:SEP001122334455",        true },
        {"SEP001122334456",            "",                                 false},
        {"CP-SEP001122334455",         "",                                 false},
        {"XX-8861-SEP001122334455",    "",                                 false},
        {"CP-8861SEP001122334455",     "",                                 false},
        {"SEP001122334455 ",           "",                                 false},
        {"other",                      "DNS:SEP001122334455",              false},
        {"other",                      "URI:SEP0011223344556;URI:SEP0011", false},
        {"",                           "",                                 false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(rl_policy_capf_names(rows[i].cn, rows[i].san, "SEP001122334455"),
                         rows[i].is);
    assert_false(rl_policy_capf_names("", "URI:", ""));
}

/* --- keys --- */

static void keys_follow_the_key_order(void **state)
{
    static const struct {
        const char *order, *rsa, *ec, *type_ec;
        bool backup, some, is_ec;
        int bits;
    } rows[] = {
        {"rsa",    "2048", "",    "yes", false, true,  false, 2048},
        {"rsa",    "512",  "",    "",    false, true,  false, 512 },
        {"rsa",    "2048", "",    "yes", true,  false, false, 0   },
        {"ec",     "",     "384", "yes", false, true,  true,  384 },
        {"ec",     "",     "521", "",    false, true,  true,  521 },
        {"ec",     "",     "384", "yes", true,  false, true,  0   },
        {"ec-rsa", "3072", "256", "yes", false, true,  true,  256 },
        {"ec-rsa", "3072", "256", "yes", true,  true,  false, 3072},
        {"ec-rsa", "3072", "256", "",    false, true,  false, 3072},
        {"ec-rsa", "3072", "256", "no",  false, true,  false, 3072},
        {"",       "",     "",    "yes", false, false, false, 0   },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_row profile, type;
        struct rl_capf_order order = {0};
        rl_row_init(&profile, rl_object(RL_PROFILE));
        rl_row_init(&type, rl_object(RL_TYPE));
        rl_row_set(&profile, RL_PROFILE_PROTOCOL, "SIP");
        rl_row_set(&profile, RL_PROFILE_KEY_ORDER, rows[i].order);
        rl_row_set(&profile, RL_PROFILE_RSA_SIZE, rows[i].rsa);
        rl_row_set(&profile, RL_PROFILE_EC_SIZE, rows[i].ec);
        rl_row_set(&type, RL_TYPE_EC_KEYS, rows[i].type_ec);
        assert_int_equal(rl_policy_capf_order(&profile, &type, rows[i].backup, &order),
                         rows[i].some);
        if (rows[i].some) {
            assert_int_equal(order.ec, rows[i].is_ec);
            assert_int_equal(order.bits, rows[i].bits);
        }
        rl_row_fini(&profile);
        rl_row_fini(&type);
    }
}

/* --- wishes --- */

static void wishes_are_judged(void **state)
{
    static const struct {
        const char *mode, *profile_mode, *capf, *class, *has_mic;
        enum rl_capf_operation operation;
        const char *string; /* NULL: none is given */
        bool kept, generate, past, off;
        enum rl_tristate lsc;
        enum rl_code code; /* RL_OK: nothing is said */
    } rows[] = {
        {"null-string", "",          "yes", "",                  "yes", INSTALL,      NULL,   0, 0, 0, 0, 0,      RL_W_NULL_STRING  },
        {"lsc",         "",          "yes", "",                  "yes", INSTALL,      NULL,   0, 0, 0, 0, 0,      RL_OK             },
        {"lsc",         "",          "yes", "",                  "no",  INSTALL,      NULL,   0, 0, 0, 0, 0,      RL_W_CAPF_PROOF   },
        {"mic",         "",          "yes", "",                  "",    INSTALL,      NULL,   0, 0, 0, 0, RL_YES, RL_OK             },
        {"string",      "",          "yes", "",                  "no",  INSTALL,      "1234", 0, 0, 0, 0, 0,      RL_OK             },
        {"string",      "",          "yes", "",                  "no",  INSTALL,      "123",  0, 0, 0, 0, 0,      RL_E_VALUE        },
        {"string",      "",          "yes", "",                  "no",  INSTALL,      NULL,   0, 0, 0, 0, 0,      RL_E_REQUIRED     },
        {"string",      "",          "yes", "",                  "no",  INSTALL,      NULL,   1, 0, 0, 0, 0,      RL_OK             },
        {"string",      "",          "yes", "",                  "no",  DELETE,       NULL,   0, 1, 0, 0, 0,      RL_OK             },
        {"lsc",         "",          "yes", "",                  "yes", INSTALL,      "1234", 0, 0, 0, 0, 0,      RL_E_VALUE        },
        {"lsc",         "",          "yes", "",                  "yes", INSTALL,      NULL,   0, 0, 1, 0, 0,      RL_E_VALUE        },
        {"lsc",         "",          "yes", "",                  "yes", INSTALL,      NULL,   0, 0, 0, 1, 0,      RL_E_CAPF_DOWN    },
        {"lsc",         "encrypted", "yes", "",                  "no",  DELETE,       NULL,   0, 0, 0, 0, RL_YES, RL_W_SECURITY_LOST},
        {"lsc",         "encrypted", "yes", "",                  "yes", DELETE,       NULL,   0, 0, 0, 0, RL_YES, RL_OK             },
        {"lsc",         "",          "no",  RL_PREFERRED_VENDOR, "no",  INSTALL,      NULL,   0, 0, 0, 0, 0,
         RL_E_VENDOR_CAPF                                                                                                           },
        {"lsc",         "",          "no",  "",                  "no",  TROUBLE,      NULL,   0, 0, 0, 0, 0,      RL_E_FIELD        },
        {"lsc",         "",          "yes", "",                  "no",  RL_CAPF_NONE, NULL,   0, 0, 1, 1, 0,      RL_OK             },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_row phone, type, profile;
        struct rl_problems problems = {0};
        rl_row_init(&phone, rl_object(RL_PHONE));
        rl_row_init(&type, rl_object(RL_TYPE));
        rl_row_init(&profile, rl_object(RL_PROFILE));
        rl_row_set(&phone, RL_PHONE_NAME, "SEP1");
        rl_row_set(&phone, RL_PHONE_PROTOCOL, "SIP");
        rl_row_set(&type, RL_TYPE_MODEL, "Cisco 8861");
        rl_row_set(&type, RL_TYPE_LSC_CAPF, rows[i].capf);
        rl_row_set(&type, RL_TYPE_HAS_MIC, rows[i].has_mic);
        rl_row_set(&type, RL_TYPE_SECURITY_CLASS, rows[i].class);
        rl_row_set(&profile, RL_PROFILE_AUTH_MODE, rows[i].mode);
        rl_row_set(&profile, RL_PROFILE_MODE, rows[i].profile_mode);
        const struct rl_capf_wish wish = {.phone = &phone,
                                          .type = &type,
                                          .profile = &profile,
                                          .operation = rows[i].operation,
                                          .string_given = rows[i].string != NULL,
                                          .string_kept = rows[i].kept,
                                          .generate = rows[i].generate,
                                          .string = rows[i].string,
                                          .past = rows[i].past,
                                          .service = !rows[i].off,
                                          .lsc = rows[i].lsc};
        rl_policy_capf_wish(&wish, &problems);
        assert_int_equal(problems.n, rows[i].code != RL_OK);
        if (problems.n)
            assert_int_equal(problems.item[0].code, rows[i].code);
        rl_problems_fini(&problems);
        rl_row_fini(&phone);
        rl_row_fini(&type);
        rl_row_fini(&profile);
    }
}

/* --- ends --- */

static void every_end_is_a_status_of_the_field(void **state)
{
    (void)state;
    for (int op = RL_CAPF_INSTALL; op < RL_CAPF_OPERATIONS; op++)
        for (int event = 0; event < RL_CAPF_EVENTS; event++) {
            enum rl_capf_operation o = (enum rl_capf_operation)op;
            struct rl_capf_outcome out = rl_policy_capf_outcome(o, (enum rl_capf_event)event);
            assert_true(rl_capf_status_exists(o, out.state, out.why));
            assert_true(out.state == RL_CAPF_REFUSED || !out.keeps);
        }
}

/* capf.md 5: how the recorded sessions end, and what goes on waiting. */
static void ends_are_those_of_the_transcripts(void **state)
{
    static const struct {
        enum rl_capf_operation op;
        enum rl_capf_event event;
        enum rl_capf_state state;
        bool keeps;
        int end;
    } rows[] = {
        {INSTALL, RL_CAPF_EV_STORED,  RL_CAPF_SUCCESS, false, 1},
        {INSTALL, RL_CAPF_EV_NO_KEY,  RL_CAPF_REFUSED, true,  7},
        {INSTALL, RL_CAPF_EV_LOST,    RL_CAPF_REFUSED, true,  7},
        {INSTALL, RL_CAPF_EV_LATE,    RL_CAPF_REFUSED, false, 7},
        {INSTALL, RL_CAPF_EV_FETCHED, RL_CAPF_REFUSED, true,  7},
        {TROUBLE, RL_CAPF_EV_FETCHED, RL_CAPF_SUCCESS, false, 0},
        {TROUBLE, RL_CAPF_EV_NOTHING, RL_CAPF_REFUSED, true,  0},
        {DELETE,  RL_CAPF_EV_DELETED, RL_CAPF_SUCCESS, false, 1},
        {DELETE,  RL_CAPF_EV_NOTHING, RL_CAPF_REFUSED, true,  1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_capf_outcome out = rl_policy_capf_outcome(rows[i].op, rows[i].event);
        assert_int_equal(out.state, rows[i].state);
        assert_int_equal(out.keeps, rows[i].keeps);
        assert_int_equal(out.end, rows[i].end);
    }
}

/* --- releases --- */

static void releases_are_in_order(void **state)
{
    static const char *const order[] = {"8.0(1)",      "11.5(1)", "11.5(1)SU1", "11.5(1)SU2",
                                        "11.5(1)SU10", "12.0(1)", "12.5(1)SU6", "14SU2",
                                        "15",          "15SU1"};
    (void)state;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (size_t j = 0; j < sizeof order / sizeof *order; j++) {
            int is = 9;
            assert_true(rl_policy_release_compare(order[i], order[j], &is));
            assert_int_equal(is, (i > j) - (i < j));
        }
    static const char *const bad[] = {"", "x", "11.", "11.5(", "11.5(1", "11.5(1)SU1x", "11.5 (1)"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int is;
        assert_false(rl_policy_release_compare(bad[i], "12.0(1)", &is));
    }
    assert_true(rl_policy_capf_sha256("11.5(1)SU1"));
    assert_true(rl_policy_capf_sha256(""));
    assert_false(rl_policy_capf_sha256("11.5(1)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_are_those_of_the_field),
        cmocka_unit_test(no_status_is_told_that_is_none),
        cmocka_unit_test(strings_are_four_to_ten_digits),
        cmocka_unit_test(logins_are_judged_by_the_mode),
        cmocka_unit_test(locks_and_dates_come_first),
        cmocka_unit_test(certificates_belong_to_their_device),
        cmocka_unit_test(keys_follow_the_key_order),
        cmocka_unit_test(wishes_are_judged),
        cmocka_unit_test(every_end_is_a_status_of_the_field),
        cmocka_unit_test(ends_are_those_of_the_transcripts),
        cmocka_unit_test(releases_are_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
