/* Errors: a code and a sentence for people.
 * A lower layer fills struct rl_err, the middle passes it on, only the edge shows it. */
#ifndef RINGLOCK_ERR_H
#define RINGLOCK_ERR_H

#include <stdbool.h>
#include <stddef.h>

#include "ringlock/codes.h"

#define RL_CODE_ENUM(name, tag, exit_status, rule, remedy) RL_##name,
enum rl_code { RL_CODES(RL_CODE_ENUM) RL_CODE_COUNT };
#undef RL_CODE_ENUM

/* What is known of a code: static, one entry for each line of RL_CODES. */
struct rl_code_info {
    const char *tag;    /* "E-NO-TLS": what scripts see */
    int exit_status;    /* of the command that failed with it */
    const char *rule;   /* "R82", or "" */
    const char *remedy; /* what to do, in one sentence; may be replaced in rl_err.remedy */
};

struct rl_err {
    enum rl_code code;
    char object[160]; /* "phone SEP001122334455", or "" */
    char field[48];   /* field or CSV column at fault, or "" */
    int line;         /* line of a file at fault, 1-based; 0 = none */
    char text[400];   /* one sentence: what was wrong, with which object, why */
    char remedy[300]; /* what to do */
};

/* Fill `err` (may be NULL) and return `code`. `object` may be NULL. The remedy becomes the code's
 * own. */
enum rl_code rl_fail(struct rl_err *err, enum rl_code code, const char *object, const char *fmt,
                     ...) __attribute__((format(printf, 4, 5)));

/* As rl_fail, and names the field at fault. */
enum rl_code rl_fail_field(struct rl_err *err, enum rl_code code, const char *object,
                           const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Replace the remedy of a filled error. */
void rl_err_remedy(struct rl_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What is known of a code. Static; never NULL for a value of the enum. */
const struct rl_code_info *rl_code_info(enum rl_code code);

/* The code with this tag ("E-NO-TLS"); RL_E_INTERNAL if there is none. */
enum rl_code rl_code_by_tag(const char *tag);

/* True for codes whose tag begins with "W-": the act may go on once it was accepted. */
bool rl_code_is_warning(enum rl_code code);

/* True for warnings that are told and need no yes: W-TRUST-UNKNOWN (R46: nothing can be done),
 * W-DIGEST-CLEAR (R129: a step left open), W-CTL-MISSING, W-CTL-STALE, W-PROFILE-CAPF,
 * W-LSC-NEEDED, W-CERT-ORIGIN (R74), W-VENDOR-NO-INSTRUCTIONS (R75: the supplier is to be asked)
 * and W-TRUST-FILE (a file was read, nothing was done). */
bool rl_code_informs(enum rl_code code);

/* Several problems of one act: refusals and warnings. At most RL_PROBLEMS_MAX are kept, all are
 * counted. */
enum { RL_PROBLEMS_MAX = 1000 };
struct rl_problems {
    struct rl_err *item; /* owned by the list */
    size_t n, cap;
    size_t errors, warnings; /* counted, kept or not */
};

void rl_problems_add(struct rl_problems *list, const struct rl_err *err); /* copies err */
void rl_problems_fini(struct rl_problems *list);
/* Take out the refusals with this code, of this field (NULL: any), from the item `from` on. */
void rl_problems_drop(struct rl_problems *list, size_t from, enum rl_code code, const char *field);

/* First refusal in the list, else NULL. Borrowed until the list changes. */
const struct rl_err *rl_problems_first_error(const struct rl_problems *list);

#endif
