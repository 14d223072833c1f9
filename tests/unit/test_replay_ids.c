#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/replay_ids.h"
#include "feed/parse.h"
#include "ringlock/buf.h"
#include "ringlock/hepfile.h"

/* A HEP datagram with one payload and a correlation id. */
static void make(struct rl_buf *out, int protocol, const char *payload, const char *correlation)
{
    size_t total = 6 + 7 + 6 + strlen(payload) + 6 + strlen(correlation);
    rl_buf_clear(out);
    rl_buf_add(out, "HEP3", 4);
    rl_buf_u16(out, (uint16_t)total);
    rl_buf_add(out, "\0\0\0\x0b\0\x07", 6);
    rl_buf_addc(out, (char)protocol);
    rl_buf_add(out, "\0\0\0\x11", 4);
    rl_buf_u16(out, (uint16_t)(6 + strlen(correlation)));
    rl_buf_adds(out, correlation);
    rl_buf_add(out, "\0\0\0\x0f", 4);
    rl_buf_u16(out, (uint16_t)(6 + strlen(payload)));
    rl_buf_adds(out, payload);
}

static const char refer[] = "REFER sip:1002@lab SIP/2.0\r\n"
                            "Via: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKaf01XY\r\n"
                            "From: <sip:1001@lab>;tag=abc123\r\n"
                            "To: <sip:1002@lab>;tag=99\r\n"
                            "Call-ID:one-2a@host\r\n"
                            "CSeq: 123456 REFER\r\n"
                            "Record-Route: <sip:127.0.0.1;lr;ftag=abc123>\r\n"
                            "X-Other-Leg: one-2a@host\r\n"
                            "Refer-To: <sip:1003@lab?Replaces=one-2a%40host%3Bto-tag%3Dabc123>\r\n"
                            "\r\n"
                            "o=- 1 1 abc123\r\n";

static bool contains(const struct rl_buf *b, const char *text)
{
    return memmem(b->data, b->len, text, strlen(text)) != NULL;
}

static void names_are_renamed_wherever_they_stand(void **state)
{
    (void)state;
    struct rl_replay_ids *ids = rl_replay_ids_new();
    struct rl_buf d = {0};
    make(&d, 1, refer, "one-2a@host");
    size_t n = d.len;
    assert_int_equal(rl_replay_ids_note(ids, (uint8_t *)d.data, d.len, NULL), RL_OK);
    rl_replay_ids_rename(ids, 1, (uint8_t *)d.data, d.len);
    assert_int_equal(d.len, n);
    assert_false(contains(&d, "one-2a"));
    assert_false(contains(&d, "tag=abc123"));
    assert_false(contains(&d, "%3Dabc123"));
    assert_true(contains(&d, "branch=z9hG4bK"));
    assert_false(contains(&d, "z9hG4bKaf01XY"));
    assert_true(contains(&d, ";tag=99\r\n"));        /* too short to be told from a number */
    assert_true(contains(&d, "CSeq: 123456 REFER")); /* no name */
    assert_true(contains(&d, "o=- 1 1 abc123"));     /* a body is not touched */
    assert_true(contains(&d, "<sip:1003@lab?Replaces="));
    assert_true(contains(&d, "%40"));
    rl_replay_ids_free(&ids);
    rl_buf_fini(&d);
}

static void log_events_follow_their_call(void **state)
{
    (void)state;
    struct rl_replay_ids *ids = rl_replay_ids_new();
    struct rl_buf sip = {0}, event = {0};
    make(&sip, 1, refer, "one-2a@host");
    make(&event, 100, "{\"ev\":\"reply\",\"dev\":\"SEP1\"}", "one-2a@host");
    rl_replay_ids_note(ids, (uint8_t *)sip.data, sip.len, NULL);
    rl_replay_ids_rename(ids, 7, (uint8_t *)sip.data, sip.len);
    rl_replay_ids_rename(ids, 7, (uint8_t *)event.data, event.len);
    char *id = rl_strndup(event.data + 6 + 7 + 6, strlen("one-2a@host"));
    assert_true(contains(&sip, id));
    assert_true(contains(&event, "\"dev\":\"SEP1\""));
    free(id);
    rl_replay_ids_free(&ids);
    rl_buf_fini(&sip);
    rl_buf_fini(&event);
}

static void names_that_cannot_be_renamed_are_refused(void **state)
{
    static const char *const bad[] = {"1", "abcde", "abc;def-ghi", "two words"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rl_replay_ids *ids = rl_replay_ids_new();
        struct rl_buf d = {0};
        struct rl_err err = {0};
        char *message = rl_asprintf("BYE sip:1@lab SIP/2.0\r\nCall-ID: %s\r\n\r\n", bad[i]);
        make(&d, 1, message, "");
        assert_int_equal(rl_replay_ids_note(ids, (uint8_t *)d.data, d.len, &err), RL_E_HEP_FILE);
        free(message);
        rl_buf_fini(&d);
        rl_replay_ids_free(&ids);
    }
}

static void broken_datagrams_do_no_harm(void **state)
{
    (void)state;
    struct rl_buf d = {0};
    make(&d, 1, refer, "one-2a@host");
    for (size_t n = 0; n <= d.len; n++) {
        uint8_t *copy = rl_alloc(n + 1);
        struct rl_replay_ids *ids = rl_replay_ids_new();
        memcpy(copy, d.data, n);
        rl_replay_ids_note(ids, copy, n, NULL);
        rl_replay_ids_rename(ids, 1, copy, n);
        rl_replay_ids_free(&ids);
        free(copy);
    }
    rl_buf_fini(&d);
}

static void times_are_moved_in_place(void **state)
{
    (void)state;
    struct rl_hepfile *file;
    struct rl_hep_record rec;
    bool more;
    assert_int_equal(rl_hepfile_open("data/captures/01-secure.hep", &file, NULL), RL_OK);
    assert_int_equal(rl_hepfile_next(file, &rec, &more, NULL), RL_OK);
    uint8_t *copy = rl_alloc(rec.n);
    memcpy(copy, rec.bytes, rec.n);
    int64_t time = rl_replay_time(copy, rec.n);
    assert_true(llabs(time - rec.time_us) < 1000000);
    rl_replay_set_time(copy, rec.n, 4000000000123456);
    assert_int_equal(rl_replay_time(copy, rec.n), 4000000000123456);
    rl_replay_set_time(copy, rec.n, time);
    assert_memory_equal(copy, rec.bytes, rec.n);
    assert_int_equal(rl_replay_time(copy, 6), 0);
    rl_replay_set_time(copy, 6, 1);
    assert_memory_equal(copy, rec.bytes, rec.n);
    free(copy);
    rl_hepfile_close(&file);
}

static bool same_str(struct rl_str a, struct rl_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* One record before and after: all that is no name stays. */
static void compare(struct rl_parser *before, struct rl_parser *after, const uint8_t *old,
                    const uint8_t *renamed, size_t n)
{
    struct rl_rec a, b;
    enum rl_feed_result result = rl_parse(before, old, n, &a);
    assert_int_equal(rl_parse(after, renamed, n, &b), result);
    if (result != RL_FEED_RECORD)
        return;
    assert_int_equal(a.kind, b.kind);
    if (a.kind != RL_REC_SIP) {
        assert_true(same_str(a.fact.device, b.fact.device));
        return;
    }
    assert_false(same_str(a.sip.call_id, b.sip.call_id));
    assert_int_equal(a.sip.method, b.sip.method);
    assert_int_equal(a.sip.status, b.sip.status);
    assert_int_equal(a.sip.cseq, b.sip.cseq);
    assert_int_equal(a.sip.nmedia, b.sip.nmedia);
    assert_true(same_str(a.sip.from_user, b.sip.from_user));
    assert_true(same_str(a.sip.to_user, b.sip.to_user));
    assert_true(same_str(a.sip.contact, b.sip.contact));
}

static void each_record(const char *path, void (*fn)(void *ctx, const struct rl_hep_record *rec),
                        void *ctx)
{
    struct rl_hepfile *file;
    struct rl_hep_record rec;
    bool more;
    assert_int_equal(rl_hepfile_open(path, &file, NULL), RL_OK);
    while (rl_hepfile_next(file, &rec, &more, NULL) == RL_OK && more)
        fn(ctx, &rec);
    rl_hepfile_close(&file);
}

struct check {
    struct rl_replay_ids *ids;
    struct rl_parser *before, *after;
    size_t records;
};

static void note_one(void *ctx, const struct rl_hep_record *rec)
{
    struct check *c = ctx;
    assert_int_equal(rl_replay_ids_note(c->ids, rec->bytes, rec->n, NULL), RL_OK);
}

static void rename_one(void *ctx, const struct rl_hep_record *rec)
{
    struct check *c = ctx;
    uint8_t *copy = rl_alloc(rec->n);
    memcpy(copy, rec->bytes, rec->n);
    rl_replay_ids_rename(c->ids, 3, copy, rec->n);
    compare(c->before, c->after, rec->bytes, copy, rec->n);
    c->records++;
    free(copy);
}

static void recordings_keep_all_but_their_names(void **state)
{
    static const char *const names[] = {"01-secure", "11-transfer", "12-conference", "13-fork"};
    struct rl_feed_config config = {0};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = rl_asprintf("data/captures/%s.hep", names[i]);
        struct check c = {rl_replay_ids_new(), rl_parser_new(&config), rl_parser_new(&config), 0};
        each_record(path, note_one, &c);
        each_record(path, rename_one, &c);
        assert_true(c.records > 20);
        rl_replay_ids_free(&c.ids);
        rl_parser_free(&c.before);
        rl_parser_free(&c.after);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_renamed_wherever_they_stand),
        cmocka_unit_test(log_events_follow_their_call),
        cmocka_unit_test(names_that_cannot_be_renamed_are_refused),
        cmocka_unit_test(broken_datagrams_do_no_harm),
        cmocka_unit_test(times_are_moved_in_place),
        cmocka_unit_test(recordings_keep_all_but_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
