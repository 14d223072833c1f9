/* Small layers above a view: questions, menus, one-line prompts. Each is a view of its own; none
 * has a loop. */
#ifndef RL_CONSOLE_DIALOG_H
#define RL_CONSOLE_DIALOG_H

#include "console/edit.h"
#include "console/ui.h"

/* Ask before `fn` is run on the owner: [Cancel], which leads, and [label]. With `typed` the name
 * has to be typed before. The texts are copied. */
typedef unsigned (*ui_confirm_fn)(struct ui_view *owner);
void ui_confirm(struct ui_view *owner, const char *label, const char *text, const char *typed,
                ui_confirm_fn fn);
/* The same for n objects: the number has to be typed. */
void ui_confirm_count(struct ui_view *owner, const char *label, const char *text, size_t n,
                      ui_confirm_fn fn);
/* Ask whether to go on in spite of warnings: each is told with what helps, and its code appended to
 * `accept`; refusals among the problems are left out. */
void ui_confirm_warnings(struct ui_view *owner, const char *label, const json_t *problems,
                         json_t *accept, ui_confirm_fn fn);
/* Of the question asked last: `no` is run on the owner when it is left. */
void ui_confirm_else(struct ui_view *owner, ui_confirm_fn no);

/* One of several: typing narrows the list. `items` (n of them, copied) are shown; fn gets the
 * index, and is not called when the menu is left. */
typedef unsigned (*ui_menu_fn)(struct ui_view *owner, size_t index);
void ui_menu(struct ui_view *owner, const char *title, const char *const *items, size_t n,
             size_t selected, ui_menu_fn fn);

/* One line of text on the status line. `changed` (may be NULL) is told of every key; `done` of the
 * end, with NULL when it was left by Esc. `text` is borrowed. */
struct ui_prompt_spec {
    const char *label; /* "find" */
    void (*changed)(struct ui_view *owner, const char *text);
    unsigned (*done)(struct ui_view *owner, const char *text);
    /* Completes the text in place of Tab; owned answer, or NULL. May be NULL. */
    char *(*complete)(struct ui_view *owner, const char *text);
    /* All that begin so, an array of texts, owned: Tab offers them where it can complete no more.
     * May be NULL. */
    json_t *(*names)(struct ui_view *owner, const char *text);
    bool secret; /* never shown, and wiped when the prompt is left */
};
void ui_prompt(struct ui_view *owner, const struct ui_prompt_spec *spec, const char *text);
/* Completes the name of a file, and lists those that begin so: for `complete` and `names`. */
char *ui_prompt_file(struct ui_view *owner, const char *text);
json_t *ui_prompt_files(struct ui_view *owner, const char *text);

/* Insert what was pasted, as ui_edit_paste does; says so if it was cut. */
void ui_paste(struct ui_view *view, struct ui_edit *edit, const char *text);

/* A box in the middle of the area: draws the frame and the title, gives the inside. */
struct ui_area ui_box(struct ui_area area, int rows, int cols, const char *title, int *left);

#endif
