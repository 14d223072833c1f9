#include <string.h>

#include "console/classes.h"
#include "console/dialog.h"
#include "console/list_parts.h"

/* Which columns a list shows, and in which order: a window over it. */
enum { MIN = 6, PREF = 16, PRIO = 8, BOX_COLS = 46 };

int ui_list_column(const struct ui_list *list, const char *key)
{
    for (size_t i = 0; i < list->ncolumns; i++)
        if (strcmp(list->column[i].key, key) == 0)
            return (int)i;
    return -1;
}

const struct rl_field *ui_list_column_field(const struct ui_list *list, size_t column)
{
    const struct rl_object *obj = list->spec->kind ? rl_object_by_name(list->spec->kind) : NULL;
    if (!obj || column < list->spec->ncolumns)
        return NULL;
    return &obj->fields[rl_field_index(obj, list->column[column].key)];
}

static void add_fields(struct ui_list *list, const struct rl_object *obj)
{
    for (size_t i = 0; i < obj->nstored && list->ncolumns < UI_COLUMNS_ALL; i++) {
        const struct rl_field *f = &obj->fields[i];
        if (ui_list_column(list, f->name) >= 0)
            continue;
        list->column[list->ncolumns++] =
            (struct ui_column){.key = f->name,
                               .title = f->label,
                               .min = MIN,
                               .pref = PREF,
                               .prio = PRIO,
                               .align = f->kind == RL_F_INT ? UI_RIGHT : UI_LEFT,
                               .sorts = f->kind != RL_F_LIST && f->kind != RL_F_SECRET};
    }
}

void ui_list_columns_reset(struct ui_list *list)
{
    list->nshow = list->spec->ncolumns;
    for (size_t i = 0; i < list->nshow; i++)
        list->show[i] = i;
    list->skip = 0;
}

void ui_list_columns_init(struct ui_list *list)
{
    const struct ui_list_spec *spec = list->spec;
    memcpy(list->column, spec->columns, spec->ncolumns * sizeof list->column[0]);
    list->ncolumns = spec->ncolumns;
    if (spec->kind)
        add_fields(list, rl_object_by_name(spec->kind));
    ui_list_columns_reset(list);
}

struct chooser {
    struct ui_view view;
    size_t order[UI_COLUMNS_ALL]; /* columns; the first `nshow` are shown */
    size_t n, nshow, at, top;
};

static struct ui_list *list_of(const struct chooser *c)
{
    return (struct ui_list *)c->view.below;
}

static void chooser_draw(struct ui_view *view, struct ui_area area)
{
    struct chooser *c = (struct chooser *)view;
    int left;
    struct ui_area in = ui_box(area, (int)c->n + 5, BOX_COLS, view->title, &left);
    size_t rows = in.rows > 3 ? (size_t)in.rows - 3 : 1;
    c->top = c->at < c->top ? c->at : c->at >= c->top + rows ? c->at - rows + 1 : c->top;
    for (size_t i = 0; i < rows && c->top + i < c->n; i++) {
        size_t at = c->top + i;
        bool focus = at == c->at;
        int y = in.top + (int)i;
        const char *title = list_of(c)->column[c->order[at]].title;
        ui_put(y, left, 2, UI_NORMAL, focus ? ">" : " ");
        ui_put(y, left + 2, 4, UI_NORMAL, at < c->nshow ? "[x]" : "[ ]");
        ui_put(y, left + 6, in.cols - 6, focus ? UI_FOCUS : UI_NORMAL,
               *title ? title : list_of(c)->column[c->order[at]].key);
        if (focus)
            ui_cursor(y, left);
    }
    ui_put(in.top + in.rows - 2, left, in.cols, UI_FAINT, "Space shows or hides   < > move it");
    ui_put(in.top + in.rows - 1, left, in.cols, UI_FAINT, "Enter takes them   Esc leaves them");
}

static void take_out(struct chooser *c, size_t at)
{
    memmove(&c->order[at], &c->order[at + 1], (c->n - at - 1) * sizeof c->order[0]);
}

static void put_in(struct chooser *c, size_t at, size_t column)
{
    memmove(&c->order[at + 1], &c->order[at], (c->n - at - 1) * sizeof c->order[0]);
    c->order[at] = column;
}

/* A column that is shown goes behind the last one shown, one that is hidden leads the others. */
static unsigned chooser_toggle(struct ui_view *view)
{
    struct chooser *c = (struct chooser *)view;
    size_t column = c->order[c->at];
    bool shown = c->at < c->nshow;
    if (shown && c->nshow == 1) {
        ui_say(view->app, "!", "one column has to stay");
    } else if (!shown && c->nshow == UI_COLUMNS_MAX) {
        ui_say(view->app, "!", "at most %d columns are shown", UI_COLUMNS_MAX);
    } else {
        take_out(c, c->at);
        c->nshow -= shown;
        put_in(c, c->nshow, column);
        c->at = c->nshow;
        c->nshow += !shown;
    }
    return UI_REDRAW;
}

static unsigned swap(struct chooser *c, size_t other)
{
    if (c->at >= c->nshow || other >= c->nshow)
        return UI_NOTHING;
    size_t column = c->order[c->at];
    c->order[c->at] = c->order[other];
    c->order[other] = column;
    c->at = other;
    return UI_REDRAW;
}

static unsigned chooser_left(struct ui_view *view)
{
    struct chooser *c = (struct chooser *)view;
    return swap(c, c->at - 1);
}

static unsigned chooser_right(struct ui_view *view)
{
    struct chooser *c = (struct chooser *)view;
    return swap(c, c->at + 1);
}

static unsigned chooser_up(struct ui_view *view)
{
    struct chooser *c = (struct chooser *)view;
    c->at -= c->at > 0;
    return UI_REDRAW;
}

static unsigned chooser_down(struct ui_view *view)
{
    struct chooser *c = (struct chooser *)view;
    c->at += c->at + 1 < c->n;
    return UI_REDRAW;
}

static unsigned chooser_take(struct ui_view *view)
{
    struct chooser *c = (struct chooser *)view;
    struct ui_list *list = list_of(c);
    memcpy(list->show, c->order, c->nshow * sizeof list->show[0]);
    list->nshow = c->nshow;
    list->skip = 0;
    return UI_POP;
}

static unsigned chooser_reset(struct ui_view *view)
{
    ui_list_columns_reset(list_of((struct chooser *)view));
    return UI_POP;
}

static unsigned chooser_leave(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

/* clang-format off */
static const struct ui_action chooser_actions[] = {
    {"columns-take", "Enter", "take", "Show these columns in this order", 0, UI_SAFE, chooser_take},
    {"columns-toggle", "Space", "show, hide", "Show or hide the column", 0, UI_SAFE, chooser_toggle},
    {"columns-left", "<,Left", "left", "One place further left", 0, UI_SAFE, chooser_left},
    {"columns-right", ">,Right", "right", "One place further right", 0, UI_SAFE, chooser_right},
    {"columns-up", "Up,k", NULL, "One line up", 0, UI_SAFE, chooser_up},
    {"columns-down", "Down,j,Tab", NULL, "One line down", 0, UI_SAFE, chooser_down},
    {"columns-reset", "F8", "reset", "Show the columns that were there at first",
     0, UI_SAFE, chooser_reset},
    {"columns-leave", "Esc,q,^C", "leave", "Leave the columns as they are",
     0, UI_SAFE, chooser_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_columns_class = {
    .name = "columns",
    .actions = chooser_actions,
    .overlay = true,
    .modal = true,
    .draw = chooser_draw,
};

unsigned ui_list_columns(struct ui_view *view)
{
    struct ui_list *list = (struct ui_list *)view;
    struct chooser *c = rl_alloc(sizeof *c);
    ui_view_init(&c->view, view->app, &ui_columns_class, NULL, "Columns");
    bool shown[UI_COLUMNS_ALL] = {false};
    for (size_t i = 0; i < list->nshow; i++) {
        c->order[c->n++] = list->show[i];
        shown[list->show[i]] = true;
    }
    c->nshow = c->n;
    for (size_t i = 0; i < list->ncolumns; i++)
        if (!shown[i])
            c->order[c->n++] = i;
    ui_push(view->app, &c->view);
    return UI_REDRAW;
}
