#include <string.h>

#include "console/dialog.h"
#include "ringlock/model.h"
#include "screens/common.h"
#include "screens/screens.h"

/* Another certificate for a role of the server: what would become of phones, and the safe order as
 * one act that goes on where it was left, step by step. */

static json_t *renewal_params(struct ui_detail *d)
{
    return json_pack("{s:s}", "role", d->object);
}

static const json_t *next_step(const struct ui_detail *d)
{
    const json_t *step;
    size_t i;
    json_array_foreach (json_object_get(d->data, "steps"), i, step)
        if (strcmp(member(step, "state"), "next") == 0)
            return step;
    return NULL;
}

/* ---- what is shown ---- */

static void step_line(const json_t *step, struct ui_lines *out)
{
    const char *state = member(step, "state");
    bool done = strcmp(state, "done") == 0, next = strcmp(state, "next") == 0;
    long long left = number(step, "left");
    struct rl_buf text = {0};
    rl_buf_addf(&text, "  %s %lld  %s",
                done   ? "ok"
                : next ? "> "
                       : "  ",
                (long long)number(step, "step"), member(step, "text"));
    if (left)
        rl_buf_addf(&text, " %lld left.", left);
    ui_line_wrap(out, done ? UI_FAINT : next ? UI_STRONG : UI_NORMAL, 0, rl_buf_str(&text));
    rl_buf_fini(&text);
}

static void steps_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *steps = json_object_get(d->data, "steps"), *step;
    size_t i;
    ui_line(out, UI_STRONG, " The safe order");
    json_array_foreach (steps, i, step)
        step_line(step, out);
    ui_line_rule(out);
}

static void effects_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *effects = json_object_get(d->data, "effects"), *effect;
    size_t i;
    ui_line(out, UI_STRONG, " Replaced at once instead");
    if (json_array_size(effects) == 0)
        ui_line(out, UI_NORMAL, "  Nothing becomes of phones.");
    json_array_foreach (effects, i, effect)
        ui_line_wrap(out, UI_WARNING, 2, member(effect, "text"));
}

static void renewal_build(struct ui_detail *d, struct ui_lines *out)
{
    steps_build(d, out);
    effects_build(d, out);
}

static void phones_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *phones = json_object_get(d->data, "phones"), *phone;
    size_t i;
    ui_line(out, UI_STRONG, " Whose list lacks it");
    json_array_foreach (phones, i, phone) {
        long long version = number(phone, "version");
        if (version)
            ui_line(out, UI_NORMAL, "  %-24s list %lld, seen %s", member(phone, "name"), version,
                    member(phone, "seen"));
        else
            ui_line(out, UI_NORMAL, "  %-24s never seen with a list", member(phone, "name"));
        ui_line_focus(out, "phone", member(phone, "name"));
    }
    if (json_is_true(json_object_get(d->data, "more")))
        ui_line(out, UI_FAINT, "  and more, see: ringlock cert impact %s --csv", d->object);
}

/* The certificates that the role had (R11). */
static void past_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *own;
    size_t i;
    json_array_foreach (json_object_get(d->more[d->tab], "rows"), i, own) {
        ui_line(out, UI_NORMAL, "  %-8s since %.16s  ends %.10s  %s %lld", member(own, "state"),
                member(own, "since"), member(own, "not_after"), member(own, "key_type"),
                (long long)number(own, "key_bits"));
        ui_line_focus(out, NULL, NULL);
        ui_line_wrap(out, UI_FAINT, 5, member(own, "fingerprint"));
    }
}

static void renewal_summary(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *step = next_step(d);
    ui_line_wrap(out, UI_NORMAL, 0, step ? member(step, "text") : "");
}

static void renewal_title(struct ui_detail *d, struct rl_buf *out)
{
    rl_buf_addf(out, "Renewal of %s", d->object);
}

static const struct ui_tab renewal_tabs[] = {
    {"Order",        NULL,           NULL,           renewal_build, NULL},
    {"Phones",       NULL,           NULL,           phones_build,  NULL},
    {"Certificates", "cert.history", renewal_params, past_build,    NULL},
};

static const struct ui_detail_spec renewal_spec = {
    .one = "renewal",
    .method = "cert.impact",
    .params = renewal_params,
    .tabs = renewal_tabs,
    .ntabs = sizeof renewal_tabs / sizeof renewal_tabs[0],
    .title = renewal_title,
    .summary = renewal_summary,
};

/* ---- what is done ---- */

/* What is done: by the steps, and without them. Asked of the engine, or gone on with elsewhere. */
static const struct doing {
    const char *id, *method, *option, *screen, *said;
} doings[] = {
    {"tvs",      NULL,              NULL,   "renewal", NULL                               },
    {"make",     "cert.regenerate", "",     NULL,      "The next certificate is made"     },
    {"list",     "ctl.update",      NULL,   NULL,      "The trust lists are published"    },
    {"wait",     NULL,              NULL,   "holders", NULL                               },
    {"activate", "cert.activate",   "",     NULL,      "The next certificate is used"     },
    {"files",    "publish",         NULL,   NULL,      "The files are being signed anew"  },
    {"renew",    NULL,              NULL,   "capf",    NULL                               },
    {"retire",   "cert.retire",     "",     NULL,      "The former certificate is history"},
    {"now",      "cert.regenerate", "now",  NULL,      "The new certificate is used"      },
    {"drop",     "cert.retire",     "next", NULL,      "The next certificate is given up" },
};

static const struct doing *doing_of(const char *id)
{
    for (size_t i = 0; i < sizeof doings / sizeof *doings; i++)
        if (strcmp(doings[i].id, id) == 0)
            return &doings[i];
    return NULL;
}

static void came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                 const json_t *problems);

/* `extra` is what is being done: its id, and what was accepted for it. */
static void ask(struct ui_detail *d)
{
    const struct doing *doing = doing_of(member(d->extra, "id"));
    json_t *params = json_object();
    if (doing->option) {
        json_object_set_new(params, "role", json_string(d->object));
        json_object_set(params, "accept", json_object_get(d->extra, "accept"));
    }
    if (doing->option && *doing->option)
        json_object_set_new(params, doing->option, json_true());
    ui_ask(&d->view, doing->method, params, came);
}

static unsigned accepted(struct ui_view *view)
{
    ask((struct ui_detail *)view);
    return UI_REDRAW;
}

static void came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                 const json_t *problems)
{
    struct ui_detail *d = (struct ui_detail *)view;
    (void)result;
    if (err && rl_code_is_warning(err->code) && json_array_size(problems) > 0) {
        ui_confirm_warnings(view, "Go on", problems, json_object_get(d->extra, "accept"), accepted);
        return;
    }
    if (err)
        ui_say_error(view->app, err);
    else
        ui_say(view->app, "i", "%s.", doing_of(member(d->extra, "id"))->said);
    ui_load(view);
}

static unsigned act(struct ui_view *view, const char *id)
{
    struct ui_detail *d = (struct ui_detail *)view;
    const struct doing *doing = doing_of(id);
    if (doing && !doing->method)
        ui_open(view->app, doing->screen, strcmp(id, "tvs") == 0 ? RL_STORE_TVS : "");
    if (!doing || !doing->method)
        return UI_REDRAW;
    json_decref(d->extra);
    d->extra = json_pack("{s:s, s:[]}", "id", id, "accept");
    ask(d);
    return UI_REDRAW;
}

static unsigned step(struct ui_view *view)
{
    const json_t *next = next_step((struct ui_detail *)view);
    return next ? act(view, member(next, "id")) : UI_NOTHING;
}

static unsigned replace(struct ui_view *view)
{
    return act(view, "now");
}

static unsigned give_up(struct ui_view *view)
{
    return act(view, "drop");
}

static void question(struct ui_view *view, const struct ui_action *action, struct rl_buf *out)
{
    const json_t *next = next_step((struct ui_detail *)view);
    if (strcmp(action->name, "renewal-step") == 0)
        rl_buf_addf(out, "Step %lld: %s Do it now?", (long long)number(next, "step"),
                    member(next, "text"));
    else
        rl_buf_addf(out, "The next certificate for %s leaves the trust lists again. Give it up?",
                    ((struct ui_detail *)view)->object);
}

/* clang-format off */
static const struct ui_action renewal_actions[] = {
    {"renewal-step", "S", "next step", "Take the next step of the safe order; asks first",
     UI_NEED_ENGINE | UI_NEED_ADMIN, UI_ASKS, step},
    {"renewal-now", "N", "at once", "Make a certificate that is used at once, and leave phones behind",
     UI_NEED_ENGINE | UI_NEED_ADMIN, UI_TYPE_NAME, replace},
    {"renewal-drop", "X", "give up", "Give up the next certificate; asks first",
     UI_NEED_ENGINE | UI_NEED_ADMIN, UI_ASKS, give_up},
    {.name = NULL},
};
/* clang-format on */

static struct ui_view *renewal_new(struct ui_app *app, const struct ui_screen *screen,
                                   const char *object)
{
    return &ui_detail_new(app, screen, &renewal_spec, object)->view;
}

const struct ui_screen renewal_screen = {
    .name = "renewal",
    .title = "Renewal",
    .about = "Another certificate for a role of the server: which phones it would leave behind, "
             "and the order in which it leaves none. The order goes on where it was left: what is "
             "done of it is found in the certificates, the trust lists and the phones.",
    .actions = renewal_actions,
    .question = question,
    .class = &ui_detail_class,
    .open = renewal_new,
};
