/* The words of the command line, read by the command table. */
#ifndef RL_COMMANDS_PARSE_H
#define RL_COMMANDS_PARSE_H

#include "commands/command.h"
#include "ringlock/err.h"

enum rl_format { RL_PLAIN, RL_JSON, RL_CSV };

struct rl_given {
    const char *name;  /* as in the table: of an option or of a field */
    const char *value; /* "" for an option that takes nothing */
    bool is_field;
};

/* Everything borrows from argv and the tables. */
struct rl_parsed {
    const struct rl_command *cmd; /* NULL: no noun */
    const char *noun;             /* also when it has no such verb */
    const char **arg;             /* owned array */
    size_t nargs;
    struct rl_given *given; /* owned array */
    size_t ngiven;
    const char *site, *socket, *color, *files, *fields;
    const char **accepted; /* owned array, ends with NULL */
    size_t naccepted;
    enum rl_format format;
    bool help, version, list_commands, list_keys, locked;
};

/* Read argv[1..]. Everything that is not in the tables is E-USAGE; `out` is then filled as far as
 * it was read, and freed with rl_parsed_fini all the same. The words from argv[typed] on are of a
 * user who is held to ringlock (login.h; argc: none are): what would lead out is E-NOT-ALLOWED. */
enum rl_code rl_parse_args(int argc, char *const *argv, int typed, struct rl_parsed *out,
                           struct rl_err *err);
void rl_parsed_fini(struct rl_parsed *p);

/* The last value given for an option of the command; NULL if it was not given. */
const char *rl_parsed_option(const struct rl_parsed *p, const char *name);

#endif
