#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/dialog.h"
#include "console/list_parts.h"

/* Views: filter, order and columns of a list, by name. The engine keeps them; see protocol.h. */
static const struct ui_builtin all = {"All", NULL, UI_OP_IS, NULL, NULL};

static struct ui_list *as_list(struct ui_view *view)
{
    return (struct ui_list *)view;
}

/* What is shown now, as a view. */
static json_t *current(const struct ui_list *list)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < list->nshow; i++)
        json_array_append_new(columns, json_string(list->column[list->show[i]].key));
    return json_pack("{s:o,s:s?,s:b,s:o}", "criteria", ui_list_criteria(list), "sort",
                     list->sort >= 0 ? list->column[list->sort].key : NULL, "descending",
                     list->descending, "columns", columns);
}

/* Taking one up. What this release does not know of it is left out. */

static bool read_criterion(const struct ui_list *list, const json_t *from, struct ui_criterion *out)
{
    struct ui_filter_field field;
    const char *name = ui_text_of(from, "field"), *op = ui_text_of(from, "op");
    *out = (struct ui_criterion){.field = 0};
    while (ui_list_field(list, out->field, &field) && strcmp(field.name, name) != 0)
        out->field++;
    while (out->op < UI_OPS && strcmp(ui_op_names[out->op], op) != 0)
        out->op++;
    snprintf(out->value, sizeof out->value, "%s", ui_text_of(from, "value"));
    return ui_list_field(list, out->field, &field) && out->op < UI_OPS;
}

static void take_criteria(struct ui_list *list, const json_t *criteria)
{
    const json_t *c;
    size_t i;
    list->ncriteria = 0;
    json_array_foreach (criteria, i, c)
        if (list->ncriteria < UI_CRITERIA_MAX &&
            read_criterion(list, c, &list->criteria[list->ncriteria]))
            list->ncriteria++;
}

static void take_columns(struct ui_list *list, const json_t *columns)
{
    const json_t *key;
    size_t i;
    bool seen[UI_COLUMNS_ALL] = {false};
    list->nshow = 0;
    json_array_foreach (columns, i, key) {
        int column = json_is_string(key) ? ui_list_column(list, json_string_value(key)) : -1;
        if (column < 0 || seen[column] || list->nshow == UI_COLUMNS_MAX)
            continue;
        seen[column] = true;
        list->show[list->nshow++] = (size_t)column;
    }
    if (list->nshow == 0)
        ui_list_columns_reset(list);
}

static void take_up(struct ui_list *list, const char *name, const json_t *view)
{
    const char *sort = json_string_value(json_object_get(view, "sort"));
    snprintf(list->view_name, sizeof list->view_name, "%s", name);
    list->view_kept = list->view_shared = false;
    list->skip = 0;
    list->sort = sort ? ui_list_column(list, sort) : -1;
    list->descending = json_is_true(json_object_get(view, "descending"));
    take_criteria(list, json_object_get(view, "criteria"));
    take_columns(list, json_object_get(view, "columns"));
    json_decref(list->view_chosen);
    list->view_chosen = current(list);
}

static const struct ui_builtin *builtin_at(const struct ui_list *list, size_t n)
{
    return n == 0 ? &all : n <= list->spec->nviews ? &list->spec->views[n - 1] : NULL;
}

static void take_builtin(struct ui_list *list, const struct ui_builtin *b)
{
    json_t *criteria = json_array();
    if (b->field)
        json_array_append_new(criteria,
                              json_pack("{s:s,s:s,s:s}", "field", b->field, "op",
                                        ui_op_names[b->op], "value", b->value ? b->value : ""));
    json_t *view =
        json_pack("{s:o,s:s?}", "criteria", criteria, "sort", b->sort ? b->sort : list->spec->sort);
    take_up(list, b->name, view);
    json_decref(view);
}

static void take_kept(struct ui_list *list, const json_t *row)
{
    take_up(list, ui_text_of(row, "name"), json_object_get(row, "view"));
    list->view_kept = true;
    list->view_shared = json_is_true(json_object_get(row, "shared"));
}

void ui_list_view_init(struct ui_list *list)
{
    take_builtin(list, &all);
}

void ui_list_view_text(const struct ui_list *list, struct rl_buf *out)
{
    json_t *now = current(list);
    rl_buf_addf(out, "View: %s%s", list->view_name, json_equal(now, list->view_chosen) ? "" : " *");
    json_decref(now);
}

/* What the engine knows. */

static bool views_came(struct ui_list *list, const json_t *result, const struct rl_err *err)
{
    if (err && err->code != RL_E_NO_ENGINE)
        ui_say_error(list->view.app, err);
    if (err && list->views)
        return false;
    json_decref(list->views);
    list->views = err ? json_array() : json_incref(json_object_get(result, "rows"));
    return !err;
}

static bool take_by_name(struct ui_list *list, const char *name)
{
    const struct ui_builtin *b;
    const json_t *row;
    size_t i;
    json_array_foreach (list->views, i, row)
        if (strcmp(ui_text_of(row, "name"), name) == 0) {
            take_kept(list, row);
            return true;
        }
    for (i = 0; (b = builtin_at(list, i)); i++)
        if (strcmp(b->name, name) == 0) {
            take_builtin(list, b);
            return true;
        }
    return false;
}

static void first_views_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                             const json_t *problems)
{
    (void)problems;
    struct ui_list *list = as_list(view);
    if (err && err->code == RL_E_NO_ENGINE)
        return; /* asked again when it is back */
    views_came(list, result, err);
    if (!list->jumped && !list->loaded)
        take_by_name(list, ui_text_of(result, "used"));
    ui_list_load(list);
}

void ui_list_views_ask(struct ui_list *list)
{
    ui_ask_drop(&list->view);
    ui_ask(&list->view, "view.list", json_pack("{s:s}", "list", list->view.screen->name),
           first_views_came);
}

/* The menu: views, then what can be done with the one that is shown. */

static void said(struct ui_view *view, const json_t *result, const struct rl_err *err,
                 const json_t *problems)
{
    (void)result;
    (void)problems;
    if (err && err->code != RL_E_NOT_ALLOWED)
        ui_say_error(view->app, err);
}

/* It is the one to begin with next time. */
static void remember(struct ui_list *list)
{
    ui_ask(&list->view, "view.use",
           json_pack("{s:s,s:s}", "list", list->view.screen->name, "name", list->view_name), said);
}

static unsigned use(struct ui_list *list)
{
    ui_list_restart(list);
    remember(list);
    return UI_REDRAW;
}

/* The view has the name that the answer gives; false if it is a refusal, which is said. */
static bool is_called(struct ui_list *list, const json_t *result, const struct rl_err *err)
{
    if (err)
        ui_say_error(list->view.app, err);
    else
        snprintf(list->view_name, sizeof list->view_name, "%s", ui_text_of(result, "name"));
    return !err;
}

static void saved(struct ui_view *view, const json_t *result, const struct rl_err *err,
                  const json_t *problems)
{
    (void)problems;
    struct ui_list *list = as_list(view);
    if (!is_called(list, result, err))
        return;
    list->view_kept = true;
    json_decref(list->view_chosen);
    list->view_chosen = current(list);
    ui_say(view->app, "i", "view %s was saved%s", list->view_name,
           list->view_shared ? " for all" : "");
    remember(list);
}

static void save(struct ui_list *list, const char *name, bool shared)
{
    list->view_shared = shared;
    ui_ask(&list->view, "view.save",
           json_pack("{s:s,s:s,s:o,s:b}", "list", list->view.screen->name, "name", name, "view",
                     current(list), "shared", shared),
           saved);
}

static unsigned save_named(struct ui_view *view, const char *name)
{
    if (name && *name)
        save(as_list(view), name, false);
    return UI_REDRAW;
}

static const struct ui_prompt_spec save_prompt = {.label = "save the view as", .done = save_named};

static void renamed(struct ui_view *view, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    (void)problems;
    struct ui_list *list = as_list(view);
    if (is_called(list, result, err))
        ui_say(view->app, "i", "the view is called %s now", list->view_name);
}

static unsigned rename_named(struct ui_view *view, const char *name)
{
    struct ui_list *list = as_list(view);
    if (!name || !*name)
        return UI_REDRAW;
    ui_ask(view, "view.rename",
           json_pack("{s:s,s:s,s:s,s:b}", "list", view->screen->name, "name", list->view_name, "to",
                     name, "shared", list->view_shared),
           renamed);
    return UI_REDRAW;
}

static const struct ui_prompt_spec rename_prompt = {.label = "rename the view to",
                                                    .done = rename_named};

static void removed(struct ui_view *view, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    (void)problems;
    struct ui_list *list = as_list(view);
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    ui_say(view->app, "i", "view %s was removed", ui_text_of(result, "name"));
    take_builtin(list, &all);
    use(list);
}

static unsigned remove_confirmed(struct ui_view *view)
{
    struct ui_list *list = as_list(view);
    ui_ask(view, "view.remove",
           json_pack("{s:s,s:s,s:b}", "list", view->screen->name, "name", list->view_name, "shared",
                     list->view_shared),
           removed);
    return UI_REDRAW;
}

static unsigned act_save(struct ui_list *list)
{
    save(list, list->view_name, list->view_shared);
    return UI_REDRAW;
}

static unsigned act_save_as(struct ui_list *list)
{
    ui_prompt(&list->view, &save_prompt, list->view_kept ? list->view_name : "");
    return UI_REDRAW;
}

static unsigned act_share(struct ui_list *list)
{
    save(list, list->view_name, true);
    return UI_REDRAW;
}

static unsigned act_rename(struct ui_list *list)
{
    ui_prompt(&list->view, &rename_prompt, list->view_name);
    return UI_REDRAW;
}

static unsigned act_remove(struct ui_list *list)
{
    struct rl_buf text = {0};
    rl_buf_addf(&text, "Remove the view %s%s? The rows that it shows stay as they are.",
                list->view_name, list->view_shared ? ", which all share" : "");
    ui_confirm(&list->view, "Remove", rl_buf_str(&text), NULL, remove_confirmed);
    rl_buf_fini(&text);
    return UI_REDRAW;
}

/* What can be done with the view shown; `kept`: only with one that the engine keeps. */
static const struct {
    const char *label;
    bool kept, writes, own;
    unsigned (*run)(struct ui_list *list);
} acts[] = {
    {"Save what is shown as ...", false, false, false, act_save_as},
    {"Save it again",             true,  false, false, act_save   },
    {"Rename it",                 true,  false, false, act_rename },
    {"Share it with all",         true,  true,  true,  act_share  },
    {"Remove it",                 true,  false, false, act_remove },
};
enum { ACTS = sizeof acts / sizeof acts[0] };

static bool offers(const struct ui_list *list, size_t act)
{
    bool writes = ui_info(list->view.app)->role >= RL_ROLE_OPERATOR;
    return (!acts[act].kept || list->view_kept) && (!acts[act].writes || writes) &&
           (!acts[act].own || !list->view_shared) &&
           (!list->view_shared || writes || !acts[act].kept);
}

static unsigned chosen(struct ui_view *view, size_t index)
{
    struct ui_list *list = as_list(view);
    size_t builtins = list->spec->nviews + 1, kept = json_array_size(list->views);
    if (index < builtins) {
        take_builtin(list, builtin_at(list, index));
        return use(list);
    }
    index -= builtins;
    if (index < kept) {
        take_kept(list, json_array_get(list->views, index));
        return use(list);
    }
    index -= kept;
    for (size_t i = 0; i < ACTS; i++)
        if (offers(list, i) && index-- == 0)
            return acts[i].run(list);
    return UI_REDRAW;
}

static void offer(struct ui_list *list)
{
    size_t room = list->spec->nviews + 1 + json_array_size(list->views) + ACTS;
    char **items = rl_alloc(room * sizeof *items);
    size_t n = 0, selected = 0, i;
    const struct ui_builtin *b;
    const json_t *row;
    for (i = 0; (b = builtin_at(list, i)); i++) {
        if (!list->view_kept && strcmp(b->name, list->view_name) == 0)
            selected = n;
        items[n++] = rl_strdup(b->name);
    }
    json_array_foreach (list->views, i, row) {
        const char *name = ui_text_of(row, "name");
        bool shared = json_is_true(json_object_get(row, "shared"));
        if (list->view_kept && shared == list->view_shared && strcmp(name, list->view_name) == 0)
            selected = n;
        items[n++] = rl_asprintf("%s%s", name, shared ? "  (of all)" : "  (yours)");
    }
    for (i = 0; i < ACTS; i++)
        if (offers(list, i))
            items[n++] = rl_asprintf("- %s", acts[i].label);
    ui_menu(&list->view, "Views", (const char *const *)items, n, selected, chosen);
    for (i = 0; i < n; i++)
        free(items[i]);
    free(items);
}

static void menu_views_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                            const json_t *problems)
{
    (void)problems;
    views_came(as_list(view), result, err);
    if (ui_top(view->app) == view)
        offer(as_list(view));
}

unsigned ui_list_views(struct ui_view *view)
{
    if (!view->screen) {
        ui_say(view->app, "i", "this list has no views");
        return UI_REDRAW;
    }
    ui_ask(view, "view.list", json_pack("{s:s}", "list", view->screen->name), menu_views_came);
    return UI_REDRAW;
}
