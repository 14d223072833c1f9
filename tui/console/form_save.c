#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/rows.h"
#include "console/conflict.h"
#include "console/dialog.h"
#include "console/form.h"
#include "console/list.h"
#include "console/undo.h"

/* What was changed: from what is stored, or from the defaults, so that the engine can set what
 * follows. A copy says everything. */
static json_t *values_json(const struct ui_form *form)
{
    json_t *values = json_object();
    for (int i = 0; i < form->norder; i++) {
        int field = form->order[i];
        const struct rl_field *f = &form->obj->fields[field];
        const char *value = ui_form_get(form, field);
        bool wanted = form->copied ? *value != '\0' : ui_form_is_changed(form, field);
        if (wanted && !form->field[field].follows && !(f->flags & RL_FF_SYSTEM))
            json_object_set_new(values, f->name, json_string(value));
    }
    return values;
}

json_t *ui_form_params(const struct ui_form *form)
{
    json_t *p = json_pack("{s:s,s:o}", "kind", form->obj->name, "values", values_json(form));
    if (form->name)
        json_object_set_new(p, "name", json_string(form->name));
    return p;
}

/* The field that a problem is about. What was read from a file is the file's. */
static int field_of(const struct ui_form *form, const json_t *problem)
{
    const char *name = ui_text_of(problem, "field");
    return rl_field_index(form->obj, strcmp(name, "data") == 0 ? "file" : name);
}

/* Put problems to their fields; `all`: of fields not visited too. Returns the first field at fault,
 * or -1. */
static int place_problems(struct ui_form *form, const json_t *problems, bool all)
{
    const json_t *problem;
    size_t i;
    int first = -1;
    for (int f = 0; f < (int)form->obj->nfields; f++)
        ui_form_problem(form, f, NULL, NULL);
    json_array_foreach (problems, i, problem) {
        int field = field_of(form, problem);
        const char *code = ui_text_of(problem, "code");
        if (field < 0 || (!all && !form->field[field].visited))
            continue;
        if (!form->field[field].problem)
            ui_form_problem(form, field, code, ui_text_of(problem, "message"));
        if (first < 0 && code[0] == 'E')
            first = field;
    }
    return first;
}

/* A refusal that names no more than itself, with what to do: put to its field, else to that of the
 * file it is about. Returns the field, or -1. */
static int place_error(struct ui_form *form, const struct rl_err *err)
{
    int field = rl_field_index(form->obj, err->field);
    if (field < 0)
        field = rl_field_index(form->obj, "file");
    char *text = rl_asprintf("%s %s", err->text, err->remedy);
    if (field >= 0)
        ui_form_problem(form, field, rl_code_info(err->code)->tag, text);
    free(text);
    return field;
}

/* What follows from other fields is set by the engine: shown where nobody said otherwise. */
static void follow(struct ui_form *form, int field, const json_t *values)
{
    const struct rl_field *f = &form->obj->fields[field];
    struct ui_form_field *at = &form->field[field];
    bool ours = at->visited || (ui_form_is_changed(form, field) && !at->follows);
    if (ours || field == ui_form_field_at(form) || f->kind == RL_F_SECRET ||
        f->flags & RL_FF_SYSTEM || !json_object_get(values, f->name))
        return;
    char *value = rl_client_text(values, f);
    if (*value && strcmp(value, ui_form_get(form, field)) != 0) {
        ui_form_set(form, field, value);
        at->follows = true;
    }
    free(value);
}

static void check_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    struct ui_form *form = (struct ui_form *)view;
    const json_t *values = json_object_get(result, "values");
    if (err)
        return; /* the save will say it */
    place_problems(form, json_object_get(result, "problems"), false);
    if (form->name && json_integer_value(json_object_get(values, "rev")) != form->rev)
        return; /* somebody else saved: theirs comes in by the page of the conflict alone */
    for (int i = 0; i < (int)form->obj->nfields; i++)
        follow(form, i, values);
}

void ui_form_check(struct ui_form *form)
{
    if (form->spec->filled)
        form->spec->filled(form);
    else if (ui_is_up(form->view.app) && form->loaded)
        ui_ask(&form->view, "object.check", ui_form_params(form), check_came);
}

/* Saving. */

static void submit(struct ui_form *form);

/* Going on in spite of warnings takes an explicit yes (R31). */
static unsigned save_accepted(struct ui_view *view)
{
    submit((struct ui_form *)view);
    return UI_REDRAW;
}

/* What is filled in becomes a new one. */
static unsigned gone_chosen(struct ui_view *view, size_t index)
{
    struct ui_form *form = (struct ui_form *)view;
    if (index == 0)
        return UI_REDRAW;
    if (index == 1) {
        ui_form_draft_drop(form);
        ui_form_close(form);
        return UI_REDRAW;
    }
    ui_form_renew(form);
    return ui_form_save(form);
}

static void ask_about_gone(struct ui_form *form)
{
    static const char *const answers[] = {"Stay in the form", "Discard what was changed",
                                          "Add it again, as the form says"};
    char *title = rl_asprintf("%s was removed by another", form->name);
    ui_menu(&form->view, title, answers, 3, 0, gone_chosen);
    free(title);
}

static void reread(struct ui_view *view, const json_t *result, const struct rl_err *err,
                   const json_t *problems)
{
    (void)problems;
    struct ui_form *form = (struct ui_form *)view;
    if (!err && json_integer_value(json_object_get(result, "rev")) == form->rev)
        return; /* it was not the object that was in the way */
    if (!err)
        ui_conflict_open(form, result);
    else if (err->code == RL_E_NOT_FOUND && ui_top(view->app) == view)
        ask_about_gone(form);
    else
        ui_say_error(view->app, err);
}

/* Somebody else saved, or removed it: what is there is read, and shown beside ours. */
static void conflict(struct ui_form *form, const struct rl_err *err)
{
    ui_ask(&form->view, "object.show",
           json_pack("{s:s,s:s}", "kind", form->obj->name, "name", form->name), reread);
    ui_say_error(form->view.app, err);
}

/* A password is not in the log, so it cannot be put back. */
static const char *undoes(const struct ui_form *form)
{
    for (int i = 0; i < (int)form->obj->nfields; i++)
        if (form->name && form->obj->fields[i].kind == RL_F_SECRET && *ui_form_get(form, i))
            return "";
    return UI_UNDOES;
}

static const char *object_saved(struct ui_form *form, const json_t *result)
{
    const json_t *warnings = json_object_get(result, "warnings");
    const char *note = json_string_value(json_array_get(json_object_get(result, "notes"), 0));
    const char *name = ui_text_of(result, form->obj->fields[0].name);
    ui_say(form->view.app, "i", "%s successful: %s %s%s%s%s%s", form->name ? "Update" : "Add",
           form->obj->name, name, json_array_size(warnings) ? ", with warnings accepted" : "",
           undoes(form), note ? "; " : "", note ? note : "");
    return name;
}

static void saved(struct ui_form *form, const json_t *result)
{
    struct ui_view *below = form->view.below;
    const char *name = (form->spec->saved ? form->spec->saved : object_saved)(form, result);
    ui_form_draft_drop(form);
    if (below && below->class == &ui_list_class)
        ui_list_aim((struct ui_list *)below, name);
    ui_form_close(form);
}

static void save_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                      const json_t *problems)
{
    struct ui_form *form = (struct ui_form *)view;
    form->saving = false;
    if (!err) {
        saved(form, result);
        return;
    }
    if ((err->code == RL_E_CONFLICT || err->code == RL_E_NOT_FOUND) && form->name) {
        conflict(form, err);
        return;
    }
    int first = place_problems(form, problems, true);
    if (first < 0 && !rl_code_is_warning(err->code))
        first = place_error(form, err);
    if (first >= 0)
        ui_form_go(form, first);
    if (rl_code_is_warning(err->code))
        ui_confirm_warnings(view, "Save", problems, form->accept, save_accepted);
    else
        ui_say_error(view->app, err);
}

static void submit(struct ui_form *form)
{
    const char *method = form->spec->method;
    struct rl_err err = {0};
    json_t *p = form->spec->params ? form->spec->params(form, &err) : ui_form_params(form);
    if (!p) { /* something is wrong before the engine is asked */
        ui_form_go(form, place_error(form, &err));
        ui_say_error(form->view.app, &err);
        return;
    }
    json_object_set_new(p, "accept", json_deep_copy(form->accept));
    if (form->name)
        json_object_set_new(p, "rev", json_integer(form->rev));
    form->saving = true;
    ui_ask(&form->view, method ? method : form->name ? "object.set" : "object.add", p, save_came);
}

unsigned ui_form_save(struct ui_form *form)
{
    ui_form_keep(form);
    if (form->saving || ui_form_draft_waits(form, UI_THEN_SAVE))
        return UI_REDRAW;
    json_decref(form->accept);
    form->accept = json_array();
    submit(form);
    return UI_REDRAW;
}
