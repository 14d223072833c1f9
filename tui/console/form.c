#include "console/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/rows.h"
#include "console/classes.h"
#include "console/dialog.h"
#include "console/list.h"
#include "console/review.h"
#include "ringlock/text.h"

static struct ui_form *as_form(struct ui_view *view)
{
    return (struct ui_form *)view;
}

const char *ui_form_get(const struct ui_form *form, int field)
{
    const char *value = form->field[field].value;
    return value ? value : "";
}

static const char *original(const struct ui_form *form, int field)
{
    const char *value = form->field[field].original;
    return value ? value : "";
}

int ui_form_field_at(const struct ui_form *form)
{
    return form->norder > 0 ? form->order[form->at] : -1;
}

bool ui_form_is_fixed(const struct ui_form *form, int field)
{
    unsigned flags = form->obj->fields[field].flags;
    return flags & RL_FF_SYSTEM || (form->name && flags & RL_FF_FIXED);
}

bool ui_form_is_changed(const struct ui_form *form, int field)
{
    return strcmp(ui_form_get(form, field), original(form, field)) != 0;
}

/* Fields that take typed text; the others are chosen. */
static bool is_typed(const struct ui_form *form, int field)
{
    enum rl_field_kind kind = form->obj->fields[field].kind;
    return kind != RL_F_BOOL && kind != RL_F_ENUM && !ui_form_is_fixed(form, field);
}

const char *ui_form_typing(const struct ui_form *form, int field)
{
    bool here = field == ui_form_field_at(form) && is_typed(form, field);
    return here ? form->edit.text : ui_form_get(form, field);
}

/* Which fields there are. */

static bool shows(const struct ui_form *form, int field)
{
    if (!form->name && form->obj->fields[field].flags & RL_FF_SYSTEM)
        return false;
    return !form->spec->shows || form->spec->shows(form, field);
}

/* Fields of one section stand together, sections in the order of their first field. */
static void arrange(struct ui_form *form)
{
    const char *section[UI_FORM_FIELDS] = {NULL}, *last = "";
    int here = ui_form_field_at(form), n = (int)form->obj->nfields;
    for (int i = 0; i < n; i++)
        section[i] = last = form->obj->fields[i].section ? form->obj->fields[i].section : last;
    form->norder = 0;
    for (int first = 0; first < n; first++) {
        bool seen = false;
        for (int i = 0; i < first; i++)
            seen = seen || strcmp(section[i], section[first]) == 0;
        for (int i = first; !seen && i < n; i++)
            if (strcmp(section[i], section[first]) == 0 && shows(form, i))
                form->order[form->norder++] = i;
    }
    for (int i = 0; i < form->norder; i++)
        if (form->order[i] == here)
            form->at = i;
    if (form->at >= form->norder)
        form->at = form->norder ? form->norder - 1 : 0;
}

/* The device type decides which fields there are, then the other values. */

static void type_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                      const json_t *problems)
{
    (void)problems;
    struct ui_form *form = as_form(view);
    json_decref(form->type);
    form->type = err ? NULL : json_incref((json_t *)(uintptr_t)result);
    arrange(form);
}

static void ask_type(struct ui_form *form)
{
    int field = rl_field_index(form->obj, "type");
    if (field < 0)
        return;
    if (*ui_form_get(form, field))
        ui_ask(&form->view, "object.show",
               json_pack("{s:s,s:s}", "kind", "type", "name", ui_form_get(form, field)), type_came);
    else
        arrange(form);
}

/* Values. */

static void set_text(char **slot, const char *value)
{
    char *copy = rl_strdup(value);
    free(*slot);
    *slot = copy;
}

void ui_form_set(struct ui_form *form, int field, const char *value)
{
    set_text(&form->field[field].value, value);
    if (field == ui_form_field_at(form))
        ui_edit_set(&form->edit, value);
    form->field[field].follows = false;
    if (field == rl_field_index(form->obj, "type"))
        ask_type(form);
    else
        arrange(form);
}

void ui_form_problem(struct ui_form *form, int field, const char *code, const char *message)
{
    struct ui_form_field *f = &form->field[field];
    free(f->problem);
    f->problem = code ? rl_asprintf("%s: %s", code, message) : NULL;
    f->warning = code && strncmp(code, "W-", 2) == 0;
}

static void arrive(struct ui_form *form)
{
    int field = ui_form_field_at(form);
    form->typing = false;
    if (field >= 0)
        ui_edit_set(&form->edit, ui_form_get(form, field));
}

void ui_form_keep(struct ui_form *form)
{
    int field = ui_form_field_at(form);
    char *value = NULL;
    struct rl_err err = {0};
    if (field < 0 || !is_typed(form, field))
        return;
    form->field[field].visited = true;
    if (rl_field_normalise(form->obj, field, form->edit.text, &value, &err) == RL_OK) {
        ui_form_problem(form, field, NULL, NULL);
        if (strcmp(value, ui_form_get(form, field)) != 0)
            ui_form_set(form, field, value);
        free(value);
        return;
    }
    set_text(&form->field[field].value, form->edit.text);
    ui_form_problem(form, field, rl_code_info(err.code)->tag, err.text);
}

/* The next field that can be changed, around the ends; `at` itself if there is no other. */
static int next_open(const struct ui_form *form, int at, int by)
{
    int to = at;
    do
        to = (to + by + form->norder) % form->norder;
    while (to != at && ui_form_is_fixed(form, form->order[to]));
    return to;
}

void ui_form_move(struct ui_form *form, int by)
{
    if (form->norder == 0)
        return;
    ui_form_keep(form);
    ui_form_check(form);
    form->at = next_open(form, form->at, by);
    arrive(form);
}

void ui_form_go(struct ui_form *form, int field)
{
    for (int i = 0; i < form->norder; i++)
        if (form->order[i] == field)
            form->at = i;
    arrive(form);
}

/* Reading the object. */

void ui_form_read(struct ui_form *form, const json_t *object, bool keep_changes)
{
    form->rev = json_integer_value(json_object_get(object, "rev"));
    form->users = json_integer_value(json_object_get(object, "phones"));
    for (size_t i = 0; i < form->obj->nfields; i++) {
        char *value = rl_client_text(object, &form->obj->fields[i]);
        bool changed = keep_changes && ui_form_is_changed(form, (int)i);
        set_text(&form->field[i].original, value);
        if (!changed)
            set_text(&form->field[i].value, value);
        free(value);
    }
    form->loaded = true;
    arrange(form);
    ask_type(form);
    if (form->norder > 0 && ui_form_is_fixed(form, form->order[form->at]))
        form->at = next_open(form, form->at, 1);
    arrive(form);
}

static void object_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    (void)problems;
    if (err) {
        ui_say_error(view->app, err);
        if (err->code == RL_E_NOT_FOUND)
            ui_form_draft_rescue(as_form(view));
        return;
    }
    ui_form_read(as_form(view), result, false);
    ui_form_draft_look(as_form(view));
}

static void form_load(struct ui_view *view)
{
    struct ui_form *form = as_form(view);
    if (form->name && !form->loaded)
        ui_ask(view, "object.show",
               json_pack("{s:s,s:s}", "kind", form->obj->name, "name", form->name), object_came);
    else
        ui_form_draft_look(form);
}

static void take_field(struct ui_form *form, int field, const char *was, const char *typed)
{
    struct ui_form_field *f = &form->field[field];
    bool changed = ui_form_is_changed(form, field) ||
                   strcmp(ui_form_typing(form, field), ui_form_get(form, field)) != 0;
    if (was)
        set_text(&f->original, was);
    if (changed || ui_form_is_fixed(form, field))
        return;
    if (was)
        set_text(&f->value, was);
    if (typed) {
        set_text(&f->value, typed);
        f->visited = true;
    }
}

void ui_form_renew(struct ui_form *form)
{
    free(form->draft.of);
    form->draft.of = form->name;
    form->name = NULL;
    form->copied = true;
    ui_view_title(&form->view, "Add");
}

void ui_form_take(struct ui_form *form, const json_t *before, const json_t *values)
{
    for (int i = 0; i < (int)form->obj->nfields; i++) {
        const struct rl_field *f = &form->obj->fields[i];
        if (f->kind != RL_F_SECRET && !(f->flags & RL_FF_SYSTEM))
            take_field(form, i, json_string_value(json_object_get(before, f->name)),
                       json_string_value(json_object_get(values, f->name)));
    }
    arrange(form);
    ask_type(form);
    if (!form->typing)
        arrive(form);
}

void ui_form_fill(struct ui_form *form, const struct ui_form_spec *spec, const json_t *from)
{
    form->spec = spec;
    form->obj = spec->obj ? spec->obj : rl_object(spec->kind);
    form->at = 0;
    for (size_t i = 0; i < form->obj->nfields; i++) {
        const struct rl_field *field = &form->obj->fields[i];
        char *value = from ? rl_client_text(from, field) : rl_strdup(field->def ? field->def : "");
        set_text(&form->field[i].value, value);
        set_text(&form->field[i].original, value);
        ui_form_problem(form, (int)i, NULL, NULL);
        form->field[i].visited = false;
        free(value);
    }
    form->loaded = true;
    arrange(form);
    arrive(form);
}

void ui_form_update(struct ui_form *form, const json_t *object)
{
    for (int i = 0; i < (int)form->obj->nfields; i++) {
        char *value = rl_client_text(object, &form->obj->fields[i]);
        bool here = i == ui_form_field_at(form);
        bool keep = ui_form_is_changed(form, i) || (here && form->typing);
        set_text(&form->field[i].original, value);
        if (!keep && strcmp(value, ui_form_get(form, i)) != 0)
            ui_form_set(form, i, value);
        free(value);
    }
}

/* Keys. */

static unsigned form_next(struct ui_view *view)
{
    ui_form_move(as_form(view), 1);
    return UI_REDRAW;
}

static unsigned form_back(struct ui_view *view)
{
    ui_form_move(as_form(view), -1);
    return UI_REDRAW;
}

static unsigned form_choose(struct ui_view *view)
{
    ui_form_choose(as_form(view));
    return UI_REDRAW;
}

static bool form_unsaved(struct ui_view *view)
{
    struct ui_form *form = as_form(view);
    int field = ui_form_field_at(form);
    for (size_t i = 0; i < form->obj->nfields; i++)
        if (ui_form_is_changed(form, (int)i))
            return true;
    return field >= 0 && is_typed(form, field) &&
           strcmp(form->edit.text, ui_form_get(form, field)) != 0;
}

void ui_form_close(struct ui_form *form)
{
    struct ui_view *below = form->view.below;
    ui_close(&form->view);
    for (; below; below = below->below)
        ui_load(below);
}

static unsigned discard(struct ui_form *form)
{
    if (ui_form_draft_waits(form, UI_THEN_DISCARD))
        return UI_REDRAW;
    ui_form_draft_drop(form);
    ui_form_close(form);
    return UI_REDRAW;
}

static unsigned leave_chosen(struct ui_view *view, size_t index)
{
    if (index == 2)
        ui_form_draft_leave(as_form(view));
    return index == 1 ? discard(as_form(view)) : UI_REDRAW;
}

static bool has_secret(const struct ui_form *form)
{
    for (int i = 0; i < (int)form->obj->nfields; i++)
        if (form->obj->fields[i].kind == RL_F_SECRET && *ui_form_typing(form, i))
            return true;
    return false;
}

static unsigned form_leave(struct ui_view *view)
{
    const char *answers[] = {"Stay in the form", "Discard what was changed", "Keep it as a draft"};
    if (!form_unsaved(view))
        return discard(as_form(view));
    if (has_secret(as_form(view)))
        answers[2] = "Keep it as a draft, without the password";
    ui_menu(view, "The form is not saved", answers, 3, 0, leave_chosen);
    return UI_REDRAW;
}

/* As it was read, or as it is new. */
static unsigned start_afresh(struct ui_view *view)
{
    struct ui_form *form = as_form(view);
    ui_form_draft_drop(form);
    for (int i = 0; i < (int)form->obj->nfields; i++) {
        struct ui_form_field *f = &form->field[i];
        set_text(&f->value, original(form, i));
        ui_form_problem(form, i, NULL, NULL);
        f->visited = f->follows = false;
        f->kept_rev = 0;
    }
    arrange(form);
    ask_type(form);
    arrive(form);
    form->loaded = !form->name;
    return form->name ? UI_RELOAD : UI_REDRAW;
}

static unsigned form_afresh(struct ui_view *view)
{
    if (!form_unsaved(view))
        ui_say(view->app, "i", "nothing is filled in yet");
    else
        ui_confirm(view, "Start afresh", "What was filled in is dropped, and its draft with it.",
                   NULL, start_afresh);
    return UI_REDRAW;
}

/* The draft that was taken up is told with its way out; else the line is for what is used more. */
static const char *form_label(struct ui_view *view, const struct ui_action *action)
{
    return action->run != form_afresh || as_form(view)->draft.taken_up ? action->label : NULL;
}

static void form_keep(struct ui_view *view)
{
    ui_form_draft_keep(as_form(view), true);
}

static void form_pause(struct ui_view *view)
{
    ui_form_draft_keep(as_form(view), false);
}

static void form_discard(struct ui_view *view)
{
    ui_form_draft_drop(as_form(view));
}

static unsigned form_review(struct ui_view *view)
{
    ui_form_keep(as_form(view));
    ui_form_check(as_form(view));
    ui_review_open(as_form(view));
    return UI_REDRAW;
}

static unsigned form_save(struct ui_view *view)
{
    return ui_form_save(as_form(view));
}

/* Tab, where what was typed can be completed. */
static bool complete(struct ui_form *form, int field)
{
    char *text = form->spec->complete ? form->spec->complete(form, field, form->edit.text) : NULL;
    bool longer = text && strlen(text) > strlen(form->edit.text);
    if (longer)
        ui_edit_set(&form->edit, text);
    free(text);
    return longer;
}

bool ui_form_typed(struct ui_form *form, int key, const char *paste, unsigned *consequence)
{
    int field = ui_form_field_at(form);
    bool blank_opens =
        key == ' ' && !form->typing && field >= 0 && form->obj->fields[field].kind == RL_F_REF;
    *consequence = UI_REDRAW;
    if (field < 0 || !is_typed(form, field) || blank_opens)
        return false;
    if (key == UI_KEY_PASTE) {
        ui_paste(&form->view, &form->edit, paste);
    } else if (key == UI_KEY_TAB) {
        if (!complete(form, field))
            return false;
    } else if (!ui_edit_key(&form->edit, key)) {
        return false;
    }
    form->typing = true;
    return true;
}

static bool form_typed(struct ui_view *view, int key, const char *paste, unsigned *consequence)
{
    return ui_form_typed(as_form(view), key, paste, consequence);
}

/* clang-format off */
static const struct ui_action form_actions[] = {
    {"form-save", "F2,^O,^S", "save", "Save what was filled in",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_UNDOABLE, form_save},
    {"form-review", "F6", "review", "What saving will change, field by field, and the warnings",
     0, UI_SAFE, form_review},
    {"form-choose", "Space,F4", "choose", "Toggle the field, or choose from a list",
     0, UI_SAFE, form_choose},
    {"form-next", "Tab,Enter,Down", "next", "To the next field", 0, UI_SAFE, form_next},
    {"form-back", "S-Tab,Up", NULL, "To the field before", 0, UI_SAFE, form_back},
    {"form-leave", "Esc,^C", "leave", "Leave; asks if something was changed",
     0, UI_ASKS_SELF, form_leave},
    {"form-afresh", "F8", "afresh", "Drop what was filled in, also the draft; asks first",
     0, UI_ASKS_SELF, form_afresh},
    {.name = NULL},
};
/* clang-format on */

void ui_form_fini(struct ui_form *form)
{
    for (int i = 0; i < UI_FORM_FIELDS; i++) {
        if (form->field[i].value)
            explicit_bzero(form->field[i].value, strlen(form->field[i].value));
        free(form->field[i].value);
        free(form->field[i].original);
        free(form->field[i].problem);
    }
    json_decref(form->accept);
    json_decref(form->picks);
    json_decref(form->type);
    ui_form_draft_fini(form);
    explicit_bzero(&form->edit, sizeof form->edit);
    free(form->name);
}

static void form_fini(struct ui_view *view)
{
    ui_form_fini(as_form(view));
}

const struct ui_view_class ui_form_class = {
    .name = "form",
    .actions = form_actions,
    .modal = true,
    .keeps_alone = true,
    .draw = ui_form_draw,
    .status = ui_form_status,
    .label = form_label,
    .typed = form_typed,
    .load = form_load,
    .notify = ui_form_draft_notify,
    .unsaved = form_unsaved,
    .keep = form_keep,
    .pause = form_pause,
    .discard = form_discard,
    .fini = form_fini,
};

void ui_form_open(struct ui_app *app, const struct ui_form_spec *spec, const char *name,
                  const json_t *from)
{
    struct ui_form *form = rl_alloc(sizeof *form);
    ui_view_init(&form->view, app, &ui_form_class, NULL, name ? "Edit" : "Add");
    form->spec = spec;
    form->obj = spec->obj ? spec->obj : rl_object(spec->kind);
    form->name = rl_strdup(name);
    form->copied = from != NULL;
    if (from)
        form->draft.of = rl_strdup(ui_text_of(from, form->obj->fields[spec->of].name));
    if (!name)
        ui_form_fill(form, spec, from);
    if (from) { /* a copy needs a name of its own */
        set_text(&form->field[0].original, "");
        ui_form_set(form, 0, "");
    }
    ui_push(app, &form->view);
    if (!name)
        ask_type(form);
}
