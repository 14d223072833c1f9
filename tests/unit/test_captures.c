/* The recordings, replayed as they are and in every way that must not matter: renamed, repeated,
 * reordered, with messages lost, without the facts that prove anything, from a source that is not
 * listed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>

#include "replay.h"

enum { MAX_RENAMES = 96 };

/* --- as it is, and what must not matter --- */
static void test_as_recorded(const struct capture *cap)
{
    struct run run = {.cap = cap, .what = "as recorded"};
    int order[MAX_RECORDS];

    in_order(cap, order);
    replay(&run, order);
}

static void test_repeated(const struct capture *cap)
{
    struct run run = {.cap = cap, .what = "each message twice"};

    for (int gap = 0; gap < 4; gap++) {
        begin(&run);
        for (int i = 0; i < (int)cap->n; i++) {
            feed(&run, &cap->rec[i]);
            feed(&run, &cap->rec[i]);
            if (i >= gap && !is_check(cap, i - 1))
                feed(&run, &cap->rec[i - gap]);
            check_at(&run, i);
        }
        end(&run);
    }
}

static void test_swapped(const struct capture *cap)
{
    struct run run = {.cap = cap};
    int order[MAX_RECORDS];
    char what[64];

    run.what = what;
    for (int clock = 0; clock < 2; clock++)
        for (size_t i = 0; i + 1 < cap->n; i++) {
            if (is_check(cap, (int)i))
                continue;
            in_order(cap, order);
            order[i] = (int)i + 1;
            order[i + 1] = (int)i;
            run.arrival_time = clock;
            snprintf(what, sizeof what, "%zu and its next swapped, clock %d", i, clock);
            run.weaker_allowed = false;
            begin(&run);
            for (size_t k = 0; k < cap->n; k++) {
                run.at = (int)k;
                feed(&run, &cap->rec[order[k]]);
                if (k != i)
                    check_at(&run, (int)k);
            }
            end(&run);
        }
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 16;
}

/* Shuffle within windows that do not reach over a checkpoint; what stretches "until" is left out,
 * for a BYE may be among it. */
static void test_shuffled(const struct capture *cap)
{
    struct run run = {.cap = cap};
    int order[MAX_RECORDS];
    char what[64];

    run.what = what;
    for (unsigned seed = 1; seed <= 40; seed++) {
        unsigned r = seed;
        int width = 2 + (int)(seed % 4);
        in_order(cap, order);
        for (int i = 0; i < (int)cap->n; i++)
            for (int k = i; k > 0 && k > i - width && !is_check(cap, k - 1); k--)
                if (next_random(&r) % 3 == 0) {
                    int x = order[k];
                    order[k] = order[k - 1];
                    order[k - 1] = x;
                }
        snprintf(what, sizeof what, "shuffled with seed %u", seed);
        begin(&run);
        for (int i = 0; i < (int)cap->n; i++) {
            run.at = i;
            feed(&run, &cap->rec[order[i]]);
            if (is_check(cap, i))
                check_at(&run, i);
        }
        end(&run);
    }
}

/* --- other names: numbers, devices, Call-IDs and tags, of the same length and of another --- */
struct rename {
    size_t n;
    char from[MAX_RENAMES][64], to[MAX_RENAMES][72];
};

static void add_rename(struct rename *r, const char *token, size_t n, bool longer)
{
    for (size_t i = 0; i < r->n; i++)
        if (strlen(r->from[i]) == n && memcmp(r->from[i], token, n) == 0)
            return;
    assert_true(r->n < MAX_RENAMES && n < sizeof r->from[0]);
    memcpy(r->from[r->n], token, n);
    snprintf(r->to[r->n], sizeof r->to[0], "%s%.*s", longer ? "77" : "", (int)n, token);
    for (char *c = r->to[r->n]; *c; c++)
        *c = isdigit((unsigned char)*c)   ? (char)('0' + (*c - '0' + 3) % 10)
             : islower((unsigned char)*c) ? (char)('a' + (*c - 'a' + 5) % 26)
                                          : *c;
    r->n++;
}

static const char *new_name(const struct rename *r, const char *token, size_t n)
{
    for (size_t i = 0; r && i < r->n; i++)
        if (strlen(r->from[i]) == n && memcmp(r->from[i], token, n) == 0)
            return r->to[i];
    return NULL;
}

static void collect_tags(struct rename *r, const struct datagram *d, bool longer)
{
    const char *p = (const char *)d->bytes, *last = p + d->n;

    while ((p = memmem(p, (size_t)(last - p), ";tag=", 5))) {
        const char *token = p += 5;
        while (p < last && isalnum((unsigned char)*p))
            p++;
        add_rename(r, token, (size_t)(p - token), longer);
    }
}

static void collect(struct rename *r, const struct capture *cap, bool longer)
{
    size_t i;
    const char *call_id;
    json_t *check, *want;

    *r = (struct rename){0};
    for (i = 0; i < site.n; i++) {
        add_rename(r, site.name[i], strlen(site.name[i]), longer);
        for (const char *p = site.lines[i]; *p; p += strcspn(p, ","), p += *p == ',')
            add_rename(r, p, strcspn(p, ","), longer);
    }
    json_array_foreach (cap->checks, i, check)
        json_object_foreach (json_object_get(check, "calls"), call_id, want)
            add_rename(r, call_id, strlen(call_id), longer);
    for (i = 0; i < cap->n; i++)
        collect_tags(r, &cap->rec[i], longer);
}

/* Rewrite the tokens of a text; returns its new length. */
static size_t rewrite(const struct rename *r, const char *in, size_t n, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < n;) {
        size_t k = i;
        while (k < n && isalnum((unsigned char)in[k]))
            k++;
        const char *to = new_name(r, in + i, k - i);
        size_t taken = k > i ? k - i : 1, put = to ? strlen(to) : taken;
        memcpy(out + len, to ? to : in + i, put);
        len += put;
        i += taken;
    }
    return len;
}

static void put_be16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* The datagram with its texts rewritten: correlation id, and the payload without its SDP. */
static struct datagram rename_datagram(const struct rename *r, const struct datagram *d)
{
    struct datagram out = {.bytes = malloc(d->n * 2 + 64), .n = 6, .time_us = d->time_us};

    memcpy(out.bytes, d->bytes, 6);
    for (size_t i = 6; i + 6 <= d->n;) {
        const uint8_t *chunk = d->bytes + i;
        size_t n = (size_t)chunk[4] << 8 | chunk[5], len = n - 6,
               type = (size_t)chunk[2] << 8 | chunk[3];
        const char *data = (const char *)chunk + 6, *body = memmem(data, len, "\r\n\r\n", 4);
        size_t head = type == 0x11 ? len : type != 0x0f ? 0 : body ? (size_t)(body - data) : len;
        uint8_t *to = out.bytes + out.n;
        size_t put = rewrite(r, data, head, (char *)to + 6);
        memcpy(to, chunk, 4);
        memcpy(to + 6 + put, data + head, len - head);
        put_be16(to + 4, 6 + put + len - head);
        out.n += 6 + put + len - head;
        i += n;
    }
    put_be16(out.bytes + 4, out.n);
    return out;
}

static void rename_site(const struct rename *r)
{
    for (size_t i = 0; i < site.n; i++) {
        char lines[sizeof site.lines[0] * 2];
        size_t n = rewrite(r, site.lines[i], strlen(site.lines[i]), lines);
        memcpy(site.lines[i], lines, n);
        site.lines[i][n] = '\0';
        strcpy(site.name[i], new_name(r, site.name[i], strlen(site.name[i])));
    }
}

static json_t *rename_checks(const struct rename *r, json_t *checks)
{
    json_t *copy = json_deep_copy(checks), *check, *want;
    const char *call_id;
    size_t i;

    json_array_foreach (checks, i, check) {
        json_t *calls = json_object();
        json_object_foreach (json_object_get(check, "calls"), call_id, want)
            json_object_set(calls, new_name(r, call_id, strlen(call_id)), want);
        json_object_set_new(json_array_get(copy, i), "calls", calls);
    }
    return copy;
}

static void test_renamed(const struct capture *cap)
{
    static struct rename r;
    static struct capture other;
    int order[MAX_RECORDS];

    for (int longer = 0; longer < 2; longer++) {
        struct run run = {.cap = &other, .what = longer ? "longer names" : "other names"};
        collect(&r, cap, longer);
        other = (struct capture){
            .name = cap->name, .n = cap->n, .checks = rename_checks(&r, cap->checks)};
        for (size_t i = 0; i < cap->n; i++)
            other.rec[i] = rename_datagram(&r, &cap->rec[i]);
        rename_site(&r);
        in_order(&other, order);
        replay(&run, order);
        load_devices(run_folder);
        json_decref(other.checks);
        drop_capture(&other);
    }
}

/* That a connection closed is told once: without it nobody can know. */
static bool may_be_lost(const struct datagram *d)
{
    return !memmem(d->bytes, d->n, "\"ev\":\"closed\"", 13);
}

static void test_lossy(const struct capture *cap)
{
    struct run run = {.cap = cap, .weaker_allowed = true};
    int order[MAX_RECORDS];
    char what[64];

    run.what = what;
    for (size_t i = 0; i < cap->n; i++) {
        in_order(cap, order);
        if (may_be_lost(&cap->rec[i]))
            order[i] = -1;
        snprintf(what, sizeof what, "without record %zu", i);
        replay(&run, order);
    }
    for (unsigned seed = 1; seed <= 40; seed++) {
        unsigned r = seed;
        in_order(cap, order);
        for (size_t i = 0; i < cap->n; i++)
            if (next_random(&r) % 6 == 0 && may_be_lost(&cap->rec[i]))
                order[i] = -1;
        snprintf(what, sizeof what, "without one in six, seed %u", seed);
        replay(&run, order);
    }
}

static void test_unproven(const struct capture *cap)
{
    struct run run = {.cap = cap, .what = "without TLS facts", .no_tls_facts = true};
    int order[MAX_RECORDS];

    in_order(cap, order);
    replay(&run, order);
    assert_false(run.locked_ever);
    run = (struct run){.cap = cap, .what = "unlisted source", .unlisted = true};
    replay(&run, order);
    assert_false(run.locked_ever);
}

/* 10-unauthorized: 13 are turned away and told once each, then three register; a 401 alone is no
 * alarm. */
static void turned_away(void **state)
{
    struct capture cap = {.name = "10-unauthorized.hep", .checks = json_array()};
    struct run run = {.cap = &cap, .what = "as recorded"};

    (void)state;
    load_devices(folders[0]);
    load_capture(folders[0], &cap);
    for (int copies = 1; copies <= 2; copies++) {
        memset(run.seen, 0, sizeof run.seen);
        begin(&run);
        for (size_t i = 0; i < cap.n; i++) {
            for (int k = 0; k < copies; k++)
                feed(&run, &cap.rec[i]);
            if (i < 46)
                assert_int_equal(registrations(&run), 0);
        }
        rl_tracker_tick(run.t, run.clock + 5000000, run.clock + 5000000);
        assert_int_equal(run.seen[RL_SEEN_DENIED], 11);
        assert_int_equal(run.seen[RL_SEEN_WRONG_PASSWORD], 2);
        assert_int_equal(run.seen[RL_SEEN_REGISTERED], 3);
        assert_int_equal(run.seen[RL_SEEN_CLOSED], 2);
        assert_int_equal(registrations(&run), 1);
        end(&run);
    }
    drop_capture(&cap);
    json_decref(cap.checks);
}

#define FOR_EACH(name)             \
    static void name(void **state) \
    {                              \
        (void)state;               \
        for_each(test_##name);     \
    }
FOR_EACH(as_recorded)
FOR_EACH(repeated)
FOR_EACH(swapped)
FOR_EACH(shuffled)
FOR_EACH(lossy)
FOR_EACH(renamed)
FOR_EACH(unproven)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_recorded), cmocka_unit_test(repeated),    cmocka_unit_test(swapped),
        cmocka_unit_test(shuffled),    cmocka_unit_test(lossy),       cmocka_unit_test(unproven),
        cmocka_unit_test(renamed),     cmocka_unit_test(turned_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
