/* The eight steps that make a phone secure, each with its state computed from data (R116 to R130).
 * Pure: rows in, steps out. */
#ifndef RL_POLICY_CHECKLIST_H
#define RL_POLICY_CHECKLIST_H

#include "policy/enabled.h"
#include "ringlock/hardening.h"

enum { RL_CHECKLIST_STEPS = 8 };

enum rl_step_state {
    RL_CHECK_OPEN,
    RL_CHECK_DONE,
    RL_CHECK_NOT_APPLICABLE,
    RL_CHECK_BLOCKED /* another step comes first; the remedy names it */
};
/* "open", "done", "not applicable", "blocked"; in the order of the enum. Static. */
extern const char *const rl_step_state_names[];

/* All borrowed for the duration of the call. */
struct rl_checklist_in {
    const struct rl_row *phone, *type, *profile; /* never NULL */
    bool mixed;                                  /* cluster security mode */
    bool ctl;                                    /* a CTL file is published (R15) */
    bool ctl_old; /* the phone was seen with one that lacks the active CallManager certificate (R16)
                   */
    const char *server;     /* what is wrong with the active CallManager certificate: "has expired",
                               ...;     NULL: it counts (R12) */
    bool registered_secure; /* by TLS with a certificate that is the phone's own */
    enum rl_tristate lsc;   /* one is installed, as far as CAPF knows */
    size_t secure_profiles; /* of the type and protocol */
    bool credentials;       /* the phone's digest user has some */
    const char *typed_in;   /* who confirmed step 6, and when; NULL: nobody */
    const char *not_encrypted; /* why its file is not, though the profile asks for it; NULL: it is,
                                  or nothing is published */
    int64_t hardening[RL_HARDENINGS]; /* what the site says of settings, see ringlock/hardening.h */
    const struct rl_enabled *enabled; /* of a preferred vendor's phone; else NULL */
};

struct rl_checklist_step {
    const char *id, *label; /* static */
    const char *rule;       /* "R121"; static */
    enum rl_step_state state;
    struct rl_err why;       /* text: what there is, or is not; remedy: what to do, "" if nothing;
                                code: RL_OK where no code names it */
    const char *kind, *name; /* what is opened to mend it: "cluster", "certificate", "profile",
                                "phone", "user", "" for nothing; its name, "" for the list.
                                Static, or borrowed from the rows */
};

/* All eight, in their order. Never fails. */
void rl_policy_checklist(const struct rl_checklist_in *in,
                         struct rl_checklist_step out[RL_CHECKLIST_STEPS]);

#endif
