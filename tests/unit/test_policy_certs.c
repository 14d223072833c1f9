/* What may come on file, as a table: each row is a good certificate but for what it names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/certs.h"
#include "ringlock/buf.h"

#define NOW "2026-11-23T10:00:00Z"

struct judged {
    const char *rule, *what;
    const char *value[4]; /* "field=value" */
    const char *type;     /* cert_mode of the phone's preferred-vendor type; NULL: no such phone */
    const char *codes;    /* tags, each with a blank behind it */
};

/* clang-format off */
static const struct judged table[] = {
    {"R9",   "P-256 and SHA-256",             {0}, NULL, ""},
    {"R86",  "the last second",               {"not_after=" NOW}, NULL, ""},
    {"R86",  "a second later",                {"not_after=2026-11-23T09:59:59Z"}, NULL, "E-CERT-DATES "},
    {"R86",  "the first second",              {"not_before=" NOW}, NULL, ""},
    {"R86",  "a second before",               {"not_before=2026-11-23T10:00:01Z"}, NULL, "E-CERT-DATES "},
    {"R9",   "RSA 2048",                      {"key_type=RSA", "key_bits=2048"}, NULL, ""},
    {"R9",   "RSA 2047",                      {"key_type=RSA", "key_bits=2047"}, NULL, "E-CERT-WEAK "},
    {"R9",   "RSA 4096",                      {"key_type=RSA", "key_bits=4096"}, NULL, ""},
    {"R9",   "RSA 8192",                      {"key_type=RSA", "key_bits=8192"}, NULL, "E-CERT-WEAK "},
    {"R9",   "P-224",                         {"key_bits=224"}, NULL, "E-CERT-WEAK "},
    {"R9",   "P-521",                         {"key_bits=521"}, NULL, ""},
    {"R9",   "DSA",                           {"key_type=DSA", "key_bits=3072"}, NULL, "E-CERT-WEAK "},
    {"R9",   "MD5, by a CA",                  {"signature_hash=MD5"}, NULL, "E-CERT-WEAK "},
    {"R9",   "MD5, by itself",                {"signature_hash=MD5", "self_signed=yes"}, NULL, "E-CERT-WEAK "},
    {"R9",   "SHA-1, by a CA",                {"signature_hash=SHA1"}, NULL, "E-CERT-WEAK "},
    {"R9",   "SHA-1, by itself",              {"signature_hash=SHA1", "self_signed=yes"}, NULL, ""},
    {"R9",   "no hash that is known",         {"signature_hash=none"}, NULL, "E-CERT-WEAK "},
    {"R102", "a wildcard in the SAN",         {"san=DNS:a;DNS:*.acme.com"}, NULL, "E-CERT-WILDCARD "},
    {"R102", "a wildcard inside a name",      {"san=DNS:a*.acme.com"}, NULL, "E-CERT-WILDCARD "},
    {"R102", "a wildcard in the CN",          {"common_name=*.acme.com"}, NULL, "E-CERT-WILDCARD "},
    {"R84",  "type shares",                   {"device=SEP1", "origin=by-device"}, "shared", "E-CERT-MODE "},
    {"R84",  "type has one per device",       {"device=SEP1", "origin=by-device"}, "per-device", ""},
    {"R84",  "type takes both",               {"device=SEP1", "origin=with-device"}, "both", ""},
    {"R74",  "origin not stated",             {"device=SEP1"}, "both", "W-CERT-ORIGIN "},
    {"R74",  "no such phone yet",             {"device=SEP1"}, NULL, ""},
    {"",     "everything at once",            {"not_after=2020-01-01T00:00:00Z", "key_bits=224", "signature_hash=MD5",
                                               "common_name=*"}, NULL,
     "E-CERT-DATES E-CERT-WEAK E-CERT-WEAK E-CERT-WILDCARD "},
};
/* clang-format on */

static void set(struct rl_row *row, const char *pair)
{
    size_t n = strcspn(pair, "=");
    char *name = rl_strndup(pair, n);
    rl_row_set(row, rl_field_index(row->obj, name), pair + n + 1);
    free(name);
}

static void good(struct rl_row *row)
{
    static const char *const values[] = {"name=x",
                                         "common_name=Group",
                                         "san=DNS:AscomGroup01.acme.com",
                                         "subject=CN=Group",
                                         "key_bits=256",
                                         "key_type=EC",
                                         "signature_hash=SHA256",
                                         "self_signed=no",
                                         "not_before=2026-01-01T00:00:00Z",
                                         "not_after=2027-01-01T00:00:00Z"};
    rl_row_init(row, rl_object(RL_CERTIFICATE));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        set(row, values[i]);
}

static void each_rule_refuses_what_it_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct judged *t = &table[i];
        struct rl_problems problems = {0};
        struct rl_row cert, type;
        struct rl_buf codes = {0};
        good(&cert);
        rl_row_init(&type, rl_object(RL_TYPE));
        rl_row_set(&type, RL_TYPE_SECURITY_CLASS, "secure-preferred-vendor");
        rl_row_set(&type, RL_TYPE_CERT_MODE, t->type);
        for (size_t k = 0; k < 4 && t->value[k]; k++)
            set(&cert, t->value[k]);
        rl_policy_cert(&cert, t->type ? &type : NULL, NOW, &problems);
        for (size_t k = 0; k < problems.n; k++)
            rl_buf_addf(&codes, "%s ", rl_code_info(problems.item[k].code)->tag);
        if (strcmp(rl_buf_str(&codes), t->codes) != 0)
            fail_msg("%s, %s: \"%s\", not \"%s\"", t->rule, t->what, rl_buf_str(&codes), t->codes);
        rl_buf_fini(&codes);
        rl_problems_fini(&problems);
        rl_row_fini(&cert);
        rl_row_fini(&type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_rule_refuses_what_it_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
