#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/rows.h"
#include "console/bulk.h"
#include "console/classes.h"
#include "console/dialog.h"
#include "ringlock/text.h"

/* One field of all marked objects: which, what it becomes, and who is meant, before anything
 * happens. */
enum line { FIELD, VALUE, CANCEL, SET, LINES };
enum { COLS = 66, PICKS_MAX = 1000, NAMED = 5 };

struct assign {
    struct ui_view view;
    struct ui_view *owner; /* below */
    const struct rl_object *obj;
    int field; /* -1: none yet */
    char *value;
    json_t *ids, *picks; /* picks: names or values that are offered */
    char *which;
    enum line at;
};

/* Fields that can be the same for many. */
static bool is_common(const struct rl_object *obj, size_t i)
{
    const struct rl_field *f = &obj->fields[i];
    return i > 0 && i < obj->nstored && !(f->flags & (RL_FF_FIXED | RL_FF_SYSTEM)) &&
           f->kind != RL_F_SECRET && f->kind != RL_F_LIST;
}

static const struct rl_field *field_of(const struct assign *a)
{
    return a->field >= 0 ? &a->obj->fields[a->field] : NULL;
}

static void draw_line(struct assign *a, enum line line, int y, int left, int cols, const char *text)
{
    bool focus = a->at == line;
    ui_put(y, left, 1, UI_NORMAL, focus ? ">" : " ");
    ui_put(y, left + 2, cols - 2, focus ? UI_FOCUS : UI_NORMAL, text);
    if (focus)
        ui_cursor(y, left);
}

struct text_at {
    int row, left, cols;
};

static void which_line(void *ctx, const char *line)
{
    struct text_at *t = ctx;
    ui_put(t->row++, t->left, t->cols, UI_NORMAL, line);
}

static void count_line(void *ctx, const char *line)
{
    (void)line;
    ++*(int *)ctx;
}

static void assign_draw(struct ui_view *view, struct ui_area area)
{
    struct assign *a = (struct assign *)view;
    int left, rows = 0;
    ui_wrap(a->which, COLS - 4, count_line, &rows);
    struct ui_area in = ui_box(area, rows + 9, COLS, view->title, &left);
    struct rl_buf text = {0};
    struct text_at t = {in.top + 4, left, in.cols};
    rl_buf_addf(&text, "Field  %s", a->field >= 0 ? field_of(a)->label : "choose one");
    draw_line(a, FIELD, in.top, left, in.cols, text.data);
    rl_buf_clear(&text);
    rl_buf_adds(&text, "Value  ");
    if (a->value)
        rl_client_choice(field_of(a), *a->value ? a->value : "(empty)", &text);
    else
        rl_buf_adds(&text, "choose or type one");
    draw_line(a, VALUE, in.top + 1, left, in.cols, text.data);
    ui_put(in.top + 3, left, in.cols, UI_NORMAL, "It is set in:");
    ui_wrap(a->which, in.cols, which_line, &t);
    draw_line(a, CANCEL, in.top + rows + 5, left + 2, 14, "[ Cancel ]");
    draw_line(a, SET, in.top + rows + 5, left + 18, 14, "[ Set ]");
    if (!a->value)
        ui_put(in.top + rows + 5, left + 34, 24, UI_FAINT, "(waits for the value)");
    rl_buf_fini(&text);
}

static unsigned set_value(struct assign *a, const char *value)
{
    free(a->value);
    a->value = rl_strdup(value);
    a->at = CANCEL;
    return UI_REDRAW;
}

static unsigned value_picked(struct ui_view *view, size_t index)
{
    struct assign *a = (struct assign *)view;
    return set_value(a, json_string_value(json_array_get(a->picks, index)));
}

static unsigned value_typed(struct ui_view *view, const char *text)
{
    return text ? set_value((struct assign *)view, text) : UI_REDRAW;
}

static const struct ui_prompt_spec value_prompt = {.label = "value for all", .done = value_typed};

static void offer(struct assign *a, const char *const *labels)
{
    const char *items[PICKS_MAX];
    size_t n = json_array_size(a->picks);
    for (size_t i = 0; i < n; i++)
        items[i] = labels ? labels[i] : json_string_value(json_array_get(a->picks, i));
    if (n > 0)
        ui_menu(&a->view, field_of(a)->label, items, n, 0, value_picked);
    else
        ui_say(a->view.app, "i", "there is nothing to choose from");
}

static void names_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    struct assign *a = (struct assign *)view;
    const json_t *row;
    size_t i;
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    const char *key = rl_object(field_of(a)->ref)->fields[0].name;
    json_array_clear(a->picks);
    json_array_foreach (json_object_get(result, "rows"), i, row)
        if (i < PICKS_MAX)
            json_array_append(a->picks, json_object_get(row, key));
    if (ui_top(view->app) == view)
        offer(a, NULL);
}

/* Types and protocols that all marked rows share narrow what is offered. */
static json_t *shared_criteria(const struct assign *a)
{
    static const char *const narrowing[] = {"type", "protocol"};
    json_t *criteria = json_array(), *id;
    size_t i;
    for (size_t f = 0; f < 2 && a->owner->class == &ui_list_class; f++) {
        const char *all = NULL;
        bool same = rl_field_index(rl_object(field_of(a)->ref), narrowing[f]) >= 0;
        json_array_foreach (a->ids, i, id) {
            const json_t *row = ui_list_held((struct ui_list *)a->owner, json_string_value(id));
            const char *text = row ? ui_text_of(row, narrowing[f]) : "";
            same = same && *text && (!all || strcmp(all, text) == 0);
            all = text;
        }
        if (same && all)
            json_array_append_new(criteria, json_pack("{s:s,s:s,s:s}", "field", narrowing[f], "op",
                                                      ui_op_names[UI_OP_IS], "value", all));
    }
    return criteria;
}

static void choose_value(struct assign *a)
{
    static const char *const yes_no[] = {"yes", "no", NULL};
    const struct rl_field *f = field_of(a);
    const char *const *values = f->kind == RL_F_BOOL ? yes_no : f->values;
    json_array_clear(a->picks);
    if (f->kind == RL_F_REF) {
        ui_ask(&a->view, "object.list",
               json_pack("{s:s,s:o,s:i}", "kind", rl_object(f->ref)->name, "criteria",
                         shared_criteria(a), "limit", PICKS_MAX),
               names_came);
    } else if (values) {
        for (size_t i = 0; values[i]; i++)
            json_array_append_new(a->picks, json_string(values[i]));
        offer(a, f->labels);
    } else {
        ui_prompt(&a->view, &value_prompt, a->value ? a->value : "");
    }
}

static void set_field(struct assign *a, size_t index)
{
    free(a->value);
    a->value = NULL;
    a->field = (int)index;
    a->at = VALUE;
    choose_value(a);
}

static unsigned field_chosen(struct ui_view *view, size_t index)
{
    struct assign *a = (struct assign *)view;
    for (size_t i = 0; i < a->obj->nstored; i++)
        if (is_common(a->obj, i) && index-- == 0) {
            set_field(a, i);
            break;
        }
    return UI_REDRAW;
}

static void choose_field(struct assign *a)
{
    const char *items[UI_COLUMNS_ALL];
    size_t n = 0;
    for (size_t i = 0; i < a->obj->nstored && n < UI_COLUMNS_ALL; i++)
        if (is_common(a->obj, i))
            items[n++] = a->obj->fields[i].label;
    ui_menu(&a->view, "Field", items, n, 0, field_chosen);
}

static unsigned go(struct assign *a)
{
    if (!a->value) {
        ui_say(a->view.app, "!", "choose the field and its value first");
        return UI_REDRAW;
    }
    struct ui_bulk bulk = {.kind = a->obj->name,
                           .ids = json_incref(a->ids),
                           .values = json_pack("{s:s}", field_of(a)->name, a->value)};
    ui_close(&a->view);
    ui_batch(a->owner, &bulk);
    return UI_REDRAW;
}

static unsigned assign_press(struct ui_view *view)
{
    struct assign *a = (struct assign *)view;
    switch (a->at) {
    case FIELD:
        choose_field(a);
        break;
    case VALUE:
        if (a->field >= 0)
            choose_value(a);
        else
            choose_field(a);
        break;
    case SET:
        return go(a);
    default:
        return UI_POP;
    }
    return UI_REDRAW;
}

static unsigned move(struct assign *a, int by)
{
    a->at = (enum line)(((int)a->at + by + LINES) % LINES);
    return UI_REDRAW;
}

static unsigned assign_down(struct ui_view *view)
{
    return move((struct assign *)view, 1);
}

static unsigned assign_up(struct ui_view *view)
{
    return move((struct assign *)view, -1);
}

static unsigned assign_leave(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

static void assign_fini(struct ui_view *view)
{
    struct assign *a = (struct assign *)view;
    json_decref(a->ids);
    json_decref(a->picks);
    free(a->value);
    free(a->which);
}

/* clang-format off */
static const struct ui_action assign_actions[] = {
    {"assign-press", "Enter,Space", "choose", "Choose the field or the value, or press the button",
     0, UI_UNDOABLE, assign_press},
    {"assign-down", "Tab,Down,Right", "next", "To the next line or button", 0, UI_SAFE, assign_down},
    {"assign-up", "S-Tab,Up,Left", NULL, "To the one before", 0, UI_SAFE, assign_up},
    {"assign-leave", "Esc,q,^C", "leave", "Leave everything as it is", 0, UI_SAFE, assign_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_assign_class = {
    .name = "assign",
    .actions = assign_actions,
    .overlay = true,
    .modal = true,
    .draw = assign_draw,
    .fini = assign_fini,
};

unsigned ui_assign_open(struct ui_view *owner, enum rl_kind kind, int field)
{
    struct assign *a = rl_alloc(sizeof *a);
    struct rl_buf which = {0};
    a->obj = rl_object(kind);
    char *title = rl_asprintf("Change many %s", a->obj->plural);
    ui_view_init(&a->view, owner->app, &ui_assign_class, NULL, title);
    a->owner = owner;
    a->ids = ui_bulk_ids(owner);
    a->picks = json_array();
    a->field = -1;
    if (!owner->class->marked || owner->class->marked(owner, &which) == 0) {
        rl_buf_clear(&which);
        rl_text_safe(&which, owner->class->object(owner), strlen(owner->class->object(owner)));
    }
    for (size_t i = 0; i < which.len; i++)
        which.data[i] = which.data[i] == '\n' ? ' ' : which.data[i];
    a->which = rl_strdup(rl_buf_str(&which));
    rl_buf_fini(&which);
    free(title);
    ui_push(owner->app, &a->view);
    if (field >= 0)
        set_field(a, (size_t)field);
    else
        choose_field(a);
    return UI_REDRAW;
}
