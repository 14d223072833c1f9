#include "policy/problem.h"

#include <stdarg.h>
#include <stdio.h>

void rl_policy_problem(struct rl_problems *problems, const struct rl_row *row, int field,
                       enum rl_code code, const char *fmt, ...)
{
    struct rl_err err;
    char text[sizeof err.text], object[sizeof err.object];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    snprintf(object, sizeof object, "%s %s", row->obj->name, rl_row_get(row, 0));
    rl_fail_field(&err, code, object, row->obj->fields[field].name, "%s", text);
    rl_problems_add(problems, &err);
}
