/* Keys as the user has them: a table of actions says the default, a file of lines
 * "ACTION KEY [KEY ...]" may say others. One map in a process, empty until a file was read. */
#ifndef RL_CONSOLE_KEYMAP_H
#define RL_CONSOLE_KEYMAP_H

#include <stdbool.h>

#include "console/ui.h"

/* The keys that count for an action, divided by commas; NULL: from the palette only. Static until a
 * file is read. */
const char *ui_keys(const struct ui_action *action);

/* Told of a line that was not taken, so that the default stays: "FILE:LINE: why", safe text,
 * borrowed. */
typedef void (*ui_keymap_fn)(void *ctx, const char *text);

/* Take the keys of the file that counts, if there is one, in place of those read before:
 * $RINGLOCK_KEYS, else the user's, else that of the system; when `locked` only the last. A line
 * that names no action or no key, or a key that another action has where this one acts, is told and
 * not taken. */
void ui_keymap_start(bool locked, ui_keymap_fn told, void *ctx);

#endif
