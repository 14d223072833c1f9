#include "enrol/wire.h"

bool rl_wire_read(const uint8_t *bytes, size_t n, struct rl_wire_body *body)
{
    struct rl_cur c = rl_cur_make(bytes, n);

    *body = (struct rl_wire_body){0};
    while (rl_cur_left(&c) > 0) {
        unsigned tag = rl_cur_u8(&c);
        uint16_t length = rl_cur_u16(&c);
        const uint8_t *value = rl_cur_bytes(&c, length);
        if (tag < RL_WIRE_TAGS)
            body->element[tag] = (struct rl_bytes){value, length};
    }
    return !c.bad;
}

uint8_t rl_wire_u8(const struct rl_wire_body *body, unsigned tag, bool *bad)
{
    const struct rl_bytes *e = &body->element[tag];

    if (e->p == NULL)
        return 0;
    if (e->n != 1) {
        *bad = true;
        return 0;
    }
    return e->p[0];
}

struct rl_bytes rl_wire_text(const struct rl_wire_body *body, unsigned tag)
{
    struct rl_bytes e = body->element[tag];

    if (e.n > 0 && e.p[e.n - 1] == '\0')
        e.n--;
    return e;
}

void rl_wire_put(struct rl_buf *out, unsigned tag, const void *value, size_t n)
{
    rl_buf_addc(out, (char)tag);
    rl_buf_u16(out, (uint16_t)n);
    rl_buf_add(out, value, n);
}

void rl_wire_put_u8(struct rl_buf *out, unsigned tag, uint8_t value)
{
    rl_wire_put(out, tag, &value, 1);
}
