/* Drafts: what was filled in and not saved, in forms, and wizards under way. */
#include <stdlib.h>
#include <string.h>

#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

static const struct rl_column draft_columns[] = {
    {"id",      "No.",     RL_COL_WHOLE, NULL},
    {"kind",    "Of",      0,            NULL},
    {"act",     "Act",     0,            NULL},
    {"name",    "Name",    0,            NULL},
    {"owner",   "Owner",   0,            NULL},
    {"holder",  "Open by", 0,            NULL},
    {"updated", "Updated", RL_COL_WHOLE, NULL},
    {"rev",     "Rev",     RL_COL_DATA,  NULL},
};
enum { NCOLUMNS = sizeof draft_columns / sizeof *draft_columns };

/* Wizards in the words of forms: the kind is "wizard", the act says which. */
static void as_draft(json_t *row)
{
    json_object_set(row, "act", json_object_get(row, "kind"));
    json_object_set_new(row, "kind", json_string("wizard"));
}

static bool is_wizard(const json_t *row)
{
    return strcmp(rl_cmd_str(row, "kind"), "wizard") == 0;
}

static int by_age(const void *a, const void *b)
{
    const json_t *const *one = a, *const *two = b;
    int order = strcmp(rl_cmd_str(*two, "updated"), rl_cmd_str(*one, "updated"));
    json_int_t first = json_integer_value(json_object_get(*one, "id"));
    return order ? order : first < json_integer_value(json_object_get(*two, "id")) ? 1 : -1;
}

/* Both lists in one, the latest first; owned. */
static json_t *sorted(const json_t *forms, const json_t *wizards)
{
    size_t n = 0, i;
    json_t *row, *all = json_array();
    json_t **rows =
        rl_alloc((json_array_size(forms) + json_array_size(wizards) + 1) * sizeof(json_t *));
    json_array_foreach (forms, i, row)
        rows[n++] = row;
    json_array_foreach (wizards, i, row) {
        as_draft(row);
        rows[n++] = row;
    }
    qsort(rows, n, sizeof *rows, by_age);
    for (i = 0; i < n; i++)
        json_array_append(all, rows[i]);
    free(rows);
    return all;
}

/* All drafts, owned; NULL when the engine refused, which was told. */
static json_t *ask_drafts(struct rl_cli *cli, int *status)
{
    json_t *forms = NULL, *wizards = NULL, *all = NULL;
    *status = rl_cli_ask(cli, "draft.list", NULL, &forms);
    if (*status == 0)
        *status = rl_cli_ask(cli, "wizard.list", NULL, &wizards);
    if (*status == 0)
        all = sorted(json_object_get(forms, "rows"), json_object_get(wizards, "rows"));
    json_decref(forms);
    json_decref(wizards);
    return all;
}

/* Without the drafts of others. */
static void only_of(json_t *rows, const char *user)
{
    for (size_t i = json_array_size(rows); i-- > 0;)
        if (strcmp(rl_cmd_str(json_array_get(rows, i), "owner"), user) != 0)
            json_array_remove(rows, i);
}

int rl_cmd_draft_list(struct rl_cli *cli)
{
    int status;
    json_t *rows = ask_drafts(cli, &status);
    if (!rows)
        return status;
    if (rl_parsed_option(cli->args, "mine"))
        only_of(rows, rl_client_info(cli->client)->user);
    status = rl_cmd_rows(cli, draft_columns, NCOLUMNS, rows);
    if (json_array_size(rows) == 0 && cli->args->format == RL_PLAIN)
        rl_print_line(cli, "No draft is kept.");
    json_decref(rows);
    return status;
}

static bool read_id(struct rl_cli *cli, const char *text, json_int_t *id, int *status)
{
    char *end;
    *id = strtoll(text, &end, 10);
    if (*text && !*end && *id > 0)
        return true;
    *status = rl_cli_usage(cli, "A draft has a number, not \"%s\".", text);
    return false;
}

/* Which of the two drops it; one that is not there is refused by either. */
static const char *method_of(const json_t *rows, json_int_t id)
{
    const json_t *row;
    size_t i;
    json_array_foreach (rows, i, row) {
        if (json_integer_value(json_object_get(row, "id")) == id)
            return is_wizard(row) ? "wizard.drop" : "draft.drop";
    }
    return "draft.drop";
}

int rl_cmd_draft_drop(struct rl_cli *cli)
{
    int status = 0;
    json_int_t id;
    for (size_t i = 0; i < cli->args->nargs; i++)
        if (!read_id(cli, cli->args->arg[i], &id, &status))
            return status;
    json_t *rows = ask_drafts(cli, &status), *done = json_array(), *answer;
    for (size_t i = 0; rows && i < cli->args->nargs && status == 0; i++) {
        read_id(cli, cli->args->arg[i], &id, &status);
        status = rl_cli_ask(cli, method_of(rows, id), json_pack("{s:I}", "id", id), &answer);
        json_decref(answer);
        if (status == 0)
            json_array_append_new(done, json_integer(id));
    }
    json_t *result = json_pack("{s:o}", "dropped", done);
    if (status == 0)
        rl_cli_tell(cli, result, NULL);
    json_decref(result);
    json_decref(rows);
    return status;
}
