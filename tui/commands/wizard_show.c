/* Drafts of wizards, printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/fields.h"
#include "commands/pages.h"
#include "commands/verbs.h"
#include "commands/wizard.h"
#include "ringlock/buf.h"

/* ---- list ---- */

static const struct rl_column draft_columns[] = {
    {"id",      "No.",     RL_COL_WHOLE, NULL},
    {"kind",    "Wizard",  0,            NULL},
    {"name",    "Name",    0,            NULL},
    {"type",    "Type",    0,            NULL},
    {"step",    "Step",    0,            NULL},
    {"owner",   "Owner",   0,            NULL},
    {"holder",  "Open by", 0,            NULL},
    {"updated", "Updated", RL_COL_WHOLE, NULL},
    {"rev",     "Rev",     RL_COL_DATA,  NULL},
};

int rl_cmd_wizard_list(struct rl_cli *cli)
{
    return rl_cmd_pages(cli,
                        &(struct rl_pages){.method = "wizard.list",
                                           .params = json_object(),
                                           .column = draft_columns,
                                           .ncolumns = sizeof draft_columns / sizeof *draft_columns,
                                           .none = "No wizard is under way."});
}

/* ---- one draft ---- */

static void print_problem(const struct rl_cli *cli, const json_t *problem)
{
    const char *phone = rl_cmd_str(problem, "phone");
    char *line = rl_asprintf("%s%s%s: %s", phone, *phone ? ": " : "", rl_cmd_str(problem, "code"),
                             rl_cmd_str(problem, "message"));
    fputs("       ", stdout);
    rl_print_wrapped(cli, 7, line);
    free(line);
}

void rl_cmd_wizard_step(const struct rl_cli *cli, const json_t *draft, size_t i)
{
    const struct rl_wizard *w = rl_wizard_find(rl_cmd_str(draft, "kind"));
    const json_t *step = json_array_get(json_object_get(draft, "steps"), i), *problem;
    size_t k;
    if (!w || i >= w->nsteps)
        return;
    printf("  %2zu %-12s  %s\n", i + 1, w->steps[i].label, rl_cmd_str(step, "state"));
    json_array_foreach (json_object_get(step, "problems"), k, problem)
        print_problem(cli, problem);
}

void rl_cmd_wizard_review(const struct rl_cli *cli, const json_t *draft)
{
    const json_t *row;
    size_t i;
    rl_print_heading(cli, "Review");
    json_array_foreach (json_object_get(draft, "review"), i, row) {
        const char *now = rl_cmd_str(row, "now");
        char *line =
            rl_asprintf("%s %s: %s -> %s", rl_cmd_str(row, "kind"), rl_cmd_str(row, "name"),
                        *now ? now : "none", rl_cmd_str(row, "after"));
        fputs("  ", stdout);
        rl_print_wrapped(cli, 2, line);
        free(line);
    }
}

static void print_point(const struct rl_cli *cli, const json_t *point)
{
    bool ok = json_is_true(json_object_get(point, "ok"));
    char *label = rl_asprintf("  %s %s", ok ? "ok" : "!!", rl_cmd_str(point, "label"));
    char *why = rl_asprintf("%s: %s", rl_cmd_str(point, "code"), rl_cmd_str(point, "message"));
    printf("%-38s  ", label);
    rl_print_wrapped(cli, 40, ok ? rl_cmd_str(point, "value") : why);
    free(label);
    free(why);
}

void rl_cmd_wizard_check(const struct rl_cli *cli, const json_t *draft)
{
    const json_t *point;
    size_t i;
    rl_print_heading(cli, "End check");
    json_array_foreach (json_object_get(draft, "points"), i, point)
        print_point(cli, point);
}

void rl_cmd_wizard_outlook(const struct rl_cli *cli, const json_t *draft)
{
    bool holds = json_is_true(json_object_get(draft, "enabled")) &&
                 json_is_null(json_object_get(draft, "refusal"));
    rl_print_line(cli, holds ? "security enabled, once applied" : "security not enabled");
}

static void print_draft(const struct rl_cli *cli, const json_t *draft)
{
    static const char *const fields[][2] = {
        {"name",    "Name"   },
        {"kind",    "Wizard" },
        {"type",    "Type"   },
        {"owner",   "Owner"  },
        {"holder",  "Open by"},
        {"updated", "Updated"},
        {"step",    "Step"   },
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        rl_print_field(cli, fields[i][1], rl_cmd_str(draft, fields[i][0]));
    rl_print_heading(cli, "Steps");
    for (size_t i = 0; i < json_array_size(json_object_get(draft, "steps")); i++)
        rl_cmd_wizard_step(cli, draft, i);
    rl_cmd_wizard_review(cli, draft);
    rl_cmd_wizard_check(cli, draft);
    rl_cmd_wizard_outlook(cli, draft);
}

/* For CSV: what the list has of it. */
static int print_row(struct rl_cli *cli, const json_t *draft)
{
    return rl_cmd_row(cli, draft_columns, sizeof draft_columns / sizeof *draft_columns, draft);
}

int rl_cmd_wizard_show(struct rl_cli *cli)
{
    char *end;
    long long id = strtoll(cli->args->arg[0], &end, 10);
    json_t *draft;
    if (*end || id < 1)
        return rl_cli_usage(cli, "A draft has a number, not \"%s\".", cli->args->arg[0]);
    int status = rl_cli_ask(cli, "wizard.show", json_pack("{s:I}", "id", (json_int_t)id), &draft);
    if (status)
        return status;
    if (cli->args->format == RL_CSV)
        status = print_row(cli, draft);
    else if (rl_fields_document(cli, draft, NULL, &status))
        ;
    else if (cli->args->format == RL_JSON)
        rl_print_json(draft, false);
    else
        print_draft(cli, draft);
    json_decref(draft);
    return status;
}
