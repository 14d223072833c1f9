#include "console/wizard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/app.h"
#include "console/classes.h"
#include "console/dialog.h"

enum { STEPS_MAX = 32 };

static struct ui_wizard *as_wizard(struct ui_view *view)
{
    return (struct ui_wizard *)view;
}

const struct rl_wizard_step *ui_wizard_page(const struct ui_wizard *w)
{
    if (!w->wizard || w->result || w->step >= (int)w->wizard->nsteps)
        return NULL;
    return &w->wizard->steps[w->step];
}

/* Moving about the page. */

void ui_wizard_focus(struct ui_wizard *w, enum ui_wizard_part part, size_t row)
{
    size_t n = ui_wizard_nrows(w);
    w->part = part;
    w->row = row < n ? row : n ? n - 1 : 0;
}

/* Where the cursor stands on a page just opened: on its rows, else on its first field. */
static void focus_first(struct ui_wizard *w)
{
    bool rows = ui_wizard_nrows(w) > 0 || w->form.norder == 0;
    ui_wizard_focus(w, rows ? UI_WIZARD_ROW : UI_WIZARD_FIELD, 0);
    w->top = 0;
}

void ui_wizard_go(struct ui_wizard *w, int step)
{
    w->step = step;
    w->phone = -1;
    w->tried = false;
    ui_wizard_fill(w);
    focus_first(w);
}

/* Take in what was typed into the field under the cursor. */
static void keep(struct ui_wizard *w)
{
    if (w->part != UI_WIZARD_FIELD || w->form.norder == 0)
        return;
    ui_form_keep(&w->form);
    ui_form_check(&w->form);
}

static bool on_name(const struct ui_wizard *w)
{
    return w->form.obj->kind == RL_PROFILE && ui_form_field_at(&w->form) == RL_PROFILE_NAME;
}

/* Within the fields; false at their end. */
static bool next_field(struct ui_wizard *w, int by)
{
    int to = w->form.at + by;
    if (to < 0 || to >= w->form.norder)
        return false;
    ui_form_move(&w->form, by);
    return true;
}

static bool next_in_part(struct ui_wizard *w, int by)
{
    if (w->part == UI_WIZARD_ROW) {
        bool more = by > 0 ? w->row + 1 < ui_wizard_nrows(w) : w->row > 0;
        if (more)
            w->row += (size_t)by;
        return more;
    }
    if (w->part == UI_WIZARD_BUTTON) {
        w->part = UI_WIZARD_FIELD;
        return by < 0 || next_field(w, by);
    }
    bool button = by > 0 && on_name(w) && ui_wizard_has_button(w);
    keep(w);
    if (button) {
        w->part = UI_WIZARD_BUTTON;
        return true;
    }
    return next_field(w, by);
}

/* Around the ends, from the rows to the fields and back. */
static unsigned move(struct ui_wizard *w, int by)
{
    size_t rows = ui_wizard_nrows(w);
    if (next_in_part(w, by))
        return UI_REDRAW;
    bool to_fields = w->form.norder > 0 && (w->part == UI_WIZARD_ROW || rows == 0);
    if (to_fields) {
        w->part = UI_WIZARD_FIELD;
        ui_form_go(&w->form, w->form.order[by > 0 ? 0 : w->form.norder - 1]);
    } else {
        ui_wizard_focus(w, UI_WIZARD_ROW, by > 0 ? 0 : rows);
    }
    return UI_REDRAW;
}

static unsigned wizard_down(struct ui_view *view)
{
    return move(as_wizard(view), 1);
}

static unsigned wizard_up(struct ui_view *view)
{
    return move(as_wizard(view), -1);
}

static unsigned page_by(struct ui_wizard *w, int by)
{
    long to = (long)w->row + by;
    if (w->part == UI_WIZARD_ROW)
        ui_wizard_focus(w, UI_WIZARD_ROW, to > 0 ? (size_t)to : 0);
    return UI_REDRAW;
}

static unsigned wizard_page_down(struct ui_view *view)
{
    return page_by(as_wizard(view), as_wizard(view)->rows);
}

static unsigned wizard_page_up(struct ui_view *view)
{
    return page_by(as_wizard(view), -as_wizard(view)->rows);
}

/* The fields of one phone. */

static void open_phone(struct ui_wizard *w, int phone)
{
    keep(w);
    int was = w->phone;
    w->phone = phone < (int)ui_wizard_nphones(w) ? phone : -1;
    ui_wizard_fill(w);
    focus_first(w);
    if (w->phone < 0 && was >= 0)
        ui_wizard_focus(w, UI_WIZARD_ROW, (size_t)was);
}

static bool has_phone_fields(const struct ui_wizard *w)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    return page && page->page == RL_PAGE_PHONES && page->nfields > 0;
}

/* Moving between steps. */

static void go_to(struct ui_wizard *w, int step)
{
    keep(w);
    w->want = -1;
    ui_wizard_go(w, step);
    ui_wizard_save(w);
}

static bool is_ready(struct ui_wizard *w)
{
    if (!w->draft)
        return false;
    if (!w->taken)
        return true;
    ui_say(w->form.view.app, "!", "E-DRAFT-TAKEN: somebody else has this wizard; F9 takes it over");
    return false;
}

/* A line of the end check: where it leads. */
static unsigned follow(struct ui_wizard *w)
{
    const json_t *line = ui_wizard_line(w, w->row);
    const char *code = ui_text_of(line, "code"), *id = ui_text_of(line, "step");
    if (strcmp(code, "W-CLUSTER-NONSECURE") == 0)
        ui_open(w->form.view.app, "cluster", "cluster");
    else if (!w->result && *id && rl_wizard_step(w->wizard, id) >= 0)
        go_to(w, rl_wizard_step(w->wizard, id));
    else
        ui_say(w->form.view.app, "i", "nothing opens from this line");
    return UI_REDRAW;
}

static unsigned apply(struct ui_wizard *w)
{
    struct ui_view *view = &w->form.view;
    static const struct ui_action needs = {.needs = UI_NEED_ENGINE | UI_NEED_ADMIN};
    const char *unmet = ui_action_unmet(view, &needs);
    if (unmet)
        ui_say(view->app, "!", "apply: %s; the draft is kept", unmet);
    else
        ui_wizard_apply(w);
    return UI_REDRAW;
}

static unsigned wizard_choose(struct ui_view *view)
{
    struct ui_wizard *w = as_wizard(view);
    if (!is_ready(w))
        return UI_REDRAW;
    if (w->part == UI_WIZARD_FIELD && w->form.norder > 0) {
        ui_form_choose(&w->form);
    } else if (w->part == UI_WIZARD_BUTTON) {
        const char *what;
        char *name = ui_wizard_wanted_name(w, &what);
        w->part = UI_WIZARD_FIELD;
        if (name)
            ui_form_set(&w->form, RL_PROFILE_NAME, name);
        ui_form_check(&w->form);
        free(name);
    } else if (!ui_wizard_page(w)) {
        return follow(w);
    } else if (has_phone_fields(w)) {
        open_phone(w, (int)w->row);
    } else {
        ui_wizard_upload(w);
    }
    return UI_REDRAW;
}

static unsigned wizard_next(struct ui_view *view)
{
    struct ui_wizard *w = as_wizard(view);
    if (w->result)
        return UI_POP;
    if (!is_ready(w))
        return UI_REDRAW;
    if (w->part == UI_WIZARD_BUTTON)
        return wizard_choose(view);
    if (w->phone >= 0) {
        open_phone(w, w->phone + 1);
        return UI_REDRAW;
    }
    if (!ui_wizard_page(w))
        return apply(w);
    keep(w);
    w->want = w->step + 1;
    ui_wizard_save(w);
    if (!ui_is_up(view->app))
        ui_say(view->app, "!", "Next waits for the core: what you typed is kept here");
    return UI_REDRAW;
}

static unsigned wizard_back(struct ui_view *view)
{
    struct ui_wizard *w = as_wizard(view);
    if (w->phone >= 0)
        open_phone(w, -1);
    else if (is_ready(w) && !w->result && w->step > 0)
        go_to(w, w->step - 1);
    return UI_REDRAW;
}

static unsigned step_chosen(struct ui_view *view, size_t index)
{
    go_to(as_wizard(view), (int)index);
    return UI_REDRAW;
}

static unsigned wizard_go(struct ui_view *view)
{
    struct ui_wizard *w = as_wizard(view);
    char text[STEPS_MAX][80];
    const char *items[STEPS_MAX];
    if (!is_ready(w) || w->result)
        return UI_REDRAW;
    if (!ui_wizard_page(w) && *ui_text_of(ui_wizard_line(w, w->row), "step"))
        return follow(w);
    const json_t *steps = json_object_get(w->draft, "steps");
    size_t n = w->wizard->nsteps;
    for (size_t i = 0; i < n; i++) {
        snprintf(text[i], sizeof text[i], "%2zu %-14s %s", i + 1, w->wizard->steps[i].label,
                 ui_text_of(json_array_get(steps, i), "state"));
        items[i] = text[i];
    }
    items[n] = "   End check";
    ui_menu(view, "Go to step", items, n + 1, (size_t)w->step, step_chosen);
    return UI_REDRAW;
}

/* What is under the cursor. */

static unsigned wizard_upload(struct ui_view *view)
{
    if (is_ready(as_wizard(view)))
        ui_wizard_upload(as_wizard(view));
    return UI_REDRAW;
}

static unsigned wizard_remove(struct ui_view *view)
{
    if (is_ready(as_wizard(view)))
        ui_wizard_remove_row(as_wizard(view));
    return UI_REDRAW;
}

static unsigned wizard_csv(struct ui_view *view)
{
    if (is_ready(as_wizard(view)))
        ui_wizard_from_csv(as_wizard(view));
    return UI_REDRAW;
}

static unsigned wizard_vendor(struct ui_view *view)
{
    struct ui_wizard *w = as_wizard(view);
    const json_t *text = json_object_get(w->draft, "instructions");
    if (json_array_size(text) > 0)
        ui_wizard_vendor_open(w);
    else
        ui_say(view->app, "i", "the supplier's device pack holds no instructions");
    return UI_REDRAW;
}

static unsigned wizard_copy(struct ui_view *view)
{
    struct ui_wizard *w = as_wizard(view);
    struct rl_buf text = {0};
    if (w->draft && !ui_wizard_page(w)) {
        ui_wizard_report(w, &text);
        ui_copy(view->app, rl_buf_str(&text));
    } else {
        ui_say(view->app, "i", "the end check can be copied, on the last page");
    }
    rl_buf_fini(&text);
    return UI_REDRAW;
}

static unsigned wizard_take(struct ui_view *view)
{
    ui_wizard_open(as_wizard(view), true);
    return UI_REDRAW;
}

/* Leaving. */

static bool wizard_unsaved(struct ui_view *view)
{
    struct ui_wizard *w = as_wizard(view);
    int field = ui_form_field_at(&w->form);
    bool typing = w->part == UI_WIZARD_FIELD && field >= 0 && w->form.typing &&
                  strcmp(w->form.edit.text, ui_form_get(&w->form, field)) != 0;
    return !w->result && (typing || w->sent || json_object_size(w->typed) > 0);
}

static void wizard_keep(struct ui_view *view)
{
    struct ui_wizard *w = as_wizard(view);
    if (w->draft && !w->result && !w->taken)
        keep(w);
}

static unsigned leave_chosen(struct ui_view *view, size_t index)
{
    (void)view;
    return index == 1 ? UI_POP : UI_REDRAW;
}

static unsigned wizard_leave(struct ui_view *view)
{
    static const char *const answers[] = {"Stay until it is kept", "Leave and lose what was typed"};
    struct ui_wizard *w = as_wizard(view);
    if (w->phone >= 0) {
        open_phone(w, -1);
        return UI_REDRAW;
    }
    if (w->result || !w->draft)
        return UI_POP;
    keep(w);
    if (!wizard_unsaved(view)) {
        ui_wizard_leave(w);
        return UI_REDRAW;
    }
    if (w->taken || !ui_is_up(view->app)) {
        ui_menu(view, "The engine does not have all answers yet", answers, 2, 0, leave_chosen);
        return UI_REDRAW;
    }
    w->leaving = true;
    ui_wizard_save(w);
    return UI_REDRAW;
}

static bool wizard_typed(struct ui_view *view, int key, const char *paste, unsigned *consequence)
{
    struct ui_wizard *w = as_wizard(view);
    return w->part == UI_WIZARD_FIELD && w->form.norder > 0 && !w->taken &&
           ui_form_typed(&w->form, key, paste, consequence);
}

/* clang-format off */
static const struct ui_action wizard_actions[] = {
    {"wizard-next", "Enter", "next", "To the next step, when this one is answered; at the end, apply",
     0, UI_UNDOABLE, wizard_next},
    {"wizard-upload", "A,F7", "upload", "Read a certificate file, or take names of phones",
     0, UI_SAFE, wizard_upload},
    {"wizard-choose", "Space,F4", "choose", "Toggle, choose, press the button, or open the line",
     0, UI_SAFE, wizard_choose},
    {"wizard-back", "^P", "back", "To the step before; no answer is lost", 0, UI_SAFE, wizard_back},
    {"wizard-go", "^G", "steps", "Choose the step to go to, or go where the line leads",
     0, UI_SAFE, wizard_go},
    {"wizard-leave", "Esc,^C", "leave, keep draft", "Leave; the engine keeps the draft",
     0, UI_SAFE, wizard_leave},
    {"wizard-csv", "I", "from CSV", "Phones from a CSV file: name, certificate, fields",
     0, UI_SAFE, wizard_csv},
    {"wizard-remove", "D,F8", "take away", "Take away the file or the phone under the cursor",
     0, UI_SAFE, wizard_remove},
    {"wizard-vendor", "F6", NULL, "Show all of the supplier's instructions",
     UI_NEED_ENGINE, UI_SAFE, wizard_vendor},
    {"wizard-copy", "y", NULL, "Copy the end check, or what was made, to the clipboard of the terminal",
     0, UI_SAFE, wizard_copy},
    {"wizard-take", "F9", NULL, "Take the wizard over from somebody else",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, wizard_take},
    {"wizard-down", "Tab,Down", NULL, "To the next field, line or button", 0, UI_SAFE, wizard_down},
    {"wizard-up", "S-Tab,Up", NULL, "To the one before", 0, UI_SAFE, wizard_up},
    {"wizard-page-down", "PgDn", NULL, "One page of lines down", 0, UI_SAFE, wizard_page_down},
    {"wizard-page-up", "PgUp", NULL, "One page of lines up", 0, UI_SAFE, wizard_page_up},
    {.name = NULL},
};
/* clang-format on */

/* What the footer says: the keys that do something where the cursor is. */

static const char *next_label(const struct ui_wizard *w)
{
    if (w->part == UI_WIZARD_BUTTON)
        return "press";
    if (w->phone >= 0)
        return (size_t)w->phone + 1 < ui_wizard_nphones(w) ? "next phone" : "all phones";
    return w->result ? "close" : ui_wizard_page(w) ? "next" : "apply";
}

static const char *choose_label(const struct ui_wizard *w)
{
    if (w->part == UI_WIZARD_FIELD)
        return ui_form_can_choose(&w->form) ? "choose" : NULL;
    if (w->part == UI_WIZARD_BUTTON || ui_wizard_nrows(w) == 0)
        return NULL;
    return has_phone_fields(w) ? "fields" : ui_wizard_page(w) ? NULL : "open";
}

/* Does the row under the cursor take files (or names), phones from a CSV file? */
static bool takes_files(const struct ui_wizard *w, bool csv)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    if (!page || w->part != UI_WIZARD_ROW)
        return false;
    bool names = page->page == RL_PAGE_PHONES && page->nfields == 0;
    return names || page->page == RL_PAGE_UPLOADS || (page->page == RL_PAGE_CERTIFICATE && !csv);
}

static const char *upload_label(const struct ui_wizard *w)
{
    if (!takes_files(w, false))
        return NULL;
    enum rl_wizard_page page = ui_wizard_page(w)->page;
    bool file =
        page == RL_PAGE_CERTIFICATE || (page == RL_PAGE_UPLOADS && w->row < ui_wizard_nphones(w));
    return file ? "upload" : "add phones";
}

static bool can_remove(const struct ui_wizard *w)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    if (page && page->page == RL_PAGE_CERTIFICATE)
        return json_is_object(ui_wizard_answer(w, "certificate"));
    return w->row < ui_wizard_nphones(w);
}

/* The way out is told on narrow terminals too. */
static const char *leave_label(const struct ui_wizard *w)
{
    if (w->phone >= 0)
        return "all phones";
    bool crowded = w->form.view.app->cols < 80 || !ui_wizard_page(w);
    return crowded ? "leave" : "leave, keep draft";
}

static const char *wizard_label(struct ui_view *view, const struct ui_action *action)
{
    const struct ui_wizard *w = as_wizard(view);
    bool moves = !w->result && w->draft;
    if (action->run == wizard_next)
        return next_label(w);
    if (action->run == wizard_choose)
        return choose_label(w);
    if (action->run == wizard_upload)
        return upload_label(w);
    if (action->run == wizard_go && *ui_text_of(ui_wizard_line(w, w->row), "step") && moves)
        return ui_wizard_page(w) ? action->label : "to its step";
    if (action->run == wizard_csv)
        return takes_files(w, true) ? action->label : NULL;
    if (action->run == wizard_remove)
        return takes_files(w, false) && can_remove(w) ? action->label : NULL;
    if (action->run == wizard_leave)
        return moves || w->phone >= 0 ? leave_label(w) : NULL;
    return moves ? action->label : NULL;
}

static void wizard_load(struct ui_view *view)
{
    if (!as_wizard(view)->result)
        ui_wizard_open(as_wizard(view), false);
}

static void wizard_fini(struct ui_view *view)
{
    struct ui_wizard *w = as_wizard(view);
    json_decref(w->draft);
    json_decref(w->open);
    json_decref(w->own);
    json_decref(w->typed);
    json_decref(w->sent);
    json_decref(w->accept);
    json_decref(w->result);
    ui_form_fini(&w->form);
}

const struct ui_view_class ui_wizard_class = {
    .name = "wizard",
    .actions = wizard_actions,
    .modal = true,
    .alone = true,
    .draw = ui_wizard_draw,
    .status = ui_wizard_status,
    .label = wizard_label,
    .typed = wizard_typed,
    .load = wizard_load,
    .notify = ui_wizard_notify,
    .unsaved = wizard_unsaved,
    .keep = wizard_keep,
    .fini = wizard_fini,
};

struct ui_view *ui_wizard_new(struct ui_app *app, const struct ui_screen *screen, const char *id)
{
    struct ui_wizard *w = rl_alloc(sizeof *w);
    ui_view_init(&w->form.view, app, &ui_wizard_class, screen, screen->title);
    w->id = strtoll(id, NULL, 10);
    w->typed = json_object();
    w->accept = json_array();
    w->want = w->phone = -1;
    return &w->form.view;
}
