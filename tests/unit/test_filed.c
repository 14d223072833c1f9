/* Calls judged by the certificates on file, live: they come, go, begin and cease to be valid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#define DIGEST(c) c c c c c c c c c c c c c c c c
static const char *const digests[SIDES] = {DIGEST("0101"), DIGEST("0202"), DIGEST("0303")};
enum { OF_A = 1, OF_B, OF_C, GROUP };

static struct rl_filed own(enum side who)
{
    return (struct rl_filed){.there = true,
                             .name = scene_devices[who],
                             .device = scene_devices[who],
                             .from_us = sc.clock - 10 * SECOND,
                             .to_us = sc.clock + 1000 * SECOND};
}

/* Phones of a preferred vendor, each with its certificate on file. */
static void vendor_phones(void)
{
    for (int i = A; i <= B; i++) {
        sc.dev[i].certs = (struct rl_device_certs){.vendor = true, .own = true};
        sc.filed[OF_A + i] = own(i);
    }
}

/* A fact as the SIP server tells it of a certificate that it neither verified nor pinned. */
static struct rl_rec shown_by(enum side who, const char *digest)
{
    struct rl_rec r = fact_of(who);

    r.fact.verified = false;
    r.fact.fp = text(digest);
    return r;
}

static void present(enum side who, const char *digest)
{
    struct rl_rec r = shown_by(who, digest);

    scene_feed(&r);
}

static void call(void)
{
    struct sdp secure = srtp();

    invite(&secure);
    answer(&secure);
}

static void both_present_their_own(void)
{
    present(A, digests[A]);
    present(B, digests[B]);
}

static void recheck(void)
{
    rl_tracker_recheck(sc.t, sc.clock);
    sweep();
}

/* R76: the fingerprint on file proves, whatever the SIP server made of the chain. */
static void own_certificates_lock(void **state)
{
    (void)state;
    vendor_phones();
    both_present_their_own();
    call();
    SHOWN("lock");
    assert_string_equal(rl_tracker_find(sc.t, sc.call)->party[0].certificate, "SEP-A");
}

/* R76, R86: the wrong one does not, and each case has its own reason. */
static void each_wrong_certificate_has_its_reason(void **state)
{
    static const struct {
        const char *digest;
        bool own;
        enum rl_reason_code why;
    } rows[] = {
        {DIGEST("0202"), true,  RL_WHY_SIG_CERT_OTHER  },
        {DIGEST("0707"), true,  RL_WHY_SIG_CERT_NOT_OWN},
        {DIGEST("0000"), true,  RL_WHY_SIG_CERT_NOT_OWN},
        {DIGEST("0505"), true,  RL_WHY_SIG_CERT_REMOVED},
        {DIGEST("0000"), false, RL_WHY_SIG_CERT_MISSING},
        {"",             true,  RL_WHY_SIG_NO_CERT     },
    };

    (void)state;
    vendor_phones();
    sc.filed[5].removed = true;
    present(B, digests[B]);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char id[16];
        snprintf(id, sizeof id, "call-%zu", i);
        sc.call = id;
        sc.dev[A].certs.own = rows[i].own;
        present(A, rows[i].digest);
        call();
        SHOWN("unlock");
        assert_true(has_why(id, rows[i].why, 0));
        present(A, digests[A]);
        SHOWN("lock");
        bye(2);
    }
}

/* Taken off file in mid-call, and uploaded again. */
static void a_removed_certificate_opens_running_calls_at_once(void **state)
{
    (void)state;
    vendor_phones();
    both_present_their_own();
    call();
    SHOWN("lock");
    sc.filed[OF_B] = (struct rl_filed){.removed = true};
    sc.dev[B].certs.own = false;
    recheck();
    SHOWN("unlock");
    WHY(SIG_CERT_REMOVED, 1);
    sc.filed[OF_B] = own(B);
    sc.dev[B].certs.own = true;
    recheck();
    SHOWN("lock");
}

/* R86: from its first to its last moment, on a running call. */
static void a_running_call_follows_the_dates(void **state)
{
    (void)state;
    vendor_phones();
    sc.filed[OF_A].from_us = sc.clock + 100 * SECOND;
    sc.filed[OF_A].to_us = sc.clock + 200 * SECOND;
    both_present_their_own();
    call();
    WHY(SIG_CERT_EARLY, 0);
    sc.clock += 101 * SECOND;
    recheck();
    SHOWN("lock");
    sc.clock += 100 * SECOND;
    recheck();
    SHOWN("unlock");
    WHY(SIG_CERT_EXPIRED, 0);
}

/* Only the calls that it concerns are judged again. */
static void calls_that_it_does_not_concern_are_left_alone(void **state)
{
    size_t before;

    (void)state;
    vendor_phones();
    both_present_their_own();
    call();
    before = sc.changes;
    recheck();
    assert_int_equal(sc.changes, before);
    sc.filed[OF_A].to_us = sc.clock - SECOND;
    assert_true(rl_tracker_find(sc.t, sc.call)->verdict->security == RL_NONSECURE); /* looked at */
    recheck();
    assert_int_equal(sc.changes, before + 1); /* and told all the same */
}

/* R97 to R103: chain and name, or the very certificate. */
static void a_shared_certificate(void **state)
{
    static struct rl_filed group;
    struct rl_rec r;

    (void)state;
    vendor_phones();
    group = (struct rl_filed){.there = true,
                              .name = "group",
                              .from_us = sc.clock - SECOND,
                              .to_us = sc.clock + 1000 * SECOND};
    sc.dev[A].profile = "Group.example";
    sc.dev[A].certs = (struct rl_device_certs){.vendor = true, .shared = &group};
    sc.filed[GROUP] = group;
    present(B, digests[B]);
    r = fact_of(A); /* verified */
    r.fact.cn = text("vendor");
    r.fact.san = text("Group.example");
    scene_feed(&r);
    call();
    SHOWN("lock");
    r.fact.san = text("group.example");
    scene_feed(&r);
    WHY(SIG_CERT_NAME, 0);
    assert_string_equal(rl_tracker_find(sc.t, sc.call)->party[0].named, "group.example");
    r.fact.verified = false;
    r.fact.fp = text(DIGEST("0404"));
    scene_feed(&r);
    SHOWN("lock");
}

/* R100: the name of the group may be that of a device too. */
static void a_group_that_is_named_as_its_phone(void **state)
{
    static struct rl_filed group = {.there = true, .name = "SEP-A", .to_us = INT64_MAX};
    struct rl_rec r;

    (void)state;
    vendor_phones();
    sc.dev[A].profile = "SEP-A";
    sc.dev[A].certs = (struct rl_device_certs){.vendor = true, .shared = &group};
    present(B, digests[B]);
    r = fact_of(A);
    r.fact.cn = text("vendor");
    r.fact.san = text("SEP-A");
    scene_feed(&r);
    call();
    SHOWN("lock");
}

/* What an ended call was judged by stays with it. */
static void an_ended_call_keeps_its_certificates(void **state)
{
    (void)state;
    vendor_phones();
    both_present_their_own();
    call();
    bye(2);
    assert_string_equal(shown_of(sc.call), "ended");
    assert_string_equal(rl_tracker_find(sc.t, sc.call)->party[1].certificate, "SEP-B");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        TEST(own_certificates_lock),
        TEST(each_wrong_certificate_has_its_reason),
        TEST(a_removed_certificate_opens_running_calls_at_once),
        TEST(a_running_call_follows_the_dates),
        TEST(calls_that_it_does_not_concern_are_left_alone),
        TEST(a_shared_certificate),
        TEST(a_group_that_is_named_as_its_phone),
        TEST(an_ended_call_keeps_its_certificates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
