/* Types: what they show below their fields, and the import of packs. */
#ifndef RL_COMMANDS_TYPE_H
#define RL_COMMANDS_TYPE_H

#include "commands/cli.h"

/* Its security features and the supplier's instructions, for people (R63, R75). */
void rl_cmd_type_details(const struct rl_cli *cli, const json_t *type);

#endif
