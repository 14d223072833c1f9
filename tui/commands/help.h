/* Help, all of it from the command table. */
#ifndef RL_COMMANDS_HELP_H
#define RL_COMMANDS_HELP_H

#include <stdio.h>

#include "commands/command.h"

/* All commands; of one noun with its options when `noun` is not NULL; of one verb likewise. */
void rl_help_print(FILE *out, const char *noun, const char *verb);

/* For scripts and the test of the man page: first the global options, then each command on a
 * line of its own, "NOUN VERB --OPTION ...". An option that takes a value ends with '='. */
void rl_help_list_commands(FILE *out);

#endif
