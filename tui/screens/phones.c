#include <string.h>
#include <strings.h>

#include "client/rows.h"
#include "console/bulk.h"
#include "console/wizard.h"
#include "ringlock/profile.h"
#include "screens/capf.h"
#include "screens/certs.h"
#include "screens/common.h"
#include "screens/files.h"
#include "screens/history.h"
#include "screens/import.h"
#include "screens/jumps.h"
#include "screens/objects.h"
#include "screens/phone_check.h"
#include "screens/screens.h"

/* Phones: the list, the detail with the security settings, the form. */

/* What a call would be as far as this phone goes: an untrusted one never locks (R52). */
static bool phone_registered(const json_t *row, enum rl_security *level)
{
    if (!rl_security_parse(member(row, "registered"), level))
        return false;
    if (!is_trusted(row))
        *level = RL_NONSECURE;
    return true;
}

static void phone_lock_text(const json_t *row, struct rl_buf *out)
{
    enum rl_security level;
    rl_buf_adds(out, phone_registered(row, &level) ? rl_security_word(level) : "----");
}

static unsigned phone_lock_style(const json_t *row)
{
    static const unsigned styles[] = {UI_OPEN, UI_SHIELDED, UI_LOCKED};
    enum rl_security level;
    return phone_registered(row, &level) ? styles[level] : UI_FAINT;
}

static const struct ui_column phones_columns[] = {
    {"lock",        "Lock",        4,  4,  1, UI_LEFT, phone_lock_text, phone_lock_style, false},
    {"name",        "Device Name", 15, 16, 1, UI_LEFT, NULL,            NULL,             true },
    {"description", "Description", 13, 16, 2, UI_LEFT, NULL,            NULL,             true },
    {"type",        "Type",        10, 12, 4, UI_LEFT, NULL,            NULL,             true },
    {"protocol",    "Prot",        4,  4,  6, UI_LEFT, NULL,            NULL,             true },
    {"profile",     "Profile",     14, 16, 3, UI_LEFT, NULL,            NULL,             true },
    {"lines",       "Lines",       6,  9,  3, UI_LEFT, NULL,            NULL,             false},
    {"owner",       "Owner",       10, 12, 7, UI_LEFT, NULL,            NULL,             true },
    {"trusted",     "Trust",       5,  7,  2, UI_LEFT, trust_text,      trust_style,      true },
};

static const struct ui_builtin phones_views[] = {
    {"Not trusted",               "trusted",   UI_OP_IS,       "no",                 NULL},
    {"Shipped nonsecure profile", "profile",   UI_OP_CONTAINS, "Non-Secure Profile", NULL},
    {"Without owner",             "owner",     UI_OP_EMPTY,    NULL,                 NULL},
    {"Protected",                 "protected", UI_OP_IS,       "yes",                NULL},
};

static const struct ui_list_spec phones_spec = {
    .one = "phone",
    .many = "phones",
    .empty = "No phones yet: A adds one.",
    .columns = phones_columns,
    .ncolumns = sizeof phones_columns / sizeof phones_columns[0],
    .views = phones_views,
    .nviews = sizeof phones_views / sizeof phones_views[0],
    .id = "name",
    .paging = UI_BY_KEY,
    .method = "object.list",
    .kind = "phone",
    .marks = true,
};

/* The form. */

/* The settings that a phone has from its profile, as a profile's, and the type. */
static void read_settings(const struct ui_form *form, struct rl_row *profile, struct rl_row *type)
{
    rl_row_init(profile, rl_object(RL_PROFILE));
    rl_row_set(profile, RL_PROFILE_PROTOCOL, ui_form_get(form, RL_PHONE_PROTOCOL));
    for (int i = RL_PHONE_STORED; i < RL_PHONE_FIELDS; i++)
        rl_row_set(profile, rl_profile_field_of_phone(i), ui_form_get(form, i));
    rl_client_row(type, RL_TYPE, form->type);
}

static bool phone_shows(const struct ui_form *form, int field)
{
    struct rl_row profile, type;
    int of_profile = rl_profile_field_of_phone(field);
    read_settings(form, &profile, &type);
    bool yes = rl_phone_has(&type, ui_form_get(form, RL_PHONE_PROTOCOL), field) &&
               (of_profile < 0 || rl_profile_uses(&profile, of_profile));
    rl_row_fini(&profile);
    rl_row_fini(&type);
    return yes;
}

static bool phone_offers(const struct ui_form *form, int field, const char *value,
                         const json_t *object)
{
    struct rl_row profile, type;
    int of_profile = rl_profile_field_of_phone(field);
    if (field == RL_PHONE_TYPE)
        return !type_is_gateway(object);
    if (of_profile < 0)
        return field != RL_PHONE_PROTOCOL || form_has_protocol(form, value);
    read_settings(form, &profile, &type);
    bool yes = rl_profile_takes(&type, &profile, of_profile, value);
    rl_row_fini(&profile);
    rl_row_fini(&type);
    return yes;
}

/* Only profiles of the type and protocol are listed (R92). */
static json_t *phone_criteria(const struct ui_form *form, int field)
{
    json_t *criteria = json_array();
    if (field == RL_PHONE_PROFILE) {
        form_criterion(criteria, "type", ui_form_get(form, RL_PHONE_TYPE));
        form_criterion(criteria, "protocol", ui_form_get(form, RL_PHONE_PROTOCOL));
    }
    return criteria;
}

const struct ui_form_spec phone_form = {
    .kind = RL_PHONE, .shows = phone_shows, .offers = phone_offers, .criteria = phone_criteria};

/* The detail. */

static json_t *phone_params(struct ui_detail *d)
{
    return object_params(d, "phone");
}

static void phone_summary(struct ui_detail *d, struct ui_lines *out)
{
    trust_line(d->data, out);
}

static void registration_lines(const json_t *reg, struct ui_lines *out)
{
    struct rl_buf text = {0};
    bool known = strcmp(member(reg, "state"), "registered") == 0;
    ui_line(out, UI_STRONG, " Registration, as seen in the signalling");
    if (!known) {
        ui_line_field(out, "State", "unknown: none was seen since the engine started");
        return;
    }
    rl_buf_adds(&text, "registered since ");
    clock_text(member(reg, "since"), &text);
    ui_line_field(out, "State", rl_buf_str(&text));
    rl_buf_clear(&text);
    upper_text(member(reg, "transport"), &text);
    rl_buf_addf(&text, ", %s", member(reg, "address"));
    ui_line_field(out, "Transport, address", rl_buf_str(&text));
    rl_buf_fini(&text);
}

static void denial_lines(const json_t *denials, struct ui_lines *out)
{
    const json_t *event;
    size_t i;
    if (json_array_size(denials) > 0)
        ui_line(out, UI_STRONG, " Turned away");
    json_array_foreach (denials, i, event) {
        struct rl_buf at = {0};
        time_text(member(event, "time"), &at);
        ui_line(out, UI_WARNING, "  %-16s  %s", rl_buf_str(&at), member(event, "message"));
        ui_line_focus(out, NULL, NULL);
        rl_buf_fini(&at);
    }
}

static void overview_build(struct ui_detail *d, struct ui_lines *out)
{
    object_fields(d, RL_PHONE, out);
    registration_lines(json_object_get(d->data, "registration"), out);
    denial_lines(json_object_get(d->data, "denials"), out);
}

/* View phone security settings (R111-R115): what is wanted, what was seen, and whether they agree.
 */

static void setting(struct ui_lines *out, const char *label, const char *wanted, const char *seen,
                    const char *status)
{
    struct rl_buf text = {0};
    ui_fit(&text, label, 26, UI_LEFT);
    ui_fit(&text, *wanted ? wanted : "-", 20, UI_LEFT);
    rl_buf_addc(&text, ' ');
    int room = out->cols - 1 - 26 - 21 - 8;
    ui_fit(&text, *seen ? seen : "-", room, UI_LEFT);
    ui_line(out, UI_NORMAL, " %s %s", rl_buf_str(&text), status);
    bool bad = strncmp(status, "!!", 2) == 0, ok = strcmp(status, "ok") == 0;
    ui_line_span(out, 27 + 21 + room + 1, 7, bad ? UI_OPEN : ok ? UI_LOCKED : UI_NORMAL);
    ui_line_focus(out, NULL, NULL);
    rl_buf_fini(&text);
}

static const char *seen_level(const json_t *reg)
{
    const char *sig = member(reg, "signaling");
    if (strcmp(member(reg, "state"), "registered") != 0)
        return "unknown";
    if (strcmp(sig, "encrypted") == 0)
        return "encrypted";
    return strcmp(sig, "null-cipher") == 0 ? "authenticated" : "nonsecure";
}

static const char *agree(const char *wanted, const char *seen)
{
    if (strcmp(seen, "unknown") == 0)
        return "?";
    return strcmp(wanted, seen) == 0 ? "ok" : "!!";
}

static void signalling_settings(const json_t *profile, const json_t *reg, struct ui_lines *out)
{
    const struct rl_object *obj = rl_object(RL_PROFILE);
    struct rl_buf mode = {0}, transport = {0}, digest = {0}, peer = {0};
    const char *seen = seen_level(reg), *over = member(reg, "transport");
    bool tls_wanted = strcmp(member(profile, "transport"), "tls") == 0;
    bool tls_seen = strcasecmp(over, "tls") == 0;
    rl_client_shown(profile, &obj->fields[RL_PROFILE_MODE], &mode);
    rl_client_shown(profile, &obj->fields[RL_PROFILE_TRANSPORT], &transport);
    rl_client_shown(profile, &obj->fields[RL_PROFILE_DIGEST], &digest);
    setting(out, "Device Security Mode", rl_buf_str(&mode), seen,
            agree(member(profile, "mode"), seen));
    upper_text(*over ? over : "", &peer);
    setting(out, "Transport Type", rl_buf_str(&transport), *over ? peer.data : "unknown",
            !*over                   ? "?"
            : tls_wanted == tls_seen ? "ok"
                                     : "!!");
    setting(out, "Cipher", "", member(reg, "cipher"), "-");
    setting(out, "Enable Digest", rl_buf_str(&digest), "", "-");
    rl_buf_fini(&mode);
    rl_buf_fini(&transport);
    rl_buf_fini(&digest);
    rl_buf_fini(&peer);
}

/* A field of the profile, where profiles of the type have it (R73). */
static void profile_setting(const json_t *phone, enum rl_profile_field field, struct ui_lines *out)
{
    const struct rl_field *f = &rl_object(RL_PROFILE)->fields[field];
    struct rl_buf value = {0};
    if (!rl_client_shows(RL_PROFILE, phone, field))
        return;
    rl_client_shown(json_object_get(phone, "profile_info"), f, &value);
    setting(out, f->label, rl_buf_str(&value), "", "-");
    rl_buf_fini(&value);
}

/* Those on file: its own, and what its profile shares. */
static void uploaded_settings(const json_t *certificates, const json_t *type, struct ui_lines *out)
{
    const char *mode = member(type, "cert_mode");
    const char *wanted = strcmp(mode, "shared") == 0 ? "one that it shares"
                         : strcmp(mode, "both") == 0 ? "its own or shared"
                                                     : "its own";
    const json_t *cert;
    size_t i;
    if (json_array_size(certificates) == 0)
        setting(out, "Uploaded certificate", wanted, "none on file", "!!");
    json_array_foreach (certificates, i, cert) {
        bool valid = strcmp(member(cert, "state"), "valid") == 0;
        struct rl_buf seen = {0};
        rl_buf_addf(&seen, "%s, to %.10s", member(cert, "name"), member(cert, "not_after"));
        setting(out, "Uploaded certificate", wanted, rl_buf_str(&seen), valid ? "ok" : "!!");
        ui_line_focus(out, "cert", member(cert, "name"));
        rl_buf_fini(&seen);
    }
}

static void certificate_in_use(const json_t *type, const json_t *reg, struct ui_lines *out)
{
    bool vendor = strcmp(member(type, "security_class"), RL_PREFERRED_VENDOR) == 0;
    const char *sig = member(reg, "signaling"), *name = member(reg, "certificate");
    const char *seen = seen_level(reg);
    bool known = strcmp(seen, "unknown") != 0, proven = known && strcmp(seen, "nonsecure") != 0;
    struct rl_buf text = {0};
    rl_buf_adds(&text, !known ? "unknown" : proven && *name ? name : sig_certificate(sig));
    setting(out, "Certificate in use", vendor ? "the uploaded one" : "LSC, else MIC",
            rl_buf_str(&text),
            !known   ? "?"
            : proven ? "ok"
                     : "!!");
    rl_buf_fini(&text);
}

/* What the phone has shown by CAPF; else whether its type can have one. */
static void installed_setting(const char *label, const json_t *known, const json_t *can,
                              struct ui_lines *out)
{
    if (json_is_boolean(known))
        setting(out, label, "", json_is_true(known) ? "installed" : "not installed",
                json_is_true(known) ? "ok" : "-");
    else
        setting(out, label, "",
                json_is_false(can) ? "not for this type" : "unknown: the phone was not asked",
                json_is_false(can) ? "-" : "?");
}

/* Two answers for MIC and LSC, one for uploaded certificates (R112). */
static void certificate_settings(const json_t *phone, const json_t *type, struct ui_lines *out)
{
    const json_t *capf = json_object_get(phone, "capf");
    bool vendor = strcmp(member(type, "security_class"), RL_PREFERRED_VENDOR) == 0;
    const json_t *mic = json_object_get(type, "has_mic"), *lsc = json_object_get(type, "lsc_capf");
    const json_t *certificates = json_object_get(phone, "certificates");
    if (vendor || json_array_size(certificates) > 0)
        uploaded_settings(certificates, type, out);
    if (vendor)
        return;
    installed_setting("MIC", json_object_get(capf, "mic"), mic, out);
    installed_setting("LSC", json_object_get(capf, "lsc"), lsc, out);
}

/* R94, R110: "security enabled", or each missing point by name. */
static void enabled_lines(const json_t *enabled, struct ui_lines *out)
{
    bool ok = json_is_true(json_object_get(enabled, "ok"));
    const json_t *point;
    size_t i;
    if (!json_is_object(enabled))
        return;
    ui_line_rule(out);
    ui_line(out, ok ? UI_LOCKED : UI_OPEN, " %s",
            ok ? "ok  Security enabled: every point holds"
               : "!!  Security not enabled, for what is marked here");
    json_array_foreach (json_object_get(enabled, "points"), i, point) {
        bool holds = json_is_true(json_object_get(point, "ok"));
        ui_line(out, UI_NORMAL, " %s  %s: %s", holds ? "ok" : "!!", member(point, "label"),
                holds ? member(point, "value") : member(point, "code"));
        ui_line_span(out, 1, 2, holds ? UI_LOCKED : UI_OPEN);
        ui_line_focus(out, NULL, NULL);
        if (!holds) {
            ui_line_wrap(out, UI_NORMAL, 5, member(point, "message"));
            ui_line_wrap(out, UI_FAINT, 5, member(point, "remedy"));
        }
    }
}

static bool supports_security(const json_t *type)
{
    const char *class = member(type, "security_class");
    return *class && strcmp(class, "none") != 0;
}

static void security_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *type = json_object_get(d->data, "type_info");
    const json_t *profile = json_object_get(d->data, "profile_info");
    ui_line(out, UI_STRONG, " View phone security settings            %s, %s",
            member(d->data, "type"), member(d->data, "protocol"));
    if (!supports_security(type))
        ui_line(out, UI_WARNING, " This type has no security support, or none is known of it.");
    ui_line(out, UI_STRONG, " %-26s%-20s %s", "Setting", "Wanted", "Seen");
    signalling_settings(profile, json_object_get(d->data, "registration"), out);
    profile_setting(d->data, RL_PROFILE_ENC_CONFIG, out);
    profile_setting(d->data, RL_PROFILE_KEY_ORDER, out);
    certificate_in_use(type, json_object_get(d->data, "registration"), out);
    certificate_settings(d->data, type, out);
    enabled_lines(json_object_get(d->data, "enabled"), out);
    ui_line_rule(out);
    ui_line(out, UI_NORMAL, " Security profile  %s", member(d->data, "profile"));
    ui_line_focus(out, "profile", member(d->data, "profile"));
    ui_line(out, UI_NORMAL, " Device type       %s", member(d->data, "type"));
    ui_line_focus(out, "type", member(d->data, "type"));
    phone_files_build(d->more[d->tab], out);
    ui_line_wrap(out, UI_NORMAL, 1,
                 "MIC and LSC: L, Troubleshoot asks the phone by CAPF. Its own security menu and "
                 "icons: see the guide of the model.");
}

static void lines_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *lines = json_object_get(d->data, "lines"), *line;
    size_t i;
    ui_line(out, UI_STRONG, " Lines (%zu)", json_array_size(lines));
    json_array_foreach (lines, i, line) {
        ui_line(out, UI_NORMAL, "  %s", json_string_value(line));
        ui_line_focus(out, "line", json_string_value(line));
    }
}

static void lines_badge(struct ui_detail *d, struct rl_buf *out)
{
    rl_buf_addf(out, "%zu", json_array_size(json_object_get(d->data, "lines")));
}

/* Its own, and the one that its profile shares. */
static void certificates_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *certs = json_object_get(d->data, "certificates");
    ui_line(out, UI_STRONG, " Certificates on file (%zu)", json_array_size(certs));
    cert_lines(certs, out);
    ui_line_rule(out);
    ui_line(out, UI_NORMAL, " c uploads one for this phone. Security tells which one it uses.");
}

static void certificates_badge(struct ui_detail *d, struct rl_buf *out)
{
    rl_buf_addf(out, "%zu", json_array_size(json_object_get(d->data, "certificates")));
}

/* It registered, or was turned away, just now. */
static void phone_notify(struct ui_detail *d, const char *method, const json_t *params)
{
    if (strcmp(method, "capf") == 0)
        ui_load(&d->view);
    if (strcmp(method, "event") == 0 && strcmp(member(params, "device"), d->object) == 0)
        ui_load(&d->view);
}

static const struct ui_tab phone_tabs[] = {
    {"Overview", NULL,          NULL,                overview_build,     NULL              },
    {"Security", "phone.files", phone_check_params,  security_build,     NULL              },
    {"Check",    "phone.check", phone_check_params,  phone_check_build,  NULL              },
    {"Lines",    NULL,          NULL,                lines_build,        lines_badge       },
    {"Certs",    NULL,          NULL,                certificates_build, certificates_badge},
    {"CAPF",     "capf.show",   capf_tab_params,     capf_tab_build,     NULL              },
    {"Calls",    "call.list",   object_calls_params, object_calls_build, NULL              },
    {"History",  "audit.list",  history_params,      history_build,      NULL              },
};

static const struct ui_detail_spec phone_spec = {
    .one = "phone",
    .method = "object.show",
    .params = phone_params,
    .tabs = phone_tabs,
    .ntabs = sizeof phone_tabs / sizeof phone_tabs[0],
    .summary = phone_summary,
    .notify = phone_notify,
};

/* Keys. */

static unsigned phone_open(struct ui_view *view)
{
    return object_open(view, "phone");
}

static unsigned phone_add(struct ui_view *view)
{
    return object_add(view, &phone_form);
}

static unsigned phone_edit(struct ui_view *view)
{
    return object_edit(view, &phone_form);
}

static unsigned phone_copy(struct ui_view *view)
{
    return object_copy(view, &phone_form);
}

static unsigned phone_assign(struct ui_view *view)
{
    return ui_assign_open(view, RL_PHONE, -1);
}

static unsigned phone_profile(struct ui_view *view)
{
    return ui_assign_open(view, RL_PHONE, RL_PHONE_PROFILE);
}

static unsigned phone_remove(struct ui_view *view)
{
    return object_remove(view, RL_PHONE);
}

static unsigned phone_certificate(struct ui_view *view)
{
    cert_upload_open(view->app, view->class->object(view));
    return UI_REDRAW;
}

/* For the marked phones, or the one shown; without marks they are named in the wizard. */
static unsigned phone_wizard(struct ui_view *view)
{
    json_t *names = json_array();
    const char *name;
    json_t *mark;
    if (view->class == &ui_detail_class)
        json_array_append_new(names, json_string(view->class->object(view)));
    else
        json_object_foreach (((struct ui_list *)view)->marks, name, mark)
            json_array_append_new(names, json_string(name));
    ui_wizard_start(view->app, names);
    return UI_REDRAW;
}

/* Opening, adding and importing belong to the list; the detail has the actions after them. */
enum { IN_DETAIL = 3 };

/* clang-format off */
static const struct ui_action phones_actions[] = {
    {"phone-open", "Enter", "open", "Show the phone under the cursor",
     UI_NEED_ROW, UI_SAFE, phone_open},
    {"phone-add", "A,F7", "add", "Add a phone", UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, phone_add},
    {"phone-import", "I", NULL, "Check or import a CSV file of phones",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, objects_import},
    {"phone-edit", "e", "edit", "Change the phone in a form",
     UI_NEED_ROW | UI_NEED_WRITE, UI_SAFE, phone_edit},
    {"phone-copy", "C", NULL, "Add a phone like the one under the cursor",
     UI_NEED_ROW | UI_NEED_WRITE, UI_SAFE, phone_copy},
    {"phone-profile", "P", NULL, "Set the profile of the marked phones",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, phone_profile},
    {"phone-assign", "F", NULL, "Give a field of the marked phones one value",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, phone_assign},
    {"phone-delete", "D,F8", "delete", "Remove the phone from this site",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_TYPE_NAME, phone_remove},
    {"phone-capf", "L", NULL, "Order a certificate operation of the marked phones: install an LSC, ...",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_WRITE, UI_ASKS_SELF, capf_order},
    {"phone-wizard", "W", "wizard", "Make the marked phones, or new ones, secure step by step",
     UI_NEED_ENGINE | UI_NEED_WRITE, UI_SAFE, phone_wizard},
    {"phone-certificate", "c", NULL, "Upload a certificate for this phone",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_ADMIN, UI_SAFE, phone_certificate},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *phones_new(struct ui_app *app, const struct ui_screen *screen,
                                  const char *object)
{
    (void)object;
    return &ui_list_new(app, screen, &phones_spec)->view;
}

static struct ui_view *phone_new(struct ui_app *app, const struct ui_screen *screen,
                                 const char *object)
{
    return &ui_detail_new(app, screen, &phone_spec, object)->view;
}

const struct ui_screen phones_screen = {
    .digit = 2,
    .name = "phones",
    .title = "Phones",
    .about =
        "The phones of the site. Lock: how the phone is registered now, and so the most that a "
        "call of it can be; ---- is not registered. Trust comes from the device type alone "
        "and cannot be set. Rows move only when you ask (s, r).",
    .actions = phones_actions,
    .jumps = phone_jumps,
    .class = &ui_list_class,
    .open = phones_new,
};

const struct ui_screen phone_screen = {
    .name = "phone",
    .title = "Phone",
    .about = "One phone: its fields, its security settings as wanted and as seen, its "
             "certificates, calls and "
             "changes. Left and Right turn the tabs.",
    .actions = phones_actions + IN_DETAIL,
    .jumps = phone_jumps,
    .class = &ui_detail_class,
    .open = phone_new,
};
