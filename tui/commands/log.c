#include <stdlib.h>
#include <string.h>

#include "client/changes.h"
#include "commands/fields.h"
#include "commands/pages.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

/* ---- audit ---- */

static char *compact(const json_t *entry, const char *member)
{
    const json_t *value = json_object_get(entry, member);
    if (!value || json_is_null(value))
        return rl_strdup("");
    if (!json_is_object(value))
        return rl_cmd_text(value);
    char *text = json_dumps(value, JSON_COMPACT);
    return text ? text : rl_strdup("");
}

static char *before_text(const json_t *entry)
{
    return compact(entry, "before");
}

static char *after_text(const json_t *entry)
{
    return compact(entry, "after");
}

static void add_change(void *ctx, const char *field, const char *before, const char *after)
{
    struct rl_buf *out = ctx;
    rl_buf_addf(out, "%s%s: %s -> %s", out->len ? "; " : "", field, *before ? before : "-",
                *after ? after : "-");
}

static char *change_text(const json_t *entry)
{
    struct rl_buf out = {0};
    rl_client_changes(entry, add_change, &out);
    return rl_buf_take(&out);
}

static const struct rl_column audit_columns[] = {
    {"seq",    "No.",    RL_COL_WHOLE, NULL       },
    {"time",   "Time",   RL_COL_WHOLE, NULL       },
    {"who",    "Who",    0,            NULL       },
    {"what",   "What",   0,            NULL       },
    {"object", "Object", 0,            NULL       },
    {"change", "Change", 0,            change_text},
    {"before", "Before", RL_COL_DATA,  before_text},
    {"after",  "After",  RL_COL_DATA,  after_text },
    {"hash",   "Hash",   RL_COL_DATA,  NULL       },
};

static void before_entry(json_t *params, const json_t *last, const void *ctx)
{
    (void)ctx;
    json_object_set(params, "before", json_object_get(last, "seq"));
}

/* `params` is taken. */
static int print_entries(struct rl_cli *cli, json_t *params, const char *none)
{
    return rl_cmd_pages(cli,
                        &(struct rl_pages){.method = "audit.list",
                                           .params = params,
                                           .column = audit_columns,
                                           .ncolumns = sizeof audit_columns / sizeof *audit_columns,
                                           .next = before_entry,
                                           .none = none});
}

int rl_cmd_audit_list(struct rl_cli *cli)
{
    static const char *const options[] = {"object", "kind", "who", "since"};
    json_t *params = json_object();
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *value = rl_parsed_option(cli->args, options[i]);
        int status = value ? rl_cli_need_utf8(cli, options[i], value) : 0;
        if (status) {
            json_decref(params);
            return status;
        }
        if (value)
            json_object_set_new(params, options[i], json_string(value));
    }
    return print_entries(cli, params, NULL);
}

int rl_cmd_history(struct rl_cli *cli)
{
    const char *name = cli->args->arg[0], *kind = rl_object(cli->args->cmd->kind)->name;
    int status = rl_cli_need_utf8(cli, kind, name);
    if (status)
        return status;
    return print_entries(cli, json_pack("{s:s, s:s}", "kind", kind, "object", name),
                         "The audit log has no change of it.");
}

/* ---- undo ---- */

static void print_undo(const struct rl_cli *cli, const json_t *result, const char *done)
{
    const json_t *row;
    size_t i, n = (size_t)json_integer_value(json_object_get(result, "entries"));
    const json_t *rows = json_object_get(result, "rows");
    json_array_foreach (rows, i, row) {
        char *change = change_text(row);
        char *line = rl_asprintf("%s %s of %s%s%s", done, rl_cmd_str(row, "what"),
                                 rl_cmd_str(row, "object"), *change ? ": " : "", change);
        rl_print_line(cli, line);
        free(line);
        free(change);
    }
    if (n > json_array_size(rows)) {
        char *line = rl_asprintf("and %zu more", n - json_array_size(rows));
        rl_print_line(cli, line);
        free(line);
    }
}

static void print_undone(const struct rl_cli *cli, const json_t *result)
{
    print_undo(cli, result, "Undone:");
}

static void print_undoable(const struct rl_cli *cli, const json_t *result)
{
    print_undo(cli, result, "Would be undone:");
}

int rl_cmd_undo(struct rl_cli *cli)
{
    bool dry = rl_parsed_option(cli->args, "dry-run") != NULL;
    json_t *params = json_object();
    if (!dry)
        json_object_set_new(params, "accept", rl_cli_accepted(cli));
    return rl_cli_change(cli, dry ? "undo.peek" : "undo", params,
                         dry ? print_undoable : print_undone);
}

/* ---- the chain ---- */

/* A gap is told by the engine as a result: what is wrong is a refusal all the same. */
static int told_gap(struct rl_cli *cli, const json_t *result)
{
    struct rl_err err = {0};
    rl_fail(&err, RL_E_AUDIT_CHAIN, "the audit log", "%s", rl_cmd_str(result, "message"));
    return rl_cli_fail(cli, &err, NULL);
}

static int print_verified(struct rl_cli *cli, const json_t *result)
{
    static const struct rl_column columns[] = {
        {"entries", "Entries", 0, NULL},
        {"ok",      "Whole",   0, NULL},
        {"anchor",  "Anchor",  0, NULL},
        {"message", "Message", 0, NULL}
    };
    return rl_cmd_row(cli, columns, 4, result);
}

int rl_cmd_audit_verify(struct rl_cli *cli)
{
    json_t *result;
    int status = rl_cli_ask(cli, "audit.verify", json_object(), &result);
    if (status)
        return status;
    if (!json_is_true(json_object_get(result, "ok")))
        status = told_gap(cli, result);
    else if (cli->args->format == RL_CSV)
        status = print_verified(cli, result);
    else if (rl_fields_document(cli, result, NULL, &status))
        ;
    else if (cli->args->format == RL_JSON)
        rl_print_json(result, false);
    else
        rl_print_line(cli, rl_cmd_str(result, "message"));
    json_decref(result);
    return status;
}

/* ---- events ---- */

static const struct rl_column event_columns[] = {
    {"time",      "Time",    RL_COL_WHOLE, NULL},
    {"event",     "Event",   RL_COL_WHOLE, NULL},
    {"device",    "Device",  RL_COL_WHOLE, NULL},
    {"number",    "Number",  RL_COL_DATA,  NULL},
    {"why",       "Why",     0,            NULL},
    {"transport", "Over",    0,            NULL},
    {"address",   "Address", 0,            NULL},
    {"message",   "Message", RL_COL_DATA,  NULL},
};

int rl_cmd_event_list(struct rl_cli *cli)
{
    const char *device = rl_parsed_option(cli->args, "device");
    json_t *params = json_object();
    int status = device ? rl_cli_need_utf8(cli, "--device", device) : 0;
    if (status) {
        json_decref(params);
        return status;
    }
    if (device)
        json_object_set_new(params, "device", json_string(device));
    return rl_cmd_pages(
        cli, &(struct rl_pages){.method = "event.list",
                                .params = params,
                                .column = event_columns,
                                .ncolumns = sizeof event_columns / sizeof *event_columns});
}
