#include "screens/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "client/import.h"
#include "console/bulk.h"
#include "console/dialog.h"
#include "console/importing.h"
#include "console/list.h"
#include "console/undo.h"
#include "ringlock/protocol.h"
#include "screens/common.h"
#include "screens/screens.h"

/* The page: its data is the result of the import, or "problems"; its extra what was imported. */

static void problem_lines(const json_t *problem, const char *file, struct ui_lines *out)
{
    const char *code = member(problem, "code"), *field = member(problem, "field");
    long long line = number(problem, "line");
    unsigned style = code[0] == 'W' ? UI_WARNING : UI_OPEN;
    struct rl_buf whole = {0};
    if (file && line)
        ui_line(out, style, " line %-5lld %s%s%s", line, code, *field ? "  " : "", field);
    else
        ui_line(out, style, " %s", code);
    ui_line_focus(out, NULL, NULL);
    if (file) {
        rl_import_problem_text(file, problem, &whole);
        out->line[out->n - 1].whole = rl_buf_take(&whole);
    }
    ui_line_wrap(out, UI_NORMAL, 5, member(problem, "message"));
    ui_line_wrap(out, UI_FAINT, 5, member(problem, "remedy"));
}

void import_problems(const json_t *problems, const char *file, struct ui_lines *out)
{
    const json_t *problem;
    size_t i;
    json_array_foreach (problems, i, problem)
        problem_lines(problem, file, out);
}

static bool was_check(const struct ui_detail *d)
{
    return json_is_true(json_object_get(d->extra, "dry_run"));
}

static void count_line(const struct ui_detail *d, const char *label, const char *key,
                       struct ui_lines *out)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number(d->data, key));
    ui_line_field(out, label, text);
}

static void result_build(struct ui_detail *d, struct ui_lines *out)
{
    const char *file = rl_file_name(member(d->extra, "path"));
    const json_t *problems = json_object_get(d->data, "problems"), *note;
    const json_t *warnings = json_object_get(d->data, "warnings");
    size_t i, n = json_array_size(problems), most = RL_PROBLEMS_MAX;
    if (!d->extra) {
        ui_line(out, UI_NORMAL,
                " I on a list of phones, gateways, profiles or users names a file.");
        return;
    }
    if (problems) {
        ui_line(out, UI_STRONG, " Nothing was changed. Why (%s%zu)", n >= most ? "the first " : "",
                n);
        import_problems(problems, file, out);
        return;
    }
    ui_line(out, UI_STRONG,
            was_check(d) ? " Nothing was changed. What it would do" : " What it did");
    count_line(d, "Lines", "lines", out);
    count_line(d, "Added", "added", out);
    count_line(d, "Changed", "changed", out);
    count_line(d, "As before", "same", out);
    json_array_foreach (json_object_get(d->data, "notes"), i, note)
        ui_line_wrap(out, UI_NORMAL, 1, json_string_value(note));
    if (json_array_size(warnings) > 0)
        ui_line(out, UI_STRONG, " Warnings that were accepted (%zu)", json_array_size(warnings));
    import_problems(warnings, file, out);
}

static void result_summary(struct ui_detail *d, struct ui_lines *out)
{
    const char *kind = member(d->extra, "kind"), *file = rl_file_name(member(d->extra, "path"));
    if (!d->extra)
        ui_line(out, UI_NORMAL, "No file was imported yet.");
    else if (json_object_get(d->data, "problems"))
        ui_line(out, UI_OPEN, "!!  %s cannot be imported into the %s", file, kind);
    else if (was_check(d))
        ui_line(out, UI_LOCKED, "ok  %s can be imported into the %s: I does it", file, kind);
    else
        ui_line(out, UI_LOCKED, "ok  %s was imported into the %s", file, kind);
}

static const struct ui_tab result_tabs[] = {
    {"Result", NULL, NULL, result_build, NULL}
};

static const struct ui_detail_spec result_spec = {
    .one = "import",
    .tabs = result_tabs,
    .ntabs = 1,
    .summary = result_summary,
};

/* What was imported last, for who comes back to its page. */
static struct {
    json_t *what, *data;
} last;

/* Importing. */

static struct ui_detail *page_new(struct ui_app *app)
{
    const char *path = member(last.what, "path");
    json_t *data = last.data ? json_incref(last.data) : json_object();
    struct ui_detail *d = ui_detail_new(app, &import_screen, &result_spec,
                                        *path ? rl_file_name(path) : import_screen.title);
    d->extra = json_incref(last.what);
    ui_detail_set(d, data);
    json_decref(data);
    return d;
}

/* The list, or the page of the import before, which this one takes the place of. */
static struct ui_detail *show(struct ui_view *owner)
{
    struct ui_app *app = owner->app;
    if (owner->screen == &import_screen && owner->below) {
        ui_close(owner);
        owner = owner->below;
    }
    ui_load(owner);
    struct ui_detail *d = page_new(app);
    ui_push(app, &d->view);
    return d;
}

static void imported(struct ui_view *owner, const json_t *what, const json_t *result,
                     const struct rl_err *err, const json_t *problems);

static json_t *codes_of(const json_t *problems)
{
    json_t *codes = json_array();
    const json_t *problem;
    size_t i;
    json_array_foreach (problems, i, problem)
        json_array_append(codes, json_object_get(problem, "code"));
    return codes;
}

static void again(struct ui_view *owner, const json_t *what, json_t *accept)
{
    json_t *next = json_deep_copy(what);
    json_object_set_new(next, "accept", accept);
    ui_import(owner, next, imported);
}

static unsigned accepted(struct ui_view *view)
{
    struct ui_detail *d = (struct ui_detail *)view;
    again(view, d->extra, codes_of(json_object_get(d->data, "problems")));
    return UI_REDRAW;
}

static void ask_to_go_on(struct ui_detail *d)
{
    enum { TOLD = 3 };
    const json_t *problems = json_object_get(d->data, "problems"), *problem;
    size_t i, n = json_array_size(problems);
    struct rl_buf text = {0};
    json_array_foreach (problems, i, problem) {
        if (i == TOLD)
            break;
        rl_buf_addf(&text, "%s, line %lld: %s\n\n", member(problem, "code"),
                    (long long)number(problem, "line"), member(problem, "message"));
    }
    if (n > TOLD)
        rl_buf_addf(&text, "and %zu more\n\n", n - TOLD);
    rl_buf_adds(&text, "Go on all the same? The answer is kept in the audit log.");
    ui_confirm(&d->view, "go on", rl_buf_str(&text), NULL, accepted);
    rl_buf_fini(&text);
}

static void keep(const json_t *what, const json_t *result, const struct rl_err *err,
                 const json_t *problems)
{
    json_t *data = json_deep_copy(result), *list = json_deep_copy(problems);
    if (err && json_array_size(list) == 0) {
        json_decref(list);
        list = json_pack("[{s:s,s:s,s:s}]", "code", rl_code_info(err->code)->tag, "message",
                         err->text, "remedy", err->remedy);
    }
    json_decref(last.what);
    json_decref(last.data);
    last.what = json_deep_copy(what);
    last.data = err ? json_pack("{s:o}", "problems", list) : data;
    if (!err)
        json_decref(list);
}

/* Its rows have an entry each, and so has the import. Users never are: their passwords are not in
 * the log. */
static bool can_be_undone(const json_t *result)
{
    json_int_t rows = number(result, "added") + number(result, "changed");
    return !json_is_true(json_object_get(result, "dry_run")) && rows > 0 && rows < RL_UNDO_MAX &&
           ui_bulk_undoes(rl_object_by_name(member(last.what, "kind"))->name);
}

static void imported(struct ui_view *owner, const json_t *what, const json_t *result,
                     const struct rl_err *err, const json_t *problems)
{
    bool warned = err && rl_code_is_warning(err->code);
    bool told = json_array_size(json_object_get(what, "accept")) > 0;
    struct rl_buf text = {0};
    if (warned && !told && json_is_true(json_object_get(what, "yes"))) {
        again(owner, what, codes_of(problems));
        return;
    }
    if (err)
        ui_say_error(owner->app, err);
    if (err && err->code == RL_E_CANCELLED)
        return;
    keep(what, result, err, problems);
    struct ui_detail *d = show(owner);
    rl_import_counts_text(d->object, result, &text);
    if (!err)
        ui_say(owner->app, "i", "%s%s", rl_buf_str(&text), can_be_undone(result) ? UI_UNDOES : "");
    else if (warned && !told)
        ask_to_go_on(d);
    rl_buf_fini(&text);
}

/* Asking. */

static json_t *asked; /* {"kind", "path"}: one question at a time */

static unsigned way_chosen(struct ui_view *view, size_t way)
{
    json_t *what = json_deep_copy(asked);
    json_object_set_new(what, "dry_run", json_boolean(way == 0));
    json_object_set_new(what, "yes", json_boolean(way == 2));
    json_object_set_new(what, "accept", json_array());
    ui_import(view, what, imported);
    return UI_REDRAW;
}

static unsigned file_named(struct ui_view *view, const char *path)
{
    static const char *const ways[] = {"Check it first: nothing is changed",
                                       "Import it; if there are warnings, ask",
                                       "Import it; say yes to warnings"};
    if (!path || !*path)
        return UI_REDRAW;
    const struct ui_list *list = (const struct ui_list *)view;
    char *title = rl_asprintf("Import into the %s: %s", list->spec->many, rl_file_name(path));
    json_decref(asked);
    asked = json_pack("{s:s,s:s}", "kind", list->spec->many, "path", path);
    ui_menu(view, title, ways, sizeof ways / sizeof ways[0], 0, way_chosen);
    free(title);
    return UI_REDRAW;
}

static const struct ui_prompt_spec file_prompt = {
    .label = "import the CSV file",
    .done = file_named,
    .complete = ui_prompt_file,
    .names = ui_prompt_files,
};

unsigned objects_import(struct ui_view *view)
{
    ui_prompt(view, &file_prompt, "");
    return UI_REDRAW;
}

/* Keys of the page. */

static unsigned import_go(struct ui_view *view)
{
    const struct ui_detail *d = (struct ui_detail *)view;
    json_t *what = json_deep_copy(d->extra);
    if (!what) {
        ui_say(view->app, "i", "no file was imported yet: I on a list of objects names one");
        return UI_REDRAW;
    }
    json_object_set_new(what, "dry_run", json_false());
    again(view, what, json_array());
    json_decref(what);
    return UI_REDRAW;
}

/* clang-format off */
static const struct ui_action import_actions[] = {
    {"import-go", "I", "import", "Read the file again, and import it",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_UNDOABLE, import_go},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *import_new(struct ui_app *app, const struct ui_screen *screen,
                                  const char *object)
{
    (void)screen, (void)object;
    return &page_new(app)->view;
}

const struct ui_screen import_screen = {
    .name = "import",
    .by_name = true,
    .title = "Import",
    .about = "What came of the import of a CSV file, or of its check: how many lines add or change "
             "something, or every line that is refused and why. One refused line is enough for "
             "nothing to be changed.",
    .actions = import_actions,
    .class = &ui_detail_class,
    .open = import_new,
};
