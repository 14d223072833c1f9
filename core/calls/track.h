/* The tracker's insides, shared by the files of this room and by nothing else.
 *
 * What was seen is kept as evidence and never as a running state: a message only adds to its
 * transaction, and state, parties and media are computed from all of it. So the order of arrival
 * does not matter, and a message that comes twice changes nothing. Tags and branches are kept as
 * rl_hash of their text. */
#ifndef RL_CALLS_TRACK_H
#define RL_CALLS_TRACK_H

#include "calls/tracker.h"
#include "ringlock/buf.h"
#include "ringlock/hash.h"

#define RL_SECOND ((int64_t)1000000)

enum { RL_OVERTAKING_US = 200000 }; /* records of one stream overtake each other by less */

enum {
    RL_MAX_HOPS = 40,      /* of one transaction */
    RL_MAX_RESPONSES = 24, /* To tags on one hop */
    RL_MAX_DIALOGS = 16,   /* of one Call-ID */
    RL_MAX_SESSIONS = 8,   /* Call-IDs of one call */
    RL_TOMB_S = 64,        /* how long copies of an ended call's messages are expected */
    RL_MAX_TXNS = 12,      /* kept of one Call-ID; beyond it what no longer counts is dropped */
};

/* --- timers: slots of a second; what is due later than the wheel reaches is put in again --- */
struct rl_timer {
    struct rl_timer *next, **at; /* at: NULL while it is not set */
    int64_t due_us;
};

enum { RL_WHEEL_SLOTS = 4096 };
struct rl_wheel {
    struct rl_timer *slot[RL_WHEEL_SLOTS];
    int64_t second; /* the next to be looked at */
};

/* Set the timer to due_us of the wheel's clock, whether it was set or not; or stop it. A wheel
 * holds timers where they are: they stay borrowed while set. */
void rl_timer_set(struct rl_wheel *w, struct rl_timer *timer, int64_t due_us);
void rl_timer_stop(struct rl_timer *timer);
/* The next timer that is due, taken out of the wheel; NULL if none is. */
struct rl_timer *rl_wheel_next(struct rl_wheel *w, int64_t now_us);

/* --- media --- */
struct rl_sdp_line {
    uint8_t kind, dir;
    uint16_t flags, port;
    uint32_t tags;
};

/* One session description, as far as security needs it; shared by the hops that carried it. */
struct rl_sdp {
    uint32_t refs;
    bool bad;
    uint8_t n;
    uint64_t print; /* over all lines with their ports: equal if a proxy passed it on untouched */
    struct rl_sdp_line line[];
};

/* --- transactions --- */
struct rl_response {
    uint64_t tag; /* To tag; 0 = none */
    uint16_t provisional, final;
    bool reliable;                 /* a provisional response that asks for PRACK */
    struct rl_sdp *early, *answer; /* SDP of provisional and of final responses */
};

struct rl_hop {
    uint64_t branch, parent; /* of its own Via and of the one below; parent 0 = the sender's own */
    struct rl_addr from, to; /* as the request goes */
    uint8_t vias, nresponses;
    bool request;
    struct rl_sdp *body; /* of the request */
    struct rl_response *response;
};

struct rl_txn {
    struct rl_txn *next;
    uint64_t from_tag, to_tag; /* of the request; to_tag 0 if it had none or was not seen */
    uint32_t cseq, rack_cseq;
    uint8_t method, nhops;
    bool request; /* seen */
    bool initial; /* seen, without To tag */
    bool credentials, wrong_told;
    bool acked_refusal; /* an ACK with the branch of its first hop */
    uint8_t noted;      /* rl_note bits: what the call's events have of it */
    bool used;          /* the last judgement rests on it */
    uint64_t acked_tag; /* To tag of an ACK that only a 2xx can have caused, or 0 */
    int64_t first_us;   /* HEP time of its earliest message */
    struct rl_hop *hop;
};

/* --- dialogs: a pair of tags --- */
struct rl_dialog {
    uint64_t caller, callee;
    bool confirmed, bye;
    uint32_t floor[2];   /* CSeq of caller and callee up to which transactions were dropped */
    uint32_t refused[2]; /* CSeq up to which a BYE of caller and callee was refused */
    int64_t bye_us;      /* when a BYE came that nobody has confirmed yet (engine's clock), or 0 */
};

enum rl_session_state { RL_SES_RINGING, RL_SES_CHALLENGED, RL_SES_ANSWERED, RL_SES_ENDED };

/* All that is known under one Call-ID. */
struct rl_session {
    struct rl_session *next; /* of the same call */
    struct rl_live *call;
    uint64_t key;  /* of the Call-ID in tracker.sessions */
    char *call_id; /* the four texts share one block */
    const char *from_user, *from_name, *to_user;
    struct rl_txn *txn;
    struct rl_dialog *dialog;
    uint8_t ndialogs, ntxns;
    bool listed, cancelled;
    char *denied;        /* why the SIP server refused the call, or NULL */
    const char *gone;    /* why it is over though nothing was seen to end it, or NULL; static */
    uint32_t top_cseq;   /* of INVITEs, for tombstones */
    uint32_t refer_cseq; /* of the REFER noted last */
    uint32_t session_expires;
    int64_t refreshed_us;       /* engine's clock, of the latest 2xx that carried session_expires */
    struct rl_addr answered_by; /* the peer that a reply fact named with a 2xx of INVITE */
};

/* --- peers and devices --- */
struct rl_link {
    struct rl_link *next, **at; /* in the list of what is watched */
    struct rl_link *sibling;    /* of the same call */
    struct rl_live *call;
    void *watched; /* rl_peer or rl_dev */
    bool is_dev;
};

struct rl_dev {
    char *name;
    uint64_t key;
    size_t refs; /* peers that name it, links, its registration */
    struct rl_link *links;
    bool registered, told;
    struct rl_addr addr;          /* of the registration */
    char *number;                 /* it registered with; NULL */
    int64_t since_us, expires_us; /* wall clock, for people */
    int64_t until_us;             /* engine's clock: when it expires */
    int64_t gone_us;              /* HEP time of the latest unregistering or closing */
    struct rl_timer timer;
};

struct rl_peer {
    struct rl_addr addr;
    uint64_t key;
    struct rl_dev
        *dev; /* the device that the SIP server named last, or that registered here; NULL */
    bool fact, cert, verified, selfsigned;
    bool cn_is_dev, san_is_dev; /* equal to the device's name */
    uint8_t judged;   /* rl_sig_state of its certificate when its calls were judged last */
    uint32_t checked; /* turn of the sweep when that was looked at */
    uint8_t digest[RL_DIGEST_BYTES]; /* of the certificate; 0 if the SIP server told none */
    int bits;
    uint64_t con;               /* the SIP server's number of this connection; 0 = none was told */
    int64_t fact_us, closed_us; /* HEP time of the latest good fact, of the latest closing */
    int64_t used_us;            /* engine's clock at the latest good fact */
    char *cipher, *cn, *san;    /* cn and san only if they are not the device's name */
    struct rl_link *links;
    struct rl_peer *newer, *older; /* by use */
};

/* A REGISTER under way (or a request that was denied): joins request, response and log event. */
struct rl_attempt {
    struct rl_attempt *next; /* by age */
    uint64_t key;
    uint32_t cseq, credentials_cseq, told_cseq;
    uint16_t status;
    bool told, stale;
    int64_t begun_us,
        wait_us;   /* engine's clock; wait_us: when to tell though no log event came, or 0 */
    int64_t at_us; /* HEP time of the response */
    struct rl_addr peer;
    char *number;
    int32_t expires;
};

/* --- conferences --- */
struct rl_conf {
    uint64_t key;
    char *uri;
    struct rl_live *members, **last; /* the oldest member first; where the next one is linked */
    size_t level[3];                 /* members at each connection level */
};

/* --- calls --- */
struct rl_moment {
    int64_t at_us;
    uint8_t state, security;
    char text[];
};

/* What is kept of a call when it has ended. */
struct rl_frozen {
    size_t nparties, nreasons;
    struct rl_party *party; /* texts owned */
    char *conference;
    struct rl_weakest weakest; /* `who` owned */
    struct rl_party_out *out;
    struct rl_reason *reason;
    enum rl_security security, icon;
    bool trusted, signaling, media;
};

/* A call: one Call-ID, or those that a correlation joins. */
struct rl_live {
    uint64_t serial;
    struct rl_session *sessions;
    enum rl_call_state state;
    enum rl_security security, icon;
    uint64_t print; /* of what was last told; 0 = nothing yet */
    int64_t started_us, answered_us, ended_us, changed_us; /* wall clock */
    int64_t active_us, deadline_us;                        /* engine's clock */
    struct rl_timer timer;
    struct rl_live *newer, *older;   /* by serial */
    struct rl_live *busier, *calmer; /* live: by last message; ended: by time of end */
    struct rl_link *links;
    struct rl_conf *conf;
    struct rl_live *conf_next, **conf_at;
    char *weak; /* of a member: device or number of its weakest party, or NULL */
    bool weak_device;
    uint8_t conf_level, nsessions, nmoments;
    bool unknown_party;
    bool stale;                /* to be judged again by the sweep */
    uint8_t bucket;            /* index in tracker.bucket */
    uint32_t judged;           /* turn of the sweep when it was judged last */
    uint64_t correlation;      /* key in tracker.correlations, or 0 */
    struct rl_moment **moment; /* nmoments of them, the newest last */
    char *end_reason;
    struct rl_frozen *frozen;
};

/* A Call-ID that has ended and was forgotten: late copies of its messages make no new call. */
struct rl_tomb {
    struct rl_tomb *next;
    uint64_t key;
    uint32_t top_cseq;
    int64_t until_us;
};

struct rl_call_list {
    struct rl_live *head, *tail; /* busiest or latest ended, calmest or first ended */
    size_t n;
};

/* Turns are what was asked for, counted: calls judged, or peers looked at, before that one are. */
struct rl_sweep {
    bool on, again;     /* under way; and once more after that */
    struct rl_live *at; /* the next to be looked at, NULL = the end */
    uint32_t turn;      /* the latest */
    uint32_t all;       /* that concerned all calls */
    uint32_t unknown;   /* those with a party that is no known device */
    uint32_t peers;     /* what certificates say of peers */
};

struct rl_tracker {
    struct rl_tracker_config config;
    struct rl_directory directory;
    struct rl_tracker_hooks hooks;
    int64_t now_us, wall_us;
    int64_t stream_us,
        skew_us; /* HEP time of the newest record, and what is added to make it go on */
    uint64_t epoch, serial;
    struct rl_map sessions, calls, correlations, confs, peers, devs, attempts, tombs;
    struct rl_wheel wheel;     /* of calls */
    struct rl_wheel dev_wheel; /* of registrations */
    struct rl_live *newest;
    struct rl_call_list live, ended;
    struct rl_sweep sweep;
    struct rl_peer *peer_newest, *peer_oldest;
    struct rl_attempt *attempt_first, **attempt_last;
    struct rl_tomb *tomb_first, **tomb_last;
    size_t dialogs, registered, bucket[7];
    /* bucket: ringing, then connected by icon, then held by icon */
    uint64_t records, dropped_calls;
    /* the view that callers borrow, and the scratch that it is made in */
    struct rl_call view;
    struct rl_party party[RL_POLICY_PARTIES];
    struct rl_party_in party_in[RL_POLICY_PARTIES];
    struct rl_device device[RL_POLICY_PARTIES];
    size_t nparties;
    struct rl_verdict verdict;
    struct rl_call_event event[RL_CALL_EVENTS];
    char *sip_call_id[RL_MAX_SESSIONS];
};

/* media.c */

/* Add the SDP of a message, if it has one, to what was said before on its hop: two that differ
 * become what both allow. `like`, or NULL, is shared where it says the same. *changed is only ever
 * set. */
void rl_sdp_add(struct rl_sdp **to, const struct rl_rec_sip *m, struct rl_sdp *like, bool *changed);
/* One reference less; *sdp becomes NULL. */
void rl_sdp_drop(struct rl_sdp **sdp);
/* What the newest agreed offer and answer say of both sides of a dialog. */
struct rl_media_in {
    bool held;
    struct rl_side_media {
        bool bad, known;
        uint8_t nstreams;
        struct rl_stream_in stream[RL_POLICY_STREAMS];
    } caller, callee;
};
/* Pure but for `out`, which it fills. */
void rl_media_judge(struct rl_session *s, const struct rl_dialog *d, struct rl_media_in *out);

/* hop.c: a transaction as it was seen on each hop from one SIP element to the next */

/* By the tag of who sent it (as rl_tag), CSeq and method; NULL if there is none. The session owns
 * it. */
struct rl_txn *rl_txn_find(struct rl_session *s, uint64_t from_tag, uint32_t cseq, int method);
/* A new one in the session, without a hop; no other may have the same key. */
struct rl_txn *rl_txn_make(struct rl_session *s, uint64_t from_tag, uint32_t cseq, int method);
/* Its hops, responses and SDP too; the caller has taken it out of the session. */
void rl_txn_free(struct rl_txn *txn);
/* Take one message of it, in any order and any number of times; true if it said something new. */
bool rl_txn_take(struct rl_txn *txn, const struct rl_rec *rec);
/* The hop nearest to the sender; and the one nearest to who answered with this tag, NULL while
 * nothing tells. answered_by is the peer that the SIP server named, or NULL. */
const struct rl_hop *rl_txn_root(const struct rl_txn *txn);
const struct rl_hop *rl_txn_leaf(const struct rl_txn *txn, uint64_t tag,
                                 const struct rl_addr *answered_by);
/* Is the hop some other hop's parent? */
bool rl_txn_forwards(const struct rl_txn *txn, const struct rl_hop *hop);
/* What came back on the hop with this To tag, or NULL. */
const struct rl_response *rl_hop_response(const struct rl_hop *hop, uint64_t tag);
bool rl_txn_accepted(const struct rl_txn *txn, uint64_t tag); /* with this To tag, 0 = any */
bool rl_txn_done(const struct rl_txn *txn);                   /* a final response was seen */
/* Its first hop is that of the sender, or of a proxy that is not mirrored; not one of several
 * branches. */
bool rl_txn_first_seen(const struct rl_txn *txn);
uint16_t rl_txn_refusal(const struct rl_txn *txn); /* final status >= 300 on its first hop, or 0 */
/* Do its tags make it one of this dialog; and was a sent after b? */
bool rl_txn_in_dialog(const struct rl_txn *txn, const struct rl_dialog *d);
bool rl_txn_newer(const struct rl_txn *a, const struct rl_txn *b);

/* dialog.c: a session is what shares a Call-ID */

uint64_t rl_tag(struct rl_str s); /* 0 for "" */
/* Address, port and transport as one number, to look it up by. */
uint64_t rl_addr_key(const struct rl_addr *a);
/* With its transactions and dialogs; it must stand in no list and no map any more. */
void rl_session_free(struct rl_session *s);
/* Take one message; true if something new was said. `what` receives a text for the call's events,
 * or "". */
bool rl_session_take(struct rl_tracker *t, struct rl_session *s, const struct rl_rec *rec,
                     char *what, size_t size);
/* From its transactions; *status receives the final status that ended it, or 0. */
enum rl_session_state rl_session_state(const struct rl_session *s, uint16_t *status);
/* The INVITE that began it, or NULL while it was not seen. */
const struct rl_txn *rl_session_initial(const struct rl_session *s);
/* When it ends by itself if nothing more is heard, on the engine's clock, and why. */
int64_t rl_session_deadline(const struct rl_tracker *t, const struct rl_session *s,
                            const char **why);
/* BYEs that nobody answered count now. */
void rl_session_expire(struct rl_session *s, int64_t now_us);

/* peers.c: peers are ends of connections, devices are who was proven or registered there */

/* By address; made if need be, or NULL. The tracker owns it, and may drop it while no call watches
 * it. */
struct rl_peer *rl_peer_get(struct rl_tracker *t, const struct rl_addr *addr);
struct rl_peer *rl_peer_find(struct rl_tracker *t, const struct rl_addr *addr);
/* Drop old ones that no call watches; and all of them, at the end. */
void rl_peers_limit(struct rl_tracker *t);
void rl_peers_free(struct rl_tracker *t);
/* Take what the SIP server says about a TLS peer, or that a connection was closed; the calls that
 * depend on it are judged again. */
void rl_peer_fact(struct rl_tracker *t, const struct rl_rec *rec);
/* What is proven of the signalling over this connection at the HEP time of a transaction. */
struct rl_proof {
    enum rl_sig_state sig;
    const char *certificate; /* on file, or NULL; the directory's */
    const char *named;       /* what the one presented is for, or NULL; the peer's */
};
struct rl_proof rl_peer_proof(struct rl_tracker *t, const struct rl_addr *addr, int64_t at_us);
/* In a sweep: if certificates say something else of it now, its calls are stale. */
void rl_peer_recheck(struct rl_tracker *t, struct rl_peer *peer);
/* By name: with one reference more, made if need be; or as it is, NULL if it is unknown. */
struct rl_dev *rl_dev_get(struct rl_tracker *t, const char *name, size_t n);
struct rl_dev *rl_dev_find(struct rl_tracker *t, const char *name, size_t n);
void rl_dev_release(struct rl_tracker *t, struct rl_dev *dev); /* one reference less */
/* The call is judged again when something new is said about the peer or the device; until it no
 * longer watches any. */
void rl_watch_peer(struct rl_tracker *t, struct rl_live *c, const struct rl_addr *addr);
void rl_watch_dev(struct rl_tracker *t, struct rl_live *c, const char *name);
void rl_unwatch(struct rl_tracker *t, struct rl_live *c);
/* At once, but of very many only the first: the others are left to the sweep. */
void rl_judge_watchers(struct rl_tracker *t, struct rl_link *links);

/* sweep.c: judging many calls again, a share at a time */
void rl_sweep_mark(struct rl_tracker *t, struct rl_link *links);     /* their calls, to be judged */
void rl_sweep_unlink(struct rl_tracker *t, const struct rl_live *c); /* it is about to go */

/* tracker.c: take a configuration, copied, with defaults where it says nothing. */
void rl_tracker_configure(struct rl_tracker *t, const struct rl_tracker_config *config);

/* registrations.c */

/* Take a REGISTER or its answer; what the SIP server logs of registrations; the passing of time.
 * Each tells the `seen` hook what came of it. */
void rl_register_take(struct rl_tracker *t, const struct rl_rec *rec);
void rl_register_fact(struct rl_tracker *t, const struct rl_rec *rec);
void rl_register_tick(struct rl_tracker *t);
/* Attempts and timers, at the end. */
void rl_register_free(struct rl_tracker *t);
/* Tell the `seen` hook of a digest that was refused; the number is borrowed. */
void rl_tell_wrong_password(struct rl_tracker *t, const struct rl_addr *peer, struct rl_str number);

/* build.c: parties and verdict of a call, made from its evidence into the tracker's scratch */
void rl_build(struct rl_tracker *t, struct rl_live *c);
const struct rl_call *rl_view(struct rl_tracker *t,
                              struct rl_live *c); /* of what was built or frozen */

/* frozen.c: the verdict of an ended call, kept when its evidence is dropped */

/* What is in the scratch, copied; owned. */
struct rl_frozen *rl_freeze(const struct rl_tracker *t, const struct rl_live *c);
void rl_thaw(struct rl_tracker *t, const struct rl_frozen *f); /* into the scratch */
void rl_frozen_free(struct rl_frozen *f);

/* judge.c */

/* Judge again and tell if anything changed; `what` goes to the call's events if it is not "". NULL:
 * nothing was said in the call itself, so it cannot end by this. */
void rl_judge(struct rl_tracker *t, struct rl_live *c, const char *what);

/* call.c */

/* A new one, live and without sessions; the tracker owns it. */
struct rl_live *rl_call_make(struct rl_tracker *t);
/* Its id as people see it; `out` has the size of the view's. Returns out. */
char *rl_call_id(const struct rl_tracker *t, const struct rl_live *c, char *out);
/* Both are one call: the sessions of `from` move, and it is forgotten. Not beyond RL_MAX_SESSIONS.
 */
void rl_call_join(struct rl_tracker *t, struct rl_live *to, struct rl_live *from);
/* Add a text to its events, copied; the oldest goes. */
void rl_call_note(struct rl_tracker *t, struct rl_live *c, const char *text);
/* It has ended: its verdict is frozen, its evidence dropped. The reason is copied. */
void rl_call_end(struct rl_tracker *t, struct rl_live *c, const char *reason);
/* The SIP server said why it refused, which may come after the end. */
void rl_call_denied(struct rl_tracker *t, struct rl_live *c, const char *why);
/* Free an ended call; copies of its messages that come late are known for RL_TOMB_S. */
void rl_call_forget(struct rl_tracker *t, struct rl_live *c);
/* Something was heard of it now: it is the last to be dropped for want of room. */
void rl_call_touch(struct rl_tracker *t, struct rl_live *c);
/* Set its timer to when its sessions end by themselves. */
void rl_call_schedule(struct rl_tracker *t, struct rl_live *c);
/* Timers that are due, a share at a time: calls end, ended ones are forgotten. */
void rl_calls_tick(struct rl_tracker *t);
/* At the end. */
void rl_tombs_free(struct rl_tracker *t);

/* conference.c: calls with one focus URI are as secure as the weakest of them */

/* Become a member, or cease to be one; the others are judged again if that changes the level. A
 * call is in one conference at most. The uri is copied. */
void rl_conf_join(struct rl_tracker *t, struct rl_live *c, struct rl_str uri);
void rl_conf_leave(struct rl_tracker *t, struct rl_live *c);
/* The lowest level of its members but one (or NULL); and who is to blame for it: `out` is left
 * alone if nobody is. */
enum rl_security rl_conf_level(const struct rl_conf *conf, const struct rl_live *but);
void rl_conf_weakest(const struct rl_tracker *t, const struct rl_conf *conf,
                     const struct rl_live *but, struct rl_weakest *out);
/* Take the level of a member that was judged; `renamed`: its weakest party is another one. */
void rl_conf_set(struct rl_tracker *t, struct rl_live *c, enum rl_security level, bool counts,
                 bool renamed);

#endif
