#include <stdio.h>
#include <string.h>

#include "console/dialog.h"
#include "console/list_parts.h"

static struct ui_list *as_list(struct ui_view *view)
{
    return (struct ui_list *)view;
}

static bool row_holds(struct ui_list *list, size_t r, const char *text)
{
    struct rl_buf cell = {0};
    bool found = false;
    for (size_t i = 0; !found && i < list->nshow; i++) {
        rl_buf_clear(&cell);
        ui_list_cell(list, list->show[i], list->row[list->shown[r]].json, &cell);
        found = strcasestr(rl_buf_str(&cell), text) != NULL;
    }
    rl_buf_fini(&cell);
    return found;
}

/* The first row from `from` on that holds the text, around the end; nshown if none does. */
static size_t search(struct ui_list *list, size_t from, int by, const char *text)
{
    for (size_t i = 0; i < list->nshown; i++) {
        size_t r = (from + list->nshown + (by > 0 ? i : list->nshown - i)) % list->nshown;
        if (row_holds(list, r, text))
            return r;
    }
    return list->nshown;
}

static void find_changed(struct ui_view *view, const char *text)
{
    struct ui_list *list = as_list(view);
    size_t r = *text ? search(list, list->find_from, 1, text) : list->find_from;
    if (r < list->nshown)
        ui_list_move_to(list, r);
}

static unsigned find_done(struct ui_view *view, const char *text)
{
    struct ui_list *list = as_list(view);
    if (!text) {
        ui_list_move_to(list, list->find_from);
        return UI_REDRAW;
    }
    snprintf(list->find, sizeof list->find, "%s", text);
    if (*text && (list->nshown == 0 || !row_holds(list, list->at, text)))
        ui_list_seek(list, text);
    return UI_REDRAW;
}

static const struct ui_prompt_spec find_prompt = {
    .label = "find", .changed = find_changed, .done = find_done};

unsigned ui_list_find(struct ui_view *view)
{
    as_list(view)->find_from = as_list(view)->at;
    ui_prompt(view, &find_prompt, "");
    return UI_REDRAW;
}

static unsigned find_again(struct ui_list *list, int by)
{
    if (!list->find[0] || list->nshown == 0) {
        ui_say(list->view.app, "i", "nothing to find yet: / finds");
        return UI_REDRAW;
    }
    size_t from = (list->at + list->nshown + (size_t)by) % list->nshown;
    size_t r = search(list, from, by, list->find);
    if (r == list->nshown)
        ui_list_seek(list, list->find);
    return r < list->nshown ? ui_list_move_to(list, r) : UI_REDRAW;
}

unsigned ui_list_next(struct ui_view *view)
{
    return find_again(as_list(view), 1);
}

unsigned ui_list_previous(struct ui_view *view)
{
    return find_again(as_list(view), -1);
}
