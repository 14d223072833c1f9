#include "screens/objects.h"

#include <string.h>
#include <strings.h>

#include "client/rows.h"
#include "console/bulk.h"
#include "screens/common.h"

enum { CALLS_ASKED = 500 };

const json_t *object_data(struct ui_view *view)
{
    if (view->class == &ui_detail_class)
        return ((struct ui_detail *)view)->data;
    return ui_list_row((struct ui_list *)view);
}

unsigned object_open(struct ui_view *view, const char *screen)
{
    ui_open(view->app, screen, view->class->object(view));
    return UI_REDRAW;
}

unsigned object_add(struct ui_view *view, const struct ui_form_spec *spec)
{
    ui_form_open(view->app, spec, NULL, NULL);
    return UI_REDRAW;
}

unsigned object_edit(struct ui_view *view, const struct ui_form_spec *spec)
{
    ui_form_open(view->app, spec, view->class->object(view), NULL);
    return UI_REDRAW;
}

unsigned object_copy(struct ui_view *view, const struct ui_form_spec *spec)
{
    ui_form_open(view->app, spec, NULL, object_data(view));
    return UI_REDRAW;
}

unsigned object_remove(struct ui_view *view, enum rl_kind kind)
{
    struct ui_bulk bulk = {.kind = rl_object(kind)->name, .ids = ui_bulk_ids(view)};
    ui_batch(view, &bulk);
    return UI_REDRAW;
}

/* Details. */

json_t *object_params(struct ui_detail *d, const char *kind)
{
    return json_pack("{s:s,s:s}", "kind", kind, "name", d->object);
}

static void field_line(const json_t *object, const struct rl_field *field, struct ui_lines *out)
{
    struct rl_buf value = {0};
    rl_client_shown(object, field, &value);
    bool leads = field->kind == RL_F_REF && value.len;
    ui_line_value(out, field->label, rl_buf_str(&value), leads ? rl_object(field->ref)->name : NULL,
                  rl_buf_str(&value));
    rl_buf_fini(&value);
}

void object_fields(struct ui_detail *d, enum rl_kind kind, struct ui_lines *out)
{
    const struct rl_object *obj = rl_object(kind);
    const char *section[UI_FORM_FIELDS] = {NULL}, *last = obj->label;
    for (size_t i = 0; i < obj->nfields; i++)
        section[i] = last = obj->fields[i].section ? obj->fields[i].section : last;
    for (size_t first = 0; first < obj->nfields; first++) {
        bool seen = false;
        for (size_t i = 0; i < first; i++)
            seen = seen || strcmp(section[i], section[first]) == 0;
        if (seen)
            continue;
        for (size_t i = first, n = 0; i < obj->nfields; i++) {
            if (strcmp(section[i], section[first]) != 0 || !rl_client_shows(kind, d->data, (int)i))
                continue;
            if (n++ == 0)
                ui_line(out, UI_STRONG, " %s", section[first]);
            field_line(d->data, &obj->fields[i], out);
        }
    }
}

json_t *object_users_params(struct ui_detail *d)
{
    return object_params(d, d->view.screen->name);
}

void object_users_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *users = json_object_get(d->more[d->tab], "users"), *user;
    size_t i;
    json_int_t all = number(d->data, "phones"), told = (json_int_t)json_array_size(users);
    if (d->more[d->tab])
        ui_line(out, UI_STRONG, " Used by %lld   (o: as a list that can be acted on)",
                (long long)(all > told ? all : told));
    json_array_foreach (users, i, user) {
        ui_line(out, UI_NORMAL, "  %-10s %s", member(user, "kind"), member(user, "name"));
        ui_line_focus(out, member(user, "kind"), member(user, "name"));
    }
    if (json_is_true(json_object_get(d->more[d->tab], "more")))
        ui_line(out, UI_FAINT, "  and more: o lists them all");
}

json_t *object_calls_params(struct ui_detail *d)
{
    (void)d;
    return json_pack("{s:b,s:i}", "all", 1, "limit", CALLS_ASKED);
}

static bool takes_part(const struct ui_detail *d, const json_t *call)
{
    const json_t *party;
    size_t i;
    json_array_foreach (json_object_get(call, "parties"), i, party)
        if (strcmp(member(party, "device"), d->object) == 0)
            return true;
    return false;
}

void object_calls_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *call;
    size_t i, n = 0;
    json_array_foreach (json_object_get(d->more[d->tab], "rows"), i, call) {
        if (!takes_part(d, call))
            continue;
        struct rl_buf at = {0}, title = {0}, why = {0};
        clock_text(member(call, "started"), &at);
        call_title(call, &title);
        call_why(call, &why);
        ui_line(out, UI_NORMAL, "  %-4s  %-8s  %s  %s", call_word(call), rl_buf_str(&at),
                rl_buf_str(&title), rl_buf_str(&why));
        ui_line_span(out, 2, 4, call_style(call));
        ui_line_focus(out, "call", member(call, "id"));
        rl_buf_fini(&at);
        rl_buf_fini(&title);
        rl_buf_fini(&why);
        n++;
    }
    if (d->more[d->tab] && n == 0)
        ui_line(out, UI_FAINT, "  It takes part in none of the newest %d calls.", CALLS_ASKED);
}

/* Forms. */

bool form_has_protocol(const struct ui_form *form, const char *protocol)
{
    const json_t *list = json_object_get(form->type, "protocols"), *item;
    size_t i;
    json_array_foreach (list, i, item)
        if (strcasecmp(json_string_value(item), protocol) == 0)
            return true;
    return !list;
}

bool type_is_gateway(const json_t *type)
{
    struct rl_row row;
    rl_row_init(&row, rl_object(RL_TYPE));
    rl_row_set(&row, RL_TYPE_CLASS, member(type, "class"));
    bool yes = rl_type_is_gateway(&row);
    rl_row_fini(&row);
    return yes;
}

void form_criterion(json_t *criteria, const char *field, const char *value)
{
    if (*value)
        json_array_append_new(criteria, json_pack("{s:s,s:s,s:s}", "field", field, "op",
                                                  ui_op_names[UI_OP_IS], "value", value));
}
