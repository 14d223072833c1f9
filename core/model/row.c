#include "ringlock/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"

void rl_row_init(struct rl_row *row, const struct rl_object *obj)
{
    *row = (struct rl_row){.obj = obj, .value = rl_alloc(obj->nfields * sizeof(char *))};
}

void rl_row_defaults(struct rl_row *row)
{
    for (size_t i = 0; i < row->obj->nfields; i++)
        if (!*rl_row_get(row, (int)i) && row->obj->fields[i].def)
            rl_row_set(row, (int)i, row->obj->fields[i].def);
}

void rl_row_copy(struct rl_row *to, const struct rl_row *from)
{
    rl_row_init(to, from->obj);
    to->id = from->id;
    to->rev = from->rev;
    for (size_t i = 0; i < from->obj->nfields; i++)
        to->value[i] = rl_strdup(from->value[i]);
}

void rl_row_fini(struct rl_row *row)
{
    if (!row->value)
        return;
    for (size_t i = 0; i < row->obj->nfields; i++)
        free(row->value[i]);
    free(row->value);
    *row = (struct rl_row){0};
}

const char *rl_row_get(const struct rl_row *row, int field)
{
    return row->value[field] ? row->value[field] : "";
}

void rl_row_set(struct rl_row *row, int field, const char *value)
{
    char *copy = rl_strdup(value);
    free(row->value[field]);
    row->value[field] = copy;
}

bool rl_row_is(const struct rl_row *row, int field, const char *text)
{
    return !strcmp(rl_row_get(row, field), text);
}

bool rl_row_yes(const struct rl_row *row, int field)
{
    return rl_row_is(row, field, "yes");
}

void rl_row_problem(struct rl_problems *problems, const struct rl_row *row, int field,
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
