#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/engine.h"
#include "commands/output.h"
#include "commands/program.h"
#include "commands/secret.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

enum { ARGS_MAX = 16 };

/* What ringlockd told of the backup, for people. */
static const struct {
    const char *label, *key;
} lines[] = {
    {"Site",                  "site"        },
    {"Taken",                 "taken"       },
    {"Release",               "release"     },
    {"Schema",                "schema"      },
    {"Cluster security mode", "cluster_mode"},
    {"Files",                 "files"       },
    {"Bytes",                 "bytes"       },
    {"Audit entries",         "audit"       },
    {"The old site is kept",  "kept"        },
};
static const char *const counts[] = {"phones", "gateways", "profiles", "users", "certificates"};

static void print_report(const struct rl_cli *cli, const json_t *report)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *text = rl_cmd_text(json_object_get(report, lines[i].key));
        if (*text)
            rl_print_field(cli, lines[i].label, text);
        free(text);
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char *text = rl_cmd_text(json_object_get(json_object_get(report, "counts"), counts[i]));
        char *label = rl_asprintf("  %s", counts[i]);
        rl_print_field(cli, label, text);
        free(text);
        free(label);
    }
}

static int finish(struct rl_cli *cli, const char *program, int status, const struct rl_buf *said)
{
    struct rl_err err = {0};
    const char *object = status ? NULL : strstr(rl_buf_str(said), "{\n"); /* after what it logged */
    json_t *report = object ? json_loads(object, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    if (status < 0)
        rl_fail(&err, RL_E_IO, program, "%s cannot be run: %s.", program, strerror(errno));
    else if (!report)
        rl_engine_said(rl_buf_str(said), "ringlockd could not restore the site.", &err);
    if (!report)
        return rl_cli_fail(cli, &err, NULL);
    if (cli->args->format == RL_JSON)
        rl_print_json(report, false);
    else
        print_report(cli, report);
    json_decref(report);
    return 0;
}

/* A pipe that holds the passphrase and a line feed; -1 with errno. */
static int pipe_with(const char *passphrase)
{
    int fd[2];
    size_t n = strlen(passphrase);
    if (pipe2(fd, O_CLOEXEC) != 0)
        return -1;
    bool good = write(fd[1], passphrase, n) == (ssize_t)n && write(fd[1], "\n", 1) == 1;
    close(fd[1]);
    if (good)
        return fd[0];
    close(fd[0]);
    return -1;
}

/* *fd is -1 if a private key is all that is needed. */
static enum rl_code get_passphrase(const struct rl_cli *cli, int *fd, struct rl_err *err)
{
    char passphrase[RL_SECRET_MAX];
    const char *file = rl_parsed_option(cli->args, "passphrase-file");
    *fd = -1;
    if (rl_parsed_option(cli->args, "key") && !file)
        return RL_OK;
    enum rl_code code = rl_passphrase_read(file, false, passphrase, err);
    if (code == RL_OK && (*fd = pipe_with(passphrase)) < 0)
        code =
            rl_fail(err, RL_E_IO, "", "There is no pipe for the passphrase: %s.", strerror(errno));
    explicit_bzero(passphrase, sizeof passphrase);
    return code;
}

static int run(struct rl_cli *cli, const char *site, int secret)
{
    const char *key = rl_parsed_option(cli->args, "key");
    char *program = rl_engine_path(NULL),
         *argv[ARGS_MAX] = {program, "--restore", (char *)cli->args->arg[0]};
    char *accepted = NULL;
    size_t n = 3;
    json_t *codes = rl_cli_accepted(cli);
    if (json_array_size(codes) > 0)
        accepted = rl_cmd_text(codes);
    json_decref(codes);
    const struct {
        char *option;
        const char *value;
    } pairs[] = {
        {"--site",          site                    },
        {"--key",           key                     },
        {"--accept",        accepted                },
        {"--passphrase-fd", secret >= 0 ? "3" : NULL},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i].value) {
            argv[n++] = pairs[i].option;
            argv[n++] = (char *)pairs[i].value;
        }
    if (rl_parsed_option(cli->args, "replace"))
        argv[n++] = "--replace";
    if (rl_parsed_option(cli->args, "dry-run"))
        argv[n++] = "--dry-run";
    struct rl_buf said = {0};
    int status = finish(cli, program, rl_program_run(argv, secret, &said), &said);
    rl_buf_fini(&said);
    free(accepted);
    free(program);
    return status;
}

int rl_cmd_restore(struct rl_cli *cli)
{
    const char *env = getenv("RINGLOCK_SITE"), *site = cli->args->site ? cli->args->site : env;
    struct rl_err err = {0};
    int secret;
    if (!rl_parsed_option(cli->args, "dry-run") && (!site || !*site))
        return rl_cli_usage(cli, "ringlock restore needs --site DIR.");
    if (strcmp(cli->args->arg[0], "-") == 0 && !rl_parsed_option(cli->args, "key") &&
        !rl_parsed_option(cli->args, "passphrase-file"))
        return rl_cli_usage(cli, "A backup from standard input needs --passphrase-file or --key.");
    if (get_passphrase(cli, &secret, &err) != RL_OK)
        return rl_cli_fail(cli, &err, NULL);
    int status = run(cli, site && *site ? site : NULL, secret);
    if (secret >= 0)
        close(secret);
    return status;
}
