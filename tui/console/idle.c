#include <stdio.h>

#include "console/app.h"

/* A console that nobody looks at ends by itself (tui.md A11): it counts down first. */

enum {
    UNTOLD_S = 15 * 60, /* until an engine has said another time */
    COUNTDOWN_S = 60,   /* or as long as the idle time where that is shorter */
    COARSE_S = 10       /* the steps of the count, but for the last ones */
};

static int64_t countdown_ms(const struct ui_app *app)
{
    int idle = app->known.idle_s;
    return (idle < COUNTDOWN_S ? idle : COUNTDOWN_S) * 1000LL;
}

/* Until the end; longer than the countdown while somebody is there. */
static int64_t left_ms(const struct ui_app *app)
{
    return app->touched_ms + app->known.idle_s * 1000LL + countdown_ms(app) - ui_now_ms();
}

static int shown_s(int64_t left)
{
    int s = (int)((left + 999) / 1000);
    return s > COARSE_S ? (s + COARSE_S - 1) / COARSE_S * COARSE_S : s;
}

int ui_idle_left(const struct ui_app *app)
{
    int64_t left = left_ms(app);
    return app->known.idle_s == 0 || left > countdown_ms(app) ? -1 : left > 0 ? shown_s(left) : 0;
}

static void on_idle_timer(uv_timer_t *timer)
{
    ui_idle_plan(timer->data);
}

void ui_idle_plan(struct ui_app *app)
{
    int64_t left = left_ms(app), count = countdown_ms(app), next;
    if (app->known.idle_s == 0) {
        uv_timer_stop(&app->idle_timer);
        return;
    }
    if (left <= 0) {
        app->quitting = app->cut_off = app->idled_out = true;
        return;
    }
    if (left > count) {
        next = count;
    } else {
        int shown = shown_s(left);
        next = (shown - (shown > COARSE_S ? COARSE_S : 1)) * 1000LL;
        ui_changed(app);
    }
    uv_update_time(&app->loop);
    uv_timer_start(&app->idle_timer, on_idle_timer, (uint64_t)(left - next), 0);
}

void ui_idle_start(struct ui_app *app)
{
    uv_timer_init(&app->loop, &app->idle_timer);
    app->idle_timer.data = app;
    app->known.idle_s = UNTOLD_S;
    ui_idle_touch(app);
}

bool ui_idle_touch(struct ui_app *app)
{
    bool counting = ui_idle_left(app) >= 0;
    app->touched_ms = ui_now_ms();
    if (counting || !uv_is_active((uv_handle_t *)&app->idle_timer))
        ui_idle_plan(app);
    return counting;
}

static void duration(int seconds, char *out, size_t size)
{
    static const struct {
        int seconds;
        const char *name;
    } units[] = {
        {3600, "h"  },
        {60,   "min"},
        {1,    "s"  }
    };
    size_t i = 0;
    while (seconds % units[i].seconds)
        i++;
    snprintf(out, size, "%d %s", seconds / units[i].seconds, units[i].name);
}

void ui_idle_text(const struct ui_app *app, char *out, size_t size)
{
    char idle[32];
    duration(app->known.idle_s, idle, sizeof idle);
    snprintf(out, size, "!! no key for %s: ends in %d s%s - any key stays", idle, ui_idle_left(app),
             ui_any_lost(app)      ? ", unsaved text is lost"
             : ui_any_unsaved(app) ? ", the draft is kept"
                                   : "");
}

void ui_idle_farewell(const struct ui_app *app, char *out, size_t size)
{
    char idle[32];
    duration(app->known.idle_s, idle, sizeof idle);
    snprintf(out, size, "No key for %s: the session was ended.%s", idle,
             ui_any_lost(app)      ? " Text of a form that was not saved is lost."
             : ui_any_unsaved(app) ? " The draft is kept."
                                   : "");
}
