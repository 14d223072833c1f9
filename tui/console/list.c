#include "console/list_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/dialog.h"
#include "console/jump.h"

static struct ui_list *as_list(struct ui_view *view)
{
    return (struct ui_list *)view;
}

/* Moving. */

static struct ui_held *held_at_cursor(const struct ui_list *list)
{
    return list->at < list->nshown ? &list->row[list->shown[list->at]] : NULL;
}

const json_t *ui_list_row(struct ui_list *list)
{
    struct ui_held *held = held_at_cursor(list);
    return held && !held->gone ? held->json : NULL;
}

/* Rows that went, or do not pass any more, leave when the cursor leaves them. */
static void leave_row(struct ui_list *list)
{
    struct ui_held *held = held_at_cursor(list);
    bool gone = held && held->gone;
    char was[sizeof list->id];
    memcpy(was, list->id, sizeof was);
    list->id[0] = '\0';
    if (gone)
        ui_list_forget(list, was);
    if (gone || list->spec->shows)
        ui_list_arrange(list);
}

unsigned ui_list_move_to(struct ui_list *list, size_t to)
{
    char room[32], id[sizeof list->id] = "";
    if (list->nshown == 0)
        return UI_NOTHING;
    to = to < list->nshown ? to : list->nshown - 1;
    if (to == list->at)
        return UI_REDRAW;
    snprintf(id, sizeof id, "%s", ui_member(list->row[list->shown[to]].json, list->spec->id, room));
    leave_row(list);
    memcpy(list->id, id, sizeof id);
    ui_list_settle(list);
    ui_list_more(list);
    return UI_REDRAW;
}

static unsigned move_by(struct ui_list *list, long by)
{
    long to = (long)list->at + by;
    return ui_list_move_to(list, to > 0 ? (size_t)to : 0);
}

void ui_list_aim(struct ui_list *list, const char *id)
{
    snprintf(list->id, sizeof list->id, "%s", id);
}

const char *ui_list_step(struct ui_list *list, int by)
{
    size_t was = list->at;
    move_by(list, by);
    return list->at != was ? list->id : NULL;
}

static unsigned list_up(struct ui_view *view)
{
    return move_by(as_list(view), -1);
}

unsigned ui_list_down(struct ui_view *view)
{
    return move_by(as_list(view), 1);
}

static unsigned list_page_up(struct ui_view *view)
{
    return move_by(as_list(view), -(long)as_list(view)->visible);
}

static unsigned list_page_down(struct ui_view *view)
{
    return move_by(as_list(view), as_list(view)->visible);
}

static unsigned list_half_up(struct ui_view *view)
{
    return move_by(as_list(view), -(long)as_list(view)->visible / 2);
}

static unsigned list_half_down(struct ui_view *view)
{
    return move_by(as_list(view), as_list(view)->visible / 2);
}

static unsigned list_first(struct ui_view *view)
{
    leave_row(as_list(view));
    ui_list_go_first(as_list(view));
    return UI_REDRAW;
}

static unsigned list_last(struct ui_view *view)
{
    leave_row(as_list(view));
    ui_list_go_last(as_list(view));
    return UI_REDRAW;
}

/* Filter and sort. */

void ui_list_restart(struct ui_list *list)
{
    list->base = 0;
    list->at = list->top = 0;
    list->id[0] = '\0';
    if (list->spec->paging == UI_BY_KEY)
        ui_load(&list->view);
    else
        ui_list_arrange(list);
}

static unsigned list_filter(struct ui_view *view)
{
    ui_filter_open(as_list(view));
    return UI_REDRAW;
}

static size_t sortable(const struct ui_list *list, size_t *column)
{
    size_t n = 0;
    for (size_t i = 0; i < list->nshow; i++)
        if (list->column[list->show[i]].sorts)
            column[n++] = list->show[i];
    return n;
}

static unsigned sort_chosen(struct ui_view *view, size_t index)
{
    struct ui_list *list = as_list(view);
    size_t column[UI_COLUMNS_MAX], n = sortable(list, column);
    if (index == n) {
        list->sort = -1;
    } else {
        list->descending = (int)column[index] == list->sort && !list->descending;
        list->sort = (int)column[index];
    }
    ui_list_restart(list);
    return UI_REDRAW;
}

static unsigned list_sort(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    size_t column[UI_COLUMNS_MAX], n = sortable(list, column), selected = n;
    const char *items[UI_COLUMNS_MAX + 1];
    for (size_t i = 0; i < n; i++) {
        items[i] = list->column[column[i]].title;
        if ((int)column[i] == list->sort)
            selected = i;
    }
    items[n] = list->spec->paging == UI_BY_KEY ? "as stored, by name" : "as they come";
    ui_menu(view, "Sort by (again: other way)", items, n + 1, selected, sort_chosen);
    return UI_REDRAW;
}

static unsigned list_left(struct ui_view *view)
{
    as_list(view)->skip -= as_list(view)->skip > 0;
    return UI_REDRAW;
}

static unsigned list_right(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    list->skip += list->skip + 2 < list->nshow;
    return UI_REDRAW;
}

/* clang-format off */
static const struct ui_action list_actions[] = {
    {"list-filter", "f,F4", "filter", "Show only rows that meet all criteria",
     0, UI_SAFE, list_filter},
    {"list-views", "v", "views", "Choose a view by name; save, rename, remove or share one",
     0, UI_ASKS_SELF, ui_list_views},
    {"list-sort", "s,F6", "sort", "Choose the column to sort by", 0, UI_SAFE, list_sort},
    {"list-find", "/,F3", "find", "Find as you type, in all columns",
     0, UI_SAFE, ui_list_find},
    {"list-jump", "o", "go to", "Go to what the row depends on, or what depends on it",
     UI_NEED_ROW, UI_SAFE, ui_jump},
    {"list-columns", "w", NULL, "Choose which columns are shown, and in which order",
     0, UI_SAFE, ui_list_columns},
    {"list-left", "Left,h", NULL, "Scroll columns back into sight", 0, UI_SAFE, list_left},
    {"list-right", "Right,l", NULL, "Scroll to the columns further right",
     0, UI_SAFE, list_right},
    {"list-copy", "y", NULL, "Copy the row, or the marked rows, to the clipboard of the terminal",
     UI_NEED_ROW, UI_SAFE, ui_list_copy},
    {"list-export", "X", NULL, "Save all rows that the filter gives, as CSV in a file",
     0, UI_ASKS_SELF, ui_list_export},
    {"list-mark", "Space", NULL, "Mark the row, or take the mark away",
     UI_NEED_ROW, UI_SAFE, ui_list_mark},
    {"list-mark-all", "*", NULL, "Mark all rows that the filter gives",
     UI_NEED_ROW, UI_SAFE, ui_list_mark_all},
    {"list-unmark", "u", NULL, "Take all marks away", 0, UI_SAFE, ui_list_unmark},
    {"list-next", "n", NULL, "Find the same again", UI_NEED_ROW, UI_SAFE, ui_list_next},
    {"list-previous", "N", NULL, "Find the same before", UI_NEED_ROW, UI_SAFE, ui_list_previous},
    {"list-up", "Up,k", NULL, "One row up", 0, UI_SAFE, list_up},
    {"list-down", "Down,j", NULL, "One row down", 0, UI_SAFE, ui_list_down},
    {"list-page-up", "PgUp,^B", NULL, "One page up", 0, UI_SAFE, list_page_up},
    {"list-page-down", "PgDn,^F", NULL, "One page down", 0, UI_SAFE, list_page_down},
    {"list-half-up", "^U", NULL, "Half a page up", 0, UI_SAFE, list_half_up},
    {"list-half-down", "^D", NULL, "Half a page down", 0, UI_SAFE, list_half_down},
    {"list-first", "Home,g", NULL, "To the first row", 0, UI_SAFE, list_first},
    {"list-last", "End,G", NULL, "To the last row", 0, UI_SAFE, list_last},
    {.name = NULL},
};
/* clang-format on */

/* Life. */

/* The view used last comes first. */
static void list_load(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    if (!list->views && view->screen)
        ui_list_views_ask(list);
    else
        ui_list_load(list);
}

static void list_stopped(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    list->paging = list->counting = false;
}

/* A search is ended. What comes by itself, as calls do, goes on for all screens. */
static void list_left_screen(struct ui_view *view)
{
    if (as_list(view)->spec->paging == UI_BY_KEY)
        ui_stop(view);
}

static void list_notify(struct ui_view *view, const char *method, const json_t *params)
{
    if (as_list(view)->spec->notify)
        as_list(view)->spec->notify(as_list(view), method, params);
}

static const char *list_object(struct ui_view *view)
{
    return ui_list_row(as_list(view)) ? as_list(view)->id : NULL;
}

static void list_fini(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    ui_list_clear(list);
    if (list->spec->fini)
        list->spec->fini(list);
    free(list->row);
    free(list->shown);
    json_decref(list->marks);
    json_decref(list->counted);
    json_decref(list->views);
    json_decref(list->view_chosen);
    free(list->extra);
}

const struct ui_view_class ui_list_class = {
    .name = "list",
    .actions = list_actions,
    .draw = ui_list_draw,
    .status = ui_list_status,
    .load = list_load,
    .stopped = list_stopped,
    .left = list_left_screen,
    .notify = list_notify,
    .object = list_object,
    .label = ui_jump_label,
    .marked = ui_list_marked,
    .text = ui_list_text,
    .fini = list_fini,
};

struct ui_list *ui_list_new(struct ui_app *app, const struct ui_screen *screen,
                            const struct ui_list_spec *spec)
{
    struct ui_list *list = rl_alloc(sizeof *list);
    ui_view_init(&list->view, app, &ui_list_class, screen, screen->title);
    list->spec = spec;
    list->total = -1;
    ui_list_columns_init(list);
    ui_list_view_init(list);
    list->marks = json_object();
    list->row = rl_alloc(sizeof list->row[0]);
    list->shown = rl_alloc(sizeof list->shown[0]);
    list->cap = 1;
    return list;
}
