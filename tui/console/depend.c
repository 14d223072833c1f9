#include "console/depend.h"

#include <string.h>

#include "console/app.h"
#include "console/bulk.h"
#include "ringlock/protocol.h"
#include "ringlock/text.h"

enum { ASKED = 500, NAMED = 3 };

/* What a removal does: to what depends on the objects, if anything does, and always. */
static const char open_then[] = "Calls with a device that is unknown are open.";
static const struct {
    enum rl_kind kind;
    const char *then, *always;
} removals[] = {
    {RL_PHONE,       "Certificates stay on file.",                                  open_then},
    {RL_GATEWAY,     "Certificates stay on file.",                                  open_then},
    {RL_PROFILE,     "Profiles that phones have are not removed.",                  NULL     },
    {RL_USER,        "Users that phones answer as are not removed.",                NULL     },
    {RL_TYPE,        "Types that phones or gateways are of are not removed.",       NULL     },
    {RL_CERTIFICATE, "Phones without another certificate are not secure any more.", NULL     },
};

/* Those of one kind: "12 phones (A, B, C and 9 more)". */
static void add_kind(const json_t *users, const struct rl_object *obj, bool more,
                     struct rl_buf *out)
{
    json_t *names = json_object(), *user;
    const char *name;
    size_t i = 0, n;
    json_array_foreach ((json_t *)(uintptr_t)users, i, user)
        if (strcmp(ui_text_of(user, "kind"), obj->name) == 0)
            json_object_set_new(names, ui_text_of(user, "name"), json_true());
    n = json_object_size(names);
    if (n > 0)
        rl_buf_addf(out, "%s%zu %s%s (", out->len ? ", " : "", n, n == 1 ? obj->name : obj->plural,
                    more ? " or more" : "");
    i = 0;
    json_object_foreach (names, name, user) {
        if (i++ == NAMED)
            break;
        rl_buf_adds(out, i > 1 ? ", " : "");
        rl_text_safe(out, name, strlen(name));
    }
    if (n > NAMED)
        rl_buf_addf(out, " and %zu more", n - NAMED);
    if (n > 0)
        rl_buf_addc(out, ')');
    json_decref(names);
}

void ui_depend_text(enum rl_kind kind, size_t n, const json_t *answer, struct rl_buf *out)
{
    const json_t *users = json_object_get(answer, "users");
    bool more = json_is_true(json_object_get(answer, "more"));
    struct rl_buf list = {0};
    for (int k = 0; k < RL_KIND_COUNT; k++)
        add_kind(users, rl_object((enum rl_kind)k), more, &list);
    if (list.len > 0)
        rl_buf_addf(out, "On %s depend: %s.", n > 1 ? "them" : "it", list.data);
    else
        rl_buf_addf(out, "Nothing depends on %s.", n > 1 ? "them" : "it");
    for (size_t i = 0; i < sizeof removals / sizeof removals[0]; i++) {
        if (removals[i].kind != kind)
            continue;
        if (list.len > 0)
            rl_buf_addf(out, " %s", removals[i].then);
        if (removals[i].always)
            rl_buf_addf(out, " %s", removals[i].always);
    }
    rl_buf_addf(out, "\n%s",
                ui_bulk_undoes(rl_object(kind)->name) ? "U undoes it." : "It cannot be undone.");
    rl_buf_fini(&list);
}

static const struct rl_object *object_of(const struct ui_view *view)
{
    const char *kind = view->class == &ui_list_class ? ((const struct ui_list *)view)->spec->kind
                       : view->screen                ? view->screen->name
                                                     : NULL;
    return kind ? rl_object_by_name(kind) : NULL;
}

static void users_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    const struct ui_action *action = view->app->asking;
    const struct rl_object *obj = object_of(view);
    struct rl_buf text = {0};
    bool awaited = view->app->awaits == view && ui_top(view->app) == view;
    view->app->awaits = NULL;
    if (err)
        ui_say_error(view->app, err);
    if (err || !awaited)
        return;
    json_t *names = ui_bulk_ids(view);
    ui_depend_text(obj->kind, json_array_size(names), result, &text);
    json_decref(names);
    ui_action_ask(view, action, rl_buf_str(&text));
    rl_buf_fini(&text);
}

bool ui_depend_ask(struct ui_view *view, const struct ui_action *action)
{
    const struct rl_object *obj = object_of(view);
    if (!obj)
        return false;
    json_t *names = ui_bulk_ids(view);
    while (json_array_size(names) > RL_NAMES_MAX)
        json_array_remove(names, RL_NAMES_MAX);
    view->app->asking = action;
    view->app->awaits = view;
    ui_ask(view, "object.users_of",
           json_pack("{s:s,s:o,s:i}", "kind", obj->name, "names", names, "limit", ASKED),
           users_came);
    return true;
}
