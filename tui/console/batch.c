#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/app.h"
#include "console/bulk.h"
#include "console/classes.h"
#include "console/dialog.h"
#include "console/undo.h"
#include "ringlock/text.h"

/* Many objects in parts, one after another: a layer of its own, which says how far it is and lets
 * it be stopped. What is refused for warnings alone is asked for again, once they were read. */
enum { ROWS = 5, COLS = 50, WARNINGS_SHOWN = 3, PART = 100 };

struct batch {
    struct ui_view view;
    struct ui_view *owner; /* below: whose rows or object they are */
    struct ui_bulk bulk;
    json_t *todo;        /* names, an array: of this round */
    json_t *warned;      /* those of them that wait for a yes */
    json_t *accept;      /* the codes of their warnings */
    json_t *rows;        /* results so far */
    struct rl_buf about; /* what the warnings say */
    size_t at, asked;    /* in todo: those before were answered; how many are under way */
    int64_t began_ms;
    size_t done, refused, unknown;
    bool accepting, stopping;
    bool strings; /* results tell what has to be read */
};

void ui_bulk_fini(struct ui_bulk *bulk)
{
    json_decref(bulk->ids);
    json_decref(bulk->values);
    *bulk = (struct ui_bulk){0};
}

json_t *ui_bulk_ids(struct ui_view *view)
{
    json_t *ids = json_array(), *mark;
    const char *id;
    if (view->class == &ui_list_class)
        json_object_foreach (((struct ui_list *)view)->marks, id, mark)
            json_array_append_new(ids, json_string(id));
    if (json_array_size(ids) == 0)
        json_array_append_new(ids, json_string(view->class->object(view)));
    return ids;
}

static const char *name_at(const json_t *names, size_t i)
{
    return json_string_value(json_array_get(names, i));
}

static const char *verb(const struct batch *b)
{
    return b->bulk.did ? b->bulk.did : b->bulk.values ? "changed" : "removed";
}

static void add_result(struct batch *b, const char *id, const char *result, const char *code,
                       const char *text, const char *remedy)
{
    json_array_append_new(b->rows, json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", id, "result", result,
                                             "code", code, "text", text, "remedy", remedy));
}

static void add_left(struct batch *b, const json_t *names, size_t from)
{
    for (size_t i = from; i < json_array_size(names); i++)
        add_result(b, name_at(names, i), "left", "", "It was not tried: stopped before.", "");
}

/* Asked for, and nobody knows what came of it: the engine may have done it and not said so. */
static void add_unknown(struct batch *b, const char *code, const char *text)
{
    for (; b->asked > 0; b->asked--, b->unknown++)
        add_result(b, name_at(b->todo, b->at++), "unknown", code, text,
                   "Look at it, or try again: what is done already is not done twice.");
}

bool ui_bulk_undoes(const char *kind)
{
    return strcmp(kind, "type") && strcmp(kind, "user");
}

static void say_one(struct batch *b)
{
    const json_t *row = json_array_get(b->rows, 0);
    if (b->done && b->bulk.did)
        ui_say(b->view.app, "i", "%s: %s", ui_text_of(row, "id"), b->bulk.did);
    else if (b->done)
        ui_say(b->view.app, "i", "%s successful: %s%s", b->bulk.values ? "Update" : "Delete",
               ui_text_of(row, "id"), ui_bulk_undoes(b->bulk.kind) ? UI_UNDOES : "");
    else
        ui_say(b->view.app, "!!", "%s%s%s", ui_text_of(row, "code"),
               *ui_text_of(row, "code") ? ": " : "", ui_text_of(row, "text"));
}

static void say_many(struct batch *b, const char *what)
{
    size_t n = json_array_size(b->rows), left = n - b->done - b->refused - b->unknown;
    const struct {
        size_t n;
        const char *word;
    } parts[] = {
        {b->refused, "refused"},
        {b->unknown, "unknown"},
        {left,       "left"   }
    };
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%zu %s", b->done, what);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].n)
            rl_buf_addf(&text, ", %zu %s", parts[i].n, parts[i].word);
    bool all = b->done == n;
    ui_say(b->view.app, all ? "i" : "!!", "%s%s", rl_buf_str(&text),
           all ? "" : ": R tries these again");
    rl_buf_fini(&text);
}

/* Of one object shown in full, its detail closes when it is gone; a page of results gives way to
 * the new one. */
static void close_owner(struct batch *b)
{
    struct ui_view *below = b->owner;
    bool shown_in_full = below->class != &ui_list_class && b->done && !b->bulk.values;
    if ((shown_in_full || below->screen == &results_screen) && below->below) {
        ui_close(below);
        below = below->below;
    }
    ui_load(below);
}

static void finish(struct batch *b)
{
    bool again = b->owner->screen == &results_screen;
    add_left(b, b->todo, b->at);
    add_left(b, b->warned, 0);
    ui_close(&b->view);
    close_owner(b);
    if (json_array_size(b->rows) > 1 || again || b->strings) {
        const char *what = verb(b);
        ui_results_open(b->view.app, &b->bulk, json_incref(b->rows));
        say_many(b, what);
    } else {
        say_one(b);
    }
}

static void ask_next(struct batch *b);

static unsigned go_on(struct ui_view *view)
{
    struct batch *b = (struct batch *)view;
    json_decref(b->todo);
    b->todo = b->warned;
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
    const char *what = b->bulk.values ? "change" : "remove";
    if (n > WARNINGS_SHOWN)
        rl_buf_addf(&b->about, "and %zu more\n\n", n - WARNINGS_SHOWN);
    rl_buf_addf(&b->about, "%s all the same? The answer is kept in the audit log.",
                b->bulk.values ? "Change" : "Remove");
    if (n == 1)
        ui_confirm(&b->view, what, rl_buf_str(&b->about), name_at(b->warned, 0), go_on);
    else
        ui_confirm_count(&b->view, what, rl_buf_str(&b->about), n, go_on);
    ui_confirm_else(&b->view, leave_it);
}

static void keep_warning(struct batch *b, const json_t *problem)
{
    const char *code = ui_text_of(problem, "code");
    json_array_append_new(b->accept, json_string(code));
    if (json_array_size(b->warned) <= WARNINGS_SHOWN)
        rl_buf_addf(&b->about, "%s: %s\n%s\n\n", code, ui_text_of(problem, "message"),
                    ui_text_of(problem, "remedy"));
}

static void keep_warnings(struct batch *b, const char *id, const json_t *error,
                          const json_t *problems)
{
    const json_t *problem;
    size_t i;
    json_array_append_new(b->warned, json_string(id));
    if (json_array_size(problems) == 0)
        keep_warning(b, error);
    json_array_foreach (problems, i, problem)
        keep_warning(b, problem);
}

/* A string that was made for it is told here, and nowhere again. */
static void add_done(struct batch *b, const char *id, const char *string)
{
    struct rl_buf text = {0};
    if (*string)
        rl_buf_addf(&text, "authentication string %s", string);
    add_result(b, id, verb(b), "", rl_buf_str(&text), "");
    b->strings |= *string != '\0';
    rl_buf_fini(&text);
}

static void take_item(struct batch *b, const char *id, const json_t *item)
{
    const json_t *error = json_object_get(item, "error");
    const char *code = ui_text_of(error, "code");
    struct ui_list *list = ui_results_list(b->owner, b->bulk.kind);
    if (json_is_true(json_object_get(item, "done"))) {
        b->done++;
        add_done(b, id, ui_text_of(item, "string"));
        if (list)
            json_object_del(list->marks, id);
    } else if (strncmp(code, "W-", 2) == 0 && !b->accepting) {
        keep_warnings(b, id, error, json_object_get(item, "problems"));
    } else {
        b->refused++;
        add_result(b, id, "refused", code, ui_text_of(error, "message"),
                   ui_text_of(error, "remedy"));
    }
}

/* The whole part was refused: nothing of it was done. */
static void refuse_part(struct batch *b, const struct rl_err *err)
{
    for (; b->asked > 0; b->asked--, b->refused++)
        add_result(b, name_at(b->todo, b->at++), "refused", rl_code_info(err->code)->tag, err->text,
                   err->remedy);
}

static void answered(struct ui_view *view, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    (void)problems;
    struct batch *b = (struct batch *)view;
    const json_t *items = json_object_get(result, "items");
    bool lost = err && err->code == RL_E_NO_ENGINE, over = lost || b->stopping;
    if (lost)
        add_unknown(b, rl_code_info(err->code)->tag, err->text);
    else if (err)
        refuse_part(b, err);
    for (size_t i = 0; i < b->asked; i++)
        take_item(b, name_at(b->todo, b->at + i), json_array_get(items, i));
    b->at += b->asked;
    b->asked = 0;
    if (b->at < json_array_size(b->todo) && !over)
        ask_next(b);
    else if (json_array_size(b->warned) > 0 && !over)
        ask_to_go_on(b);
    else
        finish(b);
}

static void ask_next(struct batch *b)
{
    json_t *names = json_array();
    size_t n = json_array_size(b->todo);
    while (b->asked < PART && b->at + b->asked < n)
        json_array_append(names, json_array_get(b->todo, b->at + b->asked++));
    json_t *params = b->bulk.method ? json_copy(b->bulk.values) : json_object();
    json_object_set_new(params, "names", names);
    if (!b->bulk.method)
        json_object_set_new(params, "kind", json_string(b->bulk.kind));
    if (b->bulk.values && !b->bulk.method)
        json_object_set(params, "values", b->bulk.values);
    if (b->accepting)
        json_object_set(params, "accept", b->accept);
    ui_ask(&b->view,
           b->bulk.method   ? b->bulk.method
           : b->bulk.values ? "object.set_many"
                            : "object.remove_many",
           params, answered);
}

static void batch_draw(struct ui_view *view, struct ui_area area)
{
    struct batch *b = (struct batch *)view;
    int left;
    if (ui_is_young(b->began_ms))
        return;
    struct ui_area in = ui_box(area, ROWS, COLS, view->title, &left);
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%zu of %zu", b->at, json_array_size(b->todo));
    if (b->refused)
        rl_buf_addf(&text, ", %zu refused", b->refused);
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
        add_unknown(b, "", "It was asked for, and the answer was not waited for.");
        finish(b);
    }
    b->stopping = true;
    return UI_REDRAW;
}

static void batch_fini(struct ui_view *view)
{
    struct batch *b = (struct batch *)view;
    ui_bulk_fini(&b->bulk);
    json_decref(b->todo);
    json_decref(b->warned);
    json_decref(b->accept);
    json_decref(b->rows);
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

void ui_batch(struct ui_view *owner, struct ui_bulk *bulk)
{
    struct batch *b = rl_alloc(sizeof *b);
    ui_view_init(&b->view, owner->app, &ui_batch_class, NULL,
                 bulk->values ? "Changing" : "Removing");
    b->owner = owner;
    b->bulk = *bulk;
    *bulk = (struct ui_bulk){0};
    b->todo = json_incref(b->bulk.ids);
    b->warned = json_array();
    b->accept = json_array();
    b->rows = json_array();
    b->began_ms = ui_now_ms();
    ui_push(owner->app, &b->view);
    ask_next(b);
}
