#include "engine/feed_child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "engine/child.h"
#include "engine/log.h"
#include "feed/feed.h"

struct rl_feed {
    const struct rl_config *config;
    struct rl_feed_hooks hooks;
    struct rl_listener udp, tcp;
    int receive_buffer;
    struct rl_child *child;
    uint64_t drops;            /* of UDP sockets that were closed */
    struct rl_rec_stats stats; /* of all lives */
};

/* What one life said of itself last. */
struct life {
    struct rl_rec_stats told;
};

static bool descriptors(void *ctx, void *life, int socket[2], int *more)
{
    const struct rl_feed *f = ctx;
    (void)life, (void)more;
    socket[0] = f->udp.fd;
    socket[1] = f->tcp.fd;
    return true;
}

/* The key goes by this line, because others can read a process's arguments. */
static void begin(struct rl_child *child, void *ctx, void *life)
{
    const struct rl_feed *f = ctx;
    struct rl_feed_setup setup = {f->config->hep_key, f->config->correlation_header,
                                  (const char *const *)f->config->sources};
    char *line = rl_feed_setup_line(&setup);
    (void)life;
    rl_child_send(child, line, strlen(line));
    rl_wipe_free(line);
}

static void take_stats(struct rl_feed *f, struct life *life, const struct rl_rec_stats *now)
{
#define ADD(name) f->stats.name += now->name - life->told.name;
    RL_REC_COUNTERS(ADD)
#undef ADD
    life->told = *now;
}

static long take(void *ctx, void *life, const uint8_t *bytes, size_t n)
{
    struct rl_feed *f = ctx;
    struct rl_rec rec;
    long used = rl_rec_decode(bytes, n, &rec);
    if (used > 0 && rec.kind == RL_REC_STATS)
        take_stats(f, life, &rec.stats);
    else if (used > 0)
        f->hooks.record(f->hooks.ctx, &rec);
    return used;
}

static const struct rl_child_kind kind = {.name = "feed",
                                          .option = "--feed",
                                          .life_bytes = sizeof(struct life),
                                          .descriptors = descriptors,
                                          .begin = begin,
                                          .take = take};

static uint64_t udp_drops(const struct rl_feed *f)
{
    struct rl_listen_memory memory;
    rl_listen_memory(f->udp.fd, &memory);
    return memory.drops;
}

static enum rl_code listen_both(struct rl_feed *f, struct rl_err *err)
{
    int before = f->udp.fd;
    uint64_t drops = f->udp.configured ? udp_drops(f) : 0;
    enum rl_code code = rl_listener_set(&f->udp, f->config->listen_udp, err);
    if (f->udp.fd != before)
        f->drops += drops;
    return code == RL_OK ? rl_listener_set(&f->tcp, f->config->listen_tcp, err) : code;
}

static void grant_buffer(struct rl_feed *f)
{
    f->receive_buffer = rl_listen_buffer(f->udp.fd, f->config->receive_buffer);
    if (f->receive_buffer < f->config->receive_buffer)
        rl_log(RL_LOG_NOTICE,
               "the system grants %d bytes for waiting datagrams, not %lld (net.core.rmem_max)",
               f->receive_buffer, (long long)f->config->receive_buffer);
}

enum rl_code rl_feed_open(uv_loop_t *loop, const struct rl_config *config,
                          const struct rl_feed_hooks *hooks, struct rl_feed **out,
                          struct rl_err *err)
{
    struct rl_feed *f = rl_alloc(sizeof *f);
    f->config = config;
    f->hooks = *hooks;
    f->udp = (struct rl_listener){.type = SOCK_DGRAM, .section = "hep", .fd = -1};
    f->tcp = (struct rl_listener){.type = SOCK_STREAM, .section = "hep", .fd = -1};
    enum rl_code code = listen_both(f, err);
    if (code != RL_OK) {
        rl_listener_close(&f->udp);
        free(f);
        return code;
    }
    grant_buffer(f);
    f->child = rl_child_open(loop, &kind, f);
    *out = f;
    return RL_OK;
}

enum rl_code rl_feed_configure(struct rl_feed *f, const struct rl_config *config,
                               struct rl_err *err)
{
    f->config = config;
    enum rl_code code = listen_both(f, err);
    grant_buffer(f);
    rl_child_renew(f->child);
    return code;
}

void rl_feed_close(struct rl_feed **feed)
{
    struct rl_feed *f = *feed;
    if (!f)
        return;
    *feed = NULL;
    rl_child_close(&f->child);
    rl_listener_close(&f->udp);
    rl_listener_close(&f->tcp);
    free(f);
}

void rl_feed_status(const struct rl_feed *f, struct rl_feed_status *out)
{
    struct rl_child_status child;
    *out = (struct rl_feed_status){0};
    if (!f)
        return;
    rl_child_status(f->child, &child);
    out->pid = child.pid;
    out->restarts = child.restarts;
    out->restarted_us = child.restarted_us;
    out->pipe = child.waiting;
    out->receive_buffer = f->receive_buffer;
    rl_listen_memory(f->udp.fd, &out->memory);
    out->kernel_drops = f->drops + out->memory.drops;
    out->stats = f->stats;
    snprintf(out->udp, sizeof out->udp, "%s", f->udp.where);
    snprintf(out->tcp, sizeof out->tcp, "%s", f->tcp.where);
}
