/* What screens are built from: views on a stack, actions as tables, and the application that holds
 * them. */
#ifndef RL_CONSOLE_UI_H
#define RL_CONSOLE_UI_H

#include <jansson.h>

#include "client/client.h"
#include "console/keys.h"
#include "console/layout.h"
#include "console/term.h"
#include "ringlock/buf.h"

struct ui_app;
struct ui_jump;
struct ui_view;

/* What should happen after a key: functions return it, only the loop draws. */
enum ui_consequence {
    UI_NOTHING = 0,
    UI_REDRAW = 1 << 0,
    UI_RELOAD = 1 << 1, /* ask the engine again */
    UI_POP = 1 << 2,    /* close the view */
    UI_QUIT = 1 << 3
};

/* What an action needs; unmet, one standard message says so. */
enum ui_need {
    UI_NEED_ROW = 1 << 0,     /* something under the cursor */
    UI_NEED_ENGINE = 1 << 1,  /* a connection */
    UI_NEED_WRITE = 1 << 2,   /* operator */
    UI_NEED_ADMIN = 1 << 3,   /* administrator */
    UI_NEED_UNLOCKED = 1 << 4 /* not in locked mode */
};

/* 0 is none of them: every action says how dangerous it is (tests/unit/test_actions.c). */
enum ui_danger {
    UI_SAFE = 1,  /* nothing is changed, or nothing yet: a form, a wizard, a menu opens */
    UI_UNDOABLE,  /* can be put right here */
    UI_ASKS_SELF, /* the function asks, once it knows what about, the harmless answer leading */
    UI_ASKS,      /* a question first, the harmless answer leading */
    UI_TYPE_NAME  /* the name of the object is typed first, or how many are marked */
};

/* Ends with an entry without name. Dispatch, footer, help, palette and man page read it; the order
 * is the order in the footer. */
struct ui_action {
    const char *name;     /* "phone-open" */
    const char *keys;     /* "Enter,F3"; NULL: from the palette only */
    const char *label;    /* in the footer; NULL: not there */
    const char *sentence; /* in help */
    unsigned needs;       /* ui_need */
    enum ui_danger danger;
    unsigned (*run)(struct ui_view *view); /* returns ui_consequence */
};

/* Rows and columns a view may draw on; the frame has the others. */
struct ui_area {
    int top, rows, cols;
};

struct ui_view_class {
    const char *name;                /* "list": keys are listed under it */
    const struct ui_action *actions; /* what all views of the class can */
    bool overlay;                    /* drawn above the view below */
    bool modal;                      /* the keys of everywhere do not act */
    bool on_status;                  /* draws on the status line itself */
    bool keeps_alone;                /* `keep` needs no engine */
    bool alone;                      /* its title stands without the path to it */
    void (*draw)(struct ui_view *view, struct ui_area area);
    /* Left and right part of the line above the keys; may be NULL. */
    void (*status)(struct ui_view *view, struct rl_buf *left, struct rl_buf *right);
    /* Text entry: takes the key before the tables do; true if it was used. May be NULL. */
    bool (*typed)(struct ui_view *view, int key, const char *paste, unsigned *consequence);
    void (*load)(struct ui_view *view);    /* ask the engine for what is shown; may be NULL */
    void (*stopped)(struct ui_view *view); /* what was asked for was dropped; may be NULL */
    /* Another screen is shown; who comes back has it loaded. May be NULL. */
    void (*left)(struct ui_view *view);
    void (*notify)(struct ui_view *view, const char *method,
                   const json_t *params);        /* may be NULL */
    const char *(*object)(struct ui_view *view); /* name of what the cursor is on, or NULL */
    /* What the footer calls an action where the cursor is, static; NULL leaves it out. May be NULL:
     * the action's own label. */
    const char *(*label)(struct ui_view *view, const struct ui_action *action);
    /* How many are marked, which they are as text for people; may be NULL. An action that asks for
     * a name is about all of them if there are any. */
    size_t (*marked)(struct ui_view *view, struct rl_buf *which);
    /* What is shown, as text to be saved, safe; may be NULL. */
    void (*text)(struct ui_view *view, struct rl_buf *out);
    bool (*unsaved)(struct ui_view *view); /* typed text would be lost; may be NULL */
    /* The session is cut off: have the engine keep what was typed, without waiting for it. May be
     * NULL. */
    void (*keep)(struct ui_view *view);
    void (*pause)(struct ui_view *view);   /* the same while somebody types and stopped to think */
    void (*discard)(struct ui_view *view); /* what was kept so is not wanted; may be NULL */
    void (*fini)(struct ui_view *view);    /* what the view holds; not the view itself */
};

/* A screen: one entry of ui_screens. */
struct ui_screen {
    int digit;                       /* its key, 1 to 9; 0: opened from others */
    bool by_name;                    /* no list, but opened by its name alone */
    const char *name;                /* "phones": palette, links, list of keys */
    const char *title;               /* "Phones" */
    const char *about;               /* what help says first */
    const struct ui_action *actions; /* its own; may be NULL */
    /* What is asked before an action with UI_ASKS; NULL: its sentence, and the object. */
    void (*question)(struct ui_view *view, const struct ui_action *action, struct rl_buf *out);
    const struct ui_jump *jumps;       /* from its objects, see jump.h; may be NULL */
    const struct ui_view_class *class; /* what its view is */
    /* `object` is the name of what to show, "" for lists. */
    struct ui_view *(*open)(struct ui_app *app, const struct ui_screen *screen, const char *object);
};

/* All screens, NULL at the end; tui/screens/screens.c. */
extern const struct ui_screen *const ui_screens[];
const struct ui_screen *ui_screen_by_name(const char *name);

/* First member of every view. Made by ui_view_init in a structure from rl_alloc, freed by the
 * stack. */
struct ui_view {
    const struct ui_view_class *class;
    const struct ui_screen *screen; /* NULL for small layers */
    struct ui_app *app;
    struct ui_view *below;
    struct ui_ask *asks; /* questions under way */
    bool closing;
    char title[160]; /* safe text */
};

/* What all views have in common; `title` is made safe and copied, the rest is borrowed. */
void ui_view_init(struct ui_view *view, struct ui_app *app, const struct ui_view_class *class,
                  const struct ui_screen *screen, const char *title);

/* Call it something else; the text is made safe and cut. */
void ui_view_title(struct ui_view *view, const char *title);

/* Ask the engine; `method` is static, `params` is taken. The answer is dropped when the view
 * closes. Give `result` (borrowed) or, when err is not NULL, what was wrong. */
typedef void (*ui_answer_fn)(struct ui_view *view, const json_t *result, const struct rl_err *err,
                             const json_t *problems);
void ui_ask(struct ui_view *view, const char *method, json_t *params, ui_answer_fn fn);
/* Forget what is under way; the engine stops working on it. */
void ui_ask_drop(struct ui_view *view);
/* The same, because somebody wants it stopped, or leaves. */
void ui_stop(struct ui_view *view);
/* A question that waits so long is told; and so long, with words: what, how long, how to stop. */
enum { UI_MARK_MS = 200, UI_WORDS_MS = 1000 };
/* Is it too early to tell of what began then, by ui_now_ms? */
bool ui_is_young(int64_t began_ms);
/* Milliseconds that the oldest question of the view waits, -1 if none does; `method` (may be NULL)
 * receives what was asked, static. */
int ui_asking_ms(const struct ui_view *view, const char **method);

/* Have the view ask for what it shows, if there is an engine to ask. */
void ui_load(struct ui_view *view);

/* Put a view on top; taken. It is loaded. */
void ui_push(struct ui_app *app, struct ui_view *view);
/* Close it, and whatever is above it, before the next picture. */
void ui_close(struct ui_view *view);
/* Open a screen on top of what is shown. False if there is no such screen. */
bool ui_open(struct ui_app *app, const char *screen, const char *object);
/* Go to the screen with this digit; each keeps its own layers. */
bool ui_go(struct ui_app *app, int digit);

/* The picture has to change: drawn at once for a key, else at most 20 times a second. */
void ui_changed(struct ui_app *app);

/* One sentence on the status line, kept in the list of messages. `mark` is "i", "!" or "!!". */
void ui_say(struct ui_app *app, const char *mark, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Offer the text to the clipboard, and show it. */
void ui_copy(struct ui_app *app, const char *text);
void ui_say_error(struct ui_app *app, const struct rl_err *err);
/* What was said was answered: it goes if it stood for long enough, errors too. */
void ui_message_leave(struct ui_app *app);
/* What a warning or an error said holds no longer: it goes at once. */
void ui_message_over(struct ui_app *app);

/* Is the engine there; what it said about itself, borrowed; may shells and other files not be
 * reached (--locked); the view that has the keys. */
bool ui_is_up(const struct ui_app *app);
const struct rl_client_info *ui_info(const struct ui_app *app);
bool ui_is_locked(const struct ui_app *app);
struct ui_view *ui_top(const struct ui_app *app);

/* Every action that can be reached from a view: its screen's, its class's, those of everywhere.
 * Gives the n-th, NULL after the last. `scope` (may be NULL) receives 0, 1 or 2. */
const struct ui_action *ui_action_at(const struct ui_view *view, size_t n, int *scope);
/* Why the action cannot be run now; NULL if it can. Static. */
const char *ui_action_unmet(struct ui_view *view, const struct ui_action *action);
/* Run it as its key does: needs first, then the question its danger asks for. */
unsigned ui_action_run(struct ui_view *view, const struct ui_action *action);
/* Key names as people read them ("Enter F3") into `out`. */
void ui_action_keys(const struct ui_action *action, struct rl_buf *out);

/* Member of an object as text, "" if it is none; borrowed from the object. */
const char *ui_text_of(const json_t *object, const char *key);

/* Make happen what a key function of the view returned. */
void ui_consequence(struct ui_view *view, unsigned consequence);

/* Actions of every view that is not modal, and those of all. */
extern const struct ui_action ui_global_actions[], ui_terminal_actions[];

#endif
