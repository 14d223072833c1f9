#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/classes.h"
#include "console/dialog.h"
#include "console/edit.h"
#include "ringlock/text.h"

struct menu {
    struct ui_view view;
    char **item;
    size_t nitems;
    size_t *shown; /* indices that hold the typed text */
    size_t nshown, at;
    struct ui_edit find;
    ui_menu_fn fn;
};

static bool holds(const char *text, const char *part)
{
    return !*part || strcasestr(text, part);
}

static void narrow(struct menu *m)
{
    size_t was = m->nshown ? m->shown[m->at] : 0;
    m->nshown = m->at = 0;
    for (size_t i = 0; i < m->nitems; i++)
        if (holds(m->item[i], m->find.text)) {
            if (i == was)
                m->at = m->nshown;
            m->shown[m->nshown++] = i;
        }
}

static int widest(const struct menu *m)
{
    int width = (int)strlen(m->view.title) + 2;
    for (size_t i = 0; i < m->nitems; i++) {
        int w = (int)rl_text_width(m->item[i], strlen(m->item[i]));
        width = w > width ? w : width;
    }
    return width;
}

static void menu_draw(struct ui_view *view, struct ui_area area)
{
    struct menu *m = (struct menu *)view;
    int left, cols = widest(m) + 8;
    struct ui_area in = ui_box(area, (int)m->nitems + 3, cols < 34 ? 34 : cols, view->title, &left);
    size_t rows = in.rows > 1 ? (size_t)in.rows - 1 : 1;
    size_t top = m->at >= rows ? m->at - rows + 1 : 0;
    for (size_t i = top; i < m->nshown && i < top + rows; i++) {
        bool focus = i == m->at;
        int row = in.top + (int)(i - top);
        ui_put(row, left, 1, UI_NORMAL, focus ? ">" : " ");
        ui_put(row, left + 2, in.cols - 2, focus ? UI_FOCUS : UI_NORMAL, m->item[m->shown[i]]);
        if (focus)
            ui_cursor(row, left);
    }
    char foot[80];
    snprintf(foot, sizeof foot, m->find.len ? "find: %.40s" : "type to find%s", m->find.text);
    ui_put(in.top + in.rows - 1, left, in.cols, UI_FAINT, foot);
}

static unsigned menu_choose(struct ui_view *view)
{
    struct menu *m = (struct menu *)view;
    if (m->nshown == 0)
        return UI_NOTHING;
    ui_close(view);
    ui_consequence(view->below, m->fn(view->below, m->shown[m->at]));
    return UI_REDRAW;
}

static unsigned menu_up(struct ui_view *view)
{
    struct menu *m = (struct menu *)view;
    m->at -= m->at > 0;
    return UI_REDRAW;
}

static unsigned menu_down(struct ui_view *view)
{
    struct menu *m = (struct menu *)view;
    m->at += m->at + 1 < m->nshown;
    return UI_REDRAW;
}

static unsigned menu_leave(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

static bool menu_typed(struct ui_view *view, int key, const char *paste, unsigned *consequence)
{
    struct menu *m = (struct menu *)view;
    *consequence = UI_REDRAW;
    bool editing = ui_key_is_text(key) || key == UI_KEY_BACKSPACE || key == UI_CTRL('U');
    if (paste)
        ui_paste(view, &m->find, paste);
    else if (!editing || !ui_edit_key(&m->find, key))
        return false;
    narrow(m);
    return true;
}

static void menu_fini(struct ui_view *view)
{
    struct menu *m = (struct menu *)view;
    for (size_t i = 0; i < m->nitems; i++)
        free(m->item[i]);
    free(m->item);
    free(m->shown);
}

/* clang-format off */
static const struct ui_action menu_actions[] = {
    {"menu-choose", "Enter", "choose", "Take the line under the cursor", 0, UI_SAFE, menu_choose},
    {"menu-up", "Up,^P", NULL, "One line up", 0, UI_SAFE, menu_up},
    {"menu-down", "Down,^N,Tab", NULL, "One line down", 0, UI_SAFE, menu_down},
    {"menu-leave", "Esc,^C", "leave", "Leave without choosing", 0, UI_SAFE, menu_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_menu_class = {
    .name = "menu",
    .actions = menu_actions,
    .overlay = true,
    .modal = true,
    .draw = menu_draw,
    .typed = menu_typed,
    .fini = menu_fini,
};

void ui_menu(struct ui_view *owner, const char *title, const char *const *items, size_t n,
             size_t selected, ui_menu_fn fn)
{
    struct menu *m = rl_alloc(sizeof *m);
    ui_view_init(&m->view, owner->app, &ui_menu_class, NULL, title);
    m->item = rl_alloc((n + 1) * sizeof *m->item);
    m->shown = rl_alloc((n + 1) * sizeof *m->shown);
    m->nitems = n;
    m->fn = fn;
    for (size_t i = 0; i < n; i++)
        m->item[i] = rl_text_safe_dup(items[i]);
    narrow(m);
    m->at = selected < m->nshown ? selected : 0;
    ui_push(owner->app, &m->view);
}
