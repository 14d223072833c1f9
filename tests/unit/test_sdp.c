#include <stdio.h>

#include "feed_make.h"

#define TOP          "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
#define AUDIO(proto) "m=audio 4000 " proto " 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
#define SRTP         TOP AUDIO("RTP/SAVP")
#define KEY30        "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define KEY46        "inline:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdA=="
#define KEY38        "inline:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2w="
#define KEY28        "inline:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYg=="
#define KEY44        "inline:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXI="
#define CRYPTO       "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY30 "\r\n"
#define FP                                                                           \
    "a=fingerprint:SHA-256 "                                                         \
    "61:46:FC:1C:FA:36:4F:19:D0:2A:DB:E0:3D:88:FE:4E:DA:7C:2C:E5:B4:90:D6:C1:D0:C9:" \
    "F5:81:97:D5:12:46\r\n"
#define SETUP "a=setup:actpass\r\n"

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

static struct rl_rec_sip read_body(const char *sdp)
{
    static const char head[] =
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP example.com\r\nFrom: <sip:a@example.com>\r\n"
        "To: <sip:b@example.com>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
        "Content-Type: application/sdp\r\n\r\n";
    struct rl_buf sip = {0}, b = {0};
    struct rl_rec rec;

    rl_buf_adds(&sip, head);
    rl_buf_adds(&sip, sdp);
    put_packet(&b, 1, sip.data, sip.len);
    assert_int_equal(rl_parse(parser, (const uint8_t *)b.data, b.len, &rec), RL_FEED_RECORD);
    rl_buf_fini(&sip);
    rl_buf_fini(&b);
    return rec.sip;
}

static struct rl_media first_media(const char *sdp)
{
    struct rl_rec_sip s = read_body(sdp);

    if (s.sdp != RL_SDP_OK || s.nmedia == 0)
        fail_msg("state %u, %u lines: %s", s.sdp, s.nmedia, sdp);
    return s.media[0];
}

/* What an a=crypto line adds to RL_MF_SAVP, and the tags it proves (RFC 4568, 6188, 7714). */
static void crypto_lines(void **state)
{
    static const struct {
        const char *lines;
        uint16_t flags;
        uint32_t tags;
    } rows[] = {
        {"",                                                                         0,                0              },
        {CRYPTO,                                                                     RL_MF_CRYPTO,     1 << 1         },
        {"a=crypto:2 AES_CM_128_HMAC_SHA1_32 " KEY30 "|2^20|1:32\r\n",               RL_MF_CRYPTO,     1 << 2         },
        {"a=crypto:31 F8_128_HMAC_SHA1_80 " KEY30 "\r\n",                            RL_MF_CRYPTO,     1U << 31       },
        {"a=crypto:32 AES_CM_128_HMAC_SHA1_80 " KEY30 "\r\n",                        RL_MF_CRYPTO,     0              },
        {"a=crypto:1 AES_192_CM_HMAC_SHA1_80 " KEY38 "\r\n",                         RL_MF_CRYPTO,     1 << 1         },
        {"a=crypto:1 AES_256_CM_HMAC_SHA1_80 " KEY46 "\r\n",                         RL_MF_CRYPTO,     1 << 1         },
        {"a=crypto:1 AES_CM_256_HMAC_SHA1_32 " KEY46 "\r\n",                         RL_MF_CRYPTO,     1 << 1         },
        {"a=crypto:1 AEAD_AES_128_GCM " KEY28 "\r\n",                                RL_MF_CRYPTO,     1 << 1         },
        {"a=crypto:1 AEAD_AES_256_GCM " KEY44 "\r\n",                                RL_MF_CRYPTO,     1 << 1         },
        {"a=crypto:1 aes_cm_128_hmac_sha1_80 " KEY30 " KDR=3 WSH=64\r\n",            RL_MF_CRYPTO,     1 << 1         },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY30 ";" KEY30 "|2^20|2:4\r\n",      RL_MF_CRYPTO,
         1 << 1                                                                                                       },
        {CRYPTO "a=crypto:2 AEAD_AES_256_GCM " KEY44 "\r\n",                         RL_MF_CRYPTO,     1 << 1 | 1 << 2},
 /* encryption switched off */
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY30 " UNENCRYPTED_SRTP\r\n",        RL_MF_CRYPTO_OFF, 0              },
        {"a=crypto:1 NULL_HMAC_SHA1_80 " KEY30 "\r\n",                               RL_MF_CRYPTO_OFF, 0              },
        {CRYPTO "a=crypto:2 AES_CM_128_HMAC_SHA1_80 " KEY30 " UNENCRYPTED_SRTP\r\n",
         RL_MF_CRYPTO | RL_MF_CRYPTO_OFF,                                                              1 << 1         },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY30 " UNENCRYPTED_SRTCP\r\n",
         RL_MF_CRYPTO | RL_MF_RTCP_CLEAR,                                                              1 << 1         },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY30 " UNAUTHENTICATED_SRTP\r\n",
         RL_MF_CRYPTO | RL_MF_UNAUTH,                                                                  1 << 1         },
 /* good for nothing */
        {"a=crypto:1\r\n",                                                           0,                0              },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80\r\n",                                   0,                0              },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\r\n",                           0,                0              },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:tooshort\r\n",                   0,                0              },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY46 "\r\n",                         0,                0              },
        {"a=crypto:1 AES_256_CM_HMAC_SHA1_80 " KEY30 "\r\n",                         0,                0              },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 uri:http://example.com\r\n",            0,                0              },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY30 ";inline:x\r\n",                0,                0              },
        {"a=crypto:1 ROT13 " KEY30 "\r\n",                                           0,                0              },
        {"a=crypto:one AES_CM_128_HMAC_SHA1_80 " KEY30 "\r\n",                       0,                0              },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY30 " NEW_PARAMETER\r\n",           0,                0              },
        {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY30 " -NEW_PARAMETER\r\n",          RL_MF_CRYPTO,     1 << 1         },
        {"a=cryptography:1 AES_CM_128_HMAC_SHA1_80 " KEY30 "\r\n",                   0,                0              },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sdp[1024];
        snprintf(sdp, sizeof sdp, SRTP "%s", rows[i].lines);
        struct rl_media m = first_media(sdp);
        if (m.flags != (RL_MF_SAVP | rows[i].flags) || m.tags != rows[i].tags)
            fail_msg("row %zu: flags %x tags %x: %s", i, m.flags, m.tags, rows[i].lines);
    }
}

/* A tag that is used twice names neither line. */
static void a_tag_twice_proves_nothing(void **state)
{
    (void)state;
    struct rl_media m = first_media(SRTP CRYPTO CRYPTO);
    assert_int_equal(m.tags, 0);
    assert_int_equal(m.flags, RL_MF_SAVP);
}

static void protocols_and_kinds(void **state)
{
    static const struct {
        const char *line;
        uint8_t kind;
        uint16_t port, flags;
    } rows[] = {
        {"m=audio 4000 RTP/AVP 0",             RL_MEDIA_AUDIO, 4000,  0               },
        {"m=audio 4000/2 RTP/AVPF 0",          RL_MEDIA_AUDIO, 4000,  0               },
        {"m=audio 4000 RTP/SAVP 0",            RL_MEDIA_AUDIO, 4000,  RL_MF_SAVP      },
        {"m=AUDIO 4000 rtp/savpf 0",           RL_MEDIA_AUDIO, 4000,  RL_MF_SAVP      },
        {"m=audio 0 UDP/TLS/RTP/SAVP 0",       RL_MEDIA_AUDIO, 0,     RL_MF_DTLS_PROTO},
        {"m=video 65535 UDP/TLS/RTP/SAVPF 97", RL_MEDIA_VIDEO, 65535, RL_MF_DTLS_PROTO},
        {"m=application 9 TCP/BFCP *",         RL_MEDIA_BFCP,  9,     0               },
        {"m=application 9 UDP/BFCP *",         RL_MEDIA_BFCP,  9,     0               },
        {"m=application 9 TCP/TLS/BFCP *",     RL_MEDIA_BFCP,  9,     RL_MF_DTLS_PROTO},
        {"m=application 9 UDP/TLS/BFCP *",     RL_MEDIA_BFCP,  9,     RL_MF_DTLS_PROTO},
        {"m=application 9 UDP/UDT/IX *",       RL_MEDIA_IX,    9,     0               },
        {"m=application 9 UDP/DTLS/UDT/IX *",  RL_MEDIA_IX,    9,     RL_MF_DTLS_PROTO},
        {"m=application 9 RTP/SAVP 100",       RL_MEDIA_OTHER, 9,     RL_MF_SAVP      },
        {"m=image 9 udptl t38",                RL_MEDIA_OTHER, 9,     0               },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sdp[512];
        snprintf(sdp, sizeof sdp, TOP "%s\r\n", rows[i].line);
        struct rl_media m = first_media(sdp);
        if (m.kind != rows[i].kind || m.port != rows[i].port || m.flags != rows[i].flags)
            fail_msg("%s: kind %u port %u flags %x", rows[i].line, m.kind, m.port, m.flags);
    }
}

static void fingerprints_and_setup(void **state)
{
    static const struct {
        const char *sdp;
        uint16_t flags;
    } rows[] = {
        {TOP AUDIO("UDP/TLS/RTP/SAVPF") FP SETUP,                                                       RL_MF_FINGERPRINT | RL_MF_SETUP},
        {TOP FP SETUP AUDIO("UDP/TLS/RTP/SAVPF"),                                                       RL_MF_FINGERPRINT | RL_MF_SETUP},
        {TOP SETUP AUDIO("UDP/TLS/RTP/SAVPF") FP,                                                       RL_MF_FINGERPRINT | RL_MF_SETUP},
        {TOP AUDIO("UDP/TLS/RTP/SAVPF") SETUP,                                                          RL_MF_SETUP                    },
        {TOP AUDIO("UDP/TLS/RTP/SAVPF") "a=fingerprint:SHA-256 61:46\r\n",                              0                              },
        {TOP AUDIO("UDP/TLS/RTP/SAVPF") "a=fingerprint:md5 "
                                        "61:46:FC:1C:FA:36:4F:19:D0:2A:DB:E0:3D:88:FE:4E\r\n", 0                              },
        {TOP AUDIO("UDP/TLS/RTP/SAVPF") "a=fingerprint\r\n",                                            0                              },
        {TOP CRYPTO AUDIO("UDP/TLS/RTP/SAVPF"),                                                         0                              }, /* keys belong to a media line */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_media m = first_media(rows[i].sdp);
        if (m.flags != (RL_MF_DTLS_PROTO | rows[i].flags))
            fail_msg("row %zu: flags %x", i, m.flags);
    }
}

static void directions(void **state)
{
    static const struct {
        const char *sdp;
        uint8_t dir;
    } rows[] = {
        {TOP AUDIO("RTP/AVP"),                                                                       RL_DIR_SENDRECV},
        {TOP AUDIO("RTP/AVP") "a=sendonly\r\n",                                                      RL_DIR_SENDONLY},
        {TOP AUDIO("RTP/AVP") "a=recvonly\r\n",                                                      RL_DIR_RECVONLY},
        {TOP AUDIO("RTP/AVP") "a=inactive\r\n",                                                      RL_DIR_INACTIVE},
        {TOP "a=inactive\r\n" AUDIO("RTP/AVP"),                                                      RL_DIR_INACTIVE},
        {TOP "a=inactive\r\n" AUDIO("RTP/AVP") "a=sendrecv\r\n",                                     RL_DIR_SENDRECV},
        {TOP "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n",                                       RL_DIR_SENDONLY},
        {TOP "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\na=recvonly\r\n",                         RL_DIR_RECVONLY},
        {"v=0\r\no=- 1 1 IN IP4 h.example\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n" AUDIO("RTP/AVP"),
         RL_DIR_SENDONLY                                                                                            },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(first_media(rows[i].sdp).dir, rows[i].dir);
}

static void each_line_has_its_own(void **state)
{
    (void)state;
    struct rl_rec_sip s = read_body(TOP "a=sendonly\r\n" AUDIO(
        "RTP/SAVP") CRYPTO "m=video 0 RTP/AVP 97\r\na=sendrecv\r\nm=image 9 udptl t38\r\n");
    assert_int_equal(s.nmedia, 3);
    assert_int_equal(s.media[0].flags, RL_MF_SAVP | RL_MF_CRYPTO);
    assert_int_equal(s.media[1].flags, 0);
    assert_int_equal(s.media[1].port, 0);
    assert_int_equal(s.media[1].dir, RL_DIR_SENDRECV);
    assert_int_equal(s.media[2].dir, RL_DIR_SENDONLY);
}

/* Readable although not quite RFC 4566, and not readable. */
static void what_can_be_read(void **state)
{
    static const struct {
        const char *sdp;
        uint8_t state;
    } rows[] = {
        {TOP,                                                                                       RL_SDP_OK },
        {TOP "m=audio 4000 RTP/AVP 0",                                                              RL_SDP_OK }, /* no last line end */
        {"v=0\r\no=- 1 1 IN IP4 h.example\r\ns=\r\nc=IN IP4 h.example\r\nt=0 0\r\nm=audio 9 "
         "RTP/AVP 0\r\n",                                                                  RL_SDP_OK },
        {"v=0\no=- 1 1 IN IP4 h.example\ns=\nc=IN IP4 h.example\nt=0 0\nm=audio 9 RTP/AVP 0\n",
         RL_SDP_OK                                                                                            },
        {"v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
         RL_SDP_OK                                                                                            },
        {TOP "m=audio 0 RTP/AVP 0\r\nc=IN IP4 127.0.0.1\r\nb=AS:64\r\n",                            RL_SDP_OK },
        {"v=1\r\no=- 1 1 IN IP4 h.example\r\ns=-\r\nt=0 0\r\n",                                     RL_SDP_BAD},
        {"v=0\r\no=- 1 1 IN IP4 h.example\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
         RL_SDP_BAD                                                                                           }, /* no c= */
        {"v=0\r\no=- 1 1 IN IP4 h.example\r\ns=-\r\nc=IN IP4 h.example\r\nm=audio 9 RTP/AVP 0\r\n",
         RL_SDP_BAD                                                                                           }, /* no t= */
        {TOP "m=audio 4000 RTP/AVP 0\r\na=sendrecv\r\nc=IN IP4 127.0.0.1\r\n",                      RL_SDP_BAD},
        {TOP "m=audio 65536 RTP/AVP 0\r\n",                                                         RL_SDP_BAD},
        {TOP "m=audio many RTP/AVP 0\r\n",                                                          RL_SDP_BAD},
        {TOP "m=audio -1 RTP/AVP 0\r\n",                                                            RL_SDP_BAD},
        {TOP "m=aud io 4000 RTP/AVP 0\r\n",                                                         RL_SDP_BAD},
        {TOP "m=audio\r\n",                                                                         RL_SDP_BAD},
        {TOP "m=\r\n",                                                                              RL_SDP_BAD},
        {TOP "m=audio 4000 RTP/AVP 0\r\nc=IN IP4\r\n",                                              RL_SDP_BAD},
        {TOP "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 \x01\x02\r\n",                                     RL_SDP_BAD},
        {TOP "m=audio 4000 RTP/AVP 0\r\nc=IN IP9 127.0.0.1\r\n",                                    RL_SDP_BAD},
        {TOP "m=audio 4000 RTP/AVP 0\r\nc=\r\n",                                                    RL_SDP_BAD},
        {"hello",                                                                                   RL_SDP_BAD},
        {"\r\n\r\n",                                                                                RL_SDP_BAD},
        {"v=0\r\n",                                                                                 RL_SDP_BAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_rec_sip s = read_body(rows[i].sdp);
        if (s.sdp != rows[i].state)
            fail_msg("row %zu: state %u: %s", i, s.sdp, rows[i].sdp);
    }
}

static void eight_lines_and_no_more(void **state)
{
    struct rl_buf b = {0};

    (void)state;
    rl_buf_adds(&b, TOP);
    for (int i = 0; i < RL_REC_MEDIA; i++)
        rl_buf_adds(&b, AUDIO("RTP/AVP"));
    assert_int_equal(read_body(b.data).nmedia, RL_REC_MEDIA);
    rl_buf_adds(&b, AUDIO("RTP/AVP"));
    assert_int_equal(read_body(b.data).sdp, RL_SDP_BAD);
    rl_buf_fini(&b);
}

static void longer_than_any_phone_writes(void **state)
{
    static const struct {
        const char *begin, *again;
        size_t up_to;
    } rows[] = {
        {TOP AUDIO("RTP/AVP"),    "a=long-enough-to-be-few-lines-for-all-these-bytes\r\n", 20000},
        {TOP AUDIO("RTP/AVP"),    "a=x\r\n",                                               3000 },
        {TOP "m=audio 9 RTP/AVP", " 0",                                                    1200 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_buf b = {0};
        rl_buf_adds(&b, rows[i].begin);
        while (b.len < rows[i].up_to)
            rl_buf_adds(&b, rows[i].again);
        rl_buf_adds(&b, "\r\n");
        assert_int_equal(read_body(b.data).sdp, RL_SDP_BAD);
        rl_buf_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crypto_lines),
        cmocka_unit_test(a_tag_twice_proves_nothing),
        cmocka_unit_test(protocols_and_kinds),
        cmocka_unit_test(fingerprints_and_setup),
        cmocka_unit_test(directions),
        cmocka_unit_test(each_line_has_its_own),
        cmocka_unit_test(what_can_be_read),
        cmocka_unit_test(eight_lines_and_no_more),
        cmocka_unit_test(longer_than_any_phone_writes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
