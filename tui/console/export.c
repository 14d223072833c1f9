#include <stdlib.h>

#include "client/files.h"
#include "console/app.h"
#include "console/list_parts.h"
#include "ringlock/csv.h"

/* All rows that the filter gives, with the columns shown, as CSV. The file is there whole or not at
 * all. */
struct export
{
    struct rl_saving saving;
    enum rl_code code;
    struct rl_err err;
};

static void add_line(struct ui_list *list, struct export *x, const json_t *row)
{
    struct rl_buf line = {0}, cell = {0};
    for (size_t i = 0; i < list->nshow; i++) {
        rl_buf_clear(&cell);
        if (row)
            ui_list_cell(list, list->show[i], row, &cell);
        else
            rl_buf_adds(&cell, list->column[list->show[i]].key);
        if (i > 0)
            rl_buf_addc(&line, ',');
        rl_csv_field(&line, rl_buf_str(&cell));
    }
    rl_buf_adds(&line, "\r\n");
    x->code = rl_saving_add(&x->saving, line.data, line.len, &x->err);
    rl_buf_fini(&line);
    rl_buf_fini(&cell);
}

static bool export_row(struct ui_list *list, void *ctx, const json_t *row)
{
    struct export *x = ctx;
    add_line(list, x, row);
    return x->code == RL_OK;
}

static void export_done(struct ui_list *list, void *ctx, size_t n, bool whole)
{
    struct export *x = ctx;
    struct ui_app *app = list->view.app;
    if (whole)
        x->code = rl_saving_end(&x->saving, &x->err);
    rl_saving_drop(&x->saving);
    if (x->code != RL_OK)
        ui_say_error(app, &x->err);
    else if (whole)
        ui_say(app, "i", "%zu %s saved in %s", n, n == 1 ? list->spec->one : list->spec->many,
               app->save_path);
    else
        ui_say(app, "!", "stopped: nothing was saved in %s", app->save_path);
    free(x);
}

static unsigned export_begin(struct ui_view *view)
{
    struct ui_list *list = (struct ui_list *)view;
    struct export *x = rl_alloc(sizeof *x);
    const struct ui_walk walk = {"Saving as CSV", export_row, export_done, x};
    x->code = rl_saving_begin(view->app->save_path, view->app->save_over, &x->saving, &x->err);
    if (x->code == RL_OK)
        add_line(list, x, NULL);
    if (x->code == RL_OK)
        ui_list_walk(list, &walk);
    else
        export_done(list, x, 0, false);
    return UI_REDRAW;
}

unsigned ui_list_export(struct ui_view *view)
{
    char *name = rl_asprintf("%s.csv", view->screen ? view->screen->name : "rows");
    ui_save_named(view, name, export_begin);
    free(name);
    return UI_REDRAW;
}
