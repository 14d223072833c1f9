#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/classes.h"
#include "console/dialog.h"
#include "console/list.h"
#include "ringlock/text.h"

/* One request for each marked row, one after another: a layer of its own, which says how far it is
 * and lets it be stopped. */
enum { ROWS = 5, COLS = 50 };

struct batch {
    struct ui_view view;
    struct ui_list *list; /* below: whose rows are marked */
    const char *method;   /* static */
    json_t *ids;          /* an array, in the order they were marked */
    size_t at, done, refused;
    bool stopping;
    char last[512]; /* what was refused last */
};

static const char *id_at(const struct batch *b)
{
    return json_string_value(json_array_get(b->ids, b->at));
}

static void finish(struct batch *b)
{
    struct ui_app *app = b->view.app;
    size_t left = json_array_size(b->ids) - b->done - b->refused;
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%zu removed", b->done);
    if (b->refused)
        rl_buf_addf(&text, ", %zu refused", b->refused);
    if (left)
        rl_buf_addf(&text, ", %zu left", left);
    if (b->refused)
        rl_buf_addf(&text, ": %s", b->last);
    ui_say(app, b->refused || left ? "!!" : "i", "%s", rl_buf_str(&text));
    rl_buf_fini(&text);
    ui_load(&b->list->view);
    ui_close(&b->view);
}

static void ask_next(struct batch *b);

static void answered(struct ui_view *view, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    (void)result;
    (void)problems;
    struct batch *b = (struct batch *)view;
    const char *id = id_at(b);
    if (!err) {
        json_object_del(b->list->marks, id);
        b->done++;
    } else {
        snprintf(b->last, sizeof b->last, "%s %s %s", id, rl_code_info(err->code)->tag, err->text);
        ui_say(view->app, "!!", "refused: %s", b->last);
        b->refused++;
    }
    b->at++;
    bool lost = err && err->code == RL_E_NO_ENGINE;
    if (b->at < json_array_size(b->ids) && !lost && !b->stopping)
        ask_next(b);
    else
        finish(b);
}

static void ask_next(struct batch *b)
{
    ui_ask(&b->view, b->method,
           json_pack("{s:s,s:s}", "kind", b->list->spec->kind, "name", id_at(b)), answered);
}

static void batch_draw(struct ui_view *view, struct ui_area area)
{
    struct batch *b = (struct batch *)view;
    int left;
    struct ui_area in = ui_box(area, ROWS, COLS, view->title, &left);
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%zu of %zu  ", b->at + 1, json_array_size(b->ids));
    if (id_at(b))
        rl_text_safe(&text, id_at(b), strlen(id_at(b)));
    ui_put(in.top, left, in.cols, UI_NORMAL, rl_buf_str(&text));
    ui_put(in.top + 2, left, in.cols, UI_FAINT, "Esc stops: the rest stays marked.");
    ui_cursor(in.top, left);
    rl_buf_fini(&text);
}

/* The answer that is under way is waited for; pressed again, it is not. */
static unsigned batch_stop(struct ui_view *view)
{
    struct batch *b = (struct batch *)view;
    if (b->stopping) {
        ui_ask_drop(view);
        finish(b);
    }
    b->stopping = true;
    return UI_REDRAW;
}

static void batch_fini(struct ui_view *view)
{
    json_decref(((struct batch *)view)->ids);
}

/* clang-format off */
static const struct ui_action batch_actions[] = {
    {"batch-stop", "Esc,^C,q", "stop", "Stop; the rows that are left stay marked",
     0, UI_SAFE, batch_stop},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_batch_class = {
    .name = "batch",
    .actions = batch_actions,
    .overlay = true,
    .modal = true,
    .draw = batch_draw,
    .fini = batch_fini,
};

void ui_batch(struct ui_list *list, const char *method)
{
    struct batch *b = rl_alloc(sizeof *b);
    const char *id;
    json_t *mark;
    ui_view_init(&b->view, list->view.app, &ui_batch_class, NULL, "Removing");
    b->list = list;
    b->method = method;
    b->ids = json_array();
    json_object_foreach (list->marks, id, mark)
        json_array_append_new(b->ids, json_string(id));
    ui_push(list->view.app, &b->view);
    ask_next(b);
}
