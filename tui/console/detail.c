#include "console/detail.h"

#include <stdlib.h>
#include <string.h>

#include "console/jump.h"
#include "console/list.h"
#include "ringlock/text.h"

enum {
    HEAD_ROWS = 3, /* tabs, summary, rule */
    FOLLOWERS = 3  /* lines below the one under the cursor that are kept in sight with it */
};

static struct ui_detail *as_detail(struct ui_view *view)
{
    return (struct ui_detail *)view;
}

static const struct ui_tab *tab_of(const struct ui_detail *d)
{
    return &d->spec->tabs[d->tab];
}

/* Reading. */

static void object_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    (void)problems;
    struct ui_detail *d = as_detail(view);
    if (!err) {
        ui_detail_set(d, result);
        return;
    }
    if (err->code == RL_E_NOT_FOUND)
        d->gone = true;
    if (err->code != RL_E_NO_ENGINE)
        ui_say_error(view->app, err);
}

static void more_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                      const json_t *problems)
{
    (void)problems;
    struct ui_detail *d = as_detail(view);
    if (err && err->code != RL_E_NO_ENGINE)
        ui_say_error(view->app, err);
    if (err)
        return;
    json_decref(d->more[d->tab]);
    d->more[d->tab] = json_incref((json_t *)(uintptr_t)result);
}

static void detail_load(struct ui_view *view)
{
    struct ui_detail *d = as_detail(view);
    if (!d->spec->method)
        return;
    ui_ask_drop(view);
    ui_ask(view, d->spec->method, d->spec->params(d), object_came);
    if (tab_of(d)->method)
        ui_ask(view, tab_of(d)->method, tab_of(d)->params(d), more_came);
}

void ui_detail_set(struct ui_detail *d, const json_t *data)
{
    json_t *was = d->data;
    d->data = json_incref((json_t *)(uintptr_t)data);
    json_decref(was);
    d->gone = false;
    if (!d->spec->title)
        return;
    struct rl_buf raw = {0};
    d->spec->title(d, &raw);
    ui_view_init(&d->view, d->view.app, d->view.class, d->view.screen, rl_buf_str(&raw));
    rl_buf_fini(&raw);
}

static void forget(struct ui_detail *d)
{
    json_decref(d->data);
    d->data = NULL;
    for (size_t i = 0; i < UI_TABS; i++) {
        json_decref(d->more[i]);
        d->more[i] = NULL;
    }
    d->gone = false;
    d->at = d->top = 0;
}

/* Drawing. */

static void draw_line(const struct ui_detail *d, size_t i, int y, int cols)
{
    const struct ui_line *line = &d->lines.line[i];
    bool focus = i == d->at && line->focus;
    unsigned with = focus ? UI_FOCUS : 0;
    if (line->rule) {
        ui_fill(y, 0, cols, UI_NORMAL, '-');
        return;
    }
    if (focus) {
        ui_fill(y, 0, cols, with, ' ');
        ui_put(y, 0, 1, with, ">");
        ui_cursor(y, 0);
    }
    ui_put(y, 1, cols - 2, line->style | with, line->text);
    size_t n = strlen(line->text);
    for (int s = 0; s < line->nspans; s++) {
        size_t from = rl_text_cut(line->text, n, (size_t)line->span[s].col, NULL);
        size_t len = rl_text_cut(line->text + from, n - from, (size_t)line->span[s].width, NULL);
        char *part = rl_strndup(line->text + from, len);
        ui_put(y, 1 + line->span[s].col, cols - 2 - line->span[s].col, line->span[s].style | with,
               part);
        free(part);
    }
}

static void draw_tabs(struct ui_detail *d, struct ui_area area)
{
    int col = 1;
    struct rl_buf text = {0};
    for (size_t i = 0; i < d->spec->ntabs; i++) {
        rl_buf_clear(&text);
        rl_buf_addf(&text, i == d->tab ? "[*%s*" : "[%s", d->spec->tabs[i].name);
        if (d->spec->tabs[i].badge && d->data) {
            rl_buf_addc(&text, ' ');
            d->spec->tabs[i].badge(d, &text);
        }
        rl_buf_addc(&text, ']');
        ui_put(area.top, col, area.cols - col, i == d->tab ? UI_STRONG : UI_NORMAL, text.data);
        col += (int)rl_text_width(text.data, text.len) + 1;
    }
    rl_buf_fini(&text);
    if (d->spec->ntabs > 1 && col < area.cols - 12)
        ui_put(area.top, area.cols - 11, 10, UI_FAINT, "Left Right");
}

static void draw_summary(struct ui_detail *d, struct ui_area area)
{
    struct ui_lines one = {.cols = area.cols - 2};
    if (d->gone)
        ui_line(&one, UI_ERROR, "gone: this %s is not there any more", d->spec->one);
    else if (d->data)
        d->spec->summary(d, &one);
    else
        ui_line(&one, UI_FAINT, ui_is_up(d->view.app) ? "reading ..." : "waiting for the core");
    struct ui_detail shown = {.lines = one, .at = one.n};
    if (one.n > 0)
        draw_line(&shown, 0, area.top + 1, area.cols);
    ui_lines_clear(&one);
    ui_fill(area.top + 2, 0, area.cols, UI_NORMAL, '-');
}

/* To the line that who opened this asked for. */
static void take_aim(struct ui_detail *d)
{
    if (!d->aim || d->lines.n == 0)
        return;
    for (size_t i = 0; i < d->lines.n; i++)
        if (d->lines.line[i].screen && strcmp(d->lines.line[i].screen, d->aim) == 0) {
            d->at = i;
            break;
        }
    d->aim = NULL;
}

/* Put the cursor on a line that can have it: where it is, else the next, else the one before. */
static void settle(struct ui_detail *d)
{
    size_t n = d->lines.n, to = d->at < n ? d->at : n;
    while (to < n && !d->lines.line[to].focus)
        to++;
    if (to == n)
        for (to = d->at < n ? d->at : n; to > 0 && !d->lines.line[to - 1].focus; to--)
            ;
    else
        to++;
    d->at = to > 0 ? to - 1 : 0;
}

/* On another size of the screen from the beginning: what a smaller one hid is there again. */
static void keep_in_sight(struct ui_detail *d, bool resized)
{
    size_t rows = d->visible > 0 ? (size_t)d->visible : 1;
    bool has_cursor = d->at < d->lines.n && d->lines.line[d->at].focus;
    if (has_cursor && resized)
        d->top = 0;
    size_t end = d->at; /* the lines that belong to the one under the cursor follow it */
    while (end + 1 < d->lines.n && end < d->at + FOLLOWERS && !d->lines.line[end + 1].focus)
        end++;
    if (has_cursor && end >= d->top + rows)
        d->top = end - rows + 1;
    if (has_cursor && d->at < d->top)
        d->top = d->at;
    if (d->top + rows > d->lines.n)
        d->top = d->lines.n > rows ? d->lines.n - rows : 0;
}

static void detail_draw(struct ui_view *view, struct ui_area area)
{
    struct ui_detail *d = as_detail(view);
    draw_tabs(d, area);
    draw_summary(d, area);
    bool resized = d->visible != area.rows - HEAD_ROWS;
    d->visible = area.rows - HEAD_ROWS;
    d->lines.cols = area.cols - 2;
    ui_lines_clear(&d->lines);
    if (d->data)
        tab_of(d)->build(d, &d->lines);
    take_aim(d);
    settle(d);
    keep_in_sight(d, resized);
    ui_cursor(area.top, 0);
    for (int i = 0; i < d->visible && d->top + (size_t)i < d->lines.n; i++)
        draw_line(d, d->top + (size_t)i, area.top + HEAD_ROWS + i, area.cols);
}

static void detail_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    struct ui_detail *d = as_detail(view);
    size_t stops = 0, stop = 0;
    if (d->spec->status && d->data)
        d->spec->status(d, left);
    for (size_t i = 0; i < d->lines.n; i++) {
        stops += d->lines.line[i].focus;
        stop += d->lines.line[i].focus && i <= d->at;
    }
    if (stops)
        rl_buf_addf(right, "line %zu of %zu", stop, stops);
    else if (d->lines.n > (size_t)d->visible)
        rl_buf_addf(right, "line %zu of %zu", d->top + 1, d->lines.n);
}

/* Keys. */

static unsigned move(struct ui_detail *d, int by)
{
    size_t at = d->at;
    bool stops = false;
    for (size_t i = 0; i < d->lines.n; i++)
        stops = stops || d->lines.line[i].focus;
    if (!stops) {
        d->top = by > 0 ? d->top + 1 : d->top - (d->top > 0);
        return UI_REDRAW;
    }
    do {
        if ((by < 0 && at == 0) || (by > 0 && at + 1 >= d->lines.n)) {
            d->top = by < 0 ? 0 : d->top;
            return UI_REDRAW;
        }
        at += by > 0 ? 1 : (size_t)-1;
    } while (!d->lines.line[at].focus);
    d->at = at;
    return UI_REDRAW;
}

static unsigned detail_up(struct ui_view *view)
{
    return move(as_detail(view), -1);
}

static unsigned detail_down(struct ui_view *view)
{
    return move(as_detail(view), 1);
}

static unsigned jump(struct ui_detail *d, long by)
{
    long to = (long)d->at + by, top = (long)d->top + by;
    d->at = to > 0 ? (size_t)to : 0;
    if (d->at >= d->lines.n)
        d->at = d->lines.n ? d->lines.n - 1 : 0;
    d->top = top > 0 ? (size_t)top : 0;
    return UI_REDRAW;
}

static unsigned detail_page_up(struct ui_view *view)
{
    return jump(as_detail(view), -(long)as_detail(view)->visible);
}

static unsigned detail_page_down(struct ui_view *view)
{
    return jump(as_detail(view), as_detail(view)->visible);
}

static unsigned detail_first(struct ui_view *view)
{
    return jump(as_detail(view), -(long)as_detail(view)->lines.n);
}

static unsigned detail_last(struct ui_view *view)
{
    return jump(as_detail(view), (long)as_detail(view)->lines.n);
}

static unsigned turn(struct ui_detail *d, size_t by)
{
    d->tab = (d->tab + by) % d->spec->ntabs;
    d->at = d->top = 0;
    return UI_RELOAD;
}

static unsigned detail_next_tab(struct ui_view *view)
{
    return turn(as_detail(view), 1);
}

static unsigned detail_previous_tab(struct ui_view *view)
{
    return turn(as_detail(view), as_detail(view)->spec->ntabs - 1);
}

static unsigned detail_follow(struct ui_view *view)
{
    struct ui_detail *d = as_detail(view);
    const struct ui_line *line = d->at < d->lines.n ? &d->lines.line[d->at] : NULL;
    if (!line || !line->screen || !ui_open(view->app, line->screen, line->object))
        ui_say(view->app, "i", "nothing opens from this line");
    else if (ui_top(view->app)->class == &ui_detail_class)
        as_detail(ui_top(view->app))->aim = line->aim;
    return UI_REDRAW;
}

static unsigned detail_copy(struct ui_view *view)
{
    struct ui_detail *d = as_detail(view);
    const struct ui_line *line = d->at < d->lines.n ? &d->lines.line[d->at] : NULL;
    const char *text = line ? line->whole ? line->whole : line->text : "";
    ui_copy(view->app, text + strspn(text, " "));
    return UI_REDRAW;
}

static unsigned step(struct ui_detail *d, int by)
{
    struct ui_view *below = d->view.below;
    const char *id =
        below && below->class == &ui_list_class ? ui_list_step((struct ui_list *)below, by) : NULL;
    if (!id) {
        ui_say(d->view.app, "i", "this is the %s of the list", by < 0 ? "first" : "last");
        return UI_REDRAW;
    }
    free(d->object);
    d->object = rl_strdup(id);
    forget(d);
    ui_view_init(&d->view, d->view.app, d->view.class, d->view.screen, id);
    return UI_RELOAD;
}

static unsigned detail_previous(struct ui_view *view)
{
    return step(as_detail(view), -1);
}

static unsigned detail_next(struct ui_view *view)
{
    return step(as_detail(view), 1);
}

/* clang-format off */
static const struct ui_action detail_actions[] = {
    {"detail-follow", "Enter", "open", "Open what the line under the cursor is about",
     0, UI_SAFE, detail_follow},
    {"detail-jump", "o", "go to", "Go to what it depends on, or what depends on it",
     UI_NEED_ROW, UI_SAFE, ui_jump},
    {"detail-next-tab", "Right,l,Tab", NULL, "To the next tab", 0, UI_SAFE, detail_next_tab},
    {"detail-previous-tab", "Left,h,S-Tab", NULL, "To the tab before",
     0, UI_SAFE, detail_previous_tab},
    {"detail-next", "]", "next", "The next one of the list you came from", 0, UI_SAFE, detail_next},
    {"detail-previous", "[", "previous", "The one before of the list you came from",
     0, UI_SAFE, detail_previous},
    {"detail-copy", "y", NULL, "Copy the line to the clipboard of the terminal",
     0, UI_SAFE, detail_copy},
    {"detail-up", "Up,k", NULL, "One line up", 0, UI_SAFE, detail_up},
    {"detail-down", "Down,j", NULL, "One line down", 0, UI_SAFE, detail_down},
    {"detail-page-up", "PgUp,^B", NULL, "One page up", 0, UI_SAFE, detail_page_up},
    {"detail-page-down", "PgDn,^F", NULL, "One page down", 0, UI_SAFE, detail_page_down},
    {"detail-first", "Home,g", NULL, "To the first line", 0, UI_SAFE, detail_first},
    {"detail-last", "End,G", NULL, "To the last line", 0, UI_SAFE, detail_last},
    {.name = NULL},
};
/* clang-format on */

/* Life. */

static void detail_notify(struct ui_view *view, const char *method, const json_t *params)
{
    if (as_detail(view)->spec->notify)
        as_detail(view)->spec->notify(as_detail(view), method, params);
}

static const char *detail_object(struct ui_view *view)
{
    const struct ui_detail *d = as_detail(view);
    return d->data && !d->gone ? d->object : NULL;
}

static void detail_text(struct ui_view *view, struct rl_buf *out)
{
    struct ui_detail *d = as_detail(view);
    struct ui_lines lines = {.cols = d->lines.cols};
    rl_buf_addf(out, "%s: %s\n", view->title, tab_of(d)->name);
    if (d->data) {
        d->spec->summary(d, &lines);
        ui_line_rule(&lines);
        tab_of(d)->build(d, &lines);
    }
    for (size_t i = 0; i < lines.n; i++)
        rl_buf_addf(out, "%s\n", lines.line[i].rule ? "--------" : lines.line[i].text);
    ui_lines_clear(&lines);
}

static void detail_fini(struct ui_view *view)
{
    struct ui_detail *d = as_detail(view);
    forget(d);
    ui_lines_clear(&d->lines);
    json_decref(d->extra);
    free(d->object);
}

const struct ui_view_class ui_detail_class = {
    .name = "detail",
    .actions = detail_actions,
    .draw = detail_draw,
    .status = detail_status,
    .load = detail_load,
    .notify = detail_notify,
    .object = detail_object,
    .label = ui_jump_label,
    .text = detail_text,
    .fini = detail_fini,
};

struct ui_detail *ui_detail_new(struct ui_app *app, const struct ui_screen *screen,
                                const struct ui_detail_spec *spec, const char *object)
{
    struct ui_detail *d = rl_alloc(sizeof *d);
    ui_view_init(&d->view, app, &ui_detail_class, screen, object);
    d->spec = spec;
    d->object = rl_strdup(object);
    return d;
}
