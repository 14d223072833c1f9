/* One Call-ID: its dialogs (pairs of tags), what each message adds to them, and what follows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"

enum rl_note {
    NOTE_REQUEST = 1 << 0,
    NOTE_RINGING = 1 << 1,
    NOTE_ACCEPTED = 1 << 2,
    NOTE_REFUSED = 1 << 3
};

enum {
    CHALLENGE_S = 32, /* timer B of RFC 3261: then no new INVITE will come */
    UNSURE_S = 4,     /* an end that was seen from one side only */
    BYE_S = 2
};

uint64_t rl_tag(struct rl_str s)
{
    return s.n ? rl_hash(s.p, s.n) : 0;
}

uint64_t rl_addr_key(const struct rl_addr *a)
{
    uint8_t bytes[19];

    memcpy(bytes, a->ip, 16);
    memcpy(bytes + 16, &a->port, 2);
    bytes[18] = a->transport;
    return rl_hash(bytes, sizeof bytes);
}

void rl_session_free(struct rl_session *s)
{
    for (struct rl_txn *x = s->txn, *next; x; x = next) {
        next = x->next;
        rl_txn_free(x);
    }
    free(s->dialog);
    free(s->call_id);
    free(s->denied);
    free(s);
}

static struct rl_dialog *dialog_find(struct rl_session *s, uint64_t a, uint64_t b)
{
    for (int i = 0; i < s->ndialogs; i++) {
        struct rl_dialog *d = &s->dialog[i];
        if ((d->caller == a && d->callee == b) || (d->caller == b && d->callee == a))
            return d;
    }
    return NULL;
}

static struct rl_dialog *dialog_slot(struct rl_tracker *t, struct rl_session *s, bool confirmed)
{
    if (s->ndialogs < RL_MAX_DIALOGS) {
        s->dialog = rl_realloc(s->dialog, (size_t)(s->ndialogs + 1) * sizeof *s->dialog);
        t->dialogs++;
        return &s->dialog[s->ndialogs++];
    }
    for (int i = 0; confirmed && i < s->ndialogs; i++)
        if (!s->dialog[i].confirmed && !s->dialog[i].bye)
            return &s->dialog[i];
    return NULL;
}

static struct rl_dialog *dialog_get(struct rl_tracker *t, struct rl_session *s,
                                    const struct rl_rec_sip *m, bool confirmed)
{
    uint64_t from = rl_tag(m->from_tag), to = rl_tag(m->to_tag);
    struct rl_dialog *d = from && to ? dialog_find(s, from, to) : NULL;

    if (d || !from || !to || !(d = dialog_slot(t, s, confirmed)))
        return d;
    *d = (struct rl_dialog){.caller = from, .callee = to};
    for (struct rl_txn *x = s->txn; x; x = x->next)
        if (x->initial && x->from_tag == to) {
            d->caller = to;
            d->callee = from;
        }
    return d;
}

static int side_of(const struct rl_dialog *d, uint64_t from_tag)
{
    return from_tag == d->caller ? 0 : 1;
}

static const char *who(const struct rl_session *s, const struct rl_dialog *d, uint64_t from_tag)
{
    return !d || side_of(d, from_tag) == 0 ? s->from_user : s->to_user;
}

static const char *sdp_word(const struct rl_rec_sip *m)
{
    unsigned secure = RL_MF_SAVP | RL_MF_DTLS_PROTO | RL_MF_CRYPTO;

    if (m->sdp == RL_SDP_NONE)
        return "no SDP";
    if (m->sdp == RL_SDP_BAD)
        return "SDP that cannot be read";
    for (int i = 0; i < m->nmedia; i++)
        if (m->media[i].kind == RL_MEDIA_AUDIO && m->media[i].port)
            return m->media[i].flags & secure ? "SRTP" : "RTP";
    return "no audio";
}

static bool first_note(struct rl_txn *txn, enum rl_note note)
{
    bool first = !(txn->noted & note);

    txn->noted |= (uint8_t)note;
    return first;
}

static void note_request(const struct rl_session *s, const struct rl_dialog *d, struct rl_txn *txn,
                         const struct rl_rec_sip *m, char *what, size_t size)
{
    const char *name = txn->method == RL_M_UPDATE ? "UPDATE" : "re-INVITE";

    if (txn->method == RL_M_PRACK || !first_note(txn, NOTE_REQUEST))
        return;
    if (txn->initial)
        snprintf(what, size, "INVITE by %s: %s", s->from_user, sdp_word(m));
    else
        snprintf(what, size, "%s by %s: %s", name, who(s, d, txn->from_tag), sdp_word(m));
}

static void note_response(const struct rl_session *s, const struct rl_dialog *d, struct rl_txn *txn,
                          const struct rl_rec_sip *m, char *what, size_t size)
{
    bool invite = txn->method == RL_M_INVITE && !txn->to_tag;

    if (txn->method == RL_M_PRACK || m->status <= 100)
        return;
    if (m->status < 200) {
        if (invite && first_note(txn, NOTE_RINGING))
            snprintf(what, size, "%s", m->status == 183 ? "progress" : "ringing");
    } else if (m->status < 300) {
        if (first_note(txn, NOTE_ACCEPTED))
            snprintf(what, size, "%s by %s: %s", invite ? "answered" : "accepted",
                     d && side_of(d, txn->from_tag) == 1 ? s->from_user : s->to_user, sdp_word(m));
    } else if (rl_txn_refusal(txn) && first_note(txn, NOTE_REFUSED)) {
        snprintf(what, size, "refused %u", m->status);
    }
}

/* The oldest but the one just made; those that count only if there are no others. */
static struct rl_txn **oldest_of(struct rl_session *s, bool any)
{
    struct rl_txn **oldest = NULL;

    for (struct rl_txn **at = &s->txn->next; *at; at = &(*at)->next)
        if ((any || (!(*at)->used && !(*at)->initial)) &&
            (!oldest || (*at)->first_us < (*oldest)->first_us))
            oldest = at;
    return oldest;
}

/* What is beyond the limit goes, and its dialog forgets all up to its CSeq. */
static void prune(struct rl_session *s)
{
    struct rl_txn **oldest, *x;

    if (s->ntxns <= RL_MAX_TXNS)
        return;
    if (!(oldest = oldest_of(s, false)))
        oldest = oldest_of(s, true);
    x = *oldest;
    for (int i = 0; i < s->ndialogs; i++) {
        struct rl_dialog *d = &s->dialog[i];
        if (rl_txn_in_dialog(x, d) && d->floor[side_of(d, x->from_tag)] < x->cseq)
            d->floor[side_of(d, x->from_tag)] = x->cseq;
    }
    *oldest = x->next;
    rl_txn_free(x);
    s->ntxns--;
}

static bool dropped_before(struct rl_session *s, uint64_t from, uint64_t to, uint32_t cseq)
{
    struct rl_dialog *d = to ? dialog_find(s, from, to) : NULL;

    return d && cseq <= d->floor[side_of(d, from)];
}

static void confirm(struct rl_tracker *t, struct rl_session *s, const struct rl_txn *txn,
                    struct rl_dialog *d, const struct rl_rec_sip *m)
{
    if (!d)
        return;
    if (txn->initial && d->caller != txn->from_tag) {
        d->callee = d->caller;
        d->caller = txn->from_tag;
    }
    d->confirmed |= txn->method == RL_M_INVITE;
    if (txn->method == RL_M_PRACK)
        return;
    s->session_expires = m->session_expires; /* 0: no longer in use (RFC 4028 7.2) */
    s->refreshed_us = t->now_us;
}

static bool take_txn(struct rl_tracker *t, struct rl_session *s, const struct rl_rec *rec,
                     char *what, size_t size)
{
    const struct rl_rec_sip *m = &rec->sip;
    uint64_t from = rl_tag(m->from_tag);
    bool accepted = !m->request && m->status >= 200 && m->status < 300;
    struct rl_txn *txn = rl_txn_find(s, from, m->cseq, m->method);
    struct rl_dialog *d;
    bool changed;

    if (!txn) {
        if (dropped_before(s, from, rl_tag(m->to_tag), m->cseq))
            return false;
        txn = rl_txn_make(s, from, m->cseq, m->method);
        prune(s);
    }
    if (m->method == RL_M_INVITE && m->cseq > s->top_cseq)
        s->top_cseq = m->cseq;
    changed = rl_txn_take(txn, rec);
    d = m->status != 100 ? dialog_get(t, s, m, accepted) : NULL;
    if (accepted && changed)
        confirm(t, s, txn, d, m);
    if (m->request)
        note_request(s, d, txn, m, what, size);
    else
        note_response(s, d, txn, m, what, size);
    return changed;
}

/* The ACK of a refusal goes one hop and carries the branch of the INVITE there; the ACK of a 2xx
 * has its own branch on each hop (RFC 3261 17.1.1.3, 13.2.2.4). */
static bool acks_acceptance(const struct rl_txn *invite, const struct rl_rec *rec)
{
    const struct rl_hop *root = rl_txn_root(invite);
    uint64_t branch = rl_tag(rec->sip.branch);

    for (int i = 0; i < invite->nhops; i++)
        if (invite->hop[i].branch == branch)
            return false;
    if (!root || !branch)
        return false;
    return rec->sip.vias > 1 || (!root->parent && rl_addr_equal(&root->from, &rec->src));
}

static bool take_acknowledged(struct rl_tracker *t, struct rl_session *s, struct rl_txn *invite,
                              const struct rl_rec *rec)
{
    const struct rl_hop *root = rl_txn_root(invite);
    struct rl_dialog *d;

    if (root && root->branch == rl_tag(rec->sip.branch) && !invite->acked_refusal)
        return invite->acked_refusal = true;
    if (invite->acked_tag || !acks_acceptance(invite, rec))
        return false;
    invite->acked_tag = rl_tag(rec->sip.to_tag);
    if (rl_txn_accepted(invite, invite->acked_tag) && (d = dialog_get(t, s, &rec->sip, true)))
        d->confirmed = true;
    return invite->acked_tag != 0;
}

static bool take_ack(struct rl_tracker *t, struct rl_session *s, const struct rl_rec *rec)
{
    const struct rl_rec_sip *m = &rec->sip;
    uint64_t from = rl_tag(m->from_tag);
    struct rl_txn *invite = rl_txn_find(s, from, m->cseq, RL_M_INVITE), *ack;
    bool changed;

    if (!m->request)
        return false;
    changed = invite && take_acknowledged(t, s, invite, rec);
    if (m->sdp == RL_SDP_NONE || dropped_before(s, from, rl_tag(m->to_tag), m->cseq))
        return changed;
    if (!(ack = rl_txn_find(s, from, m->cseq, RL_M_ACK))) {
        ack = rl_txn_make(s, from, m->cseq, RL_M_ACK);
        prune(s);
    }
    return rl_txn_take(ack, rec) || changed;
}

/* A BYE counts when the proxy sent it on or the other side took it: anyone may send one. */
static bool take_bye(struct rl_tracker *t, struct rl_session *s, const struct rl_rec *rec,
                     char *what, size_t size)
{
    const struct rl_rec_sip *m = &rec->sip;
    uint64_t from = rl_tag(m->from_tag);
    struct rl_dialog *d = dialog_get(t, s, m, true);
    bool taken =
        m->request ? m->vias > 1 : m->status / 100 == 2 || m->status == 481 || m->status == 408;

    if (!d || d->bye)
        return false;
    if (taken) {
        d->bye = true;
        snprintf(what, size, "BYE by %s", who(s, d, from));
        return true;
    }
    uint32_t *refused = &d->refused[side_of(d, from)];
    if (!m->request && m->status >= 300) {
        *refused = m->cseq > *refused ? m->cseq : *refused;
        d->bye_us = 0;
    } else if (m->request && m->cseq > *refused && !d->bye_us) {
        d->bye_us = t->now_us;
    } else {
        return false;
    }
    return true;
}

static void note_refer(struct rl_session *s, const struct rl_rec_sip *m, char *what, size_t size)
{
    struct rl_dialog *d = dialog_find(s, rl_tag(m->from_tag), rl_tag(m->to_tag));

    if (!m->request || !m->refer_to.n || s->refer_cseq == m->cseq)
        return;
    s->refer_cseq = m->cseq;
    snprintf(what, size, "REFER by %s to %.*s", who(s, d, rl_tag(m->from_tag)), (int)m->refer_to.n,
             m->refer_to.p);
}

bool rl_session_take(struct rl_tracker *t, struct rl_session *s, const struct rl_rec *rec,
                     char *what, size_t size)
{
    const struct rl_rec_sip *m = &rec->sip;

    what[0] = '\0';
    switch (m->method) {
    case RL_M_INVITE:
    case RL_M_UPDATE:
    case RL_M_PRACK:
        return take_txn(t, s, rec, what, size);
    case RL_M_ACK:
        return take_ack(t, s, rec);
    case RL_M_BYE:
        return take_bye(t, s, rec, what, size);
    case RL_M_CANCEL:
        if (m->status >= 300 || s->cancelled)
            return false;
        snprintf(what, size, "CANCEL");
        return s->cancelled = true;
    case RL_M_REFER:
        note_refer(s, m, what, size);
        return what[0] != '\0';
    default:
        return false;
    }
}

const struct rl_txn *rl_session_initial(const struct rl_session *s)
{
    const struct rl_txn *best = NULL;

    for (const struct rl_txn *x = s->txn; x; x = x->next) {
        if (x->method != RL_M_INVITE || x->to_tag)
            continue;
        if (!best || (x->initial == best->initial ? rl_txn_newer(x, best) : x->initial))
            best = x;
    }
    return best;
}

static bool any_leaf_refused(const struct rl_txn *txn)
{
    for (int i = 0; i < txn->nhops; i++)
        for (int k = 0; k < txn->hop[i].nresponses; k++) {
            uint16_t status = txn->hop[i].response[k].final;
            if (status >= 300 && status != 401 && status != 407)
                return true;
        }
    return false;
}

enum rl_session_state rl_session_state(const struct rl_session *s, uint16_t *status)
{
    const struct rl_txn *initial;
    bool bye = false;

    *status = 0;
    if (s->gone)
        return RL_SES_ENDED;
    for (int i = 0; i < s->ndialogs; i++) {
        if (s->dialog[i].confirmed && !s->dialog[i].bye)
            return RL_SES_ANSWERED;
        bye |= s->dialog[i].bye;
    }
    if (bye || s->denied)
        return RL_SES_ENDED;
    if (!(initial = rl_session_initial(s)))
        return RL_SES_RINGING;
    *status = rl_txn_refusal(initial);
    if (*status == 401 || *status == 407)
        return RL_SES_CHALLENGED;
    if (*status)
        return rl_txn_first_seen(initial) ? RL_SES_ENDED : RL_SES_CHALLENGED;
    if (initial->acked_refusal)
        return s->cancelled || any_leaf_refused(initial) ? RL_SES_ENDED : RL_SES_CHALLENGED;
    return RL_SES_RINGING;
}

int64_t rl_session_deadline(const struct rl_tracker *t, const struct rl_session *s,
                            const char **why)
{
    int64_t active = s->call->active_us, due;
    uint16_t status;

    switch (rl_session_state(s, &status)) {
    case RL_SES_RINGING:
        due = active + t->config.ringing_us;
        *why = "no answer";
        break;
    case RL_SES_CHALLENGED:
        due = active + (status == 401 || status == 407 ? CHALLENGE_S : UNSURE_S) * RL_SECOND;
        *why = status == 401 || status == 407 ? "no credentials" : "refused";
        break;
    case RL_SES_ANSWERED:
        due = s->session_expires ? s->refreshed_us + s->session_expires * RL_SECOND
                                 : active + t->config.silence_us;
        *why = s->session_expires ? "session timer" : "silence";
        break;
    default:
        return INT64_MAX;
    }
    for (int i = 0; i < s->ndialogs; i++)
        if (s->dialog[i].bye_us && !s->dialog[i].bye &&
            s->dialog[i].bye_us + BYE_S * RL_SECOND < due)
            due = s->dialog[i].bye_us + BYE_S * RL_SECOND;
    return due;
}

void rl_session_expire(struct rl_session *s, int64_t now_us)
{
    for (int i = 0; i < s->ndialogs; i++)
        if (s->dialog[i].bye_us && s->dialog[i].bye_us + BYE_S * RL_SECOND <= now_us)
            s->dialog[i].bye = true;
}
