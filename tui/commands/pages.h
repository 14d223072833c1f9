/* Lists that the engine gives in parts. */
#ifndef RL_COMMANDS_PAGES_H
#define RL_COMMANDS_PAGES_H

#include "commands/output.h"

struct rl_pages {
    const char *method;
    json_t *params;   /* taken; "limit" is set for each part */
    const char *rows; /* the member of the answer that has them; NULL: "rows" */
    const struct rl_column *column;
    size_t ncolumns;
    /* Put into params where the part after `last` begins. NULL: there is one part only. */
    void (*next)(json_t *params, const json_t *last, const void *ctx);
    const void *ctx;
    /* The row as it is printed, new; NULL: as it came. */
    json_t *(*row)(const json_t *object);
    const char *none; /* what people are told where there is no row; NULL: nothing */
};

/* Print all parts, at most --limit rows. Returns the exit status. */
int rl_cmd_pages(struct rl_cli *cli, const struct rl_pages *pages);

#endif
