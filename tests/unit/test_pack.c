#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "control/pack.h"
#include "ringlock/buf.h"

/* --- the catalogue in data/packs --- */

struct tally {
    size_t types, vendor, unknown[RL_TYPE_FIELDS];
};

static void count_pack(const char *path, struct tally *t)
{
    struct rl_problems problems = {0};
    struct rl_pack pack;
    if (rl_pack_read(path, true, &pack, &problems))
        fail_msg("%s", problems.item[0].text);
    assert_int_equal(problems.n, 0);
    t->types += pack.n;
    for (size_t i = 0; i < pack.n; i++) {
        t->vendor += rl_row_is(&pack.type[i], RL_TYPE_SECURITY_CLASS, "secure-preferred-vendor");
        for (int f = 0; f < RL_TYPE_FIELDS; f++)
            t->unknown[f] += rl_row_is(&pack.type[i], f, "");
    }
    rl_pack_fini(&pack);
    rl_problems_fini(&problems);
}

static struct tally count_packs(const char *pattern)
{
    struct tally t = {0};
    glob_t found;
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        count_pack(found.gl_pathv[i], &t);
    globfree(&found);
    return t;
}

static void the_catalogue_is_whole(void **state) /* R77: preferred vendors stand apart */
{
    (void)state;
    struct tally own = count_packs("data/packs/*.ini");
    struct tally vendor = count_packs("data/packs/vendor/*.ini");
    assert_int_equal(own.types, 197);
    assert_int_equal(own.vendor, 0);
    assert_int_equal(vendor.types, 7);
    assert_int_equal(vendor.vendor, 7);
}

static void unknown_stays_unknown(void **state) /* R62 */
{
    /* clang-format off */
    static const struct {
        int field;
        size_t unknown;
    } cells[] = {
        {RL_TYPE_MODEL, 0}, {RL_TYPE_PROTOCOLS, 2}, {RL_TYPE_SECURITY_CLASS, 96},
        {RL_TYPE_HAS_MIC, 101}, {RL_TYPE_LSC_CAPF, 99}, {RL_TYPE_MAX_RSA, 144},
        {RL_TYPE_AUTHENTICATION, 104}, {RL_TYPE_ENCRYPTION, 91}, {RL_TYPE_TLS, 102},
        {RL_TYPE_CERT_MODE, 115}, {RL_TYPE_ENC_CONFIG, 122}, {RL_TYPE_DIGEST, 79},
        {RL_TYPE_SECURE_TONE, 168}, {RL_TYPE_LOCK_ICON, 100}, {RL_TYPE_SHIELD_ICON, 200},
        {RL_TYPE_TRUSTED, 4}, {RL_TYPE_SRTP, 47}, {RL_TYPE_LIFECYCLE, 135},
        {RL_TYPE_EVIDENCE, 0},
    };
    /* clang-format on */
    (void)state;
    struct tally own = count_packs("data/packs/*.ini");
    struct tally vendor = count_packs("data/packs/vendor/*.ini");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        assert_int_equal(own.unknown[cells[i].field] + vendor.unknown[cells[i].field],
                         cells[i].unknown);
}

static void a_type_has_its_values(void **state)
{
    struct rl_problems problems = {0};
    struct rl_pack pack;
    (void)state;
    assert_int_equal(rl_pack_read("data/packs/cisco-7900.ini", true, &pack, &problems), RL_OK);
    const struct rl_row *t = &pack.type[11];
    assert_string_equal(pack.name, "cisco-7900");
    assert_string_equal(rl_row_get(t, RL_TYPE_MODEL), "Cisco 7931");
    assert_string_equal(rl_row_get(t, RL_TYPE_PROTOCOLS), "SCCP;SIP");
    assert_string_equal(rl_row_get(t, RL_TYPE_ENC_CONFIG), "sccp");
    assert_string_equal(rl_row_get(t, RL_TYPE_VENDOR), "Cisco");
    assert_string_equal(rl_row_get(t, RL_TYPE_PACK), "cisco-7900 1");
    rl_pack_fini(&pack);
}

/* --- what is refused --- */

#define PACK   "[pack]\nname = x\nversion = 1\nvendor = Acme\ndate = 2026-01-01\n"
#define TYPE   "[type-1]\nmodel = \"Acme 1\"\nclass = third-party-phone\nprotocols = SIP\n"
#define VENDOR TYPE "security_class = secure-preferred-vendor\n"
#define CRITERIA                                                              \
    "criteria_encryption = \"report 1\"\ncriteria_hardening = \"report 2\"\n" \
    "criteria_assurance = \"report 3\"\n"

/* clang-format off */
static const struct {
    const char *text;
    enum rl_code code; /* of the first problem */
    int line;
} packs[] = {
    {PACK TYPE, RL_OK, 0},
    {PACK VENDOR "has_mic = no\nlsc_capf = no\nauthentication = yes\n", RL_OK, 0},
    {PACK VENDOR "trusted = yes\n" CRITERIA, RL_OK, 0}, /* R36 */
    /* R37 */
    {PACK VENDOR "trusted = yes\n", RL_E_CATALOGUE_TRUST, 11},
    {PACK VENDOR "trusted = yes\ncriteria_encryption = \"1\"\ncriteria_hardening = \"2\"\n",
     RL_E_CATALOGUE_TRUST, 11},
    {PACK VENDOR "trusted = yes\ncriteria_encryption = \"no hardening: yet, nor assurance: 1\"\n",
     RL_E_CATALOGUE_TRUST, 11},
    {PACK "[type-1]\nmodel = \"Cisco 1\"\nvendor = Cisco\nclass = phone\nprotocols = SIP\n"
          "trusted = yes\n",
     RL_E_CATALOGUE_TRUST, 11},
    /* R61 */
    {PACK TYPE "security_class = \"secure-cisco;secure-preferred-vendor\"\n",
     RL_E_CATALOGUE_CLASS, 10},
    {PACK TYPE "security_class = secure-cisco\n", RL_E_CATALOGUE_CLASS, 10},
    {PACK TYPE "encryption = yes\n", RL_E_CATALOGUE_CLASS, 6},
    {PACK TYPE "security_class = none\nauthentication = yes\n", RL_E_CATALOGUE_CLASS, 10},
    {PACK VENDOR "has_mic = yes\n", RL_E_VENDOR_MIC, 11},   /* R72 */
    {PACK VENDOR "lsc_capf = yes\n", RL_E_VENDOR_CAPF, 11}, /* R73 */
    {PACK VENDOR "cert_mode = mic-lsc\n", RL_E_VENDOR_MIC, 11},
    {PACK VENDOR "cert_mode = lsc\n", RL_E_VENDOR_CAPF, 11},
    {PACK VENDOR "digest = no\n", RL_E_COP_INVALID, 11},   /* R81 */
    {PACK VENDOR "digest = sccp\n", RL_E_COP_INVALID, 11}, /* R126 */
    /* R79, R82, R83: security and certificates are for TLS */
    {PACK VENDOR "tls_to_cucm = no\nauthentication = no\n", RL_OK, 0},
    {PACK VENDOR "tls_to_cucm = no\nencryption = yes\n", RL_E_COP_INVALID, 11},
    {PACK VENDOR "tls_to_cucm = no\ncert_mode = none\n", RL_OK, 0},
    {PACK VENDOR "tls_to_cucm = no\ncert_mode = shared\n", RL_E_COP_INVALID, 12},
    /* R36: encryption is among what was passed */
    {PACK VENDOR "srtp = no\ntrusted = yes\n" CRITERIA, RL_E_CATALOGUE_TRUST, 12},
    /* R75 */
    {PACK TYPE "instructions_0 = x\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "instructions_10 = x\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "instructions_1 = x\ninstructions_2 = x\n", RL_E_COP_INVALID, 11},
    {PACK TYPE "instructions_1 =\ninstructions_2 = x\n", RL_OK, 0},
    /* R80: malformed */
    {"", RL_E_COP_INVALID, 1},
    {PACK, RL_E_COP_INVALID, 1},
    {TYPE, RL_E_COP_INVALID, 1},
    {"[pack]\nname = x\n" TYPE, RL_E_COP_INVALID, 1},
    {"[pack]\nname = x\nversion = 1\nvendor = Acme\ndate = yesterday\n" TYPE, RL_E_COP_INVALID, 5},
    {PACK "colour = red\n" TYPE, RL_E_COP_INVALID, 6},
    {PACK TYPE "colour = red\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "pack = other\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "criteria = all\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "srtp = perhaps\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "max_rsa = v1\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "class = trunk\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "[type-1]\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "[type-2]\nmodel = \"ACME 1\"\nclass = phone\nprotocols = SIP\n",
     RL_E_COP_INVALID, 10},
    {PACK TYPE "[other]\nx = 1\n", RL_E_COP_INVALID, 10},
    {PACK TYPE "[type-x]\n", RL_E_COP_INVALID, 10},
    {PACK "[type-1]\nclass = phone\nprotocols = SIP\n", RL_E_COP_INVALID, 6},
    {PACK "[type-1]\nmodel = X\nclass = phone\n", RL_E_COP_INVALID, 6},
    {PACK TYPE "note = a;b\n", RL_E_COP_INVALID, 10},
    {PACK "[type-1]\nmodel = \"123456789 123456789 123456789 123456789 1\"\nclass = phone\n"
          "protocols = SIP\n",
     RL_E_COP_INVALID, 7},
};
/* clang-format on */

static void packs_are_taken_or_refused_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof packs / sizeof *packs; i++) {
        struct rl_problems problems = {0};
        struct rl_pack pack;
        enum rl_code code =
            rl_pack_parse(packs[i].text, strlen(packs[i].text), "x.ini", false, &pack, &problems);
        const struct rl_err *first = problems.n ? &problems.item[0] : NULL;
        if (code != packs[i].code || (first ? first->line : 0) != packs[i].line)
            fail_msg("pack %zu: %s", i, first ? first->text : "taken");
        assert_int_equal(pack.n, code == RL_OK);
        rl_pack_fini(&pack);
        rl_problems_fini(&problems);
    }
}

static void keys_have_their_lines(void **state)
{
    static const char text[] = PACK TYPE "[type-7]\nmodel = B\nclass = phone\nprotocols = SIP\n";
    static const struct {
        size_t type;
        const char *key;
        int line;
    } keys[] = {
        {RL_PACK_HEADER, "version", 3 },
        {RL_PACK_HEADER, "colour",  1 },
        {0,              "class",   8 },
        {0,              "trusted", 6 },
        {1,              "model",   11},
        {1,              "srtp",    10},
    };
    struct rl_problems problems = {0};
    struct rl_pack pack;
    (void)state;
    assert_int_equal(rl_pack_parse(text, strlen(text), "x.ini", false, &pack, &problems), RL_OK);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(rl_pack_line(&pack, keys[i].type, keys[i].key), keys[i].line);
    rl_pack_fini(&pack);
}

static void versions_have_an_order(void **state)
{
    static const char *const rising[] = {"0",    "0.1",    "1",      "1.0", "1.9",
                                         "1.10", "1.10-a", "1.10-b", "2",   "02.1",
                                         "10",   "2026.1", "a",      "a1",  "B"};
    enum { N = sizeof rising / sizeof *rising };
    (void)state;
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < N; k++) {
            int order = rl_pack_version_cmp(rising[i], rising[k]);
            if ((order > 0) - (order < 0) != (i > k) - (i < k))
                fail_msg("%s and %s: %d", rising[i], rising[k], order);
        }
    assert_int_equal(rl_pack_version_cmp("1.RC1", "01.rc01"), 0);
}

/* R75: one list, from one line or from several. */
static void instructions_are_read(void **state)
{
    static const char text[] = PACK TYPE "instructions = \"A; B\"\ninstructions_9 = C\n"
                                         "instructions_1 = \"D, with a comma\"\n";
    struct rl_problems problems = {0};
    struct rl_pack pack;
    (void)state;
    assert_int_equal(rl_pack_parse(text, strlen(text), "x.ini", false, &pack, &problems), RL_OK);
    assert_string_equal(rl_row_get(&pack.type[0], RL_TYPE_INSTRUCTIONS), "A;B;C;D, with a comma");
    rl_pack_fini(&pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_catalogue_is_whole),
        cmocka_unit_test(unknown_stays_unknown),
        cmocka_unit_test(a_type_has_its_values),
        cmocka_unit_test(packs_are_taken_or_refused_whole),
        cmocka_unit_test(keys_have_their_lines),
        cmocka_unit_test(versions_have_an_order),
        cmocka_unit_test(instructions_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
