#include <stdlib.h>

#include "screens/common.h"
#include "screens/history.h"
#include "screens/jumps.h"
#include "screens/objects.h"
#include "screens/screens.h"
#include "screens/types.h"

/* Device types: the catalogue. It is read here and imported as packs; nothing in it is set by hand.
 */

static void known_text(const json_t *row, const char *key, struct rl_buf *out)
{
    const json_t *v = json_object_get(row, key);
    if (json_is_string(v))
        rl_buf_adds(out, json_string_value(v));
    else
        rl_buf_adds(out, json_is_true(v) ? "yes" : json_is_false(v) ? "no" : "?");
}

static void tls_text(const json_t *row, struct rl_buf *out)
{
    known_text(row, "tls_to_cucm", out);
}

static void srtp_text(const json_t *row, struct rl_buf *out)
{
    known_text(row, "srtp", out);
}

static void lock_text(const json_t *row, struct rl_buf *out)
{
    known_text(row, "lock_icon", out);
}

static void trusted_text(const json_t *row, struct rl_buf *out)
{
    known_text(row, "trusted", out);
}

static const struct ui_column types_columns[] = {
    {"model",          "Device Type",    10, 26, 1, UI_LEFT, NULL,         NULL, true },
    {"protocols",      "Protocols",      9,  9,  3, UI_LEFT, NULL,         NULL, false},
    {"security_class", "Security Class", 8,  16, 2, UI_LEFT, NULL,         NULL, true },
    {"tls_to_cucm",    "TLS",            3,  4,  3, UI_LEFT, tls_text,     NULL, true },
    {"srtp",           "SRTP",           4,  4,  3, UI_LEFT, srtp_text,    NULL, true },
    {"lock_icon",      "Icon",           4,  4,  4, UI_LEFT, lock_text,    NULL, true },
    {"trusted",        "Trust",          6,  6,  2, UI_LEFT, trusted_text, NULL, true },
    {"class",          "Class",          5,  14, 6, UI_LEFT, NULL,         NULL, true },
};

static const struct ui_builtin types_views[] = {
    {"Trusted",    "trusted", UI_OP_IS,        "yes", NULL},
    {"From packs", "pack",    UI_OP_NOT_EMPTY, NULL,  NULL},
};

static const struct ui_list_spec types_spec = {
    .one = "type",
    .many = "types",
    .empty = "The catalogue is empty.",
    .columns = types_columns,
    .ncolumns = sizeof types_columns / sizeof types_columns[0],
    .views = types_views,
    .nviews = sizeof types_views / sizeof types_views[0],
    .id = "model",
    .paging = UI_BY_KEY,
    .method = "object.list",
    .kind = "type",
    .marks = true,
};

static json_t *type_params(struct ui_detail *d)
{
    return object_params(d, "type");
}

static void type_summary(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *trusted = json_object_get(d->data, "trusted");
    bool yes = json_is_true(trusted);
    ui_line(out, yes ? UI_LOCKED : UI_OPEN, "%s  %s", yes ? "ok" : "!!",
            yes                     ? "Devices of this type are trusted"
            : json_is_null(trusted) ? "Devices of this type are not trusted: nothing is known"
                                    : "Devices of this type are not trusted");
}

/* The supplier's instructions for its certificates (R75). */
static void instructions_build(const struct ui_detail *d, struct ui_lines *out)
{
    const json_t *sentence, *list = json_object_get(d->data, "instructions");
    size_t i;
    if (json_array_size(list) == 0)
        return;
    ui_line(out, UI_NORMAL, "%s", "");
    ui_line(out, UI_STRONG, " The supplier's instructions");
    json_array_foreach ((json_t *)list, i, sentence) {
        char *text = rl_asprintf("%zu. %s", i + 1, json_string_value(sentence));
        ui_line_wrap(out, UI_NORMAL, 2, text);
        free(text);
    }
}

/* What the model can; what no source tells stays unknown (R62, R63). */
static void features_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *feature;
    size_t i;
    ui_line(out, UI_STRONG, " Security features");
    json_array_foreach (json_object_get(d->data, "features"), i, feature) {
        const char *value = member(feature, "value");
        ui_line_field(out, member(feature, "label"), *value ? value : "unknown");
    }
    instructions_build(d, out);
}

static void catalogue_build(struct ui_detail *d, struct ui_lines *out)
{
    object_fields(d, RL_TYPE, out);
}

static const struct ui_tab type_tabs[] = {
    {"Features",  NULL,              NULL,                features_build,     NULL},
    {"Catalogue", NULL,              NULL,                catalogue_build,    NULL},
    {"Used by",   "object.users_of", object_users_params, object_users_build, NULL},
    {"History",   "audit.list",      history_params,      history_build,      NULL},
};

static const struct ui_detail_spec type_spec = {
    .one = "type",
    .method = "object.show",
    .params = type_params,
    .tabs = type_tabs,
    .ntabs = sizeof type_tabs / sizeof type_tabs[0],
    .summary = type_summary,
};

static unsigned type_open(struct ui_view *view)
{
    return object_open(view, "type");
}

static unsigned type_remove(struct ui_view *view)
{
    return object_remove(view, RL_TYPE);
}

/* Opening and importing belong to the list; the detail has the actions after them. */
enum { IN_DETAIL = 2 };

/* clang-format off */
static const struct ui_action types_actions[] = {
    {"type-open", "Enter", "open", "Show what is known of the device type",
     UI_NEED_ROW, UI_SAFE, type_open},
    {"type-import", "I", "import", "Import a device pack, signed or not",
     UI_NEED_ENGINE | UI_NEED_ADMIN, UI_SAFE, type_import},
    {"type-delete", "D,F8", "delete", "Remove the device type that a pack brought",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_ADMIN, UI_TYPE_NAME, type_remove},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *types_new(struct ui_app *app, const struct ui_screen *screen,
                                 const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &types_spec)->view;
}

static struct ui_view *type_new(struct ui_app *app, const struct ui_screen *screen,
                                const char *object)
{
    return &ui_detail_new(app, screen, &type_spec, object)->view;
}

const struct ui_screen types_screen = {
    .digit = 8,
    .name = "types",
    .title = "Types",
    .about =
        "The device catalogue: what each model can, and whether its devices are trusted. '?' is "
        "not known, which is not the same as no. Packs bring types; nothing is set by hand.",
    .actions = types_actions,
    .jumps = type_jumps,
    .class = &ui_list_class,
    .open = types_new,
};

const struct ui_screen type_screen = {
    .name = "type",
    .title = "Type",
    .about = "One device type: its security features, all that the catalogue says and from which "
             "source, and what is of this type here.",
    .actions = types_actions + IN_DETAIL,
    .jumps = type_jumps,
    .class = &ui_detail_class,
    .open = type_new,
};
