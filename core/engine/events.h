/* What was seen that is no call: registrations and refusals, the latest of each in a ring. */
#ifndef RL_ENGINE_EVENTS_H
#define RL_ENGINE_EVENTS_H

#include "calls/tracker.h"

enum { RL_EVENTS_KEPT = 1000, RL_EVENT_EXPIRING = RL_SEEN_CLOSED + 1 };

struct rl_event {
    uint64_t number; /* grows with each event; 0 = empty place */
    uint8_t what;    /* RL_SEEN_..., RL_EVENT_EXPIRING */
    int64_t at_us;
    char *device, *dialled, *why; /* owned, safe text; "" if not known */
    struct rl_addr peer;
    uint8_t sig; /* rl_sig_state of its connection */
};

/* Refusals have a ring of their own, so that a storm of registrations does not push them out. */
struct rl_events {
    struct rl_event routine[RL_EVENTS_KEPT], refusal[RL_EVENTS_KEPT];
    uint64_t nroutine, nrefusal, number;
};

/* What the tracker saw, copied; the oldest of its ring goes. */
void rl_events_add(struct rl_events *events, const struct rl_seen *seen);
/* A certificate that ends or has ended, as a sentence; `device` is whose it is, "" if nobody's. */
void rl_events_certificate(struct rl_events *events, int64_t at_us, const char *device,
                           const char *sentence);
void rl_events_fini(struct rl_events *events);

/* The newest event before number `before` (0: the newest of all), of `device` only if that is not
 * NULL, refusals only if so asked; NULL at the end. Borrowed until the next rl_events_add. */
const struct rl_event *rl_events_before(const struct rl_events *events, uint64_t before,
                                        const char *device, bool refusals_only);

const char *rl_event_name(const struct rl_event *event); /* "registered", "denied", ...; static */
/* One sentence for people into out; returns out. */
char *rl_event_message(const struct rl_event *event, char *out, size_t size);

#endif
