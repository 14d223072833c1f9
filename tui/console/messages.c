#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "console/app.h"
#include "console/classes.h"
#include "console/help.h"

enum { TEXT_AT = 14 };

struct messages {
    struct ui_view view;
    size_t top;
};

struct page {
    int row, last, cols;
};

static void message_line(void *ctx, const char *line)
{
    struct page *p = ctx;
    if (p->row <= p->last)
        ui_put(p->row++, TEXT_AT, p->cols - TEXT_AT - 1, UI_NORMAL, line);
}

static void draw_message(struct page *p, const struct ui_message *message, bool focus)
{
    char head[32], at[16];
    time_t when = (time_t)(message->at_us / 1000000);
    struct tm tm;
    strftime(at, sizeof at, "%H:%M:%S", localtime_r(&when, &tm));
    snprintf(head, sizeof head, "%s  %s", at, message->mark);
    ui_put(p->row, 0, 1, UI_NORMAL, focus ? ">" : " ");
    ui_put(p->row, 1, TEXT_AT - 1, focus ? UI_FOCUS : UI_NORMAL, head);
    ui_wrap(message->text, p->cols - TEXT_AT - 1, message_line, p);
}

static void messages_draw(struct ui_view *view, struct ui_area area)
{
    struct messages *m = (struct messages *)view;
    struct page p = {.row = area.top + 2, .last = area.top + area.rows - 1, .cols = area.cols};
    const struct ui_message *message;
    ui_put(area.top, 1, area.cols - 2, UI_NORMAL, "What was said on the status line, newest first");
    ui_fill(area.top + 1, 0, area.cols, UI_NORMAL, '-');
    ui_cursor(area.top + 2, 0);
    for (size_t i = m->top; p.row <= p.last && (message = ui_message_at(view->app, i)); i++)
        draw_message(&p, message, i == m->top);
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

static unsigned messages_copy(struct ui_view *view)
{
    struct messages *m = (struct messages *)view;
    const struct ui_message *message = ui_message_at(view->app, m->top);
    if (!message)
        return UI_NOTHING;
    char *text = rl_strdup(message->text);
    ui_copy(view->app, text);
    m->top++; /* what was copied is said, and so is the newest now */
    free(text);
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
    {"messages-copy", "y", "copy", "Copy the message to the clipboard of the terminal",
     0, UI_SAFE, messages_copy},
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
