/* What a trust list is made of: which of a site's own certificates it has, in which roles and in
 * which order. Pure: certificates in, records out. */
#ifndef RL_TRUST_LISTING_H
#define RL_TRUST_LISTING_H

#include "trust/list.h"

enum rl_list_kind { RL_LIST_CTL, RL_LIST_ITL, RL_LIST_KINDS };
/* "CTL", "ITL"; in the order of the enum. Static. */
extern const char *const rl_list_names[];
/* "CTLFile.tlv", "ITLFile.tlv": what phones find in the header, and servers in the directory. */
extern const char *const rl_list_files[];

/* What the configuration chooses, with the words for it; NULL-terminated, static. */
enum rl_list_hash { RL_LIST_HASH_SHA1, RL_LIST_HASH_SHA512 };
extern const char *const rl_list_hash_names[];
enum rl_signer_version { RL_SIGNER_VERSION_1_0, RL_SIGNER_VERSION_1_1 };
extern const char *const rl_signer_version_names[];

enum {
    RL_LISTED_MAX = 64,     /* records of one list that we make */
    RL_LIST_CERTS_MAX = 39, /* beyond either of these a phone loads it no longer */
    RL_LIST_BYTES_MAX = 65536
};

enum rl_listing_state { RL_LISTING_ACTIVE, RL_LISTING_NEXT, RL_LISTING_FORMER };

/* One of the site's own certificates. Texts are borrowed. */
struct rl_listing_cert {
    const char *role; /* "CallManager", "TFTP", "CAPF", "TVS", "ITLRecovery" */
    bool ec;
    enum rl_listing_state state;
    const char *fingerprint;
};

struct rl_listing {
    size_t n;
    struct {
        size_t cert; /* index of the certificate */
        enum rl_trust_role role;
    } record[RL_LISTED_MAX];
};

/* The records of a list, the signer's first. Each certificate that phones may meet is there: the
 * one in use, the next, and those before it that are not retired yet. SAST: the signer (the active
 * ITLRecovery) and one more, the next or the one before it, as phones take two. A certificate that
 * is CallManager and TFTP at once is in one record, CCM+TFTP. The CTL has no TVS (security-model
 * 13); EC certificates are listed for signer version 1.1 only (`ec`). False: no certificate signs.
 */
bool rl_listing_make(enum rl_list_kind kind, bool ec, const struct rl_listing_cert *cert, size_t n,
                     struct rl_listing *out);

#endif
