/* The trust lists of the site: how they stand, new versions, and who holds which. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/fetches.h"
#include "commands/output.h"
#include "commands/pages.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/time.h"

enum { FETCHES_PART = 2000 };

/* ---- status, update ---- */

static char *state_text(const json_t *list)
{
    bool published = json_is_true(json_object_get(list, "published"));
    return rl_strdup(!published                                      ? "not published"
                     : json_is_true(json_object_get(list, "stale"))  ? "out of date"
                     : json_is_true(json_object_get(list, "placed")) ? "published"
                                                                     : "not in its place yet");
}

static const struct rl_column columns[] = {
    {"list",           "List",           RL_COL_WHOLE, NULL      },
    {"state",          "State",          RL_COL_WHOLE, state_text},
    {"version",        "Version",        RL_COL_WHOLE, NULL      },
    {"made",           "Made",           RL_COL_WHOLE, NULL      },
    {"records",        "Records",        0,            NULL      },
    {"hash",           "Hash",           0,            NULL      },
    {"older",          "Older held by",  0,            NULL      },
    {"unknown",        "Unknown of",     0,            NULL      },
    {"phones",         "Phones",         0,            NULL      },
    {"signer_version", "Signer version", RL_COL_DATA,  NULL      },
    {"bytes",          "Bytes",          RL_COL_DATA,  NULL      },
    {"fingerprint",    "Signer",         RL_COL_DATA,  NULL      },
};
enum { COLUMNS = sizeof columns / sizeof *columns, COLUMNS_OF_UPDATE = 6 };

static void tell_problems(struct rl_cli *cli, const json_t *lists)
{
    const json_t *list, *problem;
    size_t i, k;
    json_array_foreach (lists, i, list)
        json_array_foreach (json_object_get(list, "problems"), k, problem)
            rl_cli_problem(cli, problem, false);
}

int rl_cmd_ctl_status(struct rl_cli *cli)
{
    json_t *result;
    int status = rl_cli_ask(cli, "ctl.status", json_object(), &result);
    if (status)
        return status;
    const json_t *lists = json_object_get(result, "lists");
    if (cli->args->format == RL_JSON)
        rl_print_json(result, false);
    else
        status = rl_cmd_rows(cli, columns, COLUMNS, lists);
    tell_problems(cli, lists);
    json_decref(result);
    return status;
}

static void print_updated(const struct rl_cli *cli, const json_t *result)
{
    const json_t *list;
    size_t i;
    json_array_foreach (json_object_get(result, "lists"), i, list) {
        char *line = rl_asprintf("%s version %lld is published, with %lld records.",
                                 rl_cmd_str(list, "list"),
                                 json_integer_value(json_object_get(list, "version")),
                                 json_integer_value(json_object_get(list, "records")));
        rl_print_line(cli, line);
        free(line);
    }
    rl_print_line(cli, "Reset the phones, so that they take it: ringlock ctl holders lists them.");
}

int rl_cmd_ctl_update(struct rl_cli *cli)
{
    return rl_cli_change(cli, "ctl.update", json_object(), print_updated);
}

/* ---- holders ---- */

static void after_holder(json_t *params, const json_t *last, const void *ctx)
{
    (void)ctx;
    json_object_set(params, "before", json_object_get(last, "place"));
}

static json_t *params_of(const struct rl_cli *cli)
{
    const char *list = rl_parsed_option(cli->args, "list");
    json_t *params = json_object();
    if (list)
        json_object_set_new(params, "list", json_string(list));
    return params;
}

int rl_cmd_ctl_holders(struct rl_cli *cli)
{
    static const struct rl_column holder[] = {
        {"list",    "List",    0,            NULL},
        {"phone",   "Phone",   RL_COL_WHOLE, NULL},
        {"version", "Version", 0,            NULL},
        {"seen",    "Seen",    0,            NULL},
        {"code",    "Problem", 0,            NULL},
    };
    json_t *params = params_of(cli);
    json_object_set_new(params, "older",
                        json_boolean(rl_parsed_option(cli->args, "older") != NULL));
    return rl_cmd_pages(cli, &(struct rl_pages){.method = "ctl.holders",
                                                .params = params,
                                                .column = holder,
                                                .ncolumns = sizeof holder / sizeof *holder,
                                                .next = after_holder,
                                                .none = "none"});
}

/* ---- seen ---- */

struct log {
    struct rl_cli *cli;
    FILE *file;
    size_t lines;
    json_t *sum; /* what the engine said so far; owned */
};

static void add_number(json_t *sum, const json_t *part, const char *key)
{
    json_object_set_new(sum, key,
                        json_integer(json_integer_value(json_object_get(sum, key)) +
                                     json_integer_value(json_object_get(part, key))));
}

static int send_part(struct log *log, json_t *params)
{
    json_t *part, *unknown;
    int status = rl_cli_ask(log->cli, "ctl.seen", params, &part);
    if (status)
        return status;
    static const char *const numbers[] = {"seen", "ignored", "not_here"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        add_number(log->sum, part, numbers[i]);
    unknown = json_object_get(log->sum, "unknown");
    if (json_array_size(unknown) == 0)
        json_array_extend(unknown, json_object_get(part, "unknown"));
    json_decref(part);
    return 0;
}

static void add_fetch(json_t *fetches, const struct rl_fetch *fetch)
{
    char at[RL_TIME_TEXT];
    json_array_append_new(fetches,
                          json_pack("[s, s]", fetch->file, rl_time_text(fetch->at_us, 1, at)));
}

/* The next lines of the log, as many as go into one question; *more is false after the last. */
static json_t *read_part(struct log *log, bool *more)
{
    json_t *fetches = json_array();
    char *line = NULL;
    size_t room = 0;
    ssize_t n = 0;
    while (json_array_size(fetches) < FETCHES_PART && (n = getline(&line, &room, log->file)) > 0) {
        struct rl_fetch fetch;
        log->lines++;
        if (line[n - 1] == '\n')
            n--;
        if (rl_fetch_read(line, (size_t)n, rl_now_us(), &fetch))
            add_fetch(fetches, &fetch);
    }
    *more = n > 0;
    free(line);
    return fetches;
}

static int send_log(struct log *log)
{
    bool more = true;
    int status = 0;
    while (status == 0 && more) {
        json_t *fetches = read_part(log, &more);
        if (json_array_size(fetches))
            status = send_part(log, json_pack("{s:O}", "fetches", fetches));
        json_decref(fetches);
    }
    return status;
}

static int open_log(struct log *log, const char *path)
{
    struct rl_err err = {0};
    log->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (log->file)
        return 0;
    rl_fail(&err, RL_E_IO, path, "%s cannot be read: %s.", path, strerror(errno));
    return rl_cli_fail(log->cli, &err, NULL);
}

static int see_log(struct log *log, const char *path)
{
    int status = open_log(log, path);
    if (status == 0)
        status = send_log(log);
    if (log->file && log->file != stdin)
        fclose(log->file);
    json_object_set_new(log->sum, "lines", json_integer((json_int_t)log->lines));
    return status;
}

static int see_named(struct log *log)
{
    const struct rl_parsed *args = log->cli->args;
    json_t *params = params_of(log->cli), *phones = json_array();
    int status = 0;
    json_object_set_new(params, "phones", phones);
    for (size_t i = 0; i < args->nargs && status == 0; i++) {
        status = rl_cli_need_utf8(log->cli, "the name of the phone", args->arg[i]);
        json_array_append_new(phones, json_string(args->arg[i]));
    }
    if (status == 0)
        return send_part(log, params);
    json_decref(params);
    return status;
}

static void print_seen(const struct rl_cli *cli, const json_t *sum)
{
    const json_t *name;
    size_t i;
    char *line = rl_asprintf("%lld times a phone was seen with a list; %lld fetches told nothing, "
                             "%lld were of phones that are not here.",
                             json_integer_value(json_object_get(sum, "seen")),
                             json_integer_value(json_object_get(sum, "ignored")),
                             json_integer_value(json_object_get(sum, "not_here")));
    rl_print_line(cli, line);
    free(line);
    json_array_foreach (json_object_get(sum, "unknown"), i, name)
        rl_print_field(cli, "Not here", json_string_value(name));
}

int rl_cmd_ctl_seen(struct rl_cli *cli)
{
    const char *path = rl_parsed_option(cli->args, "from");
    struct log log = {.cli = cli};
    if ((cli->args->nargs > 0) == (path != NULL))
        return rl_cli_usage(cli, "Name phones, or a log with --from.");
    log.sum = json_pack("{s:i, s:i, s:i, s:[]}", "seen", 0, "ignored", 0, "not_here", 0, "unknown");
    int status = path ? see_log(&log, path) : see_named(&log);
    if (status == 0)
        rl_cli_tell(cli, log.sum, print_seen);
    json_decref(log.sum);
    return status;
}
