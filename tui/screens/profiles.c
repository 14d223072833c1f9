#include <string.h>

#include "client/rows.h"
#include "console/bulk.h"
#include "ringlock/profile.h"
#include "screens/common.h"
#include "screens/history.h"
#include "screens/import.h"
#include "screens/jumps.h"
#include "screens/objects.h"
#include "screens/screens.h"

/* Phone security profiles. Which fields there are follows from the type and the protocol
 * (profiles.md 1). */

static void mode_text(const json_t *row, struct rl_buf *out)
{
    rl_client_shown(row, &rl_object(RL_PROFILE)->fields[RL_PROFILE_MODE], out);
}

static unsigned mode_style(const json_t *row)
{
    return security_style(member(row, "mode"));
}

static void transport_text(const json_t *row, struct rl_buf *out)
{
    rl_client_shown(row, &rl_object(RL_PROFILE)->fields[RL_PROFILE_TRANSPORT], out);
}

static const struct ui_column profiles_columns[] = {
    {"name",             "Name",        20, 26, 1, UI_LEFT, NULL,           NULL,       true},
    {"type",             "Type",        8,  16, 2, UI_LEFT, NULL,           NULL,       true},
    {"protocol",         "Prot",        4,  4,  4, UI_LEFT, NULL,           NULL,       true},
    {"mode",             "Mode",        10, 13, 1, UI_LEFT, mode_text,      mode_style, true},
    {"transport",        "Transport",   9,  9,  3, UI_LEFT, transport_text, NULL,       true},
    {"digest",           "Dig",         3,  3,  5, UI_LEFT, NULL,           NULL,       true},
    {"encrypted_config", "Enc",         3,  3,  5, UI_LEFT, NULL,           NULL,       true},
    {"description",      "Description", 12, 20, 7, UI_LEFT, NULL,           NULL,       true},
};

static const struct ui_builtin profiles_views[] = {
    {"Nonsecure", "mode",       UI_OP_IS, "nonsecure", NULL},
    {"Made here", "predefined", UI_OP_IS, "no",        NULL},
};

static const struct ui_list_spec profiles_spec = {
    .one = "profile",
    .many = "profiles",
    .empty = "No profiles: A adds one.",
    .columns = profiles_columns,
    .ncolumns = sizeof profiles_columns / sizeof profiles_columns[0],
    .views = profiles_views,
    .nviews = sizeof profiles_views / sizeof profiles_views[0],
    .id = "name",
    .paging = UI_BY_KEY,
    .method = "object.list",
    .kind = "profile",
    .marks = true,
};

/* The form. */

/* What is filled in so far, and the type that it names. */
static void read_form(const struct ui_form *form, struct rl_row *profile, struct rl_row *type)
{
    rl_row_init(profile, rl_object(RL_PROFILE));
    for (int i = 0; i < RL_PROFILE_FIELDS; i++)
        rl_row_set(profile, i, ui_form_get(form, i));
    rl_client_row(type, RL_TYPE, form->type);
}

static bool profile_shows(const struct ui_form *form, int field)
{
    struct rl_row profile, type;
    read_form(form, &profile, &type);
    bool yes = rl_profile_has(&type, rl_row_get(&profile, RL_PROFILE_PROTOCOL), field) &&
               rl_profile_uses(&profile, field);
    rl_row_fini(&profile);
    rl_row_fini(&type);
    return yes;
}

static bool profile_offers(const struct ui_form *form, int field, const char *value,
                           const json_t *object)
{
    struct rl_row profile, type;
    if (field == RL_PROFILE_TYPE)
        return !type_is_gateway(object);
    if (!form->type)
        return true;
    read_form(form, &profile, &type);
    bool yes = rl_profile_takes(&type, &profile, field, value);
    rl_row_fini(&profile);
    rl_row_fini(&type);
    return yes;
}

const struct ui_form_spec profile_form = {
    .kind = RL_PROFILE, .shows = profile_shows, .offers = profile_offers};

/* The detail. */

static json_t *profile_params(struct ui_detail *d)
{
    return object_params(d, "profile");
}

static void profile_summary(struct ui_detail *d, struct ui_lines *out)
{
    struct rl_buf mode = {0};
    mode_text(d->data, &mode);
    ui_line(out, UI_NORMAL, "%-14s %s, %s%s", rl_buf_str(&mode), member(d->data, "type"),
            member(d->data, "protocol"),
            json_is_true(json_object_get(d->data, "predefined")) ? ", predefined: C copies it"
                                                                 : "");
    ui_line_span(out, 0, (int)mode.len, mode_style(d->data));
    rl_buf_fini(&mode);
}

static void overview_build(struct ui_detail *d, struct ui_lines *out)
{
    object_fields(d, RL_PROFILE, out);
}

static const struct ui_tab profile_tabs[] = {
    {"Overview", NULL,              NULL,                overview_build,     NULL},
    {"Used by",  "object.users_of", object_users_params, object_users_build, NULL},
    {"History",  "audit.list",      history_params,      history_build,      NULL},
};

static const struct ui_detail_spec profile_spec = {
    .one = "profile",
    .method = "object.show",
    .params = profile_params,
    .tabs = profile_tabs,
    .ntabs = sizeof profile_tabs / sizeof profile_tabs[0],
    .summary = profile_summary,
};

/* Keys. */

static unsigned profile_open(struct ui_view *view)
{
    return object_open(view, "profile");
}

static unsigned profile_add(struct ui_view *view)
{
    return object_add(view, &profile_form);
}

static unsigned profile_edit(struct ui_view *view)
{
    if (json_is_true(json_object_get(object_data(view), "predefined"))) {
        struct rl_err err;
        rl_fail(&err, RL_E_PROFILE_FIXED, "profile", "It is predefined: C copies it.");
        ui_say_error(view->app, &err);
        return UI_REDRAW;
    }
    return object_edit(view, &profile_form);
}

static unsigned profile_copy(struct ui_view *view)
{
    /* The certificate goes by the name, which will be another (R103). */
    json_t *from = json_copy((json_t *)(uintptr_t)object_data(view));
    json_object_del(from, "certificate");
    ui_form_open(view->app, &profile_form, NULL, from);
    json_decref(from);
    return UI_REDRAW;
}

static unsigned profile_assign(struct ui_view *view)
{
    return ui_assign_open(view, RL_PROFILE, -1);
}

static unsigned profile_remove(struct ui_view *view)
{
    return object_remove(view, RL_PROFILE);
}

/* Opening, adding and importing belong to the list; the detail has the actions after them. */
enum { IN_DETAIL = 3 };

/* clang-format off */
static const struct ui_action profiles_actions[] = {
    {"profile-open", "Enter", "open", "Show the profile under the cursor",
     UI_NEED_ROW, UI_SAFE, profile_open},
    {"profile-add", "A,F7", "add", "Add a security profile",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, profile_add},
    {"profile-import", "I", NULL, "Check or import a CSV file of security profiles",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, objects_import},
    {"profile-edit", "e", "edit", "Change the profile in a form",
     UI_NEED_ROW | UI_NEED_WRITE, UI_SAFE, profile_edit},
    {"profile-copy", "C", "copy", "Add a profile like the one under the cursor",
     UI_NEED_ROW | UI_NEED_WRITE, UI_SAFE, profile_copy},
    {"profile-assign", "F", NULL, "Give a field of the marked profiles one value",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, profile_assign},
    {"profile-delete", "D,F8", "delete", "Remove the security profile from this site",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_TYPE_NAME, profile_remove},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *profiles_new(struct ui_app *app, const struct ui_screen *screen,
                                    const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &profiles_spec)->view;
}

static struct ui_view *profile_new(struct ui_app *app, const struct ui_screen *screen,
                                   const char *object)
{
    return &ui_detail_new(app, screen, &profile_spec, object)->view;
}

const struct ui_screen profiles_screen = {
    .digit = 4,
    .name = "profiles",
    .title = "Profiles",
    .about =
        "Phone security profiles: what the phones that have one ask for. One profile is for one "
        "phone type and one protocol. Predefined ones can be copied, not changed.",
    .actions = profiles_actions,
    .jumps = profile_jumps,
    .class = &ui_list_class,
    .open = profiles_new,
};

const struct ui_screen profile_screen = {
    .name = "profile",
    .title = "Profile",
    .about = "One security profile: its fields, the phones that use it, its changes.",
    .actions = profiles_actions + IN_DETAIL,
    .jumps = profile_jumps,
    .class = &ui_detail_class,
    .open = profile_new,
};
