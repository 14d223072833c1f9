#include <stdio.h>
#include <string.h>

#include "console/classes.h"
#include "console/dialog.h"
#include "console/edit.h"
#include "console/list.h"
#include "ringlock/text.h"

/* The criteria of a list, one a row: field, operator, value. All have to hold. */
enum cell { FIELD, OPERATOR, VALUE, CELLS };
enum { FIELD_CELLS = 22, OPERATOR_CELLS = 16, VALUE_CELLS = 24 };

struct filter {
    struct ui_view view;
    struct ui_criterion criteria[UI_CRITERIA_MAX];
    size_t n, row;
    enum cell cell;
    struct ui_edit edit; /* the value of the row the cursor is on */
};

static struct ui_list *list_of(const struct filter *f)
{
    return (struct ui_list *)f->view.below;
}

/* Blanks around it are not meant. */
static void keep_value(struct filter *f)
{
    struct ui_criterion *c = &f->criteria[f->row];
    const char *text = f->edit.text + strspn(f->edit.text, " ");
    size_t n = rl_text_cut(text, strlen(text), UI_CRITERION_TEXT / 4, NULL);
    n = n < sizeof c->value ? n : sizeof c->value - 1;
    while (n > 0 && text[n - 1] == ' ')
        n--;
    memcpy(c->value, text, n);
    c->value[n] = '\0';
}

static void go_row(struct filter *f, size_t row)
{
    keep_value(f);
    f->row = row;
    ui_edit_set(&f->edit, f->criteria[row].value);
}

static void draw_cell(int y, int x, int width, bool focus, const char *text)
{
    struct rl_buf cell = {0};
    rl_buf_addc(&cell, '[');
    ui_fit(&cell, text, width - 2, UI_LEFT);
    rl_buf_addc(&cell, ']');
    ui_put(y, x, width, focus ? UI_FOCUS : UI_NORMAL, rl_buf_str(&cell));
    if (focus)
        ui_cursor(y, x + 1);
    rl_buf_fini(&cell);
}

/* The value being typed. */
static void draw_edit(struct filter *f, int y, int x)
{
    struct rl_buf shown = {0};
    int cursor;
    ui_edit_show(&f->edit, VALUE_CELLS - 2, false, &shown, &cursor);
    draw_cell(y, x, VALUE_CELLS, false, rl_buf_str(&shown));
    if (f->cell == VALUE)
        ui_cursor(y, x + 1 + cursor);
    rl_buf_fini(&shown);
}

static void draw_criterion(struct filter *f, size_t i, int y, int x)
{
    const struct ui_criterion *c = &f->criteria[i];
    bool here = i == f->row;
    struct ui_filter_field field = {"", ""};
    ui_list_field(list_of(f), c->field, &field);
    ui_put(y, x, 1, UI_NORMAL, here ? ">" : " ");
    draw_cell(y, x + 2, FIELD_CELLS, here && f->cell == FIELD, field.label);
    x += FIELD_CELLS + 3;
    draw_cell(y, x, OPERATOR_CELLS, here && f->cell == OPERATOR, ui_op_names[c->op]);
    x += OPERATOR_CELLS + 1;
    if (!ui_op_has_value(c->op))
        return;
    if (here)
        draw_edit(f, y, x);
    else
        draw_cell(y, x, VALUE_CELLS, false, c->value);
}

static void filter_draw(struct ui_view *view, struct ui_area area)
{
    struct filter *f = (struct filter *)view;
    int left;
    struct ui_area in = ui_box(area, (int)f->n + 6, 72, "Find where (all must match)", &left);
    for (size_t i = 0; i < f->n; i++)
        draw_criterion(f, i, in.top + (int)i, left);
    int foot = in.top + (int)f->n + 1;
    ui_put(foot, left, in.cols, UI_NORMAL,
           "Up Down row   Tab cell   Space chooses field and operator");
    ui_put(foot + 1, left, in.cols, UI_NORMAL,
           "Ins adds a row   - in field or operator takes it away   F8 clears");
    ui_put(foot + 2, left, in.cols, UI_NORMAL, "Enter finds   Esc leaves the list as it is");
}

static unsigned apply(struct filter *f)
{
    struct ui_list *list = list_of(f);
    list->ncriteria = 0;
    for (size_t i = 0; i < f->n; i++)
        if (f->criteria[i].value[0] || !ui_op_has_value(f->criteria[i].op))
            list->criteria[list->ncriteria++] = f->criteria[i];
    ui_list_restart(list);
    return UI_POP;
}

static unsigned filter_go(struct ui_view *view)
{
    struct filter *f = (struct filter *)view;
    keep_value(f);
    if (f->edit.len > 0 && !f->criteria[f->row].value[0]) {
        ui_say(view->app, "!", "nothing but blanks can be found: type a value, or leave it empty");
        return UI_REDRAW;
    }
    return apply(f);
}

static unsigned filter_clear(struct ui_view *view)
{
    ((struct filter *)view)->n = 0;
    return apply((struct filter *)view);
}

static unsigned filter_up(struct ui_view *view)
{
    struct filter *f = (struct filter *)view;
    go_row(f, f->row > 0 ? f->row - 1 : 0);
    return UI_REDRAW;
}

static unsigned filter_down(struct ui_view *view)
{
    struct filter *f = (struct filter *)view;
    go_row(f, f->row + 1 < f->n ? f->row + 1 : f->row);
    return UI_REDRAW;
}

static unsigned filter_tab(struct ui_view *view)
{
    struct filter *f = (struct filter *)view;
    f->cell = (enum cell)((f->cell + 1) % CELLS);
    return UI_REDRAW;
}

static unsigned filter_back(struct ui_view *view)
{
    struct filter *f = (struct filter *)view;
    f->cell = (enum cell)((f->cell + CELLS - 1) % CELLS);
    return UI_REDRAW;
}

static unsigned field_chosen(struct ui_view *view, size_t index)
{
    struct filter *f = (struct filter *)view;
    f->criteria[f->row].field = index;
    f->cell = OPERATOR;
    return UI_REDRAW;
}

static unsigned operator_chosen(struct ui_view *view, size_t index)
{
    struct filter *f = (struct filter *)view;
    f->criteria[f->row].op = (enum ui_op)index;
    f->cell = VALUE;
    return UI_REDRAW;
}

static unsigned filter_choose(struct ui_view *view)
{
    enum { FIELDS_MAX = 64 };
    struct filter *f = (struct filter *)view;
    const struct ui_criterion *c = &f->criteria[f->row];
    const char *items[FIELDS_MAX];
    struct ui_filter_field field;
    size_t n = 0;
    if (f->cell == OPERATOR) {
        ui_menu(view, "Operator", ui_op_names, UI_OPS, c->op, operator_chosen);
        return UI_REDRAW;
    }
    while (n < FIELDS_MAX && ui_list_field(list_of(f), n, &field))
        items[n++] = field.label;
    ui_menu(view, "Field", items, n, c->field, field_chosen);
    return UI_REDRAW;
}

static unsigned filter_add(struct ui_view *view)
{
    struct filter *f = (struct filter *)view;
    if (f->n == UI_CRITERIA_MAX)
        return UI_NOTHING;
    f->criteria[f->n] = (struct ui_criterion){.field = 0, .op = UI_OP_CONTAINS};
    go_row(f, f->n++);
    return UI_REDRAW;
}

static unsigned filter_take(struct ui_view *view)
{
    struct filter *f = (struct filter *)view;
    if (f->n == 1)
        return filter_clear(view);
    memmove(&f->criteria[f->row], &f->criteria[f->row + 1],
            (f->n - f->row - 1) * sizeof f->criteria[0]);
    f->n--;
    f->row -= f->row == f->n;
    ui_edit_set(&f->edit, f->criteria[f->row].value);
    return UI_REDRAW;
}

static unsigned filter_leave(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

static bool filter_typed(struct ui_view *view, int key, const char *paste, unsigned *consequence)
{
    struct filter *f = (struct filter *)view;
    *consequence = UI_REDRAW;
    if (f->cell != VALUE)
        return false;
    if (key != UI_KEY_PASTE)
        return ui_edit_key(&f->edit, key);
    ui_paste(view, &f->edit, paste);
    return true;
}

/* clang-format off */
static const struct ui_action filter_actions[] = {
    {"filter-go", "Enter", "find", "Show what meets all criteria", 0, UI_SAFE, filter_go},
    {"filter-choose", "Space", "choose", "Choose the field or the operator from a list",
     0, UI_SAFE, filter_choose},
    {"filter-next", "Tab,Right", "next", "To the next cell", 0, UI_SAFE, filter_tab},
    {"filter-back", "S-Tab,Left", NULL, "To the cell before", 0, UI_SAFE, filter_back},
    {"filter-up", "Up", NULL, "To the criterion above", 0, UI_SAFE, filter_up},
    {"filter-down", "Down", NULL, "To the criterion below", 0, UI_SAFE, filter_down},
    {"filter-add", "Ins,+", "add", "Add a criterion", 0, UI_SAFE, filter_add},
    {"filter-take", "-,Del", NULL, "Take the criterion away", 0, UI_SAFE, filter_take},
    {"filter-clear", "F8", "clear", "Take all criteria away and show everything",
     0, UI_SAFE, filter_clear},
    {"filter-leave", "Esc,^C", "leave", "Leave the list as it is", 0, UI_SAFE, filter_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_filter_class = {
    .name = "filter",
    .actions = filter_actions,
    .overlay = true,
    .modal = true,
    .draw = filter_draw,
    .typed = filter_typed,
};

void ui_filter_open(struct ui_list *list)
{
    struct filter *f = rl_alloc(sizeof *f);
    ui_view_init(&f->view, list->view.app, &ui_filter_class, NULL, "Filter");
    memcpy(f->criteria, list->criteria, sizeof f->criteria);
    f->n = list->ncriteria;
    if (f->n == 0)
        f->criteria[f->n++] = (struct ui_criterion){.field = 0, .op = UI_OP_CONTAINS};
    f->cell = VALUE;
    ui_edit_set(&f->edit, f->criteria[0].value);
    ui_push(list->view.app, &f->view);
}
