/* Certificate operations that no phone came for, and LSCs that are due. */
#ifndef RL_CONTROL_CAPF_SWEEP_H
#define RL_CONTROL_CAPF_SWEEP_H

#include "engine/engine.h"

/* End the operations whose time is over, and, where the configuration says so, order new LSCs for
 * phones whose LSC is two thirds old and who can prove who they are without people; some hundreds
 * at a time, in one transaction. Only while the loop may write. True if anything changed. */
bool rl_capf_sweep(struct rl_engine *engine);

#endif
