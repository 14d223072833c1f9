/* Sessions of phones by their numbers: who may speak, and what becomes of those who should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/enrolment.h"
#include "engine/engine.h"

struct heard {
    size_t n;
    uint32_t session;
    int kind, reason;
};

static void hear(void *ctx, const struct rl_enr *order)
{
    struct heard *h = ctx;
    h->n++;
    h->session = order->session;
    h->kind = order->kind;
    h->reason = order->kind == RL_ENR_END ? order->end.reason : -1;
}

static void say(struct rl_enrolment *en, int kind, uint32_t session)
{
    static const uint8_t ip[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
    struct rl_enr rec = {.kind = (uint8_t)kind, .session = session};
    if (kind == RL_ENR_HELLO)
        rec.hello.ip = (struct rl_bytes){ip, sizeof ip};
    rl_enrolment_take(en, &rec);
}

static size_t open_sessions(const struct rl_enrolment *en)
{
    struct rl_enrolment_status s;
    rl_enrolment_status(en, &s);
    return s.sessions;
}

static void sessions_come_and_go(void **state)
{
    struct rl_engine e = {0};
    struct heard h = {0};
    struct rl_enrolment *en = rl_enrolment_new(&e, hear, &h);
    (void)state;
    for (uint32_t id = 1; id <= 100; id++)
        say(en, RL_ENR_HELLO, id);
    assert_int_equal(open_sessions(en), 100);
    say(en, RL_ENR_GONE, 50);
    say(en, RL_ENR_GONE, 50);
    assert_int_equal(open_sessions(en), 99);
    say(en, RL_ENR_GONE, 0); /* enrol itself ended */
    assert_int_equal(open_sessions(en), 0);
    assert_int_equal(h.n, 0);
    rl_enrolment_free(&en);
}

/* What does not come in its turn ends the session, once; what nobody began is left alone. */
static void out_of_turn_is_the_end(void **state)
{
    struct rl_engine e = {0};
    struct heard h = {0};
    struct rl_enrolment *en = rl_enrolment_new(&e, hear, &h);
    (void)state;
    say(en, RL_ENR_KEY, 9);
    assert_int_equal(h.n, 0);
    say(en, RL_ENR_HELLO, 9);
    say(en, RL_ENR_STORED, 9);
    assert_int_equal(h.n, 1);
    assert_int_equal(h.session, 9);
    assert_int_equal(h.kind, RL_ENR_END);
    assert_int_equal(h.reason, RL_CAPF_FAILED);
    say(en, RL_ENR_AUTH, 9);
    assert_int_equal(h.n, 1);
    say(en, RL_ENR_GONE, 9);
    assert_int_equal(open_sessions(en), 0);
    rl_enrolment_free(&en);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_come_and_go),
        cmocka_unit_test(out_of_turn_is_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
