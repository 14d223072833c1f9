/* The feed process: takes HEPv3 over UDP and TCP and tells the engine one record for each packet.
 * It is started as `ringlockd --feed` on sockets that the engine made and keeps: datagrams wait
 * there while it is away. What it has to know comes as one line over its pipe, because others can
 * read arguments. */
#ifndef RL_FEED_FEED_H
#define RL_FEED_FEED_H

#include <stddef.h>

/* Where the child finds its descriptors: bound UDP socket, listening TCP socket, stream socketpair.
 */
enum { RL_FEED_UDP_FD = 3, RL_FEED_TCP_FD = 4, RL_FEED_ENGINE_FD = 5 };

struct rl_feed_setup {
    const char *key;                /* required auth key; NULL or "" = none is asked for */
    const char *correlation_header; /* NULL or "" = none */
    const char *const
        *sources; /* "192.0.2.0/24", "::1"; NULL-terminated. Packets from these prove
                   * something; loopback is heard even if not listed; others are refused */
};

/* The line that the engine writes to the pipe first: JSON and a line feed. Holds the key; owned by
 * the caller. */
char *rl_feed_setup_line(const struct rl_feed_setup *setup);

/* The child's main. Returns its exit status: 0 once the engine has closed the pipe, 2 if the line
 * or a descriptor is no good. */
int rl_feed_main(int argc, char **argv);

#endif
