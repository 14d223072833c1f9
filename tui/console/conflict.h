/* Somebody else saved what a form is about: before, theirs and yours beside each other. */
#ifndef RL_CONSOLE_CONFLICT_H
#define RL_CONSOLE_CONFLICT_H

#include "console/form.h"

/* Show it above the form. `theirs` is the OBJECT as it is now, borrowed. The form takes over what
 * was chosen when the page is left; nothing is merged that it did not show. */
void ui_conflict_open(struct ui_form *form, const json_t *theirs);

#endif
