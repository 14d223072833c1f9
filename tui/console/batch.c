#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/classes.h"
#include "console/dialog.h"
#include "console/list.h"
#include "ringlock/text.h"

/* One request for each object, one after another: a layer of its own, which says how far it is and
 * lets it be stopped. What is refused for warnings alone is asked for again, once they were read.
 */
enum { ROWS = 5, COLS = 50, WARNINGS_SHOWN = 3 };

struct batch {
    struct ui_view view;
    struct ui_view *owner; /* below: whose rows or object they are */
    const char *kind;      /* static */
    json_t *ids;           /* an array, in the order they were marked */
    json_t *warned;        /* those of them that wait for a yes */
    json_t *accept;        /* the codes of their warnings */
    struct rl_buf about;   /* what the warnings say */
    size_t at, done, refused;
    bool accepting, stopping;
    struct rl_err last; /* of what was refused last */
    char last_id[256];
};

static const char *id_at(const struct batch *b)
{
    return json_string_value(json_array_get(b->ids, b->at));
}

static void say_one(struct batch *b)
{
    if (b->refused)
        ui_say_error(b->view.app, &b->last);
    else if (b->done)
        ui_say(b->view.app, "i", "Delete successful: %s",
               json_string_value(json_array_get(b->ids, 0)));
}

static void say_many(struct batch *b, size_t left)
{
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%zu removed", b->done);
    if (b->refused)
        rl_buf_addf(&text, ", %zu refused", b->refused);
    if (left)
        rl_buf_addf(&text, ", %zu left", left);
    if (b->refused)
        rl_buf_addf(&text, ": %s %s %s", b->last_id, rl_code_info(b->last.code)->tag, b->last.text);
    ui_say(b->view.app, b->refused || left ? "!!" : "i", "%s", rl_buf_str(&text));
    rl_buf_fini(&text);
}

/* Of one object shown in full, its detail closes too. */
static void finish(struct batch *b)
{
    struct ui_view *below = b->owner;
    size_t left = json_array_size(b->ids) - b->at + json_array_size(b->warned);
    if (b->done + b->refused + left == 1)
        say_one(b);
    else
        say_many(b, left);
    ui_close(&b->view);
    if (below->class != &ui_list_class && b->done && below->below) {
        ui_close(below);
        below = below->below;
    }
    ui_load(below);
}

static void ask_next(struct batch *b);

static unsigned go_on(struct ui_view *view)
{
    struct batch *b = (struct batch *)view;
    json_decref(b->ids);
    b->ids = b->warned;
    b->warned = json_array();
    b->at = 0;
    b->accepting = true;
    ask_next(b);
    return UI_REDRAW;
}

static unsigned leave_it(struct ui_view *view)
{
    finish((struct batch *)view);
    return UI_REDRAW;
}

/* Warnings are shown; going on takes the name, or the number, once more (R31, tui.md A10). */
static void ask_to_go_on(struct batch *b)
{
    size_t n = json_array_size(b->warned);
    if (n > WARNINGS_SHOWN)
        rl_buf_addf(&b->about, "and %zu more\n\n", n - WARNINGS_SHOWN);
    rl_buf_adds(&b->about, "Remove all the same? The answer is kept in the audit log.");
    if (n == 1)
        ui_confirm(&b->view, "remove", rl_buf_str(&b->about),
                   json_string_value(json_array_get(b->warned, 0)), go_on);
    else
        ui_confirm_count(&b->view, "remove", rl_buf_str(&b->about), n, go_on);
    ui_confirm_else(&b->view, leave_it);
}

static void keep_warnings(struct batch *b, const json_t *problems)
{
    const json_t *problem;
    size_t i;
    json_array_append_new(b->warned, json_string(id_at(b)));
    json_array_foreach (problems, i, problem) {
        const char *code = ui_text_of(problem, "code");
        json_array_append_new(b->accept, json_string(code));
        if (json_array_size(b->warned) <= WARNINGS_SHOWN)
            rl_buf_addf(&b->about, "%s: %s\n%s\n\n", code, ui_text_of(problem, "message"),
                        ui_text_of(problem, "remedy"));
    }
}

static void refuse(struct batch *b, const struct rl_err *err)
{
    snprintf(b->last_id, sizeof b->last_id, "%s", id_at(b));
    b->last = *err;
    b->refused++;
    if (json_array_size(b->ids) > 1)
        ui_say(b->view.app, "!!", "refused: %s %s %s", b->last_id, rl_code_info(err->code)->tag,
               err->text);
}

static void answered(struct ui_view *view, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    (void)result;
    struct batch *b = (struct batch *)view;
    if (err && rl_code_is_warning(err->code) && !b->accepting)
        keep_warnings(b, problems);
    else if (err)
        refuse(b, err);
    else
        b->done++;
    if (!err && b->owner->class == &ui_list_class)
        json_object_del(((struct ui_list *)b->owner)->marks, id_at(b));
    b->at++;
    bool lost = err && err->code == RL_E_NO_ENGINE;
    if (b->at < json_array_size(b->ids) && !lost && !b->stopping)
        ask_next(b);
    else if (json_array_size(b->warned) > 0 && !lost && !b->stopping)
        ask_to_go_on(b);
    else
        finish(b);
}

static void ask_next(struct batch *b)
{
    json_t *params = json_pack("{s:s,s:s}", "kind", b->kind, "name", id_at(b));
    if (b->accepting)
        json_object_set(params, "accept", b->accept);
    ui_ask(&b->view, "object.remove", params, answered);
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
    struct batch *b = (struct batch *)view;
    json_decref(b->ids);
    json_decref(b->warned);
    json_decref(b->accept);
    rl_buf_fini(&b->about);
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

void ui_remove(struct ui_view *owner, const char *kind, json_t *ids)
{
    struct batch *b = rl_alloc(sizeof *b);
    ui_view_init(&b->view, owner->app, &ui_batch_class, NULL, "Removing");
    b->owner = owner;
    b->kind = kind;
    b->ids = ids;
    b->warned = json_array();
    b->accept = json_array();
    ui_push(owner->app, &b->view);
    ask_next(b);
}
