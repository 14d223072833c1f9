/* Evidence that contradicts itself, or comes from elsewhere, never locks a call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

/* A connection that was reset closes without an event (Kamailio); its port comes back. */
static void another_connection_proves_nothing_of_the_one_before(void **state)
{
    static const struct {
        enum side device;
        const char *con, *want;
    } rows[] = {
        {A, "45", "lock"  },
        {A, "",   "lock"  },
        {A, "47", "unlock"},
        {C, "47", "unlock"},
        {C, "45", "unlock"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sdp s = srtp();
        struct rl_rec before, after;

        if (i)
            scene_begin(state);
        before = fact_of(A);
        before.fact.con = text("45");
        talk(&s, &s);
        scene_feed(&before);
        SHOWN("lock");
        sc.clock += SECOND;
        after = fact_of(rows[i].device);
        after.fact.con = text(rows[i].con);
        after.fact.peer = sc.at[A];
        scene_feed(&after);
        SHOWN(rows[i].want);
        SAY(.method = RL_M_INVITE, .cseq = 2, .sdp = &s);
        SAY(.method = RL_M_INVITE, .cseq = 2, .status = 200, .sdp = &s);
        SHOWN("lock"); /* what is said on the new one is judged by it */
        if (i + 1 < sizeof rows / sizeof *rows)
            scene_end(state);
    }
}

static struct sdp lines(int n, unsigned kind, unsigned flags)
{
    struct sdp s = srtp();

    for (s.n = 1; s.n < n; s.n++) {
        s.m[s.n] = s.m[0];
        s.m[s.n].kind = (uint8_t)kind;
        s.m[s.n].flags = (uint16_t)flags;
    }
    return s;
}

/* RFC 3264 6: the answer has the lines of the offer, each of the same kind. */
static void answers_with_other_lines_than_the_offer(void **state)
{
    const struct {
        int offer_n, answer_n;
        unsigned kind, flags;
        const char *want;
    } rows[] = {
        {2, 2, RL_MEDIA_VIDEO, RL_MF_SAVP | RL_MF_CRYPTO, "lock"  },
        {2, 1, RL_MEDIA_VIDEO, 0,                         "lock"  },
        {1, 2, RL_MEDIA_VIDEO, 0,                         "shield"},
        {1, 2, RL_MEDIA_VIDEO, RL_MF_SAVP | RL_MF_CRYPTO, "shield"},
        {2, 2, RL_MEDIA_AUDIO, RL_MF_SAVP | RL_MF_CRYPTO, "shield"},
        {2, 2, RL_MEDIA_BFCP,  RL_MF_SAVP | RL_MF_CRYPTO, "shield"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i)
            scene_begin(state);
        struct sdp offer = lines(rows[i].offer_n, RL_MEDIA_VIDEO, RL_MF_SAVP | RL_MF_CRYPTO);
        struct sdp reply = lines(rows[i].answer_n, rows[i].kind, rows[i].flags);
        talk(&offer, &reply);
        SHOWN(rows[i].want);
        if (i + 1 < sizeof rows / sizeof *rows)
            scene_end(state);
    }
}

/* RFC 3262 5 lets a 2xx say nothing new; a phone that still does may go by either. */
static void a_2xx_that_contradicts_the_reliable_answer(void **state)
{
    struct sdp secure = srtp(), plain = rtp(), other_way = held(srtp(), RL_DIR_SENDONLY);
    const struct {
        const struct sdp *early, *final;
        const char *want;
    } rows[] = {
        {&secure,    &secure, "lock"  },
        {&secure,    NULL,    "lock"  },
        {&other_way, &secure, "lock"  },
        {&secure,    &plain,  "shield"},
        {&plain,     &secure, "shield"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i)
            scene_begin(state);
        fact(A);
        fact(B);
        invite(&secure);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 183, .sdp = rows[i].early,
            .reliable = true);
        answer(rows[i].final);
        SHOWN(rows[i].want);
        if (i + 1 < sizeof rows / sizeof *rows)
            scene_end(state);
    }
}

static void an_early_answer_proves_nothing_while_the_2xx_is_missing(void **state)
{
    struct sdp secure = srtp(), plain = rtp();

    for (int near = 0; near < 2; near++) {
        if (near)
            scene_begin(state);
        fact(A);
        fact(B);
        invite(&secure);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 183, .sdp = &secure);
        SAY(.method = RL_M_ACK, .cseq = 1);
        SHOWN("shield");
        WHY(MEDIA_UNKNOWN, 0);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &plain,
            .hops = near ? HOP_NEAR : HOP_FAR);
        SHOWN("shield");
        if (!near)
            scene_end(state);
    }
}

/* An ACK cannot be challenged: whoever knows the tags can send one. */
static void an_answer_by_ack_must_come_from_the_caller(void **state)
{
    struct sdp secure = srtp(), plain = rtp();

    for (int forged_first = 0; forged_first < 2; forged_first++) {
        struct rl_addr caller;

        if (forged_first)
            scene_begin(state);
        caller = sc.at[A];
        fact(A);
        fact(B);
        invite(NULL);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .sdp = &secure);
        for (int i = 0; i < 2; i++) {
            bool forged = (i == 0) == forged_first;
            sc.at[A] = forged ? sc.at[C] : caller;
            sc.branch = forged;
            SAY(.method = RL_M_ACK, .cseq = 1, .sdp = forged ? &secure : &plain);
        }
        SHOWN("shield");
        if (!forged_first)
            scene_end(state);
    }
}

/* A line that many phones share. */
static void one_of_many_branches_answers(void **state)
{
    enum { PHONES = 120 };
    struct sdp s = srtp();
    char tag[8];

    (void)state;
    fact(A);
    fact(B);
    invite(&s);
    for (int i = 0; i < PHONES; i++) {
        snprintf(tag, sizeof tag, "t%d", i);
        SAY(.method = RL_M_INVITE, .cseq = 1, .initial = true, .sdp = &s, .hops = HOP_FAR,
            .branch = tag);
        SAY(.method = RL_M_INVITE, .cseq = 1, .status = 180, .to_tag = tag, .branch = tag);
    }
    SHOWN("ringing");
    snprintf(tag, sizeof tag, "t%d", PHONES - 5);
    SAY(.method = RL_M_INVITE, .cseq = 1, .status = 200, .to_tag = tag, .branch = tag, .sdp = &s);
    SHOWN("lock");
    assert_int_equal(rl_tracker_find(sc.t, sc.call)->nparties, 2);
}

#define SCENE(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(another_connection_proves_nothing_of_the_one_before),
        SCENE(answers_with_other_lines_than_the_offer),
        SCENE(a_2xx_that_contradicts_the_reliable_answer),
        SCENE(an_early_answer_proves_nothing_while_the_2xx_is_missing),
        SCENE(an_answer_by_ack_must_come_from_the_caller),
        SCENE(one_of_many_branches_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
