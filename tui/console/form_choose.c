#include <string.h>

#include "console/dialog.h"
#include "console/form.h"

/* What a field can be chosen from: its values, or the objects that it can name. */
enum { CHOICES_MAX = 64, PICKS_MAX = 1000 };

static bool is_offered(const struct ui_form *form, int field, const char *value,
                       const json_t *object)
{
    return !form->spec->offers || form->spec->offers(form, field, value, object);
}

static unsigned picked(struct ui_view *view, size_t index)
{
    struct ui_form *form = (struct ui_form *)view;
    int field = ui_form_field_at(form);
    const char *value = json_string_value(json_array_get(form->picks, index));
    ui_form_problem(form, field, NULL, NULL);
    ui_form_set(form, field, value);
    form->field[field].visited = true;
    ui_form_check(form);
    return UI_REDRAW;
}

static void open_picks(struct ui_form *form, const char *const *labels, size_t n)
{
    int field = ui_form_field_at(form);
    size_t selected = 0;
    for (size_t i = 0; i < n; i++)
        if (strcmp(json_string_value(json_array_get(form->picks, i)), ui_form_get(form, field)) ==
            0)
            selected = i;
    if (n == 0)
        ui_say(form->view.app, "i", "there is nothing to choose from yet");
    else
        ui_menu(&form->view, form->obj->fields[field].label, labels, n, selected, picked);
}

static void begin_picks(struct ui_form *form)
{
    json_decref(form->picks);
    form->picks = json_array();
}

static void choose_value(struct ui_form *form, int field)
{
    const struct rl_field *f = &form->obj->fields[field];
    const char *labels[CHOICES_MAX];
    size_t n = 0;
    begin_picks(form);
    for (size_t i = 0; f->values[i] && n < CHOICES_MAX; i++)
        if (is_offered(form, field, f->values[i], NULL)) {
            labels[n++] = f->labels ? f->labels[i] : f->values[i];
            json_array_append_new(form->picks, json_string(f->values[i]));
        }
    open_picks(form, labels, n);
}

static void objects_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                         const json_t *problems)
{
    (void)problems;
    struct ui_form *form = (struct ui_form *)view;
    int field = ui_form_field_at(form);
    const json_t *row;
    const char *labels[PICKS_MAX];
    size_t i, n = 0;
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    if (field < 0 || form->obj->fields[field].kind != RL_F_REF || ui_top(view->app) != view)
        return;
    const char *key = rl_object(form->obj->fields[field].ref)->fields[0].name;
    begin_picks(form);
    json_array_foreach (json_object_get(result, "rows"), i, row) {
        const char *name = json_string_value(json_object_get(row, key));
        if (!name || n == PICKS_MAX || !is_offered(form, field, name, row))
            continue;
        json_array_append_new(form->picks, json_string(name));
        labels[n++] = name;
    }
    if (json_is_true(json_object_get(result, "more")))
        ui_say(view->app, "i", "there are more than can be listed; others can be typed");
    open_picks(form, labels, n);
}

static void choose_name(struct ui_form *form, const json_t *names)
{
    const char *labels[PICKS_MAX];
    const json_t *name;
    size_t i, n = 0;
    begin_picks(form);
    json_array_foreach (names, i, name) {
        if (n == PICKS_MAX)
            break;
        json_array_append(form->picks, (json_t *)(uintptr_t)name);
        labels[n++] = json_string_value(name);
    }
    open_picks(form, labels, n);
}

static void choose_object(struct ui_form *form, int field)
{
    json_t *names = form->spec->names ? form->spec->names(form, field) : NULL;
    if (names) {
        choose_name(form, names);
        json_decref(names);
        return;
    }
    json_t *criteria = form->spec->criteria ? form->spec->criteria(form, field) : NULL;
    ui_ask(&form->view, "object.list",
           json_pack("{s:s,s:o,s:i}", "kind", rl_object(form->obj->fields[field].ref)->name,
                     "criteria", criteria ? criteria : json_array(), "limit", PICKS_MAX),
           objects_came);
}

bool ui_form_can_choose(const struct ui_form *form)
{
    int field = ui_form_field_at(form);
    if (field < 0 || ui_form_is_fixed(form, field))
        return false;
    enum rl_field_kind kind = form->obj->fields[field].kind;
    return kind == RL_F_BOOL || kind == RL_F_ENUM || kind == RL_F_REF;
}

void ui_form_choose(struct ui_form *form)
{
    int field = ui_form_field_at(form);
    if (field < 0 || ui_form_is_fixed(form, field))
        return;
    switch (form->obj->fields[field].kind) {
    case RL_F_BOOL:
        ui_form_set(form, field, strcmp(ui_form_get(form, field), "yes") == 0 ? "no" : "yes");
        ui_form_check(form);
        break;
    case RL_F_ENUM:
        choose_value(form, field);
        break;
    case RL_F_REF:
        choose_object(form, field);
        break;
    default:
        break;
    }
}
