#include <stdio.h>

#include "feed_make.h"

#define FP "562E6578a599b71622db4ea4886f72ca314b1ca7dd28344920e3bb4bd95a456b"

static struct rl_parser *parser;

static int setup(void **state)
{
    (void)state;
    parser = rl_parser_new(&(struct rl_feed_config){.key = NULL});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rl_parser_free(&parser);
    return 0;
}

static enum rl_feed_result parse(const char *json, struct rl_rec *rec)
{
    return rl_parse_fact(parser, json, strlen(json), rec);
}

/* The fact in {"v":1,"ev":"reply" and these further members}. */
static struct rl_rec_fact with(const char *members)
{
    char json[1024];
    struct rl_rec rec;

    snprintf(json, sizeof json, "{\"v\":1,\"ev\":\"reply\"%s}", members);
    if (parse(json, &rec) != RL_FEED_RECORD)
        fail_msg("refused: %s", json);
    return rec.fact;
}

static void an_event_is_read(void **state)
{
    struct rl_rec rec;
    char text[RL_ADDR_TEXT];

    (void)state;
    assert_int_equal(
        parse("{\"v\":1,\"ev\":\"deny\",\"why\":\"tls-required\",\"m\":\"REGISTER\",\"st\":\"403\","
              "\"dev\":\"SEP1\",\"proto\":\"tls\",\"src\":\"127.0.0.1:49645\",\"con\":\"35\","
              "\"verified\":\"1\",\"selfsigned\":\"0\",\"cn\":\"SEP1\",\"san\":\"profile.lab\","
              "\"serial\":\"4098\",\"fp\":\"" FP "\",\"tls\":\"TLSv1.3\",\"cipher\":\"X_384\","
              "\"bits\":\"256\"}",
              &rec),
        RL_FEED_RECORD);
    const struct rl_rec_fact *f = &rec.fact;
    assert_int_equal(rec.kind, RL_REC_FACT);
    assert_int_equal(f->event, RL_FACT_DENY);
    assert_int_equal(f->method, RL_M_REGISTER);
    assert_int_equal(f->status, 403);
    assert_string_equal(rl_addr_text(&f->peer, text), "tls:127.0.0.1:49645");
    assert_true(f->verified && !f->selfsigned);
    assert_int_equal(f->bits, 256);
    assert_text(f->why, "tls-required");
    assert_text(f->device, "SEP1");
    assert_text(f->con, "35");
    assert_text(f->cn, "SEP1");
    assert_text(f->san, "profile.lab");
    assert_text(f->serial, "4098");
    assert_text(f->fp, "562e6578a599b71622db4ea4886f72ca314b1ca7dd28344920e3bb4bd95a456b");
    assert_text(f->tls, "TLSv1.3");
    assert_text(f->cipher, "X_384");
}

static void events_and_verdicts(void **state)
{
    static const struct {
        const char *json;
        enum rl_feed_result result;
        uint8_t event;
    } rows[] = {
        {"{\"v\":1,\"ev\":\"request\"}",                           RL_FEED_RECORD,   RL_FACT_REQUEST     },
        {"{\"v\":1,\"ev\":\"reply\"}",                             RL_FEED_RECORD,   RL_FACT_REPLY       },
        {"{\"v\":1,\"ev\":\"registered\"}",                        RL_FEED_RECORD,   RL_FACT_REGISTERED  },
        {"{\"v\":1,\"ev\":\"unregistered\"}",                      RL_FEED_RECORD,   RL_FACT_UNREGISTERED},
        {"{\"v\":1,\"ev\":\"challenge\"}",                         RL_FEED_RECORD,   RL_FACT_CHALLENGE   },
        {"{\"v\":\"1\",\"ev\":\"closed\"}",                        RL_FEED_RECORD,   RL_FACT_CLOSED      },
        {"{\"v\":1,\"ev\":\"closed\",\"later\":{\"more\":[1,2]}}", RL_FEED_RECORD,   RL_FACT_CLOSED      },
        {"{\"v\":1,\"ev\":\"weather\"}",                           RL_FEED_IGNORED,  RL_FACT_OTHER       },
        {"{\"v\":1,\"ev\":\"\"}",                                  RL_FEED_IGNORED,  RL_FACT_OTHER       },
        {"",                                                       RL_FEED_BAD_FACT, 0                   },
        {"text",                                                   RL_FEED_BAD_FACT, 0                   },
        {"[1]",                                                    RL_FEED_BAD_FACT, 0                   },
        {"{}",                                                     RL_FEED_BAD_FACT, 0                   },
        {"{\"v\":1}",                                              RL_FEED_BAD_FACT, 0                   },
        {"{\"ev\":\"reply\"}",                                     RL_FEED_BAD_FACT, 0                   },
        {"{\"v\":2,\"ev\":\"reply\"}",                             RL_FEED_BAD_FACT, 0                   },
        {"{\"v\":1,\"ev\":7}",                                     RL_FEED_BAD_FACT, 0                   },
        {"{\"v\":1,\"ev\":\"reply\",\"bits\":256}",                RL_FEED_BAD_FACT, 0                   },
        {"{\"v\":1,\"ev\":\"reply\",\"fp\":null}",                 RL_FEED_BAD_FACT, 0                   },
        {"{\"v\":1,\"ev\":\"reply\",\"dev\":\"a\",\"dev\":\"b\"}", RL_FEED_BAD_FACT, 0                   },
        {"{\"v\":1,\"ev\":\"reply\"} trailing",                    RL_FEED_BAD_FACT, 0                   },
        {"{\"v\":1,\"ev\":\"reply\",\"dev\":\"a\\u0000b\"}",       RL_FEED_BAD_FACT, 0                   },
        {"{\"v\":1,\"ev\":\"reply\",\"dev\":\"\xff\"}",            RL_FEED_BAD_FACT, 0                   },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_rec rec;
        enum rl_feed_result result = parse(rows[i].json, &rec);
        if (result != rows[i].result ||
            (result == RL_FEED_RECORD && rec.fact.event != rows[i].event))
            fail_msg("%u: %s", result, rows[i].json);
    }
}

static void peers(void **state)
{
    static const struct {
        const char *proto, *src, *text;
    } rows[] = {
        {"udp",    "192.0.2.7:5060",       "udp:192.0.2.7:5060"     },
        {"tcp",    "192.0.2.7:1",          "tcp:192.0.2.7:1"        },
        {"tls",    "[2001:db8::5]:65535",  "tls:[2001:db8::5]:65535"},
        {"sctp",   "[::1]:1",              "sctp:[::1]:1"           },
        {"wss",    "[::ffff:192.0.2.7]:1", "tls:192.0.2.7:1"        },
        {"ws",     "192.0.2.7:1",          "tcp:192.0.2.7:1"        },
        {"pigeon", "192.0.2.7:1",          "unknown:192.0.2.7:1"    },
        {"tls",    "",                     "tls:[::]:0"             },
        {"tls",    "192.0.2.7",            "tls:[::]:0"             },
        {"tls",    "192.0.2.7:",           "tls:[::]:0"             },
        {"tls",    "192.0.2.7:65536",      "tls:[::]:0"             },
        {"tls",    "192.0.2.700:1",        "tls:[::]:0"             },
        {"tls",    "2001:db8::5:1",        "tls:[::]:0"             },
        {"tls",    "[::1:1",               "tls:[::]:0"             },
        {"tls",    "]:1",                  "tls:[::]:0"             },
        {"tls",    "[]:1",                 "tls:[::]:0"             },
        {"tls",    ":1",                   "tls:[::]:0"             },
        {"tls",    "phone.example:5061",   "tls:[::]:0"             },
        {"<null>", "<null>",               "unknown:[::]:0"         },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char members[256], text[RL_ADDR_TEXT];
        snprintf(members, sizeof members, ",\"proto\":\"%s\",\"src\":\"%s\"", rows[i].proto,
                 rows[i].src);
        struct rl_rec_fact f = with(members);
        assert_string_equal(rl_addr_text(&f.peer, text), rows[i].text);
    }
}

static void what_the_server_does_not_have(void **state)
{
    static const char *const rows[] = {
        "",
        ",\"con\":\"\",\"cn\":\"\",\"fp\":\"\",\"bits\":\"\",\"st\":\"\"",
        (",\"con\":\"<null>\",\"cn\":\"<null>\",\"fp\":\"<null>\",\"bits\":\"<null>\","
         "\"st\":\"<null>\",\"verified\":\"<null>\""),
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_rec_fact f = with(rows[i]);
        assert_text(f.con, "");
        assert_text(f.cn, "");
        assert_text(f.fp, "");
        assert_int_equal(f.bits, -1);
        assert_int_equal(f.status, 0);
        assert_false(f.verified);
    }
}

static void escapes_in_names(void **state)
{
    static const struct {
        const char *cn, *want;
    } rows[] = {
        {"a%20b",  "a b"     },
        {"%41%4a", "AJ"      },
        {"%c3%A4", "\xc3\xa4"},
        {"100%",   "100%"    },
        {"%4",     "%4"      },
        {"%zz",    "%zz"     },
        {"%%34",   "%4"      },
        {"plain",  "plain"   }
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char members[128];
        snprintf(members, sizeof members, ",\"cn\":\"%s\",\"san\":\"%s\"", rows[i].cn, rows[i].cn);
        struct rl_rec_fact f = with(members);
        assert_text(f.cn, rows[i].want);
        assert_text(f.san, rows[i].want);
    }
    /* an escaped NUL does not end the name: it is another name */
    struct rl_rec_fact f = with(",\"cn\":\"SEP1%00.evil\"");
    assert_int_equal(f.cn.n, 10);
    assert_memory_equal(f.cn.p, "SEP1\0.evil", 10);
}

static void numbers_and_fingerprints_that_are_none(void **state)
{
    (void)state;
    assert_int_equal(with(",\"bits\":\"0\"").bits, 0);
    assert_int_equal(with(",\"bits\":\"-1\"").bits, -1);
    assert_int_equal(with(",\"bits\":\"256x\"").bits, -1);
    assert_int_equal(with(",\"st\":\"1000\"").status, 0);
    assert_false(with(",\"verified\":\"yes\"").verified);
    assert_text(with(",\"fp\":\"562e\"").fp, "");
    assert_text(
        with(",\"fp\":\"g62E6578a599b71622db4ea4886f72ca314b1ca7dd28344920e3bb4bd95a456b\"").fp,
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_read),
        cmocka_unit_test(events_and_verdicts),
        cmocka_unit_test(peers),
        cmocka_unit_test(what_the_server_does_not_have),
        cmocka_unit_test(escapes_in_names),
        cmocka_unit_test(numbers_and_fingerprints_that_are_none),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
