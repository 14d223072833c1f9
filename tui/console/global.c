#include "console/app.h"
#include "console/classes.h"
#include "console/command.h"
#include "console/dialog.h"
#include "console/help.h"
#include "console/undo.h"

static unsigned global_stop(struct ui_view *view)
{
    if (view->asks) {
        ui_stop(view);
        ui_say(view->app, "i", "stopped; r reads again");
    } else {
        ui_say(view->app, "i", "nothing runs; q leaves");
    }
    return UI_REDRAW;
}

static unsigned global_back(struct ui_view *view)
{
    if (view->below)
        return UI_POP;
    return view->asks ? global_stop(view) : UI_NOTHING;
}

static unsigned quit_chosen(struct ui_view *view, size_t index)
{
    view->app->cut_off = index == 2;
    if (index == 1)
        ui_discard(view->app);
    return index == 0 ? UI_REDRAW : UI_QUIT;
}

static unsigned global_quit(struct ui_view *view)
{
    static const char *const answers[] = {"Stay", "Leave and lose what is not saved",
                                          "Leave and keep it as a draft"};
    if (!ui_any_unsaved(view->app))
        return UI_QUIT;
    ui_menu(view, "Something is not saved", answers, ui_any_lost(view->app) ? 2 : 3, 0,
            quit_chosen);
    return UI_REDRAW;
}

static unsigned global_leave(struct ui_view *view)
{
    return view->below ? UI_POP : global_quit(view);
}

static unsigned global_screen(struct ui_view *view)
{
    ui_go(view->app, view->app->key - '0');
    return UI_REDRAW;
}

static unsigned global_read(struct ui_view *view)
{
    if (ui_is_up(view->app))
        return UI_RELOAD;
    ui_retry(view->app);
    return UI_REDRAW;
}

static unsigned global_redraw(struct ui_view *view)
{
    (void)view;
    ui_repaint();
    return UI_REDRAW;
}

static unsigned global_suspend(struct ui_view *view)
{
    ui_suspend(view->app);
    return UI_REDRAW;
}

static unsigned global_help(struct ui_view *view)
{
    if (view->class == &ui_help_class)
        return UI_POP;
    ui_help_open(view);
    return UI_REDRAW;
}

static unsigned global_command(struct ui_view *view)
{
    ui_command_open(view);
    return UI_REDRAW;
}

static unsigned global_messages(struct ui_view *view)
{
    ui_messages_open(view->app);
    return UI_REDRAW;
}

/* clang-format off */
const struct ui_action ui_global_actions[] = {
    {"back", "Esc", NULL, "Back one layer", 0, UI_SAFE, global_back},
    {"command", ":,^X", NULL, "Type the name of an action or a screen", 0, UI_SAFE, global_command},
    {"screen", "1,2,3,4,5,6,7,8", "screens", "Go to the screen with this number",
     0, UI_SAFE, global_screen},
    {"read", "r,F5", NULL, "Read again; try the core again when it is lost",
     0, UI_SAFE, global_read},
    {"save-page", "Y", NULL, "Save what is shown as text in a file",
     0, UI_ASKS_SELF, ui_save_page},
    {"undo", "U", NULL, "Undo your last change; tells first what it was",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_ASKS_SELF, ui_undo},
    {"messages", "!", NULL, "List what was said on the status line, with times",
     0, UI_SAFE, global_messages},
    {"stop", "^C", NULL, "Stop what is being read", 0, UI_SAFE, global_stop},
    {"leave", "q", "back", "Back one layer; from the first one, leave",
     0, UI_ASKS_SELF, global_leave},
    {.name = NULL},
};

const struct ui_action ui_terminal_actions[] = {
    {"redraw", "^L", NULL, "Draw the screen again", 0, UI_SAFE, global_redraw},
    {"suspend", "^Z", NULL, "Suspend; fg comes back", UI_NEED_UNLOCKED, UI_SAFE, global_suspend},
    {"help", "?,F1", "help", "What every key does here", 0, UI_SAFE, global_help},
    {"quit", "Q,F10", NULL, "Leave from anywhere", 0, UI_ASKS_SELF, global_quit},
    {.name = NULL},
};
/* clang-format on */
