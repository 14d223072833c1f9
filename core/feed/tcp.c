#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "feed/process.h"
#include "ringlock/hepfile.h"

enum { CONNECTIONS = 64, BACKLOG = 64, UNFINISHED_SWEEPS = 10, BUFFER = 2 * RL_HEP_MAX };

struct rl_feed_connection {
    uv_tcp_t tcp;
    struct rl_feed *feed;
    struct rl_feed_connection *next;
    bool listed;
    uint64_t active; /* when something came last, in loop time */
    unsigned sweeps; /* since a packet was finished last */
    size_t n;        /* bytes of unfinished packets */
    uint8_t bytes[BUFFER];
};

static void closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void drop(struct rl_feed_connection *c)
{
    struct rl_feed_connection **at = &c->feed->connections;

    if (uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    while (*at != NULL && *at != c)
        at = &(*at)->next;
    if (*at == c) {
        *at = c->next;
        c->feed->nconnections--;
    }
    uv_close((uv_handle_t *)&c->tcp, closed);
}

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct rl_feed_connection *c = handle->data;

    (void)suggested;
    *buf = uv_buf_init((char *)c->bytes + c->n, (unsigned)(sizeof c->bytes - c->n));
}

/* Bytes of the packet that begins here: 0 if its length is not there yet, -1 if it is none. */
static long packet_length(const uint8_t *p, size_t n)
{
    if (memcmp(p, "HEP3", n < 4 ? n : 4) != 0)
        return -1;
    if (n < RL_HEP_MIN)
        return 0;
    long length = p[4] << 8 | p[5];
    return length < RL_HEP_MIN ? -1 : length;
}

/* Parse what is complete. False if the peer does not speak HEPv3, or not with our key. */
static bool take_packets(struct rl_feed_connection *c)
{
    size_t used = 0;
    long length;

    while ((length = packet_length(c->bytes + used, c->n - used)) > 0) {
        if (c->n - used < (size_t)length)
            break;
        c->feed->stats.tcp_packets++;
        c->feed->stats.tcp_bytes += (uint64_t)length;
        enum rl_feed_result result =
            rl_feed_packet(c->feed, c->bytes + used, (size_t)length, c->listed);
        used += (size_t)length;
        c->sweeps = 0;
        if (result == RL_FEED_BAD_FRAME || result == RL_FEED_BAD_KEY)
            return false;
    }
    if (length < 0)
        c->feed->stats.refused_frame++;
    c->n -= used;
    memmove(c->bytes, c->bytes + used, c->n);
    return length >= 0;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct rl_feed_connection *c = stream->data;

    (void)buf;
    if (n < 0) {
        drop(c);
        return;
    }
    c->active = uv_now(&c->feed->loop);
    if (c->n == 0)
        c->sweeps = 0;
    c->n += (size_t)n;
    if (!take_packets(c))
        drop(c);
}

/* When all places are taken, the one that was silent for the longest time gives way. */
static void make_place(struct rl_feed *feed)
{
    struct rl_feed_connection *silent = feed->connections;

    if (feed->nconnections < CONNECTIONS)
        return;
    for (struct rl_feed_connection *c = silent; c != NULL; c = c->next)
        if (c->active < silent->active)
            silent = c;
    drop(silent);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct rl_feed *feed = listener->data;
    struct sockaddr_storage peer;
    int n = sizeof peer;

    if (status < 0)
        return;
    feed->stats.tcp_connections++;
    make_place(feed);
    struct rl_feed_connection *c = rl_alloc(sizeof *c);
    c->feed = feed;
    uv_tcp_init(&feed->loop, &c->tcp);
    c->tcp.data = c;
    c->next = feed->connections;
    c->active = uv_now(&feed->loop);
    feed->connections = c;
    feed->nconnections++;
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) != 0 ||
        uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&peer, &n) != 0) {
        drop(c);
    } else if (!rl_feed_hears(&feed->orders, (struct sockaddr *)&peer, &c->listed)) {
        feed->stats.refused_source++;
        drop(c);
    } else {
        uv_read_start((uv_stream_t *)&c->tcp, room, on_read);
    }
}

bool rl_feed_listen_tcp(struct rl_feed *feed, int fd)
{
    if (uv_tcp_init(&feed->loop, &feed->tcp) != 0 || uv_tcp_open(&feed->tcp, fd) != 0)
        return false;
    feed->tcp.data = feed;
    return uv_listen((uv_stream_t *)&feed->tcp, BACKLOG, on_connection) == 0;
}

/* Sweeps are counted, not seconds: while a slow engine holds us up, nobody is read. */
void rl_feed_sweep_tcp(struct rl_feed *feed)
{
    for (struct rl_feed_connection *c = feed->connections, *next; c != NULL; c = next) {
        next = c->next;
        if (c->n > 0 && ++c->sweeps > UNFINISHED_SWEEPS) {
            feed->stats.refused_unfinished++;
            drop(c);
        }
    }
}
