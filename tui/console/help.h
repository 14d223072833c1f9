/* Help and the list of messages, made from the tables and the ring of messages. */
#ifndef RL_CONSOLE_HELP_H
#define RL_CONSOLE_HELP_H

#include "console/ui.h"

/* What every key does in `view`; typing searches, Enter runs the line under the cursor. */
void ui_help_open(struct ui_view *view);

/* One action as help and the palette show it, into `out`: its keys, name, sentence, or why it
 * cannot be run now from `view`. `elsewhere`: the screen it has to be run on, or NULL. Returns the
 * style. */
unsigned ui_help_line(struct ui_view *view, const struct ui_action *action,
                      const struct ui_screen *elsewhere, struct rl_buf *out);
/* What stands in the last column of such a line: in full, for the status line. */
unsigned ui_help_sentence(struct ui_view *view, const struct ui_action *action,
                          const struct ui_screen *elsewhere, struct rl_buf *out);
/* The columns of such a line before the sentence. */
void ui_help_columns(const char *keys, const char *name, struct rl_buf *out);

/* What was said at the foot of the screen, the newest first. */
void ui_messages_open(struct ui_app *app);

#endif
