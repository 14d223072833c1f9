#include <string.h>

#include "console/list_parts.h"
#include "ringlock/text.h"

enum { MARKS_MAX = 10000 };

static struct ui_list *as_list(struct ui_view *view)
{
    return (struct ui_list *)view;
}

unsigned ui_list_mark(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    if (!list->spec->marks)
        return UI_NOTHING;
    if (json_object_get(list->marks, list->id))
        json_object_del(list->marks, list->id);
    else
        json_object_set_new(list->marks, list->id, json_true());
    return ui_list_down(view);
}

static bool mark_row(struct ui_list *list, void *ctx, const json_t *row)
{
    char room[32];
    (void)ctx;
    if (json_object_size(list->marks) >= MARKS_MAX)
        return false;
    json_object_set_new(list->marks, ui_member(row, list->spec->id, room), json_true());
    return true;
}

static void all_marked(struct ui_list *list, void *ctx, size_t n, bool whole)
{
    size_t marks = json_object_size(list->marks);
    (void)ctx, (void)n;
    ui_say(list->view.app, whole ? "i" : "!", whole ? "%zu marked" : "stopped at %zu marked",
           marks);
}

unsigned ui_list_mark_all(struct ui_view *view)
{
    static const struct ui_walk walk = {"Marking", mark_row, all_marked, NULL};
    struct ui_list *list = as_list(view);
    if (!list->spec->marks)
        return UI_NOTHING;
    if (list->spec->paging == UI_BY_KEY && list->total > MARKS_MAX)
        ui_say(view->app, "!", "%lld %s are more than the %d that can be marked: f narrows them",
               (long long)list->total, list->spec->many, MARKS_MAX);
    else
        ui_list_walk(list, &walk);
    return UI_REDRAW;
}

unsigned ui_list_unmark(struct ui_view *view)
{
    json_object_clear(as_list(view)->marks);
    return UI_REDRAW;
}

/* ": A, B and 3 more" of the names that are keys of an object. */
static void name_some(const json_t *names, struct rl_buf *out)
{
    enum { NAMED = 5 };
    size_t n = json_object_size(names), i = 0;
    const char *id;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)names, id, value) {
        if (i++ == NAMED)
            break;
        rl_buf_adds(out, i == 1 ? ": " : ", ");
        rl_text_safe(out, id, strlen(id));
    }
    if (n > NAMED)
        rl_buf_addf(out, " and %zu more", n - NAMED);
}

/* Marks whose rows are not held here: an object, owned. */
static json_t *elsewhere(const struct ui_list *list)
{
    char room[32];
    json_t *away = json_copy(list->marks);
    for (size_t r = 0; r < list->nshown; r++)
        json_object_del(away, ui_member(list->row[list->shown[r]].json, list->spec->id, room));
    return away;
}

size_t ui_list_marked(struct ui_view *view, struct rl_buf *which)
{
    struct ui_list *list = as_list(view);
    size_t n = json_object_size(list->marks);
    json_t *away = elsewhere(list);
    rl_buf_addf(which, "%zu marked", n);
    name_some(list->marks, which);
    if (json_object_size(away) > 0) {
        rl_buf_addf(which, "\n\n%zu of them %s not among the rows here, but %s",
                    json_object_size(away), json_object_size(away) == 1 ? "is" : "are",
                    list->ncriteria ? "hidden by the filter, or on other pages"
                                    : "on other pages of the list");
        name_some(away, which);
    }
    json_decref(away);
    return n;
}

/* A row as it is shown, its cells divided by two blanks. */
static void row_text(const struct ui_list *list, const json_t *row, struct rl_buf *out)
{
    size_t begin = out->len;
    for (size_t i = 0; i < list->nshow; i++) {
        if (out->len > begin)
            rl_buf_adds(out, "  ");
        ui_list_cell(list, list->show[i], row, out);
    }
}

/* The marked rows, else the one under the cursor. Of a marked row that is not here, its name. */
unsigned ui_list_copy(struct ui_view *view)
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

/* How wide a column is among the rows in sight. */
static int widest(const struct ui_list *list, size_t column, size_t end)
{
    struct rl_buf cell = {0};
    int width = (int)strlen(list->column[column].title);
    for (size_t r = list->top; r < end; r++) {
        rl_buf_clear(&cell);
        ui_list_cell(list, column, list->row[list->shown[r]].json, &cell);
        int cells = (int)rl_text_width(rl_buf_str(&cell), cell.len);
        width = cells > width ? cells : width;
    }
    rl_buf_fini(&cell);
    return width;
}

static void text_row(const struct ui_list *list, const json_t *row, const int *width,
                     struct rl_buf *out)
{
    struct rl_buf cell = {0};
    for (size_t i = 0; i < list->nshow; i++) {
        const struct ui_column *c = &list->column[list->show[i]];
        rl_buf_clear(&cell);
        if (row)
            ui_list_cell(list, list->show[i], row, &cell);
        else
            rl_buf_adds(&cell, c->title);
        ui_fit(out, rl_buf_str(&cell), width[i], c->align);
        rl_buf_adds(out, i + 1 < list->nshow ? "  " : "\n");
    }
    rl_buf_fini(&cell);
}

void ui_list_text(struct ui_view *view, struct rl_buf *out)
{
    const struct ui_list *list = as_list(view);
    int width[UI_COLUMNS_MAX];
    size_t end = list->top + (size_t)list->visible;
    end = end < list->nshown ? end : list->nshown;
    for (size_t i = 0; i < list->nshow; i++)
        width[i] = widest(list, list->show[i], end);
    ui_list_view_text(list, out);
    rl_buf_adds(out, "   Filter: ");
    ui_list_filter_text(list, out);
    rl_buf_addc(out, '\n');
    text_row(list, NULL, width, out);
    for (size_t r = list->top; r < end; r++)
        text_row(list, list->row[list->shown[r]].json, width, out);
}
