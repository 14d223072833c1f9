#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/engine.h"
#include "commands/fields.h"
#include "commands/output.h"
#include "commands/program.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

/* ---- init ---- */

static int init_failed(struct rl_cli *cli, const char *program, int status,
                       const struct rl_buf *said)
{
    struct rl_err err = {0};
    if (status < 0)
        rl_fail(&err, RL_E_IO, program, "%s cannot be run: %s.", program, strerror(errno));
    else
        rl_engine_said(rl_buf_str(said), "ringlockd could not make the site.", &err);
    return rl_cli_fail(cli, &err, NULL);
}

static void print_made(const struct rl_cli *cli, const char *site)
{
    if (cli->args->format == RL_JSON) {
        json_t *made =
            json_pack("{s:s?, s:s}", "site", rl_text_is_utf8(site, strlen(site)) ? site : NULL,
                      "cluster_mode", "nonsecure");
        rl_print_json(made, false);
        json_decref(made);
        return;
    }
    char *line = rl_asprintf("The site %s is made; its cluster security mode is nonsecure.", site);
    rl_print_line(cli, line);
    free(line);
}

int rl_cmd_init(struct rl_cli *cli)
{
    const char *env = getenv("RINGLOCK_SITE"), *site = cli->args->site ? cli->args->site : env;
    const char *name = rl_parsed_option(cli->args, "name");
    const char *mode = rl_parsed_option(cli->args, "mode");
    if (!site || !*site)
        return rl_cli_usage(cli, "ringlock init needs --site DIR.");
    char *program = rl_engine_path(NULL);
    char *argv[] = {program, "--init", "--site", (char *)site, NULL, NULL, NULL, NULL, NULL};
    size_t n = 4;
    if (name) {
        argv[n++] = "--name";
        argv[n++] = (char *)name;
    }
    if (mode) {
        argv[n++] = "--mode";
        argv[n++] = (char *)mode;
    }
    struct rl_buf said = {0};
    int status = rl_program_run(argv, -1, &said);
    if (status != 0)
        status = init_failed(cli, program, status, &said);
    else
        print_made(cli, site);
    rl_buf_fini(&said);
    free(program);
    return status;
}

/* ---- cluster mode ---- */

/* The mode as the site has it now, in the form of a change of it. */
static int ask_mode(struct rl_cli *cli, json_t **result)
{
    json_t *site;
    int status = rl_cli_ask(cli, "status", json_object(), &site);
    *result = json_pack("{s:s}", "mode", rl_cmd_str(site, "cluster_mode"));
    json_decref(site);
    return status;
}

static int print_mode(struct rl_cli *cli, const json_t *result)
{
    static const struct rl_column columns[] = {
        {"mode", "Mode", 0, NULL}
    };
    int status = 0;
    if (cli->args->format == RL_CSV)
        return rl_cmd_row(cli, columns, 1, result);
    if (rl_fields_document(cli, result, NULL, &status))
        return status;
    if (cli->args->format == RL_JSON) {
        rl_print_json(result, false);
        return 0;
    }
    rl_print_field(cli, "Cluster Security Mode", rl_cmd_str(result, "mode"));
    if (*rl_cmd_str(result, "note"))
        rl_print_line(cli, rl_cmd_str(result, "note"));
    return 0;
}

int rl_cmd_cluster_mode(struct rl_cli *cli)
{
    json_t *result = NULL;
    int status = cli->args->nargs == 0
                     ? ask_mode(cli, &result)
                     : rl_cli_ask(cli, "cluster.mode",
                                  json_pack("{s:s}", "mode", cli->args->arg[0]), &result);
    if (status == 0)
        status = print_mode(cli, result);
    json_decref(result);
    return status;
}
