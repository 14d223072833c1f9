#include <stdlib.h>
#include <string.h>

#include "console/app.h"
#include "ringlock/text.h"

struct ui_ask {
    struct ui_ask *next;
    struct ui_view *view;
    ui_answer_fn fn;
    const char *method;
    unsigned number;
    int64_t asked_ms;
};

void ui_view_init(struct ui_view *view, struct ui_app *app, const struct ui_view_class *class,
                  const struct ui_screen *screen, const char *title)
{
    view->app = app;
    view->class = class;
    view->screen = screen;
    ui_view_title(view, title);
}

void ui_view_title(struct ui_view *view, const char *title)
{
    char *safe = rl_text_safe_dup(title);
    size_t cells = sizeof view->title, n = strlen(safe);
    while (n >= sizeof view->title)
        n = rl_text_cut(safe, n, cells /= 2, NULL);
    memcpy(view->title, safe, n);
    view->title[n] = '\0';
    free(safe);
}

const char *ui_text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void unlink_ask(struct ui_ask *ask)
{
    struct ui_ask **at = &ask->view->asks;
    while (*at != ask)
        at = &(*at)->next;
    *at = ask->next;
}

static void answered(void *ctx, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    struct ui_ask *ask = ctx;
    struct ui_view *view = ask->view;
    ui_answer_fn fn = ask->fn;
    unlink_ask(ask);
    free(ask);
    fn(view, result, err, problems);
    ui_changed(view->app);
}

void ui_ask(struct ui_view *view, const char *method, json_t *params, ui_answer_fn fn)
{
    struct ui_ask *ask = rl_alloc(sizeof *ask);
    ask->view = view;
    ask->fn = fn;
    ask->method = method;
    ask->asked_ms = ui_now_ms();
    ask->next = view->asks;
    view->asks = ask;
    ask->number = rl_client_call(view->app->client, method, params, answered, ask);
}

void ui_ask_drop(struct ui_view *view)
{
    while (view->asks) {
        struct ui_ask *ask = view->asks;
        rl_client_drop(view->app->client, ask->number);
        view->asks = ask->next;
        free(ask);
    }
}

int ui_asking_ms(const struct ui_view *view, const char **method)
{
    const struct ui_ask *oldest = view->asks;
    if (!oldest)
        return -1;
    while (oldest->next)
        oldest = oldest->next;
    if (method)
        *method = oldest->method;
    return (int)(ui_now_ms() - oldest->asked_ms);
}

bool ui_is_young(int64_t began_ms)
{
    return ui_now_ms() - began_ms < UI_MARK_MS;
}

void ui_stop(struct ui_view *view)
{
    ui_ask_drop(view);
    if (view->class->stopped)
        view->class->stopped(view);
    ui_changed(view->app);
}

void ui_load(struct ui_view *view)
{
    if (view->class->load && ui_is_up(view->app))
        view->class->load(view);
}

void ui_push(struct ui_app *app, struct ui_view *view)
{
    view->below = app->top[app->current];
    app->top[app->current] = view;
    ui_load(view);
    ui_changed(app);
}

static bool is_above(const struct ui_view *top, const struct ui_view *view)
{
    while (top && top != view)
        top = top->below;
    return top == view;
}

void ui_close(struct ui_view *view)
{
    struct ui_app *app = view->app;
    for (int i = 0; i < UI_STACKS; i++) {
        if (!is_above(app->top[i], view))
            continue;
        for (struct ui_view *v = app->top[i]; v != view->below; v = v->below)
            v->closing = true;
    }
    ui_changed(app);
}

struct ui_view *ui_top(const struct ui_app *app)
{
    struct ui_view *view = app->top[app->current];
    while (view && view->closing)
        view = view->below;
    return view;
}

const struct ui_screen *ui_screen_by_name(const char *name)
{
    for (size_t i = 0; ui_screens[i]; i++)
        if (strcmp(ui_screens[i]->name, name) == 0)
            return ui_screens[i];
    return NULL;
}

bool ui_open(struct ui_app *app, const char *screen, const char *object)
{
    const struct ui_screen *s = ui_screen_by_name(screen);
    if (!s)
        return false;
    if (s->digit)
        return ui_go(app, s->digit);
    ui_push(app, s->open(app, s, object));
    return true;
}

bool ui_go(struct ui_app *app, int digit)
{
    const struct ui_screen *screen = NULL;
    for (size_t i = 0; ui_screens[i] && !screen; i++)
        if (ui_screens[i]->digit == digit)
            screen = ui_screens[i];
    if (!screen)
        return false;
    struct ui_view *from = ui_top(app);
    if (digit != app->current && from && from->class->left)
        from->class->left(from);
    app->current = digit;
    struct ui_view *top = ui_top(app);
    if (!top)
        ui_push(app, screen->open(app, screen, ""));
    else
        ui_load(top);
    ui_changed(app);
    return true;
}

void ui_consequence(struct ui_view *view, unsigned consequence)
{
    struct ui_app *app = view->app;
    if (consequence & UI_POP)
        ui_close(view);
    else if (consequence & UI_RELOAD)
        ui_load(view);
    if (consequence & UI_QUIT)
        app->quitting = true;
    ui_changed(app);
}
