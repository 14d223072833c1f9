/* Who is at the other end of a connection: what the SIP server's log events said, devices, and the
 * calls that have to be judged again when that changes. */
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"

enum {
    PEERS_MAX = 2000000,
    PEER_KEEP_S = 26 * 3600 /* a connection that nobody spoke of for so long */
};

static void age_remove(struct rl_tracker *t, struct rl_peer *p)
{
    *(p->newer ? &p->newer->older : &t->peer_newest) = p->older;
    *(p->older ? &p->older->newer : &t->peer_oldest) = p->newer;
    p->newer = p->older = NULL;
}

static void age_add(struct rl_tracker *t, struct rl_peer *p)
{
    p->older = t->peer_newest;
    *(p->older ? &p->older->newer : &t->peer_oldest) = p;
    t->peer_newest = p;
}

struct rl_peer *rl_peer_find(struct rl_tracker *t, const struct rl_addr *addr)
{
    return rl_map_get(&t->peers, rl_addr_key(addr));
}

struct rl_peer *rl_peer_get(struct rl_tracker *t, const struct rl_addr *addr)
{
    uint64_t key = rl_addr_key(addr);
    struct rl_peer *p = rl_map_get(&t->peers, key);

    if (!p) {
        p = rl_alloc(sizeof *p);
        p->key = key;
        p->addr = *addr;
        p->fact_us = p->closed_us = INT64_MIN;
        p->used_us = t->wall_us;
        rl_map_put(&t->peers, key, p);
        age_add(t, p);
    }
    return p;
}

static void peer_free(struct rl_tracker *t, struct rl_peer *p)
{
    rl_map_remove(&t->peers, p->key);
    age_remove(t, p);
    if (p->dev)
        rl_dev_release(t, p->dev);
    free(p->cipher);
    free(p->cn);
    free(p->san);
    free(p);
}

void rl_peer_release(struct rl_tracker *t, struct rl_peer *p)
{
    if (!p->links && !p->fact && !p->dev)
        peer_free(t, p);
}

void rl_peers_limit(struct rl_tracker *t)
{
    int64_t old = t->wall_us - PEER_KEEP_S * RL_SECOND;

    for (int i = 0; i < 1000 && t->peer_oldest; i++) {
        struct rl_peer *p = t->peer_oldest;
        if (t->peers.n <= PEERS_MAX && p->used_us > old)
            return;
        if (p->links) {
            age_remove(t, p);
            age_add(t, p);
        } else {
            peer_free(t, p);
        }
    }
}

static void free_devices(struct rl_tracker *t)
{
    for (size_t i = 0; i < t->devs.cap; i++) {
        struct rl_dev *d = t->devs.slot[i].value;
        if (!d)
            continue;
        free(d->number);
        free(d->name);
        free(d);
    }
}

void rl_peers_free(struct rl_tracker *t)
{
    while (t->peer_oldest)
        peer_free(t, t->peer_oldest);
    free_devices(t); /* those that are registered */
}

struct rl_dev *rl_dev_find(struct rl_tracker *t, const char *name, size_t n)
{
    return n ? rl_map_get(&t->devs, rl_hash(name, n)) : NULL;
}

struct rl_dev *rl_dev_get(struct rl_tracker *t, const char *name, size_t n)
{
    struct rl_dev *d = rl_dev_find(t, name, n);

    if (!d) {
        d = rl_alloc(sizeof *d);
        d->name = rl_strndup(name, n);
        d->key = rl_hash(name, n);
        rl_map_put(&t->devs, d->key, d);
    }
    d->refs++;
    return d;
}

void rl_dev_release(struct rl_tracker *t, struct rl_dev *d)
{
    if (--d->refs)
        return;
    rl_map_remove(&t->devs, d->key);
    rl_timer_stop(&d->timer);
    free(d->number);
    free(d->name);
    free(d);
}

static bool str_is(struct rl_str s, const char *text)
{
    return text && strlen(text) == s.n && memcmp(text, s.p, s.n) == 0;
}

static bool keep_text(char **to, struct rl_str s)
{
    if (s.n ? str_is(s, *to) : !*to)
        return false;
    free(*to);
    *to = s.n ? rl_strndup(s.p, s.n) : NULL;
    return true;
}

static bool keep_names(struct rl_peer *p, const struct rl_rec_fact *f)
{
    struct rl_str none = {NULL, 0};
    bool own = str_is(f->cn, p->dev->name) || str_is(f->san, p->dev->name);
    bool changed = keep_text(&p->cn, own ? none : f->cn);

    return keep_text(&p->san, own ? none : f->san) || changed;
}

static bool name_device(struct rl_tracker *t, struct rl_peer *p, struct rl_str name)
{
    struct rl_dev *old = p->dev;

    if (old && str_is(name, old->name))
        return false;
    p->dev = rl_dev_get(t, name.p, name.n);
    if (old)
        rl_dev_release(t, old);
    return true;
}

static bool differs(struct rl_peer *p, const struct rl_rec_fact *f)
{
    return !p->fact || p->cert != (f->fp.n > 0) || p->verified != f->verified ||
           p->selfsigned != f->selfsigned || p->bits != f->bits;
}

/* Only events that grant something say who the peer is; deny and challenge leave what was known. */
static bool grants(const struct rl_rec_fact *f)
{
    return f->why.n == 0 && f->device.n > 0 &&
           (f->event == RL_FACT_REGISTERED || f->event == RL_FACT_REQUEST ||
            f->event == RL_FACT_REPLY);
}

static void closed(struct rl_tracker *t, const struct rl_rec *rec)
{
    struct rl_peer *p = rl_peer_get(t, &rec->fact.peer);

    if (rec->time_us > p->closed_us)
        p->closed_us = rec->time_us;
    if (rec->fact.device.n && !p->dev)
        name_device(t, p, rec->fact.device);
    rl_judge_watchers(t, p->links);
    rl_peer_release(t, p);
}

/* Another connection from the same address: the one before is closed, though a SIP server that saw
 * it reset may not have said so. What was said on it came before its last fact, or well before the
 * first of the new one. */
static void replaced(struct rl_peer *p, const struct rl_rec *rec)
{
    const struct rl_rec_fact *f = &rec->fact;
    uint64_t con = rl_tag(f->con);
    bool other = (con && p->con && con != p->con) || !str_is(f->device, p->dev->name);
    int64_t before = rec->time_us - RL_OVERTAKING_US;

    if (other && before < p->fact_us)
        before = p->fact_us;
    if (other && before > p->closed_us)
        p->closed_us = before;
}

/* The answering phone of a call, for when its 200 is lost. */
static void note_answering(struct rl_tracker *t, const struct rl_rec *rec)
{
    const struct rl_rec_fact *f = &rec->fact;
    struct rl_session *s;

    if (f->event != RL_FACT_REPLY || f->method != RL_M_INVITE || f->status / 100 != 2 ||
        !f->call_id.n)
        return;
    if (!(s = rl_map_get(&t->sessions, rl_hash(f->call_id.p, f->call_id.n))))
        return;
    s->answered_by = f->peer;
    if (s->call->icon != RL_ENCRYPTED)
        rl_judge(t, s->call, NULL);
}

void rl_peer_fact(struct rl_tracker *t, const struct rl_rec *rec)
{
    const struct rl_rec_fact *f = &rec->fact;
    struct rl_peer *p;
    bool changed;

    if (f->event == RL_FACT_CLOSED) {
        closed(t, rec);
        return;
    }
    if (!grants(f))
        return;
    p = rl_peer_get(t, &f->peer);
    if (p->fact && rec->time_us < p->fact_us) {
        note_answering(t, rec);
        return; /* older than what is known */
    }
    if (p->fact)
        replaced(p, rec);
    changed = name_device(t, p, f->device);
    changed |= p->con != rl_tag(f->con);
    changed |= differs(p, f) || p->fact_us <= p->closed_us;
    changed |= keep_names(p, f);
    changed |= keep_text(&p->cipher, f->cipher);
    p->fact = true;
    p->con = rl_tag(f->con);
    p->fact_us = rec->time_us;
    p->used_us = t->wall_us;
    p->cert = f->fp.n > 0;
    p->verified = f->verified;
    p->selfsigned = f->selfsigned;
    p->bits = f->bits;
    age_remove(t, p);
    age_add(t, p);
    if (changed)
        rl_judge_watchers(t, p->links);
    note_answering(t, rec);
}

static bool is_another(struct rl_tracker *t, const struct rl_peer *p, const char *name)
{
    const struct rl_device *d =
        name ? t->directory.by_name(t->directory.ctx, name, strlen(name)) : NULL;

    return d && strcmp(d->name, p->dev->name) != 0;
}

/* Is the certificate of this connection the device's own? It is if the SIP server, who knows the
 * fingerprints, named the device and the chain was verified, or if it is self-signed and so was
 * pinned. */
static enum rl_sig_state match_certificate(struct rl_tracker *t, const struct rl_peer *p)
{
    if (!p->cert)
        return RL_SIG_NO_CERT;
    if (!p->verified && !p->selfsigned)
        return RL_SIG_CERT_UNPROVEN;
    if (is_another(t, p, p->cn) || is_another(t, p, p->san))
        return RL_SIG_CERT_OTHER;
    return RL_SIG_ENCRYPTED;
}

static bool null_cipher(const struct rl_peer *p)
{
    return p->bits == 0 || !p->cipher || strcasestr(p->cipher, "NULL");
}

enum rl_sig_state rl_peer_sig(struct rl_tracker *t, const struct rl_addr *addr, int64_t at_us)
{
    const struct rl_peer *p = rl_peer_find(t, addr);
    enum rl_sig_state sig;

    if (addr->transport != RL_TP_TLS)
        return addr->transport == RL_TP_UNKNOWN ? RL_SIG_NO_FACT : RL_SIG_NOT_TLS;
    if (!p || !p->fact)
        return RL_SIG_NO_FACT;
    if (p->closed_us >= at_us || p->closed_us >= p->fact_us)
        return RL_SIG_CLOSED;
    sig = match_certificate(t, p);
    return sig == RL_SIG_ENCRYPTED && null_cipher(p) ? RL_SIG_NULL_CIPHER : sig;
}

static void watch(struct rl_live *c, void *watched, struct rl_link **list, bool is_dev)
{
    struct rl_link *link = rl_alloc(sizeof *link);

    *link = (struct rl_link){.next = *list,
                             .at = list,
                             .sibling = c->links,
                             .call = c,
                             .watched = watched,
                             .is_dev = is_dev};
    if (link->next)
        link->next->at = &link->next;
    *list = link;
    c->links = link;
}

static bool watches(const struct rl_live *c, const void *watched)
{
    for (const struct rl_link *l = c->links; l; l = l->sibling)
        if (l->watched == watched)
            return true;
    return false;
}

void rl_watch_peer(struct rl_tracker *t, struct rl_live *c, const struct rl_addr *addr)
{
    struct rl_peer *p = rl_peer_get(t, addr);

    if (!watches(c, p))
        watch(c, p, &p->links, false);
}

void rl_watch_dev(struct rl_tracker *t, struct rl_live *c, const char *name)
{
    struct rl_dev *d = rl_dev_get(t, name, strlen(name));

    if (watches(c, d))
        rl_dev_release(t, d);
    else
        watch(c, d, &d->links, true);
}

void rl_unwatch(struct rl_tracker *t, struct rl_live *c)
{
    for (struct rl_link *l = c->links, *next; l; l = next) {
        next = l->sibling;
        *l->at = l->next;
        if (l->next)
            l->next->at = l->at;
        if (l->is_dev)
            rl_dev_release(t, l->watched);
        else
            rl_peer_release(t, l->watched);
        free(l);
    }
    c->links = NULL;
}

/* Judging may add links, at the head of lists, and never takes any away while a call lives. */
void rl_judge_watchers(struct rl_tracker *t, struct rl_link *links)
{
    for (struct rl_link *l = links, *next; l; l = next) {
        next = l->next;
        rl_judge(t, l->call, NULL);
    }
}
