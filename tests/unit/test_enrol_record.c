#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "enrol/record.h"

static struct rl_bytes bytes(const char *text)
{
    return (struct rl_bytes){(const uint8_t *)text, strlen(text)};
}

static const struct rl_bytes empty = {(const uint8_t *)"", 0};

static bool same(struct rl_bytes a, struct rl_bytes b)
{
    return a.n == b.n && (a.p == NULL) == (b.p == NULL) && (a.n == 0 || !memcmp(a.p, b.p, a.n));
}

static struct rl_enr_ask make_ask(bool query)
{
    struct rl_enr_ask ask = {.device = bytes("CP-1-SEP")};

    if (!query) {
        ask.der = bytes("der");
        return ask;
    }
    ask.subject = bytes("CN=a");
    ask.issuer = bytes("CN=b");
    ask.serial = bytes("\1\2");
    return ask;
}

static struct rl_enr_auth make_auth(void)
{
    return (struct rl_enr_auth){.version = 3,
                                .reason = 1,
                                .device = bytes("SEP001122334455"),
                                .password = empty,
                                .certificate = bytes("X"),
                                .sha1 = bytes("s1"),
                                .sha2_hash = 3,
                                .sha2 = bytes("s2"),
                                .sudi = bytes("M"),
                                .sudi_sha1 = bytes("m1"),
                                .sudi_sha512 = bytes("m2")};
}

static struct rl_enr_setup make_setup(void)
{
    return (struct rl_enr_setup){1, 1, 2000, 50, 10000, 15000, 300000, 600000, bytes("c"), empty};
}

/* One of each kind, with every field that the kind has. */
static struct rl_enr make(unsigned kind)
{
    struct rl_enr rec = {.kind = (uint8_t)kind, .session = 0xfffefdfc};

    if (kind == RL_ENR_HELLO)
        rec.hello = (struct rl_enr_hello){bytes("0123456789abcdef"), 50000};
    else if (kind == RL_ENR_AUTH)
        rec.auth = make_auth();
    else if (kind == RL_ENR_KEY || kind == RL_ENR_FETCHED || kind == RL_ENR_STORE)
        rec.reply = (struct rl_enr_reply){1, bytes("der")};
    else if (kind == RL_ENR_STORED || kind == RL_ENR_DELETED)
        rec.reply.reason = 7;
    else if (kind == RL_ENR_GONE || kind == RL_ENR_END)
        rec.end.reason = 4;
    else if (kind == RL_ENR_VERIFY || kind == RL_ENR_QUERY)
        rec.ask = make_ask(kind == RL_ENR_QUERY);
    else if (kind == RL_ENR_STATS)
        rec.stats = (struct rl_enr_stats){.open = 1ULL << 40, .lost = UINT64_MAX};
    else if (kind == RL_ENR_SETUP)
        rec.setup = make_setup();
    else if (kind == RL_ENR_KEYGEN)
        rec.keygen = (struct rl_enr_keygen){RL_CAPF_EC, 384};
    else if (kind == RL_ENR_ANSWER)
        rec.answer = (struct rl_enr_answer){0, bytes("\1\3"), 86400, bytes("der")};
    return rec;
}

static void every_kind_comes_back(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < RL_ENR_KINDS; kind++) {
        struct rl_enr rec = make(kind), copy;
        struct rl_buf b = {0}, again = {0};

        rl_enr_encode(&rec, &b);
        assert_int_equal(rl_enr_decode((const uint8_t *)b.data, b.len, &copy), b.len);
        assert_int_equal(copy.kind, kind);
        assert_int_equal(copy.session, 0xfffefdfc);
        rl_enr_encode(&copy, &again);
        assert_int_equal(again.len, b.len);
        assert_memory_equal(again.data, b.data, b.len);
        for (size_t n = 0; n < b.len; n++)
            assert_int_equal(rl_enr_decode((const uint8_t *)b.data, n, &copy), 0);
        rl_buf_fini(&b);
        rl_buf_fini(&again);
    }
}

static void fields_keep_their_values(void **state)
{
    struct rl_enr rec = make(RL_ENR_AUTH), copy;
    struct rl_buf b = {0};

    (void)state;
    rl_enr_encode(&rec, &b);
    assert_true(rl_enr_decode((const uint8_t *)b.data, b.len, &copy) > 0);
    assert_int_equal(copy.auth.version, 3);
    assert_int_equal(copy.auth.sha2_hash, 3);
    assert_true(same(copy.auth.device, rec.auth.device));
    assert_true(same(copy.auth.password, empty));
    assert_true(same(copy.auth.sudi_sha512, rec.auth.sudi_sha512));
    rl_buf_clear(&b);

    rec.auth.password = (struct rl_bytes){0};
    rl_enr_encode(&rec, &b);
    assert_true(rl_enr_decode((const uint8_t *)b.data, b.len, &copy) > 0);
    assert_true(same(copy.auth.password, (struct rl_bytes){0}));
    rl_buf_fini(&b);

    rec = make(RL_ENR_STATS);
    rl_enr_encode(&rec, &b);
    assert_true(rl_enr_decode((const uint8_t *)b.data, b.len, &copy) > 0);
    assert_true(copy.stats.open == 1ULL << 40 && copy.stats.lost == UINT64_MAX);
    rl_buf_fini(&b);
}

static void refused(const char *frame, size_t n)
{
    struct rl_enr rec;

    assert_int_equal(rl_enr_decode((const uint8_t *)frame, n, &rec), -1);
}

static void what_is_no_record(void **state)
{
    (void)state;
    refused("\0\0\0\0", 4);                                /* no room for its head */
    refused("\0\4\0\1", 4);                                /* too long */
    refused("\0\0\0\5\x7f\0\0\0\1", 9);                    /* no such kind */
    refused("\0\0\0\5\x06\0\0\0\1", 9);                    /* GONE without why */
    refused("\0\0\0\7\x06\0\0\0\1\0\0", 11);               /* a byte too many */
    refused("\0\0\0\x0b\0\0\0\0\1\0\0\0\1\0\x50", 15);     /* HELLO, no address */
    refused("\0\0\0\x0a\x01\0\0\0\1\1\1\xff\xff\xff", 14); /* text past the end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back),
        cmocka_unit_test(fields_keep_their_values),
        cmocka_unit_test(what_is_no_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
