/* One step of a CAPF session: what a phone said, what follows from it, and what is to be kept of
 * it. A step is thought out in a thread that only reads (capf_think.c), then written by the loop
 * together with others (capf_write.c); only then the phone is answered. */
#ifndef RL_CONTROL_CAPF_STEP_H
#define RL_CONTROL_CAPF_STEP_H

#include "control/objects.h"
#include "control/ring.h"
#include "enrol/record.h"
#include "policy/capf.h"
#include "store/capf.h"

/* What the configuration says, [capf]. */
struct rl_capf_rules {
    int tries;        /* failed logins of a phone until it is locked out */
    int64_t lock_us;  /* for so long */
    int days;         /* of validity of an LSC */
    bool sha1;        /* R131 */
    bool model_names; /* CN=CP-8861-SEP... instead of the device's name alone */
};

/* What the engine knows of a session beside the phone's records. */
struct rl_capf_session {
    uint32_t id;
    char phone[RL_CAPF_PHONE]; /* who it is, once that is proven; "" before */
    enum rl_capf_operation operation;
    struct rl_capf_order order, backup; /* backup.bits is 0 if there is none (any more) */
    bool ec_only;
    uint8_t waits;             /* the record that comes next, enum rl_enr_kind */
    const char *by;            /* how it proved who it is; static */
    bool fresh;                /* by something that cannot be a recording */
    enum rl_tristate lsc, mic; /* what it showed with that */
};

struct rl_capf_step {
    struct rl_capf_step *next; /* in line */
    /* what there is */
    struct rl_capf_session session;
    struct rl_capf_rules rules;
    struct rl_enr rec;   /* points into `bytes` */
    struct rl_buf bytes; /* of the record: wiped */
    bool address_locked;
    int64_t now_us;

    /* what follows, by rl_capf_step_think */
    struct rl_enr answer; /* session 0: none */
    bool writes;          /* something is to be kept, then: */
    bool login;           /* it is a login that failed; else an end, or a certificate to be filed */
    struct rl_capf_verdict verdict;
    bool ends;
    struct rl_capf_outcome outcome;
    char device[RL_CAPF_PHONE];
    enum rl_tristate lsc, mic; /* what the phone has shown to have */
    struct rl_cert cert;       /* to be filed; der is NULL if there is none */
    const char *origin;        /* of it; static */
    char has[65];              /* fingerprint of the LSC that it has shown, or "" */
    bool confirms, withdraws;  /* the LSC that was sent is installed, or it is not */
    bool deletes;              /* the phone has none any more */

    /* what was changed, by rl_capf_step_write */
    bool written;
    struct rl_row *filed; /* certificates that came on file or were taken off; owned */
    size_t nfiled;
};

/* A step for a record of a session; copies what it needs. Owned: rl_capf_step_free. */
struct rl_capf_step *rl_capf_step_new(const struct rl_capf_session *session,
                                      const struct rl_enr *rec);
void rl_capf_step_free(struct rl_capf_step **step); /* wipes and frees; NULL-safe */

/* Find out what follows, with a store to read from and the ring. From any thread. Never fails: a
 * phone that cannot be served is told so. */
void rl_capf_step_think(struct rl_capf_step *step, struct rl_store *store,
                        const struct rl_ring *ring);

/* Keep what follows, in a transaction of its own that may be part of many. `act` may take away
 * certificates that phones used. On failure nothing is kept, the answer ends the session, and err
 * says why. */
enum rl_code rl_capf_step_write(struct rl_capf_step *step, const struct rl_act *act,
                                struct rl_err *err);

#endif
