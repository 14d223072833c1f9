/* Addresses from which logins failed: how often lately, and which are locked out. Of a bounded
 * number the latest are remembered. */
#ifndef RL_CONTROL_LOCKOUT_H
#define RL_CONTROL_LOCKOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rl_lockout;
/* Nobody is locked out. Owned: rl_lockout_free. */
struct rl_lockout *rl_lockout_new(void);
void rl_lockout_free(struct rl_lockout **lockout); /* NULL-safe */

enum { RL_LOCKOUT_IP = 16 }; /* bytes of an address */

/* A login from the address failed at `now_us`; with `tries` of them within lock_us it is locked out
 * for as long. True if it is from now on. Times are monotonic, microseconds. */
bool rl_lockout_failed(struct rl_lockout *l, const uint8_t ip[RL_LOCKOUT_IP], int tries,
                       int64_t lock_us, int64_t now_us);
/* Is the address locked out? */
bool rl_lockout_is(const struct rl_lockout *l, const uint8_t ip[RL_LOCKOUT_IP], int64_t now_us);
/* How many addresses are. */
size_t rl_lockout_count(const struct rl_lockout *l, int64_t now_us);

#endif
