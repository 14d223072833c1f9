#include "client/phone_list.h"

#include <stdlib.h>
#include <string.h>

#include "client/certs.h"
#include "client/files.h"
#include "ringlock/buf.h"
#include "ringlock/csv.h"
#include "ringlock/model.h"

enum { LIST_BYTES = 4 << 20, COLUMNS_MAX = 64 };

struct list {
    const char *path;
    bool certificates;
    json_t *phones;
    struct rl_problems *problems;
    char *column[COLUMNS_MAX]; /* owned */
    size_t ncolumns;
};

static void refuse(struct list *l, int line, enum rl_code code, const char *column,
                   const char *sentence)
{
    struct rl_err err;
    rl_fail_field(&err, code, "phones", column, "%s", sentence);
    err.line = line;
    rl_problems_add(l->problems, &err);
}

static bool is_column(const struct list *l, const char *name)
{
    if (!strcmp(name, "certificate"))
        return l->certificates;
    return rl_field_index(rl_object(RL_PHONE), name) >= 0;
}

static bool has_column(const struct list *l, const char *name)
{
    for (size_t i = 0; i < l->ncolumns; i++)
        if (!strcmp(l->column[i], name))
            return true;
    return false;
}

static void take_header(struct list *l, const struct rl_csv_row *row)
{
    for (size_t i = 0; i < row->n && i < COLUMNS_MAX; i++) {
        if (has_column(l, row->field[i]))
            refuse(l, row->line, RL_E_CSV_COLUMN, row->field[i], "A column is there twice.");
        else if (!is_column(l, row->field[i]))
            refuse(l, row->line, RL_E_CSV_COLUMN, row->field[i],
                   "A list of phones for this wizard has no such column.");
        l->column[l->ncolumns++] = rl_strdup(row->field[i]);
    }
    if (row->n > COLUMNS_MAX)
        refuse(l, row->line, RL_E_CSV_COLUMN, "", "There are too many columns.");
    if (!has_column(l, "name"))
        refuse(l, row->line, RL_E_CSV_COLUMN, "name",
               "The column that names the phones is missing.");
}

static void take_file(struct list *l, json_t *phone, int line, const char *file)
{
    char *path = rl_file_beside(l->path, file);
    struct rl_err err;
    if (rl_client_cert(path, phone, &err) == RL_OK) {
        json_object_set_new(phone, "file", json_string(rl_file_name(path)));
    } else {
        err.line = line;
        rl_problems_add(l->problems, &err);
    }
    free(path);
}

static void take_row(void *ctx, const struct rl_csv_row *row)
{
    struct list *l = ctx;
    if (row->header) {
        take_header(l, row);
        return;
    }
    if (l->problems->errors)
        return;
    json_t *phone = json_object();
    for (size_t i = 0; i < l->ncolumns; i++) {
        if (!strcmp(l->column[i], "name") && !*row->field[i])
            refuse(l, row->line, RL_E_REQUIRED, "name", "The name of the phone is empty.");
        else if (!strcmp(l->column[i], "certificate") && *row->field[i])
            take_file(l, phone, row->line, row->field[i]);
        else if (*row->field[i])
            json_object_set_new(phone, l->column[i], json_string(row->field[i]));
    }
    json_array_append_new(l->phones, phone);
}

static void read_list(struct list *l, const char *text, size_t n)
{
    struct rl_csv *csv = rl_csv_new(take_row, l);
    rl_csv_feed(csv, text, n, l->problems);
    rl_csv_end(csv, l->problems);
    rl_csv_free(&csv);
    if (l->ncolumns == 0)
        refuse(l, 1, RL_E_CSV, "", "The file is empty: it needs a header line.");
    for (size_t i = 0; i < l->ncolumns; i++)
        free(l->column[i]);
}

enum rl_code rl_client_phone_list(const char *path, bool certificates, json_t **phones,
                                  struct rl_problems *problems)
{
    struct list l = {.path = path, .certificates = certificates, .problems = problems};
    struct rl_err err;
    char *bytes;
    size_t n;
    if (rl_file_read(path, LIST_BYTES, &bytes, &n, &err) != RL_OK) {
        rl_problems_add(problems, &err);
        return err.code;
    }
    l.phones = json_array();
    read_list(&l, bytes, n);
    free(bytes);
    const struct rl_err *first = rl_problems_first_error(problems);
    if (!first) {
        *phones = l.phones;
        return RL_OK;
    }
    json_decref(l.phones);
    return first->code;
}
