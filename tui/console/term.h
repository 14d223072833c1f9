/* The terminal: the only file behind this header includes curses. There is one terminal in a
 * process. Everything that is drawn passes ui_put, and so rl_text_safe. */
#ifndef RL_CONSOLE_TERM_H
#define RL_CONSOLE_TERM_H

#include <stdbool.h>

#include "console/input.h"
#include "ringlock/err.h"

/* The palette: what a text means, not how it looks. */
enum ui_style {
    UI_NORMAL,
    UI_FAINT,    /* old, or not in use */
    UI_STRONG,   /* headings, titles */
    UI_LOCKED,   /* LOCK, ok */
    UI_SHIELDED, /* SHLD */
    UI_OPEN,     /* OPEN */
    UI_WARNING,  /* ! */
    UI_ERROR,    /* !! */
    UI_STYLES,
    UI_FOCUS = 1 << 8 /* or-ed in: what the cursor is on */
};

enum ui_color { UI_COLOR_AUTO, UI_COLOR_ALWAYS, UI_COLOR_NEVER };

/* Take the terminal over. Fails with one sentence, and leaves it as it was, when there is none or
 * it cannot place its cursor. From here on every way out gives it back, a crash too. */
enum rl_code ui_term_start(enum ui_color color, struct rl_err *err);
void ui_term_stop(void);

/* Stop as ^Z does; returns when the process goes on. */
void ui_term_suspend(void);
/* Take it back after somebody else wrote on it. */
void ui_term_resume(void);

/* How long Esc waits for the rest of a sequence: $ESCDELAY, else 100 ms. */
int ui_term_esc_ms(void);
void ui_term_define_keys(struct ui_input *in);

/* Read what was typed; -1 when the terminal is gone, 0 when there is nothing. */
int ui_term_read(char *bytes, int size);

/* For a handler of signals: what is being written is dropped where the terminal does not take it.
 */
void ui_term_unblock(void);

/* True if the terminal takes output, or is gone; waits for that at most so long. */
bool ui_term_takes(int wait_ms);

/* Offer text to the clipboard of the terminal (OSC 52). Nobody can know whether it took it: show
 * the text too. Made safe; at most some kilobytes. */
void ui_term_copy(const char *text);

/* Ask the terminal for its size, and draw for that from now on. */
void ui_term_size(int *rows, int *cols);

void ui_begin(void); /* an empty picture; compared with the one before, only changes are sent */
void ui_end(void);
void ui_repaint(void); /* send all of it next time */

/* Old data: what follows is drawn faint. */
void ui_old(bool old);

/* At most `width` cells of foreign text; a cut text ends in '~'. Outside of the screen nothing is
 * drawn. */
void ui_put(int row, int col, int width, unsigned style, const char *text);
void ui_fill(int row, int col, int width, unsigned style, char c);
/* Where the hardware cursor stands: on what has the focus, also for people who do not see the
 * screen. */
void ui_cursor(int row, int col);

#endif
