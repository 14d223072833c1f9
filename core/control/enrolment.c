#include "control/enrolment.h"

#include <stdlib.h>
#include <string.h>

#include "control/capf_step.h"
#include "control/capf_sweep.h"
#include "control/lockout.h"
#include "control/work.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "ringlock/hash.h"

enum { BATCH = 64 };
#define TOLD_US  1000000LL
#define SWEEP_US 10000000LL

struct session {
    struct rl_capf_session known;
    uint8_t ip[RL_LOCKOUT_IP];
    bool busy;  /* a step is under way */
    bool ended; /* END was sent */
    bool gone;
    uint8_t why; /* it is gone */
};

/* Steps one behind the other. */
struct line {
    struct rl_capf_step *first, *last;
};

struct rl_enrolment {
    struct rl_engine *engine;
    rl_enrolment_send_fn send;
    void *ctx;
    struct rl_map sessions; /* by their numbers; owned */
    struct rl_map phones;   /* by the hash of a name: the session that proved to be it */
    struct line waiting;    /* to be thought about */
    bool thinking;          /* a thread is at some */
    struct line done;       /* to be written */
    struct rl_lockout *lockout;
    struct rl_enrolment_status counts;
    int64_t told_us, swept_us;
    bool untold;
};

/* --- lines --- */

static void put(struct line *line, struct rl_capf_step *step)
{
    step->next = NULL;
    if (line->first)
        line->last->next = step;
    else
        line->first = step;
    line->last = step;
}

static struct rl_capf_step *take(struct line *line)
{
    struct rl_capf_step *step = line->first;
    if (step)
        line->first = step->next;
    return step;
}

static void drop(struct line *line)
{
    for (struct rl_capf_step *step; (step = take(line)) != NULL;)
        rl_capf_step_free(&step);
}

/* --- sessions --- */

static void forget_phone(struct rl_enrolment *en, const struct session *s)
{
    uint64_t key = rl_hash(s->known.phone, strlen(s->known.phone));
    if (*s->known.phone && rl_map_get(&en->phones, key) == s)
        rl_map_remove(&en->phones, key);
}

static void forget(struct rl_enrolment *en, struct session *s)
{
    forget_phone(en, s);
    rl_map_remove(&en->sessions, s->known.id);
    free(s);
}

static void end_session(struct rl_enrolment *en, struct session *s, int reason)
{
    const struct rl_enr order = {
        .kind = RL_ENR_END, .session = s->known.id, .end.reason = (uint8_t)reason};
    s->ended = true;
    s->known.waits = 0;
    en->send(en->ctx, &order);
}

/* It is the phone's only session from now on. */
static void claim(struct rl_enrolment *en, struct session *s)
{
    uint64_t key = rl_hash(s->known.phone, strlen(s->known.phone));
    struct session *other = rl_map_get(&en->phones, key);
    if (other && other != s && !other->ended)
        end_session(en, other, RL_CAPF_FAILED);
    rl_map_put(&en->phones, key, s);
}

/* --- rules --- */

static struct rl_capf_rules rules_of(const struct rl_config *c)
{
    return (struct rl_capf_rules){.tries = (int)c->capf_tries,
                                  .lock_us = c->capf_lock_us,
                                  .days = (int)c->capf_lsc_days,
                                  .sha1 = !rl_policy_capf_sha256(c->capf_release),
                                  .model_names = c->capf_lsc_subject == RL_LSC_OF_MODEL};
}

/* --- consoles --- */

static void tell(struct rl_enrolment *en)
{
    struct rl_rpc *rpc = en->engine->rpc;
    int64_t now = rl_monotonic_us();
    if (!en->untold || !rpc || now - en->told_us < TOLD_US)
        return;
    en->untold = false;
    en->told_us = now;
    struct rl_peer *next;
    for (struct rl_peer *p = rl_rpc_peers(rpc); p; p = next) {
        next = p->next;
        if (p->greeted)
            rl_peer_notify(p, "capf", json_object());
    }
}

void rl_enrolment_changed(struct rl_enrolment *en)
{
    en->untold = true;
    tell(en);
}

/* --- steps --- */

static void pump(struct rl_enrolment *en);

static void add_step(struct rl_enrolment *en, struct session *s, const struct rl_enr *rec)
{
    struct rl_capf_step *step = rl_capf_step_new(&s->known, rec);
    step->rules = rules_of(&en->engine->config);
    step->now_us = rl_now_us();
    step->address_locked = rl_lockout_is(en->lockout, s->ip, rl_monotonic_us());
    s->busy = true;
    s->known.waits = 0;
    put(&en->waiting, step);
    pump(en);
}

/* The connection is gone: what was under way ends with it. */
static void end_gone(struct rl_enrolment *en, struct session *s)
{
    if (!s->ended && *s->known.phone &&
        rl_map_get(&en->phones, rl_hash(s->known.phone, strlen(s->known.phone))) == s) {
        const struct rl_enr rec = {.kind = RL_ENR_GONE, .session = s->known.id, .gone.why = s->why};
        s->ended = true;
        add_step(en, s, &rec);
    } else {
        forget(en, s);
    }
}

/* What the phone may say next. */
static uint8_t awaited(const struct rl_enr *order)
{
    static const uint8_t answers[RL_ENR_KINDS] = {[RL_ENR_KEYGEN] = RL_ENR_KEY,
                                                  [RL_ENR_STORE] = RL_ENR_STORED,
                                                  [RL_ENR_FETCH] = RL_ENR_FETCHED,
                                                  [RL_ENR_DELETE] = RL_ENR_DELETED};
    return answers[order->kind];
}

static void count(struct rl_enrolment *en, const struct rl_capf_step *step, const uint8_t *ip)
{
    const struct rl_config *c = &en->engine->config;
    if (step->login && step->verdict.counts)
        rl_lockout_failed(en->lockout, ip, (int)c->capf_address_tries, c->capf_lock_us,
                          rl_monotonic_us());
    if (step->ends && step->outcome.state == RL_CAPF_SUCCESS)
        en->counts.done++;
    else if (step->ends || step->login)
        en->counts.failed++;
}

/* Answer the phone. */
static void answer(struct rl_enrolment *en, struct rl_capf_step *step)
{
    struct session *s = rl_map_get(&en->sessions, step->session.id);
    bool proved = s && !*s->known.phone && *step->session.phone;
    if (!s)
        return;
    count(en, step, s->ip);
    s->busy = false;
    s->known = step->session;
    if (proved && !s->ended)
        claim(en, s);
    if (s->gone) {
        end_gone(en, s);
    } else if (!step->answer.session) {
        end_session(en, s, RL_CAPF_FAILED); /* nobody could think of it */
    } else if (!s->ended) {
        s->ended = step->answer.kind == RL_ENR_END;
        s->known.waits = awaited(&step->answer);
        en->send(en->ctx, &step->answer);
    }
}

static void tell_filed(struct rl_enrolment *en, const struct rl_capf_step *step)
{
    for (size_t i = 0; step->written && i < step->nfiled; i++)
        rl_engine_certificate_changed(en->engine, &step->filed[i]);
}

static void write_one(struct rl_enrolment *en, struct rl_capf_step *step)
{
    static const char *const accepted[] = {"W-SECURITY-LOST", NULL};
    struct rl_engine *e = en->engine;
    const struct rl_act act = {.store = e->store,
                               .audit = &e->auditor,
                               .who = "capf",
                               .accepted = accepted,
                               .mixed = e->mixed};
    struct rl_err err;
    if (step->writes && rl_capf_step_write(step, &act, &err) != RL_OK)
        rl_log_err(RL_LOG_WARNING, &err);
}

/* Nothing that was to be kept is kept: none of them may go on. */
static void take_back(struct line *line)
{
    for (struct rl_capf_step *step = line->first; step; step = step->next) {
        step->written = false;
        if (step->writes && step->answer.session)
            step->answer = (struct rl_enr){
                .kind = RL_ENR_END, .session = step->session.id, .end.reason = RL_CAPF_FAILED};
    }
}

static void write_all(struct rl_enrolment *en, struct line *line)
{
    struct rl_engine *e = en->engine;
    struct rl_err err;
    enum rl_code code = rl_store_begin_many(e->store, &err);
    for (struct rl_capf_step *step = line->first; step && code == RL_OK; step = step->next)
        write_one(en, step);
    if (code == RL_OK && (code = rl_store_commit_many(e->store, &err)) != RL_OK)
        rl_store_rollback_many(e->store);
    if (code != RL_OK) {
        rl_log_err(RL_LOG_ERROR, &err);
        take_back(line);
    }
    rl_engine_after_change(e);
    rl_enrolment_changed(en);
}

/* What waits to be written, unless somebody else writes: then with the next tick. */
static void flush(struct rl_enrolment *en)
{
    struct line line = en->done;
    bool writes = false;
    for (struct rl_capf_step *step = line.first; step; step = step->next)
        writes |= step->writes;
    if (!line.first || (writes && !rl_engine_may_write(en->engine)))
        return;
    en->done = (struct line){0};
    if (writes)
        write_all(en, &line);
    for (struct rl_capf_step *step; (step = take(&line)) != NULL;) {
        tell_filed(en, step);
        answer(en, step);
        rl_capf_step_free(&step);
    }
}

/* --- the thread --- */

struct batch {
    struct rl_enrolment *enrolment;
    struct rl_ring *ring; /* shared */
    struct line line;
};

static json_t *think(struct rl_request *rq)
{
    struct batch *b = rq->ctx;
    for (struct rl_capf_step *step = b->line.first; step; step = step->next)
        rl_capf_step_think(step, rq->store, b->ring);
    return NULL;
}

static json_t *thought(struct rl_request *rq, json_t *result)
{
    struct batch *b = rq->ctx;
    struct rl_enrolment *en = b->enrolment;
    en->thinking = false;
    for (struct rl_capf_step *step; (step = take(&b->line)) != NULL;)
        put(&en->done, step);
    rl_ring_free(&b->ring);
    free(b);
    flush(en);
    pump(en);
    return result;
}

static void pump(struct rl_enrolment *en)
{
    static const struct rl_work thinking = {.urgent = true, .run = think, .finish = thought};
    if (en->thinking || !en->waiting.first || en->engine->stopping)
        return;
    struct batch *b = rl_alloc(sizeof *b);
    b->enrolment = en;
    b->ring = rl_ring_take(en->engine);
    for (int i = 0; i < BATCH && en->waiting.first; i++)
        put(&b->line, take(&en->waiting));
    en->thinking = true;
    rl_works_do(en->engine, &thinking, b);
}

/* --- records --- */

static void hello(struct rl_enrolment *en, const struct rl_enr *rec)
{
    struct session *s = rl_map_get(&en->sessions, rec->session);
    if (s || rec->session == 0 || rec->hello.ip.n != RL_LOCKOUT_IP)
        return;
    s = rl_alloc(sizeof *s);
    s->known.id = rec->session;
    s->known.waits = RL_ENR_AUTH;
    memcpy(s->ip, rec->hello.ip.p, RL_LOCKOUT_IP);
    rl_map_put(&en->sessions, rec->session, s);
    if (rl_lockout_is(en->lockout, s->ip, rl_monotonic_us()))
        end_session(en, s, RL_CAPF_FAILED);
}

static void gone(struct rl_enrolment *en, struct session *s, uint8_t why)
{
    s->gone = true;
    s->why = why;
    if (!s->busy)
        end_gone(en, s);
}

static void all_gone(struct rl_enrolment *en)
{
    struct session **all = rl_alloc((en->sessions.n + 1) * sizeof(struct session *));
    size_t n = 0;
    for (size_t i = 0; i < en->sessions.cap; i++)
        if (en->sessions.slot[i].value)
            all[n++] = en->sessions.slot[i].value;
    for (size_t i = 0; i < n; i++)
        if (!all[i]->gone)
            gone(en, all[i], RL_GONE_CLOSED);
    free(all);
}

void rl_enrolment_take(struct rl_enrolment *en, const struct rl_enr *rec)
{
    struct session *s = rl_map_get(&en->sessions, rec->session);
    if (rec->kind == RL_ENR_HELLO)
        hello(en, rec);
    else if (rec->kind == RL_ENR_GONE && rec->session == 0)
        all_gone(en);
    else if (!s || s->gone)
        return;
    else if (rec->kind == RL_ENR_GONE)
        gone(en, s, rec->gone.why);
    else if (rec->kind == s->known.waits && !s->ended)
        add_step(en, s, rec);
    else if (!s->ended)
        end_session(en, s, RL_CAPF_FAILED);
}

/* --- the rest --- */

void rl_enrolment_tick(struct rl_enrolment *en, int64_t now_us)
{
    flush(en);
    pump(en);
    tell(en);
    if (now_us - en->swept_us < SWEEP_US || !rl_engine_may_write(en->engine))
        return;
    en->swept_us = now_us;
    if (rl_capf_sweep(en->engine))
        rl_enrolment_changed(en);
}

bool rl_enrolment_is_on(const struct rl_engine *engine)
{
    return *engine->config.listen_capf != '\0';
}

void rl_enrolment_status(const struct rl_enrolment *en, struct rl_enrolment_status *out)
{
    *out = en->counts;
    out->sessions = en->sessions.n;
    out->locked_addresses = rl_lockout_count(en->lockout, rl_monotonic_us());
}

struct rl_enrolment *rl_enrolment_new(struct rl_engine *engine, rl_enrolment_send_fn send,
                                      void *ctx)
{
    struct rl_enrolment *en = rl_alloc(sizeof *en);
    en->engine = engine;
    en->send = send;
    en->ctx = ctx;
    en->lockout = rl_lockout_new();
    return en;
}

void rl_enrolment_free(struct rl_enrolment **at)
{
    struct rl_enrolment *en = *at;
    if (!en)
        return;
    drop(&en->waiting);
    drop(&en->done);
    for (size_t i = 0; i < en->sessions.cap; i++)
        free(en->sessions.slot[i].value);
    rl_map_fini(&en->sessions);
    rl_map_fini(&en->phones);
    rl_lockout_free(&en->lockout);
    free(en);
    *at = NULL;
}
