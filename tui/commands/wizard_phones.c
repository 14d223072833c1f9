/* The phones of a wizard: named one by one, or in a file of CSV. */
#include <stdlib.h>
#include <string.h>

#include "client/certs.h"
#include "client/files.h"
#include "commands/output.h"
#include "commands/wizard.h"
#include "ringlock/buf.h"
#include "ringlock/csv.h"

enum { LIST_MAX = 4 << 20, COLUMNS_MAX = 64 };

json_t *rl_cmd_wizard_file(struct rl_cli *cli, const char *path, int *status)
{
    struct rl_err err = {0};
    *status = rl_cli_need_utf8(cli, "the name of the certificate file", path);
    if (*status)
        return NULL;
    json_t *cert = json_pack("{s:s}", "file", path);
    if (rl_client_cert(path, cert, &err) == RL_OK)
        return cert;
    json_decref(cert);
    *status = rl_cli_fail(cli, &err, NULL);
    return NULL;
}

/* The phone with the certificate of a file; `path` may be "". Takes `phone`. */
static int add_phone(struct rl_cli *cli, json_t *phones, json_t *phone, const char *path)
{
    int status = 0;
    json_t *cert = *path ? rl_cmd_wizard_file(cli, path, &status) : NULL;
    json_object_update(phone, cert);
    json_decref(cert);
    json_array_append_new(phones, phone);
    return status;
}

/* NAME or NAME=FILE. */
static int add_named(struct rl_cli *cli, const struct rl_wizard *w, json_t *phones,
                     const char *given)
{
    const char *equals = strchr(given, '=');
    size_t n = equals ? (size_t)(equals - given) : strlen(given);
    int status = rl_cli_need_utf8(cli, "the name of the phone", given);
    if (status)
        return status;
    if (equals && rl_wizard_step(w, "certificate") >= 0)
        return rl_cli_usage(cli,
                            "--phone %s: the phones of a shared certificate have no file of "
                            "their own.",
                            given);
    json_t *phone = json_pack("{s:s%}", "name", given, n);
    return add_phone(cli, phones, phone, equals ? equals + 1 : "");
}

/* --- CSV --- */

struct list {
    struct rl_cli *cli;
    const struct rl_wizard *wizard;
    const char *path; /* of the list */
    json_t *phones;
    struct rl_problems problems;
    char *column[COLUMNS_MAX]; /* owned */
    size_t ncolumns;
    int status; /* of a file that could not be read */
};

static void refuse(struct list *l, int line, enum rl_code code, const char *column,
                   const char *sentence)
{
    struct rl_err err;
    rl_fail_field(&err, code, "phones", column, "%s", sentence);
    err.line = line;
    rl_problems_add(&l->problems, &err);
}

static bool is_column(const struct list *l, const char *name)
{
    if (!strcmp(name, "certificate"))
        return rl_wizard_step(l->wizard, "certificate") < 0;
    return rl_field_index(rl_object(RL_PHONE), name) >= 0;
}

static void take_header(struct list *l, const struct rl_csv_row *row)
{
    bool named = false;
    for (size_t i = 0; i < row->n && i < COLUMNS_MAX; i++) {
        bool twice = false;
        for (size_t k = 0; k < i; k++)
            twice = twice || !strcmp(row->field[k], row->field[i]);
        if (twice)
            refuse(l, row->line, RL_E_CSV_COLUMN, row->field[i], "A column is there twice.");
        else if (!is_column(l, row->field[i]))
            refuse(l, row->line, RL_E_CSV_COLUMN, row->field[i],
                   "A list of phones for this wizard has no such column.");
        named = named || !strcmp(row->field[i], "name");
        l->column[l->ncolumns++] = rl_strdup(row->field[i]);
    }
    if (!named)
        refuse(l, row->line, RL_E_CSV_COLUMN, "name",
               "The column that names the phones is missing.");
}

static void on_row(void *ctx, const struct rl_csv_row *row)
{
    struct list *l = ctx;
    if (row->header) {
        take_header(l, row);
        return;
    }
    if (l->problems.errors || l->status)
        return;
    json_t *phone = json_object();
    const char *file = "";
    for (size_t i = 0; i < l->ncolumns; i++) {
        if (!strcmp(l->column[i], "certificate"))
            file = row->field[i];
        else if (*row->field[i] || !strcmp(l->column[i], "name"))
            json_object_set_new(phone, l->column[i], json_string(row->field[i]));
    }
    char *path = *file ? rl_file_beside(l->path, file) : rl_strdup("");
    l->status = add_phone(l->cli, l->phones, phone, path);
    free(path);
}

static json_t *problems_json(const struct rl_problems *list)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < list->n; i++) {
        const struct rl_err *e = &list->item[i];
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s, s:i, s:s}", "code",
                                        rl_code_info(e->code)->tag, "message", e->text, "field",
                                        e->field, "line", e->line, "remedy", e->remedy));
    }
    return rows;
}

static int refuse_list(struct list *l)
{
    const struct rl_err *first = rl_problems_first_error(&l->problems);
    if (!first)
        return l->status;
    json_t *problems = problems_json(&l->problems);
    int status = rl_cli_fail(l->cli, first, problems);
    json_decref(problems);
    return status;
}

static int add_listed(struct rl_cli *cli, const struct rl_wizard *w, json_t *phones,
                      const char *path)
{
    struct list l = {.cli = cli, .wizard = w, .path = path, .phones = phones};
    struct rl_err err = {0};
    char *bytes;
    size_t n;
    if (rl_file_read(path, LIST_MAX, &bytes, &n, &err) != RL_OK)
        return rl_cli_fail(cli, &err, NULL);
    struct rl_csv *csv = rl_csv_new(on_row, &l);
    rl_csv_feed(csv, bytes, n, &l.problems);
    rl_csv_end(csv, &l.problems);
    rl_csv_free(&csv);
    free(bytes);
    if (l.ncolumns == 0)
        refuse(&l, 1, RL_E_CSV, "", "The file is empty: it needs a header line.");
    cli->input = path;
    int status = refuse_list(&l);
    cli->input = NULL;
    rl_problems_fini(&l.problems);
    for (size_t i = 0; i < l.ncolumns; i++)
        free(l.column[i]);
    return status;
}

json_t *rl_cmd_wizard_phones(struct rl_cli *cli, const struct rl_wizard *wizard, int *status)
{
    json_t *phones = json_array();
    *status = 0;
    for (size_t i = 0; i < cli->args->ngiven && *status == 0; i++) {
        const struct rl_given *g = &cli->args->given[i];
        if (!strcmp(g->name, "phone"))
            *status = add_named(cli, wizard, phones, g->value);
        else if (!strcmp(g->name, "phones"))
            *status = add_listed(cli, wizard, phones, g->value);
    }
    if (*status == 0)
        return phones;
    json_decref(phones);
    return NULL;
}
