#include <stdio.h>

#include "feed_make.h"

#define VIA_1  "Via: SIP/2.0/TLS example.com:5061;branch=z9hG4bKone;rport\r\n"
#define FROM_A "From: \"A\" <sip:1001@example.com>;tag=ft\r\n"
#define TO_B   "To: <sip:1002@example.com>;tag=tt\r\n"
#define REST   "Call-ID: c1@host\r\nCSeq: 7 INVITE\r\n"
#define ALL    VIA_1 FROM_A TO_B REST
#define INVITE "INVITE sip:1002@example.com SIP/2.0\r\n"
#define OK     "SIP/2.0 200 OK\r\n"
#define SDP_AT(media) \
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" media
#define SDP      SDP_AT("m=audio 4000 RTP/AVP 0\r\n")
#define SDP_TYPE "Content-Type: application/sdp\r\n"

static struct rl_parser *parser;

static int setup(void **state)
{
    (void)state;
    parser = rl_parser_new(&(struct rl_feed_config){.correlation_header = "X-Call"});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rl_parser_free(&parser);
    return 0;
}

static enum rl_feed_result parse_n(const char *sip, size_t n, struct rl_rec *rec)
{
    static struct rl_buf b;

    rl_buf_fini(&b); /* a block of its own size: reading past its end is seen */
    put_packet(&b, 1, sip, n);
    return rl_parse(parser, (const uint8_t *)b.data, b.len, rec);
}

static struct rl_rec_sip read_sip(const char *sip)
{
    struct rl_rec rec;

    if (parse_n(sip, strlen(sip), &rec) != RL_FEED_RECORD)
        fail_msg("refused: %s", sip);
    return rec.sip;
}

static void a_request_is_read(void **state)
{
    (void)state;
    struct rl_rec_sip s =
        read_sip(INVITE ALL
                 "Via: SIP/2.0/UDP h2.example.com;branch=z9hG4bKtwo, SIP/2.0/UDP h3.example.com\r\n"
                 "Contact: <sip:1001@127.0.0.1:43511;transport=tls>;isfocus\r\nX-Call: leg-9\r\n"
                 "Session-Expires: 1800;refresher=uac\r\nProxy-Authorization: Digest "
                 "username=\"x\"\r\n\r\n");
    assert_true(s.request && s.isfocus && s.credentials && !s.contact_star && !s.need_prack);
    assert_int_equal(s.method, RL_M_INVITE);
    assert_int_equal(s.status, 0);
    assert_int_equal(s.cseq, 7);
    assert_int_equal(s.vias, 3);
    assert_int_equal(s.expires, -1);
    assert_int_equal(s.session_expires, 1800);
    assert_int_equal(s.sdp, RL_SDP_NONE);
    assert_text(s.call_id, "c1@host");
    assert_text(s.from_tag, "ft");
    assert_text(s.to_tag, "tt");
    assert_text(s.from_user, "1001");
    assert_text(s.from_name, "A");
    assert_text(s.to_user, "1002");
    assert_text(s.ruri_user, "1002");
    assert_text(s.branch, "z9hG4bKone");
    assert_text(s.parent_branch, "z9hG4bKtwo");
    assert_text(s.contact, "sip:1001@127.0.0.1:43511");
    assert_text(s.correlation, "leg-9");
}

static void a_response_is_read(void **state)
{
    (void)state;
    struct rl_rec_sip s = read_sip(
        "SIP/2.0 183 Session Progress\r\n" ALL "Require: timer, 100rel\r\nRSeq: 1\r\n" SDP_TYPE
        "Content-Length: 93\r\n\r\n" SDP_AT("m=audio 4000 RTP/AVP 0 8 101\r\n"));
    assert_false(s.request);
    assert_int_equal(s.method, RL_M_INVITE);
    assert_int_equal(s.status, 183);
    assert_true(s.need_prack);
    assert_text(s.ruri_user, "");
}

static void compact_and_folded_headers(void **state)
{
    (void)state;
    struct rl_rec_sip s =
        read_sip("INVITE sip:1002@example.com SIP/2.0\nv: SIP/2.0/TLS example.com\n ;branch=z9\n"
                 "f: <sip:1001@example.com>\r\n\t;tag=ft\nt: <sip:1002@example.com>\ni: c1\n"
                 "cseq : 7\r\n   INVITE\nm: <sip:a@example.com>\nx: 90\nr: <sip:2001@example.com>\n"
                 "c: application/sdp\nl: 87\n\n" SDP);
    assert_text(s.branch, "z9");
    assert_text(s.from_tag, "ft");
    assert_text(s.call_id, "c1");
    assert_text(s.contact, "sip:a@example.com");
    assert_text(s.refer_to, "2001");
    assert_int_equal(s.cseq, 7);
    assert_int_equal(s.session_expires, 90);
    assert_int_equal(s.sdp, RL_SDP_OK);
}

/* Users and names as they are written in From. */
static void callers(void **state)
{
    static const struct {
        const char *from, *user, *name;
    } rows[] = {
        {"<sip:1001@example.com>",                   "1001",   ""            },
        {"sip:1001@example.com;tag=x",               "1001",   ""            },
        {"sip:example.com",                          "",       ""            },
        {"<sips:+49%2030@example.com>",              "+49 30", ""            },
        {"<tel:+4930;phone-context=x>",              "+4930",  ""            },
        {"Alice <sip:1@example.com>",                "1",      "Alice"       },
        {"\"a \\\"b\\\" <c>;\" <sip:1@example.com>", "1",      "a \"b\" <c>;"},
        {"\"\xc3\xa4\xff\" <sip:1@[2001:db8::1]>",   "1",      "\xc3\xa4\xff"},
        {"\"\" <sip:1@example.com>",                 "1",      ""            },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sip[512];
        snprintf(sip, sizeof sip, INVITE VIA_1 "From: %s\r\n" TO_B REST "\r\n", rows[i].from);
        struct rl_rec_sip s = read_sip(sip);
        assert_text(s.from_user, rows[i].user);
        assert_text(s.from_name, rows[i].name);
    }
}

static void contacts_and_expiry(void **state)
{
    static const struct {
        const char *lines, *contact;
        bool star;
        int32_t expires;
    } rows[] = {
        {"Contact: <sip:a@example.com>;expires=300\r\nExpires: 60\r\n",    "sip:a@example.com",      false,
         300                                                                                                  },
        {"Contact: <sip:a@example.com>\r\nExpires: 60\r\n",                "sip:a@example.com",      false, 60},
        {"Contact: <sip:a@example.com>\r\n",                               "sip:a@example.com",      false, -1},
        {"Contact: *\r\nExpires: 0\r\n",                                   "",                       true,  0 },
        {"Contact: <sip:a@[2001:db8::7]:99;transport=tls>\r\n",            "sip:a@[2001:db8::7]:99", false,
         -1                                                                                                   },
        {"Contact: <sip:a@one.example>, <sip:b@two.example>\r\n",          "sip:a@one.example",      false, -1},
        {"Contact: <sip:a@one.example>\r\nContact: <sip:b@x.example>\r\n", "sip:a@one.example",
         false,                                                                                             -1},
        {"Contact: <sip:a@exa mple>>>;;=\r\nExpires: 5\r\n",               "",                       false,
         5                                                                                                    }, /* unreadable: left out */
        {"Expires: soon\r\n",                                              "",                       false, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sip[512];
        snprintf(sip, sizeof sip,
                 "REGISTER sip:example.com SIP/2.0\r\n" VIA_1 FROM_A TO_B
                 "Call-ID: c\r\nCSeq: 1 REGISTER\r\n%s\r\n",
                 rows[i].lines);
        struct rl_rec_sip s = read_sip(sip);
        assert_text(s.contact, rows[i].contact);
        assert_int_equal(s.contact_star, rows[i].star);
        assert_int_equal(s.expires, rows[i].expires);
    }
}

static void transfers_and_pracks(void **state)
{
    (void)state;
    struct rl_rec_sip s =
        read_sip(INVITE ALL "Refer-To: <sip:2001@example.com?Replaces=abc%3Bto-tag%3D1>\r\n\r\n");
    assert_text(s.refer_to, "2001");
    assert_text(s.replaces, "abc");
    s = read_sip(INVITE ALL "Replaces: abc@h;to-tag=1;from-tag=2\r\n\r\n");
    assert_text(s.replaces, "abc@h");
    s = read_sip("PRACK sip:1002@example.com SIP/2.0\r\n" VIA_1 FROM_A TO_B
                 "Call-ID: c\r\nCSeq: 8 PRACK\r\nRAck: 776656 7 INVITE\r\n\r\n");
    assert_int_equal(s.method, RL_M_PRACK);
    assert_int_equal(s.rack_cseq, 7);
}

static void an_old_nonce_is_no_wrong_password(void **state)
{
    static const struct {
        const char *header;
        bool stale;
    } rows[] = {
        {"WWW-Authenticate: Digest realm=\"a\", nonce=\"n\", stale=true\r\n",     true },
        {"Proxy-Authenticate: Digest realm=\"a\",stale=\"TRUE\",nonce=\"n\"\r\n", true },
        {"WWW-Authenticate: Digest realm=\"a\", stale=false, nonce=\"n\"\r\n",    false},
        {"WWW-Authenticate: Digest realm=\"x, stale=true\", nonce=\"n\"\r\n",     false},
        {"WWW-Authenticate: Digest realm=\"a\", nonce=\"n\"\r\n",                 false},
        {"WWW-Authenticate: stale=tru\r\n",                                       false},
        {"",                                                                      false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sip[512];
        snprintf(sip, sizeof sip, "SIP/2.0 401 Unauthorized\r\n" ALL "%s\r\n", rows[i].header);
        assert_int_equal(read_sip(sip).stale, rows[i].stale);
    }
}

/* Where no SDP is, where it is, and where it cannot be read: the message stays. */
static void bodies(void **state)
{
    static const struct {
        const char *lines, *body;
        enum rl_sdp_state sdp;
    } rows[] = {
        {"",                                                                          "",                                            RL_SDP_NONE},
        {"",                                                                          SDP,                                           RL_SDP_NONE}, /* no type: nobody says that it is SDP */
        {"Content-Type: text/plain\r\n",                                              SDP,                                           RL_SDP_NONE},
        {SDP_TYPE "Content-Length: 0\r\n",                                            "",                                            RL_SDP_NONE},
        {SDP_TYPE,                                                                    "",                                            RL_SDP_NONE},
        {SDP_TYPE,                                                                    SDP,                                           RL_SDP_OK  },
        {"Content-Type: Application/SDP;charset=utf-8\r\n",                           SDP,                                           RL_SDP_OK  },
        {SDP_TYPE "Content-Length: 87\r\n",                                           SDP,                                           RL_SDP_OK  },
        {SDP_TYPE "Content-Length: 87\r\n",                                           SDP "rubbish behind it",                       RL_SDP_OK  },
        {SDP_TYPE "Content-Length: 88\r\n",                                           SDP,                                           RL_SDP_BAD },
        {SDP_TYPE "Content-Length: x\r\n",                                            SDP,                                           RL_SDP_BAD },
        {SDP_TYPE "Content-Length: -1\r\n",                                           SDP,                                           RL_SDP_BAD },
        {SDP_TYPE "Content-Encoding: gzip\r\n",                                       SDP,                                           RL_SDP_BAD },
        {SDP_TYPE "e: identity\r\n",                                                  SDP,                                           RL_SDP_OK  },
        {SDP_TYPE,                                                                    "v=0 and the rest is missing",                 RL_SDP_BAD },
        {"Content-Type: multipart/mixed;boundary=\"b 1\"\r\nContent-Length: 177\r\n",
         "--b 1\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b 1\r\n" SDP_TYPE "\r\n" SDP
         "\r\n--b 1--\r\n",                                                                                                          RL_SDP_OK  },
        {"Content-Type: multipart/mixed;boundary=b\r\n",
         "--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--\r\n",                                                                   RL_SDP_NONE},
        {"Content-Type: multipart/mixed;boundary=b\r\n",
         "--b\r\n" SDP_TYPE "\r\n" SDP "\r\n--b\r\n" SDP_TYPE "\r\n" SDP "\r\n--b--\r\n",
         RL_SDP_BAD                                                                                                                             },
        {"Content-Type: multipart/mixed\r\n",                                         "--b\r\n" SDP_TYPE "\r\n" SDP "\r\n--b--\r\n",
         RL_SDP_BAD                                                                                                                             },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sip[2048];
        snprintf(sip, sizeof sip, OK ALL "%s\r\n%s", rows[i].lines, rows[i].body);
        struct rl_rec_sip s = read_sip(sip);
        if (s.sdp != rows[i].sdp)
            fail_msg("row %zu: state %u\n%s", i, s.sdp, sip);
        assert_int_equal(s.nmedia, s.sdp == RL_SDP_OK ? 1 : 0);
    }
}

static void a_nul_in_the_body_makes_it_unreadable(void **state)
{
    static const char sip[] = OK ALL SDP_TYPE "\r\n" SDP "a=x\0y\r\n";
    struct rl_rec rec;

    (void)state;
    assert_int_equal(parse_n(sip, sizeof sip - 1, &rec), RL_FEED_RECORD);
    assert_int_equal(rec.sip.sdp, RL_SDP_BAD);
}

/* Header lines that are broken but not needed do not lose the message. */
static void broken_lines_that_nobody_needs(void **state)
{
    static const char *const lines[] = {
        "Warning:\r\n",
        "Warning: \r\n",
        "Warning: many words\r\n",
        "Warning: 99999999999999 x \"\r\n",
        "Warning: 399\r\n",
        "no colon at all\r\n",
        ": no name\r\n",
        "Date: \xff\xfe\r\n",
        "Record-Route: <<<>\r\n",
        "Route: \"\r\n",
        "Call-Info: <\r\n",
        "Alert-Info:\r\n",
        "Authorization: \"\"\"\r\n",
        "Content-Disposition: ;;;\r\n",
        "Max-Forwards: seventy\r\n",
        "Session-Expires: never\r\n",
        "RAck: x\r\n",
        "Require:\r\n",
        "Refer-To: <<\r\n",
        "Replaces:\r\n",
        "Contact:\r\n",
        "Contact: ,,,\r\n",
        "Contact: <sip:\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char sip[1024];
        snprintf(sip, sizeof sip, OK ALL "%s\r\n", lines[i]);
        struct rl_rec_sip s = read_sip(sip);
        assert_text(s.call_id, "c1@host");
        assert_int_equal(s.status, 200);
    }
}

static void what_is_no_message_is_refused(void **state)
{
    static const char *const rows[] = {
        "x",
        "INVITE\r\n\r\n",
        INVITE,
        INVITE "\r\n",
        INVITE ALL,                     /* no empty line */
        INVITE FROM_A TO_B REST "\r\n", /* no Via */
        INVITE VIA_1 TO_B REST "\r\n",
        INVITE VIA_1 FROM_A REST "\r\n",
        INVITE VIA_1 FROM_A TO_B "CSeq: 7 INVITE\r\n\r\n", /* no Call-ID */
        INVITE VIA_1 FROM_A TO_B "Call-ID: \r\nCSeq: 7 INVITE\r\n\r\n",
        INVITE VIA_1 FROM_A TO_B "Call-ID: c\r\n\r\n", /* no CSeq */
        INVITE VIA_1 FROM_A TO_B "Call-ID: c\r\nCSeq: seven INVITE\r\n\r\n",
        INVITE VIA_1 FROM_A TO_B "Call-ID: c\r\nCSeq: 99999999999 INVITE\r\n\r\n",
        INVITE VIA_1 FROM_A TO_B "Call-ID: c\r\nCSeq: 7\r\n\r\n",
        INVITE VIA_1 FROM_A TO_B "Call-ID: c\r\nCSeq: 7 BYE\r\n\r\n",
        INVITE ALL "Call-ID: other\r\n\r\n",
        INVITE ALL "i: other\r\n\r\n",
        INVITE ALL TO_B "\r\n",
        INVITE ALL FROM_A "\r\n",
        INVITE ALL "CSeq: 8 INVITE\r\n\r\n",
        INVITE ALL SDP_TYPE "c: text/plain\r\n\r\n",
        INVITE ALL "Content-Length: 0\r\nl: 5\r\n\r\n",
        "INVITE sip:a@example.com SIP/3.0\r\n" ALL "\r\n",
        "SIP/2.0 99 No\r\n" ALL "\r\n",
        "SIP/2.0 700 No\r\n" ALL "\r\n",
        "SIP/2.0 99999999999 No\r\n" ALL "\r\n",
        INVITE VIA_1 "From: <sip:100%00x@example.com>\r\n" TO_B REST "\r\n",
        INVITE VIA_1 "From: <sip:a@example.com>\rTo: <sip:b@example.com>\r\n" TO_B REST "\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_rec rec;
        if (parse_n(rows[i], strlen(rows[i]), &rec) != RL_FEED_BAD_SIP)
            fail_msg("row %zu was taken: %s", i, rows[i]);
    }
}

static void nul_bytes_in_the_header_are_refused(void **state)
{
    static const char sip[] = INVITE VIA_1 FROM_A TO_B "Call-ID: a\0b\r\nCSeq: 7 INVITE\r\n\r\n";
    struct rl_rec rec;

    (void)state;
    assert_int_equal(parse_n(sip, sizeof sip - 1, &rec), RL_FEED_BAD_SIP);
}

static void a_call_id_of_four_kilobytes(void **state)
{
    char id[4097], sip[6000];

    (void)state;
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    snprintf(sip, sizeof sip, INVITE VIA_1 FROM_A TO_B "Call-ID: %s\r\nCSeq: 7 INVITE\r\n\r\n", id);
    assert_text(read_sip(sip).call_id, id);
}

static void headers_without_measure_are_refused(void **state)
{
    static const struct {
        const char *begin, *again;
        size_t up_to;
    } rows[] = {
        {"",                             "Via: SIP/2.0/UDP example.com\r\n", 20000},
        {"Via: SIP/2.0/UDP example.com", ";a",                               2000 },
        {"Contact: <sip:a@example.com>", ",<sip:a@example.com>",             12000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_buf b = {0};
        struct rl_rec rec;
        rl_buf_adds(&b, INVITE ALL);
        rl_buf_adds(&b, rows[i].begin);
        while (b.len < rows[i].up_to)
            rl_buf_adds(&b, rows[i].again);
        rl_buf_adds(&b, "\r\n\r\n");
        assert_int_equal(parse_n(b.data, b.len, &rec), RL_FEED_BAD_SIP);
        rl_buf_fini(&b);
    }
}

static void a_body_of_too_many_parts(void **state)
{
    struct rl_buf b = {0};

    (void)state;
    rl_buf_adds(&b, OK ALL "Content-Type: multipart/mixed;boundary=b\r\n\r\n");
    while (b.len < 20000)
        rl_buf_adds(&b, "--b\r\n\r\n\r\n");
    assert_int_equal(read_sip(b.data).sdp, RL_SDP_BAD);
    rl_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read),
        cmocka_unit_test(a_response_is_read),
        cmocka_unit_test(compact_and_folded_headers),
        cmocka_unit_test(callers),
        cmocka_unit_test(contacts_and_expiry),
        cmocka_unit_test(transfers_and_pracks),
        cmocka_unit_test(an_old_nonce_is_no_wrong_password),
        cmocka_unit_test(bodies),
        cmocka_unit_test(a_nul_in_the_body_makes_it_unreadable),
        cmocka_unit_test(broken_lines_that_nobody_needs),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(nul_bytes_in_the_header_are_refused),
        cmocka_unit_test(a_call_id_of_four_kilobytes),
        cmocka_unit_test(headers_without_measure_are_refused),
        cmocka_unit_test(a_body_of_too_many_parts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
