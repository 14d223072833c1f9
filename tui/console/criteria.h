/* Find and List criteria, as the engine takes them and as lists that are held here apply them.
 * Pure. */
#ifndef RL_CONSOLE_CRITERIA_H
#define RL_CONSOLE_CRITERIA_H

#include <stdbool.h>
#include <stddef.h>

enum { UI_CRITERIA_MAX = 6, UI_CRITERION_TEXT = 128 };

/* In the order administrators know. */
enum ui_op {
    UI_OP_BEGINS,
    UI_OP_CONTAINS,
    UI_OP_IS,
    UI_OP_ENDS,
    UI_OP_BEFORE,
    UI_OP_EMPTY,
    UI_OP_NOT_EMPTY,
    UI_OPS
};
extern const char *const ui_op_names[UI_OPS]; /* "begins with", ... */

struct ui_criterion {
    size_t field; /* index into the list's fields */
    enum ui_op op;
    char value[UI_CRITERION_TEXT];
};

/* True if the operator looks at the value. */
bool ui_op_has_value(enum ui_op op);

/* Without regard to ASCII case. An empty value holds for all texts. */
bool ui_criterion_holds(const struct ui_criterion *c, const char *text);

#endif
