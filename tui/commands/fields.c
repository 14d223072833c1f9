#include "commands/fields.h"

#include <stdlib.h>
#include <string.h>

#include "commands/object.h"
#include "ringlock/buf.h"

bool rl_fields_next(const char **at, const char **name, size_t *n)
{
    *at += strspn(*at, ", ");
    *name = *at;
    *n = strcspn(*at, ", ");
    *at += *n;
    return *n > 0;
}

bool rl_fields_same(const char *name, size_t n, const char *field)
{
    for (size_t i = 0; i < n; i++)
        if (field[i] == '\0' || (name[i] == '-' ? '_' : name[i]) != field[i])
            return false;
    return n > 0 && field[n] == '\0';
}

/* ---- columns ---- */

static const struct rl_column *find_column(const struct rl_cli *cli, const struct rl_column *column,
                                           size_t ncolumns, const char *name, size_t n)
{
    unsigned not_ours = cli->args->format == RL_PLAIN ? RL_COL_DATA : RL_COL_PLAIN;
    const struct rl_column *found = NULL;
    for (size_t i = 0; i < ncolumns; i++) {
        if (!rl_fields_same(name, n, column[i].key))
            continue;
        if (!(column[i].flags & not_ours))
            return &column[i];
        found = &column[i];
    }
    return found;
}

static int refuse(struct rl_cli *cli, const char *name, size_t n, struct rl_buf *there)
{
    int status = rl_cli_usage(cli, "--fields: there is no \"%.*s\" here, but %s.",
                              (int)(n < 60 ? n : 60), name, rl_buf_str(there));
    rl_buf_fini(there);
    return status;
}

/* Each name once, in their order. */
static void list_columns(const struct rl_column *column, size_t n, struct rl_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < i && strcmp(column[k].key, column[i].key) != 0)
            k++;
        if (k == i)
            rl_buf_addf(out, "%s%s", i ? ", " : "", column[i].key);
    }
}

int rl_fields_columns(struct rl_cli *cli, const struct rl_column *column, size_t ncolumns,
                      struct rl_column **chosen, size_t *nchosen)
{
    const char *at = cli->args->fields, *name;
    size_t n;
    *chosen = NULL;
    *nchosen = 0;
    while (at && rl_fields_next(&at, &name, &n)) {
        const struct rl_column *found = find_column(cli, column, ncolumns, name, n);
        if (!found) {
            struct rl_buf there = {0};
            list_columns(column, ncolumns, &there);
            free(*chosen);
            *chosen = NULL;
            return refuse(cli, name, n, &there);
        }
        *chosen = rl_realloc(*chosen, (*nchosen + 1) * sizeof **chosen);
        (*chosen)[*nchosen] = *found;
        (*chosen)[(*nchosen)++].flags &= (unsigned)~(RL_COL_PLAIN | RL_COL_DATA);
    }
    return at && !*chosen ? rl_cli_usage(cli, "--fields names no field.") : 0;
}

/* ---- one document ---- */

/* The members that were asked for, in their order: new; NULL, told, if there is none of a name. */
static json_t *choose(struct rl_cli *cli, const json_t *document, int *status)
{
    json_t *out = json_object(), *value;
    const char *at = cli->args->fields, *name, *key;
    size_t n;
    while (rl_fields_next(&at, &name, &n)) {
        bool found = false;
        struct rl_buf there = {0};
        json_object_foreach ((json_t *)document, key, value) {
            rl_buf_addf(&there, "%s%s", there.len ? ", " : "", key);
            if (rl_fields_same(name, n, key)) {
                json_object_set(out, key, value);
                found = true;
            }
        }
        if (!found) {
            json_decref(out);
            *status = refuse(cli, name, n, &there);
            return NULL;
        }
        rl_buf_fini(&there);
    }
    return out;
}

static void print_member(const struct rl_cli *cli, const char *key, const json_t *value,
                         const struct rl_object *obj)
{
    int field = obj ? rl_field_index(obj, key) : -1;
    char *text = field < 0 ? rl_cmd_text(value) : rl_cmd_shown(&obj->fields[field], value);
    rl_print_field(cli, field < 0 ? key : obj->fields[field].label, text);
    free(text);
}

bool rl_fields_document(struct rl_cli *cli, const json_t *document, const struct rl_object *obj,
                        int *status)
{
    const char *key;
    const json_t *value;
    *status = 0;
    if (!cli->args->fields || cli->args->format == RL_CSV)
        return false;
    json_t *chosen = choose(cli, document, status);
    if (chosen && cli->args->format == RL_JSON)
        rl_print_json(chosen, false);
    else
        json_object_foreach (chosen, key, value)
            print_member(cli, key, value, obj);
    json_decref(chosen);
    return true;
}
