#include "console/app.h"
#include "console/classes.h"
#include "console/dialog.h"
#include "console/list_parts.h"

/* All rows of a list, page by page: a layer that says how far it is. */
enum { ROWS = 5, COLS = 50 };

struct walking {
    struct ui_view view;
    struct ui_list *list; /* below */
    struct ui_walk walk;
    json_t *last; /* row read last */
    size_t n;
    int64_t began_ms;
    bool ended;
};

static void end(struct walking *w, bool whole)
{
    w->ended = true;
    ui_close(&w->view);
    w->walk.done(w->list, w->walk.ctx, w->n, whole);
}

static bool tell_rows(struct walking *w, const json_t *rows)
{
    const json_t *row;
    size_t i;
    json_array_foreach (rows, i, row) {
        if (!ui_list_passes(w->list, row))
            continue;
        if (!w->walk.row(w->list, w->walk.ctx, row))
            return false;
        w->n++;
    }
    return true;
}

static void ask_page(struct walking *w);

static void page_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                      const json_t *problems)
{
    (void)problems;
    struct walking *w = (struct walking *)view;
    const json_t *rows = json_object_get(result, "rows");
    if (err) {
        end(w, false);
        ui_say_error(view->app, err);
        return;
    }
    if (!tell_rows(w, rows)) {
        end(w, false);
        return;
    }
    json_decref(w->last);
    w->last = json_incref(json_array_get(rows, json_array_size(rows) - 1));
    if (ui_list_is_last_page(result) || !w->last)
        end(w, true);
    else
        ask_page(w);
}

static void ask_page(struct walking *w)
{
    ui_ask(&w->view, w->list->spec->method, ui_list_page(w->list, w->last), page_came);
}

static void walk_draw(struct ui_view *view, struct ui_area area)
{
    const struct walking *w = (const struct walking *)view;
    const struct ui_list *list = w->list;
    int left;
    if (ui_is_young(w->began_ms))
        return;
    struct ui_area in = ui_box(area, ROWS, COLS, view->title, &left);
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%zu", w->n);
    if (list->spec->paging == UI_BY_KEY && list->total >= 0)
        rl_buf_addf(&text, " of %lld", (long long)list->total);
    rl_buf_addf(&text, " %s", list->spec->many);
    ui_put(in.top, left, in.cols, UI_NORMAL, rl_buf_str(&text));
    ui_put(in.top + 2, left, in.cols, UI_FAINT, "^C stops.");
    ui_cursor(in.top, left);
    rl_buf_fini(&text);
}

static unsigned walk_stop(struct ui_view *view)
{
    ui_ask_drop(view);
    end((struct walking *)view, false);
    return UI_REDRAW;
}

static void walk_fini(struct ui_view *view)
{
    struct walking *w = (struct walking *)view;
    if (!w->ended) /* the console is left */
        end(w, false);
    json_decref(w->last);
}

/* clang-format off */
static const struct ui_action walk_actions[] = {
    {"walk-stop", "^C,Esc,q", "stop", "Stop reading rows", 0, UI_SAFE, walk_stop},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_walk_class = {
    .name = "walk",
    .actions = walk_actions,
    .overlay = true,
    .modal = true,
    .draw = walk_draw,
    .fini = walk_fini,
};

/* Nothing has to be asked for. */
static bool is_all_here(const struct ui_list *list)
{
    return list->spec->paging == UI_AT_ONCE || (list->at_end && list->base == 0);
}

static void walk_here(struct ui_list *list, const struct ui_walk *walk)
{
    bool whole = true;
    size_t n = 0;
    for (size_t i = 0; whole && i < list->nshown; i++) {
        whole = walk->row(list, walk->ctx, list->row[list->shown[i]].json);
        n += whole;
    }
    walk->done(list, walk->ctx, n, whole);
}

void ui_list_walk(struct ui_list *list, const struct ui_walk *walk)
{
    if (is_all_here(list)) {
        walk_here(list, walk);
        return;
    }
    struct walking *w = rl_alloc(sizeof *w);
    ui_view_init(&w->view, list->view.app, &ui_walk_class, NULL, walk->title);
    w->list = list;
    w->walk = *walk;
    w->began_ms = ui_now_ms();
    ui_push(list->view.app, &w->view);
    ask_page(w);
}
