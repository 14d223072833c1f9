#include <stdlib.h>
#include <string.h>

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

static const struct rl_column audit_columns[] = {
    {"seq",    "No.",    RL_COL_WHOLE, NULL       },
    {"time",   "Time",   RL_COL_WHOLE, NULL       },
    {"who",    "Who",    0,            NULL       },
    {"what",   "What",   0,            NULL       },
    {"object", "Object", 0,            NULL       },
    {"before", "Before", RL_COL_DATA,  before_text},
    {"after",  "After",  RL_COL_DATA,  after_text },
    {"hash",   "Hash",   RL_COL_DATA,  NULL       },
};

static void before_entry(json_t *params, const json_t *last, const void *ctx)
{
    (void)ctx;
    json_object_set(params, "before", json_object_get(last, "seq"));
}

int rl_cmd_audit_list(struct rl_cli *cli)
{
    return rl_cmd_pages(cli,
                        &(struct rl_pages){.method = "audit.list",
                                           .params = json_object(),
                                           .column = audit_columns,
                                           .ncolumns = sizeof audit_columns / sizeof *audit_columns,
                                           .next = before_entry});
}

/* A gap is told by the engine as a result: what is wrong is a refusal all the same. */
static int told_gap(struct rl_cli *cli, const json_t *result)
{
    struct rl_err err = {0};
    rl_fail(&err, RL_E_AUDIT_CHAIN, "the audit log", "%s", rl_cmd_str(result, "message"));
    return rl_cli_fail(cli, &err, NULL);
}

static void print_verified(struct rl_cli *cli, const json_t *result)
{
    static const struct rl_column columns[] = {
        {"entries", "Entries", 0, NULL},
        {"ok",      "Whole",   0, NULL},
        {"message", "Message", 0, NULL}
    };
    struct rl_listing listing;
    rl_listing_begin(&listing, cli, columns, 3);
    rl_listing_row(&listing, result);
    rl_listing_end(&listing);
}

int rl_cmd_audit_verify(struct rl_cli *cli)
{
    json_t *result;
    int status = rl_cli_ask(cli, "audit.verify", json_object(), &result);
    if (status)
        return status;
    if (!json_is_true(json_object_get(result, "ok")))
        status = told_gap(cli, result);
    else if (cli->args->format == RL_JSON)
        rl_print_json(result, false);
    else if (cli->args->format == RL_CSV)
        print_verified(cli, result);
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
