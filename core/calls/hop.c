/* Transactions and the hops that a proxy sent them over. A hop is known by the branch of its
 * topmost Via, and the Via below it names the hop it came from (RFC 3261 16.6): so the first hop
 * leads to the sender and the last to the receiver, and a lost or late request is told by its
 * responses. */
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"

struct rl_txn *rl_txn_find(struct rl_session *s, uint64_t from_tag, uint32_t cseq, int method)
{
    for (struct rl_txn *x = s->txn; x; x = x->next)
        if (x->cseq == cseq && x->from_tag == from_tag && x->method == method)
            return x;
    return NULL;
}

struct rl_txn *rl_txn_make(struct rl_session *s, uint64_t from_tag, uint32_t cseq, int method)
{
    struct rl_txn *txn = rl_alloc(sizeof *txn);

    txn->from_tag = from_tag;
    txn->cseq = cseq;
    txn->method = (uint8_t)method;
    txn->first_us = INT64_MAX;
    txn->next = s->txn;
    s->txn = txn;
    s->ntxns++;
    return txn;
}

static void hop_fini(struct rl_hop *hop)
{
    for (int k = 0; k < hop->nresponses; k++) {
        rl_sdp_drop(&hop->response[k].early);
        rl_sdp_drop(&hop->response[k].answer);
    }
    rl_sdp_drop(&hop->body);
    free(hop->response);
}

void rl_txn_free(struct rl_txn *txn)
{
    for (int i = 0; i < txn->nhops; i++)
        hop_fini(&txn->hop[i]);
    free(txn->hop);
    free(txn);
}

/* Agents older than RFC 3261 write no branch: the two ends then name the hop. */
static uint64_t hop_key(struct rl_str branch, const struct rl_addr *from, const struct rl_addr *to)
{
    return branch.n ? rl_hash(branch.p, branch.n) : rl_addr_key(from) ^ (rl_addr_key(to) << 1 | 1);
}

static bool accepted(const struct rl_response *r)
{
    return r->final && r->final < 300;
}

static bool has_accepted(const struct rl_hop *hop)
{
    for (int i = 0; i < hop->nresponses; i++)
        if (accepted(&hop->response[i]))
            return true;
    return false;
}

/* Beyond the limit only an acceptance finds a place: that of a branch that just rings. */
static struct rl_hop *place_for_hop(struct rl_txn *txn, const struct rl_rec_sip *m)
{
    if (txn->nhops < RL_MAX_HOPS) {
        txn->hop = rl_realloc(txn->hop, (size_t)(txn->nhops + 1) * sizeof *txn->hop);
        return &txn->hop[txn->nhops++];
    }
    for (int i = 0; m->status / 100 == 2 && i < txn->nhops; i++) {
        struct rl_hop *hop = &txn->hop[i];
        if (has_accepted(hop) || rl_txn_forwards(txn, hop))
            continue;
        hop_fini(hop);
        return hop;
    }
    return NULL;
}

static struct rl_response *place_for_response(struct rl_hop *hop, bool accepts)
{
    if (hop->nresponses < RL_MAX_RESPONSES) {
        hop->response =
            rl_realloc(hop->response, (size_t)(hop->nresponses + 1) * sizeof *hop->response);
        return &hop->response[hop->nresponses++];
    }
    for (int i = 0; accepts && i < hop->nresponses; i++) {
        struct rl_response *r = &hop->response[i];
        if (accepted(r))
            continue;
        rl_sdp_drop(&r->early);
        rl_sdp_drop(&r->answer);
        return r;
    }
    return NULL;
}

static struct rl_hop *take_hop(struct rl_txn *txn, const struct rl_rec *rec, bool *changed)
{
    const struct rl_rec_sip *m = &rec->sip;
    const struct rl_addr *from = m->request ? &rec->src : &rec->dst;
    const struct rl_addr *to = m->request ? &rec->dst : &rec->src;
    uint64_t key = hop_key(m->branch, from, to);
    struct rl_hop *hop;

    for (int i = 0; i < txn->nhops; i++)
        if (txn->hop[i].branch == key)
            return &txn->hop[i];
    if (!(hop = place_for_hop(txn, m)))
        return NULL;
    *hop = (struct rl_hop){.branch = key, .from = *from, .to = *to, .vias = m->vias};
    if (m->parent_branch.n)
        hop->parent = rl_hash(m->parent_branch.p, m->parent_branch.n);
    *changed = true;
    return hop;
}

static struct rl_response *take_response(struct rl_hop *hop, uint64_t tag, bool accepts)
{
    struct rl_response *r;

    for (int i = 0; i < hop->nresponses; i++)
        if (hop->response[i].tag == tag)
            return &hop->response[i];
    if (!(r = place_for_response(hop, accepts)))
        return NULL;
    *r = (struct rl_response){.tag = tag};
    return r;
}

/* Some SDP that was carried already: a proxy's copy is mostly the same. */
static struct rl_sdp *body_like(const struct rl_txn *txn, bool request)
{
    for (int i = 0; i < txn->nhops; i++) {
        const struct rl_hop *hop = &txn->hop[i];
        if (request && hop->body)
            return hop->body;
        for (int k = 0; !request && k < hop->nresponses; k++)
            if (hop->response[k].answer || hop->response[k].early)
                return hop->response[k].answer ? hop->response[k].answer : hop->response[k].early;
    }
    return NULL;
}

static void set16(uint16_t *to, uint16_t value, bool *changed)
{
    *changed |= *to != value;
    *to = value;
}

static void set_flag(bool *to, bool value, bool *changed)
{
    *changed |= value && !*to;
    *to |= value;
}

static void take_status(struct rl_response *r, const struct rl_rec_sip *m, bool *changed)
{
    if (m->status < 200) {
        if (m->status > r->provisional)
            set16(&r->provisional, m->status, changed);
        set_flag(&r->reliable, m->need_prack && m->sdp != RL_SDP_NONE, changed);
    } else if (!r->final || (r->final >= 300 && m->status < 300)) {
        set16(&r->final, m->status, changed);
    }
}

bool rl_txn_take(struct rl_txn *txn, const struct rl_rec *rec)
{
    const struct rl_rec_sip *m = &rec->sip;
    bool changed = false;
    struct rl_hop *hop = take_hop(txn, rec, &changed);
    struct rl_response *r;

    if (rec->time_us < txn->first_us)
        txn->first_us = rec->time_us;
    if (!hop)
        return changed;
    if (m->request) {
        set_flag(&hop->request, true, &changed);
        set_flag(&txn->request, true, &changed);
        set_flag(&txn->initial, m->to_tag.n == 0, &changed);
        set_flag(&txn->credentials, m->credentials, &changed);
        if (m->to_tag.n)
            txn->to_tag = rl_hash(m->to_tag.p, m->to_tag.n);
        if (m->method == RL_M_PRACK)
            txn->rack_cseq = m->rack_cseq;
        rl_sdp_add(&hop->body, m, body_like(txn, true), &changed);
        return changed;
    }
    if (m->status <= 100 ||
        !(r = take_response(hop, rl_tag(m->to_tag), m->status < 300 && m->status >= 200)))
        return changed;
    take_status(r, m, &changed);
    rl_sdp_add(m->status < 200 ? &r->early : &r->answer, m, body_like(txn, false), &changed);
    return changed;
}

static const struct rl_hop *parent_of(const struct rl_txn *txn, const struct rl_hop *hop)
{
    for (int i = 0; hop->parent && i < txn->nhops; i++)
        if (txn->hop[i].branch == hop->parent && &txn->hop[i] != hop)
            return &txn->hop[i];
    return NULL;
}

const struct rl_hop *rl_txn_root(const struct rl_txn *txn)
{
    const struct rl_hop *root = NULL;

    for (int i = 0; i < txn->nhops; i++)
        if (!parent_of(txn, &txn->hop[i]) && (!root || txn->hop[i].vias < root->vias))
            root = &txn->hop[i];
    return root ? root : txn->hop;
}

bool rl_txn_forwards(const struct rl_txn *txn, const struct rl_hop *hop)
{
    for (int i = 0; i < txn->nhops; i++)
        if (txn->hop[i].parent == hop->branch && &txn->hop[i] != hop)
            return true;
    return false;
}

const struct rl_response *rl_hop_response(const struct rl_hop *hop, uint64_t tag)
{
    for (int i = 0; i < hop->nresponses; i++)
        if (hop->response[i].tag == tag)
            return &hop->response[i];
    return NULL;
}

/* The next hop where no response of the receiver was seen: the only one of a request within a
 * dialog, or the one whose peer the SIP server named as the answering one. */
static const struct rl_hop *unanswered_child(const struct rl_txn *txn, const struct rl_hop *hop,
                                             const struct rl_addr *answered_by)
{
    const struct rl_hop *child = NULL;
    int n = 0;

    for (int i = 0; i < txn->nhops; i++) {
        const struct rl_hop *h = &txn->hop[i];
        if (h->parent != hop->branch || h == hop)
            continue;
        if (answered_by && answered_by->port && rl_addr_equal(&h->to, answered_by))
            return h;
        child = h;
        n++;
    }
    return n == 1 && txn->request && !txn->initial ? child : NULL;
}

const struct rl_hop *rl_txn_leaf(const struct rl_txn *txn, uint64_t tag,
                                 const struct rl_addr *answered_by)
{
    const struct rl_hop *leaf = NULL, *child;

    for (int i = 0; i < txn->nhops; i++)
        if (rl_hop_response(&txn->hop[i], tag) && (!leaf || txn->hop[i].vias > leaf->vias))
            leaf = &txn->hop[i];
    if (!leaf && txn->request && !txn->initial)
        leaf = rl_txn_root(txn);
    for (int depth = 0; leaf && depth < txn->nhops; depth++) {
        if (!(child = unanswered_child(txn, leaf, answered_by)))
            break;
        leaf = child;
    }
    return leaf;
}

static bool any_final(const struct rl_txn *txn, uint64_t tag, bool accepted)
{
    for (int i = 0; i < txn->nhops; i++)
        for (int k = 0; k < txn->hop[i].nresponses; k++) {
            const struct rl_response *r = &txn->hop[i].response[k];
            if ((tag == 0 || r->tag == tag) && r->final && (r->final < 300) == accepted)
                return true;
        }
    return false;
}

bool rl_txn_accepted(const struct rl_txn *txn, uint64_t tag)
{
    if (any_final(txn, tag, true))
        return true;
    return txn->acked_tag && (tag == 0 || tag == txn->acked_tag) && !any_final(txn, tag, false);
}

bool rl_txn_done(const struct rl_txn *txn)
{
    return any_final(txn, 0, true) || any_final(txn, 0, false);
}

bool rl_txn_first_seen(const struct rl_txn *txn)
{
    const struct rl_hop *root = rl_txn_root(txn);

    return root && (!root->parent || rl_txn_forwards(txn, root));
}

/* One branch's refusal ends nothing while others ring: only what the sender was told counts. */
uint16_t rl_txn_refusal(const struct rl_txn *txn)
{
    const struct rl_hop *root = rl_txn_root(txn);
    uint16_t status = 0;

    if (!root || rl_txn_accepted(txn, 0))
        return 0;
    if (txn->nhops > 1 && !rl_txn_first_seen(txn))
        return 0; /* one of several branches, of which the first hop was not seen yet */
    for (int i = 0; i < root->nresponses; i++)
        if (root->response[i].final >= 300)
            status = root->response[i].final;
    return status;
}

bool rl_txn_in_dialog(const struct rl_txn *txn, const struct rl_dialog *d)
{
    bool by_caller = txn->from_tag == d->caller;
    uint64_t other = by_caller ? d->callee : d->caller;

    if (!by_caller && txn->from_tag != d->callee)
        return false;
    if (txn->to_tag)
        return txn->to_tag == other;
    if (txn->acked_tag == other)
        return true;
    for (int i = 0; i < txn->nhops; i++)
        if (rl_hop_response(&txn->hop[i], other))
            return true;
    return false;
}

/* One sender counts its requests; between two senders the proxy's clock decides. */
bool rl_txn_newer(const struct rl_txn *a, const struct rl_txn *b)
{
    if (a->from_tag == b->from_tag && a->cseq != b->cseq)
        return a->cseq > b->cseq;
    if (a->first_us != b->first_us)
        return a->first_us > b->first_us;
    return a->initial < b->initial;
}
