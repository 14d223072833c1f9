#include "screens/capf.h"

#include <string.h>

#include "client/rows.h"
#include "console/bulk.h"
#include "console/dialog.h"
#include "ringlock/capf.h"
#include "screens/common.h"
#include "screens/screens.h"

/* Certificate operations by CAPF (profiles.md 5). */

/* The phone's tab. */

static void operation_text(const json_t *capf, struct rl_buf *out)
{
    int i = rl_capf_index(rl_capf_operation_names, member(capf, "operation"));
    rl_buf_adds(out, i < 0 ? "" : rl_capf_operation_labels[i]);
}

static void installed_text(const json_t *capf, const char *which, struct rl_buf *out)
{
    const json_t *known = json_object_get(capf, which);
    rl_buf_adds(out, !json_is_boolean(known) ? "unknown" : json_is_true(known) ? "yes" : "no");
}

static void when_text(const json_t *capf, const char *which, struct rl_buf *out)
{
    if (*member(capf, which))
        time_text(member(capf, which), out);
}

json_t *capf_tab_params(struct ui_detail *d)
{
    return json_pack("{s:s}", "name", d->object);
}

static void field(struct ui_lines *out, const char *label, struct rl_buf *value)
{
    ui_line_field(out, label, value->len ? rl_buf_str(value) : "-");
    rl_buf_fini(value);
}

static void settings_lines(const json_t *capf, struct ui_lines *out)
{
    static const int fields[] = {RL_PROFILE_AUTH_MODE, RL_PROFILE_KEY_ORDER, RL_PROFILE_RSA_SIZE,
                                 RL_PROFILE_EC_SIZE};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct rl_buf value = {0};
        const struct rl_field *f = &rl_object(RL_PROFILE)->fields[fields[i]];
        rl_client_shown(capf, f, &value);
        field(out, f->label, &value);
        if (i == 0 && json_is_true(json_object_get(capf, "string")))
            ui_line_field(out, "Authentication String", "set");
    }
}

static void known_lines(const json_t *capf, struct ui_lines *out)
{
    static const char *const labels[][2] = {
        {"LSC installed", "lsc"},
        {"MIC installed", "mic"}
    };
    struct rl_buf value = {0};
    for (size_t i = 0; i < 2; i++) {
        installed_text(capf, labels[i][1], &value);
        field(out, labels[i][0], &value);
    }
    when_text(capf, "renew_at", &value);
    field(out, "Renewal is due", &value);
    if (number(capf, "tries") > 0)
        ui_line(out, UI_WARNING, "  %lld logins failed", (long long)number(capf, "tries"));
    if (*member(capf, "locked_until"))
        ui_line(out, UI_WARNING, "  locked out until %s", member(capf, "locked_until"));
    if (*member(capf, "lsc_sent"))
        ui_line_wrap(out, UI_WARNING, 2,
                     "A new LSC was sent, and the phone has not confirmed it: both the new and the "
                     "old one count until it tells.");
}

void capf_tab_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *capf = d->more[d->tab];
    struct rl_buf value = {0};
    if (!capf)
        return;
    ui_line(out, UI_STRONG, " Certification Authority Proxy Function (CAPF) Information");
    operation_text(capf, &value);
    field(out, "Certificate Operation", &value);
    settings_lines(capf, out);
    when_text(capf, "completes_by", &value);
    field(out, "Operation Completes By", &value);
    ui_line_field(out, "Certificate Operation Status", member(capf, "status_text"));
    ui_line_rule(out);
    known_lines(capf, out);
    ui_line_rule(out);
    ui_line(out, UI_NORMAL, " L orders an operation, or takes it back.");
}

/* Ordering. */

static enum rl_capf_operation wanted;

static void order(struct ui_view *view, json_t *values)
{
    struct ui_bulk bulk = {.kind = "phone",
                           .ids = ui_bulk_ids(view),
                           .values = values,
                           .method = "capf.set",
                           .did = wanted == RL_CAPF_NONE ? "taken back" : "ordered"};
    json_object_set_new(values, "operation", json_string(rl_capf_operation_names[wanted]));
    ui_batch(view, &bulk);
}

static unsigned string_typed(struct ui_view *view, const char *text)
{
    if (text)
        order(view, json_pack("{s:s}", "string", text));
    return UI_REDRAW;
}

static unsigned string_chosen(struct ui_view *view, size_t way)
{
    static const struct ui_prompt_spec prompt = {
        .label = "authentication string", .done = string_typed, .secret = true};
    if (way == 0)
        order(view, json_pack("{s:b}", "generate", 1));
    else if (way == 1)
        ui_prompt(view, &prompt, "");
    else
        order(view, json_object());
    return UI_REDRAW;
}

/* The profile of the first decides what is asked for: marked phones mostly have the same. */
static void settings_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                          const json_t *problems)
{
    static const char *const ways[] = {"Generate one for each phone; it is shown once",
                                       "Type one, 4 to 10 digits, for all of them",
                                       "The one that is set already"};
    (void)problems;
    if (err)
        ui_say_error(view->app, err);
    else if (strcmp(member(result, "auth_mode"), "string") == 0)
        ui_menu(view, "Authentication string, to be typed in at the phone", ways, 3, 0,
                string_chosen);
    else
        order(view, json_object());
}

static unsigned operation_chosen(struct ui_view *view, size_t index)
{
    static const enum rl_capf_operation operations[] = {RL_CAPF_INSTALL, RL_CAPF_DELETE,
                                                        RL_CAPF_TROUBLESHOOT, RL_CAPF_NONE};
    wanted = operations[index];
    if (wanted == RL_CAPF_NONE) {
        order(view, json_object());
        return UI_REDRAW;
    }
    json_t *ids = ui_bulk_ids(view);
    ui_ask(view, "capf.show", json_pack("{s:O}", "name", json_array_get(ids, 0)), settings_came);
    json_decref(ids);
    return UI_REDRAW;
}

unsigned capf_order(struct ui_view *view)
{
    static const char *const labels[] = {"Install/Upgrade: a new LSC", "Delete the LSC",
                                         "Troubleshoot: read back LSC or MIC",
                                         "No Pending Operation: take it back"};
    json_t *ids = ui_bulk_ids(view);
    size_t n = json_array_size(ids);
    struct rl_buf title = {0};
    if (n > 1)
        rl_buf_addf(&title, "Certificate Operation of %zu phones", n);
    else
        rl_buf_addf(&title, "Certificate Operation of %s",
                    json_string_value(json_array_get(ids, 0)));
    ui_menu(view, rl_buf_str(&title), labels, 4, 0, operation_chosen);
    rl_buf_fini(&title);
    json_decref(ids);
    return UI_REDRAW;
}

/* The list: what failed, then what waits. */

enum { SHOWN = 500 }; /* of each */

static void completes_text(const json_t *row, struct rl_buf *out)
{
    when_text(row, "completes_by", out);
}

static void lsc_text(const json_t *row, struct rl_buf *out)
{
    installed_text(row, "lsc", out);
}

static void mic_text(const json_t *row, struct rl_buf *out)
{
    installed_text(row, "mic", out);
}

static unsigned status_style(const json_t *row)
{
    return strcmp(member(row, "status"), "failed") == 0 ? UI_ERROR : UI_NORMAL;
}

static const struct ui_column capf_columns[] = {
    {"phone",        "Device Name",  15, 16, 1, UI_LEFT, NULL,           NULL,         true},
    {"operation",    "Operation",    10, 20, 3, UI_LEFT, operation_text, NULL,         true},
    {"status_text",  "Status",       17, 44, 1, UI_LEFT, NULL,           status_style, true},
    {"completes_by", "Completes by", 16, 16, 2, UI_LEFT, completes_text, NULL,         true},
    {"lsc",          "LSC",          7,  7,  4, UI_LEFT, lsc_text,       NULL,         true},
    {"mic",          "MIC",          7,  7,  5, UI_LEFT, mic_text,       NULL,         true},
};

static void put_rows(struct ui_list *list, const json_t *rows)
{
    const json_t *row;
    size_t i;
    json_array_foreach (rows, i, row)
        ui_list_put(list, row, false);
}

static void pending_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                         const json_t *problems)
{
    struct ui_list *list = (struct ui_list *)view;
    (void)problems;
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    put_rows(list, json_object_get(result, "rows"));
    list->loaded = true;
    ui_list_arrange(list);
}

static void failed_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    struct ui_list *list = (struct ui_list *)view;
    (void)problems;
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    ui_list_clear(list);
    put_rows(list, json_object_get(result, "rows"));
    ui_ask(view, "capf.list", json_pack("{s:s,s:i}", "status", "pending", "limit", SHOWN),
           pending_came);
}

static void capf_load(struct ui_list *list)
{
    ui_ask(&list->view, "capf.list", json_pack("{s:s,s:i}", "status", "failed", "limit", SHOWN),
           failed_came);
}

static void capf_notify(struct ui_list *list, const char *method, const json_t *params)
{
    (void)params;
    if (strcmp(method, "capf") == 0)
        ui_load(&list->view);
}

static const struct ui_list_spec capf_spec = {
    .one = "phone",
    .many = "phones",
    .empty = "No operation waits, and none failed: L orders one in the list of phones.",
    .columns = capf_columns,
    .ncolumns = sizeof capf_columns / sizeof capf_columns[0],
    .id = "phone",
    .paging = UI_AT_ONCE,
    .load = capf_load,
    .notify = capf_notify,
    .marks = true,
};

static unsigned capf_open(struct ui_view *view)
{
    ui_open(view->app, "phone", view->class->object(view));
    return UI_REDRAW;
}

static unsigned capf_cancel(struct ui_view *view)
{
    wanted = RL_CAPF_NONE;
    order(view, json_object());
    return UI_REDRAW;
}

static void capf_question(struct ui_view *view, const struct ui_action *action, struct rl_buf *out)
{
    json_t *ids = ui_bulk_ids(view);
    (void)action;
    rl_buf_addf(out, "Take back what waits for %zu phone%s, the first %s? Strings go with it.",
                json_array_size(ids), json_array_size(ids) == 1 ? "" : "s",
                json_string_value(json_array_get(ids, 0)));
    json_decref(ids);
}

/* clang-format off */
static const struct ui_action capf_actions[] = {
    {"capf-open", "Enter", "open", "Show the phone", UI_NEED_ROW, UI_SAFE, capf_open},
    {"capf-order", "L", "order", "Order another operation of the marked phones",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_ASKS_SELF, capf_order},
    {"capf-cancel", "D,F8", "take back", "Take back what waits for the marked phones; asks first",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_ASKS, capf_cancel},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *capf_new(struct ui_app *app, const struct ui_screen *screen,
                                const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &capf_spec)->view;
}

const struct ui_screen capf_screen = {
    .name = "capf",
    .title = "CAPF",
    .about = "Phones whose certificate operations failed or wait, at most 500 of each: LSCs that "
             "are to be installed, deleted or read back when the phone comes. It changes by itself "
             "as phones come.",
    .actions = capf_actions,
    .question = capf_question,
    .class = &ui_list_class,
    .open = capf_new,
};
