/* The name of a shared certificate and the name of a profile: do they match (R96, R100 to R104)?
 * Character by character, same case, no blank, no dot at the end, no wildcard. Pure. */
#ifndef RL_POLICY_NAMES_H
#define RL_POLICY_NAMES_H

#include "ringlock/model.h"

struct rl_name_match {
    /* RL_OK; W-NO-SAN: equal, but by the certificate's CN alone (R101); E-SAN-MISMATCH,
     * E-SAN-NOT-DNS, E-NO-CERT-NAME. */
    enum rl_code code;
    const char *nearest; /* the name that is equal, or most alike: len bytes, borrowed from the
                            certificate's row; NULL if it has none */
    size_t len;
    size_t alike;    /* characters that both begin and end with, in any case */
    size_t names;    /* how many there are to be equal to */
    size_t at;       /* the first character that differs, 1-based; 0 = none does */
    uint32_t wanted; /* the character there in the certificate's name; 0 = it ends before */
    uint32_t found;  /* and in the profile's */
};

/* Test a profile's name, as it was given, against a row of RL_CERTIFICATE. Never fails. */
void rl_name_match(const struct rl_row *certificate, const char *name, struct rl_name_match *out);

/* The next name of type DNS in a list of SANs ("DNS:a;IP:b"): *len bytes from it on, borrowed. *at
 * goes past it; NULL at the end. */
const char *rl_name_next_dns(const char **at, size_t *len);

/* What is wrong with the name, as a problem of `object` ("profile NAME") and its field "name": both
 * names, and the first difference. Only for a match whose code is not RL_OK. */
void rl_name_problem(const struct rl_name_match *match, const struct rl_row *certificate,
                     const char *name, const char *object, struct rl_err *err);

#endif
