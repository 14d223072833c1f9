#include <string.h>

#include "console/bulk.h"
#include "console/classes.h"
#include "console/dialog.h"

/* What came of the last act on many objects, kept until the next one. */
struct results {
    struct ui_bulk bulk;
    json_t *rows;
};
static struct results last;

static unsigned result_style(const json_t *row)
{
    const char *result = ui_text_of(row, "result");
    return strcmp(result, "refused") == 0   ? UI_ERROR
           : strcmp(result, "unknown") == 0 ? UI_WARNING
                                            : UI_NORMAL;
}

static const struct ui_column results_columns[] = {
    {"id",     "Object",   15, 20, 1, UI_LEFT, NULL, NULL,         true},
    {"result", "Result",   7,  8,  1, UI_LEFT, NULL, result_style, true},
    {"code",   "Code",     14, 20, 1, UI_LEFT, NULL, NULL,         true},
    {"text",   "Sentence", 10, 40, 2, UI_LEFT, NULL, NULL,         true},
    {"remedy", "Remedy",   30, 40, 9, UI_LEFT, NULL, NULL,         true},
};

static bool has_result(const json_t *row, const char *result)
{
    return strcmp(ui_text_of(row, "result"), result) == 0;
}

static bool is_done(const json_t *row)
{
    return has_result(row, "changed") || has_result(row, "removed") || has_result(row, "ordered") ||
           has_result(row, "taken back");
}

/* What needs somebody leads. */
static void results_load(struct ui_list *list)
{
    static const char *const order[] = {"refused", "unknown", "left",      "changed",
                                        "removed", "ordered", "taken back"};
    json_t *sorted = json_array(), *row;
    size_t i;
    for (size_t o = 0; o < sizeof order / sizeof order[0]; o++)
        json_array_foreach (last.rows, i, row)
            if (has_result(row, order[o]))
                json_array_append(sorted, row);
    ui_list_fill(list, sorted);
    json_decref(sorted);
}

static void results_status(struct ui_list *list, struct rl_buf *out)
{
    const char *remedy = ui_text_of(ui_list_row(list), "remedy");
    rl_buf_adds(out, *remedy ? remedy : "Enter opens the object.");
}

static void results_summary(struct ui_list *list, struct rl_buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < list->nrows; i++)
        n += !is_done(list->row[i].json);
    rl_buf_addf(out, "%zu of %zu not done", n, list->nrows);
}

static const struct ui_list_spec results_spec = {
    .one = "result",
    .many = "results",
    .empty = "Nothing was done to many objects yet: mark some, then D or F.",
    .columns = results_columns,
    .ncolumns = sizeof results_columns / sizeof results_columns[0],
    .id = "id",
    .paging = UI_AT_ONCE,
    .load = results_load,
    .summary = results_summary,
    .status = results_status,
};

struct ui_list *ui_results_list(struct ui_view *view, const char *kind)
{
    for (; view; view = view->below) {
        struct ui_list *list = (struct ui_list *)view;
        if (view->class == &ui_list_class && list->spec->kind &&
            strcmp(list->spec->kind, kind) == 0)
            return list;
    }
    return NULL;
}

static unsigned results_object(struct ui_view *view)
{
    if (!ui_open(view->app, last.bulk.kind, view->class->object(view)))
        ui_say(view->app, "i", "nothing opens from this line");
    return UI_REDRAW;
}

/* Names of what was refused, left, or is not known; an array, owned. */
static json_t *not_done(void)
{
    json_t *ids = json_array(), *row;
    size_t i;
    json_array_foreach (last.rows, i, row)
        if (!is_done(row))
            json_array_append(ids, json_object_get(row, "id"));
    return ids;
}

static unsigned retry_confirmed(struct ui_view *view)
{
    struct ui_bulk again = {.kind = last.bulk.kind,
                            .ids = not_done(),
                            .values = json_incref(last.bulk.values),
                            .method = last.bulk.method,
                            .did = last.bulk.did};
    ui_batch(view, &again);
    return UI_REDRAW;
}

static unsigned results_retry(struct ui_view *view)
{
    json_t *ids = not_done();
    size_t n = json_array_size(ids);
    struct rl_buf text = {0};
    json_decref(ids);
    if (n == 0) {
        ui_say(view->app, "i", "all were done: there is nothing to try again");
        return UI_REDRAW;
    }
    if (last.bulk.values)
        return retry_confirmed(view);
    rl_buf_addf(&text, "Remove what was refused, left or is not known: %zu of the list?", n);
    ui_confirm(view, "Remove", rl_buf_str(&text), NULL, retry_confirmed);
    rl_buf_fini(&text);
    return UI_REDRAW;
}

static unsigned results_mark(struct ui_view *view)
{
    struct ui_list *list = last.bulk.kind ? ui_results_list(view, last.bulk.kind) : NULL;
    json_t *ids = not_done(), *id;
    size_t i;
    if (list) {
        json_array_foreach (ids, i, id)
            json_object_set_new(list->marks, json_string_value(id), json_true());
        ui_say(view->app, "i", "%zu marked", json_array_size(ids));
    } else {
        ui_say(view->app, "i", "the list that they were marked in is closed");
    }
    json_decref(ids);
    return list ? UI_POP : UI_REDRAW;
}

/* clang-format off */
static const struct ui_action results_actions[] = {
    {"result-open", "Enter", "open", "Open the object of the line",
     UI_NEED_ROW, UI_SAFE, results_object},
    {"results-retry", "R", "retry what failed", "Try again what was refused, left or is not known",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_ASKS_SELF, results_retry},
    {"results-mark", "m", "mark them", "Mark what was refused, left or is not known, in the list",
     0, UI_SAFE, results_mark},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *results_new(struct ui_app *app, const struct ui_screen *screen,
                                   const char *object)
{
    (void)object;
    struct ui_list *list = ui_list_new(app, screen, &results_spec);
    results_load(list); /* also when the engine has gone */
    return &list->view;
}

const struct ui_screen results_screen = {
    .name = "results",
    .title = "Results",
    .about = "What came of the last act on many objects, what was refused leading: why, and what "
             "helps. R tries that again; the page can be copied, saved and exported.",
    .actions = results_actions,
    .class = &ui_list_class,
    .open = results_new,
};

void ui_results_open(struct ui_app *app, struct ui_bulk *bulk, json_t *rows)
{
    ui_bulk_fini(&last.bulk);
    json_decref(last.rows);
    last = (struct results){.bulk = *bulk, .rows = rows};
    *bulk = (struct ui_bulk){0};
    ui_open(app, results_screen.name, "");
}
