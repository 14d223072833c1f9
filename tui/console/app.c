#include "console/app.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/console.h"
#include "console/keymap.h"
#include "ringlock/time.h"

/* Between two paintings. The engine paces what it tells: as long a pause here would add to its own.
 */
enum {
    PAINT_MS = 20,
    GOODBYE_MS = 1000,
    GOODBYE_ROUNDS = 200,
    BURST_MS = 100,
    BURST_PIECE = 256,
    TELL_MS = 500,
    PAUSE_MS = 1500
};

int64_t ui_now_ms(void)
{
    return rl_monotonic_us() / 1000;
}

bool ui_is_up(const struct ui_app *app)
{
    return rl_client_state(app->client) == RL_CLIENT_UP;
}

const struct rl_client_info *ui_info(const struct ui_app *app)
{
    return &app->known;
}

bool ui_is_locked(const struct ui_app *app)
{
    return app->locked;
}

void ui_changed(struct ui_app *app)
{
    app->dirty = true;
}

static bool is_unsaved(struct ui_view *view)
{
    return !view->closing && view->class->unsaved && view->class->unsaved(view);
}

bool ui_any_unsaved(const struct ui_app *app)
{
    for (int i = 0; i < UI_STACKS; i++)
        for (struct ui_view *v = app->top[i]; v; v = v->below)
            if (is_unsaved(v))
                return true;
    return false;
}

bool ui_any_lost(const struct ui_app *app)
{
    for (int i = 0; i < UI_STACKS; i++)
        for (struct ui_view *v = app->top[i]; v; v = v->below)
            if (is_unsaved(v) && !(v->class->keep && (v->class->keeps_alone || ui_is_up(app))))
                return true;
    return false;
}

void ui_discard(struct ui_app *app)
{
    for (int i = 0; i < UI_STACKS; i++)
        for (struct ui_view *v = app->top[i]; v; v = v->below)
            if (!v->closing && v->class->discard)
                v->class->discard(v);
}

static void on_paint_timer(uv_timer_t *timer)
{
    (void)timer; /* waking up is enough: the picture is drawn before the next wait */
}

static void on_pause_timer(uv_timer_t *timer)
{
    const struct ui_app *app = timer->data;
    for (int i = 0; i < UI_STACKS; i++)
        for (struct ui_view *v = app->top[i]; v; v = v->below)
            if (!v->closing && v->class->pause)
                v->class->pause(v);
}

/* Have what was typed kept; true while an answer to that is due. */
static bool keep_typed(struct ui_app *app, bool begin)
{
    bool due = false;
    for (int i = 0; i < UI_STACKS; i++)
        for (struct ui_view *v = app->top[i]; v; v = v->below) {
            if (v->closing || !v->class->keep)
                continue;
            if (begin)
                v->class->keep(v);
            due = due || (v->asks && ui_is_up(app));
        }
    return due;
}

/* The picture is over; what is sent has to arrive, but nobody waits for long. */
static void say_goodbye(struct ui_app *app)
{
    uv_prepare_stop(&app->painter);
    uv_poll_stop(&app->tty);
    uv_update_time(&app->loop);
    uv_timer_start(&app->paint_timer, on_paint_timer, GOODBYE_MS, 0);
    for (bool due = keep_typed(app, true); due && uv_is_active((uv_handle_t *)&app->paint_timer);
         due = keep_typed(app, false))
        uv_run(&app->loop, UV_RUN_ONCE);
}

/* Take the view out of its stack. */
static void close_view(struct ui_view **at)
{
    struct ui_view *view = *at;
    *at = view->below;
    if (view->app->awaits == view)
        view->app->awaits = NULL;
    ui_ask_drop(view);
    if (view->class->fini)
        view->class->fini(view);
    free(view);
}

/* A layer that closed may have put another one above itself first. */
static void reap(struct ui_app *app)
{
    for (int i = 0; i < UI_STACKS; i++)
        for (struct ui_view **at = &app->top[i]; *at;)
            if ((*at)->closing)
                close_view(at);
            else
                at = &(*at)->below;
}

/* Keys. */

static bool acts_when_small(int key)
{
    return key == 'q' || key == UI_CTRL('C') || key == UI_CTRL('L') || key == UI_CTRL('Z');
}

static void small_key(struct ui_app *app, int key)
{
    if (key == 'q' && !ui_any_lost(app))
        app->quitting = app->cut_off = true;
    else if (key == UI_CTRL('L'))
        ui_repaint();
    else if (key == UI_CTRL('Z'))
        ui_suspend(app);
}

/* Keys that were meant for a question must not act on what is below it; Esc gives it up. */
static bool is_awaiting(struct ui_app *app, struct ui_view *view, int key)
{
    if (app->awaits != view || !ui_is_up(app))
        return false;
    if (key == UI_KEY_ESC || key == UI_CTRL('C'))
        app->awaits = NULL;
    return true;
}

/* The key in the view. Of what was pasted as keys the first one acts, and text goes into the field
 * that it opened; where it began with typing into a field, Enter and Tab act there. Nothing else of
 * it does anything: it answers no question that it raised. Much of it is text and nothing else. */
static void act(struct ui_app *app, struct ui_view *view, int key, const char *text)
{
    unsigned consequence = UI_NOTHING;
    if (app->burst_big && (key == UI_KEY_ENTER || key == UI_KEY_TAB))
        key = ' ';
    bool awaiting = is_awaiting(app, view, key);
    bool typed =
        !awaiting && view->class->typed && view->class->typed(view, key, text, &consequence);
    bool typing = app->burst_view == view && app->burst_home == view;
    bool pasted = key == UI_KEY_PASTE || app->burst_big || (app->burst_acted && !typing);
    app->burst_acted = app->burst;
    if (typed)
        app->burst_view = view;
    if (typed || (!pasted && !awaiting && ui_dispatch(view, key, &consequence)))
        ui_consequence(view, consequence);
    else if (pasted && (key == UI_KEY_PASTE || !app->burst_told)) {
        app->burst_told = true;
        ui_say(app, "!", "pasted text was dropped: the cursor is not in a field");
    } else if (key == UI_KEY_BROKEN)
        ui_say(app, "!", "a key came in pieces and did nothing; on slow lines set ESCDELAY=250");
}

static void on_key(void *ctx, int key, const char *text)
{
    struct ui_app *app = ctx;
    app->dirty = app->urgent = true;
    if (ui_idle_touch(app))
        return; /* the key was for the countdown, not for what is below it */
    if (ui_frame_is_small(app)) {
        if (acts_when_small(key))
            small_key(app, key);
        return;
    }
    reap(app);
    struct ui_view *view = ui_top(app);
    if (!view)
        return;
    ui_message_dismiss(app, key);
    app->key = key;
    uv_timer_start(&app->pause_timer, on_pause_timer, PAUSE_MS, 0);
    act(app, view, key, text);
    if (ui_top(app) != view)
        app->burst_home = NULL;
}

static void wait_for_rest(struct ui_app *app);

static void on_key_timer(uv_timer_t *timer)
{
    struct ui_app *app = timer->data;
    ui_input_tick(app->input, ui_now_ms());
    wait_for_rest(app);
}

/* By the clock as it is: the loop's own is that of its last round, and a timer set by it may end
 * early. */
static void wait_for_rest(struct ui_app *app)
{
    int wait = ui_input_wait(app->input, ui_now_ms());
    if (wait < 0)
        return;
    uv_update_time(&app->loop);
    uv_timer_start(&app->key_timer, on_key_timer, (uint64_t)wait, 0);
}

/* The last piece of a paste that was too much for one read may be short. */
static void watch_burst(struct ui_app *app, const char *bytes, size_t n)
{
    bool goes_on = app->burst_piece >= BURST_PIECE && ui_now_ms() - app->burst_ms < BURST_MS;
    app->burst = ui_input_is_text(bytes, n) && (goes_on || ui_input_is_burst(bytes, n));
    app->burst_big = app->burst && (goes_on || n >= BURST_PIECE);
    app->burst_piece = app->burst ? n : 0;
    app->burst_ms = ui_now_ms();
    if (!goes_on) {
        app->burst_told = app->burst_acted = false;
        app->burst_view = NULL;
        app->burst_home = ui_top(app);
    }
}

static void on_tty(uv_poll_t *poll, int status, int events)
{
    struct ui_app *app = poll->data;
    char bytes[1024];
    int n = status < 0 ? -1 : ui_term_read(bytes, sizeof bytes);
    if (n < 0 || (n == 0 && events & UV_DISCONNECT)) {
        app->quitting = app->cut_off = true; /* the terminal is gone */
        uv_poll_stop(poll);
        return;
    }
    watch_burst(app, bytes, (size_t)n);
    ui_input_bytes(app->input, bytes, (size_t)n, ui_now_ms());
    wait_for_rest(app);
}

/* Pictures. */

static void on_waiting_timer(uv_timer_t *timer)
{
    struct ui_app *app = timer->data;
    if (rl_client_waiting_ms(app->client) >= UI_MARK_MS)
        rl_client_probe(app->client);
    ui_changed(app);
}

/* While a question waits the picture says for how long, whether a key was pressed or not. */
static void watch_waiting(struct ui_app *app)
{
    int ms = rl_client_waiting_ms(app->client);
    if (ms < 0)
        uv_timer_stop(&app->waiting_timer);
    else
        uv_timer_start(&app->waiting_timer, on_waiting_timer,
                       (uint64_t)(ms < UI_MARK_MS ? UI_MARK_MS - ms : TELL_MS - ms % TELL_MS), 0);
}

static void paint(struct ui_app *app)
{
    app->dirty = app->urgent = false;
    app->painted_ms = ui_now_ms();
    ui_term_size(&app->rows, &app->cols);
    ui_frame_draw(app);
}

static void on_writable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    uv_poll_stop(poll);
}

/* A slow line is not given pictures faster than it takes them: it gets the newest. */
static bool line_is_full(struct ui_app *app)
{
    if (ui_term_takes(0))
        return false;
    uv_poll_start(&app->out, UV_WRITABLE | UV_DISCONNECT, on_writable);
    return true;
}

/* Before each wait for events: everything that came is in one picture. */
static void on_prepare(uv_prepare_t *prepare)
{
    struct ui_app *app = prepare->data;
    reap(app);
    if (app->quitting || !ui_top(app)) {
        uv_stop(&app->loop);
        return;
    }
    watch_waiting(app);
    if (!app->dirty || line_is_full(app))
        return;
    int64_t due = app->painted_ms + PAINT_MS - ui_now_ms();
    if (app->urgent || due <= 0)
        paint(app);
    else
        uv_timer_start(&app->paint_timer, on_paint_timer, (uint64_t)due, 0);
}

static void on_minute(uv_timer_t *timer)
{
    struct ui_app *app = timer->data;
    int64_t into = rl_now_us() / 1000 % 60000;
    app->dirty = true;
    uv_timer_start(timer, on_minute, (uint64_t)(60000 - into + 5), 0);
}

/* Signals. */

void ui_suspend(struct ui_app *app)
{
    if (app->locked)
        return;
    ui_term_suspend();
    ui_idle_touch(app);
    app->dirty = app->urgent = true;
}

static void came_back(struct ui_app *app)
{
    ui_term_resume();
    ui_idle_touch(app);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct ui_app *app = handle->data;
    app->dirty = app->urgent = true;
    if (number == SIGCONT)
        came_back(app);
    else if (number == SIGTSTP)
        ui_suspend(app);
}

static uv_async_t *ending; /* of the one console of the process, while it runs */

static void on_end_signal(int number)
{
    int saved = errno;
    (void)number;
    ui_term_unblock();
    if (ending)
        uv_async_send(ending);
    errno = saved;
}

static void on_ending(uv_async_t *async)
{
    struct ui_app *app = async->data;
    app->quitting = app->cut_off = true;
}

/* Not by libuv: a handler of our own can free a write that the terminal does not take. */
static void watch_end_signals(struct ui_app *app)
{
    static const int numbers[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    const struct sigaction act = {.sa_handler = on_end_signal, .sa_flags = SA_RESTART};
    uv_async_init(&app->loop, &app->end, on_ending);
    app->end.data = app;
    ending = &app->end;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &act, NULL);
}

static void watch_signals(struct ui_app *app)
{
    static const int numbers[UI_SIGNALS] = {SIGWINCH, SIGTSTP, SIGCONT};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    for (int i = 0; i < UI_SIGNALS; i++) {
        uv_signal_init(&app->loop, &app->signals[i]);
        app->signals[i].data = app;
        uv_signal_start(&app->signals[i], on_signal, numbers[i]);
    }
}

/* The engine. */

static void load_all(struct ui_app *app)
{
    for (int i = 0; i < UI_STACKS; i++)
        for (struct ui_view *v = app->top[i]; v; v = v->below)
            if (!v->closing)
                ui_load(v);
}

static void say_why_down(struct ui_app *app, const struct rl_err *why)
{
    bool replaced = why->code == RL_E_PROTOCOL && app->known.release[0];
    const char *what = *why->remedy ? why->remedy : why->text;
    if (replaced)
        what = "leave with F10, start again; typed text is kept";
    ui_say(app, "!!", "%s: %s", rl_code_info(why->code)->tag, what);
}

static void on_state(void *ctx, enum rl_client_state state, const struct rl_err *why)
{
    struct ui_app *app = ctx;
    if (state == RL_CLIENT_UP) {
        if (app->lost_us)
            ui_say(app, "i", "the core is back");
        app->lost_us = 0;
        app->known = *rl_client_info(app->client);
        ui_idle_plan(app);
        load_all(app);
    } else if (state != RL_CLIENT_CONNECTING) {
        if (why && strcmp(why->text, app->why_down.text) != 0)
            say_why_down(app, why);
        if (why)
            app->why_down = *why;
        if (!app->lost_us)
            app->lost_us = rl_now_us();
    }
    ui_changed(app);
}

static void on_notification(void *ctx, const char *method, const json_t *params)
{
    struct ui_app *app = ctx;
    for (int i = 0; i < UI_STACKS; i++)
        for (struct ui_view *v = app->top[i]; v; v = v->below)
            if (!v->closing && v->class->notify)
                v->class->notify(v, method, params);
    ui_changed(app);
}

void ui_retry(struct ui_app *app)
{
    rl_client_retry(app->client);
}

/* Life. */

static void on_keymap(void *ctx, const char *text)
{
    ui_say(ctx, "!", "%s", text);
}

/* libuv makes a descriptor not wait. It is shared: with curses, which would ask again and again
 * while the line is full, and with the shell that started us. */
static void watch_line(struct ui_app *app)
{
    uv_poll_init(&app->loop, &app->tty, STDIN_FILENO);
    uv_poll_init(&app->loop, &app->out, STDOUT_FILENO);
    for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    uv_poll_start(&app->tty, UV_READABLE | UV_DISCONNECT, on_tty);
}

static void app_start(struct ui_app *app, const struct rl_client_config *config)
{
    const struct rl_client_hooks hooks = {
        .ctx = app, .state = on_state, .notification = on_notification};
    uv_loop_init(&app->loop);
    uv_prepare_init(&app->loop, &app->painter);
    uv_timer_init(&app->loop, &app->key_timer);
    uv_timer_init(&app->loop, &app->paint_timer);
    uv_timer_init(&app->loop, &app->minute_timer);
    uv_timer_init(&app->loop, &app->waiting_timer);
    uv_timer_init(&app->loop, &app->pause_timer);
    app->waiting_timer.data = app->pause_timer.data = app;
    app->painter.data = app->key_timer.data = app->minute_timer.data = app->tty.data = app;
    app->input = ui_input_new(ui_term_esc_ms(), on_key, app);
    ui_term_define_keys(app->input);
    watch_signals(app);
    watch_end_signals(app);
    uv_prepare_start(&app->painter, on_prepare);
    watch_line(app);
    on_minute(&app->minute_timer);
    ui_idle_start(app);
    app->client = rl_client_new(&app->loop, config, &hooks);
    ui_term_size(&app->rows, &app->cols);
    ui_go(app, 1);
    ui_keymap_start(app->locked, on_keymap, app);
}

static void close_handle(uv_handle_t *handle, void *ctx)
{
    (void)ctx;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void app_stop(struct ui_app *app)
{
    ending = NULL;
    ui_term_stop();
    for (int i = 0; i < UI_STACKS; i++)
        while (app->top[i])
            close_view(&app->top[i]);
    rl_client_free(&app->client);
    uv_run(&app->loop, UV_RUN_NOWAIT);
    uv_walk(&app->loop, close_handle, NULL);
    for (int i = 0; i < GOODBYE_ROUNDS && uv_loop_close(&app->loop) == UV_EBUSY; i++)
        uv_run(&app->loop, UV_RUN_NOWAIT);
    ui_input_free(&app->input);
    ui_message_fini(app);
    free(app->save_path);
    free(app->asked);
    json_decref(app->undo);
}

int rl_console_main(const struct rl_client_config *config, const struct rl_console_options *options)
{
    struct rl_err err = {0};
    if (ui_term_start(options->color, &err) != RL_OK) {
        fprintf(stderr, "ringlock: %s\n", err.text);
        return rl_code_info(err.code)->exit_status;
    }
    struct ui_app *app = rl_alloc(sizeof *app);
    app->locked = options->locked;
    app_start(app, config);
    uv_run(&app->loop, UV_RUN_DEFAULT);
    char farewell[300] = "";
    size_t said = app->nmessages;
    if (app->cut_off)
        say_goodbye(app);
    if (app->nmessages > said) /* why it is not kept */
        snprintf(farewell, sizeof farewell, "%s", ui_message_at(app, 0)->text);
    else if (app->idled_out)
        ui_idle_farewell(app, farewell, sizeof farewell);
    app_stop(app);
    free(app);
    if (*farewell)
        fprintf(stderr, "ringlock: %s\n", farewell);
    return 0;
}
