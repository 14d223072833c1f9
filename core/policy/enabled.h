/* Is security enabled for a preferred vendor's phone: the end check of both wizards, and what the
 * phone shows of itself ever after (R94, R110). Pure: rows in, points out; the rows may be drafts.
 */
#ifndef RL_POLICY_ENABLED_H
#define RL_POLICY_ENABLED_H

#include "ringlock/model.h"

enum { RL_ENABLED_POINTS = 9 };

/* All borrowed for the duration of the call. */
struct rl_enabled_in {
    const char *kind;           /* "per-device" or "shared"; NULL: as type and profile say */
    const struct rl_row *phone; /* NULL: there is none yet */
    const struct rl_row *type;  /* NULL likewise */
    const struct rl_row *profile;
    const struct rl_row *const *own; /* nown certificates bound to the phone */
    size_t nown;
    bool removed;                /* one was, and is no longer on file */
    const struct rl_row *shared; /* the certificate that the profile names, or NULL */
    bool mixed;                  /* cluster security mode */
    const char *now;             /* RFC 3339 in UTC */
};

/* One condition. */
struct rl_point {
    const char *id;    /* "certificate"; static */
    const char *label; /* "Certificate on file"; static */
    const char *step;  /* of the wizard that makes it good, or ""; static */
    const char *value; /* what there is, or "": borrowed from the rows, or static */
    bool ok;
    struct rl_err why; /* why not, and what to do; of no meaning when ok */
};

struct rl_enabled {
    bool ok; /* all points hold: "security enabled" */
    size_t n;
    struct rl_point point[RL_ENABLED_POINTS];
};

/* E-CERT-MODE, E-CERT-MODE-UNKNOWN, E-VENDOR-CERT-MISSING, E-CERT-DATES, E-SAN-NOT-DNS,
 * E-NO-CERT-NAME, E-SAN-MISMATCH, E-NO-TLS, E-MODE-NEEDED, E-TRANSPORT-TLS, E-REQUIRED,
 * E-PROFILE-TYPE, W-CLUSTER-NONSECURE: a point each, in the order of the wizard's steps. Never
 * fails. */
void rl_policy_enabled(const struct rl_enabled_in *in, struct rl_enabled *out);

#endif
