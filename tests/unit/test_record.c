#include <stdio.h>

#include "feed_make.h"

static struct rl_str text(const char *s)
{
    return (struct rl_str){s, (uint16_t)strlen(s)};
}

static struct rl_addr address(const char *v4, uint16_t port, enum rl_transport transport)
{
    struct rl_addr a = {
        .ip = {[10] = 0xff, [11] = 0xff},
          .port = port, .transport = transport
    };

    memcpy(a.ip + 12, v4, 4);
    return a;
}

static struct rl_rec make_sip(void)
{
    struct rl_rec rec = {.kind = RL_REC_SIP, .listed = true, .time_us = 1795410698741969};

    rec.src = address("\x7f\0\0\x01", 43511, RL_TP_TLS);
    rec.dst = address("\x7f\0\0\x01", 5061, RL_TP_TLS);
    rec.hep_correlation = text("h");
    rec.sip = (struct rl_rec_sip){
        .request = true,
        .method = RL_M_INVITE,
        .cseq = 4000000000,
        .call_id = text("c@d"),
        .from_tag = text("ft"),
        .to_tag = text("tt"),
        .from_user = text("1001"),
        .from_name = text("A \xc3\xa4"),
        .to_user = text("1002"),
        .ruri_user = text("r"),
        .branch = text("b1"),
        .parent_branch = text("b2"),
        .vias = 3,
        .contact = text("sip:a@b"),
        .isfocus = true,
        .expires = -1,
        .session_expires = 1800,
        .correlation = text("x"),
        .refer_to = text("2001"),
        .replaces = text("rep"),
        .credentials = true,
        .stale = true,
        .need_prack = true,
        .rack_cseq = 9,
        .sdp = RL_SDP_OK,
        .nmedia = RL_REC_MEDIA,
    };
    for (size_t i = 0; i < RL_REC_MEDIA; i++)
        rec.sip.media[i] = (struct rl_media){RL_MEDIA_VIDEO, RL_DIR_RECVONLY, (uint16_t)(5000 + i),
                                             RL_MF_SAVP | RL_MF_CRYPTO, 1U << i};
    return rec;
}

static struct rl_rec make_fact(void)
{
    struct rl_rec rec = {.kind = RL_REC_FACT, .time_us = 1};

    rec.src = rec.dst = address("\x0a\0\0\x01", 5060, RL_TP_UDP);
    rec.fact = (struct rl_rec_fact){
        .event = RL_FACT_DENY,
        .method = RL_M_REGISTER,
        .status = 403,
        .why = text("tls-required"),
        .device = text("SEP1"),
        .peer = address("\x0a\0\0\x02", 1, RL_TP_SCTP),
        .con = text("7"),
        .verified = true,
        .cn = text("cn"),
        .san = text("san"),
        .serial = text("4098"),
        .fp = text("ab"),
        .tls = text("TLSv1.3"),
        .cipher = text("X"),
        .bits = -1,
        .call_id = text("c"),
    };
    return rec;
}

static struct rl_rec make_stats(void)
{
    return (struct rl_rec){
        .kind = RL_REC_STATS,
        .stats = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, UINT64_MAX}
    };
}

static void decode_all(const struct rl_buf *b, struct rl_rec *rec)
{
    assert_int_equal(rl_rec_decode((const uint8_t *)b->data, b->len, rec), b->len);
}

/* What was decoded encodes to the same bytes: no member is lost or mixed up on one side alone. */
static void records_come_back(void **state)
{
    const struct rl_rec recs[] = {make_sip(), make_fact(), make_stats()};

    (void)state;
    for (size_t i = 0; i < sizeof recs / sizeof *recs; i++) {
        struct rl_buf first = {0}, second = {0};
        struct rl_rec rec;
        rl_rec_encode(&recs[i], &first);
        decode_all(&first, &rec);
        rl_rec_encode(&rec, &second);
        assert_int_equal(first.len, second.len);
        assert_memory_equal(first.data, second.data, first.len);
        rl_buf_fini(&first);
        rl_buf_fini(&second);
    }
}

static void members_keep_their_places(void **state)
{
    struct rl_rec sip = make_sip(), fact = make_fact(), rec;
    struct rl_buf b = {0};

    (void)state;
    rl_rec_encode(&sip, &b);
    decode_all(&b, &rec);
    assert_true(rec.listed && rec.sip.request && rec.sip.isfocus && rec.sip.credentials);
    assert_true(rec.sip.stale && rec.sip.need_prack);
    assert_false(rec.sip.contact_star);
    assert_int_equal(rec.time_us, sip.time_us);
    assert_true(rl_addr_equal(&rec.src, &sip.src) && rl_addr_equal(&rec.dst, &sip.dst));
    assert_int_equal(rec.sip.cseq, 4000000000);
    assert_int_equal(rec.sip.expires, -1);
    assert_text(rec.sip.call_id, "c@d");
    assert_text(rec.sip.from_name, "A \xc3\xa4");
    assert_text(rec.sip.replaces, "rep");
    assert_memory_equal(rec.sip.media, sip.sip.media, sizeof rec.sip.media);
    rl_buf_clear(&b);
    rl_rec_encode(&fact, &b);
    decode_all(&b, &rec);
    assert_text(rec.fact.why, "tls-required");
    assert_int_equal(rec.fact.bits, -1);
    assert_true(rec.fact.verified && !rec.fact.selfsigned);
    assert_true(rl_addr_equal(&rec.fact.peer, &fact.fact.peer));
    rl_buf_fini(&b);
}

static struct rl_str call_id_of(const char *call_id, size_t n, struct rl_buf *b)
{
    struct rl_rec rec = make_sip();

    rec.sip.call_id = (struct rl_str){call_id, (uint16_t)n};
    rl_rec_encode(&rec, b);
    decode_all(b, &rec);
    return rec.sip.call_id;
}

static void long_texts_stay_equal_and_apart(void **state)
{
    char a[4096], b[4096];
    struct rl_buf ba = {0}, bb = {0}, bc = {0}, bd = {0};

    (void)state;
    memset(a, 'x', sizeof a);
    memcpy(b, a, sizeof b);
    b[4095] = 'y';
    struct rl_str ha = call_id_of(a, 4096, &ba), hb = call_id_of(b, 4096, &bb);
    struct rl_str again = call_id_of(a, 4096, &bc);
    assert_int_equal(ha.n, 65);
    assert_int_equal(ha.p[0], '#');
    assert_memory_equal(ha.p, again.p, 65);
    assert_memory_not_equal(ha.p, hb.p, 65);
    assert_int_equal(call_id_of(a, 255, &bd).n, 255);
    rl_buf_fini(&ba);
    rl_buf_fini(&bb);
    rl_buf_fini(&bc);
    rl_buf_fini(&bd);
}

static void unfinished_frames_wait(void **state)
{
    struct rl_rec sip = make_sip(), rec;
    struct rl_buf b = {0};

    (void)state;
    rl_rec_encode(&sip, &b);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(rl_rec_decode((const uint8_t *)b.data, n, &rec), 0);
    rl_buf_fini(&b);
}

/* Each changes one byte. 0-3 length, 4 kind, 5 listed, 32 and 51 transports, 52 length of the
 * correlation, 55 method, 75 SDP state, 76 number of media, 77 kind and 78 direction of the first.
 */
static void nonsense_is_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = {
        {0,  1  },
        {3,  5  },
        {4,  3  },
        {5,  2  },
        {32, 5  },
        {51, 5  },
        {52, 255},
        {55, 14 },
        {75, 3  },
        {76, 9  },
        {77, 5  },
        {78, 4  }
    };
    struct rl_rec sip = make_sip(), rec;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_buf b = {0};
        rl_rec_encode(&sip, &b);
        b.data[rows[i].at] = (char)rows[i].value;
        if (rl_rec_decode((const uint8_t *)b.data, b.len, &rec) != -1)
            fail_msg("byte %zu = %u was taken", rows[i].at, rows[i].value);
        rl_buf_fini(&b);
    }
}

static void bytes_behind_the_last_member_are_refused(void **state)
{
    struct rl_rec stats = make_stats(), rec;
    struct rl_buf b = {0};

    (void)state;
    rl_rec_encode(&stats, &b);
    rl_buf_addc(&b, 'x');
    assert_int_equal(rl_rec_decode((const uint8_t *)b.data, b.len, &rec), b.len - 1);
    b.data[3]++;
    assert_int_equal(rl_rec_decode((const uint8_t *)b.data, b.len, &rec), -1);
    rl_buf_fini(&b);
}

static void addresses_read_well(void **state)
{
    struct rl_addr v4 = address("\x7f\0\0\x01", 5061, RL_TP_TLS);
    struct rl_addr v6 = {
        .ip = {0x20, 1, 0x0d, 0xb8, [15] = 5},
          .port = 5061, .transport = RL_TP_TCP
    };
    struct rl_addr longest = {.port = 65535};
    char out[RL_ADDR_TEXT];

    (void)state;
    memset(longest.ip, 0xff, sizeof longest.ip);
    assert_string_equal(rl_addr_text(&v4, out), "tls:127.0.0.1:5061");
    assert_string_equal(rl_addr_text(&v6, out), "tcp:[2001:db8::5]:5061");
    assert_string_equal(rl_addr_text(&longest, out),
                        "unknown:[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
    assert_true(rl_addr_equal(&v4, &v4));
    struct rl_addr other = v4;
    other.transport = RL_TP_TCP;
    assert_false(rl_addr_equal(&v4, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(members_keep_their_places),
        cmocka_unit_test(long_texts_stay_equal_and_apart),
        cmocka_unit_test(unfinished_frames_wait),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(bytes_behind_the_last_member_are_refused),
        cmocka_unit_test(addresses_read_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
