/* Offer and answer (RFC 3264) in the transactions of a dialog, and what they agree on. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"

static_assert((int)RL_STREAM_AUDIO == (int)RL_MEDIA_AUDIO &&
                  (int)RL_STREAM_VIDEO == (int)RL_MEDIA_VIDEO &&
                  (int)RL_STREAM_BFCP == (int)RL_MEDIA_BFCP &&
                  (int)RL_STREAM_IX == (int)RL_MEDIA_IX &&
                  (int)RL_STREAM_OTHER == (int)RL_MEDIA_OTHER,
              "policy and feed number media alike");

enum { MERGED = 1 }; /* print of what was made from two different copies: equal to nothing */

static uint64_t print_of(const struct rl_rec_sip *m)
{
    uint64_t words[RL_REC_MEDIA * 2 + 1];
    size_t n = 0;

    words[n++] = m->sdp == RL_SDP_BAD;
    for (int i = 0; i < m->nmedia && i < RL_REC_MEDIA; i++) {
        const struct rl_media *l = &m->media[i];
        words[n++] =
            (uint64_t)l->kind << 40 | (uint64_t)l->dir << 32 | (uint64_t)l->port << 16 | l->flags;
        words[n++] = l->tags;
    }
    return rl_hash(words, n * sizeof *words) | 2;
}

static struct rl_sdp *sdp_alloc(size_t n)
{
    struct rl_sdp *sdp = rl_alloc(sizeof *sdp + n * sizeof sdp->line[0]);

    sdp->refs = 1;
    sdp->n = (uint8_t)n;
    return sdp;
}

/* NULL if the message has none. */
static struct rl_sdp *sdp_of(const struct rl_rec_sip *m, struct rl_sdp *like)
{
    uint64_t print;
    struct rl_sdp *sdp;

    if (m->sdp == RL_SDP_NONE)
        return NULL;
    print = print_of(m);
    if (like && like->print == print) {
        like->refs++;
        return like;
    }
    sdp = sdp_alloc(m->nmedia > RL_REC_MEDIA ? RL_REC_MEDIA : m->nmedia);
    sdp->print = print;
    sdp->bad = m->sdp == RL_SDP_BAD;
    for (int i = 0; i < sdp->n; i++) {
        const struct rl_media *l = &m->media[i];
        sdp->line[i] = (struct rl_sdp_line){l->kind, l->dir, l->flags, l->port, l->tags};
    }
    return sdp;
}

void rl_sdp_drop(struct rl_sdp **sdp)
{
    if (*sdp && --(*sdp)->refs == 0)
        free(*sdp);
    *sdp = NULL;
}

/* The same message twice with different SDP on one hop: keep what both allow. */
static struct rl_sdp *weaker(const struct rl_sdp *a, const struct rl_sdp *b)
{
    struct rl_sdp *w = sdp_alloc(a->n < b->n ? a->n : b->n);

    w->print = MERGED;
    w->bad = a->bad || b->bad || a->n != b->n;
    for (int i = 0; i < w->n; i++) {
        const struct rl_sdp_line *x = &a->line[i], *y = &b->line[i];
        uint16_t off = (x->flags | y->flags) & RL_MF_CRYPTO_OFF;
        w->line[i] = (struct rl_sdp_line){x->kind, x->dir ? x->dir : y->dir,
                                          (uint16_t)((x->flags & y->flags) | off),
                                          x->port ? x->port : y->port, x->tags & y->tags};
        w->bad |= x->kind != y->kind;
    }
    return w;
}

static bool same_lines(const struct rl_sdp *a, const struct rl_sdp *b)
{
    return a->bad == b->bad && a->n == b->n &&
           memcmp(a->line, b->line, a->n * sizeof a->line[0]) == 0;
}

void rl_sdp_add(struct rl_sdp **to, const struct rl_rec_sip *m, struct rl_sdp *like, bool *changed)
{
    struct rl_sdp *sdp = sdp_of(m, like), *both;

    if (!sdp)
        return;
    if (!*to) {
        *to = sdp;
        *changed = true;
        return;
    }
    if ((*to)->print == sdp->print) {
        rl_sdp_drop(&sdp);
        return;
    }
    both = weaker(*to, sdp);
    *changed |= !same_lines(both, *to);
    rl_sdp_drop(&sdp);
    rl_sdp_drop(to);
    *to = both;
}

/* What was said on the hop of the sender [0] and of the receiver [1]. */
struct exchange {
    bool offer_by_receiver;
    const struct rl_sdp *offer[2], *answer[2];
};

/* Do they promise the same? Ports and directions may differ. */
static bool as_secure(const struct rl_sdp *a, const struct rl_sdp *b)
{
    if (a->bad || b->bad || a->n != b->n)
        return false;
    for (int i = 0; i < a->n; i++) {
        const struct rl_sdp_line *x = &a->line[i], *y = &b->line[i];
        if (x->kind != y->kind || x->flags != y->flags || x->tags != y->tags ||
            !x->port != !y->port)
            return false;
    }
    return true;
}

/* A reliable answer is the answer, and the 2xx says nothing new (RFC 3262 5). If it does, nobody
 * knows which of them the phones go by. */
static const struct rl_sdp *response_body(const struct rl_hop *hop, uint64_t tag)
{
    const struct rl_response *r = hop ? rl_hop_response(hop, tag) : NULL;

    if (!r)
        return NULL;
    if (r->early && !r->answer) /* a lost 2xx may have said something else */
        return r->reliable || r->final ? r->early : NULL;
    if (r->early && r->reliable)
        return as_secure(r->early, r->answer) ? r->early : NULL;
    return r->answer;
}

static bool any_body(const struct rl_txn *txn)
{
    for (int i = 0; i < txn->nhops; i++)
        if (txn->hop[i].body)
            return true;
    return false;
}

static struct rl_txn *late_answer(struct rl_session *s, const struct rl_txn *invite)
{
    for (struct rl_txn *x = s->txn; x; x = x->next) {
        bool ack = x->method == RL_M_ACK && x->cseq == invite->cseq;
        bool prack = x->method == RL_M_PRACK && x->rack_cseq == invite->cseq;
        if ((ack || prack) && x->from_tag == invite->from_tag && any_body(x))
            return x;
    }
    return NULL;
}

/* A PRACK's SDP answers the offer of a reliable response, or is an offer of its own. */
static bool answers_late_offer(struct rl_session *s, const struct rl_txn *prack)
{
    for (struct rl_txn *x = s->txn; x; x = x->next)
        if (x->method == RL_M_INVITE && x->cseq == prack->rack_cseq &&
            x->from_tag == prack->from_tag)
            return x->request && !any_body(x);
    return false;
}

static uint64_t other_tag(const struct rl_dialog *d, const struct rl_txn *txn)
{
    return txn->from_tag == d->caller ? d->callee : d->caller;
}

static void fill_missing(const struct rl_sdp *x[2], const struct rl_sdp *witness[2])
{
    bool untouched = witness[0] && witness[1] && witness[0]->print == witness[1]->print &&
                     witness[0]->print != MERGED;

    for (int i = 0; i < 2; i++)
        if (!x[i] && untouched)
            x[i] = x[!i];
}

/* An ACK cannot be challenged, so anyone who knows the tags can send one: only the caller's
 * answers, or the proxy's copy of it. */
static bool same_sender(const struct rl_hop *late, const struct rl_hop *root,
                        const struct rl_hop *leaf)
{
    return rl_addr_equal(&late->from, &root->from) ||
           (leaf && rl_addr_equal(&late->from, &leaf->from));
}

/* True if the transaction is a completed offer and answer of the dialog. A copy that was lost on
 * one hop is taken from the other if the proxy passed the counterpart on untouched. */
static bool exchange_of(struct rl_session *s, const struct rl_dialog *d, struct rl_txn *txn,
                        struct exchange *x)
{
    uint64_t tag = other_tag(d, txn);
    const struct rl_hop *root = rl_txn_root(txn), *leaf = rl_txn_leaf(txn, tag, &s->answered_by);
    struct rl_txn *late;

    *x = (struct exchange){0};
    if (txn->method == RL_M_ACK || !root || !rl_txn_accepted(txn, tag))
        return false;
    if (!any_body(txn)) {
        if (!txn->request)
            return txn->method == RL_M_INVITE; /* agreed on something that was not seen */
        if (txn->method != RL_M_INVITE || !(late = late_answer(s, txn)))
            return false;
        x->offer_by_receiver = true;
        x->offer[0] = response_body(root, tag);
        x->offer[1] = response_body(leaf, tag);
        late->used = true;
        if (same_sender(rl_txn_root(late), root, leaf)) {
            x->answer[0] = rl_txn_root(late)->body;
            x->answer[1] = (leaf = rl_txn_leaf(late, tag, NULL)) ? leaf->body : NULL;
        }
    } else {
        if (txn->method == RL_M_PRACK && answers_late_offer(s, txn))
            return false;
        x->offer[0] = root->body;
        x->offer[1] = leaf ? leaf->body : NULL;
        x->answer[0] = response_body(root, tag);
        x->answer[1] = response_body(leaf, tag);
    }
    fill_missing(x->offer, x->answer);
    fill_missing(x->answer, x->offer);
    return true;
}

static uint8_t protection(const struct rl_sdp_line *o, const struct rl_sdp_line *a)
{
    const uint16_t proto = RL_MF_SAVP | RL_MF_DTLS_PROTO;

    if (o->kind != a->kind || (o->flags & proto) != (a->flags & proto))
        return RL_PROT_NONE;
    if (o->flags & RL_MF_DTLS_PROTO)
        return o->flags & a->flags & RL_MF_FINGERPRINT ? RL_PROT_DTLS : RL_PROT_NONE;
    if (a->flags & RL_MF_CRYPTO_OFF ||
        (o->flags & (RL_MF_CRYPTO | RL_MF_CRYPTO_OFF)) == RL_MF_CRYPTO_OFF)
        return RL_PROT_OFF;
    if (!(o->flags & a->flags & RL_MF_CRYPTO))
        return RL_PROT_NONE;
    return a->tags && (a->tags & o->tags) == a->tags ? RL_PROT_SDES : RL_PROT_NONE;
}

/* What one description says by itself. */
static uint8_t says(const struct rl_sdp_line *l)
{
    if (l->flags & RL_MF_DTLS_PROTO)
        return RL_PROT_DTLS;
    if (l->flags & (RL_MF_SAVP | RL_MF_CRYPTO))
        return RL_PROT_SDES;
    return l->flags & RL_MF_CRYPTO_OFF ? RL_PROT_OFF : RL_PROT_NONE;
}

static struct rl_stream_in stream_of(const struct rl_sdp_line *o, const struct rl_sdp_line *a,
                                     bool offered)
{
    struct rl_stream_in st = {.kind = o->kind, .active = a && o->port && a->port};

    if (!st.active)
        return st;
    st.prot = protection(o, a);
    st.own = says(offered ? o : a);
    st.other = says(offered ? a : o);
    st.offered = offered;
    return st;
}

static void side_streams(const struct rl_sdp *offer, const struct rl_sdp *answer, bool offered,
                         struct rl_side_media *out)
{
    out->known = true;
    out->nstreams = offer->n < RL_POLICY_STREAMS ? offer->n : RL_POLICY_STREAMS;
    for (int i = 0; i < out->nstreams; i++)
        out->stream[i] =
            stream_of(&offer->line[i], i < answer->n ? &answer->line[i] : NULL, offered);
    for (int i = offer->n; i < answer->n && i < RL_POLICY_STREAMS; i++) {
        const struct rl_sdp_line *a = &answer->line[i];
        /* nobody asked for it: the offer said nothing plain */
        out->stream[out->nstreams++] =
            (struct rl_stream_in){.kind = a->kind,
                                  .active = a->port != 0,
                                  .own = offered ? RL_PROT_SDES : says(a),
                                  .other = offered ? says(a) : RL_PROT_NONE,
                                  .offered = offered};
    }
}

static bool is_held(const struct rl_sdp *offer, const struct rl_sdp *answer)
{
    for (int i = 0; i < offer->n && i < answer->n; i++) {
        const struct rl_sdp_line *o = &offer->line[i], *a = &answer->line[i];
        if (o->kind == RL_MEDIA_AUDIO && o->port && a->port &&
            (o->dir != RL_DIR_SENDRECV || a->dir != RL_DIR_SENDRECV))
            return true;
    }
    return false;
}

/* Side i of the exchange: 0 sent the request. Its own description is the offer or the answer. */
static void judge_side(const struct exchange *x, int i, struct rl_media_in *out,
                       struct rl_side_media *side)
{
    const struct rl_sdp *offer = x->offer[i], *answer = x->answer[i];
    bool offered = (i == 0) != x->offer_by_receiver;
    const struct rl_sdp *own = offered ? offer : answer;

    side->bad = own && own->bad;
    if (!offer || !answer || offer->bad || answer->bad)
        return;
    side_streams(offer, answer, offered, side);
    out->held |= is_held(offer, answer);
}

static bool bad_body(const struct rl_txn *txn)
{
    for (int i = 0; i < txn->nhops; i++)
        if (txn->hop[i].body && txn->hop[i].body->bad)
            return true;
    return false;
}

/* An offer that cannot be read takes the lock at once; a refusal gives it back. */
static void judge_pending(struct rl_session *s, const struct rl_dialog *d, struct rl_media_in *out)
{
    for (struct rl_txn *x = s->txn; x; x = x->next)
        if (x->method != RL_M_ACK && !x->initial && rl_txn_in_dialog(x, d) && bad_body(x) &&
            !rl_txn_done(x))
            (x->from_tag == d->caller ? &out->caller : &out->callee)->bad = true;
}

void rl_media_judge(struct rl_session *s, const struct rl_dialog *d, struct rl_media_in *out)
{
    struct rl_txn *newest = NULL;
    struct exchange x, best = {0};

    memset(out, 0, sizeof *out);
    for (struct rl_txn *txn = s->txn; txn; txn = txn->next)
        if (rl_txn_in_dialog(txn, d) && exchange_of(s, d, txn, &x) &&
            (!newest || rl_txn_newer(txn, newest))) {
            newest = txn;
            best = x;
        }
    if (newest) {
        bool by_caller = newest->from_tag == d->caller;
        newest->used = true;
        judge_side(&best, 0, out, by_caller ? &out->caller : &out->callee);
        judge_side(&best, 1, out, by_caller ? &out->callee : &out->caller);
    }
    judge_pending(s, d, out);
}
