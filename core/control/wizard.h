/* A wizard's answers under the rules: certificates, profile and phones are made as upload, add and
 * set would make them, inside one transaction that is kept (apply) or undone (every other look at a
 * draft). So nothing is allowed here that is refused elsewhere, and the review shows what will be.
 */
#ifndef RL_CONTROL_WIZARD_H
#define RL_CONTROL_WIZARD_H

#include "control/change.h"
#include "control/draft.h"
#include "ringlock/time.h"

struct rl_wizard_problem {
    int step;
    int phone; /* index of its row, or -1 */
    struct rl_err err;
};

struct rl_wizard_phone {
    const json_t *answer; /* borrowed from the draft */
    bool there;           /* is changed, not added */
    struct rl_row cert;   /* what its file says, or what is on file; obj is NULL if there is none */
    bool cert_kept;       /* it is on file now */
    struct rl_row row;    /* as it will be; obj is NULL if that cannot be told */
};

struct rl_wizard_run {
    struct rl_act act;
    const struct rl_draft *draft;
    bool shared;
    int64_t now_us;
    char now[RL_TIME_TEXT];
    struct rl_lookup lookup;
    struct rl_wizard_problem *problem; /* in the order they were found */
    size_t nproblems, cap;
    struct rl_row type;    /* obj is NULL while none is chosen */
    struct rl_row cert;    /* shared: what the file says, or what is on file; obj may be NULL */
    bool cert_kept;        /* it is on file now */
    struct rl_row profile; /* that the phones get, as it will be; obj may be NULL */
    bool profile_kept;     /* it is in the store now */
    bool profile_made;     /* by this wizard */
    struct rl_wizard_phone *phone;
    size_t nphones;
    json_t *done;   /* [{kind, name, what}] */
    json_t *review; /* [{kind, name, now, after, step}] */
};

/* Do all that the answers say, inside the open transaction; what is refused is in the list of
 * problems and is left out. `draft` is borrowed as long as the run is. rl_wizard_end frees. */
struct rl_wizard_run *rl_wizard_run(const struct rl_act *act, const struct rl_draft *draft);
void rl_wizard_end(struct rl_wizard_run **run);

/* The wizard of a mode that the supplier did not name cannot be gone (R84): E-CERT-MODE,
 * E-CERT-MODE-UNKNOWN. */
enum rl_code rl_wizard_fits(const struct rl_wizard *wizard, const struct rl_row *type,
                            struct rl_err *err);

/* The end check (R94, R110), over all phones: an array of POINT. Owned by the caller. */
json_t *rl_wizard_points(const struct rl_wizard_run *run, bool *enabled);
/* DRAFT (protocol.h). `holder` is who has it open, or NULL. Owned by the caller. */
json_t *rl_wizard_json(const struct rl_wizard_run *run, const char *holder);
/* The same without answers and all that comes of them, for lists. */
json_t *rl_wizard_head_json(const struct rl_draft_row *draft, const char *holder);

/* wizard_cert.c: certificates on file, or refused. */
void rl_wizard_take_shared(struct rl_wizard_run *run);
void rl_wizard_take_own(struct rl_wizard_run *run);

/* wizard_make.c: the profile that the phones get, made or found, and the phones. */
void rl_wizard_take_profile(struct rl_wizard_run *run);
void rl_wizard_take_phones(struct rl_wizard_run *run);

/* Add a problem at the step that has its field, once; phone is -1 or the index of its row. */
void rl_wizard_blame(struct rl_wizard_run *run, enum rl_kind kind, int phone,
                     const struct rl_err *err);
/* The same from its parts; `field` is of that kind, or "file". */
void rl_wizard_refuse(struct rl_wizard_run *run, enum rl_kind kind, int phone, enum rl_code code,
                      const char *field, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* The same for a list, which is freed. */
void rl_wizard_share(struct rl_wizard_run *run, enum rl_kind kind, int phone,
                     struct rl_problems *problems);
/* True if an earlier problem of the same step says the same. */
bool rl_wizard_is_told(const struct rl_wizard_run *run, size_t problem);
/* Note what was done, for review and report. `now` is NULL for what is new. */
void rl_wizard_note(struct rl_wizard_run *run, const char *kind, const char *name, const char *what,
                    const char *now, const char *after, const char *step);

#endif
