#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "console/wizard.h"
#include "console/wizard_text.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum {
    ROOMY = 18,      /* rows from which the page has its window, its help and blank lines */
    VENDOR_ROWS = 3, /* of the supplier's instructions, or more in a tall window; F6 shows all */
    LABEL_AT = 2,
    VALUE_AT = 16,
    CELLS_MAX = 5
};

static bool is_here(const struct ui_wizard *w, enum ui_wizard_part part, size_t row)
{
    return w->part == part && (part != UI_WIZARD_ROW || w->row == row);
}

/* "  Label       value" */
static void write_pair(struct ui_page *p, const char *label, const char *value, unsigned style)
{
    int y;
    if (ui_page_sees(p, &y))
        ui_put(y, LABEL_AT, VALUE_AT - LABEL_AT, UI_NORMAL, label);
    ui_page_text(p, VALUE_AT, style, value);
}

/* A row that the cursor can stand on. */
static void write_row(struct ui_page *p, const struct ui_wizard *w, size_t row, unsigned style,
                      const char *text)
{
    bool here = is_here(w, UI_WIZARD_ROW, row);
    int y;
    if (here)
        p->focus_row = p->row;
    if (ui_page_sees(p, &y)) {
        ui_put(y, 0, 1, UI_STRONG, here ? ">" : " ");
        if (here)
            ui_cursor(y, 0);
    }
    ui_page_text(p, LABEL_AT, style | (here ? UI_FOCUS : 0), text);
}

static void day_of(const char *rfc3339, struct rl_buf *out)
{
    rl_buf_addf(out, "%.10s", *rfc3339 ? rfc3339 : "-");
}

/* Certificates. */

static void write_names(struct ui_page *p, const json_t *cert)
{
    struct rl_buf text = {0};
    const char *cn = ui_text_of(cert, "common_name");
    const json_t *san;
    size_t i;
    json_array_foreach (json_object_get(cert, "san"), i, san)
        rl_buf_addf(&text, "%s%s", i ? ", " : "", json_string_value(san));
    if (!text.len)
        rl_buf_addf(&text, "none; CN %s", *cn ? cn : "none");
    write_pair(p, "Its SAN", rl_buf_str(&text), UI_STRONG);
    rl_buf_fini(&text);
}

static void write_dates(struct ui_page *p, const json_t *cert, const char *label)
{
    struct rl_buf text = {0};
    const char *state = ui_text_of(cert, "state");
    day_of(ui_text_of(cert, "not_before"), &text);
    rl_buf_adds(&text, " to ");
    day_of(ui_text_of(cert, "not_after"), &text);
    rl_buf_addf(&text, "  %s %s", strcmp(state, "valid") == 0 ? "ok" : "!!", state);
    write_pair(p, label, rl_buf_str(&text), UI_NORMAL);
    rl_buf_fini(&text);
}

static void write_problems(struct ui_page *p, const struct ui_wizard *w)
{
    const json_t *problem;
    struct rl_buf text = {0};
    size_t i;
    json_array_foreach (ui_wizard_problems(w), i, problem) {
        const char *code = ui_text_of(problem, "code");
        int y;
        if (!ui_wizard_is_loose(w, problem))
            continue;
        if (ui_page_sees(p, &y))
            ui_put(y, LABEL_AT, 2, *code == 'W' ? UI_WARNING : UI_ERROR, *code == 'W' ? "!" : "!!");
        rl_buf_clear(&text);
        rl_buf_addf(&text, "%s: %s", code, ui_text_of(problem, "message"));
        ui_page_wrap(p, LABEL_AT + 4, UI_WARNING, 0, rl_buf_str(&text));
    }
    rl_buf_fini(&text);
}

static void write_certificate(struct ui_page *p, const struct ui_wizard *w)
{
    const json_t *cert = json_object_get(w->draft, "certificate");
    const char *file = ui_text_of(ui_wizard_answer(w, "certificate"), "file");
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%-14s%s", "File", *file ? file : "none yet: A reads one");
    write_row(p, w, 0, UI_NORMAL, rl_buf_str(&text));
    write_problems(p, w);
    if (is_here(w, UI_WIZARD_ROW, 0))
        p->focus_end = p->row;
    rl_buf_clear(&text);
    if (json_is_object(cert)) {
        write_pair(p, "Subject", ui_text_of(cert, "subject"), UI_NORMAL);
        write_names(p, cert);
        write_pair(p, "Issued by", ui_text_of(cert, "issuer"), UI_NORMAL);
        write_dates(p, cert, "Valid");
        rl_buf_addf(&text, "%s, %lld bits", ui_text_of(cert, "key_type"),
                    (long long)json_integer_value(json_object_get(cert, "key_bits")));
        write_pair(p, "Key", rl_buf_str(&text), UI_NORMAL);
        write_pair(p, "SHA-256", ui_text_of(cert, "fingerprint"), UI_NORMAL);
    }
    rl_buf_fini(&text);
}

/* What the name has to be is kept in view while it is typed (R97). */
static void write_certificate_in_short(struct ui_page *p, const struct ui_wizard *w)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    const json_t *cert = json_object_get(w->draft, "certificate");
    bool names = page->nfields > 0 && page->fields[0].kind == RL_PROFILE &&
                 page->fields[0].field == RL_PROFILE_NAME;
    if (!names || !json_is_object(cert))
        return;
    write_pair(p, "Certificate", ui_text_of(ui_wizard_answer(w, "certificate"), "file"), UI_NORMAL);
    write_dates(p, cert, "Valid");
    write_names(p, cert);
    p->row++;
}

/* Phones, a row each. */

struct column {
    const char *title;
    struct ui_room room;
    void (*text)(const struct ui_wizard *w, size_t i, struct rl_buf *out);
};

static void phone_name(const struct ui_wizard *w, size_t i, struct rl_buf *out)
{
    rl_buf_adds(out, ui_text_of(ui_wizard_phone(w, i), "name"));
}

static void phone_file(const struct ui_wizard *w, size_t i, struct rl_buf *out)
{
    const char *file = ui_text_of(ui_wizard_phone(w, i), "file");
    bool kept = json_is_object(json_object_get(ui_wizard_phone_found(w, i), "certificate"));
    rl_buf_adds(out, *file ? file : kept ? "on file" : "none yet");
}

static void phone_ends(const struct ui_wizard *w, size_t i, struct rl_buf *out)
{
    day_of(ui_text_of(json_object_get(ui_wizard_phone_found(w, i), "certificate"), "not_after"),
           out);
}

static void phone_there(const struct ui_wizard *w, size_t i, struct rl_buf *out)
{
    const json_t *found = ui_wizard_phone_found(w, i);
    bool there = json_is_true(json_object_get(found, "there"));
    rl_buf_adds(out, !found ? "-" : there ? "is there: changed" : "new");
}

/* The n-th problem that a phone has in the open step, or NULL. */
static const json_t *phone_problem(const struct ui_wizard *w, size_t i, size_t n)
{
    const json_t *list = json_object_get(ui_wizard_phone_found(w, i), "problems"), *problem;
    size_t k;
    json_array_foreach (list, k, problem)
        if (!strcmp(ui_text_of(problem, "step"), ui_wizard_page(w)->id) && n-- == 0)
            return problem;
    return NULL;
}

static void phone_check(const struct ui_wizard *w, size_t i, struct rl_buf *out)
{
    const json_t *found = ui_wizard_phone_found(w, i);
    const json_t *problem = phone_problem(w, i, 0);
    const char *code = ui_text_of(problem, "code");
    bool asked = ui_wizard_page(w)->page != RL_PAGE_UPLOADS || w->tried ||
                 *ui_text_of(ui_wizard_phone(w, i), "file");
    if (problem && asked)
        rl_buf_addf(out, "%s %s", *code == 'W' ? "!" : "!!", code);
    else
        rl_buf_adds(out, found && !problem ? "ok" : "-");
}

/* As answered, else as the phone will be. */
static void phone_value(const struct ui_wizard *w, size_t i, const char *field, struct rl_buf *out)
{
    const char *answer = ui_text_of(ui_wizard_phone(w, i), field);
    const json_t *will = json_object_get(ui_wizard_phone_found(w, i), "will");
    rl_buf_adds(out, *answer ? answer : ui_text_of(will, field));
}

static void phone_lines(const struct ui_wizard *w, size_t i, struct rl_buf *out)
{
    phone_value(w, i, "lines", out);
}

static void phone_description(const struct ui_wizard *w, size_t i, struct rl_buf *out)
{
    phone_value(w, i, "description", out);
}

static void phone_owner(const struct ui_wizard *w, size_t i, struct rl_buf *out)
{
    phone_value(w, i, "owner", out);
}

static const struct column upload_columns[] = {
    {"Phone",       {.min = 15, .pref = 22, .prio = 1}, phone_name },
    {"Upload File", {.min = 12, .pref = 24, .prio = 2}, phone_file },
    {"Ends",        {.min = 10, .pref = 11, .prio = 3}, phone_ends },
    {"Check",       {.min = 16, .pref = 24, .prio = 1}, phone_check},
};
static const struct column name_columns[] = {
    {"Phone", {.min = 15, .pref = 22, .prio = 1}, phone_name },
    {"Here",  {.min = 3, .pref = 18, .prio = 2},  phone_there},
    {"Ends",  {.min = 10, .pref = 11, .prio = 3}, phone_ends },
    {"Check", {.min = 16, .pref = 24, .prio = 1}, phone_check},
};
static const struct column field_columns[] = {
    {"Phone",       {.min = 15, .pref = 22, .prio = 1}, phone_name       },
    {"Lines",       {.min = 8, .pref = 12, .prio = 2},  phone_lines      },
    {"Description", {.min = 8, .pref = 16, .prio = 4},  phone_description},
    {"Owner",       {.min = 6, .pref = 8, .prio = 5},   phone_owner      },
    {"Check",       {.min = 16, .pref = 16, .prio = 1}, phone_check      },
};

struct table {
    const struct column *column;
    size_t n;
    int width[CELLS_MAX];
};

static void write_phone(struct ui_page *p, const struct ui_wizard *w, const struct table *t,
                        size_t i)
{
    struct rl_buf row = {0}, raw = {0}, cell = {0};
    for (size_t c = 0; c < t->n; c++) {
        if (t->width[c] == 0)
            continue;
        rl_buf_clear(&raw);
        rl_buf_clear(&cell);
        t->column[c].text(w, i, &raw);
        rl_text_safe(&cell, rl_buf_str(&raw), raw.len);
        ui_fit(&row, rl_buf_str(&cell), t->width[c], UI_LEFT);
        rl_buf_addc(&row, ' ');
    }
    write_row(p, w, i, UI_NORMAL, rl_buf_str(&row));
    rl_buf_fini(&row);
    rl_buf_fini(&raw);
    rl_buf_fini(&cell);
}

static void write_titles(struct ui_page *p, const struct ui_wizard *w, const struct table *t)
{
    struct rl_buf row = {0}, first = {0};
    rl_buf_addf(&first, "%s (%zu)", t->column[0].title, ui_wizard_nphones(w));
    for (size_t c = 0; c < t->n; c++) {
        if (t->width[c] == 0)
            continue;
        ui_fit(&row, c == 0 ? rl_buf_str(&first) : t->column[c].title, t->width[c], UI_LEFT);
        rl_buf_addc(&row, ' ');
    }
    ui_page_text(p, LABEL_AT, UI_STRONG, rl_buf_str(&row));
    rl_buf_fini(&row);
    rl_buf_fini(&first);
}

/* What is wrong with the phone under the cursor, in full. */
static void write_phone_problems(struct ui_page *p, const struct ui_wizard *w)
{
    const json_t *problem;
    struct rl_buf text = {0};
    if (w->part != UI_WIZARD_ROW || w->row >= ui_wizard_nphones(w))
        return;
    for (size_t i = 0; (problem = phone_problem(w, w->row, i)); i++) {
        rl_buf_clear(&text);
        rl_buf_addf(&text, "%s: %s", ui_text_of(problem, "code"), ui_text_of(problem, "message"));
        ui_page_wrap(p, LABEL_AT + 4, UI_WARNING, 3, rl_buf_str(&text));
    }
    rl_buf_fini(&text);
}

static void write_phones(struct ui_page *p, const struct ui_wizard *w, const struct column *column,
                         size_t n)
{
    struct table t = {.column = column, .n = n};
    struct ui_room room[CELLS_MAX];
    for (size_t c = 0; c < n; c++)
        room[c] = column[c].room;
    ui_layout_columns(room, n, p->area.cols - LABEL_AT - 1, t.width);
    write_titles(p, w, &t);
    size_t phones = ui_wizard_nphones(w);
    for (size_t i = 0; i < phones; i++)
        write_phone(p, w, &t, i);
    if (ui_wizard_nrows(w) > phones)
        write_row(p, w, phones, UI_FAINT,
                  phones ? "A adds further phones, I reads them from a CSV file"
                         : "no phones yet: A takes their names, I reads a CSV file");
    write_phone_problems(p, w);
}

/* Fields, and the difference of a name. */

static void write_difference(struct ui_page *p, const struct ui_wizard *w)
{
    struct ui_difference d;
    const char *what;
    char *wanted = ui_wizard_wanted_name(w, &what);
    const char *given = ui_form_get(&w->form, RL_PROFILE_NAME);
    bool here = w->part == UI_WIZARD_BUTTON;
    if (!wanted || !ui_wizard_difference(wanted, given, &d)) {
        free(wanted);
        return;
    }
    write_pair(p, what, wanted, UI_STRONG);
    write_pair(p, "Name", given, UI_NORMAL);
    struct rl_buf mark = {0};
    rl_buf_addf(&mark, "^ %s", d.words);
    int room = p->area.cols - VALUE_AT - 1, cells = d.cells < room - 1 ? d.cells : room - 1;
    bool beside = cells + (int)rl_text_width(mark.data, mark.len) <= room;
    ui_page_text(p, VALUE_AT + cells, UI_ERROR, beside ? mark.data : "^");
    if (!beside)
        ui_page_wrap(p, VALUE_AT, UI_ERROR, 0, d.words);
    int y;
    if (here)
        p->focus_row = p->row;
    if (ui_page_sees(p, &y) && here) {
        ui_put(y, VALUE_AT - 2, 1, UI_STRONG, ">");
        ui_cursor(y, VALUE_AT);
    }
    rl_buf_clear(&mark);
    rl_buf_addf(&mark, "[ Take the %s as the name ]", what);
    ui_page_text(p, VALUE_AT, here ? UI_FOCUS : UI_NORMAL, mark.data);
    rl_buf_fini(&mark);
    free(wanted);
}

static void write_fields(struct ui_page *p, struct ui_wizard *w)
{
    struct ui_form *form = &w->form;
    for (int i = 0; i < form->norder; i++) {
        int field = form->order[i];
        ui_form_draw_field(p, form, field, w->part == UI_WIZARD_FIELD && i == form->at);
        if (form->obj->kind != RL_PROFILE || field != RL_PROFILE_NAME)
            continue;
        write_difference(p, w);
        if (w->part != UI_WIZARD_ROW && i == form->at)
            p->focus_end = p->row;
    }
}

/* Pages. */

static void write_profiles(struct ui_page *p, const struct ui_wizard *w)
{
    const json_t *name;
    size_t i;
    json_array_foreach (json_object_get(w->draft, "profiles"), i, name)
        write_row(p, w, i, UI_NORMAL, json_string_value(name));
    if (ui_wizard_nrows(w) == 0)
        ui_page_text(p, LABEL_AT, UI_FAINT, "There is none for the type yet.");
}

static void write_vendor(struct ui_page *p, const struct ui_wizard *w)
{
    const json_t *text = json_object_get(w->draft, "instructions"), *line;
    int room = p->area.rows - ROOMY, end = p->row + 1 + (room > VENDOR_ROWS ? room : VENDOR_ROWS);
    size_t i;
    if (json_array_size(text) == 0)
        return;
    ui_page_text(p, 1, UI_NORMAL, "The supplier says (F6 shows all):");
    json_array_foreach (text, i, line) {
        if (p->row >= end)
            break;
        ui_wizard_write_instruction(p, i, json_string_value(line), end - p->row);
    }
    p->row++;
}

static void write_head(struct ui_page *p, const struct ui_wizard *w)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    struct rl_buf text = {0};
    ui_page_text(p, 1, UI_STRONG, page->sentence);
    if (p->area.rows < ROOMY - 5)
        return;
    if (*page->window) {
        rl_buf_addf(&text, "You know this window as: %s", page->window);
        ui_page_text(p, 1, UI_NORMAL, rl_buf_str(&text));
    }
    p->row++;
    if (w->step == 0)
        write_vendor(p, w);
    rl_buf_fini(&text);
}

#define TABLE(columns) (columns), sizeof(columns) / sizeof(columns)[0]

static void write_phone_page(struct ui_page *p, struct ui_wizard *w)
{
    if (ui_wizard_page(w)->nfields == 0) {
        write_phones(p, w, TABLE(name_columns));
    } else if (w->phone < 0) {
        write_phones(p, w, TABLE(field_columns));
    } else {
        write_pair(p, "Phone", ui_text_of(ui_wizard_phone(w, (size_t)w->phone), "name"), UI_STRONG);
        write_fields(p, w);
    }
}

static void write_page(struct ui_page *p, void *ctx)
{
    struct ui_wizard *w = ctx;
    const struct rl_wizard_step *page = ui_wizard_page(w);
    if (!page) {
        ui_wizard_write_check(p, w);
        return;
    }
    write_head(p, w);
    switch (page->page) {
    case RL_PAGE_CERTIFICATE:
        write_certificate(p, w);
        break;
    case RL_PAGE_UPLOADS:
        write_phones(p, w, TABLE(upload_columns));
        break;
    case RL_PAGE_PROFILES:
        write_profiles(p, w);
        break;
    case RL_PAGE_PHONES:
        write_phone_page(p, w);
        break;
    case RL_PAGE_FIELDS:
        write_certificate_in_short(p, w);
        write_fields(p, w);
        break;
    }
    if (page->nfields > 0 && (page->page == RL_PAGE_CERTIFICATE || page->page == RL_PAGE_UPLOADS)) {
        p->row++;
        write_fields(p, w);
    }
    if (page->page != RL_PAGE_CERTIFICATE)
        write_problems(p, w);
}

/* Around the page: the steps above, what matters below. */

static int draw_steps(const struct ui_wizard *w, struct ui_area area)
{
    const char *state[32];
    const json_t *steps = json_object_get(w->draft, "steps");
    struct rl_buf text = {0};
    int row = area.top;
    for (size_t i = 0; i < w->wizard->nsteps; i++)
        state[i] = ui_text_of(json_array_get(steps, i), "state");
    ui_wizard_steps(w->wizard, state, w->step, area.cols - 1, area.rows < ROOMY, &text);
    for (char *line = text.data, *end; line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        ui_put(row++, 0, area.cols, UI_STRONG, line);
    }
    rl_buf_fini(&text);
    return row - area.top;
}

static void draw_saved(const struct ui_wizard *w, int row, int cols)
{
    int64_t us = rl_time_parse(ui_text_of(w->draft, "updated"));
    time_t at = (time_t)(us / 1000000);
    struct tm tm;
    char clock[8] = "", text[64];
    if (us < 0 || w->result)
        return;
    strftime(clock, sizeof clock, "%H:%M", localtime_r(&at, &tm));
    snprintf(text, sizeof text, " %s %s ",
             json_object_size(w->typed) > 0 ? "not all saved since" : "draft saved", clock);
    ui_put(row, cols - (int)strlen(text) - 1, (int)strlen(text), UI_NORMAL, text);
}

struct foot {
    struct ui_area at;
    unsigned style;
};

static void foot_line(void *ctx, const char *line)
{
    struct foot *f = ctx;
    if (f->at.rows-- > 0)
        ui_put(f->at.top++, 1, f->at.cols - 2, f->style, line);
}

/* What matters on the page; on the last one what the wizard comes to, where there is room or not.
 * Returns the rows taken. */
static int draw_foot(const struct ui_wizard *w, struct ui_area area)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    struct rl_buf text = {0};
    unsigned style = UI_NORMAL;
    if (area.rows < ROOMY && page)
        return 0;
    if (page)
        rl_buf_adds(&text, page->help);
    else
        style = ui_wizard_verdict(w, &text) ? UI_LOCKED : UI_OPEN;
    int rows = area.rows < ROOMY ? 1 : 2;
    struct foot f = {
        {area.top + area.rows - rows, rows, area.cols},
        style
    };
    ui_fill(f.at.top - 1, 0, area.cols, UI_NORMAL, '-');
    ui_wrap(rl_buf_str(&text), area.cols - 2, foot_line, &f);
    rl_buf_fini(&text);
    return rows + 1;
}

void ui_wizard_draw(struct ui_view *view, struct ui_area area)
{
    struct ui_wizard *w = (struct ui_wizard *)view;
    if (!w->draft || !w->wizard) {
        ui_put(area.top + 1, 2, area.cols, UI_FAINT, "reading ...");
        ui_cursor(area.top + 1, 0);
        return;
    }
    int used = draw_steps(w, area);
    ui_fill(area.top + used, 0, area.cols, UI_NORMAL, '-');
    draw_saved(w, area.top + used, area.cols);
    used++;
    int foot = draw_foot(w, area);
    struct ui_area body = {area.top + used, area.rows - used - foot, area.cols};
    w->rows = body.rows;
    ui_page_show(body, &w->top, write_page, w);
}

static void add_problems(const struct ui_wizard *w, struct rl_buf *out)
{
    const json_t *problem, *all = ui_wizard_problems(w);
    size_t i, errors = 0;
    json_array_foreach (all, i, problem)
        errors += ui_text_of(problem, "code")[0] == 'E';
    if (errors > 0 && w->tried)
        rl_buf_addf(out, "%zu %s. Next waits for %s. ", errors, errors > 1 ? "problems" : "problem",
                    errors > 1 ? "them" : "it");
}

void ui_wizard_status(struct ui_view *view, struct rl_buf *left, struct rl_buf *right)
{
    const struct ui_wizard *w = (struct ui_wizard *)view;
    if (!w->draft || !w->wizard)
        return;
    size_t steps = w->wizard->nsteps, rows = ui_wizard_nrows(w);
    add_problems(w, left);
    if (w->result)
        rl_buf_adds(left, "Applied. Enter closes.");
    else if (w->taken)
        rl_buf_adds(left, "Somebody else has this wizard: F9 takes it over.");
    else if (w->sent)
        rl_buf_adds(left, "saving ...");
    else if (w->step < (int)steps)
        rl_buf_addf(left, "Step %d of %zu. Nothing has changed yet.", w->step + 1, steps);
    else
        rl_buf_addf(left, "All %zu steps answered. Enter applies; nothing has changed.", steps);
    if (w->part == UI_WIZARD_ROW && rows > 1)
        rl_buf_addf(right, "line %zu of %zu", w->row + 1, rows);
}
