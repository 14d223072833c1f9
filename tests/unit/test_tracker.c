/* Situations of a call: what is proven, what media agree on, how calls begin and end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

/* --- a call, and what its connections prove --- */
static void a_secure_call_from_ring_to_bye(void **state)
{
    struct sdp s = srtp();
    const struct rl_call *c;
    struct rl_tracker_counts n;

    (void)state;
    fact(A);
    fact(B);
    invite(&s);
    SHOWN("ringing");
    WHY(NOT_ANSWERED, -1);
    SAY(.method = RL_M_INVITE, .status = 180, .cseq = 1);
    SHOWN("ringing");
    assert_int_equal(sc.locks, 0);
    answer(&s);
    SHOWN("lock");
    c = rl_tracker_find(sc.t, "call-1");
    assert_int_equal(c->nparties, 2);
    assert_string_equal(c->party[0].number, "100");
    assert_string_equal(c->party[0].device, "SEP-A");
    assert_string_equal(c->party[1].device, "SEP-B");
    assert_string_equal(c->party[1].cipher, "TLS_AES_256_GCM_SHA384");
    assert_string_equal(c->party[0].shows.icon, "[LOCK]");
    assert_true(c->verdict->trusted && c->verdict->signaling && c->verdict->media);
    rl_tracker_counts(sc.t, &n);
    assert_int_equal(n.locked, 1);
    bye(2);
    SHOWN("ended");
    c = rl_tracker_find(sc.t, "call-1");
    assert_string_equal(c->end_reason, "BYE");
    assert_int_equal(c->verdict->security, RL_ENCRYPTED);
    assert_int_equal(c->nparties, 2);
    closed(A);
    assert_int_equal(rl_tracker_find(sc.t, "call-1")->verdict->security, RL_ENCRYPTED);
}

static void events_tell_the_life_of_a_call(void **state)
{
    struct sdp s = srtp(), plain = rtp();
    const struct rl_call *c;

    (void)state;
    talk(&s, &s);
    SAY(.method = RL_M_INVITE, .cseq = 7, .by = B, .sdp = &plain);
    SAY(.method = RL_M_INVITE, .status = 200, .cseq = 7, .by = B, .sdp = &plain);
    bye(2);
    c = rl_tracker_find(sc.t, sc.call);
    assert_int_equal(c->nevents, 9);
    assert_string_equal(c->event[0].text, "INVITE by 100: SRTP");
    assert_string_equal(c->event[1].text, "ringing");
    assert_string_equal(c->event[2].text, "answered by 101: SRTP");
    assert_string_equal(c->event[3].text, "OPEN > LOCK");
    assert_string_equal(c->event[4].text, "re-INVITE by 101: RTP");
    assert_string_equal(c->event[5].text, "accepted by 100: RTP");
    assert_string_equal(c->event[6].text, "LOCK > SHLD");
    assert_string_equal(c->event[7].text, "BYE by 100");
    assert_int_equal(c->event[8].state, RL_CALL_ENDED);
}

static void facts_may_come_after_the_messages(void **state)
{
    struct sdp s = srtp();

    (void)state;
    invite(&s);
    answer(&s);
    SHOWN("unlock");
    WHY(SIG_NO_FACT, 0);
    fact(A);
    SHOWN("unlock");
    fact(B);
    SHOWN("lock");
}

static void change_cipher(struct rl_rec_fact *f)
{
    f->bits = 0;
    f->cipher = text("ECDHE-RSA-NULL-SHA");
}
static void no_cipher(struct rl_rec_fact *f)
{
    f->bits = -1;
    f->cipher = text("");
}
static void unverified(struct rl_rec_fact *f)
{
    f->verified = false;
}
static void pinned(struct rl_rec_fact *f)
{
    f->verified = false;
    f->selfsigned = true;
}
static void no_certificate(struct rl_rec_fact *f)
{
    f->fp = text("");
}
static void anothers(struct rl_rec_fact *f)
{
    f->cn = text("SEP-C");
}
static void shared(struct rl_rec_fact *f)
{
    f->cn = text("shared certificate");
    f->san = text("profile.lab");
}
static void denied(struct rl_rec_fact *f)
{
    f->event = RL_FACT_DENY;
    f->why = text("null-cipher");
}
static void challenged(struct rl_rec_fact *f)
{
    f->event = RL_FACT_CHALLENGE;
    f->why = text("digest");
}
static void unnamed(struct rl_rec_fact *f)
{
    f->device = text("");
}
static void another_port(struct rl_rec_fact *f)
{
    f->peer.port++;
}
static void over_tcp(struct rl_rec_fact *f)
{
    f->peer.transport = RL_TP_TCP;
}

static void what_a_fact_proves(void **state)
{
    static const struct {
        void (*change)(struct rl_rec_fact *f);
        const char *want;
        enum rl_reason_code why;
    } rows[] = {
        {change_cipher,  "shield", RL_WHY_SIG_NULL_CIPHER  },
        {no_cipher,      "shield", RL_WHY_SIG_NULL_CIPHER  },
        {unverified,     "unlock", RL_WHY_SIG_CERT_UNPROVEN},
        {pinned,         "lock",   RL_WHY_COUNT            },
        {no_certificate, "unlock", RL_WHY_SIG_NO_CERT      },
        {anothers,       "unlock", RL_WHY_SIG_CERT_OTHER   },
        {shared,         "lock",   RL_WHY_COUNT            },
        {denied,         "unlock", RL_WHY_SIG_NO_FACT      },
        {challenged,     "unlock", RL_WHY_SIG_NO_FACT      },
        {unnamed,        "unlock", RL_WHY_SIG_NO_FACT      },
        {another_port,   "unlock", RL_WHY_SIG_NO_FACT      },
        {over_tcp,       "unlock", RL_WHY_SIG_NO_FACT      },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sdp s = srtp();
        struct rl_rec r;

        if (i)
            scene_begin(state);
        r = fact_of(B);
        rows[i].change(&r.fact);
        scene_feed(&r);
        fact(A);
        invite(&s);
        answer(&s);
        SHOWN(rows[i].want);
        if (rows[i].why != RL_WHY_COUNT)
            assert_true(has_why(sc.call, rows[i].why, 1));
        if (i + 1 < sizeof rows / sizeof *rows)
            scene_end(state);
    }
}

static void a_denial_leaves_what_was_proven(void **state)
{
    struct sdp s = srtp();
    struct rl_rec r;

    (void)state;
    talk(&s, &s);
    r = fact_of(A);
    denied(&r.fact);
    scene_feed(&r);
    SHOWN("lock");
}

static void udp_needs_no_fact_to_be_open(void **state)
{
    struct sdp s = srtp();

    (void)state;
    sc.at[B].transport = RL_TP_UDP;
    talk(&s, &s);
    SHOWN("unlock");
    WHY(SIG_NOT_TLS, 1);
}

static void a_closed_connection_takes_the_lock(void **state)
{
    struct sdp s = srtp();

    (void)state;
    talk(&s, &s);
    closed(A);
    SHOWN("unlock");
    WHY(SIG_CLOSED, 0);
    fact(A); /* the same port again: another connection */
    SHOWN("unlock");
    SAY(.method = RL_M_INVITE, .cseq = 2, .sdp = &s);
    SHOWN("unlock");
    SAY(.method = RL_M_INVITE, .cseq = 2, .status = 200, .sdp = &s);
    SHOWN("lock");
    sc.at[B].port = 50000; /* B comes back elsewhere */
    fact(B);
    SHOWN("lock");
    SAY(.method = RL_M_UPDATE, .cseq = 9, .by = B);
    SAY(.method = RL_M_UPDATE, .cseq = 9, .by = B, .status = 200);
    SHOWN("lock");
    closed(B);
    SHOWN("unlock");
}

static void who_is_judged_by_the_catalogue(void **state)
{
    struct sdp s = srtp();

    (void)state;
    sc.dev[B].trusted = RL_NO;
    talk(&s, &s);
    SHOWN("unlock");
    WHY(NOT_TRUSTED, 1);
    sc.dev[B].trusted = RL_YES;
    sc.dev[B].mode = RL_AUTHENTICATED;
    rejudge(NULL, "SEP-B");
    SHOWN("shield");
    WHY(PROFILE_AUTHENTICATED, 1);
    sc.absent[B] = true;
    rejudge(NULL, "SEP-B");
    SHOWN("unlock");
    WHY(DEVICE_UNKNOWN, 1);
    sc.absent[B] = false;
    sc.dev[B].mode = RL_ENCRYPTED;
    sc.changes = 0;
    rejudge(NULL, "SEP-B");
    SHOWN("lock");
    assert_int_equal(sc.changes, 1);
    rejudge(NULL, "SEP-C");
    assert_int_equal(sc.changes, 1);
}

static void the_cluster_mode_is_asked_at_once(void **state)
{
    struct rl_tracker_config config = scene_config();
    struct rl_tracker_counts n;
    struct sdp s = srtp();

    (void)state;
    talk(&s, &s);
    config.mixed = false;
    rejudge(&config, NULL);
    SHOWN("unlock");
    WHY(CLUSTER, -1);
    rl_tracker_counts(sc.t, &n);
    assert_int_equal(n.open, 1);
}

static void a_gateway_is_known_by_its_address(void **state)
{
    struct sdp s = srtp();

    (void)state;
    sc.at[C] = place(77, 5060, RL_TP_UDP);
    sc.absent[C] = true;
    sc.far = C;
    invite(&s);
    answer(&s);
    assert_string_equal(rl_tracker_find(sc.t, sc.call)->party[1].device, "GW");
    assert_string_equal(rl_tracker_find(sc.t, sc.call)->party[1].kind, "gateway");
    WHY(SIG_NOT_TLS, 1);
}

static void an_unlisted_source_proves_and_ends_nothing(void **state)
{
    struct sdp s = srtp();

    (void)state;
    sc.unlisted = true;
    talk(&s, &s);
    SHOWN("unlock");
    sc.unlisted = false;
    fact(A);
    fact(B);
    SHOWN("unlock");
    WHY(SIG_UNLISTED, 0);
    sc.call = "call-2";
    invite(&s);
    answer(&s);
    SHOWN("lock");
    sc.unlisted = true;
    bye(2);
    SHOWN("lock");
    sc.unlisted = false;
    bye(2);
    SHOWN("ended");
}

/* --- media --- */
/* R50, R53: only the party whose own description was plain is blamed. */
static void what_offer_and_answer_agree_on(void **state)
{
    enum { BOTH = 2 };
    const unsigned crypto = RL_MF_CRYPTO, savp = RL_MF_SAVP, off = RL_MF_CRYPTO_OFF;
    const unsigned dtls = RL_MF_DTLS_PROTO, fp = RL_MF_FINGERPRINT;
    const struct {
        unsigned offer, offer_tag, answer, answer_tag;
        const char *want;
        enum rl_reason_code why;
        int only; /* the party that is blamed alone: 0, 1; else both */
    } rows[] = {
        {savp | crypto,       1, savp | crypto, 1, "lock",   RL_WHY_COUNT,            BOTH},
        {savp | crypto,       1, savp | crypto, 2, "shield", RL_WHY_MEDIA_NOT_AGREED, BOTH},
        {savp | crypto,       1, savp,          0, "shield", RL_WHY_MEDIA_NOT_AGREED, BOTH},
        {savp,                0, savp | crypto, 1, "shield", RL_WHY_MEDIA_NOT_AGREED, BOTH},
        {savp | crypto,       1, 0,             0, "shield", RL_WHY_MEDIA_NOT_SRTP,   1   },
        {crypto,              1, crypto,        1, "lock",   RL_WHY_COUNT,            BOTH}, /* best effort */
        {crypto,              1, 0,             0, "shield", RL_WHY_MEDIA_NOT_SRTP,   1   },
        {crypto,              1, savp | crypto, 1, "shield", RL_WHY_MEDIA_NOT_AGREED, BOTH},
        {savp | off,          1, savp | off,    1, "shield", RL_WHY_MEDIA_OFF,        BOTH},
        {savp | crypto | off, 1, savp | off,    1, "shield", RL_WHY_MEDIA_OFF,        BOTH},
        {savp | crypto | off, 1, savp | crypto, 1, "lock",   RL_WHY_COUNT,            BOTH},
        {dtls | fp,           0, dtls | fp,     0, "lock",   RL_WHY_COUNT,            BOTH},
        {dtls | fp,           0, dtls,          0, "shield", RL_WHY_MEDIA_NOT_AGREED, BOTH},
        {dtls,                0, dtls | fp,     0, "shield", RL_WHY_MEDIA_NOT_AGREED, BOTH},
        {dtls | fp,           0, fp,            0, "shield", RL_WHY_MEDIA_NOT_SRTP,   1   },
        {0,                   0, 0,             0, "shield", RL_WHY_MEDIA_NOT_SRTP,   BOTH},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sdp o = audio(rows[i].offer, rows[i].offer_tag);
        struct sdp a = audio(rows[i].answer, rows[i].answer_tag);

        if (i)
            scene_begin(state);
        talk(&o, &a);
        SHOWN(rows[i].want);
        if (rows[i].why != RL_WHY_COUNT)
            for (int party = 0; party < 2; party++)
                assert_int_equal(has_why(sc.call, rows[i].why, party),
                                 rows[i].only == BOTH || rows[i].only == party);
        if (i + 1 < sizeof rows / sizeof *rows)
            scene_end(state);
    }
}

static void each_side_is_judged_by_its_own_hop(void **state)
{
    struct sdp s = srtp(), plain = rtp();
    const struct rl_call *c;

    (void)state;
    fact(A);
    fact(B);
    SAY(.method = RL_M_INVITE, .cseq = 1, .initial = true, .sdp = &plain, .near = &s);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &plain, .near = &s);
    c = rl_tracker_find(sc.t, sc.call);
    assert_int_equal(c->verdict->security, RL_AUTHENTICATED);
    assert_int_equal(c->verdict->party[0].media, RL_ENCRYPTED);
    assert_int_equal(c->verdict->party[1].media, RL_NONSECURE);
}

static void a_lost_copy_is_taken_from_the_other_hop_if_nothing_was_rewritten(void **state)
{
    struct sdp s = srtp(), other = srtp(), plain = rtp();

    fact(A);
    fact(B);
    SAY(.method = RL_M_INVITE, .cseq = 1, .initial = true, .sdp = &s);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 180);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &s, .hops = HOP_FAR);
    SHOWN("lock");
    scene_end(state);

    scene_begin(state); /* a media proxy is in between: its other port shows it */
    fact(A);
    fact(B);
    other.m[0].port = 31000;
    SAY(.method = RL_M_INVITE, .cseq = 1, .initial = true, .sdp = &s, .near = &other);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &s, .hops = HOP_FAR);
    SHOWN("shield");
    WHY(MEDIA_UNKNOWN, 0);
    scene_end(state);

    scene_begin(state); /* the same message twice on one hop, once weaker */
    fact(A);
    fact(B);
    invite(&s);
    answer(&s);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &plain, .hops = HOP_FAR);
    SHOWN("shield");
}

static void a_lost_answer_is_tied_to_its_phone_by_the_log_event(void **state)
{
    struct sdp s = srtp();
    struct rl_rec r;

    (void)state;
    fact(A);
    fact(B);
    invite(&s);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &s, .hops = HOP_NEAR);
    SHOWN("unlock"); /* it may have come from anywhere */
    r = fact_of(B);
    r.fact.event = RL_FACT_REPLY;
    r.fact.method = RL_M_INVITE;
    r.fact.status = 200;
    r.fact.call_id = text(sc.call);
    scene_feed(&r);
    SHOWN("lock");
}

static void late_offer_is_answered_by_the_ack(void **state)
{
    struct sdp s = srtp(), plain = rtp();

    for (int secure = 0; secure < 2; secure++) {
        if (secure)
            scene_begin(state);
        fact(A);
        fact(B);
        invite(NULL);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &s);
        SHOWN("shield");
        WHY(MEDIA_UNKNOWN, 0);
        SAY(.method = RL_M_ACK, .cseq = 1, .sdp = secure ? &s : &plain);
        SHOWN(secure ? "lock" : "shield");
        if (!secure)
            scene_end(state);
    }
}

static void early_media_never_lock(void **state)
{
    struct sdp s = srtp(), plain = rtp();

    (void)state;
    fact(A);
    fact(B);
    invite(&s);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 183, .sdp = &s, .reliable = true);
    SAY(.method = RL_M_PRACK, .cseq = 2, .rack = 1);
    SAY(.method = RL_M_PRACK, .cseq = 2, .status = 200);
    SHOWN("ringing");
    SAY(.method = RL_M_UPDATE, .cseq = 3, .sdp = &plain);
    SAY(.method = RL_M_UPDATE, .cseq = 3, .status = 200, .sdp = &plain);
    SHOWN("ringing");
    answer(NULL);
    SHOWN("shield");
    SAY(.method = RL_M_UPDATE, .cseq = 4, .sdp = &s);
    SAY(.method = RL_M_UPDATE, .cseq = 4, .status = 200, .sdp = &s);
    SHOWN("lock");
}

static void hold_is_no_loss_of_security(void **state)
{
    struct sdp s = srtp(), hold = held(s, RL_DIR_SENDONLY), answer_hold = held(s, RL_DIR_RECVONLY);

    (void)state;
    talk(&s, &s);
    SAY(.method = RL_M_INVITE, .cseq = 2, .sdp = &hold);
    SAY(.method = RL_M_INVITE, .cseq = 2, .status = 200, .sdp = &answer_hold);
    SHOWN("lock");
    assert_int_equal(rl_tracker_find(sc.t, sc.call)->state, RL_CALL_HELD);
    SAY(.method = RL_M_INVITE, .cseq = 3, .sdp = &s);
    SAY(.method = RL_M_INVITE, .cseq = 3, .status = 200, .sdp = &s);
    SHOWN("lock");
    assert_int_equal(rl_tracker_find(sc.t, sc.call)->state, RL_CALL_CONNECTED);
}

static void a_reinvite_counts_when_it_is_accepted(void **state)
{
    struct sdp s = srtp(), plain = rtp();

    (void)state;
    talk(&s, &s);
    SAY(.method = RL_M_INVITE, .cseq = 5, .by = B, .sdp = &plain);
    SHOWN("lock");
    SAY(.method = RL_M_INVITE, .cseq = 5, .by = B, .status = 488);
    SHOWN("lock");
    SAY(.method = RL_M_INVITE, .cseq = 6, .by = B, .sdp = &plain);
    SAY(.method = RL_M_INVITE, .cseq = 6, .by = B, .status = 200, .sdp = &plain);
    SHOWN("shield");
    answer(&s); /* late copies of the first answer change nothing */
    SAY(.method = RL_M_INVITE, .status = 180, .cseq = 1);
    SHOWN("shield");
}

static void an_ack_proves_that_a_lost_answer_came(void **state)
{
    struct sdp s = srtp(), plain = rtp();

    (void)state;
    talk(&s, &s);
    SAY(.method = RL_M_INVITE, .cseq = 5, .by = B, .sdp = &plain);
    SAY(.method = RL_M_ACK, .cseq = 5, .by = B);
    SHOWN("shield");
    WHY(MEDIA_UNKNOWN, 0);
}

static void sdp_that_cannot_be_read_takes_the_lock_at_once(void **state)
{
    struct sdp s = srtp(), bad = unreadable();

    (void)state;
    talk(&s, &s);
    SAY(.method = RL_M_INVITE, .cseq = 5, .by = B, .sdp = &bad, .hops = HOP_NEAR);
    SHOWN("shield");
    WHY(SDP, 1);
    SAY(.method = RL_M_INVITE, .cseq = 5, .by = B, .sdp = &bad, .hops = HOP_FAR);
    SAY(.method = RL_M_INVITE, .cseq = 5, .by = B, .status = 200, .sdp = &s);
    SHOWN("shield");
    WHY(SDP, 1);
    SAY(.method = RL_M_INVITE, .cseq = 6, .by = B, .sdp = &s);
    SAY(.method = RL_M_INVITE, .cseq = 6, .by = B, .status = 200, .sdp = &s);
    SHOWN("lock");
}

static void display_policy_counts_video(void **state)
{
    struct rl_tracker_config config = scene_config();
    struct sdp s = srtp();

    (void)state;
    s.m[s.n++] = (struct rl_media){RL_MEDIA_VIDEO, RL_DIR_SENDRECV, 30002, 0, 0};
    talk(&s, &s);
    SHOWN("shield");
    config.policy = RL_SHOW_AUDIO_ONLY;
    rejudge(&config, NULL);
    SHOWN("lock");
}

#define SCENE(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(a_secure_call_from_ring_to_bye),
        SCENE(events_tell_the_life_of_a_call),
        SCENE(facts_may_come_after_the_messages),
        SCENE(what_a_fact_proves),
        SCENE(a_denial_leaves_what_was_proven),
        SCENE(udp_needs_no_fact_to_be_open),
        SCENE(a_closed_connection_takes_the_lock),
        SCENE(who_is_judged_by_the_catalogue),
        SCENE(the_cluster_mode_is_asked_at_once),
        SCENE(a_gateway_is_known_by_its_address),
        SCENE(an_unlisted_source_proves_and_ends_nothing),
        SCENE(what_offer_and_answer_agree_on),
        SCENE(each_side_is_judged_by_its_own_hop),
        SCENE(a_lost_copy_is_taken_from_the_other_hop_if_nothing_was_rewritten),
        SCENE(a_lost_answer_is_tied_to_its_phone_by_the_log_event),
        SCENE(late_offer_is_answered_by_the_ack),
        SCENE(early_media_never_lock),
        SCENE(hold_is_no_loss_of_security),
        SCENE(a_reinvite_counts_when_it_is_accepted),
        SCENE(an_ack_proves_that_a_lost_answer_came),
        SCENE(sdp_that_cannot_be_read_takes_the_lock_at_once),
        SCENE(display_policy_counts_video),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
