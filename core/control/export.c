/* Export as CSV: the contract's columns in their order, then the object's other fields. */
#include <stdlib.h>
#include <string.h>

#include "control/objects.h"
#include "ringlock/csv.h"

enum { COLUMNS_MAX = 64 };

struct part {
    const struct rl_object *obj;
    int column[COLUMNS_MAX]; /* field of each */
    struct rl_buf *out;
    size_t left;
    char *last;
    bool more;
};

static void choose_columns(struct part *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->obj->nstored; i++)
        if (p->obj->fields[i].flags & RL_FF_CSV)
            p->column[n++] = (int)i;
    for (size_t i = 0; i < p->obj->nstored; i++)
        if (!(p->obj->fields[i].flags & RL_FF_CSV))
            p->column[n++] = (int)i;
}

static void add_header(struct part *p)
{
    const char *names[COLUMNS_MAX];
    for (size_t i = 0; i < p->obj->nstored; i++)
        names[i] = p->obj->fields[p->column[i]].name;
    rl_csv_line(p->out, names, p->obj->nstored);
}

static bool add_row(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct part *p = ctx;
    const char *values[COLUMNS_MAX];
    (void)trusted;
    if (!p->left--) {
        p->more = true;
        return false;
    }
    for (size_t i = 0; i < p->obj->nstored; i++) {
        bool secret = p->obj->fields[p->column[i]].kind == RL_F_SECRET;
        values[i] = secret ? "" : rl_row_get(row, p->column[i]);
    }
    rl_csv_line(p->out, values, p->obj->nstored);
    free(p->last);
    p->last = rl_strdup(rl_row_get(row, 0));
    return true;
}

enum rl_code rl_export_part(struct rl_store *store, enum rl_kind kind, const char *after_key,
                            size_t limit, struct rl_buf *out, char **last_key, struct rl_err *err)
{
    struct part p = {.obj = rl_object(kind), .out = out, .left = limit};
    struct rl_query q = {.kind = kind, .after_key = after_key, .limit = limit + 1};
    *last_key = NULL;
    choose_columns(&p);
    if (!after_key)
        add_header(&p);
    enum rl_code code = rl_store_list(store, &q, add_row, &p, err);
    if (!code && p.more)
        *last_key = p.last;
    else
        free(p.last);
    return code;
}
