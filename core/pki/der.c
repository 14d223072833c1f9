#include "pki/der.h"

enum { LONG_FORM = 0x80, LENGTH_BYTES = 0x7f };

uint8_t rl_der_head(struct rl_cur *cur, size_t *length)
{
    uint8_t tag = rl_cur_u8(cur), first = rl_cur_u8(cur);
    *length = first;
    if (first & LONG_FORM) {
        *length = 0;
        for (int n = first & LENGTH_BYTES; n > 0 && !cur->bad; n--)
            *length = *length << 8 | rl_cur_u8(cur);
    }
    return tag;
}

bool rl_der_enter(struct rl_cur *cur, uint8_t tag, struct rl_cur *behind)
{
    size_t length;
    bool right = rl_der_head(cur, &length) == tag;
    const uint8_t *value = rl_cur_bytes(cur, length);
    cur->bad |= !right;
    if (behind)
        *behind = *cur;
    if (cur->bad)
        return false;
    *cur = rl_cur_make(value, length);
    return true;
}
