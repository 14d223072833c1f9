#include "console/dialog.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/classes.h"
#include "ringlock/text.h"

enum { QUESTION_COLS = 66 };

struct question {
    struct ui_view view;
    char *label, *text, *typed; /* typed: what has to be typed, or NULL */
    const char *what;           /* "name" or "number": what that is */
    ui_confirm_fn fn, no;       /* no: may be NULL */
    struct ui_edit edit;
    enum { AT_FIELD, AT_CANCEL, AT_GO } at;
};

struct ui_area ui_box(struct ui_area area, int rows, int cols, const char *title, int *left)
{
    rows = rows < area.rows ? rows : area.rows;
    cols = cols < area.cols ? cols : area.cols;
    int top = area.top + (area.rows - rows) / 2;
    *left = (area.cols - cols) / 2;
    for (int i = 0; i < rows; i++) {
        bool edge = i == 0 || i == rows - 1;
        ui_fill(top + i, *left, cols, UI_NORMAL, edge ? '-' : ' ');
        ui_put(top + i, *left, 1, UI_NORMAL, edge ? "+" : "|");
        ui_put(top + i, *left + cols - 1, 1, UI_NORMAL, edge ? "+" : "|");
    }
    struct rl_buf head = {0};
    rl_buf_addf(&head, " %s ", title);
    ui_put(top, *left + 2, cols - 4, UI_STRONG, rl_buf_str(&head));
    rl_buf_fini(&head);
    *left += 2;
    return (struct ui_area){.top = top + 1, .rows = rows - 2, .cols = cols - 4};
}

struct text_at {
    int row, last, col, cols;
    bool draw;
};

static void text_line(void *ctx, const char *line)
{
    struct text_at *t = ctx;
    if (t->draw && t->row <= t->last)
        ui_put(t->row, t->col, t->cols, UI_NORMAL, line);
    t->row++;
}

/* Lines of a text divided by line feeds, each broken at blanks. */
static void text_block(struct text_at *t, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        char *part = rl_strndup(text, n);
        if (n == 0)
            t->row++;
        ui_wrap(part, t->cols, text_line, t);
        free(part);
        text += n + (text[n] == '\n');
    }
}

static bool may_go(const struct question *q)
{
    return !q->typed || strcmp(q->edit.text, q->typed) == 0;
}

static void draw_field(struct question *q, int row, int left, int cols)
{
    struct rl_buf label = {0}, shown = {0};
    int cursor, width = cols - 30 < 8 ? 8 : cols - 30;
    rl_buf_addf(&label, "Type the %s to go on: [", q->what);
    ui_put(row, left, (int)label.len, UI_NORMAL, rl_buf_str(&label));
    left += (int)label.len;
    ui_edit_show(&q->edit, width, false, &shown, &cursor);
    ui_put(row, left, width, UI_NORMAL, rl_buf_str(&shown));
    ui_put(row, left + width, 1, UI_NORMAL, "]");
    if (q->at == AT_FIELD)
        ui_cursor(row, left + cursor);
    rl_buf_fini(&label);
    rl_buf_fini(&shown);
}

static void draw_button(int row, int col, const char *label, bool focus)
{
    struct rl_buf b = {0};
    rl_buf_addf(&b, "%c [ %s ]", focus ? '>' : ' ', label);
    ui_put(row, col, 30, focus ? UI_FOCUS | UI_NORMAL : UI_NORMAL, rl_buf_str(&b));
    if (focus)
        ui_cursor(row, col);
    rl_buf_fini(&b);
}

static void question_draw(struct ui_view *view, struct ui_area area)
{
    struct question *q = (struct question *)view;
    int cols = area.cols - 4 < QUESTION_COLS ? area.cols - 4 : QUESTION_COLS, left;
    struct text_at measure = {.cols = cols - 4};
    text_block(&measure, q->text);
    struct ui_area in = ui_box(area, measure.row + (q->typed ? 6 : 4), cols, q->label, &left);
    int buttons = in.top + in.rows - 1;
    struct text_at t = {
        .row = in.top, .last = buttons - 2, .col = left, .cols = in.cols, .draw = true};
    text_block(&t, q->text);
    if (q->typed)
        draw_field(q, buttons - 2, left, in.cols);
    draw_button(buttons, left + 2, "Cancel", q->at == AT_CANCEL);
    draw_button(buttons, left + 18, q->label, q->at == AT_GO);
    if (!may_go(q)) {
        struct rl_buf wait = {0};
        rl_buf_addf(&wait, "(waits for the %s)", q->what);
        ui_put(buttons, left + in.cols - 1 - (int)wait.len, (int)wait.len, UI_FAINT, wait.data);
        rl_buf_fini(&wait);
    }
}

static unsigned question_go(struct ui_view *view)
{
    struct question *q = (struct question *)view;
    ui_close(view);
    ui_consequence(view->below, q->fn(view->below));
    return UI_REDRAW;
}

static unsigned question_leave(struct ui_view *view)
{
    struct question *q = (struct question *)view;
    ui_close(view);
    if (q->no)
        ui_consequence(view->below, q->no(view->below));
    return UI_REDRAW;
}

static unsigned question_press(struct ui_view *view)
{
    struct question *q = (struct question *)view;
    if (q->at == AT_CANCEL)
        return question_leave(view);
    if (!may_go(q)) {
        ui_say(view->app, "!", "type the %s exactly as it stands: %s", q->what, q->typed);
        return UI_REDRAW;
    }
    if (q->at == AT_FIELD) {
        q->at = AT_GO;
        return UI_REDRAW;
    }
    return question_go(view);
}

static unsigned question_move(struct ui_view *view)
{
    struct question *q = (struct question *)view;
    if (q->at != AT_GO)
        q->at++;
    else
        q->at = q->typed ? AT_FIELD : AT_CANCEL;
    return UI_REDRAW;
}

static unsigned question_yes(struct ui_view *view)
{
    return ((struct question *)view)->typed ? UI_NOTHING : question_go(view);
}

static bool question_typed(struct ui_view *view, int key, const char *paste, unsigned *consequence)
{
    struct question *q = (struct question *)view;
    *consequence = UI_REDRAW;
    if (!q->typed || q->at != AT_FIELD)
        return false;
    if (key != UI_KEY_PASTE)
        return ui_edit_key(&q->edit, key);
    ui_paste(view, &q->edit, paste);
    return true;
}

static void question_fini(struct ui_view *view)
{
    struct question *q = (struct question *)view;
    free(q->label);
    free(q->text);
    free(q->typed);
}

/* clang-format off */
static const struct ui_action question_actions[] = {
    {"question-press", "Enter", "choose", "Press the button under the cursor",
     0, UI_SAFE, question_press},
    {"question-move", "Tab,Left,Right,S-Tab", "move", "Go to the next button",
     0, UI_SAFE, question_move},
    {"question-yes", "y", NULL, "Yes, where no name has to be typed", 0, UI_SAFE, question_yes},
    {"question-no", "Esc,n,q,^C", "cancel", "Leave everything as it is",
     0, UI_SAFE, question_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_question_class = {
    .name = "question",
    .actions = question_actions,
    .overlay = true,
    .modal = true,
    .draw = question_draw,
    .typed = question_typed,
    .fini = question_fini,
};

static struct question *ask(struct ui_view *owner, const char *label, const char *text,
                            const char *typed, ui_confirm_fn fn)
{
    struct question *q = rl_alloc(sizeof *q);
    q->label = rl_strdup(label);
    q->label[0] = (char)toupper((unsigned char)q->label[0]);
    q->text = rl_strdup(text);
    ui_view_init(&q->view, owner->app, &ui_question_class, NULL, q->label);
    q->typed = rl_strdup(typed);
    q->fn = fn;
    q->at = typed ? AT_FIELD : AT_CANCEL;
    q->what = "name";
    ui_push(owner->app, &q->view);
    return q;
}

void ui_confirm(struct ui_view *owner, const char *label, const char *text, const char *typed,
                ui_confirm_fn fn)
{
    ask(owner, label, text, typed, fn);
}

void ui_confirm_count(struct ui_view *owner, const char *label, const char *text, size_t n,
                      ui_confirm_fn fn)
{
    char typed[24];
    snprintf(typed, sizeof typed, "%zu", n);
    ask(owner, label, text, typed, fn)->what = "number";
}

void ui_confirm_warnings(struct ui_view *owner, const char *label, const json_t *problems,
                         json_t *accept, ui_confirm_fn fn)
{
    struct rl_buf text = {0};
    const json_t *problem;
    size_t i;
    json_array_foreach (problems, i, problem) {
        const char *code = ui_text_of(problem, "code"), *remedy = ui_text_of(problem, "remedy");
        if (code[0] != 'W')
            continue;
        rl_buf_addf(&text, "%s: %s\n%s%s\n", code, ui_text_of(problem, "message"), remedy,
                    *remedy ? "\n" : "");
        json_array_append_new(accept, json_string(code));
    }
    rl_buf_addf(&text, "%s it all the same? The answer is kept in the audit log.", label);
    ask(owner, label, rl_buf_str(&text), NULL, fn);
    rl_buf_fini(&text);
}

void ui_confirm_else(struct ui_view *owner, ui_confirm_fn no)
{
    struct ui_view *top = ui_top(owner->app);
    if (top->class == &ui_question_class)
        ((struct question *)top)->no = no;
}
