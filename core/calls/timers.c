#include "calls/track.h"

void rl_timer_stop(struct rl_timer *timer)
{
    if (!timer->at)
        return;
    *timer->at = timer->next;
    if (timer->next)
        timer->next->at = timer->at;
    timer->next = NULL;
    timer->at = NULL;
}

void rl_timer_set(struct rl_wheel *w, struct rl_timer *timer, int64_t due_us)
{
    int64_t second = due_us / RL_SECOND + 1;
    struct rl_timer **slot;

    rl_timer_stop(timer);
    timer->due_us = due_us;
    if (second < w->second)
        second = w->second;
    if (second > w->second + RL_WHEEL_SLOTS - 1)
        second = w->second + RL_WHEEL_SLOTS - 1;
    slot = &w->slot[second % RL_WHEEL_SLOTS];
    timer->next = *slot;
    timer->at = slot;
    if (*slot)
        (*slot)->at = &timer->next;
    *slot = timer;
}

struct rl_timer *rl_wheel_next(struct rl_wheel *w, int64_t now_us)
{
    int64_t now = now_us / RL_SECOND;

    if (now - w->second >= RL_WHEEL_SLOTS)
        w->second = now - RL_WHEEL_SLOTS + 1; /* the clock jumped: every slot is looked at once */
    for (; w->second <= now; w->second++) {
        struct rl_timer *timer = w->slot[w->second % RL_WHEEL_SLOTS];
        if (timer) {
            rl_timer_stop(timer);
            return timer;
        }
    }
    return NULL;
}
