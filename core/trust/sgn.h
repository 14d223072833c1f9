/* Signed files (.sgn): a header, and the file as it was. Whose signature it is has to be looked up
 * in a trust list: the certificate is not in the file. */
#ifndef RL_TRUST_SGN_H
#define RL_TRUST_SGN_H

#include "trust/header.h"

/* Borrows from the file. */
struct rl_sgn {
    struct rl_trust_header header;
    struct rl_trust_signed over;
    struct rl_bytes body;
};

/* Read one; `name` is what was asked for, and what the header must say, NULL for any. The signature
 * is not looked at. E-TRUST-FILE; W-TRUST-FILE in `warnings` (may be NULL). */
enum rl_code rl_sgn_read(const void *bytes, size_t n, const char *object, const char *name,
                         struct rl_sgn *out, struct rl_problems *warnings, struct rl_err *err);

#endif
