/* Who is at the other end of a connection: what the SIP server's log events said, devices, and the
 * calls that have to be judged again when that changes. */
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"
#include "ringlock/text.h"

enum {
    PEERS_MAX = 2000000,
    AT_ONCE = 500, /* calls of one peer or device that are judged without waiting for the sweep */
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
        p->used_us = t->now_us;
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

/* Free it if nothing needs it. */
static void peer_release(struct rl_tracker *t, struct rl_peer *p)
{
    if (!p->links && !p->fact && !p->dev)
        peer_free(t, p);
}

void rl_peers_limit(struct rl_tracker *t)
{
    int64_t old = t->now_us - PEER_KEEP_S * RL_SECOND;

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

/* A NUL would end the text, and leave a name that somebody may have. */
static char *text_of(struct rl_str s)
{
    struct rl_buf safe = {0};

    if (!memchr(s.p, '\0', s.n))
        return rl_strndup(s.p, s.n);
    rl_text_safe(&safe, s.p, s.n);
    return rl_buf_take(&safe);
}

static bool keep_text(char **to, struct rl_str s)
{
    if (s.n ? str_is(s, *to) : !*to)
        return false;
    free(*to);
    *to = s.n ? text_of(s) : NULL;
    return true;
}

static bool keep_name(char **to, bool *is_dev, struct rl_str s, const struct rl_dev *dev)
{
    struct rl_str none = {NULL, 0};
    bool was = *is_dev;

    *is_dev = str_is(s, dev->name);
    return keep_text(to, *is_dev ? none : s) || *is_dev != was;
}

static bool keep_names(struct rl_peer *p, const struct rl_rec_fact *f)
{
    bool changed = keep_name(&p->cn, &p->cn_is_dev, f->cn, p->dev);

    return keep_name(&p->san, &p->san_is_dev, f->san, p->dev) || changed;
}

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static bool keep_digest(struct rl_peer *p, struct rl_str fp)
{
    uint8_t digest[RL_DIGEST_BYTES] = {0};

    for (size_t i = 0; fp.n == 2 * sizeof digest && i < sizeof digest; i++)
        digest[i] = (uint8_t)(hex_digit(fp.p[2 * i]) << 4 | hex_digit(fp.p[2 * i + 1]));
    if (memcmp(p->digest, digest, sizeof digest) == 0)
        return false;
    memcpy(p->digest, digest, sizeof digest);
    return true;
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
    peer_release(t, p);
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

static bool is_another(struct rl_tracker *t, const struct rl_peer *p, const char *name)
{
    const struct rl_device *d =
        name ? t->directory.by_name(t->directory.ctx, name, strlen(name)) : NULL;

    return d && strcmp(d->name, p->dev->name) != 0;
}

static bool names_another(struct rl_tracker *t, const struct rl_peer *p)
{
    return !p->cn_is_dev && !p->san_is_dev && (is_another(t, p, p->cn) || is_another(t, p, p->san));
}

/* Of a peer with a fact: that names its device. */
static struct rl_evidence evidence_of(struct rl_tracker *t, const struct rl_peer *p)
{
    const struct rl_directory *dir = &t->directory;
    const char *name = p->dev->name;
    const struct rl_device *d = dir->by_name(dir->ctx, name, strlen(name));
    const struct rl_filed *found;
    struct rl_evidence e = {.device = name,
                            .profile = d ? d->profile : "",
                            .certs = d ? d->certs : (struct rl_device_certs){0},
                            .presented = p->cert,
                            .verified = p->verified,
                            .selfsigned = p->selfsigned,
                            .cn = p->cn_is_dev ? name : p->cn,
                            .san = p->san_is_dev ? name : p->san,
                            .now_us = t->wall_us};

    if (p->cert && (found = dir->by_digest(dir->ctx, p->digest)))
        e.found = *found;
    e.names_other = names_another(t, p);
    return e;
}

/* Its calls, because of what is known of the peer itself. */
static void judge_calls(struct rl_tracker *t, struct rl_peer *p)
{
    struct rl_evidence e = evidence_of(t, p);

    p->judged = (uint8_t)rl_policy_evidence(&e);
    rl_judge_watchers(t, p->links);
}

void rl_peer_recheck(struct rl_tracker *t, struct rl_peer *p)
{
    struct rl_evidence e;
    uint8_t now;

    if (p->checked >= t->sweep.peers || !p->fact || !p->cert)
        return;
    p->checked = t->sweep.peers;
    e = evidence_of(t, p);
    now = (uint8_t)rl_policy_evidence(&e);
    if (now != p->judged)
        rl_sweep_mark(t, p->links);
    p->judged = now;
}

static bool null_cipher(const struct rl_peer *p)
{
    return p->bits == 0 || !p->cipher || strcasestr(p->cipher, "NULL");
}

/* Of a connection that is open and that a fact is known of. */
static struct rl_proof prove(struct rl_tracker *t, const struct rl_peer *p)
{
    struct rl_evidence e = evidence_of(t, p);
    struct rl_proof proof = {rl_policy_evidence(&e), NULL, rl_policy_presented_name(&e)};

    if (proof.sig == RL_SIG_ENCRYPTED && null_cipher(p))
        proof.sig = RL_SIG_NULL_CIPHER;
    if (e.found.there)
        proof.certificate = e.found.name;
    else if (e.certs.shared)
        proof.certificate = e.certs.shared->name;
    return proof;
}

struct rl_proof rl_peer_proof(struct rl_tracker *t, const struct rl_addr *addr, int64_t at_us)
{
    const struct rl_peer *p = rl_peer_find(t, addr);

    if (addr->transport != RL_TP_TLS)
        return (struct rl_proof){.sig = addr->transport == RL_TP_UNKNOWN ? RL_SIG_NO_FACT
                                                                         : RL_SIG_NOT_TLS};
    if (!p || !p->fact)
        return (struct rl_proof){.sig = RL_SIG_NO_FACT};
    if (p->closed_us >= at_us || p->closed_us >= p->fact_us)
        return (struct rl_proof){.sig = RL_SIG_CLOSED};
    return prove(t, p);
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
    changed |= keep_digest(p, f->fp);
    changed |= keep_text(&p->cipher, f->cipher);
    p->fact = true;
    p->con = rl_tag(f->con);
    p->fact_us = rec->time_us;
    p->used_us = t->now_us;
    p->cert = f->fp.n > 0;
    p->verified = f->verified;
    p->selfsigned = f->selfsigned;
    p->bits = f->bits;
    age_remove(t, p);
    age_add(t, p);
    if (changed)
        judge_calls(t, p);
    note_answering(t, rec);
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
            peer_release(t, l->watched);
        free(l);
    }
    c->links = NULL;
}

/* Judging may add links, at the head of lists, and never takes any away while a call lives. */
void rl_judge_watchers(struct rl_tracker *t, struct rl_link *links)
{
    struct rl_link *l = links, *next;

    for (int i = 0; l && i < AT_ONCE; i++, l = next) {
        next = l->next;
        rl_judge(t, l->call, NULL);
    }
    if (l)
        rl_sweep_mark(t, l);
}
