/* Bytes of a terminal into keys. Pure: the clock is handed in, nothing is read or written here.
 * A sequence may come in pieces; a lone Esc counts once the wait is over. */
#ifndef RL_CONSOLE_INPUT_H
#define RL_CONSOLE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "console/keys.h"

struct ui_input;

/* Told of each key; `text` is what was pasted for UI_KEY_PASTE (borrowed), else NULL. */
typedef void (*ui_input_fn)(void *ctx, int key, const char *text);

/* `esc_ms`: how long to wait for the rest of a sequence. Knows the sequences of the common
 * terminals. */
struct ui_input *ui_input_new(int esc_ms, ui_input_fn fn, void *ctx);
void ui_input_free(struct ui_input **in);

/* A sequence of this terminal, from its description; it wins over the common ones. NULL is ignored.
 */
void ui_input_define(struct ui_input *in, const char *sequence, int key);

/* Bytes from the terminal, in any portions; keys that are whole are handed to the hook. */
void ui_input_bytes(struct ui_input *in, const char *bytes, size_t n, int64_t now_ms);

/* True if what came in one piece looks pasted, by a terminal that does not say so: much text at
 * once, of more than one held key. */
bool ui_input_is_burst(const char *bytes, size_t n);
/* True if it is nothing but characters and line ends. */
bool ui_input_is_text(const char *bytes, size_t n);

/* Milliseconds until ui_input_tick is due; -1 if nothing waits. */
int ui_input_wait(const struct ui_input *in, int64_t now_ms);
void ui_input_tick(struct ui_input *in, int64_t now_ms);

#endif
