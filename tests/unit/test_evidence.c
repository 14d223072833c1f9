/* Certificates as evidence: truth tables; each names the requirement that it holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "policy/evidence.h"

enum { EARLY = 50, FROM = 100, NOW = 200, TO = 300, LATE = 350 };

/* What is on file, by the letters of a row: '-' nothing, 'o' the device's own, 'x' another
 * device's, 'n' nobody's, 's' the one that its profile shares, 'r' removed; then '<' not valid yet,
 * '>' no longer. */
static struct rl_filed filed(const char *what)
{
    struct rl_filed f = {.there = strchr("oxns", what[0]) != NULL,
                         .removed = what[0] == 'r',
                         .name = what[0] == 's' ? "group" : "some",
                         .device = what[0] == 'o'   ? "SEP-A"
                                   : what[0] == 'x' ? "SEP-B"
                                                    : "",
                         .from_us = FROM,
                         .to_us = TO};

    if (what[1] == '<')
        f.from_us = NOW + 1;
    if (what[1] == '>')
        f.to_us = NOW - 1;
    return f;
}

static struct rl_evidence evidence(const char *found)
{
    return (struct rl_evidence){.device = "SEP-A",
                                .profile = "Group.example",
                                .presented = true,
                                .found = filed(found),
                                .now_us = NOW};
}

static void expect(const struct rl_evidence *e, enum rl_sig_state want, size_t row)
{
    if (rl_policy_evidence(e) != want)
        fail_msg("row %zu: %d, should be %d", row, (int)rl_policy_evidence(e), (int)want);
}

/* R76, R86: what is on file decides, for any type; the SIP server's word adds nothing. */
static void what_is_on_file_decides(void **state)
{
    static const struct {
        const char *found;
        bool own;
        enum rl_sig_state want;
    } rows[] = {
        {"o",  true,  RL_SIG_ENCRYPTED   },
        {"o<", true,  RL_SIG_CERT_EARLY  },
        {"o>", true,  RL_SIG_CERT_EXPIRED},
        {"x",  false, RL_SIG_CERT_OTHER  },
        {"x",  true,  RL_SIG_CERT_OTHER  },
        {"x>", true,  RL_SIG_CERT_OTHER  },
        {"r",  false, RL_SIG_CERT_REMOVED},
        {"r",  true,  RL_SIG_CERT_REMOVED},
        {"-",  true,  RL_SIG_CERT_NOT_OWN},
        {"n",  true,  RL_SIG_CERT_NOT_OWN},
        {"n>", true,  RL_SIG_CERT_EXPIRED},
        {"n<", false, RL_SIG_CERT_EARLY  },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int said = 0; said < 8; said++) {
            struct rl_evidence e = evidence(rows[i].found);
            e.certs.vendor = said & 1;
            e.verified = said & 2;
            e.selfsigned = said & 4;
            e.certs.own = rows[i].own;
            expect(&e, rows[i].want, i);
        }
}

/* R96 to R103, R109: the certificate that the profile names. */
static void a_shared_certificate_by_digest_or_by_chain_and_name(void **state)
{
    static const struct {
        const char *found, *shared, *san;
        bool verified;
        enum rl_sig_state want;
    } rows[] = {
        {"s",  "s",  "",               false, RL_SIG_ENCRYPTED    },
        {"s",  "s",  "Other.example",  true,  RL_SIG_ENCRYPTED    },
        {"s>", "s>", "Group.example",  true,  RL_SIG_CERT_EXPIRED },
        {"s<", "s<", "Group.example",  true,  RL_SIG_CERT_EARLY   },
        {"-",  "s",  "Group.example",  true,  RL_SIG_ENCRYPTED    },
        {"n",  "s",  "Group.example",  true,  RL_SIG_ENCRYPTED    },
        {"n",  "s",  "Group.example",  false, RL_SIG_ENCRYPTED    }, /* the next one, on file */
        {"n",  "s>", "Group.example",  false, RL_SIG_ENCRYPTED    },
        {"n>", "s",  "Group.example",  true,  RL_SIG_CERT_EXPIRED },
        {"n",  "s",  "group.example",  false, RL_SIG_CERT_UNPROVEN},
        {"-",  "s",  "Group.example",  false, RL_SIG_CERT_UNPROVEN},
        {"-",  "s>", "Group.example",  true,  RL_SIG_CERT_EXPIRED },
        {"-",  "s<", "Group.example",  true,  RL_SIG_CERT_EARLY   },
        {"-",  "s",  "group.example",  true,  RL_SIG_CERT_NAME    },
        {"-",  "s",  "Group.example.", true,  RL_SIG_CERT_NAME    },
        {"-",  "s",  "Group.exampl",   true,  RL_SIG_CERT_NAME    },
        {"-",  "s",  "*.example",      true,  RL_SIG_CERT_NAME    },
        {"-",  "s",  "",               true,  RL_SIG_CERT_NAME    },
        {"r",  "s",  "Group.example",  true,  RL_SIG_CERT_REMOVED },
        {"x",  "s",  "Group.example",  true,  RL_SIG_CERT_OTHER   },
        {"s",  "-",  "Group.example",  true,  RL_SIG_CERT_MISSING }, /* profile names another */
        {"-",  "-",  "Group.example",  true,  RL_SIG_CERT_MISSING },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_evidence e = evidence(rows[i].found);
        struct rl_filed shared = filed(rows[i].shared);
        e.certs = (struct rl_device_certs){.vendor = true, .shared = &shared};
        e.san = rows[i].san;
        e.cn = "Group.example"; /* a SAN is there on file: the CN is of no weight */
        e.verified = rows[i].verified;
        expect(&e, rows[i].want, i);
    }
}

/* R101: only where the certificate on file has no SAN does its CN stand for it. */
static void without_a_san_the_common_name_counts(void **state)
{
    static const struct {
        const char *san, *cn;
        enum rl_sig_state want;
    } rows[] = {
        {NULL,            "Group.example", RL_SIG_ENCRYPTED},
        {NULL,            "group.example", RL_SIG_CERT_NAME},
        {NULL,            NULL,            RL_SIG_CERT_NAME},
        {"Other.example", "Group.example", RL_SIG_CERT_NAME},
        {"Group.example", "anything",      RL_SIG_ENCRYPTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_evidence e = evidence("-");
        struct rl_filed shared = filed("s");
        shared.nameless = true;
        e.certs = (struct rl_device_certs){.vendor = true, .shared = &shared};
        e.verified = true;
        e.san = rows[i].san;
        e.cn = rows[i].cn;
        expect(&e, rows[i].want, i);
    }
}

/* R50: types whose certificates do not come on file are proven by the SIP server; a preferred
 * vendor's never are (R76). */
static void without_anything_on_file_the_sip_server_decides(void **state)
{
    static const struct {
        bool verified, selfsigned, other;
        enum rl_sig_state want;
    } rows[] = {
        {false, false, false, RL_SIG_CERT_UNPROVEN},
        {false, false, true,  RL_SIG_CERT_UNPROVEN},
        {true,  false, false, RL_SIG_ENCRYPTED    },
        {true,  false, true,  RL_SIG_CERT_OTHER   },
        {false, true,  false, RL_SIG_ENCRYPTED    },
        {false, true,  true,  RL_SIG_CERT_OTHER   },
        {true,  true,  false, RL_SIG_ENCRYPTED    },
        {true,  true,  true,  RL_SIG_CERT_OTHER   },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_evidence e = evidence("-");
        e.verified = rows[i].verified;
        e.selfsigned = rows[i].selfsigned;
        e.names_other = rows[i].other;
        expect(&e, rows[i].want, i);
        e.found = filed("n"); /* a CA's, say: it is nobody's own */
        expect(&e, rows[i].want, i);
        e.certs.vendor = true;
        expect(&e, RL_SIG_CERT_MISSING, i);
        e.presented = false;
        expect(&e, RL_SIG_NO_CERT, i);
    }
}

/* R86: from the first to the last moment of its validity, both included. */
static void the_window_is_closed_on_both_sides(void **state)
{
    static const struct {
        int64_t now;
        enum rl_sig_state want;
    } rows[] = {
        {EARLY,    RL_SIG_CERT_EARLY  },
        {FROM - 1, RL_SIG_CERT_EARLY  },
        {FROM,     RL_SIG_ENCRYPTED   },
        {TO,       RL_SIG_ENCRYPTED   },
        {TO + 1,   RL_SIG_CERT_EXPIRED},
        {LATE,     RL_SIG_CERT_EXPIRED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_evidence e = evidence("o");
        e.now_us = rows[i].now;
        expect(&e, rows[i].want, i);
    }
}

/* The next one, on file beside it, has SANs of other types. */
static void beside_a_san_of_another_type_the_common_name_does_not_count(void **state)
{
    struct rl_filed shared = filed("s");
    struct rl_evidence e = evidence("n");

    (void)state;
    shared.nameless = true;
    e.certs = (struct rl_device_certs){.vendor = true, .shared = &shared};
    e.verified = true;
    e.cn = "Group.example";
    expect(&e, RL_SIG_CERT_NAME, 0);
    e.found.nameless = true;
    expect(&e, RL_SIG_ENCRYPTED, 1);
}

/* R103: the SIP server tells the first name, and the profile has another of them. */
static void each_dns_san_on_file_counts(void **state)
{
    struct rl_filed shared = filed("s");
    struct rl_evidence e = evidence("n");

    (void)state;
    e.certs = (struct rl_device_certs){.vendor = true, .shared = &shared};
    e.san = "First.example";
    expect(&e, RL_SIG_CERT_UNPROVEN, 0);
    e.found.san = "DNS:First.example;IP:192.0.2.1;DNS:Group.example";
    expect(&e, RL_SIG_ENCRYPTED, 1);
    e.found.san = "DNS:First.example;URI:Group.example;DNS:Group.example.";
    expect(&e, RL_SIG_CERT_UNPROVEN, 2);
}

/* Every combination: a vendor's phone is proven only by a valid certificate on file. */
static void no_combination_proves_what_is_not_on_file(void **state)
{
    static const char *const what[] = {"-", "o", "x", "n", "s", "r", "o<", "o>", "s<", "s>"};
    enum { N = sizeof what / sizeof *what };

    (void)state;
    for (unsigned i = 0; i < N * N * 64; i++) {
        unsigned bits = i / (N * N);
        struct rl_evidence e = evidence(what[i % N]);
        const char *on_profile = what[i / N % N];
        if (*what[i % N] == 's' && *on_profile == 's' && strcmp(what[i % N], on_profile) != 0)
            continue; /* the same certificate has one window */
        struct rl_filed on_file = filed(on_profile);
        e.certs = (struct rl_device_certs){
            .vendor = true, .own = bits & 1, .shared = *on_profile == 's' ? &on_file : NULL};
        e.verified = bits & 2;
        e.selfsigned = bits & 4;
        e.names_other = bits & 8;
        e.presented = bits & 16;
        e.san = bits & 32 ? "Group.example" : "x";
        bool own = strcmp(what[i % N], "o") == 0;
        bool named = !e.certs.own && (bits & 32);
        bool next = strcmp(what[i % N], "n") == 0 && *on_profile == 's' && named;
        bool chain = *what[i % N] == '-' && strcmp(on_profile, "s") == 0 && named && e.verified;
        bool shared =
            next || chain || (strcmp(what[i % N], "s") == 0 && strcmp(on_profile, "s") == 0);
        bool proven = rl_policy_evidence(&e) == RL_SIG_ENCRYPTED;
        assert_int_equal(proven, e.presented && (own || shared));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_on_file_decides),
        cmocka_unit_test(a_shared_certificate_by_digest_or_by_chain_and_name),
        cmocka_unit_test(without_a_san_the_common_name_counts),
        cmocka_unit_test(each_dns_san_on_file_counts),
        cmocka_unit_test(beside_a_san_of_another_type_the_common_name_does_not_count),
        cmocka_unit_test(without_anything_on_file_the_sip_server_decides),
        cmocka_unit_test(the_window_is_closed_on_both_sides),
        cmocka_unit_test(no_combination_proves_what_is_not_on_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
