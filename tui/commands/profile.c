#include "commands/profile.h"

#include <stdlib.h>

#include "commands/object.h"
#include "commands/output.h"
#include "commands/pages.h"
#include "commands/verbs.h"

int rl_cmd_profile_rename(struct rl_cli *cli)
{
    int status = rl_cli_need_utf8(cli, "the profile", cli->args->arg[0]);
    if (status == 0)
        status = rl_cli_need_utf8(cli, "the new name", cli->args->arg[1]);
    if (status)
        return status;
    return rl_cmd_object_write(cli, "object.set", cli->args->arg[0],
                               json_pack("{s:s}", "name", cli->args->arg[1]));
}

void rl_cmd_profile_details(const struct rl_cli *cli, const json_t *profile)
{
    char *phones = rl_cmd_text(json_object_get(profile, "phones"));
    rl_print_field(cli, "Phones", phones);
    free(phones);
}

static const struct rl_column user_columns[] = {
    {"kind", "Kind", 0,            NULL},
    {"name", "Name", RL_COL_WHOLE, NULL},
};

/* Users are told in parts by how many were told before. */
static void after_users(json_t *params, const json_t *last, const void *ctx)
{
    (void)last;
    (void)ctx;
    json_int_t told = json_integer_value(json_object_get(params, "skip"));
    json_object_set_new(params, "skip",
                        json_integer(told + json_integer_value(json_object_get(params, "limit"))));
}

int rl_cmd_profile_users(struct rl_cli *cli)
{
    json_t *profile;
    int status = rl_cmd_object_ask(cli, RL_PROFILE, cli->args->arg[0], &profile);
    if (status)
        return status;
    json_decref(profile);
    json_t *params = json_pack("{s:s, s:s}", "kind", "profile", "name", cli->args->arg[0]);
    return rl_cmd_pages(cli, &(struct rl_pages){.method = "object.users_of",
                                                .params = params,
                                                .rows = "users",
                                                .column = user_columns,
                                                .ncolumns = 2,
                                                .next = after_users,
                                                .none = "No phone uses it."});
}
