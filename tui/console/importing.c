#include "console/importing.h"

#include <unistd.h>

#include "client/files.h"
#include "client/import.h"
#include "console/app.h"
#include "console/classes.h"
#include "console/dialog.h"
#include "ringlock/time.h"

enum { ROWS = 6, COLS = 60 };

struct importing {
    struct ui_view view;
    struct ui_view *owner; /* below */
    json_t *what;
    ui_imported_fn done;
    struct rl_importing *import; /* NULL once it has ended */
    struct rl_import_progress progress;
    int fd;
    bool stopping;
};

static void importing_draw(struct ui_view *view, struct ui_area area)
{
    struct importing *w = (struct importing *)view;
    struct rl_buf text = {0};
    int left;
    if (ui_is_young(w->progress.began_us / 1000))
        return;
    struct ui_area in = ui_box(area, ROWS, COLS, view->title, &left);
    rl_import_progress_text(&w->progress, &text);
    ui_put(in.top, left, in.cols, UI_NORMAL, rl_buf_str(&text));
    ui_put(in.top + 2, left, in.cols, UI_FAINT,
           w->stopping ? "Stopping ..." : "^C stops: then nothing is changed.");
    ui_cursor(in.top, left);
    rl_buf_fini(&text);
}

static void progressed(void *ctx, const struct rl_import_progress *progress)
{
    struct importing *w = ctx;
    w->progress = *progress;
    ui_changed(w->view.app);
}

static void ended(void *ctx, const json_t *result, const struct rl_err *err, const json_t *problems)
{
    struct importing *w = ctx;
    w->import = NULL;
    ui_close(&w->view);
    w->done(w->owner, w->what, result, err, problems);
}

static unsigned importing_stop(struct ui_view *view)
{
    struct importing *w = (struct importing *)view;
    if (w->import && !w->stopping)
        rl_import_stop(w->import);
    w->stopping = true;
    return UI_REDRAW;
}

static void importing_fini(struct ui_view *view)
{
    struct importing *w = (struct importing *)view;
    rl_import_forget(&w->import);
    if (w->fd >= 0)
        close(w->fd);
    json_decref(w->what);
}

/* clang-format off */
static const struct ui_action importing_actions[] = {
    {"importing-stop", "^C,Esc,q", "stop", "Stop the import; nothing of it is kept",
     0, UI_SAFE, importing_stop},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_importing_class = {
    .name = "importing",
    .actions = importing_actions,
    .overlay = true,
    .modal = true,
    .draw = importing_draw,
    .fini = importing_fini,
};

void ui_import(struct ui_view *owner, json_t *what, ui_imported_fn done)
{
    struct importing *w = rl_alloc(sizeof *w);
    struct rl_err err = {0};
    const char *path = ui_text_of(what, "path");
    struct rl_import_spec spec = {.kind = ui_text_of(what, "kind"),
                                  .name = rl_file_name(path),
                                  .fd = -1,
                                  .dry_run = json_is_true(json_object_get(what, "dry_run")),
                                  .ctx = w,
                                  .progress = progressed,
                                  .done = ended};
    ui_view_init(&w->view, owner->app, &ui_importing_class, NULL,
                 spec.dry_run ? "Checking" : "Importing");
    w->fd = -1;
    w->owner = owner;
    w->what = what;
    w->done = done;
    w->progress = (struct rl_import_progress){.began_us = rl_monotonic_us()};
    w->progress.dry_run = spec.dry_run;
    ui_push(owner->app, &w->view);
    if (rl_file_open(path, &spec.fd, &err) != RL_OK) {
        ended(w, NULL, &err, NULL);
        return;
    }
    w->fd = spec.fd;
    spec.accept = json_deep_copy(json_object_get(what, "accept"));
    w->import = rl_import_start(owner->app->client, &spec);
}
