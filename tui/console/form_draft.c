#include <stdlib.h>
#include <string.h>

#include "client/stash.h"
#include "console/app.h"
#include "console/form.h"
#include "ringlock/time.h"

/* The draft of a form (tui.md A8): the engine keeps what was filled in and not saved, a file while
 * there is no engine, and it is found again when the same user opens the same form. Secrets are
 * never in it. */

static const char *act_of(const struct ui_form *form)
{
    if (form->spec->act)
        return form->spec->act;
    return form->name ? "set" : form->copied ? "copy" : "add";
}

static const char *object_of(const struct ui_form *form)
{
    return form->name ? form->name : form->draft.of ? form->draft.of : "";
}

static bool is_kept(const struct ui_form *form, size_t field)
{
    const struct rl_field *f = &form->obj->fields[field];
    return f->kind != RL_F_SECRET && !(f->flags & RL_FF_SYSTEM);
}

/* What is filled in otherwise than it was read, with what is being typed. Owned. */
static json_t *values_of(const struct ui_form *form)
{
    json_t *values = json_object();
    for (size_t i = 0; i < form->obj->nfields; i++) {
        const char *value = ui_form_typing(form, (int)i), *was = form->field[i].original;
        if (is_kept(form, i) && !ui_form_is_fixed(form, (int)i) && !form->field[i].follows &&
            strcmp(value, was ? was : "") != 0)
            json_object_set_new(values, form->obj->fields[i].name, json_string(value));
    }
    return values;
}

/* All that was read, so that what another saves meanwhile can be told from it. Owned. */
static json_t *before_of(const struct ui_form *form)
{
    json_t *before = json_object();
    for (size_t i = 0; i < form->obj->nfields; i++)
        if (is_kept(form, i) && form->field[i].original)
            json_object_set_new(before, form->obj->fields[i].name,
                                json_string(form->field[i].original));
    return before;
}

/* The engine has these values; taken, NULL: none. */
static void note(struct ui_form_draft *d, json_t *values)
{
    json_decref(d->kept);
    d->kept = values;
}

static bool is_news(const struct ui_form *form, const json_t *values)
{
    const struct ui_form_draft *d = &form->draft;
    if (!d->kept)
        return json_object_size(values) > 0;
    return !json_equal(d->kept, values) || d->kept_of != form->rev;
}

/* Somebody else has the draft, or it is gone: what is filled in here becomes one beside it. */
static void part(struct ui_form_draft *d)
{
    d->lost = false;
    d->id = d->rev = 0;
    note(d, NULL);
}

/* In a file, while no engine can be asked. */

/* Parameters of draft.save; owned. */
static json_t *params_of(const struct ui_form *form, json_t *values)
{
    return json_pack("{s:s, s:s, s:s, s:O, s:o, s:I}", "kind", rl_object(form->spec->kind)->name,
                     "act", act_of(form), "name", object_of(form), "values", values, "before",
                     before_of(form), "object_rev", (json_int_t)form->rev);
}

static struct rl_stash stash_of(const struct ui_form *form)
{
    return (struct rl_stash){ui_info(form->view.app)->site, ui_is_locked(form->view.app)};
}

static void unstash(struct ui_form *form)
{
    const struct rl_stash at = stash_of(form);
    json_t *p = form->draft.stashed ? params_of(form, form->draft.stashed) : NULL;
    if (p)
        rl_stash_drop(&at, p);
    json_decref(p);
    json_decref(form->draft.stashed);
    form->draft.stashed = NULL;
}

static void stash(struct ui_form *form, json_t *values)
{
    struct ui_form_draft *d = &form->draft;
    const struct rl_stash at = stash_of(form);
    char now[RL_TIME_TEXT];
    struct rl_err err;
    if (d->stashed ? json_equal(d->stashed, values) : !is_news(form, values))
        return;
    json_t *p = params_of(form, values);
    json_object_set_new(p, "updated", json_string(rl_time_text(rl_now_us(), 0, now)));
    if (rl_stash_put(&at, p, &err) == RL_OK) {
        json_decref(d->stashed);
        d->stashed = json_incref(values);
    } else if (d->told != err.code) {
        d->told = err.code;
        ui_say_error(form->view.app, &err);
    }
    json_decref(p);
}

/* Dropping. */

static void dropped(struct ui_view *view, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    (void)view, (void)result, (void)err, (void)problems; /* else its age ends it */
}

void ui_form_draft_drop(struct ui_form *form)
{
    struct ui_form_draft *d = &form->draft;
    if (d->id && !d->lost)
        ui_ask(&form->view, "draft.drop", json_pack("{s:I}", "id", d->id), dropped);
    d->id = d->rev = 0;
    d->taken_up = false;
    note(d, NULL);
    unstash(form);
}

/* Keeping. */

static void leave_kept(struct ui_form *form)
{
    ui_say(form->view.app, "i",
           "kept as a draft: the same form takes it up again, :drafts lists it");
    ui_form_close(form);
}

/* What waited for the answer. */
static void go_on(struct ui_form *form, bool kept)
{
    enum ui_form_then then = form->draft.then;
    form->draft.then = UI_THEN_NOTHING;
    if (then == UI_THEN_SAVE) {
        ui_form_save(form);
    } else if (then == UI_THEN_DISCARD) {
        ui_form_draft_drop(form);
        ui_form_close(form);
    } else if (then == UI_THEN_LEAVE && kept) {
        ui_form_draft_leave(form);
    }
}

static void refused(struct ui_form *form, const struct rl_err *err)
{
    struct ui_form_draft *d = &form->draft;
    bool again = d->id && strcmp(err->object, "draft") == 0 &&
                 (err->code == RL_E_CONFLICT || err->code == RL_E_NOT_FOUND);
    d->unsure = d->unsure || err->code == RL_E_NO_ENGINE;
    d->lost = d->lost || err->code == RL_E_DRAFT_TAKEN;
    if (again) /* another console of the same user changed it, or dropped it */
        part(d);
    if (!again && (err->code != d->told || d->then == UI_THEN_LEAVE))
        ui_say_error(form->view.app, err);
    d->told = err->code;
    if (again && d->then != UI_THEN_DISCARD && d->then != UI_THEN_SAVE)
        ui_form_draft_keep(form, false);
    else
        go_on(form, false);
}

static void kept(struct ui_view *view, const json_t *result, const struct rl_err *err,
                 const json_t *problems)
{
    (void)problems;
    struct ui_form *form = (struct ui_form *)view;
    struct ui_form_draft *d = &form->draft;
    json_t *sent = d->sent;
    d->sent = NULL;
    if (err) {
        json_decref(sent);
        refused(form, err);
        return;
    }
    note(d, sent);
    d->kept_of = d->sent_of;
    d->id = json_integer_value(json_object_get(result, "id"));
    d->rev = json_integer_value(json_object_get(result, "rev"));
    d->told = RL_OK;
    unstash(form);
    go_on(form, true);
}

static void send_values(struct ui_form *form, json_t *values)
{
    struct ui_form_draft *d = &form->draft;
    json_t *p = params_of(form, values);
    if (d->id)
        json_object_set_new(p, "id", json_integer(d->id));
    if (d->id && !d->sent) /* else it will be another one when this comes */
        json_object_set_new(p, "rev", json_integer(d->rev));
    json_decref(d->sent);
    d->sent = values;
    d->sent_of = form->rev;
    ui_ask(&form->view, "draft.save", p, kept);
}

void ui_form_draft_keep(struct ui_form *form, bool at_once)
{
    struct ui_form_draft *d = &form->draft;
    if (!form->loaded || !d->looked || form->saving || ((d->sent || d->lost) && !at_once))
        return;
    json_t *values = values_of(form);
    if (d->lost && is_news(form, values))
        part(d);
    if (!ui_is_up(form->view.app)) {
        stash(form, values);
        json_decref(values);
    } else if (!is_news(form, values)) {
        unstash(form);
        json_decref(values);
    } else if (json_object_size(values) == 0) {
        json_decref(values);
        ui_form_draft_drop(form);
    } else {
        send_values(form, values);
    }
}

void ui_form_draft_leave(struct ui_form *form)
{
    struct ui_form_draft *d = &form->draft;
    bool up = ui_is_up(form->view.app);
    if (d->lost)
        part(d);
    if (!up)
        d->told = RL_OK; /* why not is said again */
    ui_form_draft_keep(form, false);
    if (up && d->sent)
        d->then = UI_THEN_LEAVE;
    else if (d->id || d->stashed)
        leave_kept(form);
    else if (d->told == RL_OK)
        ui_say(form->view.app, "!", "passwords are not kept in a draft: save, or discard");
}

bool ui_form_draft_waits(struct ui_form *form, enum ui_form_then then)
{
    bool again = form->draft.then == then; /* whoever asks twice does not want to wait */
    form->draft.then = form->draft.sent ? then : UI_THEN_NOTHING;
    return form->draft.sent && !again;
}

/* Others. */

void ui_form_draft_notify(struct ui_view *view, const char *method, const json_t *params)
{
    struct ui_form *form = (struct ui_form *)view;
    struct ui_form_draft *d = &form->draft;
    const char *what = ui_text_of(params, "what"), *by = ui_text_of(params, "by");
    if (strcmp(method, "draft") != 0 || !d->id ||
        json_integer_value(json_object_get(params, "id")) != d->id)
        return;
    if (strcmp(what, "taken") == 0) {
        d->lost = true;
        ui_say(view->app, "!!", "E-DRAFT-TAKEN: %s took the draft over", by);
    } else if (strcmp(what, "dropped") == 0) {
        part(d);
        ui_say(view->app, "!", "%s dropped the draft; what is in the form stays", by);
    }
}

/* Finding one again. */

/* "10:42", with the day if it is another one. */
static void when(const char *rfc3339, char *out, size_t size)
{
    time_t at = (time_t)(rl_time_parse(rfc3339) / 1000000), now = time(NULL);
    struct tm tm, today;
    localtime_r(&at, &tm);
    localtime_r(&now, &today);
    bool same = tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year;
    strftime(out, size, same ? "%H:%M" : "%Y-%m-%d %H:%M", &tm);
}

/* It was saved, and the console ended before it could say so. */
static bool says_nothing_new(const struct ui_form *form, const json_t *values)
{
    for (size_t i = 0; i < form->obj->nfields; i++) {
        const char *value = ui_text_of(values, form->obj->fields[i].name);
        if (json_object_get(values, form->obj->fields[i].name) &&
            strcmp(value, ui_form_get(form, (int)i)) != 0)
            return false;
    }
    return true;
}

static void take_up(struct ui_form *form, const json_t *draft)
{
    struct ui_form_draft *d = &form->draft;
    const json_t *values = json_object_get(draft, "values");
    int64_t rev = json_integer_value(json_object_get(draft, "object_rev"));
    bool stale = form->name && rev != form->rev;
    char at[32];
    d->id = json_integer_value(json_object_get(draft, "id"));
    d->rev = json_integer_value(json_object_get(draft, "rev"));
    note(d, json_incref((json_t *)(uintptr_t)values));
    if (form->name && says_nothing_new(form, values)) {
        ui_form_draft_drop(form);
        return;
    }
    if (stale)
        form->rev = rev; /* saving compares it with what the other saved */
    d->taken_up = true;
    d->kept_of = form->rev;
    ui_form_take(form, stale ? json_object_get(draft, "before") : NULL, values);
    ui_form_check(form);
    when(ui_text_of(draft, "updated"), at, sizeof at);
    ui_say(form->view.app, "i", "Draft of %s taken up; %s", at,
           stale ? "saved by another since: F2 compares" : "F8 starts afresh");
}

static void opened(struct ui_view *view, const json_t *result, const struct rl_err *err,
                   const json_t *problems)
{
    (void)problems;
    struct ui_form *form = (struct ui_form *)view;
    form->draft.looked = !err || err->code != RL_E_NO_ENGINE;
    if (!err)
        take_up(form, result);
    else if (err->code != RL_E_NO_ENGINE && err->code != RL_E_NOT_FOUND)
        ui_say_error(view->app, err);
    ui_form_draft_keep(form, false);
}

static void ask_list(struct ui_form *form, ui_answer_fn fn)
{
    ui_ask(&form->view, "draft.list",
           json_pack("{s:s, s:s, s:s}", "kind", rl_object(form->spec->kind)->name, "name",
                     object_of(form), "act", act_of(form)),
           fn);
}

/* The latest of ours, or the one that was chosen; borrowed, or NULL. */
static const json_t *mine(const struct ui_form *form, const json_t *rows)
{
    const json_t *row, *latest = NULL;
    size_t i;
    json_array_foreach (rows, i, row) {
        bool ours = strcmp(ui_text_of(row, "owner"), ui_info(form->view.app)->user) == 0;
        if (ours && json_integer_value(json_object_get(row, "id")) == form->draft.chosen)
            return row;
        if (ours && !latest)
            latest = row;
    }
    return latest;
}

/* What a file has of it, if that is newer than what the engine has (NULL: nothing); owned. */
static json_t *found_stash(const struct ui_form *form, const json_t *row)
{
    const struct rl_stash at = stash_of(form);
    json_t *none = json_object(), *p = params_of(form, none);
    json_t *draft = rl_stash_get(&at, p);
    if (draft && strcmp(ui_text_of(draft, "updated"), ui_text_of(row, "updated")) < 0) {
        rl_stash_drop(&at, p);
        json_decref(draft);
        draft = NULL;
    }
    if (draft && row) {
        json_object_set(draft, "id", json_object_get(row, "id"));
        json_object_set(draft, "rev", json_object_get(row, "rev"));
    }
    json_decref(p);
    json_decref(none);
    return draft;
}

/* The engine gets it with the next keeping; then the file goes. */
static void take_stash(struct ui_form *form, const json_t *draft)
{
    form->draft.stashed = json_incref(json_object_get(draft, "values"));
    take_up(form, draft);
    note(&form->draft, NULL);
}

static void listed(struct ui_view *view, const json_t *result, const struct rl_err *err,
                   const json_t *problems)
{
    (void)problems;
    struct ui_form *form = (struct ui_form *)view;
    struct ui_form_draft *d = &form->draft;
    const json_t *row = mine(form, json_object_get(result, "rows"));
    if (err && err->code == RL_E_NO_ENGINE)
        return; /* asked again when it is back */
    d->unsure = false;
    json_t *stashed = d->looked ? NULL : found_stash(form, row);
    if (stashed) {
        take_stash(form, stashed);
        json_decref(stashed);
    } else if (row && d->looked) { /* the answer that it was kept did not come through */
        d->id = json_integer_value(json_object_get(row, "id"));
        d->rev = json_integer_value(json_object_get(row, "rev"));
    } else if (row) {
        ui_ask(view, "draft.open", json_pack("{s:O}", "id", json_object_get(row, "id")), opened);
        return;
    }
    d->looked = true;
    ui_form_draft_keep(form, false);
}

void ui_form_draft_look(struct ui_form *form)
{
    if (form->draft.looked && !form->draft.unsure)
        ui_form_draft_keep(form, false);
    else
        ask_list(form, listed);
}

static void rescued(struct ui_view *view, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    (void)problems;
    struct ui_form *form = (struct ui_form *)view;
    struct ui_form_draft *d = &form->draft;
    if (err) {
        ui_say_error(view->app, err);
        ui_close(view);
        return;
    }
    ui_form_renew(form);
    ui_form_fill(form, form->spec, json_object_get(result, "before"));
    d->id = json_integer_value(json_object_get(result, "id"));
    d->rev = json_integer_value(json_object_get(result, "rev"));
    d->looked = d->taken_up = true;
    d->kept_of = form->rev;
    note(d, json_incref(json_object_get(result, "values")));
    ui_form_take(form, NULL, d->kept);
    ui_say(view->app, "!", "%s was removed by another: saving adds it again", d->of);
}

static void rescue_listed(struct ui_view *view, const json_t *result, const struct rl_err *err,
                          const json_t *problems)
{
    (void)problems;
    const json_t *row = mine((struct ui_form *)view, json_object_get(result, "rows"));
    if (row)
        ui_ask(view, "draft.open", json_pack("{s:O}", "id", json_object_get(row, "id")), rescued);
    else if (!err || err->code != RL_E_NO_ENGINE)
        ui_close(view);
}

void ui_form_draft_rescue(struct ui_form *form)
{
    ask_list(form, rescue_listed);
}

void ui_form_draft_choose(struct ui_form *form, json_int_t id)
{
    form->draft.chosen = id;
}

void ui_form_draft_fini(struct ui_form *form)
{
    json_decref(form->draft.kept);
    json_decref(form->draft.sent);
    json_decref(form->draft.stashed);
    free(form->draft.of);
}
