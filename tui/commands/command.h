/* What people and scripts type: one table of commands, read by dispatch, help, usage errors,
 * completion and the test of the man page. */
#ifndef RL_COMMANDS_COMMAND_H
#define RL_COMMANDS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "ringlock/model.h"

struct rl_cli;

struct rl_option {
    const char *name; /* without the dashes */
    const char *arg;  /* what it takes, for the help; NULL = takes nothing */
    const char *help;
    bool many; /* may be given more than once */
};

enum rl_command_flag {
    RL_CMD_LOCAL = 1 << 0,   /* needs no engine */
    RL_CMD_READ = 1 << 1,    /* takes --csv */
    RL_CMD_FIELDS = 1 << 2,  /* takes --FIELD VALUE for the writable fields of its kind */
    RL_CMD_TEXT = 1 << 3,    /* prints one form only: no --json */
    RL_CMD_OUTSIDE = 1 << 4, /* reaches beyond engine and files: not for a locked console */
};

struct rl_command {
    const char *noun;
    const char *verb; /* NULL: the noun is the whole command */
    const char *args; /* "NAME", "KIND FILE", "FILE...", "[NOUN]", "mixed|nonsecure", or "" */
    unsigned flags;   /* rl_command_flag */
    enum rl_kind kind;
    const struct rl_option *options; /* ends with a name of NULL; may be NULL */
    int (*run)(struct rl_cli *cli);  /* exit status */
    const char *help;                /* one line */
};

/* All commands, in the order of the help. Static; ends with a noun of NULL. */
extern const struct rl_command rl_commands[];
/* Options that every command takes. Static; ends with a name of NULL. */
extern const struct rl_option rl_global_options[];

/* The command of these words; verb may be NULL. NULL if there is none. */
const struct rl_command *rl_command_find(const char *noun, const char *verb);
bool rl_command_is_noun(const char *noun);

/* The field that an option of an add or set command means ("digest-user" or "digest_user");
 * NULL if there is none that may be written. */
const struct rl_field *rl_command_field(const struct rl_command *cmd, const char *option);

#endif
