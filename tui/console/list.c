#include "console/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/dialog.h"
#include "ringlock/text.h"

enum { HEAD_ROWS = 3 /* filter, rule, titles */ };

static struct ui_list *as_list(struct ui_view *view)
{
    return (struct ui_list *)view;
}

/* Drawing. */

static int left_cells(const struct ui_list *list)
{
    return list->spec->marks ? 3 : 2;
}

/* The widest text so far: columns grow as longer texts come into sight, and do not shrink again. */
static void measure(struct ui_list *list, size_t column)
{
    const struct ui_column *c = &list->spec->columns[column];
    int *need = &list->need[column],
        title = (int)strlen(c->title) + (list->sort == (int)column ? 2 : 0);
    struct rl_buf text = {0};
    *need = title > *need ? title : *need;
    for (size_t r = list->top; r < list->nshown && r < list->top + (size_t)list->visible; r++) {
        rl_buf_clear(&text);
        ui_list_cell(list, column, list->row[list->shown[r]].json, &text);
        int cells = (int)rl_text_width(rl_buf_str(&text), text.len);
        *need = cells > *need ? cells : *need;
    }
    rl_buf_fini(&text);
}

static void column_widths(struct ui_list *list, int cols, int *width)
{
    struct ui_room room[UI_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < list->spec->ncolumns; i++) {
        const struct ui_column *c = &list->spec->columns[i];
        measure(list, i);
        room[i] = (struct ui_room){
            .min = c->min, .pref = c->pref, .prio = c->prio, .need = list->need[i]};
    }
    ui_layout_columns(room, list->spec->ncolumns, cols - left_cells(list) - 1, width);
}

static void draw_titles(const struct ui_list *list, int row, const int *width)
{
    int col = left_cells(list);
    struct rl_buf text = {0}, cell = {0};
    for (size_t i = 0; i < list->spec->ncolumns; i++) {
        if (width[i] == 0)
            continue;
        rl_buf_clear(&text);
        rl_buf_clear(&cell);
        rl_buf_addf(&text, "%s%s", list->spec->columns[i].title,
                    (int)i != list->sort ? ""
                    : list->descending   ? " ^"
                                         : " v");
        ui_fit(&cell, rl_buf_str(&text), width[i], list->spec->columns[i].align);
        ui_put(row, col, width[i], UI_STRONG, rl_buf_str(&cell));
        col += width[i] + 1;
    }
    rl_buf_fini(&text);
    rl_buf_fini(&cell);
}

static bool is_marked(const struct ui_list *list, const json_t *row)
{
    char room[32];
    return json_object_get(list->marks, ui_member(row, list->spec->id, room)) != NULL;
}

static void draw_row(const struct ui_list *list, int y, size_t r, const int *width, int cols)
{
    const struct ui_held *held = &list->row[list->shown[r]];
    bool focus = r == list->at;
    unsigned with = focus ? UI_FOCUS : 0;
    int col = left_cells(list);
    struct rl_buf text = {0}, cell = {0};
    ui_fill(y, 0, cols, with, ' ');
    ui_put(y, 0, 1, with, focus ? ">" : " ");
    if (list->spec->marks)
        ui_put(y, 1, 1, with, is_marked(list, held->json) ? "*" : " ");
    for (size_t i = 0; i < list->spec->ncolumns; i++) {
        const struct ui_column *c = &list->spec->columns[i];
        if (width[i] == 0)
            continue;
        rl_buf_clear(&text);
        rl_buf_clear(&cell);
        ui_list_cell(list, i, held->json, &text);
        if (held->gone && i + 1 == list->spec->ncolumns)
            rl_buf_adds(&text, " (gone)");
        ui_fit(&cell, rl_buf_str(&text), width[i], c->align);
        unsigned style = held->gone ? UI_FAINT : c->style ? c->style(held->json) : UI_NORMAL;
        ui_put(y, col, width[i], style | with, rl_buf_str(&cell));
        col += width[i] + 1;
    }
    if (focus)
        ui_cursor(y, 0);
    rl_buf_fini(&text);
    rl_buf_fini(&cell);
}

static void count_text(struct ui_list *list, struct rl_buf *out)
{
    int64_t total = list->spec->paging == UI_BY_KEY ? list->total : (int64_t)list->nshown;
    if (total >= 0)
        rl_buf_addf(out, "%lld %s", (long long)total,
                    total == 1 ? list->spec->one : list->spec->many);
}

static void draw_filter(struct ui_list *list, struct ui_area area)
{
    struct rl_buf left = {0}, right = {0};
    rl_buf_adds(&left, "Filter: ");
    ui_list_filter_text(list, &left);
    (list->spec->summary ? list->spec->summary : count_text)(list, &right);
    int cells = (int)rl_text_width(rl_buf_str(&right), right.len);
    ui_put(area.top, 1, area.cols - cells - 4, UI_NORMAL, rl_buf_str(&left));
    ui_put(area.top, area.cols - 1 - cells, cells, UI_NORMAL, rl_buf_str(&right));
    rl_buf_fini(&left);
    rl_buf_fini(&right);
}

static void keep_in_sight(struct ui_list *list)
{
    size_t rows = list->visible > 0 ? (size_t)list->visible : 1;
    if (list->at < list->top)
        list->top = list->at;
    if (list->at >= list->top + rows)
        list->top = list->at - rows + 1;
    if (list->top + rows > list->nshown)
        list->top = list->nshown > rows ? list->nshown - rows : 0;
}

static void list_draw(struct ui_view *view, struct ui_area area)
{
    struct ui_list *list = as_list(view);
    int width[UI_COLUMNS_MAX] = {0}, head = list->spec->head_rows;
    if (head > 0)
        list->spec->head(list, (struct ui_area){.top = area.top, .rows = head, .cols = area.cols});
    area.top += head;
    area.rows -= head;
    draw_filter(list, area);
    ui_fill(area.top + 1, 0, area.cols, UI_NORMAL, '-');
    list->visible = area.rows - HEAD_ROWS;
    keep_in_sight(list);
    column_widths(list, area.cols, width);
    draw_titles(list, area.top + 2, width);
    ui_cursor(area.top + HEAD_ROWS, 0);
    for (int i = 0; i < list->visible && list->top + (size_t)i < list->nshown; i++)
        draw_row(list, area.top + HEAD_ROWS + i, list->top + (size_t)i, width, area.cols);
    if (list->loaded && list->nshown == 0)
        ui_put(area.top + HEAD_ROWS, left_cells(list), area.cols, UI_FAINT,
               list->ncriteria ? "Nothing passes the filter: f changes it." : list->spec->empty);
}

static void list_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    struct ui_list *list = as_list(view);
    size_t marks = json_object_size(list->marks);
    if (marks)
        rl_buf_addf(left, "%zu marked: D deletes, y copies, u unmarks", marks);
    else if (!list->loaded)
        rl_buf_adds(left, ui_is_up(view->app) ? "reading ..." : "waiting for the core");
    else if (list->spec->status)
        list->spec->status(list, left);
    int64_t total = list->spec->paging == UI_BY_KEY ? list->total : (int64_t)list->nshown;
    if (list->nshown == 0 || total < 0)
        return;
    if (list->base < 0)
        rl_buf_addf(right, "of %lld", (long long)total);
    else
        rl_buf_addf(right, "row %lld of %lld", (long long)(list->base + (int64_t)list->at) + 1,
                    (long long)total);
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

static unsigned move_to(struct ui_list *list, size_t to)
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
    return move_to(list, to > 0 ? (size_t)to : 0);
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

static unsigned list_down(struct ui_view *view)
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

/* Marks. */

static unsigned list_mark(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    if (!list->spec->marks)
        return UI_NOTHING;
    if (json_object_get(list->marks, list->id))
        json_object_del(list->marks, list->id);
    else
        json_object_set_new(list->marks, list->id, json_true());
    return list_down(view);
}

static unsigned list_mark_all(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    char room[32];
    for (size_t i = 0; list->spec->marks && i < list->nshown; i++)
        json_object_set_new(list->marks,
                            ui_member(list->row[list->shown[i]].json, list->spec->id, room),
                            json_true());
    return UI_REDRAW;
}

static unsigned list_unmark(struct ui_view *view)
{
    json_object_clear(as_list(view)->marks);
    return UI_REDRAW;
}

/* "3 marked: A, B and 1 more". Marks are kept by name: their rows need not be held here. */
static size_t list_marked(struct ui_view *view, struct rl_buf *which)
{
    enum { NAMED = 5 };
    struct ui_list *list = as_list(view);
    size_t n = json_object_size(list->marks), i = 0, seen = 0;
    const char *id;
    json_t *mark;
    rl_buf_addf(which, "%zu marked", n);
    json_object_foreach (list->marks, id, mark) {
        if (i++ < NAMED)
            rl_buf_addf(which, "%s%s", i == 1 ? ": " : ", ", id);
    }
    if (n > NAMED)
        rl_buf_addf(which, " and %zu more", n - NAMED);
    for (size_t r = 0; r < list->nshown; r++)
        seen += is_marked(list, list->row[list->shown[r]].json);
    if (seen < n)
        rl_buf_addf(which, "\n\n%zu of them %s not among the rows here: %s.", n - seen,
                    n - seen == 1 ? "is" : "are",
                    list->ncriteria ? "hidden by the filter, or on other pages"
                                    : "on other pages of the list");
    return n;
}

/* A row as it is shown, its cells divided by two blanks. */
static void row_text(const struct ui_list *list, const json_t *row, struct rl_buf *out)
{
    size_t begin = out->len;
    for (size_t i = 0; i < list->spec->ncolumns; i++) {
        if (out->len > begin)
            rl_buf_adds(out, "  ");
        ui_list_cell(list, i, row, out);
    }
}

/* The marked rows, else the one under the cursor. Of a marked row that is not here, its name. */
static unsigned list_copy(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    struct rl_buf text = {0};
    const char *id;
    json_t *mark;
    if (json_object_size(list->marks) == 0)
        row_text(list, ui_list_row(list), &text);
    json_object_foreach (list->marks, id, mark) {
        const json_t *row = ui_list_held(list, id);
        if (text.len > 0)
            rl_buf_addc(&text, '\n');
        if (row)
            row_text(list, row, &text);
        else
            rl_text_safe(&text, id, strlen(id));
    }
    ui_copy(view->app, rl_buf_str(&text));
    rl_buf_fini(&text);
    return UI_REDRAW;
}

/* Find. */

static bool row_holds(struct ui_list *list, size_t r, const char *text)
{
    struct rl_buf cell = {0};
    bool found = false;
    for (size_t i = 0; !found && i < list->spec->ncolumns; i++) {
        rl_buf_clear(&cell);
        ui_list_cell(list, i, list->row[list->shown[r]].json, &cell);
        found = strcasestr(rl_buf_str(&cell), text) != NULL;
    }
    rl_buf_fini(&cell);
    return found;
}

/* The first row from `from` on that holds the text, around the end; nshown if none does. */
static size_t search(struct ui_list *list, size_t from, int by, const char *text)
{
    for (size_t i = 0; i < list->nshown; i++) {
        size_t r = (from + list->nshown + (by > 0 ? i : list->nshown - i)) % list->nshown;
        if (row_holds(list, r, text))
            return r;
    }
    return list->nshown;
}

static void find_changed(struct ui_view *view, const char *text)
{
    struct ui_list *list = as_list(view);
    size_t r = *text ? search(list, list->find_from, 1, text) : list->find_from;
    if (r < list->nshown)
        move_to(list, r);
}

static unsigned find_done(struct ui_view *view, const char *text)
{
    struct ui_list *list = as_list(view);
    if (!text) {
        move_to(list, list->find_from);
        return UI_REDRAW;
    }
    snprintf(list->find, sizeof list->find, "%s", text);
    if (*text && (list->nshown == 0 || !row_holds(list, list->at, text)))
        ui_list_seek(list, text);
    return UI_REDRAW;
}

static const struct ui_prompt_spec find_prompt = {
    .label = "find", .changed = find_changed, .done = find_done};

static unsigned list_find(struct ui_view *view)
{
    as_list(view)->find_from = as_list(view)->at;
    ui_prompt(view, &find_prompt, "");
    return UI_REDRAW;
}

static unsigned find_again(struct ui_list *list, int by)
{
    if (!list->find[0] || list->nshown == 0) {
        ui_say(list->view.app, "i", "nothing to find yet: / finds");
        return UI_REDRAW;
    }
    size_t from = (list->at + list->nshown + (size_t)by) % list->nshown;
    size_t r = search(list, from, by, list->find);
    if (r == list->nshown)
        ui_list_seek(list, list->find);
    return r < list->nshown ? move_to(list, r) : UI_REDRAW;
}

static unsigned list_next(struct ui_view *view)
{
    return find_again(as_list(view), 1);
}

static unsigned list_previous(struct ui_view *view)
{
    return find_again(as_list(view), -1);
}

/* Filter and sort. */

static unsigned list_filter(struct ui_view *view)
{
    ui_filter_open(as_list(view));
    return UI_REDRAW;
}

static size_t sortable(const struct ui_list *list, size_t *column)
{
    size_t n = 0;
    for (size_t i = 0; i < list->spec->ncolumns; i++)
        if (list->spec->columns[i].sorts)
            column[n++] = i;
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
    if (list->spec->paging != UI_BY_KEY) {
        ui_list_arrange(list);
        return UI_REDRAW;
    }
    list->base = 0;
    list->at = list->top = 0;
    list->id[0] = '\0';
    return UI_RELOAD;
}

static unsigned list_sort(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    size_t column[UI_COLUMNS_MAX], n = sortable(list, column), selected = n;
    const char *items[UI_COLUMNS_MAX + 1];
    for (size_t i = 0; i < n; i++) {
        items[i] = list->spec->columns[column[i]].title;
        if ((int)column[i] == list->sort)
            selected = i;
    }
    items[n] = list->spec->paging == UI_BY_KEY ? "as stored, by name" : "as they come";
    ui_menu(view, "Sort by (again: other way)", items, n + 1, selected, sort_chosen);
    return UI_REDRAW;
}

/* clang-format off */
static const struct ui_action list_actions[] = {
    {"list-find", "/,F3", "find", "Find as you type, in all columns",
     UI_NEED_ROW, UI_SAFE, list_find},
    {"list-filter", "f,F4", "filter", "Show only rows that meet all criteria",
     0, UI_SAFE, list_filter},
    {"list-sort", "s,F6", "sort", "Choose the column to sort by", 0, UI_SAFE, list_sort},
    {"list-copy", "y", NULL, "Copy the row, or the marked rows, to the clipboard of the terminal",
     UI_NEED_ROW, UI_SAFE, list_copy},
    {"list-mark", "Space", NULL, "Mark the row, or take the mark away",
     UI_NEED_ROW, UI_SAFE, list_mark},
    {"list-mark-all", "*", NULL, "Mark all rows that are held here",
     UI_NEED_ROW, UI_SAFE, list_mark_all},
    {"list-unmark", "u", NULL, "Take all marks away", 0, UI_SAFE, list_unmark},
    {"list-next", "n", NULL, "Find the same again", UI_NEED_ROW, UI_SAFE, list_next},
    {"list-previous", "N", NULL, "Find the same before", UI_NEED_ROW, UI_SAFE, list_previous},
    {"list-up", "Up,k", NULL, "One row up", 0, UI_SAFE, list_up},
    {"list-down", "Down,j", NULL, "One row down", 0, UI_SAFE, list_down},
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

static void list_load(struct ui_view *view)
{
    ui_list_load(as_list(view));
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
    free(list->extra);
}

const struct ui_view_class ui_list_class = {
    .name = "list",
    .actions = list_actions,
    .draw = list_draw,
    .status = list_status,
    .load = list_load,
    .notify = list_notify,
    .object = list_object,
    .marked = list_marked,
    .fini = list_fini,
};

struct ui_list *ui_list_new(struct ui_app *app, const struct ui_screen *screen,
                            const struct ui_list_spec *spec)
{
    struct ui_list *list = rl_alloc(sizeof *list);
    ui_view_init(&list->view, app, &ui_list_class, screen, screen->title);
    list->spec = spec;
    list->total = -1;
    list->sort = -1;
    for (size_t i = 0; spec->sort && i < spec->ncolumns; i++)
        if (strcmp(spec->columns[i].key, spec->sort) == 0)
            list->sort = (int)i;
    list->marks = json_object();
    list->row = rl_alloc(sizeof list->row[0]);
    list->shown = rl_alloc(sizeof list->shown[0]);
    list->cap = 1;
    return list;
}
