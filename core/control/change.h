/* One object on its way from values to the store: what add, set, check and import have in common.
 *
 * rl_change_begin, rl_change_values, rl_change_check; then, in a transaction, rl_change_write and
 * rl_change_audit; rl_change_end always. Problems gather in the list given at the beginning. */
#ifndef RL_CONTROL_CHANGE_H
#define RL_CONTROL_CHANGE_H

#include "control/objects.h"

enum { RL_LOOKUP_SLOTS = 256, RL_LABEL = 600 };

/* Types and profiles read lately; an import asks for the same few again and again. */
struct rl_lookup {
    struct rl_store *store;
    struct rl_row type[RL_LOOKUP_SLOTS], profile[RL_LOOKUP_SLOTS];
};
void rl_lookup_init(struct rl_lookup *l, struct rl_store *store);
void rl_lookup_fini(struct rl_lookup *l);
/* Borrowed until the next look-up of that kind; NULL if there is none, or the store failed. */
const struct rl_row *rl_lookup_type(struct rl_lookup *l, const char *model);
const struct rl_row *rl_lookup_profile(struct rl_lookup *l, const char *name);

struct rl_change {
    const struct rl_act *act;
    struct rl_lookup *lookup;
    struct rl_problems *problems;
    const struct rl_object *obj;
    struct rl_row row, old; /* old.obj is NULL for a new object */
    const struct rl_row *type, *profile;
    struct rl_row made;   /* a profile to be written with its phone; obj is NULL if there is none */
    char label[RL_LABEL]; /* "phone SEP001122334455" */
    bool transport_given; /* by the user, see rl_policy_profile_fill */
    uint64_t given;       /* fields, as bits */
    size_t checked;       /* problems from here on are of rl_change_check */
};

/* Begin with the object named `key`, or a new one if it is NULL. On failure nothing is to be ended;
 * the problem is in the list. */
enum rl_code rl_change_begin(struct rl_change *c, const struct rl_act *act,
                             struct rl_lookup *lookup, enum rl_kind kind, const char *key,
                             struct rl_problems *problems);
/* The same with the stored row at hand (taken), or NULL for a new object. */
void rl_change_begin_with(struct rl_change *c, const struct rl_act *act, struct rl_lookup *lookup,
                          enum rl_kind kind, struct rl_row *old, struct rl_problems *problems);
void rl_change_end(struct rl_change *c);

/* Take values by name: E-FIELD, E-TRUST-READONLY, E-STATUS-OWNER, E-READONLY. */
void rl_change_values(struct rl_change *c, const struct rl_value *values, size_t n);

/* Fill, normalise, find what is named, and judge by policy. */
void rl_change_check(struct rl_change *c);

/* change_cert.c, part of the check: a profile's shared certificate is tested, or found and recorded
 * (R96, R100 to R103, R109); a preferred vendor's phone gets a secure profile only with its
 * certificate on file and valid (R76). */
void rl_change_check_certificate(struct rl_change *c);
/* Of a phone: CAPF settings given for it become a profile that has them (profiles.md 4.8, capf.c).
 * E-VENDOR-CAPF, E-FIELD, what profiles refuse; W-PROFILE-CAPF tells the profile that it gets. */
void rl_change_capf(struct rl_change *c);

/* True if the object is to be added, false if it is on file. */
bool rl_change_is_new(const struct rl_change *c);
/* True if the store would not change. */
bool rl_change_is_same(const struct rl_change *c);
/* True if lines or levels may differ after it, so that shared lines are to be checked (R30). */
bool rl_change_moves_lines(const struct rl_change *c);

/* Inside a transaction. A refusal is in the list of problems. */
enum rl_code rl_change_write(struct rl_change *c, int64_t rev);
/* Shared lines of the written object (R30, R31). */
enum rl_code rl_change_check_lines(struct rl_change *c);
enum rl_code rl_change_check_number(struct rl_store *store, const char *number,
                                    struct rl_problems *problems);
/* The entry of what was written, with the warnings that were accepted. */
enum rl_code rl_change_audit(struct rl_change *c);

/* Add (`old` NULL), change or remove (`row` NULL) an object whose rules were judged before, with
 * its entry; nothing if it is the same. Inside a transaction; a refusal is in the list. */
enum rl_code rl_change_put(const struct rl_act *act, enum rl_kind kind, const struct rl_row *old,
                           const struct rl_row *row, struct rl_problems *problems);

/* RL_OK if all problems are warnings that only inform or were accepted; else the first refusal, or
 * the first warning that was not accepted. */
enum rl_code rl_problems_verdict(const struct rl_act *act, const struct rl_problems *problems);

/* "phone NAME", its text safe. Returns out. */
char *rl_object_label(const struct rl_object *obj, const char *key, char out[RL_LABEL]);

/* True for names that speak of trust: nobody writes it (R41). And of the security mode or status,
 * which belongs to the profile (R18, R26). */
bool rl_field_is_trust(const char *name);
bool rl_field_is_status(const struct rl_object *obj, const char *name);

#endif
