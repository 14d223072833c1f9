/* One command under way: what was typed, the connection, and how its answer leaves. */
#ifndef RL_COMMANDS_CLI_H
#define RL_COMMANDS_CLI_H

#include <jansson.h>
#include <uv.h>

#include "client/client.h"
#include "commands/parse.h"

enum { RL_PART = 200 }; /* rows asked for at once */

struct rl_cli {
    const struct rl_parsed *args;
    uv_loop_t loop;
    struct rl_client *client; /* NULL for local commands */
    bool utf8, color;         /* of standard output */
    int width;                /* cells of a line for people */
    bool wrap;                /* break long texts there: standard output is a terminal */
    const char *input;        /* the file whose lines problems name, or NULL */
    void *ctx;                /* of the command, for notifications */
    void (*notification)(struct rl_cli *cli, const char *method, const json_t *params);
};

/* Run the command that was typed; returns its exit status. */
int rl_cli_run(const struct rl_parsed *args);

/* Connect, which commands that are not RL_CMD_LOCAL find done: 0, or the exit status of a failure
 * that was told. Disconnect in any case. */
int rl_cli_connect(struct rl_cli *cli);
void rl_cli_disconnect(struct rl_cli *cli);

/* Whom to connect to: --socket, --site, RINGLOCK_SITE, else the system's site, whose socket may be
 * in /run/ringlock. Borrows from args. */
struct rl_client_config rl_cli_config(const struct rl_parsed *args);

/* Ask the engine. On success *result is owned by the caller and the status is 0; else the refusal
 * was told and the status is the exit status. `params` is taken. */
int rl_cli_ask(struct rl_cli *cli, const char *method, json_t *params, json_t **result);

/* Tell what came of a change: its warnings on stderr, the result as JSON with --json, else by
 * `print` (NULL: nothing). */
void rl_cli_tell(struct rl_cli *cli, const json_t *result,
                 void (*print)(const struct rl_cli *cli, const json_t *result));
/* Ask for a change, and tell what came of it. `params` is taken. Returns the exit status. */
int rl_cli_change(struct rl_cli *cli, const char *method, json_t *params,
                  void (*print)(const struct rl_cli *cli, const json_t *result));

/* Tell a refusal: "ringlock: CODE: sentence" and its remedy on stderr, with --json as an object on
 * stdout too. `problems` (may be NULL) is the list of the engine; those that name a line of the
 * input are told as "FILE:LINE: column: CODE: sentence". Returns the exit status. */
int rl_cli_fail(struct rl_cli *cli, const struct rl_err *err, const json_t *problems);

/* The same before there is a command: no problems, no input. */
int rl_tell_failure(enum rl_format format, const struct rl_err *err);

/* Wrong usage, as rl_cli_fail with E-USAGE. */
int rl_cli_usage(struct rl_cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "phone SEP001122334455" needs UTF-8 on the wire: E-VALUE, told, when `text` is none. */
int rl_cli_need_utf8(struct rl_cli *cli, const char *what, const char *text);

/* Tell one problem of the engine on stderr; `refused`: it stopped the act, so a warning is told
 * with how to accept it. */
void rl_cli_problem(struct rl_cli *cli, const json_t *problem, bool refused);

/* Warnings that the engine put into an answer, told on stderr. */
void rl_cli_warnings(struct rl_cli *cli, const json_t *result);

/* The warnings accepted with --accept, as a new JSON array. */
json_t *rl_cli_accepted(const struct rl_cli *cli);

/* A whole number option; `otherwise` when it was not given. False, told, when it is none. */
bool rl_cli_number(struct rl_cli *cli, const char *option, long min, long max, long otherwise,
                   long *out);

#endif
