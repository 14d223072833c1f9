#include <stdlib.h>
#include <string.h>

#include "console/wizard.h"
#include "ringlock/text.h"

/* The end check: what is about to be made, the points, the warnings; and after applying what was
 * made, and what is missing for security (R94, R110). */
enum { MARK_AT = 2, LABEL_AT = 5, STEP_CELLS = 9 };

/* Cells of a line, from column LABEL_AT on; the last one is the step where it can be changed. */
struct cells {
    const char *mark, *first, *second, *third;
    int step; /* from 0; -1: none */
    unsigned style;
};

static void put_cell(struct rl_buf *row, const char *text, int cells)
{
    char *safe = rl_text_safe_dup(text);
    ui_fit(row, safe, cells, UI_LEFT);
    rl_buf_addc(row, ' ');
    free(safe);
}

static void write_cells(struct ui_page *p, const struct ui_wizard *w, size_t line,
                        const struct cells *c)
{
    struct rl_buf row = {0};
    int room = p->area.cols - LABEL_AT - STEP_CELLS - 2, y;
    int first = c->third ? room * 45 / 100 : room * 52 / 100;
    int second = c->third ? room / 6 : 0, third = room - first - second - (c->third ? 2 : 1);
    bool here = w->part == UI_WIZARD_ROW && w->row == line;
    put_cell(&row, c->first, first);
    if (c->third)
        put_cell(&row, c->second, second);
    put_cell(&row, c->third ? c->third : c->second, third);
    if (c->step >= 0)
        rl_buf_addf(&row, "step %d", c->step + 1);
    if (here)
        p->focus_row = p->row;
    if (ui_page_sees(p, &y)) {
        ui_put(y, 0, 1, UI_STRONG, here ? ">" : " ");
        ui_put(y, MARK_AT, 2, c->style, c->mark);
        if (here)
            ui_cursor(y, 0);
    }
    ui_page_text(p, LABEL_AT, here ? UI_FOCUS : UI_NORMAL, rl_buf_str(&row));
    rl_buf_fini(&row);
}

/* What was written since belongs to the line. */
static void keep_together(struct ui_page *p, const struct ui_wizard *w, size_t line)
{
    if (w->part == UI_WIZARD_ROW && w->row == line)
        p->focus_end = p->row;
}

static int step_of(const struct ui_wizard *w, const json_t *line)
{
    const char *id = ui_text_of(line, "step");
    return *id ? rl_wizard_step(w->wizard, id) : -1;
}

static void write_title(struct ui_page *p, const char *title, size_t n)
{
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%s (%zu)", title, n);
    ui_page_text(p, MARK_AT, UI_STRONG, rl_buf_str(&text));
    rl_buf_fini(&text);
}

static size_t write_review(struct ui_page *p, const struct ui_wizard *w, size_t from)
{
    const json_t *review = json_object_get(w->draft, "review"), *line;
    struct rl_buf what = {0};
    size_t i;
    write_title(p, "You are about to make", json_array_size(review));
    json_array_foreach (review, i, line) {
        rl_buf_clear(&what);
        rl_buf_addf(&what, "%s %s", ui_text_of(line, "kind"), ui_text_of(line, "name"));
        const char *now = ui_text_of(line, "now");
        const struct cells c = {"",
                                rl_buf_str(&what),
                                *now ? now : "none",
                                ui_text_of(line, "after"),
                                step_of(w, line),
                                UI_NORMAL};
        write_cells(p, w, from + i, &c);
    }
    rl_buf_fini(&what);
    return json_array_size(review);
}

static size_t write_done(struct ui_page *p, const struct ui_wizard *w)
{
    const json_t *done = json_object_get(w->result, "done"), *line;
    struct rl_buf what = {0};
    size_t i;
    write_title(p, "Done", json_array_size(done));
    json_array_foreach (done, i, line) {
        rl_buf_clear(&what);
        rl_buf_addf(&what, "%s %s", ui_text_of(line, "kind"), ui_text_of(line, "name"));
        const struct cells c = {"ok", rl_buf_str(&what), ui_text_of(line, "what"), NULL,
                                -1,   UI_LOCKED};
        write_cells(p, w, i, &c);
    }
    rl_buf_fini(&what);
    return json_array_size(done);
}

/* Under a line: what is wrong and what helps. */
static void write_remedy(struct ui_page *p, const json_t *line)
{
    struct rl_buf text = {0};
    const char *code = ui_text_of(line, "code"), *remedy = ui_text_of(line, "remedy");
    if (*code)
        rl_buf_addf(&text, "%s: ", code);
    rl_buf_adds(&text, ui_text_of(line, "message"));
    ui_page_wrap(p, LABEL_AT, UI_WARNING, 0, rl_buf_str(&text));
    rl_buf_clear(&text);
    rl_buf_addf(&text, "Remedy: %s", remedy);
    if (*remedy)
        ui_page_wrap(p, LABEL_AT, UI_NORMAL, 0, rl_buf_str(&text));
    if (strcmp(code, "W-CLUSTER-NONSECURE") == 0)
        ui_page_text(p, LABEL_AT, UI_STRONG, "Space opens the cluster's security mode.");
    rl_buf_fini(&text);
}

static size_t write_points(struct ui_page *p, const struct ui_wizard *w, const json_t *points,
                           size_t from)
{
    const json_t *point;
    size_t i;
    write_title(p, "End check", json_array_size(points));
    json_array_foreach (points, i, point) {
        bool ok = json_is_true(json_object_get(point, "ok"));
        const struct cells c = {ok ? "ok" : "!!",           ui_text_of(point, "label"),
                                ui_text_of(point, "value"), NULL,
                                step_of(w, point),          ok ? UI_LOCKED : UI_OPEN};
        write_cells(p, w, from + i, &c);
        if (!ok)
            write_remedy(p, point);
        keep_together(p, w, from + i);
    }
    return json_array_size(points);
}

static void write_warnings(struct ui_page *p, const struct ui_wizard *w, const json_t *warnings,
                           size_t from)
{
    const json_t *warning;
    size_t i;
    json_array_foreach (warnings, i, warning) {
        const char *code = ui_text_of(warning, "code");
        bool mode = strcmp(code, "W-CLUSTER-NONSECURE") == 0;
        const struct cells c = {
            "!", code, mode ? "Space: to mixed mode" : "", NULL, step_of(w, warning), UI_WARNING};
        write_cells(p, w, from + i, &c);
        ui_page_wrap(p, LABEL_AT, UI_NORMAL, 0, ui_text_of(warning, "message"));
        keep_together(p, w, from + i);
    }
}

/* Nothing can be applied before these are put right. */
static size_t write_open(struct ui_page *p, const struct ui_wizard *w)
{
    const json_t *problem;
    size_t i, n = json_array_size(w->open);
    if (n > 0)
        write_title(p, "To be put right first", n);
    json_array_foreach (w->open, i, problem) {
        int step = step_of(w, problem);
        const struct cells c = {.mark = "!!",
                                .first = ui_text_of(problem, "code"),
                                .second = w->wizard->steps[step].label,
                                .step = step,
                                .style = UI_ERROR};
        write_cells(p, w, i, &c);
        ui_page_wrap(p, LABEL_AT, UI_WARNING, 0, ui_text_of(problem, "message"));
        keep_together(p, w, i);
    }
    if (n > 0)
        p->row++;
    return n;
}

bool ui_wizard_verdict(const struct ui_wizard *w, struct rl_buf *out)
{
    const json_t *of = w->result ? w->result : w->draft;
    const json_t *point, *points = json_object_get(of, "points");
    bool open = !w->result && json_array_size(w->open) > 0;
    bool enabled = json_is_true(json_object_get(of, "enabled")) && !open;
    size_t i, missing = 0;
    if (enabled) {
        rl_buf_addf(out, "security enabled%s: all %zu points hold",
                    w->result ? "" : ", once applied", json_array_size(points));
        return true;
    }
    rl_buf_adds(out, "security not enabled: ");
    json_array_foreach (points, i, point) {
        if (!json_is_true(json_object_get(point, "ok")))
            rl_buf_addf(out, "%s%s", missing++ ? ", " : "", ui_text_of(point, "label"));
    }
    if (missing == 0)
        rl_buf_adds(out, "the problems above come first");
    return false;
}

static void report_list(const json_t *list, const char *const *keys, struct rl_buf *out)
{
    const json_t *line, *ok;
    size_t i;
    json_array_foreach (list, i, line) {
        ok = json_object_get(line, "ok");
        rl_buf_adds(out, !ok ? "\n" : json_is_true(ok) ? "\nok " : "\n!! ");
        for (const char *const *key = keys; *key; key++) {
            const char *text = ui_text_of(line, *key);
            char *safe = rl_text_safe_dup(text);
            rl_buf_addf(out, "%s%s", key != keys && *safe ? "  " : "", safe);
            free(safe);
        }
    }
}

void ui_wizard_report(const struct ui_wizard *w, struct rl_buf *out)
{
    static const char *const made[] = {"kind", "name", "after", "what", NULL};
    static const char *const point[] = {"label", "value", "code", "message", "remedy", NULL};
    static const char *const warning[] = {"code", "message", NULL};
    const json_t *of = w->result ? w->result : w->draft;
    ui_wizard_verdict(w, out);
    if (!w->result)
        report_list(w->open, warning, out);
    report_list(json_object_get(of, w->result ? "done" : "review"), made, out);
    report_list(json_object_get(of, "points"), point, out);
    report_list(json_object_get(of, "warnings"), warning, out);
}

void ui_wizard_write_check(struct ui_page *p, struct ui_wizard *w)
{
    const json_t *of = w->result ? w->result : w->draft;
    size_t n = w->result ? write_done(p, w) : write_open(p, w);
    if (!w->result)
        n += write_review(p, w, n);
    p->row++;
    n += write_points(p, w, json_object_get(of, "points"), n);
    write_warnings(p, w, json_object_get(of, "warnings"), n);
}
