/* Certificate operations of phones by CAPF. */
#include <stdlib.h>
#include <string.h>

#include "commands/object.h"
#include "commands/output.h"
#include "commands/secret.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/capf.h"

static char *label_text(const json_t *row)
{
    int i = rl_capf_index(rl_capf_operation_names, rl_cmd_str(row, "operation"));
    return rl_strdup(i < 0 ? "" : rl_capf_operation_labels[i]);
}

static const struct rl_column columns[] = {
    {"phone",        "Phone",          RL_COL_WHOLE, NULL      },
    {"operation",    "Operation",      0,            label_text},
    {"status",       "State",          RL_COL_DATA,  NULL      },
    {"of",           "Of",             RL_COL_DATA,  NULL      },
    {"reason",       "Reason",         RL_COL_DATA,  NULL      },
    {"status_text",  "Status",         0,            NULL      },
    {"completes_by", "Completes by",   0,            NULL      },
    {"lsc",          "LSC",            0,            NULL      },
    {"mic",          "MIC",            0,            NULL      },
    {"lsc_sent",     "LSC sent",       RL_COL_DATA,  NULL      },
    {"tries",        "Tries",          RL_COL_DATA,  NULL      },
    {"locked_until", "Locked until",   RL_COL_DATA,  NULL      },
    {"renew_at",     "Renewal is due", RL_COL_DATA,  NULL      },
    {"updated",      "Updated",        RL_COL_DATA,  NULL      },
};
enum { NCOLUMNS = sizeof columns / sizeof *columns };

/* ---- list ---- */

struct listing {
    struct rl_listing out;
    size_t left;
    char *after; /* owned */
    bool more;
};

static void print_part(struct listing *l, const json_t *result)
{
    size_t i;
    const json_t *row;
    json_array_foreach (json_object_get(result, "rows"), i, row) {
        if (l->left == 0)
            break;
        l->left--;
        rl_listing_row(&l->out, row);
        free(l->after);
        l->after = rl_strdup(rl_cmd_str(row, "phone"));
    }
    l->more = json_is_true(json_object_get(result, "more")) && l->left > 0;
}

static int list_part(struct rl_cli *cli, struct listing *l, const char *status)
{
    json_t *params = json_pack("{s:i}", "limit", RL_PART), *result;
    if (status)
        json_object_set_new(params, "status", json_string(status));
    if (rl_parsed_option(cli->args, "due"))
        json_object_set_new(params, "due", json_true());
    if (l->after)
        json_object_set_new(params, "after", json_string(l->after));
    int code = rl_cli_ask(cli, "capf.list", params, &result);
    if (code)
        return code;
    print_part(l, result);
    json_decref(result);
    return 0;
}

int rl_cmd_capf_list(struct rl_cli *cli)
{
    struct listing l = {0};
    long limit;
    const char *status = rl_parsed_option(cli->args, "status");
    if (rl_parsed_option(cli->args, "pending"))
        status = rl_capf_state_names[RL_CAPF_PENDING];
    if (status && rl_capf_index(rl_capf_state_names, status) < 0)
        return rl_cli_usage(cli, "--status is none, pending, success or failed.");
    if (status && rl_parsed_option(cli->args, "due"))
        return rl_cli_usage(cli, "--due is a list of its own: leave out --status and --pending.");
    if (!rl_cli_number(cli, "limit", 1, 100000000, 100000000, &limit))
        return 2;
    l.left = (size_t)limit;
    int code = rl_listing_begin(&l.out, cli, columns, NCOLUMNS);
    if (code)
        return code;
    do
        code = list_part(cli, &l, status);
    while (code == 0 && rl_listing_part(&l.out) && l.more);
    if (code)
        rl_listing_drop(&l.out);
    else
        rl_listing_end(&l.out);
    free(l.after);
    return code;
}

/* ---- show ---- */

struct line {
    const char *label, *member;
};

static void print_lines(const struct rl_cli *cli, const json_t *capf, const struct line *line,
                        size_t n, const char *empty)
{
    for (size_t i = 0; i < n; i++) {
        char *text = rl_cmd_text(json_object_get(capf, line[i].member));
        rl_print_field(cli, line[i].label, *text ? text : empty);
        free(text);
    }
}

/* The settings in the words of the profile's window. */
static void print_settings(const struct rl_cli *cli, const json_t *capf)
{
    static const int fields[] = {RL_PROFILE_AUTH_MODE, RL_PROFILE_KEY_ORDER, RL_PROFILE_RSA_SIZE,
                                 RL_PROFILE_EC_SIZE};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct rl_field *f = &rl_object(RL_PROFILE)->fields[fields[i]];
        char *text = rl_cmd_shown(f, json_object_get(capf, f->name));
        rl_print_field(cli, f->label, text);
        free(text);
    }
}

static void print_capf(const struct rl_cli *cli, const json_t *capf)
{
    static const struct line head[] = {
        {"Authentication String set",    "string"      },
        {"Operation Completes By",       "completes_by"},
        {"Certificate Operation Status", "status_text" },
    };
    static const struct line known[] = {
        {"LSC installed", "lsc"},
        {"MIC installed", "mic"},
    };
    static const struct line rest[] = {
        {"Renewal is due",     "renew_at"    },
        {"Logins that failed", "tries"       },
        {"Locked out until",   "locked_until"},
        {"Last change",        "updated"     },
    };
    char *operation = label_text(capf);
    rl_print_field(cli, "Phone", rl_cmd_str(capf, "phone"));
    rl_print_field(cli, "Certificate Operation", operation);
    free(operation);
    print_settings(cli, capf);
    print_lines(cli, capf, head, sizeof head / sizeof *head, "");
    print_lines(cli, capf, known, sizeof known / sizeof *known, "unknown");
    print_lines(cli, capf, rest, sizeof rest / sizeof *rest, "");
    if (json_is_string(json_object_get(capf, "lsc_sent")))
        rl_print_line(cli, "A new LSC was sent, and the phone has not confirmed it: both the new "
                           "and the old one count until it tells.");
}

int rl_cmd_capf_show(struct rl_cli *cli)
{
    const char *name = cli->args->arg[0];
    json_t *capf;
    int status = rl_cli_need_utf8(cli, "phone", name);
    if (status == 0)
        status = rl_cli_ask(cli, "capf.show", json_pack("{s:s}", "name", name), &capf);
    if (status)
        return status;
    if (cli->args->format == RL_PLAIN && !cli->args->fields)
        print_capf(cli, capf);
    else
        status = rl_cmd_row(cli, columns, NCOLUMNS, capf);
    json_decref(capf);
    return status;
}

/* ---- set ---- */

static int add_string(struct rl_cli *cli, json_t *params)
{
    char text[RL_SECRET_MAX];
    struct rl_err err = {0};
    if (rl_secret_read("Authentication string: ", text, &err) != RL_OK)
        return rl_cli_fail(cli, &err, NULL);
    json_object_set_new(params, "string", json_string(text));
    explicit_bzero(text, sizeof text);
    return 0;
}

static int order(struct rl_cli *cli, const char *operation, const char *did)
{
    const char *by = rl_parsed_option(cli->args, "by");
    json_t *params =
        json_pack("{s:s, s:o}", "operation", operation, "accept", rl_cli_accepted(cli));
    int status = by ? rl_cli_need_utf8(cli, "--by", by) : 0;
    if (status == 0 && by)
        json_object_set_new(params, "completes_by", json_string(by));
    if (rl_parsed_option(cli->args, "generate"))
        json_object_set_new(params, "generate", json_true());
    if (status == 0 && rl_parsed_option(cli->args, "string"))
        status = add_string(cli, params);
    if (status == 0)
        return rl_cmd_object_many(cli, "capf.set", did, params);
    json_decref(params);
    return status;
}

int rl_cmd_capf_set(struct rl_cli *cli)
{
    const char *operation = rl_parsed_option(cli->args, "operation");
    int i = operation ? rl_capf_index(rl_capf_operation_names, operation) : -1;
    const char *from = rl_parsed_option(cli->args, "names-from");
    if (i < 0)
        return rl_cli_usage(cli, "--operation is install, delete, troubleshoot or none.");
    if (from && strcmp(from, "-") == 0 && rl_parsed_option(cli->args, "string"))
        return rl_cli_usage(cli, "Standard input gives the names or the string, not both.");
    return order(cli, operation, i == RL_CAPF_NONE ? "taken back" : "ordered");
}

int rl_cmd_capf_cancel(struct rl_cli *cli)
{
    return order(cli, rl_capf_operation_names[RL_CAPF_NONE], "taken back");
}
