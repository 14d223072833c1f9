/* Calls as commands print them. */
#ifndef RL_COMMANDS_CALL_H
#define RL_COMMANDS_CALL_H

#include "commands/output.h"

/* "LOCK", "SHLD" or "OPEN"; "" while it rings: nothing is decided before somebody answered. Static.
 */
const char *rl_cmd_call_word(const json_t *call);

/* "1001 -> 1002"; the parties of a conference divided by commas. Owned. */
char *rl_cmd_call_parties(const json_t *call);

/* Begin a listing with the columns of calls. */
int rl_cmd_call_row(struct rl_cli *cli, const json_t *call);

#endif
