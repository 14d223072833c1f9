/* Enrolment of phones by CAPF: sessions by their numbers, as the enrol process tells of them. Each
 * step of a session is thought out beside the loop (control/work.h), many at a time; what is to be
 * kept of them is written in one transaction, and then the phones are answered. A phone has one
 * session: the latest in which it proved who it is. */
#ifndef RL_CONTROL_ENROLMENT_H
#define RL_CONTROL_ENROLMENT_H

#include <stdbool.h>

#include "enrol/record.h"

struct rl_engine;
struct rl_enrolment;

/* Orders go out by `send`, on the loop; what an order points to is borrowed. `engine` is borrowed.
 */
typedef void (*rl_enrolment_send_fn)(void *ctx, const struct rl_enr *order);
struct rl_enrolment *rl_enrolment_new(struct rl_engine *engine, rl_enrolment_send_fn send,
                                      void *ctx);
/* When the loop has run to its end. NULL-safe. */
void rl_enrolment_free(struct rl_enrolment **enrolment);

/* A record of CAPF, HELLO to GONE; borrowed. Others are left alone. */
void rl_enrolment_take(struct rl_enrolment *enrolment, const struct rl_enr *rec);
/* Once a second: what could not be written yet, operations that are late (profiles.md 5), LSCs that
 * are due to be renewed. */
void rl_enrolment_tick(struct rl_enrolment *enrolment, int64_t now_us);

/* Is the service on, so that phones can come (R69)? */
bool rl_enrolment_is_on(const struct rl_engine *engine);
/* An operation was ordered or taken back by somebody: consoles are told soon. */
void rl_enrolment_changed(struct rl_enrolment *enrolment);

struct rl_enrolment_status {
    size_t sessions;         /* open */
    size_t locked_addresses; /* locked out now */
    size_t done, failed;     /* operations that ended, since the engine's start */
};
void rl_enrolment_status(const struct rl_enrolment *enrolment, struct rl_enrolment_status *out);

#endif
