/* What is on file for a phone, and whether security is enabled for it (R94, R110), as JSON. */
#ifndef RL_CONTROL_ENABLED_H
#define RL_CONTROL_ENABLED_H

#include "control/json.h"
#include "policy/enabled.h"

struct rl_engine;

/* POINT of protocol.h; code, message and remedy are null when it holds. */
json_t *rl_json_point(const struct rl_point *point);
/* All of them, an array. */
json_t *rl_json_points(const struct rl_enabled *enabled);
/* Adds the members "certificates" and "enabled" to the OBJECT of a phone; "enabled" is null for
 * types whose certificates do not come on file. The rows are the phone's own. */
void rl_json_add_enabled(struct rl_engine *e, const struct rl_row *phone, json_t *object);

#endif
