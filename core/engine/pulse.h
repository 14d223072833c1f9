/* How the engine itself is: how long its loop is busy at a time, its memory, and since when
 * something is wrong with what arrives. For the status. */
#ifndef RL_ENGINE_PULSE_H
#define RL_ENGINE_PULSE_H

#include <stdbool.h>
#include <uv.h>

#include "engine/feed_child.h"

struct rl_pulse {
    int64_t turn_us, idle_us; /* monotonic; when the turn under way began, and waited until then */
    int64_t busy_us;          /* of all turns */
    int64_t minute_us;        /* when the minute began that longest_us[0] is of */
    int64_t longest_us[2];    /* turn of this minute, and of the one before */
    uint64_t drops;           /* by the kernel, as seen last */
    int64_t drops_us;         /* when there were more; wall clock, 0 = never */
    unsigned restarts;        /* of feed, as seen last */
};

/* A turn of the loop ends and another begins. The loop has to measure how long it waits:
 * UV_METRICS_IDLE_TIME. */
void rl_pulse_turn(struct rl_pulse *pulse, uv_loop_t *loop, int64_t now_us);

/* The longest turn of the last one to two minutes, microseconds. */
int64_t rl_pulse_longest(const struct rl_pulse *pulse);

/* Look at the feed, about once a second. True if it is in trouble anew: it was started again, or
 * datagrams were dropped after a minute without. */
bool rl_pulse_feed(struct rl_pulse *pulse, const struct rl_feed_status *feed, int64_t wall_us);

/* Bytes of memory that a process holds (RSS); 0 if it is not known. */
int64_t rl_process_memory(int pid);

#endif
