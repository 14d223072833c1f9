/* What is on file for a phone, and whether security is enabled for it (R94, R110), as JSON. */
#ifndef RL_CONTROL_ENABLED_H
#define RL_CONTROL_ENABLED_H

#include "control/json.h"
#include "policy/enabled.h"

/* A phone may have several while one is being renewed; more are not looked at. */
enum { RL_OWN_MAX = 16 };

/* What checks of a phone are made of: the rows that belong to it. */
struct rl_gathered {
    struct rl_row type, profile, shared, own[RL_OWN_MAX];
    const struct rl_row *owns[RL_OWN_MAX];
    size_t nown;
    bool has_type, has_profile, has_shared; /* else that row is not initialised */
    bool removed;                           /* it had a certificate on file once */
};
/* Read them; rl_gathered_fini frees. */
void rl_gather(struct rl_store *store, const struct rl_row *phone, struct rl_gathered *g);
void rl_gathered_fini(struct rl_gathered *g);
/* The end check of the wizards, for types whose certificates come on file; false for others. What
 * `out` says is borrowed from the rows. */
bool rl_gathered_enabled(const struct rl_gathered *g, const struct rl_row *phone, bool mixed,
                         struct rl_enabled *out);

/* POINT of protocol.h; code, message and remedy are null when it holds. */
json_t *rl_json_point(const struct rl_point *point);
/* All of them, an array. */
json_t *rl_json_points(const struct rl_enabled *enabled);
/* Adds the members "certificates" and "enabled" to the OBJECT of a phone; "enabled" is null for
 * types whose certificates do not come on file. The rows are the phone's own. */
void rl_json_add_enabled(struct rl_store *store, bool mixed, const struct rl_row *phone,
                         json_t *object);

#endif
