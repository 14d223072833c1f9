/* The end check of the wizards (R94, R110): each point alone, then what the answer is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "policy/enabled.h"
#include "ringlock/wizard.h"

#define NOW "2026-11-23T10:00:00Z"

/* A phone with everything that it needs, which each test then spoils. */
struct set {
    struct rl_row phone, type, profile, cert;
    const struct rl_row *own[1];
    struct rl_enabled_in in;
    struct rl_enabled out;
};

static void put(struct rl_row *row, enum rl_kind kind, const char *const (*values)[2])
{
    const struct rl_object *obj = rl_object(kind);
    rl_row_init(row, obj);
    for (; (*values)[0]; values++)
        rl_row_set(row, rl_field_index(obj, (*values)[0]), (*values)[1]);
}

static void begin(struct set *s, bool shared)
{
    put(&s->type, RL_TYPE,
        (const char *const[][2]){
            {"model",                    "Sample P1"},
            {"security_class",                          "secure-preferred-vendor"},
            {"tls_to_cucm","yes"},
            {"cert_mode",              shared ? "shared" : "per-device"},
            {NULL                         }
    });
    put(&s->profile, RL_PROFILE,
        (const char *const[][2]){
            {"name",       "AscomGroup01.acme.com"},
            {"type",            "Sample P1"},
            {"protocol","SIP"},
            {"mode",   "encrypted"},
            {"transport",            "tls"},
            {NULL}
    });
    put(&s->phone, RL_PHONE,
        (const char *const[][2]){
            {"name",       "P1-A"},
            {"type",            "Sample P1"},
            {"protocol","SIP"},
            {"profile",   "AscomGroup01.acme.com"},
            {NULL           }
    });
    put(&s->cert, RL_CERTIFICATE,
        (const char *const[][2]){
            {"name",                  "cert"},
            {"common_name",                       "vendor"},
            {"san","IP:192.0.2.1;DNS:AscomGroup01.acme.com;DNS:b.acme.com"},
            {"not_before",                   "2026-01-01T00:00:00Z"},
            {"not_after",                       "2027-01-01T00:00:00Z"},
            {NULL}
    });
    s->own[0] = &s->cert;
    s->in = (struct rl_enabled_in){.phone = &s->phone,
                                   .type = &s->type,
                                   .profile = &s->profile,
                                   .own = s->own,
                                   .nown = !shared,
                                   .shared = shared ? &s->cert : NULL,
                                   .mixed = true,
                                   .now = NOW};
}

static void end(struct set *s)
{
    rl_row_fini(&s->phone);
    rl_row_fini(&s->type);
    rl_row_fini(&s->profile);
    rl_row_fini(&s->cert);
}

/* The code of a point; RL_OK if it holds. */
static enum rl_code said(const struct rl_enabled *e, const char *id)
{
    for (size_t i = 0; i < e->n; i++)
        if (strcmp(e->point[i].id, id) == 0)
            return e->point[i].ok ? RL_OK : e->point[i].why.code;
    return RL_E_NOT_FOUND;
}

static size_t missing(const struct rl_enabled *e)
{
    size_t n = 0;
    for (size_t i = 0; i < e->n; i++)
        n += !e->point[i].ok;
    return n;
}

/* R94, R110: nothing is missing: security enabled. */
static void all_points_hold(void **state)
{
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        struct set s;
        begin(&s, shared);
        rl_policy_enabled(&s.in, &s.out);
        assert_int_equal(missing(&s.out), 0);
        assert_true(s.out.ok);
        assert_int_equal(s.out.n, shared ? RL_ENABLED_POINTS : RL_ENABLED_POINTS - 2);
        end(&s);
    }
}

/* R94, R110: each failed point is named, and takes the whole with it. */
static void each_missing_point_is_named(void **state)
{
    static const struct {
        const char *kinds; /* 'd' per-device, 's' shared */
        enum rl_kind kind;
        const char *field, *value, *point;
        enum rl_code code;
    } rows[] = {
        {"ds", RL_TYPE,        "cert_mode",   "",                       "cert-mode", RL_E_CERT_MODE_UNKNOWN},
        {"s",  RL_TYPE,        "cert_mode",   "per-device",             "cert-mode", RL_E_CERT_MODE        },
        {"d",  RL_TYPE,        "cert_mode",   "shared",                 "cert-mode", RL_E_CERT_MODE        },
        {"ds", RL_TYPE,        "tls_to_cucm", "no",                     "mode",      RL_E_NO_TLS           },
        {"ds", RL_CERTIFICATE, "not_after",   "2026-11-23T09:59:59Z",   "dates",     RL_E_CERT_DATES       },
        {"ds", RL_CERTIFICATE, "not_before",  "2026-11-23T10:00:01Z",   "dates",     RL_E_CERT_DATES       },
        {"s",  RL_CERTIFICATE, "san",         "IP:192.0.2.1;URI:sip:x", "san",       RL_E_SAN_NOT_DNS      },
        {"s",  RL_PROFILE,     "name",        "ascomgroup01.acme.com",  "name",      RL_E_SAN_MISMATCH     },
        {"s",  RL_PROFILE,     "name",        "AscomGroup01",           "name",      RL_E_SAN_MISMATCH     },
        {"s",  RL_PROFILE,     "name",        "AscomGroup01.acme.com.", "name",      RL_E_SAN_MISMATCH     },
        {"s",  RL_PROFILE,     "name",        "vendor",                 "name",      RL_E_SAN_MISMATCH     },
        {"ds", RL_PROFILE,     "mode",        "nonsecure",              "mode",      RL_E_MODE_NEEDED      },
        {"ds", RL_PROFILE,     "transport",   "tcp+udp",                "transport", RL_E_TRANSPORT_TLS    },
        {"ds", RL_PHONE,       "profile",     "another",                "phone",     RL_E_REQUIRED         },
        {"ds", RL_PROFILE,     "type",        "Sample P2",              "phone",     RL_E_PROFILE_TYPE     },
        {"ds", RL_PROFILE,     "protocol",    "SCCP",                   "phone",     RL_E_PROFILE_TYPE     },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (const char *k = rows[i].kinds; *k; k++) {
            struct set s;
            begin(&s, *k == 's');
            struct rl_row *of[RL_KIND_COUNT] = {[RL_PHONE] = &s.phone,
                                                [RL_TYPE] = &s.type,
                                                [RL_PROFILE] = &s.profile,
                                                [RL_CERTIFICATE] = &s.cert};
            struct rl_row *row = of[rows[i].kind];
            rl_row_set(row, rl_field_index(row->obj, rows[i].field), rows[i].value);
            s.in.kind = *k == 's' ? "shared" : "per-device";
            rl_policy_enabled(&s.in, &s.out);
            if (said(&s.out, rows[i].point) != rows[i].code)
                fail_msg("row %zu %c: %s is %s", i, *k, rows[i].point,
                         rl_code_info(said(&s.out, rows[i].point))->tag);
            assert_false(s.out.ok);
            end(&s);
        }
}

/* R94, R101: nothing there at all; a certificate without any name; nonsecure cluster mode. */
static void what_is_not_there_is_missing(void **state)
{
    struct set s;

    (void)state;
    begin(&s, false);
    s.in.nown = 0;
    rl_policy_enabled(&s.in, &s.out);
    assert_int_equal(said(&s.out, "certificate"), RL_E_VENDOR_CERT_MISSING);
    assert_int_equal(said(&s.out, "dates"), RL_E_CERT_DATES);
    s.in = (struct rl_enabled_in){.kind = "shared", .now = NOW};
    rl_policy_enabled(&s.in, &s.out);
    assert_int_equal(missing(&s.out), RL_ENABLED_POINTS);
    assert_int_equal(said(&s.out, "cluster"), RL_W_CLUSTER_NONSECURE);
    end(&s);

    begin(&s, true);
    rl_row_set(&s.cert, RL_CERTIFICATE_SAN, "");
    rl_row_set(&s.profile, RL_PROFILE_NAME, "vendor");
    rl_row_set(&s.phone, RL_PHONE_PROFILE, "vendor");
    rl_policy_enabled(&s.in, &s.out);
    assert_true(s.out.ok); /* R101: the certificate's name serves */
    rl_row_set(&s.cert, RL_CERTIFICATE_COMMON_NAME, "");
    rl_policy_enabled(&s.in, &s.out);
    assert_int_equal(said(&s.out, "san"), RL_E_NO_CERT_NAME);
    assert_int_equal(said(&s.out, "name"), RL_E_NO_CERT_NAME);
    end(&s);
}

/* R83: a type that takes both goes by its own certificate, else by the profile's. */
static void a_type_that_takes_both(void **state)
{
    struct set s;

    (void)state;
    begin(&s, false);
    rl_row_set(&s.type, RL_TYPE_CERT_MODE, "both");
    rl_row_set(&s.profile, RL_PROFILE_NAME, "any name");
    rl_row_set(&s.phone, RL_PHONE_PROFILE, "any name");
    s.in.shared = &s.cert;
    rl_policy_enabled(&s.in, &s.out);
    assert_true(s.out.ok);
    s.in.nown = 0;
    rl_policy_enabled(&s.in, &s.out);
    assert_int_equal(said(&s.out, "name"), RL_E_SAN_MISMATCH);
    end(&s);
}

/* R94, R110: where each point is made good is a step of that wizard. */
static void every_point_leads_to_a_step(void **state)
{
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        const struct rl_wizard *w = rl_wizard_find(shared ? "shared" : "per-device");
        struct set s;
        begin(&s, shared);
        rl_policy_enabled(&s.in, &s.out);
        for (size_t i = 0; i < s.out.n; i++)
            assert_true(!*s.out.point[i].step || rl_wizard_step(w, s.out.point[i].step) >= 0);
        end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_points_hold),
        cmocka_unit_test(each_missing_point_is_named),
        cmocka_unit_test(what_is_not_there_is_missing),
        cmocka_unit_test(a_type_that_takes_both),
        cmocka_unit_test(every_point_leads_to_a_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
