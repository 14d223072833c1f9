#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "client/rows.h"
#include "console/dialog.h"
#include "screens/certs.h"
#include "screens/common.h"
#include "screens/history.h"
#include "screens/jumps.h"
#include "screens/objects.h"
#include "screens/screens.h"

/* Certificates on file: the list, soonest end first, and one in full. */

/* State and time left. */

static bool is_state(const json_t *cert, const char *state)
{
    return strcmp(member(cert, "state"), state) == 0;
}

static int soon_days = 30; /* until the engine has said another number */

void cert_soon(int days)
{
    soon_days = days;
}

static bool ends_soon(const json_t *cert)
{
    return number(cert, "days_left") <= soon_days;
}

static void state_text(const json_t *cert, struct rl_buf *out)
{
    if (is_state(cert, "expired"))
        rl_buf_adds(out, "!! EXPIRED");
    else if (is_state(cert, "not-yet-valid"))
        rl_buf_adds(out, "!! NOT YET");
    else
        rl_buf_adds(out, ends_soon(cert) ? "!  soon" : "ok");
}

static unsigned state_style(const json_t *cert)
{
    if (!is_state(cert, "valid"))
        return UI_OPEN;
    return ends_soon(cert) ? UI_WARNING : UI_LOCKED;
}

/* "9 d", "-2 d"; years from two years on. */
static void left_text(const json_t *cert, struct rl_buf *out)
{
    enum { YEAR = 365 };
    long long days = number(cert, "days_left");
    if (!json_object_get(cert, "days_left"))
        return;
    if (days >= 2 * YEAR || days <= -2 * YEAR)
        rl_buf_addf(out, "%lld y", days / YEAR);
    else
        rl_buf_addf(out, "%lld d", days);
}

static void ends_text(const json_t *cert, struct rl_buf *out)
{
    const char *end = member(cert, "not_after");
    rl_buf_add(out, end, strcspn(end, "T"));
}

static void usage_text(const json_t *cert, struct rl_buf *out)
{
    rl_client_shown(cert, &rl_object(RL_CERTIFICATE)->fields[RL_CERTIFICATE_USAGE], out);
}

/* The device that it belongs to, or the profile that shares it. */
static void user_text(const json_t *cert, struct rl_buf *out)
{
    const char *device = member(cert, "device");
    rl_buf_adds(out, *device ? device : member(cert, "profile"));
}

void cert_lines(const json_t *certs, struct ui_lines *out)
{
    const json_t *cert;
    size_t i;
    json_array_foreach (certs, i, cert) {
        struct rl_buf state = {0}, left = {0}, usage = {0};
        state_text(cert, &state);
        left_text(cert, &left);
        usage_text(cert, &usage);
        ui_line(out, UI_NORMAL, "  %-11s %.10s %6s  %-11s %s", rl_buf_str(&state),
                member(cert, "not_after"), rl_buf_str(&left), rl_buf_str(&usage),
                member(cert, "name"));
        ui_line_span(out, 2, (int)state.len, state_style(cert));
        ui_line_focus(out, "cert", member(cert, "name"));
        rl_buf_fini(&state);
        rl_buf_fini(&left);
        rl_buf_fini(&usage);
    }
}

/* The list. */

static const struct ui_column certs_columns[] = {
    {"not_after",   "Ends",        10, 10, 1, UI_LEFT,  ends_text,  NULL,        true },
    {"days_left",   "Left",        5,  6,  3, UI_RIGHT, left_text,  NULL,        false},
    {"usage",       "Usage",       10, 11, 4, UI_LEFT,  usage_text, NULL,        true },
    {"name",        "Certificate", 15, 24, 1, UI_LEFT,  NULL,       NULL,        true },
    {"device",      "Used by",     15, 15, 2, UI_LEFT,  user_text,  NULL,        true },
    {"state",       "State",       10, 10, 1, UI_LEFT,  state_text, state_style, false},
    {"store",       "Purpose",     17, 17, 5, UI_LEFT,  NULL,       NULL,        true },
    {"common_name", "Common Name", 10, 24, 6, UI_LEFT,  NULL,       NULL,        true },
    {"issuer",      "Issued By",   10, 24, 7, UI_LEFT,  NULL,       NULL,        true },
    {"description", "Description", 10, 24, 8, UI_LEFT,  NULL,       NULL,        true },
};

/* What ends first is among the first rows. */
static void certs_status(struct ui_list *list, struct rl_buf *out)
{
    size_t expired = 0;
    for (size_t i = 0; i < list->nrows; i++)
        expired += is_state(list->row[i].json, "expired");
    if (expired)
        rl_buf_addf(out, "%zu expired: replace %s first", expired, expired == 1 ? "it" : "these");
}

static const struct ui_builtin certs_views[] = {
    {"Expiring",   "not_after", UI_OP_BEFORE,    "30d",    NULL},
    {"Of devices", "device",    UI_OP_NOT_EMPTY, NULL,     NULL},
    {"Shared",     "usage",     UI_OP_IS,        "shared", NULL},
};

static const struct ui_list_spec certs_spec = {
    .one = "certificate",
    .many = "certificates",
    .empty = "No certificates on file yet: A uploads one.",
    .columns = certs_columns,
    .ncolumns = sizeof certs_columns / sizeof certs_columns[0],
    .views = certs_views,
    .nviews = sizeof certs_views / sizeof certs_views[0],
    .id = "name",
    .sort = "not_after",
    .paging = UI_BY_KEY,
    .method = "object.list",
    .kind = "cert",
    .marks = true,
    .status = certs_status,
};

/* One in full. */

static json_t *cert_params(struct ui_detail *d)
{
    return object_params(d, "cert");
}

static void cert_summary(struct ui_detail *d, struct ui_lines *out)
{
    struct rl_buf text = {0}, state = {0};
    state_text(d->data, &state);
    long long days = number(d->data, "days_left");
    rl_buf_addf(&text, "%s  ", rl_buf_str(&state));
    if (is_state(d->data, "expired"))
        rl_buf_addf(&text, "since %lld days: ", -days);
    else if (is_state(d->data, "valid"))
        rl_buf_addf(&text, "%lld days left: ", days);
    rl_buf_addf(&text, "%s to %s", member(d->data, "not_before"), member(d->data, "not_after"));
    ui_line(out, UI_NORMAL, "%s", rl_buf_str(&text));
    ui_line_span(out, 0, (int)state.len, state_style(d->data));
    rl_buf_fini(&text);
    rl_buf_fini(&state);
}

static void summary_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *users = json_object_get(d->data, "used_by");
    out->stops = true;
    object_fields(d, RL_CERTIFICATE, out);
    ui_line_rule(out);
    cert_summary(d, out);
    if (json_array_size(users) > 0 && !is_state(d->data, "valid"))
        ui_line_wrap(out, UI_WARNING, 1,
                     "What uses it is not secure: upload the next certificate with A.");
    else if (json_array_size(users) > 0 && ends_soon(d->data))
        ui_line_wrap(out, UI_WARNING, 1,
                     "What uses it needs the next one before the end: upload it with A.");
}

/* From its issuer up. */
static void chain_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *chain = json_object_get(d->data, "chain"), *issuer;
    const char *self = member(d->data, "self_signed");
    size_t i;
    ui_line(out, UI_STRONG, " Signed by");
    json_array_foreach (chain, i, issuer) {
        ui_line(out, UI_NORMAL, "  %zu  %-24s %s", i + 1, member(issuer, "name"),
                member(issuer, "state"));
        ui_line_focus(out, "cert", member(issuer, "name"));
        ui_line_wrap(out, UI_FAINT, 5, member(issuer, "subject"));
    }
    if (json_array_size(chain) > 0)
        return;
    if (strcmp(self, "yes") == 0 || json_is_true(json_object_get(d->data, "self_signed")))
        ui_line(out, UI_NORMAL, "  itself: it is trusted because it is on file");
    else
        ui_line(out, UI_NORMAL, "  its issuer is not on file: it is trusted by its digest alone");
}

static void users_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *users = json_object_get(d->data, "used_by"), *user;
    size_t i;
    ui_line(out, UI_STRONG, " Used by %zu", json_array_size(users));
    json_array_foreach (users, i, user) {
        ui_line(out, UI_NORMAL, "  %-10s %s", member(user, "kind"), member(user, "name"));
        ui_line_focus(out, member(user, "kind"), member(user, "name"));
    }
}

static void users_badge(struct ui_detail *d, struct rl_buf *out)
{
    rl_buf_addf(out, "%zu", json_array_size(json_object_get(d->data, "used_by")));
}

static const struct ui_tab cert_tabs[] = {
    {"Summary", NULL,         NULL,           summary_build, NULL       },
    {"Chain",   NULL,         NULL,           chain_build,   NULL       },
    {"Used by", NULL,         NULL,           users_build,   users_badge},
    {"History", "audit.list", history_params, history_build, NULL       },
};

static const struct ui_detail_spec cert_spec = {
    .one = "certificate",
    .method = "object.show",
    .params = cert_params,
    .tabs = cert_tabs,
    .ntabs = sizeof cert_tabs / sizeof cert_tabs[0],
    .summary = cert_summary,
};

/* Keys. */

static unsigned cert_open(struct ui_view *view)
{
    return object_open(view, "cert");
}

static unsigned cert_upload(struct ui_view *view)
{
    cert_upload_open(view->app, "");
    return UI_REDRAW;
}

/* Of the server's own: another one, in an order that leaves no phone behind. */
static unsigned cert_renew(struct ui_view *view)
{
    const char *name = view->class->object(view);
    if (name && rl_store_is_own(name))
        ui_open(view->app, "renewal", name);
    else
        ui_say(view->app, "!", "%s is not of the server's own: upload the next one with A.",
               name ? name : "This");
    return UI_REDRAW;
}

static bool cert_shows(const struct ui_form *form, int field)
{
    return !(form->obj->fields[field].flags & RL_FF_SYSTEM);
}

const struct ui_form_spec cert_form = {.kind = RL_CERTIFICATE, .shows = cert_shows};

static unsigned cert_edit(struct ui_view *view)
{
    return object_edit(view, &cert_form);
}

static unsigned cert_remove(struct ui_view *view)
{
    return object_remove(view, RL_CERTIFICATE);
}

static const char *pem_of(struct ui_view *view)
{
    return member(((struct ui_detail *)view)->data, "pem");
}

static unsigned pem_named(struct ui_view *view, const char *path)
{
    struct rl_err err;
    if (!path)
        return UI_REDRAW;
    if (rl_file_write(path, pem_of(view), strlen(pem_of(view)), &err) != RL_OK)
        ui_say_error(view->app, &err);
    else
        ui_say(view->app, "i", "saved in %s", path);
    return UI_REDRAW;
}

static const struct ui_prompt_spec pem_prompt = {
    .label = "save the PEM text in",
    .done = pem_named,
    .complete = ui_prompt_file,
    .names = ui_prompt_files,
};

static unsigned pem_chosen(struct ui_view *view, size_t index)
{
    char *name = rl_asprintf("%s.pem", ((struct ui_detail *)view)->object);
    if (index == 0)
        ui_copy(view->app, pem_of(view));
    else
        ui_prompt(view, &pem_prompt, name);
    free(name);
    return UI_REDRAW;
}

static unsigned cert_pem(struct ui_view *view)
{
    static const char *const ways[] = {"Copy it to the clipboard of the terminal",
                                       "Save it in a file"};
    ui_menu(view, "The certificate as PEM text", ways, 2, 0, pem_chosen);
    return UI_REDRAW;
}

/* clang-format off */
static const struct ui_action certs_actions[] = {
    {"cert-open", "Enter", "open", "Show the certificate under the cursor",
     UI_NEED_ROW, UI_SAFE, cert_open},
    {"cert-upload", "A,F7", "upload", "Upload a certificate or a certificate chain",
     UI_NEED_ENGINE | UI_NEED_ADMIN, UI_SAFE, cert_upload},
    {"cert-edit", "e", "edit", "Change the description and the origin",
     UI_NEED_ROW | UI_NEED_ADMIN, UI_SAFE, cert_edit},
    {"cert-renew", "R", "renew", "Renew a certificate of the server: what becomes of phones, step by step",
     UI_NEED_ROW | UI_NEED_ENGINE, UI_SAFE, cert_renew},
    {"cert-delete", "D,F8", "delete", "Remove the certificate from its store",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_ADMIN, UI_TYPE_NAME, cert_remove},
    {.name = NULL},
};

static const struct ui_action cert_actions[] = {
    {"cert-upload", "A,F7", "upload", "Upload a certificate or a certificate chain",
     UI_NEED_ENGINE | UI_NEED_ADMIN, UI_SAFE, cert_upload},
    {"cert-edit", "e", "edit", "Change the description and the origin",
     UI_NEED_ROW | UI_NEED_ADMIN, UI_SAFE, cert_edit},
    {"cert-renew", "R", "renew", "Renew a certificate of the server: what becomes of phones, step by step",
     UI_NEED_ROW | UI_NEED_ENGINE, UI_SAFE, cert_renew},
    {"cert-delete", "D,F8", "delete", "Remove the certificate from its store",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_ADMIN, UI_TYPE_NAME, cert_remove},
    {"cert-pem", "P", "PEM", "Copy the certificate as PEM text, or save it in a file",
     UI_NEED_ROW, UI_SAFE, cert_pem},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *certs_new(struct ui_app *app, const struct ui_screen *screen,
                                 const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &certs_spec)->view;
}

static struct ui_view *cert_new(struct ui_app *app, const struct ui_screen *screen,
                                const char *object)
{
    return &ui_detail_new(app, screen, &cert_spec, object)->view;
}

const struct ui_screen certs_screen = {
    .digit = 5,
    .name = "certs",
    .title = "Certificates",
    .about =
        "The certificates on file, what ends first leading: those of phones and profiles, of CAs, "
        "of who signs device packs, and the engine's own. You know this window as: OS "
        "Administration, Security > Certificate Management.",
    .actions = certs_actions,
    .jumps = cert_jumps,
    .class = &ui_list_class,
    .open = certs_new,
};

const struct ui_screen cert_screen = {
    .name = "cert",
    .title = "Certificate",
    .about = "One certificate: what it says, who signed it, what uses it, its changes. Private "
             "keys are never shown. Left and Right turn the tabs.",
    .actions = cert_actions,
    .jumps = cert_jumps,
    .class = &ui_detail_class,
    .open = cert_new,
};
