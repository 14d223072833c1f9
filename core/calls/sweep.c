/* Judging many calls again, a share at a time. One sweep goes over all calls, the newest first;
 * what is asked for while it is under way lets it go round once more. */
#include <string.h>

#include "calls/track.h"

enum {
    PASSED = 1,
    JUDGED = 32
}; /* cost of a call that is passed over, and of one that is judged */

static void sweep_begin(struct rl_tracker *t)
{
    struct rl_sweep *s = &t->sweep;

    s->again = s->on;
    if (!s->on)
        s->at = t->newest;
    s->on = true;
}

void rl_sweep_mark(struct rl_tracker *t, struct rl_link *links)
{
    for (struct rl_link *l = links; l; l = l->next)
        l->call->stale = true;
    sweep_begin(t);
}

void rl_sweep_unlink(struct rl_tracker *t, const struct rl_live *c)
{
    if (t->sweep.at == c)
        t->sweep.at = c->older;
}

void rl_tracker_rejudge(struct rl_tracker *t, const struct rl_tracker_config *config,
                        const char *const *devices, size_t n, int64_t wall_us)
{
    struct rl_sweep *s = &t->sweep;
    struct rl_dev *d;

    t->wall_us = wall_us;
    if (config)
        rl_tracker_configure(t, config);
    s->turn++;
    s->unknown = s->turn;
    if (!devices)
        s->all = s->turn;
    for (size_t i = 0; i < n; i++)
        if ((d = rl_dev_find(t, devices[i], strlen(devices[i]))))
            rl_sweep_mark(t, d->links);
    sweep_begin(t);
}

void rl_tracker_recheck(struct rl_tracker *t, int64_t wall_us)
{
    t->wall_us = wall_us;
    t->sweep.peers = ++t->sweep.turn;
    sweep_begin(t);
}

static bool is_stale(const struct rl_sweep *s, const struct rl_live *c)
{
    return c->stale || c->judged < s->all || (c->unknown_party && c->judged < s->unknown);
}

/* Returns what it cost. */
static size_t look_at(struct rl_tracker *t, struct rl_live *c)
{
    for (struct rl_link *l = c->links; l; l = l->sibling)
        if (!l->is_dev)
            rl_peer_recheck(t, l->watched);
    if (!is_stale(&t->sweep, c))
        return PASSED;
    rl_judge(t, c, NULL);
    return JUDGED;
}

bool rl_tracker_sweep(struct rl_tracker *t, size_t share, int64_t wall_us)
{
    struct rl_sweep *s = &t->sweep;

    t->wall_us = wall_us;
    for (size_t cost = 0; s->on && cost < share;) {
        struct rl_live *c = s->at;
        if (c) {
            s->at = c->older;
            cost += c->state == RL_CALL_ENDED ? PASSED : look_at(t, c);
        } else {
            s->on = s->again;
            s->again = false;
            s->at = t->newest;
        }
    }
    return s->on;
}

bool rl_tracker_sweeping(const struct rl_tracker *t)
{
    return t->sweep.on;
}
