/* An ended call keeps the parties and the verdict that it had; its evidence is given back. */
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"

static void *dup_array(const void *from, size_t n, size_t size)
{
    void *to = rl_alloc(n * size + 1);

    memcpy(to, from, n * size);
    return to;
}

struct rl_frozen *rl_freeze(const struct rl_tracker *t, const struct rl_live *c)
{
    const struct rl_verdict *v = &t->verdict;
    struct rl_frozen *f = rl_alloc(sizeof *f);

    f->nparties = t->nparties;
    f->nreasons = v->nreasons;
    f->party = dup_array(t->party, t->nparties, sizeof *f->party);
    f->out = dup_array(v->party, t->nparties, sizeof *f->out);
    f->reason = dup_array(v->reason, v->nreasons, sizeof *f->reason);
    for (size_t i = 0; i < f->nparties; i++) {
        struct rl_party *p = &f->party[i];
        p->number = rl_strdup(p->number);
        p->name = rl_strdup(p->name);
        p->device = rl_strdup(p->device);
        p->type = rl_strdup(p->type);
        p->profile = rl_strdup(p->profile);
        p->cipher = rl_strdup(p->cipher);
        p->certificate = rl_strdup(p->certificate);
        p->named = rl_strdup(p->named);
    }
    f->security = v->security;
    f->icon = v->icon;
    f->trusted = v->trusted;
    f->signaling = v->signaling;
    f->media = v->media;
    f->weakest = t->view.weakest;
    f->weakest.who = rl_strdup(f->weakest.who);
    f->conference = c->conf ? rl_strdup(c->conf->uri) : NULL;
    return f;
}

void rl_thaw(struct rl_tracker *t, const struct rl_frozen *f)
{
    struct rl_verdict *v = &t->verdict;

    t->nparties = f->nparties;
    memcpy(t->party, f->party, f->nparties * sizeof *f->party);
    memcpy(v->party, f->out, f->nparties * sizeof *f->out);
    memcpy(v->reason, f->reason, f->nreasons * sizeof *f->reason);
    v->nreasons = f->nreasons;
    t->view.weakest = f->weakest;
    v->security = f->security;
    v->icon = f->icon;
    v->trusted = f->trusted;
    v->signaling = f->signaling;
    v->media = f->media;
}

void rl_frozen_free(struct rl_frozen *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->nparties; i++) {
        struct rl_party *p = &f->party[i];
        free(p->number);
        free(p->name);
        free(p->device);
        free(p->type);
        free(p->profile);
        free(p->cipher);
        free(p->certificate);
        free(p->named);
    }
    free(f->party);
    free(f->out);
    free(f->reason);
    free(f->conference);
    free((char *)f->weakest.who);
    free(f);
}
