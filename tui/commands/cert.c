#include "commands/cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/certs.h"
#include "commands/object.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

/* ---- show ---- */

char *rl_cmd_cert_state(const json_t *cert)
{
    const char *state = rl_cmd_str(cert, "state");
    long long days = json_integer_value(json_object_get(cert, "days_left"));
    long long n = days < 0 ? -days : days;
    const char *s = n == 1 ? "" : "s";
    if (strcmp(state, "valid") == 0)
        return rl_asprintf("valid, %lld day%s left", n, s);
    if (strcmp(state, "expired") == 0)
        return rl_asprintf("expired, %lld day%s ago", n, s);
    return rl_strdup("not valid yet");
}

static void print_chain(const struct rl_cli *cli, const json_t *cert)
{
    size_t i;
    const json_t *issuer, *chain = json_object_get(cert, "chain");
    if (json_array_size(chain) == 0)
        return;
    rl_print_heading(cli, "Signed by");
    json_array_foreach ((json_t *)chain, i, issuer) {
        char *label = rl_asprintf("  %s", rl_cmd_str(issuer, "name"));
        char *value =
            rl_asprintf("%s, %s", rl_cmd_str(issuer, "subject"), rl_cmd_str(issuer, "state"));
        rl_print_field(cli, label, value);
        free(label);
        free(value);
    }
}

static void print_users(const struct rl_cli *cli, const json_t *cert)
{
    size_t i;
    const json_t *user, *users = json_object_get(cert, "used_by");
    if (json_array_size(users) == 0)
        return;
    rl_print_heading(cli, "Used by");
    json_array_foreach ((json_t *)users, i, user) {
        char *line = rl_asprintf("  %s %s", rl_cmd_str(user, "kind"), rl_cmd_str(user, "name"));
        rl_print_line(cli, line);
        free(line);
    }
}

void rl_cmd_cert_details(const struct rl_cli *cli, const json_t *cert)
{
    char *state = rl_cmd_cert_state(cert);
    rl_print_field(cli, "State", state);
    free(state);
    print_chain(cli, cert);
    print_users(cli, cert);
}

int rl_cmd_cert_show(struct rl_cli *cli)
{
    json_t *cert;
    if (!rl_parsed_option(cli->args, "pem"))
        return rl_cmd_object_show(cli);
    if (cli->args->format != RL_PLAIN)
        return rl_cli_usage(cli, "--pem is a form of its own: it goes without --json and --csv.");
    int status = rl_cmd_object_ask(cli, RL_CERTIFICATE, cli->args->arg[0], &cert);
    if (status)
        return status;
    fputs(rl_cmd_str(cert, "pem"), stdout);
    json_decref(cert);
    return 0;
}

/* ---- upload ---- */

static int read_file(struct rl_cli *cli, const char *path, json_t *params)
{
    struct rl_err err = {0};
    if (rl_client_cert(strcmp(path, "-") == 0 ? NULL : path, params, &err) != RL_OK)
        return rl_cli_fail(cli, &err, NULL);
    return 0;
}

/* The options are parameters of the same names. An empty device would be none: the variable of a
 * script that was not set must not make a shared certificate of a phone's. */
static int add_options(struct rl_cli *cli, json_t *params)
{
    static const char *const names[] = {"device", "store", "name", "description", "origin"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = rl_parsed_option(cli->args, names[i]);
        int status = value ? rl_cli_need_utf8(cli, names[i], value) : 0;
        if (status)
            return status;
        if (value && !*value && i == 0)
            return rl_cli_usage(cli, "--device is empty: it takes the name of a phone.");
        if (value)
            json_object_set_new(params, names[i], json_string(value));
    }
    return 0;
}

static void print_result(const struct rl_cli *cli, const json_t *result)
{
    size_t i;
    const json_t *cert;
    json_array_foreach (json_object_get(result, "certificates"), i, cert) {
        char *state = rl_cmd_cert_state(cert);
        char *line = rl_asprintf("Certificate %s: %s, %s", rl_cmd_str(cert, "name"),
                                 rl_cmd_str(cert, "subject"), state);
        rl_print_line(cli, line);
        free(line);
        free(state);
    }
    rl_print_notes(cli, result);
}

int rl_cmd_cert_upload(struct rl_cli *cli)
{
    const char *path = cli->args->arg[0];
    json_t *params;
    int status = rl_cli_need_utf8(cli, "the name of the file", path);
    if (status)
        return status;
    params = json_pack("{s:s, s:o}", "file", path, "accept", rl_cli_accepted(cli));
    status = read_file(cli, path, params);
    if (status == 0)
        status = add_options(cli, params);
    if (status) {
        json_decref(params);
        return status;
    }
    return rl_cli_change(cli, "cert.upload", params, print_result);
}
