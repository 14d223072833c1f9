/* Listening sockets for HEP: made by the engine, inherited by feed. */
#ifndef RL_ENGINE_LISTEN_H
#define RL_ENGINE_LISTEN_H

#include <stdint.h>

#include "ringlock/err.h"

enum { RL_LISTEN_TEXT = 64 };

/* A socket bound to "ADDRESS:PORT" (SOCK_DGRAM) or listening there (SOCK_STREAM); non-blocking,
 * closed on exec. `where` (RL_LISTEN_TEXT bytes) receives the address it got. -1 with E-IO. */
int rl_listen(const char *endpoint, int type, char *where, struct rl_err *err);

/* What the kernel says of a socket's memory (SO_MEMINFO). */
struct rl_listen_memory {
    unsigned waiting, room; /* bytes, as the kernel counts them: with its own overhead */
    unsigned drops;         /* packets that found no room, since the socket was made; wraps */
};
/* All zero if it says nothing. */
void rl_listen_memory(int fd, struct rl_listen_memory *out);

/* Ask for a receive buffer of so many bytes; returns what was granted. */
int rl_listen_buffer(int fd, int64_t bytes);

#endif
