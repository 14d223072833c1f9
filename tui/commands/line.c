#include "commands/object.h"
#include "commands/pages.h"
#include "commands/verbs.h"

static const struct rl_column line_columns[] = {
    {"number", "Number", RL_COL_WHOLE, NULL},
    {"phones", "Phones", 0,            NULL},
};

static void after_line(json_t *params, const json_t *last, const void *ctx)
{
    (void)ctx;
    json_object_set(params, "after", json_object_get(last, "number"));
}

int rl_cmd_line_list(struct rl_cli *cli)
{
    return rl_cmd_pages(cli, &(struct rl_pages){.method = "line.list",
                                                .params = json_object(),
                                                .column = line_columns,
                                                .ncolumns = 2,
                                                .next = after_line});
}

int rl_cmd_line_show(struct rl_cli *cli)
{
    json_t *line;
    int status = rl_cli_need_utf8(cli, "the number", cli->args->arg[0]);
    if (status)
        return status;
    status = rl_cli_ask(cli, "line.show", json_pack("{s:s}", "number", cli->args->arg[0]), &line);
    if (status)
        return status;
    if (cli->args->format == RL_JSON && !cli->args->fields)
        rl_print_json(line, false);
    else
        status = rl_cmd_object_table(cli, RL_PHONE, json_object_get(line, "phones"));
    json_decref(line);
    return status;
}
