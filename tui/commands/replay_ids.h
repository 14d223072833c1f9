/* New Call-IDs, tags and branches for a recording that is sent again: a call that ended would else
 * be taken for a retransmission. Every name keeps its length, so that no length field changes. */
#ifndef RL_COMMANDS_REPLAY_IDS_H
#define RL_COMMANDS_REPLAY_IDS_H

#include <stddef.h>
#include <stdint.h>

#include "ringlock/err.h"

struct rl_replay_ids;

/* Empty and owned; rl_replay_ids_free frees it. */
struct rl_replay_ids *rl_replay_ids_new(void);
void rl_replay_ids_free(struct rl_replay_ids **ids);

/* Note the names in one HEP datagram. E-HEP-FILE when its Call-ID is too short, or holds characters
 * by which it could not be found again. */
enum rl_code rl_replay_ids_note(struct rl_replay_ids *ids, const uint8_t *datagram, size_t n,
                                struct rl_err *err);

/* Put the names of round `round` into a datagram, in place; round 0 leaves it as it is. The same
 * name becomes the same everywhere in a round: in headers, in log events, in correlation ids. */
void rl_replay_ids_rename(const struct rl_replay_ids *ids, uint64_t round, uint8_t *datagram,
                          size_t n);

/* When a datagram was mirrored (chunks 9 and 10), microseconds since 1970; 0 if it does not say. */
int64_t rl_replay_time(const uint8_t *datagram, size_t n);
/* Write another time over it, where it has one. */
void rl_replay_set_time(uint8_t *datagram, size_t n, int64_t us);

#endif
