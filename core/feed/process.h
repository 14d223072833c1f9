/* Inside the feed process; for this room only. */
#ifndef RL_FEED_PROCESS_H
#define RL_FEED_PROCESS_H

#include <sys/socket.h>
#include <uv.h>

#include "feed/feed.h"
#include "feed/parse.h"

/* An address with the number of its bits that count; IPv4 as ::ffff:a.b.c.d. */
struct rl_network {
    uint8_t ip[16];
    uint8_t bits;
};

/* What the engine said. */
struct rl_feed_orders {
    char *key, *correlation_header; /* owned; may be NULL */
    struct rl_network *sources;     /* owned; n of them */
    size_t n;
};

/* "192.0.2.0/24", "2001:db8::/32", "::1"; false if it is none. */
bool rl_network_read(const char *text, struct rl_network *network);

/* Read the engine's line from fd; false if it is no good, then *why says how (static). */
bool rl_feed_orders_read(int fd, struct rl_feed_orders *orders, const char **why);
void rl_feed_orders_fini(struct rl_feed_orders *orders);

/* May this peer be heard at all; *listed tells whether what it says proves anything. */
bool rl_feed_hears(const struct rl_feed_orders *orders, const struct sockaddr *peer, bool *listed);

/* From here on this process can open nothing, connect nowhere and start nobody. False if the kernel
 * refuses; *why says what (static). */
bool rl_feed_sandbox(const char **why);

struct rl_feed {
    uv_loop_t loop;
    uv_udp_t udp;
    uv_tcp_t tcp;
    uv_poll_t engine;
    uv_check_t check;
    uv_timer_t second;
    struct rl_feed_orders orders;
    struct rl_parser *parser;
    struct rl_buf out; /* records not yet written to the engine */
    struct rl_rec_stats stats, told;
    struct rl_feed_connection *connections;
    size_t nconnections;
};

/* Parse one packet and put its record into feed->out. */
enum rl_feed_result rl_feed_packet(struct rl_feed *feed, const uint8_t *bytes, size_t n,
                                   bool listed);

/* Take HEP over TCP from the listening socket fd; false if it is none. */
bool rl_feed_listen_tcp(struct rl_feed *feed, int fd);

/* Once a second: connections in which a packet stays unfinished are closed. */
void rl_feed_sweep_tcp(struct rl_feed *feed);

#endif
