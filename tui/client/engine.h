/* ringlockd as a child: where it is found, and a private engine for one site. */
#ifndef RL_CLIENT_ENGINE_H
#define RL_CLIENT_ENGINE_H

#include <uv.h>

#include "ringlock/err.h"

/* Where ringlockd is: `given` if not NULL, else beside this program or in ../sbin (as
 * installed), else "ringlockd" for PATH.
 * Owned by the caller. */
char *rl_engine_path(const char *given);

struct rl_engine_child;

/* Called once from the loop when the child has ended; `why` is what it last said, as a code and a
 * sentence. The child is gone when this returns. */
typedef void (*rl_engine_ended_fn)(void *ctx, const struct rl_err *why);

/* Start `ringlockd --private --site SITE` in a session of its own, without a terminal; it writes to
 * SITE/log/engine.log where there is such a directory. The handle does not keep the loop alive.
 * Codes: E-SITE-MISSING, E-IO. *out is owned; forget it with rl_engine_forget. */
enum rl_code rl_engine_start(uv_loop_t *loop, const char *path, const char *site,
                             rl_engine_ended_fn ended, void *ctx, struct rl_engine_child **out,
                             struct rl_err *err);

/* Let the child live on without us: `ended` will not be called. NULL-safe, sets NULL. */
void rl_engine_forget(struct rl_engine_child **child);

/* Fill `err` from what ringlockd wrote: the last line with "CODE: sentence"; without one, E-IO and
 * `otherwise`. Returns the code. */
enum rl_code rl_engine_said(const char *text, const char *otherwise, struct rl_err *err);

#endif
