/* What a type shows below its fields. */
#ifndef RL_COMMANDS_TYPE_H
#define RL_COMMANDS_TYPE_H

#include "commands/cli.h"

/* Its security features, for people (R63). */
void rl_cmd_type_details(const struct rl_cli *cli, const json_t *type);

#endif
