#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/files.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum {
    IMPORT_PART = 128 * 1024, /* stays below a line of the protocol when every byte is escaped */
    AHEAD = 3, /* parts sent before the first of them is answered: the engine is never idle */
    EXPORT_PART = 500,
    PROGRESS_US = 250000, /* between two lines of it */
    PROGRESS_WIDTH = 79
};

/* ---- import ---- */

struct import {
    struct rl_cli *cli;
    int fd;
    struct rl_buf held; /* read, not sent: at most the start of one character */
    int line;           /* of the next byte */
    int asked;          /* parts without an answer */
    int status;         /* of the first failure, which was told; 0 */
    struct progress {
        bool on;          /* standard error is a terminal */
        long long size;   /* of the file, 0 = unknown */
        long long read;   /* bytes */
        long long lines;  /* that the engine has taken */
        long long errors; /* that it found */
        int64_t began_us, shown_us;
    } progress;
};

/* ---- how far it is: one line on the terminal, written over and over, gone at the end ---- */

static void begin_progress(struct import *im)
{
    struct stat st;
    int64_t now = rl_monotonic_us();
    im->progress =
        (struct progress){.on = isatty(STDERR_FILENO) == 1, .began_us = now, .shown_us = now};
    if (fstat(im->fd, &st) == 0 && S_ISREG(st.st_mode))
        im->progress.size = st.st_size;
}

static void write_progress(const struct progress *p, const char *what)
{
    char line[PROGRESS_WIDTH + 1], part[16] = "";
    if (p->size > 0 && p->read <= p->size)
        snprintf(part, sizeof part, " (%lld %%)", p->read * 100 / p->size);
    snprintf(line, sizeof line, "%s: %lld lines%s, %lld error%s, %lld s", what, p->lines, part,
             p->errors, p->errors == 1 ? "" : "s",
             (long long)((rl_monotonic_us() - p->began_us) / 1000000));
    fprintf(stderr, "\r%-*s", PROGRESS_WIDTH, line);
    fflush(stderr);
}

static void show_progress(struct progress *p, const json_t *answer)
{
    p->lines = json_integer_value(json_object_get(answer, "lines"));
    p->errors = json_integer_value(json_object_get(answer, "errors"));
    int64_t now = rl_monotonic_us();
    if (!p->on || now - p->shown_us < PROGRESS_US)
        return;
    p->shown_us = now;
    write_progress(p, "reading");
}

static void end_progress(const struct progress *p)
{
    if (p->on)
        fprintf(stderr, "\r%*s\r", PROGRESS_WIDTH, "");
}

static int fail(struct import *im, const struct rl_err *err, const json_t *problems)
{
    end_progress(&im->progress);
    return im->status = rl_cli_fail(im->cli, err, problems);
}

/* *result is owned by the caller; NULL if it was refused, which has been told. */
static int ask(struct import *im, const char *method, json_t *params, json_t **result)
{
    struct rl_err err = {0};
    json_t *problems = NULL;
    int status = 0;
    *result = NULL;
    if (rl_client_ask(im->cli->client, method, params, result, &err, &problems) != RL_OK)
        status = fail(im, &err, problems);
    json_decref(problems);
    return status;
}

static void part_taken(void *ctx, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    struct import *im = ctx;
    im->asked--;
    if (!err)
        show_progress(&im->progress, result);
    else if (im->status == 0)
        fail(im, err, problems);
}

/* Until no more than `n` parts wait for their answers. */
static int wait_for(struct import *im, int n)
{
    do
        uv_run(&im->cli->loop, im->asked > n ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    while (im->asked > n);
    return im->status;
}

static int refuse_text(struct import *im, const char *what)
{
    struct rl_err err = {0};
    rl_fail(&err, RL_E_CSV, im->cli->input, "%s:%d: %s.", im->cli->input, im->line, what);
    return fail(im, &err, NULL);
}

/* Count lines up to the byte at fault, for the message. */
static void count_lines(struct import *im, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        im->line += bytes[i] == '\n';
}

/* Length of the start of the text that is whole UTF-8 without NUL. */
static size_t good_length(const char *text, size_t n)
{
    size_t at = 0;
    uint32_t cp;
    int len;
    while (at < n && text[at] && (len = rl_text_decode(text + at, n - at, &cp)) > 0)
        at += (size_t)len;
    return at;
}

/* True if the rest may be the start of a character whose end is still to be read. */
static bool may_go_on(const char *rest, size_t n)
{
    return n < 4 && (unsigned char)rest[0] >= 0xc2 && (unsigned char)rest[0] <= 0xf4;
}

static int send_part(struct import *im, bool last)
{
    const char *text = rl_buf_str(&im->held);
    size_t n = good_length(text, im->held.len), left = im->held.len - n;
    count_lines(im, text, n);
    if (left > 0 && (last || !may_go_on(text + n, left)))
        return refuse_text(im, text[n] ? "this is not valid UTF-8" : "there is a NUL byte");
    if (n == 0)
        return 0;
    im->asked++;
    rl_client_call(im->cli->client, "import.part", json_pack("{s:s%}", "csv", text, n), part_taken,
                   im);
    rl_buf_drop(&im->held, n);
    return wait_for(im, AHEAD - 1);
}

static int send_file(struct import *im)
{
    static char part[IMPORT_PART];
    ssize_t n;
    int status = 0;
    while (status == 0 && (n = read(im->fd, part, sizeof part)) > 0) {
        rl_buf_add(&im->held, part, (size_t)n);
        im->progress.read += n;
        status = send_part(im, false);
    }
    if (status == 0 && n < 0) {
        struct rl_err err = {0};
        rl_fail(&err, RL_E_IO, im->cli->input, "%s cannot be read: %s.", im->cli->input,
                strerror(errno));
        return fail(im, &err, NULL);
    }
    return status ? status : send_part(im, true);
}

static void print_counts(const struct rl_cli *cli, const json_t *result)
{
    bool dry = json_is_true(json_object_get(result, "dry_run"));
    long long lines = json_integer_value(json_object_get(result, "lines"));
    long long added = json_integer_value(json_object_get(result, "added"));
    long long changed = json_integer_value(json_object_get(result, "changed"));
    long long same = json_integer_value(json_object_get(result, "same"));
    char *line =
        rl_asprintf("%s: %lld lines, %lld added, %lld changed, %lld as before%s", cli->input, lines,
                    added, changed, same, dry ? " (dry run: nothing was changed)" : "");
    rl_print_line(cli, line);
    free(line);
    if (cli->args->format == RL_PLAIN)
        rl_print_notes(cli, result);
}

static int run_import(struct import *im)
{
    struct rl_cli *cli = im->cli;
    json_t *result;
    bool dry_run = rl_parsed_option(cli->args, "dry-run") != NULL;
    json_t *params = json_pack("{s:s, s:b, s:o}", "kind", cli->args->arg[0], "dry_run", dry_run,
                               "accept", rl_cli_accepted(cli));
    begin_progress(im);
    int status = ask(im, "import.begin", params, &result);
    json_decref(result);
    if (status == 0)
        send_file(im);
    status = status ? status : wait_for(im, 0);
    if (status) /* the connection's end drops what was begun */
        return status;
    if (im->progress.on)
        write_progress(&im->progress, dry_run ? "checking" : "storing");
    status = ask(im, "import.end", json_object(), &result);
    if (status == 0) {
        end_progress(&im->progress);
        rl_cli_tell(cli, result, print_counts);
    }
    json_decref(result);
    return status;
}

int rl_cmd_import(struct rl_cli *cli)
{
    const char *file = cli->args->arg[1];
    bool from_stdin = strcmp(file, "-") == 0;
    struct import im = {.cli = cli, .line = 1};
    cli->input = from_stdin ? "(stdin)" : file;
    struct rl_err err = {0};
    im.fd = STDIN_FILENO;
    if (!from_stdin && rl_file_open(file, &im.fd, &err) != RL_OK)
        return rl_cli_fail(cli, &err, NULL);
    int status = run_import(&im);
    if (!from_stdin)
        close(im.fd);
    rl_buf_fini(&im.held);
    return status;
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
