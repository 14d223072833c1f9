/* What the files of the list share. */
#ifndef RL_CONSOLE_LIST_PARTS_H
#define RL_CONSOLE_LIST_PARTS_H

#include "console/list.h"
#include "ringlock/model.h"

/* list.c: to the row at this place in `shown`, or the last one. */
unsigned ui_list_move_to(struct ui_list *list, size_t to);
unsigned ui_list_down(struct ui_view *view);

/* list_draw.c: see struct ui_view_class. */
void ui_list_draw(struct ui_view *view, struct ui_area area);
void ui_list_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right);

/* list_marks.c: actions, and struct ui_view_class. */
unsigned ui_list_mark(struct ui_view *view);
unsigned ui_list_mark_all(struct ui_view *view);
unsigned ui_list_unmark(struct ui_view *view);
unsigned ui_list_copy(struct ui_view *view);
/* What is in sight as text, no cell cut: see struct ui_view_class. */
void ui_list_text(struct ui_view *view, struct rl_buf *out);
/* "3 marked: A, B and 1 more". Marks are kept by name: their rows need not be held here. */
size_t ui_list_marked(struct ui_view *view, struct rl_buf *which);

/* list_rows.c: parameters of the page that begins after a row, NULL: of the first; owned. */
json_t *ui_list_page(struct ui_list *list, const json_t *last);
bool ui_list_is_last_page(const json_t *result);
bool ui_list_passes(struct ui_list *list, const json_t *row); /* the filter, where it is ours */

/* walk.c: every row that the filter gives, in its order, not only those that are held here: in
 * parts, with progress, until it is stopped. */
struct ui_walk {
    const char *title;
    /* False stops. */
    bool (*row)(struct ui_list *list, void *ctx, const json_t *row);
    /* Once, at the end; whole: nothing was left out. */
    void (*done)(struct ui_list *list, void *ctx, size_t n, bool whole);
    void *ctx; /* of both; the list's callers own it */
};
void ui_list_walk(struct ui_list *list, const struct ui_walk *walk);

/* export.c: action. */
unsigned ui_list_export(struct ui_view *view);

/* list_columns.c: all there can be, and those that the screen shows at first. */
void ui_list_columns_init(struct ui_list *list);
/* The field that a column is about, where the screen has no text of its own for it; else NULL. */
const struct rl_field *ui_list_column_field(const struct ui_list *list, size_t column);
/* Index of the column with this key; -1 if there is none. */
int ui_list_column(const struct ui_list *list, const char *key);
void ui_list_columns_reset(struct ui_list *list); /* to those shown at first */
unsigned ui_list_columns(struct ui_view *view);   /* action */

/* list_views.c */
void ui_list_view_init(struct ui_list *list); /* everything, as the screen sorts it */
/* Ask for the kept views and the one used last, take that up, then ask for the rows. */
void ui_list_views_ask(struct ui_list *list);
/* "View: Expiring *": changed since it was chosen. */
void ui_list_view_text(const struct ui_list *list, struct rl_buf *out);
unsigned ui_list_views(struct ui_view *view); /* action */

/* list_find.c: actions. */
unsigned ui_list_find(struct ui_view *view);
unsigned ui_list_next(struct ui_view *view);
unsigned ui_list_previous(struct ui_view *view);

#endif
