/* Judge a call again, and tell those who listen if anything that they can see has changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"

static const struct {
    uint16_t status;
    const char *text;
} statuses[] = {
    {403, "403 Forbidden"     },
    {404, "404 Not Found"     },
    {408, "408 Timeout"       },
    {480, "480 Unavailable"   },
    {486, "486 Busy"          },
    {487, "cancelled"         },
    {488, "488 Not Acceptable"},
    {603, "603 Decline"       },
};

static void end_reason(const struct rl_live *c, char *out, size_t size)
{
    const struct rl_session *s = c->sessions;
    uint16_t status;

    rl_session_state(s, &status);
    if (s->gone)
        snprintf(out, size, "%s", s->gone);
    else if (s->denied)
        snprintf(out, size, "denied: %s", s->denied);
    else if (c->answered_us)
        snprintf(out, size, "BYE");
    else if (s->cancelled && status != 408)
        snprintf(out, size, "cancelled");
    else if (status)
        snprintf(out, size, "%u", status);
    else
        snprintf(out, size, s->ndialogs && s->dialog[0].bye ? "BYE" : "refused");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (status == statuses[i].status && !s->gone && !s->denied && !c->answered_us)
            snprintf(out, size, "%s", statuses[i].text);
}

static bool all_ended(const struct rl_live *c)
{
    uint16_t status;

    for (const struct rl_session *s = c->sessions; s; s = s->next)
        if (rl_session_state(s, &status) != RL_SES_ENDED)
            return false;
    return true;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    return (h ^ v) * 0x9e3779b97f4a7c15 + (h >> 29);
}

static uint64_t mix_text(uint64_t h, const char *s)
{
    return mix(h, s ? rl_hash(s, strlen(s)) : 3);
}

/* Over everything that a reader of the view may show. */
static uint64_t print_of(const struct rl_tracker *t, const struct rl_live *c)
{
    const struct rl_verdict *v = &t->verdict;
    uint64_t h = mix(c->state * 64 + v->security * 16 + v->icon * 4 + v->trusted * 2 + v->signaling,
                     v->media + 2 * t->nparties + 1000 * v->nreasons);

    for (size_t i = 0; i < v->nreasons; i++)
        h = mix(h, (uint64_t)v->reason[i].code << 32 ^ (uint64_t)(v->reason[i].party + 1) << 16 ^
                       (uint64_t)(v->reason[i].stream + 1));
    for (size_t i = 0; i < t->nparties; i++) {
        const struct rl_party *p = &t->party[i];
        h = mix(h, rl_hash(&p->in, sizeof p->in));
        h = mix(h, rl_addr_key(&p->peer));
        h = mix_text(mix_text(h, p->device), p->cipher);
        h = mix_text(mix_text(h, p->type), p->profile);
        h = mix_text(mix_text(h, p->certificate), p->named);
    }
    h = mix(h, c->nsessions * 2 + (c->conf != NULL));
    if (t->view.weakest.call[0])
        h = mix(mix_text(mix_text(h, t->view.weakest.call), t->view.weakest.who),
                t->view.weakest.more);
    return h ? h : 1;
}

static int bucket_of(const struct rl_tracker *t, const struct rl_live *c)
{
    int held = c->state == RL_CALL_HELD ? RL_ENCRYPTED + 1 : 0;
    return c->state == RL_CALL_RINGING ? 0 : 1 + (int)t->verdict.icon + held;
}

/* Whom the other members of its conference are told to blame; true if that is another one now. */
static bool keep_weakest(const struct rl_tracker *t, struct rl_live *c)
{
    int i = c->conf ? rl_verdict_weakest(&t->verdict) : -1;
    const struct rl_party *p = i >= 0 && (size_t)i < t->nparties ? &t->party[i] : NULL;
    const char *who = p ? p->device ? p->device : p->number : NULL;

    if (c->weak == who || (c->weak && who && strcmp(c->weak, who) == 0))
        return false;
    free(c->weak);
    c->weak = rl_strdup(who);
    c->weak_device = p && p->device;
    return true;
}

static void keep_verdict(struct rl_tracker *t, struct rl_live *c)
{
    t->bucket[c->bucket]--;
    c->bucket = (uint8_t)bucket_of(t, c);
    t->bucket[c->bucket]++;
    c->security = t->verdict.security;
    c->icon = t->verdict.icon;
    if (c->state != RL_CALL_RINGING && !c->answered_us)
        c->answered_us = t->wall_us;
}

void rl_judge(struct rl_tracker *t, struct rl_live *c, const char *what)
{
    enum rl_security before = c->icon, level;
    bool answered, renamed, was_answered = c->answered_us != 0;
    uint64_t print;
    char text[80];

    if (c->state == RL_CALL_ENDED)
        return;
    if (all_ended(c)) {
        if (!what)
            return; /* its own message ends it */
        end_reason(c, text, sizeof text);
        if (*what)
            rl_call_note(t, c, what);
        rl_call_end(t, c, text);
        return;
    }
    what = what ? what : "";
    c->stale = false;
    c->judged = t->sweep.turn;
    rl_build(t, c);
    keep_verdict(t, c);
    renamed = keep_weakest(t, c);
    answered = c->state != RL_CALL_RINGING;
    level = t->verdict.security;
    if (*what)
        rl_call_note(t, c, what);
    if (before != c->icon) {
        snprintf(text, sizeof text, "%s > %s", rl_security_word(before), rl_security_word(c->icon));
        rl_call_note(t, c, text);
    }
    print = print_of(t, c);
    if (print != c->print || *what || was_answered != answered) {
        c->print = print;
        c->changed_us = t->wall_us;
        if (t->hooks.call_changed)
            t->hooks.call_changed(t->hooks.ctx, rl_view(t, c));
    }
    rl_conf_set(t, c, level, answered, renamed);
}
