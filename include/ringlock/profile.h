/* Which fields a security profile has, and how they depend on one another (profiles.md 1 to 3): one
 * table for forms, wizards, commands, import and engine. Pure. Rows are of rl_object(RL_PROFILE)
 * and rl_object(RL_TYPE); a value that is not filled in yet is "". */
#ifndef RINGLOCK_PROFILE_H
#define RINGLOCK_PROFILE_H

#include "ringlock/model.h"

/* True if profiles of the type and protocol have the field: R73, R81, R82, R83. What the catalogue
 * does not know is not offered; without a model only what every profile has. */
bool rl_profile_has(const struct rl_row *type, const char *protocol, int field);
/* The code that refuses a value of a field that profiles of the type and protocol do not have. */
enum rl_code rl_profile_refusal(const struct rl_row *type, const char *protocol, int field);

/* True if the field matters with the other values: key sizes by the key order, OAuth with what it
 * needs (or while it is on, so that it can be taken back). */
bool rl_profile_uses(const struct rl_row *profile, int field);

/* True if the value can be chosen with the other values: a mode that the type can do, TLS with a
 * secure mode and with no other (R106), keys that the type can make, OAuth with what it needs. The
 * value has passed the field table. */
bool rl_profile_takes(const struct rl_row *type, const struct rl_row *profile, int field,
                      const char *value);

/* Level of a profile: its mode; nonsecure where it has none. NULL is nonsecure. */
enum rl_security rl_profile_mode(const struct rl_row *profile);

/* The CAPF settings that a phone shows are those of its profile (profiles.md 4.8): the field of the
 * profile that a phone's field stands for; -1 for the phone's own fields. */
int rl_profile_field_of_phone(int phone_field);
/* True if phones of the type and protocol have the field. */
bool rl_phone_has(const struct rl_row *type, const char *protocol, int field);

/* True for a preferred vendor's type (R61): those whose certificates come on file (R76). */
#define RL_PREFERRED_VENDOR "secure-preferred-vendor" /* its RL_TYPE_SECURITY_CLASS */
bool rl_type_is_preferred_vendor(const struct rl_row *type);
/* True if an RL_TYPE_CERT_MODE takes certificates of a mode: "per-device", "shared" (R83). */
bool rl_cert_mode_takes(const char *cert_mode, const char *mode);

#endif
