/* Trust lists: CTLFile.tlv and ITLFile.tlv. A signed list of certificates with roles, by which
 * phones decide which servers and which signed files they trust. */
#ifndef RL_TRUST_LIST_H
#define RL_TRUST_LIST_H

#include "trust/header.h"

enum rl_trust_role {
    RL_TRUST_SAST = 0, /* signs trust lists */
    RL_TRUST_CCM = 1,  /* call manager */
    RL_TRUST_CCM_TFTP = 2,
    RL_TRUST_TFTP = 3, /* signs configuration files */
    RL_TRUST_CAPF = 4, /* enrolment */
    RL_TRUST_APP = 7,  /* XML services over HTTPS */
    RL_TRUST_TVS = 21  /* trust verification */
};

enum { RL_TRUST_SAST_MAX = 2 };

/* Optional members are absent where p is NULL; `has` and `size` are not
 * looked at in writing. */
struct rl_trust_record {
    uint32_t has; /* a bit for each element that may be left out */
    uint16_t size;
    struct rl_bytes dns_name;
    struct rl_bytes subject, issuer; /* names, as text */
    uint16_t role;                   /* rl_trust_role, or a number that nobody knows */
    struct rl_bytes serial;
    struct rl_bytes key;         /* public key: RSAPublicKey, or the point of an EC key */
    struct rl_bytes signature;   /* of the certificate */
    struct rl_bytes certificate; /* DER */
    struct rl_bytes address;
    struct rl_bytes hash; /* of the certificate, in its place */
    uint8_t hash_algorithm;
};

/* A list that was read whole: its records are all well-formed. Borrows from the file. */
struct rl_trust_list {
    struct rl_trust_header header;
    struct rl_trust_signed over;
    const uint8_t *bytes;
    size_t n, nrecords;
    const char *object;
};

/* Read and check all that can be checked without certificates: E-TRUST-FILE with the first thing
 * that is wrong. Things that are odd are added to `warnings` (may be NULL) as W-TRUST-FILE.
 * `object` is the name of the file, safe. Time is linear, nothing is allocated. */
enum rl_code rl_trust_list_read(const void *bytes, size_t n, const char *object,
                                struct rl_trust_list *out, struct rl_problems *warnings,
                                struct rl_err *err);

/* The next record of a list that was read; *at is 0 for the first, and what this leaves there for
 * those that follow. *record begins at byte *begins. False after the last. */
bool rl_trust_list_next(const struct rl_trust_list *list, size_t *at,
                        struct rl_trust_record *record, size_t *begins);

/* Write a list: the header's `version` and so on, the records in their order, signed by `signer`.
 * Appended to `out`. E-VALUE, and what signing gives. */
enum rl_code rl_trust_list_write(const struct rl_trust_header *header,
                                 const struct rl_trust_record *record, size_t nrecords,
                                 const char *object, const struct rl_trust_signer *signer,
                                 struct rl_buf *out, struct rl_err *err);

/* "SAST", "CCM+TFTP", ...: static; NULL if nobody knows the number. */
const char *rl_trust_role_name(unsigned role);

#endif
