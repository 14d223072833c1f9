#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/engine.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

extern char **environ;

/* ---- init ---- */

/* Run a program to its end; what it says is appended to `said`. Returns its exit
 * status, or -1 with errno when it could not be run. */
static int run_program(char *const *argv, struct rl_buf *said)
{
    int fd[2], status;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe(fd) != 0)
        return -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fd[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, fd[0]);
    posix_spawn_file_actions_addclose(&actions, fd[1]);
    int rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(fd[1]);
    char part[1024];
    ssize_t n;
    while (rc == 0 && (n = read(fd[0], part, sizeof part)) > 0)
        rl_buf_add(said, part, (size_t)n);
    close(fd[0]);
    if (rc != 0) {
        errno = rc;
        return -1;
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

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
    int status = run_program(argv, &said);
    if (status != 0)
        status = init_failed(cli, program, status, &said);
    else
        print_made(cli, site);
    rl_buf_fini(&said);
    free(program);
    return status;
}

/* ---- cluster mode ---- */

int rl_cmd_cluster_mode(struct rl_cli *cli)
{
    json_t *result;
    int status =
        rl_cli_ask(cli, "cluster.mode", json_pack("{s:s}", "mode", cli->args->arg[0]), &result);
    if (status)
        return status;
    if (cli->args->format == RL_JSON) {
        rl_print_json(result, false);
    } else {
        rl_print_field(cli, "Cluster Security Mode", rl_cmd_str(result, "mode"));
        if (*rl_cmd_str(result, "note"))
            rl_print_line(cli, rl_cmd_str(result, "note"));
    }
    json_decref(result);
    return 0;
}

/* ---- status ---- */

/* What the view shows, in its order: the member, under its path in the JSON (R7). */
static const struct {
    const char *label, *path;
} lines[] = {
    {"Site",                      "name"                         },
    {"Directory",                 "site"                         },
    {"Release",                   "release"                      },
    {"Installed",                 "installed_at"                 },
    {"Installed with release",    "installed_release"            },
    {"Upgraded from",             "upgraded_from"                },
    {"Cluster security mode",     "cluster_mode"                 },
    {"CTL file",                  "ctl"                          },
    {"Devices, Non Secure",       "devices.by_mode.nonsecure"    },
    {"Devices, Authenticated",    "devices.by_mode.authenticated"},
    {"Devices, Encrypted",        "devices.by_mode.encrypted"    },
    {"Phones",                    "devices.phones"               },
    {"Gateways",                  "devices.gateways"             },
    {"Security profiles",         "devices.profiles"             },
    {"Digest users",              "devices.users"                },
    {"Device types",              "devices.types"                },
    {"Certificates, valid",       "expiry.valid"                 },
    {"Certificates, ending soon", "expiry.soon"                  },
    {"Certificates, expired",     "expiry.expired"               },
    {"Live calls",                "calls.live"                   },
    {"  ringing",                 "calls.ringing"                },
    {"  LOCK",                    "calls.locked"                 },
    {"  SHLD",                    "calls.shielded"               },
    {"  OPEN",                    "calls.open"                   },
    {"Registrations",             "calls.registrations"          },
    {"HEP over UDP",              "hep.udp"                      },
    {"HEP over TCP",              "hep.tcp"                      },
    {"HEP datagrams",             "feed.datagrams"               },
    {"HEP dropped by the kernel", "feed.kernel_drops"            },
};

/* "calls.live" of the status. */
static const json_t *member_at(const json_t *status, const char *path)
{
    char name[64];
    snprintf(name, sizeof name, "%s", path);
    for (char *save, *word = strtok_r(name, ".", &save); word; word = strtok_r(NULL, ".", &save))
        status = json_object_get(status, word);
    return status;
}

/* `name` is for scripts, `label` for people. */
static void add_row(json_t *rows, const char *name, const char *label, const char *value)
{
    json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "name", name, "label", label, "value",
                                          *value ? value : "unknown"));
}

/* One line for each identity certificate (R8, R9); --json has all of it. */
static void add_certs(json_t *rows, const json_t *certs)
{
    const json_t *cert;
    size_t i;
    json_array_foreach (certs, i, cert) {
        char *role = rl_cmd_text(json_object_get(cert, "roles"));
        char *name = rl_asprintf("certificates.%zu", i);
        char *label = rl_asprintf("%s certificate", role);
        bool own = json_is_true(json_object_get(cert, "self_signed"));
        char *value = rl_asprintf("%s, %s %d, until %s, SHA-256 %.16s...",
                                  own ? "self-signed" : "CA-signed", rl_cmd_str(cert, "key_type"),
                                  (int)json_integer_value(json_object_get(cert, "key_bits")),
                                  rl_cmd_str(cert, "not_after"), rl_cmd_str(cert, "fingerprint"));
        add_row(rows, name, label, value);
        free(role);
        free(name);
        free(label);
        free(value);
    }
}

static json_t *status_rows(const json_t *status)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *text = rl_cmd_text(member_at(status, lines[i].path));
        add_row(rows, lines[i].path, lines[i].label, text);
        free(text);
    }
    add_certs(rows, json_object_get(status, "certificates"));
    return rows;
}

static void print_status(struct rl_cli *cli, const json_t *status)
{
    static const struct rl_column columns[] = {
        {"name",  "Name",  0, NULL},
        {"value", "Value", 0, NULL}
    };
    struct rl_listing listing;
    json_t *rows = status_rows(status);
    size_t i;
    const json_t *row;
    rl_listing_begin(&listing, cli, columns, 2);
    json_array_foreach (rows, i, row) {
        if (cli->args->format == RL_CSV)
            rl_listing_row(&listing, row);
        else
            rl_print_field(cli, rl_cmd_str(row, "label"), rl_cmd_str(row, "value"));
    }
    rl_listing_drop(&listing);
    json_decref(rows);
}

int rl_cmd_status(struct rl_cli *cli)
{
    json_t *result;
    int status = rl_cli_ask(cli, "status", json_object(), &result);
    if (status)
        return status;
    if (cli->args->format == RL_JSON)
        rl_print_json(result, false);
    else
        print_status(cli, result);
    json_decref(result);
    return 0;
}
