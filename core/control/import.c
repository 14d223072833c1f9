/* Import by CSV: one transaction from the first part to the last row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "control/names.h"
#include "ringlock/csv.h"
#include "ringlock/text.h"

enum { COLUMNS_MAX = 64, BULK = 10000 };

struct rl_import {
    struct rl_act act;
    const struct rl_object *obj;
    bool dry_run;
    struct rl_csv *csv;
    struct rl_lookup lookup;
    int field[COLUMNS_MAX];                  /* of each column */
    size_t columns;                          /* 0 until a header was taken */
    bool header;                             /* one was seen */
    struct rl_names keys, numbers, profiles; /* named, and those whose lines are to be checked */
    struct rl_problems row;                  /* of the row being read */
    struct rl_problems *problems;            /* of the call under way */
    enum rl_code code;                       /* first refusal, or warning without a yes */
    bool bulk;                               /* indexes are put aside */
    bool accepted_lines;                     /* a mixed line was said yes to */
    struct rl_import_counts counts;
};

/* Tell what gathered in im->row, as problems of a line. */
static void tell(struct rl_import *im, int line)
{
    enum rl_code code = rl_problems_verdict(&im->act, &im->row);
    if (!im->code)
        im->code = code;
    for (size_t i = 0; i < im->row.n; i++) {
        im->row.item[i].line = line;
        rl_problems_add(im->problems, &im->row.item[i]);
    }
    im->row.n = im->row.errors = im->row.warnings = 0;
}

static void refuse(struct rl_import *im, int line, enum rl_code code, const char *column,
                   const char *sentence)
{
    struct rl_err err;
    rl_fail_field(&err, code, im->obj->plural, column, "%s", sentence);
    rl_problems_add(&im->row, &err);
    tell(im, line);
}

/* --- header --- */

static void refuse_column(struct rl_import *im, int line, const char *name)
{
    char *safe = rl_text_safe_dup(name);
    char *sentence;
    enum rl_code code = RL_E_CSV_COLUMN;
    if (rl_field_is_trust(name)) {
        code = RL_E_TRUST_READONLY;
        sentence = rl_asprintf("The column \"%s\" cannot be imported: the type alone decides "
                               "trust.",
                               safe);
    } else if (rl_field_is_status(im->obj, name)) {
        code = RL_E_STATUS_OWNER;
        sentence = rl_asprintf("The column \"%s\" cannot be imported: the security mode is that "
                               "of a profile.",
                               safe);
    } else {
        sentence = rl_asprintf("There is no column \"%s\" in a file of %s.", safe, im->obj->plural);
    }
    refuse(im, line, code, safe, sentence);
    free(sentence);
    free(safe);
}

static bool has_column(const struct rl_import *im, size_t n, int field)
{
    for (size_t i = 0; i < n; i++)
        if (im->field[i] == field)
            return true;
    return false;
}

static void take_header(struct rl_import *im, const struct rl_csv_row *row)
{
    enum rl_code before = im->code;
    im->header = true;
    if (row->n > COLUMNS_MAX) {
        refuse(im, row->line, RL_E_CSV_COLUMN, "", "The file has too many columns.");
        return;
    }
    for (size_t i = 0; i < row->n; i++) {
        im->field[i] = rl_field_index(im->obj, row->field[i]);
        if (rl_field_is_trust(row->field[i]) || im->field[i] < 0)
            refuse_column(im, row->line, row->field[i]);
        else if (has_column(im, i, im->field[i]))
            refuse(im, row->line, RL_E_CSV_COLUMN, row->field[i], "A column is there twice.");
    }
    if (!has_column(im, row->n, 0))
        refuse(im, row->line, RL_E_CSV_COLUMN, im->obj->fields[0].name,
               "The column that names the objects is missing.");
    if (im->code == before)
        im->columns = row->n;
}

/* --- rows --- */

/* Cells that say something, as values. */
static size_t values_of(const struct rl_import *im, const struct rl_csv_row *row,
                        struct rl_value *values)
{
    size_t n = 0;
    for (size_t i = 0; i < im->columns; i++)
        if (*row->field[i])
            values[n++] = (struct rl_value){im->obj->fields[im->field[i]].name, row->field[i]};
    return n;
}

static const char *key_of(const struct rl_import *im, const struct rl_csv_row *row)
{
    for (size_t i = 0; i < im->columns; i++)
        if (im->field[i] == 0)
            return row->field[i];
    return "";
}

/* False if the row names nothing, or what an earlier row names. */
static bool is_first(struct rl_import *im, const struct rl_csv_row *row, const char *key)
{
    char label[RL_LABEL];
    const char *column = im->obj->fields[0].name;
    if (!*key) {
        refuse(im, row->line, RL_E_REQUIRED, column, "The row does not name its object.");
        return false;
    }
    int line = rl_names_add(&im->keys, key, strlen(key), row->line);
    if (!line)
        return true;
    struct rl_err err;
    rl_object_label(im->obj, key, label);
    rl_fail_field(&err, RL_E_CSV, label, column, "Lines %d and %d both are of the %s.", line,
                  row->line, label);
    rl_err_remedy(&err, "Keep one of the two lines.");
    rl_problems_add(&im->row, &err);
    tell(im, row->line);
    return false;
}

/* True if every cell says what is stored: nothing needs to be judged. */
static bool repeats(const struct rl_import *im, const struct rl_csv_row *row,
                    const struct rl_row *old)
{
    for (size_t i = 0; i < im->columns; i++)
        if (*row->field[i] && (im->obj->fields[im->field[i]].kind == RL_F_SECRET ||
                               strcmp(row->field[i], rl_row_get(old, im->field[i])) != 0))
            return false;
    return true;
}

/* Lines are judged when all rows are in. */
static void note_lines(struct rl_import *im, const struct rl_change *c, int line)
{
    if (!rl_change_moves_lines(c))
        return;
    if (im->obj->kind == RL_PROFILE) {
        const char *name = rl_row_get(&c->row, RL_PROFILE_NAME);
        rl_names_add(&im->profiles, name, strlen(name), line);
        return;
    }
    const char *list = rl_row_get(&c->row, RL_PHONE_LINES);
    for (size_t n; *list; list += list[n] ? n + 1 : n) {
        n = strcspn(list, ";");
        rl_names_add(&im->numbers, list, n, line);
    }
}

/* Where the import makes a good part of all there is, indexes are faster built when it is done. */
static void consider_bulk(struct rl_import *im)
{
    struct rl_query all = {.kind = im->obj->kind};
    struct rl_err err;
    size_t n;
    if (im->bulk || im->counts.added % BULK || rl_store_count(im->act.store, &all, &n, NULL) ||
        n > 8 * im->counts.added)
        return;
    im->bulk = true;
    if (rl_store_bulk(im->act.store, im->obj->kind, &err))
        rl_problems_add(&im->row, &err);
}

/* They take the change over later (profiles.md 4.9). */
static void count_phones(struct rl_import *im, const struct rl_change *c)
{
    size_t n;
    if (im->obj->kind == RL_PROFILE &&
        !rl_store_profile_phones(im->act.store, rl_row_get(&c->row, 0), &n, NULL))
        im->counts.phones += n;
}

static void write_change(struct rl_import *im, struct rl_change *c, int line)
{
    if (rl_change_write(c, 0))
        return;
    note_lines(im, c, line);
    if (!im->dry_run && !im->code && rl_change_audit(c))
        return;
    if (!rl_change_is_new(c)) {
        count_phones(im, c);
        im->counts.changed++;
        return;
    }
    im->counts.added++;
    consider_bulk(im);
}

static void take_row(struct rl_import *im, const struct rl_csv_row *row)
{
    struct rl_value values[COLUMNS_MAX];
    struct rl_change c;
    struct rl_row old;
    const char *key = key_of(im, row);
    im->counts.lines++;
    if (!is_first(im, row, key))
        return;
    struct rl_err err;
    enum rl_code code = rl_store_get(im->act.store, im->obj->kind, key, &old, &err);
    if (!code && repeats(im, row, &old)) {
        im->counts.same++;
        rl_row_fini(&old);
        return;
    }
    if (code && code != RL_E_NOT_FOUND) {
        rl_problems_add(&im->row, &err);
        tell(im, row->line);
        return;
    }
    rl_change_begin_with(&c, &im->act, &im->lookup, im->obj->kind, code ? NULL : &old, &im->row);
    rl_change_values(&c, values, values_of(im, row, values));
    rl_change_check(&c);
    if (!im->row.errors && rl_change_is_same(&c))
        im->counts.same++;
    else if (!im->row.errors)
        write_change(im, &c, row->line);
    rl_change_end(&c);
    tell(im, row->line);
}

static void on_row(void *ctx, const struct rl_csv_row *row)
{
    struct rl_import *im = ctx;
    if (row->header)
        take_header(im, row);
    else if (im->columns)
        take_row(im, row);
}

/* --- the file --- */

enum rl_code rl_import_begin(const struct rl_act *act, enum rl_kind kind, bool dry_run,
                             struct rl_import **out, struct rl_err *err)
{
    *out = NULL;
    if (kind == RL_TYPE)
        return rl_fail(err, RL_E_TYPE_NEEDS_COP, "types", "Types are not imported by CSV.");
    if (kind == RL_CERTIFICATE)
        return rl_fail(err, RL_E_CERT_UPLOAD, "certs", "Certificates are not imported by CSV.");
    enum rl_code code = rl_store_begin(act->store, err);
    if (code)
        return code;
    struct rl_import *im = rl_alloc(sizeof *im);
    im->act = *act;
    im->obj = rl_object(kind);
    im->dry_run = dry_run;
    im->csv = rl_csv_new(on_row, im);
    rl_lookup_init(&im->lookup, act->store);
    *out = im;
    return RL_OK;
}

static void release(struct rl_import **import)
{
    struct rl_import *im = *import;
    rl_csv_free(&im->csv);
    rl_lookup_fini(&im->lookup);
    rl_names_fini(&im->keys);
    rl_names_fini(&im->numbers);
    rl_names_fini(&im->profiles);
    rl_problems_fini(&im->row);
    free(im);
    *import = NULL;
}

void rl_import_abort(struct rl_import **im)
{
    if (!*im)
        return;
    rl_store_rollback((*im)->act.store);
    release(im);
}

/* What the reader of CSV refused counts as ours. */
static void note_csv(struct rl_import *im, size_t errors_before)
{
    if (im->problems->errors > errors_before && !im->code)
        im->code = RL_E_CSV;
}

enum rl_code rl_import_part(struct rl_import *im, const char *csv, size_t n,
                            struct rl_problems *problems)
{
    size_t before = problems->errors;
    im->problems = problems;
    rl_csv_feed(im->csv, csv, n, problems);
    note_csv(im, before);
    return im->code;
}

static bool add_number(void *ctx, const char *number, const char *unused)
{
    struct rl_import *im = ctx;
    (void)unused;
    rl_names_add(&im->numbers, number, strlen(number), 0);
    return true;
}

/* Shared lines, of phones and of phones whose profile changed its mode (R30). */
static void check_lines(struct rl_import *im)
{
    struct rl_err err;
    for (size_t i = 0; i < im->profiles.n; i++)
        if (rl_store_shared_lines(im->act.store, rl_names_text(&im->profiles, i), add_number, im,
                                  &err)) {
            rl_problems_add(&im->row, &err);
            tell(im, 0);
        }
    for (size_t i = 0; i < im->numbers.n; i++) {
        rl_change_check_number(im->act.store, rl_names_text(&im->numbers, i), &im->row);
        im->accepted_lines |= im->row.warnings > 0;
        tell(im, im->numbers.item[i].line);
    }
}

/* The import as a whole, after the entries of its rows. */
static enum rl_code audit(struct rl_import *im, struct rl_err *err)
{
    char what[48];
    const struct rl_import_counts *n = &im->counts;
    snprintf(what, sizeof what, "%s import", im->obj->name);
    char *after = rl_asprintf("{\"lines\":%zu,\"added\":%zu,\"changed\":%zu,\"same\":%zu%s}",
                              n->lines, n->added, n->changed, n->same,
                              im->accepted_lines ? ",\"accepted\":[\"W-SHARED-MIXED\"]" : "");
    enum rl_code code = im->act.audit->add(im->act.audit->ctx, im->act.who, what, im->obj->plural,
                                           NULL, after, err);
    free(after);
    return code;
}

static enum rl_code finish(struct rl_import *im)
{
    struct rl_err err;
    size_t before = im->problems->errors;
    rl_csv_end(im->csv, im->problems);
    note_csv(im, before);
    if (!im->header && !im->code)
        refuse(im, 1, RL_E_CSV, "", "The file is empty: it needs a header line.");
    if (!im->code)
        check_lines(im);
    if (im->code || im->dry_run)
        return im->code;
    enum rl_code code = im->counts.added + im->counts.changed ? audit(im, &err) : RL_OK;
    if (!code)
        code = rl_store_commit(im->act.store, &err);
    if (code)
        rl_problems_add(im->problems, &err);
    return code;
}

enum rl_code rl_import_end(struct rl_import **import, struct rl_import_counts *counts,
                           struct rl_problems *problems)
{
    struct rl_import *im = *import;
    im->problems = problems;
    enum rl_code code = finish(im);
    *counts = im->counts;
    if (code || im->dry_run)
        rl_store_rollback(im->act.store);
    release(import);
    return code;
}
