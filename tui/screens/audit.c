#include <stdlib.h>
#include <string.h>

#include "screens/common.h"
#include "screens/history.h"
#include "screens/jumps.h"
#include "screens/objects.h"
#include "screens/screens.h"

/* The audit log, the newest first: who changed what, before and after (R141). */
enum { ENTRIES_KEPT = 20000, FIND_PAGE = 1 };

static void entry_time(const json_t *row, struct rl_buf *out)
{
    clock_text(member(row, "time"), out);
}

static const struct ui_column audit_columns[] = {
    {"seq",    "No",     3, 5,  5, UI_RIGHT, NULL,           NULL, false},
    {"time",   "Time",   8, 8,  1, UI_LEFT,  entry_time,     NULL, true },
    {"who",    "Who",    4, 10, 2, UI_LEFT,  NULL,           NULL, true },
    {"what",   "What",   6, 12, 1, UI_LEFT,  NULL,           NULL, true },
    {"object", "Object", 8, 22, 1, UI_LEFT,  NULL,           NULL, true },
    {"change", "Change", 8, 20, 3, UI_LEFT,  history_change, NULL, false},
};

static void audit_status(struct ui_list *list, struct rl_buf *out)
{
    rl_buf_adds(out, list->at_end ? "Each entry is chained to the one before (V verifies)."
                                  : "Older ones follow as you go down (V verifies).");
}

static const struct ui_builtin audit_views[] = {
    {"Removed",     "what",   UI_OP_ENDS,   "remove",   NULL},
    {"Of profiles", "object", UI_OP_BEGINS, "profile ", NULL},
};

static const struct ui_list_spec audit_spec = {
    .one = "entry",
    .many = "entries",
    .empty = "Nothing was changed yet.",
    .columns = audit_columns,
    .ncolumns = sizeof audit_columns / sizeof audit_columns[0],
    .views = audit_views,
    .nviews = sizeof audit_views / sizeof audit_views[0],
    .id = "seq",
    .paging = UI_BY_NUMBER,
    .method = "audit.list",
    .number = "seq",
    .keep = ENTRIES_KEPT,
    .status = audit_status,
};

static unsigned audit_open(struct ui_view *view)
{
    return object_open(view, "entry");
}

static void verified(struct ui_view *view, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    (void)problems;
    if (err)
        ui_say_error(view->app, err);
    else
        ui_say(view->app, json_is_true(json_object_get(result, "ok")) ? "i" : "!!", "Audit log: %s",
               member(result, "message"));
}

static unsigned audit_verify(struct ui_view *view)
{
    ui_ask(view, "audit.verify", NULL, verified);
    return UI_REDRAW;
}

/* clang-format off */
static const struct ui_action audit_actions[] = {
    {"entry-open", "Enter", "open", "Show the change in full", UI_NEED_ROW, UI_SAFE, audit_open},
    {"audit-verify", "V", "verify", "Check that no entry is missing or was changed",
     UI_NEED_ENGINE, UI_SAFE, audit_verify},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *audit_new(struct ui_app *app, const struct ui_screen *screen,
                                 const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &audit_spec)->view;
}

const struct ui_screen audit_screen = {
    .digit = 7,
    .name = "audit",
    .title = "Log",
    .about = "Every change that was made, the newest first: who, when, what, before and after. "
             "Secrets are never in it.",
    .actions = audit_actions,
    .jumps = entry_jumps,
    .class = &ui_list_class,
    .open = audit_new,
};

/* One entry: asked for as the page of one that ends before the next number. */
static json_t *entry_params(struct ui_detail *d)
{
    return json_pack("{s:I,s:i}", "before", (json_int_t)strtoll(d->object, NULL, 10) + 1, "limit",
                     FIND_PAGE);
}

static const json_t *entry_of(struct ui_detail *d)
{
    return json_array_get(json_object_get(d->data, "rows"), 0);
}

static void entry_title(struct ui_detail *d, struct rl_buf *out)
{
    rl_buf_addf(out, "entry %s", d->object);
}

static void entry_summary(struct ui_detail *d, struct ui_lines *out)
{
    ui_line(out, UI_STRONG, "%s %s", member(entry_of(d), "what"), member(entry_of(d), "object"));
}

static void entry_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *e = entry_of(d), *code;
    struct rl_buf at = {0};
    size_t i;
    clock_text(member(e, "time"), &at);
    ui_line_field(out, "Time", rl_buf_str(&at));
    ui_line_field(out, "Who", member(e, "who"));
    json_array_foreach (json_object_get(e, "accepted"), i, code)
        ui_line_field(out, "Warning accepted", json_string_value(code));
    ui_line(out, UI_STRONG, " %s",
            !json_is_object(json_object_get(e, "after"))    ? "It was"
            : !json_is_object(json_object_get(e, "before")) ? "It is"
                                                            : "Before -> after");
    history_fields(e, out);
    ui_line(out, UI_STRONG, " Hash");
    ui_line_wrap(out, UI_NORMAL, 2, member(e, "hash"));
    rl_buf_fini(&at);
}

static const struct ui_tab entry_tabs[] = {
    {"Entry", NULL, NULL, entry_build, NULL},
};

static const struct ui_detail_spec entry_spec = {
    .one = "entry",
    .method = "audit.list",
    .params = entry_params,
    .tabs = entry_tabs,
    .ntabs = 1,
    .title = entry_title,
    .summary = entry_summary,
};

static struct ui_view *entry_new(struct ui_app *app, const struct ui_screen *screen,
                                 const char *object)
{
    return &ui_detail_new(app, screen, &entry_spec, object)->view;
}

const struct ui_screen entry_screen = {
    .name = "entry",
    .title = "Entry",
    .about = "One change: what it was before, what it is after, and the hash that chains it.",
    .class = &ui_detail_class,
    .open = entry_new,
};
