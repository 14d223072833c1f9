/* From an object to what it depends on, and to what depends on it. */
#ifndef RL_CONSOLE_JUMP_H
#define RL_CONSOLE_JUMP_H

#include "console/criteria.h"
#include "console/ui.h"

/* One way from the object under the cursor, or shown. A screen's ways end with one without label.
 */
struct ui_jump {
    const char *label;  /* "Phones that have it" */
    const char *screen; /* where it leads */
    const char *from;   /* member of the object that names what is looked for */
    const char *field;  /* the list on `screen` is filtered by it; NULL: the object is opened */
    enum ui_op op;
    /* In place of screen and from: the name into `out`; gives the screen, static, or NULL if there
     * is nothing. May be NULL. */
    const char *(*find)(const json_t *object, struct rl_buf *out);
};

/* Action of lists and details: choose a way and go. */
unsigned ui_jump(struct ui_view *view);
/* See struct ui_view_class: the footer leaves the way out where no object leads to others. */
const char *ui_jump_label(struct ui_view *view, const struct ui_action *action);

#endif
