#include <stdlib.h>
#include <string.h>

#include "console/dialog.h"
#include "console/wizard.h"

/* A message takes a MiB (protocol.h): certificates beyond this go with the next one. */
enum { DATA_MAX = RL_LINE_MAX / 2 };

static struct ui_wizard *as_wizard(struct ui_view *view)
{
    return (struct ui_wizard *)view;
}

static const char *id_of(const struct ui_wizard *w, int step)
{
    return step < (int)w->wizard->nsteps ? w->wizard->steps[step].id : "check";
}

static json_t *params_of(const struct ui_wizard *w)
{
    return json_pack("{s:I}", "id", w->id);
}

const json_t *ui_wizard_answer(const struct ui_wizard *w, const char *key)
{
    const json_t *value = json_object_get(w->typed, key);
    if (!value)
        value = json_object_get(w->sent, key);
    return value ? value : json_object_get(json_object_get(w->draft, "answers"), key);
}

void ui_wizard_set(struct ui_wizard *w, const char *key, json_t *value)
{
    json_object_set_new(w->typed, key, value);
    ui_message_leave(w->form.view.app);
    ui_wizard_save(w);
}

const json_t *ui_wizard_problems(const struct ui_wizard *w)
{
    const json_t *steps = json_object_get(w->draft, "steps");
    return json_object_get(json_array_get(steps, (size_t)w->step), "problems");
}

/* Taking over what the engine told. */

/* A problem of a step to the list of them all. */
static void add_open(json_t *list, const json_t *step, const json_t *problem)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)problem);
    json_object_set(copy, "step", json_object_get(step, "id"));
    json_array_append_new(list, copy);
}

/* What keeps the draft from being applied, each with its step: refusals, and steps to be gone
 * through, for the first time or again. Owned. */
static json_t *open_problems(const json_t *draft)
{
    json_t *list = json_array();
    const json_t *step, *problem;
    size_t s, i;
    json_array_foreach (json_object_get(draft, "steps"), s, step) {
        bool again = strcmp(ui_text_of(step, "state"), "again") == 0;
        bool unseen = strcmp(ui_text_of(step, "state"), "open") == 0;
        json_array_foreach (json_object_get(step, "problems"), i, problem)
            if (ui_text_of(problem, "code")[0] == 'E')
                add_open(list, step, problem);
        json_t *look =
            json_pack("{s:s,s:s}", "code", "E-DRAFT-OPEN", "message",
                      again ? "An answer that it rests on was changed: look at it once more."
                            : "It was not gone through yet.");
        if (again || unseen)
            add_open(list, step, look);
        json_decref(look);
    }
    return list;
}

/* Owned. */
static json_t *messages_of_phones(const json_t *draft)
{
    json_t *messages = json_object();
    const json_t *phone, *problem;
    size_t p, i;
    json_array_foreach (json_object_get(draft, "phones"), p, phone)
        json_array_foreach (json_object_get(phone, "problems"), i, problem)
            json_object_set_new(messages, ui_text_of(problem, "message"), json_true());
    return messages;
}

static void take_draft(struct ui_wizard *w, const json_t *draft)
{
    json_decref(w->draft);
    json_decref(w->open);
    json_decref(w->own);
    w->draft = json_incref((json_t *)(uintptr_t)draft);
    w->open = open_problems(draft);
    w->own = messages_of_phones(draft);
    w->rev = json_integer_value(json_object_get(draft, "rev"));
    w->wizard = rl_wizard_find(ui_text_of(draft, "kind"));
}

static int open_step(const struct ui_wizard *w)
{
    int step = rl_wizard_step(w->wizard, ui_text_of(w->draft, "step"));
    return step < 0 ? (int)w->wizard->nsteps : step;
}

/* "Wizard: Shared certificate, Ascom i63" */
static void name_view(struct ui_wizard *w)
{
    char *title = rl_asprintf("Wizard: %s, %s", w->wizard->title, ui_text_of(w->draft, "type"));
    ui_view_title(&w->form.view, title);
    free(title);
}

static void show_draft(struct ui_wizard *w, const json_t *draft)
{
    bool first = !w->draft;
    take_draft(w, draft);
    if (!w->wizard) {
        ui_say(w->form.view.app, "!!", "the engine keeps a wizard that this console does not know");
        ui_close(&w->form.view);
        return;
    }
    name_view(w);
    if (!first) {
        ui_wizard_refresh(w);
        return;
    }
    ui_message_leave(w->form.view.app);
    ui_wizard_go(w, open_step(w));
}

static void shown(struct ui_view *view, const json_t *result, const struct rl_err *err,
                  const json_t *problems)
{
    (void)problems;
    if (err)
        ui_say_error(view->app, err);
    else
        show_draft(as_wizard(view), result);
}

static void show_only(struct ui_wizard *w)
{
    ui_ask(&w->form.view, "wizard.show", params_of(w), shown);
}

static unsigned take_over(struct ui_view *view)
{
    ui_wizard_open(as_wizard(view), true);
    return UI_REDRAW;
}

static void lost_to(struct ui_wizard *w, const char *why)
{
    w->taken = true;
    w->want = -1;
    w->leaving = false;
    if (ui_top(w->form.view.app) == &w->form.view)
        ui_confirm(&w->form.view, "Take over", why, NULL, take_over);
}

/* As the engine tells it back: that there is a certificate, not which. Owned. */
static json_t *told_back(const json_t *answer)
{
    json_t *out = json_deep_copy(answer), *phone;
    size_t i;
    if (json_is_string(json_object_get(out, "data")))
        json_object_set_new(out, "data", json_true());
    json_array_foreach (out, i, phone) {
        if (json_is_string(json_object_get(phone, "data")))
            json_object_set_new(phone, "data", json_true());
    }
    return out;
}

/* Answers that came through before the line was lost. */
static void forget_kept(struct ui_wizard *w)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe (w->typed, next, key, value) {
        json_t *back = told_back(value);
        if (json_equal(back, json_object_get(json_object_get(w->draft, "answers"), key)))
            json_object_del(w->typed, key);
        json_decref(back);
    }
}

static void opened(struct ui_view *view, const json_t *result, const struct rl_err *err,
                   const json_t *problems)
{
    (void)problems;
    struct ui_wizard *w = as_wizard(view);
    if (err && err->code == RL_E_DRAFT_TAKEN) {
        show_only(w);
        lost_to(w, err->text);
        return;
    }
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    json_int_t was = w->draft ? w->rev : -1;
    if (w->taken)
        ui_say(view->app, "i", "the wizard is yours");
    w->taken = false;
    show_draft(w, result);
    forget_kept(w);
    if (was >= 0 && was != w->rev && json_object_size(w->typed) > 0)
        ui_say(view->app, "!", "the wizard was changed meanwhile; Enter keeps what you typed");
    else if (json_object_size(w->typed) > 0)
        ui_wizard_save(w);
}

void ui_wizard_open(struct ui_wizard *w, bool take)
{
    json_t *params = params_of(w);
    json_object_set_new(params, "take", json_boolean(take));
    ui_ask(&w->form.view, "wizard.open", params, opened);
}

/* Keeping. */

/* Part of the answer about phones: certificates beyond what one message takes are left out here,
 * and *rest is the answer that has them still. */
static json_t *first_part(const json_t *phones, json_t **rest)
{
    json_t *part = json_deep_copy(phones), *later = json_deep_copy(phones), *phone;
    size_t i, bytes = 0;
    bool left = false;
    json_array_foreach (part, i, phone) {
        const json_t *data = json_object_get(phone, "data");
        if (!json_is_string(data))
            continue;
        bytes += json_string_length(data);
        if (bytes > DATA_MAX) {
            json_object_del(phone, "data");
            left = true;
        } else {
            json_object_set_new(json_array_get(later, i), "data", json_true());
        }
    }
    *rest = left ? later : NULL;
    if (!left)
        json_decref(later);
    return part;
}

/* Moves what is typed to what is sent. */
static void take_typed(struct ui_wizard *w)
{
    json_t *rest = NULL, *phones = json_object_get(w->typed, "phones");
    w->sent = json_copy(w->typed);
    if (phones)
        json_object_set_new(w->sent, "phones", first_part(phones, &rest));
    json_object_clear(w->typed);
    if (rest)
        json_object_set_new(w->typed, "phones", rest);
}

/* What was sent is typed again, unless it is the answer itself that is refused. */
static void put_back(struct ui_wizard *w, enum rl_code why)
{
    if (why != RL_E_VALUE && why != RL_E_FIELD)
        json_object_update_missing(w->typed, w->sent);
    json_decref(w->sent);
    w->sent = NULL;
    ui_wizard_refresh(w);
}

static void refused(struct ui_wizard *w, const struct rl_err *err)
{
    w->want = -1;
    w->leaving = w->applying = false;
    put_back(w, err->code);
    if (err->code == RL_E_DRAFT_TAKEN) {
        lost_to(w, err->text);
        return;
    }
    ui_say_error(w->form.view.app, err);
    if (err->code == RL_E_CONFLICT)
        show_only(w);
}

/* The first error of the open step; NULL if it holds. */
static const json_t *first_error(const struct ui_wizard *w)
{
    const json_t *problem;
    size_t i;
    json_array_foreach (ui_wizard_problems(w), i, problem) {
        if (ui_text_of(problem, "code")[0] == 'E')
            return problem;
    }
    return NULL;
}

static void go_on(struct ui_wizard *w)
{
    const json_t *problem = first_error(w);
    int want = w->want;
    w->want = -1;
    if (problem) {
        w->tried = true;
        ui_wizard_refresh(w);
        ui_say(w->form.view.app, "!", "Next waits: %s %s", ui_text_of(problem, "code"),
               ui_text_of(problem, "message"));
        return;
    }
    ui_message_over(w->form.view.app);
    ui_wizard_go(w, want);
    ui_wizard_save(w);
}

void ui_wizard_leave(struct ui_wizard *w)
{
    ui_say(w->form.view.app, "i", "the draft is kept: :wizards and the dashboard list it");
    struct ui_view *below = w->form.view.below;
    while (below && below->closing)
        below = below->below;
    if (below)
        ui_load(below);
    ui_close(&w->form.view);
}

static void saved(struct ui_view *view, const json_t *result, const struct rl_err *err,
                  const json_t *problems)
{
    (void)problems;
    struct ui_wizard *w = as_wizard(view);
    if (err) {
        refused(w, err);
        return;
    }
    json_decref(w->sent);
    w->sent = NULL;
    show_draft(w, result);
    if (json_object_size(w->typed) > 0 || (w->want < 0 && w->told != w->step))
        ui_wizard_save(w);
    else if (w->want >= 0)
        go_on(w);
    else if (w->leaving)
        ui_wizard_leave(w);
    else if (w->applying)
        ui_wizard_apply(w);
}

void ui_wizard_save(struct ui_wizard *w)
{
    if (w->sent || w->taken || w->result || !w->draft || !ui_is_up(w->form.view.app))
        return;
    take_typed(w);
    w->told = w->step;
    json_t *params = params_of(w);
    json_object_set_new(params, "rev", json_integer(w->rev));
    json_object_set_new(params, "step", json_string(id_of(w, w->step)));
    json_object_set(params, "answers", w->sent);
    ui_ask(&w->form.view, "wizard.save", params, saved);
}

/* Applying. */

static void submit(struct ui_wizard *w);

static unsigned apply_accepted(struct ui_view *view)
{
    submit(as_wizard(view));
    return UI_REDRAW;
}

static void applied(struct ui_view *view, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    struct ui_wizard *w = as_wizard(view);
    if (!err) {
        w->result = json_incref((json_t *)(uintptr_t)result);
        ui_wizard_focus(w, UI_WIZARD_ROW, 0);
        for (struct ui_view *below = view->below; below; below = below->below)
            ui_load(below);
    } else if (rl_code_is_warning(err->code)) {
        ui_confirm_warnings(view, "Apply", problems, w->accept, apply_accepted);
    } else {
        ui_say_error(view->app, err);
        if (err->code == RL_E_CONFLICT || err->code == RL_E_DRAFT_OPEN)
            show_only(w);
    }
}

static void submit(struct ui_wizard *w)
{
    json_t *params = params_of(w);
    json_object_set_new(params, "rev", json_integer(w->rev));
    json_object_set_new(params, "accept", json_deep_copy(w->accept));
    ui_ask(&w->form.view, "wizard.apply", params, applied);
}

/* What was asked before and not answered with yes is asked again. While something is being kept the
 * draft has no revision that could be applied. */
void ui_wizard_apply(struct ui_wizard *w)
{
    w->applying = w->sent != NULL;
    if (w->applying)
        return;
    json_array_clear(w->accept);
    submit(w);
}

/* Others on the same draft. */

static void told(struct ui_wizard *w, const json_t *params)
{
    struct ui_app *app = w->form.view.app;
    const char *by = ui_text_of(params, "by"), *what = ui_text_of(params, "what");
    if (strcmp(what, "taken") == 0) {
        w->taken = true;
        ui_say(app, "!!", "E-DRAFT-TAKEN: %s has taken this wizard over; F9 takes it back", by);
    } else if (strcmp(what, "saved") == 0) {
        ui_say(app, "!", "%s has answered step \"%s\"", by, ui_text_of(params, "step"));
        show_only(w);
    } else {
        ui_say(app, "!", "%s has %s this wizard", by, what);
        w->taken = w->taken || strcmp(what, "opened") != 0;
    }
}

void ui_wizard_notify(struct ui_view *view, const char *method, const json_t *params)
{
    struct ui_wizard *w = as_wizard(view);
    bool ours = json_integer_value(json_object_get(params, "id")) == w->id;
    if (w->result)
        return;
    if (strcmp(method, "wizard") == 0 && ours)
        told(w, params);
    else if (strcmp(method, "site") == 0)
        show_only(w); /* the end check looks at the mode of the site */
}
