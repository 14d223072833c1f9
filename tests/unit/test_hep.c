#include "feed_make.h"

static const char options[] =
    "OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP example.com;branch=z9hG4bK1\r\n"
    "From: <sip:a@example.com>;tag=1\r\nTo: <sip:a@example.com>\r\n"
    "Call-ID: c1\r\nCSeq: 1 OPTIONS\r\n\r\n";

static struct rl_parser *parser;

static int setup(void **state)
{
    (void)state;
    parser = rl_parser_new(&(struct rl_feed_config){.key = "key"});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rl_parser_free(&parser);
    return 0;
}

static enum rl_feed_result parse(const struct rl_buf *b, struct rl_rec *rec)
{
    return rl_parse(parser, (const uint8_t *)b->data, b->len, rec);
}

static void a_packet_is_read(void **state)
{
    struct rl_buf b = {0};
    struct rl_rec rec;
    char text[RL_ADDR_TEXT];

    (void)state;
    put_packet(&b, 1, options, sizeof options - 1);
    assert_int_equal(parse(&b, &rec), RL_FEED_RECORD);
    assert_int_equal(rec.kind, RL_REC_SIP);
    assert_false(rec.listed);
    assert_int_equal(rec.time_us, 2000007);
    assert_string_equal(rl_addr_text(&rec.src, text), "tls:127.0.0.1:43511");
    assert_string_equal(rl_addr_text(&rec.dst, text), "tls:127.0.0.1:5061");
    assert_text(rec.hep_correlation, "corr-1");
    assert_int_equal(rec.sip.method, RL_M_OPTIONS);
    rl_buf_fini(&b);
}

/* A chunk appended to a packet whose payload came before. */
static void further_chunks(void **state)
{
    static const struct {
        uint16_t vendor, type;
        const char *data;
        size_t n;
        enum rl_feed_result result;
    } rows[] = {
        {0x1234, 0x0001, "zz",           2, RL_FEED_RECORD   }, /* another vendor's */
        {0,      0x0012, "\0\x05",       2, RL_FEED_RECORD   }, /* VLAN: not read */
        {0,      0xffff, "",             0, RL_FEED_RECORD   },
        {0,      0x000d, "\0\0",         2, RL_FEED_RECORD   }, /* keep-alive seconds: not read */
        {0,      0x000c, "\0\0\x07\xd1", 4, RL_FEED_RECORD   },
        {0,      0x0001, "\x02",         1, RL_FEED_BAD_FRAME}, /* twice */
        {0,      0x000e, "key",          3, RL_FEED_BAD_FRAME},
        {0,      0x000f, "x",            1, RL_FEED_BAD_FRAME},
        {0,      0x0005, "short",        5, RL_FEED_BAD_FRAME}, /* an IPv6 address of five bytes */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_buf b = {0};
        struct rl_rec rec;
        put_packet(&b, 1, options, sizeof options - 1);
        put_chunk(&b, rows[i].vendor, rows[i].type, rows[i].data, rows[i].n);
        set_length(&b);
        if (parse(&b, &rec) != rows[i].result)
            fail_msg("row %zu: chunk %04x of vendor %04x", i, rows[i].type, rows[i].vendor);
        rl_buf_fini(&b);
    }
}

/* One byte changed. A packet begins: 0 magic, 4 length, 6 chunk (family), its length at 10, its
 * value at 12; 13 chunk (protocol), value at 19. */
static void changed_bytes(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
        enum rl_feed_result result;
    } rows[] = {
        {0,  'h',  RL_FEED_BAD_FRAME},
        {3,  '2',  RL_FEED_BAD_FRAME},
        {4,  0xff, RL_FEED_BAD_FRAME},
        {5,  7,    RL_FEED_BAD_FRAME},
        {11, 0,    RL_FEED_BAD_FRAME},
        {11, 5,    RL_FEED_BAD_FRAME},
        {11, 6,    RL_FEED_BAD_FRAME},
        {10, 0xff, RL_FEED_BAD_FRAME},
        {12, 10,   RL_FEED_BAD_FRAME},
        {12, 3,    RL_FEED_BAD_FRAME},
        {19, 17,   RL_FEED_RECORD   },
        {19, 99,   RL_FEED_RECORD   },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_buf b = {0};
        struct rl_rec rec;
        put_packet(&b, 1, options, sizeof options - 1);
        b.data[rows[i].at] = (char)rows[i].value;
        if (parse(&b, &rec) != rows[i].result)
            fail_msg("row %zu: byte %zu = %u", i, rows[i].at, rows[i].value);
        rl_buf_fini(&b);
    }
}

static void packets_cut_short_are_refused(void **state)
{
    struct rl_buf b = {0};
    struct rl_rec rec;

    (void)state;
    put_packet(&b, 1, options, sizeof options - 1);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(rl_parse(parser, (const uint8_t *)b.data, n, &rec), RL_FEED_BAD_FRAME);
    rl_buf_addc(&b, 'x');
    assert_int_equal(parse(&b, &rec), RL_FEED_BAD_FRAME);
    rl_buf_fini(&b);
}

static void packets_without_something_needed(void **state)
{
    static const struct {
        uint16_t left_out;
        enum rl_feed_result result;
    } rows[] = {
        {0x01, RL_FEED_BAD_FRAME},
        {0x02, RL_FEED_RECORD   },
        {0x03, RL_FEED_BAD_FRAME},
        {0x04, RL_FEED_BAD_FRAME},
        {0x07, RL_FEED_BAD_FRAME},
        {0x08, RL_FEED_BAD_FRAME},
        {0x09, RL_FEED_RECORD   },
        {0x0b, RL_FEED_BAD_FRAME},
        {0x0e, RL_FEED_BAD_KEY  },
        {0x0f, RL_FEED_IGNORED  },
        {0x11, RL_FEED_RECORD   }
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_buf whole = {0}, b = {0};
        struct rl_rec rec;
        put_packet(&whole, 1, options, sizeof options - 1);
        rl_buf_add(&b, whole.data, 6);
        for (size_t at = 6; at < whole.len;) {
            const uint8_t *p = (const uint8_t *)whole.data + at;
            size_t n = (size_t)(p[4] << 8 | p[5]);
            if ((p[2] << 8 | p[3]) != rows[i].left_out)
                rl_buf_add(&b, p, n);
            at += n;
        }
        set_length(&b);
        if (parse(&b, &rec) != rows[i].result)
            fail_msg("without chunk %02x", rows[i].left_out);
        rl_buf_fini(&whole);
        rl_buf_fini(&b);
    }
}

static void the_key_must_be_the_same(void **state)
{
    static const struct {
        const char *want;
        enum rl_feed_result result;
    } rows[] = {
        {NULL,     RL_FEED_RECORD },
        {"",       RL_FEED_RECORD },
        {"key",    RL_FEED_RECORD },
        {"Key",    RL_FEED_BAD_KEY},
        {"ke",     RL_FEED_BAD_KEY},
        {"keys",   RL_FEED_BAD_KEY},
        {"kez",    RL_FEED_BAD_KEY},
        {"corr-1", RL_FEED_BAD_KEY}
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_parser *p = rl_parser_new(&(struct rl_feed_config){.key = rows[i].want});
        struct rl_buf b = {0};
        struct rl_rec rec;
        put_packet(&b, 1, options, sizeof options - 1);
        assert_int_equal(rl_parse(p, (const uint8_t *)b.data, b.len, &rec), rows[i].result);
        rl_buf_fini(&b);
        rl_parser_free(&p);
    }
}

static void ipv6_and_protocols(void **state)
{
    static const struct {
        uint8_t number;
        const char *text;
    } rows[] = {
        {17,  "udp:[2001:db8::5]:1"    },
        {6,   "tcp:[2001:db8::5]:1"    },
        {22,  "tls:[2001:db8::5]:1"    },
        {132, "sctp:[2001:db8::5]:1"   },
        {1,   "unknown:[2001:db8::5]:1"}
    };
    static const uint8_t ip[16] = {0x20, 1, 0x0d, 0xb8, [15] = 5};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_buf b = {0};
        struct rl_rec rec;
        char text[RL_ADDR_TEXT];
        rl_buf_add(&b, "HEP3\0\0", 6);
        put_chunk(&b, 0, 0x0f, options, sizeof options - 1); /* the order is not promised */
        put_chunk(&b, 0, 0x0e, "key", 3);
        put_chunk(&b, 0, 0x0b, "\x01", 1);
        put_chunk(&b, 0, 0x08, "\0\x01", 2);
        put_chunk(&b, 0, 0x07, "\0\x01", 2);
        put_chunk(&b, 0, 0x06, ip, 16);
        put_chunk(&b, 0, 0x05, ip, 16);
        put_chunk(&b, 0, 0x02, &rows[i].number, 1);
        put_chunk(&b, 0, 0x01, "\x0a", 1);
        set_length(&b);
        assert_int_equal(parse(&b, &rec), RL_FEED_RECORD);
        assert_string_equal(rl_addr_text(&rec.src, text), rows[i].text);
        rl_buf_fini(&b);
    }
}

static void other_payloads(void **state)
{
    static const struct {
        uint8_t type;
        const char *payload;
        enum rl_feed_result result;
    } rows[] = {
        {1,   "",                             RL_FEED_IGNORED },
        {1,   "\r\n\r\n",                     RL_FEED_IGNORED },
        {1,   "hello",                        RL_FEED_BAD_SIP },
        {5,   "RTCP",                         RL_FEED_IGNORED },
        {100, "no JSON",                      RL_FEED_BAD_FACT},
        {100, "{\"v\":1,\"ev\":\"weather\"}", RL_FEED_IGNORED },
        {100, "{\"v\":1,\"ev\":\"closed\"}",  RL_FEED_RECORD  },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_buf b = {0};
        struct rl_rec rec;
        put_packet(&b, rows[i].type, rows[i].payload, strlen(rows[i].payload));
        if (parse(&b, &rec) != rows[i].result)
            fail_msg("type %u: %s", rows[i].type, rows[i].payload);
        rl_buf_fini(&b);
    }
}

static void a_log_event_carries_the_correlation(void **state)
{
    static const char json[] = "{\"v\":1,\"ev\":\"reply\",\"st\":\"180\"}";
    struct rl_buf b = {0};
    struct rl_rec rec;

    (void)state;
    put_packet(&b, 100, json, sizeof json - 1);
    assert_int_equal(parse(&b, &rec), RL_FEED_RECORD);
    assert_int_equal(rec.kind, RL_REC_FACT);
    assert_text(rec.fact.call_id, "corr-1");
    rl_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_is_read),
        cmocka_unit_test(further_chunks),
        cmocka_unit_test(changed_bytes),
        cmocka_unit_test(packets_cut_short_are_refused),
        cmocka_unit_test(packets_without_something_needed),
        cmocka_unit_test(the_key_must_be_the_same),
        cmocka_unit_test(ipv6_and_protocols),
        cmocka_unit_test(other_payloads),
        cmocka_unit_test(a_log_event_carries_the_correlation),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
