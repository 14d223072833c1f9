/* Listening sockets: made by the engine, inherited by its children. */
#ifndef RL_ENGINE_LISTEN_H
#define RL_ENGINE_LISTEN_H

#include <stdint.h>

#include "ringlock/err.h"

enum { RL_LISTEN_TEXT = 64 };

/* A place of the configuration where something is heard. */
struct rl_listener {
    int type;            /* SOCK_DGRAM or SOCK_STREAM */
    const char *section; /* of ringlock.conf, for errors; static */
    int fd;              /* -1 = it is not listened; non-blocking, closed on exec */
    char *configured; /* as ringlock.conf had it when the socket was made; NULL = there is none */
    char where[RL_LISTEN_TEXT]; /* "127.0.0.1:9060": the address it got */
};

/* Listen at "ADDRESS:PORT", unless it does already; "" = nowhere. With E-IO the old socket stays.
 */
enum rl_code rl_listener_set(struct rl_listener *l, const char *endpoint, struct rl_err *err);
void rl_listener_close(struct rl_listener *l);

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
