#include "engine/feed_child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/log.h"
#include "feed/feed.h"
#include "ringlock/time.h"

enum {
    READ_BYTES = 256 * 1024, /* taken in one turn of the loop */
    PIPE_BYTES = 4 << 20,    /* asked for in the socketpair */
    LIVED_LONG_S = 5,        /* after so long a restart is at once again */
    PAUSE_FIRST_MS = 50,
    PAUSE_MAX_MS = 1000,
    END_MS = 500 /* so long may feed take to end by itself */
};

/* The pipe of one life of the process. It outlives the process until all that it said is read. */
struct life {
    struct life *next; /* the one before it, perhaps still being read */
    uv_poll_t poll;
    struct rl_feed *feed;
    int fd;
    size_t n; /* bytes in `in` */
    struct rl_rec_stats stats;
    uint8_t in[2 * READ_BYTES];
};

struct listener {
    int type; /* SOCK_DGRAM or SOCK_STREAM */
    int fd;
    char *configured; /* as ringlock.conf had it when the socket was made; NULL = there is none */
    char where[RL_LISTEN_TEXT];
};

struct rl_feed {
    uv_loop_t *loop;
    const struct rl_config *config;
    struct rl_feed_hooks hooks;
    struct listener udp, tcp;
    int receive_buffer;
    uv_process_t *process; /* NULL = not running */
    struct life *lives;    /* the newest first */
    uv_timer_t timer;      /* until the next start, or until it has to have ended */
    int64_t began_us;
    unsigned pause_ms, restarts;
    int64_t restarted_us;
    uint64_t drops;           /* of UDP sockets that were closed */
    bool renewing;            /* it ends because it was told to */
    struct rl_rec_stats past; /* of the lives that are over */
};

static void start(struct rl_feed *f);

static void add_stats(struct rl_rec_stats *to, const struct rl_rec_stats *from)
{
#define ADD(name) to->name += from->name;
    RL_REC_COUNTERS(ADD)
#undef ADD
}

static void life_closed(uv_handle_t *handle)
{
    struct life *life = handle->data;
    close(life->fd);
    free(life);
}

static void life_end(struct life *life)
{
    struct life **at = &life->feed->lives;
    while (*at != life)
        at = &(*at)->next;
    *at = life->next;
    add_stats(&life->feed->past, &life->stats);
    uv_close((uv_handle_t *)&life->poll, life_closed);
}

static void take(struct life *life, const struct rl_rec *rec)
{
    if (rec->kind == RL_REC_STATS)
        life->stats = rec->stats;
    else
        life->feed->hooks.record(life->feed->hooks.ctx, rec);
}

/* False if the bytes are no record: then nothing that follows can be trusted. */
static bool take_records(struct life *life)
{
    size_t at = 0;
    long used;
    struct rl_rec rec;
    while ((used = rl_rec_decode(life->in + at, life->n - at, &rec)) > 0) {
        take(life, &rec);
        at += (size_t)used;
    }
    memmove(life->in, life->in + at, life->n - at);
    life->n -= at;
    return used == 0 && life->n < READ_BYTES;
}

static void readable(uv_poll_t *poll, int status, int events)
{
    struct life *life = poll->data;
    (void)events;
    ssize_t n = status < 0 ? 0 : read(life->fd, life->in + life->n, READ_BYTES);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        life->n += (size_t)n;
        if (take_records(life))
            return;
        rl_log(RL_LOG_ERROR, "feed said something that is no record: it is started anew");
        if (life->feed->lives == life && life->feed->process)
            uv_process_kill(life->feed->process, SIGKILL);
    }
    life_end(life);
}

static void process_closed(uv_handle_t *handle)
{
    free(handle);
}

static void timer_over(uv_timer_t *timer)
{
    struct rl_feed *f = timer->data;
    if (f->process)
        uv_process_kill(f->process, SIGKILL);
    else
        start(f);
}

/* At once after a long life, else after growing pauses of at most a second. */
static void plan_start(struct rl_feed *f)
{
    bool lived_long = rl_monotonic_us() - f->began_us > LIVED_LONG_S * 1000000LL;
    unsigned pause = lived_long ? 0 : f->pause_ms;
    f->pause_ms = pause ? pause * 2 : PAUSE_FIRST_MS;
    if (f->pause_ms > PAUSE_MAX_MS)
        f->pause_ms = PAUSE_MAX_MS;
    uv_timer_start(&f->timer, timer_over, pause, 0);
}

static void ended(uv_process_t *process, int64_t status, int signal)
{
    struct rl_feed *f = process->data;
    uv_close((uv_handle_t *)process, process_closed);
    if (!f || f->process != process)
        return;
    f->process = NULL;
    if (!f->renewing) {
        rl_log(RL_LOG_WARNING, "feed ended (status %d, signal %d): it is started again",
               (int)status, signal);
        f->restarts++;
        f->restarted_us = rl_now_us();
    }
    f->renewing = false;
    plan_start(f);
}

/* stdin and stdout closed, stderr ours, then as feed/feed.h says. */
static int spawn(struct rl_feed *f, int fd)
{
    char *args[] = {"ringlockd", "--feed", NULL};
    uv_stdio_container_t stdio[RL_FEED_ENGINE_FD + 1] = {{.flags = UV_IGNORE},
                                                         {.flags = UV_IGNORE}};
    stdio[2] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO};
    stdio[RL_FEED_UDP_FD] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = f->udp.fd};
    stdio[RL_FEED_TCP_FD] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = f->tcp.fd};
    stdio[RL_FEED_ENGINE_FD] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = fd};
    uv_process_options_t options = {.exit_cb = ended,
                                    .file = "/proc/self/exe",
                                    .args = args,
                                    .stdio = stdio,
                                    .stdio_count = RL_FEED_ENGINE_FD + 1};
    uv_process_t *process = rl_alloc(sizeof *process);
    process->data = f;
    int rc = uv_spawn(f->loop, process, &options);
    if (rc == 0)
        f->process = process;
    else
        uv_close((uv_handle_t *)process, process_closed);
    return rc;
}

/* The key goes by this line, because others can read a process's arguments. */
static bool send_setup(const struct rl_feed *f, int fd)
{
    struct rl_feed_setup setup = {f->config->hep_key, f->config->correlation_header,
                                  (const char *const *)f->config->sources};
    char *line = rl_feed_setup_line(&setup);
    size_t n = strlen(line);
    bool ok = write(fd, line, n) == (ssize_t)n;
    explicit_bzero(line, n);
    free(line);
    return ok;
}

static void begin_life(struct rl_feed *f, int fd)
{
    struct life *life = rl_alloc(sizeof *life);
    life->feed = f;
    life->fd = fd;
    life->poll.data = life;
    uv_poll_init(f->loop, &life->poll, fd);
    uv_poll_start(&life->poll, UV_READABLE, readable);
    life->next = f->lives;
    f->lives = life;
}

static void start(struct rl_feed *f)
{
    int pair[2], size = PIPE_BYTES, rc;
    f->began_us = rl_monotonic_us();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        rl_log(RL_LOG_ERROR, "feed cannot be started: %s", strerror(errno));
        plan_start(f);
        return;
    }
    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    rc = send_setup(f, pair[0]) ? spawn(f, pair[1]) : UV_EIO;
    close(pair[1]);
    if (rc == 0) {
        begin_life(f, pair[0]);
        rl_log(RL_LOG_INFO, "feed runs as process %d", f->process->pid);
        return;
    }
    rl_log(RL_LOG_ERROR, "feed cannot be started: %s", uv_strerror(rc));
    close(pair[0]);
    plan_start(f);
}

static void listener_close(struct listener *l)
{
    if (l->configured)
        close(l->fd);
    free(l->configured);
    l->configured = NULL;
}

/* Listen there, unless we do already. The old socket stays if the new one cannot be had. */
static enum rl_code listener_set(struct listener *l, const char *endpoint, struct rl_err *err)
{
    char where[RL_LISTEN_TEXT];
    if (l->configured && (strcmp(l->configured, endpoint) == 0 || strcmp(l->where, endpoint) == 0))
        return RL_OK;
    int fd = rl_listen(endpoint, l->type, where, err);
    if (fd < 0)
        return err->code;
    listener_close(l);
    l->fd = fd;
    l->configured = rl_strdup(endpoint);
    memcpy(l->where, where, sizeof where);
    return RL_OK;
}

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
    enum rl_code code = listener_set(&f->udp, f->config->listen_udp, err);
    if (f->udp.fd != before)
        f->drops += drops;
    return code == RL_OK ? listener_set(&f->tcp, f->config->listen_tcp, err) : code;
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
    f->loop = loop;
    f->config = config;
    f->hooks = *hooks;
    f->udp.type = SOCK_DGRAM;
    f->tcp.type = SOCK_STREAM;
    enum rl_code code = listen_both(f, err);
    if (code != RL_OK) {
        listener_close(&f->udp);
        free(f);
        return code;
    }
    uv_timer_init(loop, &f->timer);
    f->timer.data = f;
    grant_buffer(f);
    start(f);
    *out = f;
    return RL_OK;
}

enum rl_code rl_feed_configure(struct rl_feed *f, const struct rl_config *config,
                               struct rl_err *err)
{
    f->config = config;
    enum rl_code code = listen_both(f, err);
    grant_buffer(f);
    /* it ends by itself when the pipe does, with everything said; ended() starts the next */
    if (f->process && f->lives) {
        f->began_us = 0;
        f->renewing = true;
        shutdown(f->lives->fd, SHUT_WR);
        uv_timer_start(&f->timer, timer_over, END_MS, 0);
    }
    return code;
}

static void feed_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void rl_feed_close(struct rl_feed **feed)
{
    struct rl_feed *f = *feed;
    if (!f)
        return;
    *feed = NULL;
    if (f->process) {
        f->process->data = NULL;
        uv_process_kill(f->process, SIGKILL); /* it holds nothing of its own */
    }
    while (f->lives)
        life_end(f->lives);
    listener_close(&f->udp);
    listener_close(&f->tcp);
    uv_close((uv_handle_t *)&f->timer, feed_closed);
}

void rl_feed_status(const struct rl_feed *f, struct rl_feed_status *out)
{
    *out = (struct rl_feed_status){0};
    if (!f)
        return;
    out->pid = f->process ? f->process->pid : 0;
    out->restarts = f->restarts;
    out->restarted_us = f->restarted_us;
    out->receive_buffer = f->receive_buffer;
    rl_listen_memory(f->udp.fd, &out->memory);
    out->kernel_drops = f->drops + out->memory.drops;
    out->stats = f->past;
    for (const struct life *life = f->lives; life; life = life->next) {
        int waiting = 0;
        add_stats(&out->stats, &life->stats);
        if (ioctl(life->fd, FIONREAD, &waiting) == 0)
            out->pipe += waiting;
    }
    snprintf(out->udp, sizeof out->udp, "%s", f->udp.where);
    snprintf(out->tcp, sizeof out->tcp, "%s", f->tcp.where);
}
