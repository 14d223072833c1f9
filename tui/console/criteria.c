#include "console/criteria.h"

#include <string.h>
#include <strings.h>

const char *const ui_op_names[UI_OPS] = {
    [UI_OP_BEGINS] = "begins with",     [UI_OP_CONTAINS] = "contains", [UI_OP_IS] = "is exactly",
    [UI_OP_ENDS] = "ends with",         [UI_OP_BEFORE] = "is before",  [UI_OP_EMPTY] = "is empty",
    [UI_OP_NOT_EMPTY] = "is not empty",
};

bool ui_op_has_value(enum ui_op op)
{
    return op < UI_OP_EMPTY;
}

bool ui_criterion_holds(const struct ui_criterion *c, const char *text)
{
    size_t n = strlen(text), v = strlen(c->value);
    if (ui_op_has_value(c->op) && v == 0)
        return true;
    switch (c->op) {
    case UI_OP_BEGINS:
        return strncasecmp(text, c->value, v) == 0;
    case UI_OP_CONTAINS:
        return strcasestr(text, c->value) != NULL;
    case UI_OP_IS:
        return strcasecmp(text, c->value) == 0;
    case UI_OP_ENDS:
        return n >= v && strcasecmp(text + n - v, c->value) == 0;
    case UI_OP_BEFORE:
        return n > 0 && strcasecmp(text, c->value) < 0;
    case UI_OP_EMPTY:
        return n == 0;
    default:
        return n > 0;
    }
}
