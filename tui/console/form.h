/* A form made from an object's field table: added or changed, checked by the engine field by field.
 */
#ifndef RL_CONSOLE_FORM_H
#define RL_CONSOLE_FORM_H

#include "console/edit.h"
#include "console/page.h"
#include "console/ui.h"
#include "ringlock/model.h"

enum { UI_FORM_FIELDS = 40 };

struct ui_form;

struct ui_form_spec {
    enum rl_kind kind;
    const struct rl_object *obj; /* the fields, where they are not those of the kind; else NULL */
    /* Is the field there, for what is filled in so far? NULL: all are. */
    bool (*shows)(const struct ui_form *form, int field);
    /* Is the value, or the object a reference can name, to be offered? NULL: all are. */
    bool (*offers)(const struct ui_form *form, int field, const char *value, const json_t *object);
    /* Parameters beside kind of the list that a reference is picked from; NULL: none. */
    json_t *(*criteria)(const struct ui_form *form, int field);
    /* All names that a reference can be given, an owned array; NULL (also as an answer): the engine
     * is asked. */
    json_t *(*names)(const struct ui_form *form, int field);
    /* The text of a field that Tab makes longer, owned, or NULL; NULL: Tab only goes on. */
    char *(*complete)(const struct ui_form *form, int field, const char *text);
    /* A field was filled in; NULL: the engine checks the object. */
    void (*filled)(struct ui_form *form);
    /* What saving asks for; NULL: object.add or object.set. Parameters beside "accept" are owned;
     * NULL with err filled, its field at fault named. */
    const char *method;
    json_t *(*params)(const struct ui_form *form, struct rl_err *err);
    /* It was saved: say so, and name what the list below goes to (borrowed). */
    const char *(*saved)(struct ui_form *form, const json_t *result);
};

struct ui_form_field {
    char *value, *original; /* owned, stored form */
    char *problem;          /* "E-CODE: sentence", or NULL */
    bool warning, visited;
    int64_t kept_rev; /* of what another saved, against which this value was kept; 0: none */
    bool follows;     /* the engine set it by the other fields; it is not sent back */
};

struct ui_form {
    struct ui_view view;
    const struct ui_form_spec *spec;
    const struct rl_object *obj;
    char *name;   /* of the object that is changed; NULL: one is added */
    json_t *type; /* the device type that is filled in: its OBJECT, or NULL */
    int64_t rev;
    struct ui_form_field field[UI_FORM_FIELDS];
    int order[UI_FORM_FIELDS];        /* fields as shown, by section */
    int norder, at, top;              /* at: index into order */
    int rows;                         /* of the body in the latest picture */
    bool typing;                      /* the field was typed into since the cursor came */
    struct ui_edit edit;              /* of the field under the cursor */
    json_t *accept; /* codes of the warnings answered with yes, owned; NULL before it is saved */
    json_t *picks;  /* names offered in the open list */
    bool loaded, saving, copied;
};

/* `name` NULL: add one, filled from `from` (an OBJECT, may be NULL). */
void ui_form_open(struct ui_app *app, const struct ui_form_spec *spec, const char *name,
                  const json_t *from);

/* Value of a field as filled in; "" if empty. Borrowed. */
const char *ui_form_get(const struct ui_form *form, int field);

/* form_draw.c */
/* A value of a field as people read it; borrowed. */
const char *ui_form_shown(const struct ui_form *form, int field, const char *value);
void ui_form_draw(struct ui_view *view, struct ui_area area);
void ui_form_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right);
/* One field with its value and its problem, as rows of a page. */
void ui_form_draw_field(struct ui_page *page, struct ui_form *form, int field, bool here);

/* form.c, for pages that hold a form among other things: their views begin with one. */
/* Fill every field from an OBJECT (NULL: from the defaults), the cursor in the first one. */
void ui_form_fill(struct ui_form *form, const struct ui_form_spec *spec, const json_t *from);
/* Take over what is newer, but for fields changed here and the one being typed into. */
void ui_form_update(struct ui_form *form, const json_t *object);
/* To the next (+1) or previous (-1) field, around the ends. */
void ui_form_move(struct ui_form *form, int by);
/* See ui_view_class: the key goes to the field under the cursor. */
bool ui_form_typed(struct ui_form *form, int key, const char *paste, unsigned *consequence);
/* Free what it holds, not the form itself. */
void ui_form_fini(struct ui_form *form);

/* form.c, for the picture */
int ui_form_field_at(const struct ui_form *form); /* field under the cursor; -1 if none */
bool ui_form_is_fixed(const struct ui_form *form, int field);
bool ui_form_is_changed(const struct ui_form *form, int field);

/* form_choose.c: toggle the field under the cursor, or offer what it can be. */
void ui_form_choose(struct ui_form *form);
/* Is there something to toggle or to choose? */
bool ui_form_can_choose(const struct ui_form *form);

/* form_save.c */
/* Have the engine check what is in the fields; its answer comes later, as problems beside them. */
void ui_form_check(struct ui_form *form);
/* Save. Returns consequences; what the engine says to it comes later. */
unsigned ui_form_save(struct ui_form *form);

/* form.c, for the saving: brings the edited text into its field. */
void ui_form_keep(struct ui_form *form);
void ui_form_set(struct ui_form *form, int field, const char *value);
void ui_form_read(struct ui_form *form, const json_t *object, bool keep_changes);
void ui_form_go(struct ui_form *form, int field);
void ui_form_problem(struct ui_form *form, int field, const char *code, const char *message);

#endif
