/* One line of text being typed: what prompts and form fields are made of. Pure: no screen. */
#ifndef RL_CONSOLE_EDIT_H
#define RL_CONSOLE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

enum { UI_EDIT_MAX = 4096 };

struct ui_edit {
    char text[UI_EDIT_MAX]; /* UTF-8 */
    size_t len, at;         /* bytes; `at` is where the cursor stands, never inside a character */
};

void ui_edit_set(struct ui_edit *e, const char *text); /* cursor at the end */

/* Acts on a typing or editing key (^A ^E ^U ^K ^W, arrows, Home, End, Backspace, Del). Returns
 * false for a key that is no business of a field, and changes nothing then. */
bool ui_edit_key(struct ui_edit *e, int key);

/* Insert pasted text: line ends become blanks, other control characters go; returns how many bytes
 * did not fit. */
size_t ui_edit_paste(struct ui_edit *e, const char *text);

/* The part to show in `cells` cells, made safe, into `out`; the cursor's cell in it into *cursor.
 */
struct rl_buf;
void ui_edit_show(const struct ui_edit *e, int cells, bool secret, struct rl_buf *out, int *cursor);

#endif
