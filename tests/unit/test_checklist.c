/* The eight steps (R116 to R130): a phone that has done all, and what each thing that it lacks
 * changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "policy/checklist.h"

#define OPEN    RL_CHECK_OPEN
#define DONE    RL_CHECK_DONE
#define NONE    RL_CHECK_NOT_APPLICABLE
#define BLOCKED RL_CHECK_BLOCKED

/* What one case changes: fields as "phone.digest_user", and what is no row's. */
struct change {
    const char *field, *value;
};
enum fact {
    NONSECURE_CLUSTER = 1,
    NO_CTL = 32,
    OLD_CTL = 256,
    SERVER_ENDED = 512,
    REGISTERED = 2,
    NO_PROFILES = 4,
    NO_CREDENTIALS = 8,
    TYPED_IN = 16,
    SITE_SHUTS = 64,
    LSC = 128,
    NOT_ENCRYPTED = 1024
};

struct set {
    struct rl_row phone, type, profile;
};

static const struct change whole[] = {
    {"type.model",               "Cisco 8841"  },
    {"type.protocols",           "SIP;SCCP"    },
    {"type.vendor",              "Cisco"       },
    {"type.class",               "phone"       },
    {"type.security_class",      "secure-cisco"},
    {"type.tls_to_cucm",         "yes"         },
    {"type.has_mic",             "yes"         },
    {"type.lsc_capf",            "yes"         },
    {"type.digest",              "yes"         },
    {"type.enc_config",          "yes"         },
    {"phone.name",               "SEP1"        },
    {"phone.type",               "Cisco 8841"  },
    {"phone.protocol",           "SIP"         },
    {"phone.profile",            "desk"        },
    {"phone.digest_user",        "alice"       },
    {"profile.name",             "desk"        },
    {"profile.type",             "Cisco 8841"  },
    {"profile.protocol",         "SIP"         },
    {"profile.mode",             "encrypted"   },
    {"profile.transport",        "tls"         },
    {"profile.digest",           "yes"         },
    {"profile.encrypted_config", "yes"         },
};

static void put(struct set *s, const struct change *c)
{
    static const enum rl_kind kinds[] = {RL_PHONE, RL_TYPE, RL_PROFILE};
    struct rl_row *const rows[] = {&s->phone, &s->type, &s->profile};
    for (size_t i = 0; i < 3; i++) {
        const struct rl_object *obj = rl_object(kinds[i]);
        size_t n = strlen(obj->name);
        if (strncmp(c->field, obj->name, n) == 0 && c->field[n] == '.') {
            int field = rl_field_index(obj, c->field + n + 1);
            assert_true(field >= 0);
            rl_row_set(rows[i], field, c->value);
        }
    }
}

static void judge(const struct change *changes, unsigned facts,
                  struct rl_checklist_step out[RL_CHECKLIST_STEPS], struct set *s)
{
    rl_row_init(&s->phone, rl_object(RL_PHONE));
    rl_row_init(&s->type, rl_object(RL_TYPE));
    rl_row_init(&s->profile, rl_object(RL_PROFILE));
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        put(s, &whole[i]);
    for (; changes->field; changes++)
        put(s, changes);
    struct rl_checklist_in in = {.phone = &s->phone,
                                 .type = &s->type,
                                 .profile = &s->profile,
                                 .mixed = !(facts & NONSECURE_CLUSTER),
                                 .ctl = !(facts & NO_CTL),
                                 .ctl_old = facts & OLD_CTL,
                                 .server = facts & SERVER_ENDED ? "has expired" : NULL,
                                 .registered_secure = facts & REGISTERED,
                                 .lsc = facts & LSC ? RL_YES : RL_UNKNOWN,
                                 .secure_profiles = facts & NO_PROFILES ? 0 : 2,
                                 .credentials = !(facts & NO_CREDENTIALS),
                                 .typed_in = facts & TYPED_IN ? "root" : NULL};
    if (facts & NOT_ENCRYPTED)
        in.not_encrypted = "no key";
    for (size_t i = 0; i < RL_HARDENINGS; i++)
        in.hardening[i] = facts & SITE_SHUTS ? 0 : rl_hardenings[i].usual;
    rl_policy_checklist(&in, out);
}

static void forget(struct set *s)
{
    rl_row_fini(&s->phone);
    rl_row_fini(&s->type);
    rl_row_fini(&s->profile);
}

#define SCCP                       \
    {"phone.protocol", "SCCP"},    \
    {                              \
        "profile.protocol", "SCCP" \
    }
#define KEYED                         \
    {                                 \
        "type.digest_keyed_in", "sip" \
    }
#define PLAIN                      \
    {"profile.mode", "nonsecure"}, \
    {                              \
        "profile.transport", "tcp" \
    }
#define OWN                         \
    {                               \
        "profile.predefined", "yes" \
    }

#define SHUT                                                                    \
    {"profile.settings_access", "restricted"}, {"profile.pc_port", "disabled"}, \
    {                                                                           \
        "profile.voice_vlan_access", "disabled"                                 \
    }

/* clang-format off */
static const struct {
    const char *rule, *what;
    unsigned facts;
    struct change change[5];
    int step;
    enum rl_step_state state;
    enum rl_code code;
} cases[] = {
    {"R121", "mixed mode", 0, {{0}}, 1, DONE, RL_OK},
    {"R16", "a CTL file without the active certificate", OLD_CTL, {{0}}, 1, OPEN, RL_E_DEVICE_CTL_OLD},
    {"R12", "the server's certificate has expired", SERVER_ENDED, {{0}}, 1, OPEN, RL_E_SERVER_CERT},
    {"R12", "and the cluster is nonsecure", SERVER_ENDED | NONSECURE_CLUSTER, {{0}}, 1, OPEN, RL_W_CLUSTER_NONSECURE},
    {"R121", "mixed mode, and no CTL file", NO_CTL, {{0}}, 1, OPEN, RL_W_CTL_MISSING},
    {"R121", "nonsecure mode", NONSECURE_CLUSTER, {{0}}, 1, OPEN, RL_W_CLUSTER_NONSECURE},
    {"R122", "a MIC is enough", 0, {{0}}, 2, DONE, RL_OK},
    {"R122", "neither MIC nor LSC", 0, {{"type.has_mic", "no"}}, 2, OPEN, RL_W_LSC_NEEDED},
    {"R122", "an LSC that CAPF installed", LSC, {{"type.has_mic", "no"}}, 2, DONE, RL_OK},
    {"R122", "nobody knows of a MIC", 0, {{"type.has_mic", ""}}, 2, OPEN, RL_W_LSC_NEEDED},
    {"R122", "it was seen with a certificate", REGISTERED, {{"type.has_mic", "no"}}, 2, DONE, RL_OK},
    {"R122", "no TLS, no certificate", 0, {{"type.tls_to_cucm", "no"}}, 2, NONE, RL_OK},
    {"R123", "there are secure profiles", 0, {{0}}, 3, DONE, RL_OK},
    {"R123", "there is none", NO_PROFILES, {PLAIN}, 3, OPEN, RL_OK},
    {"R123", "the type has no mode", NO_PROFILES, {{"type.tls_to_cucm", "no"}}, 3, NONE, RL_OK},
    {"R124", "it is encrypted", 0, {{0}}, 4, DONE, RL_OK},
    {"R124", "it is authenticated", 0, {{"profile.mode", "authenticated"}}, 4, DONE, RL_OK},
    {"R124", "it is nonsecure", 0, {PLAIN}, 4, OPEN, RL_OK},
    {"R124", "and none could be given", NO_PROFILES, {PLAIN}, 4, BLOCKED, RL_OK},
    {"R124", "the type has no mode", 0, {PLAIN, {"type.tls_to_cucm", ""}}, 4, NONE, RL_OK},
    {"R125", "a user with credentials", 0, {{0}}, 5, DONE, RL_OK},
    {"R125", "a user without", NO_CREDENTIALS, {{0}}, 5, OPEN, RL_E_DIGEST_NO_CRED},
    {"R125", "no user", NO_CREDENTIALS, {{"phone.digest_user", ""}}, 5, OPEN, RL_OK},
    {"R126", "SCCP has no digest", 0, {SCCP}, 5, NONE, RL_OK},
    {"R127", "most phones learn it from their file", 0, {{0}}, 6, NONE, RL_OK},
    {"R127", "at some it is typed in", 0, {KEYED}, 6, OPEN, RL_OK},
    {"R127", "somebody said that it was", TYPED_IN, {KEYED}, 6, DONE, RL_OK},
    {"R127", "there is nothing to type", NO_CREDENTIALS, {KEYED}, 6, BLOCKED, RL_OK},
    {"R127", "with SIP only", 0, {KEYED, SCCP}, 6, NONE, RL_OK},
    {"R129", "the file is encrypted", 0, {{0}}, 7, DONE, RL_OK},
    {"R129", "it should be, and cannot", NOT_ENCRYPTED, {{0}}, 7, OPEN, RL_W_ENC_KEY},
    {"R129", "it is not, and has credentials", 0, {{"profile.encrypted_config", "no"}}, 7, OPEN, RL_W_DIGEST_CLEAR},
    {"R129", "it is not, and has none", 0, {{"profile.encrypted_config", "no"}, {"profile.digest", "no"}}, 7, OPEN, RL_OK},
    {"R129", "the type cannot", 0, {{"type.enc_config", "no"}}, 7, NONE, RL_OK},
    {"R129", "with the other protocol only", 0, {{"type.enc_config", "sccp"}}, 7, NONE, RL_OK},
    {"R129", "the profile cannot be changed", 0, {PLAIN, {"profile.encrypted_config", "no"}, OWN}, 7, BLOCKED, RL_OK},
    {"R130", "a site that says nothing leaves doors open", 0, {{0}}, 8, OPEN, RL_OK},
    {"R130", "the profile shuts them", 0, {SHUT}, 8, DONE, RL_OK},
    {"R130", "all but one", 0, {SHUT, {"profile.ssh_access", "enabled"}}, 8, OPEN, RL_OK},
    {"R130", "the site shuts them", SITE_SHUTS, {{0}}, 8, DONE, RL_OK},
    {"R130", "and the profile opens one", SITE_SHUTS, {{"profile.garp", "enabled"}}, 8, OPEN, RL_OK},
    {"R130", "the profile cannot be changed", 0, {OWN}, 8, BLOCKED, RL_OK},
    {"R130", "what a model lacks is not asked for", 0,
     {{"type.class", "wireless-phone"}, {"profile.settings_access", "disabled"}}, 8, DONE, RL_OK},
    {"R130", "a softphone has none", 0, {{"type.class", "softphone"}}, 8, NONE, RL_OK},
    {"R130", "nor has another maker's", 0, {{"type.vendor", "Snom"}}, 8, NONE, RL_OK},
};
/* clang-format on */

static void each_step_is_computed_from_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rl_checklist_step out[RL_CHECKLIST_STEPS];
        struct set s;
        judge(cases[i].change, cases[i].facts, out, &s);
        const struct rl_checklist_step *step = &out[cases[i].step - 1];
        if (step->state != cases[i].state || step->why.code != cases[i].code)
            fail_msg("%s, %s: step %d is %s (%s)", cases[i].rule, cases[i].what, cases[i].step,
                     rl_step_state_names[step->state], step->why.text);
        forget(&s);
    }
}

/* R116, R119: every step says what there is; an open one what to do, and where. */
static void every_step_speaks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rl_checklist_step out[RL_CHECKLIST_STEPS];
        struct set s;
        judge(cases[i].change, cases[i].facts, out, &s);
        for (size_t k = 0; k < RL_CHECKLIST_STEPS; k++) {
            bool open = out[k].state == OPEN || out[k].state == BLOCKED;
            assert_true(*out[k].why.text && *out[k].label && *out[k].rule);
            assert_int_equal(open, *out[k].why.remedy != '\0');
            if (out[k].state == OPEN && k != 5 && k != 7)
                assert_string_not_equal(out[k].kind, "");
        }
        forget(&s);
    }
}

/* R76: a preferred vendor's phone has its certificate uploaded, whatever its type could do else. */
static void vendors_upload(void **state)
{
    static const struct change vendor[] = {
        {"type.security_class", "secure-preferred-vendor"},
        {"type.authentication",                     "yes"},
        {0}
    };
    struct rl_enabled enabled = {.n = 2};
    (void)state;
    for (int ok = 0; ok <= 1; ok++) {
        struct rl_checklist_step out[RL_CHECKLIST_STEPS];
        struct set s;
        judge(vendor, 0, out, &s);
        enabled.point[0] = (struct rl_point){.id = "certificate", .value = "cert", .ok = true};
        enabled.point[1] = (struct rl_point){.id = "dates", .value = "", .ok = ok};
        rl_fail(&enabled.point[1].why, RL_E_CERT_DATES, "SEP1", "It has ended.");
        struct rl_checklist_in in = {
            .phone = &s.phone, .type = &s.type, .profile = &s.profile, .enabled = &enabled};
        rl_policy_checklist(&in, out);
        assert_string_equal(out[1].label, "Upload certificate");
        assert_int_equal(out[1].state, ok ? DONE : OPEN);
        assert_int_equal(out[1].why.code, ok ? RL_OK : RL_E_CERT_DATES);
        assert_string_equal(out[1].name, "cert");
        forget(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_is_computed_from_data),
        cmocka_unit_test(every_step_speaks),
        cmocka_unit_test(vendors_upload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
