#include <stdio.h>
#include <stdlib.h>

#include "console/classes.h"
#include "console/dialog.h"
#include "console/wizard.h"
#include "ringlock/profile.h"

/* A box in which a type and one of the wizards is chosen; one that the type does not have says why.
 */
enum { BOX_ROWS = 10, BOX_COLS = 72, TYPES_MAX = 1000, LABEL_CELLS = 14 };

struct start {
    struct ui_view view;
    json_t *phones; /* names */
    json_t *types;  /* OBJECTs of preferred vendors; NULL: not read yet */
    size_t type;    /* chosen among them */
    size_t at;      /* 0: the type; then the wizards */
};

static struct start *as_start(struct ui_view *view)
{
    return (struct start *)view;
}

static const json_t *chosen(const struct start *s)
{
    return json_array_get(s->types, s->type);
}

/* Why the type has no such wizard (R83, R84); NULL if it has. Static. */
static const char *impossible(const struct start *s, const struct rl_wizard *w)
{
    const char *mode = ui_text_of(chosen(s), "cert_mode");
    if (!chosen(s))
        return "no preferred-vendor type yet: ringlock type import PACK";
    if (!*mode)
        return "E-CERT-MODE-UNKNOWN: the pack does not say which certificates";
    if (rl_cert_mode_takes(mode, w->kind))
        return NULL;
    return "E-CERT-MODE: the supplier names another certificate mode";
}

static void write_line(struct start *s, size_t line, int row, int left, int cols, const char *text)
{
    bool here = s->at == line;
    ui_put(row, left, 1, UI_STRONG, here ? ">" : " ");
    ui_put(row, left + 2, cols - 2, here ? UI_FOCUS : UI_NORMAL, text);
    if (here)
        ui_cursor(row, left);
}

static void write_phones(const struct start *s, struct rl_buf *out)
{
    size_t n = json_array_size(s->phones), i;
    const json_t *name;
    if (n == 0)
        rl_buf_adds(out, "none marked: they are named in the wizard");
    else
        rl_buf_addf(out, "%zu: ", n);
    json_array_foreach (s->phones, i, name)
        rl_buf_addf(out, "%s%s", i ? ", " : "", json_string_value(name));
}

static void start_draw(struct ui_view *view, struct ui_area area)
{
    struct start *s = as_start(view);
    int left, cols = area.cols - 4 < BOX_COLS ? area.cols - 4 : BOX_COLS;
    struct ui_area in = ui_box(area, BOX_ROWS, cols, view->title, &left);
    struct rl_buf text = {0};
    const char *model = chosen(s)  ? ui_text_of(chosen(s), "model")
                        : s->types ? "none"
                                   : "reading ...";
    rl_buf_addf(&text, "%-*s[%s v]", LABEL_CELLS, "Phone type", model);
    write_line(s, 0, in.top, left, in.cols, rl_buf_str(&text));
    rl_buf_clear(&text);
    rl_buf_addf(&text, "%-*s", LABEL_CELLS, "Phones");
    write_phones(s, &text);
    ui_put(in.top + 1, left + 2, in.cols - 2, UI_NORMAL, rl_buf_str(&text));
    int row = in.top + 3;
    for (size_t i = 0; rl_wizards[i].kind; i++) {
        const char *why = s->types ? impossible(s, &rl_wizards[i]) : NULL;
        write_line(s, i + 1, row++, left, in.cols, rl_wizards[i].title);
        if (why)
            ui_put(row++, left + 4, in.cols - 4, UI_FAINT, why);
    }
    rl_buf_fini(&text);
}

static void start_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    (void)view;
    (void)right;
    rl_buf_adds(left, "Nothing changes before the end check of the wizard.");
}

/* What the engine says. */

static void started(struct ui_view *view, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    (void)problems;
    char id[24];
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(result, "id")));
    struct ui_app *app = view->app;
    ui_close(view);
    ui_open(app, "wizard", id);
}

/* With one type there is nothing to choose but the wizard. */
static void take_types(struct start *s, json_t *types)
{
    json_decref(s->types);
    s->types = types;
    for (size_t i = 0; rl_wizards[i].kind && s->at == 0; i++)
        if (json_array_size(types) == 1 && !impossible(s, &rl_wizards[i]))
            s->at = i + 1;
}

static void types_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    if (err)
        ui_say_error(view->app, err);
    else
        take_types(as_start(view), json_incref(json_object_get(result, "rows")));
}

/* Phones that are there have a type: it is the one. */
static void phone_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    if (err)
        ui_say_error(view->app, err);
    else
        take_types(as_start(view), json_pack("[O]", json_object_get(result, "type_info")));
}

static void start_load(struct ui_view *view)
{
    struct start *s = as_start(view);
    if (json_array_size(s->phones) > 0)
        ui_ask(view, "object.show",
               json_pack("{s:s,s:O}", "kind", "phone", "name", json_array_get(s->phones, 0)),
               phone_came);
    else
        ui_ask(view, "object.list",
               json_pack("{s:s,s:[{s:s,s:s,s:s}],s:i}", "kind", "type", "criteria", "field",
                         "security_class", "op", "is exactly", "value", RL_PREFERRED_VENDOR,
                         "limit", TYPES_MAX),
               types_came);
}

/* Keys. */

static unsigned type_chosen(struct ui_view *view, size_t index)
{
    as_start(view)->type = index;
    as_start(view)->at = 1;
    return UI_REDRAW;
}

static unsigned choose_type(struct start *s)
{
    const char *items[TYPES_MAX];
    const json_t *type;
    size_t n = 0, i;
    json_array_foreach (s->types, i, type) {
        if (n < TYPES_MAX)
            items[n++] = ui_text_of(type, "model");
    }
    if (n > 0)
        ui_menu(&s->view, "Phone type", items, n, s->type, type_chosen);
    return UI_REDRAW;
}

static unsigned start_choose(struct ui_view *view)
{
    struct start *s = as_start(view);
    if (s->at == 0)
        return choose_type(s);
    const struct rl_wizard *w = &rl_wizards[s->at - 1];
    const char *why = impossible(s, w);
    if (why) {
        ui_say(view->app, "!", "%s: %s", w->title, why);
        return UI_REDRAW;
    }
    ui_ask(view, "wizard.start",
           json_pack("{s:s,s:s,s:O}", "kind", w->kind, "type", ui_text_of(chosen(s), "model"),
                     "phones", s->phones),
           started);
    return UI_REDRAW;
}

static unsigned start_down(struct ui_view *view)
{
    struct start *s = as_start(view);
    s->at = rl_wizards[s->at].kind ? s->at + 1 : 0;
    return UI_REDRAW;
}

static unsigned start_up(struct ui_view *view)
{
    struct start *s = as_start(view);
    s->at -= s->at > 0;
    return UI_REDRAW;
}

static unsigned start_leave(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

static void start_fini(struct ui_view *view)
{
    json_decref(as_start(view)->phones);
    json_decref(as_start(view)->types);
}

/* clang-format off */
static const struct ui_action start_actions[] = {
    {"start-choose", "Enter,Space", "choose", "Choose the type, or begin the wizard",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, start_choose},
    {"start-down", "Tab,Down", NULL, "One line down", 0, UI_SAFE, start_down},
    {"start-up", "S-Tab,Up", NULL, "One line up", 0, UI_SAFE, start_up},
    {"start-leave", "Esc,q,^C", "leave", "Begin nothing", 0, UI_SAFE, start_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_start_class = {
    .name = "start",
    .actions = start_actions,
    .overlay = true,
    .modal = true,
    .draw = start_draw,
    .status = start_status,
    .load = start_load,
    .fini = start_fini,
};

void ui_wizard_start(struct ui_app *app, json_t *phones)
{
    struct start *s = rl_alloc(sizeof *s);
    ui_view_init(&s->view, app, &ui_start_class, NULL, "Start a wizard");
    s->phones = phones;
    ui_push(app, &s->view);
}
