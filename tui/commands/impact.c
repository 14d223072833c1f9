#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

/* What would become of phones if one of the server's own certificates changed, and the safe order.
 */

enum { SHOWN = 20 };

static void print_effects(const struct rl_cli *cli, const json_t *impact)
{
    size_t i;
    const json_t *effect, *effects = json_object_get(impact, "effects");
    rl_print_heading(cli, "What would become of phones");
    if (json_array_size(effects) == 0)
        rl_print_line(cli, "  Nothing: all phones that need it are ready for it.");
    json_array_foreach (effects, i, effect) {
        fputs("  ", stdout);
        rl_print_wrapped(cli, 2, rl_cmd_str(effect, "text"));
    }
}

static void print_steps(const struct rl_cli *cli, const json_t *impact)
{
    size_t i;
    const json_t *step;
    rl_print_heading(cli, "The safe order");
    json_array_foreach (json_object_get(impact, "steps"), i, step) {
        long long left = json_integer_value(json_object_get(step, "left"));
        char *waits = left ? rl_asprintf(" (%lld left)", left) : rl_strdup("");
        char *line = rl_asprintf("  %zu  %-4s  %s%s", i + 1, rl_cmd_str(step, "state"),
                                 rl_cmd_str(step, "text"), waits);
        rl_print_line(cli, line);
        if (strcmp(rl_cmd_str(step, "state"), "done") != 0) {
            char *command = rl_asprintf("           %s", rl_cmd_str(step, "command"));
            rl_print_line(cli, command);
            free(command);
        }
        free(waits);
        free(line);
    }
}

static void print_phones(const struct rl_cli *cli, const json_t *impact)
{
    size_t i;
    const json_t *phone, *phones = json_object_get(impact, "phones");
    if (json_array_size(json_object_get(impact, "effects")) == 0 || json_array_size(phones) == 0)
        return;
    rl_print_heading(cli, "Phones");
    json_array_foreach (phones, i, phone) {
        const char *seen = rl_cmd_str(phone, "seen");
        long long version = json_integer_value(json_object_get(phone, "version"));
        char *line = *rl_cmd_str(phone, "certificate")
                         ? rl_asprintf("  %-24s LSC %s", rl_cmd_str(phone, "name"),
                                       rl_cmd_str(phone, "certificate"))
                     : version
                         ? rl_asprintf("  %-24s list %lld, seen %s", rl_cmd_str(phone, "name"),
                                       version, seen)
                         : rl_asprintf("  %-24s never seen with a list", rl_cmd_str(phone, "name"));
        rl_print_line(cli, line);
        free(line);
    }
    if (json_is_true(json_object_get(impact, "more")))
        rl_print_line(cli, "  ... and more: --csv lists them all.");
}

static void print_impact(const struct rl_cli *cli, const json_t *impact)
{
    char *title = rl_asprintf("%s, act: %s", rl_cmd_str(impact, "role"), rl_cmd_str(impact, "act"));
    rl_print_line(cli, title);
    free(title);
    print_effects(cli, impact);
    print_steps(cli, impact);
    print_phones(cli, impact);
}

static const struct rl_column columns[] = {
    {"name",        "Phone",       RL_COL_WHOLE, NULL},
    {"version",     "List",        0,            NULL},
    {"seen",        "Seen",        0,            NULL},
    {"certificate", "Certificate", 0,            NULL},
};

static json_t *params_of(const struct rl_cli *cli)
{
    const char *act = rl_parsed_option(cli->args, "act");
    json_t *params = json_pack("{s:s}", "role", cli->args->arg[0]);
    if (act)
        json_object_set_new(params, "act", json_string(act));
    if (rl_parsed_option(cli->args, "lscs"))
        json_object_set_new(params, "lscs", json_true());
    return params;
}

/* All phones, page after page. */
static int list_phones(struct rl_cli *cli)
{
    struct rl_listing list;
    json_t *result, *params = params_of(cli), *phone;
    size_t i;
    bool more = true;
    int status = rl_listing_begin(&list, cli, columns, sizeof columns / sizeof *columns);
    while (status == 0 && more) {
        status = rl_cli_ask(cli, "cert.impact", json_copy(params), &result);
        if (status)
            break;
        json_array_foreach (json_object_get(result, "phones"), i, phone)
            rl_listing_row(&list, phone);
        more = json_is_true(json_object_get(result, "more")) && rl_listing_part(&list);
        json_object_set(params, "after", json_object_get(result, "last"));
        json_decref(result);
    }
    json_decref(params);
    if (status)
        rl_listing_drop(&list);
    else
        rl_listing_end(&list);
    return status;
}

int rl_cmd_cert_impact(struct rl_cli *cli)
{
    const char *act = rl_parsed_option(cli->args, "act");
    json_t *params, *result;
    int status = rl_cli_need_utf8(cli, "the role", cli->args->arg[0]);
    if (status == 0 && act)
        status = rl_cli_need_utf8(cli, "act", act);
    if (status)
        return status;
    if (cli->args->format == RL_CSV)
        return list_phones(cli);
    params = params_of(cli);
    if (cli->args->format == RL_PLAIN)
        json_object_set_new(params, "limit", json_integer(SHOWN));
    status = rl_cli_ask(cli, "cert.impact", params, &result);
    if (status)
        return status;
    if (cli->args->format == RL_JSON)
        rl_print_json(result, false);
    else
        print_impact(cli, result);
    json_decref(result);
    return 0;
}
