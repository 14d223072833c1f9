#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "policy/objects.h"
#include "ringlock/profile.h"

/* clang-format off */
/* A profile as the user gives it, changed from `old` where there is one. */
static const struct {
    const char *rule, *type, *old, *given;
    const char *codes;  /* what is refused or warned of */
    const char *filled; /* what the profile then holds */
} profiles[] = {
    /* what a list of a lab brings */
    {"lab", "Cisco 8841", NULL, "name=encrypted.lab, mode=encrypted, transport=tls, digest=no", "",
     "mode=encrypted, transport=tls, digest=no, encrypted_config=no, sip_port=5060, rsa_size=2048"},
    {"lab", "Cisco 8841", NULL, "name=nonsecure.lab, mode=nonsecure, transport=tcp+udp", "",
     "transport=tcp+udp, digest=no"},
    {"lab", "Cisco 8841", NULL, "mode=authenticated, transport=tls", "", "transport=tls"},

    /* section 2: mode and transport */
    {"2", "Cisco 8841", NULL, "mode=encrypted", "", "transport=tls"},
    {"2", "Cisco 8841", NULL, "", "", "mode=nonsecure, transport=tcp+udp"},
    {"2", "Cisco 8841", NULL, "mode=nonsecure, transport=udp", "", "transport=udp"},
    {"R106", "Cisco 8841", NULL, "mode=encrypted, transport=tcp", "E-TRANSPORT-TLS", ""},
    {"R106", "Cisco 8841", NULL, "mode=authenticated, transport=tcp+udp", "E-TRANSPORT-TLS", ""},
    {"2", "Cisco 8841", NULL, "mode=nonsecure, transport=tls", "E-TRANSPORT", ""},
    {"2", "Cisco 8841", "mode=nonsecure, transport=udp", "mode=encrypted", "", "transport=tls"},
    {"2", "Cisco 8841", "mode=encrypted, transport=tls", "mode=nonsecure", "", "transport=tcp+udp"},
    {"2", "Cisco 8841", "mode=encrypted, transport=tls", "mode=authenticated", "", "transport=tls"},
    {"2", "Cisco 8841", "mode=nonsecure, transport=udp", "description=x", "", "transport=udp"},
    {"2", "Cisco 8841", "mode=encrypted, transport=tls", "mode=nonsecure, transport=tls", "E-TRANSPORT", ""},
    {"2", "Cisco 8841", "mode=encrypted, transport=tls", "transport=udp", "E-TRANSPORT-TLS", ""},
    {"2", "Cisco 7941", NULL, "protocol=SCCP, mode=encrypted", "", "transport=, sip_port=, digest=, nonce_validity="},
    {"2", "Cisco 7941", NULL, "protocol=SCCP, transport=tls", "E-TRANSPORT", ""},
    {"2", "Cisco 7941", NULL, "protocol=SCCP, sip_port=5070", "E-FIELD", ""},

    /* R82: the mode is there if and only if TLS is supported; unknown is not offered */
    {"R82", "Third-party SIP Device (Basic)", NULL, "", "", "mode=nonsecure, transport=tcp+udp"},
    {"R82", "Third-party SIP Device (Basic)", NULL, "mode=nonsecure", "", ""},
    {"R82", "Third-party SIP Device (Basic)", NULL, "mode=encrypted, transport=tls", "E-NO-TLS", ""},
    {"R82", "Third-party SIP Device (Basic)", NULL, "transport=tls", "E-NO-TLS", ""},
    {"R82", "Cisco 3905", NULL, "mode=authenticated", "E-NO-TLS", ""},
    {"R82", "Cisco 7937", NULL, "mode=encrypted", "E-NO-TLS", ""},
    {"R82", "Ascom i62", NULL, "mode=encrypted", "", "transport=tls"},
    /* R79: the pack enables no security */
    {"R79", "Generic Digest SIP Phone", NULL, "mode=encrypted, transport=tls", "E-COP-NO-SECURITY", ""},
    {"R79", "Generic Digest SIP Phone", NULL, "mode=authenticated", "E-COP-NO-SECURITY", ""},
    {"R79", "Generic Digest SIP Phone", NULL, "transport=tls", "E-NO-TLS", ""},
    {"R81", "Generic Digest SIP Phone", NULL, "digest=yes", "", "mode=nonsecure, digest=yes"},

    /* R62: what the type can */
    {"R62", "Cisco 7940", NULL, "mode=authenticated", "", "rsa_size=1024"},
    {"R62", "Cisco 7940", NULL, "mode=encrypted", "E-MODE-UNSUPPORTED", ""},
    {"R62", "Cisco 8841", NULL, "protocol=SCCP", "E-TYPE-PROTOCOL", ""},
    {"R46", "Cisco ISR 4331", NULL, "", "E-TYPE-CLASS", ""},

    /* digest: R81, R126, R129 */
    {"R81", "Ascom i62", NULL, "mode=encrypted, digest=yes", "", "digest=yes"},
    {"R81", "Third-party SIP Device (Advanced)", NULL, "digest=yes", "", "nonce_validity=600"},
    {"R126", "Cisco 7941", NULL, "protocol=SCCP, digest=yes", "E-DIGEST-SCCP", ""},
    {"R126", "Cisco 7941", NULL, "protocol=SCCP, digest=no, nonce_validity=600", "", "digest=, nonce_validity="},
    {"R126", "Cisco 7941", NULL, "protocol=SCCP, nonce_validity=60", "E-DIGEST-SCCP", ""},
    {"R62", "Cisco ATA 192", NULL, "digest=yes", "E-FIELD", ""},
    {"R129", "Cisco 8841", NULL, "mode=encrypted, digest=yes", "W-DIGEST-CLEAR", ""},
    {"R129", "Cisco 8841", NULL, "mode=encrypted, digest=yes, encrypted_config=yes", "", ""},
    {"R129", "Cisco 8841", "digest=yes", "description=x", "", ""},
    {"R129", "Cisco 8841", "digest=yes, encrypted_config=yes", "encrypted_config=no", "W-DIGEST-CLEAR", ""},
    {"R129", "Third-party SIP Device (Basic)", NULL, "encrypted_config=yes", "E-ENC-CONFIG", ""},
    {"R129", "Cisco 7931", NULL, "encrypted_config=yes", "E-ENC-CONFIG", ""},
    {"R129", "Cisco 7931", NULL, "protocol=SCCP, encrypted_config=yes", "", ""},
    {"R127", "Cisco 7942", NULL, "exclude_digest=yes, encrypted_config=yes", "", ""},
    {"R127", "Cisco 8841", NULL, "exclude_digest=yes", "E-FIELD", ""},
    {"R127", "Cisco 8841", NULL, "exclude_digest=no", "", "exclude_digest="},

    /* OAuth */
    {"1", "Cisco 8841", NULL, "mode=encrypted, oauth=yes", "", ""},
    {"1", "Cisco 8841", NULL, "mode=authenticated, oauth=yes", "E-OAUTH", ""},
    {"1", "Cisco 8841", NULL, "mode=encrypted, oauth=yes, encrypted_config=yes", "E-OAUTH", ""},
    {"1", "Cisco 8821", NULL, "mode=encrypted, oauth=yes", "E-OAUTH", ""},

    /* R73: CAPF */
    {"R73", "Ascom i62", NULL, "auth_mode=string", "E-VENDOR-CAPF", ""},
    {"R73", "Ascom i62", NULL, "", "", "auth_mode=, key_order=, rsa_size="},
    {"R73", "Cisco 3905", NULL, "key_order=ec", "E-FIELD", ""},

    /* section 3: keys */
    {"3", "Cisco 8841", NULL, "", "", "auth_mode=null-string, key_order=rsa, rsa_size=2048, ec_size="},
    {"3", "Cisco 8841", NULL, "key_order=rsa, ec_size=384", "", "ec_size="},
    {"3", "Cisco 8841", NULL, "key_order=ec, rsa_size=2048", "", "rsa_size=, ec_size=384"},
    {"3", "Cisco 8841", NULL, "key_order=ec-rsa, ec_size=256", "", "rsa_size=2048, ec_size=256"},
    {"3", "Cisco 7941", NULL, "key_order=ec", "E-KEY-SIZE", ""},
    {"3", "Cisco 7941", NULL, "key_order=ec-rsa", "", ""},
    {"3", "Cisco 7941", NULL, "rsa_size=4096", "E-KEY-SIZE", ""},
    {"3", "Cisco 8841", NULL, "rsa_size=4096", "", ""},
    {"3", "Cisco 8841", NULL, "rsa_size=1024", "W-KEY-SIZE", ""},
    {"3", "Cisco 8841", "rsa_size=1024", "description=x", "", ""},

    /* rule 4.2: predefined profiles */
    {"4.2", "Cisco 8841", "predefined=yes", "description=x", "E-PROFILE-FIXED", ""},
};
/* clang-format on */

static void begin(struct rl_row *row, const char *type)
{
    rl_row_init(row, rl_object(RL_PROFILE));
    row_set(row, "name=p, protocol=SIP", 0);
    rl_row_set(row, RL_PROFILE_TYPE, type);
}

static void check_filled(size_t i, const struct rl_row *row)
{
    struct rl_row want;
    rl_row_copy(&want, row);
    row_set(&want, profiles[i].filled, 0);
    for (int f = 0; f < RL_PROFILE_FIELDS; f++)
        if (!rl_row_is(row, f, rl_row_get(&want, f)))
            fail_msg("profile %zu (%s): %s is \"%s\", not \"%s\"", i, profiles[i].rule,
                     row->obj->fields[f].name, rl_row_get(row, f), rl_row_get(&want, f));
    rl_row_fini(&want);
}

static void judge_profile(size_t i)
{
    const struct rl_row *type = catalogue_type(profiles[i].type);
    struct rl_row old, row;
    struct rl_problems problems = {0};
    assert_non_null(type);
    begin(&old, profiles[i].type);
    if (profiles[i].old) {
        bool given = row_set(&old, profiles[i].old, RL_PROFILE_TRANSPORT);
        rl_policy_profile_fill(&old, NULL, type, given);
    }
    rl_row_copy(&row, &old);
    bool given = row_set(&row, profiles[i].given, RL_PROFILE_TRANSPORT);
    const struct rl_row *before = profiles[i].old ? &old : NULL;
    rl_policy_profile_fill(&row, before, type, given);
    rl_row_check(&row, &problems);
    rl_policy_profile(&row, before, type, &problems);
    char *codes = codes_of(&problems);
    if (strcmp(codes, profiles[i].codes))
        fail_msg("profile %zu (%s, %s): \"%s\", not \"%s\"", i, profiles[i].rule, profiles[i].given,
                 codes, profiles[i].codes);
    check_filled(i, &row);
    free(codes);
    rl_row_fini(&old);
    rl_row_fini(&row);
}

static void profiles_follow_their_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        judge_profile(i);
}

#define SETTINGS "settings_access,web_access,ssh_access,pc_port,span_to_pc,voice_vlan_access,garp"

static void forms_show_what_the_type_has(void **state) /* R73, R81, R82 */
{
    static const struct {
        const char *type, *protocol, *fields;
    } shown[] = {
        {"Third-party SIP Device (Basic)", "SIP",
         "name,type,protocol,description,transport,digest,sip_port,nonce_validity,predefined"  },
        {"Ascom i62",                      "SIP",
         "name,type,protocol,description,mode,transport,digest,sip_port,nonce_validity,certificate,"
         "predefined"                                                                          },
        {"Cisco 7941",                     "SCCP",
         "name,type,protocol,description,mode,encrypted_config,auth_mode,key_order,rsa_size,"
         "ec_size," SETTINGS ",predefined"                                                     },
        {"Cisco 7942",                     "SIP",
         "name,type,protocol,description,mode,transport,digest,encrypted_config,sip_port,"
         "nonce_validity,exclude_digest,auth_mode,key_order,rsa_size,ec_size," SETTINGS
         ",predefined"                                                                         },
        {"Cisco 7937",                     "SCCP",
         "name,type,protocol,description,settings_access,web_access,ssh_access,garp,predefined"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        struct rl_buf names = {0};
        for (int f = 0; f < RL_PROFILE_FIELDS; f++)
            if (rl_profile_has(catalogue_type(shown[i].type), shown[i].protocol, f))
                rl_buf_addf(&names, "%s%s", names.len ? "," : "",
                            rl_object(RL_PROFILE)->fields[f].name);
        assert_string_equal(rl_buf_str(&names), shown[i].fields);
        rl_buf_fini(&names);
    }
}

/* R2: every phone type has its predefined nonsecure profiles, which pass the rules themselves. */
static void predefined_profiles_pass(void **state)
{
    static const char *const protocols[] = {"SIP", "SCCP", "MGCP", "H.323"};
    size_t made = 0;
    (void)state;
    for (size_t n = 0; n < catalogue_packs * 64; n++) {
        const struct rl_pack *pack = &catalogue[n / 64];
        for (size_t p = 0; n % 64 < pack->n && p < 4; p++) {
            const struct rl_row *type = &pack->type[n % 64];
            struct rl_problems problems = {0};
            struct rl_row row;
            if (!rl_policy_has_default_profile(type, protocols[p]))
                continue;
            rl_policy_default_profile(&row, type, protocols[p]);
            rl_row_check(&row, &problems);
            rl_policy_profile(&row, NULL, type, &problems);
            if (problems.n)
                fail_msg("%s", problems.item[0].text);
            assert_int_equal(rl_profile_mode(&row), RL_NONSECURE);
            assert_true(rl_row_yes(&row, RL_PROFILE_PREDEFINED));
            rl_row_fini(&row);
            made++;
        }
    }
    assert_in_range(made, 120, 200);
    char *name = rl_policy_default_profile_name("Cisco 7941", "SCCP");
    assert_string_equal(name, "Cisco 7941 - Standard SCCP Non-Secure Profile");
    free(name);
}

/* profiles.md 2: Authenticated, and a TLS Ciphers setting of GCM only. */
static void gcm_alone_leaves_no_cipher_for_authenticated(void **state)
{
    static const struct {
        const char *before, *mode; /* before: NULL for a new profile */
        enum rl_tls_ciphers ciphers;
        const char *codes;
    } rows[] = {
        {NULL,            "authenticated", RL_CIPHERS_ALL,       ""             },
        {NULL,            "authenticated", RL_CIPHERS_MEDIUM,    "W-TLS-CIPHERS"},
        {NULL,            "authenticated", RL_CIPHERS_STRONGEST, "W-TLS-CIPHERS"},
        {NULL,            "encrypted",     RL_CIPHERS_STRONGEST, ""             },
        {NULL,            "nonsecure",     RL_CIPHERS_MEDIUM,    ""             },
        {"encrypted",     "authenticated", RL_CIPHERS_MEDIUM,    "W-TLS-CIPHERS"},
        {"authenticated", "authenticated", RL_CIPHERS_MEDIUM,    ""             },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_problems problems = {0};
        struct rl_row row, old;
        rl_row_init(&row, rl_object(RL_PROFILE));
        rl_row_init(&old, rl_object(RL_PROFILE));
        rl_row_set(&row, RL_PROFILE_MODE, rows[i].mode);
        if (rows[i].before)
            rl_row_set(&old, RL_PROFILE_MODE, rows[i].before);
        rl_policy_profile_ciphers(&row, rows[i].before ? &old : NULL, rows[i].ciphers, &problems);
        char *codes = codes_of(&problems);
        assert_string_equal(codes, rows[i].codes);
        free(codes);
        rl_problems_fini(&problems);
        rl_row_fini(&row);
        rl_row_fini(&old);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles_follow_their_rules),
        cmocka_unit_test(forms_show_what_the_type_has),
        cmocka_unit_test(predefined_profiles_pass),
        cmocka_unit_test(gcm_alone_leaves_no_cipher_for_authenticated),
    };
    return cmocka_run_group_tests(tests, catalogue_open, catalogue_close);
}
