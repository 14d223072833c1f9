/* One act on many objects: a question that names them, progress that can be stopped, and a page
 * with what came of each. */
#ifndef RL_CONSOLE_BULK_H
#define RL_CONSOLE_BULK_H

#include "console/list.h"
#include "ringlock/model.h"

/* What is done to them. */
struct ui_bulk {
    const char *kind; /* static */
    json_t *ids;      /* names, an array, in the order they were marked; owned */
    json_t *values;   /* of the fields that change; NULL: they are removed; owned */
    /* Another act than that: its method, whose other parameters are `values`, and what was done
     * ("ordered"); static, or NULL. */
    const char *method, *did;
};
void ui_bulk_fini(struct ui_bulk *bulk);
/* Can the engine undo what was done to objects of the kind? */
bool ui_bulk_undoes(const char *kind);

/* Names of the marked rows, else of what is under the cursor or shown: an array, owned. */
json_t *ui_bulk_ids(struct ui_view *view);

/* batch.c: do it, above `owner`; `bulk` is taken. What is done loses its mark in the list it was
 * marked in, what is refused keeps it. Warnings are asked once for all. Of more than one object a
 * page of results opens. */
void ui_batch(struct ui_view *owner, struct ui_bulk *bulk);

/* results.c: what came of the last act on many, each {id, result, code, text, remedy}; all taken.
 */
void ui_results_open(struct ui_app *app, struct ui_bulk *bulk, json_t *rows);
extern const struct ui_screen results_screen;
/* The list below a view that shows objects of the kind; NULL if there is none. */
struct ui_list *ui_results_list(struct ui_view *view, const char *kind);

/* assign.c: give a field of all marked objects one value. `field` < 0: it is chosen, too. */
unsigned ui_assign_open(struct ui_view *owner, enum rl_kind kind, int field);

#endif
