/* Certificates on their way into the store and out of it: what cert.upload, object.remove and a
 * wizard's apply have in common. */
#ifndef RL_CONTROL_CERTS_H
#define RL_CONTROL_CERTS_H

#include "control/objects.h"
#include "pki/cert.h"

/* One file, as it came. Texts that are NULL or "" were left out. All borrowed. */
struct rl_upload {
    const void *data; /* PEM or DER, see pki/bundle.h */
    size_t n;
    const char *file;                 /* what people call it; for sentences */
    const char *store;                /* NULL: CallManager-trust */
    const char *device;               /* whose it is (R86) */
    const char *name;                 /* on file; NULL: the device's name, else the certificate's */
    const char *description, *origin; /* (R74) */
    int64_t now_us;
};

/* What came on file: the certificate that was meant first, then those of its CA. */
struct rl_uploaded {
    struct rl_row *row; /* owned */
    size_t n;
    struct rl_buf notes; /* sentences for people, each with a line feed */
};

/* Take a certificate on file, inside the open transaction, with its audit entries: the rules of
 * rl_policy_cert, and E-CERT-PARSE, E-CERT-PRIVATE-KEY, E-CERT-PKCS12, E-CERT-CHAIN,
 * E-CERT-NO-CHAIN (R10), E-CERT-REUSED (R86), E-EXISTS, E-VALUE, E-CERT-FIXED. Refusals are found
 * before anything is written; problems are appended; returns as rl_problems_verdict. `out` is
 * filled on RL_OK and freed with rl_uploaded_fini. Nothing else is needed: what names a certificate
 * may come before it or after. */
enum rl_code rl_cert_take(const struct rl_act *act, const struct rl_upload *upload,
                          struct rl_uploaded *out, struct rl_problems *problems);
void rl_uploaded_fini(struct rl_uploaded *uploaded);

/* The same as one act: a transaction of its own. */
enum rl_code rl_cert_upload(const struct rl_act *act, const struct rl_upload *upload,
                            struct rl_uploaded *out, struct rl_problems *problems);

/* Before a certificate goes, inside the open transaction: E-CERT-FIXED for our own; profiles that
 * refer to it get another valid one of their name where there is one (R109); W-SECURITY-LOST for
 * the phones that have no other. */
enum rl_code rl_cert_before_removal(const struct rl_act *act, const struct rl_row *cert,
                                    int64_t now_us, struct rl_problems *problems);

/* Certificates may have ended: profiles whose certificate has go over to another valid one of their
 * name, where there is one (R109), in a transaction of its own. *changed tells if any did. */
enum rl_code rl_certs_turn(const struct rl_act *act, int64_t now_us, bool *changed,
                           struct rl_err *err);

#endif
