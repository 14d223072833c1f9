#include "commands/type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/packs.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

/* ---- show ---- */

static void print_features(const struct rl_cli *cli, const json_t *type)
{
    size_t i;
    const json_t *feature;
    rl_print_heading(cli, "Security features");
    json_array_foreach (json_object_get(type, "features"), i, feature) {
        char *label = rl_asprintf("  %s", rl_cmd_str(feature, "label"));
        char *value = rl_cmd_text(json_object_get(feature, "value"));
        rl_print_field(cli, label, *value ? value : "unknown");
        free(label);
        free(value);
    }
}

static void print_instructions(const struct rl_cli *cli, const json_t *type)
{
    size_t i;
    const json_t *sentence, *list = json_object_get(type, "instructions");
    if (json_array_size(list) == 0)
        return;
    rl_print_heading(cli, "The supplier's instructions");
    json_array_foreach ((json_t *)list, i, sentence) {
        printf("%3zu. ", i + 1);
        rl_print_wrapped(cli, 5, json_string_value(sentence));
    }
}

void rl_cmd_type_details(const struct rl_cli *cli, const json_t *type)
{
    print_features(cli, type);
    print_instructions(cli, type);
}

/* ---- import ---- */

static void print_result(const struct rl_cli *cli, const json_t *result)
{
    size_t i, same = 0;
    const json_t *type, *types = json_object_get(result, "types");
    long long devices = json_integer_value(json_object_get(result, "devices"));
    json_array_foreach ((json_t *)types, i, type)
        same += strcmp(rl_cmd_str(type, "what"), "same") == 0;
    char *line =
        rl_asprintf("Pack %s %s%s", rl_cmd_str(result, "pack"), rl_cmd_str(result, "version"),
                    same == json_array_size(types) ? ": nothing changed." : "");
    rl_print_line(cli, line);
    free(line);
    json_array_foreach ((json_t *)types, i, type) {
        printf("  %-8s  ", rl_cmd_str(type, "what"));
        rl_print_wrapped(cli, 12, rl_cmd_str(type, "model"));
    }
    if (devices)
        printf("Trust was decided anew for %lld device%s.\n", devices, devices == 1 ? "" : "s");
}

int rl_cmd_type_import(struct rl_cli *cli)
{
    const char *pack = cli->args->arg[0];
    struct rl_err err = {0};
    json_t *params;
    int status = rl_cli_need_utf8(cli, "the name of the pack", pack);
    if (status)
        return status;
    if (rl_client_pack(pack, rl_parsed_option(cli->args, "signature"), &params, &err) != RL_OK)
        return rl_cli_fail(cli, &err, NULL);
    json_object_set_new(params, "accept", rl_cli_accepted(cli));
    return rl_cli_change(cli, "type.import", params, print_result);
}
