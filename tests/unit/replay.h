/* Recordings replayed through parser and tracker, and checked against their expected.json. */
#ifndef RL_TESTS_REPLAY_H
#define RL_TESTS_REPLAY_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/tracker.h"
#include "feed/parse.h"
#include "ringlock/hepfile.h"

enum { MAX_RECORDS = 128, MAX_DEVICES = 24 };

static const char *const folders[] = {"data/captures", "tests/captures"};
static const char *run_folder; /* the one under test */

struct datagram {
    uint8_t *bytes;
    size_t n;
    int64_t time_us;
};

struct capture {
    const char *name;
    json_t *checks; /* borrowed: the array of checkpoints */
    size_t n;
    struct datagram rec[MAX_RECORDS];
};

/* --- the devices --- */
static struct {
    size_t n;
    struct rl_device dev[MAX_DEVICES];
    char name[MAX_DEVICES][80], lines[MAX_DEVICES][160];
} site;

static inline enum rl_security mode_of(const char *profile)
{
    return !strncmp(profile, "enc", 3)    ? RL_ENCRYPTED
           : !strncmp(profile, "auth", 4) ? RL_AUTHENTICATED
                                          : RL_NONSECURE;
}

static inline void load_devices(const char *folder)
{
    char path[256], line[256], name[40], profile[64], lines[64];
    FILE *f;

    snprintf(path, sizeof path, "%s/devices.txt", folder);
    f = fopen(path, "re");
    assert_non_null(f);
    site.n = 0;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "device %39s %63s %63s", name, profile, lines) != 3)
            continue;
        assert_true(site.n < MAX_DEVICES);
        strcpy(site.name[site.n], name);
        strcpy(site.lines[site.n], lines);
        site.dev[site.n] = (struct rl_device){.name = site.name[site.n],
                                              .kind = "phone",
                                              .type = "T",
                                              .profile = "P",
                                              .trusted = RL_YES,
                                              .lock_icon = RL_YES,
                                              .mode = mode_of(profile)};
        site.n++;
    }
    fclose(f);
}

static inline const struct rl_device *by_name(void *ctx, const char *name, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < site.n; i++)
        if (strlen(site.name[i]) == n && memcmp(site.name[i], name, n) == 0)
            return &site.dev[i];
    return NULL;
}

static inline bool has_line(const char *lines, const char *number, size_t n)
{
    for (const char *p = lines; *p; p += *p == ',') {
        size_t len = strcspn(p, ",");
        if (len == n && memcmp(p, number, n) == 0)
            return true;
        p += len;
    }
    return false;
}

static inline const struct rl_device *by_number(void *ctx, const char *number, size_t n)
{
    const struct rl_device *found = NULL;

    (void)ctx;
    for (size_t i = 0; i < site.n; i++)
        if (has_line(site.lines[i], number, n)) {
            if (found)
                return NULL;
            found = &site.dev[i];
        }
    return found;
}

static inline const struct rl_device *by_address(void *ctx, const struct rl_addr *addr)
{
    (void)ctx;
    (void)addr;
    return NULL;
}

static inline const struct rl_filed *by_digest(void *ctx, const uint8_t digest[RL_DIGEST_BYTES])
{
    (void)ctx;
    (void)digest;
    return NULL;
}

/* --- one run --- */
struct run {
    const struct capture *cap;
    struct rl_parser *parser;
    struct rl_tracker *t;
    bool unlisted, no_tls_facts, arrival_time;
    int64_t clock;
    const char *what; /* for messages */
    int at;
    bool weaker_allowed;
    bool locked_ever;
    size_t seen[RL_SEEN_CLOSED + 1];
};

static inline const char *shown(const struct rl_call *c)
{
    if (!c)
        return "none";
    if (c->state == RL_CALL_ENDED || c->state == RL_CALL_RINGING)
        return rl_call_state_names[c->state];
    return rl_security_icon(c->verdict->security);
}

static inline bool may_ever_lock(const struct capture *cap, const char *call_id)
{
    size_t i;
    json_t *check;

    json_array_foreach (cap->checks, i, check) {
        const char *want =
            json_string_value(json_object_get(json_object_get(check, "calls"), call_id));
        if (want && strcmp(want, "lock") == 0)
            return true;
    }
    return false;
}

static inline void call_changed(void *ctx, const struct rl_call *c)
{
    struct run *run = ctx;

    if (strcmp(shown(c), "lock") != 0)
        return;
    run->locked_ever = true;
    assert_int_not_equal(c->answered_us, 0);
    for (size_t i = 0; i < c->nsip; i++)
        if (!may_ever_lock(run->cap, c->sip_call_ids[i]))
            fail_msg("%s %s: %s locked at record %d", run->cap->name, run->what, c->sip_call_ids[i],
                     run->at);
}

static inline void seen(void *ctx, const struct rl_seen *s)
{
    struct run *run = ctx;

    run->seen[s->what]++;
}

static inline void begin(struct run *run)
{
    static const struct rl_feed_config feed = {"labkey", NULL};
    const struct rl_tracker_config config = {.mixed = true,
                                             .silence_us = 4 * 3600 * (int64_t)1000000,
                                             .ringing_us = 180 * (int64_t)1000000,
                                             .ended_keep_us = 3600 * (int64_t)1000000,
                                             .ended_keep = 100,
                                             .max_calls = 100};
    const struct rl_directory dir = {NULL, by_name, by_number, by_address, by_digest};
    const struct rl_tracker_hooks hooks = {run, call_changed, NULL, seen};

    run->parser = rl_parser_new(&feed);
    run->t = rl_tracker_new(&config, &dir, &hooks);
    run->clock = 1000000000;
}

static inline void end(struct run *run)
{
    struct rl_tracker_counts n;

    rl_tracker_counts(run->t, &n);
    assert_int_equal(n.live, n.ringing + n.locked + n.shielded + n.open);
    rl_tracker_free(&run->t);
    rl_parser_free(&run->parser);
}

static inline void feed(struct run *run, const struct datagram *d)
{
    struct rl_rec rec;

    run->clock += 1000;
    if (rl_parse(run->parser, d->bytes, d->n, &rec) != RL_FEED_RECORD)
        return;
    rec.listed = !run->unlisted;
    if (run->arrival_time)
        rec.time_us = run->clock;
    if (run->no_tls_facts && rec.kind == RL_REC_FACT && rec.fact.peer.transport == RL_TP_TLS)
        return;
    rl_tracker_feed(run->t, &rec, run->clock, d->time_us);
}

static inline size_t registrations(const struct run *run)
{
    struct rl_tracker_counts n;

    rl_tracker_counts(run->t, &n);
    return n.registrations;
}

static inline bool tolerable(const struct run *run, const char *want, const char *got)
{
    if (strcmp(want, got) == 0)
        return true;
    return run->weaker_allowed && strcmp(got, "lock") != 0;
}

static inline void check_one(struct run *run, const json_t *check, int at)
{
    const char *call_id;
    json_t *want;

    json_object_foreach (json_object_get(check, "calls"), call_id, want) {
        const char *got = shown(rl_tracker_find(run->t, call_id));
        if (!tolerable(run, json_string_value(want), got))
            fail_msg("%s %s: after %d %s is %s, should be %s", run->cap->name, run->what, at,
                     call_id, got, json_string_value(want));
    }
}

/* Check what must hold after record `at`; `from` begins a checkpoint, "until" stretches it. */
static inline void check_at(struct run *run, int at)
{
    size_t i;
    json_t *check;

    json_array_foreach (run->cap->checks, i, check) {
        int after = (int)json_integer_value(json_object_get(check, "after"));
        json_t *until = json_object_get(check, "until");
        if (at == after || (until && at > after && at <= json_integer_value(until)))
            check_one(run, check, at);
    }
}

static inline bool is_check(const struct capture *cap, int at)
{
    size_t i;
    json_t *check;

    json_array_foreach (cap->checks, i, check)
        if (json_integer_value(json_object_get(check, "after")) == at)
            return true;
    return false;
}

/* Replay in the given order; order[i] < 0 stands for a lost record. */
static inline void replay(struct run *run, const int *order)
{
    begin(run);
    for (size_t i = 0; i < run->cap->n; i++) {
        run->at = (int)i;
        if (order[i] >= 0)
            feed(run, &run->cap->rec[order[i]]);
        if (!run->unlisted && !run->no_tls_facts)
            check_at(run, (int)i);
    }
    end(run);
}

static inline void in_order(const struct capture *cap, int *order)
{
    for (size_t i = 0; i < cap->n; i++)
        order[i] = (int)i;
}

/* --- the captures --- */
static inline void load_capture(const char *folder, struct capture *cap)
{
    struct rl_hepfile *file;
    struct rl_hep_record rec;
    struct rl_err err;
    char path[256];
    bool more;

    snprintf(path, sizeof path, "%s/%s", folder, cap->name);
    assert_int_equal(rl_hepfile_open(path, &file, &err), RL_OK);
    while (rl_hepfile_next(file, &rec, &more, &err) == RL_OK && more) {
        struct datagram *d = &cap->rec[cap->n++];
        assert_true(cap->n <= MAX_RECORDS);
        d->bytes = malloc(rec.n);
        memcpy(d->bytes, rec.bytes, rec.n);
        d->n = rec.n;
        d->time_us = rec.time_us;
    }
    rl_hepfile_close(&file);
}

static inline void drop_capture(struct capture *cap)
{
    for (size_t i = 0; i < cap->n; i++)
        free(cap->rec[i].bytes);
}

static inline void for_each(void (*test)(const struct capture *cap))
{
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[256];
        json_t *all, *checks;
        const char *name;
        int count = 0;

        run_folder = folders[i];
        load_devices(run_folder);
        snprintf(path, sizeof path, "%s/expected.json", folders[i]);
        all = json_load_file(path, 0, NULL);
        assert_non_null(all);
        json_object_foreach (all, name, checks) {
            struct capture cap = {.name = name, .checks = checks};
            load_capture(folders[i], &cap);
            test(&cap);
            drop_capture(&cap);
            count++;
        }
        assert_true(count >= 20);
        json_decref(all);
    }
}

#endif
