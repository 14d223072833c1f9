#include <stdio.h>
#include <string.h>

#include "console/backup.h"
#include "console/undo.h"
#include "screens/common.h"
#include "screens/files.h"
#include "screens/history.h"
#include "screens/lists.h"
#include "screens/phone_check.h"
#include "screens/screens.h"

/* The site as a whole: its security mode, its certificates, where it listens. */

static json_t *cluster_params(struct ui_detail *d)
{
    (void)d;
    return json_object();
}

static void cluster_title(struct ui_detail *d, struct rl_buf *out)
{
    (void)d;
    rl_buf_adds(out, "Cluster");
}

static bool is_mixed(const struct ui_detail *d)
{
    return strcmp(member(d->data, "cluster_mode"), "mixed") == 0;
}

static void cluster_summary(struct ui_detail *d, struct ui_lines *out)
{
    bool mixed = is_mixed(d);
    ui_line(out, mixed ? UI_LOCKED : UI_OPEN, "%s  Cluster Security Mode: %s%s",
            mixed ? "ok" : "!!", member(d->data, "cluster_mode"),
            mixed ? "" : " - no call can lock");
}

static void cert_lines(const json_t *cert, struct ui_lines *out)
{
    struct rl_buf roles = {0};
    const json_t *role;
    size_t i;
    json_array_foreach (json_object_get(cert, "roles"), i, role)
        rl_buf_addf(&roles, "%s%s", i ? " and " : "", json_string_value(role));
    ui_line(out, UI_NORMAL, "  %s", rl_buf_str(&roles));
    ui_line_focus(out, NULL, NULL);
    ui_line(out, UI_NORMAL, "      %s, %s %lld bits, to %s", member(cert, "subject"),
            member(cert, "key_type"), (long long)number(cert, "key_bits"),
            member(cert, "not_after"));
    rl_buf_fini(&roles);
}

static const char *itl_text(const json_t *status, char *out, size_t n)
{
    const json_t *itl = json_object_get(json_object_get(status, "lists"), "itl");
    if (!json_is_true(json_object_get(itl, "published")))
        return "not published";
    snprintf(out, n, "version %lld of %.19sZ%s", (long long)number(itl, "version"),
             member(itl, "made"),
             json_is_true(json_object_get(itl, "stale")) ? ", out of date" : "");
    return out;
}

static void cluster_build(struct ui_detail *d, struct ui_lines *out)
{
    char itl[80], files[200];
    const json_t *cert, *hep = json_object_get(d->data, "hep");
    size_t i;
    ui_line(out, UI_STRONG, " Site");
    ui_line_field(out, "Name", member(d->data, "name"));
    ui_line_field(out, "Directory", member(d->data, "site"));
    ui_line_field(out, "Release", member(d->data, "release"));
    ui_line_field(out, "Installed", member(d->data, "installed_at"));
    ui_line_field(out, "Upgraded from", member(d->data, "upgraded_from"));
    ui_line(out, UI_STRONG, " Security");
    ui_line_field(out, "Cluster Security Mode", member(d->data, "cluster_mode"));
    ui_line_field(out, "CTL file", member(d->data, "ctl"));
    ui_line_field(out, "ITL file", itl_text(d->data, itl, sizeof itl));
    ui_line_field(out, "Configuration files", publishing_text(d->data, files, sizeof files));
    const char *backup = member(d->data, "last_backup");
    ui_line_field(out, "Last backup", *backup ? backup : "never");
    ui_line(out, UI_STRONG, " HEP");
    ui_line_field(out, "UDP", member(hep, "udp"));
    ui_line_field(out, "TCP", member(hep, "tcp"));
    ui_line(out, UI_STRONG, " Certificates");
    json_array_foreach (json_object_get(d->data, "certificates"), i, cert)
        cert_lines(cert, out);
}

static void mode_set(struct ui_view *view, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    (void)problems;
    if (err)
        ui_say_error(view->app, err);
    else
        ui_say(view->app, "i", "Update successful: cluster security mode %s" UI_UNDOES ". %s",
               member(result, "mode"), member(result, "note"));
    ui_load(view);
}

static unsigned mode_change(struct ui_view *view)
{
    ui_ask(view, "cluster.mode", json_pack("{s:O}", "mode", ((struct ui_detail *)view)->extra),
           mode_set);
    return UI_REDRAW;
}

static void mode_question(struct ui_view *view, const struct ui_action *action, struct rl_buf *out)
{
    struct ui_detail *d = (struct ui_detail *)view;
    bool mixed = is_mixed(d);
    if (strcmp(action->name, "ctl-update") == 0) {
        rl_buf_adds(out, "New versions of the trust lists get the certificates of now. Phones take "
                         "them when they are reset. Publish them?");
        return;
    }
    if (strcmp(action->name, "publish-all") == 0) {
        files_question(d->data, out);
        return;
    }
    json_decref(d->extra); /* what was asked is done, whatever others do meanwhile */
    d->extra = json_string(mixed ? "nonsecure" : "mixed");
    rl_buf_adds(out, mixed ? "In nonsecure mode no phone registers securely and no call can lock. "
                             "The CTL file is taken away; phones keep the one they have. Set the "
                             "cluster security mode to nonsecure?"
                           : "In mixed mode secure and nonsecure devices work side by side. A CTL "
                             "file is published with it; phones take it when they are reset. Set "
                             "it to mixed?");
}

/* clang-format off */
static const struct ui_action cluster_actions[] = {
    {"cluster-mode", "M", "change mode", "Change the cluster security mode; asks first",
     UI_NEED_ROW | UI_NEED_ENGINE | UI_NEED_ADMIN, UI_ASKS, mode_change},
    {"ctl-update", "u", "update lists", "Publish new versions of CTL and ITL; asks first",
     UI_NEED_ENGINE | UI_NEED_ADMIN, UI_ASKS, lists_update},
    {"publish-all", "P", "publish files",
     "Publish the configuration files of all phones; asks first", UI_NEED_ENGINE | UI_NEED_ADMIN,
     UI_ASKS, files_publish},
    {"cluster-backup", "b", "backup", "Take a backup of the site into a sealed file",
     UI_NEED_ENGINE | UI_NEED_ADMIN, UI_ASKS_SELF, ui_backup},
    {.name = NULL},
};
/* clang-format on */

static void cluster_notify(struct ui_detail *d, const char *method, const json_t *params)
{
    (void)params;
    if (strcmp(method, "site") == 0)
        ui_load(&d->view);
}

static const struct ui_tab cluster_tabs[] = {
    {"Cluster", NULL,            NULL,                 cluster_build,       NULL},
    {"Lists",   "ctl.status",    lists_params,         lists_build,         NULL},
    {"Check",   "cluster.check", cluster_check_params, cluster_check_build, NULL},
    {"History", "audit.list",    history_params,       history_build,       NULL},
};

static const struct ui_detail_spec cluster_spec = {
    .one = "site",
    .method = "status",
    .params = cluster_params,
    .tabs = cluster_tabs,
    .ntabs = sizeof cluster_tabs / sizeof cluster_tabs[0],
    .title = cluster_title,
    .summary = cluster_summary,
    .notify = cluster_notify,
};

static struct ui_view *cluster_new(struct ui_app *app, const struct ui_screen *screen,
                                   const char *object)
{
    return &ui_detail_new(app, screen, &cluster_spec, object)->view;
}

const struct ui_screen cluster_screen = {
    .name = "cluster",
    .by_name = true,
    .title = "Cluster",
    .about = "The site as a whole. Mixed mode is what lets phones register securely; in nonsecure "
             "mode no call can lock.",
    .actions = cluster_actions,
    .question = mode_question,
    .class = &ui_detail_class,
    .open = cluster_new,
};
