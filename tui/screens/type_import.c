#include <string.h>

#include "client/files.h"
#include "client/packs.h"
#include "console/dialog.h"
#include "screens/common.h"
#include "screens/import.h"
#include "screens/types.h"

/* Device packs are named in a prompt, read here, and judged by the engine; what came of it is a
 * page of its own. */

/* The page's data is what the engine answered, or "problems" and "error". */

static void types_build(const json_t *types, struct ui_lines *out)
{
    const json_t *type;
    size_t i;
    json_array_foreach (types, i, type) {
        ui_line(out, UI_NORMAL, "  %-8s  %s", member(type, "what"), member(type, "model"));
        ui_line_focus(out, "type", member(type, "model"));
    }
}

static void result_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *types = json_object_get(d->data, "types");
    const json_t *warnings = json_object_get(d->data, "warnings");
    long long devices = number(d->data, "devices");
    if (!types) {
        ui_line(out, UI_STRONG, " Nothing was changed. Why (%zu)",
                json_array_size(json_object_get(d->data, "problems")));
        import_problems(json_object_get(d->data, "problems"), NULL, out);
        return;
    }
    ui_line(out, UI_STRONG, " Types of the pack (%zu)", json_array_size(types));
    types_build(types, out);
    if (devices)
        ui_line(out, UI_NORMAL, "  Trust was decided anew for %lld device%s.", devices,
                devices == 1 ? "" : "s");
    if (json_array_size(warnings) > 0)
        ui_line(out, UI_STRONG, " Warnings (%zu)", json_array_size(warnings));
    import_problems(warnings, NULL, out);
}

static void result_summary(struct ui_detail *d, struct ui_lines *out)
{
    bool came = json_object_get(d->data, "types");
    if (came)
        ui_line(out, UI_LOCKED, "ok  pack %s %s was imported", member(d->data, "pack"),
                member(d->data, "version"));
    else
        ui_line(out, UI_OPEN, "!!  the pack was refused");
}

static const struct ui_tab result_tabs[] = {
    {"Result", NULL, NULL, result_build, NULL}
};

static const struct ui_detail_spec result_spec = {
    .one = "pack",
    .tabs = result_tabs,
    .ntabs = 1,
    .summary = result_summary,
};

static const struct ui_screen result_screen = {
    .name = "import",
    .title = "Import",
    .about = "What came of the import of a device pack: its types, or every reason why it was "
             "refused, by file and line.",
    .class = &ui_detail_class,
};

/* Asking. */

static void import_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems);

static void ask(struct ui_detail *d)
{
    ui_ask(&d->view, "type.import", json_deep_copy(d->extra), import_came);
}

static unsigned import_accepted(struct ui_view *view)
{
    ask((struct ui_detail *)view);
    return UI_REDRAW;
}

static void ask_to_go_on(struct ui_detail *d, const json_t *problems)
{
    json_t *accept = json_array();
    json_object_set_new(d->extra, "accept", accept);
    ui_confirm_warnings(&d->view, "Import", problems, accept, import_accepted);
}

static void show_refusal(struct ui_detail *d, const struct rl_err *err, const json_t *problems)
{
    json_t *data = json_object(), *list = json_deep_copy(problems);
    if (json_array_size(list) == 0) {
        json_decref(list);
        list = json_pack("[{s:s,s:s,s:s}]", "code", rl_code_info(err->code)->tag, "message",
                         err->text, "remedy", err->remedy);
    }
    json_object_set_new(data, "problems", list);
    ui_detail_set(d, data);
    json_decref(data);
}

static void import_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    struct ui_detail *d = (struct ui_detail *)view;
    if (!err) {
        ui_detail_set(d, result);
        ui_say(view->app, "i", "Import successful: pack %s", member(result, "pack"));
        ui_load(view->below);
        return;
    }
    show_refusal(d, err, problems);
    if (rl_code_is_warning(err->code))
        ask_to_go_on(d, problems);
    else
        ui_say_error(view->app, err);
}

static unsigned pack_named(struct ui_view *view, const char *path)
{
    struct rl_err err = {0};
    json_t *params;
    if (!path)
        return UI_REDRAW;
    if (rl_client_pack(path, NULL, &params, &err) != RL_OK) {
        ui_say_error(view->app, &err);
        return UI_REDRAW;
    }
    struct ui_detail *d =
        ui_detail_new(view->app, &result_screen, &result_spec, rl_file_name(path));
    d->extra = params;
    ui_push(view->app, &d->view);
    ask(d);
    return UI_REDRAW;
}

static const struct ui_prompt_spec pack_prompt = {
    .label = "import the device pack",
    .done = pack_named,
    .complete = ui_prompt_file,
    .names = ui_prompt_files,
};

unsigned type_import(struct ui_view *view)
{
    ui_prompt(view, &pack_prompt, "");
    return UI_REDRAW;
}
