/* Registrations, and who was turned away. A 401 alone is no alarm; a 401 after credentials is,
 * unless it says that only their nonce was old. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"

enum {
    ATTEMPT_S = 32,
    ATTEMPTS_MAX = 50000,
    WAIT_S = 1, /* for the log event that says more than the response */
    EXPIRES_DEFAULT = 3600
};

static struct rl_str str_of(const char *s)
{
    return (struct rl_str){s, (uint16_t)(s ? strlen(s) : 0)};
}

static void tell(struct rl_tracker *t, int what, const struct rl_addr *peer, struct rl_str device,
                 struct rl_str number, struct rl_str why, int64_t expires_us)
{
    struct rl_seen seen = {.what = what,
                           .at_us = t->wall_us,
                           .device = device,
                           .number = number,
                           .why = why,
                           .peer = *peer,
                           .expires_us = expires_us};

    seen.sig = rl_peer_proof(t, peer, INT64_MAX).sig;
    if (t->hooks.seen)
        t->hooks.seen(t->hooks.ctx, &seen);
}

static void attempt_free(struct rl_tracker *t, struct rl_attempt *a)
{
    rl_map_remove(&t->attempts, a->key);
    free(a->number);
    free(a);
}

static void attempts_drop_oldest(struct rl_tracker *t)
{
    struct rl_attempt *a = t->attempt_first;

    if (!(t->attempt_first = a->next))
        t->attempt_last = &t->attempt_first;
    attempt_free(t, a);
}

static struct rl_attempt *attempt_get(struct rl_tracker *t, struct rl_str call_id,
                                      const struct rl_addr *peer, int method)
{
    uint64_t key = rl_hash(call_id.p, call_id.n) ^ rl_addr_key(peer) ^ (uint64_t)(method + 1);
    struct rl_attempt *a = rl_map_get(&t->attempts, key = key ? key : 1);

    if (a)
        return a;
    if (t->attempts.n >= ATTEMPTS_MAX)
        attempts_drop_oldest(t);
    a = rl_alloc(sizeof *a);
    a->key = key;
    a->begun_us = t->now_us;
    a->peer = *peer;
    a->expires = -1;
    rl_map_put(&t->attempts, key, a);
    *t->attempt_last = a;
    t->attempt_last = &a->next;
    return a;
}

static void unregister(struct rl_tracker *t, struct rl_dev *d, int what, const char *why)
{
    struct rl_addr addr = d->addr;

    if (!d->registered)
        return;
    d->registered = false;
    t->registered--;
    rl_timer_stop(&d->timer);
    tell(t, what, &addr, str_of(d->name), str_of(d->number), str_of(why), 0);
    rl_dev_release(t, d);
}

static void tell_registered(struct rl_tracker *t, struct rl_dev *d)
{
    if (d->told)
        return;
    d->told = true;
    tell(t, RL_SEEN_REGISTERED, &d->addr, str_of(d->name), str_of(d->number), str_of(NULL),
         d->expires_us);
}

static struct rl_dev *registered(struct rl_tracker *t, struct rl_str device,
                                 const struct rl_addr *addr, const char *number, int32_t expires)
{
    struct rl_dev *d = rl_dev_get(t, device.p, device.n);

    if (d->registered)
        rl_dev_release(t, d); /* the registration holds one reference */
    else
        t->registered++;
    if (!d->registered || !rl_addr_equal(&d->addr, addr)) {
        d->since_us = t->wall_us;
        d->told = false;
    }
    d->registered = true;
    d->addr = *addr;
    if (number && (!d->number || strcmp(d->number, number) != 0)) {
        free(d->number);
        d->number = rl_strdup(number);
    }
    int64_t lasts_us = (expires > 0 ? expires : EXPIRES_DEFAULT) * RL_SECOND;
    d->expires_us = t->wall_us + lasts_us;
    d->until_us = t->now_us + lasts_us;
    rl_timer_set(&t->dev_wheel, &d->timer, d->until_us);
    return d;
}

static struct rl_str device_of(struct rl_tracker *t, const struct rl_attempt *a)
{
    struct rl_peer *p = rl_peer_find(t, &a->peer);
    const struct rl_device *dev;

    if (p && p->dev)
        return str_of(p->dev->name);
    if (!a->number ||
        !(dev = t->directory.by_number(t->directory.ctx, a->number, strlen(a->number))))
        return str_of(NULL);
    return str_of(dev->name);
}

/* A 200: the device is registered, though who it is may only be known from the log event that
 * follows. */
static void granted(struct rl_tracker *t, struct rl_attempt *a)
{
    struct rl_str device = device_of(t, a);
    struct rl_dev *d = rl_dev_find(t, device.p, device.n);
    struct rl_peer *p;

    if (!device.n || (d && d->gone_us >= a->at_us))
        return;
    if (a->expires == 0) {
        if (d && rl_addr_equal(&d->addr, &a->peer)) {
            d->gone_us = a->at_us;
            unregister(t, d, RL_SEEN_UNREGISTERED, NULL);
        }
        return;
    }
    d = registered(t, device, &a->peer, a->number, a->expires);
    p = rl_peer_get(t, &a->peer);
    if (!p->dev) {
        p->dev = rl_dev_get(t, device.p, device.n);
        rl_judge_watchers(t, p->links);
    }
    if (p->fact)
        tell_registered(t, d);
    else if (!d->told)
        a->wait_us = t->now_us + WAIT_S * RL_SECOND;
}

void rl_tell_wrong_password(struct rl_tracker *t, const struct rl_addr *peer, struct rl_str number)
{
    struct rl_peer *p = rl_peer_find(t, peer);
    const struct rl_device *dev = t->directory.by_number(t->directory.ctx, number.p, number.n);
    struct rl_str device = str_of(p && p->dev ? p->dev->name : dev ? dev->name : NULL);

    tell(t, RL_SEEN_WRONG_PASSWORD, peer, device, number, str_of("wrong password"), 0);
}

static void advance(struct rl_attempt *a, uint32_t cseq)
{
    if (cseq <= a->cseq)
        return;
    if (a->cseq == 0 && a->told)
        a->told_cseq = cseq; /* its log event came first */
    a->cseq = cseq;
    a->status = 0;
    a->stale = false;
    a->wait_us = 0;
}

static void settle(struct rl_tracker *t, struct rl_attempt *a)
{
    bool told = a->told && a->told_cseq == a->cseq;
    bool refused = (a->status == 401 || a->status == 407) && !a->stale;

    if (refused && a->credentials_cseq == a->cseq && !told) {
        a->told = true;
        a->told_cseq = a->cseq;
        rl_tell_wrong_password(t, &a->peer, str_of(a->number));
    } else if (a->status == 403 && !told && !a->wait_us) {
        a->wait_us = t->now_us + WAIT_S * RL_SECOND;
    }
}

void rl_register_take(struct rl_tracker *t, const struct rl_rec *rec)
{
    const struct rl_rec_sip *m = &rec->sip;
    struct rl_attempt *a;

    if (!rec->listed || !m->call_id.n || m->vias > 1)
        return;
    a = attempt_get(t, m->call_id, m->request ? &rec->src : &rec->dst, RL_M_REGISTER);
    advance(a, m->cseq);
    if (m->cseq < a->cseq)
        return;
    if (!a->number && m->to_user.n)
        a->number = rl_strndup(m->to_user.p, m->to_user.n);
    if (m->request) {
        if (a->status != 200)
            a->expires = m->expires;
        if (m->credentials)
            a->credentials_cseq = m->cseq;
    } else if (m->status >= 200 && !a->status) {
        a->status = m->status;
        a->stale = m->stale;
        a->at_us = rec->time_us;
        if (m->expires >= 0)
            a->expires = m->expires;
        if (m->status < 300)
            granted(t, a);
    }
    settle(t, a);
}

/* The log event names the device; the 200 said for how long. */
static void fact_registered(struct rl_tracker *t, const struct rl_rec *rec)
{
    const struct rl_rec_fact *f = &rec->fact;
    struct rl_attempt *a = attempt_get(t, f->call_id, &f->peer, RL_M_REGISTER);
    struct rl_dev *d = rl_dev_find(t, f->device.p, f->device.n);
    struct rl_peer *p = rl_peer_find(t, &f->peer);

    if (!f->device.n || (d && d->gone_us >= rec->time_us) || (p && p->closed_us >= rec->time_us))
        return;
    a->wait_us = 0;
    tell_registered(t, registered(t, f->device, &f->peer, a->number, a->expires));
}

static void fact_gone(struct rl_tracker *t, const struct rl_rec *rec)
{
    const struct rl_rec_fact *f = &rec->fact;
    struct rl_peer *p = rl_peer_find(t, &f->peer);
    struct rl_dev *d = f->device.n ? rl_dev_find(t, f->device.p, f->device.n) : p ? p->dev : NULL;
    bool closed = f->event == RL_FACT_CLOSED;

    if (!d || !rl_addr_equal(&d->addr, &f->peer))
        return;
    if (rec->time_us > d->gone_us)
        d->gone_us = rec->time_us;
    unregister(t, d, closed ? RL_SEEN_CLOSED : RL_SEEN_UNREGISTERED, NULL);
}

static void deny_call(struct rl_tracker *t, const struct rl_rec_fact *f)
{
    struct rl_session *s = rl_map_get(&t->sessions, rl_hash(f->call_id.p, f->call_id.n));
    uint16_t status;

    if (!s || s->denied || s->call->answered_us || rl_session_state(s, &status) == RL_SES_ANSWERED)
        return;
    s->denied = rl_asprintf("%.*s", (int)f->why.n, f->why.p ? f->why.p : "");
    rl_call_denied(t, s->call, s->denied);
}

static void fact_denied(struct rl_tracker *t, const struct rl_rec *rec)
{
    const struct rl_rec_fact *f = &rec->fact;
    struct rl_attempt *a = attempt_get(t, f->call_id, &f->peer, f->method);
    struct rl_session *s = rl_map_get(&t->sessions, rl_hash(f->call_id.p, f->call_id.n));
    struct rl_str number = str_of(a->number ? a->number : s ? s->from_user : NULL);

    if (f->method != RL_M_REGISTER && s)
        a->cseq = s->top_cseq;
    a->wait_us = 0;
    if (!a->told || a->told_cseq != a->cseq) {
        a->told = true;
        a->told_cseq = a->cseq;
        tell(t, RL_SEEN_DENIED, &f->peer, f->device, number, f->why, 0);
    }
    if (f->method == RL_M_INVITE)
        deny_call(t, f);
}

void rl_register_fact(struct rl_tracker *t, const struct rl_rec *rec)
{
    switch (rec->fact.event) {
    case RL_FACT_REGISTERED:
        fact_registered(t, rec);
        break;
    case RL_FACT_UNREGISTERED:
    case RL_FACT_CLOSED:
        fact_gone(t, rec);
        break;
    case RL_FACT_DENY:
        fact_denied(t, rec);
        break;
    default:
        break;
    }
}

static void tell_waiting(struct rl_tracker *t, struct rl_attempt *a)
{
    struct rl_str device = device_of(t, a);
    struct rl_dev *d = rl_dev_find(t, device.p, device.n);

    a->wait_us = 0;
    if (a->status / 100 == 2) {
        if (d && d->registered && rl_addr_equal(&d->addr, &a->peer))
            tell_registered(t, d);
        return;
    }
    a->told = true;
    a->told_cseq = a->cseq;
    tell(t, RL_SEEN_DENIED, &a->peer, device, str_of(a->number), str_of("403"), 0);
}

void rl_register_tick(struct rl_tracker *t)
{
    struct rl_timer *timer;

    for (struct rl_attempt *a = t->attempt_first; a; a = a->next)
        if (a->wait_us && a->wait_us <= t->now_us)
            tell_waiting(t, a);
    while (t->attempt_first && t->attempt_first->begun_us + ATTEMPT_S * RL_SECOND <= t->now_us)
        attempts_drop_oldest(t);
    for (int i = 0; i < 10000 && (timer = rl_wheel_next(&t->dev_wheel, t->now_us)); i++) {
        struct rl_dev *d = (struct rl_dev *)((char *)timer - offsetof(struct rl_dev, timer));
        if (d->until_us > t->now_us)
            rl_timer_set(&t->dev_wheel, &d->timer, d->until_us);
        else
            unregister(t, d, RL_SEEN_UNREGISTERED, "expired");
    }
}

void rl_register_free(struct rl_tracker *t)
{
    while (t->attempt_first)
        attempts_drop_oldest(t);
}
