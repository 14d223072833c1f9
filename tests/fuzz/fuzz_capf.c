/* What phones send to CAPF: any bytes are a message, part of one or none; what the engine would be
 * told of it fits into a record, and comes out of that again. */
#include <assert.h>

#include "enrol/capf_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(const struct rl_enr *rec)
{
    struct rl_buf b = {0};
    struct rl_enr copy;

    rl_enr_encode(rec, &b);
    assert(rl_enr_decode((const uint8_t *)b.data, b.len, &copy) == (long)b.len);
    assert(copy.kind == rec->kind && copy.session == rec->session);
    assert(rec->kind != RL_ENR_AUTH || rec->auth.device.n > 0);
    rl_buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_wire_capf_message message;
    struct rl_enr rec;
    long used;

    for (size_t at = 0; at < n && (used = rl_wire_capf_read(bytes + at, n - at, &message)) > 0;
         at += (size_t)used) {
        assert((size_t)used <= n - at);
        if (rl_wire_capf_record(&message, &rec))
            check(&rec);
    }
    return 0;
}
