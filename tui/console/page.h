/* A page that may be longer than the screen: what writes its rows is run twice, first to count them
 * and to find the one with the focus, then to draw those in sight. */
#ifndef RL_CONSOLE_PAGE_H
#define RL_CONSOLE_PAGE_H

#include "console/ui.h"

struct ui_page {
    struct ui_area area;
    int row, from; /* of the whole; the first in sight */
    bool draw;
    int focus_row; /* where what has the focus begins */
    int focus_end; /* the row behind it and what belongs to it */
};

typedef void (*ui_page_fn)(struct ui_page *page, void *ctx);

/* Show the page in the area so that the focus is in sight, with a row around it where there is
 * room. `top` keeps the first row in sight from picture to picture. */
void ui_page_show(struct ui_area area, int *top, ui_page_fn fn, void *ctx);

/* Is the row that is being written to be drawn, and if so on which row of the screen? */
bool ui_page_sees(const struct ui_page *page, int *y);

/* Write a row of text beginning at a column. */
void ui_page_text(struct ui_page *page, int col, unsigned style, const char *text);
/* The same broken at blanks into as many rows as it takes, or as `most` rows (0: all): a text cut
 * ends in '~'. */
void ui_page_wrap(struct ui_page *page, int col, unsigned style, int most, const char *text);

#endif
