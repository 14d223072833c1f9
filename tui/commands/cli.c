#include "commands/cli.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/import.h"
#include "commands/output.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

#define SYSTEM_SITE   "/var/lib/ringlock"
#define SYSTEM_SOCKET "/run/ringlock/ringlock.sock" /* where others than its user can reach it */

enum { WIDTH = 80, WIDTH_LEAST = 40 };

/* ---- telling failures ---- */

static void print_safe(const char *text)
{
    char *safe = rl_text_safe_dup(text);
    fputs(safe, stderr);
    free(safe);
}

static void tell(const char *tag, const char *sentence, const char *remedy, bool refused)
{
    enum rl_code code = rl_code_by_tag(tag);
    fprintf(stderr, "ringlock: %s: ", tag);
    print_safe(sentence);
    if (remedy && *remedy) {
        fputs("\n  ", stderr);
        print_safe(remedy);
    }
    if (refused && rl_code_is_warning(code) && !rl_code_informs(code))
        fprintf(stderr, "\n  To go on in spite of it: --accept %s", tag);
    fputc('\n', stderr);
}

static void tell_json(const struct rl_err *err, const json_t *problems)
{
    const struct rl_code_info *info = rl_code_info(err->code);
    char *object = rl_text_safe_dup(err->object), *text = rl_text_safe_dup(err->text);
    char *remedy = rl_text_safe_dup(err->remedy);
    json_t *inner = json_pack("{s:s, s:s, s:s, s:s, s:s}", "code", info->tag, "message", text,
                              "object", object, "rule", info->rule, "remedy", remedy);
    if (json_array_size(problems) > 0)
        json_object_set(inner, "problems", (json_t *)problems);
    json_t *document = json_pack("{s:o}", "error", inner);
    rl_print_json(document, true);
    json_decref(document);
    free(object);
    free(text);
    free(remedy);
}

static void tell_place(const char *input, const json_t *problem)
{
    struct rl_buf text = {0};
    rl_import_problem_text(input, problem, &text);
    print_safe(text.data);
    fputc('\n', stderr);
    rl_buf_fini(&text);
}

void rl_cli_problem(struct rl_cli *cli, const json_t *problem, bool refused)
{
    if (cli->input && json_object_get(problem, "line"))
        tell_place(cli->input, problem);
    else
        tell(rl_cmd_str(problem, "code"), rl_cmd_str(problem, "message"),
             rl_cmd_str(problem, "remedy"), refused);
}

static bool names_a_line(const json_t *problems)
{
    size_t i;
    const json_t *problem;
    json_array_foreach ((json_t *)problems, i, problem) {
        if (json_object_get(problem, "line"))
            return true;
    }
    return false;
}

int rl_tell_failure(enum rl_format format, const struct rl_err *err)
{
    fflush(stdout);
    tell(rl_code_info(err->code)->tag, err->text, err->remedy, true);
    if (format == RL_JSON)
        tell_json(err, NULL);
    return rl_code_info(err->code)->exit_status;
}

int rl_cli_fail(struct rl_cli *cli, const struct rl_err *err, const json_t *problems)
{
    bool places = cli->input && names_a_line(problems);
    size_t i;
    const json_t *problem;
    if (!places && json_array_size(problems) <= 1)
        return rl_tell_failure(cli->args->format, err);
    fflush(stdout);
    json_array_foreach ((json_t *)problems, i, problem)
        rl_cli_problem(cli, problem, true);
    if (places) {
        size_t n = json_array_size(problems);
        char *text = rl_asprintf("%s: nothing was imported, %zu problem%s.", cli->input, n,
                                 n == 1 ? "" : "s");
        tell(rl_code_info(err->code)->tag, text, "", true);
        free(text);
    }
    if (cli->args->format == RL_JSON)
        tell_json(err, problems);
    return rl_code_info(err->code)->exit_status;
}

int rl_cli_usage(struct rl_cli *cli, const char *fmt, ...)
{
    char text[300];
    struct rl_err err = {0};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    rl_fail(&err, RL_E_USAGE, "", "%s", text);
    return rl_cli_fail(cli, &err, NULL);
}

int rl_cli_need_utf8(struct rl_cli *cli, const char *what, const char *text)
{
    struct rl_err err = {0};
    if (rl_text_is_utf8(text, strlen(text)))
        return 0;
    rl_fail(&err, RL_E_VALUE, what, "%s is not valid UTF-8: %s.", what, text);
    return rl_cli_fail(cli, &err, NULL);
}

void rl_cli_warnings(struct rl_cli *cli, const json_t *result)
{
    size_t i;
    const json_t *warning;
    json_array_foreach (json_object_get(result, "warnings"), i, warning)
        rl_cli_problem(cli, warning, false);
}

void rl_cli_tell(struct rl_cli *cli, const json_t *result,
                 void (*print)(const struct rl_cli *cli, const json_t *result))
{
    rl_cli_warnings(cli, result);
    if (cli->args->format == RL_JSON)
        rl_print_json(result, false);
    else if (print)
        print(cli, result);
}

int rl_cli_change(struct rl_cli *cli, const char *method, json_t *params,
                  void (*print)(const struct rl_cli *cli, const json_t *result))
{
    json_t *result;
    int status = rl_cli_ask(cli, method, params, &result);
    if (status == 0)
        rl_cli_tell(cli, result, print);
    json_decref(result);
    return status;
}

/* ---- options ---- */

json_t *rl_cli_accepted(const struct rl_cli *cli)
{
    json_t *list = json_array();
    for (size_t i = 0; i < cli->args->naccepted; i++)
        json_array_append_new(list, json_string(cli->args->accepted[i]));
    return list;
}

bool rl_cli_number(struct rl_cli *cli, const char *option, long min, long max, long otherwise,
                   long *out)
{
    const char *text = rl_parsed_option(cli->args, option);
    char *end;
    *out = otherwise;
    if (!text)
        return true;
    errno = 0;
    *out = strtol(text, &end, 10);
    if (*text && !*end && errno == 0 && *out >= min && *out <= max)
        return true;
    rl_cli_usage(cli, "--%s takes a number from %ld to %ld, not \"%s\".", option, min, max, text);
    return false;
}

/* ---- the connection ---- */

struct rl_client_config rl_cli_config(const struct rl_parsed *args)
{
    const char *site = args->site ? args->site : getenv("RINGLOCK_SITE");
    bool named = site && *site;
    bool shared = !named && access(SYSTEM_SOCKET, F_OK) == 0;
    return (struct rl_client_config){
        .site = named ? site : SYSTEM_SITE,
        .socket = args->socket ? args->socket
                  : shared     ? SYSTEM_SOCKET
                               : NULL,
        .start_private = named && !args->socket && !args->locked,
    };
}

int rl_cli_ask(struct rl_cli *cli, const char *method, json_t *params, json_t **result)
{
    struct rl_err err = {0};
    json_t *problems = NULL;
    *result = NULL;
    if (rl_client_ask(cli->client, method, params, result, &err, &problems) == RL_OK)
        return 0;
    int status = rl_cli_fail(cli, &err, problems);
    json_decref(problems);
    json_decref(*result);
    *result = NULL;
    return status;
}

static void notified(void *ctx, const char *method, const json_t *params)
{
    struct rl_cli *cli = ctx;
    if (cli->notification)
        cli->notification(cli, method, params);
}

int rl_cli_connect(struct rl_cli *cli)
{
    struct rl_client_config config = rl_cli_config(cli->args);
    struct rl_client_hooks hooks = {.ctx = cli, .notification = notified};
    struct rl_err err = {0};
    uv_loop_init(&cli->loop);
    cli->client = rl_client_new(&cli->loop, &config, &hooks);
    return rl_client_wait_up(cli->client, &err) == RL_OK ? 0 : rl_cli_fail(cli, &err, NULL);
}

void rl_cli_disconnect(struct rl_cli *cli)
{
    rl_client_free(&cli->client);
    uv_run(&cli->loop, UV_RUN_DEFAULT);
    uv_loop_close(&cli->loop);
}

static int run_connected(struct rl_cli *cli)
{
    int status = rl_cli_connect(cli);
    if (status == 0)
        status = cli->args->cmd->run(cli);
    rl_cli_disconnect(cli);
    return status;
}

static int terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH;
    return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

static bool wants_color(const char *when)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (when && strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

int rl_cli_run(const struct rl_parsed *args)
{
    struct rl_cli cli = {
        .args = args,
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .color = wants_color(args->color),
        .width = terminal_width(),
        .wrap = isatty(STDOUT_FILENO),
    };
    int status = args->cmd->flags & RL_CMD_LOCAL ? args->cmd->run(&cli) : run_connected(&cli);
    int written = rl_output_finish();
    return status ? status : written;
}
