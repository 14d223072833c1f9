#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child/child.h"
#include "enrol/process.h"

enum { READ_BYTES = 64 * 1024, SECOND_MS = 1000, EXIT_SETUP = 2, OTHER_FILES = 32 };

/* ---- the engine ---- */

void rl_enrol_tell(struct rl_enrol *e, const struct rl_enr *rec)
{
    rl_enr_encode(rec, &e->out);
}

/* Write all that waits. If the engine is slow, phones wait as well. */
static void flush(uv_prepare_t *prepare)
{
    struct rl_enrol *e = prepare->data;
    size_t done = 0;

    while (done < e->out.len) {
        ssize_t n = write(RL_ENROL_ENGINE_FD, e->out.data + done, e->out.len - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd engine = {.fd = RL_ENROL_ENGINE_FD, .events = POLLOUT};
            poll(&engine, 1, -1);
        } else if (errno != EINTR) {
            uv_stop(&e->loop);
            break;
        }
    }
    if (e->out.len > 0)
        explicit_bzero(e->out.data, e->out.len); /* there may be a password in it */
    rl_buf_clear(&e->out);
}

static void on_second(uv_timer_t *timer)
{
    struct rl_enrol *e = timer->data;
    struct rl_enr rec = {.kind = RL_ENR_STATS};

    if (memcmp(&e->stats, &e->told, sizeof e->told) == 0)
        return;
    e->told = rec.stats = e->stats;
    rl_enrol_tell(e, &rec);
}

static bool take_setup(struct rl_enrol *e, const struct rl_enr_setup *setup)
{
    const struct rl_bytes *chains[] = {&setup->capf, &setup->tvs};

    for (size_t i = 0; i < RL_ENROL_SERVICES; i++) {
        rl_enrol_cred_unref(&e->cred[i]);
        e->cred[i] = chains[i]->n > 0 ? rl_enrol_cred_new(chains[i]) : NULL;
        if (chains[i]->n > 0 && e->cred[i] == NULL)
            rl_child_log("enrol", "a certificate of the engine cannot be used");
    }
    e->setup = *setup;
    e->setup.capf = e->setup.tvs = (struct rl_bytes){0};
    if (e->setup.connections > e->room) {
        rl_child_log("enrol", "the system grants fewer files than [enrol] connections says");
        e->setup.connections = e->room;
    }
    return rl_enrol_tls_configure(e);
}

static bool obey(struct rl_enrol *e, const struct rl_enr *rec)
{
    if (rec->kind == RL_ENR_SETUP)
        return take_setup(e, &rec->setup);
    if (rec->kind == RL_ENR_ANSWER)
        rl_enrol_tvs_answer(e, rec);
    else
        rl_enrol_capf_order(e, rec);
    return true;
}

/* False if what the engine says is no record. */
static bool obey_all(struct rl_enrol *e)
{
    size_t at = 0;
    long used;
    struct rl_enr rec;

    while ((used = rl_enr_decode((const uint8_t *)e->in.data + at, e->in.len - at, &rec)) > 0) {
        if (!obey(e, &rec))
            return false;
        at += (size_t)used;
    }
    rl_buf_drop(&e->in, at);
    return used == 0;
}

static void on_engine(uv_poll_t *engine, int status, int events)
{
    struct rl_enrol *e = engine->data;
    char bytes[READ_BYTES];
    ssize_t n = status < 0 ? 0 : read(RL_ENROL_ENGINE_FD, bytes, sizeof bytes);

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        rl_buf_add(&e->in, bytes, (size_t)n);
        if (obey_all(e))
            return;
        rl_child_log("enrol", "what the engine says is not understood");
    }
    uv_stop(&e->loop);
}

/* ---- start ---- */

/* The first record, and not a byte more. */
static bool read_setup(struct rl_enrol *e)
{
    struct rl_buf frame = {0};
    struct rl_enr rec;
    long used = 0;

    while (used == 0 && frame.len < RL_ENR_FRAME_MAX) {
        char byte;
        ssize_t n = read(RL_ENROL_ENGINE_FD, &byte, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        rl_buf_addc(&frame, byte);
        used = rl_enr_decode((const uint8_t *)frame.data, frame.len, &rec);
    }
    bool good = used > 0 && rec.kind == RL_ENR_SETUP && take_setup(e, &rec.setup);
    e->next[RL_ENROL_CAPF] = e->setup.first_session;
    e->next[RL_ENROL_TVS] = 1;
    rl_buf_fini(&frame);
    return good;
}

static bool is_listening(int fd)
{
    int on = 0;
    socklen_t n = sizeof on;

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &n) == 0 && on;
}

static bool watch(struct rl_enrol *e, const bool listening[RL_ENROL_SERVICES])
{
    uv_loop_t *loop = &e->loop;

    e->engine.data = e->prepare.data = e->second.data = e;
    return (!listening[RL_ENROL_CAPF] || rl_conn_listen(e, RL_ENROL_CAPF, RL_ENROL_CAPF_FD)) &&
           (!listening[RL_ENROL_TVS] || rl_conn_listen(e, RL_ENROL_TVS, RL_ENROL_TVS_FD)) &&
           uv_poll_init(loop, &e->engine, RL_ENROL_ENGINE_FD) == 0 &&
           uv_poll_start(&e->engine, UV_READABLE, on_engine) == 0 &&
           uv_prepare_init(loop, &e->prepare) == 0 && uv_prepare_start(&e->prepare, flush) == 0 &&
           uv_timer_init(loop, &e->second) == 0 &&
           uv_timer_start(&e->second, on_second, SECOND_MS, SECOND_MS) == 0;
}

static bool close_doors(const struct rl_enrol *e, const char **why)
{
    static const int calls[] = {SCMP_SYS(sendto),     SCMP_SYS(recvmsg),   SCMP_SYS(sendmsg),
                                SCMP_SYS(setsockopt), SCMP_SYS(shutdown),  SCMP_SYS(getrandom),
                                SCMP_SYS(getpid),     SCMP_SYS(getrusage), SCMP_SYS(gettimeofday)};
    static const int writable[] = {RL_ENROL_ENGINE_FD};
    const struct rl_jail jail = {calls, sizeof calls / sizeof *calls, writable, 1,
                                 e->setup.connections + OTHER_FILES};

    return rl_child_jail(&jail, why);
}

/* Everything that asks the kernel for more than the loop does; false with a sentence in *why. */
static bool start(struct rl_enrol *e, const char **why)
{
    struct rlimit files;
    /* before the loop takes numbers that are free */
    const bool listening[] = {is_listening(RL_ENROL_CAPF_FD), is_listening(RL_ENROL_TVS_FD)};

    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max > OTHER_FILES)
        e->room =
            (uint32_t)(files.rlim_max < UINT32_MAX ? files.rlim_max : UINT32_MAX) - OTHER_FILES;
    *why = "the engine said nothing, or what is not understood";
    if (!read_setup(e))
        return false;
    *why = "the event loop cannot be made";
    return uv_loop_init(&e->loop) == 0 && watch(e, listening) && close_doors(e, why);
}

int rl_enrol_main(int argc, char **argv)
{
    static struct rl_enrol enrol;
    const char *why = NULL;

    (void)argc, (void)argv;
    rl_child_begin(RL_ENROL_KEYS_FD);
    rl_enrol_blocks_watch();
    if (!start(&enrol, &why)) {
        rl_child_log("enrol", why);
        return EXIT_SETUP;
    }
    uv_run(&enrol.loop, UV_RUN_DEFAULT);
    _exit(0);
}
