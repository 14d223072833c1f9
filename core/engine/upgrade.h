/* A site that an earlier release served last: told once, in the status and in the audit log (R7).
 */
#ifndef RL_ENGINE_UPGRADE_H
#define RL_ENGINE_UPGRADE_H

#include "engine/audit.h"

/* After the store was opened, which migrates it: if release or schema are not those that served the
 * site last, note it as "upgraded_from" and in the audit log. */
enum rl_code rl_upgrade_note(struct rl_audit *audit, struct rl_err *err);

#endif
