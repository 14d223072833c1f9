#include "calls/tracker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/track.h"

const char *const rl_call_state_names[] = {"ringing", "connected", "held", "ended"};

enum { MAX_CALLS_DEFAULT = 200000 };

void rl_tracker_configure(struct rl_tracker *t, const struct rl_tracker_config *config)
{
    t->config = *config;
    if (!t->config.max_calls)
        t->config.max_calls = MAX_CALLS_DEFAULT;
}

struct rl_tracker *rl_tracker_new(const struct rl_tracker_config *config,
                                  const struct rl_directory *directory,
                                  const struct rl_tracker_hooks *hooks)
{
    struct rl_tracker *t = rl_alloc(sizeof *t);

    rl_tracker_configure(t, config);
    t->directory = *directory;
    if (hooks)
        t->hooks = *hooks;
    t->attempt_last = &t->attempt_first;
    t->tomb_last = &t->tomb_first;
    return t;
}

void rl_tracker_free(struct rl_tracker **tracker)
{
    struct rl_tracker *t = *tracker;

    if (!t)
        return;
    t->hooks = (struct rl_tracker_hooks){0};
    while (t->live.head)
        rl_call_end(t, t->live.head, "");
    while (t->ended.head)
        rl_call_forget(t, t->ended.head);
    rl_tombs_free(t);
    rl_register_free(t);
    rl_peers_free(t);
    rl_map_fini(&t->sessions);
    rl_map_fini(&t->calls);
    rl_map_fini(&t->correlations);
    rl_map_fini(&t->confs);
    rl_map_fini(&t->peers);
    rl_map_fini(&t->devs);
    rl_map_fini(&t->attempts);
    rl_map_fini(&t->tombs);
    free(t);
    *tracker = NULL;
}

static void set_clock(struct rl_tracker *t, int64_t now_us, int64_t wall_us)
{
    t->now_us = now_us;
    t->wall_us = wall_us;
    if (!t->wheel.second) {
        t->wheel.second = now_us / RL_SECOND;
        t->dev_wheel.second = now_us / RL_SECOND;
    }
}

static char *put_text(char *to, struct rl_str s)
{
    if (s.n)
        memcpy(to, s.p, s.n);
    to[s.n] = '\0';
    return to + s.n + 1;
}

static struct rl_session *session_make(struct rl_tracker *t, const struct rl_rec *rec, uint64_t key)
{
    const struct rl_rec_sip *m = &rec->sip;
    struct rl_session *s = rl_alloc(sizeof *s);
    char *p = rl_alloc((size_t)m->call_id.n + m->from_user.n + m->from_name.n + m->to_user.n + 4);

    s->key = key;
    s->listed = rec->listed;
    s->call_id = p;
    p = put_text(p, m->call_id);
    s->from_user = p;
    p = put_text(p, m->from_user);
    s->from_name = p;
    p = put_text(p, m->from_name);
    s->to_user = p;
    put_text(p, m->to_user);
    s->call = rl_call_make(t);
    s->call->sessions = s;
    s->call->nsessions = 1;
    rl_map_put(&t->sessions, key, s);
    return s;
}

static bool first_invite(const struct rl_rec_sip *m)
{
    return m->request && m->method == RL_M_INVITE && !m->to_tag.n;
}

/* Later than any copy of its messages can come (RFC 3261 17: timers B and F). */
static bool long_over(const struct rl_tracker *t, const struct rl_live *c)
{
    return c->active_us + RL_TOMB_S * RL_SECOND <= t->now_us;
}

/* The session that a message belongs to; NULL if it is of no call, or of one that has ended. After
 * a refusal the caller may try again under the same Call-ID with a higher CSeq: that is a new call.
 */
static struct rl_session *session_for(struct rl_tracker *t, const struct rl_rec *rec)
{
    const struct rl_rec_sip *m = &rec->sip;
    uint64_t key = rl_hash(m->call_id.p, m->call_id.n);
    struct rl_session *s = rl_map_get(&t->sessions, key);
    const struct rl_tomb *tomb;

    if (s && rec->listed && !s->listed) {
        /* what an unlisted source told must not stand beside what a listed one tells */
        if (s->call->state != RL_CALL_ENDED)
            rl_call_end(t, s->call, "told by a listed source instead");
        return m->method == RL_M_INVITE ? session_make(t, rec, key) : NULL;
    }
    if (s && !rec->listed && s->listed)
        return NULL;
    if (s && s->call->state != RL_CALL_ENDED)
        return s;
    if (m->method != RL_M_INVITE)
        return NULL;
    if (s && !(first_invite(m) && (m->cseq > s->top_cseq || long_over(t, s->call)))) {
        if (m->status >= 300 && m->cseq > s->top_cseq)
            s->top_cseq = m->cseq; /* its INVITE is late: that try is over too */
        return NULL;
    }
    if (!s && (tomb = rl_map_get(&t->tombs, key)) && !(first_invite(m) && m->cseq > tomb->top_cseq))
        return NULL;
    return session_make(t, rec, key);
}

/* Join the legs of a B2BUA: by the configured header, or by a correlation id that is not the
 * Call-ID. */
static struct rl_live *correlate(struct rl_tracker *t, struct rl_session *s,
                                 const struct rl_rec *rec)
{
    const struct rl_rec_sip *m = &rec->sip;
    struct rl_str by = m->correlation.n ? m->correlation : rec->hep_correlation;
    struct rl_live *c = s->call, *other;
    struct rl_session *leg;
    uint64_t key;

    if (!by.n || (by.n == m->call_id.n && memcmp(by.p, m->call_id.p, by.n) == 0))
        key = s->key; /* the other leg may carry this Call-ID as its correlation */
    else
        key = rl_hash(by.p, by.n);
    other = rl_map_get(&t->correlations, key);
    if (!other && key != s->key && (leg = rl_map_get(&t->sessions, key)) &&
        leg->listed == s->listed && leg->call->state != RL_CALL_ENDED)
        other = leg->call;
    if (other && other != c && other->sessions->listed == s->listed) {
        struct rl_live *to = other->serial < c->serial ? other : c;
        rl_call_join(t, to, to == other ? c : other);
        c = s->call;
    }
    if (key != s->key && !c->correlation) {
        c->correlation = key;
        rl_map_put(&t->correlations, key, c);
    }
    return c;
}

static void watch_password(struct rl_tracker *t, const struct rl_rec *rec, struct rl_session *s)
{
    const struct rl_rec_sip *m = &rec->sip;
    struct rl_txn *txn;
    uint16_t status;

    if (m->method != RL_M_INVITE || (m->status != 401 && m->status != 407 && !m->credentials))
        return;
    txn = rl_txn_find(s, rl_tag(m->from_tag), m->cseq, RL_M_INVITE);
    if (!txn || txn->wrong_told || !txn->credentials)
        return;
    status = rl_txn_refusal(txn);
    txn->wrong_told |= m->stale;
    if (txn->wrong_told || (status != 401 && status != 407))
        return;
    txn->wrong_told = true;
    rl_tell_wrong_password(t, &rl_txn_root(txn)->from, m->from_user);
}

static void take_sip(struct rl_tracker *t, const struct rl_rec *rec)
{
    const struct rl_rec_sip *m = &rec->sip;
    struct rl_session *s;
    struct rl_live *c;
    bool changed, fresh;
    char what[80];

    if (m->method == RL_M_REGISTER) {
        rl_register_take(t, rec);
        return;
    }
    if (!m->call_id.n || !(s = session_for(t, rec)))
        return;
    fresh = !s->call->print;
    c = correlate(t, s, rec);
    changed = rl_session_take(t, s, rec, what, sizeof what);
    if (m->isfocus && m->contact.n && !c->conf) {
        rl_conf_join(t, c, m->contact);
        changed = true;
    }
    if (m->replaces.n && m->request && fresh)
        rl_call_note(t, c, "replaces another call");
    watch_password(t, rec, s);
    rl_call_touch(t, c);
    if (!changed && !fresh)
        return;
    rl_judge(t, c, what);
    if (c->state != RL_CALL_ENDED)
        rl_call_schedule(t, c);
}

/* Records that overtook each other differ by milliseconds. One that is older than that comes from a
 * clock that was set back, or from a recording played again: time goes on from where it was. */
static int64_t stream_time(struct rl_tracker *t, int64_t time_us)
{
    int64_t us = time_us + t->skew_us;

    if (us < t->stream_us - RL_OVERTAKING_US) {
        t->skew_us += t->stream_us + 1 - us;
        us = t->stream_us + 1;
    }
    if (us > t->stream_us)
        t->stream_us = us;
    return us;
}

void rl_tracker_feed(struct rl_tracker *t, const struct rl_rec *rec, int64_t now_us,
                     int64_t wall_us)
{
    struct rl_rec timed = *rec;

    set_clock(t, now_us, wall_us);
    t->records++;
    timed.time_us = stream_time(t, rec->time_us ? rec->time_us : wall_us);
    if (rec->kind == RL_REC_SIP) {
        take_sip(t, &timed);
    } else if (rec->kind == RL_REC_FACT && rec->listed) {
        rl_peer_fact(t, &timed);
        rl_register_fact(t, &timed);
    }
}

void rl_tracker_tick(struct rl_tracker *t, int64_t now_us, int64_t wall_us)
{
    set_clock(t, now_us, wall_us);
    rl_calls_tick(t);
    rl_register_tick(t);
    rl_peers_limit(t);
}

static const struct rl_call *show(struct rl_tracker *t, struct rl_live *c)
{
    if (!c)
        return NULL;
    if (!c->frozen)
        rl_build(t, c);
    return rl_view(t, c);
}

const struct rl_call *rl_tracker_find(struct rl_tracker *t, const char *id)
{
    const struct rl_session *s = *id ? rl_map_get(&t->sessions, rl_hash(id, strlen(id))) : NULL;
    char own[sizeof t->view.id];
    const char *dash = strrchr(id, '-');
    unsigned long long serial = dash ? strtoull(dash + 1, NULL, 10) : 0;
    struct rl_live *c = serial ? rl_map_get(&t->calls, serial) : NULL;

    if (c && strcmp(rl_call_id(t, c, own), id) == 0)
        return show(t, c);
    return s ? show(t, s->call) : NULL;
}

const struct rl_call *rl_tracker_next(struct rl_tracker *t, uint64_t after_serial, bool ended_too)
{
    struct rl_live *c = after_serial ? rl_map_get(&t->calls, after_serial) : t->newest;

    if (after_serial && c)
        c = c->older;
    else if (after_serial) /* forgotten meanwhile */
        for (c = t->newest; c && c->serial >= after_serial;)
            c = c->older;
    while (c && !ended_too && c->state == RL_CALL_ENDED)
        c = c->older;
    return show(t, c);
}

void rl_tracker_counts(const struct rl_tracker *t, struct rl_tracker_counts *out)
{
    *out = (struct rl_tracker_counts){
        .live = t->live.n,
        .ringing = t->bucket[0],
        .ended = t->ended.n,
        .dialogs = t->dialogs,
        .peers = t->peers.n,
        .registrations = t->registered,
        .records = t->records,
        .dropped_calls = t->dropped_calls,
    };
    memcpy(out->connected, t->bucket + 1, sizeof out->connected);
    memcpy(out->held, t->bucket + 1 + RL_ENCRYPTED + 1, sizeof out->held);
    out->open = out->connected[RL_NONSECURE] + out->held[RL_NONSECURE];
    out->shielded = out->connected[RL_AUTHENTICATED] + out->held[RL_AUTHENTICATED];
    out->locked = out->connected[RL_ENCRYPTED] + out->held[RL_ENCRYPTED];
}

bool rl_tracker_registration(struct rl_tracker *t, const char *device, struct rl_registration *out)
{
    const struct rl_dev *d = rl_dev_find(t, device, strlen(device));
    const struct rl_peer *p;
    struct rl_proof proof;

    if (!d || !d->registered)
        return false;
    p = rl_peer_find(t, &d->addr);
    proof = rl_peer_proof(t, &d->addr, INT64_MAX);
    *out = (struct rl_registration){
        .peer = d->addr, .since_us = d->since_us, .expires_us = d->expires_us};
    out->sig = proof.sig;
    snprintf(out->cipher, sizeof out->cipher, "%s", p && p->cipher ? p->cipher : "");
    snprintf(out->certificate, sizeof out->certificate, "%s",
             proof.certificate ? proof.certificate : "");
    return true;
}
