/* Reports over the site: how many devices are how secure (R138), and lines that phones of different
 * modes share (R33). */
#include <stdio.h>
#include <string.h>

#include "commands/output.h"
#include "commands/pages.h"
#include "commands/report.h"
#include "commands/verbs.h"
#include "ringlock/time.h"

/* ---- overview ---- */

static void add_count(json_t *rows, const char *what, const char *value, const json_t *count)
{
    json_array_append_new(rows, json_pack("{s:s, s:s, s:I}", "what", what, "value", value, "count",
                                          json_integer_value(count)));
}

/* What the status has counted already. */
static const struct {
    const char *what, *value;
    const char *path[3];
} counted[] = {
    {"Phones by mode",       "encrypted",     {"devices", "by_mode", "encrypted"}    },
    {"Phones by mode",       "authenticated", {"devices", "by_mode", "authenticated"}},
    {"Phones by mode",       "nonsecure",     {"devices", "by_mode", "nonsecure"}    },
    {"Certificates on file", "valid",         {"expiry", "valid"}                    },
    {"Certificates on file", "ending soon",   {"expiry", "soon"}                     },
    {"Certificates on file", "expired",       {"expiry", "expired"}                  },
    {"CAPF operations",      "pending",       {"capf", "pending"}                    },
    {"CAPF operations",      "failed",        {"capf", "failed"}                     },
    {"LSCs",                 "due",           {"capf", "due"}                        },
    {"Connected calls",      "lock",          {"calls", "connected", "lock"}         },
    {"Connected calls",      "shield",        {"calls", "connected", "shield"}       },
    {"Connected calls",      "no icon",       {"calls", "connected", "unlock"}       },
};

static int add_counted(struct rl_cli *cli, json_t *rows)
{
    json_t *status;
    int failed = rl_cli_ask(cli, "status", json_object(), &status);
    for (size_t i = 0; !failed && i < sizeof counted / sizeof *counted; i++) {
        const json_t *at = status;
        for (size_t k = 0; k < 3 && counted[i].path[k]; k++)
            at = json_object_get(at, counted[i].path[k]);
        add_count(rows, counted[i].what, counted[i].value, at);
    }
    json_decref(status);
    return failed;
}

static int add_trust(struct rl_cli *cli, json_t *rows)
{
    static const struct {
        const char *kind, *what;
    } kinds[] = {
        {"phone",   "Phones by trust"  },
        {"gateway", "Gateways by trust"}
    };
    static const struct {
        const char *op, *value, *shown;
    } trusts[] = {
        {"is exactly", "yes", "trusted"    },
        {"is exactly", "no",  "not trusted"},
        {"is empty",   "",    "unknown"    }
    };
    int status = 0;
    for (size_t i = 0; status == 0 && i < 6; i++) {
        json_t *result;
        status = rl_cli_ask(cli, "object.count",
                            json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "kind", kinds[i / 3].kind,
                                      "criteria", "field", "trusted", "op", trusts[i % 3].op,
                                      "value", trusts[i % 3].value),
                            &result);
        if (status == 0)
            add_count(rows, kinds[i / 3].what, trusts[i % 3].shown,
                      json_object_get(result, "count"));
        json_decref(result);
    }
    return status;
}

static int add_types(struct rl_cli *cli, json_t *rows)
{
    json_t *types = json_array(), *type;
    size_t i;
    int status = rl_report_types_in_use(cli, types);
    json_array_foreach (types, i, type)
        add_count(rows, "Devices by type", rl_cmd_str(type, "model"),
                  json_object_get(type, "devices"));
    json_decref(types);
    return status;
}

/* What phones have shown by CAPF, and what they have not. */
static int add_installed(struct rl_cli *cli, json_t *rows)
{
    static const struct {
        const char *what, *yes, *no;
    } kinds[] = {
        {"LSC installed", "lsc", "no_lsc"},
        {"MIC installed", "mic", "no_mic"}
    };
    json_t *known;
    int failed = rl_cli_ask(cli, "capf.known", json_object(), &known);
    for (size_t i = 0; !failed && i < sizeof kinds / sizeof *kinds; i++) {
        const json_t *yes = json_object_get(known, kinds[i].yes);
        const json_t *no = json_object_get(known, kinds[i].no);
        json_t *unknown = json_integer(json_integer_value(json_object_get(known, "phones")) -
                                       json_integer_value(yes) - json_integer_value(no));
        add_count(rows, kinds[i].what, "yes", yes);
        add_count(rows, kinds[i].what, "no", no);
        add_count(rows, kinds[i].what, "unknown", unknown);
        json_decref(unknown);
    }
    json_decref(known);
    return failed;
}

/* How phones get their configuration files. */
static int add_published(struct rl_cli *cli, json_t *rows)
{
    static const struct {
        const char *form, *shown;
    } forms[] = {
        {"signed",    "signed"              },
        {"encrypted", "encrypted"           },
        {"typed-key", "encrypted, typed key"},
        {"short",     "cannot be encrypted" },
    };
    json_t *published, *row;
    size_t k;
    int failed = rl_cli_ask(cli, "publish.status", json_object(), &published);
    for (size_t i = 0; !failed && i < sizeof forms / sizeof *forms; i++) {
        json_int_t n = 0;
        json_array_foreach (json_object_get(published, "forms"), k, row)
            if (strcmp(rl_cmd_str(row, "form"), forms[i].form) == 0)
                n += json_integer_value(json_object_get(row, "phones"));
        json_t *count = json_integer(n);
        add_count(rows, "Configuration files", forms[i].shown, count);
        json_decref(count);
    }
    json_decref(published);
    return failed;
}

int rl_cmd_report_overview(struct rl_cli *cli)
{
    static const struct rl_column columns[] = {
        {"what",  "What",  0,            NULL},
        {"value", "Which", RL_COL_WHOLE, NULL},
        {"count", "Count", 0,            NULL},
    };
    json_t *rows = json_array();
    int status = add_counted(cli, rows);
    if (status == 0)
        status = add_trust(cli, rows);
    if (status == 0)
        status = add_installed(cli, rows);
    if (status == 0)
        status = add_published(cli, rows);
    if (status == 0)
        status = add_types(cli, rows);
    if (status == 0)
        status = rl_cmd_rows(cli, columns, 3, rows);
    json_decref(rows);
    return status;
}

/* ---- shared lines ---- */

static void after_line(json_t *params, const json_t *last, const void *ctx)
{
    (void)ctx;
    json_object_set_new(params, "after",
                        json_pack("{s:O, s:O}", "value", json_object_get(last, "number"), "key",
                                  json_object_get(last, "phone")));
}

int rl_cmd_report_shared_lines(struct rl_cli *cli)
{
    static const struct rl_column columns[] = {
        {"number",  "Number",  RL_COL_WHOLE, NULL},
        {"phone",   "Phone",   RL_COL_WHOLE, NULL},
        {"mode",    "Mode",    0,            NULL},
        {"profile", "Profile", 0,            NULL},
        {"type",    "Type",    0,            NULL},
    };
    char at[RL_TIME_TEXT], none[64];
    snprintf(none, sizeof none, "none, at %s", rl_time_text(rl_now_us(), 0, at));
    return rl_cmd_pages(cli, &(struct rl_pages){.method = "line.mixed",
                                                .params = json_object(),
                                                .column = columns,
                                                .ncolumns = sizeof columns / sizeof *columns,
                                                .next = after_line,
                                                .none = none});
}
