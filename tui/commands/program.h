/* Another program, run to its end. */
#ifndef RL_COMMANDS_PROGRAM_H
#define RL_COMMANDS_PROGRAM_H

#include "ringlock/buf.h"

enum { RL_PROGRAM_SECRET = 3 };

/* Run it; what it says on both streams is appended to `said`. `secret` (-1: none) is a descriptor
 * that it finds as RL_PROGRAM_SECRET. Returns its exit status, or -1 with errno when it could not
 * be run. */
int rl_program_run(char *const *argv, int secret, struct rl_buf *said);

#endif
