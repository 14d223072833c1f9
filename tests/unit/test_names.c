/* The name of a shared certificate and that of its profile (R96, R100 to R104). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "policy/names.h"

#define GROUP "AscomGroup01.acme.com"

/* clang-format off */
static const struct {
    const char *rule, *san, *common_name, *name;
    const char *code;    /* "" = they match */
    const char *nearest; /* NULL: there is none */
    size_t at;
    uint32_t wanted, found;
} names[] = {
    {"R104", "DNS:" GROUP, "", GROUP, "", GROUP, 0, 0, 0},
    {"R104", "DNS:" GROUP, "", "ascomgroup01.acme.com", "E-SAN-MISMATCH", GROUP, 1, 'A', 'a'},
    {"R104", "DNS:" GROUP, "", "AscomGroup01", "E-SAN-MISMATCH", GROUP, 13, '.', 0},
    {"R104", "DNS:" GROUP, "", GROUP ".", "E-SAN-MISMATCH", GROUP, 22, 0, '.'},
    {"R102", "DNS:" GROUP, "", GROUP " ", "E-SAN-MISMATCH", GROUP, 22, 0, ' '},
    {"R102", "DNS:" GROUP, "", " " GROUP, "E-SAN-MISMATCH", GROUP, 1, 'A', ' '},
    {"R102", "DNS:" GROUP, "", "\xd0\x90scomGroup01.acme.com", "E-SAN-MISMATCH", GROUP, 1, 'A', 0x410},
    {"R102", "DNS:" GROUP, "", "AscomGroup\xd0\x9e" "1.acme.com", "E-SAN-MISMATCH", GROUP, 11, '0', 0x41e},
    {"R102", "DNS:" GROUP, "", "Ascom\xffGroup01.acme.com", "E-SAN-MISMATCH", GROUP, 6, 'G', 0xff},
    {"R102", "DNS:" GROUP, "", "", "E-SAN-MISMATCH", GROUP, 1, 'A', 0},
    {"R102", "DNS:" GROUP ".", "", GROUP, "E-SAN-MISMATCH", GROUP ".", 22, '.', 0},
    {"R102", "DNS:*.acme.com", "", GROUP, "E-SAN-MISMATCH", "*.acme.com", 1, '*', 'A'},
    {"R102", "DNS:*.acme.com", "", "*.acme.com", "E-SAN-MISMATCH", "*.acme.com", 1, '*', '*'},
    {"R102", "DNS:", "", "", "E-SAN-MISMATCH", "", 1, 0, 0},
    {"R96",  "IP:192.0.2.1", "", GROUP, "E-SAN-NOT-DNS", NULL, 0, 0, 0},
    {"R96",  "IP:" GROUP, GROUP, GROUP, "E-SAN-NOT-DNS", NULL, 0, 0, 0},
    {"R96",  "URI:DNS:" GROUP ";email:a@acme.com", GROUP, GROUP, "E-SAN-NOT-DNS", NULL, 0, 0, 0},
    {"R103", "DNS:a.acme.com;DNS:" GROUP ";DNS:b.acme.com", "", GROUP, "", GROUP, 0, 0, 0},
    {"R103", "IP:192.0.2.1;DNS:" GROUP, "", GROUP, "", GROUP, 0, 0, 0},
    {"R103", "DNS:a.acme.com;DNS:" GROUP, "", "Ascomgroup01.acme.com", "E-SAN-MISMATCH", GROUP, 6, 'G', 'g'},
    {"R103", "DNS:a.acme.com;DNS:" GROUP, "", " " GROUP, "E-SAN-MISMATCH", GROUP, 1, 'A', ' '},
    {"R101", "DNS:a.acme.com", GROUP, GROUP, "E-SAN-MISMATCH", "a.acme.com", 1, 'a', 'A'},
    {"R101", "", GROUP, GROUP, "W-NO-SAN", GROUP, 0, 0, 0},
    {"R101", "", GROUP, "AscomGroup02.acme.com", "E-SAN-MISMATCH", GROUP, 12, '1', '2'},
    {"R101", "", "", GROUP, "E-NO-CERT-NAME", NULL, 0, 0, 0},
};
/* clang-format on */

static void fill(struct rl_row *row, const char *san, const char *common_name)
{
    rl_row_init(row, rl_object(RL_CERTIFICATE));
    rl_row_set(row, RL_CERTIFICATE_NAME, "group");
    rl_row_set(row, RL_CERTIFICATE_SAN, san);
    rl_row_set(row, RL_CERTIFICATE_COMMON_NAME, common_name);
}

static void matches_character_by_character(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct rl_row row;
        struct rl_name_match m;
        fill(&row, names[i].san, names[i].common_name);
        rl_name_match(&row, names[i].name, &m);
        if (strcmp(m.code ? rl_code_info(m.code)->tag : "", names[i].code))
            fail_msg("%s row %zu: %s", names[i].rule, i, rl_code_info(m.code)->tag);
        assert_int_equal(m.nearest != NULL, names[i].nearest != NULL);
        if (m.nearest) {
            assert_int_equal(m.len, strlen(names[i].nearest));
            assert_memory_equal(m.nearest, names[i].nearest, m.len);
        }
        assert_int_equal(m.at, names[i].at);
        assert_int_equal(m.wanted, names[i].wanted);
        assert_int_equal(m.found, names[i].found);
        rl_row_fini(&row);
    }
}

static void says_where_the_names_part(void **state)
{
    static const struct {
        const char *san, *common_name, *name, *text, *remedy;
    } said[] = {
        {"DNS:" GROUP,                "",    "Ascomgroup01.acme.com",
         "\"Ascomgroup01.acme.com\" is not the certificate's DNS SAN \"" GROUP
         "\": character 6 is \"g\", where \"G\" is wanted.",                                                                        "exactly as the certificate's DNS SAN"},
        {"DNS:" GROUP,                "",    "AscomGroup01",                 "it ends before character 13, where \".\" is wanted.",
         ""                                                                                                                                                               },
        {"DNS:" GROUP,                "",    GROUP " ",                      "character 22 is \" \", where the name should end.",   ""                                    },
        {"DNS:" GROUP,                "",    "\xd0\x90scomGroup01.acme.com",
         "character 1 is \"\xd0\x90\" (U+0410), where \"A\" is wanted.",                                                            ""                                    },
        {"DNS:*.acme.com",            "",    "*.acme.com",                   "a wildcard, which equals no name",                    ""                                    },
        {"DNS:a.acme.com;DNS:" GROUP, "",    "x",                            "nearest DNS SAN",                                     "a.acme.com, " GROUP "."              },
        {"",                          GROUP, GROUP,                          "has no SAN",                                          "SAN of type DNS"                     },
        {"",                          "",    GROUP,                          "neither a SAN nor a CN",                              ""                                    },
        {"IP:192.0.2.1",              "",    GROUP,                          "the SAN IP:192.0.2.1",                                ""                                    },
    };
    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct rl_row row;
        struct rl_name_match m;
        struct rl_err err;
        fill(&row, said[i].san, said[i].common_name);
        rl_name_match(&row, said[i].name, &m);
        rl_name_problem(&m, &row, said[i].name, "profile x", &err);
        assert_int_equal(err.code, m.code);
        assert_string_equal(err.object, "profile x");
        assert_string_equal(err.field, "name");
        if (!strstr(err.text, said[i].text) || !strstr(err.remedy, said[i].remedy))
            fail_msg("row %zu: %s %s", i, err.text, err.remedy);
        rl_row_fini(&row);
    }
}

static void keeps_long_names_to_a_sentence(void **state)
{
    char san[1200] = "DNS:", name[300] = "";
    struct rl_row row;
    struct rl_name_match m;
    struct rl_err err;
    (void)state;
    for (int i = 0; i < 140; i++)
        strcat(name, "\xd0\x90");
    for (int i = 0; i < 8; i++)
        sprintf(san + strlen(san), "%s%.120s", i ? ";DNS:" : "", name);
    fill(&row, san, "");
    rl_name_match(&row, name, &m);
    rl_name_problem(&m, &row, name, "profile x", &err);
    assert_int_equal(m.at, 61);
    assert_true(err.text[strlen(err.text) - 1] == '.');
    assert_true(err.remedy[strlen(err.remedy) - 1] == '.');
    rl_row_fini(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_character_by_character),
        cmocka_unit_test(says_where_the_names_part),
        cmocka_unit_test(keeps_long_names_to_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
