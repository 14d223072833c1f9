/* A TVS connection: questions one after another, until the phone closes or says nothing more. */
#include "enrol/process.h"
#include "enrol/tvs_wire.h"

static void begin(struct rl_conn *c)
{
    rl_conn_number(c);
}

static long take(struct rl_conn *c, const uint8_t *bytes, size_t n)
{
    struct rl_wire_tvs_message m;
    struct rl_enr rec;

    if (c->deaf)
        return 0;
    long used = rl_wire_tvs_read(bytes, n, &m);
    if (used <= 0)
        return used;
    if (!rl_wire_tvs_record(&m, &rec))
        return -1;
    c->command = m.command;
    c->asked = m.session;
    c->deaf = true;
    rec.session = c->session;
    rl_enrol_tell(c->enrol, &rec);
    return used;
}

static void end(struct rl_conn *c, enum rl_gone why)
{
    (void)c, (void)why; /* there is no message for it */
}

void rl_enrol_tvs_answer(struct rl_enrol *enrol, const struct rl_enr *answer)
{
    struct rl_conn *c = rl_conn_find(enrol, RL_ENROL_TVS, answer->session);
    struct rl_buf message = {0};

    if (c == NULL || !c->deaf)
        return;
    rl_wire_tvs_write(&message, c->command, c->asked, &answer->answer);
    rl_conn_send(c, &message);
    rl_conn_wait(c, enrol->setup.message_ms);
    rl_conn_hear(c);
}

const struct rl_conn_protocol rl_enrol_tvs = {begin, take, end};
