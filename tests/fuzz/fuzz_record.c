/* What the engine reads from feed, of which it must believe nothing: any bytes are a record, part
 * of one or none, and a record that was read writes and reads the same again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "feed/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(const struct rl_rec *rec)
{
    struct rl_buf b = {0}, again = {0};
    struct rl_rec copy;
    char text[RL_ADDR_TEXT];

    assert(strlen(rl_addr_text(&rec->src, text)) < RL_ADDR_TEXT);
    assert(rec->kind != RL_REC_SIP || rec->sip.nmedia <= RL_REC_MEDIA);
    rl_rec_encode(rec, &b);
    assert(rl_rec_decode((const uint8_t *)b.data, b.len, &copy) == (long)b.len);
    rl_rec_encode(&copy, &again);
    assert(b.len == again.len && memcmp(b.data, again.data, b.len) == 0);
    rl_buf_fini(&b);
    rl_buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_rec rec;
    long used;

    for (size_t at = 0; at < n && (used = rl_rec_decode(bytes + at, n - at, &rec)) > 0;
         at += (size_t)used) {
        assert((size_t)used <= n - at);
        check(&rec);
    }
    return 0;
}
