/* Distinguished names as trust lists write them, part by part in the order of the certificate. */
#ifndef RL_PKI_DN_H
#define RL_PKI_DN_H

#include "ringlock/buf.h"
#include "ringlock/err.h"

/* "CN" and its value; or a dotted OID where the type has no short name. */
struct rl_dn_part {
    char *type;  /* owned */
    char *value; /* owned; n bytes of UTF-8, which may hold any character */
    size_t n;
    unsigned rdn; /* number of its RDN: several parts may share one */
};

struct rl_dn {
    struct rl_dn_part *part; /* owned */
    size_t n;
};

void rl_dn_fini(struct rl_dn *dn); /* frees the parts */

/* Append "CN=cm1,O=Example": comma, a backslash before what stands for something else. E-VALUE for
 * an RDN of several parts, whose order nobody agrees on; `object` names the certificate. */
enum rl_code rl_dn_write(const struct rl_dn *dn, const char *object, struct rl_buf *out,
                         struct rl_err *err);

/* True if the text is this name: as rl_dn_write gives it, or with ';' and without escapes, as
 * Cisco's own lists have it. Types in any case of letters; the parts of one RDN in any order. */
bool rl_dn_is(const struct rl_dn *dn, const void *text, size_t n);

#endif
