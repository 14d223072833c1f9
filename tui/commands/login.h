/* ringlock as the only program of an account: as its login shell, or by ForceCommand of sshd with
 * --locked. What such a user typed comes as one line, and is nothing but words of ringlock. */
#ifndef RL_COMMANDS_LOGIN_H
#define RL_COMMANDS_LOGIN_H

#include "commands/parse.h"

/* The words of a command line, the user's included. */
struct rl_login {
    char **argv; /* owned, as its texts are; ends with NULL */
    int argc;
    int typed; /* the words from here on are of a user who is held to ringlock */
};

/* Read the command line:
 *   -ringlock                       a login shell: --locked
 *   ringlock -c LINE                a login shell that is given a command
 *   ringlock --locked ...           with what the user typed in SSH_ORIGINAL_COMMAND, where the
 *                                   line itself has no command
 * and everything else as it stands. `args` borrows from `login`; free both, also on failure.
 * E-USAGE, E-NOT-ALLOWED. */
enum rl_code rl_login_read(int argc, char *const *argv, struct rl_login *login,
                           struct rl_parsed *args, struct rl_err *err);
void rl_login_fini(struct rl_login *login);

/* Of the environment leave only what says how to show things and which site: the rest could have
 * libraries read files, or code, that the user of a locked console named. */
void rl_login_clean_environment(void);

/* Divide a line at blanks. '...' and "..." hold blanks together, a backslash takes the next
 * character's meaning away (in "..." only that of " and \). Nothing is expanded. Adds the words to
 * login; E-USAGE for a quote without end. */
enum rl_code rl_login_split(struct rl_login *login, const char *line, struct rl_err *err);

#endif
