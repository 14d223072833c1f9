/* Import of objects from CSV files. */
#ifndef RL_SCREENS_IMPORT_H
#define RL_SCREENS_IMPORT_H

#include "console/detail.h"

/* Ask for a file and how to take it, import it into the kind of the list, show what came of it. See
 * struct ui_action. */
unsigned objects_import(struct ui_view *view);

/* Lines of problems, each with its code, its sentence and its remedy; those of a line of `file`
 * (may be NULL) lead with it. */
void import_problems(const json_t *problems, const char *file, struct ui_lines *out);

#endif
