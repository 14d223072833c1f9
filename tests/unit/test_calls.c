/* How calls ring, fork, join and end; conferences; registrations and who was turned away; bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

static const char *reason(void)
{
    const struct rl_call *c = rl_tracker_find(sc.t, sc.call);

    return c && c->end_reason ? c->end_reason : "";
}

/* --- ends --- */
static void refusals_end_a_ringing_call(void **state)
{
    static const struct {
        int status;
        const char *want, *reason;
    } rows[] = {
        {486, "ended",   "486 Busy"     },
        {603, "ended",   "603 Decline"  },
        {404, "ended",   "404 Not Found"},
        {408, "ended",   "408 Timeout"  },
        {403, "ended",   "403 Forbidden"},
        {500, "ended",   "500"          },
        {401, "ringing", ""             },
        {407, "ringing", ""             },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sdp s = srtp();

        if (i)
            scene_begin(state);
        invite(&s);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = rows[i].status, .hops = HOP_FAR);
        SHOWN("ringing"); /* one branch's refusal ends nothing */
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = rows[i].status, .hops = HOP_NEAR);
        SHOWN(rows[i].want);
        assert_string_equal(reason(), rows[i].reason);
        if (i + 1 < sizeof rows / sizeof *rows)
            scene_end(state);
    }
    scene_wait(40); /* no INVITE with credentials followed */
    SHOWN("ended");
    assert_string_equal(reason(), "no credentials");
}

/* A proxy that is not mirrored stands before ours: even the first hop has a Via below its own. */
static void a_refusal_behind_another_proxy_ends_too(void **state)
{
    struct sdp s = srtp();

    for (int hops = HOP_FAR; hops <= HOP_BOTH; hops++) {
        if (hops > HOP_FAR)
            scene_begin(state);
        sc.upstream = "z9-elsewhere";
        SAY(.method = RL_M_INVITE, .cseq = 1, .initial = true, .sdp = &s, .hops = hops);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 486, .hops = hops);
        if (hops == HOP_BOTH)
            SHOWN("ended");
        scene_wait(6);
        SHOWN("ended");
        if (hops == HOP_FAR)
            scene_end(state);
    }
}

static void credentials_go_on_with_the_call(void **state)
{
    struct sdp s = srtp();

    (void)state;
    fact(A);
    fact(B);
    invite(&s);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 407, .hops = HOP_NEAR);
    SAY(.method = RL_M_INVITE, .cseq = 2, .initial = true, .sdp = &s, .credentials = true);
    SHOWN("ringing");
    SAY(.method = RL_M_INVITE, .cseq = 2, .status = 200, .sdp = &s);
    SHOWN("lock");
    assert_int_equal(sc.seen[RL_SEEN_WRONG_PASSWORD], 0);
}

static void a_wrong_password_is_told_once(void **state)
{
    struct sdp s = srtp();

    (void)state;
    SAY(.method = RL_M_INVITE, .cseq = 2, .initial = true, .sdp = &s, .credentials = true,
        .hops = HOP_NEAR);
    for (int i = 0; i < 3; i++)
        SAY(.method = RL_M_INVITE, .cseq = 2, .status = 407, .hops = HOP_NEAR);
    assert_int_equal(sc.seen[RL_SEEN_WRONG_PASSWORD], 1);
    assert_string_equal(sc.seen_device, "SEP-A");
}

static void cancel_ends_by_the_487(void **state)
{
    struct sdp s = srtp();

    (void)state;
    invite(&s);
    SAY(.method = RL_M_CANCEL, .cseq = 1);
    SHOWN("ringing");
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 487);
    SHOWN("ended");
    assert_string_equal(reason(), "cancelled");
}

static void a_lost_487_is_told_by_its_ack(void **state)
{
    struct sdp s = srtp();
    struct rl_rec r = {.kind = RL_REC_SIP, .src = sc.at[A], .dst = place(99, 5061, RL_TP_TLS)};

    (void)state;
    invite(&s);
    SAY(.method = RL_M_CANCEL, .cseq = 1);
    r.src = sc.at[A];
    r.sip = (struct rl_rec_sip){.request = true,
                                .method = RL_M_ACK,
                                .cseq = 1,
                                .call_id = text(sc.call),
                                .from_tag = text("tag-a"),
                                .to_tag = text("tag-b"),
                                .branch = text("z9-call-1-1-1-0-0"),
                                .vias = 1};
    scene_feed(&r);
    SHOWN("ended");
}

static void a_denied_call_says_why(void **state)
{
    struct sdp s = srtp();

    for (int fact_first = 0; fact_first < 2; fact_first++) {
        struct rl_rec r;

        if (fact_first)
            scene_begin(state);
        invite(&s);
        if (!fact_first)
            SAY(.method = RL_M_INVITE, .cseq = 1, .status = 403, .hops = HOP_NEAR);
        r = fact_of(A);
        r.fact.event = RL_FACT_DENY;
        r.fact.method = RL_M_INVITE;
        r.fact.why = text("tls-required");
        r.fact.call_id = text(sc.call);
        scene_feed(&r);
        scene_feed(&r);
        SHOWN("ended");
        assert_string_equal(reason(), "denied: tls-required");
        assert_int_equal(sc.seen[RL_SEEN_DENIED], 1);
        if (!fact_first)
            scene_end(state);
    }
}

static void only_a_bye_that_is_taken_ends_a_call(void **state)
{
    struct sdp s = srtp();

    (void)state;
    talk(&s, &s);
    SAY(.method = RL_M_BYE, .cseq = 2, .hops = HOP_NEAR);
    SAY(.method = RL_M_BYE, .cseq = 2, .status = 403, .hops = HOP_NEAR);
    SAY(.method = RL_M_BYE, .cseq = 2, .hops = HOP_NEAR);
    scene_wait(10);
    SHOWN("lock");
    SAY(.method = RL_M_BYE, .cseq = 3, .hops = HOP_NEAR);
    SHOWN("lock");
    scene_wait(4); /* unanswered and not refused */
    SHOWN("ended");
    assert_string_equal(reason(), "BYE");
}

static void silence_and_timers_end_calls(void **state)
{
    struct sdp s = srtp();

    invite(&s);
    scene_wait(178);
    SHOWN("ringing");
    scene_wait(4);
    SHOWN("ended");
    assert_string_equal(reason(), "no answer");
    scene_end(state);

    scene_begin(state); /* a lost BYE, found by the session timer (RFC 4028) */
    invite(&s);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &s, .session_expires = 90);
    scene_wait(80);
    SAY(.method = RL_M_UPDATE, .cseq = 2);
    SAY(.method = RL_M_UPDATE, .cseq = 2, .status = 200, .session_expires = 90);
    scene_wait(88);
    SHOWN("unlock");
    scene_wait(4);
    SHOWN("ended");
    assert_string_equal(reason(), "session timer");
    scene_end(state);

    scene_begin(state); /* the other side wants no session timer any more */
    invite(&s);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &s, .session_expires = 90);
    SAY(.method = RL_M_UPDATE, .cseq = 2);
    SAY(.method = RL_M_UPDATE, .cseq = 2, .status = 200);
    scene_wait(200);
    SHOWN("unlock");
    scene_end(state);

    scene_begin(state);
    talk(&s, &s);
    scene_wait(4 * 3600 - 2);
    SHOWN("lock");
    scene_wait(4);
    SHOWN("ended");
    assert_string_equal(reason(), "silence");
}

static void late_copies_make_no_new_call(void **state)
{
    struct rl_tracker_config config = scene_config();
    struct rl_tracker_counts n;
    struct sdp s = srtp();

    scene_end(state);
    config.ended_keep_us = 10 * SECOND;
    scene_begin_with(config);
    talk(&s, &s);
    bye(2);
    for (int round = 0; round < 2; round++) {
        invite(&s);
        SAY(.method = RL_M_INVITE, .status = 180, .cseq = 1);
        answer(&s);
        bye(2);
        rl_tracker_counts(sc.t, &n);
        assert_int_equal(n.live, 0);
        assert_int_equal(n.ended, !round);
        scene_wait(12);
    }
    assert_int_equal(sc.forgotten, 1);
    SHOWN("none");
    scene_wait(60);
    talk(&s, &s); /* nothing is left of it: a recording played again */
    SHOWN("lock");
    bye(2);
    scene_wait(5);
    answer(&s);
    SHOWN("ended");
}

static void a_second_try_is_a_new_call(void **state)
{
    struct rl_tracker_counts n;
    struct sdp s = srtp();

    (void)state;
    invite(&s);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 486);
    SAY(.method = RL_M_INVITE, .cseq = 2, .initial = true, .sdp = &s);
    SHOWN("ringing");
    invite(&s);
    rl_tracker_counts(sc.t, &n);
    assert_int_equal(n.live, 1);
    assert_int_equal(n.ended, 1);
}

/* --- forks --- */
static void only_the_answering_branch_counts(void **state)
{
    struct sdp s = srtp();

    (void)state;
    fact(A);
    fact(B);
    invite(&s);
    sc.far = C;
    sc.at[C].transport = RL_TP_UDP;
    SAY(.method = RL_M_INVITE, .cseq = 1, .initial = true, .sdp = &s, .hops = HOP_FAR);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 180);
    sc.far = B;
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 180);
    assert_int_equal(rl_tracker_find(sc.t, sc.call)->nparties, 3);
    answer(&s);
    SHOWN("lock");
    sc.far = C;
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 487, .hops = HOP_FAR);
    SHOWN("lock");
    assert_int_equal(rl_tracker_find(sc.t, sc.call)->nparties, 2);
}

static void two_answers_are_judged_both(void **state)
{
    struct sdp s = srtp();

    (void)state;
    talk(&s, &s);
    sc.far = C;
    sc.at[C].transport = RL_TP_UDP;
    SAY(.method = RL_M_INVITE, .cseq = 1, .initial = true, .sdp = &s, .hops = HOP_FAR);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &s);
    SHOWN("unlock");
    bye(2);
    SHOWN("lock");
    sc.far = B;
    bye(2);
    SHOWN("ended");
}

/* --- legs and conferences --- */
static void legs_of_a_b2bua_are_one_call(void **state)
{
    struct rl_tracker_counts n;
    struct sdp s = srtp(), plain = rtp();

    for (int how = 0; how < 3; how++) {
        if (how)
            scene_begin(state);
        sc.header = how == 0 ? "x-1" : NULL;
        fact(A);
        fact(B);
        fact(C);
        talk(&s, &s);
        SHOWN("lock");
        sc.call = "call-2";
        sc.correlation = how == 1 ? "call-1" : NULL;
        sc.far = C;
        SAY(.method = RL_M_INVITE, .cseq = 1, .initial = true, .sdp = &plain);
        sc.header = how == 2 ? "call-1" : sc.header; /* the header came late: two calls so far */
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &plain);
        rl_tracker_counts(sc.t, &n);
        assert_int_equal(n.live, 1);
        assert_int_equal(sc.forgotten, how == 2);
        SHOWN("shield");
        assert_int_equal(rl_tracker_find(sc.t, "call-1")->nsip, 2);
        assert_int_equal(rl_tracker_find(sc.t, "call-1")->nparties, 4);
        bye(2);
        assert_string_equal(shown_of("call-1"), "lock");
        sc.call = "call-1";
        sc.far = B;
        bye(2);
        SHOWN("ended");
        if (how < 2)
            scene_end(state);
    }
}

static enum rl_security icon_of(const char *call)
{
    return rl_tracker_find(sc.t, call)->verdict->icon;
}

static void a_conference_is_as_secure_as_its_weakest_member(void **state)
{
    struct sdp s = srtp(), plain = rtp();

    (void)state;
    for (int i = 0; i < 3; i++) {
        static const char *const calls[] = {"call-1", "call-2", "call-3"};
        const struct sdp *sdp = i == 2 ? &plain : &s;
        sc.call = calls[i];
        fact(A);
        fact(B);
        invite(sdp);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = sdp, .isfocus = true);
    }
    assert_string_equal(rl_tracker_find(sc.t, "call-1")->conference, "sip:800@10.0.0.9:5061");
    assert_string_equal(shown_of("call-1"), "lock");
    assert_int_equal(icon_of("call-1"), RL_AUTHENTICATED);
    assert_int_equal(icon_of("call-2"), RL_AUTHENTICATED);
    assert_true(has_why("call-1", RL_WHY_CONFERENCE, -1));
    assert_false(has_why("call-3", RL_WHY_CONFERENCE, -1));
    sc.dev[A].trusted = RL_NO;
    rejudge(NULL, NULL);
    assert_int_equal(icon_of("call-2"), RL_NONSECURE);
    sc.dev[A].trusted = RL_YES;
    rejudge(NULL, NULL);
    sc.changes = 0;
    bye(2);
    assert_int_equal(icon_of("call-1"), RL_ENCRYPTED);
    assert_int_equal(icon_of("call-2"), RL_ENCRYPTED);
    assert_true(sc.changes >= 3);
}

static void join(const char *call, const struct sdp *sdp)
{
    sc.call = call;
    fact(A);
    fact(B);
    invite(sdp);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = sdp, .isfocus = true);
}

/* Whom call-1 is told to blame: its call, and how many more are as weak. */
static void blames(const char *call, size_t more)
{
    char id[24];
    const struct rl_call *c = rl_tracker_find(sc.t, call);

    assert_non_null(c);
    snprintf(id, sizeof id, "%s", c->id);
    c = rl_tracker_find(sc.t, "call-1");
    assert_string_equal(c->weakest.call, id);
    assert_string_equal(c->weakest.who, sc.dev[A].name);
    assert_true(c->weakest.device);
    assert_int_equal(c->weakest.more, more);
}

/* R21, R58, R60: who makes a conference weak is named, and renewed when that member leaves. */
static void the_weakest_member_of_a_conference_is_named(void **state)
{
    struct sdp s = srtp(), plain = rtp();
    static const char *const weak[] = {"call-2", "call-3", "call-4"};
    char last[24];

    (void)state;
    join("call-1", &s);
    assert_string_equal(rl_tracker_find(sc.t, "call-1")->weakest.call, "");
    for (int i = 0; i < 3; i++) {
        join(weak[i], &plain);
        blames("call-2", (size_t)i);
        assert_string_equal(rl_tracker_find(sc.t, weak[i])->weakest.call, "");
    }
    for (int i = 0; i < 2; i++) {
        sc.call = weak[i];
        sc.changes = 0;
        bye(2);
        assert_int_equal(sc.changes, 2); /* the one that left, and call-1 */
        blames(weak[i + 1], (size_t)(1 - i));
    }
    snprintf(last, sizeof last, "%s", rl_tracker_find(sc.t, "call-4")->id);
    sc.call = "call-1";
    bye(2);
    blames("call-4", 0); /* it has ended, and still tells */
    sc.call = "call-4";
    bye(2);
    assert_string_equal(rl_tracker_find(sc.t, "call-1")->weakest.call, last);
}

static void a_refer_is_noted(void **state)
{
    struct sdp s = srtp();
    struct rl_rec r = {.kind = RL_REC_SIP};
    const struct rl_call *c;

    (void)state;
    talk(&s, &s);
    r.src = sc.at[A];
    r.dst = place(99, 5061, RL_TP_TLS);
    r.sip = (struct rl_rec_sip){.request = true,
                                .method = RL_M_REFER,
                                .cseq = 2,
                                .call_id = text(sc.call),
                                .from_tag = text("tag-a"),
                                .to_tag = text("tag-b"),
                                .refer_to = text("20\x1b[2J"),
                                .vias = 1};
    scene_feed(&r);
    scene_feed(&r);
    c = rl_tracker_find(sc.t, sc.call);
    assert_string_equal(c->event[c->nevents - 1].text, "REFER by 100 to 20\\x1b[2J");
    assert_string_not_equal(c->event[c->nevents - 2].text, c->event[c->nevents - 1].text);
}

/* --- bounds and lists --- */
static void calls_are_bounded_and_listed(void **state)
{
    struct rl_tracker_config config = scene_config();
    struct rl_tracker_counts n;
    const struct rl_call *c;
    struct sdp s = srtp();
    uint64_t serial = 0;
    char id[64], call[24];
    int count = 0;

    scene_end(state);
    config.max_calls = 5;
    config.ended_keep = 3;
    scene_begin_with(config);
    sc.call = call;
    for (int i = 0; i < 20; i++) {
        snprintf(call, sizeof call, "call-%d", i);
        invite(&s);
    }
    rl_tracker_counts(sc.t, &n);
    assert_int_equal(n.live, 5);
    assert_int_equal(n.ringing, 5);
    assert_int_equal(n.dropped_calls, 15);
    scene_wait(2);
    rl_tracker_counts(sc.t, &n);
    assert_int_equal(n.ended, 3);
    assert_int_equal(sc.forgotten, 12);
    while ((c = rl_tracker_next(sc.t, serial, true))) {
        assert_true(serial == 0 || c->serial < serial);
        serial = c->serial;
        snprintf(id, sizeof id, "%s", c->id);
        assert_ptr_equal(rl_tracker_find(sc.t, id), c);
        assert_int_equal(rl_tracker_find(sc.t, id)->serial, serial);
        count++;
    }
    assert_int_equal(count, 8);
    assert_null(rl_tracker_next(sc.t, 16, false));
    assert_null(rl_tracker_find(sc.t, "c0-1"));
    assert_null(rl_tracker_find(sc.t, ""));
}

static void floods_within_a_call_are_bounded(void **state)
{
    struct rl_tracker_counts n;
    struct sdp s = srtp(), plain = rtp();
    char tag[24], branch[24];

    (void)state;
    fact(A);
    fact(B);
    invite(&s);
    for (int i = 0; i < 100; i++) {
        snprintf(tag, sizeof tag, "t%d", i);
        snprintf(branch, sizeof branch, "b%d", i);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 180, .to_tag = tag, .branch = branch);
    }
    rl_tracker_counts(sc.t, &n);
    assert_int_equal(n.dialogs, 16);
    scene_end(state);

    scene_begin(state); /* credentials asked for again and again */
    for (uint32_t i = 1; i < 60; i++) {
        SAY(.method = RL_M_INVITE, .cseq = i, .initial = true, .sdp = &s);
        SAY(.method = RL_M_INVITE, .cseq = i, .status = 407, .hops = HOP_NEAR);
    }
    SHOWN("ringing");
    scene_end(state);

    scene_begin(state);
    talk(&s, &s);
    for (uint32_t i = 2; i < 200; i++) {
        SAY(.method = RL_M_INVITE, .cseq = i, .sdp = i % 2 ? &s : &plain);
        if (i % 3)
            SAY(.method = RL_M_INVITE, .cseq = i, .status = 200, .sdp = i % 2 ? &s : &plain);
    }
    SHOWN("lock");
    SAY(.method = RL_M_INVITE, .cseq = 8, .status = 200, .sdp = &plain); /* long dropped */
    SHOWN("lock");
}

/* Times of the stream that go back are those of a clock set back, or of a recording played again:
 * what was closed then is not closed now. */
static void a_clock_set_back_closes_nothing(void **state)
{
    struct sdp s = srtp();

    (void)state;
    fact(A);
    fact(B);
    closed(A);
    closed(B);
    sc.clock -= 3600 * SECOND;
    fact(A);
    fact(B);
    talk(&s, &s);
    SHOWN("lock");
    closed(A);
    SHOWN("unlock");
}

#define SCENE(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(refusals_end_a_ringing_call),
        SCENE(a_refusal_behind_another_proxy_ends_too),
        SCENE(credentials_go_on_with_the_call),
        SCENE(a_wrong_password_is_told_once),
        SCENE(cancel_ends_by_the_487),
        SCENE(a_lost_487_is_told_by_its_ack),
        SCENE(a_denied_call_says_why),
        SCENE(only_a_bye_that_is_taken_ends_a_call),
        SCENE(silence_and_timers_end_calls),
        SCENE(late_copies_make_no_new_call),
        SCENE(a_second_try_is_a_new_call),
        SCENE(only_the_answering_branch_counts),
        SCENE(two_answers_are_judged_both),
        SCENE(legs_of_a_b2bua_are_one_call),
        SCENE(a_conference_is_as_secure_as_its_weakest_member),
        SCENE(the_weakest_member_of_a_conference_is_named),
        SCENE(a_refer_is_noted),
        SCENE(calls_are_bounded_and_listed),
        SCENE(floods_within_a_call_are_bounded),
        SCENE(a_clock_set_back_closes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
