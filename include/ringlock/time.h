/* Time: microseconds since 1970 in UTC as int64_t; RFC 3339 outside. */
#ifndef RINGLOCK_TIME_H
#define RINGLOCK_TIME_H

#include <stddef.h>
#include <stdint.h>

enum { RL_TIME_TEXT = 32 };

int64_t rl_now_us(void);       /* wall clock */
int64_t rl_monotonic_us(void); /* never steps back */

/* "2026-11-23T07:03:40Z" into out (RL_TIME_TEXT bytes); with milliseconds if `ms`. Returns out. ""
 * for 0. */
char *rl_time_text(int64_t us, int ms, char *out);

/* The reverse; -1 if the text is not RFC 3339. */
int64_t rl_time_parse(const char *text);

enum { RL_DAY_S = 86400 };
/* Whole days from one moment to another, rounded down: -1 as soon as it is over. */
int64_t rl_days_until(int64_t from_us, int64_t to_us);

#endif
