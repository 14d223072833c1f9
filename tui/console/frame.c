#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "console/app.h"
#include "console/classes.h"
#include "console/keymap.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum { KEYS_SHOWN = 24 };

bool ui_frame_is_small(const struct ui_app *app)
{
    return app->cols < UI_MIN_COLS || app->rows < UI_MIN_ROWS;
}

struct centred {
    int row, cols;
};

static void centred_line(void *ctx, const char *line)
{
    struct centred *c = ctx;
    int width = (int)rl_text_width(line, strlen(line));
    ui_put(c->row, (c->cols - width) / 2, c->cols, UI_NORMAL, line);
    ui_cursor(c->row++, 0);
}

static void draw_small(struct ui_app *app)
{
    char text[160];
    const char *way_out = ui_any_lost(app)      ? "typed text is kept"
                          : ui_any_unsaved(app) ? "typed text is kept, q leaves it as a draft"
                                                : "q leaves";
    snprintf(text, sizeof text, "Make the window at least %dx%d (now %dx%d) - %s", UI_MIN_COLS,
             UI_MIN_ROWS, app->cols, app->rows, way_out);
    int lines = app->cols > 0 ? ((int)strlen(text) + app->cols - 1) / app->cols : 1;
    struct centred c = {.row = app->rows > lines ? (app->rows - lines) / 2 : 0, .cols = app->cols};
    ui_wrap(text, app->cols, centred_line, &c);
}

/* Titles from the bottom of the stack to the top: "2 Phones > SEP0011 > Edit". */
static void add_path(const struct ui_view *view, struct rl_buf *out)
{
    if (view->below && !view->class->alone)
        add_path(view->below, out);
    if (view->class->overlay || view->closing)
        return;
    if (out->len > 0)
        rl_buf_adds(out, " > ");
    else if (view->screen && view->screen->digit)
        rl_buf_addf(out, "%d ", view->screen->digit);
    rl_buf_adds(out, view->title);
}

static void core_state(const struct ui_app *app, char *out, size_t size)
{
    static const char *const words[] = {
        [RL_CLIENT_CONNECTING] = "core ...",
        [RL_CLIENT_LOST] = "core lost",
        [RL_CLIENT_REFUSED] = "core refused",
    };
    enum rl_client_state state = rl_client_state(app->client);
    int ms = rl_client_info(app->client)->round_trip_ms, silent = rl_client_silent_s(app->client);
    if (state != RL_CLIENT_UP)
        snprintf(out, size, "%s", words[state]);
    else if (silent > 0)
        snprintf(out, size, "core old %d s", silent);
    else if (*rl_client_info(app->client)->lists)
        snprintf(out, size, "!! %s", rl_client_info(app->client)->lists);
    else if (ms >= 0)
        snprintf(out, size, "core ok %3d ms", ms > 999 ? 999 : ms);
    else
        snprintf(out, size, "core ok");
}

static void who_and_when(const struct ui_app *app, char *out, size_t size)
{
    static const char *const rights[] = {
        [RL_ROLE_NONE] = "--",
        [RL_ROLE_VIEWER] = "ro",
        [RL_ROLE_OPERATOR] = "rw",
        [RL_ROLE_ADMINISTRATOR] = "adm",
    };
    char host[64] = "", clock[16] = "";
    gethostname(host, sizeof host - 1);
    host[strcspn(host, ".")] = '\0';
    time_t now = time(NULL);
    struct tm tm;
    strftime(clock, sizeof clock, "%H:%M", localtime_r(&now, &tm));
    const struct rl_client_info *info = ui_info(app);
    char *user = rl_text_safe_dup(info->user);
    snprintf(out, size, "%.24s@%.20s %s %s", *user ? user : "-", host, rights[info->role], clock);
    free(user);
}

static void draw_header(struct ui_app *app, const struct ui_view *view)
{
    char state[32], who[96];
    struct rl_buf path = {0};
    rl_buf_adds(&path, " ringlock  ");
    size_t lead = path.len;
    struct rl_buf titles = {0};
    add_path(view, &titles);
    rl_buf_adds(&path, rl_buf_str(&titles));
    rl_buf_fini(&titles);
    core_state(app, state, sizeof state);
    who_and_when(app, who, sizeof who);
    int right = app->cols - 1 - (int)rl_text_width(who, strlen(who));
    int path_cells = (int)rl_text_width(path.data, path.len),
        middle = right - (int)strlen(state) - 2;
    ui_put(0, 0, (int)lead, UI_STRONG, " ringlock  ");
    if (middle > path_cells + 1)
        ui_put(0, middle, right - middle, *state == '!' || !ui_is_up(app) ? UI_ERROR : UI_NORMAL,
               state);
    ui_put(0, (int)lead, right - (int)lead - 1, UI_STRONG, path.data + lead);
    ui_put(0, right, app->cols - right, UI_NORMAL, who);
    rl_buf_fini(&path);
}

/* One line while there is no engine: why, if there never was one; else since when, and that what is
 * shown is old. */
static int draw_banner(struct ui_app *app)
{
    char text[600], at[16] = "";
    enum rl_client_state state = rl_client_state(app->client);
    if (state == RL_CLIENT_UP || (state == RL_CLIENT_CONNECTING && !app->lost_us))
        return 0;
    time_t lost = (time_t)(app->lost_us / 1000000);
    struct tm tm;
    strftime(at, sizeof at, "%H:%M:%S", localtime_r(&lost, &tm));
    bool never = !app->known.release[0];
    if (state == RL_CLIENT_REFUSED || never)
        snprintf(text, sizeof text, " !! %s", app->why_down.text);
    else
        snprintf(text, sizeof text,
                 " !! core lost %s, trying again (r now). Old data is shown, nothing is saved.",
                 at);
    ui_fill(1, 0, app->cols, UI_ERROR | UI_FOCUS, ' ');
    ui_put(1, 0, app->cols, UI_ERROR | UI_FOCUS, text);
    return 1;
}

/* What the engine is asked for; the rest is read. */
static const struct {
    const char *method, *word;
} doings[] = {
    {"object.count", "counting" },
    {"audit.verify", "verifying"},
    {"type.import",  "importing"},
};

/* Nothing before UI_MARK_MS, a mark until UI_WORDS_MS, then for how long and how to stop. */
static void add_waiting(const struct ui_view *view, struct rl_buf *out)
{
    const char *method = NULL, *word = "reading";
    int ms = ui_asking_ms(view, &method);
    if (ms < UI_MARK_MS || view->class->modal || !ui_is_up(view->app))
        return;
    for (size_t i = 0; i < sizeof doings / sizeof doings[0]; i++)
        if (strcmp(doings[i].method, method) == 0)
            word = doings[i].word;
    if (ms < UI_WORDS_MS)
        rl_buf_addf(out, "%s ...", word);
    else
        rl_buf_addf(out, "%s for %d s: ^C stops", word, ms / 1000);
}

static void draw_status(struct ui_app *app, struct ui_view *view)
{
    struct rl_buf left = {0}, right = {0}, waiting = {0};
    const struct ui_message *message = ui_message_shown(app);
    if (view->class->status)
        view->class->status(view, &left, &right);
    add_waiting(view, &waiting);
    if (waiting.len > 0) {
        struct rl_buf *place = message ? &right : &left;
        rl_buf_clear(place);
        rl_buf_adds(place, waiting.data);
    }
    int row = app->rows - 2, right_cells = (int)rl_text_width(rl_buf_str(&right), right.len);
    int room = app->cols - 2 - (right_cells ? right_cells + 2 : 0);
    if (message) {
        char text[1100];
        snprintf(text, sizeof text, "%s%s%s", *message->mark == 'i' ? "" : message->mark,
                 *message->mark == 'i' ? "" : " ", message->text);
        ui_put(row, 1, room, *message->mark == 'i' ? UI_STRONG : UI_WARNING, text);
    } else {
        ui_put(row, 1, room, UI_NORMAL, rl_buf_str(&left));
    }
    ui_put(row, app->cols - 1 - right_cells, right_cells, UI_NORMAL, rl_buf_str(&right));
    rl_buf_fini(&left);
    rl_buf_fini(&right);
    rl_buf_fini(&waiting);
}

/* Over whatever the line says else. */
static void draw_countdown(struct ui_app *app)
{
    char text[160];
    if (ui_idle_left(app) < 0)
        return;
    ui_idle_text(app, text, sizeof text);
    ui_fill(app->rows - 2, 0, app->cols, UI_WARNING, ' ');
    ui_put(app->rows - 2, 1, app->cols - 2, UI_WARNING, text);
}

/* The key that leads, and types nothing where there is text to type; "1-8" for a row of keys. */
static void first_key(const char *keys, bool modal, char *out)
{
    size_t n = strlen(keys), first = strcspn(keys, ",");
    if (modal && ui_key_is_text(ui_key_parse(keys, first)) && first < n) {
        keys += first + 1;
        first = strcspn(keys, ",");
    }
    if (first == 1 && n > 8)
        snprintf(out, UI_KEY_NAME, "%c-%c", keys[0], keys[n - 1]);
    else
        ui_key_name(ui_key_parse(keys, first), out);
}

static const char *label_of(struct ui_view *view, const struct ui_action *action)
{
    if (!action->label || !ui_keys(action))
        return NULL;
    return view->class->label ? view->class->label(view, action) : action->label;
}

static void draw_keys(struct ui_app *app, struct ui_view *view)
{
    char item[KEYS_SHOWN][48], key[UI_KEY_NAME];
    const char *items[KEYS_SHOWN], *label;
    size_t n = 0, way_out = KEYS_SHOWN;
    const struct ui_action *action, *help = NULL;
    for (size_t i = 0; (action = ui_action_at(view, i, NULL)); i++) {
        if (strcmp(action->name, "help") == 0)
            help = action;
        label = help == action ? NULL : label_of(view, action);
        if (!label || n == KEYS_SHOWN - 1)
            continue;
        first_key(ui_keys(action), false, key);
        if (strcmp(key, "Esc") == 0)
            way_out = n;
        snprintf(item[n], sizeof item[n], "%s %s", key, label);
        items[n] = item[n];
        n++;
    }
    if (view->class != &ui_help_class) {
        first_key(ui_keys(help), view->class->modal, key);
        snprintf(item[n], sizeof item[n], "%s %s", key, help->label);
        items[n] = item[n];
        n++;
    }
    struct rl_buf line = {0};
    ui_layout_keys(&line, items, n, way_out, app->cols - 2);
    ui_put(app->rows - 1, 1, app->cols - 2, UI_STRONG, rl_buf_str(&line));
    rl_buf_fini(&line);
}

static void draw_views(struct ui_view *view, struct ui_area area)
{
    struct ui_view *below = view->below;
    while (below && below->closing)
        below = below->below;
    if (view->class->overlay && below)
        draw_views(below, area);
    view->class->draw(view, area);
}

void ui_frame_draw(struct ui_app *app)
{
    ui_begin();
    struct ui_view *view = ui_top(app);
    if (ui_frame_is_small(app)) {
        draw_small(app);
    } else if (view) {
        draw_header(app, view);
        int top = 1 + draw_banner(app);
        ui_old(!ui_is_up(app) || rl_client_silent_s(app->client) > 0);
        draw_views(view,
                   (struct ui_area){.top = top, .rows = app->rows - 2 - top, .cols = app->cols});
        ui_old(false);
        if (!view->class->on_status)
            draw_status(app, view);
        draw_keys(app, view);
    }
    draw_countdown(app);
    ui_end();
}
