/* The console as its caller sees it. */
#ifndef RL_CONSOLE_CONSOLE_H
#define RL_CONSOLE_CONSOLE_H

#include <stdio.h>

#include "client/client.h"
#include "console/term.h"

struct rl_console_options {
    enum ui_color color; /* NO_COLOR counts with UI_COLOR_AUTO */
    bool locked;         /* ForceCommand: no suspending, no files written */
};

/* Run the console until it is left; returns the exit status (2: no usable terminal). */
int rl_console_main(const struct rl_client_config *config,
                    const struct rl_console_options *options);

/* Every key of every screen, one a line: screen, action, keys, label, sentence, divided by tabs.
 * The file of keys counts as in the console; what is wrong with it is told on standard error. */
void rl_console_list_keys(FILE *out, bool locked);

#endif
