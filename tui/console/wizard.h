/* A wizard: one question a page, its steps always in sight. It knows no phones: steps and fields
 * come from the tables in ringlock/wizard.h, all that is judged comes from the engine, which keeps
 * the draft after every step. */
#ifndef RL_CONSOLE_WIZARD_H
#define RL_CONSOLE_WIZARD_H

#include "console/form.h"
#include "ringlock/wizard.h"

/* What of the page has the focus. */
enum ui_wizard_part { UI_WIZARD_ROW, UI_WIZARD_FIELD, UI_WIZARD_BUTTON };

struct ui_wizard {
    struct ui_form form;            /* the fields of the page; its view is the wizard's */
    const struct rl_wizard *wizard; /* NULL until the draft came */
    json_int_t id, rev;
    json_t *draft;  /* as the engine told it last, or NULL */
    json_t *open;   /* problems of all its steps that keep it from being applied */
    json_t *own;    /* an object with the messages of problems that phones have */
    json_t *typed;  /* answers that the engine does not have yet, as in a draft */
    json_t *sent;   /* those under way, or NULL */
    json_t *accept; /* codes of the warnings that applying asks about */
    json_t *result; /* what applying made, or NULL */
    int step, told; /* the open one, nsteps: the end check; which the engine was told */
    int want;       /* where to go once the open step holds; -1: nowhere */
    int phone;      /* whose fields are open; -1: none */
    enum ui_wizard_part part;
    size_t row;
    int top, rows; /* of the page in the latest picture */
    bool tried;    /* Next was pressed: every problem of the page is shown */
    bool leaving;  /* close when the answers are kept */
    bool applying; /* apply then */
    bool taken;    /* somebody else has it */
};

extern const struct ui_view_class ui_wizard_class;

/* The view of a draft; `id` as text. It is opened at its open step. */
struct ui_view *ui_wizard_new(struct ui_app *app, const struct ui_screen *screen, const char *id);

/* wizard_draft.c: what the engine has, and what was typed over it. */

/* An answer, the newest there is; borrowed, NULL if there is none. */
const json_t *ui_wizard_answer(const struct ui_wizard *w, const char *key);
/* Answer, and have it kept; `value` is taken. */
void ui_wizard_set(struct ui_wizard *w, const char *key, json_t *value);
/* Send what the engine does not have yet, and the open step. */
void ui_wizard_save(struct ui_wizard *w);
void ui_wizard_open(struct ui_wizard *w, bool take);
void ui_wizard_apply(struct ui_wizard *w);
/* Close the view, saying where the draft is. */
void ui_wizard_leave(struct ui_wizard *w);
void ui_wizard_notify(struct ui_view *view, const char *method, const json_t *params);
/* Problems of the open step, an array; borrowed. */
const json_t *ui_wizard_problems(const struct ui_wizard *w);

/* wizard_rows.c: phones, their certificates, and what else the cursor can stand on. */
size_t ui_wizard_nrows(const struct ui_wizard *w);
size_t ui_wizard_nphones(const struct ui_wizard *w);
/* A phone as answered, and as the engine found it (NULL: not yet). Borrowed. */
const json_t *ui_wizard_phone(const struct ui_wizard *w, size_t i);
const json_t *ui_wizard_phone_found(const struct ui_wizard *w, size_t i);
/* A line of the end check or of its result: a PROBLEM, POINT or what was made; borrowed. */
const json_t *ui_wizard_line(const struct ui_wizard *w, size_t i);
void ui_wizard_upload(struct ui_wizard *w);
void ui_wizard_remove_row(struct ui_wizard *w);
void ui_wizard_from_csv(struct ui_wizard *w);

/* wizard_fields.c: the form of the page. */
void ui_wizard_fill(struct ui_wizard *w);    /* for a step or phone just opened */
void ui_wizard_refresh(struct ui_wizard *w); /* the draft came anew */
/* Is the problem of the open step to be shown below its page, for it has no field or phone there?
 */
bool ui_wizard_is_loose(const struct ui_wizard *w, const json_t *problem);
/* The name that the profile has to have while it has another; owned, or NULL. `what` receives what
 * it is of the certificate: "DNS SAN", or "CN" where there is none (R101). Static. */
char *ui_wizard_wanted_name(const struct ui_wizard *w, const char **what);
bool ui_wizard_has_button(const struct ui_wizard *w);

/* wizard_draw.c, wizard_check.c */
void ui_wizard_draw(struct ui_view *view, struct ui_area area);
void ui_wizard_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right);
void ui_wizard_write_check(struct ui_page *page, struct ui_wizard *w);
/* The sentence that the wizard is for, and whether it is the good one. */
bool ui_wizard_verdict(const struct ui_wizard *w, struct rl_buf *out);
/* The end check, or what was made, as lines for people. */
void ui_wizard_report(const struct ui_wizard *w, struct rl_buf *out);

/* wizard_vendor.c: the supplier's instructions, all of them. */
void ui_wizard_vendor_open(struct ui_wizard *w);
/* Number i (from 0) of them, on `rows` rows at most; 0: on all that it takes. */
void ui_wizard_write_instruction(struct ui_page *page, size_t i, const char *text, int rows);

/* wizard_start.c: choose a type and a wizard for the phones (an array of names, taken; may be
 * empty), and begin. */
void ui_wizard_start(struct ui_app *app, json_t *phones);

/* wizard.c */
const struct rl_wizard_step *ui_wizard_page(const struct ui_wizard *w); /* NULL: the end check */
void ui_wizard_go(struct ui_wizard *w, int step);
void ui_wizard_focus(struct ui_wizard *w, enum ui_wizard_part part, size_t row);

#endif
