#include "client/rows.h"
#include "console/bulk.h"
#include "screens/certs.h"
#include "screens/common.h"
#include "screens/history.h"
#include "screens/import.h"
#include "screens/jumps.h"
#include "screens/objects.h"
#include "screens/screens.h"

/* Gateways: as phones, their trust comes from the device type (R45-R48). */

static const struct ui_column gateways_columns[] = {
    {"name",         "Device Name", 8, 16, 1, UI_LEFT, NULL,       NULL,        true},
    {"description",  "Description", 6, 24, 2, UI_LEFT, NULL,       NULL,        true},
    {"type",         "Device Type", 8, 16, 3, UI_LEFT, NULL,       NULL,        true},
    {"protocol",     "Prot",        4, 5,  5, UI_LEFT, NULL,       NULL,        true},
    {"address",      "Address",     7, 15, 4, UI_LEFT, NULL,       NULL,        true},
    {"srtp_allowed", "SRTP",        4, 4,  4, UI_LEFT, NULL,       NULL,        true},
    {"trusted",      "Trust",       5, 7,  2, UI_LEFT, trust_text, trust_style, true},
};

static const struct ui_builtin gateways_views[] = {
    {"Not trusted",      "trusted",      UI_OP_IS, "no", NULL},
    {"SRTP not allowed", "srtp_allowed", UI_OP_IS, "no", NULL},
};

static const struct ui_list_spec gateways_spec = {
    .one = "gateway",
    .many = "gateways",
    .empty = "No gateways yet: A adds one.",
    .columns = gateways_columns,
    .ncolumns = sizeof gateways_columns / sizeof gateways_columns[0],
    .views = gateways_views,
    .nviews = sizeof gateways_views / sizeof gateways_views[0],
    .id = "name",
    .paging = UI_BY_KEY,
    .method = "object.list",
    .kind = "gateway",
    .marks = true,
};

static bool gateway_offers(const struct ui_form *form, int field, const char *value,
                           const json_t *object)
{
    if (field == RL_GATEWAY_TYPE)
        return type_is_gateway(object);
    return field != RL_GATEWAY_PROTOCOL || form_has_protocol(form, value);
}

const struct ui_form_spec gateway_form = {.kind = RL_GATEWAY, .offers = gateway_offers};

static json_t *gateway_params(struct ui_detail *d)
{
    return object_params(d, "gateway");
}

static void gateway_summary(struct ui_detail *d, struct ui_lines *out)
{
    trust_line(d->data, out);
}

static void overview_build(struct ui_detail *d, struct ui_lines *out)
{
    object_fields(d, RL_GATEWAY, out);
}

/* What decides about the lock of its calls, as far as it is known here. */
static void security_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *type = json_object_get(d->data, "type_info");
    const struct rl_object *obj = rl_object(RL_TYPE);
    static const int shown[] = {RL_TYPE_SECURITY_CLASS, RL_TYPE_TLS, RL_TYPE_SRTP,
                                RL_TYPE_ENCRYPTION, RL_TYPE_LOCK_ICON};
    char room[32];
    ui_line(out, UI_STRONG, " Security of the gateway");
    ui_line_field(out, "Trust", member(d->data, "trust_message"));
    ui_line_field(out, "SRTP Allowed", ui_member(d->data, "srtp_allowed", room));
    ui_line(out, UI_STRONG, " What its type can");
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        struct rl_buf value = {0};
        rl_client_shown(type, &obj->fields[shown[i]], &value);
        ui_line_field(out, obj->fields[shown[i]].label, value.len ? value.data : "-");
        rl_buf_fini(&value);
    }
    ui_line_rule(out);
    ui_line(out, UI_NORMAL, " Device type       %s", member(d->data, "type"));
    ui_line_focus(out, "type", member(d->data, "type"));
    ui_line_wrap(out, UI_NORMAL, 1,
                 "Trust comes from the device type alone and cannot be set. SRTP Allowed hides the "
                 "media only where TLS or IPsec hides its keys.");
}

/* Those on file for it. */
static json_t *certificates_params(struct ui_detail *d)
{
    return json_pack("{s:s,s:[{s:s,s:s,s:s}]}", "kind", "cert", "criteria", "field", "device", "op",
                     ui_op_names[UI_OP_IS], "value", d->object);
}

static void certificates_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *certs = json_object_get(d->more[d->tab], "rows");
    ui_line(out, UI_STRONG, " Certificates on file (%zu)", json_array_size(certs));
    cert_lines(certs, out);
}

static const struct ui_tab gateway_tabs[] = {
    {"Overview",     NULL,          NULL,                overview_build,     NULL},
    {"Security",     NULL,          NULL,                security_build,     NULL},
    {"Certificates", "object.list", certificates_params, certificates_build, NULL},
    {"Calls",        "call.list",   object_calls_params, object_calls_build, NULL},
    {"History",      "audit.list",  history_params,      history_build,      NULL},
};

static const struct ui_detail_spec gateway_spec = {
    .one = "gateway",
    .method = "object.show",
    .params = gateway_params,
    .tabs = gateway_tabs,
    .ntabs = sizeof gateway_tabs / sizeof gateway_tabs[0],
    .summary = gateway_summary,
};

static unsigned gateway_open(struct ui_view *view)
{
    return object_open(view, "gateway");
}

static unsigned gateway_add(struct ui_view *view)
{
    return object_add(view, &gateway_form);
}

static unsigned gateway_edit(struct ui_view *view)
{
    return object_edit(view, &gateway_form);
}

static unsigned gateway_assign(struct ui_view *view)
{
    return ui_assign_open(view, RL_GATEWAY, -1);
}

static unsigned gateway_remove(struct ui_view *view)
{
    return object_remove(view, RL_GATEWAY);
}

/* Opening, adding and importing belong to the list; the detail has the actions after them. */
enum { IN_DETAIL = 3 };

/* clang-format off */
static const struct ui_action gateways_actions[] = {
    {"gateway-open", "Enter", "open", "Show the gateway under the cursor",
     UI_NEED_ROW, UI_SAFE, gateway_open},
    {"gateway-add", "A,F7", "add", "Add a gateway",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, gateway_add},
    {"gateway-import", "I", NULL, "Check or import a CSV file of gateways",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, objects_import},
    {"gateway-edit", "e", "edit", "Change the gateway in a form",
     UI_NEED_ROW | UI_NEED_WRITE, UI_SAFE, gateway_edit},
    {"gateway-assign", "F", NULL, "Give a field of the marked gateways one value",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, gateway_assign},
    {"gateway-delete", "D,F8", "delete", "Remove the gateway from this site",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_TYPE_NAME, gateway_remove},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *gateways_new(struct ui_app *app, const struct ui_screen *screen,
                                    const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &gateways_spec)->view;
}

static struct ui_view *gateway_new(struct ui_app *app, const struct ui_screen *screen,
                                   const char *object)
{
    return &ui_detail_new(app, screen, &gateway_spec, object)->view;
}

const struct ui_screen gateways_screen = {
    .digit = 3,
    .name = "gateways",
    .title = "Gateways",
    .about = "The gateways and trunks of the site. Whether one is trusted follows from its device "
             "type and cannot be set.",
    .actions = gateways_actions,
    .jumps = gateway_jumps,
    .class = &ui_list_class,
    .open = gateways_new,
};

const struct ui_screen gateway_screen = {
    .name = "gateway",
    .title = "Gateway",
    .about = "One gateway: its fields, what decides about the lock of its calls, its calls and "
             "changes. Left and Right turn the tabs.",
    .actions = gateways_actions + IN_DETAIL,
    .jumps = gateway_jumps,
    .class = &ui_detail_class,
    .open = gateway_new,
};
