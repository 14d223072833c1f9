/* Is the certificate that a phone presented this phone's own? What is on file about it and about
 * the phone is put beside what the SIP server says (R50, R76, R102; security-model 4.3 to 4.6).
 * Pure: no clock, no allocation, no I/O. What is not proven counts as no. */
#ifndef RL_POLICY_EVIDENCE_H
#define RL_POLICY_EVIDENCE_H

#include "policy/callsec.h"

enum { RL_DIGEST_BYTES = 32 }; /* of SHA-256 */

/* What is on file about one certificate. Texts are borrowed, and NULL or "" for none. */
struct rl_filed {
    bool there;             /* it is on file */
    bool removed;           /* it is not, but was */
    bool nameless;          /* it has no SAN: its CN stands for it (R101) */
    const char *name;       /* on file */
    const char *san;        /* all of them, as in its row */
    const char *device;     /* whose own it is */
    int64_t from_us, to_us; /* since 1970: it counts from the first to the last of them */
};

/* What is on file about a device. */
struct rl_device_certs {
    bool vendor; /* a preferred vendor's: nothing but what is on file counts (R76) */
    bool own;    /* at least one certificate is bound to it */
    const struct rl_filed *shared; /* the one that its profile names (R103), or NULL; borrowed */
};

struct rl_evidence {
    const char *device;  /* whom the SIP server named */
    const char *profile; /* the name of its profile, or "" */
    struct rl_device_certs certs;
    bool presented;        /* a certificate, */
    struct rl_filed found; /* and what is on file by its digest */
    /* what the SIP server says of it */
    bool verified, selfsigned;
    bool names_other;     /* its CN or SAN is another device's name */
    const char *cn, *san; /* san: the first of type DNS; NULL or "" if there is none */
    int64_t now_us;       /* wall clock */
};

/* RL_SIG_ENCRYPTED if the certificate is the device's own (the cipher is not looked at), else the
 * state that says why not. Never fails. */
enum rl_sig_state rl_policy_evidence(const struct rl_evidence *e);

/* The name by which a shared certificate counts: its SAN, or its CN if what is on file has no SAN
 * either (R101). Borrowed; "" if there is none. */
const char *rl_policy_presented_name(const struct rl_evidence *e);

#endif
