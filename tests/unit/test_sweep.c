/* Many calls judged again, a share at a time, while other things happen to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

enum { CALLS = 40, ONE = 1 /* a share that is used up by the first call that is judged */ };
static char names[CALLS][16];

static void calls_are_locked(void)
{
    struct sdp s = srtp();

    fact(A);
    fact(B);
    for (int i = 0; i < CALLS; i++) {
        snprintf(names[i], sizeof names[i], "call-%d", i + 1);
        sc.call = names[i];
        talk(&s, &s);
    }
    sc.changes = 0;
}

static size_t locked(void)
{
    struct rl_tracker_counts n;

    rl_tracker_counts(sc.t, &n);
    return n.locked;
}

static bool sweep_once(void)
{
    return rl_tracker_sweep(sc.t, ONE, sc.clock);
}

static void set_mixed(bool mixed)
{
    struct rl_tracker_config config = scene_config();

    config.mixed = mixed;
    rl_tracker_rejudge(sc.t, &config, NULL, 0, sc.clock);
}

static void every_call_is_judged_once_and_none_at_once(void **state)
{
    int shares = 0;

    (void)state;
    calls_are_locked();
    set_mixed(false);
    assert_int_equal(locked(), CALLS);
    assert_true(rl_tracker_sweeping(sc.t));
    while (sweep_once()) {
        shares++;
        assert_int_equal(locked() + (size_t)sc.changes, CALLS);
    }
    assert_in_range(shares, CALLS - 1, CALLS + 1);
    assert_int_equal(sc.changes, CALLS);
    assert_int_equal(locked(), 0);
    assert_false(sweep_once());
}

static void what_is_shown_or_judged_meanwhile_is_by_the_new_rules(void **state)
{
    struct sdp s = srtp();

    (void)state;
    calls_are_locked();
    set_mixed(false);
    assert_string_equal(shown_of(names[0]), "unlock");
    sc.call = names[3];
    SAY(.method = RL_M_INVITE, .cseq = 7, .sdp = &s);
    SAY(.method = RL_M_INVITE, .status = 200, .cseq = 7, .sdp = &s);
    assert_int_equal(locked(), CALLS - 1);
    sc.call = "later";
    talk(&s, &s);
    assert_string_equal(shown_of("later"), "unlock");
    sweep();
    assert_int_equal(locked(), 0);
}

static void a_change_on_the_way_lets_it_go_round_once_more(void **state)
{
    (void)state;
    calls_are_locked();
    set_mixed(false);
    for (int i = 0; i < CALLS / 2; i++)
        sweep_once();
    assert_in_range(locked(), 1, CALLS - 1);
    set_mixed(true);
    sweep();
    assert_int_equal(locked(), CALLS);
}

static void calls_may_end_and_be_forgotten_under_it(void **state)
{
    struct rl_tracker_config config = scene_config();

    (void)state;
    calls_are_locked();
    config.ended_keep = 0;
    config.mixed = false;
    rl_tracker_rejudge(sc.t, &config, NULL, 0, sc.clock);
    for (int i = CALLS - 1; i >= 0; i -= 2) {
        sweep_once();
        for (int k = i; k > i - 2 && k > 4; k--) {
            sc.call = names[k];
            bye(2);
        }
        scene_wait(1);
    }
    sweep();
    assert_int_equal(locked(), 0);
    assert_int_equal(sc.forgotten, CALLS - 5);
}

static void of_a_connection_with_very_many_calls_the_rest_follows(void **state)
{
    struct sdp s = srtp();
    char name[16];

    (void)state;
    struct rl_tracker_config config = scene_config();
    config.max_calls = 2000;
    rl_tracker_rejudge(sc.t, &config, NULL, 0, sc.clock);
    calls_are_locked();
    sweep();
    for (int i = CALLS; i < 1000; i++) {
        snprintf(name, sizeof name, "call-%d", i + 1);
        sc.call = name;
        talk(&s, &s);
    }
    assert_int_equal(locked(), 1000);
    closed(A);
    assert_true(rl_tracker_sweeping(sc.t));
    assert_in_range(locked(), 1, 999);
    sweep();
    assert_int_equal(locked(), 0);
}

#define SCENE(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(every_call_is_judged_once_and_none_at_once),
        SCENE(what_is_shown_or_judged_meanwhile_is_by_the_new_rules),
        SCENE(a_change_on_the_way_lets_it_go_round_once_more),
        SCENE(calls_may_end_and_be_forgotten_under_it),
        SCENE(of_a_connection_with_very_many_calls_the_rest_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
