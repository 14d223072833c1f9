/* One object in full: tabs of lines, the cursor on those that lead somewhere or can be copied. */
#ifndef RL_CONSOLE_DETAIL_H
#define RL_CONSOLE_DETAIL_H

#include "console/ui.h"

enum { UI_TABS = 10, UI_SPANS = 6 };

struct ui_line {
    char *text; /* owned, safe */
    unsigned style;
    bool focus;            /* the cursor can stand on it */
    bool rule;             /* a line of '-' */
    char *screen, *object; /* where Enter leads; NULL: nowhere */
    const char *aim;       /* static, or NULL: see ui_line_aim */
    char *whole;           /* owned: what is copied of it where lines below go on; NULL: text */
    struct {
        int col, width;
        unsigned style;
    } span[UI_SPANS]; /* parts in another style */
    int nspans;
};

struct ui_lines {
    struct ui_line *line;
    size_t n, cap;
    int cols;   /* that a line may take */
    bool stops; /* the cursor can stand on every value, to copy it */
};

/* Append a line; what comes from outside is made safe. */
void ui_line(struct ui_lines *lines, unsigned style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void ui_line_rule(struct ui_lines *lines);
/* A paragraph, each of its lines indented. */
void ui_line_wrap(struct ui_lines *lines, unsigned style, int indent, const char *text);
/* Of the line appended last: the cursor can stand on it; Enter opens `object` on `screen` (may be
 * NULL). */
void ui_line_focus(struct ui_lines *lines, const char *screen, const char *object);
/* Of the same line: in what it opens, the cursor goes to the line that leads to `screen` (static).
 */
void ui_line_aim(struct ui_lines *lines, const char *screen);
void ui_line_span(struct ui_lines *lines, int col, int width, unsigned style);
/* "  Label        value", the value cut to the line. */
void ui_line_field(struct ui_lines *lines, const char *label, const char *value);
/* The same, where a long value goes on in lines below; it opens `object` on `screen` (may be
 * NULL). */
void ui_line_value(struct ui_lines *lines, const char *label, const char *value, const char *screen,
                   const char *object);
void ui_lines_clear(struct ui_lines *lines);

struct ui_detail;

struct ui_tab {
    const char *name;
    /* What the tab asks for beside the object; NULL: nothing. */
    const char *method;
    json_t *(*params)(struct ui_detail *d);
    void (*build)(struct ui_detail *d, struct ui_lines *out);
    /* Text behind the name, e.g. a count; may be NULL. */
    void (*badge)(struct ui_detail *d, struct rl_buf *out);
};

struct ui_detail_spec {
    const char *one;    /* "phone" */
    const char *method; /* NULL: the screen sets what is shown */
    json_t *(*params)(struct ui_detail *d);
    const struct ui_tab *tabs;
    size_t ntabs;
    /* Title in the path; NULL: the name of the object. */
    void (*title)(struct ui_detail *d, struct rl_buf *out);
    /* Line under the tabs. */
    void (*summary)(struct ui_detail *d, struct ui_lines *out);
    void (*status)(struct ui_detail *d, struct rl_buf *out); /* may be NULL */
    void (*notify)(struct ui_detail *d, const char *method, const json_t *params);
};

struct ui_detail {
    struct ui_view view;
    const struct ui_detail_spec *spec;
    char *object;          /* its name */
    json_t *data;          /* the answer; NULL: none yet */
    json_t *more[UI_TABS]; /* answers of the tabs */
    json_t *extra;         /* of the screen, owned; may be NULL */
    bool gone;             /* it is not there any more */
    size_t tab, top;
    size_t at;             /* line under the cursor */
    const char *aim;       /* screen whose line it goes to when the lines are there; NULL: none */
    struct ui_lines lines; /* of the latest picture */
    int visible;
};

extern const struct ui_view_class ui_detail_class;

/* A page about one object, which it asks the engine for; `object` is its name, copied. */
struct ui_detail *ui_detail_new(struct ui_app *app, const struct ui_screen *screen,
                                const struct ui_detail_spec *spec, const char *object);

/* Replace what is shown with something newer; borrowed. */
void ui_detail_set(struct ui_detail *d, const json_t *data);

#endif
