#include "console/layout.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"

static int used_cells(const int *width, size_t n)
{
    int cells = 0, shown = 0;
    for (size_t i = 0; i < n; i++) {
        cells += width[i];
        shown += width[i] > 0;
    }
    return cells + (shown > 1 ? shown - 1 : 0);
}

/* The shown column that goes first; -1 if all of them stay. */
static int least_wanted(const struct ui_room *room, const int *width, size_t n)
{
    int worst = -1;
    for (size_t i = 0; i < n; i++)
        if (width[i] > 0 && room[i].prio > 1 && (worst < 0 || room[i].prio >= room[worst].prio))
            worst = (int)i;
    return worst;
}

static void drop_columns(const struct ui_room *room, size_t n, int total, int *width)
{
    int worst;
    while (used_cells(width, n) > total && (worst = least_wanted(room, width, n)) >= 0)
        width[worst] = 0;
    for (size_t i = n; i-- > 0 && used_cells(width, n) > total;) {
        int over = used_cells(width, n) - total;
        width[i] -= over < width[i] ? over : width[i] > 0 ? width[i] - 1 : 0;
    }
}

static void grow_to_pref(const struct ui_room *room, size_t n, int total, int *width)
{
    int highest = 1;
    for (size_t i = 0; i < n; i++)
        highest = room[i].prio > highest ? room[i].prio : highest;
    for (int prio = 1; prio <= highest; prio++)
        for (size_t i = 0; i < n; i++) {
            int want = room[i].need && room[i].need < room[i].pref ? room[i].need : room[i].pref;
            int left = total - used_cells(width, n), more = want - width[i];
            if (width[i] > 0 && room[i].prio == prio && more > 0 && left > 0)
                width[i] += more < left ? more : left;
        }
}

static void grow_to_need(const struct ui_room *room, size_t n, int total, int *width)
{
    while (used_cells(width, n) < total) {
        int most = -1;
        for (size_t i = 0; i < n; i++)
            if (width[i] > 0 && room[i].need > width[i] &&
                (most < 0 || room[i].need - width[i] > room[most].need - width[most]))
                most = (int)i;
        if (most < 0)
            return;
        width[most]++;
    }
}

void ui_layout_columns(const struct ui_room *room, size_t n, int total, int *width)
{
    for (size_t i = 0; i < n; i++)
        width[i] = room[i].min;
    drop_columns(room, n, total, width);
    grow_to_pref(room, n, total, width);
    grow_to_need(room, n, total, width);
}

static void blanks(struct rl_buf *out, int n)
{
    while (n-- > 0)
        rl_buf_addc(out, ' ');
}

void ui_fit(struct rl_buf *out, const char *text, int width, enum ui_align align)
{
    if (width <= 0)
        return;
    size_t n = strlen(text), cells = rl_text_width(text, n);
    bool cut = cells > (size_t)width;
    if (cut)
        n = rl_text_cut(text, n, (size_t)width - 1, &cells);
    int pad = width - (int)cells - (cut ? 1 : 0);
    if (align == UI_RIGHT)
        blanks(out, pad);
    rl_buf_add(out, text, n);
    if (cut)
        rl_buf_addc(out, '~');
    if (align == UI_LEFT)
        blanks(out, pad);
}

static int cells_of(const char *item)
{
    return (int)rl_text_width(item, strlen(item)) + 2;
}

void ui_layout_keys(struct rl_buf *out, const char *const *items, size_t n, size_t way_out,
                    int width)
{
    if (n == 0)
        return;
    bool full = false;
    width -= cells_of(items[n - 1]) - 2;
    if (way_out + 1 < n)
        width -= cells_of(items[way_out]);
    for (size_t i = 0; i + 1 < n; i++) {
        int cells = i == way_out ? 0 : cells_of(items[i]);
        full = full || cells > width;
        if (full && i != way_out)
            continue;
        if (width >= 0)
            rl_buf_addf(out, "%s  ", items[i]);
        width -= cells;
    }
    rl_buf_adds(out, items[n - 1]);
}

/* Length in bytes of the first line of `text`: to the last blank that fits, else as much as fits.
 */
static size_t first_line(const char *text, int width)
{
    size_t n = strlen(text), fits = rl_text_cut(text, n, (size_t)width, NULL);
    if (fits == n)
        return n;
    size_t at = fits;
    while (at > 0 && text[at] != ' ')
        at--;
    return at > 0 ? at : fits > 0 ? fits : n;
}

void ui_wrap(const char *text, int width, ui_wrap_fn fn, void *ctx)
{
    while (*text) {
        size_t n = first_line(text, width > 1 ? width : 1);
        char *line = rl_strndup(text, n);
        fn(ctx, line);
        free(line);
        text += n;
        while (*text == ' ')
            text++;
    }
}
