#include <stdio.h>
#include <time.h>

#include "console/app.h"
#include "console/classes.h"
#include "console/help.h"

struct messages {
    struct ui_view view;
    size_t top;
};

static void messages_draw(struct ui_view *view, struct ui_area area)
{
    struct messages *m = (struct messages *)view;
    const struct ui_message *message;
    ui_put(area.top, 1, area.cols - 2, UI_NORMAL, "What was said on the status line, newest first");
    ui_fill(area.top + 1, 0, area.cols, UI_NORMAL, '-');
    ui_cursor(area.top + 2, 0);
    for (int i = 0; i < area.rows - 2; i++) {
        if (!(message = ui_message_at(view->app, m->top + (size_t)i)))
            break;
        char at[16], line[1100];
        time_t when = (time_t)(message->at_us / 1000000);
        struct tm tm;
        strftime(at, sizeof at, "%H:%M:%S", localtime_r(&when, &tm));
        snprintf(line, sizeof line, "%s  %-2s %s", at, message->mark, message->text);
        ui_put(area.top + 2 + i, 1, area.cols - 2, UI_NORMAL, line);
    }
}

static unsigned messages_down(struct ui_view *view)
{
    struct messages *m = (struct messages *)view;
    m->top += ui_message_at(view->app, m->top + 1) != NULL;
    return UI_REDRAW;
}

static unsigned messages_up(struct ui_view *view)
{
    struct messages *m = (struct messages *)view;
    m->top -= m->top > 0;
    return UI_REDRAW;
}

static unsigned messages_close(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

/* clang-format off */
static const struct ui_action messages_actions[] = {
    {"messages-down", "Down,j", "older", "Older messages", 0, UI_SAFE, messages_down},
    {"messages-up", "Up,k", "newer", "Newer messages", 0, UI_SAFE, messages_up},
    {"messages-close", "Esc,q,^C,!", "back", "Close the list", 0, UI_SAFE, messages_close},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_messages_class = {
    .name = "messages",
    .actions = messages_actions,
    .modal = true,
    .draw = messages_draw,
};

void ui_messages_open(struct ui_app *app)
{
    struct messages *m = rl_alloc(sizeof *m);
    ui_view_init(&m->view, app, &ui_messages_class, NULL, "Messages");
    ui_push(app, &m->view);
}
