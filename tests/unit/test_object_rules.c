#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "policy/objects.h"

/* clang-format off */
static const struct {
    const char *rule, *type, *old, *phone, *profile; /* profile NULL: none */
    bool mixed;
    const char *codes;
} phones[] = {
    {"lab",  "Cisco 8841", NULL, "", "mode=encrypted", true, ""},
    {"R62",  "Cisco 8841", NULL, "protocol=SCCP", NULL, true, "E-TYPE-PROTOCOL"},
    {"R46",  "Cisco ISR 4331", NULL, "", NULL, true, "E-TYPE-CLASS"},
    {"R46",  "SIP Trunk", NULL, "", NULL, true, "E-TYPE-CLASS"},
    {"R92",  "Cisco 8841", NULL, "", "type=Cisco 8851", true, "E-PROFILE-TYPE"},
    {"R92",  "Cisco 7941", NULL, "protocol=SCCP", "protocol=SIP", true, "E-PROFILE-TYPE"},
    {"R92",  "Cisco 7941", NULL, "protocol=SCCP", "protocol=SCCP", true, ""},
    {"R92",  "Cisco 8841", NULL, "", "type=Cisco 8851, predefined=yes", true, "E-PROFILE-TYPE"},
    {"R126", "Cisco 7941", NULL, "protocol=SCCP, digest_user=alice", NULL, true, "E-DIGEST-SCCP"},
    {"R126", "Cisco 7941", NULL, "digest_user=alice", NULL, true, ""},
    {"R121", "Cisco 8841", NULL, "profile=p", "mode=encrypted", false, "W-CLUSTER-NONSECURE"},
    {"R121", "Cisco 8841", NULL, "profile=p", "mode=authenticated", false, "W-CLUSTER-NONSECURE"},
    {"R121", "Cisco 8841", NULL, "profile=p", "mode=nonsecure", false, ""},
    {"R121", "Cisco 8841", "profile=p", "description=x", "mode=encrypted", false, ""},
    {"R121", "Cisco 8841", "profile=q", "profile=p", "mode=encrypted", false, "W-CLUSTER-NONSECURE"},
    {"4.11", "Cisco 7940", NULL, "profile=p", "mode=authenticated", true, "W-LSC-NEEDED"},
    {"4.11", "Cisco 7940", "profile=p", "description=x", "mode=authenticated", true, ""},
    {"4.11", "Cisco 7940", NULL, "profile=p", "mode=nonsecure", true, ""},
    {"4.11", "Cisco 7941", NULL, "profile=p", "mode=encrypted", true, ""},
};

static const struct {
    const char *rule, *type, *old, *gateway, *codes;
} gateways[] = {
    {"R46", "Cisco ISR 4331", NULL, "", ""},
    {"R46", "Cisco 8841", NULL, "", "E-TYPE-CLASS"},
    {"R62", "Cisco VG200", NULL, "", "E-TYPE-PROTOCOL"},
    {"R62", "Cisco VG200", NULL, "protocol=MGCP", ""},
    {"R46", "SIP Trunk", NULL, "", "W-TRUST-UNKNOWN"},
    {"R46", "SIP Trunk", "", "address=192.0.2.1", ""},
    {"R46", "Meeting Server", NULL, "", ""},
};

static const struct {
    const char *rule, *type, *codes;
} types[] = {
    {"R61", "class=phone, vendor=Cisco, security_class=secure-cisco, encryption=yes", ""},
    {"R61", "class=phone, vendor=Cisco, encryption=yes", "E-CATALOGUE-CLASS"},
    {"R61", "class=phone, vendor=Cisco, security_class=none, authentication=yes", "E-CATALOGUE-CLASS"},
    {"R61", "class=phone, vendor=Acme, security_class=secure-cisco", "E-CATALOGUE-CLASS"},
    {"R61", "class=phone, vendor=Cisco, security_class=secure-preferred-vendor", "E-CATALOGUE-CLASS"},
    {"R61", "class=conference-bridge, vendor=Cisco, encryption=yes", ""},
    {"R72", "class=phone, vendor=Acme, security_class=secure-preferred-vendor, has_mic=yes", "E-VENDOR-MIC"},
    {"R73", "class=phone, vendor=Acme, security_class=secure-preferred-vendor, lsc_capf=yes", "E-VENDOR-CAPF"},
    {"R37", "class=phone, vendor=Acme, trusted=yes",
     "E-CATALOGUE-TRUST"},
    {"R37", "class=phone, vendor=Acme, trusted=yes, criteria=encryption: a; hardening: b", "E-CATALOGUE-TRUST"},
    {"R36", "class=phone, vendor=Acme, trusted=yes, criteria=encryption: a; hardening: b; assurance: c", ""},
    {"R37", "class=phone, vendor=Cisco, trusted=yes",
     "E-CATALOGUE-TRUST"},
};
/* clang-format on */

static void expect(size_t i, const char *rule, struct rl_problems *problems, const char *want)
{
    char *codes = codes_of(problems);
    if (strcmp(codes, want))
        fail_msg("case %zu (%s): \"%s\", not \"%s\"", i, rule, codes, want);
    free(codes);
}

static void judge_phone(size_t i)
{
    struct rl_row old, phone, profile;
    struct rl_problems problems = {0};
    rl_row_init(&old, rl_object(RL_PHONE));
    row_set(&old, "name=SEP1, protocol=SIP", 0);
    rl_row_set(&old, RL_PHONE_TYPE, phones[i].type);
    row_set(&old, phones[i].old ? phones[i].old : "", 0);
    rl_row_copy(&phone, &old);
    row_set(&phone, phones[i].phone, 0);
    rl_row_init(&profile, rl_object(RL_PROFILE));
    row_set(&profile, "name=p, protocol=SIP", 0);
    rl_row_set(&profile, RL_PROFILE_TYPE, phones[i].type);
    row_set(&profile, phones[i].profile ? phones[i].profile : "", 0);
    rl_policy_phone(&phone, phones[i].old ? &old : NULL, catalogue_type(phones[i].type),
                    phones[i].profile ? &profile : NULL, phones[i].mixed, &problems);
    expect(i, phones[i].rule, &problems, phones[i].codes);
    rl_row_fini(&old);
    rl_row_fini(&phone);
    rl_row_fini(&profile);
}

static void phones_follow_their_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof phones / sizeof *phones; i++)
        judge_phone(i);
}

static void gateways_follow_their_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof gateways / sizeof *gateways; i++) {
        struct rl_row row;
        struct rl_problems problems = {0};
        rl_row_init(&row, rl_object(RL_GATEWAY));
        row_set(&row, "name=gw1, protocol=SIP", 0);
        row_set(&row, gateways[i].gateway, 0);
        rl_policy_gateway(&row, gateways[i].old ? &row : NULL, catalogue_type(gateways[i].type),
                          &problems);
        expect(i, gateways[i].rule, &problems, gateways[i].codes);
        rl_row_fini(&row);
    }
}

static void types_follow_their_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct rl_row row;
        struct rl_problems problems = {0};
        rl_row_init(&row, rl_object(RL_TYPE));
        row_set(&row, "model=M", 0);
        row_set(&row, types[i].type, 0);
        rl_policy_type(&row, false, &problems);
        expect(i, types[i].rule, &problems, types[i].codes);
        rl_row_fini(&row);
    }
}

static void trust_comes_from_the_type(void **state) /* R40, R42, R45, R46 */
{
    (void)state;
    assert_int_equal(rl_policy_trust(catalogue_type("Cisco 8841")), RL_YES);
    assert_int_equal(rl_policy_trust(catalogue_type("Cisco 3905")), RL_NO);
    assert_int_equal(rl_policy_trust(catalogue_type("SIP Trunk")), RL_UNKNOWN);
    assert_string_equal(rl_policy_trust_text(RL_YES), "Device is trusted");
    assert_string_equal(rl_policy_trust_text(RL_NO), "Device is not trusted");
    assert_string_equal(rl_policy_trust_text(RL_UNKNOWN), "Device is not trusted");
}

static void shared_lines_are_all_encrypted_or_none(void **state) /* R30, R32 */
{
    static const struct rl_line_member mixed[] = {
        {"SEP1", RL_ENCRYPTED,     true },
        {"SEP2", RL_AUTHENTICATED, true },
        {"SEP3", RL_NONSECURE,     false},
        {"SEP4", RL_ENCRYPTED,     true }
    };
    static const struct rl_line_member open[] = {
        {"SEP1", RL_AUTHENTICATED, true},
        {"SEP2", RL_NONSECURE,     true}
    };
    struct rl_problems problems = {0};
    (void)state;
    rl_policy_shared_line("1900", open, 2, &problems);
    rl_policy_shared_line("1900", mixed, 1, &problems);
    assert_int_equal(problems.n, 0);
    rl_policy_shared_line("1900", mixed, 4, &problems);
    assert_int_equal(problems.warnings, 2);
    assert_string_equal(problems.item[0].object, "phone SEP2");
    assert_non_null(strstr(problems.item[0].text, "1900"));
    assert_null(strstr(problems.item[0].remedy, "cannot be fixed"));
    assert_non_null(strstr(problems.item[1].remedy, "cannot be fixed"));
    rl_problems_fini(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phones_follow_their_rules),
        cmocka_unit_test(gateways_follow_their_rules),
        cmocka_unit_test(types_follow_their_rules),
        cmocka_unit_test(trust_comes_from_the_type),
        cmocka_unit_test(shared_lines_are_all_encrypted_or_none),
    };
    return cmocka_run_group_tests(tests, catalogue_open, catalogue_close);
}
