#include "console/jump.h"

#include <stdio.h>
#include <string.h>

#include "console/detail.h"
#include "console/dialog.h"
#include "console/list.h"

enum { WAYS = 16 };

/* Open the list of a screen above what is shown, with one criterion. False if there is no such list
 * or field. */
static bool open_list(struct ui_app *app, const char *screen, const char *field, enum ui_op op,
                      const char *value)
{
    const struct ui_screen *s = ui_screen_by_name(screen);
    if (!s || s->class != &ui_list_class)
        return false;
    struct ui_list *list = (struct ui_list *)s->open(app, s, "");
    struct ui_filter_field known;
    struct ui_criterion *c = &list->criteria[0];
    *c = (struct ui_criterion){.op = op};
    while (ui_list_field(list, c->field, &known) && strcmp(known.name, field) != 0)
        c->field++;
    list->ncriteria = ui_list_field(list, c->field, &known);
    snprintf(c->value, sizeof c->value, "%s", value);
    list->jumped = true;
    ui_push(app, &list->view);
    return list->ncriteria > 0;
}

static const json_t *object_of(struct ui_view *view)
{
    if (view->class == &ui_detail_class)
        return ((struct ui_detail *)view)->data;
    return ui_list_row((struct ui_list *)view);
}

/* Where the way leads from the object; NULL: nowhere. The name goes into `out`. */
static const char *target(const struct ui_jump *way, const json_t *object, struct rl_buf *out)
{
    if (way->find)
        return way->find(object, out);
    rl_buf_adds(out, ui_text_of(object, way->from));
    return out->len > 0 ? way->screen : NULL;
}

static unsigned chosen(struct ui_view *view, size_t index)
{
    const json_t *object = object_of(view);
    for (const struct ui_jump *way = view->screen->jumps; way->label; way++) {
        struct rl_buf name = {0};
        const char *screen = target(way, object, &name);
        bool here = screen && index-- == 0;
        if (here && way->field)
            open_list(view->app, screen, way->field, way->op, name.data);
        else if (here)
            ui_open(view->app, screen, name.data);
        rl_buf_fini(&name);
        if (here)
            break;
    }
    return UI_REDRAW;
}

unsigned ui_jump(struct ui_view *view)
{
    const json_t *object = object_of(view);
    const struct ui_jump *way = view->screen ? view->screen->jumps : NULL;
    struct rl_buf text[WAYS] = {{0}};
    const char *items[WAYS];
    size_t n = 0;
    for (; way && way->label && n < WAYS; way++) {
        struct rl_buf name = {0};
        if (target(way, object, &name)) {
            rl_buf_addf(&text[n], "%s", way->label);
            if (!way->field)
                rl_buf_addf(&text[n], ": %s", name.data);
            items[n] = text[n].data;
            n++;
        }
        rl_buf_fini(&name);
    }
    if (n > 0)
        ui_menu(view, "Go to", items, n, 0, chosen);
    else
        ui_say(view->app, "i", "nothing here leads to other objects");
    for (size_t i = 0; i < n; i++)
        rl_buf_fini(&text[i]);
    return UI_REDRAW;
}

const char *ui_jump_label(struct ui_view *view, const struct ui_action *action)
{
    bool leads = view->screen && view->screen->jumps;
    return action->run != ui_jump || leads ? action->label : NULL;
}
