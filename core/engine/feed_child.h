/* The feed process, its listening sockets and its records. The engine makes and keeps the sockets,
 * so a feed that dies loses nothing that waits in them. */
#ifndef RL_ENGINE_FEED_CHILD_H
#define RL_ENGINE_FEED_CHILD_H

#include <uv.h>

#include "engine/config.h"
#include "engine/listen.h"
#include "feed/record.h"

struct rl_feed;

struct rl_feed_hooks {
    void *ctx;
    void (*record)(void *ctx, const struct rl_rec *rec);
};

struct rl_feed_status {
    int pid;                        /* 0 = not running */
    unsigned restarts;              /* since the engine began */
    int64_t restarted_us;           /* the last of them, wall clock; 0 = none */
    struct rl_rec_stats stats;      /* totals over all its lives */
    char udp[64], tcp[64];          /* "127.0.0.1:9060" */
    int receive_buffer;             /* bytes the kernel granted for datagrams */
    struct rl_listen_memory memory; /* of the UDP socket */
    uint64_t kernel_drops;          /* datagrams that found no room in it, or in those before it */
    int pipe;                       /* bytes of records that the engine has not read yet */
};

/* Make the sockets and start the process. E-IO names the address that cannot be had. `config` is
 * borrowed until rl_feed_configure gives another. */
enum rl_code rl_feed_open(uv_loop_t *loop, const struct rl_config *config,
                          const struct rl_feed_hooks *hooks, struct rl_feed **out,
                          struct rl_err *err);
/* The configuration changed: other addresses are listened at (the old ones stay if they cannot be
 * had), and the process starts anew. */
enum rl_code rl_feed_configure(struct rl_feed *feed, const struct rl_config *config,
                               struct rl_err *err);
/* End the process and close everything; memory goes when the loop has run once more. */
void rl_feed_close(struct rl_feed **feed);

/* All zero and empty for NULL. */
void rl_feed_status(const struct rl_feed *feed, struct rl_feed_status *out);

#endif
