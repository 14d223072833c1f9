/* Layout as arithmetic and text. Pure: no screen, so that tests read it as text. */
#ifndef RL_CONSOLE_LAYOUT_H
#define RL_CONSOLE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct rl_buf;

enum ui_align { UI_LEFT, UI_RIGHT };

/* What a column asks for, in cells. */
struct ui_room {
    int min, pref, prio; /* higher prio number is dropped first; 1 is never dropped */
    int need;            /* widest text there is; 0 = not known */
};

/* Share `total` cells among n columns, one blank between neighbours. width[i] = 0: dropped. Each
 * gets at least min while it fits, then up to pref, or need if that is less, in the order of prio;
 * then what is left goes to the columns whose text is cut most. */
void ui_layout_columns(const struct ui_room *room, size_t n, int total, int *width);

/* Append safe `text` cut to `width` cells (a cut text ends in '~') and padded to it. */
void ui_fit(struct rl_buf *out, const char *text, int width, enum ui_align align);

/* Append as many of `items` as fit into `width`, two blanks between, in order; the last one is
 * always there, and before the others the one that leads out (its index; n: none). */
void ui_layout_keys(struct rl_buf *out, const char *const *items, size_t n, size_t way_out,
                    int width);

/* Call fn with each line of `text` broken at blanks to at most `width` cells. */
typedef void (*ui_wrap_fn)(void *ctx, const char *line);
void ui_wrap(const char *text, int width, ui_wrap_fn fn, void *ctx);

#endif
