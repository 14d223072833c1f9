/* The expiry monitor (profiles.md 9): tells once, over restarts too, when a certificate on file is
 * so many days from its end; in the log, as an event, and by a command of the site. */
#ifndef RL_ENGINE_EXPIRY_H
#define RL_ENGINE_EXPIRY_H

#include <uv.h>

struct rl_engine;
struct rl_expiry;

/* Looks at all certificates with the next tick. `engine` is borrowed until the end. */
struct rl_expiry *rl_expiry_new(struct rl_engine *engine);
/* A command that runs is left to end by itself. Frees when the loop has run once more. */
void rl_expiry_close(struct rl_expiry **expiry);

/* Once a second: looks again when a notice falls due, after an hour, and when the clock was set
 * back. */
void rl_expiry_tick(struct rl_expiry *expiry);
/* Certificates came or went, or the configuration changed: look with the next tick. */
void rl_expiry_wake(struct rl_expiry *expiry);

/* The longest notice, in days; 0 if there is none. */
int rl_expiry_horizon(const struct rl_expiry *expiry);

#endif
