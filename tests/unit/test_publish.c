/* Which form a phone's configuration file has, and what goes into it (R129, R133, profiles.md 6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "policy/publish.h"

static const struct {
    const char *what, *protocol, *encrypt, *enc_config, *method;
    bool certificate;
    size_t digits;
    enum rl_file_form form;
    enum rl_code why;
} forms[] = {
    {"not asked for",            "SIP",  "no",  "yes", "pki-aes128",                true,  0,  RL_FILE_SIGNED,    RL_OK       },
    {"the type cannot",          "SIP",  "yes", "no",  "",                          true,  0,  RL_FILE_SIGNED,    RL_OK       },
    {"this protocol cannot",     "SCCP", "yes", "sip", "pki-aes128",                true,  0,  RL_FILE_SIGNED,    RL_OK       },
    {"for its certificate",      "SIP",  "yes", "yes", "pki-aes128",                true,  0,  RL_FILE_ENCRYPTED, RL_OK       },
    {"without one",              "SIP",  "yes", "yes", "pki-aes128",                false, 0,  RL_FILE_SHORT,     RL_W_ENC_KEY},
    {"a key typed in",           "SIP",  "yes", "sip", "manual-aes-128",            false, 32, RL_FILE_TYPED_KEY, RL_OK       },
    {"none typed in",            "SIP",  "yes", "sip", "manual-aes-128",            true,  0,  RL_FILE_SHORT,     RL_W_ENC_KEY},
    {"RC4 is not made",          "SIP",  "yes", "sip", "manual-rc4-256",            true,  64, RL_FILE_SHORT,
     RL_W_ENC_KEY                                                                                                             },
    {"both ways, a certificate", "SIP",  "yes", "yes", "pki-aes128;manual-aes-128", true,  32,
     RL_FILE_ENCRYPTED,                                                                                           RL_OK       },
    {"both ways, a key",         "SIP",  "yes", "yes", "pki-aes128;manual-aes-128", false, 32,
     RL_FILE_TYPED_KEY,                                                                                           RL_OK       },
};

struct set {
    struct rl_row phone, type, profile;
};

static void begin(struct set *s)
{
    rl_row_init(&s->phone, rl_object(RL_PHONE));
    rl_row_init(&s->type, rl_object(RL_TYPE));
    rl_row_init(&s->profile, rl_object(RL_PROFILE));
    rl_row_set(&s->phone, RL_PHONE_NAME, "SEP1");
}

static void end(struct set *s)
{
    rl_row_fini(&s->phone);
    rl_row_fini(&s->type);
    rl_row_fini(&s->profile);
}

static void each_form_has_its_reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct set s;
        struct rl_err why = {0};
        begin(&s);
        rl_row_set(&s.phone, RL_PHONE_PROTOCOL, forms[i].protocol);
        rl_row_set(&s.profile, RL_PROFILE_ENC_CONFIG, forms[i].encrypt);
        rl_row_set(&s.type, RL_TYPE_ENC_CONFIG, forms[i].enc_config);
        rl_row_set(&s.type, RL_TYPE_ENC_CONFIG_METHOD, forms[i].method);
        const struct rl_file_in in = {.phone = &s.phone,
                                      .type = &s.type,
                                      .profile = &s.profile,
                                      .certificate = forms[i].certificate,
                                      .key_digits = forms[i].digits};
        enum rl_file_form form = rl_policy_file_form(&in, &why);
        if (form != forms[i].form || why.code != forms[i].why)
            fail_msg("%s: %s (%s)", forms[i].what, rl_file_form_names[form], why.text);
        end(&s);
    }
}

static void credentials_are_in_no_short_file(void **state)
{
    static const struct {
        const char *digest, *exclude;
        enum rl_file_form form;
        bool in;
    } cases[] = {
        {"yes", "no",  RL_FILE_SIGNED,    true },
        {"yes", "",    RL_FILE_ENCRYPTED, true },
        {"yes", "no",  RL_FILE_TYPED_KEY, true },
        {"yes", "no",  RL_FILE_SHORT,     false},
        {"yes", "yes", RL_FILE_ENCRYPTED, false},
        {"no",  "no",  RL_FILE_ENCRYPTED, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct set s;
        begin(&s);
        rl_row_set(&s.profile, RL_PROFILE_DIGEST, cases[i].digest);
        rl_row_set(&s.profile, RL_PROFILE_EXCLUDE_DIGEST, cases[i].exclude);
        assert_int_equal(rl_policy_file_credentials(&s.profile, cases[i].form), cases[i].in);
        end(&s);
    }
}

static void old_types_get_sha_1(void **state) /* R133 */
{
    struct set s;
    (void)state;
    begin(&s);
    assert_true(rl_policy_file_sha512(&s.type, true));
    assert_false(rl_policy_file_sha512(&s.type, false));
    rl_row_set(&s.type, RL_TYPE_OTHER_SIG_SHA1, "yes");
    assert_false(rl_policy_file_sha512(&s.type, true));
    end(&s);
}

static void a_phone_knows_how_to_log_in_at_capf(void **state)
{
    static const char *const modes[] = {"", "string", "null-string", "lsc", "mic"};
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct set s;
        begin(&s);
        rl_row_set(&s.profile, RL_PROFILE_AUTH_MODE, modes[i]);
        assert_int_equal(rl_policy_capf_auth_mode(&s.profile), i);
        end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_has_its_reasons),
        cmocka_unit_test(credentials_are_in_no_short_file),
        cmocka_unit_test(old_types_get_sha_1),
        cmocka_unit_test(a_phone_knows_how_to_log_in_at_capf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
