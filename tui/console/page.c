#include "console/page.h"

#include <stdlib.h>

#include "ringlock/text.h"

bool ui_page_sees(const struct ui_page *page, int *y)
{
    *y = page->area.top + page->row - page->from;
    return page->draw && page->row >= page->from && page->row < page->from + page->area.rows;
}

void ui_page_show(struct ui_area area, int *top, ui_page_fn fn, void *ctx)
{
    struct ui_page page = {.area = area};
    fn(&page, ctx);
    int last = page.focus_end > page.focus_row ? page.focus_end : page.focus_row + 1;
    if (last + 1 > *top + area.rows && last < page.row)
        last++;
    if (last > *top + area.rows)
        *top = last - area.rows;
    if (page.focus_row < *top + 1)
        *top = page.focus_row > 0 ? page.focus_row - 1 : 0;
    page.from = *top;
    page.row = 0;
    page.draw = true;
    fn(&page, ctx);
}

void ui_page_text(struct ui_page *page, int col, unsigned style, const char *text)
{
    int y;
    if (ui_page_sees(page, &y))
        ui_put(y, col, page->area.cols - col, style, text);
    page->row++;
}

struct paragraph {
    struct ui_page *page;
    int col, left; /* rows that may follow; -1 = any number */
    unsigned style;
};

static void paragraph_line(void *ctx, const char *line)
{
    struct paragraph *p = ctx;
    if (p->left == 0)
        return;
    p->left -= p->left > 0;
    ui_page_text(p->page, p->col, p->style, line);
}

void ui_page_wrap(struct ui_page *page, int col, unsigned style, int most, const char *text)
{
    struct paragraph p = {page, col, most ? most : -1, style};
    char *safe = rl_text_safe_dup(text);
    ui_wrap(safe, page->area.cols - col - 1, paragraph_line, &p);
    free(safe);
}
