/* The tracker: records from feed -> dialogs -> calls -> policy -> live state.
 * One thread, no I/O, the clock is handed in. Reordered, repeated and missing messages are normal.
 */
#ifndef RL_CALLS_TRACKER_H
#define RL_CALLS_TRACKER_H

#include "feed/record.h"
#include "policy/evidence.h"

/* What the engine knows of a device; texts are owned by the directory and live until it changes. */
struct rl_device {
    const char *name; /* unique; the pointer stays the same for the same device until forgotten */
    const char *kind; /* "phone" or "gateway" */
    const char *type; /* model */
    const char *profile; /* "" for gateways */
    enum rl_tristate trusted, lock_icon, shield_icon, secure_tone;
    enum rl_security mode;
    bool protected_device;
    struct rl_device_certs certs;
};

/* How the tracker asks for devices; both may answer NULL. Answers are borrowed until the next
 * question. */
struct rl_directory {
    void *ctx;
    const struct rl_device *(*by_name)(void *ctx, const char *name, size_t n);
    /* the only device with this number; NULL if there is none or more than one */
    const struct rl_device *(*by_number)(void *ctx, const char *number, size_t n);
    /* a gateway by its configured address, for peers that no fact names */
    const struct rl_device *(*by_address)(void *ctx, const struct rl_addr *addr);
    /* what is on file about the certificate with this digest, or NULL: SHA-256 of its PEM text or
     * DER form */
    const struct rl_filed *(*by_digest)(void *ctx, const uint8_t digest[RL_DIGEST_BYTES]);
};

enum rl_call_state { RL_CALL_RINGING, RL_CALL_CONNECTED, RL_CALL_HELD, RL_CALL_ENDED };
extern const char *const rl_call_state_names[]; /* "ringing", "connected", "held", "ended" */

struct rl_tracker_config {
    bool mixed;
    enum rl_display_policy policy;
    int64_t silence_us; /* a call without any message for so long, and no session timer, is taken as
                           ended */
    int64_t ringing_us; /* likewise while it rings */
    int64_t ended_keep_us; /* how long ended calls are kept */
    size_t ended_keep;     /* and how many */
    size_t max_calls;      /* live calls kept; the oldest silent one gives way, counted */
};

struct rl_party {
    char *number, *name;           /* as in From/To; foreign */
    char *device;                  /* name, or NULL */
    char *type, *profile;          /* of the device, or NULL */
    const char *kind;              /* "phone", "gateway", or NULL; static */
    struct rl_party_in in;         /* what policy was asked */
    struct rl_addr peer;           /* its connection */
    char *cipher;                  /* text for people, or NULL */
    char *certificate;             /* on file, that it was judged by, or NULL */
    char *named;                   /* what the certificate that it presented is for, or NULL */
    bool shows_lock, shows_shield; /* its type can show the icon */
    struct rl_phone_shows shows;
};

/* A change in the life of a call, the newest last: what the Events tab shows. */
enum { RL_CALL_EVENTS = 16 };
struct rl_call_event {
    int64_t at_us;
    uint8_t state;    /* rl_call_state after it */
    uint8_t security; /* rl_security after it */
    char text[72];    /* "answered", "re-INVITE by 1002: plain RTP"; safe text */
};

/* Who makes a conference as weak as it is (R58): the member that is longest in it of those with the
 * lowest level. */
struct rl_weakest {
    char call[24];   /* id of its call; "" if the conference lowers nothing */
    const char *who; /* device or number of that call's weak party, or NULL; foreign */
    bool device;     /* `who` is a device */
    size_t more;     /* other members with that level */
};

/* A call as others may read it: borrowed until the next call into the tracker. */
struct rl_call {
    char id[24];     /* "c1a2b3-17": unique over restarts */
    uint64_t serial; /* grows with each new call */
    enum rl_call_state state;
    char *const *sip_call_ids; /* nsip of them */
    size_t nsip;
    int64_t started_us, answered_us, ended_us, changed_us;
    const char *conference;    /* focus URI, or NULL */
    struct rl_weakest weakest; /* of the other members; set with RL_WHY_CONFERENCE */
    const char
        *end_reason; /* "BYE", "486 Busy", "silence", ... or NULL; static or owned by the call */
    size_t nparties;
    const struct rl_party *party;
    const struct rl_verdict *verdict;
    size_t nevents;
    const struct rl_call_event *event;
};

/* Something seen that is no call: kept by the engine in its list of events. Texts are borrowed. */
struct rl_seen {
    enum {
        RL_SEEN_REGISTERED,
        RL_SEEN_UNREGISTERED,
        RL_SEEN_DENIED,
        RL_SEEN_WRONG_PASSWORD,
        RL_SEEN_CLOSED
    } what;
    int64_t at_us;
    struct rl_str device, number, why;
    struct rl_addr peer;
    enum rl_sig_state sig;
    int64_t expires_us; /* of a registration: when it ends */
};

struct rl_tracker_hooks {
    void *ctx;
    void (*call_changed)(void *ctx, const struct rl_call *call); /* made, changed, ended */
    void (*call_forgotten)(void *ctx, const char *id);
    void (*seen)(void *ctx, const struct rl_seen *seen);
};

struct rl_tracker;
/* Owned; rl_tracker_free frees it with all calls. The three are copied; what
 * their ctx point to is borrowed as long as the tracker lives. */
struct rl_tracker *rl_tracker_new(const struct rl_tracker_config *config,
                                  const struct rl_directory *directory,
                                  const struct rl_tracker_hooks *hooks);
void rl_tracker_free(struct rl_tracker **tracker);

/* Take one record. now_us is the engine's clock (monotonic for timers), wall_us what people are
 * shown. */
void rl_tracker_feed(struct rl_tracker *t, const struct rl_rec *rec, int64_t now_us,
                     int64_t wall_us);

/* Let time pass: session timers, silence, registrations, ended calls. Call about once a second;
 * does a bounded share of the work each time. */
void rl_tracker_tick(struct rl_tracker *t, int64_t now_us, int64_t wall_us);

/* Configuration, cluster mode or devices changed: all live calls (`devices` NULL), or those of `n`
 * devices, are to be judged again, by rl_tracker_sweep. What is judged or shown meanwhile is judged
 * by what holds now. */
void rl_tracker_rejudge(struct rl_tracker *t, const struct rl_tracker_config *config,
                        const char *const *devices, size_t n, int64_t wall_us);

/* What is on file about certificates changed, or time did, so that one begins or ceases to count:
 * the calls of all connections for which that says something else now are to be judged again, by
 * rl_tracker_sweep. */
void rl_tracker_recheck(struct rl_tracker *t, int64_t wall_us);

/* Judge a share of the calls that are to be judged again, some `share` / 32 of them. True while
 * there are more. */
bool rl_tracker_sweep(struct rl_tracker *t, size_t share, int64_t wall_us);
bool rl_tracker_sweeping(const struct rl_tracker *t);

/* A call by its id or a SIP Call-ID, live or ended; NULL if there is none. Borrowed until the
 * next call of the tracker. */
const struct rl_call *rl_tracker_find(struct rl_tracker *t, const char *id);

/* Walk the calls from the newest to the oldest. `after_serial` 0 begins; NULL at the end. */
const struct rl_call *rl_tracker_next(struct rl_tracker *t, uint64_t after_serial, bool ended_too);

struct rl_tracker_counts {
    size_t live, ringing, locked, shielded, open,
        ended;                    /* locked + shielded + open + ringing = live */
    size_t connected[3], held[3]; /* by icon: RL_NONSECURE to RL_ENCRYPTED */
    size_t dialogs, peers, registrations;
    uint64_t records, dropped_calls;
};
void rl_tracker_counts(const struct rl_tracker *t, struct rl_tracker_counts *out);

/* What is known of a device's registration now; false if none is. */
struct rl_registration {
    struct rl_addr peer;
    enum rl_sig_state sig;
    int64_t since_us, expires_us; /* wall clock */
    char cipher[64];
    char certificate[132]; /* on file, that it is judged by, or "" */
};
bool rl_tracker_registration(struct rl_tracker *t, const char *device, struct rl_registration *out);

#endif
