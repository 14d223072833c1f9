#include "enrol/tvs_wire.h"

#include <ctype.h>

enum { PROTOCOL = 0x57, VERSION = 1, HEAD = 10, TEXT_MAX = 255, NAME_MAX = 2048, SERIAL_MAX = 64 };

enum tag {
    DEVICE_NAME = 1,
    CERTIFICATE = 2,
    SUBJECT = 3,
    ISSUER = 4,
    SERIAL = 5,
    UNKNOWN_6 = 6,
    STATUS = 7,
    ROLES = 8,
    TTL = 9
};

long rl_wire_tvs_read(const uint8_t *bytes, size_t n, struct rl_wire_tvs_message *message)
{
    struct rl_cur c = rl_cur_make(bytes, n);

    if ((n > 0 && bytes[0] != PROTOCOL) || (n > 1 && bytes[1] > VERSION))
        return -1;
    if (n < HEAD)
        return 0;
    rl_cur_u16(&c);
    message->command = rl_cur_u8(&c);
    rl_cur_u8(&c); /* phones send 0, CUCM f7: reserved */
    message->session = rl_cur_u32(&c);
    size_t length = rl_cur_u16(&c);
    if (length > RL_WIRE_BODY_MAX)
        return -1;
    if (rl_cur_left(&c) < length)
        return 0;
    return rl_wire_read(bytes + HEAD, length, &message->body) ? (long)(HEAD + length) : -1;
}

/* "CN=...": an attribute type and what stands for it. */
static bool is_name(const struct rl_bytes *e)
{
    size_t i = 0;

    while (i < e->n && (isalnum(e->p[i]) || e->p[i] == '.' || e->p[i] == '-'))
        i++;
    return i > 0 && i + 1 < e->n && e->p[i] == '=';
}

/* Which tags issuer and serial number have is not known for certain: the value tells. Where both
 * could be names, 4 is the issuer. */
static bool read_query(const struct rl_wire_body *body, struct rl_enr_ask *ask)
{
    for (unsigned tag = ISSUER; tag <= UNKNOWN_6; tag++) {
        const struct rl_bytes *e = &body->element[tag];
        if (e->p == NULL)
            continue;
        if (ask->issuer.p == NULL && is_name(e))
            ask->issuer = rl_wire_text(body, tag);
        else if (ask->serial.p == NULL)
            ask->serial = *e;
    }
    ask->subject = rl_wire_text(body, SUBJECT);
    return ask->issuer.p != NULL && ask->issuer.n <= NAME_MAX && ask->subject.n <= NAME_MAX &&
           ask->serial.n > 0 && ask->serial.n <= SERIAL_MAX;
}

bool rl_wire_tvs_record(const struct rl_wire_tvs_message *question, struct rl_enr *rec)
{
    const struct rl_wire_body *body = &question->body;
    bool query = question->command == RL_WIRE_QUERY_REQUEST;
    struct rl_enr_ask ask = {.device = rl_wire_text(body, DEVICE_NAME)};

    if (ask.device.n < 2 || ask.device.n > TEXT_MAX)
        return false;
    ask.device.p++; /* always 01, of unknown meaning */
    ask.device.n--;
    if (!query)
        ask.der = body->element[CERTIFICATE];
    *rec = (struct rl_enr){.kind = query ? RL_ENR_QUERY : RL_ENR_VERIFY};
    bool good = query ? read_query(body, &ask)
                      : question->command == RL_WIRE_VERIFY_REQUEST && ask.der.n > 0;
    rec->ask = ask;
    return good;
}

void rl_wire_tvs_write(struct rl_buf *out, uint8_t question, uint32_t session,
                       const struct rl_enr_answer *answer)
{
    rl_buf_addc(out, PROTOCOL);
    rl_buf_addc(out, VERSION);
    rl_buf_addc(out, question == RL_WIRE_QUERY_REQUEST ? RL_WIRE_QUERY_RESPONSE
                                                       : RL_WIRE_VERIFY_RESPONSE);
    rl_buf_addc(out, 0);
    rl_buf_u32(out, session);
    rl_buf_u16(out, 0);

    size_t body = out->len;
    rl_wire_put_u8(out, STATUS, answer->status);
    if (answer->status == 0) {
        uint32_t t = answer->ttl;
        uint8_t ttl[] = {(uint8_t)(t >> 24), (uint8_t)(t >> 16), (uint8_t)(t >> 8), (uint8_t)t};
        if (question == RL_WIRE_QUERY_REQUEST)
            rl_wire_put(out, CERTIFICATE, answer->der.p, answer->der.n);
        rl_wire_put(out, ROLES, answer->roles.p, answer->roles.n);
        rl_wire_put(out, TTL, ttl, sizeof ttl);
    }
    out->data[body - 2] = (char)((out->len - body) >> 8);
    out->data[body - 1] = (char)(out->len - body);
}
