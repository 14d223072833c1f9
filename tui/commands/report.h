/* What reports have in common. */
#ifndef RL_COMMANDS_REPORT_H
#define RL_COMMANDS_REPORT_H

#include "commands/cli.h"

/* Add {model, devices} to `rows` (borrowed) for each type that phones or gateways have, by the
 * model. 0, or the exit status of a refusal that was told. */
int rl_report_types_in_use(struct rl_cli *cli, json_t *rows);

#endif
