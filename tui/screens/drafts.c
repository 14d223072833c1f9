#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/classes.h"
#include "console/dialog.h"
#include "console/wizard.h"
#include "screens/certs.h"
#include "screens/common.h"
#include "screens/objects.h"
#include "screens/screens.h"

/* Drafts: what was filled into forms and not saved, and wizards under way, whoever began them. */

/* The rows of wizards are told apart by this member: their kind. */
static bool is_wizard(const json_t *row)
{
    return *member(row, "wizard") != '\0';
}

static void what_text(const json_t *row, struct rl_buf *out)
{
    static const struct {
        const char *act, *words;
    } acts[] = {
        {"add",    "new "        },
        {"set",    "change of "  },
        {"copy",   "copy of "    },
        {"upload", "upload of a "},
    };
    const struct rl_wizard *w = is_wizard(row) ? rl_wizard_find(member(row, "wizard")) : NULL;
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(member(row, "act"), acts[i].act) == 0)
            rl_buf_adds(out, acts[i].words);
    rl_buf_adds(out, w ? w->title : member(row, "kind"));
}

static void updated_text(const json_t *row, struct rl_buf *out)
{
    time_text(member(row, "updated"), out);
}

static const struct ui_column drafts_columns[] = {
    {"what",    "Draft", 12, 24, 1, UI_LEFT, what_text,    NULL, true},
    {"name",    "Of",    12, 30, 1, UI_LEFT, NULL,         NULL, true},
    {"owner",   "Whose", 8,  16, 2, UI_LEFT, NULL,         NULL, true},
    {"updated", "Kept",  5,  16, 2, UI_LEFT, updated_text, NULL, true},
};

/* Reading. */

static void put_rows(struct ui_list *list, const json_t *rows, bool wizards)
{
    json_t *row, *copy;
    size_t i;
    json_array_foreach (rows, i, row) {
        copy = json_copy(row);
        if (wizards)
            json_object_set(copy, "wizard", json_object_get(row, "kind"));
        ui_list_put(list, copy, false);
        json_decref(copy);
    }
}

static void wizards_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                         const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    put_rows(list, json_object_get(result, "rows"), true);
    list->loaded = true;
    ui_list_arrange(list);
}

static void forms_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    ui_list_clear(list);
    put_rows(list, json_object_get(result, "rows"), false);
    ui_ask(view, "wizard.list", NULL, wizards_came);
}

static void drafts_load(struct ui_list *list)
{
    ui_ask(&list->view, "draft.list", NULL, forms_came);
}

static void drafts_notify(struct ui_list *list, const char *method, const json_t *params)
{
    (void)params;
    if (strcmp(method, "draft") == 0 || strcmp(method, "wizard") == 0)
        ui_load(&list->view);
}

static const struct ui_list_spec drafts_spec = {
    .one = "draft",
    .many = "drafts",
    .empty = "No draft is kept: nothing is half done.",
    .columns = drafts_columns,
    .ncolumns = sizeof drafts_columns / sizeof drafts_columns[0],
    .id = "id",
    .paging = UI_AT_ONCE,
    .load = drafts_load,
    .notify = drafts_notify,
};

/* Taking one up. */

/* Open the form that a draft is of, which takes it up: a FORM (protocol.h). */
static void draft_open(struct ui_app *app, const json_t *draft)
{
    const struct ui_form_spec *const forms[] = {&phone_form, &gateway_form, &profile_form,
                                                &user_form, &cert_form};
    const char *act = member(draft, "act"), *name = member(draft, "name");
    bool copy = strcmp(act, "copy") == 0;
    json_t *from = copy ? json_deep_copy(json_object_get(draft, "before")) : NULL;
    if (strcmp(act, "upload") == 0)
        cert_upload_open(app, name);
    for (size_t i = 0; i < sizeof forms / sizeof *forms && strcmp(act, "upload") != 0; i++) {
        const struct rl_object *obj = rl_object(forms[i]->kind);
        if (strcmp(obj->name, member(draft, "kind")) != 0)
            continue;
        if (copy)
            json_object_set_new(from, obj->fields[0].name, json_string(name));
        ui_form_open(app, forms[i], strcmp(act, "set") == 0 ? name : NULL, from);
    }
    if (ui_top(app)->class == &ui_form_class)
        ui_form_draft_choose((struct ui_form *)ui_top(app), number(draft, "id"));
    json_decref(from);
}

static void taken(struct ui_view *view, const json_t *result, const struct rl_err *err,
                  const json_t *problems)
{
    (void)problems;
    if (err)
        ui_say_error(view->app, err);
    else
        draft_open(view->app, result);
}

static void take(struct ui_view *view, bool from_another)
{
    const json_t *row = ui_list_row((struct ui_list *)view);
    ui_ask(view, "draft.open",
           json_pack("{s:I,s:b}", "id", number(row, "id"), "take", from_another), taken);
}

static unsigned take_over(struct ui_view *view)
{
    take(view, true);
    return UI_REDRAW;
}

static unsigned drafts_open(struct ui_view *view)
{
    const json_t *row = ui_list_row((struct ui_list *)view);
    struct rl_buf text = {0};
    if (is_wizard(row)) {
        ui_open(view->app, "wizard", view->class->object(view));
    } else if (strcmp(member(row, "owner"), ui_info(view->app)->user) == 0) {
        take(view, false);
    } else {
        rl_buf_addf(&text, "It is the draft of %s, who is told. Take it over?",
                    member(row, "owner"));
        ui_confirm(view, "Take over", rl_buf_str(&text), NULL, take_over);
    }
    rl_buf_fini(&text);
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
        ui_say(view->app, "i", "the draft was dropped; nothing of it was saved");
    ui_load(view);
}

static unsigned drafts_drop(struct ui_view *view)
{
    const json_t *row = ui_list_row((struct ui_list *)view);
    ui_ask(view, is_wizard(row) ? "wizard.drop" : "draft.drop",
           json_pack("{s:I}", "id", number(row, "id")), dropped);
    return UI_REDRAW;
}

static void drafts_question(struct ui_view *view, const struct ui_action *action,
                            struct rl_buf *out)
{
    const json_t *row = ui_list_row((struct ui_list *)view);
    (void)action;
    rl_buf_adds(out, "Drop the draft: ");
    what_text(row, out);
    rl_buf_addf(out, " %s, of %s? What was filled in is lost; the site stays as it is.",
                member(row, "name"), member(row, "owner"));
}

/* clang-format off */
static const struct ui_action drafts_actions[] = {
    {"draft-open", "Enter", "take up", "Take the draft up where it was left",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, drafts_open},
    {"draft-drop", "D,F8", "drop", "Drop the draft; asks first",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_ASKS, drafts_drop},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *drafts_new(struct ui_app *app, const struct ui_screen *screen,
                                  const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &drafts_spec)->view;
}

const struct ui_screen drafts_screen = {
    .name = "drafts",
    .title = "Drafts",
    .about = "What was filled into forms and not saved, and wizards under way, whoever began them. "
             "Enter takes one up; nothing of them has changed the site yet.",
    .actions = drafts_actions,
    .question = drafts_question,
    .class = &ui_list_class,
    .open = drafts_new,
};
