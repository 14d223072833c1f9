#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/files.h"
#include "client/import.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/time.h"

enum {
    EXPORT_PART = 500,
    PROGRESS_US = 250000, /* between two lines of it */
    PROGRESS_WIDTH = 79
};

/* ---- import ---- */

struct import {
    struct rl_cli *cli;
    int64_t shown_us; /* when progress was shown last */
    bool on_terminal; /* standard error is one */
    bool done;
    int status;
};

/* One line on the terminal, written over and over, gone at the end. */
static void show_progress(void *ctx, const struct rl_import_progress *progress)
{
    struct import *im = ctx;
    int64_t now = rl_monotonic_us();
    struct rl_buf line = {0};
    if (!im->on_terminal || (!progress->ending && now - im->shown_us < PROGRESS_US))
        return;
    im->shown_us = now;
    rl_import_progress_text(progress, &line);
    fprintf(stderr, "\r%-*s", PROGRESS_WIDTH, line.data);
    fflush(stderr);
    rl_buf_fini(&line);
}

static void print_counts(const struct rl_cli *cli, const json_t *result)
{
    struct rl_buf line = {0};
    rl_import_counts_text(cli->input, result, &line);
    rl_print_line(cli, line.data);
    rl_buf_fini(&line);
    if (cli->args->format == RL_PLAIN)
        rl_print_notes(cli, result);
}

static void imported(void *ctx, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    struct import *im = ctx;
    if (im->on_terminal)
        fprintf(stderr, "\r%*s\r", PROGRESS_WIDTH, "");
    if (err)
        im->status = rl_cli_fail(im->cli, err, problems);
    else
        rl_cli_tell(im->cli, result, print_counts);
    im->done = true;
}

int rl_cmd_import(struct rl_cli *cli)
{
    const char *file = cli->args->arg[1];
    bool from_stdin = strcmp(file, "-") == 0;
    struct import im = {
        .cli = cli, .shown_us = rl_monotonic_us(), .on_terminal = isatty(STDERR_FILENO) == 1};
    cli->input = from_stdin ? "(stdin)" : file;
    struct rl_import_spec spec = {.kind = cli->args->arg[0],
                                  .name = cli->input,
                                  .fd = STDIN_FILENO,
                                  .dry_run = rl_parsed_option(cli->args, "dry-run") != NULL,
                                  .ctx = &im,
                                  .progress = show_progress,
                                  .done = imported};
    struct rl_err err = {0};
    if (!from_stdin && rl_file_open(file, &spec.fd, &err) != RL_OK)
        return rl_cli_fail(cli, &err, NULL);
    spec.accept = rl_cli_accepted(cli);
    rl_import_start(cli->client, &spec);
    while (!im.done)
        uv_run(&cli->loop, UV_RUN_ONCE);
    if (!from_stdin)
        close(spec.fd);
    return im.status;
}

/* ---- export ---- */

/* In another form than import takes it is the list of the kind. */
static int export_as_list(struct rl_cli *cli)
{
    const struct rl_parsed *args = cli->args;
    struct rl_parsed list = *args;
    list.cmd = rl_command_find(rl_object_by_name(args->arg[0])->name, "list");
    cli->args = &list;
    int status = rl_cmd_object_list(cli);
    cli->args = args;
    return status;
}

int rl_cmd_export(struct rl_cli *cli)
{
    if (cli->args->format == RL_JSON || cli->args->fields)
        return export_as_list(cli);
    json_t *params = json_pack("{s:s, s:i}", "kind", cli->args->arg[0], "limit", EXPORT_PART);
    int status = 0;
    bool more = true;
    while (status == 0 && more && !rl_output_broken()) {
        json_t *part;
        status = rl_cli_ask(cli, "export", json_deep_copy(params), &part);
        fputs(rl_cmd_str(part, "csv"), stdout);
        const json_t *after = json_object_get(part, "after");
        more = json_is_string(after);
        if (more)
            json_object_set(params, "after", (json_t *)after);
        json_decref(part);
    }
    json_decref(params);
    return status;
}
