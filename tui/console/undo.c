#include <stdint.h>
#include <stdlib.h>

#include "client/changes.h"
#include "console/app.h"
#include "console/dialog.h"
#include "console/undo.h"
#include "ringlock/text.h"

enum { ENTRIES_SHOWN = 4, FIELDS_SHOWN = 8 };

struct telling {
    struct rl_buf *out;
    size_t n;
};

/* What the field is now, and what it will be. */
static void add_change(void *ctx, const char *field, const char *before, const char *after)
{
    struct telling *t = ctx;
    if (t->n++ < FIELDS_SHOWN)
        rl_buf_addf(t->out, "   %s: %s -> %s\n", field, *after ? after : "-",
                    *before ? before : "-");
}

static void add_entry(const json_t *entry, struct rl_buf *out)
{
    struct telling t = {.out = out};
    rl_buf_addf(out, "%s of %s\n", ui_text_of(entry, "what"), ui_text_of(entry, "object"));
    if (json_is_object(json_object_get(entry, "before")) &&
        json_is_object(json_object_get(entry, "after")))
        rl_client_changes(entry, add_change, &t);
    if (t.n > FIELDS_SHOWN)
        rl_buf_addf(out, "   and %zu more\n", t.n - FIELDS_SHOWN);
}

static void add_warnings(const json_t *result, struct rl_buf *out)
{
    const json_t *warning;
    size_t i;
    json_array_foreach (json_object_get(result, "warnings"), i, warning)
        rl_buf_addf(out, "\n%s: %s\n", ui_text_of(warning, "code"), ui_text_of(warning, "message"));
}

static void undone(struct ui_view *view, const json_t *result, const struct rl_err *err,
                   const json_t *problems)
{
    (void)problems;
    const json_t *last = json_array_get(json_object_get(result, "rows"), 0);
    json_int_t n = json_integer_value(json_object_get(result, "entries"));
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    if (n > 1)
        ui_say(view->app, "i", "undone: %s of %s and %lld more", ui_text_of(last, "what"),
               ui_text_of(last, "object"), (long long)(n - 1));
    else
        ui_say(view->app, "i", "undone: %s of %s", ui_text_of(last, "what"),
               ui_text_of(last, "object"));
    for (struct ui_view *v = view; v; v = v->below)
        ui_load(v);
}

static unsigned go(struct ui_view *view)
{
    const json_t *peeked = view->app->undo, *warning;
    json_t *accept = json_array();
    size_t i;
    json_array_foreach (json_object_get(peeked, "warnings"), i, warning)
        json_array_append(accept, json_object_get(warning, "code"));
    ui_ask(view, "undo",
           json_pack("{s:O,s:o}", "act", json_object_get(peeked, "act"), "accept", accept), undone);
    return UI_REDRAW;
}

static void peeked(struct ui_view *view, const json_t *result, const struct rl_err *err,
                   const json_t *problems)
{
    (void)problems;
    const json_t *rows = json_object_get(result, "rows");
    size_t n = (size_t)json_integer_value(json_object_get(result, "entries"));
    struct rl_buf text = {0};
    if (err) {
        ui_say_error(view->app, err);
        return;
    }
    json_decref(view->app->undo);
    view->app->undo = json_incref((json_t *)(uintptr_t)result);
    rl_buf_adds(&text, "Your last change is undone:\n\n");
    for (size_t i = 0; i < json_array_size(rows) && i < ENTRIES_SHOWN; i++)
        add_entry(json_array_get(rows, i), &text);
    if (n > ENTRIES_SHOWN)
        rl_buf_addf(&text, "and %zu more\n", n - ENTRIES_SHOWN);
    add_warnings(result, &text);
    if (ui_top(view->app) == view)
        ui_confirm(view, "Undo", rl_buf_str(&text), NULL, go);
    rl_buf_fini(&text);
}

unsigned ui_undo(struct ui_view *view)
{
    ui_ask(view, "undo.peek", NULL, peeked);
    return UI_REDRAW;
}
