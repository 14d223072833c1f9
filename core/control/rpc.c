#include "control/rpc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/methods.h"
#include "control/watch.h"
#include "control/work.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "ringlock/time.h"

struct rl_rpc {
    uv_pipe_t pipe;
    struct rl_engine *engine;
    struct rl_peer *peers;
    size_t npeers;
};

struct outgoing {
    uv_write_t write;
    char *line; /* owned */
};

struct rl_peer *rl_rpc_peers(struct rl_rpc *rpc)
{
    return rpc->peers;
}

size_t rl_rpc_npeers(const struct rl_rpc *rpc)
{
    return rpc->npeers;
}

struct rl_engine *rl_rpc_engine(struct rl_rpc *rpc)
{
    return rpc->engine;
}

/* A line may hold a passphrase: nothing of it stays. */
static void drop_lines(struct rl_buf *in, size_t n)
{
    size_t len = in->len;
    rl_buf_drop(in, n);
    if (n > 0)
        explicit_bzero(in->data + in->len, len - in->len);
}

static void peer_closed(uv_handle_t *handle)
{
    struct rl_peer *peer = handle->data;
    drop_lines(&peer->in, peer->in.len);
    rl_buf_fini(&peer->in);
    free(peer->who.user);
    free(peer);
}

static void unlink_peer(struct rl_peer *peer)
{
    struct rl_peer **at = &peer->rpc->peers;
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    peer->rpc->npeers--;
}

void rl_peer_close(struct rl_peer *peer, const char *why)
{
    struct rl_engine *engine = peer->rpc->engine;
    if (peer->closing)
        return;
    peer->closing = true;
    rl_log(RL_LOG_DEBUG, "connection of %s closed: %s", peer->who.user, why);
    rl_watch_end(peer);
    rl_importing_end(peer);
    rl_works_forget(engine->works, peer);
    rl_backing_end(peer);
    unlink_peer(peer);
    uv_close((uv_handle_t *)&peer->pipe, peer_closed);
    rl_engine_client_left(engine);
}

static void written(uv_write_t *write, int status)
{
    (void)status; /* a connection that broke is told by reading */
    struct outgoing *out = write->data;
    free(out->line);
    free(out);
}

static void send_line(struct rl_peer *peer, char *line, size_t n)
{
    struct outgoing *out = rl_alloc(sizeof *out);
    uv_buf_t buf = uv_buf_init(line, (unsigned)n);
    out->line = line;
    out->write.data = out;
    if (uv_write(&out->write, (uv_stream_t *)&peer->pipe, &buf, 1, written) < 0)
        written(&out->write, 0);
    if (uv_stream_get_write_queue_size((uv_stream_t *)&peer->pipe) > RL_PEER_QUEUE) {
        rl_log(RL_LOG_WARNING, "%s does not read its answers: connection closed", peer->who.user);
        rl_peer_close(peer, "it does not read");
    }
}

void rl_peer_send_text(struct rl_peer *peer, struct rl_buf *message)
{
    size_t n = message->len;
    if (!peer->closing && n < RL_LINE_MAX) {
        rl_buf_addc(message, '\n');
        send_line(peer, rl_buf_take(message), n + 1);
    } else if (!peer->closing) {
        rl_log(RL_LOG_ERROR, "an answer to %s of %zu bytes cannot be sent", peer->who.user, n);
        rl_peer_close(peer, "an answer was too long");
    }
    rl_buf_fini(message);
}

static int add_piece(const char *text, size_t n, void *out)
{
    rl_buf_add(out, text, n);
    return 0;
}

void rl_peer_send(struct rl_peer *peer, json_t *message)
{
    struct rl_buf line = {0};
    if (!peer->closing)
        json_dump_callback(message, add_piece, &line, JSON_COMPACT);
    rl_peer_send_text(peer, &line);
    json_decref(message);
}

void rl_peer_notify(struct rl_peer *peer, const char *method, json_t *params)
{
    rl_peer_send(
        peer, json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}

/* Take the whole lines that are there. What is begun stays, up to one line's length. */
static void take_lines(struct rl_peer *peer, size_t scanned)
{
    size_t start = 0;
    char *lf;
    while (!peer->closing && (lf = memchr(peer->in.data + scanned, '\n', peer->in.len - scanned))) {
        size_t end = (size_t)(lf - peer->in.data);
        if (end - start >= RL_LINE_MAX || !rl_dispatch(peer, peer->in.data + start, end - start))
            rl_peer_close(peer, "it sent no request");
        start = scanned = end + 1;
    }
    if (peer->closing)
        return;
    drop_lines(&peer->in, start);
    if (peer->in.len >= RL_LINE_MAX)
        rl_peer_close(peer, "it sent too long a line");
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
    static char room[65536]; /* used up before the loop reads again */
    (void)handle, (void)wanted;
    *buf = uv_buf_init(room, sizeof room);
}

static void bytes_came(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct rl_peer *peer = stream->data;
    if (n < 0) {
        rl_peer_close(peer, "it ended");
        return;
    }
    size_t scanned = peer->in.len;
    rl_buf_add(&peer->in, buf->base, (size_t)n);
    explicit_bzero(buf->base, (size_t)n);
    if (n > 0)
        take_lines(peer, scanned);
}

static bool too_many(const struct rl_rpc *rpc, const struct rl_peer *peer)
{
    size_t same = 0;
    for (const struct rl_peer *p = rpc->peers; p; p = p->next)
        same += p->who.uid == peer->who.uid;
    return rpc->npeers > RL_PEERS_MAX || same > RL_PEERS_OF_USER;
}

static void accept_peer(uv_stream_t *listener, int status)
{
    struct rl_rpc *rpc = listener->data;
    struct rl_peer *peer = rl_alloc(sizeof *peer);
    uv_os_fd_t fd;
    peer->rpc = rpc;
    peer->since_us = rl_monotonic_us();
    peer->pipe.data = peer;
    uv_pipe_init(listener->loop, &peer->pipe, 0);
    peer->next = rpc->peers;
    rpc->peers = peer;
    rpc->npeers++;
    if (status < 0 || uv_accept(listener, (uv_stream_t *)&peer->pipe) < 0 ||
        uv_fileno((uv_handle_t *)&peer->pipe, &fd) < 0) {
        rl_peer_close(peer, "it was gone at once");
        return;
    }
    rl_identity_read(fd, &rpc->engine->config, &peer->who);
    if (too_many(rpc, peer)) {
        rl_log(RL_LOG_WARNING, "%s has too many connections: one more refused", peer->who.user);
        rl_peer_close(peer, "too many connections");
        return;
    }
    rl_engine_client_came(rpc->engine);
    uv_read_start((uv_stream_t *)&peer->pipe, give_room, bytes_came);
}

void rl_rpc_recheck(struct rl_rpc *rpc)
{
    struct rl_peer *next;
    uv_os_fd_t fd;
    for (struct rl_peer *peer = rpc->peers; peer; peer = next) {
        next = peer->next;
        if (uv_fileno((uv_handle_t *)&peer->pipe, &fd) < 0)
            continue;
        free(peer->who.user);
        rl_identity_read(fd, &rpc->engine->config, &peer->who);
        if (peer->who.role == RL_ROLE_NONE && peer->greeted)
            rl_peer_close(peer, "it has no role any more");
    }
}

void rl_rpc_tick(struct rl_rpc *rpc, int64_t now_us)
{
    struct rl_peer *next;
    for (struct rl_peer *peer = rpc->peers; peer; peer = next) {
        next = peer->next;
        if (!peer->greeted && now_us - peer->since_us > RL_PEER_HELLO_S * 1000000LL)
            rl_peer_close(peer, "it did not say hello");
    }
}

/* Only a socket is removed, never a file that someone named by mistake. */
static void remove_stale(const char *path)
{
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(path);
}

static void rpc_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* Everybody may connect who can reach the socket: whom it serves is decided by role. */
static int listen_at(struct rl_rpc *rpc, const char *path)
{
    int rc = uv_pipe_bind(&rpc->pipe, path);
    if (rc == 0 && chmod(path, 0666) != 0)
        rc = uv_translate_sys_error(errno);
    return rc ? rc : uv_listen((uv_stream_t *)&rpc->pipe, 64, accept_peer);
}

enum rl_code rl_rpc_open(struct rl_engine *engine, uv_loop_t *loop, const char *path,
                         struct rl_rpc **out, struct rl_err *err)
{
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path) {
        rl_fail(err, RL_E_IO, path, "The path of the control socket is too long: %s.", path);
        rl_err_remedy(err, "Name a shorter one: [control] socket in ringlock.conf.");
        return RL_E_IO;
    }
    struct rl_rpc *rpc = rl_alloc(sizeof *rpc);
    rpc->engine = engine;
    rpc->pipe.data = rpc;
    uv_pipe_init(loop, &rpc->pipe, 0);
    remove_stale(path);
    int rc = listen_at(rpc, path);
    if (rc == 0) {
        *out = rpc;
        return RL_OK;
    }
    uv_close((uv_handle_t *)&rpc->pipe, rpc_closed);
    return rl_fail(err, RL_E_IO, path, "The control socket %s cannot be made: %s.", path,
                   uv_strerror(rc));
}

void rl_rpc_close(struct rl_rpc **rpc)
{
    if (!*rpc)
        return;
    while ((*rpc)->peers)
        rl_peer_close((*rpc)->peers, "the engine ends");
    uv_close((uv_handle_t *)&(*rpc)->pipe, rpc_closed);
    *rpc = NULL;
}
