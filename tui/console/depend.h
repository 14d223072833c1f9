/* What depends on what is to be removed: told in the question, before any name is typed. */
#ifndef RL_CONSOLE_DEPEND_H
#define RL_CONSOLE_DEPEND_H

#include "console/ui.h"
#include "ringlock/model.h"

/* Ask the engine what depends on the marked rows, else on what is under the cursor; then ask the
 * question of the action (static). False if the view shows nothing that others can depend on. */
bool ui_depend_ask(struct ui_view *view, const struct ui_action *action);

/* "On it depend: 12 phones (A, B, C and 9 more). ...": what object.users_of answered (borrowed),
 * and what removing `n` objects of the kind does to that; appended. */
void ui_depend_text(enum rl_kind kind, size_t n, const json_t *answer, struct rl_buf *out);

#endif
