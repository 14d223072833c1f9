#include <stdio.h>
#include <stdlib.h>

#include "console/classes.h"
#include "console/wizard.h"

/* All of the supplier's instructions, to be read from top to bottom. */
struct vendor {
    struct ui_view view;
    json_t *text; /* an array of paragraphs */
    int top, rows, all;
};

static struct vendor *as_vendor(struct ui_view *view)
{
    return (struct vendor *)view;
}

void ui_wizard_write_instruction(struct ui_page *page, size_t i, const char *text, int rows)
{
    char number[24];
    int y, cells = snprintf(number, sizeof number, "%zu.", i + 1);
    if (ui_page_sees(page, &y))
        ui_put(y, 2, cells, UI_NORMAL, number);
    ui_page_wrap(page, 2 + cells + 1, UI_NORMAL, rows, text);
}

static void vendor_draw(struct ui_view *view, struct ui_area area)
{
    struct vendor *v = as_vendor(view);
    struct ui_page page = {.area = area, .from = v->top, .draw = true};
    const json_t *paragraph;
    size_t i;
    json_array_foreach (v->text, i, paragraph)
        ui_wizard_write_instruction(&page, i, json_string_value(paragraph), 0);
    v->rows = area.rows;
    v->all = page.row;
    ui_cursor(area.top, 0);
}

static void vendor_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    const struct vendor *v = as_vendor(view);
    rl_buf_adds(left, "The supplier's words, from the device pack.");
    rl_buf_addf(right, "line %d of %d", v->top + 1, v->all);
}

static unsigned scroll(struct vendor *v, int by)
{
    int to = v->top + by, last = v->all > v->rows ? v->all - v->rows : 0;
    v->top = to < 0 ? 0 : to > last ? last : to;
    return UI_REDRAW;
}

static unsigned vendor_down(struct ui_view *view)
{
    return scroll(as_vendor(view), 1);
}

static unsigned vendor_up(struct ui_view *view)
{
    return scroll(as_vendor(view), -1);
}

static unsigned vendor_page_down(struct ui_view *view)
{
    return scroll(as_vendor(view), as_vendor(view)->rows);
}

static unsigned vendor_page_up(struct ui_view *view)
{
    return scroll(as_vendor(view), -as_vendor(view)->rows);
}

static unsigned vendor_close(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

static void vendor_fini(struct ui_view *view)
{
    json_decref(as_vendor(view)->text);
}

/* clang-format off */
static const struct ui_action vendor_actions[] = {
    {"instructions-close", "Esc,q,^C,F6", "back", "Back to the wizard", 0, UI_SAFE, vendor_close},
    {"instructions-down", "Down,j", "scroll", "One line down", 0, UI_SAFE, vendor_down},
    {"instructions-up", "Up,k", NULL, "One line up", 0, UI_SAFE, vendor_up},
    {"instructions-page-down", "PgDn,^F,Space", NULL, "One page down",
     0, UI_SAFE, vendor_page_down},
    {"instructions-page-up", "PgUp,^B", NULL, "One page up", 0, UI_SAFE, vendor_page_up},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_vendor_class = {
    .name = "instructions",
    .actions = vendor_actions,
    .modal = true,
    .draw = vendor_draw,
    .status = vendor_status,
    .fini = vendor_fini,
};

void ui_wizard_vendor_open(struct ui_wizard *w)
{
    struct vendor *v = rl_alloc(sizeof *v);
    ui_view_init(&v->view, w->form.view.app, &ui_vendor_class, NULL, "Instructions");
    v->text = json_incref(json_object_get(w->draft, "instructions"));
    ui_push(w->form.view.app, &v->view);
}
