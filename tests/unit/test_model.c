#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/model.h"

/* What scripts rely on: the contract's columns come first, in this order. */
static const struct {
    enum rl_kind kind;
    const char *columns;
} contract[] = {
    {RL_PHONE,   "name,type,protocol,description,profile,lines,owner,digest_user"                },
    {RL_GATEWAY, "name,type,protocol,description,address"                                        },
    {RL_PROFILE, "name,type,protocol,description,mode,transport,digest,encrypted_config,sip_port"},
    {RL_USER,    "id,name,digest_password"                                                       },
};

static void contract_columns_come_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof contract / sizeof *contract; i++) {
        const struct rl_object *obj = rl_object(contract[i].kind);
        struct rl_buf columns = {0};
        bool past = false;
        for (size_t f = 0; f < obj->nfields; f++) {
            bool csv = obj->fields[f].flags & RL_FF_CSV;
            assert_false(past && csv);
            past = !csv;
            if (csv)
                rl_buf_addf(&columns, "%s%s", f ? "," : "", obj->fields[f].name);
        }
        assert_string_equal(rl_buf_str(&columns), contract[i].columns);
        rl_buf_fini(&columns);
    }
}

static const struct {
    enum rl_kind kind;
    int position;
    const char *name;
} positions[] = {
    {RL_PHONE,   RL_PHONE_NAME,             "name"               },
    {RL_PHONE,   RL_PHONE_LINES,            "lines"              },
    {RL_PHONE,   RL_PHONE_PROTECTED,        "protected"          },
    {RL_GATEWAY, RL_GATEWAY_ADDRESS,        "address"            },
    {RL_GATEWAY, RL_GATEWAY_SRTP_ALLOWED,   "srtp_allowed"       },
    {RL_PROFILE, RL_PROFILE_MODE,           "mode"               },
    {RL_PROFILE, RL_PROFILE_ENC_CONFIG,     "encrypted_config"   },
    {RL_PROFILE, RL_PROFILE_NONCE_VALIDITY, "nonce_validity"     },
    {RL_PROFILE, RL_PROFILE_EXCLUDE_DIGEST, "exclude_digest"     },
    {RL_PROFILE, RL_PROFILE_KEY_ORDER,      "key_order"          },
    {RL_PROFILE, RL_PROFILE_PREDEFINED,     "predefined"         },
    {RL_USER,    RL_USER_DIGEST_PASSWORD,   "digest_password"    },
    {RL_TYPE,    RL_TYPE_MODEL,             "model"              },
    {RL_TYPE,    RL_TYPE_TLS,               "tls_to_cucm"        },
    {RL_TYPE,    RL_TYPE_OTHER_SIG_SHA1,    "other_sig_sha1_only"},
    {RL_TYPE,    RL_TYPE_TRUSTED,           "trusted"            },
    {RL_TYPE,    RL_TYPE_EVIDENCE,          "evidence"           },
    {RL_TYPE,    RL_TYPE_PACK,              "pack"               },
};

static void fields_stand_where_the_enums_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
        assert_int_equal(rl_field_index(rl_object(positions[i].kind), positions[i].name),
                         positions[i].position);
    assert_int_equal(rl_field_index(rl_object(RL_PHONE), "trusted"), -1);
    assert_ptr_equal(rl_object_by_name("profiles"), rl_object(RL_PROFILE));
    assert_ptr_equal(rl_object_by_name("gateway"), rl_object(RL_GATEWAY));
    assert_null(rl_object_by_name("Phone"));
}

static void check_field(const struct rl_object *obj, int i)
{
    const struct rl_field *f = &obj->fields[i];
    char *out;
    assert_non_null(f->name);
    assert_non_null(f->label);
    assert_int_equal(rl_field_index(obj, f->name), i);
    assert_true(strlen(f->help) > 10 && f->help[strlen(f->help) - 1] == '.');
    assert_true(f->kind == RL_F_ENUM ? f->values != NULL : !f->values || f->kind == RL_F_LIST);
    assert_true(f->kind != RL_F_INT || f->min < f->max);
    assert_true(i > 0 || (f->flags & RL_FF_NEED && f->section));
    for (int v = 0; f->labels && (f->values[v] || f->labels[v]); v++)
        assert_true(f->values[v] && f->labels[v]);
    if (f->def) {
        assert_int_equal(rl_field_normalise(obj, i, f->def, &out, NULL), RL_OK);
        assert_string_equal(out, f->def);
        free(out);
    }
}

static void every_field_is_complete(void **state)
{
    (void)state;
    for (int k = 0; k < RL_KIND_COUNT; k++)
        for (size_t i = 0; i < rl_object((enum rl_kind)k)->nfields; i++)
            check_field(rl_object((enum rl_kind)k), (int)i);
}

#define FIFTY "12345678901234567890123456789012345678901234567890"

/* clang-format off */
static const struct {
    enum rl_kind kind;
    const char *field, *in, *out; /* out NULL: refused with E-VALUE */
} values[] = {
    {RL_PHONE, "name", "SEP001122334455", "SEP001122334455"},
    {RL_PHONE, "name", "CONF00000000001", "CONF00000000001"},
    {RL_PHONE, "name", "ascom-i63_7.x", "ascom-i63_7.x"},
    {RL_PHONE, "name", FIFTY, FIFTY},
    {RL_PHONE, "name", FIFTY "1", NULL},
    {RL_PHONE, "name", "-SEP", NULL},
    {RL_PHONE, "name", "SEP 1", NULL},
    {RL_PHONE, "name", "SEP\n1", NULL},
    {RL_PHONE, "name", "SEPé", NULL},
    {RL_PHONE, "protocol", "sip", "SIP"},
    {RL_PHONE, "protocol", " Sccp ", "SCCP"},
    {RL_PHONE, "protocol", "MGCP", NULL},
    {RL_GATEWAY, "protocol", "h.323", "H.323"},
    {RL_PHONE, "description", "Empfang, 2. Stock \xe2\x80\x93 \xe5\x8f\xb0",
     "Empfang, 2. Stock \xe2\x80\x93 \xe5\x8f\xb0"},
    {RL_PHONE, "description", "50% off", NULL},
    {RL_PHONE, "description", "a<b", NULL},
    {RL_PHONE, "description", "say \"hello\"", NULL},
    {RL_PHONE, "description", "back\\slash", NULL},
    {RL_PHONE, "description", "red \x1b[31m", NULL},
    {RL_PHONE, "description", "not \xff utf-8", NULL},
    {RL_PHONE, "description", "left\xe2\x80\xaeright", NULL},
    {RL_PHONE, "description", FIFTY "1", NULL},
    {RL_PHONE, "description", " blank before", NULL},
    {RL_PHONE, "lines", "1001", "1001"},
    {RL_PHONE, "lines", " 1001 ; 1900 ", "1001;1900"},
    {RL_PHONE, "lines", "+4930123*#;alice.b", "+4930123*#;alice.b"},
    {RL_PHONE, "lines", "1001;1001", NULL},
    {RL_PHONE, "lines", "1001;;1002", NULL},
    {RL_PHONE, "lines", "1001;", NULL},
    {RL_PHONE, "lines", "10 01", NULL},
    {RL_PHONE, "lines", FIFTY "1", NULL},
    {RL_PHONE, "protected", "TRUE", "yes"},
    {RL_PHONE, "protected", "0", "no"},
    {RL_PHONE, "protected", "Off", "no"},
    {RL_PHONE, "protected", "maybe", NULL},
    {RL_PROFILE, "name", "AscomGroup01.acme.com", "AscomGroup01.acme.com"},
    {RL_PROFILE, "name", "Cisco 8841 - Standard SIP Non-Secure Profile",
     "Cisco 8841 - Standard SIP Non-Secure Profile"},
    {RL_PROFILE, "name", "AscomGroup01.acme.com ", NULL},
    {RL_PROFILE, "name", "a;b", NULL},
    {RL_PROFILE, "name", FIFTY "1234567890123456789012345", FIFTY "1234567890123456789012345"},
    {RL_PROFILE, "name", FIFTY "12345678901234567890123456", NULL},
    {RL_PROFILE, "mode", "Non Secure", "nonsecure"},
    {RL_PROFILE, "mode", "non-secure", "nonsecure"},
    {RL_PROFILE, "mode", "Nonsecure", "nonsecure"},
    {RL_PROFILE, "mode", "ENCRYPTED", "encrypted"},
    {RL_PROFILE, "mode", "secure", NULL},
    {RL_PROFILE, "transport", "TCP+UDP", "tcp+udp"},
    {RL_PROFILE, "transport", "tcp + udp", "tcp+udp"},
    {RL_PROFILE, "transport", "TLS", "tls"},
    {RL_PROFILE, "transport", "udp+tcp", NULL},
    {RL_PROFILE, "sip_port", "5061", "5061"},
    {RL_PROFILE, "sip_port", "05061", "5061"},
    {RL_PROFILE, "sip_port", "0", NULL},
    {RL_PROFILE, "sip_port", "65536", NULL},
    {RL_PROFILE, "sip_port", "-1", NULL},
    {RL_PROFILE, "sip_port", "5060x", NULL},
    {RL_PROFILE, "sip_port", "99999999999999999999", NULL},
    {RL_PROFILE, "auth_mode", "By Null String", "null-string"},
    {RL_PROFILE, "key_order", "EC Preferred, RSA Backup", "ec-rsa"},
    {RL_PROFILE, "rsa_size", "1025", NULL},
    {RL_PROFILE, "ec_size", "384", "384"},
    {RL_GATEWAY, "address", "192.0.2.7", "192.0.2.7"},
    {RL_GATEWAY, "address", "1.2.3.999", NULL},
    {RL_GATEWAY, "address", "1.2.3", NULL},
    {RL_GATEWAY, "address", "1.2.3.4.", NULL},
    {RL_GATEWAY, "address", "2001:DB8:0::7", "2001:db8::7"},
    {RL_GATEWAY, "address", "2001:db8::7::1", NULL},
    {RL_GATEWAY, "address", "192.0.2.7:5060", NULL},
    {RL_GATEWAY, "address", "gw-1.Acme.example", "gw-1.Acme.example"},
    {RL_GATEWAY, "address", "3com.example", "3com.example"},
    {RL_GATEWAY, "address", "a..b", NULL},
    {RL_GATEWAY, "address", "-a.example", NULL},
    {RL_GATEWAY, "address", "a-.example", NULL},
    {RL_GATEWAY, "address", "a_b.example", NULL},
    {RL_GATEWAY, "address", FIFTY "1234567890123.example", FIFTY "1234567890123.example"},
    {RL_GATEWAY, "address", FIFTY "12345678901234.example", NULL},
    {RL_USER, "id", "alice@acme.com", "alice@acme.com"},
    {RL_USER, "digest_password", "pwSEP000000001001", "pwSEP000000001001"},
    {RL_USER, "digest_password", "with blank", NULL},
    {RL_TYPE, "trusted", "YES", "yes"},
    {RL_TYPE, "enc_config", "sip", "sip"},
    {RL_TYPE, "trusted", "sip", NULL},
    {RL_TYPE, "protocols", "sccp; sip", "SCCP;SIP"},
    {RL_TYPE, "protocols", "SIP;sip", NULL},
    {RL_TYPE, "protocols", "SIP;IAX", NULL},
};

/* clang-format on */

static void values_take_their_stored_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const struct rl_object *obj = rl_object(values[i].kind);
        struct rl_err err = {0};
        char *out;
        enum rl_code code =
            rl_field_normalise(obj, rl_field_index(obj, values[i].field), values[i].in, &out, &err);
        if (code != (values[i].out ? RL_OK : RL_E_VALUE))
            fail_msg("%s \"%s\": %s", values[i].field, values[i].in, err.text);
        if (values[i].out) {
            assert_string_equal(out, values[i].out);
        } else {
            assert_string_equal(err.field, values[i].field);
            assert_null(out);
        }
        free(out);
    }
}

static void refusals_are_safe_to_show(void **state)
{
    struct rl_err err;
    char *out;
    (void)state;
    rl_field_normalise(rl_object(RL_PHONE), RL_PHONE_PROTOCOL,
                       "\x1b]0;x\x07 and a long tail " FIFTY FIFTY, &out, &err);
    assert_null(strchr(err.text, '\x1b'));
    assert_non_null(strstr(err.text, "..."));
    rl_field_normalise(rl_object(RL_USER), RL_USER_DIGEST_PASSWORD, "hush hush", &out, &err);
    assert_null(strstr(err.text, "hush"));
}

static void rows_are_checked_whole(void **state)
{
    struct rl_row row, copy;
    struct rl_problems problems = {0};
    (void)state;
    rl_row_init(&row, rl_object(RL_PROFILE));
    rl_row_set(&row, RL_PROFILE_NAME, "lab.example");
    rl_row_set(&row, RL_PROFILE_MODE, "Encrypted");
    rl_row_set(&row, RL_PROFILE_SIP_PORT, "none");
    rl_row_defaults(&row);
    rl_row_check(&row, &problems);
    assert_int_equal(problems.n, 2);
    assert_int_equal(problems.item[0].code, RL_E_REQUIRED); /* R91 */
    assert_string_equal(problems.item[0].field, "type");
    assert_string_equal(problems.item[1].object, "profile lab.example");
    assert_string_equal(rl_row_get(&row, RL_PROFILE_MODE), "encrypted");
    assert_string_equal(rl_row_get(&row, RL_PROFILE_NONCE_VALIDITY), "600");
    rl_row_copy(&copy, &row);
    rl_row_fini(&row);
    assert_string_equal(rl_row_get(&copy, RL_PROFILE_NAME), "lab.example");
    rl_row_fini(&copy);
    rl_problems_fini(&problems);
}

static void levels_have_their_words(void **state) /* R143 */
{
    enum rl_security s;
    (void)state;
    assert_string_equal(rl_security_word(RL_ENCRYPTED), "LOCK");
    assert_string_equal(rl_security_word(RL_AUTHENTICATED), "SHLD");
    assert_string_equal(rl_security_word(RL_NONSECURE), "OPEN");
    assert_string_equal(rl_security_icon(RL_ENCRYPTED), "lock");
    assert_true(rl_security_parse("Non Secure", &s) && s == RL_NONSECURE);
    assert_true(rl_security_parse("Authenticated", &s) && s == RL_AUTHENTICATED);
    assert_true(rl_security_parse(rl_security_text(RL_ENCRYPTED), &s) && s == RL_ENCRYPTED);
    assert_false(rl_security_parse("secure", &s));
    assert_false(rl_security_parse("", &s));
}

static void types_answer_by_protocol(void **state) /* R62 */
{
    struct rl_row type;
    size_t n;
    (void)state;
    rl_row_init(&type, rl_object(RL_TYPE));
    rl_row_set(&type, RL_TYPE_PROTOCOLS, "SCCP;SIP");
    rl_row_set(&type, RL_TYPE_DIGEST, "sip");
    rl_row_set(&type, RL_TYPE_TLS, "yes");
    rl_row_set(&type, RL_TYPE_CLASS, "trunk");
    assert_int_equal(rl_type_says(&type, RL_TYPE_DIGEST, "SIP"), RL_YES);
    assert_int_equal(rl_type_says(&type, RL_TYPE_DIGEST, "SCCP"), RL_NO);
    assert_int_equal(rl_type_says(&type, RL_TYPE_TLS, "SCCP"), RL_YES);
    assert_int_equal(rl_type_says(&type, RL_TYPE_TRUSTED, "SIP"), RL_UNKNOWN);
    assert_true(rl_type_has_protocol(&type, "SCCP"));
    assert_false(rl_type_has_protocol(&type, "SC"));
    assert_false(rl_type_has_protocol(&type, ""));
    assert_true(rl_type_is_gateway(&type));
    rl_row_set(&type, RL_TYPE_CLASS, "softphone");
    assert_false(rl_type_is_gateway(&type));
    assert_string_equal(rl_type_feature_text(&type, RL_TYPE_DIGEST), "SIP only");
    assert_string_equal(rl_type_feature_text(&type, RL_TYPE_SRTP), "unknown");
    assert_true(rl_type_features(&n)[0] == RL_TYPE_HAS_MIC && n == 21);
    rl_row_fini(&type);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contract_columns_come_first),
        cmocka_unit_test(fields_stand_where_the_enums_say),
        cmocka_unit_test(every_field_is_complete),
        cmocka_unit_test(values_take_their_stored_form),
        cmocka_unit_test(refusals_are_safe_to_show),
        cmocka_unit_test(rows_are_checked_whole),
        cmocka_unit_test(levels_have_their_words),
        cmocka_unit_test(types_answer_by_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
