#include "console/bulk.h"
#include "screens/common.h"
#include "screens/history.h"
#include "screens/import.h"
#include "screens/jumps.h"
#include "screens/objects.h"
#include "screens/screens.h"

/* Digest users. Their passwords are never shown. */

static void password_text(const json_t *row, struct rl_buf *out)
{
    rl_buf_adds(out, json_is_true(json_object_get(row, "digest_password")) ? "set" : "not set");
}

static const struct ui_column users_columns[] = {
    {"id",              "User",               6, 20, 1, UI_LEFT, NULL,          NULL, true },
    {"name",            "Name",               6, 30, 1, UI_LEFT, NULL,          NULL, true },
    {"digest_password", "Digest credentials", 7, 18, 1, UI_LEFT, password_text, NULL, false},
};

static const struct ui_list_spec users_spec = {
    .one = "user",
    .many = "users",
    .empty = "No digest users yet: A adds one.",
    .columns = users_columns,
    .ncolumns = sizeof users_columns / sizeof users_columns[0],
    .id = "id",
    .paging = UI_BY_KEY,
    .method = "object.list",
    .kind = "user",
    .marks = true,
};

const struct ui_form_spec user_form = {.kind = RL_USER};

static json_t *user_params(struct ui_detail *d)
{
    return object_params(d, "user");
}

static void user_summary(struct ui_detail *d, struct ui_lines *out)
{
    ui_line(out, UI_NORMAL, "%s", member(d->data, "name"));
}

static void overview_build(struct ui_detail *d, struct ui_lines *out)
{
    object_fields(d, RL_USER, out);
}

static const struct ui_tab user_tabs[] = {
    {"Overview", NULL,              NULL,                overview_build,     NULL},
    {"Used by",  "object.users_of", object_users_params, object_users_build, NULL},
    {"History",  "audit.list",      history_params,      history_build,      NULL},
};

static const struct ui_detail_spec user_spec = {
    .one = "user",
    .method = "object.show",
    .params = user_params,
    .tabs = user_tabs,
    .ntabs = sizeof user_tabs / sizeof user_tabs[0],
    .summary = user_summary,
};

static unsigned user_open(struct ui_view *view)
{
    return object_open(view, "user");
}

static unsigned user_add(struct ui_view *view)
{
    return object_add(view, &user_form);
}

static unsigned user_edit(struct ui_view *view)
{
    return object_edit(view, &user_form);
}

static unsigned user_assign(struct ui_view *view)
{
    return ui_assign_open(view, RL_USER, -1);
}

static unsigned user_remove(struct ui_view *view)
{
    return object_remove(view, RL_USER);
}

/* Opening, adding and importing belong to the list; the detail has the actions after them. */
enum { IN_DETAIL = 3 };

/* clang-format off */
static const struct ui_action users_actions[] = {
    {"user-open", "Enter", "open", "Show the user under the cursor",
     UI_NEED_ROW, UI_SAFE, user_open},
    {"user-add", "A,F7", "add", "Add a digest user",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, user_add},
    {"user-import", "I", NULL, "Check or import a CSV file of digest users",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, objects_import},
    {"user-edit", "e", "edit", "Change the user, or give a new password",
     UI_NEED_ROW | UI_NEED_WRITE, UI_SAFE, user_edit},
    {"user-assign", "F", NULL, "Give a field of the marked users one value",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, user_assign},
    {"user-delete", "D,F8", "delete", "Remove the user from this site",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_TYPE_NAME, user_remove},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *users_new(struct ui_app *app, const struct ui_screen *screen,
                                 const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &users_spec)->view;
}

static struct ui_view *user_new(struct ui_app *app, const struct ui_screen *screen,
                                const char *object)
{
    return &ui_detail_new(app, screen, &user_spec, object)->view;
}

const struct ui_screen users_screen = {
    .name = "users",
    .title = "Users",
    .about = "Digest users: who third-party and other phones with digest authentication answer as. "
             "Passwords are kept by the engine and never shown.",
    .actions = users_actions,
    .jumps = user_jumps,
    .class = &ui_list_class,
    .open = users_new,
};

const struct ui_screen user_screen = {
    .name = "user",
    .title = "User",
    .about = "One digest user and the phones that answer as it.",
    .actions = users_actions + IN_DETAIL,
    .jumps = user_jumps,
    .class = &ui_detail_class,
    .open = user_new,
};
