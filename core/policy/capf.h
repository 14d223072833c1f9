/* What a CAPF session may do: who a phone is, what comes next, and what each end of an operation
 * means (R66 to R73, profiles.md 3 and 5, capf.md 5 to 9). Pure: no clock, no I/O. */
#ifndef RL_POLICY_CAPF_H
#define RL_POLICY_CAPF_H

#include "ringlock/capf.h"
#include "ringlock/model.h"

/* What became of one proof that a phone gave. */
enum rl_capf_proof { RL_CAPF_ABSENT, RL_CAPF_BAD, RL_CAPF_GOOD };

/* A phone that came, all that decides; texts are borrowed. */
struct rl_capf_login {
    const struct rl_row *profile;
    enum rl_capf_operation operation; /* that waits for it */
    bool locked;                      /* it, or its address, tried too often */
    bool late;                        /* the operation was to be complete by now */
    enum rl_capf_proof string;
    enum rl_capf_proof lsc, mic;
};

enum rl_capf_next {
    RL_CAPF_GO_ON,   /* it is who it says */
    RL_CAPF_NOTHING, /* no operation waits */
    RL_CAPF_TURN_AWAY
};

/* How a login was proven, or what was wrong with it. */
struct rl_capf_verdict {
    enum rl_capf_next next;
    enum rl_capf_why why; /* of a failure that becomes the status; else RL_CAPF_WHY_NONE */
    bool counts;          /* as one try towards the lock-out */
    const char *by;       /* "string", "null-string", "lsc", "mic"; static; NULL: not proven */
};
struct rl_capf_verdict rl_policy_capf_login(const struct rl_capf_login *login);

/* True if the names of a certificate are those of the device (capf.md 6, 8): the URI SAN or the CN
 * is its name, or the CN is CP-<model>-<name>. `san` as in RL_CERTIFICATE_SAN. */
bool rl_policy_capf_names(const char *common_name, const char *san, const char *device);

struct rl_capf_order {
    bool ec;
    int bits;
};
/* The key that a phone is to make: its profile's, by the key order. EC Preferred asks for EC where
 * the type is known to make such keys, and for RSA as a second try (`backup`). False: none. */
bool rl_policy_capf_order(const struct rl_row *profile, const struct rl_row *type, bool backup,
                          struct rl_capf_order *out);

/* What somebody asks for, and what is known of the phone; borrowed. */
struct rl_capf_wish {
    const struct rl_row *phone, *type, *profile;
    enum rl_capf_operation operation;
    bool string_given, string_kept, generate; /* kept: of an operation that waits */
    const char *string;                       /* if it is given */
    bool past;                                /* it was to be complete before now */
    bool service;                             /* CAPF is on */
    enum rl_tristate lsc, mic;                /* installed */
};
/* Judge it (profiles.md 5): E-VENDOR-CAPF (R73), E-FIELD, E-CAPF-DOWN (R69), E-REQUIRED, E-VALUE;
 * W-NULL-STRING, W-CAPF-PROOF, and W-SECURITY-LOST where a secure phone would be left with
 * nothing (R70). To take an operation back is never refused to phones that have CAPF. */
void rl_policy_capf_wish(const struct rl_capf_wish *wish, struct rl_problems *problems);

/* What ends a step of an operation. */
enum rl_capf_event {
    RL_CAPF_EV_STORED,      /* the phone has the new LSC */
    RL_CAPF_EV_NOT_STORED,  /* it says that it could not take it */
    RL_CAPF_EV_NO_KEY,      /* it made none, or not in time */
    RL_CAPF_EV_NO_EC,       /* of type EC, with EC Only */
    RL_CAPF_EV_WRONG_KEY,   /* another one than was ordered */
    RL_CAPF_EV_NO_CA,       /* our CAPF certificate cannot be used */
    RL_CAPF_EV_NOT_SIGNED,  /* it does not sign this */
    RL_CAPF_EV_FETCHED,     /* a certificate came */
    RL_CAPF_EV_NOTHING,     /* there is nothing to give or to delete, or it failed */
    RL_CAPF_EV_BAD_FETCHED, /* what came is no certificate of the phone */
    RL_CAPF_EV_DELETED,
    RL_CAPF_EV_LOST, /* the connection broke */
    RL_CAPF_EV_LATE, /* the time for the operation is over */
    RL_CAPF_EVENTS
};

struct rl_capf_outcome {
    enum rl_capf_state state;
    enum rl_capf_why why;
    bool keeps; /* the operation goes on waiting */
    int end;    /* the reason of END_SESSION */
};
/* What an event means for the operation under way. */
struct rl_capf_outcome rl_policy_capf_outcome(enum rl_capf_operation operation,
                                              enum rl_capf_event event);

/* Releases in the field's form, "11.5(1)SU1", "12.0(1)", "15SU2": -1, 0, 1 as `a` is before, equal
 * to or after `b` (R131). False: one of them is no release. */
bool rl_policy_release_compare(const char *a, const char *b, int *order);
/* The hash of LSCs in a release: SHA-256 from 11.5(1)SU1 on, before SHA-1 (R131). "" is today's. */
bool rl_policy_capf_sha256(const char *release);

#endif
