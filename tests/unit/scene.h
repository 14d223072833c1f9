/* Calls made by hand, for the tests of the tracker: two phones at a proxy that mirrors both hops.
 */
#ifndef RL_TESTS_SCENE_H
#define RL_TESTS_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/tracker.h"

#define SECOND ((int64_t)1000000)

enum side { A, B, C, SIDES };
enum { HOP_NEAR = 1, HOP_FAR = 2, HOP_BOTH = 3 };

static const char *const scene_devices[] = {"SEP-A", "SEP-B", "SEP-C", "FOCUS", "GW"};
enum { DEVICES = sizeof scene_devices / sizeof *scene_devices, FILED = 8 };

static struct scene {
    struct rl_tracker *t;
    struct rl_device dev[DEVICES];
    bool absent[DEVICES];
    const char *call, *correlation, *header, *upstream;
    int branch; /* of the next messages, on the sender's hop */
    struct rl_addr at[SIDES];
    int64_t clock; /* both the engine's and the wall's */
    bool unlisted, stale;
    enum side far; /* who is called */
    size_t changes, forgotten, locks, seen[RL_SEEN_CLOSED + 1];
    char seen_why[64], seen_device[64];
    struct rl_filed filed[FILED]; /* by the first byte of the digest; of 0 nothing is on file */
} sc;

static inline struct rl_str text(const char *s)
{
    return (struct rl_str){s, (uint16_t)(s ? strlen(s) : 0)};
}

static inline struct rl_addr place(int host, int port, enum rl_transport tp)
{
    struct rl_addr a = {.port = (uint16_t)port, .transport = (uint8_t)tp};

    a.ip[10] = a.ip[11] = 0xff;
    a.ip[12] = 10;
    a.ip[15] = (uint8_t)host;
    return a;
}

static inline const struct rl_device *scene_by_name(void *ctx, const char *name, size_t n)
{
    (void)ctx;
    for (int i = 0; i < DEVICES; i++)
        if (!sc.absent[i] && strlen(sc.dev[i].name) == n && memcmp(sc.dev[i].name, name, n) == 0)
            return &sc.dev[i];
    return NULL;
}

/* Numbers 100, 101, 102 are of SEP-A, SEP-B, SEP-C. */
static inline const struct rl_device *scene_by_number(void *ctx, const char *number, size_t n)
{
    (void)ctx;
    if (n == 3 && memcmp(number, "10", 2) == 0 && number[2] >= '0' && number[2] <= '2')
        return sc.absent[number[2] - '0'] ? NULL : &sc.dev[number[2] - '0'];
    return NULL;
}

static inline const struct rl_device *scene_by_address(void *ctx, const struct rl_addr *addr)
{
    (void)ctx;
    return addr->ip[15] == 77 ? &sc.dev[4] : NULL;
}

static inline const struct rl_filed *scene_by_digest(void *ctx,
                                                     const uint8_t digest[RL_DIGEST_BYTES])
{
    (void)ctx;
    return digest[0] ? &sc.filed[digest[0] % FILED] : NULL;
}

static inline void scene_changed(void *ctx, const struct rl_call *call)
{
    (void)ctx;
    sc.changes++;
    if (call->state != RL_CALL_ENDED && call->verdict->security == RL_ENCRYPTED) {
        sc.locks++;
        if (!call->answered_us || call->state == RL_CALL_RINGING)
            abort();
    }
}

static inline void scene_forgotten(void *ctx, const char *id)
{
    (void)ctx;
    (void)id;
    sc.forgotten++;
}

static inline void scene_seen(void *ctx, const struct rl_seen *s)
{
    (void)ctx;
    sc.seen[s->what]++;
    snprintf(sc.seen_why, sizeof sc.seen_why, "%.*s", (int)s->why.n, s->why.p ? s->why.p : "");
    snprintf(sc.seen_device, sizeof sc.seen_device, "%.*s", (int)s->device.n,
             s->device.p ? s->device.p : "");
}

static inline struct rl_tracker_config scene_config(void)
{
    return (struct rl_tracker_config){.mixed = true,
                                      .silence_us = 4 * 3600 * SECOND,
                                      .ringing_us = 180 * SECOND,
                                      .ended_keep_us = 600 * SECOND,
                                      .ended_keep = 100,
                                      .max_calls = 50};
}

static inline int scene_begin_with(struct rl_tracker_config config)
{
    const struct rl_directory dir = {NULL, scene_by_name, scene_by_number, scene_by_address,
                                     scene_by_digest};
    const struct rl_tracker_hooks hooks = {NULL, scene_changed, scene_forgotten, scene_seen};

    sc = (struct scene){.call = "call-1", .clock = 1795410698 * SECOND, .far = B};
    for (int i = 0; i < DEVICES; i++)
        sc.dev[i] = (struct rl_device){.name = scene_devices[i],
                                       .kind = i == 4 ? "gateway" : "phone",
                                       .type = "T",
                                       .profile = "P",
                                       .trusted = RL_YES,
                                       .lock_icon = RL_YES,
                                       .mode = RL_ENCRYPTED};
    for (int i = 0; i < SIDES; i++)
        sc.at[i] = place(i + 1, 40000 + i, RL_TP_TLS);
    sc.t = rl_tracker_new(&config, &dir, &hooks);
    return 0;
}

static inline int scene_begin(void **state)
{
    (void)state;
    return scene_begin_with(scene_config());
}

static inline int scene_end(void **state)
{
    struct rl_tracker_counts n;

    (void)state;
    rl_tracker_counts(sc.t, &n);
    if (n.live != n.ringing + n.locked + n.shielded + n.open)
        return -1;
    rl_tracker_free(&sc.t);
    return 0;
}

static inline void scene_feed(struct rl_rec *rec)
{
    sc.clock += 1000;
    rec->listed = !sc.unlisted;
    rec->time_us = sc.clock;
    rl_tracker_feed(sc.t, rec, sc.clock, sc.clock);
}

/* Judge again all that is to be. */
static inline void sweep(void)
{
    while (rl_tracker_sweep(sc.t, 100, sc.clock))
        ;
}

/* What a change of the configuration or of a device (NULL: of any) lets be judged again. */
static inline void rejudge(const struct rl_tracker_config *config, const char *device)
{
    rl_tracker_rejudge(sc.t, config, device ? &device : NULL, device ? 1 : 0, sc.clock);
    sweep();
}

static inline void scene_wait(int64_t seconds)
{
    for (; seconds > 0; seconds--) {
        sc.clock += SECOND;
        rl_tracker_tick(sc.t, sc.clock, sc.clock);
    }
}

/* What the SIP server says of a peer: by default a granted event with a good certificate. */
static inline struct rl_rec fact_of(enum side who)
{
    struct rl_rec r = {.kind = RL_REC_FACT};

    r.fact = (struct rl_rec_fact){.event = RL_FACT_REGISTERED,
                                  .method = RL_M_REGISTER,
                                  .device = text(scene_devices[who]),
                                  .peer = sc.at[who],
                                  .verified = true,
                                  .cn = text(scene_devices[who]),
                                  .fp = text("ab"),
                                  .cipher = text("TLS_AES_256_GCM_SHA384"),
                                  .bits = 256,
                                  .call_id = text("reg")};
    return r;
}

static inline void fact(enum side who)
{
    struct rl_rec r = fact_of(who);

    scene_feed(&r);
}

static inline void closed(enum side who)
{
    struct rl_rec r = fact_of(who);

    r.fact.event = RL_FACT_CLOSED;
    scene_feed(&r);
}

/* --- SDP --- */
struct sdp {
    int n;
    bool bad;
    struct rl_media m[RL_REC_MEDIA];
};

static inline struct sdp audio(unsigned flags, unsigned tag)
{
    return (struct sdp){
        1, false, {{RL_MEDIA_AUDIO, RL_DIR_SENDRECV, 30000, (uint16_t)flags, 1u << tag}}};
}

static inline struct sdp srtp(void)
{
    return audio(RL_MF_SAVP | RL_MF_CRYPTO, 1);
}

static inline struct sdp rtp(void)
{
    struct sdp s = audio(0, 0);

    s.m[0].tags = 0;
    return s;
}

static inline struct sdp held(struct sdp s, enum rl_media_dir dir)
{
    s.m[0].dir = (uint8_t)dir;
    return s;
}

static inline struct sdp unreadable(void)
{
    return (struct sdp){0, true, {{0}}};
}

static inline void put_sdp(struct rl_rec_sip *m, const struct sdp *s)
{
    if (!s)
        return;
    m->sdp = s->bad ? RL_SDP_BAD : RL_SDP_OK;
    m->nmedia = (uint8_t)s->n;
    memcpy(m->media, s->m, sizeof m->media);
}

/* --- messages --- */
struct msg {
    int method, status;
    uint32_t cseq;
    enum side by;           /* who sent the request: A or the called one */
    int hops;               /* HOP_NEAR: of the sender of the request; 0 = both */
    const struct sdp *sdp;  /* may be NULL */
    const struct sdp *near; /* another SDP on the near hop */
    const char *to_tag;     /* of a response, "" = none; NULL = the usual */
    const char *branch;     /* of this fork, NULL = the usual */
    bool initial, reliable, isfocus, credentials, bare; /* bare: no second Via though far */
    uint32_t session_expires, rack;
};

static inline const char *tag_of(enum side side)
{
    static const char *const tags[] = {"tag-a", "tag-b", "tag-c"};

    return tags[side];
}

static inline void send_hop(const struct msg *x, bool near, const char *own, const char *below)
{
    enum side callee = sc.far, other = x->by == A ? callee : A;
    struct rl_addr proxy = place(99, 5061, RL_TP_TLS), phone = sc.at[near ? x->by : other];
    bool from_phone = near == (x->status == 0);
    struct rl_rec r = {
        .kind = RL_REC_SIP, .src = from_phone ? phone : proxy, .dst = from_phone ? proxy : phone};
    struct rl_rec_sip *m = &r.sip;
    static const char *const numbers[] = {"100", "101", "102"};

    m->request = x->status == 0;
    m->method = (uint8_t)x->method;
    m->status = (uint16_t)x->status;
    m->cseq = x->cseq;
    m->call_id = text(sc.call);
    m->from_tag = text(tag_of(x->by));
    if (!x->initial)
        m->to_tag = text(x->to_tag ? x->to_tag : tag_of(other));
    m->from_user = text(numbers[x->by]);
    m->to_user = text(numbers[other]);
    m->branch = text(near ? own : below);
    m->parent_branch = text(near ? sc.upstream : own);
    m->vias = (uint8_t)((near ? 1 : 2) + (sc.upstream != NULL));
    m->session_expires = x->session_expires;
    m->need_prack = x->reliable;
    m->rack_cseq = x->rack;
    m->credentials = x->credentials;
    m->stale = sc.stale;
    m->isfocus = x->isfocus;
    if (x->isfocus)
        m->contact = text("sip:800@10.0.0.9:5061");
    m->expires = -1;
    m->correlation = text(sc.header);
    r.hep_correlation = text(sc.correlation);
    put_sdp(m, near && x->near ? x->near : x->sdp);
    scene_feed(&r);
}

/* One message as the proxy mirrors it: received and sent on. */
static inline void say(struct msg x)
{
    char own[64], below[112];
    int kind = x.method == RL_M_CANCEL ? RL_M_INVITE : x.method;

    if (!x.hops)
        x.hops = HOP_BOTH;
    snprintf(own, sizeof own, "z9-%s-%d-%u-%d-%d", sc.call, kind, x.cseq, x.by, sc.branch);
    snprintf(below, sizeof below, "%s.%s", own, x.branch ? x.branch : tag_of(sc.far));
    if (x.status == 0) {
        if (x.hops & HOP_NEAR)
            send_hop(&x, true, own, below);
        if (x.hops & HOP_FAR)
            send_hop(&x, false, own, below);
    } else {
        if (x.hops & HOP_FAR)
            send_hop(&x, false, own, below);
        if (x.hops & HOP_NEAR)
            send_hop(&x, true, own, below);
    }
}
#define SAY(...) say((struct msg){__VA_ARGS__})

static inline void invite(const struct sdp *sdp)
{
    SAY(.method = RL_M_INVITE, .cseq = 1, .initial = true, .sdp = sdp);
}

static inline void answer(const struct sdp *sdp)
{
    SAY(.method = RL_M_INVITE, .status = 200, .cseq = 1, .sdp = sdp);
    SAY(.method = RL_M_ACK, .cseq = 1);
}

/* A call from A to the called one, both proven, answered. */
static inline void talk(const struct sdp *offer, const struct sdp *reply)
{
    fact(A);
    fact(sc.far);
    invite(offer);
    SAY(.method = RL_M_INVITE, .status = 180, .cseq = 1);
    answer(reply);
}

static inline void bye(uint32_t cseq)
{
    SAY(.method = RL_M_BYE, .cseq = cseq);
    SAY(.method = RL_M_BYE, .cseq = cseq, .status = 200);
}

/* --- what is shown --- */
static inline const char *shown_of(const char *call_id)
{
    const struct rl_call *c = rl_tracker_find(sc.t, call_id);

    if (!c)
        return "none";
    if (c->state == RL_CALL_ENDED || c->state == RL_CALL_RINGING)
        return rl_call_state_names[c->state];
    return rl_security_icon(c->verdict->security);
}

static inline bool has_why(const char *call_id, enum rl_reason_code code, int party)
{
    const struct rl_call *c = rl_tracker_find(sc.t, call_id);

    for (size_t i = 0; c && i < c->verdict->nreasons; i++)
        if (c->verdict->reason[i].code == code && c->verdict->reason[i].party == party)
            return true;
    return false;
}

#define SHOWN(want)      assert_string_equal(shown_of(sc.call), want)
#define WHY(code, party) assert_true(has_why(sc.call, RL_WHY_##code, party))

#endif
