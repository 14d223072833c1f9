#include "screens/lists.h"

#include <stdlib.h>
#include <string.h>

#include "console/list.h"
#include "ringlock/buf.h"
#include "screens/common.h"
#include "screens/objects.h"
#include "screens/screens.h"

enum { KEPT = 20000 };

/* ---- the tab ---- */

json_t *lists_params(struct ui_detail *d)
{
    (void)d;
    return json_object();
}

static const char *state_of(const json_t *list)
{
    if (!json_is_true(json_object_get(list, "published")))
        return "not published";
    if (json_is_true(json_object_get(list, "stale")))
        return "out of date";
    return json_is_true(json_object_get(list, "placed")) ? "published" : "not in its place yet";
}

static void phones_line(const json_t *list, struct ui_lines *out)
{
    long long phones = number(list, "phones"), older = number(list, "older"),
              unknown = number(list, "unknown");
    char *text = rl_asprintf("%lld up to date, %lld older, %lld not known",
                             phones - older - unknown, older, unknown);
    ui_line_value(out, "Phones", text, holders_screen.name, member(list, "list"));
    free(text);
}

static void add_problems(const json_t *list, struct ui_lines *out)
{
    const json_t *problem;
    size_t i;
    json_array_foreach (json_object_get(list, "problems"), i, problem) {
        ui_line_wrap(out, UI_OPEN, 3, member(problem, "message"));
        ui_line_wrap(out, UI_FAINT, 3, member(problem, "remedy"));
    }
}

static void add_list(const json_t *list, struct ui_lines *out)
{
    char records[32], version[32];
    struct rl_buf made = {0};
    bool published = json_is_true(json_object_get(list, "published"));
    ui_line(out, UI_STRONG, " %s", member(list, "file"));
    ui_line_field(out, "State", state_of(list));
    if (published) {
        time_text(member(list, "made"), &made);
        ui_line_field(out, "Version", ui_member(list, "version", version));
        ui_line_field(out, "Made", rl_buf_str(&made));
        ui_line_field(out, "Certificates", ui_member(list, "records", records));
        ui_line_field(out, "Hash", member(list, "hash"));
        ui_line_field(out, "Signer version", member(list, "signer_version"));
        phones_line(list, out);
    }
    add_problems(list, out);
    rl_buf_fini(&made);
}

void lists_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *answer = d->more[d->tab], *list;
    size_t i;
    json_array_foreach (json_object_get(answer, "lists"), i, list)
        add_list(list, out);
    if (answer)
        ui_line_wrap(out, UI_FAINT, 1,
                     "Enter lists the phones without the newest version. ringlock ctl seen notes "
                     "who has it, from the log of the server that gives phones their files.");
}

/* ---- new versions ---- */

static void updated(struct ui_view *view, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    (void)problems;
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    const json_t *list = json_array_get(json_object_get(result, "lists"), 0);
    ui_say(view->app, "i", "Update successful: %s version %lld is published. Reset the phones.",
           member(list, "list"), (long long)number(list, "version"));
    ui_load(view);
}

unsigned lists_update(struct ui_view *view)
{
    ui_ask(view, "ctl.update", NULL, updated);
    return UI_REDRAW;
}

/* ---- who holds an older one ---- */

static void version_text(const json_t *row, struct rl_buf *out)
{
    char text[32];
    rl_buf_adds(out, json_is_null(json_object_get(row, "version"))
                         ? "not known"
                         : ui_member(row, "version", text));
}

static void seen_text(const json_t *row, struct rl_buf *out)
{
    if (*member(row, "seen"))
        time_text(member(row, "seen"), out);
}

static const struct ui_column columns[] = {
    {"phone",   "Phone",   12, 20, 1, UI_LEFT, NULL,         NULL, true },
    {"version", "Holds",   9,  10, 1, UI_LEFT, version_text, NULL, true },
    {"seen",    "Seen",    5,  16, 2, UI_LEFT, seen_text,    NULL, true },
    {"code",    "Problem", 8,  16, 2, UI_LEFT, NULL,         NULL, false},
};

static void holders_params(struct ui_list *list, json_t *params)
{
    json_object_set_new(params, "list", json_string(list->extra));
}

static const struct ui_list_spec holders_spec = {
    .one = "phone",
    .many = "phones",
    .empty = "Every phone was seen with the newest version.",
    .columns = columns,
    .ncolumns = sizeof columns / sizeof columns[0],
    .id = "phone",
    .paging = UI_BY_NUMBER,
    .method = "ctl.holders",
    .number = "place",
    .keep = KEPT,
    .params = holders_params,
};

static unsigned holder_open(struct ui_view *view)
{
    return object_open(view, "phone");
}

/* clang-format off */
static const struct ui_action holders_actions[] = {
    {"holder-open", "Enter", "open", "Open the phone under the cursor",
     UI_NEED_ROW, UI_SAFE, holder_open},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *holders_new(struct ui_app *app, const struct ui_screen *screen,
                                   const char *object)
{
    struct ui_list *list = ui_list_new(app, screen, &holders_spec);
    list->extra = rl_strdup(object ? object : "CTL");
    char *title = rl_asprintf("Without the newest %s", (const char *)list->extra);
    ui_view_title(&list->view, title);
    free(title);
    return &list->view;
}

const struct ui_screen holders_screen = {
    .name = "holders",
    .title = "Holders",
    .about = "Phones that were last seen with an older version of a trust list, and behind them "
             "those that were never seen with one. They need a reset, or a look at the log of the "
             "server that gives them their files.",
    .actions = holders_actions,
    .class = &ui_list_class,
    .open = holders_new,
};
