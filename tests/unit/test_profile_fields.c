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

#define THIRD  "Third-party SIP Device (Basic)"
#define VENDOR "Ascom i62"

/* clang-format off */
/* Section 1: which fields there are. */
static const struct {
    const char *rule, *type, *protocol;
    int field;
    bool has;
} fields[] = {
    {"1 name",             "Cisco 7937", "SCCP", RL_PROFILE_NAME, true},
    {"1 type",             "Cisco 7937", "SCCP", RL_PROFILE_TYPE, true},
    {"1 protocol",         "Cisco 7937", "SCCP", RL_PROFILE_PROTOCOL, true},
    {"1 description",      "Cisco 7937", "SCCP", RL_PROFILE_DESCRIPTION, true},
    {"1 nonce: SIP",       "Cisco 7941", "SIP",  RL_PROFILE_NONCE_VALIDITY, true},
    {"1 nonce: not SCCP",  "Cisco 7941", "SCCP", RL_PROFILE_NONCE_VALIDITY, false},
    {"1 nonce: no digest", "Cisco ATA 192", "SIP", RL_PROFILE_NONCE_VALIDITY, false},
    {"R82 mode: TLS",      "Cisco 7941", "SCCP", RL_PROFILE_MODE, true},
    {"R82 mode: no TLS",   "Cisco 3905", "SIP",  RL_PROFILE_MODE, false},
    {"R82 mode: unknown",  "Cisco 7937", "SCCP", RL_PROFILE_MODE, false},
    {"R82 mode: third",    THIRD,        "SIP",  RL_PROFILE_MODE, false},
    {"R82 mode: vendor",   VENDOR,       "SIP",  RL_PROFILE_MODE, true},
    {"1 transport: SIP",   THIRD,        "SIP",  RL_PROFILE_TRANSPORT, true},
    {"1 transport: SCCP",  "Cisco 7941", "SCCP", RL_PROFILE_TRANSPORT, false},
    {"R81 digest",         VENDOR,       "SIP",  RL_PROFILE_DIGEST, true},
    {"R81 digest: third",  THIRD,        "SIP",  RL_PROFILE_DIGEST, true},
    {"R126 digest: SCCP",  "Cisco 7941", "SCCP", RL_PROFILE_DIGEST, false},
    {"R129 config",        "Cisco 8841", "SIP",  RL_PROFILE_ENC_CONFIG, true},
    {"R129 config: SCCP",  "Cisco 7931", "SCCP", RL_PROFILE_ENC_CONFIG, true},
    {"R129 config: SIP",   "Cisco 7931", "SIP",  RL_PROFILE_ENC_CONFIG, false},
    {"R129 config: third", THIRD,        "SIP",  RL_PROFILE_ENC_CONFIG, false},
    {"1 oauth",            "Cisco 8841", "SIP",  RL_PROFILE_OAUTH, true},
    {"1 oauth: flag",      "Cisco 8821", "SIP",  RL_PROFILE_OAUTH, false},
    {"1 exclude: 7942",    "Cisco 7942", "SIP",  RL_PROFILE_EXCLUDE_DIGEST, true},
    {"1 exclude: 7962",    "Cisco 7962", "SIP",  RL_PROFILE_EXCLUDE_DIGEST, true},
    {"1 exclude: 7940",    "Cisco 7940", "SIP",  RL_PROFILE_EXCLUDE_DIGEST, true},
    {"1 exclude: 7912",    "Cisco 7912", "SIP",  RL_PROFILE_EXCLUDE_DIGEST, true},
    {"1 exclude: SCCP",    "Cisco 7942", "SCCP", RL_PROFILE_EXCLUDE_DIGEST, false},
    {"1 exclude: others",  "Cisco 8841", "SIP",  RL_PROFILE_EXCLUDE_DIGEST, false},
    {"1 exclude: third",   THIRD,        "SIP",  RL_PROFILE_EXCLUDE_DIGEST, false},
    {"R67 CAPF",           "Cisco 8841", "SIP",  RL_PROFILE_AUTH_MODE, true},
    {"R67 CAPF: SCCP",     "Cisco 7941", "SCCP", RL_PROFILE_KEY_ORDER, true},
    {"R73 CAPF: vendor",   VENDOR,       "SIP",  RL_PROFILE_AUTH_MODE, false},
    {"R73 CAPF: vendor",   VENDOR,       "SIP",  RL_PROFILE_RSA_SIZE, false},
    {"R73 CAPF: none",     "Cisco 3905", "SIP",  RL_PROFILE_EC_SIZE, false},
    {"1 port: SIP",        THIRD,        "SIP",  RL_PROFILE_SIP_PORT, true},
    {"1 port: SCCP",       "Cisco 7941", "SCCP", RL_PROFILE_SIP_PORT, false},
    {"R83 certificate",    VENDOR,       "SIP",  RL_PROFILE_CERTIFICATE, true},
    {"R83 certificate",    "Cisco 8841", "SIP",  RL_PROFILE_CERTIFICATE, false},
    {"R83 certificate",    THIRD,        "SIP",  RL_PROFILE_CERTIFICATE, false},
};

/* Sections 1 to 3: what matters with the other values. */
static const struct {
    const char *rule, *profile;
    int field;
    bool used;
} uses[] = {
    {"3 RSA Only",      "key_order=rsa",    RL_PROFILE_RSA_SIZE, true},
    {"3 RSA Only",      "key_order=rsa",    RL_PROFILE_EC_SIZE, false},
    {"3 EC Only",       "key_order=ec",     RL_PROFILE_RSA_SIZE, false},
    {"3 EC Only",       "key_order=ec",     RL_PROFILE_EC_SIZE, true},
    {"3 EC Preferred",  "key_order=ec-rsa", RL_PROFILE_RSA_SIZE, true},
    {"3 EC Preferred",  "key_order=ec-rsa", RL_PROFILE_EC_SIZE, true},
    {"1 oauth",         "mode=encrypted",   RL_PROFILE_OAUTH, true},
    {"1 oauth mode",    "mode=authenticated", RL_PROFILE_OAUTH, false},
    {"1 oauth mode",    "mode=nonsecure",   RL_PROFILE_OAUTH, false},
    {"1 oauth digest",  "mode=encrypted, digest=yes", RL_PROFILE_OAUTH, false},
    {"1 oauth config",  "mode=encrypted, encrypted_config=yes", RL_PROFILE_OAUTH, false},
    {"1 oauth is on",   "mode=nonsecure, oauth=yes", RL_PROFILE_OAUTH, true},
    {"1 nonce",         "digest=no",        RL_PROFILE_NONCE_VALIDITY, true},
    {"1 port",          "transport=tls",    RL_PROFILE_SIP_PORT, true},
};

/* Which values can be chosen. */
static const struct {
    const char *rule, *type, *profile;
    int field;
    const char *value;
    bool takes;
} values[] = {
    {"R62 protocol", "Cisco 8841", "", RL_PROFILE_PROTOCOL, "SIP", true},
    {"R62 protocol", "Cisco 8841", "", RL_PROFILE_PROTOCOL, "SCCP", false},
    {"2 nonsecure",  "Cisco 7940", "", RL_PROFILE_MODE, "nonsecure", true},
    {"R62 mode",     "Cisco 7940", "", RL_PROFILE_MODE, "authenticated", true},
    {"R62 mode",     "Cisco 7940", "", RL_PROFILE_MODE, "encrypted", false},
    {"2 nonsecure",  "Cisco 8841", "mode=nonsecure", RL_PROFILE_TRANSPORT, "tcp", true},
    {"2 nonsecure",  "Cisco 8841", "mode=nonsecure", RL_PROFILE_TRANSPORT, "udp", true},
    {"2 nonsecure",  "Cisco 8841", "mode=nonsecure", RL_PROFILE_TRANSPORT, "tcp+udp", true},
    {"2 nonsecure",  "Cisco 8841", "mode=nonsecure", RL_PROFILE_TRANSPORT, "tls", false},
    {"R106 secure",  "Cisco 8841", "mode=encrypted", RL_PROFILE_TRANSPORT, "tls", true},
    {"R106 secure",  "Cisco 8841", "mode=authenticated", RL_PROFILE_TRANSPORT, "tcp+udp", false},
    {"2 no mode",    THIRD,        "", RL_PROFILE_TRANSPORT, "udp", true},
    {"2 no mode",    THIRD,        "", RL_PROFILE_TRANSPORT, "tls", false},
    {"1 oauth",      "Cisco 8841", "mode=encrypted", RL_PROFILE_OAUTH, "yes", true},
    {"1 oauth",      "Cisco 8841", "mode=encrypted, digest=yes", RL_PROFILE_OAUTH, "yes", false},
    {"1 oauth",      "Cisco 8841", "mode=encrypted, digest=yes", RL_PROFILE_OAUTH, "no", true},
    {"3 EC Only",    "Cisco 8841", "", RL_PROFILE_KEY_ORDER, "ec", true},
    {"3 EC Only",    "Cisco 7941", "", RL_PROFILE_KEY_ORDER, "ec", false},
    {"3 backup",     "Cisco 7941", "", RL_PROFILE_KEY_ORDER, "ec-rsa", true},
    {"3 size",       "Cisco 7941", "", RL_PROFILE_RSA_SIZE, "2048", true},
    {"3 size",       "Cisco 7941", "", RL_PROFILE_RSA_SIZE, "3072", false},
    {"3 size",       "Cisco 8841", "", RL_PROFILE_RSA_SIZE, "4096", true},
    {"3 EC size",    "Cisco 8841", "", RL_PROFILE_EC_SIZE, "521", true},
};

/* 4.8 and the ending of section 2: names of profiles that are made for a phone. */
static const struct {
    const char *type, *profile;
    int n;
    const char *name;
} names[] = {
    {"Cisco 8841", "mode=encrypted, auth_mode=null-string, key_order=ec, ec_size=256", 1,
     "Cisco 8841 SIP Encrypted null-string EC-256"},
    {"Cisco 8841", "mode=encrypted, auth_mode=null-string, key_order=ec, ec_size=256", 3,
     "Cisco 8841 SIP Encrypted null-string (3) EC-256"},
    {"Cisco 8841", "mode=nonsecure, auth_mode=lsc, key_order=ec-rsa, ec_size=521, rsa_size=2048", 1,
     "Cisco 8841 SIP Non Secure lsc RSA-2048 EC-521"},
    {"An invented model whose name takes all of the sixty characters", "mode=authenticated, auth_mode=mic, rsa_size=2048", 2,
     "An invented model whose name takes all o SIP Authenticated mic (2) RSA-2048"},
};
/* clang-format on */

static void begin(struct rl_row *row, const char *type, const char *protocol, const char *text)
{
    rl_row_init(row, rl_object(RL_PROFILE));
    rl_row_set(row, RL_PROFILE_TYPE, type);
    rl_row_set(row, RL_PROFILE_PROTOCOL, protocol);
    row_set(row, text, 0);
}

static void fields_are_those_of_the_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (rl_profile_has(catalogue_type(fields[i].type), fields[i].protocol, fields[i].field) !=
            fields[i].has)
            fail_msg("%s: %s with %s", fields[i].rule, fields[i].type, fields[i].protocol);
}

static void without_a_type_there_is_what_all_have(void **state)
{
    struct rl_row none;
    (void)state;
    rl_row_init(&none, rl_object(RL_TYPE));
    for (int i = 0; i < RL_PROFILE_FIELDS; i++)
        assert_int_equal(rl_profile_has(&none, "SIP", i),
                         i <= RL_PROFILE_DESCRIPTION || i == RL_PROFILE_PREDEFINED);
    rl_row_fini(&none);
}

static void fields_matter_by_the_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        struct rl_row row;
        begin(&row, "Cisco 8841", "SIP", uses[i].profile);
        if (rl_profile_uses(&row, uses[i].field) != uses[i].used)
            fail_msg("%s: %s", uses[i].rule, uses[i].profile);
        rl_row_fini(&row);
    }
}

static void values_fit_type_and_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct rl_row row;
        begin(&row, values[i].type, "SIP", values[i].profile);
        if (rl_profile_takes(catalogue_type(values[i].type), &row, values[i].field,
                             values[i].value) != values[i].takes)
            fail_msg("%s: %s, %s, %s", values[i].rule, values[i].type, values[i].profile,
                     values[i].value);
        rl_row_fini(&row);
    }
}

/* One choice of one field: offered by forms if and only if the engine takes it. True if refused. */
static bool judge_choice(const char *model, const char *protocol, const char *base, int field,
                         const char *value)
{
    const struct rl_row *type = catalogue_type(model);
    struct rl_problems problems = {0};
    struct rl_row row;
    bool blamed = false;
    begin(&row, model, protocol, base);
    rl_row_set(&row, field, value);
    bool offered =
        rl_profile_has(type, protocol, field) && rl_profile_takes(type, &row, field, value);
    rl_policy_profile_fill(&row, NULL, type, field == RL_PROFILE_TRANSPORT);
    rl_policy_profile(&row, NULL, type, &problems);
    for (size_t i = 0; i < problems.n; i++)
        blamed |= !rl_code_is_warning(problems.item[i].code) &&
                  !strcmp(problems.item[i].field, row.obj->fields[field].name);
    /* what says nothing is taken back where the field is not there */
    bool told = rl_row_is(&row, field, value) && strcmp(value, "nonsecure") != 0;
    char *codes = codes_of(&problems);
    if (told && offered == blamed)
        fail_msg("%s with %s, %s, %s=%s: %s, but \"%s\"", model, protocol, base,
                 row.obj->fields[field].name, value, offered ? "offered" : "not offered", codes);
    free(codes);
    rl_row_fini(&row);
    return blamed;
}

static void policy_refuses_what_is_not_offered(void **state)
{
    static const char *const bases[] = {"mode=nonsecure", "mode=encrypted", "mode=authenticated"};
    const struct rl_field *table = rl_object(RL_PROFILE)->fields;
    size_t refused = 0;
    (void)state;
    for (size_t t = 0; t < sizeof fields / sizeof *fields * 3; t++)
        for (int f = RL_PROFILE_MODE; f < RL_PROFILE_PREDEFINED; f++)
            for (size_t v = 0; table[f].values && table[f].values[v]; v++)
                refused += judge_choice(fields[t / 3].type, fields[t / 3].protocol, bases[t % 3], f,
                                        table[f].values[v]);
    assert_true(refused > 100);
}

static void phones_show_the_settings_of_their_profile(void **state) /* 4.8, R73 */
{
    static const char *const settings[] = {"auth_mode", "key_order", "rsa_size", "ec_size"};
    const struct rl_object *phone = rl_object(RL_PHONE), *profile = rl_object(RL_PROFILE);
    (void)state;
    assert_int_equal(phone->nfields - phone->nstored, 4);
    for (int i = RL_PHONE_STORED; i < RL_PHONE_FIELDS; i++) {
        int of = rl_profile_field_of_phone(i);
        assert_string_equal(phone->fields[i].name, settings[i - RL_PHONE_STORED]);
        assert_string_equal(profile->fields[of].name, phone->fields[i].name);
        assert_ptr_equal(profile->fields[of].values, phone->fields[i].values);
        assert_true(rl_phone_has(catalogue_type("Cisco 8841"), "SIP", i));
        assert_false(rl_phone_has(catalogue_type(VENDOR), "SIP", i));
    }
    assert_int_equal(rl_profile_field_of_phone(RL_PHONE_PROFILE), -1);
    assert_false(rl_phone_has(catalogue_type("Cisco 7941"), "SCCP", RL_PHONE_DIGEST_USER));
}

static void made_profiles_are_named_after_their_settings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct rl_row row;
        begin(&row, names[i].type, "SIP", names[i].profile);
        char *name = rl_policy_capf_profile_name(&row, names[i].n);
        assert_string_equal(name, names[i].name);
        assert_true(strlen(name) <= 75);
        free(name);
        rl_row_fini(&row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_those_of_the_type),
        cmocka_unit_test(without_a_type_there_is_what_all_have),
        cmocka_unit_test(fields_matter_by_the_others),
        cmocka_unit_test(values_fit_type_and_others),
        cmocka_unit_test(policy_refuses_what_is_not_offered),
        cmocka_unit_test(phones_show_the_settings_of_their_profile),
        cmocka_unit_test(made_profiles_are_named_after_their_settings),
    };
    return cmocka_run_group_tests(tests, catalogue_open, catalogue_close);
}
