#include "console/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/classes.h"
#include "console/detail.h"
#include "console/dialog.h"
#include "console/keymap.h"
#include "ringlock/text.h"

enum { ACTIONS_MAX = 128, PAGE = 10 };

static const char signs[] =
    "Signs  !! act now  ! soon  ok  - not judged  ? unknown  * marked or changed";
static const char locks[] =
    "Lock   LOCK encrypted  SHLD authenticated  OPEN nonsecure  ring wait held end";

struct help {
    struct ui_view view;
    struct ui_edit find;
    const struct ui_action *hit[ACTIONS_MAX]; /* that hold the typed text */
    int scope[ACTIONS_MAX];
    size_t nhits, all, at, top, rows;
};

static struct ui_view *subject(const struct help *h)
{
    return h->view.below;
}

static bool holds(const struct ui_action *a, const char *text)
{
    return strcasestr(a->name, text) || strcasestr(a->sentence, text) ||
           (ui_keys(a) && strcasestr(ui_keys(a), text));
}

static void search(struct help *h)
{
    const struct ui_action *a;
    int scope;
    h->nhits = h->all = 0;
    for (size_t i = 0; (a = ui_action_at(subject(h), i, &scope)); i++) {
        h->all++;
        if (h->nhits == ACTIONS_MAX || !holds(a, h->find.text))
            continue;
        h->scope[h->nhits] = scope;
        h->hit[h->nhits++] = a;
    }
    h->at = h->at < h->nhits ? h->at : 0;
}

void ui_help_columns(const char *keys, const char *name, struct rl_buf *out)
{
    ui_fit(out, keys, 14, UI_LEFT);
    rl_buf_addc(out, ' ');
    ui_fit(out, name, 21, UI_LEFT);
    rl_buf_addc(out, ' ');
}

unsigned ui_help_sentence(struct ui_view *view, const struct ui_action *action,
                          const struct ui_screen *elsewhere, struct rl_buf *out)
{
    struct ui_action here = *action;
    if (elsewhere)
        here.needs &= ~(unsigned)UI_NEED_ROW;
    const char *unmet = ui_action_unmet(view, &here);
    if (unmet)
        rl_buf_addf(out, "(not now: %s)", unmet);
    else if (elsewhere)
        rl_buf_addf(out, "(%s) %s", elsewhere->title, action->sentence);
    else
        rl_buf_adds(out, action->sentence);
    return unmet ? UI_FAINT : UI_NORMAL;
}

unsigned ui_help_line(struct ui_view *view, const struct ui_action *action,
                      const struct ui_screen *elsewhere, struct rl_buf *out)
{
    struct rl_buf keys = {0};
    ui_action_keys(action, &keys);
    ui_help_columns(rl_buf_str(&keys), action->name, out);
    rl_buf_fini(&keys);
    return ui_help_sentence(view, action, elsewhere, out);
}

static void action_line(struct help *h, size_t i, struct ui_lines *out)
{
    struct rl_buf text = {0};
    unsigned style = ui_help_line(subject(h), h->hit[i], NULL, &text);
    ui_line(out, style, " %s", rl_buf_str(&text));
    ui_line_focus(out, NULL, NULL);
    rl_buf_fini(&text);
}

/* All lines; *cursor receives the one the cursor is on. */
static void build(struct help *h, struct ui_lines *out, size_t *cursor)
{
    const struct ui_screen *screen = subject(h)->screen;
    if (screen && screen->about && !h->find.len) {
        ui_line_wrap(out, UI_NORMAL, 0, screen->about);
        ui_line(out, UI_NORMAL, "%s", "");
    }
    for (size_t i = 0; i < h->nhits; i++) {
        bool everywhere = h->scope[i] == 2;
        if (i == 0 && !everywhere)
            ui_line(out, UI_STRONG, "Here");
        else if (everywhere && (i == 0 || h->scope[i - 1] != 2))
            ui_line(out, UI_STRONG, "Everywhere");
        if (i == h->at)
            *cursor = out->n;
        action_line(h, i, out);
    }
    if (h->nhits == 0)
        ui_line(out, UI_FAINT, " no key, name or sentence holds this");
}

static void draw_head(struct help *h, struct ui_area area)
{
    struct rl_buf text = {0}, typed = {0};
    int cursor;
    rl_buf_addf(&text, "Help: %s", subject(h)->title);
    ui_put(area.top, 1, area.cols / 2, UI_STRONG, rl_buf_str(&text));
    ui_edit_show(&h->find, 18, false, &typed, &cursor);
    rl_buf_clear(&text);
    rl_buf_addf(&text, "find: %s", rl_buf_str(&typed));
    ui_put(area.top, area.cols - 26, 25, UI_NORMAL, rl_buf_str(&text));
    ui_fill(area.top + 1, 0, area.cols, UI_NORMAL, '-');
    rl_buf_fini(&text);
    rl_buf_fini(&typed);
}

static void help_draw(struct ui_view *view, struct ui_area area)
{
    struct help *h = (struct help *)view;
    struct ui_lines lines = {.cols = area.cols - 2};
    size_t cursor = 0, rows = (size_t)area.rows - 5;
    build(h, &lines, &cursor);
    draw_head(h, area);
    if (h->at == 0 || rows != h->rows) /* on another size from the beginning */
        h->top = 0;
    h->rows = rows;
    if (cursor < h->top)
        h->top = cursor;
    if (cursor >= h->top + rows)
        h->top = cursor - rows + 1;
    for (size_t i = 0; i < rows && h->top + i < lines.n; i++) {
        const struct ui_line *line = &lines.line[h->top + i];
        bool focus = line->focus && h->top + i == cursor;
        int y = area.top + 2 + (int)i;
        ui_put(y, 0, 1, UI_NORMAL, focus ? ">" : " ");
        ui_put(y, 1, area.cols - 2, line->style | (focus ? UI_FOCUS : 0), line->text);
        if (focus)
            ui_cursor(y, 0);
    }
    ui_fill(area.top + area.rows - 3, 0, area.cols, UI_NORMAL, '-');
    ui_put(area.top + area.rows - 2, 1, area.cols - 2, UI_NORMAL, signs);
    ui_put(area.top + area.rows - 1, 1, area.cols - 2, UI_NORMAL, locks);
    ui_lines_clear(&lines);
}

static void help_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    struct help *h = (struct help *)view;
    if (h->at == 0 && h->find.len == 0)
        rl_buf_adds(left, "Type to search keys, names and sentences. Enter runs the line.");
    else if (h->nhits > 0)
        ui_help_sentence(subject(h), h->hit[h->at], NULL, left);
    rl_buf_addf(right, "%zu of %zu", h->nhits, h->all);
}

static unsigned help_run(struct ui_view *view)
{
    struct help *h = (struct help *)view;
    if (h->nhits == 0)
        return UI_NOTHING;
    struct ui_view *below = subject(h);
    ui_close(view);
    if (strcmp(h->hit[h->at]->name, "screen") == 0) {
        ui_say(view->app, "i", "press the number of the screen");
        return UI_REDRAW;
    }
    ui_consequence(below, ui_action_run(below, h->hit[h->at]));
    return UI_REDRAW;
}

static unsigned help_up(struct ui_view *view)
{
    struct help *h = (struct help *)view;
    h->at -= h->at > 0;
    return UI_REDRAW;
}

static unsigned help_down(struct ui_view *view)
{
    struct help *h = (struct help *)view;
    h->at += h->at + 1 < h->nhits;
    return UI_REDRAW;
}

static unsigned help_page_up(struct ui_view *view)
{
    struct help *h = (struct help *)view;
    h->at -= h->at < PAGE ? h->at : PAGE;
    return UI_REDRAW;
}

static unsigned help_page_down(struct ui_view *view)
{
    struct help *h = (struct help *)view;
    size_t rest = h->nhits > h->at ? h->nhits - h->at - 1 : 0;
    h->at += rest < PAGE ? rest : PAGE;
    return UI_REDRAW;
}

static unsigned help_close(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

static bool help_typed(struct ui_view *view, int key, const char *paste, unsigned *consequence)
{
    struct help *h = (struct help *)view;
    *consequence = UI_REDRAW;
    bool editing = (ui_key_is_text(key) && !(key == '?' && h->find.len == 0)) ||
                   key == UI_KEY_BACKSPACE || key == UI_CTRL('U');
    if (paste)
        ui_paste(view, &h->find, paste);
    else if (!editing || !ui_edit_key(&h->find, key))
        return false;
    h->at = 0;
    search(h);
    return true;
}

/* clang-format off */
static const struct ui_action help_actions[] = {
    {"help-run", "Enter", "run", "Run the line under the cursor", 0, UI_SAFE, help_run},
    {"help-up", "Up,^P", NULL, "One line up", 0, UI_SAFE, help_up},
    {"help-down", "Down,^N", NULL, "One line down", 0, UI_SAFE, help_down},
    {"help-page-up", "PgUp,^B", NULL, "One page up", 0, UI_SAFE, help_page_up},
    {"help-page-down", "PgDn,^F", NULL, "One page down", 0, UI_SAFE, help_page_down},
    {"help-close", "Esc,^C", "close", "Close help", 0, UI_SAFE, help_close},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_help_class = {
    .name = "help",
    .actions = help_actions,
    .modal = true,
    .draw = help_draw,
    .status = help_status,
    .typed = help_typed,
};

void ui_help_open(struct ui_view *view)
{
    struct help *h = rl_alloc(sizeof *h);
    ui_view_init(&h->view, view->app, &ui_help_class, NULL, "Help");
    ui_push(view->app, &h->view);
    search(h);
}
