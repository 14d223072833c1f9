/* What saving a form will change, field by field, before it is saved. */
#ifndef RL_CONSOLE_REVIEW_H
#define RL_CONSOLE_REVIEW_H

#include "console/form.h"

/* Show it above the form, which stays as it is; says so where nothing is changed. */
void ui_review_open(struct ui_form *form);

#endif
