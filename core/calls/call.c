/* The life of a call: made, joined, ended, kept for a while, forgotten. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"
#include "ringlock/text.h"

enum { TOMBS_MAX = 1000000, FORGET_AT_ONCE = 4, TICK_SHARE = 20000 };

static void list_add(struct rl_call_list *list, struct rl_live *c)
{
    c->busier = NULL;
    c->calmer = list->head;
    *(list->head ? &list->head->busier : &list->tail) = c;
    list->head = c;
    list->n++;
}

static void list_remove(struct rl_call_list *list, struct rl_live *c)
{
    *(c->busier ? &c->busier->calmer : &list->head) = c->calmer;
    *(c->calmer ? &c->calmer->busier : &list->tail) = c->busier;
    c->busier = c->calmer = NULL;
    list->n--;
}

static void forget_surplus(struct rl_tracker *t, int share)
{
    for (; share > 0 && t->ended.tail; share--) {
        struct rl_live *c = t->ended.tail;
        if (t->ended.n <= t->config.ended_keep &&
            c->active_us + t->config.ended_keep_us > t->now_us)
            return;
        rl_call_forget(t, c);
    }
}

char *rl_call_id(const struct rl_tracker *t, const struct rl_live *c, char *out)
{
    snprintf(out, sizeof t->view.id, "c%08x-%llu", (unsigned)t->epoch,
             (unsigned long long)c->serial);
    return out;
}

struct rl_live *rl_call_make(struct rl_tracker *t)
{
    struct rl_live *c;

    forget_surplus(t, FORGET_AT_ONCE);
    if (t->live.n >= t->config.max_calls && t->live.tail) {
        t->dropped_calls++;
        rl_call_end(t, t->live.tail, "dropped: too many calls");
    }
    if (!t->epoch)
        t->epoch = (uint64_t)(t->wall_us / RL_SECOND);
    c = rl_alloc(sizeof *c);
    c->serial = ++t->serial;
    c->started_us = t->wall_us;
    c->older = t->newest;
    if (t->newest)
        t->newest->newer = c;
    t->newest = c;
    rl_map_put(&t->calls, c->serial, c);
    list_add(&t->live, c);
    t->bucket[0]++;
    return c;
}

void rl_call_note(struct rl_tracker *t, struct rl_live *c, const char *text)
{
    struct rl_buf safe = {0};
    struct rl_moment *m;
    const char *s;
    size_t n;

    rl_text_safe(&safe, text, strlen(text));
    s = rl_buf_str(&safe);
    n = strlen(s);
    if (n >= sizeof t->event[0].text)
        for (n = sizeof t->event[0].text - 1; n && ((unsigned char)s[n] & 0xc0) == 0x80;)
            n--;
    m = rl_alloc(sizeof *m + n + 1);
    memcpy(m->text, s, n);
    m->at_us = t->wall_us;
    m->state = (uint8_t)c->state;
    m->security = (uint8_t)c->security;
    rl_buf_fini(&safe);
    if (c->nmoments == RL_CALL_EVENTS) {
        free(c->moment[0]);
        memmove(c->moment, c->moment + 1, (size_t)--c->nmoments * sizeof *c->moment);
    } else {
        c->moment = rl_realloc(c->moment, (size_t)(c->nmoments + 1) * sizeof *c->moment);
    }
    c->moment[c->nmoments++] = m;
}

void rl_call_schedule(struct rl_tracker *t, struct rl_live *c)
{
    int64_t due = INT64_MAX;
    const char *why;

    for (struct rl_session *s = c->sessions; s; s = s->next) {
        int64_t d = rl_session_deadline(t, s, &why);
        due = d < due ? d : due;
    }
    c->deadline_us = due;
    if (!c->timer.at || due < c->timer.due_us)
        rl_timer_set(&t->wheel, &c->timer, due);
}

void rl_call_touch(struct rl_tracker *t, struct rl_live *c)
{
    c->active_us = t->now_us;
    if (t->live.head != c) {
        list_remove(&t->live, c);
        list_add(&t->live, c);
    }
}

/* The evidence of an ended call; its Call-ID stays, so that late copies find it. */
static void drop_evidence(struct rl_tracker *t, struct rl_session *s)
{
    for (struct rl_txn *x = s->txn, *next; x; x = next) {
        next = x->next;
        rl_txn_free(x);
    }
    s->txn = NULL;
    s->ntxns = 0;
    t->dialogs -= s->ndialogs;
    s->ndialogs = 0;
    free(s->dialog);
    s->dialog = NULL;
}

void rl_call_end(struct rl_tracker *t, struct rl_live *c, const char *reason)
{
    c->state = RL_CALL_ENDED;
    rl_build(t, c);
    c->security = t->verdict.security;
    c->icon = t->verdict.icon;
    c->ended_us = c->changed_us = t->wall_us;
    c->active_us = t->now_us;
    free(c->end_reason);
    c->end_reason = rl_text_safe_dup(reason);
    c->frozen = rl_freeze(t, c);
    rl_call_note(t, c, reason);
    t->bucket[c->bucket]--;
    rl_timer_stop(&c->timer);
    list_remove(&t->live, c);
    list_add(&t->ended, c);
    if (c->correlation)
        rl_map_remove(&t->correlations, c->correlation);
    for (struct rl_session *s = c->sessions; s; s = s->next)
        drop_evidence(t, s);
    rl_unwatch(t, c);
    if (t->hooks.call_changed)
        t->hooks.call_changed(t->hooks.ctx, rl_view(t, c));
    rl_conf_leave(t, c);
}

/* The log event that says why may come after the 403 that ended the call. */
void rl_call_denied(struct rl_tracker *t, struct rl_live *c, const char *why)
{
    if (c->state != RL_CALL_ENDED) {
        rl_judge(t, c, "");
        return;
    }
    char *reason = rl_asprintf("denied: %s", why);
    free(c->end_reason);
    c->end_reason = rl_text_safe_dup(reason);
    free(reason);
    if (t->hooks.call_changed)
        t->hooks.call_changed(t->hooks.ctx, rl_view(t, c));
}

static void call_free(struct rl_live *c)
{
    for (struct rl_session *s = c->sessions, *next; s; s = next) {
        next = s->next;
        rl_session_free(s);
    }
    for (int i = 0; i < c->nmoments; i++)
        free(c->moment[i]);
    free(c->moment);
    free(c->end_reason);
    free(c->weak);
    rl_frozen_free(c->frozen);
    free(c);
}

static void unlink_call(struct rl_tracker *t, struct rl_live *c)
{
    rl_sweep_unlink(t, c);
    *(c->newer ? &c->newer->older : &t->newest) = c->older;
    if (c->older)
        c->older->newer = c->newer;
    rl_map_remove(&t->calls, c->serial);
}

static void drop_tomb(struct rl_tracker *t)
{
    struct rl_tomb *tomb = t->tomb_first;

    if (!(t->tomb_first = tomb->next))
        t->tomb_last = &t->tomb_first;
    if (rl_map_get(&t->tombs, tomb->key) == tomb)
        rl_map_remove(&t->tombs, tomb->key);
    free(tomb);
}

static void bury(struct rl_tracker *t, const struct rl_session *s)
{
    struct rl_tomb *tomb;

    if (rl_map_get(&t->sessions, s->key) != s)
        return;
    rl_map_remove(&t->sessions, s->key);
    if (t->tombs.n >= TOMBS_MAX)
        drop_tomb(t);
    tomb = rl_alloc(sizeof *tomb);
    *tomb = (struct rl_tomb){
        .key = s->key, .top_cseq = s->top_cseq, .until_us = t->now_us + RL_TOMB_S * RL_SECOND};
    rl_map_put(&t->tombs, tomb->key, tomb);
    *t->tomb_last = tomb;
    t->tomb_last = &tomb->next;
}

void rl_call_forget(struct rl_tracker *t, struct rl_live *c)
{
    char id[sizeof t->view.id];

    if (t->hooks.call_forgotten)
        t->hooks.call_forgotten(t->hooks.ctx, rl_call_id(t, c, id));
    for (struct rl_session *s = c->sessions; s; s = s->next)
        bury(t, s);
    list_remove(&t->ended, c);
    unlink_call(t, c);
    call_free(c);
}

void rl_call_join(struct rl_tracker *t, struct rl_live *to, struct rl_live *from)
{
    struct rl_session **last = &to->sessions;
    char id[sizeof t->view.id];

    if (to == from || to->nsessions + from->nsessions > RL_MAX_SESSIONS)
        return;
    if (t->hooks.call_forgotten && from->print)
        t->hooks.call_forgotten(t->hooks.ctx, rl_call_id(t, from, id));
    while (*last)
        last = &(*last)->next;
    *last = from->sessions;
    for (struct rl_session *s = from->sessions; s; s = s->next)
        s->call = to;
    to->nsessions += from->nsessions;
    from->sessions = NULL;
    if (from->conf) {
        const char *uri = from->conf->uri;
        rl_conf_join(t, to, (struct rl_str){uri, (uint16_t)strlen(uri)});
    }
    rl_conf_leave(t, from);
    rl_unwatch(t, from);
    rl_timer_stop(&from->timer);
    t->bucket[from->bucket]--;
    list_remove(&t->live, from);
    unlink_call(t, from);
    call_free(from);
}

static void expire(struct rl_tracker *t, struct rl_live *c)
{
    for (struct rl_session *s = c->sessions; s; s = s->next) {
        const char *why = "silence";
        rl_session_expire(s, t->now_us);
        if (rl_session_deadline(t, s, &why) <= t->now_us)
            s->gone = why;
    }
    rl_judge(t, c, "");
}

void rl_calls_tick(struct rl_tracker *t)
{
    struct rl_timer *timer;

    for (int i = 0; i < TICK_SHARE && (timer = rl_wheel_next(&t->wheel, t->now_us)); i++) {
        struct rl_live *c = (struct rl_live *)((char *)timer - offsetof(struct rl_live, timer));
        rl_call_schedule(t, c);
        if (c->deadline_us > t->now_us)
            continue;
        expire(t, c);
        if (c->state != RL_CALL_ENDED) {
            rl_timer_stop(&c->timer);
            rl_call_schedule(t, c);
        }
    }
    forget_surplus(t, TICK_SHARE);
    while (t->tomb_first && t->tomb_first->until_us <= t->now_us)
        drop_tomb(t);
}

void rl_tombs_free(struct rl_tracker *t)
{
    while (t->tomb_first)
        drop_tomb(t);
}
