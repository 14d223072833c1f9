/* The application, as the files of the console share it. Screens use ui.h. */
#ifndef RL_CONSOLE_APP_H
#define RL_CONSOLE_APP_H

#include <uv.h>

#include "console/dialog.h"
#include "console/ui.h"

enum {
    UI_STACKS = 10,    /* one for each digit */
    UI_MESSAGES = 200, /* kept in the list of messages */
    UI_RECENT = 8,     /* names that the palette offers first */
    UI_SIGNALS = 3,
    UI_MIN_COLS = 60,
    UI_MIN_ROWS = 16
};

struct ui_message {
    int64_t at_us; /* wall clock */
    char mark[3];
    char *text; /* owned, safe */
};

struct ui_app {
    uv_loop_t loop;
    uv_poll_t tty, out;
    uv_prepare_t painter;
    uv_timer_t key_timer, paint_timer, minute_timer, idle_timer, waiting_timer, pause_timer;
    uv_signal_t signals[UI_SIGNALS];
    uv_async_t end; /* a signal that ends the program came */
    struct rl_client *client;
    struct rl_client_info known; /* as the engine told it last */
    struct ui_input *input;
    struct ui_view *top[UI_STACKS]; /* of each screen's stack */
    int current;
    int rows, cols;
    int key; /* that is being handled */
    bool dirty, urgent, quitting, locked;
    bool cut_off;     /* nobody was asked, or it is to be kept: keep what is typed */
    bool idled_out;   /* for nobody did */
    bool burst;       /* what is read was pasted as keys */
    bool burst_big;   /* more than anybody types ahead of a slow line */
    bool burst_acted; /* the first of them had its effect */
    bool burst_told;  /* and it was said that the others have none */
    const struct ui_view *burst_home; /* that they began in, until one of them left it */
    const struct ui_view *burst_view; /* that has the field they type in; both only compared */
    size_t burst_piece;               /* bytes of it that came last, and when */
    int64_t burst_ms;
    int64_t painted_ms, touched_ms;
    struct rl_err why_down;                 /* code RL_OK while up */
    int64_t lost_us;                        /* wall clock */
    struct ui_message message[UI_MESSAGES]; /* a ring: the newest is at nmessages - 1 */
    size_t nmessages;
    const struct ui_action *asking; /* asked about last; static */
    struct ui_view *awaits;         /* its question is on its way; borrowed */
    char *asked;                    /* of which object; owned, NULL: of those that are marked */
    json_t *undo;                   /* what the engine would undo, as told; owned */
    const char *recent[UI_RECENT];  /* run from the palette, the latest first; static names */
    char *save_path;                /* owned: the file that was named last, to save in */
    bool save_over;                 /* it was there: replacing it was said yes to */
    int64_t message_ms;             /* when the latest was said; 0 = dismissed */
};

/* Milliseconds of a clock that is never set back. */
int64_t ui_now_ms(void);

/* frame.c: the whole picture. */
void ui_frame_draw(struct ui_app *app);
bool ui_frame_is_small(const struct ui_app *app);

/* message.c */
const struct ui_message *ui_message_shown(
    const struct ui_app *app); /* NULL = none on the status line */
const struct ui_message *ui_message_at(const struct ui_app *app, size_t back); /* 0 = the newest */
/* A key was pressed: what stood for long enough goes, an error only for Esc. */
void ui_message_dismiss(struct ui_app *app, int key);
void ui_message_fini(struct ui_app *app);

/* action.c: what the key does in the view; false if it does nothing there. */
bool ui_dispatch(struct ui_view *view, int key, unsigned *consequence);
/* Ask before the action is run; `about` is said behind what it does, and to what. */
void ui_action_ask(struct ui_view *view, const struct ui_action *action, const char *about);

/* idle.c: a console without a key counts down and ends, after known.idle_s. */
void ui_idle_start(struct ui_app *app);
void ui_idle_plan(struct ui_app *app);      /* known.idle_s may have changed */
bool ui_idle_touch(struct ui_app *app);     /* somebody is there; true if it counted down */
int ui_idle_left(const struct ui_app *app); /* seconds of the countdown; -1 = none runs */
void ui_idle_text(const struct ui_app *app, char *out, size_t size);     /* of the countdown */
void ui_idle_farewell(const struct ui_app *app, char *out, size_t size); /* once it has ended */

/* save.c: have somebody name a file, then run `fn` on the view; app->save_path is the name. One
 * that is there is asked about first: app->save_over. `name` is proposed. */
void ui_save_named(struct ui_view *view, const char *name, ui_confirm_fn fn);
unsigned ui_save_page(struct ui_view *view); /* action: what is shown, as text */

/* app.c */
void ui_suspend(struct ui_app *app);           /* not in a locked console */
void ui_retry(struct ui_app *app);             /* connect now */
bool ui_any_unsaved(const struct ui_app *app); /* on any stack */
bool ui_any_lost(const struct ui_app *app); /* what nobody would keep if the session was cut off */
void ui_discard(struct ui_app *app);        /* what is kept of what is not saved */

#endif
