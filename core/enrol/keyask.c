#include "enrol/keyask.h"

void rl_keyask_encode(const struct rl_keyask *ask, struct rl_buf *out)
{
    rl_buf_addc(out, (char)ask->op);
    rl_buf_u16(out, ask->scheme);
    rl_buf_add(out, ask->fingerprint.p, RL_KEYASK_FINGERPRINT);
    rl_buf_add(out, ask->data.p, ask->data.n);
}

bool rl_keyask_decode(const uint8_t *bytes, size_t n, struct rl_keyask *ask)
{
    struct rl_cur c = rl_cur_make(bytes, n);

    ask->op = rl_cur_u8(&c);
    ask->scheme = rl_cur_u16(&c);
    ask->fingerprint =
        (struct rl_bytes){rl_cur_bytes(&c, RL_KEYASK_FINGERPRINT), RL_KEYASK_FINGERPRINT};
    ask->data = (struct rl_bytes){c.p, rl_cur_left(&c)};
    return !c.bad && ask->op <= RL_KEYASK_DECRYPT && ask->data.n > 0 && n <= RL_KEYASK_MAX;
}
