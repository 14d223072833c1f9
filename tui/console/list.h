/* A list of rows that the engine has: shown through a window, never held whole. The cursor and the
 * marks are kept by the rows' names. */
#ifndef RL_CONSOLE_LIST_H
#define RL_CONSOLE_LIST_H

#include "console/criteria.h"
#include "console/ui.h"

enum {
    UI_COLUMNS_MAX = 16, /* shown */
    UI_COLUMNS_ALL = 64  /* that can be shown */
};

struct ui_list;

struct ui_column {
    const char *key, *title;
    int min, pref, prio; /* see struct ui_room */
    enum ui_align align;
    void (*text)(const json_t *row, struct rl_buf *out); /* NULL: the member `key` */
    unsigned (*style)(const json_t *row);                /* NULL: plain */
    bool sorts;
};

/* A view that is there without having been saved: one criterion, or none, and an order. */
struct ui_builtin {
    const char *name;
    const char *field; /* NULL: everything is shown */
    enum ui_op op;
    const char *value;
    const char *sort; /* NULL: as the list is sorted at first */
};

enum ui_paging {
    UI_BY_KEY,    /* the engine filters and sorts; pages begin after {value, key} */
    UI_BY_NUMBER, /* the newest first; pages come before a number; filtered and sorted here */
    UI_AT_ONCE    /* the screen sets the rows itself */
};

struct ui_list_spec {
    const char *one, *many; /* "phone", "phones" */
    const char *empty;      /* a sentence for a list without rows */
    const struct ui_column *columns;
    size_t ncolumns;
    const struct ui_builtin *views; /* beside "All", which shows everything; may be NULL */
    size_t nviews;
    const char *id;   /* member that names a row: "name" */
    const char *sort; /* key of the column sorted by at first; NULL: as they come */
    enum ui_paging paging;
    const char *method; /* "object.list" */
    const char *kind;   /* its parameter, or NULL */
    const char *number; /* UI_BY_NUMBER: the member pages count by */
    size_t keep;        /* UI_BY_NUMBER: rows held at most */
    bool marks;
    /* Further parameters; may be NULL. */
    void (*params)(struct ui_list *list, json_t *params);
    /* After an answer; may be NULL. */
    void (*answered)(struct ui_list *list, const json_t *result);
    void (*notify)(struct ui_list *list, const char *method, const json_t *params);
    /* Right part of the line above the rows; NULL: how many there are. */
    void (*summary)(struct ui_list *list, struct rl_buf *out);
    /* Left part of the status line; may be NULL. */
    void (*status)(struct ui_list *list, struct rl_buf *out);
    /* UI_AT_ONCE: ask for it. */
    void (*load)(struct ui_list *list);
    /* Lines above the rows, beside the title and the filter: drawn by the screen. */
    int head_rows;
    void (*head)(struct ui_list *list, struct ui_area area);
    /* What the screen keeps in `extra`, but not `extra` itself; may be NULL. */
    void (*fini)(struct ui_list *list);
    /* Is the row shown at all? NULL: yes. UI_BY_NUMBER and UI_AT_ONCE only. */
    bool (*shows)(struct ui_list *list, const json_t *row);
};

struct ui_held {
    json_t *json; /* owned */
    bool gone;    /* it went while the cursor was on it */
};

struct ui_list {
    struct ui_view view;
    const struct ui_list_spec *spec;
    void *extra; /* of the screen; freed with free() */

    struct ui_column column[UI_COLUMNS_ALL]; /* the screen's, then the other fields of the kind */
    size_t ncolumns;
    size_t show[UI_COLUMNS_MAX]; /* columns in the order shown */
    size_t nshow;
    size_t skip;         /* columns that were scrolled out of sight to the left */
    json_t *views;       /* kept by the engine, as view.list tells them; NULL: not asked yet */
    json_t *view_chosen; /* as view.save takes it; what is shown differs once it was changed */
    char view_name[128]; /* how it is called */
    bool view_kept, view_shared; /* kept: by the engine, not built in */
    bool jumped;                 /* shows what has to do with another object */

    struct ui_held *row; /* the window, in the order they came */
    size_t nrows, cap;
    size_t *shown; /* indices of the rows that pass, in the order shown */
    size_t nshown;
    int64_t base;  /* how many rows are before the window; -1 = not known */
    int64_t total; /* -1 = not known */
    bool at_end;   /* nothing follows the window */
    bool loaded, paging, counting;
    json_t *counted; /* the criteria that `total` is about; owned */
    bool rest_only; /* what is asked for follows the first row, which stays: pages begin after a row
                     */

    size_t at, top;           /* in shown */
    char id[256];             /* of the row under the cursor */
    json_t *marks;            /* an object whose keys are ids */
    int visible;              /* rows of the picture */
    int need[UI_COLUMNS_ALL]; /* widest text of each column so far */
    int sort;                 /* column; -1 = as they come */
    bool descending;
    struct ui_criterion criteria[UI_CRITERIA_MAX];
    size_t ncriteria;
    char find[UI_CRITERION_TEXT];
    size_t find_from;
};

extern const struct ui_view_class ui_list_class;

/* A view of the class above. */
struct ui_list *ui_list_new(struct ui_app *app, const struct ui_screen *screen,
                            const struct ui_list_spec *spec);

/* The row under the cursor, borrowed; NULL if there is none or it is gone. */
const json_t *ui_list_row(struct ui_list *list);
/* The id of the next (+1) or previous (-1) row, to which the cursor moves; NULL at the end. */
const char *ui_list_step(struct ui_list *list, int by);

/* Where the cursor goes when the rows come next, if it is among them. */
void ui_list_aim(struct ui_list *list, const char *id);

/* Rows that come by themselves. `json` is borrowed. */
void ui_list_put(struct ui_list *list, const json_t *json, bool first);
/* All rows at once: what was held before goes. `rows` is borrowed. */
void ui_list_fill(struct ui_list *list, const json_t *rows);
void ui_list_forget(struct ui_list *list, const char *id);
void ui_list_clear(struct ui_list *list);
/* Filter and sort what is held; after ui_list_put and ui_list_forget. */
void ui_list_arrange(struct ui_list *list);

/* The row with this id if it is held here, borrowed; else NULL. */
const json_t *ui_list_held(const struct ui_list *list, const char *id);

/* Text of a cell, safe. */
void ui_list_cell(const struct ui_list *list, size_t column, const json_t *row, struct rl_buf *out);

/* Member of a row as text; "" if missing; borrowed or in `room` (32 bytes). */
const char *ui_member(const json_t *row, const char *key, char *room);

/* Begin anew at the first row: filter or order changed. */
void ui_list_restart(struct ui_list *list);

/* list_rows.c: what the list asks for. */
void ui_list_load(struct ui_list *list);
void ui_list_more(struct ui_list *list); /* if the cursor comes near an end of the window */
void ui_list_go_first(struct ui_list *list);
void ui_list_go_last(struct ui_list *list);
void ui_list_seek(struct ui_list *list, const char *text); /* the first key that begins with it */
void ui_list_settle(struct ui_list *list);                 /* put the cursor back on its row */

/* What can be filtered by: fields of the kind, else columns. False after the last. */
struct ui_filter_field {
    const char *name, *label;
};
bool ui_list_field(const struct ui_list *list, size_t n, struct ui_filter_field *out);
/* What the filter asks for, as the engine takes it; owned. */
json_t *ui_list_criteria(const struct ui_list *list);
/* "name begins with SEP, ..." */
void ui_list_filter_text(const struct ui_list *list, struct rl_buf *out);

/* filter.c: the window of the criteria. */
void ui_filter_open(struct ui_list *list);

#endif
