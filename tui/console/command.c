#include "console/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/app.h"
#include "console/classes.h"
#include "console/dialog.h"
#include "console/help.h"
#include "console/keymap.h"

enum { ENTRIES_MAX = 400, NAME_MAX_LEN = 64, RANKS = 4, PAGE = 10 };

/* An action, here or on a screen of its own, or a screen. */
struct entry {
    const struct ui_action *action;
    const struct ui_screen *screen;
};

struct palette {
    struct ui_view view;
    struct ui_edit typed;
    struct entry all[ENTRIES_MAX], shown[ENTRIES_MAX];
    size_t nall, nshown, at, top, rows;
};

static const char *name_of(const struct entry *e)
{
    return e->action ? e->action->name : e->screen->name;
}

static const char *sentence_of(const struct entry *e)
{
    return e->action ? e->action->sentence : e->screen->title;
}

static struct ui_view *subject(const struct palette *p)
{
    return p->view.below;
}

static void remember(struct ui_app *app, const char *name)
{
    const char **recent = app->recent;
    size_t i = 0;
    while (i < UI_RECENT - 1 && recent[i] && strcmp(recent[i], name) != 0)
        i++;
    memmove(recent + 1, recent, i * sizeof *recent);
    recent[0] = name;
}

/* Details are opened from what they are about. */
static bool opens_by_name(const struct ui_screen *screen)
{
    return screen->class == &ui_list_class || screen->by_name;
}

static const struct entry *by_name(const struct entry *entries, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name_of(&entries[i]), name) == 0)
            return &entries[i];
    return NULL;
}

static void add(struct palette *p, const struct ui_action *action, const struct ui_screen *screen)
{
    const struct entry e = {action, screen};
    if (p->nall < ENTRIES_MAX && !by_name(p->all, p->nall, name_of(&e)))
        p->all[p->nall++] = e;
}

/* What can be done here, the screens, then what can be done on those. */
static void collect(struct palette *p)
{
    const struct ui_action *a;
    for (size_t i = 0; (a = ui_action_at(subject(p), i, NULL)); i++)
        if (strcmp(a->name, "command") != 0 && strcmp(a->name, "screen") != 0)
            add(p, a, NULL);
    for (size_t i = 0; ui_screens[i]; i++)
        if (opens_by_name(ui_screens[i]))
            add(p, NULL, ui_screens[i]);
    for (size_t i = 0; ui_screens[i]; i++)
        for (a = ui_screens[i]->actions; opens_by_name(ui_screens[i]) && a && a->name; a++)
            add(p, a, ui_screens[i]);
}

static bool holds_key(const struct entry *e, const char *text)
{
    return e->action && ui_keys_hold(ui_keys(e->action), ui_key_parse(text, strlen(text)));
}

/* How well an entry answers what was typed: 0 best, RANKS not at all. */
static int rank(const struct entry *e, const char *text)
{
    if (strcmp(name_of(e), text) == 0 || holds_key(e, text))
        return 0;
    const char *found = strcasestr(name_of(e), text);
    return found == name_of(e) ? 1 : found ? 2 : strcasestr(sentence_of(e), text) ? 3 : RANKS;
}

static void narrow(struct palette *p)
{
    const char *const *recent = p->view.app->recent;
    const struct entry *e;
    p->nshown = p->at = p->top = 0;
    for (size_t i = 0; p->typed.len == 0 && i < UI_RECENT && recent[i]; i++)
        if ((e = by_name(p->all, p->nall, recent[i])))
            p->shown[p->nshown++] = *e;
    for (int r = 0; r < RANKS; r++)
        for (size_t i = 0; i < p->nall; i++)
            if (rank(&p->all[i], p->typed.text) == r &&
                !by_name(p->shown, p->nshown, name_of(&p->all[i])))
                p->shown[p->nshown++] = p->all[i];
}

static void draw_entry(struct palette *p, const struct entry *e, int row, int cols, bool focus)
{
    struct rl_buf text = {0};
    unsigned style = UI_NORMAL;
    char digit[2] = {0};
    if (e->action) {
        style = ui_help_line(subject(p), e->action, e->screen, &text);
    } else {
        digit[0] = e->screen->digit ? (char)('0' + e->screen->digit) : '\0';
        ui_help_columns(digit, e->screen->name, &text);
        rl_buf_addf(&text, "Go to the screen %s", e->screen->title);
    }
    ui_put(row, 0, 1, UI_NORMAL, focus ? ">" : " ");
    ui_put(row, 2, cols - 3, style | (focus ? UI_FOCUS : 0), rl_buf_str(&text));
    if (focus)
        ui_cursor(row, 0);
    rl_buf_fini(&text);
}

static void palette_draw(struct ui_view *view, struct ui_area area)
{
    struct palette *p = (struct palette *)view;
    struct rl_buf typed = {0};
    size_t rows = area.rows > 2 ? (size_t)area.rows - 2 : 1;
    int cursor, label = 10;
    ui_put(area.top, 1, label, UI_STRONG, "command: ");
    ui_edit_show(&p->typed, area.cols - label - 2, false, &typed, &cursor);
    ui_put(area.top, label, area.cols - label, UI_NORMAL, rl_buf_str(&typed));
    rl_buf_fini(&typed);
    ui_fill(area.top + 1, 0, area.cols, UI_NORMAL, '-');
    ui_cursor(area.top, label + cursor);
    if (rows != p->rows) /* on another size from the beginning */
        p->top = 0;
    p->rows = rows;
    if (p->at < p->top)
        p->top = p->at;
    if (p->at >= p->top + rows)
        p->top = p->at - rows + 1;
    for (size_t i = p->top; i < p->nshown && i < p->top + rows; i++)
        draw_entry(p, &p->shown[i], area.top + 2 + (int)(i - p->top), area.cols, i == p->at);
    if (p->nshown == 0)
        ui_put(area.top + 2, 2, area.cols - 3, UI_FAINT, "no name, key or sentence holds this");
}

static void palette_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    const struct palette *p = (struct palette *)view;
    const struct entry *e = p->nshown > 0 ? &p->shown[p->at] : NULL;
    if (p->at == 0 && p->typed.len == 0)
        rl_buf_adds(left, "Type a part of a name, a key or a word. Enter runs the line.");
    else if (e && e->action)
        ui_help_sentence(subject(p), e->action, e->screen, left);
    else if (e)
        rl_buf_addf(left, "Go to the screen %s", e->screen->title);
    rl_buf_addf(right, "%zu of %zu", p->nshown, p->nall);
}

/* On a screen of its own: there at once, unless it is about a row that has to be chosen first. */
static void run_there(struct ui_app *app, const struct entry *e)
{
    struct rl_buf keys = {0};
    ui_open(app, e->screen->name, "");
    struct ui_view *view = ui_top(app);
    ui_action_keys(e->action, &keys);
    if (view->screen != e->screen || e->action->needs & UI_NEED_ROW)
        ui_say(app, "i", "%s is %s on this screen: %s", e->action->name, rl_buf_str(&keys),
               e->action->sentence);
    else
        ui_consequence(view, ui_action_run(view, e->action));
    rl_buf_fini(&keys);
}

static unsigned palette_run(struct ui_view *view)
{
    struct palette *p = (struct palette *)view;
    struct ui_view *below = subject(p);
    ui_close(view);
    if (p->nshown == 0) {
        ui_say(view->app, "!", "no action or screen is called \"%s\"; : lists them", p->typed.text);
        return UI_REDRAW;
    }
    const struct entry *e = &p->shown[p->at];
    remember(view->app, name_of(e));
    if (e->action && e->screen)
        run_there(view->app, e);
    else if (e->action)
        ui_consequence(below, ui_action_run(below, e->action));
    else
        ui_open(view->app, e->screen->name, "");
    return UI_REDRAW;
}

/* What all names that begin as typed begin with; the name under the cursor where that is no more.
 */
static unsigned palette_complete(struct ui_view *view)
{
    struct palette *p = (struct palette *)view;
    char common[NAME_MAX_LEN] = "";
    size_t n = 0, typed = strlen(p->typed.text);
    for (size_t i = 0; i < p->nall; i++) {
        const char *name = name_of(&p->all[i]);
        if (strncmp(name, p->typed.text, typed) != 0)
            continue;
        if (n++ == 0)
            snprintf(common, sizeof common, "%s", name);
        size_t same = 0;
        while (common[same] && common[same] == name[same])
            same++;
        common[same] = '\0';
    }
    if (strlen(common) > typed)
        ui_edit_set(&p->typed, common);
    else if (p->nshown > 0)
        ui_edit_set(&p->typed, name_of(&p->shown[p->at]));
    narrow(p);
    return UI_REDRAW;
}

static void move_by(struct palette *p, int by)
{
    int at = (int)p->at + by, last = (int)p->nshown - 1;
    p->at = last < 0 || at < 0 ? 0 : (size_t)(at > last ? last : at);
}

static unsigned palette_up(struct ui_view *view)
{
    move_by((struct palette *)view, -1);
    return UI_REDRAW;
}

static unsigned palette_down(struct ui_view *view)
{
    move_by((struct palette *)view, 1);
    return UI_REDRAW;
}

static unsigned palette_page_up(struct ui_view *view)
{
    move_by((struct palette *)view, -PAGE);
    return UI_REDRAW;
}

static unsigned palette_page_down(struct ui_view *view)
{
    move_by((struct palette *)view, PAGE);
    return UI_REDRAW;
}

static unsigned palette_leave(struct ui_view *view)
{
    (void)view;
    return UI_POP;
}

static bool palette_typed(struct ui_view *view, int key, const char *paste, unsigned *consequence)
{
    struct palette *p = (struct palette *)view;
    *consequence = UI_REDRAW;
    if (key == UI_KEY_PASTE)
        ui_paste(view, &p->typed, paste);
    else if (!ui_edit_key(&p->typed, key))
        return false;
    narrow(p);
    return true;
}

/* clang-format off */
static const struct ui_action palette_actions[] = {
    {"palette-run", "Enter", "run", "Run the line under the cursor", 0, UI_SAFE, palette_run},
    {"palette-complete", "Tab", "complete", "Complete the name", 0, UI_SAFE, palette_complete},
    {"palette-up", "Up,^P", NULL, "One line up", 0, UI_SAFE, palette_up},
    {"palette-down", "Down,^N", NULL, "One line down", 0, UI_SAFE, palette_down},
    {"palette-page-up", "PgUp,^B", NULL, "One page up", 0, UI_SAFE, palette_page_up},
    {"palette-page-down", "PgDn,^F", NULL, "One page down", 0, UI_SAFE, palette_page_down},
    {"palette-leave", "Esc,^C", "leave", "Run nothing", 0, UI_SAFE, palette_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_palette_class = {
    .name = "palette",
    .actions = palette_actions,
    .modal = true,
    .draw = palette_draw,
    .status = palette_status,
    .typed = palette_typed,
};

void ui_command_open(struct ui_view *view)
{
    struct palette *p = rl_alloc(sizeof *p);
    ui_view_init(&p->view, view->app, &ui_palette_class, NULL, "Command");
    ui_push(view->app, &p->view);
    collect(p);
    narrow(p);
}
