#include <stdio.h>
#include <string.h>

#include "console/form.h"
#include "ringlock/text.h"

enum {
    LABEL_AT = 2,
    LABEL_CELLS = 30,
    VALUE_AT = 33,
    VALUE_MAX = 42,
    PROBLEM_AT = 8,
    FOOT_ROWS = 2
};

const char *ui_form_shown(const struct ui_form *form, int field, const char *value)
{
    const struct rl_field *f = &form->obj->fields[field];
    if (f->kind == RL_F_SECRET)
        return *value ? "********" : "";
    if (f->kind != RL_F_ENUM || !f->labels)
        return value;
    for (size_t i = 0; f->values[i]; i++)
        if (strcmp(f->values[i], value) == 0)
            return f->labels[i];
    return value;
}

static int value_cells(const struct ui_form *form, int field, int cols)
{
    const struct rl_field *f = &form->obj->fields[field];
    int room = cols - VALUE_AT - 5, want = VALUE_MAX;
    if (f->kind == RL_F_INT)
        want = 12;
    else if (f->kind == RL_F_ENUM)
        want = 8;
    for (size_t i = 0; f->kind == RL_F_ENUM && f->values[i]; i++) {
        int cells = (int)strlen(ui_form_shown(form, field, f->values[i]));
        want = cells > want ? cells : want;
    }
    if (f->kind == RL_F_TEXT && f->max > 0 && f->max < want)
        want = (int)f->max + 1;
    return want < room ? want : room;
}

/* "[text   v]", with the cursor in it when it is the field under the cursor. */
static void draw_box(const struct ui_page *p, struct ui_form *form, int field, int y, bool here)
{
    const struct rl_field *f = &form->obj->fields[field];
    int cells = value_cells(form, field, p->area.cols), cursor = 0;
    bool choice = f->kind == RL_F_ENUM || f->kind == RL_F_REF;
    struct rl_buf text = {0}, box = {0};
    if (here && f->kind != RL_F_ENUM)
        ui_edit_show(&form->edit, cells, f->kind == RL_F_SECRET, &text, &cursor);
    else
        rl_text_safe(&text, ui_form_shown(form, field, ui_form_get(form, field)),
                     strlen(ui_form_shown(form, field, ui_form_get(form, field))));
    rl_buf_addc(&box, '[');
    ui_fit(&box, rl_buf_str(&text), cells, UI_LEFT);
    rl_buf_adds(&box, choice ? " v]" : "]");
    ui_put(y, VALUE_AT, cells + 4, here ? UI_STRONG : UI_NORMAL, rl_buf_str(&box));
    if (here)
        ui_cursor(y, VALUE_AT + 1 + cursor);
    rl_buf_fini(&text);
    rl_buf_fini(&box);
}

static void draw_value(const struct ui_page *p, struct ui_form *form, int field, int y, bool here)
{
    const char *value = ui_form_get(form, field);
    if (here)
        ui_cursor(y, VALUE_AT);
    if (ui_form_is_fixed(form, field)) {
        const char *text = *value ? ui_form_shown(form, field, value) : "-";
        ui_put(y, VALUE_AT, p->area.cols - VALUE_AT, UI_NORMAL, text);
        ui_put(y, VALUE_AT + 32, p->area.cols - VALUE_AT - 33, UI_FAINT, "fixed");
        return;
    }
    if (form->obj->fields[field].kind != RL_F_BOOL) {
        draw_box(p, form, field, y, here);
        return;
    }
    ui_put(y, VALUE_AT, 3, here ? UI_STRONG : UI_NORMAL, strcmp(value, "yes") == 0 ? "[x]" : "[ ]");
    if (here)
        ui_cursor(y, VALUE_AT + 1);
}

/* The column behind the value's box. */
static int value_end(const struct ui_form *form, int field, int cols)
{
    enum rl_field_kind kind = form->obj->fields[field].kind;
    bool choice = kind == RL_F_ENUM || kind == RL_F_REF;
    if (kind == RL_F_BOOL)
        return VALUE_AT + 3;
    return VALUE_AT + value_cells(form, field, cols) + (choice ? 4 : 2);
}

/* What is stored, or theirs after a conflict: beside the value, or below it where there is no room.
 */
static void draw_was(struct ui_page *p, const struct ui_form *form, int field, int y, int x)
{
    const char *was = form->field[field].original ? form->field[field].original : "";
    struct rl_buf text = {0};
    if (!form->name || !ui_form_is_changed(form, field) ||
        form->obj->fields[field].kind == RL_F_SECRET)
        return;
    rl_buf_addf(&text, "was %s", *was ? ui_form_shown(form, field, was) : "empty");
    if (x + 2 + (int)rl_text_width(text.data, text.len) >= p->area.cols) {
        p->row++;
        x = VALUE_AT - 1;
        if (!ui_page_sees(p, &y))
            y = -1;
    }
    if (p->draw && y >= 0)
        ui_put(y, x + 2, p->area.cols - x - 3, UI_FAINT, rl_buf_str(&text));
    rl_buf_fini(&text);
}

void ui_form_draw_field(struct ui_page *p, struct ui_form *form, int field, bool here)
{
    const struct rl_field *f = &form->obj->fields[field];
    const struct ui_form_field *state = &form->field[field];
    int y;
    if (here)
        p->focus_row = p->row;
    bool seen = ui_page_sees(p, &y);
    if (seen) {
        bool empty = f->flags & RL_FF_NEED && !*ui_form_get(form, field) && !here;
        ui_put(y, 0, 1, UI_STRONG, ui_form_is_changed(form, field) ? "*" : empty ? "!" : " ");
        ui_put(y, 1, 1, UI_STRONG, here ? ">" : " ");
        ui_put(y, LABEL_AT, LABEL_CELLS, here ? UI_STRONG : UI_NORMAL, f->label);
        draw_value(p, form, field, y, here);
    }
    draw_was(p, form, field, seen ? y : -1, value_end(form, field, p->area.cols));
    p->row++;
    if (state->problem && ui_page_sees(p, &y))
        ui_put(y, 4, 2, state->warning ? UI_WARNING : UI_ERROR, state->warning ? "!" : "!!");
    if (state->problem)
        ui_page_wrap(p, PROBLEM_AT, UI_WARNING, 0, state->problem);
    if (here)
        p->focus_end = p->row;
}

static void write_form(struct ui_page *p, void *ctx)
{
    struct ui_form *form = ctx;
    const char *section = "";
    for (int i = 0; i < form->norder; i++) {
        int field = form->order[i], named = field;
        while (named > 0 && !form->obj->fields[named].section)
            named--;
        const char *mine = form->obj->fields[named].section;
        if (mine && strcmp(mine, section) != 0)
            ui_page_text(p, 1, UI_STRONG, section = mine);
        ui_form_draw_field(p, form, field, field == ui_form_field_at(form));
    }
}

void ui_form_draw(struct ui_view *view, struct ui_area area)
{
    struct ui_form *form = (struct ui_form *)view;
    struct ui_area body = {area.top + 1, area.rows - 1 - FOOT_ROWS, area.cols};
    int field = ui_form_field_at(form);
    ui_fill(area.top, 0, area.cols, UI_NORMAL, '-');
    if (!form->loaded) {
        ui_put(body.top, 2, area.cols, UI_FAINT, "reading ...");
        return;
    }
    ui_page_show(body, &form->top, write_form, form);
    ui_fill(area.top + area.rows - 2, 0, area.cols, UI_NORMAL, '-');
    if (field >= 0 && form->obj->fields[field].help)
        ui_put(area.top + area.rows - 1, 1, area.cols - 2, UI_NORMAL,
               form->obj->fields[field].help);
}

void ui_form_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    const struct ui_form *form = (struct ui_form *)view;
    int problems = 0, first = -1;
    for (int i = 0; i < form->norder; i++) {
        const struct ui_form_field *f = &form->field[form->order[i]];
        if (f->problem && !f->warning && problems++ == 0)
            first = form->order[i];
    }
    if (form->saving || form->draft.then == UI_THEN_SAVE)
        rl_buf_adds(left, "saving ...");
    else if (form->draft.then == UI_THEN_LEAVE)
        rl_buf_adds(left, "keeping the draft ...");
    else if (problems)
        rl_buf_addf(left, problems > 1 ? "%d problems, the first in %s." : "%d problem, in %s.",
                    problems, form->obj->fields[first].label);
    else
        rl_buf_adds(left, "Nothing is changed before you save.");
    if (form->norder > 0) /* it was read */
        rl_buf_addf(right, "field %d of %d", form->at + 1, form->norder);
}
