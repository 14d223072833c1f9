/* What a profile shows below its fields. */
#ifndef RL_COMMANDS_PROFILE_H
#define RL_COMMANDS_PROFILE_H

#include "commands/cli.h"

/* How many phones use it, for people. */
void rl_cmd_profile_details(const struct rl_cli *cli, const json_t *profile);

#endif
