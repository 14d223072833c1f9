#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/files.h"
#include "commands/output.h"
#include "commands/secret.h"
#include "commands/verbs.h"
#include "ringlock/base64.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

enum { FILE_MAX = 256 * 1024 };

struct backup {
    struct rl_cli *cli;
    bool piped; /* to standard output */
    struct rl_saving saving;
    int64_t done, all; /* bytes */
};

static int tell(struct backup *b, const struct rl_err *err)
{
    return rl_cli_fail(b->cli, err, NULL);
}

/* A bar would be noise in a log: only a terminal sees it. */
static void show_progress(const struct backup *b, bool over)
{
    if (!isatty(STDERR_FILENO) || b->cli->args->format != RL_PLAIN || b->all <= 0)
        return;
    fprintf(stderr, "\rbackup: %3lld%% of %lld MB%s", (long long)(100 * b->done / b->all),
            (long long)(b->all / 1000000), over ? "\n" : "");
    fflush(stderr);
}

static int keep(struct backup *b, const json_t *part)
{
    struct rl_buf bytes = {0};
    struct rl_err err = {0};
    const json_t *data = json_object_get(part, "data");
    enum rl_code code = RL_OK;
    if (!rl_base64_decode(&bytes, json_string_value(data), json_string_length(data)))
        code = rl_fail(&err, RL_E_PROTOCOL, "ringlockd", "A part of the backup cannot be read.");
    else if (!b->piped)
        code = rl_saving_add(&b->saving, bytes.data, bytes.len, &err);
    else if (bytes.len && fwrite(bytes.data, 1, bytes.len, stdout) != bytes.len)
        code = rl_fail(&err, RL_E_IO, "(stdout)", "Standard output cannot be written.");
    b->done += (int64_t)bytes.len;
    rl_buf_fini(&bytes);
    return code == RL_OK ? 0 : tell(b, &err);
}

static int take_parts(struct backup *b)
{
    int status = 0;
    for (bool last = false; status == 0 && !last;) {
        json_t *part;
        status = rl_cli_ask(b->cli, "backup.part", json_object(), &part);
        if (status)
            return status;
        last = json_is_true(json_object_get(part, "last"));
        status = keep(b, part);
        show_progress(b, last);
        json_decref(part);
    }
    return status;
}

/* What it is sealed with, as parameters; NULL when that failed, told. */
static json_t *sealed_with(struct backup *b)
{
    const char *to = rl_parsed_option(b->cli->args, "to");
    struct rl_err err = {0};
    if (to) {
        char *bytes = NULL;
        size_t n = 0;
        if (rl_file_read(to, FILE_MAX, &bytes, &n, &err) != RL_OK) {
            tell(b, &err);
            return NULL;
        }
        char *data = rl_file_data(bytes, n);
        json_t *params = json_pack("{s:s}", "certificate", data);
        free(bytes);
        free(data);
        return params;
    }
    char passphrase[RL_SECRET_MAX];
    enum rl_code code = rl_passphrase_read(rl_parsed_option(b->cli->args, "passphrase-file"), true,
                                           passphrase, &err);
    json_t *params = code == RL_OK ? json_pack("{s:s}", "passphrase", passphrase) : NULL;
    explicit_bzero(passphrase, sizeof passphrase);
    if (!params)
        tell(b, &err);
    return params;
}

static void print_done(const struct backup *b)
{
    const char *file = b->cli->args->arg[0];
    if (b->piped)
        return;
    if (b->cli->args->format == RL_JSON) {
        json_t *made =
            json_pack("{s:s?, s:I}", "file", rl_text_is_utf8(file, strlen(file)) ? file : NULL,
                      "bytes", (json_int_t)b->done);
        rl_print_json(made, false);
        json_decref(made);
        return;
    }
    char *line = rl_asprintf("%s: %lld bytes, sealed; ringlock restore makes the site from it.",
                             file, (long long)b->done);
    rl_print_line(b->cli, line);
    free(line);
}

static int run(struct backup *b)
{
    json_t *params = sealed_with(b), *result = NULL;
    struct rl_err err = {0};
    if (!params)
        return rl_code_info(RL_E_VALUE)->exit_status;
    int status = rl_cli_ask(b->cli, "backup.begin", params, &result);
    b->all = json_integer_value(json_object_get(result, "bytes"));
    json_decref(result);
    if (status == 0)
        status = take_parts(b);
    if (status == 0 && b->piped && (fflush(stdout) != 0 || rl_output_broken())) {
        rl_fail(&err, RL_E_IO, "(stdout)", "Standard output cannot be written.");
        status = tell(b, &err);
    }
    if (status == 0 && !b->piped && rl_saving_end(&b->saving, &err) != RL_OK)
        status = tell(b, &err);
    if (status)
        return status;
    status = rl_cli_ask(b->cli, "backup.end", json_object(), &result);
    json_decref(result);
    if (status == 0)
        print_done(b);
    return status;
}

int rl_cmd_backup(struct rl_cli *cli)
{
    const char *file = cli->args->arg[0];
    struct backup b = {
        .cli = cli, .piped = strcmp(file, "-") == 0, .saving = {.folder = -1, .fd = -1}
    };
    struct rl_err err = {0};
    if (b.piped && isatty(STDOUT_FILENO))
        return rl_cli_usage(cli, "A backup is nothing for a terminal: name a file.");
    bool force = rl_parsed_option(cli->args, "force") != NULL;
    if (!b.piped && rl_saving_begin(file, force, &b.saving, &err) != RL_OK) {
        if (err.code == RL_E_EXISTS)
            rl_err_remedy(&err, "Name another file, or replace it with --force.");
        return rl_cli_fail(cli, &err, NULL);
    }
    int status = run(&b);
    rl_saving_drop(&b.saving);
    return status;
}
