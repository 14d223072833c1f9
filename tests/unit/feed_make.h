/* For the tests of feed: HEPv3 packets made by hand, and texts of records compared. */
#ifndef RL_TESTS_FEED_MAKE_H
#define RL_TESTS_FEED_MAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "feed/parse.h"

static inline void put_chunk(struct rl_buf *b, uint16_t vendor, uint16_t type, const void *data,
                             size_t n)
{
    rl_buf_u16(b, vendor);
    rl_buf_u16(b, type);
    rl_buf_u16(b, (uint16_t)(n + 6));
    rl_buf_add(b, data, n);
}

/* Writes the total length into a packet that begins at the buffer's begin. */
static inline void set_length(struct rl_buf *b)
{
    b->data[4] = (char)(b->len >> 8);
    b->data[5] = (char)b->len;
}

/* A packet as the SIP server sends it: 127.0.0.1:43511 to 127.0.0.1:5061 over TLS, key "key". */
static inline void put_packet(struct rl_buf *b, uint8_t type, const void *payload, size_t n)
{
    rl_buf_add(b, "HEP3\0\0", 6);
    put_chunk(b, 0, 0x01, "\x02", 1);
    put_chunk(b, 0, 0x02, "\x16", 1);
    put_chunk(b, 0, 0x03, "\x7f\0\0\x01", 4);
    put_chunk(b, 0, 0x04, "\x7f\0\0\x01", 4);
    put_chunk(b, 0, 0x07, "\xa9\xf7", 2);
    put_chunk(b, 0, 0x08, "\x13\xc5", 2);
    put_chunk(b, 0, 0x09, "\0\0\0\x02", 4);
    put_chunk(b, 0, 0x0a, "\0\0\0\x07", 4);
    put_chunk(b, 0, 0x0b, &type, 1);
    put_chunk(b, 0, 0x0e, "key", 3);
    put_chunk(b, 0, 0x11, "corr-1", 6);
    put_chunk(b, 0, 0x0f, payload, n);
    set_length(b);
}

static inline void assert_text(struct rl_str s, const char *want)
{
    char text[8192];

    assert_true(s.n < sizeof text);
    memcpy(text, s.n > 0 ? s.p : "", s.n);
    text[s.n] = '\0';
    assert_string_equal(text, want);
}

#endif
