#include <stdlib.h>
#include <string.h>

#include "console/app.h"
#include "console/depend.h"
#include "console/dialog.h"
#include "console/keymap.h"

static const struct ui_action none[] = {{.name = NULL}};

static const struct ui_action *table(const struct ui_view *view, int scope)
{
    const struct ui_action *t = NULL;
    if (scope == 0)
        t = view->screen ? view->screen->actions : NULL;
    else if (scope == 1)
        t = view->class->actions;
    else if (scope == 2 && !view->class->modal)
        t = ui_global_actions;
    else if (scope == 3)
        t = ui_terminal_actions;
    return t ? t : none;
}

const struct ui_action *ui_action_at(const struct ui_view *view, size_t n, int *scope)
{
    for (int s = 0; s < 4; s++)
        for (const struct ui_action *a = table(view, s); a->name; a++)
            if (n-- == 0) {
                if (scope)
                    *scope = s < 2 ? s : 2;
                return a;
            }
    return NULL;
}

void ui_action_keys(const struct ui_action *action, struct rl_buf *out)
{
    const char *keys = ui_keys(action);
    for (const char *p = keys ? keys : ""; *p; p++)
        rl_buf_addc(out, *p == ',' ? ' ' : *p);
}

const char *ui_action_unmet(struct ui_view *view, const struct ui_action *action)
{
    struct ui_app *app = view->app;
    enum rl_role role = ui_info(app)->role;
    if (action->needs & UI_NEED_ROW && !(view->class->object && view->class->object(view)))
        return "there is nothing under the cursor";
    if (action->needs & UI_NEED_ENGINE && !ui_is_up(app))
        return "it needs the engine, which does not answer";
    if (action->needs & (UI_NEED_WRITE | UI_NEED_ADMIN) && role < RL_ROLE_OPERATOR)
        return "you may read but not write; ask an administrator";
    if (action->needs & UI_NEED_ADMIN && role < RL_ROLE_ADMINISTRATOR)
        return "you are no administrator of this site; ask one";
    if (action->needs & UI_NEED_UNLOCKED && ui_is_locked(app))
        return "this console is locked to its screens";
    return NULL;
}

/* Rows move, and go, while a question stands. */
static unsigned confirmed(struct ui_view *view)
{
    struct ui_app *app = view->app;
    const char *object = view->class->object ? view->class->object(view) : NULL;
    if (!app->asked || (object && strcmp(app->asked, object) == 0))
        return app->asking->run(view);
    ui_say(app, "!", "%s is not under the cursor any more: nothing was done", app->asked);
    return UI_REDRAW;
}

void ui_action_ask(struct ui_view *view, const struct ui_action *action, const char *about)
{
    const char *object = view->class->object ? view->class->object(view) : NULL;
    struct rl_buf text = {0}, which = {0};
    size_t n = action->danger == UI_TYPE_NAME && view->class->marked
                   ? view->class->marked(view, &which)
                   : 0;
    if (action->danger == UI_ASKS && view->screen && view->screen->question)
        view->screen->question(view, action, &text);
    else
        rl_buf_addf(&text, "%s: %s", action->sentence,
                    n        ? rl_buf_str(&which)
                    : object ? object
                             : "");
    if (*about)
        rl_buf_addf(&text, "\n\n%s", about);
    if (n)
        ui_confirm_count(view, action->label, rl_buf_str(&text), n, confirmed);
    else
        ui_confirm(view, action->label, rl_buf_str(&text),
                   action->danger == UI_TYPE_NAME ? object : NULL, confirmed);
    free(view->app->asked);
    view->app->asked = n ? NULL : rl_strdup(object);
    view->app->asking = action;
    rl_buf_fini(&text);
    rl_buf_fini(&which);
}

unsigned ui_action_run(struct ui_view *view, const struct ui_action *action)
{
    const char *unmet = ui_action_unmet(view, action);
    if (unmet) {
        ui_say(view->app, "!", "%s%s%s", action->label ? action->label : "",
               action->label ? ": " : "", unmet);
        return UI_REDRAW;
    }
    if (action->danger < UI_ASKS)
        return action->run(view);
    if (action->danger != UI_TYPE_NAME || !ui_depend_ask(view, action))
        ui_action_ask(view, action, "");
    return UI_REDRAW;
}

bool ui_dispatch(struct ui_view *view, int key, unsigned *consequence)
{
    const struct ui_action *action;
    for (size_t i = 0; (action = ui_action_at(view, i, NULL)); i++)
        if (ui_keys_hold(ui_keys(action), key)) {
            *consequence = ui_action_run(view, action);
            return true;
        }
    return false;
}
