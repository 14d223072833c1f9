/* What phones send to TVS: any bytes are a question, part of one or none; what the engine would be
 * told of it fits into a record, and comes out of that again. */
#include <assert.h>

#include "enrol/tvs_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(const struct rl_enr *rec)
{
    struct rl_buf b = {0};
    struct rl_enr copy;

    rl_enr_encode(rec, &b);
    assert(rl_enr_decode((const uint8_t *)b.data, b.len, &copy) == (long)b.len);
    assert(rec->kind == RL_ENR_VERIFY ? rec->ask.der.n > 0 : rec->ask.serial.n > 0);
    rl_buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_wire_tvs_message message;
    struct rl_enr rec;
    long used;

    for (size_t at = 0; at < n && (used = rl_wire_tvs_read(bytes + at, n - at, &message)) > 0;
         at += (size_t)used) {
        assert((size_t)used <= n - at);
        if (rl_wire_tvs_record(&message, &rec))
            check(&rec);
    }
    return 0;
}
