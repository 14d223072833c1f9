/* Views of the console's lists: own ones, and those that all share. */
#include <stdlib.h>
#include <string.h>

#include "commands/fields.h"
#include "commands/object.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

/* ---- telling ---- */

static const json_t *spec_of(const json_t *view)
{
    return json_object_get(view, "view");
}

static char *filter_text(const json_t *view)
{
    struct rl_buf out = {0};
    size_t i;
    const json_t *c;
    json_array_foreach (json_object_get(spec_of(view), "criteria"), i, c)
        rl_buf_addf(&out, "%s%s %s%s%s", i ? "; " : "", rl_cmd_str(c, "field"), rl_cmd_str(c, "op"),
                    *rl_cmd_str(c, "value") ? " " : "", rl_cmd_str(c, "value"));
    char *text = rl_strdup(rl_buf_str(&out));
    rl_buf_fini(&out);
    return text;
}

static char *sort_text(const json_t *view)
{
    bool down = json_is_true(json_object_get(spec_of(view), "descending"));
    const char *field = rl_cmd_str(spec_of(view), "sort");
    return rl_asprintf("%s%s", field, *field && down ? " downwards" : "");
}

static char *columns_text(const json_t *view)
{
    return rl_cmd_text(json_object_get(spec_of(view), "columns"));
}

static const struct rl_column view_columns[] = {
    {"list",    "List",    0,            NULL        },
    {"name",    "View",    RL_COL_WHOLE, NULL        },
    {"shared",  "Shared",  0,            NULL        },
    {"filter",  "Filter",  0,            filter_text },
    {"sort",    "Sort",    0,            sort_text   },
    {"columns", "Columns", 0,            columns_text},
    {"updated", "Saved",   0,            NULL        },
};
enum { NCOLUMNS = sizeof view_columns / sizeof *view_columns };

/* A word of the command, in UTF-8; NULL when it was refused, which was told. */
static const char *word(struct rl_cli *cli, size_t at, const char *what, int *status)
{
    *status = rl_cli_need_utf8(cli, what, cli->args->arg[at]);
    return *status ? NULL : cli->args->arg[at];
}

/* The views of a list (NULL: of all), owned; NULL when the engine refused, which was told. */
static json_t *ask_views(struct rl_cli *cli, const char *list, int *status)
{
    json_t *answer;
    *status = rl_cli_ask(cli, "view.list", json_pack("{s:s*}", "list", list), &answer);
    json_t *rows = json_incref(json_object_get(answer, "rows"));
    json_decref(answer);
    return rows;
}

int rl_cmd_view_list(struct rl_cli *cli)
{
    int status = 0;
    const char *list = cli->args->nargs ? word(cli, 0, "the list", &status) : NULL;
    json_t *rows = status ? NULL : ask_views(cli, list, &status);
    if (rows)
        status = rl_cmd_rows(cli, view_columns, NCOLUMNS, rows);
    if (rows && json_array_size(rows) == 0 && cli->args->format == RL_PLAIN)
        rl_print_line(cli, "No view is kept.");
    json_decref(rows);
    return status;
}

static bool is_shared(const json_t *row)
{
    return json_is_true(json_object_get(row, "shared"));
}

/* The view that LIST NAME mean, owned; one's own before one that all share, unless that is asked
 * for. NULL, told, if there is none. */
static json_t *find(struct rl_cli *cli, bool shared, int *status)
{
    struct rl_err err;
    json_t *found = NULL, *row;
    size_t i;
    const char *list = word(cli, 0, "the list", status);
    const char *name = list ? word(cli, 1, "the view", status) : NULL;
    json_t *rows = name ? ask_views(cli, list, status) : NULL;
    json_array_foreach (rows, i, row)
        if (strcasecmp(rl_cmd_str(row, "name"), name) == 0 && is_shared(row) >= shared &&
            (!found || is_shared(row) == shared))
            found = row;
    json_incref(found);
    json_decref(rows);
    if (rows && !found) {
        rl_fail(&err, RL_E_NOT_FOUND, name, "There is no view \"%s\" of %s.", name, list);
        rl_err_remedy(&err, "See the views with: ringlock view list %s", list);
        *status = rl_cli_fail(cli, &err, NULL);
    }
    return found;
}

static bool asks_shared(const struct rl_cli *cli)
{
    return rl_parsed_option(cli->args, "shared") != NULL;
}

int rl_cmd_view_show(struct rl_cli *cli)
{
    int status;
    json_t *view = find(cli, asks_shared(cli), &status);
    bool plain = cli->args->format == RL_PLAIN && !cli->args->fields;
    if (view && cli->args->format == RL_JSON && !cli->args->fields)
        rl_print_json(view, false);
    else if (view && !plain)
        status = rl_cmd_row(cli, view_columns, NCOLUMNS, view);
    for (size_t i = 0; view && plain && i < NCOLUMNS; i++) {
        const struct rl_column *c = &view_columns[i];
        char *text = c->text ? c->text(view) : rl_cmd_text(json_object_get(view, c->key));
        rl_print_field(cli, c->title, text);
        free(text);
    }
    json_decref(view);
    return status;
}

/* ---- changing ---- */

/* --columns as the names of fields; NULL when one was refused, which was told. */
static json_t *read_columns(struct rl_cli *cli, const struct rl_object *obj, int *status)
{
    json_t *columns = json_array();
    const char *at = rl_parsed_option(cli->args, "columns"), *name;
    size_t n;
    while (at && rl_fields_next(&at, &name, &n)) {
        const char *field = rl_cmd_object_field_name(obj, name, n);
        if (!field) {
            *status =
                rl_cli_usage(cli, "There is no field \"%.*s\" of %s.", (int)n, name, obj->plural);
            json_decref(columns);
            return NULL;
        }
        json_array_append_new(columns, json_string(field));
    }
    return columns;
}

/* The view that the options tell; NULL when one was refused, which was told. */
static json_t *read_view(struct rl_cli *cli, const struct rl_object *obj, int *status)
{
    const char *sort = rl_parsed_option(cli->args, "sort");
    const char *field = sort ? rl_cmd_object_field_name(obj, sort, strlen(sort)) : NULL;
    if (sort && !field) {
        *status = rl_cli_usage(cli, "There is no field \"%s\" to sort %s by.", sort, obj->plural);
        return NULL;
    }
    json_t *columns = read_columns(cli, obj, status);
    json_t *criteria = columns ? rl_cmd_object_criteria(cli, obj, status) : NULL;
    if (!criteria) {
        json_decref(columns);
        return NULL;
    }
    return json_pack("{s:o, s:s, s:b, s:o}", "criteria", criteria, "sort",
                     field ? field : obj->fields[0].name, "descending",
                     rl_parsed_option(cli->args, "desc") != NULL, "columns", columns);
}

/* Ask for a change of the view LIST NAME, with what is in `more` (taken). */
static int change(struct rl_cli *cli, const char *method, bool shared, json_t *more)
{
    int status;
    const char *list = word(cli, 0, "the list", &status);
    const char *name = list ? word(cli, 1, "the view", &status) : NULL;
    if (name) {
        json_t *params = json_pack("{s:s, s:s, s:b}", "list", list, "name", name, "shared", shared);
        json_object_update(params, more);
        status = rl_cli_change(cli, method, params, NULL);
    }
    json_decref(more);
    return status;
}

int rl_cmd_view_save(struct rl_cli *cli)
{
    int status = 0;
    const struct rl_object *obj = rl_object_by_name(cli->args->arg[0]);
    json_t *view = read_view(cli, obj, &status);
    return view ? change(cli, "view.save", asks_shared(cli), json_pack("{s:o}", "view", view))
                : status;
}

int rl_cmd_view_rename(struct rl_cli *cli)
{
    int status;
    const char *to = word(cli, 2, "the new name", &status);
    return to ? change(cli, "view.rename", asks_shared(cli), json_pack("{s:s}", "to", to)) : status;
}

int rl_cmd_view_share(struct rl_cli *cli)
{
    int status;
    json_t *view = find(cli, false, &status);
    if (view)
        status = change(cli, "view.save", true, json_pack("{s:O}", "view", spec_of(view)));
    json_decref(view);
    return status;
}

int rl_cmd_view_remove(struct rl_cli *cli)
{
    return change(cli, "view.remove", asks_shared(cli), json_object());
}
