/* The command palette: actions and screens by name. */
#ifndef RL_CONSOLE_COMMAND_H
#define RL_CONSOLE_COMMAND_H

#include "console/ui.h"

/* Open it over `view`, whose actions it offers beside those of everywhere. */
void ui_command_open(struct ui_view *view);

#endif
