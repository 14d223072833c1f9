/* Rules on phones, gateways, profiles and types, beyond what one value tells (that is
 * rl_row_check). Pure: rows in, problems out; rows must have passed rl_row_check. Problems name
 * object, field, rule and remedy. */
#ifndef RL_POLICY_OBJECTS_H
#define RL_POLICY_OBJECTS_H

#include "ringlock/model.h"

/* --- profiles (profiles.md 1 to 4) --- */

/* Which fields there are and what depends on what: ringlock/profile.h. */

/* Fill in what was left open, instead of rl_row_defaults: defaults of the fields that the type has;
 * transport by the mode (unless `transport_given` by the user) when the profile is new or changes
 * between secure and not; keys by the key order. Fields that the type does not have lose a
 * value that says nothing ("no", a default). `old` is the stored profile, NULL for a new one. */
void rl_policy_profile_fill(struct rl_row *profile, const struct rl_row *old,
                            const struct rl_row *type, bool transport_given);

/* E-PROFILE-FIXED, E-TYPE-CLASS, E-TYPE-PROTOCOL, E-NO-TLS, E-MODE-UNSUPPORTED, E-TRANSPORT-TLS,
 * E-TRANSPORT, E-DIGEST-SCCP, E-ENC-CONFIG, E-OAUTH, E-VENDOR-CAPF, E-KEY-SIZE, E-FIELD;
 * W-KEY-SIZE, W-DIGEST-CLEAR. `old` is the stored profile, NULL for a new one. */
void rl_policy_profile(const struct rl_row *profile, const struct rl_row *old,
                       const struct rl_row *type, struct rl_problems *problems);

/* The site's TLS Ciphers; all but the first leave GCM alone, which readable signalling is not. */
enum rl_tls_ciphers { RL_CIPHERS_ALL, RL_CIPHERS_MEDIUM, RL_CIPHERS_STRONGEST };
/* "all", "medium", "strongest"; NULL-terminated, in the order of the enum. Static. */
extern const char *const rl_tls_ciphers_names[];
/* W-TLS-CIPHERS when a profile becomes Authenticated and the ciphers are GCM only: its phones
 * cannot register (profiles.md 2). */
void rl_policy_profile_ciphers(const struct rl_row *profile, const struct rl_row *old,
                               enum rl_tls_ciphers ciphers, struct rl_problems *problems);

/* "Cisco 8841 - Standard SIP Non-Secure Profile" (profiles.md 4.1). Owned by the caller. */
char *rl_policy_default_profile_name(const char *model, const char *protocol);
/* The predefined profile of a type and protocol; `profile` is initialised by it. */
void rl_policy_default_profile(struct rl_row *profile, const struct rl_row *type,
                               const char *protocol);
/* "Cisco 8841 SIP Encrypted null-string EC-256": for a profile made for the CAPF settings of a
 * phone (profiles.md 2, 4.8); from n = 2 on with a number. Owned by the caller. */
char *rl_policy_capf_profile_name(const struct rl_row *profile, int n);
/* True if the type has predefined profiles at all: phones, SIP and SCCP only (R2). */
bool rl_policy_has_default_profile(const struct rl_row *type, const char *protocol);

/* --- phones and gateways --- */

/* E-TYPE-CLASS, E-TYPE-PROTOCOL, E-PROFILE-TYPE, E-DIGEST-SCCP; when a secure profile is newly
 * assigned, W-CLUSTER-NONSECURE while the cluster is not in mixed mode, and W-LSC-NEEDED to a type
 * without MIC. `old` is the stored phone, NULL for a new one; `profile` may be NULL. That the names
 * exist, digest credentials too, is for the caller, who has the store. */
void rl_policy_phone(const struct rl_row *phone, const struct rl_row *old,
                     const struct rl_row *type, const struct rl_row *profile, bool mixed,
                     struct rl_problems *problems);

/* E-TYPE-CLASS, E-TYPE-PROTOCOL; W-TRUST-UNKNOWN for a new one. */
void rl_policy_gateway(const struct rl_row *gateway, const struct rl_row *old,
                       const struct rl_row *type, struct rl_problems *problems);

/* Trust, from the type alone (R40, R46). Unknown counts as not trusted. */
enum rl_tristate rl_policy_trust(const struct rl_row *type);
/* "Device is trusted" or "Device is not trusted" (R42, R45). Static. */
const char *rl_policy_trust_text(enum rl_tristate trust);

/* --- shared lines (R30 to R32) --- */

struct rl_line_member {
    const char *phone;     /* borrowed */
    enum rl_security mode; /* of its profile */
    bool can_encrypt;      /* its type says so */
};
/* W-SHARED-MIXED for each phone that is not Encrypted while another of the line is. */
void rl_policy_shared_line(const char *number, const struct rl_line_member *member, size_t n,
                           struct rl_problems *problems);

/* --- types (the catalogue) --- */

/* E-CATALOGUE-CLASS (R61), E-VENDOR-MIC (R72), E-VENDOR-CAPF (R73), E-COP-INVALID for claims that
 * contradict each other (R79 to R83) and for a model name that leaves no room for its predefined
 * profile's; E-CATALOGUE-TRUST (R37) for a claim of trust without every criterion. The catalogue
 * that ringlock ships states trust for Cisco's own types without them: `shipped`. */
void rl_policy_type(const struct rl_row *type, bool shipped, struct rl_problems *problems);

/* The criteria of R36, as they stand in RL_TYPE_CRITERIA ("encryption", "hardening", "assurance");
 * NULL-terminated. The value is "encryption: WHAT; hardening: WHAT; assurance: WHAT". */
extern const char *const rl_trust_criteria[];

#endif
