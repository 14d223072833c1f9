/* Help and the list of messages, made from the tables and the ring of messages. */
#ifndef RL_CONSOLE_HELP_H
#define RL_CONSOLE_HELP_H

#include "console/ui.h"

/* What every key does in `view`; typing searches, Enter runs the line under the cursor. */
void ui_help_open(struct ui_view *view);

/* What was said at the foot of the screen, the newest first. */
void ui_messages_open(struct ui_app *app);

#endif
