#include "commands/pages.h"
#include "commands/verbs.h"

static const struct rl_column expiring_columns[] = {
    {"name",        "Certificate", RL_COL_WHOLE, NULL},
    {"store",       "Purpose",     0,            NULL},
    {"device",      "Device",      0,            NULL},
    {"not_after",   "Expiration",  RL_COL_WHOLE, NULL},
    {"days_left",   "Days",        0,            NULL},
    {"state",       "State",       0,            NULL},
    {"phones",      "Phones",      0,            NULL},
    {"fingerprint", "SHA-256",     RL_COL_DATA,  NULL},
};

static void after_end(json_t *params, const json_t *last, const void *ctx)
{
    (void)ctx;
    json_object_set_new(params, "after",
                        json_pack("{s:O, s:O}", "value", json_object_get(last, "not_after"), "key",
                                  json_object_get(last, "name")));
}

int rl_cmd_report_expiring(struct rl_cli *cli)
{
    long days;
    json_t *params = json_object();
    if (!rl_cli_number(cli, "days", 0, 36500, -1, &days)) {
        json_decref(params);
        return rl_code_info(RL_E_USAGE)->exit_status;
    }
    if (days >= 0)
        json_object_set_new(params, "days", json_integer(days));
    return rl_cmd_pages(
        cli, &(struct rl_pages){.method = "cert.expiring",
                                .params = params,
                                .column = expiring_columns,
                                .ncolumns = sizeof expiring_columns / sizeof *expiring_columns,
                                .next = after_end,
                                .none = "No certificate on file ends within that time."});
}
