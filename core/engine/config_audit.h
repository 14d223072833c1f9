/* Changes of ringlock.conf in the audit log: roles, sources and the display policy decide about
 * security too (R141). */
#ifndef RL_ENGINE_CONFIG_AUDIT_H
#define RL_ENGINE_CONFIG_AUDIT_H

#include "engine/audit.h"
#include "engine/config.h"

/* Compare with what was in force last, also before the engine was stopped; what differs becomes one
 * entry with the changed keys before and after. Of secrets it says only whether they are set. `who`
 * is the file's owner. */
enum rl_code rl_config_audit(struct rl_audit *audit, const struct rl_config *config,
                             const char *who, struct rl_err *err);
/* How the log is rotated and how long it is kept; rl_audit_tick looks at once. */
void rl_config_set_audit(struct rl_audit *audit, const struct rl_config *config);

#endif
