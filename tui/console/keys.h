/* Keys by number and by name. Pure: knows neither terminal nor curses. */
#ifndef RL_CONSOLE_KEYS_H
#define RL_CONSOLE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* Printable characters are their Unicode number, Ctrl with a letter its control code, the others:
 */
enum ui_key {
    UI_KEY_NONE = 0,
    UI_KEY_TAB = 9,
    UI_KEY_ENTER = 13,
    UI_KEY_ESC = 27,
    UI_KEY_UP = 0x110000,
    UI_KEY_DOWN,
    UI_KEY_LEFT,
    UI_KEY_RIGHT,
    UI_KEY_HOME,
    UI_KEY_END,
    UI_KEY_PGUP,
    UI_KEY_PGDN,
    UI_KEY_INS,
    UI_KEY_DEL,
    UI_KEY_BACKSPACE,
    UI_KEY_BACKTAB,
    UI_KEY_PASTE, /* comes with its text */
    UI_KEY_F1,    /* F1 to F12 follow each other */
    UI_KEY_F12 = UI_KEY_F1 + 11,
    UI_KEY_BROKEN /* the rest of a key that came too late: does nothing */
};

enum { UI_KEY_NAME = 16 };

#define UI_CTRL(c) ((c)&0x1f)

/* Number of the key named by `n` bytes of `name` ("Enter", "F3", "^F", "Space", "a"); UI_KEY_NONE
 * if there is none. */
int ui_key_parse(const char *name, size_t n);

/* Name of a key into `out` (UI_KEY_NAME bytes). Returns out. */
char *ui_key_name(int key, char *out);

/* True if the comma-separated names ("Enter,F3") hold the key. */
bool ui_keys_hold(const char *names, int key);

/* True for keys that type a character into a field. */
bool ui_key_is_text(int key);

#endif
