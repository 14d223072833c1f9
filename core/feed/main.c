#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/child.h"
#include "feed/process.h"

enum { FLUSH_AT = 256 * 1024, DATAGRAMS = 20, DATAGRAM_MAX = 64 * 1024, SECOND_MS = 1000 };
enum {
    EXIT_SETUP = 2,
    FILES = 256 /* descriptors: more than connections are ever accepted */
};

/* Write all that waits. The engine may be slow: then the kernel's queue holds the datagrams
 * meanwhile. */
static void flush(struct rl_feed *feed)
{
    size_t done = 0;

    while (done < feed->out.len) {
        ssize_t n = write(RL_FEED_ENGINE_FD, feed->out.data + done, feed->out.len - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd engine = {.fd = RL_FEED_ENGINE_FD, .events = POLLOUT};
            poll(&engine, 1, -1);
        } else if (errno != EINTR) {
            uv_stop(&feed->loop);
            break;
        }
    }
    rl_buf_clear(&feed->out);
}

static void count(struct rl_rec_stats *stats, enum rl_feed_result result, enum rl_sip_fault fault)
{
    uint64_t *const results[] = {
        [RL_FEED_RECORD] = &stats->records,          [RL_FEED_IGNORED] = &stats->ignored,
        [RL_FEED_BAD_FRAME] = &stats->refused_frame, [RL_FEED_BAD_KEY] = &stats->refused_key,
        [RL_FEED_BAD_FACT] = &stats->refused_fact,
    };
    uint64_t *const faults[] = {
        [RL_SIP_HEAD] = &stats->sip_head,
        [RL_SIP_SYNTAX] = &stats->sip_syntax,
        [RL_SIP_START] = &stats->sip_start,
        [RL_SIP_PARTIES] = &stats->sip_parties,
    };

    ++*(result == RL_FEED_BAD_SIP ? faults[fault] : results[result]);
}

enum rl_feed_result rl_feed_packet(struct rl_feed *feed, const uint8_t *bytes, size_t n,
                                   bool listed)
{
    struct rl_rec rec;
    enum rl_feed_result result = rl_parse(feed->parser, bytes, n, &rec);

    count(&feed->stats, result, rl_parser_sip_fault(feed->parser));
    if (result != RL_FEED_RECORD)
        return result;
    feed->stats.sdp += rec.kind == RL_REC_SIP && rec.sip.sdp == RL_SDP_BAD;
    rec.listed = listed;
    rl_rec_encode(&rec, &feed->out);
    if (feed->out.len > FLUSH_AT)
        flush(feed);
    return result;
}

static void udp_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    static char datagrams[DATAGRAMS * DATAGRAM_MAX];

    (void)handle, (void)suggested;
    *buf = uv_buf_init(datagrams, sizeof datagrams);
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf, const struct sockaddr *peer,
                        unsigned flags)
{
    struct rl_feed *feed = udp->data;
    bool listed;

    if (n < 0 || peer == NULL)
        return;
    feed->stats.udp_packets++;
    feed->stats.udp_bytes += (uint64_t)n;
    if (!rl_feed_hears(&feed->orders, peer, &listed))
        feed->stats.refused_source++;
    else if (flags & UV_UDP_PARTIAL)
        feed->stats.refused_frame++;
    else
        rl_feed_packet(feed, (const uint8_t *)buf->base, (size_t)n, listed);
}

static void on_second(uv_timer_t *timer)
{
    struct rl_feed *feed = timer->data;
    struct rl_rec rec = {.kind = RL_REC_STATS};

    rl_feed_sweep_tcp(feed);
    if (memcmp(&feed->stats, &feed->told, sizeof feed->told) == 0)
        return;
    feed->told = rec.stats = feed->stats;
    rl_rec_encode(&rec, &feed->out);
    flush(feed);
}

/* After each round of reading: what came is told at once. */
static void on_round(uv_check_t *check)
{
    flush(check->data);
}

/* The engine says nothing more; what can be read here is the end. */
static void on_engine(uv_poll_t *engine, int status, int events)
{
    struct rl_feed *feed = engine->data;
    char ignored[256];
    ssize_t n = read(RL_FEED_ENGINE_FD, ignored, sizeof ignored);

    (void)events;
    if (status < 0 || n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        uv_stop(&feed->loop);
}

static bool listen_udp(struct rl_feed *feed)
{
    if (uv_udp_init_ex(&feed->loop, &feed->udp, AF_UNSPEC | UV_UDP_RECVMMSG) != 0 ||
        uv_udp_open(&feed->udp, RL_FEED_UDP_FD) != 0)
        return false;
    feed->udp.data = feed;
    uv_udp_using_recvmmsg(
        &feed->udp); /* libuv tries it out on a socket of its own: not in the sandbox */
    return uv_udp_recv_start(&feed->udp, udp_room, on_datagram) == 0;
}

static bool watch(struct rl_feed *feed)
{
    uv_loop_t *loop = &feed->loop;

    feed->engine.data = feed->check.data = feed->second.data = feed;
    return uv_poll_init(loop, &feed->engine, RL_FEED_ENGINE_FD) == 0 &&
           uv_poll_start(&feed->engine, UV_READABLE | UV_DISCONNECT, on_engine) == 0 &&
           uv_check_init(loop, &feed->check) == 0 && uv_check_start(&feed->check, on_round) == 0 &&
           uv_timer_init(loop, &feed->second) == 0 &&
           uv_timer_start(&feed->second, on_second, SECOND_MS, SECOND_MS) == 0;
}

/* From here on this process can open nothing, connect nowhere and start nobody. */
bool rl_feed_sandbox(const char **why)
{
    static const int calls[] = {SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg)};
    static const int writable[] = {RL_FEED_ENGINE_FD};
    const struct rl_jail jail = {calls, 2, writable, 1, FILES};

    return rl_child_jail(&jail, why);
}

/* Everything that asks the kernel for more than the loop does; false with a sentence in *why. */
static bool start(struct rl_feed *feed, const char **why)
{
    if (!rl_feed_orders_read(RL_FEED_ENGINE_FD, &feed->orders, why))
        return false;
    feed->parser =
        rl_parser_new(&(struct rl_feed_config){feed->orders.key, feed->orders.correlation_header});
    *why = "the event loop cannot be made";
    if (uv_loop_init(&feed->loop) != 0 || !watch(feed))
        return false;
    *why = "the UDP socket cannot be used";
    if (!listen_udp(feed))
        return false;
    *why = "the TCP socket cannot be used";
    if (!rl_feed_listen_tcp(feed, RL_FEED_TCP_FD))
        return false;
    return rl_feed_sandbox(why);
}

int rl_feed_main(int argc, char **argv)
{
    static struct rl_feed feed;
    const char *why = NULL;

    (void)argc, (void)argv;
    rl_child_begin(RL_FEED_ENGINE_FD);
    if (!start(&feed, &why)) {
        rl_child_log("feed", why);
        return EXIT_SETUP;
    }
    uv_run(&feed.loop, UV_RUN_DEFAULT);
    rl_parser_free(&feed.parser);
    rl_feed_orders_fini(&feed.orders);
    rl_buf_fini(&feed.out);
    _exit(0);
}
