#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enrol/capf_wire.h"
#include "enrol/tvs_wire.h"

/* ---- recorded sessions: tests/vectors, lines "C: HEX" and "S: HEX" ---- */

static size_t unhex(const char *text, uint8_t *out, size_t size)
{
    size_t n = 0;
    unsigned byte;

    while (n < size && sscanf(text + 2 * n, "%2x", &byte) == 1)
        out[n++] = (uint8_t)byte;
    return n;
}

static size_t replay(const char *path, void (*message)(char side, const uint8_t *bytes, size_t n))
{
    static char line[128 * 1024];
    static uint8_t bytes[64 * 1024];
    FILE *f = fopen(path, "re");
    size_t messages = 0;

    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        if ((line[0] == 'C' || line[0] == 'S') && line[1] == ':') {
            message(line[0], bytes, unhex(line + 3, bytes, sizeof bytes));
            messages++;
        }
    fclose(f);
    return messages;
}

static size_t replay_all(const char *dir,
                         void (*message)(char side, const uint8_t *bytes, size_t n))
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    char path[512];
    size_t messages = 0;

    assert_non_null(d);
    while ((entry = readdir(d)) != NULL)
        if (strstr(entry->d_name, ".txt") != NULL) {
            snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
            messages += replay(path, message);
        }
    closedir(d);
    return messages;
}

/* ---- CAPF ---- */

/* The order that the recorded message of a server stands for. */
static struct rl_enr order_of(const struct rl_wire_capf_message *m)
{
    static const uint16_t curves[] = {256, 384, 521};
    const struct rl_bytes *e = m->body.element;
    struct rl_enr order = {.session = m->session};

    if (m->command == RL_WIRE_KEY_REQUEST) {
        order.kind = RL_ENR_KEYGEN;
        order.keygen.type = e[17].p[0];
        order.keygen.size =
            e[17].p[0] ? curves[e[18].p[0]] : (uint16_t)(e[10].p[0] << 8 | e[10].p[1]);
    } else if (m->command == RL_WIRE_STORE_REQUEST) {
        order.kind = RL_ENR_STORE;
        order.store.bytes = (struct rl_bytes){e[4].p + 5, e[4].n - 5};
    } else if (m->command == RL_WIRE_END_SESSION) {
        order.kind = RL_ENR_END;
        order.end.reason = e[1].p[0];
    } else {
        order.kind = m->command == RL_WIRE_FETCH_REQUEST ? RL_ENR_FETCH : RL_ENR_DELETE;
    }
    return order;
}

static void capf_message(char side, const uint8_t *bytes, size_t n)
{
    struct rl_wire_capf_message m;
    struct rl_enr rec;
    struct rl_buf out = {0};

    assert_int_equal(rl_wire_capf_read(bytes, n, &m), n);
    for (size_t part = 0; part < n; part++)
        assert_int_equal(rl_wire_capf_read(bytes, part, &m), 0);
    rl_wire_capf_read(bytes, n, &m);
    if (side == 'C') {
        assert_int_equal(rl_wire_capf_record(&m, &rec), m.command != RL_WIRE_IN_PROGRESS);
        return;
    }
    if (m.command == RL_WIRE_AUTH_REQUEST) {
        rl_wire_capf_write_hello(&out, m.session);
    } else {
        rec = order_of(&m);
        assert_true(rl_wire_capf_write(&out, &rec));
    }
    assert_int_equal(out.len, n);
    assert_memory_equal(out.data, bytes, n);
    rl_buf_fini(&out);
}

/* What clients said is understood, what servers said is what we write, to the byte. */
static void capf_as_recorded(void **state)
{
    (void)state;
    assert_true(replay_all("tests/vectors/capf", capf_message) > 100);
}

struct text {
    const char *p;
    size_t n;
};
#define TEXT(s)          \
    {                    \
        s, sizeof(s) - 1 \
    }

static bool capf_reads(const char *body, size_t n, struct rl_enr *rec, uint8_t command)
{
    static struct rl_buf b;
    struct rl_wire_capf_message m;

    rl_buf_clear(&b);
    rl_buf_add(&b, "\x55", 1);
    rl_buf_addc(&b, (char)command);
    rl_buf_u32(&b, 7);
    rl_buf_u16(&b, (uint16_t)n);
    rl_buf_add(&b, body, n);
    return rl_wire_capf_read((const uint8_t *)b.data, b.len, &m) == (long)b.len &&
           rl_wire_capf_record(&m, rec);
}

#define NAME    "\x0d\0\4SEP\0"
#define VERSION "\7\0\1\3"

static void capf_auth_is_taken(void **state)
{
    static const struct text good[] = {
        TEXT(VERSION NAME),              /* Jabber: no password, version 2 */
        TEXT("\7\0\1\2" NAME),           /* order is free, version 2 */
        TEXT("\7\0\1\1" NAME),           /* 1 */
        TEXT(NAME VERSION "\x63\0\2ab"), /* unknown tag */
        TEXT(NAME VERSION "\xff\0\0"),   /* unknown and empty */
        TEXT("\7\0\1\x9" NAME VERSION),  /* of a repeated one the last */
        TEXT(VERSION "\x0d\0\3SEP"),     /* name without NUL */
    };
    struct rl_enr rec;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(capf_reads(good[i].p, good[i].n, &rec, RL_WIRE_AUTH_RESPONSE));
        assert_int_equal(rec.session, 7);
        assert_int_equal(rec.auth.device.n, 3);
        assert_null(rec.auth.password.p);
    }
    assert_true(capf_reads(VERSION NAME "\x0b\0\1\0", 15, &rec, RL_WIRE_AUTH_RESPONSE));
    assert_non_null(rec.auth.password.p);
    assert_int_equal(rec.auth.password.n, 0);
}

static void capf_auth_is_refused(void **state)
{
    static const struct text bad[] = {
        TEXT(NAME),                             /* no version */
        TEXT("\7\0\1\0" NAME),                  /* 0 */
        TEXT("\7\0\1\4" NAME),                  /* 4 */
        TEXT("\7\0\2\0\3" NAME),                /* too long */
        TEXT("\7\0\0" NAME),                    /* empty */
        TEXT(VERSION),                          /* no name */
        TEXT(VERSION "\x0d\0\1\0"),             /* empty name */
        TEXT(VERSION "\x0d\0\5S\0EP\0"),        /* NUL inside */
        TEXT(VERSION NAME "\1"),                /* stray byte */
        TEXT(VERSION NAME "\1\0"),              /* two */
        TEXT(VERSION "\x0d\0\x10SEP\0"),        /* name beyond the body */
        TEXT(VERSION NAME "\4\0\0"),            /* wrapper: nothing */
        TEXT(VERSION NAME "\4\0\5\1\0\2\0\1"),  /* no certificate in it */
        TEXT(VERSION NAME "\4\0\6\1\0\4\0\1X"), /* longer than it is */
        TEXT(VERSION NAME "\4\0\6\0\0\3\0\1X"), /* none */
        TEXT(VERSION NAME "\x14\0\3\3\0\1"),    /* signature cut off */
        TEXT(VERSION NAME "\x10\0\2\0\0"),      /* SUDI: no elements */
    };
    struct rl_enr rec;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(capf_reads(bad[i].p, bad[i].n, &rec, RL_WIRE_AUTH_RESPONSE));
    assert_false(capf_reads("", 0, &rec, RL_WIRE_STORE_RESPONSE));
    assert_false(capf_reads("", 0, &rec, RL_WIRE_END_SESSION));
    assert_true(capf_reads("\1\0\1\7", 4, &rec, RL_WIRE_KEY_RESPONSE));
    assert_null(rec.reply.bytes.p);
}

static void heads_are_refused(void **state)
{
    struct rl_wire_capf_message capf;
    struct rl_wire_tvs_message tvs;

    (void)state;
    assert_int_equal(rl_wire_capf_read((const uint8_t *)"\x57", 1, &capf), -1);
    assert_int_equal(rl_wire_capf_read((const uint8_t *)"\x55\2\0\0\0\1\x40\1", 8, &capf), -1);
    assert_int_equal(rl_wire_capf_read((const uint8_t *)"\x55\2\0\0\0\1\x40\0", 8, &capf), 0);
    assert_int_equal(rl_wire_tvs_read((const uint8_t *)"\x55", 1, &tvs), -1);
    assert_int_equal(rl_wire_tvs_read((const uint8_t *)"\x57\2", 2, &tvs), -1);
    assert_int_equal(rl_wire_tvs_read((const uint8_t *)"\x57\1\1\0\0\0\0\1\x40\1", 10, &tvs), -1);
    assert_int_equal(rl_wire_tvs_read((const uint8_t *)"\x57\1\1\0\0\0\0\1\x40\0", 10, &tvs), 0);
}

static void orders_that_cannot_be_said(void **state)
{
    struct rl_enr bad_curve = {
        .kind = RL_ENR_KEYGEN, .keygen = {RL_CAPF_EC, 2048}
    };
    struct rl_enr no_certificate = {.kind = RL_ENR_STORE};
    struct rl_enr no_order = {.kind = RL_ENR_HELLO};
    struct rl_buf out = {0};

    (void)state;
    assert_false(rl_wire_capf_write(&out, &bad_curve));
    assert_false(rl_wire_capf_write(&out, &no_certificate));
    assert_false(rl_wire_capf_write(&out, &no_order));
    rl_buf_fini(&out);
}

/* ---- TVS ---- */

static struct rl_wire_tvs_message question; /* the last one read */
static uint8_t question_bytes[64 * 1024];

static void tvs_message(char side, const uint8_t *bytes, size_t n)
{
    struct rl_wire_tvs_message m;
    struct rl_enr rec;
    struct rl_buf out = {0};

    if (side == 'C') {
        memcpy(question_bytes, bytes, n);
        assert_int_equal(rl_wire_tvs_read(question_bytes, n, &question), n);
        assert_true(rl_wire_tvs_record(&question, &rec));
        assert_int_equal(rec.ask.device.n, 23);
        assert_memory_equal(rec.ask.device.p, "CP-8861-SEP001122334455", 23);
        return;
    }
    assert_int_equal(rl_wire_tvs_read(bytes, n, &m), n);
    const struct rl_bytes *e = m.body.element, *ttl = &e[9];
    struct rl_enr_answer answer = {.status = e[7].p[0], .roles = e[8], .der = e[2]};
    for (size_t i = 0; i < ttl->n; i++)
        answer.ttl = answer.ttl << 8 | ttl->p[i];
    rl_wire_tvs_write(&out, question.command, question.session, &answer);
    out.data[3] = (char)bytes[3]; /* reserved: CUCM's is f7 */
    assert_int_equal(out.len, n);
    assert_memory_equal(out.data, bytes, n);
    rl_buf_fini(&out);
}

static void tvs_as_recorded(void **state)
{
    (void)state;
    assert_int_equal(replay_all("tests/vectors/tvs", tvs_message), 18);
}

static bool tvs_reads(const char *body, size_t n, uint8_t command, struct rl_enr *rec)
{
    static struct rl_buf b;
    struct rl_wire_tvs_message m;

    rl_buf_clear(&b);
    rl_buf_add(&b, "\x57\1", 2);
    rl_buf_addc(&b, (char)command);
    rl_buf_add(&b, "\xf7\0\0\3\xe9", 5);
    rl_buf_u16(&b, (uint16_t)n);
    rl_buf_add(&b, body, n);
    return rl_wire_tvs_read((const uint8_t *)b.data, b.len, &m) == (long)b.len &&
           rl_wire_tvs_record(&m, rec);
}

#define PHONE "\1\0\4\1CP7"

/* Tags 4, 5 and 6 in any order: what looks like a name is one. */
static void tvs_tells_issuer_from_serial(void **state)
{
    static const struct text queries[] = {
        TEXT(PHONE "\3\0\5CN=s\0\4\0\5CN=i\0\5\0\2\1\2"),
        TEXT(PHONE "\4\0\2\1\2\5\0\5CN=i\0"),
        TEXT("\6\0\2\1\2\5\0\4CN=i" PHONE),
        TEXT(PHONE "\4\0\2\1\2\6\0\5CN=i\0"),
        TEXT(PHONE "\5\0\2\1\2\6\0\5CN=i\0\x20\0\1x"),
    };
    struct rl_enr rec;

    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        assert_true(tvs_reads(queries[i].p, queries[i].n, RL_WIRE_QUERY_REQUEST, &rec));
        assert_int_equal(rec.ask.issuer.n, 4);
        assert_memory_equal(rec.ask.issuer.p, "CN=i", 4);
        assert_int_equal(rec.ask.serial.n, 2);
        assert_memory_equal(rec.ask.device.p, "CP7", 3);
    }
    assert_true(tvs_reads(PHONE "\4\0\4A=bc\5\0\3B=c", 20, RL_WIRE_QUERY_REQUEST, &rec));
    assert_memory_equal(rec.ask.serial.p, "B=c", 3);
}

static void tvs_refuses(void **state)
{
    struct rl_enr rec;

    (void)state;
    assert_true(tvs_reads(PHONE "\2\0\1x", 11, RL_WIRE_VERIFY_REQUEST, &rec));
    assert_false(tvs_reads(PHONE, 7, RL_WIRE_VERIFY_REQUEST, &rec));             /* nothing asked */
    assert_false(tvs_reads("\2\0\1x", 4, RL_WIRE_VERIFY_REQUEST, &rec));         /* by nobody */
    assert_false(tvs_reads(PHONE "\2\0\1x", 11, RL_WIRE_VERIFY_RESPONSE, &rec)); /* no question */
    assert_false(tvs_reads(PHONE "\2\0\1", 10, RL_WIRE_VERIFY_REQUEST, &rec));   /* cut off */
    assert_false(tvs_reads(PHONE "\4\0\4CN=i", 14, RL_WIRE_QUERY_REQUEST, &rec)); /* no serial */
    assert_false(tvs_reads(PHONE "\5\0\1\1", 11, RL_WIRE_QUERY_REQUEST, &rec));   /* no issuer */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capf_as_recorded),
        cmocka_unit_test(capf_auth_is_taken),
        cmocka_unit_test(capf_auth_is_refused),
        cmocka_unit_test(heads_are_refused),
        cmocka_unit_test(orders_that_cannot_be_said),
        cmocka_unit_test(tvs_as_recorded),
        cmocka_unit_test(tvs_tells_issuer_from_serial),
        cmocka_unit_test(tvs_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
