/* bench_file RECORDING: a recording from a file to judged calls in one process, as a viewer of
 * captures reads one: HEP, SIP and SDP, the records as feed writes and the engine reads them, the
 * tracker, the policy. Every phone that the load names is known and trusted. Prints datagrams a
 * second, and the memory of the process for each call that is live at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls/tracker.h"
#include "feed/parse.h"
#include "ringlock/hepfile.h"
#include "ringlock/time.h"

enum { NUMBERS = 100000, FLUSH = 64 * 1024, SECOND_US = 1000000 };

static struct rl_device devices[NUMBERS];
static size_t changes;

static const struct rl_device *device(unsigned long number)
{
    struct rl_device *d = number < NUMBERS ? &devices[number] : NULL;
    if (d && !d->name)
        *d = (struct rl_device){.name = rl_asprintf("SEP%012lu", number),
                                .kind = "phone",
                                .type = "Cisco 8845",
                                .profile = "Bench encrypted",
                                .trusted = RL_YES,
                                .lock_icon = RL_YES,
                                .mode = RL_ENCRYPTED};
    return d;
}

static unsigned long digits(const char *s, size_t n)
{
    unsigned long value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (unsigned long)(s[i] - '0');
    return value;
}

static const struct rl_device *by_name(void *ctx, const char *name, size_t n)
{
    (void)ctx;
    return n == 15 ? device(digits(name + 3, n - 3)) : NULL;
}

static const struct rl_device *by_number(void *ctx, const char *number, size_t n)
{
    (void)ctx;
    return n == 5 ? device(digits(number, n)) : NULL;
}

static const struct rl_device *by_address(void *ctx, const struct rl_addr *addr)
{
    (void)ctx, (void)addr;
    return NULL;
}

static const struct rl_filed *by_digest(void *ctx, const uint8_t digest[RL_DIGEST_BYTES])
{
    (void)ctx, (void)digest;
    return NULL;
}

static void call_changed(void *ctx, const struct rl_call *call)
{
    (void)ctx, (void)call;
    changes++;
}

static void call_forgotten(void *ctx, const char *id)
{
    (void)ctx, (void)id;
}

static void seen(void *ctx, const struct rl_seen *what)
{
    (void)ctx, (void)what;
}

/* What the engine does with a piece of the pipe from feed. */
static void take_records(struct rl_tracker *tracker, struct rl_buf *pipe)
{
    const uint8_t *p = (const uint8_t *)pipe->data;
    struct rl_rec rec;
    long used;
    int64_t now = rl_monotonic_us(), wall = rl_now_us();
    for (size_t at = 0; (used = rl_rec_decode(p + at, pipe->len - at, &rec)) > 0;
         at += (size_t)used)
        rl_tracker_feed(tracker, &rec, now, wall);
    rl_buf_clear(pipe);
}

static size_t run(const char *path, struct rl_parser *parser, struct rl_tracker *tracker)
{
    struct rl_err err;
    struct rl_hepfile *file;
    struct rl_hep_record datagram;
    struct rl_buf pipe = {0};
    struct rl_rec rec;
    bool more = true;
    size_t n = 0;
    if (rl_hepfile_open(path, &file, &err) != RL_OK)
        goto failed;
    while (rl_hepfile_next(file, &datagram, &more, &err) == RL_OK && more) {
        n++;
        if (rl_parse(parser, datagram.bytes, datagram.n, &rec) != RL_FEED_RECORD)
            continue;
        rec.listed = true;
        rl_rec_encode(&rec, &pipe);
        if (pipe.len > FLUSH)
            take_records(tracker, &pipe);
    }
    take_records(tracker, &pipe);
    rl_buf_fini(&pipe);
    rl_hepfile_close(&file);
    if (!more)
        return n;
failed:
    fprintf(stderr, "bench_file: %s\n", err.text);
    exit(1);
}

static long resident(void)
{
    long total = 0, pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%ld %ld", &total, &pages) != 2)
        pages = 0;
    if (f)
        fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv)
{
    static const struct rl_tracker_config config = {.mixed = true,
                                                    .silence_us = 3600LL * SECOND_US,
                                                    .ringing_us = 3600LL * SECOND_US,
                                                    .ended_keep_us = 3600LL * SECOND_US,
                                                    .ended_keep = 10000,
                                                    .max_calls = 200000};
    static const struct rl_directory directory = {NULL, by_name, by_number, by_address, by_digest};
    static const struct rl_tracker_hooks hooks = {NULL, call_changed, call_forgotten, seen};
    struct rl_tracker_counts counts;
    if (argc != 2) {
        fprintf(stderr, "usage: bench_file RECORDING\n");
        return 2;
    }
    struct rl_parser *parser = rl_parser_new(&(struct rl_feed_config){.key = NULL});
    struct rl_tracker *tracker = rl_tracker_new(&config, &directory, &hooks);
    long before = resident();
    int64_t begin = rl_monotonic_us();
    size_t n = run(argv[1], parser, tracker);
    double seconds = (double)(rl_monotonic_us() - begin) / SECOND_US;
    rl_tracker_counts(tracker, &counts);
    printf("%zu datagrams in %.2f s: %.0f/s; %zu calls live, %zu locked, %zu ended, %zu changes", n,
           seconds, (double)n / seconds, counts.live, counts.locked, counts.ended, changes);
    if (counts.live)
        printf("; %ld bytes for each live call", (resident() - before) / (long)counts.live);
    printf("\n");
    rl_tracker_free(&tracker);
    rl_parser_free(&parser);
    for (size_t i = 0; i < NUMBERS; i++)
        free((char *)(uintptr_t)devices[i].name);
    return 0;
}
