#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/app.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum { STANDS_MS = 5000 }; /* nothing but a newer message takes one away before */

void ui_say(struct ui_app *app, const char *mark, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct ui_message *m = &app->message[app->nmessages++ % UI_MESSAGES];
    free(m->text);
    m->text = rl_text_safe_dup(text);
    m->at_us = rl_now_us();
    snprintf(m->mark, sizeof m->mark, "%s", mark);
    app->message_ms = ui_now_ms();
    ui_changed(app);
}

void ui_copy(struct ui_app *app, const char *text)
{
    size_t lines = 1;
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    ui_term_copy(text);
    if (lines > 1)
        ui_say(app, "i", "copied %zu lines: %.*s ...", lines, (int)strcspn(text, "\n"), text);
    else
        ui_say(app, "i", "copied: %s", text);
}

void ui_say_error(struct ui_app *app, const struct rl_err *err)
{
    ui_say(app, rl_code_is_warning(err->code) ? "!" : "!!", "%s: %s", rl_code_info(err->code)->tag,
           err->text);
}

const struct ui_message *ui_message_shown(const struct ui_app *app)
{
    return app->message_ms ? ui_message_at(app, 0) : NULL;
}

const struct ui_message *ui_message_at(const struct ui_app *app, size_t back)
{
    if (back >= app->nmessages || back >= UI_MESSAGES)
        return NULL;
    return &app->message[(app->nmessages - 1 - back) % UI_MESSAGES];
}

void ui_message_leave(struct ui_app *app)
{
    if (app->message_ms && ui_now_ms() - app->message_ms >= STANDS_MS)
        app->message_ms = 0;
}

void ui_message_over(struct ui_app *app)
{
    const struct ui_message *shown = ui_message_shown(app);
    if (shown && shown->mark[0] == '!')
        app->message_ms = 0;
}

void ui_message_dismiss(struct ui_app *app, int key)
{
    const struct ui_message *shown = ui_message_shown(app);
    if (shown && (key == UI_KEY_ESC || strcmp(shown->mark, "!!") != 0))
        ui_message_leave(app);
}

void ui_message_fini(struct ui_app *app)
{
    for (size_t i = 0; i < UI_MESSAGES; i++)
        free(app->message[i].text);
}
