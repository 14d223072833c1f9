#include <stdlib.h>
#include <string.h>

#include "console/wizard.h"

/* The hooks of a form get the form, which a wizard begins with. */
static const struct ui_wizard *wizard_of(const struct ui_form *form)
{
    return (const struct ui_wizard *)form;
}

static bool asks(const struct ui_form *form, int field)
{
    const struct rl_wizard_step *page = ui_wizard_page(wizard_of(form));
    for (size_t i = 0; page && i < page->nfields; i++)
        if (page->fields[i].field == field)
            return true;
    return false;
}

static bool offers(const struct ui_form *form, int field, const char *value, const json_t *object)
{
    const json_t *list = json_object_get(form->type, "protocols"), *protocol;
    size_t i;
    (void)object;
    if (form->obj->kind != RL_PHONE || field != RL_PHONE_PROTOCOL || !json_is_array(list))
        return true;
    json_array_foreach (list, i, protocol) {
        if (strcmp(json_string_value(protocol), value) == 0)
            return true;
    }
    return false;
}

/* The type is that of the wizard; a profile is the new one, or one of those that the type has. */
static json_t *names(const struct ui_form *form, int field)
{
    const struct ui_wizard *w = wizard_of(form);
    if (form->obj->kind != RL_PHONE || (field != RL_PHONE_TYPE && field != RL_PHONE_PROFILE))
        return NULL;
    if (field == RL_PHONE_TYPE)
        return json_pack("[s]", ui_text_of(w->draft, "type"));
    json_t *list = json_array(), *profiles = json_object_get(w->draft, "profiles");
    const char *fresh = json_string_value(ui_wizard_answer(w, "profile.name"));
    if (fresh && *fresh)
        json_array_append_new(list, json_string(fresh));
    if (profiles)
        json_array_extend(list, profiles);
    return list;
}

/* Answers. */

static char *key_of(const struct ui_form *form, int field)
{
    return rl_asprintf("%s.%s", form->obj->name, form->obj->fields[field].name);
}

/* What a question stands at before it is answered, where that is not the default of the field: a
 * mode has to be chosen (R89, R105), the transport follows from it (R106), the profile is the one
 * made (R92, R108), and what a phone has it keeps. */
static const char *unanswered(const struct ui_wizard *w, const struct rl_object *obj, int field)
{
    const json_t *found = w->phone >= 0 ? ui_wizard_phone_found(w, (size_t)w->phone) : NULL;
    const json_t *kept = json_object_get(json_object_get(found, "will"), obj->fields[field].name);
    const char *made = json_string_value(ui_wizard_answer(w, "profile.name"));
    static const struct {
        enum rl_kind kind;
        int field;
        const char *value;
    } values[] = {
        {RL_PROFILE, RL_PROFILE_MODE,      ""   },
        {RL_PROFILE, RL_PROFILE_TRANSPORT, "tls"}
    };
    if (kept)
        return json_string_value(kept);
    if (obj->kind == RL_PHONE && field == RL_PHONE_PROFILE && made)
        return made;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (values[i].kind == obj->kind && values[i].field == field)
            return values[i].value;
    return obj->fields[field].def ? obj->fields[field].def : "";
}

/* The value that is answered; borrowed. */
static const char *known(const struct ui_wizard *w, const struct rl_object *obj, int field)
{
    const struct rl_field *f = &obj->fields[field];
    char *key = rl_asprintf("%s.%s", obj->name, f->name);
    const json_t *value = w->phone >= 0
                              ? json_object_get(ui_wizard_phone(w, (size_t)w->phone), f->name)
                              : ui_wizard_answer(w, key);
    free(key);
    const char *text = json_string_value(value);
    return text ? text : json_is_null(value) ? "" : unanswered(w, obj, field);
}

/* One phone's answer: the list is sent as a whole. */
static void answer_phone(struct ui_wizard *w, const char *name, const char *value)
{
    json_t *phones = json_deep_copy(ui_wizard_answer(w, "phones"));
    json_t *phone = json_array_get(phones, (size_t)w->phone);
    json_object_set_new(phone, name, *value ? json_string(value) : json_null());
    json_object_set_new(w->typed, "phones", phones);
}

/* The form of the page. */

/* What the fields are filled with; the type lets the form know what the phones can. Owned. */
static json_t *values_of(const struct ui_wizard *w, const struct rl_object *obj)
{
    json_t *values = json_object();
    for (size_t i = 0; i < obj->nfields; i++)
        json_object_set_new(values, obj->fields[i].name, json_string(known(w, obj, (int)i)));
    json_object_set_new(values, "type", json_string(ui_text_of(w->draft, "type")));
    return values;
}

static bool has_fields(const struct ui_wizard *w)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    return page && page->nfields > 0 && (page->page != RL_PAGE_PHONES || w->phone >= 0);
}

/* The field that a problem is about; -1: none of the page. */
static int field_of(const struct ui_form *form, const json_t *problem)
{
    const char *name = ui_text_of(problem, "field");
    size_t n = strlen(form->obj->name);
    if (strncmp(name, form->obj->name, n) == 0 && name[n] == '.')
        name += n + 1;
    int field = rl_field_index(form->obj, name);
    return field >= 0 && asks(form, field) ? field : -1;
}

static void place_problems(struct ui_wizard *w)
{
    struct ui_form *form = &w->form;
    const json_t *problem, *problems = ui_wizard_problems(w);
    size_t i;
    if (w->phone >= 0)
        problems = json_object_get(ui_wizard_phone_found(w, (size_t)w->phone), "problems");
    for (int f = 0; f < form->norder; f++)
        ui_form_problem(form, form->order[f], NULL, NULL);
    json_array_foreach (problems, i, problem) {
        int field = field_of(form, problem);
        if (field < 0 || form->field[field].problem)
            continue;
        const char *code = ui_text_of(problem, "code");
        bool name = strcmp(code, "E-SAN-MISMATCH") == 0; /* the difference is shown below it */
        if (w->tried || form->field[field].visited || *ui_form_get(form, field))
            ui_form_problem(form, field, code,
                            name ? "not the certificate's name, security not enabled"
                                 : ui_text_of(problem, "message"));
    }
}

static void filled(struct ui_form *form)
{
    struct ui_wizard *w = (struct ui_wizard *)form;
    for (int i = 0; i < form->norder; i++) {
        int field = form->order[i];
        const char *value = ui_form_get(form, field);
        if (strcmp(value, known(w, form->obj, field)) == 0)
            continue;
        char *key = key_of(form, field);
        if (w->phone >= 0)
            answer_phone(w, form->obj->fields[field].name, value);
        else
            json_object_set_new(w->typed, key, *value ? json_string(value) : json_null());
        free(key);
    }
    if (json_object_size(w->typed) > 0)
        ui_wizard_save(w);
    else
        place_problems(w); /* leaving the field took its own away */
}

#define SPEC(k)                                                                        \
    {                                                                                  \
        .kind = (k), .shows = asks, .offers = offers, .names = names, .filled = filled \
    }

static const struct ui_form_spec specs[RL_KIND_COUNT] = {
    [RL_PHONE] = SPEC(RL_PHONE),
    [RL_PROFILE] = SPEC(RL_PROFILE),
    [RL_CERTIFICATE] = SPEC(RL_CERTIFICATE),
};

/* Is it told with one of the phones, whose rows the page shows? */
static bool is_of_phone(const struct ui_wizard *w, const json_t *problem)
{
    enum rl_wizard_page page = ui_wizard_page(w)->page;
    return (page == RL_PAGE_UPLOADS || page == RL_PAGE_PHONES) &&
           json_object_get(w->own, ui_text_of(problem, "message"));
}

bool ui_wizard_is_loose(const struct ui_wizard *w, const json_t *problem)
{
    const json_t *steps = json_object_get(w->draft, "steps");
    const char *state = ui_text_of(json_array_get(steps, (size_t)w->step), "state");
    bool due = w->tried || strcmp(state, "problem") == 0 || ui_text_of(problem, "code")[0] == 'W';
    return due && !(w->form.norder > 0 && field_of(&w->form, problem) >= 0) &&
           !is_of_phone(w, problem);
}

void ui_wizard_fill(struct ui_wizard *w)
{
    struct ui_form *form = &w->form;
    if (!has_fields(w)) {
        form->norder = 0;
        return;
    }
    const struct ui_form_spec *spec = &specs[ui_wizard_page(w)->fields[0].kind];
    json_t *values = values_of(w, rl_object(spec->kind));
    ui_form_fill(form, spec, values);
    json_decref(values);
    int type = rl_field_index(form->obj, "type");
    if (type >= 0 && !form->type) /* has the engine asked what it can */
        ui_form_set(form, type, ui_text_of(w->draft, "type"));
    place_problems(w);
}

void ui_wizard_refresh(struct ui_wizard *w)
{
    ui_wizard_focus(w, w->part, w->row); /* rows may be fewer */
    if (!has_fields(w) || w->form.norder == 0)
        return;
    json_t *values = values_of(w, w->form.obj);
    ui_form_update(&w->form, values);
    json_decref(values);
    place_problems(w);
}

/* The name of the profile and the name of its certificate (R100 to R104). */

static int name_field(const struct ui_wizard *w)
{
    return w->form.norder > 0 && w->form.obj->kind == RL_PROFILE ? RL_PROFILE_NAME : -1;
}

/* Characters that both begin with. */
static size_t alike(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] && a[n] == b[n])
        n++;
    return n;
}

char *ui_wizard_wanted_name(const struct ui_wizard *w, const char **what)
{
    const json_t *cert = json_object_get(w->draft, "certificate"), *san;
    const char *cn = ui_text_of(cert, "common_name"), *best = NULL;
    int field = name_field(w);
    size_t i;
    if (field < 0 || !asks(&w->form, field) || !cert)
        return NULL;
    const char *problem = w->form.field[field].problem, *name = ui_form_get(&w->form, field);
    if (!problem || strncmp(problem, "E-SAN-MISMATCH", 14) != 0)
        return NULL;
    json_array_foreach (json_object_get(cert, "san"), i, san) {
        const char *text = json_string_value(san);
        if (text && strncmp(text, "DNS:", 4) == 0 &&
            (!best || alike(text + 4, name) > alike(best, name)))
            best = text + 4;
    }
    *what = best ? "DNS SAN" : "CN";
    return rl_strdup(best ? best : *cn ? cn : NULL);
}

bool ui_wizard_has_button(const struct ui_wizard *w)
{
    const char *what;
    char *wanted = ui_wizard_wanted_name(w, &what);
    bool has = wanted != NULL;
    free(wanted);
    return has;
}
