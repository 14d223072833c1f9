#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "console/classes.h"
#include "console/dialog.h"
#include "console/edit.h"
#include "ringlock/text.h"

enum { NAMES_MAX = 1000 };

struct prompt {
    struct ui_view view;
    const struct ui_prompt_spec *spec; /* static */
    struct ui_edit edit;
    json_t *names; /* offered last, or NULL */
};

static void prompt_draw(struct ui_view *view, struct ui_area area)
{
    struct prompt *p = (struct prompt *)view;
    int row = area.top + area.rows, label = (int)strlen(p->spec->label) + 3, cursor;
    struct rl_buf line = {0};
    rl_buf_addf(&line, " %s: ", p->spec->label);
    ui_fill(row, 0, area.cols, UI_NORMAL, ' ');
    ui_put(row, 0, label, UI_STRONG, rl_buf_str(&line));
    rl_buf_clear(&line);
    ui_edit_show(&p->edit, area.cols - label - 1, p->spec->secret, &line, &cursor);
    ui_put(row, label, area.cols - label, UI_NORMAL, rl_buf_str(&line));
    ui_cursor(row, label + cursor);
    rl_buf_fini(&line);
}

static unsigned prompt_done(struct ui_view *view)
{
    struct prompt *p = (struct prompt *)view;
    ui_close(view);
    ui_consequence(view->below, p->spec->done(view->below, p->edit.text));
    return UI_REDRAW;
}

static unsigned prompt_leave(struct ui_view *view)
{
    struct prompt *p = (struct prompt *)view;
    ui_close(view);
    ui_consequence(view->below, p->spec->done(view->below, NULL));
    return UI_REDRAW;
}

static unsigned name_chosen(struct ui_view *view, size_t index)
{
    struct prompt *p = (struct prompt *)view;
    ui_edit_set(&p->edit, json_string_value(json_array_get(p->names, index)));
    return UI_REDRAW;
}

static void offer_names(struct prompt *p)
{
    const char *items[NAMES_MAX];
    const json_t *name;
    size_t n = 0, i;
    json_decref(p->names);
    p->names = p->spec->names(p->view.below, p->edit.text);
    json_array_foreach (p->names, i, name) {
        if (n < NAMES_MAX)
            items[n++] = json_string_value(name);
    }
    if (n == 0)
        ui_say(p->view.app, "!", "nothing begins with \"%s\"", p->edit.text);
    else if (n > 1)
        ui_menu(&p->view, p->spec->label, items, n, 0, name_chosen);
}

static unsigned prompt_complete(struct ui_view *view)
{
    struct prompt *p = (struct prompt *)view;
    char *text = p->spec->complete ? p->spec->complete(view->below, p->edit.text) : NULL;
    bool further = text && strcmp(text, p->edit.text) != 0;
    if (further)
        ui_edit_set(&p->edit, text);
    else if (p->spec->names)
        offer_names(p);
    free(text);
    return UI_REDRAW;
}

void ui_paste(struct ui_view *view, struct ui_edit *edit, const char *text)
{
    size_t lost = ui_edit_paste(edit, text);
    if (lost > 0)
        ui_say(view->app, "!", "what was pasted did not fit: the last %zu bytes were cut", lost);
}

static bool prompt_typed(struct ui_view *view, int key, const char *paste, unsigned *consequence)
{
    struct prompt *p = (struct prompt *)view;
    *consequence = UI_REDRAW;
    if (key == UI_KEY_PASTE)
        ui_paste(view, &p->edit, paste);
    else if (!ui_edit_key(&p->edit, key))
        return false;
    if (p->spec->changed)
        p->spec->changed(view->below, p->edit.text);
    return true;
}

static const char *prompt_label(struct ui_view *view, const struct ui_action *action)
{
    bool completes = ((struct prompt *)view)->spec->complete != NULL;
    return action->run != prompt_complete || completes ? action->label : NULL;
}

static void prompt_fini(struct ui_view *view)
{
    struct prompt *p = (struct prompt *)view;
    json_decref(p->names);
    explicit_bzero(&p->edit, sizeof p->edit);
}

/* clang-format off */
static const struct ui_action prompt_actions[] = {
    {"prompt-done", "Enter", "done", "Take what was typed", 0, UI_SAFE, prompt_done},
    {"prompt-complete", "Tab", "complete", "Complete what was typed, or offer what begins so",
     0, UI_SAFE, prompt_complete},
    {"prompt-leave", "Esc,^C", "leave", "Back to where you were", 0, UI_SAFE, prompt_leave},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_prompt_class = {
    .name = "prompt",
    .actions = prompt_actions,
    .overlay = true,
    .modal = true,
    .on_status = true,
    .draw = prompt_draw,
    .label = prompt_label,
    .typed = prompt_typed,
    .fini = prompt_fini,
};

void ui_prompt(struct ui_view *owner, const struct ui_prompt_spec *spec, const char *text)
{
    struct prompt *p = rl_alloc(sizeof *p);
    ui_view_init(&p->view, owner->app, &ui_prompt_class, NULL, spec->label);
    p->spec = spec;
    ui_edit_set(&p->edit, text);
    ui_push(owner->app, &p->view);
}

char *ui_prompt_file(struct ui_view *owner, const char *text)
{
    (void)owner;
    return rl_files_complete(text);
}

json_t *ui_prompt_files(struct ui_view *owner, const char *text)
{
    (void)owner;
    return rl_files_list(text);
}
