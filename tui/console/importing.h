/* An import under way: a layer that says how far it is and lets it be stopped. */
#ifndef RL_CONSOLE_IMPORTING_H
#define RL_CONSOLE_IMPORTING_H

#include "console/ui.h"

/* What is imported: {"kind": "phones", "path": as it was typed, "dry_run", "accept": [code]}. The
 * end is told once, above `owner`, as rl_import_spec's `done`; `what` is taken, and borrowed there.
 * A file that cannot be opened is told at once. */
typedef void (*ui_imported_fn)(struct ui_view *owner, const json_t *what, const json_t *result,
                               const struct rl_err *err, const json_t *problems);
void ui_import(struct ui_view *owner, json_t *what, ui_imported_fn done);

#endif
