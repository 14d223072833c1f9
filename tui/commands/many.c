/* One act on several objects: a result for each. */
#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "commands/object.h"
#include "commands/output.h"
#include "ringlock/buf.h"
#include "ringlock/protocol.h"
#include "ringlock/text.h"

enum { NAMES_BYTES = 64 << 20 };

struct many {
    struct rl_cli *cli;
    const char *method, *did; /* "object.set_many", "changed" */
    json_t *params;           /* the same for all: kind, values, accept */
    json_t *results;          /* with --json */
    size_t done, refused;
    int status; /* of the first refusal */
};

bool rl_cmd_names_several(const struct rl_cli *cli)
{
    return cli->args->nargs != 1 || rl_parsed_option(cli->args, "names-from") != NULL;
}

static int add_name(struct rl_cli *cli, json_t *names, const char *name)
{
    int status = rl_cli_need_utf8(cli, "a name", name);
    if (status == 0)
        json_array_append_new(names, json_string(name));
    return status;
}

/* A name a line; what is empty is none. */
static int add_lines(struct rl_cli *cli, json_t *names, char *text)
{
    int status = 0;
    char *rest = text;
    for (char *line; status == 0 && (line = strsep(&rest, "\n"));) {
        size_t n = strlen(line);
        while (n > 0 && strchr(" \t\r", line[n - 1]))
            line[--n] = '\0';
        line += strspn(line, " \t");
        if (*line)
            status = add_name(cli, names, line);
    }
    return status;
}

static int add_file(struct rl_cli *cli, json_t *names, const char *path)
{
    struct rl_err err = {0};
    char *bytes = NULL;
    size_t n = 0;
    enum rl_code code = strcmp(path, "-") == 0 ? rl_input_read(NAMES_BYTES, &bytes, &n, &err)
                                               : rl_file_read(path, NAMES_BYTES, &bytes, &n, &err);
    if (code == RL_OK && strlen(bytes) != n)
        rl_fail(&err, RL_E_FORMAT, path, "%s: there is a NUL byte in it.", path);
    int status = err.code ? rl_cli_fail(cli, &err, NULL) : add_lines(cli, names, bytes);
    free(bytes);
    return status;
}

static void add_page(json_t *names, const json_t *rows)
{
    size_t i;
    const json_t *row;
    json_array_foreach ((json_t *)rows, i, row)
        json_array_append(names, json_object_get(row, "name"));
}

/* All that meet the criteria (taken), page by page. */
static int add_pages(struct rl_cli *cli, json_t *names, json_t *criteria)
{
    const struct rl_object *obj = rl_object(cli->args->cmd->kind);
    json_t *params = json_pack("{s:s, s:o, s:i}", "kind", obj->name, "criteria", criteria, "limit",
                               RL_NAMES_MAX);
    int status = 0;
    for (bool more = true; more && status == 0;) {
        json_t *result;
        status = rl_cli_ask(cli, "object.list", json_incref(params), &result);
        if (status)
            break;
        const json_t *rows = json_object_get(result, "rows");
        size_t n = json_array_size(rows);
        add_page(names, rows);
        more = n > 0 && json_is_true(json_object_get(result, "more"));
        if (more)
            json_object_set_new(
                params, "after",
                rl_cmd_object_place(obj, obj->fields[0].name, json_array_get(rows, n - 1)));
        json_decref(result);
    }
    json_decref(params);
    return status;
}

static int add_filtered(struct rl_cli *cli, json_t *names)
{
    int status = 0;
    json_t *criteria = rl_cmd_object_criteria(cli, rl_object(cli->args->cmd->kind), &status);
    return criteria ? add_pages(cli, names, criteria) : status;
}

/* All names that were given; NULL, told, if they are none. */
static json_t *read_names(struct rl_cli *cli, int *status)
{
    json_t *names = json_array();
    const char *from = rl_parsed_option(cli->args, "names-from");
    const char *filter = rl_parsed_option(cli->args, "filter");
    *status = 0;
    for (size_t i = 0; i < cli->args->nargs && *status == 0; i++)
        *status = add_name(cli, names, cli->args->arg[i]);
    if (*status == 0 && from)
        *status = add_file(cli, names, from);
    if (*status == 0 && filter)
        *status = add_filtered(cli, names);
    if (*status == 0 && json_array_size(names) == 0)
        *status = rl_cli_usage(cli, filter ? "Nothing meets --filter."
                                    : from ? "--names-from names nothing."
                                           : "It needs a name, several, or --names-from FILE.");
    if (*status == 0)
        return names;
    json_decref(names);
    return NULL;
}

/* ---- what came of one ---- */

static void tell_refusal(struct many *m, const json_t *item)
{
    const json_t *error = json_object_get(item, "error");
    const json_t *problems = json_object_get(item, "problems"), *problem;
    size_t i;
    enum rl_code code = rl_code_by_tag(rl_cmd_str(error, "code"));
    if (!m->status)
        m->status = rl_code_info(code)->exit_status;
    if (json_array_size(problems) == 0)
        rl_cli_problem(m->cli, error, true);
    json_array_foreach ((json_t *)problems, i, problem)
        rl_cli_problem(m->cli, problem, true);
}

static void tell_item(struct many *m, const char *name, const json_t *item)
{
    bool done = json_is_true(json_object_get(item, "done"));
    size_t i;
    const json_t *warning;
    *(done ? &m->done : &m->refused) += 1;
    if (m->results) {
        json_t *result = json_pack("{s:s}", "name", name);
        json_object_update(result, (json_t *)item);
        json_array_append_new(m->results, result);
    } else if (done) {
        const char *string = rl_cmd_str(item, "string");
        char *line = rl_asprintf("%s: %s%s%s", name, m->did, *string ? ", string " : "", string);
        rl_print_line(m->cli, line);
        free(line);
    }
    if (!done)
        tell_refusal(m, item);
    json_array_foreach (json_object_get(item, "warnings"), i, warning)
        rl_cli_problem(m->cli, warning, false);
}

/* Names from `at` on, as many as one question takes. */
static int act_on_part(struct many *m, const json_t *names, size_t at)
{
    json_t *part = json_array(), *result, *params = json_deep_copy(m->params), *item;
    size_t i;
    for (i = at; i < json_array_size(names) && i < at + RL_NAMES_MAX; i++)
        json_array_append(part, json_array_get(names, i));
    json_object_set_new(params, "names", part);
    int status = rl_cli_ask(m->cli, m->method, params, &result);
    json_array_foreach (json_object_get(result, "items"), i, item)
        tell_item(m, json_string_value(json_array_get(names, at + i)), item);
    if (status == 0 && !m->results)
        rl_print_notes(m->cli, result);
    json_decref(result);
    return status;
}

static void tell_all(const struct many *m)
{
    char *line = rl_asprintf("%zu %s, %zu refused", m->done, m->did, m->refused);
    if (m->results)
        rl_print_json(m->results, false);
    else if (m->done + m->refused > 1)
        rl_print_line(m->cli, line);
    free(line);
}

int rl_cmd_object_many(struct rl_cli *cli, const char *method, const char *did, json_t *params)
{
    int status;
    json_t *names = read_names(cli, &status);
    struct many m = {.cli = cli, .method = method, .did = did, .params = params};
    m.results = cli->args->format == RL_JSON ? json_array() : NULL;
    for (size_t at = 0; status == 0 && at < json_array_size(names); at += RL_NAMES_MAX)
        status = act_on_part(&m, names, at);
    if (status == 0 || m.done + m.refused > 0)
        tell_all(&m);
    json_decref(m.results);
    json_decref(names);
    json_decref(params);
    return status ? status : m.status;
}
