#include "console/review.h"

#include <stdlib.h>
#include <string.h>

#include "console/classes.h"

enum { LABEL_AT = 2, LABEL_CELLS = 28, VALUE_AT = 31, PROBLEM_AT = 5 };

struct review {
    struct ui_view view;
    struct ui_form *form; /* below */
    json_t *problems;     /* of the whole object, as the engine found them; NULL: not known */
    bool changed;         /* another saved meanwhile */
    size_t at;
    int top;
};

static struct review *as_review(struct ui_view *view)
{
    return (struct review *)view;
}

/* Of one that is there what differs; of a new one all that it will have. */
static bool is_told(const struct ui_form *form, int field)
{
    if (form->obj->fields[field].flags & RL_FF_SYSTEM)
        return false;
    return form->name ? ui_form_is_changed(form, field) : *ui_form_get(form, field) != '\0';
}

static size_t count(const struct ui_form *form)
{
    size_t n = 0;
    for (int i = 0; i < form->norder; i++)
        n += is_told(form, form->order[i]);
    return n;
}

/* The field of the n-th line; -1 if there are not so many. */
static int field_of(const struct ui_form *form, size_t n)
{
    for (int i = 0; i < form->norder; i++)
        if (is_told(form, form->order[i]) && n-- == 0)
            return form->order[i];
    return -1;
}

/* Writing. */

static void add_value(struct rl_buf *out, const struct ui_form *form, int field, const char *value)
{
    const char *shown = ui_form_shown(form, field, value);
    if (form->obj->fields[field].kind == RL_F_SECRET)
        shown = *value ? "another one" : "as it is";
    rl_buf_adds(out, *shown ? shown : "empty");
}

static void write_field(struct ui_page *p, const struct review *r, int field, bool here)
{
    const struct ui_form *form = r->form;
    const char *was = form->field[field].original;
    struct rl_buf text = {0};
    int y;
    if (here)
        p->focus_row = p->row;
    if (ui_page_sees(p, &y)) {
        ui_put(y, 0, 1, UI_STRONG, here ? ">" : " ");
        ui_put(y, LABEL_AT, LABEL_CELLS, here ? UI_FOCUS : UI_NORMAL,
               form->obj->fields[field].label);
        if (here)
            ui_cursor(y, 0);
    }
    if (form->name) {
        add_value(&text, form, field, was ? was : "");
        rl_buf_adds(&text, " -> ");
    }
    add_value(&text, form, field, ui_form_get(form, field));
    ui_page_wrap(p, VALUE_AT, UI_STRONG, 0, rl_buf_str(&text));
    rl_buf_fini(&text);
}

static void write_problem(struct ui_page *p, const char *code, const char *message,
                          const char *remedy)
{
    struct rl_buf text = {0};
    int y;
    bool warning = code[0] == 'W';
    if (ui_page_sees(p, &y))
        ui_put(y, LABEL_AT, 2, warning ? UI_WARNING : UI_ERROR, warning ? "!" : "!!");
    rl_buf_addf(&text, "%s%s%s %s", code, *code ? ": " : "", message, remedy);
    ui_page_wrap(p, PROBLEM_AT, UI_WARNING, 0, rl_buf_str(&text));
    rl_buf_fini(&text);
}

/* The problems of a field; -1: of none that is told. */
static void write_problems(struct ui_page *p, const struct review *r, int field)
{
    const json_t *problem;
    size_t i;
    json_array_foreach (r->problems, i, problem) {
        int of = rl_field_index(r->form->obj, ui_text_of(problem, "field"));
        if (of >= 0 && !is_told(r->form, of))
            of = -1;
        if (of == field)
            write_problem(p, ui_text_of(problem, "code"), ui_text_of(problem, "message"),
                          ui_text_of(problem, "remedy"));
    }
    if (!r->problems && field >= 0 && r->form->field[field].problem)
        write_problem(p, "", r->form->field[field].problem, "");
}

static void write_review(struct ui_page *p, void *ctx)
{
    const struct review *r = ctx;
    const struct ui_form *form = r->form;
    struct rl_buf head = {0};
    size_t line = 0;
    if (form->name)
        rl_buf_addf(&head, "Saving changes %s %s", form->obj->name, form->name);
    else
        rl_buf_addf(&head, "Saving adds this %s", form->obj->name);
    if (form->name && form->users)
        rl_buf_addf(&head, ", used by %lld phone%s", (long long)form->users,
                    form->users == 1 ? "" : "s");
    rl_buf_addc(&head, ':');
    ui_page_wrap(p, 1, UI_STRONG, 0, rl_buf_str(&head));
    rl_buf_fini(&head);
    for (int i = 0; i < form->norder; i++) {
        int field = form->order[i];
        if (!is_told(form, field))
            continue;
        bool here = line++ == r->at;
        write_field(p, r, field, here);
        write_problems(p, r, field);
        if (here)
            p->focus_end = p->row;
    }
    p->row++;
    write_problems(p, r, -1);
    if (r->changed)
        write_problem(p, "",
                      "Another has saved meanwhile:", "saving shows theirs beside yours first.");
}

static void review_draw(struct ui_view *view, struct ui_area area)
{
    struct ui_area body = {area.top + 1, area.rows - 2, area.cols};
    ui_fill(area.top, 0, area.cols, UI_NORMAL, '-');
    ui_page_show(body, &as_review(view)->top, write_review, view);
    ui_fill(area.top + area.rows - 1, 0, area.cols, UI_NORMAL, '-');
}

static size_t refusals(const struct review *r)
{
    const json_t *problem;
    size_t i, n = 0;
    json_array_foreach (r->problems, i, problem)
        n += ui_text_of(problem, "code")[0] == 'E';
    for (i = 0; !r->problems && i < r->form->obj->nfields; i++)
        n += r->form->field[i].problem && !r->form->field[i].warning;
    return n;
}

static void review_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    const struct review *r = as_review(view);
    size_t n = refusals(r);
    if (n > 0)
        rl_buf_addf(left, "%zu problem%s: saving waits for %s.", n, n > 1 ? "s" : "",
                    n > 1 ? "them" : "it");
    else if (json_array_size(r->problems) > 0)
        rl_buf_adds(left, "Nothing is saved yet: F2 saves, and asks about the warnings.");
    else
        rl_buf_adds(left, "Nothing is saved yet: F2 saves.");
    rl_buf_addf(right, "field %zu of %zu", r->at + 1, count(r->form));
}

/* What the engine says to it. */

static void checked(struct ui_view *view, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    (void)problems;
    struct review *r = as_review(view);
    if (err)
        return; /* the save will say it */
    const json_t *rev = json_object_get(json_object_get(result, "values"), "rev");
    r->changed = r->form->name && json_integer_value(rev) != r->form->rev;
    json_decref(r->problems);
    r->problems = json_incref(json_object_get(result, "problems"));
}

static void review_load(struct ui_view *view)
{
    struct ui_form *form = as_review(view)->form;
    if (!form->spec->filled)
        ui_ask(view, "object.check", ui_form_params(form), checked);
}

/* Keys. */

static unsigned move_to(struct review *r, size_t to)
{
    size_t n = count(r->form);
    r->at = to < n ? to : n ? n - 1 : 0;
    return UI_REDRAW;
}

static unsigned review_up(struct ui_view *view)
{
    struct review *r = as_review(view);
    return move_to(r, r->at > 0 ? r->at - 1 : 0);
}

static unsigned review_down(struct ui_view *view)
{
    return move_to(as_review(view), as_review(view)->at + 1);
}

static unsigned review_edit(struct ui_view *view)
{
    struct review *r = as_review(view);
    int field = field_of(r->form, r->at);
    if (field >= 0 && !ui_form_is_fixed(r->form, field))
        ui_form_go(r->form, field);
    return UI_POP;
}

static unsigned review_save(struct ui_view *view)
{
    struct ui_form *form = as_review(view)->form;
    ui_close(view);
    return ui_form_save(form);
}

static unsigned review_leave(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

static void review_fini(struct ui_view *view)
{
    json_decref(as_review(view)->problems);
}

/* clang-format off */
static const struct ui_action review_actions[] = {
    {"review-save", "F2,^O,^S", "save", "Save what is shown",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_UNDOABLE, review_save},
    {"review-edit", "Enter,e", "edit", "Back to the form, to this field", 0, UI_SAFE, review_edit},
    {"review-up", "Up,k", NULL, "One field up", 0, UI_SAFE, review_up},
    {"review-down", "Down,j,Tab", NULL, "One field down", 0, UI_SAFE, review_down},
    {"review-leave", "Esc,q,F6,^C", "back", "Back to the form as it was left",
     0, UI_SAFE, review_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_review_class = {
    .name = "review",
    .actions = review_actions,
    .modal = true,
    .draw = review_draw,
    .status = review_status,
    .load = review_load,
    .fini = review_fini,
};

void ui_review_open(struct ui_form *form)
{
    if (count(form) == 0) {
        ui_say(form->view.app, "i", "nothing is changed yet");
        return;
    }
    struct review *r = rl_alloc(sizeof *r);
    ui_view_init(&r->view, form->view.app, &ui_review_class, NULL, "Review");
    r->form = form;
    ui_push(form->view.app, &r->view);
}
