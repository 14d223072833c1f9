/* The phones of a wizard: named one by one, or in a file of CSV. */
#include <stdlib.h>
#include <string.h>

#include "client/certs.h"
#include "client/phone_list.h"
#include "commands/output.h"
#include "commands/wizard.h"

json_t *rl_cmd_wizard_file(struct rl_cli *cli, const char *path, int *status)
{
    struct rl_err err = {0};
    *status = rl_cli_need_utf8(cli, "the name of the certificate file", path);
    if (*status)
        return NULL;
    json_t *cert = json_pack("{s:s}", "file", path);
    if (rl_client_cert(path, cert, &err) == RL_OK)
        return cert;
    json_decref(cert);
    *status = rl_cli_fail(cli, &err, NULL);
    return NULL;
}

/* The phone with the certificate of a file; `path` may be "". Takes `phone`. */
static int add_phone(struct rl_cli *cli, json_t *phones, json_t *phone, const char *path)
{
    int status = 0;
    json_t *cert = *path ? rl_cmd_wizard_file(cli, path, &status) : NULL;
    json_object_update(phone, cert);
    json_decref(cert);
    json_array_append_new(phones, phone);
    return status;
}

/* NAME or NAME=FILE. */
static int add_named(struct rl_cli *cli, const struct rl_wizard *w, json_t *phones,
                     const char *given)
{
    const char *equals = strchr(given, '=');
    size_t n = equals ? (size_t)(equals - given) : strlen(given);
    int status = rl_cli_need_utf8(cli, "the name of the phone", given);
    if (status)
        return status;
    if (equals && rl_wizard_step(w, "certificate") >= 0)
        return rl_cli_usage(cli,
                            "--phone %s: the phones of a shared certificate have no file of "
                            "their own.",
                            given);
    json_t *phone = json_pack("{s:s%}", "name", given, n);
    return add_phone(cli, phones, phone, equals ? equals + 1 : "");
}

/* --- a list --- */

static json_t *problems_json(const struct rl_problems *list)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < list->n; i++) {
        const struct rl_err *e = &list->item[i];
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s, s:i, s:s}", "code",
                                        rl_code_info(e->code)->tag, "message", e->text, "field",
                                        e->field, "line", e->line, "remedy", e->remedy));
    }
    return rows;
}

static int refuse_list(struct rl_cli *cli, const char *path, const struct rl_problems *list)
{
    json_t *problems = problems_json(list);
    cli->input = path;
    int status = rl_cli_fail(cli, rl_problems_first_error(list), problems);
    cli->input = NULL;
    json_decref(problems);
    return status;
}

static int add_listed(struct rl_cli *cli, const struct rl_wizard *w, json_t *phones,
                      const char *path)
{
    struct rl_problems problems = {0};
    json_t *listed;
    int status = 0;
    if (rl_client_phone_list(path, rl_wizard_step(w, "certificate") < 0, &listed, &problems)) {
        status = refuse_list(cli, path, &problems);
    } else {
        json_array_extend(phones, listed);
        json_decref(listed);
    }
    rl_problems_fini(&problems);
    return status;
}

json_t *rl_cmd_wizard_phones(struct rl_cli *cli, const struct rl_wizard *wizard, int *status)
{
    json_t *phones = json_array();
    *status = 0;
    for (size_t i = 0; i < cli->args->ngiven && *status == 0; i++) {
        const struct rl_given *g = &cli->args->given[i];
        if (!strcmp(g->name, "phone"))
            *status = add_named(cli, wizard, phones, g->value);
        else if (!strcmp(g->name, "phones"))
            *status = add_listed(cli, wizard, phones, g->value);
    }
    if (*status == 0)
        return phones;
    json_decref(phones);
    return NULL;
}
