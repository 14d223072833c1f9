#include <stdio.h>
#include <string.h>

#include "ringlock/time.h"
#include "screens/certs.h"
#include "screens/common.h"
#include "screens/screens.h"

/* What needs attention: calls that are open, devices that were turned away, what the site lacks. */
enum {
    CALLS_ASKED = 200,
    EVENTS_ASKED = 100,
    EVENTS_KEPT = 200,
    OPEN_KEPT = 500,
    CERTS_ASKED = 100,
    HEAD_ROWS = 8,
    LATELY_S = 3600,
    FREE_PERCENT = 5 /* of a disk: less is too little */
};

struct dashboard {
    json_t *status;
    json_t *counts; /* of calls */
    json_t *open;   /* calls by id, those that need attention */
    json_t *events; /* an array, the newest first */
    json_t *certs;  /* those that have ended or soon will: an array, the soonest first */
    json_t *drafts; /* wizards under way, the latest first */
    json_t *forms;  /* drafts of forms, the same way */
    size_t told;    /* events so far: makes the id of the next */
};

static struct dashboard *of(struct ui_list *list)
{
    return list->extra;
}

/* Rows. */

static json_t *item(const char *id, const char *mark, const char *kind, const char *what,
                    const char *why, const char *at, const char *screen, const char *object)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "id", id, "mark", mark, "kind", kind,
                     "what", what, "why", why, "at", at, "screen", screen, "object", object);
}

static void put_new(struct ui_list *list, json_t *row)
{
    ui_list_put(list, row, false);
    json_decref(row);
}

static void put_site(struct ui_list *list)
{
    const json_t *status = of(list)->status;
    if (strcmp(member(status, "cluster_mode"), "nonsecure") == 0)
        put_new(list, item("cluster", "!!", "SITE", "cluster security mode is nonsecure",
                           "no call can lock", "", "cluster", "cluster"));
    const json_t *feed = json_object_get(status, "feed");
    if (feed && !json_is_true(json_object_get(feed, "running")))
        put_new(list, item("feed", "!!", "FEED", "the feed process does not run",
                           "no calls are seen", "", "cluster", "cluster"));
}

/* Lists that are out of date or missing, which the status tells with the remedy. */
static void put_lists(struct ui_list *list)
{
    static const char *const kinds[] = {"ctl", "itl"};
    const json_t *lists = json_object_get(of(list)->status, "lists");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const json_t *one = json_object_get(lists, kinds[i]),
                     *problem = json_array_get(json_object_get(one, "problems"), 0);
        if (problem)
            put_new(list,
                    item(kinds[i], "!!", "LIST", member(problem, "message"),
                         member(problem, "remedy"), member(one, "made"), "cluster", "cluster"));
    }
}

static bool lately(const char *time)
{
    return *time && rl_now_us() - rl_time_parse(time) < LATELY_S * 1000000LL;
}

static void put_trouble(struct ui_list *list)
{
    const json_t *feed = json_object_get(of(list)->status, "feed");
    const json_t *disk = json_object_get(of(list)->status, "disk");
    const char *dropped = member(feed, "dropped_at"), *restarted = member(feed, "restarted_at");
    char what[80], why[80];
    snprintf(what, sizeof what, "%lld datagrams lost in the kernel",
             (long long)number(feed, "kernel_drops"));
    if (lately(dropped))
        put_new(list, item("drops", "!!", "FEED", what,
                           "calls may be shown as they were: [hep] "
                           "receive_buffer",
                           dropped, "", ""));
    snprintf(why, sizeof why, "%lld times since the engine began",
             (long long)number(feed, "restarts"));
    if (lately(restarted))
        put_new(list, item("restarts", "!", "FEED", "the feed process was started again", why,
                           restarted, "", ""));
    snprintf(why, sizeof why, "%lld MiB left; a full disk refuses every change",
             (long long)number(disk, "free") >> 20);
    if (number(disk, "free") * 100 < number(disk, "bytes") * FREE_PERCENT)
        put_new(list,
                item("disk", "!!", "DISK", "the disk of the site is nearly full", why, "", "", ""));
}

static void put_backup(struct ui_list *list)
{
    const json_t *status = of(list)->status;
    const char *last = member(status, "last_backup");
    char why[80];
    snprintf(why, sizeof why, *last ? "the last is of %.10s" : "none was ever taken", last);
    if (json_is_true(json_object_get(status, "backup_overdue")))
        put_new(list,
                item("backup", "!", "SITE", "a backup is due", why, last, "cluster", "cluster"));
}

/* What phones could not do, and what they have to do soon. */
static void put_capf(struct ui_list *list)
{
    const json_t *capf = json_object_get(of(list)->status, "capf");
    json_int_t failed = number(capf, "failed"), due = number(capf, "due");
    char what[80];
    snprintf(what, sizeof what, "certificate operations of %lld phone%s failed", (long long)failed,
             failed == 1 ? "" : "s");
    if (failed)
        put_new(list, item("capf", "!", "CAPF", what, "why is in the list", "", "capf", ""));
    snprintf(what, sizeof what, "%lld LSC%s due to be renewed", (long long)due,
             due == 1 ? " is" : "s are");
    if (due)
        put_new(list, item("due", "!", "CAPF", what, "order new ones: L in the list of phones", "",
                           "phones", ""));
}

static void put_call(struct ui_list *list, const json_t *call)
{
    struct rl_buf what = {0}, why = {0};
    bool open = strcmp(call_word(call), "OPEN") == 0;
    rl_buf_adds(&what, "call ");
    call_title(call, &what);
    call_why(call, &why);
    put_new(list, item(member(call, "id"), open ? "!!" : "!", call_word(call), rl_buf_str(&what),
                       rl_buf_str(&why), member(call, "started"), "call", member(call, "id")));
    rl_buf_fini(&what);
    rl_buf_fini(&why);
}

/* Calls with this word: the open ones lead. */
static void put_calls(struct ui_list *list, const char *word)
{
    const char *id;
    json_t *call;
    json_object_foreach (of(list)->open, id, call) {
        if (strcmp(call_word(call), word) == 0)
            put_call(list, call);
    }
}

/* "ends in 5 days: 12 phones" */
static void put_cert(struct ui_list *list, const json_t *cert)
{
    struct rl_buf what = {0}, why = {0}, id = {0};
    json_int_t left = number(cert, "days_left"), phones = number(cert, "phones");
    rl_buf_addf(&id, "cert %s", member(cert, "name"));
    rl_buf_addf(&what, "certificate %s", member(cert, "name"));
    if (left < 0)
        rl_buf_adds(&why, "has ended");
    else
        rl_buf_addf(&why, "ends in %lld day%s", (long long)left, left == 1 ? "" : "s");
    if (phones)
        rl_buf_addf(&why, ": %lld phone%s", (long long)phones, phones == 1 ? "" : "s");
    put_new(list, item(id.data, left < 0 ? "!!" : "!", "CERT", what.data, why.data,
                       member(cert, "not_after"), "cert", member(cert, "name")));
    rl_buf_fini(&what);
    rl_buf_fini(&why);
    rl_buf_fini(&id);
}

static void put_certs(struct ui_list *list, bool ended)
{
    json_t *cert;
    size_t i;
    json_array_foreach (of(list)->certs, i, cert)
        if ((number(cert, "days_left") < 0) == ended)
            put_cert(list, cert);
}

static bool is_refusal(const json_t *event)
{
    const char *what = member(event, "event");
    return strcmp(what, "denied") == 0 || strcmp(what, "wrong-password") == 0;
}

static void put_event(struct ui_list *list, const json_t *event)
{
    const char *device = member(event, "device");
    char id[32];
    snprintf(id, sizeof id, "e%lld", (long long)number(event, "told"));
    put_new(list,
            item(id, "!", "PHONE", *device ? device : member(event, "number"),
                 member(event, "message"), member(event, "time"), *device ? "phone" : "", device));
}

static void put_drafts(struct ui_list *list, const json_t *drafts, const char *screen,
                       const char *label)
{
    const json_t *latest = json_array_get(drafts, 0);
    struct rl_buf what = {0}, why = {0};
    if (!latest)
        return;
    rl_buf_addf(&what, "%s: %zu", label, json_array_size(drafts));
    rl_buf_addf(&why, "%s of %s", *member(latest, "name") ? member(latest, "name") : "a new one",
                member(latest, "owner"));
    put_new(list, item(screen, "i", "DRAFT", rl_buf_str(&what), rl_buf_str(&why),
                       member(latest, "updated"), screen, ""));
    rl_buf_fini(&what);
    rl_buf_fini(&why);
}

static void rebuild(struct ui_list *list)
{
    struct dashboard *d = of(list);
    json_t *event;
    size_t i;
    ui_list_clear(list);
    put_site(list);
    put_lists(list);
    put_trouble(list);
    put_backup(list);
    put_capf(list);
    put_certs(list, true);
    put_calls(list, "OPEN");
    put_calls(list, "SHLD");
    put_certs(list, false);
    json_array_foreach (d->events, i, event)
        put_event(list, event);
    put_drafts(list, d->drafts, "wizards", "Wizards under way");
    put_drafts(list, d->forms, "drafts", "Forms half filled in");
    ui_list_arrange(list);
}

/* Reading. */

static void replace(json_t **slot, const json_t *value)
{
    json_t *was = *slot;
    *slot = json_incref((json_t *)(uintptr_t)value);
    json_decref(was);
}

static void note_call(struct dashboard *d, const json_t *call)
{
    const char *word = call_word(call), *id = member(call, "id");
    bool weak = strcmp(word, "OPEN") == 0 || strcmp(word, "SHLD") == 0;
    if (!weak)
        json_object_del(d->open, id);
    else if (json_object_get(d->open, id) || json_object_size(d->open) < OPEN_KEPT)
        json_object_set(d->open, id, (json_t *)(uintptr_t)call);
}

static void note_event(struct dashboard *d, const json_t *event, bool first)
{
    if (!is_refusal(event))
        return;
    json_t *copy = json_copy((json_t *)(uintptr_t)event);
    json_object_set_new(copy, "told", json_integer((json_int_t)d->told++));
    if (first)
        json_array_insert_new(d->events, 0, copy);
    else
        json_array_append_new(d->events, copy);
    if (json_array_size(d->events) > EVENTS_KEPT)
        json_array_remove(d->events, json_array_size(d->events) - 1);
}

static bool failed(struct ui_view *view, const struct rl_err *err)
{
    if (err && err->code != RL_E_NO_ENGINE)
        ui_say_error(view->app, err);
    return err != NULL;
}

static void status_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (failed(view, err))
        return;
    list->loaded = true;
    replace(&of(list)->status, result);
    cert_soon((int)number(json_object_get(result, "expiry"), "days"));
    rebuild(list);
}

static void calls_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    const json_t *call;
    size_t i;
    if (failed(view, err))
        return;
    replace(&of(list)->counts, json_object_get(result, "counts"));
    json_object_clear(of(list)->open);
    json_array_foreach (json_object_get(result, "rows"), i, call)
        note_call(of(list), call);
    rebuild(list);
}

static void events_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    const json_t *event;
    size_t i;
    if (failed(view, err))
        return;
    json_array_clear(of(list)->events);
    json_array_foreach (json_object_get(result, "rows"), i, event)
        note_event(of(list), event, false);
    rebuild(list);
}

static void drafts_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (failed(view, err))
        return;
    replace(&of(list)->drafts, json_object_get(result, "rows"));
    rebuild(list);
}

static void forms_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (failed(view, err))
        return;
    replace(&of(list)->forms, json_object_get(result, "rows"));
    rebuild(list);
}

static void certs_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (failed(view, err))
        return;
    replace(&of(list)->certs, json_object_get(result, "rows"));
    rebuild(list);
}

static void watching(struct ui_view *view, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    (void)result;
    (void)problems;
    failed(view, err);
}

static void dashboard_load(struct ui_list *list)
{
    struct ui_view *view = &list->view;
    ui_ask_drop(view);
    ui_ask(view, "status", NULL, status_came);
    ui_ask(view, "call.list", json_pack("{s:i}", "limit", CALLS_ASKED), calls_came);
    ui_ask(view, "event.list", json_pack("{s:i}", "limit", EVENTS_ASKED), events_came);
    ui_ask(view, "wizard.list", NULL, drafts_came);
    ui_ask(view, "draft.list", NULL, forms_came);
    ui_ask(view, "cert.expiring", json_pack("{s:i}", "limit", CERTS_ASKED), certs_came);
    ui_ask(view, "call.watch", json_pack("{s:b,s:b}", "on", 1, "all", 1), watching);
}

static void dashboard_notify(struct ui_list *list, const char *method, const json_t *params)
{
    struct dashboard *d = of(list);
    const json_t *item_json;
    size_t i;
    if (strcmp(method, "calls") == 0) {
        replace(&d->counts, json_object_get(params, "counts"));
        json_array_foreach (json_object_get(params, "changed"), i, item_json)
            note_call(d, item_json);
        json_array_foreach (json_object_get(params, "forgotten"), i, item_json)
            json_object_del(d->open, json_string_value(item_json));
    } else if (strcmp(method, "event") == 0 && strcmp(member(params, "event"), "expiring") != 0) {
        note_event(d, params, true);
    } else {
        ui_load(&list->view);
        return;
    }
    rebuild(list);
}

/* Drawing. */

static void head_line(struct ui_area area, int row, const char *label, const char *text,
                      unsigned style)
{
    ui_put(area.top + row, 1, 16, UI_STRONG, label);
    ui_put(area.top + row, 17, area.cols - 18, style, text);
}

static void head_calls(const struct dashboard *d, struct ui_area area, int row)
{
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%5lld live   LOCK %lld   SHLD %lld   OPEN %lld   ringing %lld",
                (long long)number(d->counts, "live"), (long long)number(d->counts, "locked"),
                (long long)number(d->counts, "shielded"), (long long)number(d->counts, "open"),
                (long long)number(d->counts, "ringing"));
    head_line(area, row, "Calls now", rl_buf_str(&text), UI_NORMAL);
    rl_buf_fini(&text);
}

static void head_devices(const struct dashboard *d, struct ui_area area, int row)
{
    const json_t *n = json_object_get(d->status, "devices"), *by = json_object_get(n, "by_mode");
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%5lld   encrypted %lld   authenticated %lld   nonsecure %lld",
                (long long)number(n, "phones"), (long long)number(by, "encrypted"),
                (long long)number(by, "authenticated"), (long long)number(by, "nonsecure"));
    head_line(area, row, "Phones", rl_buf_str(&text), UI_NORMAL);
    rl_buf_clear(&text);
    rl_buf_addf(&text, "%5lld   profiles %lld   device types %lld   users %lld",
                (long long)number(n, "gateways"), (long long)number(n, "profiles"),
                (long long)number(n, "types"), (long long)number(n, "users"));
    head_line(area, row + 1, "Gateways", rl_buf_str(&text), UI_NORMAL);
    rl_buf_fini(&text);
}

static void head_certs(const struct dashboard *d, struct ui_area area, int row)
{
    const json_t *n = json_object_get(d->status, "expiry");
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%5lld ok   ending within %lld days %lld   expired %lld",
                (long long)number(n, "valid"), (long long)number(n, "days"),
                (long long)number(n, "soon"), (long long)number(n, "expired"));
    head_line(area, row, "Certificates", rl_buf_str(&text),
              number(n, "expired") ? UI_OPEN
              : number(n, "soon")  ? UI_WARNING
                                   : UI_NORMAL);
    rl_buf_fini(&text);
}

static void head_feed(const struct dashboard *d, struct ui_area area, int row)
{
    const json_t *feed = json_object_get(d->status, "feed"),
                 *refused = json_object_get(feed, "refused");
    const json_t *hep = json_object_get(d->status, "hep");
    struct rl_buf text = {0};
    long long bad = number(refused, "frame") + number(refused, "source") + number(refused, "key");
    rl_buf_addf(&text, "HEP udp %s tcp %s", member(hep, "udp"), member(hep, "tcp"));
    if (bad)
        rl_buf_addf(&text, "   refused %lld", bad);
    if (number(feed, "kernel_drops"))
        rl_buf_addf(&text, "   lost %lld", (long long)number(feed, "kernel_drops"));
    head_line(area, row, "Feed", rl_buf_str(&text), bad ? UI_WARNING : UI_NORMAL);
    rl_buf_fini(&text);
}

static void dashboard_head(struct ui_list *list, struct ui_area area)
{
    const struct dashboard *d = of(list);
    const char *mode = member(d->status, "cluster_mode");
    bool mixed = strcmp(mode, "mixed") == 0;
    struct rl_buf text = {0};
    ui_fill(area.top, 0, area.cols, UI_NORMAL, '-');
    ui_fill(area.top + area.rows - 1, 0, area.cols, UI_NORMAL, '-');
    if (!d->status)
        return;
    rl_buf_addf(&text, "%s   cluster security mode: %s", member(d->status, "name"), mode);
    head_line(area, 1, "Site", rl_buf_str(&text), mixed ? UI_NORMAL : UI_WARNING);
    rl_buf_fini(&text);
    head_devices(d, area, 2);
    head_calls(d, area, 4);
    head_certs(d, area, 5);
    head_feed(d, area, 6);
}

static void dashboard_summary(struct ui_list *list, struct rl_buf *out)
{
    rl_buf_addf(out, "Needs attention: %zu", list->nshown);
}

static unsigned mark_style(const json_t *row)
{
    return strcmp(member(row, "mark"), "!!") == 0 ? UI_OPEN : UI_WARNING;
}

static void at_text(const json_t *row, struct rl_buf *out)
{
    time_text(member(row, "at"), out);
}

static const struct ui_column dashboard_columns[] = {
    {"mark", "",     2,  2,  1, UI_LEFT,  NULL,    mark_style, false},
    {"kind", "Kind", 5,  5,  1, UI_LEFT,  NULL,    mark_style, true },
    {"what", "What", 18, 34, 1, UI_LEFT,  NULL,    NULL,       true },
    {"why",  "Why",  8,  26, 2, UI_LEFT,  NULL,    NULL,       true },
    {"at",   "Time", 5,  5,  3, UI_RIGHT, at_text, NULL,       true },
};

static void dashboard_fini(struct ui_list *list)
{
    struct dashboard *d = of(list);
    json_decref(d->status);
    json_decref(d->counts);
    json_decref(d->open);
    json_decref(d->events);
    json_decref(d->certs);
    json_decref(d->drafts);
    json_decref(d->forms);
}

static const struct ui_list_spec dashboard_spec = {
    .one = "thing",
    .many = "things",
    .empty = "Nothing needs attention.",
    .columns = dashboard_columns,
    .ncolumns = sizeof dashboard_columns / sizeof dashboard_columns[0],
    .id = "id",
    .paging = UI_AT_ONCE,
    .load = dashboard_load,
    .notify = dashboard_notify,
    .summary = dashboard_summary,
    .head_rows = HEAD_ROWS,
    .head = dashboard_head,
    .fini = dashboard_fini,
};

static unsigned dashboard_open(struct ui_view *view)
{
    const json_t *row = ui_list_row((struct ui_list *)view);
    bool device = strcmp(member(row, "kind"), "PHONE") == 0;
    if (!ui_open(view->app, member(row, "screen"), member(row, "object")))
        ui_say(view->app, "i",
               device ? "nothing is known of the device" : "ringlock status tells more of it");
    return UI_REDRAW;
}

static unsigned dashboard_cluster(struct ui_view *view)
{
    ui_open(view->app, "cluster", "cluster");
    return UI_REDRAW;
}

static unsigned dashboard_users(struct ui_view *view)
{
    ui_open(view->app, "users", "");
    return UI_REDRAW;
}

/* clang-format off */
static const struct ui_action dashboard_actions[] = {
    {"attention-open", "Enter", "open", "Open what needs attention",
     UI_NEED_ROW, UI_SAFE, dashboard_open},
    {"cluster-open", "c", "cluster", "Show and change the cluster security mode",
     0, UI_SAFE, dashboard_cluster},
    {"users-open", "d", "users", "List the digest users", 0, UI_SAFE, dashboard_users},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *dashboard_new(struct ui_app *app, const struct ui_screen *screen,
                                     const char *object)
{
    (void)object;
    struct ui_list *list = ui_list_new(app, screen, &dashboard_spec);
    struct dashboard *d = rl_alloc(sizeof *d);
    d->open = json_object();
    d->events = json_array();
    list->extra = d;
    return &list->view;
}

const struct ui_screen dashboard_screen = {
    .digit = 1,
    .name = "dashboard",
    .title = "Dashboard",
    .about =
        "What the site holds, how its calls are protected now, and what needs attention: calls "
        "that are not locked, devices that were turned away, certificates that have ended or soon "
        "will, packets that were lost, a disk that fills up. Enter opens the line.",
    .actions = dashboard_actions,
    .class = &ui_list_class,
    .open = dashboard_new,
};
