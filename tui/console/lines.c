#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/detail.h"
#include "ringlock/text.h"

enum { VALUE_AT = 33 }; /* of a field */

static struct ui_line *append(struct ui_lines *lines)
{
    if (lines->n == lines->cap) {
        lines->cap = lines->cap ? lines->cap * 2 : 32;
        lines->line = rl_realloc(lines->line, lines->cap * sizeof lines->line[0]);
    }
    struct ui_line *line = &lines->line[lines->n++];
    *line = (struct ui_line){.text = NULL};
    return line;
}

void ui_line(struct ui_lines *lines, unsigned style, const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct ui_line *line = append(lines);
    line->text = rl_text_safe_dup(text);
    line->style = style;
}

void ui_line_rule(struct ui_lines *lines)
{
    struct ui_line *line = append(lines);
    line->text = rl_strdup("");
    line->rule = true;
}

struct paragraph {
    struct ui_lines *lines;
    unsigned style;
    int indent;
};

static void paragraph_line(void *ctx, const char *text)
{
    struct paragraph *p = ctx;
    ui_line(p->lines, p->style, "%*s%s", p->indent, "", text);
}

void ui_line_wrap(struct ui_lines *lines, unsigned style, int indent, const char *text)
{
    struct paragraph p = {.lines = lines, .style = style, .indent = indent};
    char *safe = rl_text_safe_dup(text);
    ui_wrap(safe, lines->cols - indent, paragraph_line, &p);
    free(safe);
}

void ui_line_focus(struct ui_lines *lines, const char *screen, const char *object)
{
    struct ui_line *line = &lines->line[lines->n - 1];
    line->focus = true;
    line->screen = screen && *screen ? rl_strdup(screen) : NULL;
    line->object = line->screen ? rl_strdup(object ? object : "") : NULL;
}

void ui_line_aim(struct ui_lines *lines, const char *screen)
{
    lines->line[lines->n - 1].aim = screen;
}

void ui_line_span(struct ui_lines *lines, int col, int width, unsigned style)
{
    struct ui_line *line = &lines->line[lines->n - 1];
    if (line->nspans == UI_SPANS)
        return;
    line->span[line->nspans].col = col;
    line->span[line->nspans].width = width;
    line->span[line->nspans++].style = style;
}

void ui_line_field(struct ui_lines *lines, const char *label, const char *value)
{
    ui_line(lines, UI_NORMAL, "  %-30s %s", label, value);
}

struct value {
    struct ui_lines *lines;
    const char *label; /* of the first line; NULL once it is written */
    size_t first;
};

static void value_line(void *ctx, const char *text)
{
    struct value *v = ctx;
    if (v->label)
        v->first = v->lines->n;
    ui_line_field(v->lines, v->label ? v->label : "", text);
    v->label = NULL;
}

void ui_line_value(struct ui_lines *lines, const char *label, const char *value, const char *screen,
                   const char *object)
{
    struct value v = {.lines = lines, .label = label};
    char *safe = rl_text_safe_dup(*value ? value : "-");
    ui_wrap(safe, lines->cols - VALUE_AT, value_line, &v);
    size_t end = lines->n;
    lines->n = v.first + 1;
    if (screen || lines->stops)
        ui_line_focus(lines, screen, object);
    lines->n = end;
    if (end > v.first + 1)
        lines->line[v.first].whole = rl_asprintf("%s  %s", label, safe);
    free(safe);
}

void ui_lines_clear(struct ui_lines *lines)
{
    for (size_t i = 0; i < lines->n; i++) {
        free(lines->line[i].text);
        free(lines->line[i].screen);
        free(lines->line[i].object);
        free(lines->line[i].whole);
    }
    free(lines->line);
    *lines = (struct ui_lines){.cols = lines->cols};
}
