#include "console/conflict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/rows.h"
#include "console/classes.h"
#include "console/dialog.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum {
    FIELD_CELLS = 22,
    TAKE_CELLS = 6,
    BOX_COLS = 110,
    LEAST_CELLS = 8,
    EXTRA_ROWS = 7, /* edges, titles, the line under the cursor in full */
    LOG_ASKED = 200
};

/* Both changed it to the same; the other alone did; we alone did; both did, differently. */
enum take { SAME, THEIRS, MINE, OPEN };
static const char *const take_words[] = {"same", "theirs", "mine", "?"};

struct line {
    int field;
    char *theirs; /* owned, stored form */
    enum take take;
};

struct conflict {
    struct ui_view view;
    struct ui_form *form; /* below */
    json_t *theirs;
    struct line line[UI_FORM_FIELDS];
    size_t n, at, top;
    int field_cells, cells; /* of the name of a field, and of each of its values, as drawn last */
};

static struct conflict *as_conflict(struct ui_view *view)
{
    return (struct conflict *)view;
}

static const char *before(const struct conflict *c, int field)
{
    const char *text = c->form->field[field].original;
    return text ? text : "";
}

static int64_t their_rev(const struct conflict *c)
{
    return json_integer_value(json_object_get(c->theirs, "rev"));
}

/* Which fields differ. */

static enum take proposed(const struct conflict *c, int field, const char *theirs)
{
    const char *yours = ui_form_get(c->form, field), *was = before(c, field);
    if (strcmp(yours, theirs) == 0)
        return SAME;
    if (strcmp(yours, was) == 0)
        return THEIRS;
    if (strcmp(theirs, was) == 0 || c->form->field[field].kept_rev == their_rev(c))
        return MINE;
    return OPEN;
}

static void compare(struct conflict *c)
{
    for (int i = 0; i < c->form->norder; i++) {
        int field = c->form->order[i];
        unsigned flags = c->form->obj->fields[field].flags;
        char *theirs = rl_client_text(c->theirs, &c->form->obj->fields[field]);
        bool differs = strcmp(theirs, before(c, field)) != 0 || ui_form_is_changed(c->form, field);
        if (differs && !(flags & RL_FF_SYSTEM))
            c->line[c->n++] = (struct line){field, theirs, proposed(c, field, theirs)};
        else
            free(theirs);
    }
}

static size_t undecided(const struct conflict *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += c->line[i].take == OPEN;
    return n;
}

/* The form stands on what is stored now: that is what was, ours is what we keep. */
static void stand_on_theirs(struct conflict *c)
{
    char *mine[UI_FORM_FIELDS] = {NULL};
    for (size_t i = 0; i < c->n; i++)
        if (c->line[i].take == MINE)
            mine[i] = rl_strdup(ui_form_get(c->form, c->line[i].field));
    ui_form_read(c->form, c->theirs, true);
    for (size_t i = 0; i < c->n; i++) {
        if (mine[i])
            ui_form_set(c->form, c->line[i].field, mine[i]);
        free(mine[i]);
    }
}

/* Give the form what was chosen; while something is open it stands on what it was read from. */
static void apply(struct conflict *c)
{
    struct ui_form *form = c->form;
    for (size_t i = 0; i < c->n; i++) {
        if (c->line[i].take == THEIRS)
            ui_form_set(form, c->line[i].field, c->line[i].theirs);
        else if (c->line[i].take == MINE)
            form->field[c->line[i].field].kept_rev = their_rev(c);
    }
    if (undecided(c) == 0)
        stand_on_theirs(c);
}

/* Drawing. */

static void put_cell(struct rl_buf *out, const struct conflict *c, int field, const char *value,
                     int cells)
{
    struct rl_buf safe = {0};
    const char *shown = ui_form_shown(c->form, field, value);
    rl_text_safe(&safe, *shown ? shown : "-", *shown ? strlen(shown) : 1);
    ui_fit(out, rl_buf_str(&safe), cells, UI_LEFT);
    rl_buf_addc(out, ' ');
    rl_buf_fini(&safe);
}

/* What the columns have: on a narrow screen the names of the fields give way. */
static void share_room(struct conflict *c, int cols)
{
    int room = cols - 2 - 1 - 3 - TAKE_CELLS; /* the cursor, and a blank behind each text */
    c->cells = (room - FIELD_CELLS) / 3;
    if (c->cells < LEAST_CELLS)
        c->cells = LEAST_CELLS;
    c->field_cells = room - 3 * c->cells;
    if (c->field_cells > FIELD_CELLS)
        c->field_cells = FIELD_CELLS;
}

static void draw_row(const struct conflict *c, size_t i, int y, int left)
{
    int cells = c->cells;
    const struct line *line = &c->line[i];
    bool focus = i == c->at;
    struct rl_buf text = {0};
    rl_buf_adds(&text, focus ? "> " : "  ");
    ui_fit(&text, c->form->obj->fields[line->field].label, c->field_cells, UI_LEFT);
    rl_buf_addc(&text, ' ');
    put_cell(&text, c, line->field, before(c, line->field), cells);
    put_cell(&text, c, line->field, line->theirs, cells);
    put_cell(&text, c, line->field, ui_form_get(c->form, line->field), cells);
    rl_buf_adds(&text, take_words[line->take]);
    unsigned style = line->take == OPEN ? UI_WARNING : UI_NORMAL;
    ui_put(y, left, 2 + c->field_cells + 1 + 3 * (cells + 1) + TAKE_CELLS,
           style | (focus ? UI_FOCUS : 0), rl_buf_str(&text));
    if (focus)
        ui_cursor(y, left);
    rl_buf_fini(&text);
}

/* The line under the cursor, each text over the whole width. */
static void draw_whole(const struct conflict *c, int y, int left, int cols)
{
    const struct line *line = &c->line[c->at];
    const struct {
        const char *label, *value;
    } texts[] = {
        {"Before",             before(c,     line->field)},
        {"Theirs",             line->theirs},
        {"Yours", ui_form_get(c->form, line->field)            },
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct rl_buf text = {0};
        rl_buf_addf(&text, "%-7s", texts[i].label);
        put_cell(&text, c, line->field, texts[i].value, cols - 8);
        ui_put(y + (int)i, left, cols, UI_FAINT, rl_buf_str(&text));
        rl_buf_fini(&text);
    }
}

static void conflict_draw(struct ui_view *view, struct ui_area area)
{
    struct conflict *c = as_conflict(view);
    int left, cols = area.cols - 4 < BOX_COLS ? area.cols - 4 : BOX_COLS;
    struct ui_area in = ui_box(area, (int)c->n + EXTRA_ROWS, cols, view->title, &left);
    size_t rows = in.rows > EXTRA_ROWS - 2 ? (size_t)(in.rows - EXTRA_ROWS + 2) : 1;
    struct rl_buf head = {0};
    share_room(c, in.cols);
    rl_buf_addf(&head, "  %-*s %-*s %-*s %-*s Saved", c->field_cells, "Field", c->cells, "Before",
                c->cells, "Theirs", c->cells, "Yours");
    ui_put(in.top, left, in.cols, UI_STRONG, rl_buf_str(&head));
    if (c->at < c->top)
        c->top = c->at;
    if (c->at >= c->top + rows)
        c->top = c->at - rows + 1;
    for (size_t i = c->top; i < c->n && i < c->top + rows; i++)
        draw_row(c, i, in.top + 1 + (int)(i - c->top), left);
    if (c->n > 0)
        draw_whole(c, in.top + in.rows - 3, left, in.cols);
    rl_buf_fini(&head);
}

static void conflict_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    const struct conflict *c = as_conflict(view);
    size_t open = undecided(c);
    if (open)
        rl_buf_addf(left, "%zu to decide: m keeps mine, t takes theirs. Nothing is saved yet.",
                    open);
    else
        rl_buf_adds(left, "Nothing is saved yet: F2 saves what the last column says.");
    rl_buf_addf(right, "field %zu of %zu", c->at + 1, c->n);
}

/* Who it was: the newest entry about the object in the audit log. */

static void log_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    (void)problems;
    const struct conflict *c = as_conflict(view);
    const json_t *entry;
    size_t i;
    char *about = rl_asprintf("%s %s", c->form->obj->name, c->form->name), at[16] = "";
    json_array_foreach (err ? NULL : json_object_get(result, "rows"), i, entry) {
        if (strcmp(ui_text_of(entry, "object"), about) != 0)
            continue;
        time_t when = (time_t)(rl_time_parse(ui_text_of(entry, "time")) / 1000000);
        struct tm tm;
        strftime(at, sizeof at, "%H:%M", localtime_r(&when, &tm));
        char *who = rl_text_safe_dup(ui_text_of(entry, "who"));
        snprintf(view->title, sizeof view->title, "%.60s was changed by %.60s at %s", c->form->name,
                 who, at);
        free(who);
        break;
    }
    free(about);
}

static void conflict_load(struct ui_view *view)
{
    ui_ask(view, "audit.list", json_pack("{s:i}", "limit", LOG_ASKED), log_came);
}

/* Keys. */

static unsigned move_to(struct conflict *c, size_t to)
{
    c->at = to < c->n ? to : c->n - 1;
    return UI_REDRAW;
}

static unsigned conflict_up(struct ui_view *view)
{
    struct conflict *c = as_conflict(view);
    return move_to(c, c->at > 0 ? c->at - 1 : 0);
}

static unsigned conflict_down(struct ui_view *view)
{
    return move_to(as_conflict(view), as_conflict(view)->at + 1);
}

static unsigned choose(struct conflict *c, enum take take)
{
    struct line *line = &c->line[c->at];
    if (line->take != SAME)
        line->take = take;
    return move_to(c, c->at + 1);
}

static unsigned conflict_mine(struct ui_view *view)
{
    return choose(as_conflict(view), MINE);
}

static unsigned conflict_theirs(struct ui_view *view)
{
    return choose(as_conflict(view), THEIRS);
}

static unsigned all_chosen(struct ui_view *view, size_t index)
{
    struct conflict *c = as_conflict(view);
    for (size_t i = 0; i < c->n; i++)
        if (c->line[i].take != SAME)
            c->line[i].take = index == 0 ? MINE : THEIRS;
    return UI_REDRAW;
}

static unsigned conflict_all(struct ui_view *view)
{
    static const char *const answers[] = {"Keep mine in every field", "Take theirs in every field"};
    ui_menu(view, "All fields", answers, 2, 0, all_chosen);
    return UI_REDRAW;
}

static unsigned conflict_leave(struct ui_view *view)
{
    apply(as_conflict(view));
    return UI_POP;
}

static unsigned conflict_edit(struct ui_view *view)
{
    struct conflict *c = as_conflict(view);
    struct ui_form *form = c->form;
    int field = c->line[c->at].field;
    if (c->line[c->at].take != SAME)
        c->line[c->at].take = MINE;
    apply(c);
    ui_form_go(form, field);
    return UI_POP;
}

static unsigned conflict_save(struct ui_view *view)
{
    struct conflict *c = as_conflict(view);
    for (size_t i = 0; i < c->n; i++)
        if (c->line[i].take == OPEN) {
            ui_say(view->app, "!", "decide first: m keeps mine, t takes theirs");
            return move_to(c, i);
        }
    apply(c);
    ui_close(view);
    return ui_form_save(c->form);
}

static void conflict_fini(struct ui_view *view)
{
    struct conflict *c = as_conflict(view);
    for (size_t i = 0; i < c->n; i++)
        free(c->line[i].theirs);
    json_decref(c->theirs);
}

/* clang-format off */
static const struct ui_action conflict_actions[] = {
    {"conflict-mine", "m", "keep mine", "Save what you filled in", 0, UI_SAFE, conflict_mine},
    {"conflict-theirs", "t", "take theirs", "Leave what the other saved",
     0, UI_SAFE, conflict_theirs},
    {"conflict-save", "F2,^O,^S", "save", "Save what the last column says",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_UNDOABLE, conflict_save},
    {"conflict-edit", "e", "edit", "Back to the form, to this field", 0, UI_SAFE, conflict_edit},
    {"conflict-all", "a", "all", "Keep mine, or take theirs, in every field",
     0, UI_SAFE, conflict_all},
    {"conflict-up", "Up,k", NULL, "One field up", 0, UI_SAFE, conflict_up},
    {"conflict-down", "Down,j", NULL, "One field down", 0, UI_SAFE, conflict_down},
    {"conflict-leave", "Esc,q,^C", "back", "Back to the form; what was chosen stays chosen",
     0, UI_SAFE, conflict_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_conflict_class = {
    .name = "conflict",
    .actions = conflict_actions,
    .overlay = true,
    .modal = true,
    .draw = conflict_draw,
    .status = conflict_status,
    .load = conflict_load,
    .fini = conflict_fini,
};

void ui_conflict_open(struct ui_form *form, const json_t *theirs)
{
    struct conflict *c = rl_alloc(sizeof *c);
    char *title = rl_asprintf("%s was changed by another", form->name);
    ui_view_init(&c->view, form->view.app, &ui_conflict_class, NULL, title);
    free(title);
    c->form = form;
    c->theirs = json_incref((json_t *)(uintptr_t)theirs);
    compare(c);
    if (c->n == 0) { /* what it shows here is as it was: only what it does not show changed */
        ui_form_read(form, theirs, true);
        ui_say(form->view.app, "i", "changed by another, but in nothing that the form shows");
        c->view.class->fini(&c->view);
        free(c);
        return;
    }
    ui_push(form->view.app, &c->view);
}
