#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/certs.h"
#include "client/files.h"
#include "commands/cert.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/model.h"

/* The server's own certificates, by their role. */

static bool option(const struct rl_cli *cli, const char *name)
{
    return rl_parsed_option(cli->args, name) != NULL;
}

/* The role, what is accepted, and the options that the command takes; owned. */
static int ask(struct rl_cli *cli, json_t **params)
{
    static const char *const switches[] = {"now", "next"};
    const char *key = rl_parsed_option(cli->args, "key");
    json_t *names = json_array();
    int status = rl_cli_need_utf8(cli, "the role", cli->args->arg[0]);
    *params = json_pack("{s:s}", "role", status ? "" : cli->args->arg[0]);
    if (strcmp(cli->args->cmd->verb, "csr") != 0)
        json_object_set_new(*params, "accept", rl_cli_accepted(cli));
    for (size_t i = 0; status == 0 && i < cli->args->ngiven; i++)
        if (strcmp(cli->args->given[i].name, "san") == 0) {
            status = rl_cli_need_utf8(cli, "san", cli->args->given[i].value);
            json_array_append_new(names, json_string(cli->args->given[i].value));
        }
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        if (option(cli, switches[i]))
            json_object_set_new(*params, switches[i], json_true());
    if (status == 0 && key && (status = rl_cli_need_utf8(cli, "key", key)) == 0)
        json_object_set_new(*params, "key", json_string(key));
    if (json_array_size(names) > 0)
        json_object_set(*params, "san", names);
    json_decref(names);
    if (status)
        json_decref(*params);
    return status;
}

/* ---- csr ---- */

int rl_cmd_cert_csr(struct rl_cli *cli)
{
    const char *path = cli->args->nargs > 1 ? cli->args->arg[1] : NULL;
    json_t *params, *result;
    struct rl_err err = {0};
    int status = ask(cli, &params);
    if (status == 0)
        status = rl_cli_ask(cli, "cert.csr", params, &result);
    if (status)
        return status;
    const char *pem = rl_cmd_str(result, "pem");
    if (path && rl_file_write(path, pem, strlen(pem), &err) != RL_OK)
        status = rl_cli_fail(cli, &err, NULL);
    else if (cli->args->format == RL_JSON)
        rl_print_json(result, false);
    else if (!path)
        fputs(pem, stdout);
    json_decref(result);
    return status;
}

/* ---- install, regenerate, activate, retire ---- */

static void print_state(const struct rl_cli *cli, const json_t *result)
{
    static const struct {
        const char *state, *text;
    } texts[] = {
        {"next",    "is made, and used after: ringlock cert activate"},
        {"active",  "is used from now on"                            },
        {"retired", "is history"                                     },
    };
    const char *state = rl_cmd_str(result, "state"), *role = rl_cmd_str(result, "role");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i].state, state) != 0)
            continue;
        char *line = rl_asprintf("The %s certificate for %s %s%s%s.",
                                 strcmp(cli->args->cmd->verb, "retire") != 0 ? "new"
                                 : option(cli, "next")                       ? "next"
                                                                             : "former",
                                 role, texts[i].text, i == 0 ? " " : "", i == 0 ? role : "");
        rl_print_line(cli, line);
        free(line);
    }
}

static int change(struct rl_cli *cli, const char *method)
{
    json_t *params;
    int status = ask(cli, &params);
    return status ? status : rl_cli_change(cli, method, params, print_state);
}

int rl_cmd_cert_regenerate(struct rl_cli *cli)
{
    return change(cli, "cert.regenerate");
}

int rl_cmd_cert_activate(struct rl_cli *cli)
{
    return change(cli, "cert.activate");
}

int rl_cmd_cert_retire(struct rl_cli *cli)
{
    return change(cli, "cert.retire");
}

int rl_cmd_cert_install(struct rl_cli *cli)
{
    const char *path = cli->args->arg[1];
    struct rl_err err = {0};
    json_t *params;
    int status = rl_cli_need_utf8(cli, "the name of the file", path);
    if (status == 0)
        status = ask(cli, &params);
    if (status)
        return status;
    json_object_set_new(params, "file", json_string(path));
    if (rl_client_cert(strcmp(path, "-") == 0 ? NULL : path, params, &err) != RL_OK) {
        json_decref(params);
        return rl_cli_fail(cli, &err, NULL);
    }
    return rl_cli_change(cli, "cert.install", params, print_state);
}

/* ---- history ---- */

static char *key_text(const json_t *own)
{
    return rl_asprintf("%s %lld", rl_cmd_str(own, "key_type"),
                       (long long)json_integer_value(json_object_get(own, "key_bits")));
}

static char *signed_text(const json_t *own)
{
    return rl_strdup(json_is_true(json_object_get(own, "self_signed")) ? "itself"
                                                                       : rl_cmd_str(own, "issuer"));
}

static char *end_text(const json_t *own)
{
    const char *time = rl_cmd_str(own, "not_after");
    return rl_strndup(time, strcspn(time, "T"));
}

static char *short_fingerprint(const json_t *own)
{
    return rl_asprintf("%.16s", rl_cmd_str(own, "fingerprint"));
}

static const struct rl_column columns[] = {
    {"state",          "State",      RL_COL_WHOLE,                NULL             },
    {"since",          "Since",      RL_COL_WHOLE,                NULL             },
    {"made",           "Made",       RL_COL_DATA,                 NULL             },
    {"not_before",     "Valid from", RL_COL_DATA,                 NULL             },
    {"not_after",      "Expiration", RL_COL_DATA,                 NULL             },
    {"ends",           "Expiration", RL_COL_WHOLE | RL_COL_PLAIN, end_text         },
    {"key",            "Key",        RL_COL_PLAIN,                key_text         },
    {"key_type",       "Key type",   RL_COL_DATA,                 NULL             },
    {"key_bits",       "Key bits",   RL_COL_DATA,                 NULL             },
    {"signed",         "Signed by",  RL_COL_PLAIN,                signed_text      },
    {"subject",        "Subject",    RL_COL_DATA,                 NULL             },
    {"issuer",         "Issuer",     RL_COL_DATA,                 NULL             },
    {"serial",         "Serial",     RL_COL_DATA,                 NULL             },
    {"signature_hash", "Hash",       RL_COL_DATA,                 NULL             },
    {"short",          "SHA-256",    RL_COL_WHOLE | RL_COL_PLAIN, short_fingerprint},
    {"fingerprint",    "SHA-256",    RL_COL_DATA,                 NULL             },
};

static void print_request(const struct rl_cli *cli, const json_t *request)
{
    if (cli->args->format != RL_PLAIN || !json_is_object(request))
        return;
    char *line = rl_asprintf("A request made at %s waits for the answer of a CA.",
                             rl_cmd_str(request, "made"));
    rl_print_line(cli, line);
    free(line);
}

static int own_history(struct rl_cli *cli)
{
    json_t *result;
    int status =
        rl_cli_ask(cli, "cert.history", json_pack("{s:s}", "role", cli->args->arg[0]), &result);
    if (status)
        return status;
    status = rl_cmd_rows(cli, columns, sizeof columns / sizeof *columns,
                         json_object_get(result, "rows"));
    if (status == 0)
        print_request(cli, json_object_get(result, "request"));
    json_decref(result);
    return status;
}

int rl_cmd_cert_history(struct rl_cli *cli)
{
    return rl_store_is_own(cli->args->arg[0]) ? own_history(cli) : rl_cmd_history(cli);
}
