#include "ringlock/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/text.h"

enum state { AT_FIELD, IN_PLAIN, IN_QUOTES, AFTER_QUOTE, AFTER_CR, LOST };

struct rl_csv {
    rl_csv_row_fn fn;
    void *ctx;
    enum state state;
    size_t bom;            /* bytes of the mark seen; BOM_DONE when that is over */
    int line, row_line;    /* being read; where the row began */
    int quote_line;        /* where the open quote stands */
    struct rl_buf text;    /* fields of the row, each ended by NUL */
    size_t *start, n, cap; /* where each begins in text */
    bool any;              /* the row has a character */
    char **header;
    size_t columns;
};

static const char bom_bytes[] = "\xef\xbb\xbf";
enum { BOM_DONE = 3 };

struct rl_csv *rl_csv_new(rl_csv_row_fn fn, void *ctx)
{
    struct rl_csv *csv = rl_alloc(sizeof *csv);
    csv->fn = fn;
    csv->ctx = ctx;
    csv->line = csv->row_line = 1;
    return csv;
}

void rl_csv_free(struct rl_csv **csv)
{
    if (!*csv)
        return;
    for (size_t i = 0; i < (*csv)->columns; i++)
        free((*csv)->header[i]);
    free((*csv)->header);
    free((*csv)->start);
    rl_buf_fini(&(*csv)->text);
    free(*csv);
    *csv = NULL;
}

static void refuse(struct rl_csv *csv, struct rl_problems *problems, int line, size_t column,
                   const char *what)
{
    struct rl_err err;
    char place[32];
    snprintf(place, sizeof place, "column %zu", column + 1);
    rl_fail_field(&err, RL_E_CSV, NULL, column < csv->columns ? csv->header[column] : place,
                  "Line %d: %s.", line, what);
    err.line = line;
    rl_problems_add(problems, &err);
}

/* The column being read. */
static size_t column(const struct rl_csv *csv)
{
    return csv->n ? csv->n - 1 : 0;
}

static void give_up(struct rl_csv *csv, struct rl_problems *problems, int line, const char *what)
{
    refuse(csv, problems, line, column(csv), what);
    csv->state = LOST;
}

static void begin_field(struct rl_csv *csv)
{
    if (csv->n == csv->cap) {
        csv->cap = csv->cap ? csv->cap * 2 : 16;
        csv->start = rl_realloc(csv->start, csv->cap * sizeof *csv->start);
    }
    csv->start[csv->n++] = csv->text.len;
}

/* The field is over. Between fields that is an empty one, but on an empty line there is none. */
static void end_field(struct rl_csv *csv)
{
    if (csv->state == AT_FIELD && !csv->any)
        return;
    if (csv->state == AT_FIELD)
        begin_field(csv);
    rl_buf_addc(&csv->text, '\0');
}

static void keep_header(struct rl_csv *csv)
{
    csv->columns = csv->n;
    csv->header = rl_alloc(csv->n * sizeof *csv->header);
    for (size_t i = 0; i < csv->n; i++)
        csv->header[i] = rl_strdup(csv->text.data + csv->start[i]);
}

/* False, and a problem, if the row cannot be taken. */
static bool row_is_good(struct rl_csv *csv, struct rl_problems *problems)
{
    bool good = true;
    if (csv->header && csv->n != csv->columns) {
        char what[80];
        snprintf(what, sizeof what, "%zu fields, but the header has %zu", csv->n, csv->columns);
        refuse(csv, problems, csv->row_line, csv->n < csv->columns ? csv->n : csv->columns, what);
        return false;
    }
    for (size_t i = 0; i < csv->n; i++) {
        const char *value = csv->text.data + csv->start[i];
        if (rl_text_is_utf8(value, strlen(value)))
            continue;
        refuse(csv, problems, csv->row_line, i, "the text is not UTF-8");
        good = false;
    }
    return good;
}

static void give_row(struct rl_csv *csv)
{
    const char **field = rl_alloc(csv->n * sizeof *field);
    struct rl_csv_row row = {csv->row_line, !csv->header, csv->n, field};
    for (size_t i = 0; i < csv->n; i++)
        field[i] = csv->text.data + csv->start[i];
    if (row.header)
        keep_header(csv);
    csv->fn(csv->ctx, &row);
    free(field);
}

static void end_row(struct rl_csv *csv, struct rl_problems *problems)
{
    csv->state = AT_FIELD;
    if (csv->n && row_is_good(csv, problems))
        give_row(csv);
    else if (csv->n && !csv->header)
        csv->state = LOST;
    rl_buf_clear(&csv->text);
    csv->n = 0;
    csv->any = false;
    csv->row_line = csv->line;
}

static void end_line(struct rl_csv *csv, struct rl_problems *problems)
{
    csv->line++;
    end_row(csv, problems);
}

/* What ends a field in every state but within quotes. */
static bool separator(struct rl_csv *csv, char c, struct rl_problems *problems)
{
    if (c != ',' && c != '\r' && c != '\n')
        return false;
    csv->any |= c == ',';
    end_field(csv);
    csv->state = c == '\r' ? AFTER_CR : AT_FIELD;
    if (c == '\n')
        end_line(csv, problems);
    return true;
}

static const char *at_field(struct rl_csv *csv, const char *p, const char *end,
                            struct rl_problems *problems)
{
    (void)end;
    if (separator(csv, *p, problems))
        return p + 1;
    csv->any = true;
    begin_field(csv);
    csv->state = *p == '"' ? IN_QUOTES : IN_PLAIN;
    csv->quote_line = csv->line;
    return *p == '"' ? p + 1 : p;
}

static const char *in_plain(struct rl_csv *csv, const char *p, const char *end,
                            struct rl_problems *problems)
{
    const char *from = p;
    while (p < end && *p != ',' && *p != '"' && *p != '\r' && *p != '\n')
        p++;
    rl_buf_add(&csv->text, from, (size_t)(p - from));
    if (p == end || csv->text.len > RL_CSV_ROW_MAX)
        return p;
    if (*p == '"')
        give_up(csv, problems, csv->line, "a quote inside a field that does not begin with one");
    else
        separator(csv, *p, problems);
    return p + 1;
}

static const char *in_quotes(struct rl_csv *csv, const char *p, const char *end,
                             struct rl_problems *problems)
{
    const char *from = p;
    (void)problems;
    for (; p < end && *p != '"'; p++)
        csv->line += *p == '\n';
    rl_buf_add(&csv->text, from, (size_t)(p - from));
    if (p == end)
        return p;
    csv->state = AFTER_QUOTE;
    return p + 1;
}

static const char *after_quote(struct rl_csv *csv, const char *p, const char *end,
                               struct rl_problems *problems)
{
    (void)end;
    if (*p == '"') {
        rl_buf_addc(&csv->text, '"');
        csv->state = IN_QUOTES;
    } else if (!separator(csv, *p, problems)) {
        give_up(csv, problems, csv->line, "text after the quote that ends a field");
    }
    return p + 1;
}

static const char *after_cr(struct rl_csv *csv, const char *p, const char *end,
                            struct rl_problems *problems)
{
    (void)end;
    if (*p == '\n')
        end_line(csv, problems);
    else
        give_up(csv, problems, csv->line, "a carriage return that no line feed follows");
    return p + 1;
}

static const char *(*const steps[])(struct rl_csv *, const char *, const char *,
                                    struct rl_problems *) = {
    [AT_FIELD] = at_field,       [IN_PLAIN] = in_plain, [IN_QUOTES] = in_quotes,
    [AFTER_QUOTE] = after_quote, [AFTER_CR] = after_cr,
};

static void read_bytes(struct rl_csv *csv, const char *p, size_t n, struct rl_problems *problems)
{
    const char *end = p + n;
    while (p < end && csv->state != LOST) {
        p = steps[csv->state](csv, p, end, problems);
        if (csv->text.len > RL_CSV_ROW_MAX && csv->state != LOST)
            give_up(csv, problems, csv->row_line, "the row is longer than 65536 bytes");
    }
}

/* Pass over a byte order mark, which may come in parts. Gives where the text begins. */
static size_t pass_bom(struct rl_csv *csv, const char *bytes, size_t n,
                       struct rl_problems *problems)
{
    size_t i = 0, seen;
    while (csv->bom < BOM_DONE && i < n && bytes[i] == bom_bytes[csv->bom]) {
        csv->bom++;
        i++;
    }
    seen = csv->bom;
    if (seen == BOM_DONE || i == n)
        return i;
    csv->bom = BOM_DONE;
    read_bytes(csv, bom_bytes, seen, problems);
    return i;
}

void rl_csv_feed(struct rl_csv *csv, const char *bytes, size_t n, struct rl_problems *problems)
{
    const char *nul = memchr(bytes, '\0', n);
    size_t good = nul ? (size_t)(nul - bytes) : n;
    size_t skip = csv->bom < BOM_DONE ? pass_bom(csv, bytes, good, problems) : 0;
    read_bytes(csv, bytes + skip, good - skip, problems);
    if (nul && csv->state != LOST)
        give_up(csv, problems, csv->line, "a NUL byte");
}

void rl_csv_end(struct rl_csv *csv, struct rl_problems *problems)
{
    if (csv->bom < BOM_DONE)
        read_bytes(csv, bom_bytes, csv->bom, problems);
    if (csv->state == LOST)
        return;
    if (csv->state == IN_QUOTES) {
        give_up(csv, problems, csv->quote_line, "a quote that is never closed");
    } else if (csv->state == AFTER_CR) {
        give_up(csv, problems, csv->line, "a carriage return that no line feed follows");
    } else {
        end_field(csv);
        end_row(csv, problems);
        if (!csv->header && csv->state != LOST)
            give_up(csv, problems, 1, "the file is empty: it begins with a header line");
    }
}

/* A byte order mark within a field would be taken for the file's if it came first. */
static bool needs_quotes(const char *value, size_t n)
{
    return strpbrk(value, ",\"\r\n") || value[0] == ' ' || (n && value[n - 1] == ' ') ||
           !strncmp(value, bom_bytes, BOM_DONE);
}

void rl_csv_field(struct rl_buf *out, const char *value)
{
    size_t n = strlen(value);
    if (!needs_quotes(value, n)) {
        rl_buf_add(out, value, n);
        return;
    }
    rl_buf_addc(out, '"');
    for (; *value; value++) {
        if (*value == '"')
            rl_buf_addc(out, '"');
        rl_buf_addc(out, *value);
    }
    rl_buf_addc(out, '"');
}

void rl_csv_line(struct rl_buf *out, const char *const *field, size_t n)
{
    if (n == 1 && !*field[0])
        rl_buf_adds(out, "\"\""); /* not an empty line, which would be no row */
    for (size_t i = 0; i < n; i++) {
        if (i)
            rl_buf_addc(out, ',');
        rl_csv_field(out, field[i]);
    }
    rl_buf_adds(out, "\r\n");
}
