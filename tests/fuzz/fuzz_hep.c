/* Feed's parser: the first byte tells what the rest is - a datagram, a SIP message, an SDP body or
 * a log event. Whatever becomes a record keeps the promises of record.h and comes back from its
 * encoding. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "feed/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char sdp_head[] = "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS "
                               "example.com;branch=z9hG4bK1\r\nFrom: <sip:a@example.com>;tag=1\r\n"
                               "To: <sip:b@example.com>;tag=2\r\nCall-ID: c\r\nCSeq: 1 "
                               "INVITE\r\nContent-Type: application/sdp\r\n\r\n";

static void put_chunk(struct rl_buf *b, uint16_t type, const void *data, size_t n)
{
    rl_buf_u16(b, 0);
    rl_buf_u16(b, type);
    rl_buf_u16(b, (uint16_t)(n + 6));
    rl_buf_add(b, data, n);
}

/* A packet of payload type 1 (SIP) around head and bytes. */
static void wrap(struct rl_buf *b, const char *head, const uint8_t *bytes, size_t n)
{
    struct rl_buf payload = {0};

    rl_buf_adds(&payload, head);
    rl_buf_add(&payload, bytes, n);
    if (payload.len > 65000)
        payload.len = 65000;
    rl_buf_add(b, "HEP3\0\0", 6);
    put_chunk(b, 0x01, "\x02", 1);
    put_chunk(b, 0x02, "\x16", 1);
    put_chunk(b, 0x03, "\x7f\0\0\x01", 4);
    put_chunk(b, 0x04, "\x7f\0\0\x01", 4);
    put_chunk(b, 0x07, "\xa9\xf7", 2);
    put_chunk(b, 0x08, "\x13\xc5", 2);
    put_chunk(b, 0x0b, "\x01", 1);
    put_chunk(b, 0x0f, payload.data, payload.len);
    b->data[4] = (char)(b->len >> 8);
    b->data[5] = (char)b->len;
    rl_buf_fini(&payload);
}

static void check_sip(const struct rl_rec_sip *s)
{
    assert(s->call_id.n > 0 && s->vias > 0);
    assert(s->request ? s->status == 0 : s->status >= 100 && s->status < 700);
    assert(s->nmedia <= RL_REC_MEDIA && (s->sdp == RL_SDP_OK || s->nmedia == 0));
    for (size_t i = 0; i < s->nmedia; i++)
        assert(s->media[i].tags == 0 || (s->media[i].flags & RL_MF_CRYPTO));
}

static void check(const struct rl_rec *rec)
{
    struct rl_buf once = {0}, twice = {0};
    struct rl_rec again;

    if (rec->kind == RL_REC_SIP)
        check_sip(&rec->sip);
    else
        assert(rec->fact.fp.n == 0 || rec->fact.fp.n == 64);
    rl_rec_encode(rec, &once);
    assert(rl_rec_decode((const uint8_t *)once.data, once.len, &again) == (long)once.len);
    rl_rec_encode(&again, &twice);
    assert(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    rl_buf_fini(&once);
    rl_buf_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct rl_parser
        *parser; /* one for all, as in feed: nothing may stay behind from the last message */
    struct rl_buf b = {0};
    struct rl_rec rec;
    enum rl_feed_result result;

    if (n == 0)
        return 0;
    if (parser == NULL)
        parser = rl_parser_new(&(struct rl_feed_config){.correlation_header = "X-Call"});
    if (*bytes == 'f') {
        result = rl_parse_fact(parser, (const char *)bytes + 1, n - 1, &rec);
    } else if (*bytes == 's' || *bytes == 'd') {
        wrap(&b, *bytes == 's' ? "" : sdp_head, bytes + 1, n - 1);
        result = rl_parse(parser, (const uint8_t *)b.data, b.len, &rec);
    } else {
        result = rl_parse(parser, bytes + 1, n - 1, &rec);
    }
    if (result == RL_FEED_RECORD)
        check(&rec);
    rl_buf_fini(&b);
    return 0;
}
