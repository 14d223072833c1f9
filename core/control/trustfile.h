/* Trust files as a whole: what core/trust reads is held against the certificates in it, and what it
 * writes is made from certificates, with core/pki. */
#ifndef RL_CONTROL_TRUSTFILE_H
#define RL_CONTROL_TRUSTFILE_H

#include "pki/parts.h"
#include "trust/list.h"

/* ---- checking ---- */

/* What came of a check. */
struct rl_trust_check {
    struct rl_problems problems; /* E-TRUST-FILE and E-TRUST-SIGNATURE; owned */
    struct rl_bytes signer; /* DER of the one that the signature is by; p is NULL without one */
};

/* Hold each record against its certificate, find the signer among the records with role SAST by
 * issuer and serial number, and verify the signature. That it is right says nothing about trust:
 * anybody can make such a list. `out` is initialised. */
void rl_trust_check(const struct rl_trust_list *list, struct rl_trust_check *out);
void rl_trust_check_fini(struct rl_trust_check *check);

/* A signed or encrypted file holds no certificate: is its signature, over `over`, that of this one
 * (DER)? E-TRUST-SIGNER if it says another one, E-TRUST-SIGNATURE if it is not right. */
enum rl_code rl_trust_signed_by(const struct rl_trust_header *header,
                                const struct rl_trust_signed *over, const void *der, size_t n,
                                const char *object, struct rl_err *err);

/* The same by one of the certificates with role TFTP or CCM+TFTP of a list, which was checked. */
enum rl_code rl_trust_signed_by_list(const struct rl_trust_header *header,
                                     const struct rl_trust_signed *over,
                                     const struct rl_trust_list *list, const char *object,
                                     struct rl_err *err);

/* ---- making ---- */

/* A record, and what it borrows from. */
struct rl_trust_entry {
    struct rl_trust_record record;
    struct rl_cert_parts parts;
    struct rl_buf subject, issuer, certificate;
};

/* The record of a certificate (DER) in a role. `object` names the certificate: E-CERT-PARSE;
 * E-VALUE for what no list can hold. `out` is initialised, and holds nothing after a failure. */
enum rl_code rl_trust_entry_make(const void *der, size_t n, enum rl_trust_role role,
                                 const char *object, struct rl_trust_entry *out,
                                 struct rl_err *err);
void rl_trust_entry_fini(struct rl_trust_entry *entry);

/* Fill what the header says of the signer, and what of the kind of file: versions, size code. The
 * rest (hash, file_name, time) is left. E-VALUE for a key that cannot sign. Borrows from `entry`.
 */
enum rl_code rl_trust_header_make(const struct rl_trust_entry *entry, enum rl_tlv_kind kind,
                                  const char *object, struct rl_trust_header *out,
                                  struct rl_err *err);

/* A rl_trust_sign_fn; ctx is a struct rl_key. */
enum rl_code rl_trust_sign(void *ctx, uint8_t hash, const struct rl_trust_signed *over,
                           uint8_t *out, size_t n, struct rl_err *err);

#endif
