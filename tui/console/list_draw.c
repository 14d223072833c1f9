#include <string.h>

#include "console/list_parts.h"
#include "ringlock/text.h"

enum { HEAD_ROWS = 3 /* filter, rule, titles */ };

static struct ui_list *as_list(struct ui_view *view)
{
    return (struct ui_list *)view;
}

static int left_cells(const struct ui_list *list)
{
    return list->spec->marks ? 3 : 2;
}

/* The widest text so far: columns grow as longer texts come into sight, and do not shrink again. */
static void measure(struct ui_list *list, size_t column)
{
    const struct ui_column *c = &list->column[column];
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

/* Columns that are never dropped are not scrolled away either. */
static void column_widths(struct ui_list *list, int cols, int *width)
{
    struct ui_room room[UI_COLUMNS_MAX] = {0};
    int fit[UI_COLUMNS_MAX];
    size_t at[UI_COLUMNS_MAX], n = 0, skipped = 0;
    for (size_t i = 0; i < list->nshow; i++) {
        const struct ui_column *c = &list->column[list->show[i]];
        width[i] = 0;
        if (c->prio > 1 && skipped < list->skip) {
            skipped++;
            continue;
        }
        measure(list, list->show[i]);
        at[n] = i;
        room[n++] = (struct ui_room){
            .min = c->min, .pref = c->pref, .prio = c->prio, .need = list->need[list->show[i]]};
    }
    ui_layout_columns(room, n, cols - left_cells(list) - 1, fit);
    for (size_t i = 0; i < n; i++)
        width[at[i]] = fit[i];
}

static void draw_titles(const struct ui_list *list, int row, const int *width)
{
    int col = left_cells(list);
    struct rl_buf text = {0}, cell = {0};
    for (size_t i = 0; i < list->nshow; i++) {
        const struct ui_column *c = &list->column[list->show[i]];
        if (width[i] == 0)
            continue;
        rl_buf_clear(&text);
        rl_buf_clear(&cell);
        rl_buf_addf(&text, "%s%s", c->title,
                    (int)list->show[i] != list->sort ? ""
                    : list->descending               ? " ^"
                                                     : " v");
        ui_fit(&cell, rl_buf_str(&text), width[i], c->align);
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
    for (size_t i = 0; i < list->nshow; i++) {
        const struct ui_column *c = &list->column[list->show[i]];
        if (width[i] == 0)
            continue;
        rl_buf_clear(&text);
        rl_buf_clear(&cell);
        ui_list_cell(list, list->show[i], held->json, &text);
        if (held->gone && i + 1 == list->nshow)
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

static int64_t total_of(const struct ui_list *list)
{
    return list->spec->paging == UI_BY_KEY ? list->total : (int64_t)list->nshown;
}

static void count_text(struct ui_list *list, struct rl_buf *out)
{
    int64_t total = total_of(list);
    if (total >= 0)
        rl_buf_addf(out, "%lld %s", (long long)total,
                    total == 1 ? list->spec->one : list->spec->many);
    else if (list->counting && ui_asking_ms(&list->view, NULL) >= UI_MARK_MS)
        rl_buf_adds(out, "counting ...");
    else if (list->loaded && !list->counting && !list->paging)
        rl_buf_adds(out, "not counted");
}

static void draw_filter(struct ui_list *list, struct ui_area area)
{
    struct rl_buf left = {0}, right = {0};
    ui_list_view_text(list, &left);
    rl_buf_adds(&left, "   Filter: ");
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

void ui_list_draw(struct ui_view *view, struct ui_area area)
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

void ui_list_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    struct ui_list *list = as_list(view);
    size_t marks = json_object_size(list->marks);
    if (marks)
        rl_buf_addf(left, "%zu marked: D deletes, y copies, u unmarks", marks);
    else if (!list->loaded && !view->asks)
        rl_buf_adds(left, ui_is_up(view->app) ? "not read: r reads" : "waiting for the core");
    else if (list->spec->status)
        list->spec->status(list, left);
    int64_t total = total_of(list), row = list->base + (int64_t)list->at + 1;
    if (list->nshown == 0)
        return;
    if (list->base >= 0)
        rl_buf_addf(right, "row %lld ", (long long)row);
    if (total >= 0)
        rl_buf_addf(right, "of %lld", (long long)total);
    else
        rl_buf_adds(right, list->base >= 0 ? "of ?" : "");
}
