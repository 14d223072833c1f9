#include "screens/history.h"
#include "client/rows.h"

#include <stdlib.h>
#include <string.h>

#include "client/changes.h"
#include "console/list.h"
#include "ringlock/model.h"
#include "screens/common.h"
#include "screens/objects.h"
#include "screens/screens.h"

enum { SHOWN = 50, KEPT = 20000 };

/* --- fields --- */

struct lines {
    const struct rl_object *obj; /* NULL: a thing of the site, without a table */
    struct ui_lines *out;
    bool added, removed;
};

static const struct rl_object *object_of(const json_t *entry)
{
    const char *label = member(entry, "object");
    char kind[32] = "";
    size_t n = strcspn(label, " ");
    if (n < sizeof kind)
        memcpy(kind, label, n);
    return rl_object_by_name(kind);
}

static void add_value(const struct rl_field *field, const char *value, struct rl_buf *out)
{
    if (!*value)
        rl_buf_addc(out, '-');
    else if (field)
        rl_client_choice(field, value, out);
    else
        rl_buf_adds(out, value);
}

static void field_line(void *ctx, const char *name, const char *before, const char *after)
{
    struct lines *l = ctx;
    int i = l->obj ? rl_field_index(l->obj, name) : -1;
    const struct rl_field *field = i >= 0 ? &l->obj->fields[i] : NULL;
    struct rl_buf text = {0};
    if (!l->added)
        add_value(field, before, &text);
    if (!l->added && !l->removed)
        rl_buf_adds(&text, " -> ");
    if (!l->removed)
        add_value(field, after, &text);
    ui_line_value(l->out, field ? field->label : name, rl_buf_str(&text), NULL, NULL);
    rl_buf_fini(&text);
}

void history_fields(const json_t *entry, struct ui_lines *out)
{
    struct lines l = {object_of(entry), out, !json_is_object(json_object_get(entry, "before")),
                      !json_is_object(json_object_get(entry, "after"))};
    rl_client_changes(entry, field_line, &l);
}

/* --- the tab --- */

json_t *history_params(struct ui_detail *d)
{
    const char *kind = d->view.screen->name;
    json_t *params = json_pack("{s:s,s:i}", "kind", kind, "limit", SHOWN);
    if (rl_object_by_name(kind))
        json_object_set_new(params, "object", json_string(d->object));
    return params;
}

static void entry_lines(const json_t *entry, struct ui_lines *out)
{
    struct rl_buf at = {0};
    char seq[32];
    time_text(member(entry, "time"), &at);
    ui_line(out, UI_NORMAL, "  %-16s  %-12s  %s", rl_buf_str(&at), member(entry, "who"),
            member(entry, "what"));
    ui_line_focus(out, "entry", ui_member(entry, "seq", seq));
    if (json_is_object(json_object_get(entry, "before")) &&
        json_is_object(json_object_get(entry, "after")))
        history_fields(entry, out);
    rl_buf_fini(&at);
}

void history_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *rows = json_object_get(d->more[d->tab], "rows"), *entry;
    size_t i;
    json_array_foreach (rows, i, entry)
        entry_lines(entry, out);
    if (json_array_size(rows) == SHOWN) {
        char *label = rl_asprintf("%s %s", d->view.screen->name, d->object);
        ui_line(out, UI_FAINT, "  Older changes: Enter lists them all");
        ui_line_focus(out, history_screen.name, label);
        free(label);
    }
    if (d->more[d->tab] && json_array_size(rows) == 0)
        ui_line(out, UI_FAINT, "  The audit log has no change of it.");
}

/* --- all of it, as a list --- */

static void list_params(struct ui_list *list, json_t *params)
{
    const char *label = list->extra;
    size_t n = strcspn(label, " ");
    json_object_set_new(params, "kind", json_stringn(label, n));
    if (label[n] && rl_object_by_name(json_string_value(json_object_get(params, "kind"))))
        json_object_set_new(params, "object", json_string(label + n + 1));
}

static void list_time(const json_t *row, struct rl_buf *out)
{
    time_text(member(row, "time"), out);
}

static void add_change(void *ctx, const char *field, const char *before, const char *after)
{
    struct rl_buf *out = ctx;
    rl_buf_addf(out, "%s%s %s -> %s", out->len ? ", " : "", field, *before ? before : "-",
                *after ? after : "-");
}

void history_change(const json_t *row, struct rl_buf *out)
{
    if (!json_is_object(json_object_get(row, "after")))
        rl_buf_adds(out, "removed");
    else if (!json_is_object(json_object_get(row, "before")))
        rl_buf_adds(out, "added");
    else
        rl_client_changes(row, add_change, out);
}

static const struct ui_column columns[] = {
    {"time",   "Time",   16, 16, 1, UI_LEFT, list_time,      NULL, true },
    {"who",    "Who",    4,  10, 2, UI_LEFT, NULL,           NULL, true },
    {"what",   "What",   6,  14, 1, UI_LEFT, NULL,           NULL, true },
    {"change", "Change", 8,  20, 1, UI_LEFT, history_change, NULL, false},
};

static const struct ui_list_spec history_spec = {
    .one = "change",
    .many = "changes",
    .empty = "The audit log has no change of it.",
    .columns = columns,
    .ncolumns = sizeof columns / sizeof columns[0],
    .id = "seq",
    .paging = UI_BY_NUMBER,
    .method = "audit.list",
    .number = "seq",
    .keep = KEPT,
    .params = list_params,
};

static unsigned history_open(struct ui_view *view)
{
    return object_open(view, "entry");
}

/* clang-format off */
static const struct ui_action history_actions[] = {
    {"history-open", "Enter", "open", "Show the change in full",
     UI_NEED_ROW, UI_SAFE, history_open},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *history_new(struct ui_app *app, const struct ui_screen *screen,
                                   const char *object)
{
    struct ui_list *list = ui_list_new(app, screen, &history_spec);
    const struct ui_view *from = ui_top(app);
    list->extra = rl_strdup(object);
    if (!from || from->class != &ui_detail_class) { /* whose path does not name it already */
        char *title = rl_asprintf("History of %s", object);
        ui_view_title(&list->view, title);
        free(title);
    }
    return &list->view;
}

const struct ui_screen history_screen = {
    .name = "history",
    .title = "History",
    .about = "Every change of one object, the newest first, also under the names that it had "
             "before.",
    .actions = history_actions,
    .class = &ui_list_class,
    .open = history_new,
};
