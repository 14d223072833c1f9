#include "commands/output.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/fields.h"
#include "ringlock/csv.h"
#include "ringlock/text.h"

enum { GAP = 2, NARROWEST = 6, NARROWEST_NAME = 24 };

static char *cell_text(const struct rl_column *column, const json_t *object)
{
    return column->text ? column->text(object) : rl_cmd_text(json_object_get(object, column->key));
}

static void print_csv_line(const struct rl_listing *l, const json_t *object)
{
    struct rl_buf line = {0}, safe = {0};
    bool first = true;
    for (size_t i = 0; i < l->ncolumns; i++) {
        const struct rl_column *column = &l->column[i];
        if (column->flags & RL_COL_PLAIN)
            continue;
        char *text = object ? cell_text(column, object) : rl_strdup(column->key);
        rl_buf_clear(&safe);
        rl_text_safe(&safe, text, strlen(text));
        if (!first)
            rl_buf_addc(&line, ',');
        rl_csv_field(&line, rl_buf_str(&safe));
        first = false;
        free(text);
    }
    rl_buf_adds(&line, "\r\n");
    fwrite(line.data, 1, line.len, stdout);
    rl_buf_fini(&line);
    rl_buf_fini(&safe);
}

/* ---- the table for people ---- */

static void safe_cell(const struct rl_listing *l, const struct rl_column *column,
                      const json_t *object, struct rl_buf *out)
{
    char *text = object ? cell_text(column, object) : rl_strdup(column->title);
    rl_buf_clear(out);
    (l->cli->utf8 ? rl_text_safe : rl_text_ascii)(out, text, strlen(text));
    free(text);
}

static bool for_people(const struct rl_column *column)
{
    return !(column->flags & RL_COL_DATA);
}

static void measure(struct rl_listing *l, const json_t *object)
{
    struct rl_buf cell = {0};
    for (size_t i = 0; i < l->ncolumns; i++) {
        if (!for_people(&l->column[i]))
            continue;
        safe_cell(l, &l->column[i], object, &cell);
        int cells = (int)rl_text_width(rl_buf_str(&cell), cell.len);
        if (cells > l->width[i])
            l->width[i] = cells;
    }
    rl_buf_fini(&cell);
}

/* How narrow a column may become: as its title, and a name by which a row is asked for not at all
 * until everything else has given way. */
static int narrowest(const struct rl_column *column, bool names_too)
{
    int title = (int)strlen(column->title);
    if (column->flags & RL_COL_WHOLE)
        return names_too ? NARROWEST_NAME : INT_MAX;
    return title > NARROWEST ? title : NARROWEST;
}

/* Make the widest column that may give way one cell narrower; false when there is none. */
static bool shrink_widest(struct rl_listing *l, bool names_too)
{
    size_t widest = l->ncolumns;
    for (size_t i = 0; i < l->ncolumns; i++)
        if (for_people(&l->column[i]) && l->width[i] > narrowest(&l->column[i], names_too) &&
            (widest == l->ncolumns || l->width[i] >= l->width[widest]))
            widest = i;
    if (widest == l->ncolumns)
        return false;
    l->width[widest]--;
    return true;
}

static int line_width(const struct rl_listing *l)
{
    int sum = -GAP;
    for (size_t i = 0; i < l->ncolumns; i++)
        if (for_people(&l->column[i]))
            sum += l->width[i] + GAP;
    return sum;
}

static void settle_widths(struct rl_listing *l)
{
    size_t i;
    const json_t *row;
    l->width = rl_alloc(l->ncolumns * sizeof *l->width);
    measure(l, NULL);
    json_array_foreach (l->held, i, row)
        measure(l, row);
    for (int names_too = 0; names_too <= 1; names_too++)
        while (line_width(l) > l->cli->width && shrink_widest(l, names_too))
            ;
}

static const char *lock_color(const char *word)
{
    static const struct {
        const char *word, *color;
    } colors[] = {
        {"LOCK", "\033[32m"},
        {"SHLD", "\033[33m"},
        {"OPEN", "\033[31m"}
    };
    for (size_t i = 0; i < sizeof colors / sizeof *colors; i++)
        if (strcmp(colors[i].word, word) == 0)
            return colors[i].color;
    return NULL;
}

/* Append one cell, cut to its width; a cut one ends with '~'. Returns the cells that are missing.
 */
static int add_cell(struct rl_buf *line, const char *text, int width)
{
    size_t used, n = strlen(text);
    if ((int)rl_text_width(text, n) <= width) {
        rl_buf_adds(line, text);
        return width - (int)rl_text_width(text, n);
    }
    rl_buf_add(line, text, rl_text_cut(text, n, (size_t)width - 1, &used));
    rl_buf_addc(line, '~');
    return width - 1 - (int)used;
}

static void print_plain_line(const struct rl_listing *l, const json_t *object)
{
    struct rl_buf line = {0}, cell = {0};
    int pending = 0; /* blanks before the next cell; none are left at the end of a line */
    for (size_t i = 0; i < l->ncolumns; i++) {
        const struct rl_column *column = &l->column[i];
        if (!for_people(column))
            continue;
        safe_cell(l, column, object, &cell);
        const char *text = rl_buf_str(&cell);
        const char *color =
            l->cli->color && column->flags & RL_COL_LOCK && object ? lock_color(text) : NULL;
        if (*text)
            rl_buf_addf(&line, "%*s%s", pending, "", color ? color : "");
        int missing = add_cell(&line, text, l->width[i]);
        pending = (*text ? 0 : pending) + missing + GAP;
        if (color)
            rl_buf_adds(&line, "\033[0m");
    }
    puts(rl_buf_str(&line));
    rl_buf_fini(&line);
    rl_buf_fini(&cell);
}

static void print_held(struct rl_listing *l)
{
    size_t i;
    const json_t *row;
    if (!l->held)
        return;
    settle_widths(l);
    if (json_array_size(l->held) > 0)
        print_plain_line(l, NULL);
    json_array_foreach (l->held, i, row)
        print_plain_line(l, row);
    json_decref(l->held);
    l->held = NULL;
}

/* ---- all three forms ---- */

int rl_listing_begin(struct rl_listing *l, struct rl_cli *cli, const struct rl_column *column,
                     size_t ncolumns)
{
    size_t n;
    *l = (struct rl_listing){.cli = cli, .column = column, .ncolumns = ncolumns};
    int status = rl_fields_columns(cli, column, ncolumns, &l->chosen, &n);
    if (status)
        return status;
    if (l->chosen) {
        l->column = l->chosen;
        l->ncolumns = n;
    }
    if (cli->args->format == RL_PLAIN)
        l->held = json_array();
    else if (cli->args->format == RL_CSV)
        print_csv_line(l, NULL);
    return 0;
}

/* The row as JSON: whole, or what --fields names, as it came where it is a member. */
static void print_json_row(const struct rl_listing *l, const json_t *object)
{
    json_t *row = l->chosen ? json_object() : json_incref((json_t *)object);
    for (size_t i = 0; l->chosen && i < l->ncolumns; i++) {
        const struct rl_column *column = &l->column[i];
        json_t *member = json_object_get(object, column->key);
        char *text = member ? NULL : cell_text(column, object);
        json_object_set_new(row, column->key, member ? json_incref(member) : json_string(text));
        free(text);
    }
    json_dumpf(row, stdout, JSON_ENSURE_ASCII | JSON_COMPACT);
    json_decref(row);
}

void rl_listing_row(struct rl_listing *l, const json_t *object)
{
    bool first = l->rows++ == 0;
    switch (l->cli->args->format) {
    case RL_JSON:
        if (!l->each_line)
            fputs(first ? "[\n" : ",\n", stdout);
        print_json_row(l, object);
        if (l->each_line)
            putchar('\n');
        break;
    case RL_CSV:
        print_csv_line(l, object);
        break;
    case RL_PLAIN:
        if (l->held)
            json_array_append(l->held, (json_t *)object);
        else
            print_plain_line(l, object);
    }
}

bool rl_listing_part(struct rl_listing *l)
{
    print_held(l);
    return !rl_output_broken();
}

void rl_listing_end(struct rl_listing *l)
{
    if (l->cli->args->format == RL_JSON)
        fputs(l->rows ? "\n]\n" : "[]\n", stdout);
    print_held(l);
    rl_listing_drop(l);
}

void rl_listing_drop(struct rl_listing *l)
{
    json_decref(l->held);
    free(l->width);
    free(l->chosen);
    *l = (struct rl_listing){0};
}

int rl_cmd_rows(struct rl_cli *cli, const struct rl_column *column, size_t ncolumns,
                const json_t *rows)
{
    struct rl_listing listing;
    size_t i;
    const json_t *row;
    int status = rl_listing_begin(&listing, cli, column, ncolumns);
    if (status)
        return status;
    json_array_foreach ((json_t *)rows, i, row)
        rl_listing_row(&listing, row);
    rl_listing_end(&listing);
    return 0;
}

int rl_cmd_row(struct rl_cli *cli, const struct rl_column *column, size_t ncolumns,
               const json_t *object)
{
    json_t *one = json_pack("[O]", object);
    int status = rl_cmd_rows(cli, column, ncolumns, one);
    json_decref(one);
    return status;
}
