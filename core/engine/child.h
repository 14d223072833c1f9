/* A child process of the engine over all its lives: started, spoken with over a socketpair, started
 * again when it dies. Listening sockets are the engine's, so that what waits in them is not lost.
 */
#ifndef RL_ENGINE_CHILD_H
#define RL_ENGINE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct rl_child;

/* What the child finds: two sockets, the pipe to the engine, and perhaps one more. */
enum { RL_CHILD_SOCKET_FD = 3, RL_CHILD_PIPE_FD = 5, RL_CHILD_MORE_FD = 6, RL_CHILD_END_FD = 7 };

/* Who owns the child. `life` is memory of `life_bytes` for each life, zeroed before it begins. */
struct rl_child_kind {
    const char *name, *option; /* "feed", "--feed" */
    size_t life_bytes;
    /* The sockets for 3 and 4, which stay the owner's; -1 = none. *more, for 6, is -1 or closed
     * once the child has it. False: no start this time. */
    bool (*descriptors)(void *ctx, void *life, int socket[2], int *more);
    /* It runs, or is about to: say what it has to hear first (rl_child_send). */
    void (*begin)(struct rl_child *child, void *ctx, void *life);
    /* One record of what it said: bytes used, 0 if more are needed, -1 if it is none. */
    long (*take)(void *ctx, void *life, const uint8_t *bytes, size_t n);
    /* The life is over and all that it said was taken; NULL: nothing is to be done. */
    void (*over)(void *ctx, void *life);
};

struct rl_child_status {
    int pid;              /* 0 = not running */
    unsigned restarts;    /* since the engine began */
    int64_t restarted_us; /* the last of them, wall clock; 0 = none */
    int waiting;          /* bytes of records that were not read yet */
};

/* Start it. `kind` and `ctx` are borrowed until it is closed. */
struct rl_child *rl_child_open(uv_loop_t *loop, const struct rl_child_kind *kind, void *ctx);
/* Say something to the one that runs; nobody hears it if none does. Never blocks. */
void rl_child_send(struct rl_child *child, const void *bytes, size_t n);
/* It ends by itself, with everything said, and the next one starts. */
void rl_child_renew(struct rl_child *child);
/* End it, and all its lives; memory goes when the loop has run once more. NULL-safe. */
void rl_child_close(struct rl_child **child);
/* All zero for NULL. */
void rl_child_status(const struct rl_child *child, struct rl_child_status *out);

#endif
