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
    const char *act; /* what a draft of it is called (protocol.h); NULL: add, set or copy */
    int of;          /* the field of `from` that tells it from others of the kind */
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

/* What goes on once the engine has answered to a draft that is under way. */
enum ui_form_then { UI_THEN_NOTHING, UI_THEN_SAVE, UI_THEN_DISCARD, UI_THEN_LEAVE };

struct ui_form_draft {
    json_int_t id, rev;       /* 0: the engine has none */
    json_int_t chosen;        /* which of several is wanted; 0: the latest */
    char *of;                 /* the name that it stands under where it is not the form's; owned */
    json_t *kept, *sent;      /* values that the engine has, that are under way; owned or NULL */
    json_t *stashed;          /* that a file has, for want of an engine; owned or NULL */
    int64_t kept_of, sent_of; /* revisions of the object that those were typed over */
    bool looked, taken_up;    /* for one of ours; which was there */
    bool unsure, lost;        /* was it kept before the line went? somebody else has it */
    enum rl_code told;        /* why it is not kept, as said last */
    enum ui_form_then then;
};

struct ui_form {
    struct ui_view view;
    const struct ui_form_spec *spec;
    const struct rl_object *obj;
    char *name;   /* of the object that is changed; NULL: one is added */
    json_t *type; /* the device type that is filled in: its OBJECT, or NULL */
    int64_t rev;
    json_int_t users; /* phones that are affected, if the engine told */
    struct ui_form_field field[UI_FORM_FIELDS];
    int order[UI_FORM_FIELDS]; /* fields as shown, by section */
    int norder, at, top;       /* at: index into order */
    int rows;                  /* of the body in the latest picture */
    bool typing;               /* the field was typed into since the cursor came */
    struct ui_edit edit;       /* of the field under the cursor */
    json_t *accept; /* codes of the warnings answered with yes, owned; NULL before it is saved */
    json_t *picks;  /* names offered in the open list */
    bool loaded, saving, copied;
    struct ui_form_draft draft;
};

/* `name` NULL: add one, filled from `from` (an OBJECT, may be NULL). A draft of the same user is
 * taken up. */
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

/* The text of a field, with what is being typed into it; borrowed. */
const char *ui_form_typing(const struct ui_form *form, int field);

/* form_choose.c: toggle the field under the cursor, or offer what it can be. */
void ui_form_choose(struct ui_form *form);
/* Is there something to toggle or to choose? */
bool ui_form_can_choose(const struct ui_form *form);

/* form_save.c */
/* Have the engine check what is in the fields; its answer comes later, as problems beside them. */
void ui_form_check(struct ui_form *form);
/* What is asked of the engine to check or save it; owned. */
json_t *ui_form_params(const struct ui_form *form);
/* Save. Returns consequences; what the engine says to it comes later. */
unsigned ui_form_save(struct ui_form *form);

/* form_draft.c */
/* Is there a draft of ours? Once known, what was filled in meanwhile is kept. */
void ui_form_draft_look(struct ui_form *form);
/* What it is of was removed: a draft of ours makes it a new one, else it is closed. */
void ui_form_draft_rescue(struct ui_form *form);
/* Of several it is this one. */
void ui_form_draft_choose(struct ui_form *form, json_int_t id);
/* Have the engine keep what is filled in, if it does not have it yet; `at_once`: also while an
 * earlier one is under way. */
void ui_form_draft_keep(struct ui_form *form, bool at_once);
/* Close the form once the engine has kept it. */
void ui_form_draft_leave(struct ui_form *form);
/* Have the engine forget it. */
void ui_form_draft_drop(struct ui_form *form);
/* Is a draft under way whose answer has to come first? Then `then` is done. */
bool ui_form_draft_waits(struct ui_form *form, enum ui_form_then then);
/* See ui_view_class: somebody else took it over, or dropped it. */
void ui_form_draft_notify(struct ui_view *view, const char *method, const json_t *params);
/* Free what it holds. */
void ui_form_draft_fini(struct ui_form *form);

/* form.c, for the draft: values over those not changed here; `before` (may be NULL) is what they
 * were read from. Borrowed. */
void ui_form_take(struct ui_form *form, const json_t *before, const json_t *values);

/* What was changed was removed by another: it becomes a new one, like what it was. */
void ui_form_renew(struct ui_form *form);
/* Close it; what is below it shows what there is now. */
void ui_form_close(struct ui_form *form);

/* form.c, for the saving: brings the edited text into its field. */
void ui_form_keep(struct ui_form *form);
void ui_form_set(struct ui_form *form, int field, const char *value);
void ui_form_read(struct ui_form *form, const json_t *object, bool keep_changes);
void ui_form_go(struct ui_form *form, int field);
void ui_form_problem(struct ui_form *form, int field, const char *code, const char *message);

#endif
