/* Registrations, and who was turned away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

static void reg(uint32_t cseq, int status, bool credentials, int expires)
{
    struct rl_rec r = {.kind = RL_REC_SIP};
    struct rl_addr proxy = place(99, 5061, RL_TP_TLS);

    r.src = status ? proxy : sc.at[A];
    r.dst = status ? sc.at[A] : proxy;
    r.sip = (struct rl_rec_sip){.request = status == 0,
                                .method = RL_M_REGISTER,
                                .status = (uint16_t)status,
                                .cseq = cseq,
                                .call_id = text("reg"),
                                .from_tag = text("r"),
                                .to_user = text("100"),
                                .branch = text("z9-reg"),
                                .vias = 1,
                                .credentials = credentials,
                                .stale = sc.stale,
                                .expires = expires};
    scene_feed(&r);
}

static bool is_registered(void)
{
    struct rl_registration r;

    return rl_tracker_registration(sc.t, "SEP-A", &r);
}

static void a_registration_begins_with_the_200(void **state)
{
    struct rl_registration r;

    (void)state;
    reg(1, 0, false, 300);
    assert_false(is_registered());
    reg(1, 200, false, 300);
    assert_true(is_registered());
    assert_int_equal(sc.seen[RL_SEEN_REGISTERED], 0); /* the log event will say more */
    fact(A);
    assert_int_equal(sc.seen[RL_SEEN_REGISTERED], 1);
    assert_true(rl_tracker_registration(sc.t, "SEP-A", &r));
    assert_int_equal(r.sig, RL_SIG_ENCRYPTED);
    assert_string_equal(r.cipher, "TLS_AES_256_GCM_SHA384");
    assert_int_equal((r.expires_us - r.since_us) / SECOND, 300);
    reg(2, 0, false, 300);
    reg(2, 200, false, 300);
    reg(2, 200, false, 300);
    fact(A);
    scene_wait(250);
    assert_int_equal(sc.seen[RL_SEEN_REGISTERED], 1);
    reg(3, 0, false, 0);
    reg(3, 200, false, 0);
    assert_false(is_registered());
    assert_int_equal(sc.seen[RL_SEEN_UNREGISTERED], 1);
    reg(4, 0, false, 60);
    reg(4, 200, false, 60);
    scene_wait(70);
    assert_false(is_registered());
    assert_int_equal(sc.seen[RL_SEEN_REGISTERED], 2);
    assert_int_equal(sc.seen[RL_SEEN_UNREGISTERED], 2);
    assert_string_equal(sc.seen_why, "expired");
}

/* Somebody sets the wall's clock: registrations last as long as they were granted for, and what is
 * known of a connection stays. */
static void the_clock_on_the_wall_ends_nothing(void **state)
{
    static const int64_t jumps[] = {-86400, 7 * 86400, -366 * 86400};
    struct rl_registration r;
    int64_t wall = sc.clock;

    (void)state;
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        fact(A);
        reg(1 + (uint32_t)i, 0, false, 300);
        reg(1 + (uint32_t)i, 200, false, 300);
        wall += jumps[i] * SECOND;
        for (int s = 0; s < 310; s++) {
            sc.clock += SECOND;
            wall += SECOND;
            rl_tracker_tick(sc.t, sc.clock, wall);
            if (s < 299) {
                assert_true(rl_tracker_registration(sc.t, "SEP-A", &r));
                assert_int_equal(r.sig, RL_SIG_ENCRYPTED);
            }
        }
        assert_false(is_registered());
    }
}

static void a_registration_goes_with_its_connection(void **state)
{
    (void)state;
    fact(A);
    assert_true(is_registered());
    closed(A);
    closed(A);
    assert_false(is_registered());
    assert_int_equal(sc.seen[RL_SEEN_CLOSED], 1);
}

static void who_is_turned_away_is_told_once(void **state)
{
    struct rl_rec deny = fact_of(A);

    deny.fact.event = RL_FACT_DENY;
    deny.fact.why = text("tls-required");
    reg(1, 0, false, 300);
    scene_feed(&deny);
    reg(1, 403, false, -1);
    reg(1, 0, false, 300);
    scene_feed(&deny);
    reg(1, 403, false, -1);
    scene_wait(3);
    assert_int_equal(sc.seen[RL_SEEN_DENIED], 1);
    assert_string_equal(sc.seen_why, "tls-required");
    reg(2, 0, false, 300);
    reg(2, 403, false, -1);
    assert_int_equal(sc.seen[RL_SEEN_DENIED], 1);
    scene_wait(3); /* no log event came */
    assert_int_equal(sc.seen[RL_SEEN_DENIED], 2);
    assert_string_equal(sc.seen_why, "403");
    scene_end(state);

    scene_begin(state);
    scene_feed(&deny); /* before its REGISTER */
    reg(1, 403, false, -1);
    reg(1, 0, false, 300);
    scene_wait(3);
    assert_int_equal(sc.seen[RL_SEEN_DENIED], 1);
    assert_false(is_registered());
}

static void a_401_is_an_alarm_after_credentials_only(void **state)
{
    (void)state;
    reg(1, 0, false, 300);
    reg(1, 401, false, -1);
    assert_int_equal(sc.seen[RL_SEEN_WRONG_PASSWORD], 0);
    reg(2, 401, false, -1); /* the response is told first */
    reg(2, 0, true, 300);
    reg(2, 401, false, -1);
    assert_int_equal(sc.seen[RL_SEEN_WRONG_PASSWORD], 1);
    sc.stale = true;
    reg(3, 0, true, 300);
    reg(3, 401, false, -1);
    sc.stale = false;
    reg(4, 0, true, 300);
    reg(4, 200, false, 300);
    assert_int_equal(sc.seen[RL_SEEN_WRONG_PASSWORD], 1);
    assert_true(is_registered());
}

#define SCENE(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(a_registration_begins_with_the_200),       SCENE(the_clock_on_the_wall_ends_nothing),
        SCENE(a_registration_goes_with_its_connection),  SCENE(who_is_turned_away_is_told_once),
        SCENE(a_401_is_an_alarm_after_credentials_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
