#include "engine/child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/log.h"
#include "ringlock/buf.h"
#include "ringlock/time.h"

enum {
    READ_BYTES = 256 * 1024,  /* taken in one turn of the loop */
    PIPE_BYTES = 4 << 20,     /* asked for in the socketpair */
    UNHEARD_BYTES = 16 << 20, /* said and not read: it hangs */
    LIVED_LONG_S = 5,         /* after so long a restart is at once again */
    PAUSE_FIRST_MS = 50,
    PAUSE_MAX_MS = 1000,
    END_MS = 500 /* so long may it take to end by itself */
};

/* The pipe of one life of the process. It outlives the process until all that it said is read. */
struct life {
    struct life *next; /* the one before it, perhaps still being read */
    uv_poll_t poll;
    struct rl_child *child;
    void *data; /* the owner's */
    int fd;
    struct rl_buf out; /* not yet taken by the pipe */
    size_t n;          /* bytes in `in` */
    uint8_t in[2 * READ_BYTES];
};

struct rl_child {
    uv_loop_t *loop;
    const struct rl_child_kind *kind;
    void *ctx;
    uv_process_t *process; /* NULL = not running */
    struct life *lives;    /* the newest first */
    uv_timer_t timer;      /* until the next start, or until it has to have ended */
    int64_t began_us;
    unsigned pause_ms, restarts;
    int64_t restarted_us;
    bool renewing; /* it ends because it was told to */
};

static void start(struct rl_child *c);

static void life_closed(uv_handle_t *handle)
{
    struct life *life = handle->data;
    close(life->fd);
    if (life->out.len)
        explicit_bzero(life->out.data, life->out.len);
    rl_buf_fini(&life->out);
    free(life->data);
    free(life);
}

static void life_end(struct life *life)
{
    struct rl_child *c = life->child;
    struct life **at = &c->lives;
    while (*at != life)
        at = &(*at)->next;
    *at = life->next;
    if (c->kind->over)
        c->kind->over(c->ctx, life->data);
    uv_close((uv_handle_t *)&life->poll, life_closed);
}

static void kill_current(struct life *life, const char *why)
{
    struct rl_child *c = life->child;
    rl_log(RL_LOG_ERROR, "%s %s: it is started anew", c->kind->name, why);
    if (c->lives == life && c->process)
        uv_process_kill(c->process, SIGKILL);
}

/* False if the bytes are no record: then nothing that follows can be trusted. */
static bool take_records(struct life *life)
{
    const struct rl_child *c = life->child;
    size_t at = 0;
    long used;
    while ((used = c->kind->take(c->ctx, life->data, life->in + at, life->n - at)) > 0)
        at += (size_t)used;
    memmove(life->in, life->in + at, life->n - at);
    life->n -= at;
    explicit_bzero(life->in + life->n, at); /* phones send passwords */
    return used == 0 && life->n < READ_BYTES;
}

static void ready(uv_poll_t *poll, int status, int events);

static void flush(struct life *life)
{
    while (life->out.len) {
        ssize_t n = send(life->fd, life->out.data, life->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break; /* a broken pipe is seen by who reads it */
        rl_buf_drop(&life->out, (size_t)n);
    }
    uv_poll_start(&life->poll, UV_READABLE | (life->out.len ? UV_WRITABLE : 0), ready);
}

static void readable(struct life *life)
{
    ssize_t n = read(life->fd, life->in + life->n, READ_BYTES);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        life->n += (size_t)n;
        if (take_records(life))
            return;
        kill_current(life, "said something that is no record");
    }
    life_end(life);
}

static void ready(uv_poll_t *poll, int status, int events)
{
    struct life *life = poll->data;
    if (status == 0 && (events & UV_WRITABLE))
        flush(life);
    if (status < 0 || (events & UV_READABLE))
        readable(life);
}

static void process_closed(uv_handle_t *handle)
{
    free(handle);
}

static void timer_over(uv_timer_t *timer)
{
    struct rl_child *c = timer->data;
    if (c->process)
        uv_process_kill(c->process, SIGKILL);
    else
        start(c);
}

/* At once after a long life, else after growing pauses of at most a second. */
static void plan_start(struct rl_child *c)
{
    bool lived_long = rl_monotonic_us() - c->began_us > LIVED_LONG_S * 1000000LL;
    unsigned pause = lived_long ? 0 : c->pause_ms;
    c->pause_ms = pause ? pause * 2 : PAUSE_FIRST_MS;
    if (c->pause_ms > PAUSE_MAX_MS)
        c->pause_ms = PAUSE_MAX_MS;
    uv_timer_start(&c->timer, timer_over, pause, 0);
}

static void ended(uv_process_t *process, int64_t status, int signal)
{
    struct rl_child *c = process->data;
    uv_close((uv_handle_t *)process, process_closed);
    if (!c || c->process != process)
        return;
    c->process = NULL;
    if (!c->renewing) {
        rl_log(RL_LOG_WARNING, "%s ended (status %d, signal %d): it is started again",
               c->kind->name, (int)status, signal);
        c->restarts++;
        c->restarted_us = rl_now_us();
    }
    c->renewing = false;
    plan_start(c);
}

/* stdin and stdout closed, stderr ours, then as child.h says. */
static int spawn(struct rl_child *c, const int fd[RL_CHILD_END_FD])
{
    char *args[] = {"ringlockd", (char *)(uintptr_t)c->kind->option, NULL};
    uv_stdio_container_t stdio[RL_CHILD_END_FD] = {{.flags = UV_IGNORE}, {.flags = UV_IGNORE}};
    for (int i = STDERR_FILENO; i < RL_CHILD_END_FD; i++)
        stdio[i] = fd[i] < 0 ? (uv_stdio_container_t){.flags = UV_IGNORE}
                             : (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = fd[i]};
    uv_process_options_t options = {.exit_cb = ended,
                                    .file = "/proc/self/exe",
                                    .args = args,
                                    .stdio = stdio,
                                    .stdio_count = RL_CHILD_END_FD};
    uv_process_t *process = rl_alloc(sizeof *process);
    process->data = c;
    int rc = uv_spawn(c->loop, process, &options);
    if (rc == 0)
        c->process = process;
    else
        uv_close((uv_handle_t *)process, process_closed);
    return rc;
}

static struct life *begin_life(struct rl_child *c, int fd)
{
    struct life *life = rl_alloc(sizeof *life);
    life->child = c;
    life->data = rl_alloc(c->kind->life_bytes);
    life->fd = fd;
    life->poll.data = life;
    uv_poll_init(c->loop, &life->poll, fd);
    uv_poll_start(&life->poll, UV_READABLE, ready);
    life->next = c->lives;
    c->lives = life;
    return life;
}

/* With both ends of the pipe; the child's are closed here. */
static void start_life(struct rl_child *c, const int pair[2])
{
    struct life *life = begin_life(c, pair[0]);
    int fd[RL_CHILD_END_FD] = {-1, -1, STDERR_FILENO, -1, -1, pair[1], -1};
    int rc = UV_EIO;
    if (c->kind->descriptors(c->ctx, life->data, fd + RL_CHILD_SOCKET_FD, fd + RL_CHILD_MORE_FD))
        rc = spawn(c, fd);
    close(pair[1]);
    if (fd[RL_CHILD_MORE_FD] >= 0)
        close(fd[RL_CHILD_MORE_FD]);
    if (rc == 0) {
        c->kind->begin(c, c->ctx, life->data);
        rl_log(RL_LOG_INFO, "%s runs as process %d", c->kind->name, c->process->pid);
        return;
    }
    rl_log(RL_LOG_ERROR, "%s cannot be started: %s", c->kind->name, uv_strerror(rc));
    life_end(life);
    plan_start(c);
}

static void start(struct rl_child *c)
{
    int pair[2], size = PIPE_BYTES;
    c->began_us = rl_monotonic_us();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        rl_log(RL_LOG_ERROR, "%s cannot be started: %s", c->kind->name, strerror(errno));
        plan_start(c);
        return;
    }
    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    start_life(c, pair);
}

struct rl_child *rl_child_open(uv_loop_t *loop, const struct rl_child_kind *kind, void *ctx)
{
    struct rl_child *c = rl_alloc(sizeof *c);
    c->loop = loop;
    c->kind = kind;
    c->ctx = ctx;
    uv_timer_init(loop, &c->timer);
    c->timer.data = c;
    start(c);
    return c;
}

void rl_child_send(struct rl_child *c, const void *bytes, size_t n)
{
    if (!c->process || !c->lives)
        return;
    rl_buf_add(&c->lives->out, bytes, n);
    flush(c->lives);
    if (c->lives->out.len > UNHEARD_BYTES)
        kill_current(c->lives, "does not listen");
}

void rl_child_renew(struct rl_child *c)
{
    if (!c->process || !c->lives)
        return;
    c->began_us = 0;
    c->renewing = true;
    shutdown(c->lives->fd, SHUT_WR);
    uv_timer_start(&c->timer, timer_over, END_MS, 0);
}

static void child_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void rl_child_close(struct rl_child **child)
{
    struct rl_child *c = *child;
    if (!c)
        return;
    *child = NULL;
    if (c->process) {
        c->process->data = NULL;
        uv_process_kill(c->process, SIGKILL); /* it holds nothing of its own */
    }
    while (c->lives)
        life_end(c->lives);
    uv_close((uv_handle_t *)&c->timer, child_closed);
}

void rl_child_status(const struct rl_child *c, struct rl_child_status *out)
{
    *out = (struct rl_child_status){0};
    if (!c)
        return;
    out->pid = c->process ? c->process->pid : 0;
    out->restarts = c->restarts;
    out->restarted_us = c->restarted_us;
    for (const struct life *life = c->lives; life; life = life->next) {
        int waiting = 0;
        if (ioctl(life->fd, FIONREAD, &waiting) == 0)
            out->waiting += waiting;
    }
}
