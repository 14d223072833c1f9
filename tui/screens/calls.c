#include <stdio.h>
#include <string.h>

#include "screens/common.h"
#include "screens/jumps.h"
#include "screens/screens.h"

/* Live calls, the newest first. What comes while it is paused, or while new calls are not followed,
 * waits. */
enum { CALLS_KEPT = 2000 };

struct calls {
    bool ended_too, paused, still; /* still: new calls wait */
    size_t waiting;                /* changes or new calls that wait */
    json_t *counts;
};

static struct calls *of(struct ui_list *list)
{
    return list->extra;
}

/* Columns. */

static void lock_text(const json_t *call, struct rl_buf *out)
{
    rl_buf_adds(out, call_word(call));
}

static void for_text(const json_t *call, struct rl_buf *out)
{
    const char *answered = member(call, "answered");
    since_text(*answered ? answered : member(call, "started"), member(call, "ended"), out);
}

static void from_text(const json_t *call, struct rl_buf *out)
{
    party_text(json_array_get(json_object_get(call, "parties"), 0), out);
}

static void to_text(const json_t *call, struct rl_buf *out)
{
    const char *conference = member(call, "conference");
    if (*conference)
        rl_buf_adds(out, "conf. ");
    party_text(json_array_get(json_object_get(call, "parties"), 1), out);
}

static void legs_text(const json_t *call, struct rl_buf *out)
{
    rl_buf_addf(out, "%zu", json_array_size(json_object_get(call, "parties")));
}

/* The first word of each party's protection: "SRTP RTP". */
static void media_text(const json_t *call, struct rl_buf *out)
{
    const json_t *party;
    size_t i;
    json_array_foreach (json_object_get(call, "parties"), i, party) {
        const char *text = member(party, "protection");
        bool none = strcmp(text, "none") == 0;
        if (i == 3) {
            rl_buf_adds(out, " ...");
            return;
        }
        rl_buf_addf(out, "%s%.*s", i ? " " : "", none ? 1 : (int)strcspn(text, " ,"),
                    none ? "-" : text);
    }
}

/* Which devices the parties use, where there is room for it (R21). */
static void devices_text(const json_t *call, struct rl_buf *out)
{
    const json_t *party;
    size_t i;
    json_array_foreach (json_object_get(call, "parties"), i, party)
        rl_buf_addf(out, "%s%s", i ? ", " : "",
                    *member(party, "device") ? member(party, "device") : "-");
}

static const struct ui_column calls_columns[] = {
    {"lock",    "Lock",    4,  4,  1, UI_LEFT,  lock_text,    call_style, true },
    {"for",     "For",     5,  5,  3, UI_RIGHT, for_text,     NULL,       false},
    {"from",    "From",    8,  18, 1, UI_LEFT,  from_text,    NULL,       true },
    {"to",      "To",      8,  18, 1, UI_LEFT,  to_text,      NULL,       true },
    {"legs",    "Legs",    4,  4,  5, UI_LEFT,  legs_text,    NULL,       true },
    {"media",   "Media",   9,  9,  4, UI_LEFT,  media_text,   NULL,       true },
    {"why",     "Why",     8,  16, 2, UI_LEFT,  call_why,     NULL,       true },
    {"devices", "Devices", 33, 33, 9, UI_LEFT,  devices_text, NULL,       true },
};

/* Rows. */

static bool calls_shows(struct ui_list *list, const json_t *call)
{
    return of(list)->ended_too || strcmp(member(call, "state"), "ended") != 0;
}

static void calls_params(struct ui_list *list, json_t *params)
{
    json_object_set_new(params, "all", json_boolean(of(list)->ended_too));
}

static void set_counts(struct ui_list *list, const json_t *from)
{
    json_t *was = of(list)->counts;
    of(list)->counts = json_incref(json_object_get(from, "counts"));
    json_decref(was);
}

static bool is_held(const struct ui_list *list, const char *id)
{
    for (size_t i = 0; i < list->nrows; i++)
        if (strcmp(member(list->row[i].json, "id"), id) == 0)
            return true;
    return false;
}

static void take_change(struct ui_list *list, const json_t *call)
{
    const char *id = member(call, "id");
    bool held = is_held(list, id), ended = strcmp(member(call, "state"), "ended") == 0;
    if (!held && of(list)->still && !ended) {
        of(list)->waiting++;
        return;
    }
    if (held || !ended || of(list)->ended_too)
        ui_list_put(list, call, true);
    if (ended && !of(list)->ended_too && strcmp(list->id, id) != 0)
        ui_list_forget(list, id);
}

static void calls_notify(struct ui_list *list, const char *method, const json_t *params)
{
    const json_t *changed = json_object_get(params, "changed"), *item;
    size_t i;
    if (strcmp(method, "calls") != 0 || !list->loaded)
        return;
    set_counts(list, params);
    if (of(list)->paused) {
        of(list)->waiting += json_array_size(changed);
        return;
    }
    json_array_foreach (changed, i, item)
        take_change(list, item);
    json_array_foreach (json_object_get(params, "forgotten"), i, item)
        ui_list_forget(list, json_string_value(item));
    ui_list_arrange(list);
}

static void calls_answered(struct ui_list *list, const json_t *result)
{
    set_counts(list, result);
    of(list)->waiting = 0;
}

static void calls_summary(struct ui_list *list, struct rl_buf *out)
{
    const json_t *n = of(list)->counts;
    rl_buf_addf(out, "%lld live: LOCK %lld  SHLD %lld  OPEN %lld  ring %lld",
                (long long)number(n, "live"), (long long)number(n, "locked"),
                (long long)number(n, "shielded"), (long long)number(n, "open"),
                (long long)number(n, "ringing"));
}

static void calls_status(struct ui_list *list, struct rl_buf *out)
{
    const struct calls *c = of(list);
    if (c->paused)
        rl_buf_addf(out, "Paused: %zu changes wait (p goes on).", c->waiting);
    else if (c->still && c->waiting)
        rl_buf_addf(out, "%zu new since you looked: r shows them (t follows).", c->waiting);
    else
        rl_buf_addf(out, "%s (t %s).%s",
                    c->still ? "Does not follow new calls" : "Follows new calls",
                    c->still ? "follows" : "stops", c->ended_too ? " Ended ones too (E)." : "");
}

static void calls_fini(struct ui_list *list)
{
    json_decref(of(list)->counts);
}

static const struct ui_builtin calls_views[] = {
    {"Open",   "lock", UI_OP_IS, "OPEN", NULL},
    {"Locked", "lock", UI_OP_IS, "LOCK", NULL},
};

static const struct ui_list_spec calls_spec = {
    .one = "call",
    .many = "calls",
    .empty = "No calls now. New ones appear by themselves.",
    .columns = calls_columns,
    .ncolumns = sizeof calls_columns / sizeof calls_columns[0],
    .views = calls_views,
    .nviews = sizeof calls_views / sizeof calls_views[0],
    .id = "id",
    .paging = UI_BY_NUMBER,
    .method = "call.list",
    .number = "serial",
    .keep = CALLS_KEPT,
    .params = calls_params,
    .answered = calls_answered,
    .notify = calls_notify,
    .summary = calls_summary,
    .status = calls_status,
    .fini = calls_fini,
    .shows = calls_shows,
};

/* Keys. */

static struct ui_list *as_list(struct ui_view *view)
{
    return (struct ui_list *)view;
}

static unsigned calls_open(struct ui_view *view)
{
    ui_open(view->app, "call", as_list(view)->id);
    return UI_REDRAW;
}

static unsigned calls_pause(struct ui_view *view)
{
    struct calls *c = of(as_list(view));
    c->paused = !c->paused;
    return c->paused ? UI_REDRAW : UI_RELOAD;
}

static unsigned calls_follow(struct ui_view *view)
{
    struct calls *c = of(as_list(view));
    c->still = !c->still;
    return c->still ? UI_REDRAW : UI_RELOAD;
}

static unsigned calls_ended(struct ui_view *view)
{
    struct calls *c = of(as_list(view));
    c->ended_too = !c->ended_too;
    return UI_RELOAD;
}

/* clang-format off */
static const struct ui_action calls_actions[] = {
    {"call-why", "Enter", "why", "Show why the call is locked, or not",
     UI_NEED_ROW, UI_SAFE, calls_open},
    {"calls-pause", "p", "pause", "Keep everything as it is, or go on", 0, UI_SAFE, calls_pause},
    {"calls-follow", "t", "follow", "Follow new calls, or have them wait",
     0, UI_SAFE, calls_follow},
    {"calls-ended", "E", "ended", "Show ended calls too, or only live ones",
     0, UI_SAFE, calls_ended},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *calls_new(struct ui_app *app, const struct ui_screen *screen,
                                 const char *object)
{
    (void)object;
    struct ui_list *list = ui_list_new(app, screen, &calls_spec);
    list->extra = rl_alloc(sizeof(struct calls));
    return &list->view;
}

const struct ui_screen calls_screen = {
    .digit = 6,
    .name = "calls",
    .title = "Calls",
    .about = "Live calls, the newest first. LOCK: every device is trusted, signalling is "
             "authenticated and encrypted, media is SRTP. SHLD: authenticated only. OPEN: neither. "
             "The cursor stays on its call while others come and go.",
    .actions = calls_actions,
    .jumps = call_jumps,
    .class = &ui_list_class,
    .open = calls_new,
};
