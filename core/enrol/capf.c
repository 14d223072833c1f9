/* A CAPF session: which message may come next. What it is answered, the engine says. */
#include "enrol/capf_wire.h"
#include "enrol/process.h"

enum step { AUTH, DECISION, KEY, CERTIFICATE, STORED, FETCHED, DELETED, VERDICT };

/* An answer of the phone: when it may come. Then the engine is asked. */
static const struct {
    uint8_t step, kind, next;
} answers[] = {
    {AUTH,    RL_ENR_AUTH,    DECISION   },
    {KEY,     RL_ENR_KEY,     CERTIFICATE},
    {STORED,  RL_ENR_STORED,  VERDICT    },
    {FETCHED, RL_ENR_FETCHED, VERDICT    },
    {DELETED, RL_ENR_DELETED, VERDICT    },
};

/* An order of the engine; END may come at any time. */
static const struct {
    uint8_t step, kind, next;
} orders[] = {
    {DECISION,    RL_ENR_KEYGEN, KEY    },
    {DECISION,    RL_ENR_FETCH,  FETCHED},
    {DECISION,    RL_ENR_DELETE, DELETED},
    {CERTIFICATE, RL_ENR_STORE,  STORED },
    {CERTIFICATE, RL_ENR_KEYGEN, KEY    }, /* another kind, as a second try */
};

static void begin(struct rl_conn *c)
{
    struct rl_enr hello = {.kind = RL_ENR_HELLO};
    struct rl_buf message = {0};

    rl_conn_number(c);
    hello.session = c->session;
    hello.hello = (struct rl_enr_hello){
        {c->ip, sizeof c->ip},
        c->port
    };
    rl_enrol_tell(c->enrol, &hello);
    c->step = AUTH;
    rl_wire_capf_write_hello(&message, c->session);
    rl_conn_send(c, &message);
}

/* A phone at work: it gets the time for its key anew, but never more than the session has. */
static bool in_progress(struct rl_conn *c, const struct rl_wire_capf_message *m)
{
    if (m->command != RL_WIRE_IN_PROGRESS)
        return false;
    if (c->step == KEY)
        rl_conn_wait(c, c->enrol->setup.key_ms);
    return true;
}

static bool answer(struct rl_conn *c, const struct rl_enr *rec)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i].step == c->step && answers[i].kind == rec->kind) {
            c->step = answers[i].next;
            rl_conn_wait(c, c->enrol->setup.session_ms); /* the engine's turn */
            rl_enrol_tell(c->enrol, rec);
            return true;
        }
    return false;
}

static long take(struct rl_conn *c, const uint8_t *bytes, size_t n)
{
    struct rl_wire_capf_message m;
    struct rl_enr rec;
    long used = rl_wire_capf_read(bytes, n, &m);

    if (used <= 0)
        return used;
    if (m.session != c->session)
        return -1;
    return in_progress(c, &m) || (rl_wire_capf_record(&m, &rec) && answer(c, &rec)) ? used : -1;
}

static void say_end(struct rl_conn *c, uint8_t reason)
{
    struct rl_enr end = {.kind = RL_ENR_END, .session = c->session, .end = {reason}};
    struct rl_buf message = {0};

    if (rl_wire_capf_write(&message, &end))
        rl_conn_send(c, &message);
}

static void end(struct rl_conn *c, enum rl_gone why)
{
    struct rl_enr gone = {.kind = RL_ENR_GONE, .session = c->session, .gone = {(uint8_t)why}};

    if (why == RL_GONE_TIMEOUT || why == RL_GONE_PROTOCOL)
        say_end(c, RL_CAPF_FAILED);
    rl_enrol_tell(c->enrol, &gone);
}

static bool obey(struct rl_conn *c, const struct rl_enr *order)
{
    struct rl_buf message = {0};

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (orders[i].step != c->step || orders[i].kind != order->kind)
            continue;
        if (!rl_wire_capf_write(&message, order))
            break;
        c->step = orders[i].next;
        rl_conn_wait(c, c->step == KEY ? c->enrol->setup.key_ms : c->enrol->setup.message_ms);
        rl_conn_send(c, &message);
        return true;
    }
    rl_buf_fini(&message);
    return false;
}

void rl_enrol_capf_order(struct rl_enrol *enrol, const struct rl_enr *order)
{
    struct rl_conn *c = rl_conn_find(enrol, RL_ENROL_CAPF, order->session);

    if (c == NULL)
        return; /* gone meanwhile, which the engine will hear */
    if (order->kind == RL_ENR_END) {
        say_end(c, order->end.reason);
        rl_conn_end(c, RL_GONE_ENDED);
    } else if (!obey(c, order)) {
        rl_conn_end(c, RL_GONE_PROTOCOL);
    }
}

const struct rl_conn_protocol rl_enrol_capf = {begin, take, end};
