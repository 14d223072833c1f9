/* What a phone shows below its fields. */
#ifndef RL_COMMANDS_PHONE_H
#define RL_COMMANDS_PHONE_H

#include "commands/cli.h"

/* Its registration and the latest refusals, for people. */
void rl_cmd_phone_details(const struct rl_cli *cli, const json_t *phone);

#endif
