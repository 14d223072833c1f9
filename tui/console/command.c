#include "console/command.h"

#include <string.h>

#include "console/dialog.h"
#include "console/list.h"

/* Calls fn with every name that can be typed here: actions, then lists. */
typedef void (*name_fn)(void *ctx, const char *name);

/* Details need the name of an object; lists do not. */
static bool opens_by_name(const struct ui_screen *screen)
{
    return screen->class == &ui_list_class;
}

static void each_name(struct ui_view *view, name_fn fn, void *ctx)
{
    const struct ui_action *a;
    for (size_t i = 0; (a = ui_action_at(view, i, NULL)); i++)
        fn(ctx, a->name);
    for (size_t i = 0; ui_screens[i]; i++)
        if (opens_by_name(ui_screens[i]))
            fn(ctx, ui_screens[i]->name);
}

struct completion {
    const char *typed;
    char common[64]; /* what all names that begin so begin with */
    size_t n;
};

static void complete_name(void *ctx, const char *name)
{
    struct completion *c = ctx;
    if (strncmp(name, c->typed, strlen(c->typed)) != 0)
        return;
    if (c->n++ == 0) {
        strncpy(c->common, name, sizeof c->common - 1);
        return;
    }
    size_t i = 0;
    while (c->common[i] && c->common[i] == name[i])
        i++;
    c->common[i] = '\0';
}

static char *command_complete(struct ui_view *view, const char *text)
{
    struct completion c = {.typed = text};
    each_name(view, complete_name, &c);
    return c.n ? rl_strdup(c.common) : NULL;
}

struct names {
    const char *typed;
    json_t *list;
};

static void add_name(void *ctx, const char *name)
{
    struct names *n = ctx;
    if (strncmp(name, n->typed, strlen(n->typed)) == 0)
        json_array_append_new(n->list, json_string(name));
}

static json_t *command_names(struct ui_view *view, const char *text)
{
    struct names n = {text, json_array()};
    each_name(view, add_name, &n);
    return n.list;
}

static unsigned run_name(struct ui_view *view, const char *name)
{
    const struct ui_action *a;
    for (size_t i = 0; (a = ui_action_at(view, i, NULL)); i++)
        if (strcmp(a->name, name) == 0)
            return ui_action_run(view, a);
    const struct ui_screen *screen = ui_screen_by_name(name);
    if (!screen || !opens_by_name(screen) || !ui_open(view->app, name, ""))
        ui_say(view->app, "!", "no action or screen is called \"%s\"; Tab completes, ? lists them",
               name);
    return UI_REDRAW;
}

static unsigned command_done(struct ui_view *view, const char *text)
{
    struct completion c = {.typed = text ? text : ""};
    if (!text || !*text)
        return UI_REDRAW;
    each_name(view, complete_name, &c);
    return run_name(view, c.n == 1 ? c.common : text);
}

static const struct ui_prompt_spec command_prompt = {
    .label = "command",
    .done = command_done,
    .complete = command_complete,
    .names = command_names,
};

void ui_command_open(struct ui_view *view)
{
    ui_prompt(view, &command_prompt, "");
}
