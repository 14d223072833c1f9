#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "console/app.h"

/* Files that people name to save in. */
static ui_confirm_fn waiting; /* what runs once the file is named; one question at a time */

static unsigned named(struct ui_view *view, const char *path)
{
    struct ui_app *app = view->app;
    if (!path || !*path)
        return UI_REDRAW;
    free(app->save_path);
    app->save_path = rl_strdup(path);
    app->save_over = rl_file_is_there(path);
    if (!app->save_over)
        return waiting(view);
    char *text = rl_asprintf("There is a file %s already. Replace it?", path);
    ui_confirm(view, "Replace", text, NULL, waiting);
    free(text);
    return UI_REDRAW;
}

static const struct ui_prompt_spec path_prompt = {
    .label = "save in", .done = named, .complete = ui_prompt_file, .names = ui_prompt_files};

void ui_save_named(struct ui_view *view, const char *name, ui_confirm_fn fn)
{
    waiting = fn;
    ui_prompt(view, &path_prompt, name);
}

static unsigned write_page(struct ui_view *view)
{
    struct rl_saving saving;
    struct rl_buf text = {0};
    struct rl_err err;
    view->class->text(view, &text);
    enum rl_code code = rl_saving_begin(view->app->save_path, view->app->save_over, &saving, &err);
    if (code == RL_OK)
        code = rl_saving_add(&saving, rl_buf_str(&text), text.len, &err);
    if (code == RL_OK)
        code = rl_saving_end(&saving, &err);
    rl_saving_drop(&saving);
    if (code != RL_OK)
        ui_say_error(view->app, &err);
    else
        ui_say(view->app, "i", "saved in %s", view->app->save_path);
    rl_buf_fini(&text);
    return UI_REDRAW;
}

unsigned ui_save_page(struct ui_view *view)
{
    if (!view->class->text) {
        ui_say(view->app, "i", "there is nothing to save here");
        return UI_REDRAW;
    }
    char *name = rl_asprintf("%s.txt", view->screen ? view->screen->name : "ringlock");
    ui_save_named(view, name, write_page);
    free(name);
    return UI_REDRAW;
}
