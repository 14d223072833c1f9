/* From evidence to parties and verdict. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"

/* Who is at this end: whom the SIP server named for the connection, else the owner of the number,
 * else the gateway with the address. Only the first has anything to do with proof. */
static const char *identify(struct rl_tracker *t, const struct rl_addr *addr, const char *number,
                            struct rl_device *out, bool *known)
{
    const struct rl_directory *dir = &t->directory;
    const struct rl_peer *p = addr->port ? rl_peer_find(t, addr) : NULL;
    const char *named = p && p->dev ? p->dev->name : NULL;
    const struct rl_device *d;

    if (named)
        d = dir->by_name(dir->ctx, named, strlen(named));
    else if (!(d = dir->by_number(dir->ctx, number, strlen(number))) && addr->port)
        d = dir->by_address(dir->ctx, addr);
    *known = d != NULL;
    *out = d ? *d : (struct rl_device){0};
    return d ? d->name : named;
}

static void prove_signalling(struct rl_tracker *t, const struct rl_session *s,
                             const struct rl_addr *addr, int64_t at_us, struct rl_party *p,
                             struct rl_party_in *in)
{
    struct rl_proof proof = {.sig = RL_SIG_NO_FACT};

    if (!s->listed)
        proof.sig = RL_SIG_UNLISTED;
    else if (addr)
        proof = rl_peer_proof(t, addr, at_us);
    in->sig = proof.sig;
    p->certificate = (char *)proof.certificate;
    p->named = (char *)proof.named;
}

static struct rl_party_in *add_party(struct rl_tracker *t, struct rl_live *c,
                                     const struct rl_session *s, bool caller,
                                     const struct rl_addr *addr, int64_t at_us)
{
    static const struct rl_addr nowhere;
    size_t i = t->nparties;
    struct rl_party_in *in = &t->party_in[i];
    struct rl_party *p = &t->party[i];
    struct rl_device *d = &t->device[i];
    const struct rl_peer *peer;

    if (i == RL_POLICY_PARTIES)
        return NULL;
    t->nparties++;
    memset(in, 0, sizeof *in);
    memset(p, 0, sizeof *p);
    p->peer = addr ? *addr : nowhere;
    p->number = (char *)(caller ? s->from_user : s->to_user);
    p->name = (char *)(caller ? s->from_name : "");
    p->device = (char *)identify(t, &p->peer, p->number, d, &in->known);
    in->trusted = d->trusted;
    in->mode = in->known ? d->mode : RL_NONSECURE;
    prove_signalling(t, s, addr, at_us, p, in);
    if (in->known) {
        p->type = (char *)d->type;
        p->profile = (char *)d->profile;
        p->kind = d->kind && d->kind[0] == 'g' ? "gateway" : "phone";
        p->shows_lock = d->lock_icon == RL_YES;
        p->shows_shield = d->shield_icon == RL_YES;
    }
    c->unknown_party |= !in->known;
    if (p->peer.port)
        rl_watch_peer(t, c, &p->peer);
    if (p->device)
        rl_watch_dev(t, c, p->device);
    if ((peer = rl_peer_find(t, &p->peer)) && peer->fact)
        p->cipher = peer->cipher;
    return in;
}

static void add_media(struct rl_party_in *in, const struct rl_side_media *m)
{
    if (!in)
        return;
    in->sdp_bad = m->bad;
    in->media_known = m->known;
    in->nstreams = m->nstreams;
    memcpy(in->stream, m->stream, m->nstreams * sizeof m->stream[0]);
}

/* Where one side was in the newest INVITE or UPDATE that was accepted; NULL if that is not known.
 */
static const struct rl_addr *address_of(struct rl_session *s, const struct rl_dialog *d,
                                        bool caller, int64_t *at_us)
{
    const struct rl_addr *addr = NULL;
    struct rl_txn *newest = NULL;

    for (struct rl_txn *x = s->txn; x; x = x->next) {
        uint64_t receiver = x->from_tag == d->caller ? d->callee : d->caller;
        const struct rl_hop *hop;
        if ((x->method != RL_M_INVITE && x->method != RL_M_UPDATE) || !rl_txn_in_dialog(x, d) ||
            !rl_txn_accepted(x, receiver) || (newest && !rl_txn_newer(x, newest)))
            continue;
        if ((x->from_tag == d->caller) == caller)
            addr = &rl_txn_root(x)->from;
        else if ((hop = rl_txn_leaf(x, receiver, &s->answered_by)))
            addr = &hop->to;
        else
            continue;
        newest = x;
    }
    if (newest) {
        newest->used = true;
        *at_us = newest->first_us;
    }
    return addr;
}

static void answered_parties(struct rl_tracker *t, struct rl_live *c, struct rl_session *s,
                             const struct rl_dialog *d, bool *held)
{
    struct rl_media_in media;
    const struct rl_addr *addr;
    int64_t at = 0;

    rl_media_judge(s, d, &media);
    *held |= media.held;
    addr = address_of(s, d, true, &at);
    add_media(add_party(t, c, s, true, addr, at), &media.caller);
    addr = address_of(s, d, false, &at);
    add_media(add_party(t, c, s, false, addr, at), &media.callee);
}

static bool hop_refused(const struct rl_hop *hop)
{
    for (int i = 0; i < hop->nresponses; i++)
        if (hop->response[i].final >= 300)
            return true;
    return false;
}

static void ringing_parties(struct rl_tracker *t, struct rl_live *c, struct rl_session *s)
{
    const struct rl_txn *txn = rl_session_initial(s);
    const struct rl_hop *root = txn ? rl_txn_root(txn) : NULL;
    size_t before;

    add_party(t, c, s, true, root ? &root->from : NULL, root ? txn->first_us : 0);
    before = t->nparties;
    for (int i = 0; root && i < txn->nhops; i++) {
        const struct rl_hop *hop = &txn->hop[i];
        if (hop != root && !rl_txn_forwards(txn, hop) && !hop_refused(hop))
            add_party(t, c, s, false, &hop->to, txn->first_us);
    }
    if (t->nparties == before)
        add_party(t, c, s, false, NULL, 0);
}

/* Returns if it is answered. */
static bool session_parties(struct rl_tracker *t, struct rl_live *c, struct rl_session *s,
                            bool ended, bool *held)
{
    bool answered = false;

    for (struct rl_txn *x = s->txn; x; x = x->next)
        x->used = false;
    for (int i = 0; i < s->ndialogs; i++) {
        const struct rl_dialog *d = &s->dialog[i];
        if (!d->confirmed || (d->bye && !ended))
            continue;
        answered_parties(t, c, s, d, held);
        answered = true;
    }
    if (!answered)
        ringing_parties(t, c, s);
    return answered;
}

static void show_on_phones(struct rl_tracker *t)
{
    size_t protected_devices = 0;

    for (size_t i = 0; i < t->nparties; i++)
        protected_devices += t->device[i].protected_device;
    for (size_t i = 0; i < t->nparties; i++) {
        const struct rl_device *d = &t->device[i];
        size_t others = protected_devices - d->protected_device;
        t->party[i].shows =
            rl_phone_shows(t->verdict.icon, d->lock_icon, d->shield_icon, d->secure_tone,
                           d->protected_device, others == t->nparties - 1, d->mode);
    }
}

void rl_build(struct rl_tracker *t, struct rl_live *c)
{
    bool ended = c->state == RL_CALL_ENDED, answered = true, held = false;
    struct rl_call_in in = {
        .mixed = t->config.mixed, .policy = t->config.policy, .party = t->party_in};
    uint16_t status;

    t->nparties = 0;
    c->unknown_party = false;
    for (struct rl_session *s = c->sessions; s; s = s->next)
        if (ended || rl_session_state(s, &status) != RL_SES_ENDED)
            answered = session_parties(t, c, s, ended, &held) && answered;
    in.answered = answered;
    in.nparties = t->nparties;
    in.in_conference = c->conf != NULL;
    in.conference = c->conf ? rl_conf_level(c->conf, c) : RL_ENCRYPTED;
    rl_verdict(&in, &t->verdict);
    t->view.weakest = (struct rl_weakest){0};
    if (t->verdict.icon < t->verdict.security)
        rl_conf_weakest(t, c->conf, c, &t->view.weakest);
    for (size_t i = 0; i < t->nparties; i++)
        t->party[i].in = t->party_in[i];
    show_on_phones(t);
    if (!ended)
        c->state = !answered ? RL_CALL_RINGING : held ? RL_CALL_HELD : RL_CALL_CONNECTED;
}

static void view_events(struct rl_tracker *t, const struct rl_live *c)
{
    for (int i = 0; i < c->nmoments; i++) {
        const struct rl_moment *m = c->moment[i];
        struct rl_call_event *e = &t->event[i];
        e->at_us = m->at_us;
        e->state = m->state;
        e->security = m->security;
        snprintf(e->text, sizeof e->text, "%s", m->text);
    }
    t->view.nevents = c->nmoments;
    t->view.event = t->event;
}

const struct rl_call *rl_view(struct rl_tracker *t, struct rl_live *c)
{
    struct rl_call *v = &t->view;

    if (c->frozen)
        rl_thaw(t, c->frozen);
    v->nsip = 0;
    for (struct rl_session *s = c->sessions; s && v->nsip < RL_MAX_SESSIONS; s = s->next)
        t->sip_call_id[v->nsip++] = s->call_id;
    v->sip_call_ids = t->sip_call_id;
    rl_call_id(t, c, v->id);
    v->serial = c->serial;
    v->state = c->state;
    v->started_us = c->started_us;
    v->answered_us = c->answered_us;
    v->ended_us = c->ended_us;
    v->changed_us = c->changed_us;
    v->conference = c->frozen ? c->frozen->conference : c->conf ? c->conf->uri : NULL;
    v->end_reason = c->end_reason;
    v->nparties = t->nparties;
    v->party = t->party;
    v->verdict = &t->verdict;
    view_events(t, c);
    return v;
}
