/* What engine and enrol read from each other, of which neither must believe anything: any bytes are
 * a record, part of one or none, and a record that was read writes and reads the same again. */
#include <assert.h>
#include <string.h>

#include "enrol/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(const struct rl_enr *rec)
{
    struct rl_buf b = {0}, again = {0};
    struct rl_enr copy;

    rl_enr_encode(rec, &b);
    assert(rl_enr_decode((const uint8_t *)b.data, b.len, &copy) == (long)b.len);
    rl_enr_encode(&copy, &again);
    assert(b.len == again.len && memcmp(b.data, again.data, b.len) == 0);
    rl_buf_fini(&b);
    rl_buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_enr rec;
    long used;

    for (size_t at = 0; at < n && (used = rl_enr_decode(bytes + at, n - at, &rec)) > 0;
         at += (size_t)used) {
        assert((size_t)used <= n - at);
        check(&rec);
    }
    return 0;
}
