/* Where each kind of object leads, for its list and its detail. */
#ifndef RL_SCREENS_JUMPS_H
#define RL_SCREENS_JUMPS_H

#include "console/jump.h"

extern const struct ui_jump phone_jumps[], gateway_jumps[], profile_jumps[], type_jumps[],
    user_jumps[], cert_jumps[], call_jumps[], line_jumps[], entry_jumps[];

#endif
