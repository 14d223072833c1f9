#include <string.h>

#include "console/wizard.h"
#include "screens/common.h"
#include "screens/screens.h"

/* Wizards under way: drafts that the engine keeps, whoever began them (R93). */

static void kind_text(const json_t *row, struct rl_buf *out)
{
    const struct rl_wizard *w = rl_wizard_find(member(row, "kind"));
    rl_buf_adds(out, w ? w->title : member(row, "kind"));
}

static void step_text(const json_t *row, struct rl_buf *out)
{
    const struct rl_wizard *w = rl_wizard_find(member(row, "kind"));
    int step = w ? rl_wizard_step(w, member(row, "step")) : -1;
    if (step >= 0)
        rl_buf_addf(out, "%d %s", step + 1, w->steps[step].label);
    else
        rl_buf_adds(out, "End check");
}

static void updated_text(const json_t *row, struct rl_buf *out)
{
    time_text(member(row, "updated"), out);
}

static const struct ui_column wizards_columns[] = {
    {"name",    "Name",     12, 24, 1, UI_LEFT, NULL,         NULL, true},
    {"kind",    "Wizard",   10, 23, 3, UI_LEFT, kind_text,    NULL, true},
    {"type",    "Type",     8,  14, 4, UI_LEFT, NULL,         NULL, true},
    {"step",    "Step",     10, 14, 2, UI_LEFT, step_text,    NULL, true},
    {"owner",   "Begun by", 8,  12, 5, UI_LEFT, NULL,         NULL, true},
    {"holder",  "Open at",  7,  12, 2, UI_LEFT, NULL,         NULL, true},
    {"updated", "Saved",    5,  16, 3, UI_LEFT, updated_text, NULL, true},
};

static void drafts_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    const json_t *row;
    size_t i;
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    ui_list_clear(list);
    json_array_foreach (json_object_get(result, "rows"), i, row)
        ui_list_put(list, row, false);
    list->loaded = true;
    ui_list_arrange(list);
}

static void wizards_load(struct ui_list *list)
{
    ui_ask(&list->view, "wizard.list", NULL, drafts_came);
}

static void wizards_notify(struct ui_list *list, const char *method, const json_t *params)
{
    (void)params;
    if (strcmp(method, "wizard") == 0)
        ui_load(&list->view);
}

static const struct ui_list_spec wizards_spec = {
    .one = "wizard under way",
    .many = "wizards under way",
    .empty = "No wizard is under way: A begins one.",
    .columns = wizards_columns,
    .ncolumns = sizeof wizards_columns / sizeof wizards_columns[0],
    .id = "id",
    .paging = UI_AT_ONCE,
    .load = wizards_load,
    .notify = wizards_notify,
};

/* Keys. */

static unsigned wizards_open(struct ui_view *view)
{
    ui_open(view->app, "wizard", view->class->object(view));
    return UI_REDRAW;
}

static unsigned wizards_add(struct ui_view *view)
{
    ui_wizard_start(view->app, json_array());
    return UI_REDRAW;
}

static void dropped(struct ui_view *view, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    (void)result;
    (void)problems;
    if (err)
        ui_say_error(view->app, err);
    else
        ui_say(view->app, "i", "the draft was dropped; nothing of it was applied");
    ui_load(view);
}

static unsigned wizards_drop(struct ui_view *view)
{
    const json_t *row = ui_list_row((struct ui_list *)view);
    ui_ask(view, "wizard.drop", json_pack("{s:I}", "id", number(row, "id")), dropped);
    return UI_REDRAW;
}

static void wizards_question(struct ui_view *view, const struct ui_action *action,
                             struct rl_buf *out)
{
    const json_t *row = ui_list_row((struct ui_list *)view);
    const char *holder = member(row, "holder");
    (void)action;
    rl_buf_addf(out,
                "Drop the wizard \"%s\" of %s? Its answers are lost; phones, profiles and "
                "certificates stay as they are.",
                member(row, "name"), member(row, "owner"));
    if (*holder)
        rl_buf_addf(out, " %s has it open now.", holder);
}

/* clang-format off */
static const struct ui_action wizards_actions[] = {
    {"wizard-open", "Enter", "take up", "Take the wizard up at its open step",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, wizards_open},
    {"wizard-begin", "A,F7,W", "begin", "Begin a wizard for new phones",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, wizards_add},
    {"wizard-drop", "D,F8", "drop", "Drop the wizard with all its answers; asks first",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_ASKS, wizards_drop},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *wizards_new(struct ui_app *app, const struct ui_screen *screen,
                                   const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &wizards_spec)->view;
}

const struct ui_screen wizards_screen = {
    .name = "wizards",
    .title = "Wizards under way",
    .about = "Wizards that were begun and not finished. Enter takes one up where it was left, also "
             "one that somebody else began; nothing of them has changed the site yet.",
    .actions = wizards_actions,
    .question = wizards_question,
    .class = &ui_list_class,
    .open = wizards_new,
};

const struct ui_screen wizard_screen = {
    .name = "wizard",
    .title = "Wizard",
    .about = "One question a page. Nothing changes before the end check; the engine keeps what was "
             "answered after every step, so that it can be taken up later and elsewhere.",
    .class = &ui_wizard_class,
    .open = ui_wizard_new,
};
