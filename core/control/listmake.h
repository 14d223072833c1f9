/* Making a trust list from the site's own certificates, and knowing what is in one. */
#ifndef RL_CONTROL_LISTMAKE_H
#define RL_CONTROL_LISTMAKE_H

#include "control/ring.h"
#include "trust/listing.h"

/* How lists are made: of the site's configuration. */
struct rl_list_rules {
    bool sha512; /* else SHA-1 */
    bool ec;     /* signer version 1.1: EC certificates are listed */
};

/* Make the list of what the ring holds, signed by its active ITLRecovery; appended to `out`. `time`
 * goes into the header. What phones may not like is added to `warnings` (W-TRUST-FILE, may be
 * NULL). E-CTL-SIGNER if nobody can sign it, or it would not let phones in: the signer or the
 * active CallManager certificate is not valid at `now_us`, or missing. */
enum rl_code rl_list_make(const struct rl_ring *ring, enum rl_list_kind kind,
                          const struct rl_list_rules *rules, uint32_t time, int64_t now_us,
                          struct rl_buf *out, struct rl_problems *warnings, struct rl_err *err);

/* What a list that we made says. */
struct rl_list_content {
    size_t n, bytes;
    uint32_t time;
    bool sha512, ec;
    char signer[65]; /* fingerprints */
    struct {
        enum rl_trust_role role;
        char fingerprint[65];
    } record[RL_LISTED_MAX];
};
/* False: it is no list of ours. */
bool rl_list_content(const void *bytes, size_t n, struct rl_list_content *out);
/* Is the certificate in it, in whatever role? */
bool rl_list_has(const struct rl_list_content *content, const char *fingerprint);

/* What of the ring a list differs in: W-CTL-STALE for each active certificate that it should have
 * and has not, and for each record whose certificate was retired (R14). */
void rl_list_stale(const struct rl_ring *ring, enum rl_list_kind kind,
                   const struct rl_list_content *content, struct rl_problems *out);
/* Would it be made anew just so, but for its time? */
bool rl_list_is_current(const struct rl_ring *ring, enum rl_list_kind kind,
                        const struct rl_list_rules *rules, const struct rl_list_content *content);

#endif
